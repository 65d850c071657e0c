"""Files of records: write JSON Lines, and check such files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import jsonschema
import numpy as np
import pyarrow as pa

from medqa_kit.core.arrow.json_rows import json_rows
from medqa_kit.core.arrow.messages import MESSAGE_LISTS, REASONED, is_json_list
from medqa_kit.core.arrow.ragged import Ints, widen
from medqa_kit.core.holders import Rows, batches, opened
from medqa_kit.core.report import Report
from medqa_kit.errors import FormattingError, SchemaError
from medqa_kit.training.conversations import message_columns_of
from medqa_kit.training.kinds.index import find_kind
from medqa_kit.training.kinds.model import RecordKind
from medqa_kit.training.lint import record_problems
from medqa_kit.training.lint_rules import tool_runs
from medqa_kit.training.violations import Violations, violation_findings


def check_records(rows: Iterable[Any], *, record: str) -> Report:
    """Check written rows, ours or another's, before they are uploaded or trained on.

    Each row is checked against the JSON Schema of its kind, and a row that fits also by the rules of
    :data:`medqa_kit.training.violations.CODES`. Loops over rows, since JSON Schema looks at one at a
    time.

    Args:
        rows: Rows as read from JSON Lines, in any iterable; or what :func:`medqa_kit.apply` takes.
        record: A name of :func:`medqa_kit.record_kinds`.

    Returns:
        The report. All rows are kept. Rows that do not fit the schema have the code ``schema`` and,
        as detail, the place and the keyword of the schema; the row is never quoted.

    Raises:
        ArgumentError: No such kind, or ``rows`` is not rows.

    Example:
        >>> rows = [{"messages": [{"role": "human", "content": "Q"}]}]
        >>> check_records(rows, record="openai/chat").findings["detail"].to_pylist()
        ['messages/0/role: enum']
    """
    kind = find_kind(record)
    validator = jsonschema.Draft202012Validator(kind.schema)
    ids: list[str | None] = []
    errors: dict[int, str] = {}
    good: list[int] = []
    canonical: list[Mapping[str, Any]] = []
    for place, row in enumerate(_as_written(rows)):
        error = jsonschema.exceptions.best_match(validator.iter_errors(row))
        name = row.get("id", row.get("custom_id")) if isinstance(row, Mapping) else None
        ids.append(name if isinstance(name, str) else None)
        if error is not None:
            errors[place] = f"{'/'.join(map(str, error.absolute_path))}: {error.validator}"
        elif not _is_unicode(row):
            errors[place] = "a text holds half a surrogate pair, which no file can"
        else:
            good.append(place)
            canonical.append(kind.canonical(row))
    violations = [("schema", np.array(list(errors), np.int64)), ("duplicate_id", _repeated(ids))]
    if good:
        table = _as_table(canonical)
        violations += [(code, np.array(good)[at]) for code, at in _rules(table, kind)]
    findings = violation_findings(pa.table({"id": pa.array(ids, pa.string())}), violations)
    details = [errors[line["row"]] if line["code"] == "schema" else line["detail"]
               for line in findings.to_pylist()]  # fmt: skip
    column = findings.schema.get_field_index("detail")
    findings = findings.set_column(column, "detail", pa.array(details, pa.string()))
    return Report("check_records", rows=len(ids), kept=len(ids), findings=findings)


def _is_unicode(row: Any) -> bool:
    try:
        return bool(json.dumps(row, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        return False


def _as_written(rows: Any) -> Iterable[Any]:
    """Return rows as they stand in a file: those of a table as it would be written."""
    iterates_rows = isinstance(rows, (list, tuple, Iterator))
    if iterates_rows and not isinstance(rows, pa.RecordBatchReader):
        return cast(Iterable[Any], rows)
    return _written(opened(rows).rows)


def _rules(table: pa.Table, kind: RecordKind) -> Violations:
    yield from record_problems(table)
    if kind.alternates:
        for lists in message_columns_of(table).values():
            yield from tool_runs(widen(lists, REASONED))


def _repeated(ids: list[str | None]) -> Ints:
    """Return the places of ids that were there before."""
    seen: set[str] = set()
    again: list[int] = []
    for place, name in enumerate(ids):
        if name in seen:
            again.append(place)
        elif name is not None:
            seen.add(name)
    return np.array(again, np.int64)


def _as_table(rows: list[Mapping[str, Any]]) -> pa.Table:
    """Make a table of rows in the column names of TRL; further columns of theirs are not looked at."""
    columns: dict[str, pa.Array] = {}
    for name in (*MESSAGE_LISTS, "text", "label"):
        values = [row.get(name) for row in rows]
        if any(isinstance(value, list) for value in values):
            columns[name] = pa.array([_with_calls(value) for value in values], pa.list_(_CALLING))
        elif any(value is not None for value in values):
            columns[name] = pa.array(values)
    return pa.table(columns)


_CALLING = pa.struct([*REASONED, ("tool_calls", pa.list_(pa.string()))])


def _with_calls(turns: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
    """Write the tool calls of messages as JSON, which has one type whatever they call."""
    if turns is None:
        return None
    return [turn | {"tool_calls": [json.dumps(call) for call in turn["tool_calls"]]}
            if turn.get("tool_calls") else turn for turn in turns]  # fmt: skip


def json_lines(rows: Any, *, record: str | None = None) -> Iterator[str]:
    r"""Write records as JSON, one line a row, as trainers read them.

    Arrow gives every message the same fields, so a message without reasoning holds a null;
    several trainers take such a key for a value. Null keys inside messages are left out. Characters
    that some readers take for line breaks are escaped.

    Args:
        rows: Records, in anything :func:`medqa_kit.apply` takes.
        record: Which kind of record they are, a name of :func:`medqa_kit.record_kinds`: where its
            reader refuses keys it does not know, such as ``id``, they are left out.

    Returns:
        The lines, without line breaks.

    Raises:
        ArgumentError: No such kind, or no container of rows.
        FormattingError: A column of that kind is missing, or a number is not finite.

    Example:
        >>> message = {"role": "user", "content": "각막?", "reasoning_content": None}
        >>> rows = pa.table({"id": ["d/1"], "messages": [[message]]})
        >>> print(*json_lines(rows, record="openai/chat"))
        {"messages": [{"role": "user", "content": "각막?"}]}
    """
    blocks = json_blocks(opened(rows).rows, record=record)
    return (line for block in blocks for line in str(block, "utf-8").split("\n")[:-1])


def json_blocks(rows: Rows, *, record: str | None = None) -> Iterator[memoryview]:
    """Return what :func:`json_lines` does in bytes, many lines at a time, each with its line break.

    For writers of files: no line becomes a Python string.
    """
    columns = None
    if record is not None:
        kind = find_kind(record)
        _need(rows, kind)
        columns = kind.columns if kind.strict else None
    return _blocks(rows, columns)


def _need(rows: Any, kind: RecordKind) -> None:
    names = rows.column_names
    if isinstance(names, Mapping):  # of the splits of a dict of data sets
        names = [name for split in names.values() for name in split or ()]
    absent = [name for name in kind.columns if name not in (names or kind.columns)]
    if absent:
        raise FormattingError(
            f"these are no records of the kind {kind.name!r}: {', '.join(absent)} is missing",
            expected=", ".join(kind.columns), found=", ".join(dict.fromkeys(names)),
            hint=f"mk.apply(rows, mk.record({kind.name!r}, ...)) makes them",
        )  # fmt: skip


def _blocks(rows: Rows, columns: tuple[str, ...] | None) -> Iterator[memoryview]:
    before = 0
    for batch in batches(rows, columns=columns):
        try:
            block = json_rows(batch)
        except SchemaError:
            raise
        except ValueError as error:
            raise FormattingError(
                "a number cannot be written as JSON", expected="finite numbers",
                found=f"NaN or infinity in row {before + _not_finite(batch) + 1}",
                hint="drop the row or the column first",
            ) from error  # fmt: skip
        yield block
        before += batch.num_rows


def _not_finite(batch: pa.Table) -> int:
    """Return the first row with a number that JSON lacks. Loops over rows: an error is on its way."""
    for place in range(batch.num_rows):
        try:
            json_rows(batch.slice(place, 1))
        except ValueError:
            break
    return place


def _written(rows: Rows, columns: tuple[str, ...] | None = None) -> Iterator[dict[str, Any]]:
    for batch in batches(rows, columns=columns):
        as_json = {field.name for field in batch.schema if is_json_list(field.type)}
        for row in batch.to_pylist():
            for name in as_json:
                row[name] = row[name] and [value and json.loads(value) for value in row[name]]
            yield {name: _without_null(value) for name, value in row.items()}


def _without_null(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_null(item) for item in value]
    if isinstance(value, dict):
        return {name: _without_null(item) for name, item in value.items() if item is not None}
    return value
