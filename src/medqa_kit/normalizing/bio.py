"""BIO tags: prefix form, entity spans, and the I tags that follow no B."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import Column, list_lengths, positions, whole
from medqa_kit.core.arrow.ragged import relist

_SPAN = pa.struct(
    {"start": pa.int32(), "end": pa.int32(), "label": pa.string(), "text": pa.string()}
)


class _Tags(NamedTuple):
    """What is known of each tag of all rows, one array each."""

    rows: np.ndarray
    labels: np.ndarray
    outside: np.ndarray
    begins: np.ndarray
    orphan: np.ndarray


def prefixed(tags: Column) -> pa.ListArray:
    """Turn suffix tags (``Disease-B``) into prefix tags (``B-Disease``); others stay.

    Example:
        >>> prefixed(pa.array([["Disease-B", "O"]])).to_pylist()
        [['B-Disease', 'O']]
    """
    flat = whole(tags).flatten()
    return relist(tags, pc.replace_substring_regex(flat, pattern=r"^(.+)-([BI])$",
                                                   replacement=r"\2-\1"))  # fmt: skip


def spans(tokens: Column, tags: Column, *, by: str = " ") -> pa.Array:
    """Read the entities off prefix BIO tags.

    An I tag that follows no tag of its label begins an entity, as conlleval reads it; see
    :func:`orphans`. Rows whose tokens and tags differ in number get null.

    Args:
        tokens: ``list<string>[n]``.
        tags: ``list<string>[n]``.
        by: What joins the tokens of a span: a blank, or nothing where tokens are characters.

    Returns:
        ``list<struct<start, end, label, text>>[n]``; [start, end) counts tokens from 0.

    Example:
        >>> spans(pa.array([["급성", "위염", "은"]]), pa.array([["B-D", "I-D", "O"]])).to_pylist()
        [[{'start': 0, 'end': 2, 'label': 'D', 'text': '급성 위염'}]]
    """
    tokens, tags = whole(tokens), whole(tags)
    even = list_lengths(tokens) == list_lengths(tags)
    keep = pa.array(even)
    tokens, tags = (pc.if_else(keep, c, pa.scalar(None, c.type)) for c in (tokens, tags))
    known = _read(tags)
    starts = np.flatnonzero(known.begins)
    stops = np.append(np.flatnonzero(known.begins | known.outside), len(known.rows))
    row_ends = np.cumsum(list_lengths(tags))
    ends = np.minimum(stops[np.searchsorted(stops, starts, side="right")],
                      row_ends[known.rows[starts]])  # fmt: skip
    first = (row_ends - list_lengths(tags))[known.rows[starts]]
    records = pa.StructArray.from_arrays(
        [pa.array(starts - first, pa.int32()), pa.array(ends - first, pa.int32()),
         pa.array(known.labels[starts], pa.string()), _joined(tokens.flatten(), starts, ends, by)],
        fields=list(_SPAN),
    )  # fmt: skip
    counts = np.bincount(known.rows[starts], minlength=len(tags))
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), records, mask=pc.is_null(tags))


def orphans(tags: Column) -> list[int]:
    """Find the rows in which an I tag follows neither a B nor an I of its label.

    Args:
        tags: ``list<string>[n]``, prefix form, as in column ``tags`` of ``TOKENS``.

    Returns:
        Positions of these rows.

    Example:
        >>> orphans(pa.array([["B-D", "I-D"], ["O", "I-D"], ["B-D", "I-E"]]))
        [1, 2]
    """
    known = _read(whole(tags))
    rows: list[int] = np.unique(known.rows[known.orphan]).tolist()
    return rows


def _read(tags: pa.Array) -> _Tags:
    flat = tags.flatten()
    prefix = pc.utf8_slice_codeunits(flat, 0, 2)
    marked = pc.is_in(prefix, value_set=pa.array(["B-", "I-"]))
    labels = pc.if_else(marked, pc.utf8_slice_codeunits(flat, 2), "")
    names = np.asarray(labels.to_numpy(zero_copy_only=False), dtype=object)
    outside = ~_mask(marked, len(flat))
    inside = _mask(pc.equal(prefix, "I-"), len(flat))
    rows = np.repeat(np.arange(len(tags)), list_lengths(tags))
    follows = np.zeros(len(flat), bool)
    follows[1:] = (names[1:] == names[:-1]) & ~outside[:-1] & (rows[1:] == rows[:-1])
    orphan = inside & ~follows
    return _Tags(rows, names, outside, (~outside & ~inside) | orphan, orphan)


def _mask(column: pa.Array, size: int) -> np.ndarray:
    mask = np.zeros(size, bool)
    mask[positions(column)] = True
    return mask


def _joined(tokens: pa.Array, starts: np.ndarray, ends: np.ndarray, by: str) -> pa.Array:
    sizes = ends - starts
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    which = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], sizes)
    lists = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), tokens.take(pa.array(which)))
    return pc.binary_join(lists, by)
