r"""Read escaped text as what it stands for: ``\uXXXX`` of JSON, ``%XX`` of web addresses.

Text that went through a writer of JSON once or twice, or through a web form, holds the same item. One
look at the bytes of a column names the few texts in which an escape may stand; patterns look at those
alone. The patterns need no whole JSON value, since escaped text may stand within other text or be cut
off. Signs that letters leave out anyway, such as the backslash before a quote, stay.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.ragged import Mask
from medqa_kit.matching.letters import utf8

_BACKSLASHES = re.compile(r"\\{2,}")  # a text that was encoded n times has up to 2**n of them
_CODES = re.compile(r"(?:\\u[0-9A-Fa-f]{4})+")
_ANY_BLANK = re.compile(r"\\[nrtbf]")
_SURE_BLANK = re.compile(r"\\[nrt](?![a-z])")  # "\nu" may be LaTeX

_PERCENTS = re.compile(r"%(?:25)+(?=[0-9A-Fa-f]{2})")
_WORD = re.compile(r"\S+")
_PERCENT = re.compile(
    r"%[C-Fc-f][0-9A-Fa-f]%[89ABab][0-9A-Fa-f]|[A-Za-z]%(?:20|0[AaDd]|2[Cc]|3[FfAa]|5[Cc])"
)
"""Bytes of a character past ASCII; a blank or a mark after a letter: not "10%20%"."""


def unescaped(texts: pa.Array) -> tuple[pa.Array, Mask]:
    r"""Return texts with escapes read as what they stand for, and which texts had any.

    Args:
        texts: ``string[n]``.

    Returns:
        ``string[n]``, null where ``texts`` is; ``bool[n]``.

    Example:
        >>> plain, changed = unescaped(pa.array(['{"q": "\\ud55c\\n\\uad6d"}', "%ED%95%9C%20A", "5 %", None]))
        >>> plain.to_pylist(), changed.tolist()
        (['{"q": "한 국"}', '한 A', '5 %', None], [True, True, False, False])
    """
    changed = may_hold_escapes(texts)
    if not changed.any():
        return texts, changed
    few = texts.filter(pa.array(changed)).to_pylist()
    # Free text, a small share of it: escapes of several kinds and depths have no vectorised form.
    plain = [_plain(text) for text in few]
    changed[changed] = [new != old for new, old in zip(plain, few, strict=True)]
    new = pa.array([text for text, old in zip(plain, few, strict=True) if text != old], texts.type)
    return pc.replace_with_mask(texts, pa.array(changed), new), changed


def may_hold_escapes(texts: pa.Array) -> Mask:
    """Mark the texts with a backslash before one of ``unrt``, or a percent sign before a hex digit."""
    data, offsets = utf8(texts)
    held = np.zeros(len(offsets) - 1, np.bool_)
    signs = np.flatnonzero((data == ord("\\")) | (data == ord("%")))
    signs = signs[signs < len(data) - 1]
    if not len(signs):
        return held
    after = data[signs + 1]
    escape = np.where(data[signs] == ord("%"), _HEX[after], _LETTER[after])
    held[np.searchsorted(offsets, signs[escape], side="right") - 1] = True
    return held


def _bytes_in(characters: bytes) -> Mask:
    table = np.zeros(256, np.bool_)
    table[list(characters)] = True
    return table


_HEX, _LETTER = _bytes_in(b"0123456789abcdefABCDEF"), _bytes_in(b"\\unrt")


def _plain(text: str) -> str:
    return _without_backslashes(_without_percents(text))


def _without_percents(text: str) -> str:
    if "%" not in text:
        return text
    single = _PERCENTS.sub("%", text)
    return _WORD.sub(_unquoted, single) if _PERCENT.search(single) else text


def _unquoted(word: re.Match[str]) -> str:
    """Read one word, of which an address, a form or an encoded text consists."""
    if not _PERCENT.search(word[0]):
        return word[0]
    return unquote(word[0].replace("+", " "))


def _without_backslashes(text: str) -> str:
    """Put characters for codes; where there are codes, the text around them is JSON, too."""
    if "\\" not in text:
        return text
    single = _BACKSLASHES.sub(r"\\", text)
    plain, codes = _CODES.subn(_characters, single)
    blanks = (_ANY_BLANK if codes else _SURE_BLANK).sub(" ", plain)
    return text if blanks == single else blanks


def _characters(run: re.Match[str]) -> str:
    units = bytes.fromhex(run[0].replace("\\u", ""))
    return units.decode("utf-16-be", "replace")  # pairs of surrogates are one character
