"""Write the letter table: what each code point becomes when texts are compared by their letters.

    python3.11 tools/make_letter_table.py     # the oldest Python that medqa_kit supports

The functions here define the table; the package reads it and does not compute it. Unicode's policy
keeps the normal form of a character that is assigned, so a table made with the Unicode data of the
oldest supported Python holds under all later ones. Characters that are newer than the table count
as not assigned everywhere. The bytes of the file depend on the Unicode version alone.
"""

from __future__ import annotations

import sys
import unicodedata
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from medqa_kit.matching.letter_table import BETWEEN, DEFINITION, PAGE, Flag

FILE = Path(__file__).parents[1] / "src" / "medqa_kit" / "matching" / "letter_table.npz"
COENG = "\u17d2"  # Khmer's sign for a subscript consonant
VOWELS_AND_FINALS = frozenset(map(chr, (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))))  # Hangul

# Of "Default_Ignorable_Code_Point", which Python's data does not have: what is no formatting character by its
# category. Joiner, fillers of Hangul, inherent vowels of Khmer, selectors of variants.
IGNORED = frozenset(map(chr, (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x3164, *range(0xFE00, 0xFE10),
                              0xFFA0, *range(0xE0100, 0xE01F0),
                              *range(0x334, 0x339), *range(0x20DD, 0x20E1), *range(0x20E2, 0x20E5))))  # fmt: skip


def letters_of_character(character: str) -> str:
    r"""Return what is left of one character.

    NFKC, lower case, and of that the letters, marks and numbers; digits of any script as those of ASCII. Other
    visible characters become :data:`BETWEEN`. A sign that is a number by itself, such as ``①`` and ``½``, is no part of the
    numbers around it.
    """
    if is_unseen(character):
        return ""
    # Lower case by character: no special case for a final sigma.
    lowered = "".join(map(str.lower, unicodedata.normalize("NFKC", character)))
    kept = "".join("" if is_unseen(c) else seen(c) if unicodedata.category(c)[0] in "LMN" else BETWEEN
                   for c in lowered)  # fmt: skip
    return f"{BETWEEN}{kept}{BETWEEN}" if is_number_sign(character) else kept


def seen(character: str) -> str:
    """Return a letter, mark or number as it is compared: digits of any script are the same."""
    return str(unicodedata.decimal(character, character))


def is_unseen(character: str) -> bool:
    """Check whether a character is a line break, or is not shown: a word may be broken by it.

    What has no meaning to Unicode (not assigned, private) looks the same as what is not shown. Marks that
    strike a letter out or put a key around it are no part of the letter.
    """
    return (
        character in "\r\n"
        or character in IGNORED
        or unicodedata.category(character) in ("Cf", "Cn", "Co", "Cs")
    )


def is_number_sign(character: str) -> bool:
    """Check whether a sign is a number by itself, such as ``①`` and ``½``."""
    return unicodedata.category(character) == "No"


def depends_on_neighbours(character: str) -> bool:
    """Check whether NFKC of a character may depend on the one before it, or whether it is markup.

    NFKC of a text is the NFKC of its characters, one by one, unless a character decomposes to
    something that begins with a mark of non-zero combining class (marks are put in order, and
    composed with their base) or with a Hangul vowel or final (composed with the syllable).
    Khmer's coeng has such a class, but a consonant follows it, never another mark.
    """
    if character in "&<":
        return True
    if "가" <= character <= "힣" or character == COENG or is_unseen(character):
        return False
    first = unicodedata.normalize("NFKD", character)[:1]
    return bool(first) and (first in VOWELS_AND_FINALS or unicodedata.combining(first) != 0)


def arrays() -> dict[str, npt.NDArray[np.generic]]:
    """Return the arrays of the file, see :func:`medqa_kit.matching.letter_table.letter_table`."""
    codes = np.zeros(sys.maxunicode + 1, np.int32)
    flags = np.zeros(sys.maxunicode + 1, np.uint8)
    expansions: list[str] = []
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        letters = letters_of_character(character)
        if letters == character:
            flags[code] |= Flag.SAME
        elif len(letters) == 1:
            codes[code] = ord(letters)
        elif letters:
            expansions.append(letters)
            codes[code] = -len(expansions)
        flags[code] |= Flag.CLOSER * depends_on_neighbours(character)
        flags[code] |= Flag.UNSEEN * is_unseen(character)
        flags[code] |= Flag.NUMBER * is_number_sign(character)
    ends = np.cumsum([0, 0, *map(len, expansions)], dtype=np.int32)
    text = np.frombuffer("".join(expansions).encode("utf-32-le"), np.uint32)
    rows = np.concatenate([codes.reshape(-1, PAGE), flags.reshape(-1, PAGE)], axis=1)
    pages, numbers = np.unique(rows, axis=0, return_inverse=True)
    return {
        "version": np.array(f"{DEFINITION}/unicode-{unicodedata.unidata_version}"),
        "numbers": numbers.ravel().astype(np.uint16),
        "codes": pages[:, :PAGE].astype(np.int32),
        "flags": pages[:, PAGE:].astype(np.uint8),
        "starts": ends,
        "expansions": text,
    }


def write(file: Path) -> None:
    """Write the arrays without compression, whose bytes would depend on the version of zlib."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays().items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w") as member:
                np.lib.format.write_array(member, array, version=(1, 0))


if __name__ == "__main__":
    write(FILE)
    print(f"{FILE}: {FILE.stat().st_size:,} bytes")
