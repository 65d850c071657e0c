"""The code point table behind all keys and shingles: one definition of "the same letters".

Text is compared after this, and only after this: markup and entities seen through, invisible
characters and line breaks dropped, NFKC, lower case, and of what is left only letters, marks and
numbers kept. Marks stay because Khmer vowels and Hindi signs are marks; numbers stay because 5 mg
is not 500 mg. What stood between two numbers leaves one sign, so that 1.5 mg is not 15 mg. Nothing
here ever reaches a row: it is for comparing, not for cleaning.

What a character becomes depends on the Unicode data of the running Python, so the version of
those data is part of :data:`NORMALIZER`, and of every file of fingerprints.
"""

from __future__ import annotations

import sys
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

NORMALIZER = f"letters-2/unicode-{unicodedata.unidata_version}"
"""Name of this definition. Raise the number when any text could come out differently."""

BETWEEN = "\x1f"
"""Stands between two numbers that something kept apart; nowhere else."""
COENG = "\u17d2"
"""Khmer's sign for a subscript consonant."""


@dataclass(frozen=True)
class CodePoints:
    """The table, as arrays that NumPy and Numba can both read.

    Attributes:
        codes: ``int32[0x110000]``: what a code point becomes. 0 is nothing; ``-n`` is
            ``expansions[starts[n]:starts[n + 1]]``.
        starts: ``int32``: where the n-th expansion begins; n counts from 1.
        expansions: ``uint32``: the expansions, one after the other.
        closer: ``bool[0x110000]``: code points whose neighbours matter: a text
            that holds one is put through ``unicodedata`` as a whole.
    """

    codes: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int32]
    expansions: npt.NDArray[np.uint32]
    closer: npt.NDArray[np.bool_]


def kept(text: str) -> str:
    r"""Lower the case of each character of NFKC text and keep letters, marks and numbers.

    What else is visible becomes :data:`BETWEEN`, see :func:`squeezed`.

    Example:
        >>> kept("Vit. B-12")
        'vit\x1f\x1fb\x1f12'
    """
    lowered = "".join(map(str.lower, text))  # by character: no special case for a final sigma
    return "".join(c if unicodedata.category(c)[0] in "LMN" else "" if unseen(c) else BETWEEN
                   for c in lowered)  # fmt: skip


def unseen(character: str) -> bool:
    r"""Tell line breaks, zero-width and other formatting characters: a word may be broken by them.

    Example:
        >>> unseen("\u200b"), unseen("\n"), unseen(" ")
        (True, True, False)
    """
    # What has no meaning to Unicode (unassigned, private) cannot be told from what is not shown.
    return character in "\r\n" or unicodedata.category(character) in ("Cf", "Cn", "Co")


def is_digit(character: str) -> bool:
    """Tell the digits that tokens are made of: ASCII's and Khmer's."""
    return "0" <= character <= "9" or "\u17e0" <= character <= "\u17e9"


def numbered(character: str) -> bool:
    """Tell a sign that is a number by itself, such as ``①`` and ``½``: no part of the next number.

    Example:
        >>> numbered("①"), numbered("1")
        (True, False)
    """
    return unicodedata.category(character) == "No"


def squeezed(text: str) -> str:
    r"""Leave :data:`BETWEEN` only between two digits, and once.

    Example:
        >>> squeezed("\x1f1\x1f\x1f5mg\x1f2")
        '1\x1f5mg2'
    """
    found: list[str] = []
    gap = False
    for character in text:
        if character == BETWEEN:
            gap = True
            continue
        if gap and found and is_digit(character) and is_digit(found[-1]):
            found.append(BETWEEN)
        found.append(character)
        gap = False
    return "".join(found)


@lru_cache(maxsize=1)
def code_points() -> CodePoints:
    """Build the table, once per process; it takes about a quarter of a second."""
    codes = np.zeros(sys.maxunicode + 1, np.int32)
    closer = np.zeros(sys.maxunicode + 1, np.bool_)
    expansions: list[str] = []
    for code in (*range(0xD800), *range(0xE000, 0x40000), *range(0xE0000, 0xE0200)):
        # A loop over Unicode, not over rows; the planes left out have no letters.
        character = chr(code)
        category = unicodedata.category(character)
        if category == "Lo" and not unicodedata.decomposition(character):
            codes[code] = code  # most of Unicode: ideographs, syllables, letters without case
        elif category not in ("Cn", "Co"):
            result = kept(unicodedata.normalize("NFKC", character))
            if numbered(character):
                result = f"{BETWEEN}{result}{BETWEEN}"
            if len(result) > 1:
                expansions.append(result)
            codes[code] = ord(result) if len(result) == 1 else -len(expansions) if result else 0
        closer[code] = _needs_company(character)
    ends = np.cumsum([0, *map(len, expansions)], dtype=np.int32)
    text = np.frombuffer("".join(expansions).encode("utf-32-le"), np.uint32)
    return CodePoints(codes, np.concatenate([[np.int32(0)], ends]).astype(np.int32), text, closer)


def _needs_company(character: str) -> bool:
    """Tell whether NFKC of a character may depend on the one before it, or whether it is markup.

    NFKC of a whole is the NFKC of its characters, one by one, unless a character decomposes to
    something that begins with a mark of non-zero combining class (marks are put in order, and
    composed with their base) or with a Hangul vowel or final (composed with the syllable).
    Khmer's coeng has such a class, but a consonant follows it, never another mark.
    """
    if character in "&<":
        return True
    if "가" <= character <= "힣" or character == COENG:
        return False
    first = unicodedata.normalize("NFKD", character)[:1]
    return bool(first) and (first in _VOWELS_AND_FINALS or unicodedata.combining(first) != 0)


_VOWELS_AND_FINALS = frozenset(map(chr, (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))))
