"""OpenAI Batch: requests into files a batch takes, and results back, joined by ``custom_id``.

Results come in any order and may be fewer than the requests. Each failure has a class of its own,
since each wants another answer: ask again, shorten, fix the request, or look for the error file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.errors import FormattingError, shorten
from medqa_kit.training.record_files import json_lines

MOST_LINES, MOST_BYTES = 50_000, 200_000_000

FAILURES: Mapping[str, str] = {
    "bad_json": "the line is not JSON",
    "bad_shape": "the line is JSON, but no batch result",
    "duplicate_id": "a second result for the same id; the first one counts",
    "error": "the request failed; `detail` holds the service's code",
    "missing_id": "no result came back for this id",
    "status": "the service answered with another status than 200",
    "unfinished": "the reply was cut off or withheld; `detail` holds finish_reason",
    "unknown_id": "a result for an id nobody asked about",
}

RESULTS: pa.Schema = pa.schema([
    ("id", pa.string()), ("completion", pa.string()), ("model", pa.string()),
    ("prompt_tokens", pa.int64()), ("completion_tokens", pa.int64()),
])  # fmt: skip
_FAILED = pa.schema(
    [("line", pa.int64()), ("id", pa.string()), ("code", pa.string()), ("detail", pa.string())]
)


def batch_files(requests: pa.Table) -> Iterator[list[str]]:
    """Cut requests into files of at most 50,000 lines and 200 MB. Needs the whole table.

    Args:
        requests: What ``mk.record("openai/batch", ...)`` makes.

    Yields:
        The lines of one file, without line ends.

    Raises:
        FormattingError: Two requests share a ``custom_id``: their results could not be told apart.

    Example:
        >>> from medqa_kit.training.records import record
        >>> rows = pa.table({"id": ["d/1"], "prompt": ["Q"], "target": ["A"]})
        >>> requests = record("openai/batch", settings={"model": "m"})(rows)
        >>> [json.loads(lines[0])["custom_id"] for lines in batch_files(requests)]
        ['d/1']
    """
    counts = pc.value_counts(requests["custom_id"].combine_chunks())
    twice = counts.filter(pc.greater(counts.field("counts"), 1)).field("values")
    if len(twice):
        raise FormattingError(
            f"{len(twice)} ids are used twice", expected="one request an id",
            found=shorten(twice.to_pylist()), hint="results are joined on the id alone",
        )  # fmt: skip
    lines: list[str] = []
    size = 0
    for line in json_lines(requests):
        length = len(line.encode()) + 1
        if lines and (len(lines) == MOST_LINES or size + length > MOST_BYTES):
            yield lines
            lines, size = [], 0
        lines.append(line)
        size += length
    if lines:
        yield lines


@dataclass(frozen=True)
class BatchReport:
    """What :func:`parse_batch` could not use.

    Args:
        asked: Number of ids asked for; null when they were not given.
        parsed: Number of replies.
        failures: ``line`` (from 1; null for what is missing), ``id``, ``code``, ``detail``.
    """

    asked: int | None
    parsed: int
    failures: pa.Table

    @property
    def counts(self) -> dict[str, int]:
        """Failures by code, in alphabetical order."""
        found = self.failures["code"].value_counts().to_pylist()
        return dict(sorted((pair["values"], pair["counts"]) for pair in found))

    def ids(self, *codes: str) -> list[str]:
        """Ids that failed in these ways, to ask about again."""
        hit = pc.is_in(self.failures["code"], value_set=pa.array(codes, pa.string()))
        return [name for name in self.failures.filter(hit)["id"].to_pylist() if name is not None]

    def __str__(self) -> str:
        asked = "" if self.asked is None else f" of {self.asked}"
        lines = [f"  {code} {n}: {FAILURES[code]}" for code, n in self.counts.items()]
        return "\n".join([f"{self.parsed}{asked} replies", *lines])


def parse_batch(
    lines: Iterable[str | bytes], *, ids: Iterable[str] | None = None
) -> tuple[pa.Table, BatchReport]:
    """Read batch results, from the output file, the error file or both.

    Loops over lines, as reading JSON does. A bad line is reported and never stops the rest.

    Args:
        lines: Lines of the result files; blank ones are passed over.
        ids: The ids asked about, to find those that are missing and those nobody asked about.

    Returns:
        A table of the replies (:data:`RESULTS`, in the order of ``ids`` if given, else of the
        lines) and a :class:`BatchReport`.

    Example:
        >>> line = ('{"custom_id": "d/1", "error": null, "response": {"status_code": 200, "body": '
        ...         '{"choices": [{"finish_reason": "stop", "message": {"content": "B"}}]}}}')
        >>> replies, report = parse_batch([line, "{"], ids=["d/1", "d/2"])
        >>> replies["completion"].to_pylist(), report.counts
        (['B'], {'bad_json': 1, 'missing_id': 1})
    """
    asked = None if ids is None else list(ids)
    wanted = None if asked is None else set(asked)
    replies: dict[str, dict[str, Any]] = {}
    failed: list[dict[str, Any]] = []
    answered: set[str] = set()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        name, code, found = _one(line)
        if code is None and name in replies:
            code, found = "duplicate_id", None
        if name is not None and wanted is not None and name not in wanted:
            code, found = "unknown_id", None
        if name is not None:
            answered.add(name)
        if code is not None:
            detail = found if isinstance(found, str) else None
            failed.append({"line": number, "id": name, "code": code, "detail": detail})
        elif name is not None and isinstance(found, dict):
            replies[name] = found
    for name in asked or ():
        if name not in answered:
            failed.append({"line": None, "id": name, "code": "missing_id", "detail": None})
    order = [name for name in asked if name in replies] if asked is not None else list(replies)
    table = pa.Table.from_pylist([replies[name] for name in order], schema=RESULTS)
    failures = pa.Table.from_pylist(failed, schema=_FAILED)
    return table, BatchReport(None if asked is None else len(asked), len(order), failures)


def _one(line: str | bytes) -> tuple[str | None, str | None, Any]:
    """Read one line: its id if it has one, the code of its failure or None, detail or reply."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None, "bad_json", None
    name = row.get("custom_id") if isinstance(row, dict) else None
    if not isinstance(name, str):
        return None, "bad_shape", "custom_id"
    if (error := row.get("error")) is not None:
        return name, "error", str(error.get("code")) if isinstance(error, dict) else "error"
    response = row.get("response")
    status = response.get("status_code") if isinstance(response, dict) else None
    if not isinstance(status, int):
        return name, "bad_shape", "response"
    if status != 200:
        return name, "status", str(status)
    return _reply(name, response.get("body"))


def _reply(name: str, body: Any) -> tuple[str, str | None, Any]:
    try:
        choice = body["choices"][0]
        content, reason = choice["message"]["content"], choice["finish_reason"]
    except (KeyError, IndexError, TypeError):
        return name, "bad_shape", "choices"
    if reason != "stop":
        return name, "unfinished", str(reason)
    if not isinstance(content, str):
        return name, "bad_shape", "content"
    usage = body.get("usage") or {}
    counts = {key: usage.get(key) for key in ("prompt_tokens", "completion_tokens")}
    return name, None, {"id": name, "completion": content, "model": body.get("model"), **counts}
