"""One module a suite: ``bars(rows, folder)`` yields what it measures."""
