"""What can be asked of finished results: where a row is, and how two of them differ."""
