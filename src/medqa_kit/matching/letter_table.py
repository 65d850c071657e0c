"""The letter table behind all keys and shingles: one definition of "the same letters".

Text is compared after this, and only after this: markup and entities seen through, invisible
characters and line breaks dropped, NFKC, lower case, and of what is left only letters, marks and
numbers kept. Marks stay because Khmer vowels and Hindi signs are marks; numbers stay because 5 mg
is not 500 mg, in the digits of ASCII whatever script they were written in, since 5 mg is ៥ mg. What stood
between two numbers leaves one sign, so that 1.5 mg is not 15 mg. Nothing here ever reaches a row: it is for
comparing, not for cleaning.

What a character becomes depends on the version of Unicode. The table is therefore a file of the
package, written by ``tools/make_letter_table.py``, and not made from the Unicode data of the running
Python. Its version is part of every file of fingerprints. Characters newer than the table count as
characters that are not assigned, which are unseen.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from functools import lru_cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from medqa_kit.matching.kernels.constants import BETWEEN_DIGITS, MARKED

DEFINITION = "letters-6"
"""Name of this definition. Raise the number when any text could come out differently."""

BETWEEN = chr(BETWEEN_DIGITS)
"""Stands between two numbers that something kept apart; nowhere else."""

PAGE = 64
"""Code points in a page of the file; equal pages are stored once."""


_MARKUP = [ord(sign) for sign in "<&"]


class Flag(IntFlag):
    """What the table's file says of a code point beside what it becomes."""

    SAME = 1
    CLOSER = 2
    UNSEEN = 4
    NUMBER = 8


@dataclass(frozen=True)
class LetterTable:
    """The table, as arrays that NumPy and Numba can both read.

    Attributes:
        version: Name of the definition, and of the Unicode version the table was made with.
        codes: ``int32[0x110000]``: what a code point becomes. 0 is nothing; ``-n`` is
            ``expansions[starts[n]:starts[n + 1]]``.
        marked: ``int32[0x110000]``: the same, but :data:`~medqa_kit.matching.kernels.constants.MARKED`
            where ``closer`` is true.
        followed: ``int32[0x110000]``: the same, save for the signs of markup: for texts without any left.
        starts: ``int32``: where the n-th expansion begins; n counts from 1.
        expansions: ``uint32``: the expansions, one after the other.
        closer: ``bool[0x110000]``: code points whose neighbours matter: a text that holds one is
            normalised as a whole.
        unseen: ``bool[0x110000]``: line breaks, zero-width and other formatting characters, and
            those that the table's Unicode version does not know.
        number: ``bool[0x110000]``: signs that are a number by themselves, such as ``①`` and ``½``.
    """

    version: str
    codes: npt.NDArray[np.int32]
    marked: npt.NDArray[np.int32]
    followed: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int32]
    expansions: npt.NDArray[np.uint32]
    closer: npt.NDArray[np.bool_]
    unseen: npt.NDArray[np.bool_]
    number: npt.NDArray[np.bool_]

    def letters(self, code: int) -> str:
        r"""Return what is left of one code point.

        Example:
            >>> [letter_table().letters(ord(c)) for c in "Aé-㎎½៥"]
            ['a', 'é', '\x1f', 'mg', '\x1f1\x1f2\x1f', '5']
        """
        entry = int(self.codes[code])
        if entry >= 0:
            return chr(entry) if entry else ""
        return "".join(map(chr, self.expansions[self.starts[-entry] : self.starts[1 - entry]]))


@lru_cache(maxsize=1)
def letter_table() -> LetterTable:
    """Read the table, once per process; it takes a few milliseconds.

    Example:
        >>> letter_table().version
        'letters-6/unicode-14.0.0'
    """
    file = resources.files(__package__).joinpath("letter_table.npz")
    with file.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
        numbers, flags = stored["numbers"], stored["flags"]

        def flagged(flag: Flag) -> npt.NDArray[np.bool_]:
            marked: npt.NDArray[np.bool_] = (flags & flag != 0)[numbers].ravel()
            return marked

        codes = stored["codes"][numbers].ravel()
        np.copyto(codes, np.arange(len(codes), dtype=np.int32), where=flagged(Flag.SAME))
        closer = flagged(Flag.CLOSER)
        marked = codes.copy()
        np.copyto(marked, np.int32(MARKED), where=closer)
        followed = marked.copy()
        followed[_MARKUP] = codes[_MARKUP]
        return LetterTable(
            version=str(stored["version"]), codes=codes, marked=marked, followed=followed, starts=stored["starts"],
            expansions=stored["expansions"], closer=closer,
            unseen=flagged(Flag.UNSEEN), number=flagged(Flag.NUMBER),
        )  # fmt: skip


def squeezed(text: str) -> str:
    r"""Leave :data:`BETWEEN` only between two digits, and once.

    Example:
        >>> squeezed("\x1f1\x1f\x1f5mg\x1f2")
        '1\x1f5mg2'
    """
    letters: list[str] = []
    gap = False
    for character in text:
        if character == BETWEEN:
            gap = True
            continue
        if gap and letters and _is_digit(character) and _is_digit(letters[-1]):
            letters.append(BETWEEN)
        letters.append(character)
        gap = False
    return "".join(letters)


def _is_digit(character: str) -> bool:
    return "0" <= character <= "9"
