"""What is wrong with a recipe: found all together, and told with line, source and the nearest known word."""
