"""A source as the hub has it and as its authors hand it out: which of the two some files are."""
