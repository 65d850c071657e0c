"""From a recipe to training files, with a manifest that adds up."""
