"""Read sources: pinned files, declared types, one pass into the cache of ``datasets``."""
