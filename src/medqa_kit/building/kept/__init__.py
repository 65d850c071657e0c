"""Data that a build keeps for the next one: rows that it read, and decisions about them."""
