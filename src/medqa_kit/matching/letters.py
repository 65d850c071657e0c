"""Bring text columns to the letters they are compared by: one stream of code points a batch.

The work is one table look-up per character, so it runs over whole columns. The few texts in which
neighbouring characters matter (decomposed Hangul, combining accents, markup) are found by
the same table and rewritten one by one first.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from html.entities import html5
from itertools import compress
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.matching.kernels import kernels
from medqa_kit.matching.kernels.arrays import Bytes, Codes
from medqa_kit.matching.letter_table import letter_table, squeezed

# Signs of "less" and "greater" may stand far apart in text; what is longer is a tag only with attributes, such as
# styles of editors and images written out.
_TAG = re.compile(r"</?[A-Za-z](?:[^<>]{0,200}|(?>[^<>]{0,200}?=\\?[\"'])[^<>]*)>")
_TAG_OR_COMMENT = re.compile(rf"{_TAG.pattern}|<!--.*?-->", re.DOTALL)
_BARE = "|".join(sorted(name for name in html5 if not name.endswith(";")))
# Also without a semicolon, as HTML reads it: numbers, signs, and other names before what is no letter: not "cut&paste".
_ENTITY = re.compile(
    rf"&(?=[#\w])(?:#(?:[0-9]{{1,31}}|[xX][0-9A-Fa-f]{{1,31}});?|\w{{1,31}};|lt|gt|quot|nbsp|(?:{_BARE})(?![0-9A-Za-z=]))",
    re.ASCII,
)


_FEW_SIGNS = 24
"""So many are replaced one after the other sooner than by a look at each character."""


class Letters(NamedTuple):
    """Normalised texts, laid end to end.

    Attributes:
        codes: ``uint32``: code points of all texts.
        offsets: ``int64[n + 1]``: text ``i`` is ``codes[offsets[i]:offsets[i + 1]]``.
    """

    codes: Codes
    offsets: Ints

    @property
    def lengths(self) -> Ints:
        """Code points of each text."""
        return np.diff(self.offsets)


class Stretches(NamedTuple):
    """Normalised texts, anywhere in a stream.

    Attributes:
        codes: ``uint32``: code points.
        begins: ``int64[n]``: text ``i`` is ``codes[begins[i]:ends[i]]``.
        ends: ``int64[n]``.
    """

    codes: Codes
    begins: Ints
    ends: Ints

    def laid_out(self, starts: Ints) -> Letters:
        """Return texts joined to runs, as the letters of their texts joined by blanks are.

        Args:
            starts: ``int64[m + 1]``: run ``i`` has the texts ``starts[i]`` to ``starts[i + 1]``.
        """
        return Letters(*kernels().lay_out(*self, starts))


def letters_of(text: str) -> str:
    """Return the letters of one text; the definition that :func:`letters` follows.

    Example:
        >>> letters_of("<b>Vit.</b> B&#49;2"), letters_of("&ltb&gtVit.&lt/b&gt B&#49&#50")
        ('vitb12', 'vitb12')
    """
    table = letter_table()
    return squeezed("".join(table.letters(ord(character)) for character in composed(text)))


def composed(text: str) -> str:
    r"""See through entities and tags, drop invisible characters, compose: NFKC of what is left.

    What is left are characters that the letter table's Unicode version knows. The normal form of
    such characters never changes, so the result is the same under every Python.

    Example:
        >>> composed("5&nbsp;<b>m</b>\u200bg")
        '5 mg'
    """
    return _composed(_bared(text))


def _bared(text: str) -> str:
    """See through entities and tags."""
    for _ in range(2):  # twice: "&amp;lt;" is what an escaped escape looks like
        text = read_entities(text)
    if "<" in text:
        # Behind the last end of a comment none closes: to look for one at each beginning takes long.
        end = text.rfind("-->") + 3 if "<!--" in text else 0
        if end > 2:
            text = _TAG_OR_COMMENT.sub("", text[:end]) + _TAG.sub("", text[end:])
        else:
            text = _TAG.sub("", text)
    return text


def read_entities(text: str) -> str:
    """Read entities as what they stand for, once.

    Example:
        >>> read_entities("&lt;b&gt 5&deg cut&paste"), read_entities("&amp;lt;")
        ('<b> 5° cut&paste', '&lt;')
    """
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text) if "&" in text else text


def _composed(text: str) -> str:
    """Drop invisible characters, and compose."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text.translate(_visible()))


def _each_composed(texts: Sequence[str]) -> list[str]:
    """Do what ``_composed`` does to each text; to look for what is replaced one by one takes most of the time."""
    characters = _Characters.of(texts)
    table = letter_table()
    replaced = table.unseen[characters.codes] | table.number[characters.codes]
    if not replaced.any():
        return [unicodedata.normalize("NFKC", text) for text in texts]
    signs = [chr(code) for code in np.unique(characters.codes[replaced]).tolist()]
    if len(signs) > _FEW_SIGNS:
        return [_composed(text) if special else unicodedata.normalize("NFKC", text)
                for text, special in zip(texts, characters.any_of(replaced), strict=True)]  # fmt: skip
    shown = [(sign, sign.translate(_visible())) for sign in signs]
    seen = list(texts)
    for at in np.flatnonzero(characters.any_of(replaced)).tolist():
        text = seen[at]
        if text.isascii():
            continue
        for sign, instead in shown:
            if sign in text:
                text = text.replace(sign, instead)
        seen[at] = text
    return [unicodedata.normalize("NFKC", text) for text in seen]


class _Visible(dict[int, int | str | None]):
    """What each code point is replaced by before composition; filled in as code points come."""

    def __missing__(self, code: int) -> int | str | None:
        table = letter_table()
        # Blanks keep "①50" from becoming 150.
        seen = None if table.unseen[code] else f" {chr(code)} " if table.number[code] else code
        self[code] = seen
        return seen


@lru_cache(maxsize=1)
def _visible() -> _Visible:
    return _Visible()


def letters(texts: pa.Array) -> Letters:
    """Normalise a column: what :func:`letters_of` does to each text, nulls as empty texts.

    Args:
        texts: ``string[n]``.

    Example:
        >>> codes, offsets = letters(pa.array(["a-B", None, "①"]))
        >>> "".join(map(chr, codes)), offsets.tolist()
        ('ab1', [0, 2, 2, 3])
    """
    stretches = spellings(texts).stretches
    offsets = np.append(stretches.begins, len(stretches.codes))
    if (offsets[1:] == stretches.ends).all() and offsets[0] == 0:
        return Letters(stretches.codes, offsets)
    return stretches.laid_out(np.arange(len(texts) + 1))


class Spellings(NamedTuple):
    """What texts are after normalisation.

    Attributes:
        stretches: Their letters.
        reaching: ``bool[n]``: the texts with markup that may reach into what stands beside them.
        touching: ``bool[n]``: these, and the texts that begin or end with a character whose neighbours matter.
    """

    stretches: Stretches
    reaching: Mask
    touching: Mask


def spellings(texts: pa.Array) -> Spellings:
    """Normalise a column, in the stream that comes of it first; few texts are rewritten and follow.

    Args:
        texts: ``string[n]``.
    """
    table = letter_table()
    codes, offsets, marked = _looked_up(texts, table.marked)
    begins, ends = offsets[:-1].copy(), offsets[1:].copy()
    if not marked.any():
        return Spellings(Stretches(codes, begins, ends), marked, marked)
    # Free text, a small share of it: entities, tags and composition have no vectorised form.
    rows, parts, size = np.flatnonzero(marked), [codes], len(codes)
    words = texts.take(pa.array(rows)).to_pylist()
    reaching = marked.copy()
    reaching[rows] = [not _closed(word) for word in words]
    words = [_bared(word) for word in words]
    touching = reaching.copy()
    touching[rows] |= _touching(words)
    for follows in (table.followed, table.codes):
        more, stops, left = _looked_up(pa.array(words, pa.string()), follows)
        begins[rows], ends[rows] = stops[:-1] + size, stops[1:] + size
        parts.append(more)
        rows, size = rows[left], size + len(more)
        words = _each_composed(list(compress(words, left)))
    return Spellings(Stretches(np.concatenate(parts), begins, ends), reaching, touching)


def _closed(text: str) -> bool:
    """Check whether markup, if there is any, is the same whatever stands beside a text that has no loose signs of it."""
    if "&" in text:
        if not _ENTITY.search(text) or ";" not in text[text.rindex("&") :]:
            return False
        text = read_entities(text)
        if "&" in text:
            return False
    return "<" not in text or ("<!--" not in text and ">" in text[text.rindex("<") :])


class _Characters(NamedTuple):
    """All characters of texts, one text after the other, and where each text begins and ends."""

    codes: Codes
    offsets: Ints

    @classmethod
    def of(cls, texts: Sequence[str]) -> _Characters:
        """Lay texts end to end."""
        codes = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32)
        return cls(codes, np.cumsum([0, *map(len, texts)]))

    def any_of(self, marked: Mask) -> Mask:
        """Return which texts have a character that is marked."""
        counts = np.concatenate([[0], np.cumsum(marked)])[self.offsets]
        marked_texts: Mask = counts[1:] != counts[:-1]
        return marked_texts


def _touching(texts: Sequence[str]) -> Mask:
    """Return which texts begin or end with a character whose neighbours matter, those aside that are dropped."""
    table, (codes, offsets) = letter_table(), _Characters.of(texts)
    matters = table.closer[codes] & ~table.number[codes]  # a number comes between blanks
    seen = np.flatnonzero(~table.unseen[codes])
    first, end = np.searchsorted(seen, offsets[:-1]), np.searchsorted(seen, offsets[1:])
    touching = np.zeros(len(texts), np.bool_)
    filled = first < end
    touching[filled] = matters[seen[first[filled]]] | matters[seen[end[filled] - 1]]
    return touching


def _looked_up(texts: pa.Array, codes: npt.NDArray[np.int32]) -> tuple[Codes, Ints, Mask]:
    table = letter_table()
    looked: tuple[Codes, Ints, Mask] = kernels().look_up(
        *utf8(texts), codes, table.starts, table.expansions
    )
    return looked


def utf8(texts: pa.Array) -> tuple[Bytes, Ints]:
    """Return the bytes of a string column without copying, and offsets that begin at 0.

    The bytes are always read-only, so that kernels are compiled for one kind of array.
    """
    if texts.null_count:
        texts = texts.fill_null("")
    if not len(texts):
        return np.frombuffer(b"", np.uint8), np.zeros(1, np.int64)
    _, ends, data = texts.buffers()
    offsets = np.frombuffer(ends, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    bytes_ = np.frombuffer(data or b"", np.uint8)[offsets[0] : offsets[-1]]
    bytes_.flags.writeable = False
    return bytes_, offsets.astype(np.int64) - offsets[0]
