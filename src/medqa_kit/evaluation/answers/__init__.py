"""Our own rule for reading the answer in a reply: by its words, by its marks, and by reasons to doubt it."""
