"""Numbers, doses and units: read out of Korean, Khmer and English text, and held against each other."""
