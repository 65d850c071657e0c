"""The index of a holdout: from a shingle to the fields of items that hold it.

Read-only arrays, about 8 MB for 5,000 exam items, so that threads and workers can share it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.hashing import scattered
from medqa_kit.core.arrow.ragged import ranges
from medqa_kit.decontamination.rules import Evidence, Gates, form_gates, gates
from medqa_kit.decontamination.scores import THRESHOLDS
from medqa_kit.errors import SchemaError
from medqa_kit.matching.kernels.arrays import key_sums
from medqa_kit.matching.kernels.constants import CHAINED, MORE, THIRD

REACH, SLACK = (1.25, 2.0), 16
"""A copy of a stem, or of options, takes up this many times its letters, and some more: room for
words put in between, and for labels."""
LEAST_LETTERS = 2
"""Letters of a right answer that can tell: fewer may be the label of an option."""
MOST_ITEMS = 1 << 23
"""Items that a posting has room for."""


@dataclass(frozen=True)
class FieldTerms:
    """The terms of every field. A field is numbered as twice its item, plus one for the options.

    Attributes:
        starts: ``int64[2n + 1]``: where the terms of each field begin.
        hashes: ``uint32``: the terms, the heaviest of a field first.
        weights: ``uint8``: what each counts for.
        totals: ``int64[2n]``: what all terms of a field count for.
        reach: ``int64[2n]``: letters of text that a copy of the field may take up.
    """

    starts: npt.NDArray[np.int64]
    hashes: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.uint8]
    totals: npt.NDArray[np.int64]
    reach: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Index:
    """Postings of the rare shingles of all items.

    What the inner loop reads is small, since it is read at random: a bit or two of the filter for
    most shingles, one entry of the table and a run of postings for the others.

    Attributes:
        filter: ``uint64``: bitmap of the upper bits of all hashes.
        filter_shift: How many lower bits of a hash the filter leaves out.
        ranks: ``uint32``: how many bits are set before each word of the filter: the places of entries.
        entries: ``uint32``: for each bit that is set, the lower bits of its hash, and above them a run of postings;
            or, where a bit stands for several, the place of the first of these, which are beside each other.
        runs: ``uint32[r + 1]``: where each run of postings begins. Shingles of one word, or of one phrase,
            are in the same fields and share a run.
        postings: ``uint16``, ``uint32`` if there are more: of each run, and each weight in one of the two fields: the
            weight, 256 more for options; how many items; these items.
        half: Bits that hold what all rare shingles of an item count for: 16, or 32 for the longest, and for many items.
        terms: All terms of all fields.
        keyed_terms: The same, weighed so that the rarest of a field decide.
        golds: The terms of each item's right option: one field an item, weighed as in its options.
        numbers: The numbers of each item's stem: one field an item.
        evidence: What is known of each item.
        gates: The least weights of rare shingles, per item.
        form_gates: The same of forms of texts.
    """

    filter: npt.NDArray[np.uint64]
    filter_shift: int
    ranks: npt.NDArray[np.uint32]
    entries: npt.NDArray[np.uint32]
    runs: npt.NDArray[np.uint32]
    postings: npt.NDArray[np.uint16 | np.uint32]
    half: int
    terms: FieldTerms
    keyed_terms: FieldTerms
    golds: FieldTerms
    numbers: FieldTerms
    evidence: Evidence
    gates: Gates
    form_gates: Gates

    @property
    def nbytes(self) -> int:
        """Size in memory."""
        tables = (self, self.terms, self.keyed_terms, self.golds, self.numbers)
        arrays = [array for table in tables for array in vars(table).values()]
        return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))


def build_index(items: pa.Table) -> Index:
    """Turn fingerprints (:data:`~medqa_kit.decontamination.fingerprints.ITEMS`) into an index.

    Raises:
        SchemaError: There are more items than a posting has room for.
    """
    if len(items) > MOST_ITEMS:
        raise SchemaError(
            "these are more items than an index holds",
            expected=f"at most {MOST_ITEMS:,}",
            found=f"{len(items):,}",
            hint="hold them out in parts, one after the other; mk.overlap(a, b) takes the "
            "fingerprints of b, which should be the smaller one",
        )
    parts = [_lists(items, name, f"{name}_weights", side)
             for side, name in enumerate(("stem", "options"))]  # fmt: skip
    owner, hashes, weights = (np.concatenate([part[i] for part in parts]) for i in range(3))
    fields = 2 * len(items)
    counts = np.bincount(owner, minlength=fields)
    telling, pair = counts.reshape(-1, 2) >= THRESHOLDS.few, counts.reshape(-1, 2)
    answered = items["answered"].to_numpy()
    all_terms = _terms(items)
    golds = _golds(items, all_terms)
    evidence = Evidence(
        totals=np.bincount(owner, weights=weights, minlength=fields)
        .astype(np.uint32).reshape(-1, 2),
        telling=telling,
        small=(~telling.any(axis=1) | (answered & ~telling.all(axis=1)))
        & (pair[:, 0] >= THRESHOLDS.least),
        answered=answered,
        long=items["stem_size"].to_numpy() >= THRESHOLDS.long,
        rich=counts[1::2] >= THRESHOLDS.rich,
        open=items["open"].to_numpy(),
        gold=items["gold_letters"].to_numpy() >= LEAST_LETTERS,
        numbered=pc.list_value_length(items["numbers"]).to_numpy() >= THRESHOLDS.numbers,
        little=all_terms.reach[::2] + golds.reach,
    )  # fmt: skip
    usual = gates(evidence)
    few = len(items) < 1 << 16 and evidence.totals.sum(axis=1).max(initial=0) < 1 << 16
    return Index(
        **_postings(owner, hashes, weights, np.dtype(np.uint16 if few else np.uint32)),
        half=16 if few else 32,
        terms=all_terms,
        keyed_terms=_keyed(all_terms),
        golds=golds,
        numbers=_own_field(items["numbers"], all_terms.reach[::2]),
        evidence=evidence,
        gates=usual,
        form_gates=form_gates(usual, evidence),
    )


_Lists = tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32], npt.NDArray[np.uint8]]


def _lists(items: pa.Table, hashes: str, weights: str, side: int) -> _Lists:
    """Return field, hash and weight of all that one of the two fields of each item has."""
    lists = items[hashes].combine_chunks()
    owner = np.repeat(2 * np.arange(len(items)) + side, lists.value_lengths().to_numpy())
    return (owner, lists.flatten().to_numpy(),
            items[weights].combine_chunks().flatten().to_numpy())  # fmt: skip


def _terms(items: pa.Table) -> FieldTerms:
    parts = [_lists(items, f"{name}_terms", f"{name}_term_weights", side)
             for side, name in enumerate(("stem", "options"))]  # fmt: skip
    owner, hashes, weights = (np.concatenate([part[i] for part in parts]) for i in range(3))
    order = np.argsort(owner << 8 | (255 - weights), kind="stable")
    fields = 2 * len(items)
    letters = np.stack([items["stem_letters"].to_numpy(), items["options_letters"].to_numpy()], 1)
    return FieldTerms(
        starts=np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=fields))]),
        hashes=hashes[order],
        weights=weights[order],
        totals=np.bincount(owner, weights=weights, minlength=fields).astype(np.int64),
        reach=np.ceil(letters * np.array(REACH) + SLACK).astype(np.int64).ravel(),
    )


def _keyed(terms: FieldTerms) -> FieldTerms:
    """Weigh terms by the cube of their weight, in parts of 255 of the highest one of their field."""
    counts = np.diff(terms.starts)
    owner = np.repeat(np.arange(len(counts)), counts)
    highest = np.zeros(len(counts))
    np.maximum.at(highest, owner, terms.weights)
    weights = np.ceil(255 * (terms.weights / highest[owner]) ** 3).astype(np.uint8)
    totals = np.bincount(owner, weights=weights, minlength=len(counts)).astype(np.int64)
    return replace(terms, weights=weights, totals=totals)


def _golds(items: pa.Table, terms: FieldTerms) -> FieldTerms:
    """Weigh the terms of right options as in all options; by one where brackets cut them otherwise."""
    letters = items["gold_letters"].to_numpy()
    golds = _own_field(items["gold_terms"], np.ceil(letters * REACH[0] + SLACK).astype(np.int64))
    high = np.uint64(32)
    field = np.repeat(np.arange(len(terms.totals), dtype=np.uint64), np.diff(terms.starts))
    known = field << high | terms.hashes
    order = np.argsort(known)
    owner = np.repeat(np.arange(len(items), dtype=np.uint64), np.diff(golds.starts))
    wanted = (2 * owner + np.uint64(1)) << high | golds.hashes
    weights = np.ones(len(wanted), np.uint8)
    if len(known):
        place = order[np.minimum(np.searchsorted(known[order], wanted), len(known) - 1)]
        weights = np.where(known[place] == wanted, terms.weights[place], 1).astype(np.uint8)
    totals = np.bincount(owner.astype(np.int64), weights=weights, minlength=len(items))
    order = np.lexsort((255 - weights, owner))  # the heaviest first, as in all fields
    return replace(
        golds, hashes=golds.hashes[order], weights=weights[order], totals=totals.astype(np.int64)
    )


def _own_field(column: pa.ChunkedArray, reach: npt.NDArray[np.int64]) -> FieldTerms:
    """Return lists of terms as one field an item, all terms weighed alike."""
    lists = column.combine_chunks()
    counts = lists.value_lengths().to_numpy().astype(np.int64)
    return FieldTerms(
        starts=np.concatenate([[0], np.cumsum(counts)]),
        hashes=np.array(
            lists.flatten()
        ),  # of the same kind as in all fields: one kernel is compiled
        weights=np.ones(counts.sum(), np.uint8),
        totals=counts,
        reach=np.ascontiguousarray(reach),
    )


def _postings(
    owner: npt.NDArray[np.int64], hashes: npt.NDArray[np.uint32], weights: npt.NDArray[np.uint8],
    numbers: np.dtype[Any],
) -> dict[str, Any]:  # fmt: skip
    """Lay out which fields have which shingles."""
    head = (owner & 1) << 8 | weights
    key = hashes.astype(np.int64) << 9 | head
    order = np.argsort(key, kind="stable")
    key, item = key[order], owner[order] >> 1
    shingles, begins = np.unique(key >> 9, return_index=True)
    firsts, run = _alike(posting(owner[order], weights[order]), np.append(begins, len(order)))
    # Two numbers go before the items of each weight.
    heads, at, counts = np.unique(key, return_index=True, return_counts=True)
    laid = np.empty(len(item) + 2 * len(heads), numbers)
    begin = at + 2 * np.arange(len(heads))
    laid[begin], laid[begin + 1] = heads & 0x1FF, counts
    laid[ranges(begin + 2, counts)] = item
    stops = np.append(begin, len(laid))[np.searchsorted(at, np.append(begins, len(order)))]
    sizes = np.diff(stops)
    return {
        **_entries(shingles.astype(np.uint32), run),
        "runs": np.concatenate([[0], np.cumsum(sizes[firsts])]).astype(np.uint32),
        "postings": laid[ranges(stops[firsts], sizes[firsts])],
    }


def _alike(
    postings: npt.NDArray[np.uint32], offsets: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Tell the shingles with the same postings, by 128 bits of them.

    Runs are in the order of their first fields: those that a row asks for are near each other.

    Returns:
        ``int64[r]``: a shingle of each run; ``int64[n]``: the run of each shingle.
    """
    mixed = scattered(postings.astype(np.uint64))
    sums = key_sums(np.stack([mixed, scattered(mixed ^ THIRD)], axis=1), offsets)
    field = postings[offsets[:-1]]
    order = np.lexsort((sums[:, 1], sums[:, 0], field))
    sums, field = sums[order], field[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (sums[1:] != sums[:-1]).any(axis=1) | (field[1:] != field[:-1])
    run = np.empty(len(order), np.int64)
    run[order] = np.cumsum(new) - 1
    return order[new], run


def posting(field: npt.NDArray[np.int64], weight: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    """Pack a field and the weight of a shingle in it: item, one bit for the options, eight bits.

    Example:
        >>> posting(np.array([6, 7]), np.array([1, 2], np.uint8)).tolist() == [3 << 9 | 1, 3 << 9 | 1 << 8 | 2]
        True
    """
    return (field << 8 | weight).astype(np.uint32)


def _entries(hashes: npt.NDArray[np.uint32], run: npt.NDArray[np.int64]) -> dict[str, Any]:
    """Mark hashes, in order, in a bitmap of 32 bits for each, which lets one in 32 others pass; say the runs of each.

    There is an entry for each bit that is set. Few bits stand for several hashes; what these are follows behind all
    other entries.
    """
    bits = min(max(len(hashes).bit_length() + 4, 12), 30)
    shift = 32 - bits
    named, first, counts = np.unique(
        hashes >> np.uint32(shift), return_index=True, return_counts=True
    )
    marked = np.zeros(1 << bits, np.bool_)
    marked[named] = True
    whole = run.astype(np.uint32) << np.uint32(shift) | hashes & np.uint32((1 << shift) - 1)
    several = counts > 1
    chain = ranges(first[several], counts[several])
    ends = np.cumsum(counts[several])
    entries = whole[first]
    entries[several] = CHAINED | (len(named) + ends - counts[several])
    chained = whole[chain] | np.uint32(MORE)
    chained[ends - 1] ^= np.uint32(MORE)
    words = np.arange(len(marked) >> 6, dtype=np.int64) << 6
    return {
        "filter": np.packbits(marked, bitorder="little").view("<u8").astype(np.uint64),
        "filter_shift": shift,
        "ranks": np.searchsorted(named, words).astype(np.uint32),
        "entries": np.concatenate([entries, chained]),
    }
