"""Rows made of accepted replies: columns of the parent, the text of the model, and the origin of each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from medqa_kit.generation.requests import Generation
from medqa_kit.schemas import QA

LINEAGE: tuple[pa.Field, ...] = (
    pa.field("parent", pa.string()), pa.field("task", pa.string()),
    pa.field("model", pa.string()), pa.field("request", pa.string()),
)  # fmt: skip
"""Columns that rows of replies have beside those of their schema: the id of the row they were made
of, what was asked for, which model answered, and the name of the request in the ledger."""


def derived_rows(parents: pa.Table, replies: pa.Table, task: Generation) -> pa.Table:
    """Make rows of accepted replies.

    Args:
        parents: The rows the requests were made of.
        replies: ``request``, ``parent``, ``turn``, ``model`` and ``fields`` (JSON) of accepted replies.
        task: What was asked for.

    Returns:
        A table with the parents' columns (those of the QA schema for grounded questions) and
        :data:`LINEAGE`. The id of a row is that of its parent, the task, the language where one was
        asked for, and a number; its ``family`` is that of its parent, or the parent's id.
    """
    grounded = task.rules.result == "pairs"
    schema = QA.remove_metadata() if grounded else _schema(parents, task)
    rows: list[dict[str, Any]] = []
    origins = parents.take(replies["parent"]).to_pylist()
    for origin, reply in zip(origins, replies.to_pylist(), strict=True):
        values = json.loads(reply["fields"])
        suffix = "-".join(filter(None, [task.task, task.language, str(reply["turn"] + 1)]))
        own = {
            **origin,
            "family": origin.get("family") or origin["id"],
            "language": task.language_of(origin),
            "parent": origin["id"], "task": task.task, "model": reply["model"] or task.model,
            "request": reply["request"],
        }  # fmt: skip
        if grounded:
            rows += _questions(own, values["pairs"], suffix)
        else:
            rows.append({**own, **_replaced(own, values), "id": f"{origin['id']}#{suffix}"})
    return pa.Table.from_pylist(rows, schema=pa.schema([*schema, *LINEAGE]))


def _schema(parents: pa.Table, task: Generation) -> pa.Schema:
    """Return the columns of the parents and those that are filled; rows of replies may be parents, too."""
    filled = [name for name in ("family", "language", task.rules.result) if name]
    lineage = {field.name for field in LINEAGE}
    fields = [field for field in parents.schema.remove_metadata() if field.name not in lineage]
    names = {field.name for field in fields}
    texts = [pa.field(name, pa.string()) for name in filled if name not in names]
    untyped = [field.name in filled and pa.types.is_null(field.type) for field in fields]
    return pa.schema([
        *(field.with_type(pa.string()) if bare else field for field, bare in zip(fields, untyped, strict=True)),
        *texts,
    ])  # fmt: skip


def _replaced(row: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the columns a reply fills; the answer of a choice is the text of the right option."""
    index, options = row.get("answer_index"), values.get("options", row.get("options"))
    if options is None or index is None or not 0 <= index < len(options):
        return values
    return {**values, "answer": options[index]}


def _questions(
    row: Mapping[str, Any], pairs: Sequence[Mapping[str, str]], suffix: str
) -> list[dict[str, Any]]:
    same = {name: row.get(name) for name in ("source", "subset", "split", "language", "family")}
    lineage = {field.name: row[field.name] for field in LINEAGE}
    return [
        {**same, **lineage, **pair, "context": row["text"], "id": f"{row['id']}#{suffix}.{number}"}
        for number, pair in enumerate(pairs, 1)
    ]
