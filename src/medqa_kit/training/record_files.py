"""Records as files: written as JSON Lines, and checked again as read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jsonschema
import numpy as np
import pyarrow as pa

from medqa_kit.core.messages import REASONED
from medqa_kit.core.ragged import Ints
from medqa_kit.training.kinds.index import find_kind
from medqa_kit.training.lint import LintReport, problems, settle


def check_records(rows: Iterable[Mapping[str, Any]], *, record: str) -> LintReport:
    """Check written rows, ours or another's, before they are uploaded or trained on.

    Each row is held against the JSON Schema of its kind, and what fits against the rules of
    :mod:`medqa_kit.training.lint`. Loops over rows, since JSON Schema looks at one at a time.

    Args:
        rows: Rows as read from JSON Lines.
        record: One of :func:`records`.

    Returns:
        The report; rows that do not fit the schema have the code ``schema`` and, as detail, the
        place and the keyword of the schema.

    Example:
        >>> rows = [{"messages": [{"role": "human", "content": "Q"}]}]
        >>> check_records(rows, record="openai/chat").violations["detail"].to_pylist()
        ['messages/0/role: enum']
    """
    kind = find_kind(record)
    validator = jsonschema.Draft202012Validator(kind.schema)
    ids: list[str | None] = []
    details: dict[int, str] = {}
    good: list[int] = []
    canonical: list[Mapping[str, Any]] = []
    for place, row in enumerate(rows):
        error = jsonschema.exceptions.best_match(validator.iter_errors(row))
        named = row.get("id", row.get("custom_id")) if isinstance(row, Mapping) else None
        ids.append(named if isinstance(named, str) else None)
        if error is not None:
            details[place] = f"{'/'.join(map(str, error.absolute_path))}: {error.validator}"
        else:
            good.append(place)
            canonical.append(kind.canonical(row))
    found = (
        [(code, np.array(good)[at]) for code, at in problems(_as_table(canonical))] if good else []
    )
    found += [("schema", np.array(list(details), np.int64)), ("duplicate_id", _repeated(ids))]
    table = pa.table({"id": pa.array(ids, pa.string())})
    return settle(table, found, on_violation="report", details=details)[1]


def _repeated(ids: list[str | None]) -> Ints:
    """Give the places of ids that were there before."""
    seen: set[str] = set()
    again: list[int] = []
    for place, name in enumerate(ids):
        if name in seen:
            again.append(place)
        elif name is not None:
            seen.add(name)
    return np.array(again, np.int64)


def _as_table(rows: list[Mapping[str, Any]]) -> pa.Table:
    columns: dict[str, pa.Array] = {}
    for name, value in rows[0].items():
        if isinstance(value, list) and name != "id":
            columns[name] = pa.array([row[name] for row in rows], pa.list_(REASONED))
        elif isinstance(value, str | bool):
            columns[name] = pa.array([row[name] for row in rows])
    return pa.table(columns)


def json_lines(table: pa.Table) -> Iterator[str]:
    r"""Write records as JSON, one line a row, as trainers read them.

    Arrow gives every message the same fields, so a message without reasoning holds a null;
    several trainers take such a key for a value. Null keys inside messages are left out. Loops
    over rows, as writing JSON does.

    Example:
        >>> message = {"role": "user", "content": "각막?", "reasoning_content": None}
        >>> print(*json_lines(pa.table({"messages": [[message]]})))
        {"messages": [{"role": "user", "content": "각막?"}]}
    """
    for batch in table.to_batches(max_chunksize=1024):
        for row in batch.to_pylist():
            yield json.dumps(
                {name: _without_null(value) for name, value in row.items()}, ensure_ascii=False
            )


def _without_null(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_null(item) for item in value]
    if isinstance(value, dict):
        return {name: _without_null(item) for name, item in value.items() if item is not None}
    return value
