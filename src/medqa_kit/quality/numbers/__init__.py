"""Numbers, doses and units: read in Korean, Khmer and English text, and compared between two texts."""
