"""What is made of rows, and what it says beside them."""
