"""Read replies of a model in any form: lists, JSON Lines, samples of lm-eval, logs of inspect_ai."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, cast

import pyarrow as pa

from medqa_kit.core.arguments import file_path, instance
from medqa_kit.core.holders import batches
from medqa_kit.core.json_text import json_value
from medqa_kit.core.text.near_words import near_path
from medqa_kit.errors import (
    ArgumentError,
    FileError,
    FormatError,
    StorageError,
    WrongFilesError,
    shorten,
)

Replies: TypeAlias = (
    "Sequence[str | None] | Mapping[str, str | None] | str | os.PathLike[str] | pa.Table | Any"
)
"""Replies in the order of the exam, by id, in a file, or rows with ``id`` and a column of replies."""

_TEXT_KEYS = ("completion", "reply", "response", "output", "prediction", "text")
_QUESTION_KEYS = ("question", "Question", "sent1", "QUESTION", "input")


def replies_by_row(
    replies: Replies, ids: Sequence[str], questions: Sequence[str]
) -> list[str | None]:
    """Return one reply for each row of an exam.

    Args:
        replies: See :data:`Replies`; a list may be a column of Arrow, NumPy, pandas or Polars. A file is JSON Lines with an id and a reply a line, samples that
            lm-eval writes with ``--log_samples``, or an inspect_ai log exported as JSON.
        ids: The ids of the exam's rows.
        questions: Their questions; the rows of lm-eval and inspect_ai are known by these.

    Raises:
        ArgumentError: The replies are in something else, or of another number than the rows.
        FormatError: The file is none of these, or a reply belongs to no row, or to several.

    Example:
        >>> replies_by_row({"x/2": "B"}, ["x/1", "x/2"], ["Why?", "How?"])
        [None, 'B']
    """
    listed = _by_row(_column(replies), ids, questions)
    for reply in listed:
        instance("replies", reply, (str, type(None)), expected="texts, or null where there is none",
                 hint="write each reply as the model gave it")  # fmt: skip
    return listed


def _by_row(replies: Replies, ids: Sequence[str], questions: Sequence[str]) -> list[str | None]:
    if isinstance(replies, (str, os.PathLike)):
        return _from_file(file_path("replies", replies), ids, questions)
    if isinstance(replies, Mapping):
        return _by_id(replies.items(), ids, place="replies=")
    if isinstance(replies, Sequence) and not any(isinstance(reply, Mapping) for reply in replies):
        if len(replies) != len(ids):
            raise ArgumentError(
                "replies= has another length than the exam", argument="replies",
                expected=f"{len(ids)} replies", found=f"{len(replies)}",
                hint="pass them by id, as {id: reply}",
            )  # fmt: skip
        return list(replies)
    return _by_id(_from_rows(replies), ids, place="replies=")


def _column(replies: Replies) -> Replies:
    """Return the list that a column of Arrow, NumPy, pandas or Polars is; anything else as it is."""
    if len(getattr(replies, "shape", ())) == 1:
        try:
            replies = pa.array(replies, from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeError):
            return [*cast(Any, replies)]
    return replies.to_pylist() if isinstance(replies, pa.Array | pa.ChunkedArray) else replies


def _from_rows(rows: Any) -> Iterator[tuple[str, str | None]]:
    for batch in batches(rows):
        names = [name for name in _TEXT_KEYS if name in batch.schema.names]
        if "id" not in batch.schema.names or not names:
            raise ArgumentError(
                "the replies lack a column", argument="replies", found=", ".join(batch.schema.names),
                expected=f"id, and one of {', '.join(_TEXT_KEYS)}", hint="rename the column",
            )  # fmt: skip
        yield from zip(batch["id"].to_pylist(), batch[names[0]].to_pylist(), strict=True)


def _by_id(
    pairs: Iterable[tuple[str, str | None]], ids: Sequence[str], *, place: str
) -> list[str | None]:
    listed = [(str(name), reply) for name, reply in pairs]
    answered = dict(listed)
    strangers = sorted(answered.keys() - set(ids))
    shared = [name for name, rows in Counter(ids).items() if rows > 1 and name in answered]
    if shared:
        raise FormatError(
            "a reply belongs to several rows of the exam", file=place, expected="one id for each row of the exam",
            found=shorten(shared), hint="pass a list of replies in the exam's order, or give each row an id of its own",
        )  # fmt: skip
    if len(answered) < len(listed) and not strangers:
        raise _several_replies(
            [name for name, n in Counter(name for name, _ in listed).items() if n > 1], place
        )
    if strangers:
        raise FormatError(
            "replies belong to no row of the exam", file=place, expected="one reply for each id of the exam",
            found=shorten(strangers), hint="score the exam these replies were made for",
        )  # fmt: skip
    return [answered.get(name) for name in ids]


def _from_file(file: Path, ids: Sequence[str], questions: Sequence[str]) -> list[str | None]:
    try:
        content = file.read_text("utf-8-sig")
        documents = [content] if file.suffix == ".json" else content.split("\n")
        lines = [json_value(text) for text in documents if text.strip()]
    except FileNotFoundError:
        raise WrongFilesError("there is no such file of replies", file=str(file),
                              hint=near_path(file) or "check the path; replies may be a list, too") from None  # fmt: skip
    except (UnicodeDecodeError, FileError) as error:
        raise FormatError("the file cannot be read", file=file.name, found=str(error).splitlines()[0],
                          expected="JSON Lines, or one JSON document in a .json file",
                          hint="write it as UTF-8, one object a line") from error  # fmt: skip
    except OSError as error:
        raise StorageError.of(error, file, elsewhere="or name another file") from error
    if file.suffix == ".json" and lines:
        return _from_inspect(lines[0], file, questions)
    if not all(isinstance(line, dict) for line in lines):
        raise FormatError("a line is no object", file=file.name, expected="one JSON object a line",
                          hint="write {\"id\": …, \"completion\": …}")  # fmt: skip
    if lines and "doc" in lines[0] and "resps" in lines[0]:
        alike = [line for line in lines if line.get("filter") == lines[0].get("filter")]
        return _placed([(_question_of(line["doc"]), _lm_eval_reply(line, file)) for line in alike],
                       questions, file)  # fmt: skip
    return _by_id(
        ((_id_of(line, file), _text_of(line, file)) for line in lines), ids, place=file.name
    )


def _id_of(line: Mapping[str, Any], file: Path) -> str:
    name = line.get("id", line.get("custom_id"))
    if name is None:
        raise FormatError("a line has no id", file=file.name, found=", ".join(line),
                          expected="a key 'id'", hint="write the exam's id beside each reply")  # fmt: skip
    return str(name)


def _text_of(line: Mapping[str, Any], file: Path) -> str | None:
    for key in _TEXT_KEYS:
        if isinstance(value := line.get(key), str) or (key in line and line[key] is None):
            return value
    raise FormatError("a line has no reply", file=file.name, found=", ".join(line),
                      expected=f"one of {', '.join(_TEXT_KEYS)}", hint="rename the key")  # fmt: skip


def _question_of(doc: Any) -> str:
    if isinstance(doc, Mapping):
        for key in _QUESTION_KEYS:
            if isinstance(doc.get(key), str):
                return str(doc[key])
    return ""


def _lm_eval_reply(line: Mapping[str, Any], file: Path) -> str | None:
    """Return what was generated; of a choice by likelihood, the letter of the likeliest option."""
    responses = line["resps"]
    first = responses[0] if isinstance(responses, list) and responses else None
    while isinstance(first, list) and first and not _is_likelihood(first):
        if len(first) > 1 and isinstance(first[0], str):  # `repeats:` of the task
            raise _several_replies([_question_of(line["doc"])[:40]], file.name)
        first = first[0]
    if isinstance(first, str):
        return first
    filtered = line.get("filtered_resps") or []
    scores = [
        float(pair[0]) for pair in filtered if isinstance(pair, list) and _is_likelihood(pair)
    ]
    return chr(ord("A") + scores.index(max(scores))) if scores else None


def _is_likelihood(pair: list[Any]) -> bool:
    try:
        float(pair[0])
    except (TypeError, ValueError, IndexError):
        return False
    return len(pair) == 2 and str(pair[1]) in ("True", "False")


def _member(value: Any, key: str) -> Any:
    """Return a member of an object of JSON; null where there is none, or no object."""
    return value.get(key) if isinstance(value, Mapping) else None


def _from_inspect(log: Any, file: Path, questions: Sequence[str]) -> list[str | None]:
    samples = log.get("samples") if isinstance(log, Mapping) else None
    if not isinstance(samples, list):
        raise FormatError("the log holds no samples", file=file.name, expected="a key 'samples'",
                          hint="inspect log dump LOG > log.json writes it whole")  # fmt: skip
    pairs = []
    for sample in samples:
        question = _member(sample, "input")
        if isinstance(question, list):
            question = next(
                (_member(turn, "content") for turn in question if _member(turn, "role") == "user"),
                "",
            )
        choices = _member(_member(sample, "output"), "choices")
        first = choices[0] if isinstance(choices, list) and choices else None
        content = _member(_member(first, "message"), "content")
        if isinstance(content, list):
            content = "".join(
                str(_member(part, "text") or "")
                for part in content
                if _member(part, "type") == "text"
            )
        pairs.append((str(question or ""), content if isinstance(content, str) else None))
    return _placed(pairs, questions, file)


def _placed(
    pairs: Sequence[tuple[str, str | None]], questions: Sequence[str], file: Path
) -> list[str | None]:
    """Put replies to the rows whose questions they answer; equal questions in the order they stand."""
    places: dict[str, list[int]] = defaultdict(list)
    for row, question in enumerate(questions):
        places[_plain(question)].append(row)
    answered: list[str | None] = [None] * len(questions)
    unknown: list[str] = []
    repeated: list[str] = []
    for question, reply in pairs:
        rows = places.get(_plain(question)) or _holding(question, places)
        if rows:
            answered[rows.pop(0)] = reply
        else:
            (repeated if _plain(question) in places else unknown).append(question[:40])
    if repeated:
        raise _several_replies(repeated, file.name)
    if unknown:
        raise FormatError(
            "replies answer questions that the exam does not hold", file=file.name,
            expected="the exam these replies were made for", found=shorten(unknown),
            hint="load the same subset and split, and no rows less",
        )  # fmt: skip
    return answered


def _several_replies(rows: Sequence[str], place: str) -> FormatError:
    return FormatError(
        "rows have several replies", file=place, expected="one reply for each row of the exam",
        found=shorten(rows), hint="score each sample by itself: one file, or one list, a sample",
    )  # fmt: skip


def _holding(question: str, places: Mapping[str, list[int]]) -> list[int] | None:
    """Return the rows of the longest question that a whole prompt holds."""
    whole = _plain(question)
    inside = [
        question for question, rows in places.items() if rows and question and question in whole
    ]
    return places[max(inside, key=len)] if inside else None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()
