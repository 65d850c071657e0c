"""Reading sources: pinned files, declared types, one pass into the ordinary cache."""
