"""Rows divided into parts: the result of the verbs that split, and the code that they share."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import did_you_mean
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.core.holders import Opened, Rows, RowsT, batches, columns_of, splits_of
from medqa_kit.core.report import save_table
from medqa_kit.core.selection import choose, picked_rows
from medqa_kit.core.showing.chart import Chart
from medqa_kit.core.showing.shown import html_of
from medqa_kit.core.tables import cell, counted, text_table
from medqa_kit.errors import ArgumentError, FormatError, SplitWarning, shorten
from medqa_kit.matching.row_texts import text_column

UNASSIGNED = "unassigned"
"""Part of the rows that no rule places: no year, or an id the manifest does not know."""
DIVISION = pa.schema([pa.field("id", pa.string()), pa.field("part", pa.string())])
"""What a saved division holds."""
_SIGMAS = 4  # a share further off than this is no chance of single rows


@dataclass(frozen=True, eq=False, repr=False)
class Split(Mapping[str, RowsT], Generic[RowsT]):
    """Rows divided into parts; a mapping from the part's name to its rows.

    Attributes:
        parts: The rows of each part, in their old order.
        wanted: The fractions asked for; empty where none were.
        achieved: The fractions achieved.
        strata: For each stratum, its rows by part.
        groups: How many groups of rows (families, copies) were placed.
        manifest: ``id`` and ``part`` of every row: what :meth:`save` writes.
        notes: Parts that are empty or far from what was asked for, and why.

    Example:
        >>> from medqa_kit.splitting.splits import split
        >>> rows = pa.table({"id": ["a", "b", "c"], "text": ["One.", "Two.", "Three."], "family": ["f", "f", "g"]})
        >>> parts = split(rows, {"train": 0.5, "test": 0.5}, seed=1, near=None)
        >>> list(parts), sum(len(part) for part in parts.values()), parts.groups
        (['train', 'test'], 3, 2)
    """

    parts: Mapping[str, RowsT] = field(repr=False)
    wanted: Mapping[str, float]
    achieved: Mapping[str, float]
    strata: Mapping[tuple[str | None, ...], Mapping[str, int]] = field(repr=False)
    groups: int
    manifest: pa.Table = field(repr=False)
    notes: tuple[str, ...] = ()

    def __getitem__(self, part: str) -> RowsT:
        if part not in self.parts:
            raise KeyError(
                f"there is no part {part!r} among {', '.join(self.parts)}; {did_you_mean(part, self.parts)}"
            )
        return self.parts[part]

    def __iter__(self) -> Iterator[str]:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)

    def save(self, path: str | Path) -> None:
        """Write ids and parts, nothing else: ``.csv``, ``.jsonl`` or ``.parquet``.

        Raises:
            FormatError: Rows of one id are in two parts, so that no manifest can tell them apart.
        """
        save_table(unambiguous(self.manifest), path)

    def chart(self) -> Chart:
        """Chart the rows of each part, cut by stratum where the rows were stratified."""
        if not self.strata:
            return Chart(
                "part", tuple((part, "rows", number) for part, number in self._sizes().items())
            )
        bars = ((part, "/".join(cell(value) or "-" for value in stratum), rows.get(part, 0))
                for part in self.achieved for stratum, rows in self.strata.items())  # fmt: skip
        return Chart("part", tuple(bars), kinds="stratum")

    def _sizes(self) -> dict[str, int]:
        tally = pc.value_counts(self.manifest["part"]).to_pylist()
        sizes = {counted["values"]: counted["counts"] for counted in tally}
        return {part: sizes.get(part, 0) for part in self.achieved}

    def __str__(self) -> str:
        lines = [self._headline]
        lines += text_table(self._table(), indent="  ")
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_of([self._headline, self._table(), *self.notes])

    @property
    def _headline(self) -> str:
        return f"{counted(self.manifest.num_rows, 'row')} in {counted(self.groups, 'group')}"

    def _table(self) -> list[tuple[str, ...]]:
        sizes = self._sizes()
        lines = [(part, "all", f"{sizes[part]:,}", f"{share:.1%}", self._asked(part))
                 for part, share in self.achieved.items()]  # fmt: skip
        for stratum, rows in self.strata.items():
            name, whole = "/".join(cell(value) or "-" for value in stratum), sum(rows.values())
            lines += [(part, name, f"{n:,}", f"{n / whole:.1%}", self._asked(part))
                      for part, n in rows.items()]  # fmt: skip
        return [("part", "of", "rows", "share", "asked for"), *lines]

    def _asked(self, part: str) -> str:
        return f"{self.wanted[part]:.1%}" if part in self.wanted else ""


def divided(
    source: Opened[RowsT], place: Ints, names: list[str], wanted: Mapping[str, float], group: Ints,
    stratify: Sequence[str] = (),
) -> Split[RowsT]:  # fmt: skip
    """Divide rows by the places of each; warn of parts that are not what was asked for.

    Args:
        source: The rows.
        place: Position of each row's part in ``names``.
        names: The parts; :data:`UNASSIGNED` is one only where rows are placed there.
        wanted: The fractions asked for, by part.
        group: The least row of each row's group.
        stratify: Columns for which fractions are reported.
    """
    used = [(i, name) for i, name in enumerate(names) if name != UNASSIGNED or (place == i).any()]
    total = max(len(place), 1)
    achieved = {name: float((place == i).sum() / total) for i, name in used}
    notes = _misses(source.rows, achieved, wanted, group)
    for note in notes:
        warnings.warn(note, SplitWarning, stacklevel=4)
    return Split(
        parts={name: source.back(choose(source.rows, place == i)) for i, name in used},
        wanted=wanted,
        achieved=achieved,
        strata=_strata(source.rows, place, names, stratify),
        groups=int((group == np.arange(len(group))).sum()),
        manifest=pa.table([_ids(source.rows), pa.array(names, pa.string()).take(pa.array(place))], schema=DIVISION),
        notes=notes,
    )  # fmt: skip


def _ids(rows: Rows) -> pa.ChunkedArray:
    read = batches(rows, columns=["id"])
    return pa.chunked_array([text_column(batch, "id") for batch in read], pa.string())


def _misses(
    rows: Rows, achieved: Mapping[str, float], wanted: Mapping[str, float], group: Ints
) -> tuple[str, ...]:
    """Say which parts are empty, or further off than chance would leave single rows, or than a group leaves that is larger than any."""
    if not len(group):
        return ()
    sizes = np.bincount(group)
    largest = int(sizes.argmax())
    fits = sizes[largest] <= max(1, len(group) * max(wanted.values(), default=1))
    missed = []
    for part, share in wanted.items():
        chance = _SIGMAS * math.sqrt(share * (1 - share) / len(group)) if fits else 1 / len(group)
        if achieved[part] == 0 or abs(achieved[part] - share) > chance:
            missed.append(part)
    if not missed:
        return ()
    row = next(picked_rows(rows, np.array([largest])))
    name = text_column(row, "family")[0].as_py() or text_column(row, "id")[0].as_py()
    return tuple(
        f"part {part!r} gets {achieved[part]:.1%} of {len(group):,} rows where {wanted[part]:.1%} were asked for; "
        f"rows of a group stay together, and the largest, {name!r}, has {int(sizes[largest]):,} rows"
        for part in missed
    )


def unambiguous(table: pa.Table) -> pa.Table:
    """Return a manifest that says of each id where it goes.

    Raises:
        FormatError: It does not.
    """
    counted = table.group_by("id").aggregate([("part", "count_distinct")])
    twice = counted.filter(pc.greater(counted["part_count_distinct"], 1))["id"].to_pylist()
    if twice or table["part"].null_count:
        raise FormatError(
            "the manifest does not say where rows go", expected="one part for each id",
            found=f"{len(twice):,} ids in two parts, such as {shorten(twice[:1])}" if twice
            else f"{table['part'].null_count:,} ids in none",
            hint="two rows have one id: give each row its own",
        )  # fmt: skip
    return table


def refuse_absent(
    rows: Rows, columns: Sequence[str], *, argument: str, anywhere: bool = False
) -> None:
    """Check that rows have the columns an argument names.

    Args:
        rows: What holds the rows.
        columns: What the argument names.
        argument: Its name.
        anywhere: Whether it is enough that some splits of a dict have a column: the rows of the others say nothing there.

    Raises:
        ArgumentError: They lack one.
    """
    parts = splits_of(rows) if anywhere else None
    listed = map(columns_of, [rows] if parts is None else parts.values())
    names = list(dict.fromkeys(name for known in listed for name in known or ()))
    absent = [name for name in columns if names and name not in names]
    if absent:
        raise ArgumentError(
            f"{argument}= names no column of the rows: there is no column {absent[0]!r}", argument=argument,
            expected=", ".join(names), found=", ".join(absent),
            hint=did_you_mean(absent[0], names) or "name one of these columns",
        )  # fmt: skip


def _strata(
    rows: Rows, place: Ints, names: list[str], stratify: Sequence[str]
) -> dict[tuple[str | None, ...], dict[str, int]]:
    if not stratify:
        return {}
    tables = [
        pa.table({c: batch[c].cast(pa.string()) for c in stratify})
        for batch in batches(rows, columns=stratify)
    ]
    if not tables:
        return {}
    part = pa.array(names, pa.string()).take(pa.array(place))
    table = pa.concat_tables(tables).append_column("part", part)
    counted = table.group_by([*stratify, "part"]).aggregate([([], "count_all")]).to_pylist()
    strata: dict[tuple[str | None, ...], dict[str, int]] = {}
    for row in sorted(counted, key=str):
        strata.setdefault(tuple(row[c] for c in stratify), {})[row["part"]] = row["count_all"]
    return strata
