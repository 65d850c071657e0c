"""How an answer is read out of a reply by our own rule: its words, its marks, and what casts doubt on it."""
