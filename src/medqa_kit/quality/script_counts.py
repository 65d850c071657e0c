"""Count letters by script, with one look at each code point of a column."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import regex

from medqa_kit.core.arrow.ragged import Ints

Script = Literal["khmer", "hangul", "latin", "han", "kana", "thai", "cyrillic", "arabic"]
"""The scripts that are told apart; other letters count as ``other``."""
SCRIPTS: tuple[Script, ...] = get_args(Script)

_BELONGS: dict[Script, str] = {
    "khmer": r"\u1780-\u17FF",
    "hangul": r"\u1100-\u11FF\u3130-\u318F\uAC00-\uD7A3",
    "latin": r"\p{Latin}",
    "han": r"\p{Han}",
    "kana": r"\p{Hiragana}\p{Katakana}",
    "thai": r"\p{Thai}",
    "cyrillic": r"\p{Cyrillic}",
    "arabic": r"\p{Arabic}",
}
_OTHER = len(SCRIPTS)  # a letter of none of them
_NO_LETTER = _OTHER + 1
_SLICE = 1 << 20  # code points looked at together


class ScriptCounts(NamedTuple):
    """How many letters of each script a text has.

    Attributes:
        counts: ``int64[n, 9]``: letters of each of :data:`SCRIPTS`, then of others.
        lengths: ``int64[n]``: code points of the text.
    """

    counts: Ints
    lengths: Ints

    def of(self, script: Script) -> Ints:
        """Return how many letters of a script each text has."""
        own: Ints = self.counts[:, SCRIPTS.index(script)]
        return own

    @property
    def letters(self) -> Ints:
        """How many letters of any script each text has."""
        return np.asarray(self.counts.sum(axis=1), np.int64)


def script_counts(texts: pa.Array | pa.ChunkedArray) -> ScriptCounts:
    """Count the letters of each script in each text; a null counts as an empty text.

    Args:
        texts: ``string[n]``.

    Example:
        >>> counts = script_counts(pa.array(["ខ្មែរ pH 7", None]))
        >>> counts.of("khmer").tolist(), counts.of("latin").tolist(), counts.lengths.tolist()
        ([5, 0], [2, 0], [10, 0])
    """
    filled = pc.fill_null(texts.cast(pa.large_string()), "")
    chunks = filled.chunks if isinstance(filled, pa.ChunkedArray) else [filled]
    counted = [part for chunk in chunks for part in _by_slices(chunk)]
    width = _NO_LETTER
    return ScriptCounts(
        np.concatenate([np.zeros((0, width), np.int64), *(counts for counts, _ in counted)]),
        np.concatenate([np.zeros(0, np.int64), *(lengths for _, lengths in counted)]),
    )


def _by_slices(texts: pa.Array) -> list[tuple[Ints, Ints]]:
    """Count slice by slice, so that memory does not grow with the column."""
    if not len(texts):
        return []
    lengths = pc.utf8_length(texts).to_numpy().astype(np.int64)
    places = np.cumsum(lengths) // _SLICE
    starts = np.unique(places, return_index=True)[1].tolist()
    return [
        (_counted(texts.slice(start, end - start), lengths[start:end]), lengths[start:end])
        for start, end in zip(starts, [*starts[1:], len(texts)], strict=True)
    ]


def _counted(texts: pa.Array, lengths: Ints) -> Ints:
    _, ends, data = texts.buffers()
    bounds = np.frombuffer(ends, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    text = memoryview(data or b"")[bounds[0] : bounds[-1]].tobytes().decode("utf-8")
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    width = _NO_LETTER + 1
    cells = np.repeat(np.arange(len(lengths), dtype=np.int64) * width, lengths)
    cells += _table()[codes]
    counts = np.bincount(cells, minlength=len(lengths) * width).reshape(-1, width)
    return np.asarray(counts[:, :_NO_LETTER], np.int64)


@lru_cache(maxsize=1)
def _table() -> npt.NDArray[np.uint8]:
    """Return the script of each code point, as a place in :data:`SCRIPTS`; made once a process."""
    every = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x40000))))  # behind it are no letters
    gap = 0xE000 - 0xD800  # surrogates, which no text holds
    table = np.full(0x110000, _NO_LETTER, np.uint8)

    def mark(pattern: str, value: int) -> None:
        for run in regex.finditer(pattern, every):
            start, end = (place + (gap if place >= 0xD800 else 0) for place in run.span())
            table[start:end] = value

    mark(r"[\p{L}\p{M}]+", _OTHER)
    for place, script in reversed(list(enumerate(SCRIPTS))):
        mark(f"[{_BELONGS[script]}]+", place)
    return table
