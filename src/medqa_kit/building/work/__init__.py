"""The two halves of a build: rows are read, and what is decided about them is written."""
