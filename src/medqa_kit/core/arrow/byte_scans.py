"""Questions about text answered from its bytes, a whole column at a time.

Each scan is a few NumPy passes over one block of bytes, several times as fast as one pass per text. Where
bytes alone do not decide, the scan returns this, and the caller asks Arrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash

from medqa_kit.core.arrow import compute as pc

_BLOCK = 240_000  # bytes in a pass, an even number: these fit into the cache of a processor
_Mask: TypeAlias = npt.NDArray[np.bool_]
# First bytes of white space, and of characters that share them: beyond ASCII U+0085, U+00A0, U+1680,
# U+2000 and its kin, U+3000.
_SPACE_STARTS = np.isin(np.arange(256), [*range(9, 14), *range(28, 33), 0xC2, 0xE1, 0xE2, 0xE3])


def byte_block(texts: pa.Array) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Return the bytes of a string column as one block, and where each text begins and ends in it.

    Args:
        texts: ``string[n]``.

    Returns:
        ``int32[n + 1]`` bounds and ``uint8`` bytes.

    Example:
        >>> bounds, data = byte_block(pa.array(["ab", None, "c"]))
        >>> bounds.tolist(), data.tobytes()
        ([0, 2, 2, 3], b'abc')
    """
    if not pa.types.is_string(texts.type):  # large strings have offsets of another width
        texts = texts.cast(pa.string())
    _, offsets, data = texts.buffers()
    if data is None or not len(texts):
        return np.zeros(len(texts) + 1, np.int32), np.zeros(0, np.uint8)
    bounds = np.frombuffer(offsets, np.int32, len(texts) + 1, texts.offset * 4)
    if bounds[0] == 0:
        return bounds, np.frombuffer(data, np.uint8)[: bounds[-1]]
    return bounds - bounds[0], np.frombuffer(data, np.uint8)[bounds[0] : bounds[-1]]


def blank_mask(texts: pa.Array) -> _Mask:
    r"""Find the texts that are null, empty or white space only.

    Args:
        texts: ``string[n]``.

    Returns:
        ``bool[n]``.

    Example:
        >>> blank_mask(pa.array(["a ", " \n", "", None, "괴"])).tolist()
        [False, True, True, True, False]
    """
    bounds, data = byte_block(texts)
    nothing: _Mask = bounds[1:] == bounds[:-1]
    if texts.null_count:
        nothing |= np.asarray(texts.is_null())
    if not len(data):
        return nothing
    first = data.take(bounds[:-1], mode="clip")
    # The white space of the table above, and few other characters.
    likely = (first <= 32) | ((first >= 0xC2) & (first <= 0xE3))
    unsure = np.flatnonzero(likely & ~nothing)
    if len(unsure):  # Khmer letters share their first byte with a rare space, but not the second
        second = data.take(bounds[unsure] + 1, mode="clip")
        unsure = unsure[_SPACE_STARTS[first[unsure]] & ((first[unsure] != 0xE1) | (second == 0x9A))]
    if 2 * len(unsure) > len(texts):
        nothing |= np.asarray(pc.fill_null(pc.utf8_is_space(texts), True))
    elif len(unsure):
        nothing[unsure] = np.asarray(pc.utf8_is_space(texts.take(pa.array(unsure))))
    return nothing


def texts_with(texts: pa.Array, words: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Find the texts that hold one of some words, letter for letter.

    Args:
        texts: ``string[n]``; null holds nothing.
        words: Of two bytes or more each.

    Returns:
        ``bool[n]``.

    Example:
        >>> texts_with(pa.array(["다음 사진을 보고", "비타민", None]), ["사진", "그림"]).tolist()
        [True, False, False]
    """
    bounds, data = byte_block(texts)
    rows = np.zeros(len(texts), bool)
    letters = [word.encode() for word in words]
    places = _likely_places(data, letters)
    for word in letters:
        at = places[places + len(word) <= len(data)]
        for place, byte in enumerate(word):
            at = at[data[at + place] == byte]
        row = np.searchsorted(bounds, at, side="right") - 1
        # Otherwise half of the match belongs to the next text.
        rows[row[at + len(word) <= bounds[row + 1]]] = True
    return rows


def places_of_bytes(
    data: npt.NDArray[np.uint8], signs: bytes, *, within: tuple[int, int] | None = None
) -> npt.NDArray[np.int64]:
    """Return the places of certain bytes, in order.

    Args:
        data: ``uint8[n]``.
        signs: The bytes, one at the least.
        within: The first and the last of a range of other bytes.

    Example:
        >>> places_of_bytes(np.frombuffer(b"a=b%", np.uint8), b"%=").tolist()
        [1, 3]
        >>> places_of_bytes(np.frombuffer(b"a=b%", np.uint8), b"%", within=(97, 98)).tolist()
        [0, 2, 3]
    """
    known, matches = (np.empty(min(len(data), _BLOCK), bool) for _ in range(2))
    scratch = np.empty(len(known), np.uint8)
    places = [np.zeros(0, np.int64)]
    for at in range(0, len(data), _BLOCK):
        block = data[at : at + _BLOCK]
        many = len(block)
        np.equal(block, signs[0], out=known[:many])
        for sign in signs[1:]:
            np.equal(block, sign, out=matches[:many])
            np.logical_or(known[:many], matches[:many], out=known[:many])
        if within is not None:
            np.subtract(block, np.uint8(within[0]), out=scratch[:many])  # bytes below become large
            np.less_equal(scratch[:many], np.uint8(within[1] - within[0]), out=matches[:many])
            np.logical_or(known[:many], matches[:many], out=known[:many])
        places.append(np.flatnonzero(known[:many]) + at)
    return np.concatenate(places)


def marked_eights(data: npt.NDArray[np.uint8], first: int, last: int) -> npt.NDArray[np.uint64]:
    """Mark the bytes of a range, eight bytes a number: no list of places, which takes longer where there are many.

    Args:
        data: ``uint8[n]``.
        first: The first byte of the range.
        last: Its last byte.

    Returns:
        ``uint64[ceil(n / 8)]``: zero where none of the eight bytes is in the range, and as many bits as are.

    Example:
        >>> np.bitwise_count(marked_eights(np.frombuffer(b"abcd    xb", np.uint8), 97, 98)).tolist()
        [2, 1]
    """
    marks = np.zeros(-(-len(data) // 8) * 8, np.bool_)
    scratch = np.empty(min(len(data), _BLOCK), np.uint8)
    for at in range(0, len(data), _BLOCK):
        block = data[at : at + _BLOCK]
        np.subtract(block, np.uint8(first), out=scratch[: len(block)])  # bytes below become large
        np.less_equal(
            scratch[: len(block)], np.uint8(last - first), out=marks[at : at + len(block)]
        )
    return marks.view(np.uint64)


def _likely_places(data: npt.NDArray[np.uint8], words: Sequence[bytes]) -> npt.NDArray[np.int64]:
    """Return where words may begin, in any order: two bytes of their first letter are there."""
    # The first bytes of letters of one script are much alike, so those after them are compared.
    late = all(word[0] >= 0xE0 for word in words)
    pairs = np.array([int.from_bytes(word[late : late + 2], "little") for word in words], "<u2")
    room = min(len(data), _BLOCK) // 2
    known, matches, scratch = np.empty(room, bool), np.empty(room, bool), np.empty(room, "<u2")
    places = [np.zeros(0, np.int64)]
    for at in range(0, len(data) - 1, _BLOCK):
        for begin in (at, at + 1):
            block = data[begin : begin + _BLOCK]
            many = len(block) // 2
            scratch[:many].view(np.uint8)[:] = block[: 2 * many]  # so that pairs are aligned
            known[:many] = False
            for pair in pairs:
                np.equal(scratch[:many], pair, out=matches[:many])
                np.logical_or(known[:many], matches[:many], out=known[:many])
            places.append(2 * np.flatnonzero(known[:many]) + (begin - late))
    starts = np.concatenate(places)
    return starts[starts >= 0]


_FEW, _FEW_BYTES = 128, 1 << 16
_MOST_ANSWERS = 1_000
"""How many texts of small columns are remembered for each pattern."""


def pattern_mask(texts: pa.Array, pattern: str) -> _Mask:
    """Mark the texts in which a pattern of RE2 is found; null counts as none.

    Arrow compiles a pattern at each call: one millisecond for most, 30 for the longest, far longer than the
    search in a few texts. The results for small columns are therefore remembered, since a build checks its rows
    more than once. The memory holds digests, no text.

    Args:
        texts: ``string[n]`` or ``large_string[n]``.
        pattern: A constant, since the results of each pattern are remembered.

    Example:
        >>> pattern_mask(pa.array(["5 mg", "none", None]), r"[0-9]").tolist()
        [True, False, False]
    """
    if texts.null_count == len(texts):
        return np.zeros(len(texts), np.bool_)
    if len(texts) > _FEW or texts.nbytes > _FEW_BYTES:
        return _matched(texts, pattern)
    known = _answers(pattern)
    keys = [
        text and xxhash.xxh3_128_digest(text) for text in texts.cast(pa.large_binary()).to_pylist()
    ]  # few
    answers = [known.get(key) for key in keys]
    if None in answers:
        marked = _matched(texts, pattern)
        if len(known) > _MOST_ANSWERS:
            known.clear()
        known.update(zip(keys, marked.tolist(), strict=True))
        return marked
    return np.array(answers, np.bool_)


def _matched(texts: pa.Array, pattern: str) -> _Mask:
    marked: _Mask = pc.fill_null(pc.match_substring_regex(texts, pattern), False).to_numpy(
        zero_copy_only=False
    )
    return marked


@lru_cache(maxsize=256)
def _answers(pattern: str) -> dict[bytes | None, bool]:
    """Return the remembered results of a pattern. A function holds them, so that they are no part of a kernel's digest."""
    return {}
