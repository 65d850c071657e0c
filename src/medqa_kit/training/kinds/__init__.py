"""One module per trainer: the format of its records, and the fields that they lose."""
