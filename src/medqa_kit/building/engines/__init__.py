"""Processes that work on the rows of a build: this one, several, or the workers of Ray and Spark."""
