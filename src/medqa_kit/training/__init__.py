"""Training records: chat, kinds of record, lint, conversion, batch requests."""
