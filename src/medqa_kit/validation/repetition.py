"""Texts that say the same again and again: lines, sentences, or the same words in the same order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medqa_kit.core.arrow.byte_scans import byte_block, places_of_bytes
from medqa_kit.core.arrow.ragged import Ints

_GRAM, _MOST_REPEATED, _FEWEST_WORDS = 5, 0.3, 24
_BLANK, _BREAK = 32, 10  # in ASCII; what stands below a blank parts words as well
_FEWEST_SENTENCES, _SHORTEST_SENTENCE = 4, 6
_FEWEST_SYLLABLES = 16
_KHMER_END = b"\xe1\x9f\x94"
_SIGN = 0x9F  # the second byte of Khmer vowels and signs, which part what has no blanks
_UNSPACED = 40  # bytes between blanks
_SPARE = 8  # places for each sequence, so that few different ones share one
_STEP = np.uint32(0x9E3779B1)
_OF_WORD = np.array(
    [0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF], np.uint32
)  # of four bytes, by its length
_STRIDE = 64  # bytes between places that are looked at for a loop of short units
_LONGEST_UNIT = 36  # bytes, twelve letters of Hangul or Khmer
_SHORTEST_LOOP = 80  # bytes: with 16 units, so long that a place within it sees three of them
_SEEN_UNITS = 13  # of 16: a place that has so many before it still sees three
_LOOP = re.compile(
    r"(?=[^\W\d_\u3131-\u318e])(?P<unit>[^\n]{1,12}?)(?P=unit){15,}"
)  # but laughter, as in Hangul letters
_SENTENCE = re.compile(r"[.!?។。\n]+\s*")
_SYLLABLE = re.compile("[\u17c0-\u17ff][^\u17c0-\u17ff]*")


def repeating(texts: pa.Array) -> Ints:
    """Return the places of texts with a line three times, a sentence four times, a syllable 16 times, or many sequences of words again.

    Words are those between blanks; where there are none, as in Khmer, what its signs part. Loops over texts of several
    lines, and over those that :func:`_sequences` does not rule out.

    Args:
        texts: ``large_string[n]``.

    Example:
        >>> repeating(pa.array(["drink water often " * 20, "Drink water.", "네" * 40], pa.large_string())).tolist()
        [0, 2]
    """
    bounds, letters = byte_block(texts)
    heads = _heads(letters)
    blanks = np.flatnonzero(letters <= _BLANK)
    spaces = np.diff(np.searchsorted(blanks, bounds))
    breaks = blanks[letters[blanks] == _BREAK]
    lines = np.flatnonzero(np.diff(np.searchsorted(breaks, bounds)) >= 2)
    signs = places_of_bytes(letters, bytes([_SIGN]))
    sentences, many, different = _sequences(
        heads, _ends(letters, signs), bounds, gram=1, fewest=_FEWEST_SENTENCES
    )
    sentences = sentences[many - different >= _FEWEST_SENTENCES - 2]
    words = _repeated(_sequences(heads, blanks, bounds, gram=_GRAM, fewest=_FEWEST_WORDS - 1))
    unspaced = (spaces * _UNSPACED < np.diff(bounds)) & (np.diff(bounds) > _UNSPACED)
    syllables = _repeated(
        _sequences(heads, signs, bounds, gram=_GRAM, fewest=_FEWEST_SYLLABLES, among=unspaced)
    )
    kinds: list[tuple[Ints, Callable[[str], bool]]] = [
        (lines, _repeats_lines), (sentences, _repeats_sentences), (words, lambda text: len(split := text.split()) >= _FEWEST_WORDS and _repeats_words(split)),
        (syllables, lambda text: _repeats_words(_SYLLABLE.findall(text))),
        (_looping(heads, bounds), _repeats_letters),
    ]  # fmt: skip
    repeats_by_kind = [
        at[np.array([repeats(text) for text in texts.take(pa.array(at)).to_pylist()], np.bool_)]
        for at, repeats in kinds
    ]
    return np.unique(np.concatenate(repeats_by_kind)).astype(np.int64)


def _looping(heads: npt.NDArray[np.uint32], bounds: npt.NDArray[np.int32]) -> Ints:
    """Return the texts that may say a few letters again and again: four bytes that come three times at one distance."""
    loops, last = [np.zeros(0, np.int64)], len(heads) - 1
    for distance in range(1, _LONGEST_UNIT + 1):
        step = _STRIDE * max(_SEEN_UNITS * distance // _STRIDE, 1)  # longer units make longer loops
        # By slices, since places would be made and looked up for each distance.
        again = heads[distance::step]
        at = step * np.flatnonzero(heads[::step][: len(again)] == again)
        loops.append(at[heads[np.minimum(at + 2 * distance, last)] == heads[at]])
    return np.unique(np.searchsorted(bounds, np.concatenate(loops), side="right") - 1)


def _ends(letters: npt.NDArray[np.uint8], signs: Ints) -> Ints:
    """Return where lines and sentences end, those of Khmer too, in order."""
    marks = places_of_bytes(letters, b"\n.!?")
    within = signs[(signs > 0) & (signs < len(letters) - 1)]
    first, _, last = _KHMER_END
    khmer = within[(letters[within + 1] == last) & (letters[within - 1] == first)] + 1
    return np.sort(np.concatenate([marks, khmer]), kind="stable")  # which is to merge the two


def _heads(letters: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    """Return the four bytes that begin at each place of a buffer."""
    padded = np.append(letters, np.zeros(3, np.uint8))
    return np.ndarray(len(letters), "<u4", padded, strides=(1,))


class _Sequences(NamedTuple):
    """How many sequences of words texts have, and how many different ones: at most so many, seldom more.

    Attributes:
        places: Of the texts that have words enough.
        many: Of the sequences of each.
        different: Of these.
    """

    places: Ints
    many: Ints
    different: Ints


def _sequences(
    heads: npt.NDArray[np.uint32], cuts: Ints, bounds: npt.NDArray[np.int32], *, gram: int, fewest: int,
    among: npt.NDArray[np.bool_] | None = None,
) -> _Sequences:  # fmt: skip
    """Count sequences of what stands between cuts.

    A sequence is known by the lengths of its words and what they begin with. Each marks a place among
    those of its text, so places that stay free bound how many are different.

    Args:
        heads: Of the bytes of the texts, see :func:`_heads`.
        cuts: Where words end.
        bounds: Of the texts.
        gram: How many words a sequence has.
        fewest: Cuts that a text must have.
        among: Marks the texts to look at.
    """
    counts = np.diff(np.searchsorted(cuts, bounds))
    enough = counts >= fewest if among is None else among & (counts >= fewest)
    cuts, counts = cuts[np.repeat(enough, counts)].astype(np.int32), counts[enough]
    rows = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    # The first and the last word of a text count as no words, which costs two sequences at most.
    inner = np.flatnonzero((rows[1:] == rows[:-1]) & (cuts[1:] - cuts[:-1] > 1))
    starts, rows = cuts[inner] + 1, rows[inner]
    lengths = (cuts[inner + 1] - starts).view(np.uint32)
    # By an index: take() would copy all heads first, since they overlap.
    words = (heads[starts] & _OF_WORD.take(lengths, mode="clip")) * _STEP + lengths
    size = max(len(words) - gram + 1, 0)
    grams = np.zeros(size, np.uint32)
    for place in range(gram):
        grams ^= words[place : place + size]
        grams *= _STEP
    whole = rows[:size] == rows[len(rows) - size :]
    grams, many = grams[whole], np.bincount(rows[:size][whole], minlength=len(counts))
    ends = np.cumsum(many)
    # The hash says which of the places of the text.
    room = np.repeat((many * _SPARE).astype(np.uint64), many)
    places = np.repeat((ends - many) * _SPARE, many) + (grams * room >> np.uint64(32)).view(
        np.int64
    )
    marked = np.zeros(len(grams) * _SPARE, np.bool_)
    marked[places] = True
    # Eight places at once.
    filled = np.cumsum(np.bitwise_count(marked.view(np.uint64)), dtype=np.int64)
    return _Sequences(np.flatnonzero(enough), many, np.diff(np.append(0, filled)[ends], prepend=0))


def _repeated(sequences: _Sequences) -> Ints:
    """Return the texts that may repeat many sequences: none that does is left out."""
    repeats = sequences.many - sequences.different + 2
    return sequences.places[repeats > _MOST_REPEATED * sequences.many]


def _repeats_lines(text: str) -> bool:
    lines = Counter(line for line in map(str.strip, text.splitlines()) if len(line) > 10)
    return bool(lines) and max(lines.values()) >= 3


def _repeats_sentences(text: str) -> bool:
    said = Counter(part for part in _SENTENCE.split(text) if len(part) >= _SHORTEST_SENTENCE)
    return any(
        count >= _FEWEST_SENTENCES and count * len(part) > _MOST_REPEATED * len(text)
        for part, count in said.items()
    )


def _repeats_letters(text: str) -> bool:
    return any(
        len(loop[0].encode()) >= _SHORTEST_LOOP and len(loop["unit"].encode()) <= _LONGEST_UNIT
        for loop in _LOOP.finditer(text)
    )


def _repeats_words(words: list[str]) -> bool:
    grams = len(words) - _GRAM + 1
    different = len(set(zip(*(words[n:] for n in range(_GRAM)), strict=False)))
    return grams > 0 and 1 - different / grams > _MOST_REPEATED
