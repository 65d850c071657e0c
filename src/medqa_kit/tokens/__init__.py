"""Tokens: counts, rank files, chat templates, budgets, packing."""
