"""Decide when two texts are the same: by letters, keys, shingles and sketches."""
