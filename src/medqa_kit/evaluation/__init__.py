"""What evaluation harnesses send and read: formats equal to the byte, answers out of replies."""
