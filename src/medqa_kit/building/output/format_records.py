"""The records of a batch of rows in one format, and the rows that cannot be records."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.output.listings import DROPPED
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.core.report import Report
from medqa_kit.training.records import Record

BROKEN = pa.schema({"row": pa.int64(), **{name: DROPPED.field(name).type
                                          for name in ("reason", "detail", "match")}})  # fmt: skip
"""Rows of a batch that are in no format: the place in the batch, and what the list of the dropped says."""


class FormatRecords(NamedTuple):
    """The records of a batch of rows in one format.

    Attributes:
        made: The records.
        places: Of the row that each is made of.
        broken: The rows that cannot be records, with the schema :data:`BROKEN`.
    """

    made: pa.Table
    places: Ints
    broken: pa.Table


def format_records(rows: pa.Table, kernel: Record) -> FormatRecords:
    """Make the records of a batch of rows.

    Args:
        rows: Of one schema.
        kernel: Of the format; it leaves bad rows out.
    """
    table, report = kernel.run(rows)
    broken = _broken(report)
    good = np.ones(rows.num_rows, bool)
    good[broken["row"].to_numpy()] = False
    places = np.flatnonzero(good)
    # A preference becomes two records.
    times = table.num_rows // len(places) if len(places) else 1
    return FormatRecords(table, np.repeat(places, times), broken)


def _broken(report: Report) -> pa.Table:
    """Return the rows that cannot be records, each with the first rule it breaks."""
    at = report.findings["row"].unique()
    first = report.findings.take(pc.index_in(at, value_set=report.findings["row"]))
    reason = pc.binary_join_element_wise("record", first["code"], "_")
    return pa.table(
        [at.cast(pa.int64()), reason, first["detail"], pa.nulls(len(at), pa.string())],
        schema=BROKEN,
    )
