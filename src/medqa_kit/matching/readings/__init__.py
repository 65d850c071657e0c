"""Texts read as what they stand for, where they were encoded, marked up or disguised on their way."""
