"""Prompts and readers of evaluation harnesses, equal to the byte, and our own reader of answers."""
