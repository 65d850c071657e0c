"""Signs that no reader sees or needs, and letters that look like those of the script around them.

Greek behind Latin letters is ordinary (``TNFα``, ``Ca²⁺ μg``), so of Greek only letters that look like Latin ones count, and
those of Cyrillic. A Cyrillic letter may stand alone in a text that has Cyrillic words.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from medqa_kit.core.arrow.byte_scans import pattern_mask
from medqa_kit.core.arrow.ragged import Ints

_PRIVATE = r"[\x{E000}-\x{F8EF}\x{F8F4}-\x{F8FF}\x{F0000}-\x{10FFFD}]"
STRAY_SIGN = (
    # Control characters but tabs and ends of lines; the second row of them is looked at as mojibake.
    r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F\x{85}\x{2028}\x{2029}]"
    # Signs that each font shows otherwise, but bullets at the head of a line; what is no character, or fills a place.
    rf"|[^\s] ?{_PRIVATE}|{_PRIVATE}[^\s]|[\x{{FDD0}}-\x{{FDEF}}\x{{FFF9}}-\x{{FFFC}}\x{{FFFE}}\x{{FFFF}}\x{{3164}}\x{{FFA0}}]"
    # Marks heaped on a letter, and words in letters of mathematics.
    r"|[\x{300}-\x{36F}]{4}|[\x{1D400}-\x{1D7CB}]{3}"
)
"""Finds signs that text has by mistake."""

ODD_BLANK = r"[\x{A0}\x{1680}\x{2000}-\x{200A}\x{202F}\x{205F}]"
"""Finds blanks other than the plain one, and the wide one, which is told of as a full-width sign."""

_LIKE_LATIN = "АВЕЅІЈКМНОРСТУХаеосухіјѕԁһԛԝрΑΒΕΖΗΙΚΜΝΟΡΤΥΧο"
_MIXED = rf"[A-Za-z][{_LIKE_LATIN}]|[{_LIKE_LATIN}][A-Za-z]"
_ALONE = (
    rf"[A-Za-z0-9][ -][{_LIKE_LATIN}](?:[^\pL\pM]|$)|(?:^|[^\pL\pM])[{_LIKE_LATIN}][ -][A-Za-z]"
)
_OF_SCRIPT = r"[\p{Cyrillic}\p{Greek}]{2}"


def look_alikes(texts: pa.Array) -> Ints:
    """Return the places of texts with a Cyrillic or Greek letter in or beside Latin words that looks like a Latin one.

    Example:
        >>> look_alikes(pa.array(["vitаmin", "vitamin С", "TNFα, 5 μg", "HBsAg с антителами"])).tolist()
        [0, 1]
    """
    mixed, alone = pattern_mask(texts, _MIXED), pattern_mask(texts, _ALONE)
    if alone.any():
        alone &= ~pattern_mask(texts, _OF_SCRIPT)
    return np.flatnonzero(mixed | alone)
