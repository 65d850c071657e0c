"""Recognise whether files are the copy of the hub or that of the authors."""
