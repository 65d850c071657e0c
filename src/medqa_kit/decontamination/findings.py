"""The findings of a holdout in rows: one per pair of row and item, and their report."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.report import FINDING_FIELDS, Report
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.decontamination.matcher import Matches
from medqa_kit.decontamination.rules import RULES
from medqa_kit.matching.row_texts import text_column, year_column

FINDINGS = pa.schema([
    *(pa.field(name, type_) for name, type_ in FINDING_FIELDS),
    pa.field("held_id", pa.string()),
    pa.field("stem_score", pa.float64()),
    pa.field("options_score", pa.float64()),
    pa.field("answer_score", pa.float64()),
    pa.field("source", pa.string()),
    pa.field("year", pa.int32()),
    pa.field("holdout", pa.string()),
    pa.field("held_source", pa.string()),
    pa.field("held_year", pa.int32()),
])  # fmt: skip
"""One row per pair of row and held-out item, the strongest rule of a row first.

``code`` is the :data:`~medqa_kit.decontamination.rules.Rule`. ``id`` is the id of the row, or ``#`` and
its position where the data has no ids. ``source`` and ``year`` are the row's, ``held_source`` and
``held_year`` the item's.
"""


def leak_findings(
    batch: pa.RecordBatch, matches: Matches, begin: int, holdout: Holdout
) -> pa.Table:
    """Return the findings in a batch.

    Args:
        batch: The rows.
        matches: What was found in them.
        begin: Position of the first of them in the whole data.
        holdout: What was looked for.

    Returns:
        A table with the schema :data:`FINDINGS`.
    """
    row, item = pa.array(matches.row), pa.array(matches.item)
    items = holdout.items.take(item)
    positions = pa.array([f"#{place + begin}" for place in matches.row.tolist()], pa.string())
    ids = pc.coalesce(text_column(batch, "id").take(row), positions)
    stem, options, answer = (pa.array(score, from_pandas=True)
                             for score in (matches.stem, matches.options, matches.answer))  # fmt: skip
    columns = {
        "row": pa.array(matches.row + begin),
        "id": ids,
        "code": pa.array(RULES).take(pa.array(matches.rule)),
        "detail": pc.binary_join_element_wise(
            items["holdout"], ": ", items["id"], "; stem ", _rounded(stem), ", options ",
            _rounded(options), ", answer ", _rounded(answer), "",
        ),
        "held_id": items["id"],
        "stem_score": stem,
        "options_score": options,
        "answer_score": answer,
        "source": text_column(batch, "source").take(row),
        "year": year_column(batch).take(row),
        "holdout": items["holdout"],
        "held_source": items["source"],
        "held_year": items["year"],
    }  # fmt: skip
    return pa.table(columns, schema=FINDINGS)


def _rounded(score: pa.Array) -> pa.Array:
    return pc.fill_null(pc.round(score, 2).cast(pa.string()), "–")


def leak_report(
    verb: str, findings: pa.Table, *, rows: int, holdout: Holdout, notes: tuple[str, ...] = (),
    took_out: bool = True,
) -> Report:  # fmt: skip
    """Make the report of a verb.

    Args:
        verb: Its name.
        findings: With the schema :data:`FINDINGS`, in any order.
        rows: How many rows were searched.
        holdout: What was looked for; the notes say why.
        notes: More sentences for a person.
        took_out: Whether the rows were taken out, or only looked at.

    Returns:
        The report. Its ``counts`` have rows, each once, as ``rows_exact`` and so on: by the strongest
        rule of each that occurs. Those of ``rows_review`` are not dropped.
    """
    rank = pc.index_in(findings["code"], value_set=pa.array(RULES))
    order = pc.sort_indices(findings.append_column("rank", rank), [
        ("row", "ascending"), ("rank", "ascending"), ("stem_score", "descending"), ("held_id", "ascending"),
    ])  # fmt: skip
    ordered = findings.take(order)
    strongest = _first_of_each_row(ordered)["code"].to_pylist()
    counts = {f"rows_{rule}": strongest.count(rule) for rule in RULES if rule in strongest}
    dropped = len(strongest) - strongest.count("review")
    held_out = tuple(
        f"held out: {p.name}: {p.reason}" + (f"; protects {', '.join(p.protects)}" if p.protects else "")
        for p in holdout.purposes
    )  # fmt: skip
    return Report(verb, rows=rows, kept=rows - dropped, findings=ordered, counts=counts,
                  notes=(*notes, *held_out), took_out=took_out)  # fmt: skip


def dropped_rows(report: Report) -> pa.Table:
    """Return one finding of each row that holds an item: the strongest.

    Args:
        report: Of :func:`~medqa_kit.decontamination.exclusion.exclude` or a verb like it.

    Returns:
        A table with the schema :data:`FINDINGS`, in the order of the rows.
    """
    first = _first_of_each_row(report.findings)
    return first.filter(pc.not_equal(first["code"], "review"))


def _first_of_each_row(findings: pa.Table) -> pa.Table:
    row = whole(findings["row"]).to_numpy()
    return findings.filter(pa.array(np.diff(row, prepend=-1) != 0))
