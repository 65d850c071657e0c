"""One module a trainer: how its records look, and what they lose."""
