"""Divide rows and remove copies: stable splits, folds, groups, near-duplicates."""
