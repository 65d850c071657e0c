"""When are two texts the same: letters, keys, shingles, sketches."""
