"""Rows that an engine holds: Ray Data and Spark, with the kernels of the library on their workers."""
