"""Read one row in upstream's own columns, as the data source of the harness gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from medqa_kit.errors import AnswerError, FormattingError
from medqa_kit.evaluation.formats.format import LETTERS, HarnessFormat

_SCHEMA = pa.schema(
    {
        "id": pa.string(),
        "question": pa.string(),
        "options": pa.list_(pa.string()),
        "answer_index": pa.int64(),
        "answer": pa.string(),
        "contexts": pa.list_(pa.string()),
        "labels": pa.list_(pa.string()),
    }
)


def read_rows(
    format_: HarnessFormat, rows: Sequence[Mapping[str, Any]], *, prefix: str
) -> pa.Table:
    """Return raw rows as a table the format's kernel takes.

    An answer that cannot be read is null here: the prompt does not need it.

    Raises:
        FormattingError: A column is missing, or holds something that is not text.
    """
    read = [_row(format_, row) | {"id": f"{prefix}{i}"} for i, row in enumerate(rows)]
    try:
        return pa.Table.from_pylist(read, schema=_SCHEMA)
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError) as error:
        raise FormattingError(f"{format_.name}: a value of the raw row is not text",
                              expected="text without lone surrogates", found=ascii(error)[:120],
                              hint="read the row with upstream's own types") from error  # fmt: skip


def _row(format_: HarnessFormat, row: Mapping[str, Any]) -> dict[str, Any]:
    shape = format_.row
    options = None if format_.words else _options(format_, row)
    answer = _answer(format_, row)
    index = None if options is None else _index(shape.base, answer, options)
    if options is not None and format_.first_equal and index is not None:
        index = options.index(options[index])
    word = answer if answer in format_.words else None
    text = word if options is None else (None if index is None else options[index])
    return {
        "question": _get(format_, row, shape.question),
        "options": options,
        "answer_index": index,
        "answer": text,
        "contexts": _list(format_, row, shape.contexts) if shape.contexts else None,
        "labels": _list(format_, row, shape.labels) if shape.labels else None,
    }


def _get(format_: HarnessFormat, row: Mapping[str, Any], *path: str) -> Any:
    value: Any = row
    for name in path:
        if not isinstance(value, Mapping) or name not in value:
            have = ", ".join(value) if isinstance(value, Mapping) else type(value).__name__
            raise FormattingError(f"{format_.name}: the raw row lacks a column", column=name,
                                  expected=".".join(path), found=have,
                                  hint=f"rows as in {format_.data}; normalised rows go through "
                                  "mk.apply")  # fmt: skip
        value = value[name]
    # NumPy's numbers and arrays, as rows of a data frame hold them.
    return value.tolist() if hasattr(value, "tolist") else value


def _list(format_: HarnessFormat, row: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """Return a list of texts, or null; refuse a text, which would be read as a list of its letters."""
    listed = _get(format_, row, *path)
    if listed is None or isinstance(listed, list | tuple):
        return listed
    raise _no_list(format_, ".".join(path), listed)


def _no_list(format_: HarnessFormat, column: str, found: Any) -> FormattingError:
    return FormattingError(f"{format_.name}: the raw row has no list there", column=column,
                           expected="a list", found=ascii(found)[:80],
                           hint=f"rows as in {format_.data}")  # fmt: skip


def _answer(format_: HarnessFormat, row: Mapping[str, Any]) -> Any:
    answer = _get(format_, row, format_.row.answer)
    if format_.row.answer_read == "lower":
        return answer.lower() if isinstance(answer, str) else answer
    if format_.row.answer_read == "int":
        try:
            return int(answer)
        except (TypeError, ValueError, OverflowError):
            return answer
    return answer


def _options(format_: HarnessFormat, row: Mapping[str, Any]) -> list[Any]:
    shape = format_.row
    if isinstance(shape.options, tuple):
        return [_get(format_, row, name) for name in shape.options]
    listed = _get(format_, row, shape.options)
    if isinstance(listed, Mapping):
        listed = [{"key": key, "value": value} for key, value in listed.items()]
        return _keyed(format_, listed, "value")
    if not isinstance(listed, list | tuple):
        raise _no_list(format_, shape.options, listed)
    if not shape.option_key:
        return list(listed)
    for option in listed:
        if not isinstance(option, Mapping) or shape.option_key not in option:
            raise FormattingError(f"{format_.name}: an option of the raw row has no text",
                                  column=shape.options, expected=f"an object with {shape.option_key}",
                                  found=ascii(option)[:80],
                                  hint=f"rows as in {format_.data}")  # fmt: skip
    return _keyed(format_, listed, shape.option_key)


def _keyed(format_: HarnessFormat, listed: Sequence[Mapping[str, Any]], text: str) -> list[Any]:
    keys = [item["key"] for item in listed if "key" in item]
    if keys != list(LETTERS[: len(keys)]):
        raise FormattingError(f"{format_.name}: the options are not lettered from A",
                              column=str(format_.row.options), expected="A, B, C, ...",
                              found=", ".join(map(str, keys)),
                              hint="the harness prints the keys it finds")  # fmt: skip
    return [item[text] for item in listed]


def _index(base: Any, answer: Any, options: Sequence[Any]) -> int | None:
    """Return the 0-based place, or null for what is no label of that base: never a neighbour's."""
    if base == "letter":
        letters = LETTERS[: len(options)]
        return letters.index(answer) if answer in letters else None
    if base == "text":
        text = answer[0] if isinstance(answer, list) and answer else answer
        return list(options).index(text) if text in options else None
    if isinstance(answer, bool) or not isinstance(answer, int):
        return None
    place = answer - int(base)
    return place if 0 <= place < len(options) else None


def no_label(format_: HarnessFormat, row: Mapping[str, Any]) -> AnswerError:
    """Make the error for a raw row whose label the format cannot read."""
    expected = {0: "counted from 0", 1: "counted from 1", "letter": "a letter", "word": "a word",
                "text": "the text of an option"}[format_.row.base]  # fmt: skip
    return AnswerError(f"{format_.name}: the label is not one of the row's options", rows=[0],
                       column=format_.row.answer, expected=expected,
                       found=repr(row.get(format_.row.answer))[:80],
                       hint="upstream scores such a row without a word; leave it out")  # fmt: skip
