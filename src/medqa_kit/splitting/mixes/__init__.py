"""Rows of several sets in stated shares: tables, data sets and streams, mixed or fed to a training loop."""
