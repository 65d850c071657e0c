"""Splits by stable hashing: a row's side depends on what it is, not on where it stands."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isclose
from pathlib import Path
from typing import Generic, Literal, get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from medqa_kit.core.arguments import number, one_of
from medqa_kit.core.hashing import bucket
from medqa_kit.core.holders import Rows, RowsT, batches, count
from medqa_kit.core.ragged import Ints
from medqa_kit.core.report import save_table
from medqa_kit.core.selection import choose
from medqa_kit.errors import FormatError, RecipeError, SchemaError, shorten
from medqa_kit.matching.components import components, equal_pairs
from medqa_kit.matching.minhash import no_sketches
from medqa_kit.matching.row_texts import text_column, year_column
from medqa_kit.splitting.copies import Census, census, copies

UNASSIGNED = "unassigned"
"""Part of the rows that no rule places: no year, or an id the manifest does not know."""
By = Literal["family", "id"]
_MANIFEST = pa.schema([pa.field("id", pa.string()), pa.field("part", pa.string())])


@dataclass(frozen=True, eq=False)
class Split(Mapping[str, RowsT], Generic[RowsT]):
    """Rows divided into parts; a mapping from the part's name to its rows.

    Attributes:
        parts: The rows of each part, in their old order.
        wanted: The fractions asked for; empty where none were.
        achieved: The fractions achieved.
        strata: For each stratum, its rows by part.
        groups: How many groups of rows (families, copies) were placed.
        manifest: ``id`` and ``part`` of every row: what :meth:`save` writes.
    """

    parts: Mapping[str, RowsT] = field(repr=False)
    wanted: Mapping[str, float]
    achieved: Mapping[str, float]
    strata: Mapping[tuple[str | None, ...], Mapping[str, int]] = field(repr=False)
    groups: int
    manifest: pa.Table = field(repr=False)

    def __getitem__(self, part: str) -> RowsT:
        return self.parts[part]

    def __iter__(self) -> Iterator[str]:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)

    def save(self, path: str | Path) -> None:
        """Write ids and parts, nothing else: ``.csv``, ``.jsonl`` or ``.parquet``."""
        save_table(self.manifest, path)

    def __str__(self) -> str:
        total = self.manifest.num_rows
        lines = [f"{total:,} rows in {self.groups:,} groups"]
        for part, share in self.achieved.items():
            asked = f" (asked for {self.wanted[part]:.1%})" if part in self.wanted else ""
            lines.append(f"  {part:16} {count(self.parts[part]):>9,}  {share:.1%}{asked}")
        for stratum, rows in self.strata.items():
            whole = sum(rows.values())
            shares = ", ".join(f"{part} {n / whole:.1%}" for part, n in rows.items())
            lines.append(f"    {'/'.join(s or '-' for s in stratum)}: {whole:,} rows, {shares}")
        return "\n".join(lines)


def split(
    rows: RowsT,
    parts: Mapping[str, float],
    *,
    seed: int,
    by: By = "family",
    near: float | None = 0.8,
    stratify: Sequence[str] = (),
    threads: int | None = None,
) -> Split[RowsT]:
    """Divide rows into parts of given fractions, by hashing what each row is.

    A group of rows that belong together is placed as one: a family, copies of equal letters and,
    with ``near``, near copies. The place is a hash of the group's least name and the seed, so it
    does not depend on the order of the rows, on batches or machines, nor on rows added later,
    save when an added row is a copy of a group's rows, or joins two groups: by the new name, or as
    one, they may go elsewhere. A saved manifest fixes those too.

    Args:
        rows: Rows with an ``id``.
        parts: Fractions by name, which add up to 1, such as ``{"train": 0.9, "validation": 0.1}``.
        seed: Another seed gives an independent division.
        by: ``"family"`` keeps families together, ``"id"`` looks at copies only.
        near: Least similarity of near copies, as in :func:`~medqa_kit.dedupe`; ``None`` keeps
            only equal texts together.
        stratify: Columns for which achieved fractions are reported. Every stratum gets the
            fractions in expectation; they cannot be forced without breaking up families or moving
            rows when others are added.
        threads: As in :func:`~medqa_kit.dedupe`.

    Raises:
        RecipeError: The fractions do not add up to 1, a column to stratify by is missing, or an
            argument is none of what it may be.
        SchemaError: The rows have no ``id``.

    Example:
        >>> data = pa.table({"id": [f"x/{i}" for i in range(1000)],
        ...                  "question": [f"What is {i} in words?" for i in range(1000)]})
        >>> halves = split(data, {"train": 0.9, "validation": 0.1}, seed=1, near=None)
        >>> {name: len(part) for name, part in halves.items()}
        {'train': 901, 'validation': 99}
    """
    _check(parts)
    known, group = _grouped(rows, by, near, threads)
    names = list(parts)
    edges = np.cumsum(list(parts.values()))[:-1]
    place = np.searchsorted(edges, _places(known, group, by, f"split/{seed}"), side="right")
    return _divided(rows, place, names, dict(parts), known, group, stratify)


def kfold(
    rows: RowsT,
    folds: int,
    *,
    seed: int,
    by: By = "family",
    near: float | None = 0.8,
    threads: int | None = None,
) -> Split[RowsT]:
    """Divide rows into ``folds`` parts of about equal size, ``fold-0`` and so on.

    Arguments are those of :func:`split`; no family and no group of copies is in two folds.

    Raises:
        RecipeError: There are fewer than two folds.
    """
    if folds < 2:
        raise RecipeError(
            "one fold has no other side",
            expected="folds=2 or more",
            found=str(folds),
            hint="use mk.split for a single division",
        )
    parts = {f"fold-{i}": 1 / folds for i in range(folds)}
    return split(rows, parts, seed=seed, by=by, near=near, threads=threads)


def split_by_year(
    rows: RowsT,
    parts: Mapping[str, Collection[int]],
    *,
    by: By = "family",
    near: float | None = 0.8,
    stratify: Sequence[str] = (),
    threads: int | None = None,
) -> Split[RowsT]:
    """Divide rows by exam year.

    A group whose rows are of several years goes where its latest year goes: exams repeat
    themselves, and what was reused last year must not be trained on. Rows of a year that no part
    names, and of none, are ``unassigned``, unless their group has a year.

    Args:
        rows: Rows with ``id`` and ``year``.
        parts: Years by part, such as ``{"train": range(2012, 2021), "validation": [2021]}``.
        by: As in :func:`split`.
        near: As in :func:`split`.
        stratify: As in :func:`split`.
        threads: As in :func:`split`.

    Raises:
        RecipeError: A year is in two parts, or a part has a name that is taken.
        SchemaError: The rows have no ``id`` or no ``year``.
    """
    _refuse_reserved(parts)
    listed = [(year, i) for i, years in enumerate(parts.values()) for year in years]
    of_year = dict(listed)
    if len(of_year) != len(listed):
        raise RecipeError("a year is in two parts", found=str({k: list(v) for k, v in parts.items()}),
                          hint="each year belongs to one side")  # fmt: skip
    _need(rows, "year", "by which it is placed")
    known, group = _grouped(rows, by, near, threads)
    year = np.concatenate([np.zeros(0, np.int64), *(_years(batch) for batch in batches(rows))])
    latest = np.full(len(known), -1)
    np.maximum.at(latest, group, year)
    place = np.array([of_year.get(y, len(parts)) for y in latest[group].tolist()], np.int64)
    return _divided(rows, place, [*parts, UNASSIGNED], {}, known, group, stratify)


def apply_manifest(rows: RowsT, manifest: str | Path | pa.Table) -> Split[RowsT]:
    """Divide rows as a saved manifest says.

    Args:
        rows: Rows with an ``id``. Those the manifest does not know are ``unassigned``.
        manifest: A file that :meth:`Split.save` wrote, or its table.

    Raises:
        FormatError: It is no manifest, or puts an id in two parts.
        SchemaError: The rows have no ``id``.
    """
    table = manifest if isinstance(manifest, pa.Table) else _read(Path(manifest))
    if table.column_names != _MANIFEST.names:
        raise FormatError(
            "not a split manifest",
            expected="columns id, part",
            found=", ".join(table.column_names),
            hint="Split.save(path) writes one",
        )
    _need(rows, "id", "by which the manifest knows it")
    table = _unambiguous(table.cast(_MANIFEST))
    names: list[str] = [n for n in pc.unique(table["part"]).to_pylist() if n != UNASSIGNED]
    ids = pa.chunked_array([text_column(b, "id") for b in batches(rows)], pa.string())
    at = pc.index_in(ids, value_set=table["id"].combine_chunks())
    part = pc.index_in(table["part"], value_set=pa.array(names, pa.string()))
    place = pc.fill_null(part.take(at), len(names)).to_numpy().astype(np.int64)
    nobody = np.arange(len(ids))
    lone = Census(ids, ids, ids, nobody, np.zeros((0, 2), np.uint64), no_sketches(0))
    return _divided(rows, place, [*names, UNASSIGNED], {}, lone, nobody, ())


def _unambiguous(table: pa.Table) -> pa.Table:
    counted = table.group_by("id").aggregate([("part", "count_distinct")])
    twice = counted.filter(pc.greater(counted["part_count_distinct"], 1))["id"].to_pylist()
    if twice or table["part"].null_count:
        raise FormatError(
            "the manifest does not say where rows go", expected="one part for each id",
            found=f"{len(twice):,} ids in two parts, such as {shorten(twice[:1])}" if twice
            else f"{table['part'].null_count:,} ids in none",
            hint="two rows had this id when it was written: give each row its own",
        )  # fmt: skip
    return table


def _read(path: Path) -> pa.Table:
    try:
        if path.suffix == ".parquet":
            return pq.read_table(path)
        lines = path.read_text(encoding="utf-8").splitlines()
        if path.suffix == ".jsonl":
            return pa.Table.from_pylist([json.loads(line) for line in lines], _MANIFEST)
        import pyarrow.csv

        strings = pyarrow.csv.ConvertOptions(column_types=_MANIFEST)
        return pyarrow.csv.read_csv(path, convert_options=strings)
    except (ValueError, OSError, pa.ArrowInvalid) as error:
        raise FormatError(
            "the manifest cannot be read",
            file=path.name,
            found=str(error),
            hint="Split.save(path) writes .csv, .jsonl or .parquet",
        ) from error


def _check(parts: Mapping[str, float]) -> None:
    _refuse_reserved(parts)
    if len(parts) < 2 or min(parts.values()) <= 0 or not isclose(sum(parts.values()), 1):
        raise RecipeError("the fractions do not divide the rows",
                          expected="two or more positive fractions that add up to 1",
                          found=", ".join(f"{k}: {v}" for k, v in parts.items()),
                          hint='{"train": 0.9, "validation": 0.1}')  # fmt: skip


def _refuse_reserved(parts: Collection[str]) -> None:
    if UNASSIGNED in parts:
        raise RecipeError(f"no part can be called {UNASSIGNED!r}", found=", ".join(parts),
                          expected="any other name", hint="rows that no rule places go there")  # fmt: skip


def _grouped(rows: Rows, by: By, near: float | None, threads: int | None) -> tuple[Census, Ints]:
    """Number the groups of rows that must stay together, by their first row."""
    if near is not None:
        number(
            "near",
            near,
            above=0,
            most=1,
            hint="0.8 is a good start; None looks at exact copies only",
        )
    one_of("by", by, get_args(By))
    _need(rows, "id", "which is what its place is a hash of")
    known = census(rows, on="row", near=near is not None, threads=threads)
    pairs = copies(rows, known, on="row", near=near)
    one, other = pairs.one, pairs.other
    if by == "family":
        codes = pc.index_in(known.families, value_set=pc.unique(known.families.drop_null()))
        at = np.flatnonzero(codes.is_valid().to_numpy())
        first, later = equal_pairs(codes.drop_null().to_numpy())
        one, other = np.concatenate([one, at[first]]), np.concatenate([other, at[later]])
    return known, components(len(known), one, other)


def _need(rows: Rows, column: str, why: str) -> None:
    first = next(batches(rows), None)
    if first is not None and column not in first.schema.names:
        raise SchemaError(
            f"every row needs {'an' if column[0] in 'aeiou' else 'a'} {column}, {why}",
            expected=f"a column {column!r}",
            found=", ".join(first.schema.names),
            hint="pass rows as mk.load gives them, or add the column to yours",
        )


def _places(known: Census, group: Ints, by: By, salt: str) -> npt.NDArray[np.float64]:
    """Place each row where the group's member is that hashes lowest: in any order, the same one."""
    names = pc.coalesce(known.families, known.ids) if by == "family" else known.ids
    own = bucket(names, salt="order").to_numpy()
    order = np.lexsort((own, group))
    first = np.ones(len(order), np.bool_)
    first[1:] = group[order][1:] != group[order][:-1]
    leaders = order[first]
    place = np.empty(len(known))
    place[group[leaders]] = bucket(names.take(pa.array(leaders)), salt=salt).to_numpy()
    return place[group]


def _divided(
    rows: RowsT, place: Ints, names: list[str], wanted: Mapping[str, float], known: Census,
    group: Ints, stratify: Sequence[str],
) -> Split[RowsT]:  # fmt: skip
    used = [(i, name) for i, name in enumerate(names) if name != UNASSIGNED or (place == i).any()]
    parts = {name: choose(rows, place == i) for i, name in used}
    total = max(len(place), 1)
    return Split(
        parts=parts,
        wanted=wanted,
        achieved={name: float((place == i).sum() / total) for i, name in used},
        strata=_strata(rows, place, names, stratify),
        groups=len(np.unique(group)),
        manifest=pa.table([known.ids, pa.array(names, pa.string()).take(pa.array(place))],
                          schema=_MANIFEST),
    )  # fmt: skip


def _strata(
    rows: Rows, place: Ints, names: list[str], stratify: Sequence[str]
) -> dict[tuple[str | None, ...], dict[str, int]]:
    if not stratify:
        return {}
    tables = []
    for batch in batches(rows):
        if missing := [c for c in stratify if c not in batch.schema.names]:
            raise RecipeError(
                f"there is no column {missing[0]!r} to stratify by",
                found=", ".join(batch.schema.names),
                hint="check the spelling",
            )
        tables.append(pa.table({c: batch[c].cast(pa.string()) for c in stratify}))
    part = pa.array(names, pa.string()).take(pa.array(place))
    table = pa.concat_tables(tables).append_column("part", part)
    counted = table.group_by([*stratify, "part"]).aggregate([([], "count_all")]).to_pylist()
    found: dict[tuple[str | None, ...], dict[str, int]] = {}
    for row in sorted(counted, key=str):
        found.setdefault(tuple(row[c] for c in stratify), {})[row["part"]] = row["count_all"]
    return found


def _years(batch: pa.RecordBatch) -> Ints:
    years = pc.fill_null(year_column(batch).cast(pa.int64()), -1)
    result: Ints = years.to_numpy(zero_copy_only=False)
    return result
