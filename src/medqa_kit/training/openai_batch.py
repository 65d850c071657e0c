"""OpenAI Batch: requests into files a batch takes, and results back, joined by ``custom_id``.

Results come in any order and may be fewer than the requests. Each failure has a class of its own,
since each wants another answer: ask again, shorten, fix the request, or look for the error file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from os import PathLike
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import instance, nonempty_text, several
from medqa_kit.core.holders import batches, opened
from medqa_kit.core.json_text import json_value
from medqa_kit.core.report import FINDING_FIELDS, Report
from medqa_kit.errors import ArgumentError, FileError, FormattingError, shorten
from medqa_kit.training.record_files import json_lines

MOST_LINES, MOST_BYTES = 50_000, 200_000_000

FAILURES: Mapping[str, str] = {
    "bad_json": "the line is not JSON",
    "bad_shape": "the line is JSON, but not a batch result; detail names the place",
    "bad_text": "the reply cannot be stored as text, such as half of a surrogate pair",
    "duplicate_id": "a second result for the same id; the first one counts",
    "error": "the request failed; detail holds the service's code",
    "missing_id": "no result came back for this id",
    "refused": "the model refused to answer; detail holds its words",
    "status": "the service answered with another status than 200",
    "superseded": "the request failed, but another line answers the id; detail holds the first code",
    "unfinished": "the reply was cut off or withheld; detail holds finish_reason",
    "unknown_id": "a result for an id that was not asked about",
}
"""What each code of a report of :func:`parse_batch` means."""

RESULTS: pa.Schema = pa.schema([
    ("id", pa.string()), ("completion", pa.string()), ("model", pa.string()),
    ("prompt_tokens", pa.int64()), ("completion_tokens", pa.int64()),
])  # fmt: skip
FURTHER_CHOICES = "further choices, not read"
"""What a report counts where requests asked for several choices each."""
_MOST_TOKENS = 2**63  # what int64 holds ends below
_MOST_DETAIL = 200
_FINISHED = ("stop", "eos", "eos_token", "stop_sequence")
"""What services call the end of a whole reply."""
_OTHER_FORMS = {
    "result": "Anthropic's Message Batches", "candidates": "Gemini", "key": "Gemini's Batch API",
    "modelOutput": "Amazon Bedrock", "output": "OpenAI's Responses API, not of Chat Completions",
}  # fmt: skip
"""Whose results have such a key where those of Chat Completions have others."""
_TEXTS = ("text", "output_text")
"""Parts of a message that are its text; others hold what a model thinks, or pictures."""


def batch_files(requests: Any) -> Iterator[list[str]]:
    """Cut requests into files of at most 50,000 lines and 200 MB. Reads all rows twice.

    Args:
        requests: What ``mk.record("openai/batch", ...)`` makes, in anything
            :func:`medqa_kit.apply` takes.

    Returns:
        The lines of one file after the other, without line breaks.

    Raises:
        ArgumentError: It is no container of rows.
        FormattingError: They are no such requests, one is larger than a file may be, or two share a
            ``custom_id``: their results could not be told apart.

    Example:
        >>> from medqa_kit.training.records import record
        >>> rows = pa.table({"id": ["d/1"], "prompt": ["Q"], "target": ["A"]})
        >>> requests = record("openai/batch", settings={"model": "m"})(rows)
        >>> [json.loads(lines[0])["custom_id"] for lines in batch_files(requests)]
        ['d/1']
    """
    source = opened(requests).rows
    lines = json_lines(source, record="openai/batch")
    _refuse_repeated(batch["custom_id"] for batch in batches(source, columns=["custom_id"]))
    return _cut(lines)


def _refuse_repeated(ids: Iterable[pa.Array]) -> None:
    names = pa.chunked_array([part.cast(pa.string()) for part in ids], pa.string())
    counts = pc.value_counts(names)
    twice = counts.filter(pc.greater(counts.field("counts"), 1)).field("values")
    if len(twice):
        raise FormattingError(
            f"{len(twice)} ids are used twice", expected="one request an id",
            found=shorten(twice.to_pylist()), hint="results are joined on the id alone",
        )  # fmt: skip


def _cut(requests: Iterable[str]) -> Iterator[list[str]]:
    lines: list[str] = []
    size = 0
    for line in requests:
        length = len(line.encode()) + 1
        if length > MOST_BYTES:
            raise FormattingError(
                "a request is larger than a file of a batch may be", expected=f"{MOST_BYTES:,} bytes",
                found=f"{length:,} bytes: {shorten([json.loads(line)['custom_id']])}",
                hint="leave the row out, or shorten its context",
            )  # fmt: skip
        if lines and (len(lines) == MOST_LINES or size + length > MOST_BYTES):
            yield lines
            lines, size = [], 0
        lines.append(line)
        size += length
    if lines:
        yield lines


def parse_batch(
    lines: Iterable[str | bytes], *, ids: Iterable[str] | None = None
) -> tuple[pa.Table, Report]:
    """Read batch results, from the output file, the error file or both.

    Loops over lines, as reading JSON does. A bad line is reported and never stops the rest. To ask
    again, take the ids that are not among those of the replies.

    Args:
        lines: Lines of the result files; blank ones are passed over.
        ids: The ids asked about, to find those that are missing and those nobody asked about.

    Returns:
        A table of the replies (:data:`RESULTS`, in the order of ``ids`` if they are passed, else of
        the lines), and a report: ``rows`` counts lines, ``kept`` replies; the codes are those of
        :data:`FAILURES`; ``row`` is the position of the line, null for what is missing. Of a request that asked for
        several choices the first is the reply; ``counts`` says how many others there are.

    Raises:
        ArgumentError: ``lines`` is one text, not lines, or ``ids`` is.

    Example:
        >>> line = ('{"custom_id": "d/1", "error": null, "response": {"status_code": 200, "body": '
        ...         '{"choices": [{"finish_reason": "stop", "message": {"content": "B"}}]}}}')
        >>> replies, report = parse_batch([line, "{"], ids=["d/1", "d/2"])
        >>> replies["completion"].to_pylist(), report.by("code")
        (['B'], {'bad_json': 1, 'missing_id': 1})
    """
    if isinstance(ids, (pa.Array, pa.ChunkedArray)):
        ids = ids.to_pylist()
    listed: tuple[Any, ...] = tuple(several("ids", () if ids is None else ids))
    named = (str(name) if isinstance(name, int | np.integer) else nonempty_text("ids", name)
             for name in listed)  # fmt: skip  # requests have them as text
    asked = None if ids is None else dict.fromkeys(named)
    if isinstance(lines, (str, bytes, PathLike)):
        raise ArgumentError("lines= takes lines of results", argument="lines", expected="an open file, or a list of its lines",
                            found=shorten([lines]), hint="lines=open(path, 'rb') reads a file, lines=text.split('\\n') a text")  # fmt: skip
    results: list[_Result] = []
    replies: dict[str, Mapping[str, Any]] = {}
    for row, line in enumerate(lines if isinstance(lines, Iterator) else several("lines", lines)):
        instance("lines", line, (str, bytes), expected="lines of text", hint="open(path, 'rb')")
        if line.strip():
            result = _result(row, line)
            if asked is not None and result.name is not None and result.name not in asked:
                result = result._replace(code="unknown_id", detail=None)
            elif result.code is None and result.name in replies:
                result = result._replace(code="duplicate_id")
            elif result.code is None and result.name is not None:
                replies[result.name] = result.reply
            results.append(result)
    findings = [_finding(result, replies) for result in results if result.code is not None]
    with_result = {result.name for result in results}
    findings += [{"row": None, "id": name, "code": "missing_id", "detail": None}
                 for name in asked or () if name not in with_result]  # fmt: skip
    further = sum(result.further for result in results if result.code is None)
    order = replies if asked is None else [name for name in asked if name in replies]
    table = pa.Table.from_pylist([replies[name] for name in order], schema=RESULTS)
    return table, Report(
        "parse_batch", rows=len(results), kept=len(table),
        findings=pa.Table.from_pylist(findings, schema=pa.schema(FINDING_FIELDS)),
        counts={**({} if asked is None else {"ids asked about": len(asked)}),
                **({FURTHER_CHOICES: further} if further else {})},
    )  # fmt: skip


class _Result(NamedTuple):
    """What one line says: a reply, or the code of its failure."""

    row: int
    name: str | None
    code: str | None = None
    detail: str | None = None
    reply: Mapping[str, Any] = {}
    further: int = 0  # choices beside the one that is read


def _finding(result: _Result, replies: Mapping[str, Any]) -> dict[str, Any]:
    code, detail = result.code, result.detail
    if result.name in replies and code not in ("duplicate_id", "unknown_id"):
        code, detail = "superseded", code
    return {"row": result.row, "id": result.name, "code": code, "detail": _storable(detail)}


def _result(row: int, line: str | bytes) -> _Result:
    try:
        values = json_value(line)
    except FileError:
        return _Result(row, None, "bad_json")
    name = values.get("custom_id") if isinstance(values, dict) else None
    if not isinstance(name, str) or name != _storable(name):
        return _Result(row, None, "bad_shape", _missing("custom_id", values))
    failed = _Result(row, name, "bad_shape")
    if error := values.get("error"):
        return failed._replace(code="error", detail=_named(error))
    response = values.get("response")
    if isinstance(response, dict) and "choices" in response:  # the body alone, as of early vLLM
        return _reply(failed, response)
    if not isinstance(response, dict) or not isinstance(response.get("status_code"), int):
        return failed._replace(detail=_missing("response", values))
    if response["status_code"] != 200:
        return failed._replace(code="status", detail=str(response["status_code"]))
    return _reply(failed, response.get("body"))


def _missing(key: str, values: Any) -> str:
    """Name what lacks, and whose results these are, if they are known ones of another service."""
    keys = values if isinstance(values, dict) else {}
    others = [f"{key}: these are results of {_OTHER_FORMS[name]}" for name in keys if name in _OTHER_FORMS]  # fmt: skip
    return others[0] if others else key


def _named(error: Any) -> str:
    """Return the code of an error, or what else it says; some services put it into one more object."""
    inner = error.get("error") if isinstance(error, dict) else None
    outer = error if inner is None else inner
    said = outer if isinstance(outer, dict) else {"message": outer}
    known = (said[name] for name in ("code", "type", "message") if said.get(name))
    return str(next(known, None))[:_MOST_DETAIL]


def _reply(failed: _Result, body: Any) -> _Result:
    try:
        choices = body["choices"]
        choice = next((each for each in choices if each.get("index") == 0), choices[0])
        message, reason = choice["message"], choice["finish_reason"]
        content, refusal = _whole_text(message.get("content"), message.get("refusal"))
    except (KeyError, IndexError, TypeError, AttributeError):
        return failed._replace(detail=_missing("choices", body))
    if refusal:
        return failed._replace(code="refused", detail=refusal)
    if reason not in _FINISHED:
        return failed._replace(code="unfinished", detail=str(reason))
    if not isinstance(content, str):
        return failed._replace(detail="content")
    if content != _storable(content):
        return failed._replace(code="bad_text", detail="content")
    model, usage = body.get("model"), body.get("usage")
    if not (model is None or isinstance(model, str)) or model != _storable(model):
        return failed._replace(detail="model")
    usage = {} if usage is None else usage
    names = ("prompt_tokens", "completion_tokens")
    if not (isinstance(usage, dict) and all(_is_count(usage.get(name)) for name in names)):
        return failed._replace(detail="usage")
    counts = {name: usage.get(name) for name in names}
    return _Result(failed.row, failed.name, further=len(choices) - 1, reply={
        "id": failed.name, "completion": content, "model": model, **counts,
    })  # fmt: skip


def _whole_text(content: Any, refusal: Any) -> tuple[Any, str]:
    """Return what a message says, and its words of refusal; both may stand in a list of parts."""
    refused = refusal or ""
    if not isinstance(refused, str):
        raise TypeError(refused)  # words of another shape, so no reply either
    if not isinstance(content, list):
        return content, refused
    parts = [(part.get("type"), part.get("text"), part.get("refusal")) for part in content]
    refused += "".join(
        said for kind, _, said in parts if kind == "refusal" and isinstance(said, str)
    )
    texts = [said for kind, said, _ in parts if kind in _TEXTS and isinstance(said, str)]
    return "".join(texts) if texts else None, refused


def _is_count(value: Any) -> bool:
    return value is None or (type(value) is int and 0 <= value < _MOST_TOKENS)


def _storable(text: str | None) -> str | None:
    """Return a text as it can be stored: half of a surrogate pair becomes a question mark."""
    return None if text is None else text.encode("utf-8", "replace").decode("utf-8")
