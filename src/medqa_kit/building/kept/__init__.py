"""What builds keep of what they read and decided, for the next build."""
