"""Splits by stable hashing: the part of a row depends on the row, not on its place."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from math import isclose
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import (
    boolean,
    instance,
    nonempty_text,
    number,
    one_of,
    several,
    whole_number,
)
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.arrow.row_arrays import edge_places
from medqa_kit.core.holders import Rows, RowsT, batches, columns_of, opened
from medqa_kit.errors import ArgumentError
from medqa_kit.matching.row_texts import year_column
from medqa_kit.splitting.division import UNASSIGNED, Split, divided
from medqa_kit.splitting.groups import By, Draws, RowGroups, check_groups, whole_groups
from medqa_kit.splitting.manifests import need_column
from medqa_kit.splitting.portions import VALIDATION, Portion
from medqa_kit.splitting.strata import forced_places, strata_columns, stratum_codes

_YEARS = '{"train": range(2012, 2021), "validation": [2021]}'


def split(
    rows: RowsT,
    parts: Mapping[str, float],
    *,
    seed: int,
    by: By = "family",
    near: float | None = 0.8,
    stratify: Sequence[str] | Literal["force"] = (),
    force: bool = False,
    validation: Mapping[str, object] | None = None,
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
            fractions in expectation. ``"force"`` stands for the columns ``source`` and ``subset``, as far
            as there are, with ``force=True``.
        force: Move whole groups until each stratum, and all rows together, have their fractions as far
            as groups allow. Rows that are added later can then move others.
        validation: Which rows a part ``validation`` is taken from, by column, and which share of them:
            ``{"source": "kormedmcqa", "year": 2023, "share": 0.1}`` takes a tenth of one exam year, with
            the groups of these rows whole. Without a share all are taken. ``parts`` divides the rest; it
            may be a single part then.
        threads: As in :func:`~medqa_kit.dedupe`.

    Returns:
        The parts by name, each in the container that was given, its rows in their old order; with the
        fractions that were achieved and a manifest that can be saved.

    Raises:
        ArgumentError: The fractions do not add up to 1, a column is missing, ``validation`` chooses no
            row, or an argument is none of what it may be.
        SchemaError: The rows have no ``id``.

    Example:
        >>> data = pa.table({"id": [f"x/{i}" for i in range(1000)], "family": [f"f{i}" for i in range(1000)],
        ...                  "question": [f"What is {i} in words?" for i in range(1000)]})
        >>> halves = split(data, {"train": 0.9, "validation": 0.1}, seed=1, near=None)
        >>> {name: len(part) for name, part in halves.items()}
        {'train': 910, 'validation': 90}
    """
    portion = None if validation is None else Portion.of(validation, parts)
    parts = _checked_shares(parts, single=portion is not None)
    seed = whole_number("seed", seed)
    source = opened(rows)
    columns = _strata_columns(source.rows, stratify)
    forced = boolean("force", force) or stratify == "force"
    check_groups(source.rows, by, near, verb="split()")
    groups, place, names, wanted = _placed(
        source.rows, parts, seed, by, near, portion, columns if forced else None, threads
    )
    return divided(source, place, names, wanted, groups.least, columns)


def row_parts(
    rows: Any, parts: Mapping[str, float], *, seed: int, validation: Mapping[str, object] | None = None,
    among: Mask | None = None,
) -> pa.DictionaryArray:  # fmt: skip
    """Return only the name of the part that :func:`split` puts each row into, a byte a row and the names.

    Args:
        rows: As in :func:`split`.
        parts: As in :func:`split`.
        seed: As in :func:`split`.
        validation: As in :func:`split`.
        among: ``bool[n]``: the rows that ``validation`` can mean; absent, all.

    Raises:
        MedQAError: What :func:`split` raises.

    Example:
        >>> data = pa.table({"id": ["a", "b"], "family": ["f", "f"], "question": ["Why?", "Where?"]})
        >>> row_parts(data, {"train": 0.5, "validation": 0.5}, seed=1).to_pylist()
        ['train', 'train']
    """
    portion = None if validation is None else replace(Portion.of(validation, parts), among=among)
    _, place, names, _ = _placed(
        opened(rows).rows,
        parts,
        seed,
        "family",
        0.8,
        portion,
        None,
        None,
        again=True,
    )
    return pa.DictionaryArray.from_arrays(
        pa.array(place.astype(np.int8)), pa.array(names, pa.string())
    )


class _Placement(NamedTuple):
    """Groups of rows, the place of each row in ``names``, and the share wanted of each."""

    groups: RowGroups
    place: Ints
    names: list[str]
    wanted: dict[str, float]


def _placed(
    rows: Rows, parts: Mapping[str, float], seed: int, by: By, near: float | None, portion: Portion | None,
    forced: Sequence[str] | None, threads: int | None, again: bool = False,
) -> _Placement:  # fmt: skip
    """Place rows; with ``forced`` columns, so that each stratum has its shares."""
    salts = [f"split/{seed}"] if portion is None else [f"split/{seed}", f"validation/{seed}"]
    groups = whole_groups(rows, by, near, salts, threads=threads, again=again)
    drawn, names, wanted = groups.draws[0], list(parts), dict(parts)
    edges = np.cumsum(list(parts.values()))[:-1]
    place = edge_places(edges, drawn)
    taken = np.zeros(len(drawn), np.bool_)
    if portion is not None:
        taken = portion.taken(rows, groups.least, groups.draws[1], forced is not None)
        place[taken], share = len(names), float(taken.mean())
        names.append(VALIDATION)
        wanted = {name: part * (1 - share) for name, part in parts.items()} | {VALIDATION: share}
    if forced is not None:
        rest, stratum = np.flatnonzero(~taken), stratum_codes(rows, forced, len(drawn))
        place[rest] = forced_places(
            place[rest], groups.least[rest], drawn[rest], stratum[rest], list(parts.values())
        )
    return _Placement(groups, place, names, wanted)


def _strata_columns(rows: Rows, stratify: Sequence[str] | Literal["force"]) -> tuple[str, ...]:
    if isinstance(stratify, str):
        one_of("stratify", stratify, ("force",), hint="columns come as a list: stratify=['year']")
        names = columns_of(rows) or ()
        return tuple(name for name in ("source", "subset") if name in names)
    return strata_columns(rows, stratify)


def kfold(
    rows: RowsT,
    folds: int,
    *,
    seed: int,
    by: By = "family",
    near: float | None = 0.8,
    threads: int | None = None,
) -> Split[RowsT]:
    """Divide rows into ``folds`` parts of nearly equal size, ``fold-0`` and so on.

    No family and no group of copies is in two folds. Large groups are placed first, each in the fold
    with the fewest rows so far; a fold is therefore as full as groups allow, and rows that are added
    later can move others (:func:`split` moves none).

    Args:
        rows: Rows with an ``id``.
        folds: How many.
        seed: Another seed gives another division of groups of one size.
        by: As in :func:`split`.
        near: As in :func:`split`.
        threads: As in :func:`split`.

    Returns:
        The folds by name, as :func:`split` returns parts.

    Raises:
        ArgumentError: There are fewer than two folds.
        SchemaError: The rows have no ``id``.

    Warns:
        SplitWarning: A fold is empty, or far from its share.

    Example:
        >>> data = pa.table({"id": [f"x/{i}" for i in range(10)], "family": ["a"] * 4 + ["b"] * 4 + ["c", "d"],
        ...                  "question": [f"What is {i} in words?" for i in range(10)]})
        >>> {name: len(part) for name, part in kfold(data, 2, seed=1, near=None).items()}
        {'fold-0': 5, 'fold-1': 5}
    """
    folds = whole_number("folds", folds, least=2, hint="use mk.split for a single division")
    seed = whole_number("seed", seed)
    source = opened(rows)
    check_groups(source.rows, by, near, verb="kfold()")
    groups = whole_groups(source.rows, by, near, [f"split/{seed}"], threads=threads)
    place = _filled(groups.least, groups.draws[0], folds)
    parts = {f"fold-{i}": 1 / folds for i in range(folds)}
    return divided(source, place, list(parts), parts, groups.least)


def _filled(group: Ints, drawn: Draws, folds: int) -> Ints:
    """Place groups by size, the largest first, each in the emptiest fold."""
    sizes = np.bincount(group, minlength=len(group))
    leaders = np.flatnonzero(sizes)
    leaders = leaders[np.lexsort((drawn[leaders], -sizes[leaders]))]
    fold, filled = np.zeros(len(group), np.int64), np.zeros(folds, np.int64)
    large = leaders[sizes[leaders] > 1]
    for leader in large.tolist():  # one by one: where a group goes depends on those before it
        fold[leader] = filled.argmin()
        filled[fold[leader]] += sizes[leader]
    single = leaders[len(large) :]
    level = np.sort(np.concatenate([np.arange(room, room + len(single)) * folds + i
                                    for i, room in enumerate(filled.tolist())]))[: len(single)]  # fmt: skip
    fold[single] = level % folds
    return fold[group]


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

    Returns:
        The parts by name, as :func:`split` returns them.

    Raises:
        ArgumentError: A year is in two parts, or a part has a name that is taken.
        SchemaError: The rows have no ``id`` or no ``year``.

    Example:
        >>> rows = pa.table({"id": ["a", "b"], "family": ["f", "g"], "year": [2021, 2024],
        ...                  "question": ["Why?", "Where?"]})
        >>> parts = split_by_year(rows, {"train": range(2012, 2023), "test": [2023, 2024]}, near=None)
        >>> {part: kept["id"].to_pylist() for part, kept in parts.items()}
        {'train': ['a'], 'test': ['b']}
    """
    _check_names(parts, example=_YEARS)
    listed = [
        (whole_number("parts", year, hint=_YEARS), i)
        for i, years in enumerate(parts.values())
        for year in several("parts", years)
    ]
    of_year = dict(listed)
    if len(of_year) != len(listed):
        raise ArgumentError("a year is in two parts", argument="parts", found=str({k: list(v) for k, v in parts.items()}),
                          hint="each year belongs to one side")  # fmt: skip
    source = opened(rows)
    columns = strata_columns(source.rows, stratify)
    need_column(source.rows, "year", "by which it is placed")
    check_groups(source.rows, by, near, verb="split_by_year()")
    group = whole_groups(source.rows, by, near, (), threads=threads).least
    year = np.concatenate(
        [
            np.zeros(0, np.int64),
            *(_years(batch) for batch in batches(source.rows, columns=["year"])),
        ]
    )
    latest = np.full(len(group), -1)
    np.maximum.at(latest, group, year)
    place = np.array([of_year.get(y, len(parts)) for y in latest[group].tolist()], np.int64)
    return divided(source, place, [*parts, UNASSIGNED], {}, group, columns)


def _checked_shares(parts: Mapping[str, float], *, single: bool = False) -> dict[str, float]:
    _check_names(parts, example='{"train": 0.9, "validation": 0.1}')
    shares = {
        name: number("parts", share, above=0, most=1, hint='{"train": 0.9, "validation": 0.1}')
        for name, share in parts.items()
    }
    if len(shares) < 2 - single or not isclose(sum(shares.values()), 1):
        raise ArgumentError("the fractions do not divide the rows", argument="parts",
                          expected="two or more positive fractions that add up to 1; one beside validation=",
                          found=", ".join(f"{k}: {v}" for k, v in shares.items()),
                          hint='{"train": 0.9, "validation": 0.1}')  # fmt: skip
    return shares


def _check_names(parts: Mapping[str, object], *, example: str) -> None:
    instance("parts", parts, Mapping, expected="a dict by the parts' names", hint=example)
    if not parts:
        raise ArgumentError("there are no parts to divide rows into", argument="parts",
                            expected="a name for each part", found="none", hint=example)  # fmt: skip
    for name in parts:
        nonempty_text("parts", name, hint=example)
    if UNASSIGNED in parts:
        raise ArgumentError(f"no part can be called {UNASSIGNED!r}", argument="parts", found=", ".join(parts),
                          expected="any other name", hint="rows that no rule places go there")  # fmt: skip


def _years(batch: pa.RecordBatch) -> Ints:
    years = pc.fill_null(year_column(batch).cast(pa.int64()), -1)
    result: Ints = years.to_numpy(zero_copy_only=False)
    return result
