"""Carry sources to machines without a network: files, and a lockfile with their digests."""
