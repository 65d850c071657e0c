"""From a recipe to files one can train on, with a manifest that adds up."""
