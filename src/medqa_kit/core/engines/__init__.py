"""Rows that Ray Data and Spark hold, and streams."""
