"""Data that a language model writes: requests out, replies back in, each with its parent row."""
