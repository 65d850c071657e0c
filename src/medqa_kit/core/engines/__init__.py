"""Rows that Ray Data, Spark and ``datasets`` hold, and streams."""
