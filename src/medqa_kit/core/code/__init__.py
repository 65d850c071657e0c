"""Digests of code: a cached result is used only where the code that made it is the same."""
