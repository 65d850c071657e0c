"""The hub: which commit, which files, and whether these are the bytes it lists."""
