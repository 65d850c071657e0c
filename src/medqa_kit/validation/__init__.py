"""All checks of a training set, in one report."""
