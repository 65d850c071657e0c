"""What texts are written in, beside their words."""
