"""Checks and fixes of text that a caller runs: none of them runs by itself."""
