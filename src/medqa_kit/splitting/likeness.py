"""How alike a row that is a question itself is to an item: stem against stem, options against options.

A row with options of its own says what is stem and what is option, so it need not be searched for
them: each field is compared as a whole, by its tokens. That forgives typos and other particles, and
tells apart what shares a template, or the options, only.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medqa_kit.splitting.fields import case, options
from medqa_kit.splitting.index import Index, Tokens
from medqa_kit.splitting.kernels import KernelName, compiled
from medqa_kit.splitting.keys import unlabelled
from medqa_kit.splitting.normal import letters
from medqa_kit.splitting.tokens import tokens

ROOM, SLACK = 2.5, 24
"""A field that has this many times the letters of the item's, and some more, is another text that
may hold the item; it is searched, not compared."""

Ints = npt.NDArray[np.int64]


def likeness(
    batch: pa.RecordBatch, row: Ints, item: Ints, index: Index, *, kernel: KernelName = "auto"
) -> npt.NDArray[np.float64]:
    """Compare rows that have options with items.

    Args:
        batch: Rows of any schema.
        row: ``int64[n]``, in order: a row of each pair.
        item: ``int64[n]``: an item of each pair.
        index: Of the items.
        kernel: See :data:`~medqa_kit.splitting.kernels.KernelName`.

    Returns:
        ``float64[n, 2]``: how much of the item's stem and of its options the row's own hold, by
        weight of tokens; 0 where the row's field is too long to be compared.
    """
    rows, which = np.unique(row, return_inverse=True)
    some = batch.take(pa.array(rows))
    result = np.zeros((len(row), 2))
    choices = unlabelled(options(some))
    for field, texts, offsets in (
        (0, case(some), np.arange(len(rows) + 1)),
        (1, choices.flatten(), choices.offsets.to_numpy().astype(np.int64)),
    ):
        found = letters(texts, kernel=kernel)
        hashes, text = tokens(found, kernel=kernel)
        ends = found.offsets[offsets]
        starts = np.searchsorted(text, offsets)
        wanted = 2 * item + field
        held = _contained(which, wanted, starts, hashes, index.tokens, kernel)
        total = index.tokens.totals[wanted]
        fits = np.diff(ends)[which] <= ROOM * index.tokens.letters[wanted] + SLACK
        result[:, field] = np.where(fits & (total > 0), held / np.maximum(total, 1), 0.0)
    return result


def _contained(
    row: Ints, field: Ints, starts: Ints, hashes: npt.NDArray[np.uint32], index: Tokens,
    kernel: KernelName,
) -> Ints:  # fmt: skip
    """Give by weight how much of each field the row's tokens hold."""
    if compiled(kernel):
        from medqa_kit.splitting import numba_kernels

        result: Ints = numba_kernels.contained(
            row, field, starts, hashes, index.starts, index.hashes, index.weights
        )
        return result
    high = np.uint64(32)
    owner = np.repeat(np.arange(len(starts) - 1, dtype=np.uint64), np.diff(starts))
    known = np.sort(owner << high | hashes)
    counts = index.starts[field + 1] - index.starts[field]
    ends = np.cumsum(counts)
    pair = np.repeat(np.arange(len(field)), counts)
    place = np.arange(len(pair)) - np.repeat(ends - counts - index.starts[field], counts)
    wanted = row[pair].astype(np.uint64) << high | index.hashes[place]
    at = np.searchsorted(known, wanted)
    same = known[np.minimum(at, len(known) - 1)] == wanted if len(known) else np.zeros(0, np.bool_)
    held = np.bincount(pair[same], weights=index.weights[place[same]], minlength=len(field))
    return held.astype(np.int64)
