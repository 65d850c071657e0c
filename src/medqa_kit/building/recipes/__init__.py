"""Recipes: dataclasses from which the Python values, the TOML files and the JSON Schema all derive."""
