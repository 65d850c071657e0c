"""Prepare the rows of a part: read, normalise, set bad rows aside, write them into the cache."""
