"""``diff``: the rows that were added, removed, moved or changed from one build to another, and why."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.finished.causes import Causes
from medqa_kit.building.finished.row_contents import row_contents
from medqa_kit.building.finished.row_places import FinishedResult
from medqa_kit.building.finished.setting_changes import input_changes, recipe_changes
from medqa_kit.building.output.listings import DROPPED
from medqa_kit.building.stages.fates import stage_of
from medqa_kit.building.written_manifest import no_manifest
from medqa_kit.core.arguments import file_path, one_of
from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.arrow.ragged import Mask
from medqa_kit.core.report import FINDING_FIELDS, Report
from medqa_kit.core.selection import filtered
from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.core.tables import cell

CHANGES = pa.schema([
    *FINDING_FIELDS, ("source", pa.string()), ("before", pa.string()), ("after", pa.string()),
    ("stage", pa.string()), ("reason", pa.string()), ("match", pa.string()), ("cause", pa.string()),
])  # fmt: skip
"""A row that differs: its place in the build that has it (the later, where both do), its id, what happened,
the detail of the stage; its source, its split before and after, the stage that tells the builds apart, the
reason and match that ``dropped`` lists in the build without the row, and the cause."""

_CODES = ("came", "went", "moved", "changed")
_SHOWN = 30


@dataclass(frozen=True, eq=False, repr=False)
class BuildDiff(Shown):
    """How two builds differ. It prints as tables.

    Attributes:
        report: ``rows`` in either build, ``kept`` those that are the same in both, and a finding for each of
            the others, with the schema :data:`CHANGES`; ``code`` is ``came``, ``went``, ``moved`` (to another
            split) or ``changed``.
        recipe: Lines that the recipes say otherwise, with the schema
            :data:`~medqa_kit.building.finished.setting_changes.SETTINGS`.
        inputs: Revisions, contents, holdouts and versions that differ, with the same schema.

    Example:
        >>> import tempfile
        >>> from medqa_kit.building.pipeline import build
        >>> recipe = {"name": "demo", "source": [{"name": "kbmc"}]}
        >>> outs = [tempfile.mkdtemp() + f"/{n}" for n in range(2)]
        >>> first, second = (build(recipe, out=out, origin="sample") for out in outs)
        >>> difference = diff(first.path, second.path)
        >>> difference.report.rows, difference.rows("went").num_rows
        (14, 0)
    """

    report: Report
    recipe: pa.Table
    inputs: pa.Table

    def rows(self, code: str) -> pa.Table:
        """Return the rows that ``came``, ``went``, ``moved`` or ``changed``.

        Raises:
            ArgumentError: There is no such code.
        """
        one_of("code", code, _CODES)
        findings = self.report.findings
        return findings.filter(pc.equal(findings["code"], code))

    @property
    def summary(self) -> pa.Table:
        """Rows by ``code``, ``source``, ``stage``, ``reason`` and ``cause``, the most frequent first."""
        keys = ["code", "source", "stage", "reason", "cause"]
        counts = self.report.findings.group_by(keys).aggregate([([], "count_all")])
        return counts.rename_columns({"count_all": "rows"}).sort_by(
            [("rows", "descending"), *((key, "ascending") for key in keys)]
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the rows that differ to a ``.csv``, ``.jsonl`` or ``.parquet`` file."""
        return self.report.save(path)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        tables = {"recipe": self.recipe, "inputs": self.inputs, "summary": self.summary}
        return {**{name: table.to_pylist() for name, table in tables.items()},
                "rows": self.report.to_dict()}  # fmt: skip

    def to_json(self) -> str:
        """Return it as JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    @property
    def _head(self) -> str:
        by_code = self.report.by("code")
        counted = ", ".join(f"{by_code.get(code, 0):,} {code}" for code in _CODES)
        return f"{self.report.kept:,} rows are the same; {counted}"

    @property
    def _tables(self) -> list[list[Sequence[str]]]:
        shown = [self.recipe, self.inputs, self.summary]
        heads = [
            ("recipe", "before", "after"),
            ("input", "before", "after"),
            tuple(self.summary.column_names),
        ]
        return [
            [head, *_cells(table)]
            for head, table in zip(heads, shown, strict=True)
            if table.num_rows
        ]

    def _blocks(self) -> Iterator[Block]:
        yield self._head
        yield from (f"note: {note}" for note in self.report.notes)
        yield from self._tables


def diff(before: str | os.PathLike[str], after: str | os.PathLike[str]) -> BuildDiff:
    """Compare two results of :func:`medqa_kit.build`: rows that were added, removed, moved or changed, and why.

    Rows are compared by id and by the content of their records in the formats that both builds have. The reasons
    come from the list of dropped rows of the build without the row, and from lines of the recipes, revisions and
    versions that differ. Uses no network and reads no source.

    Args:
        before: The folder of one build.
        after: The folder of another.

    Returns:
        The differences.

    Raises:
        WrongFilesError: There is no such result.
        FormatError: A manifest is damaged or was edited, or a file of rows is absent, cut or damaged.
        StorageError: A result cannot be read.

    Example:
        >>> import tempfile
        >>> from medqa_kit.building.pipeline import build
        >>> recipe = {"name": "demo", "source": [{"name": "kormedmcqa", "subset": "doctor"}]}
        >>> other = {**recipe, "source": [{"name": "kormedmcqa", "subset": "doctor", "years": [2012]}]}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     first = build(recipe, out=f"{folder}/recipe", origin="sample").path
        ...     difference = diff(first, build(other, out=f"{folder}/other", origin="sample").path)
        >>> difference.summary.select(["code", "reason", "cause", "rows"]).to_pylist()
        [{'code': 'went', 'reason': 'other_year', 'cause': 'recipe: sources[kormedmcqa].years', 'rows': 2}]
    """
    sides = [
        FinishedResult.read(file_path(name, path))
        for name, path in (("before", before), ("after", after))
    ]
    left, right = sides
    try:
        recipe = recipe_changes(left.manifest["recipe"], right.manifest["recipe"])
        inputs = input_changes(left.manifest, right.manifest)
    except (KeyError, TypeError, AttributeError) as error:
        raise no_manifest(left.folder, error) from error
    causes = Causes(recipe, inputs, _labels(sides))
    common = [rows.form.name for rows in left.formats
              if rows.form.name in {each.form.name for each in right.formats}]  # fmt: skip
    for side in sides:
        compared = [rows for rows in side.formats if rows.form.name in common]
        side.refuse_changed(compared or side.formats[:1])
    contents = [row_contents(side, common) for side in sides]
    findings, kept = _differences(contents, sides, causes)
    notes = (
        [] if common else ["the builds have no format in common, so what rows say was not compared"]
    )
    came = int(np.sum(pc.equal(findings["code"], "came").to_numpy()))
    report = Report(
        "diff", rows=contents[0].num_rows + came, kept=kept, findings=findings, notes=notes
    )
    return BuildDiff(report, recipe, inputs)


def _labels(sides: Sequence[FinishedResult]) -> dict[str, tuple[str, ...]]:
    labels: dict[str, tuple[str, ...]] = {}
    for each in (each for side in sides for each in side.manifest["sources"]):
        known = labels.get(each["name"], ())
        labels[each["name"]] = tuple(dict.fromkeys([*known, each.get("as") or each["name"]]))
    return labels


def _differences(
    contents: Sequence[pa.Table], sides: Sequence[FinishedResult], causes: Causes
) -> tuple[pa.Table, int]:
    """Return the rows that differ, and how many are the same."""
    before, after = contents
    at = pc.index_in(before["id"], value_set=after["id"].combine_chunks()).combine_chunks()
    both = np.flatnonzero(at.is_valid().to_numpy(zero_copy_only=False))
    there = at.drop_null().to_numpy().astype(np.int64)
    came = np.setdiff1d(np.arange(after.num_rows), there)
    went = np.flatnonzero(at.is_null().to_numpy(zero_copy_only=False))
    old, new = before.take(pa.array(both)), after.take(pa.array(there))
    moved = ~pc.equal(old["split"], new["split"]).to_numpy()
    other = ~pc.equal(old["content"], new["content"]).to_numpy()
    tables = [
        _absent(after, came, "came", sides[0], before),
        _absent(before, went, "went", sides[1], after),
        _in_both(old, new, there, moved, "moved", "it is in another split"),
        _in_both(old, new, there, other, "changed", "its records say something else"),
    ]
    findings = _with_causes(pa.concat_tables(tables), causes)
    return findings, int((~moved & ~other).sum())


def _absent(
    rows: pa.Table, places: npt.NDArray[np.int64], code: str, without: FinishedResult, others: pa.Table
) -> pa.Table:  # fmt: skip
    """Describe rows that one build does not have, by what it says of them."""
    rows = rows.take(pa.array(places))
    ids = whole(rows["id"])
    plain = pc.replace_substring_regex(ids, r"#\d+$", "")
    copies = pc.and_(pc.not_equal(ids, plain), pc.is_in(plain, value_set=whole(others["id"])))
    wanted = pa.concat_arrays([ids, plain])
    listed = pa.concat_tables([DROPPED.empty_table(), *(
        table.filter(pc.is_in(table["id"], value_set=wanted)) for table in without.dropped())])  # fmt: skip
    at = pc.coalesce(pc.index_in(ids, value_set=whole(listed["id"])), pc.index_in(plain, value_set=whole(listed["id"])))  # fmt: skip
    dropped = listed.take(at)
    reason = pc.coalesce(pc.if_else(copies, "taken_less_often", None), dropped["reason"])
    stages = {word: stage_of(word) for word in pc.unique(reason).drop_null().to_pylist()}
    stage = pc.coalesce(_mapped(reason, stages | {"taken_less_often": "mix"}), pa.scalar("read"))
    detail = pc.coalesce(
        dropped["detail"], pc.if_else(copies, "a mix takes it less often", "it was not read")
    )
    split = rows["split"]
    nothing = pa.nulls(rows.num_rows, pa.string())
    ends = (nothing, split) if code == "came" else (split, nothing)
    return pa.table([pa.array(places), ids, pa.repeat(code, len(ids)), detail, rows["source"], *ends, stage, reason,
                     dropped["match"], nothing], schema=CHANGES)  # fmt: skip


def _in_both(
    old: pa.Table, new: pa.Table, places: npt.NDArray[np.int64], marks: Mask, code: str, detail: str
) -> pa.Table:  # fmt: skip
    old, new = filtered(old, marks), filtered(new, marks)
    size, nothing = new.num_rows, pa.nulls(new.num_rows, pa.string())
    return pa.table([pa.array(places[marks]), new["id"], pa.repeat(code, size), pa.repeat(detail, size), new["source"],
                     old["split"], new["split"], pa.repeat(code, size), nothing, nothing, nothing], schema=CHANGES)  # fmt: skip


def _with_causes(rows: pa.Table, causes: Causes) -> pa.Table:
    """Name the cause of each row: one for all of a source and a stage."""
    keys = pc.binary_join_element_wise(rows["source"], rows["stage"], "\t")
    known = {key: causes.of(*key.rsplit("\t", 1)) for key in pc.unique(keys).to_pylist()}  # few
    return rows.set_column(rows.num_columns - 1, "cause", _mapped(keys, known))


def _mapped(column: pa.ChunkedArray, values: Mapping[str, str]) -> pa.ChunkedArray:
    """Return for each text what a mapping has for it, null where it has nothing."""
    at = pc.index_in(column, value_set=pa.array(list(values), pa.string()))
    return pa.array(list(values.values()), pa.string()).take(at)


def _cells(table: pa.Table) -> list[tuple[str, ...]]:
    rows = [
        tuple(cell(value) for value in row.values()) for row in table.slice(0, _SHOWN).to_pylist()
    ]
    rest = table.num_rows - _SHOWN
    return (
        [*rows, ("…", f"and {rest:,} more", *[""] * (table.num_columns - 2))] if rest > 0 else rows
    )
