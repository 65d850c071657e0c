"""Data that a language model writes: requests about rows, replies, and the rows made of them."""
