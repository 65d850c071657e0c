"""The numbers that the definitions of keys, shingles and terms are made of.

Both kernels, NumPy's and Numba's, read them here. Each is part of a definition whose name stands in
files of fingerprints: whoever changes one raises that name.
"""

from __future__ import annotations

import numpy as np

BETWEEN_DIGITS = 0x1F
"""Code point that stands between two numbers which something kept apart."""
MARKED = 1 << 30
"""What a table has for a code point that makes its text one to be looked at as a whole."""
ASCII_ZERO = 0x30
"""The first of ten digits in a row, as which digits of all scripts are compared."""

SYLLABIC = 0x2E80
"""Code points from here on are syllables and ideographs, as far as letters go."""
SHORT, LONG = 3, 5
"""Letters in a shingle that begins at, or below, :data:`SYLLABIC`."""
PAIR, TRIPLE, DIGITS = 2, 3, 6
"""Letters in a term of syllables, of other letters, and of digits at most."""

# splitmix64: Steele, Lea, Flood (2014), "Fast splittable pseudorandom number generators".
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)
THIRD = np.uint64(0xD6E8FEB86659FD93)

LOW = 30
"""Per cent of a field: a text that holds less of it, wherever it stands, is said to hold none."""

CHAINED, MORE, PLACE = 1 << 31, 1 << 30, (1 << 30) - 1
"""Bits of an entry for a hash: it names the first of several entries instead; another one follows it; what it names."""
