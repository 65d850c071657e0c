"""Stable hashes of text: equal on every machine, in every version, in every batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from io import BytesIO
from itertools import chain
from typing import TypeVar

import numpy as np
import pyarrow as pa
import xxhash

from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.byte_scans import byte_block
from medqa_kit.core.arrow.columns import Column, blank, join, join_lists, whole
from medqa_kit.core.arrow.slices import fail
from medqa_kit.errors import NullValueError, shorten

ArrayT = TypeVar("ArrayT", pa.Array, pa.ChunkedArray)

_READ_ROWS = 1024  # texts copied together, so that they stay in the cache of a processor


def hashable(texts: Column) -> Iterator[bytes]:
    r"""Return the UTF-8 bytes of each string, for hashing.

    No Python string is made of the text, and no Python code runs between two rows: a file in memory
    hands out one text after the other, which takes half as long as to cut views of the value buffer.
    Null is empty.

    Args:
        texts: ``string[n]``.

    Example:
        >>> list(hashable(pa.array(["a", None, "한"])))
        [b'a', b'', b'\xed\x95\x9c']
    """
    array = whole(texts if texts.null_count == 0 else pc.fill_null(texts, ""))
    bounds, data = byte_block(array)
    pieces = (bounds[at : at + _READ_ROWS + 1] for at in range(0, len(array), _READ_ROWS))
    return chain.from_iterable(
        map(BytesIO(data[ends[0] : ends[-1]].data).read, np.diff(ends).tolist()) for ends in pieces
    )


def hashes(texts: Column) -> np.ndarray:
    """Hash each string to a number: equal on every machine, in every version.

    XXH3, 64 bit, of the UTF-8 bytes. Loops over rows because Arrow has no stable hash.

    Args:
        texts: ``string[n]``.

    Returns:
        ``uint64[n]``; null hashes like the empty string.

    Example:
        >>> [f"{number:x}" for number in hashes(pa.array(["a", "b"]))]
        ['e6c632b61e964e1f', '575a0b1c44d8843f']
    """
    return np.frombuffer(_digests(texts), ">u8").astype(np.uint64)


def hashed(texts: Column) -> pa.Array:
    """Hash each string to 16 hexadecimal digits; see :func:`hashes`.

    Args:
        texts: ``string[n]``.

    Returns:
        ``string[n]``, no nulls; null hashes like the empty string.

    Example:
        >>> hashed(pa.array(["a", "b", "a"])).to_pylist()[0]
        'e6c632b61e964e1f'
    """
    return _named("", texts)


def _digests(texts: Column) -> bytes:
    return b"".join(map(xxhash.xxh3_64_digest, hashable(texts)))


def _named(root: str, texts: Column) -> pa.Array:
    """Return a root and the 16 hexadecimal digits of each text's hash."""
    digits = np.frombuffer(_digests(texts).hex().encode(), np.uint8).reshape(-1, 16)
    start = np.frombuffer(root.encode(), np.uint8)
    names = np.empty((len(digits), len(start) + 16), np.uint8)
    names[:, : len(start)], names[:, len(start) :] = start, digits
    ends = np.arange(len(names) + 1, dtype=np.int32) * names.shape[1]
    return pa.StringArray.from_buffers(len(names), pa.py_buffer(ends), pa.py_buffer(names))


def short_hashes(texts: Column, *, seed: int = 0) -> np.ndarray:
    """Hash each of many short strings to a number, without a loop over rows, to find repeats within one run.

    One pass for each eight bytes of the longest text, so use it for names. The hash is no standard one: write
    none of the numbers to a file.

    Args:
        texts: ``string[n]``.
        seed: Another seed gives other numbers; with those of two seeds a text has 128 bits.

    Returns:
        ``uint64[n]``; equal texts have equal numbers, in whichever column they stand.

    Example:
        >>> first, second = short_hashes(pa.array(["demo/1", "demo/2"])), short_hashes(pa.array(["demo/2"]))
        >>> first[0] == first[1], first[1] == second[0]
        (np.False_, np.True_)
    """
    bounds, data = byte_block(whole(texts))
    lengths, starts = np.diff(bounds).astype(np.int64), bounds[:-1].astype(np.int64)
    padded = np.concatenate([data, np.zeros(8, np.uint8)])
    words = np.ndarray((len(data) + 1,), np.uint64, padded.data, strides=(1,))  # one from each byte
    numbers = scattered(lengths.astype(np.uint64) + np.uint64(seed << 32))
    rows: np.ndarray | slice = slice(None)
    for start in range(0, int(lengths.max(initial=0)), 8):
        if (lengths[rows] <= start).any():
            rows = np.flatnonzero(lengths > start)
        beyond = np.clip(start + 8 - lengths[rows], 0, 8).astype(np.uint64)
        word = words[starts[rows] + start] << (beyond * np.uint64(8))  # bytes of the next text go
        numbers[rows] = scattered(numbers[rows] ^ word)
    return numbers


def content_key(*columns: Column) -> pa.Array:
    """Make a key from the content of each row, for sources that give their rows no key.

    Args:
        columns: ``string[n]`` or ``list<string>[n]`` each; the order matters.

    Returns:
        ``string[n]``: 16 hexadecimal digits, equal for equal content.

    Example:
        >>> content_key(pa.array(["q"]), pa.array([["a", "b"]])).to_pylist()
        ['9fd934bed2841602']
    """
    return hashed(_content(columns))


def _content(columns: Sequence[Column]) -> Column:
    return join(*(join_lists(c) if pa.types.is_list(c.type) else c for c in columns))


def family_key(space: str | Column, *columns: Column) -> Column:
    """Name the family of each row by the text all copies share.

    Text is compared without blanks at both ends. Two rows get one family only within a ``space``,
    which stands for one root of the lineage: equal words of unrelated origin are no family.

    Args:
        space: The root, such as ``"kormedmcqa"``; or, where rows are of several origins, a column
            with the root of each row. A null root gives no family.
        columns: What all copies of an item share, such as the English question; rows in which
            the first column is null or blank get no family.

    Returns:
        ``string[n]``: ``space:`` and 16 hexadecimal digits, or null.

    Example:
        >>> a, b = family_key("demo", pa.array(["Which one? ", "Which one?"])).to_pylist()
        >>> a == b
        True
    """
    trimmed = [c if pa.types.is_list(c.type) else pc.utf8_trim_whitespace(c) for c in columns]
    if isinstance(space, str):
        keys = _named(f"{space}:", _content(trimmed))
    else:
        keys = pc.binary_join_element_wise(space, content_key(*trimmed), ":")
    nothing = blank(columns[0])
    if not pc.any(nothing).as_py():
        return keys
    return pc.if_else(nothing, pa.scalar(None, pa.string()), keys)


def bucket(names: ArrayT, *, salt: str) -> ArrayT:
    """Place each name in [0, 1).

    Args:
        names: ``string[n]``, without nulls.
        salt: Another salt gives an independent placement.

    Returns:
        ``double[n]`` in the order of ``names``, an array or a chunked array as these are.

    Raises:
        NullValueError: A name is null.

    References:
        BLAKE2b, RFC 7693; its first 53 bits, so that no value rounds up to 1.

    Example:
        >>> bucket(pa.array(["demo/1", "demo/2"]), salt="1").to_pylist() == (
        ...     bucket(pa.array(["demo/2", "demo/1"]), salt="1").to_pylist()[::-1])
        True
    """
    if isinstance(names, pa.ChunkedArray):
        return pa.chunked_array([bucket(c, salt=salt) for c in names.chunks], type=pa.float64())
    if names.null_count:
        refuse_nameless(np.flatnonzero(names.is_null().to_numpy(zero_copy_only=False)))
    seed = blake2b(salt.encode(), digest_size=32).digest()
    keyed = blake2b(key=seed, digest_size=8)

    def digest(name: str) -> bytes:
        state = keyed.copy()
        state.update(name.encode())
        return state.digest()

    # Hashing text has no vectorised form: one loop, more than a million names a second.
    digests = b"".join(map(digest, names.to_pylist()))
    numbers = np.frombuffer(digests, ">u8") >> np.uint64(11)
    return pa.array(numbers.astype(np.float64) / 2.0**53)


def refuse_nameless(rows: np.ndarray) -> None:
    """Raise an error if there are rows without names.

    Args:
        rows: ``int64``: their places.

    Raises:
        NullValueError: There are some.
    """
    if len(rows):
        raise NullValueError("a row without a name has no place", rows=rows.tolist(),
                             found=f"null at {shorten(rows.tolist())}", hint="give the rows an id")  # fmt: skip


def row_hashes(batch: pa.RecordBatch, *, salt: str) -> np.ndarray:
    """Hash the ids of a batch to 64 bits each: XXH3 of ``salt``, a NUL and the id.

    Loops over rows because Arrow has no stable hash; only the ids are looked at.

    Raises:
        NullValueError: An id is null.
    """
    ids = batch.column("id").cast(pa.string())
    fail(batch.drop_columns("id"), ids.is_null(), NullValueError, "a row without an id",
         column="id", expected="a stable name for the row", found="null",
         hint="mk.load gives every row an id")  # fmt: skip
    start = xxhash.xxh3_64(salt.encode() + b"\0")

    def digest(name: str) -> int:
        state = start.copy()
        state.update(name.encode())
        return int(state.intdigest())

    return np.fromiter((digest(name) for name in ids.to_pylist()), np.uint64, len(ids))


def scattered(values: np.ndarray) -> np.ndarray:
    """Scatter 64-bit values (the finaliser of splitmix64): neighbours end far apart.

    References:
        Steele, Lea and Flood (2014), Fast splittable pseudorandom number generators.
    """
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(values ^ (values >> np.uint64(31)))


def key_order(keys: np.ndarray) -> np.ndarray:
    """Return the places of 64-bit keys in ascending order, equal ones as they stand.

    Sorts the upper bits together with the places, which takes half the time of an ``argsort``; keys with equal
    upper bits are then sorted by all bits.

    Args:
        keys: ``uint64[n]``.

    Returns:
        ``int64[n]``.

    Example:
        >>> key_order(np.array([9 << 60, 5 << 60, 9 << 60], np.uint64)).tolist()
        [1, 0, 2]
    """
    bits = np.uint64(max(len(keys) - 1, 1).bit_length())
    low = (np.uint64(1) << bits) - np.uint64(1)
    packed = (keys & ~low) | np.arange(len(keys), dtype=np.uint64)
    packed.sort()
    order = (packed & low).astype(np.int64)
    ordered = keys[order]
    wrong = ordered[1:] < ordered[:-1]
    if wrong.any():
        upper = ordered >> bits
        again = np.isin(upper, upper[1:][wrong])
        near = order[again]
        order[again] = near[np.lexsort((near, keys[near]))]
    return order
