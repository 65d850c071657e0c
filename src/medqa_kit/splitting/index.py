"""The index of a holdout: from a shingle to the fields of items that hold it.

Read-only arrays, about 25 MB for 5,000 exam items, so that threads and workers can share it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medqa_kit.splitting.rules import THRESHOLDS, Evidence, Gates, gates, needed

REACH, SLACK = (1.25, 2.0), 16
"""A copy of a stem, or of options, takes up this many times its letters, and some more: room for
words put in between, and for labels."""
CHANCE, FOUND, FOUND_SHORT = 0.15, 0.45, 0.65
"""Of a chunk, the share by weight that says nothing yet, and the share at which it is found:
a typo breaks several shingles of a word, but leaves the others. In a short stem one word makes the
difference, so more of a chunk has to be there."""
MOST_ITEMS = 1 << 23
"""Items that a posting has room for."""


@dataclass(frozen=True)
class Fields:
    """The shingles of every field, in order of their hash: what decides about a candidate.

    A field is numbered as twice its item, plus one for the options.

    Attributes:
        starts: ``int64[2n + 1]``: where the shingles of each field begin.
        hashes: ``uint32``: the shingles.
        weights: ``uint8``: what each counts for.
        chunks: ``int32``: the chunk of each, numbered through all fields.
        chunk_starts: ``int64[2n + 1]``: where the chunks of each field begin.
        floor: ``int64``: per chunk, the weight that chance may give.
        ceiling: ``int64``: per chunk, the weight at which it counts as found.
        reach: ``int64[2n]``: letters of text that a copy of the field may take up.
        totals: ``int64[2n]``: what a field scores when all its chunks are found.
        needed: ``int64[2n]``: with less than this no rule matches, whatever the other field scores.
    """

    starts: npt.NDArray[np.int64]
    hashes: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.uint8]
    chunks: npt.NDArray[np.int32]
    chunk_starts: npt.NDArray[np.int64]
    floor: npt.NDArray[np.int64]
    ceiling: npt.NDArray[np.int64]
    reach: npt.NDArray[np.int64]
    totals: npt.NDArray[np.int64]
    needed: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Tokens:
    """The tokens of every field, numbered as in :class:`Fields`.

    Attributes:
        starts: ``int64[2n + 1]``: where the tokens of each field begin.
        hashes: ``uint32``: the tokens.
        weights: ``uint8``: what each counts for.
        totals: ``int64[2n]``: what all tokens of a field count for.
        letters: ``int64[2n]``: how long each field is.
    """

    starts: npt.NDArray[np.int64]
    hashes: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.uint8]
    totals: npt.NDArray[np.int64]
    letters: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Index:
    """Postings of the rare shingles of all items.

    What the inner loop reads is small, since it is read at random: a bit or two of the filter for
    most shingles, one entry of the table and a run of postings for the others.

    Attributes:
        filter: ``uint8``: bitmap of the upper bits of all hashes.
        filter_shift: How many lower bits of a hash the filter leaves out.
        table: ``uint64[2**k]``: each hash with the place of its postings, at or soon after the
            place that its upper ``k`` bits name; 0 where there is none.
        table_shift: ``32 - k``.
        hashes: ``uint32[m]``: the distinct rare shingles, in order.
        starts: ``int32[m + 1]``: where the postings of each begin.
        postings: ``uint32``: for each shingle, how many fields have it, then these fields, see
            :func:`posting`.
        fields: All shingles of all fields.
        tokens: All tokens of all fields.
        evidence: What is known of each item.
        gates: The least weights of rare shingles, per item.
    """

    filter: npt.NDArray[np.uint8]
    filter_shift: int
    table: npt.NDArray[np.uint64]
    table_shift: int
    hashes: npt.NDArray[np.uint32]
    starts: npt.NDArray[np.int32]
    postings: npt.NDArray[np.uint32]
    fields: Fields
    tokens: Tokens
    evidence: Evidence
    gates: Gates

    @property
    def nbytes(self) -> int:
        """Size in memory."""
        arrays = [
            value for part in (self, self.fields, self.tokens) for value in vars(part).values()
        ]
        return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))


def build_index(items: pa.Table) -> Index:
    """Turn fingerprints (:data:`~medqa_kit.splitting.items.ITEMS`) into an index."""
    stem, options = (_field(items, name) for name in ("stem", "options"))
    owner = np.concatenate([2 * stem[0], 2 * options[0] + 1])
    hashes, weights, rare, chunk = (np.concatenate([stem[i], options[i]]) for i in (1, 2, 3, 4))
    fields = 2 * len(items)
    counts = np.bincount(owner[rare], minlength=fields)
    evidence = Evidence(
        totals=np.bincount(owner[rare], weights=weights[rare], minlength=fields)
        .astype(np.uint32).reshape(-1, 2),
        telling=counts.reshape(-1, 2) >= THRESHOLDS.few,
        long=items["stem_size"].to_numpy() >= THRESHOLDS.long,
        rich=counts[1::2] >= THRESHOLDS.rich,
    )  # fmt: skip
    return Index(
        **_postings(owner[rare], hashes[rare], weights[rare]),
        fields=_fields(items, owner, hashes, weights, chunk, evidence),
        tokens=_tokens(items),
        evidence=evidence,
        gates=gates(evidence),
    )


_Field = tuple[
    npt.NDArray[np.int64], npt.NDArray[np.uint32], npt.NDArray[np.uint8], npt.NDArray[np.bool_],
    npt.NDArray[np.uint8],
]  # fmt: skip


def _field(items: pa.Table, name: str) -> _Field:
    """Give item, hash, weight, rarity and chunk of each shingle of one of the two fields."""
    lists = items[name].combine_chunks()
    counts = lists.value_lengths().to_numpy()
    owner = np.repeat(np.arange(len(items)), counts)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    weights, chunks = (items[name + column].combine_chunks().flatten().to_numpy()
                       for column in ("_weights", "_chunks"))  # fmt: skip
    rare = rank < items[f"{name}_rare"].to_numpy()[owner]
    return owner, lists.flatten().to_numpy(), weights, rare, chunks


def _fields(
    items: pa.Table, owner: npt.NDArray[np.int64], hashes: npt.NDArray[np.uint32],
    weights: npt.NDArray[np.uint8], chunk: npt.NDArray[np.uint8], evidence: Evidence,
) -> Fields:  # fmt: skip
    order = np.lexsort((hashes, owner))
    owner, hashes, weights, chunk = owner[order], hashes[order], weights[order], chunk[order]
    chunks, numbers = np.unique(owner * 256 + chunk, return_inverse=True)
    whole = np.bincount(numbers, weights=weights, minlength=len(chunks))
    field = chunks // 256
    short = (field % 2 == 0) & (items["stem_size"].to_numpy()[field // 2] < THRESHOLDS.long)
    floor, ceiling = np.ceil(whole * CHANCE), np.ceil(whole * np.where(short, FOUND_SHORT, FOUND))
    fields = 2 * len(items)
    letters = np.stack([items["stem_letters"].to_numpy(), items["options_letters"].to_numpy()], 1)
    totals = np.bincount(field, weights=ceiling - floor, minlength=fields).astype(np.int64)
    return Fields(
        starts=np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=fields))]),
        hashes=hashes,
        weights=weights,
        chunks=numbers.astype(np.int32),
        chunk_starts=np.concatenate([[0], np.cumsum(np.bincount(field, minlength=fields))]),
        floor=floor.astype(np.int64),
        ceiling=ceiling.astype(np.int64),
        reach=np.ceil(letters * np.array(REACH) + SLACK).astype(np.int64).ravel(),
        totals=totals,
        needed=np.ceil(needed(evidence).ravel() * totals - 1e-6).astype(np.int64),
    )  # fmt: skip


def _tokens(items: pa.Table) -> Tokens:
    parts = []
    for name in ("stem", "options"):
        lists = items[f"{name}_tokens"].combine_chunks()
        parts.append((lists.value_lengths().to_numpy().astype(np.int64), lists.flatten().to_numpy(),
                      items[f"{name}_token_weights"].combine_chunks().flatten().to_numpy()))  # fmt: skip
    counts = np.stack([part[0] for part in parts], 1).ravel()
    owner = np.concatenate([np.repeat(2 * np.arange(len(items)) + i, parts[i][0]) for i in (0, 1)])
    order = np.argsort(owner, kind="stable")
    hashes, weights = (np.concatenate([part[i] for part in parts])[order] for i in (1, 2))
    letters = np.stack([items["stem_letters"].to_numpy(), items["options_letters"].to_numpy()], 1)
    return Tokens(
        starts=np.concatenate([[0], np.cumsum(counts)]),
        hashes=hashes,
        weights=weights,
        totals=np.bincount(owner[order], weights=weights, minlength=len(counts)).astype(np.int64),
        letters=letters.astype(np.int64).ravel(),
    )


def _postings(
    owner: npt.NDArray[np.int64], hashes: npt.NDArray[np.uint32], weights: npt.NDArray[np.uint8]
) -> dict[str, Any]:
    order = np.argsort(hashes, kind="stable")
    distinct, begins, counts = np.unique(hashes[order], return_index=True, return_counts=True)
    starts = begins + np.arange(len(begins))  # each run has its length before it
    postings = np.zeros(len(hashes) + len(distinct), np.uint32)
    inside = np.ones(len(postings), np.bool_)
    inside[starts] = False
    postings[starts] = counts
    postings[inside] = posting(owner[order], weights[order])
    return {
        **_filter(distinct),
        **_table(distinct, starts),
        "hashes": distinct,
        "starts": np.append(starts, len(postings)).astype(np.int32),
        "postings": postings,
    }


def posting(field: npt.NDArray[np.int64], weight: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    """Pack a field and the weight of a shingle in it: item, one bit for the options, eight bits.

    Example:
        >>> posting(np.array([6, 7]), np.array([1, 2], np.uint8)).tolist() == [3 << 9 | 1, 3 << 9 | 1 << 8 | 2]
        True
    """
    return (field << 8 | weight).astype(np.uint32)


def _filter(hashes: npt.NDArray[np.uint32]) -> dict[str, Any]:
    """Mark hashes in a bitmap of 32 bits for each, which lets one in 32 others pass."""
    bits = min(max(len(hashes).bit_length() + 4, 12), 30)
    marked = np.zeros(1 << bits, np.bool_)
    marked[hashes >> np.uint32(32 - bits)] = True
    return {"filter": np.packbits(marked, bitorder="little"), "filter_shift": 32 - bits}


def _table(hashes: npt.NDArray[np.uint32], starts: npt.NDArray[np.int64]) -> dict[str, Any]:
    """Lay hashes out in a table with linear probing, in order, so that no run of them wraps.

    In order, each takes the place it names, or the one after the hash before it.
    """
    bits = min(max(len(hashes).bit_length() + 1, 8), 31)
    named = (hashes >> np.uint32(32 - bits)).astype(np.int64)
    number = np.arange(len(hashes))
    place = np.maximum.accumulate(named - number) + number
    table = np.zeros(max(1 << bits, int(place.max(initial=0)) + 1) + 1, np.uint64)
    table[place] = hashes.astype(np.uint64) << np.uint64(32) | starts.astype(np.uint64) + np.uint64(
        1
    )
    return {"table": table, "table_shift": 32 - bits}
