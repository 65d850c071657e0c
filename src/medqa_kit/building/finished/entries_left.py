"""The entries of a manifest, by source, after rows were taken out of the result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.output.format_files import SPLITS, TRAIN
from medqa_kit.building.output.formats import ENTRY
from medqa_kit.building.stages.erasure import RETRACTED
from medqa_kit.building.stages.rationing import drawn
from medqa_kit.core.arrow.ragged import Ints, Mask

Entries = Sequence[Mapping[str, Any]]


def entries_left(manifest: Mapping[str, Any], gone: pa.Table) -> list[dict[str, Any]]:
    """Return the entries of a manifest without the rows that go.

    A recipe may list a source several times: by subsets, splits or slices. Where rows stand in the order of the
    entries, their places say whose they are; in a mix each says it itself. In a mix of an earlier version it is the
    subset in their ids and the slice that their family is in; where several entries fit, a row is of the first that
    has rows left.

    Args:
        manifest: Of the result.
        gone: The rows, with ``row`` that counts through train, then validation, ``id``, ``family``, ``code``,
            ``source`` and ``split``; and ``entry``, where they say it.
    """
    entries = manifest["sources"]
    written: list[Counter[str]] = [Counter() for _ in entries]
    reasons: list[Counter[str]] = [Counter() for _ in entries]
    owners, begin = np.full(gone.num_rows, -1, np.int64), 0
    for split in SPLITS:
        own = np.flatnonzero(np.asarray(pc.equal(gone["split"], split)))
        if split != TRAIN or "mix" not in manifest:
            owners[own] = _in_order(entries, gone.take(pa.array(own)), split, begin)
        begin += sum(each[split] for each in entries)
    if ENTRY in gone.column_names:
        labels = pa.array([each.get("as", each["name"]) for each in entries], pa.string())
        said = pc.index_in(gone[ENTRY], value_set=labels).fill_null(-1).to_numpy()
        owners = np.where(owners < 0, said, owners)
    fits = [_fitting(manifest, at, gone) for at in range(len(entries))]
    groups = gone.select(["source", "split", "code"]).append_column("owner", pa.array(owners))
    for at, mask in enumerate(fits):
        groups = groups.append_column(f"{at}", pa.array(mask))
    counted = groups.group_by(groups.column_names).aggregate([([], "count_all")]).to_pylist()
    numbers = range(len(entries))
    # Those whose entry is known go first, then those that fit the fewest.
    for group in sorted(counted, key=lambda g: (g["owner"] < 0, sum(g[f"{n}"] for n in numbers), g["code"] != RETRACTED)):  # fmt: skip
        split, rows = group["split"], group["count_all"]
        named = [n for n in numbers if entries[n]["name"] == group["source"]]
        likely = [n for n in named if n == group["owner"]] + [n for n in named if group[f"{n}"]]
        for n in dict.fromkeys([*likely, *named]):
            moved = min(rows, entries[n][split] - written[n][split])
            written[n][split] += moved
            reasons[n][group["code"]] += moved
            rows -= moved
    ids = {*gone["id"].to_pylist()}
    return [
        _entry_left(each, of_splits, of_reasons, ids)
        for each, of_splits, of_reasons in zip(entries, written, reasons, strict=True)
    ]


def rows_less(
    counts: Mapping[str, Any], written: Mapping[str, int], dropped: Mapping[str, int]
) -> dict[str, Any]:
    """Move rows from those written to those dropped.

    Example:
        >>> rows_less({"train": 3, "validation": 0, "dropped": {}}, {"train": 1}, {"retracted": 1})
        {'train': 2, 'validation': 0, 'dropped': {'retracted': 1}}
    """
    sums = Counter(counts["dropped"]) + Counter(dropped)
    return {**counts, "dropped": dict(sorted(sums.items())),
            **{name: counts[name] - written.get(name, 0) for name in SPLITS}}  # fmt: skip


def _entry_left(
    entry: Mapping[str, Any], written: Mapping[str, int], dropped: Mapping[str, int], ids: Set[str]
) -> dict[str, Any]:
    """Return an entry without rows; what languages they are in is known where all are in one."""
    left = rows_less(entry, written, dropped)
    if "mended" in entry:
        left["mended"] = {fix: [text for text in texts if text["id"] not in ids]
                          for fix, texts in entry["mended"].items()}  # fmt: skip
    rows, languages = sum(left[split] for split in SPLITS), entry.get("languages", {})
    if "languages" in entry and (len(languages) == 1 or not rows):
        left["languages"] = {name: rows for name in languages if rows}
    return left


def _in_order(entries: Entries, gone: pa.Table, split: str, begin: int) -> Ints:
    """Return the entry of each row of a split that is in the order of the entries; -1 where it is of another source."""
    ends = begin + np.cumsum([each[split] for each in entries])
    owners = np.searchsorted(ends, gone["row"].to_numpy(), side="right")
    names = pa.array([*(each["name"] for each in entries), None], pa.string())
    same = np.asarray(pc.fill_null(pc.equal(names.take(pa.array(owners)), gone["source"]), False))
    return np.where(same, owners, -1)


def _fitting(manifest: Mapping[str, Any], at: int, gone: pa.Table) -> Mask:
    """Mark the rows that may be of an entry, by their source, the subset in their ids, and its slice."""
    entry, said = manifest["sources"][at], manifest["recipe"]["sources"][at]
    fits = pc.equal(gone["source"], entry["name"])
    if sum(each["name"] == entry["name"] for each in manifest["sources"]) == 1:
        return np.asarray(fits, np.bool_)
    subset = pc.list_element(pc.split_pattern(gone["id"], "/", max_splits=2), 1)
    known = {part.partition("/")[0] for each in manifest["sources"] for part in each["parts"]}
    others = known - {part.partition("/")[0] for part in entry["parts"]}
    fits = pc.and_(fits, pc.invert(pc.is_in(subset, value_set=pa.array(sorted(others), pa.string()))))  # fmt: skip
    if said.get("slice") is not None:
        # Rows of a mix have a family, be it their id, so that further copies are of the same one.
        names = pc.coalesce(gone["family"], gone["id"])
        order = drawn(names, stage="slice", seed=manifest["recipe"]["seed"])
        fits = pc.and_(fits, pa.array((order >= said["slice"][0]) & (order < said["slice"][1])))
    return np.asarray(fits, np.bool_)
