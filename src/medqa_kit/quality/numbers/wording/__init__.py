"""What two texts say in words, beside their figures: how often, when, how, of whom, and what rises or falls."""
