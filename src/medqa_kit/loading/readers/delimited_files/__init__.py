"""CSV and TSV: text cut into records by its dialect, and records to tables."""
