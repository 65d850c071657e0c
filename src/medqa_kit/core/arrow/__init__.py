"""Arrow columns: operations Arrow lacks, lists, messages, slices, hashes."""
