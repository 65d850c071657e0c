"""What a training set should be looked at for before it trains anything, in one report."""
