"""Compare claims with the data: numbers of cards, pinned revisions, lineage."""
