"""How much of an item a text holds: the share of its tokens, by weight, that stand together.

A copy stands together, words of the same subject are strewn about. So the tokens of a field are
looked for in one stretch of text not much longer than the field.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from medqa_kit.core.ragged import ranges
from medqa_kit.decontamination.index import Tokens
from medqa_kit.matching.kernels import KernelName, compiled
from medqa_kit.matching.terms import Cut

_TOGETHER = 1024  # pairs that NumPy works on at a time, so that memory stays flat

Ints = npt.NDArray[np.int64]


def likeness(
    cut: Cut, text: Ints, field: Ints, index: Tokens, *, kernel: KernelName = "auto"
) -> npt.NDArray[np.float64]:
    """Give the share of each field's tokens that stand together in a text.

    Args:
        cut: The texts.
        text: ``int64[n]``, in order: the text of each pair.
        field: ``int64[n]``: the field, see :class:`~medqa_kit.decontamination.index.Tokens`.
        index: The tokens of all fields.
        kernel: See :data:`~medqa_kit.matching.kernels.KernelName`.

    Returns:
        ``float64[n]``, 0 to 1; 0 for a field without tokens.
    """
    if compiled(kernel):
        from medqa_kit.matching import numba_kernels

        held = numba_kernels.held(
            *cut, text, field, index.starts, index.hashes, index.weights, index.reach
        )
    else:
        held = np.concatenate([np.zeros(0, np.int64), *(
            _held(cut, text[at : at + _TOGETHER], field[at : at + _TOGETHER], index)
            for at in range(0, len(text), _TOGETHER))])  # fmt: skip
    result: npt.NDArray[np.float64] = held / np.maximum(index.totals[field], 1)
    return result


_HIGH = np.uint64(32)


def _held(cut: Cut, text: Ints, field: Ints, index: Tokens) -> Ints:
    """Give the weight in the best stretch of twice the reach that begins at a multiple of it.

    What is no longer than the reach lies whole in one of them.
    """
    these, number = np.unique(text, return_inverse=True)
    lengths = cut.starts[these + 1] - cut.starts[these]
    some = ranges(cut.starts[these], lengths)
    keys = np.repeat(np.arange(len(these), dtype=np.uint64), lengths) << _HIGH | cut.hashes[some]
    order = np.argsort(keys, kind="stable")
    keys, places = keys[order], cut.at[some][order]
    counts = index.starts[field + 1] - index.starts[field]
    token = ranges(index.starts[field], counts)
    pair = np.repeat(np.arange(len(field)), counts)
    ours = number[pair].astype(np.uint64) << _HIGH | index.hashes[token]
    begin = np.searchsorted(keys, ours)
    times = np.searchsorted(keys, ours, side="right") - begin
    pair, token, at = (np.repeat(pair, times), np.repeat(token, times),
                       places[ranges(begin, times)])  # fmt: skip
    stretch = at // index.reach[field[pair]]
    most = int(stretch.max(initial=0)) + 1
    slot = np.concatenate([pair * most + stretch, (pair * most + stretch - 1)[stretch > 0]])
    token = np.concatenate([token, token[stretch > 0]])
    size = max(len(index.hashes), 1)
    slot, token = np.divmod(np.unique(slot * size + token), size)
    sums = np.bincount(slot, weights=index.weights[token], minlength=most * len(field))
    best: Ints = sums.reshape(len(field), most).max(axis=1).astype(np.int64)
    return best
