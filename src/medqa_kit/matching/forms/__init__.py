"""The forms in which a row appears: prompts, records, and the texts that they add to it."""
