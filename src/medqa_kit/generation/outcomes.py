"""The files of a ledger with the outcomes of requests: one per set of results, never changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import xxhash

from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.atomic import written_whole
from medqa_kit.core.judging import findings_of
from medqa_kit.core.stored import put_aside, xxh3_of
from medqa_kit.errors import StorageError

OUTCOMES = pa.schema([
    ("request", pa.string()), ("code", pa.string()), ("detail", pa.string()), ("completion", pa.string()),
    ("fields", pa.string()), ("model", pa.string()),
    ("prompt_tokens", pa.int64()), ("completion_tokens", pa.int64()),
])  # fmt: skip
"""What came of a request: accepted with ``fields`` (JSON) where ``code`` is null."""


REPLIES = "replies"
"""The folder of a ledger that holds these files."""
FURTHER = "answered"
"""The code of a reply to a request that has an accepted one."""
_SAME, _OTHER = "the same reply", "another reply; the first accepted one counts"


class LedgerState(NamedTuple):
    """What stands in the files.

    Attributes:
        taken: All outcomes, in the order in which they were taken.
        accepted: The outcome that counts of each answered request.
        aside: The last failure of each other request that was tried.
    """

    taken: pa.Table
    accepted: pa.Table
    aside: pa.Table

    def of(self, requests: pa.ChunkedArray) -> LedgerState:
        """Return what came of some requests; what was taken of others stays taken."""
        ours = (
            outcomes.filter(pc.is_in(outcomes["request"], value_set=requests))
            for outcomes in (self.accepted, self.aside)
        )
        return LedgerState(self.taken, *ours)


def standing(folder: Path) -> LedgerState:
    """Read all outcomes; damaged files are put aside with a warning, so their requests are open again."""
    tables = [
        table
        for file in sorted(folder.glob("[0-9]*.parquet"))
        if (table := _sound(file)) is not None
    ]
    taken = pa.concat_tables([OUTCOMES.empty_table(), *tables])
    accepted = _first(taken.filter(pc.is_null(taken["code"])))
    bad = taken.filter(pc.is_valid(taken["code"]))
    bad = bad.filter(pc.invert(pc.is_in(bad["request"], value_set=accepted["request"])))
    return LedgerState(taken, accepted, _first(bad.take(pa.array(np.arange(len(bad))[::-1]))))


def further_outcomes(replies: pa.Table, known: pa.Table) -> pa.Table:
    """Return replies to answered requests as outcomes, which say whether the same reply is known.

    Args:
        replies: As :func:`~medqa_kit.training.openai_batch.parse_batch` reads them.
        known: What is or will be written down.
    """
    values = {"request": replies["id"], "code": pa.repeat(FURTHER, len(replies))}
    for name in ("completion", "model", "prompt_tokens", "completion_tokens"):
        values[name] = replies[name]
    said, before = (
        pc.binary_join_element_wise(names, pc.fill_null(table["completion"], ""), "\0")
        for names, table in ((replies["id"], replies), (known["request"], known))
    )
    said = whole(said)
    again = pc.is_in(said, value_set=before).to_numpy(zero_copy_only=False)
    again[np.setdiff1d(np.arange(len(said)), pc.index_in(said.unique(), value_set=said))] = True
    values["detail"] = pc.if_else(pa.array(again), _SAME, _OTHER)
    return pa.table([
        values.get(field.name, pa.nulls(len(replies), field.type)) for field in OUTCOMES
    ], schema=OUTCOMES)  # fmt: skip


def others_alone(further: pa.Table) -> pa.Table:
    """Return those of :func:`further_outcomes` that are not known already."""
    return further.filter(pc.equal(further["detail"], _OTHER))


def write_outcomes(folder: Path, outcomes: pa.Table, taken: pa.Table) -> None:
    """Write outcomes that were not taken before as one more file.

    Raises:
        StorageError: The folder cannot be written.
    """
    new, old = (
        pc.binary_join_element_wise(
            *(pc.fill_null(table[name], "\0") for name in OUTCOMES.names[:4]), "\0"
        )
        for table in (outcomes, taken)
    )
    outcomes = outcomes.filter(pc.invert(pc.is_in(new, value_set=old)))
    if not outcomes.num_rows:
        return
    content = parquet_bytes(outcomes)
    last = max((file.name for file in folder.glob("[0-9]*.parquet")), default="")
    number = int(last.partition("-")[0]) + 1 if last else 0  # behind all, where one was put aside
    name = f"{number:06}-{xxhash.xxh3_128_hexdigest(content)}.parquet"
    try:
        with written_whole(folder / name) as unfinished:
            unfinished.write_bytes(content)
    except OSError as error:
        raise StorageError.of(error, folder, elsewhere="or name another folder") from error


def parquet_bytes(table: pa.Table) -> bytes:
    """Return a table as a Parquet file: equal bytes for equal values, whatever the chunks."""
    sink = pa.BufferOutputStream()
    pq.write_table(table.combine_chunks(), sink, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _sound(file: Path) -> pa.Table | None:
    try:
        if file.stem.partition("-")[2] == xxh3_of(file):
            return pq.read_table(file, schema=OUTCOMES)
        why = "its digest is another"
    except (pa.ArrowException, OSError, ValueError) as error:
        why = type(error).__name__
    put_aside(file, why)
    return None


def _first(table: pa.Table) -> pa.Table:
    """Return the first row of each request."""
    names = table["request"].combine_chunks()
    return table.take(pc.index_in(names.unique(), value_set=names))


def detailed_lines(findings: pa.Table, places: pa.Array, details: Any) -> pa.Table:
    """Say in findings about lines what is known of some of them.

    Args:
        findings: By ``row``, the number of a line.
        places: Some lines.
        details: What is said of each of them.
    """
    at = pc.index_in(findings["row"], value_set=places)
    said = pc.coalesce(whole(details).take(at), findings["detail"])
    return findings.set_column(3, "detail", said)


def request_findings(requests: Any, codes: Any, details: Any) -> pa.Table:
    """Return findings about requests, which stand in no line.

    Args:
        requests: Their names.
        codes: A code for each.
        details: What is said of each.
    """
    table = pa.table({"id": requests})
    findings = findings_of(table, np.arange(len(table)), codes, details)
    return findings.set_column(0, "row", pa.nulls(len(table), pa.int64()))
