"""Personal data in text: found, counted and replaced by stable pseudonyms."""
