"""``leak_map``: find the training sources that hold items of benchmarks, by lineage and by a search."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from operator import or_
from typing import TypeAlias, get_args

import pyarrow as pa

from medqa_kit.auditing.lineage import Lineage, relation_of
from medqa_kit.catalog.model import Source
from medqa_kit.catalog.protections import Protection
from medqa_kit.catalog.registry import holdout, holdouts, source, sources
from medqa_kit.core.arguments import file_path, instance, one_of, several
from medqa_kit.core.progress import watched_each
from medqa_kit.core.showing.shown import Block, Shown, html_of
from medqa_kit.core.tables import cell, counted, text_table
from medqa_kit.decontamination.exclusion import search
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.errors import ArgumentError, HoldoutWarning, MedQAError, RowCountWarning, shorten
from medqa_kit.loading.part_loading import PartLoader, load_parts
from medqa_kit.loading.request import LoadRequest, Origin

_HEADER = ("source", "holdout", "lineage", "rows", "found", "rules")
_SIGNS: Mapping[Lineage, str] = {
    "own": "own",
    "descends": "child",
    "origin": "parent",
    "shares": "kin",
    "": "",
}
_Paths: TypeAlias = Mapping[str, str | os.PathLike[str]]


@dataclass(frozen=True, repr=False)
class LeakCell(Shown):
    """What is known of one training source and one benchmark.

    Attributes:
        source: Name of the training source.
        holdout: Name of the holdout that stands for the benchmark.
        lineage: See :data:`Lineage`.
        through: The sources between the two.
        rows: Training rows that were searched, ``None`` where they could not be read.
        found: How many of them hold an item, without those for review; ``None`` where not searched.
        rules: By which rule, and how often.
    """

    source: str
    holdout: str
    lineage: Lineage
    through: tuple[str, ...]
    rows: int | None
    found: int | None
    rules: Mapping[str, int]

    def _blocks(self) -> Iterator[Block]:
        yield [_HEADER, self.cells()]

    @property
    def silent(self) -> bool:
        """Whether neither lineage nor matching says anything."""
        return not self.lineage and not self.found and not self.rules

    def cells(self) -> tuple[str, ...]:
        """Return it as a row of a table."""
        through = f" through {', '.join(self.through)}" if self.through else ""
        rules = ", ".join(f"{name} {count:,}" for name, count in self.rules.items())
        return (
            self.source,
            self.holdout,
            f"{self.lineage}{through}",
            cell(self.rows),
            cell(self.found),
            rules,
        )


@dataclass(frozen=True, repr=False)
class LeakMap:
    """Training sources against benchmarks. It prints the pairs of which something is known.

    Attributes:
        cells: One a pair, by source and holdout.
        notes: What could not be read, and why.

    Example:
        >>> leaks = leak_map(["kbmc"], holdouts=["kormedmcqa-official-test"], origin="sample")
        >>> leaks.cells[0].found, leaks.cells[0].lineage
        (0, '')
    """

    cells: tuple[LeakCell, ...]
    notes: tuple[str, ...] = ()

    def matrix(self) -> list[tuple[str, ...]]:
        """Return a table of sources by holdouts, only those of which something is known.

        A field has the relation (``own``, ``child``, ``parent`` or ``kin``) and the rows found.
        """
        spoken = [each for each in self.cells if not each.silent]
        across = list(dict.fromkeys(each.holdout for each in spoken))
        across.sort(key=[each.holdout for each in self.cells].index)
        fields = {(each.source, each.holdout): _field(each) for each in spoken}
        down = dict.fromkeys(each.source for each in spoken)
        return [
            ("source", *across),
            *(
                (name, *(fields.get((name, holdout_name), "") for holdout_name in across))
                for name in down
            ),
        ]

    def to_markdown(self) -> str:
        """Return the matrix as a Markdown table, holdouts as numbers that are named below it.

        Example:
            >>> print(leak_map(["kbmc"], holdouts=["kormedmcqa-official-test"], origin="sample").to_markdown())
            Nothing is known of these pairs.
        """
        (head, *lines) = self.matrix()
        if not lines:
            return "Nothing is known of these pairs."
        numbers = [str(place) for place in range(1, len(head))]
        rows = [("source", *numbers), ("---", *(":-:" for _ in numbers)), *lines]
        named = "\n".join(
            f"{number}. `{name}`" for number, name in zip(numbers, head[1:], strict=True)
        )
        return "\n".join(f"| {' | '.join(row)} |" for row in rows) + f"\n\n{named}"

    def to_json(self) -> str:
        """Return it as JSON.

        Example:
            >>> json.loads(LeakMap(()).to_json())
            {'cells': [], 'notes': []}
        """
        return json.dumps(
            {"cells": [asdict(each) for each in self.cells], "notes": list(self.notes)},
            ensure_ascii=False,
        )

    def __str__(self) -> str:
        spoken = [each.cells() for each in self.cells if not each.silent]
        lines = text_table([_HEADER, *spoken]) if spoken else []
        return "\n".join([self._headline, *lines, *(f"note: {note}" for note in self.notes)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_of([self._headline, self.matrix(), *(f"note: {note}" for note in self.notes)])

    @property
    def _headline(self) -> str:
        leaking = sum(bool(each.found) for each in self.cells)
        return f"leak_map: {counted(len(self.cells), 'pair')}, rows found in {leaking:,}"


def _field(each: LeakCell) -> str:
    count = (
        "?"
        if each.found is None
        else f"{each.found:,}"
        if each.found
        else "0"
        if each.lineage
        else ""
    )
    return " ".join(filter(None, (_SIGNS[each.lineage], count)))


def leak_map(
    sources: Sequence[str | Source] | None = None,
    *,
    holdouts: Sequence[str] | None = None,
    origin: Origin = "hub",
    paths: _Paths | None = None,
    threads: int | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
) -> LeakMap:
    """Return which training sources hold items of which benchmarks: by declared lineage, and by a search.

    The training parts of each source are searched: neither official tests nor parts by name only. Findings of
    ``own`` rows are items that are in two parts of one source.

    Args:
        sources: The training sources; all that have rows by default.
        holdouts: Names of holdouts; those that recipes apply by default.
        origin: Where to read, as in :func:`medqa_kit.load`.
        paths: Local files, by name of the source.
        threads: As in :func:`medqa_kit.exclude`.
        cache_dir: Root of the ``datasets`` cache.

    Returns:
        A cell a pair. What cannot be read has no counts, and a note says why.

    Raises:
        ArgumentError: No source or holdout is named, or not in a list.
        UnknownSourceError: There is no such source or holdout.

    Example:
        >>> leaks = leak_map(["medical_reasoning_kormedmcqa"], holdouts=["kormedmcqa-official-test"], origin="sample")
        >>> leaks.cells[0].lineage
        'descends'
    """
    one_of("origin", origin, get_args(Origin))
    trained = _sources(sources)
    protections = _holdouts(holdouts)
    if paths is not None:
        instance(
            "paths", paths, Mapping, expected="a dict of paths", hint='paths={"kbmc": "kbmc.tsv"}'
        )
    local = {name: file_path("paths", path) for name, path in (paths or {}).items()}
    notes: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HoldoutWarning)
        warnings.simplefilter("ignore", RowCountWarning)
        searched = dict(_fingerprints(protections, origin, local, cache_dir, notes))
        union = reduce(or_, searched.values()) if searched else None
        cells = []
        for each in watched_each(trained, verb="leak_map", total=len(trained)):
            request = LoadRequest(
                origin="path" if each.name in local else origin, path=local.get(each.name)
            )
            rows, counts = None, dict[str, dict[str, int]]()
            try:
                rows, counts = _looked(
                    each, request, PartLoader(cache_dir=cache_dir), union, threads
                )
            except MedQAError as error:
                notes.append(f"{each.name}: {shorten([str(error)])}")
            for protection in protections:
                lineage, through = relation_of(each, source(protection.source))
                own = rows is not None and protection.name in searched
                rules = counts.get(protection.name, {})
                total = sum(count for rule, count in rules.items() if rule != "review")
                cells.append(
                    LeakCell(
                        each.name,
                        protection.name,
                        lineage,
                        through,
                        rows,
                        total if own else None,
                        rules,
                    )
                )
    return LeakMap(tuple(cells), tuple(notes))


def _sources(given: Sequence[str | Source] | None) -> list[Source]:
    if given is not None and (isinstance(given, (str, Source)) or not several("sources", given)):
        raise ArgumentError("sources= takes a list", argument="sources", expected='such as ["kbmc"]', found=repr(given)[:80],
                            hint="put it in brackets; None takes all")  # fmt: skip
    if given is None:
        return [
            each
            for each in sources()
            if any(not p.evaluation and not p.by_name_only for p in each.parts)
        ]
    return [each if isinstance(each, Source) else source(each) for each in given]


def _holdouts(given: Sequence[str] | None) -> list[Protection]:
    if given is not None and (isinstance(given, str) or not several("holdouts", given)):
        raise ArgumentError("holdouts= takes a list", argument="holdouts", found=repr(given)[:80],
                            expected='such as ["kormedmcqa-official-test"]', hint="put it in brackets; None takes the defaults")  # fmt: skip
    return (
        [each for each in holdouts() if each.default]
        if given is None
        else [holdout(name) for name in given]
    )


def _fingerprints(
    protections: Iterable[Protection],
    origin: Origin,
    local: _Paths,
    cache_dir: str | os.PathLike[str] | None,
    notes: list[str],
) -> Iterator[tuple[str, Holdout]]:
    """Take the fingerprints of the benchmarks, as far as they can be read."""
    for each in protections:
        try:
            yield (
                each.name,
                Holdout.named(
                    each.name, origin=origin, paths=local, partial=True, cache_dir=cache_dir
                ),
            )
        except MedQAError as error:
            notes.append(f"{each.name}: {shorten([str(error)])}")


def _looked(
    data_set: Source,
    request: LoadRequest,
    loader: PartLoader,
    union: Holdout | None,
    threads: int | None,
) -> tuple[int, dict[str, dict[str, int]]]:
    """Search the parts that one trains on; return their rows, and rows found by holdout and rule."""
    rows, counts = 0, dict[str, dict[str, int]]()
    for part in data_set.parts:
        if part.evaluation or part.by_name_only:
            continue
        for loaded in load_parts(data_set, request, loader, subset=part.subset, split=part.split):
            if loaded.plan.part != part:
                continue
            rows += loaded.data.num_rows
            if union is not None:
                _add(counts, search(loaded.data, union, threads=threads).findings)
    return rows, counts


def _add(counts: dict[str, dict[str, int]], findings: pa.Table) -> None:
    """Count rows by holdout, each by the first rule that found it."""
    once = findings.group_by(["holdout", "row"], use_threads=False).aggregate([("code", "first")])
    tally = once.group_by(["holdout", "code_first"]).aggregate([([], "count_all")])
    for line in tally.to_pylist():  # holdouts by rules: few
        own = counts.setdefault(line["holdout"], {})
        own[line["code_first"]] = own.get(line["code_first"], 0) + line["count_all"]
