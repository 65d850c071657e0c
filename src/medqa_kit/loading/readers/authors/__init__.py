"""Forms in which authors hand out data beside the usual ones: keyed objects, blocks of tokens."""
