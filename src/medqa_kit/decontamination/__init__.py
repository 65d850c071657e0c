"""Held-out items: fingerprints, search, exclusion, checks."""
