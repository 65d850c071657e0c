"""Bring text columns to the letters they are compared by: one stream of code points a batch.

The work is one table look-up per character, so it runs over whole columns. The few texts in which
neighbouring characters matter (decomposed Hangul, combining accents, markup) are found by
the same table and rewritten one by one first.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.matching.code_points import (
    BETWEEN,
    CodePoints,
    code_points,
    kept,
    numbered,
    squeezed,
    unseen,
)
from medqa_kit.matching.kernels import KernelName, compiled

Codes = npt.NDArray[np.uint32]
Offsets = npt.NDArray[np.int64]

_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>|<!--.*?-->", re.DOTALL)
_ENTITY = re.compile(r"&#?\w{1,31};")


class Letters(NamedTuple):
    """Normalised texts, laid end to end.

    Attributes:
        codes: ``uint32``: code points of all texts.
        offsets: ``int64[n + 1]``: text ``i`` is ``codes[offsets[i]:offsets[i + 1]]``.
    """

    codes: Codes
    offsets: Offsets

    @property
    def lengths(self) -> Offsets:
        """Code points of each text."""
        return np.diff(self.offsets)


def letters_of(text: str) -> str:
    """Give the letters of one text; the definition that :func:`letters` follows.

    Example:
        >>> letters_of("<b>Vit.</b> B&#49;2")
        'vitb12'
    """
    return squeezed(kept(plain(text)))


def plain(text: str) -> str:
    """See through entities and tags, drop invisible characters, compose: NFKC of what is left."""
    for _ in range(2):  # twice: "&amp;lt;" is what an escaped escape looks like
        if "&" in text and _ENTITY.search(text):
            text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub("", text)
    if text.isascii():
        return text
    visible = "".join(f" {c} " if numbered(c) else c for c in text if not unseen(c))
    return unicodedata.normalize("NFKC", visible)


def letters(texts: pa.Array, *, kernel: KernelName = "auto") -> Letters:
    """Normalise a column: what :func:`letters_of` does to each text, nulls as empty texts.

    Args:
        texts: ``string[n]``.
        kernel: See :data:`~medqa_kit.matching.kernels.KernelName`.

    Example:
        >>> found = letters(pa.array(["a-B", None, "①"]))
        >>> "".join(map(chr, found.codes)), found.offsets.tolist()
        ('ab1', [0, 2, 2, 3])
    """
    table = code_points()
    if compiled(kernel):
        from medqa_kit.matching import numba_kernels

        closer = numba_kernels.holding(*_utf8(texts), table.closer)
        data, offsets = _utf8(_rewritten(texts, closer))
        return Letters(
            *numba_kernels.look_up(data, offsets, table.codes, table.starts, table.expansions)
        )
    codes, offsets = _decoded(texts)
    closer = segment_any(table.closer[codes], offsets)
    if closer.any():
        codes, offsets = _decoded(_rewritten(texts, closer))
    return _looked_up(codes, offsets, table)


def _utf8(texts: pa.Array) -> tuple[npt.NDArray[np.uint8], Offsets]:
    """Give the bytes of a string column without copying, and offsets that begin at 0."""
    if texts.null_count:
        texts = texts.fill_null("")
    if not len(texts):
        return np.zeros(0, np.uint8), np.zeros(1, np.int64)
    _, ends, data = texts.buffers()
    offsets = np.frombuffer(ends, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    bytes_ = np.frombuffer(data or b"", np.uint8)[offsets[0] : offsets[-1]]
    return bytes_, offsets.astype(np.int64) - offsets[0]


def _rewritten(texts: pa.Array, closer: npt.NDArray[np.bool_]) -> pa.Array:
    if not closer.any():
        return texts
    mask = pa.array(closer)
    # Free text, a small share of it: entities, tags and composition have no vectorised form.
    plains = [plain(text) for text in texts.filter(mask).to_pylist()]
    return pc.replace_with_mask(texts, mask, pa.array(plains, pa.string()))


def _decoded(texts: pa.Array) -> tuple[Codes, Offsets]:
    data, offsets = _utf8(texts)
    codes = np.frombuffer(data.tobytes().decode().encode("utf-32-le"), np.uint32)
    begins = np.concatenate([[0], np.cumsum((data & 0xC0) != 0x80)])
    return codes, begins[offsets]


def segment_any(marked: npt.NDArray[np.bool_], offsets: Offsets) -> npt.NDArray[np.bool_]:
    """Tell for each segment whether any of its places is marked."""
    seen = np.concatenate([[0], np.cumsum(marked)])
    found: npt.NDArray[np.bool_] = seen[offsets[1:]] > seen[offsets[:-1]]
    return found


def _looked_up(codes: Codes, offsets: Offsets, table: CodePoints) -> Letters:
    found = table.codes[codes]
    widths = (found > 0).astype(np.int64)
    longer = np.flatnonzero(found < 0)
    entries = -found[longer]
    widths[longer] = table.starts[entries + 1] - table.starts[entries]
    places = np.concatenate([[0], np.cumsum(widths)])
    result = np.empty(places[-1], np.uint32)
    single = found > 0
    result[places[:-1][single]] = found[single]
    for place, entry in zip(places[longer].tolist(), entries.tolist(), strict=True):
        text = table.expansions[table.starts[entry] : table.starts[entry + 1]]
        result[place : place + len(text)] = text  # rare: "㎎", "½", "ﬁ"
    return _squeezed(result, places[offsets])


def _squeezed(codes: Codes, offsets: Offsets) -> Letters:
    """Do what :func:`~medqa_kit.matching.code_points.squeezed` does to each text."""
    letter = codes != ord(BETWEEN)
    at = np.flatnonzero(letter)
    ends = np.concatenate([[0], np.cumsum(letter)])[offsets]  # where texts end among the letters
    codes = codes[at]
    digit = digits(codes)
    apart = digit & (np.diff(at, prepend=-1) > 1)
    apart[1:] &= digit[:-1]
    apart[ends[:-1][ends[:-1] < len(codes)]] = False  # what begins a text
    before = np.concatenate([[0], np.cumsum(apart)])
    return Letters(np.insert(codes, np.flatnonzero(apart), ord(BETWEEN)), ends + before[ends])


def digits(codes: Codes) -> npt.NDArray[np.bool_]:
    """Tell digits, as :func:`~medqa_kit.matching.code_points.is_digit` does."""
    found: npt.NDArray[np.bool_] = (codes - np.uint32(0x30) < 10) | (codes - np.uint32(0x17E0) < 10)
    return found
