"""Carrying sources to machines without a network: files, and the lockfile that proves them."""
