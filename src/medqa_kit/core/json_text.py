"""JSON as text: one strict way to read a value, and one way to write a row as one line in any language.

All code that reads JSON from outside the library reads it here, so that no reader accepts a text
that another one refuses.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

from medqa_kit.errors import EncodingError, FormatError, shorten

_LINE_BREAKS = (("\u2028", "\\u2028"), ("\u2029", "\\u2029"), ("\x85", "\\u0085"))
# Digits of an integer; Python reads no more, since the time grows with their square.
_MOST_DIGITS = 4300
_MEND = "mend the file, or pass on_bad='drop' to set such records aside"


class NotJson:
    """A literal inside a JSON value that is not JSON: ``NaN``, a number beyond a double, too many digits.

    It is neither text, number, list nor object, so no reader takes it for a value, and it does no harm in
    a field that nobody reads.

    Attributes:
        literal: The literal as it is written.
    """

    def __init__(self, literal: str) -> None:
        self.literal = literal

    def __repr__(self) -> str:
        return self.literal[:_MOST_DIGITS]


class RepeatedKeys(dict[str, Any]):
    """An object with repeated keys, so that nobody knows which value is meant.

    Attributes:
        repeated: These keys.
    """

    repeated: frozenset[str] = frozenset()


def json_value(text: str | bytes) -> Any:
    r"""Read one JSON value, more strictly than Python does by itself.

    A byte order mark at the beginning is passed over. A value that is not JSON, but that Python or Arrow
    would read, becomes :class:`NotJson` or :class:`RepeatedKeys`. Halves of surrogate pairs stay, since
    JSON allows them; code that stores text refuses them.

    Raises:
        EncodingError: The bytes are not UTF-8.
        FormatError: It is not JSON, or is nested too deeply.

    Example:
        >>> json_value('{"dose": 0.5, "count": NaN}')
        {'dose': 0.5, 'count': NaN}
        >>> json_value("[1, 2")
        Traceback (most recent call last):
        medqa_kit.errors.classes.FormatError: this is not JSON: Expecting ',' delimiter.
          expected: one JSON value
          found:    '[1, 2'
        Hint: mend the file, or pass on_bad='drop' to set such records aside.
    """
    try:
        plain = (text.decode() if isinstance(text, bytes) else text).removeprefix("\ufeff")
        try:
            return _DECODER.decode(plain)
        except ValueError as error:
            if isinstance(error, json.JSONDecodeError):
                raise
            return _WITH_DIGITS.decode(plain)  # more digits than Python reads
    except UnicodeDecodeError as error:
        raise EncodingError(
            f"this is not utf-8 at byte {error.start} of the record", expected="text in utf-8",
            found=f"bytes {error.object[error.start : error.start + 8].hex(' ')}", hint=_MEND,
        ) from None  # fmt: skip
    except json.JSONDecodeError as error:
        raise FormatError(
            f"this is not JSON: {error.msg}", expected="one JSON value",
            found=shorten([error.doc[max(0, error.pos - 30) : error.pos + 30]]), hint=_MEND,
        ) from None  # fmt: skip
    except RecursionError:
        raise FormatError(
            "this JSON is nested too deeply", expected="lists and objects some hundred deep at most",
            found="more", hint=_MEND,
        ) from None  # fmt: skip


def strict_value(text: str | bytes) -> Any:
    """Read one JSON value strictly: no NaN, no repeated key, no half of a surrogate pair.

    Raises:
        EncodingError: The bytes are not UTF-8.
        FormatError: It is not JSON, or is nested too deeply.

    Example:
        >>> strict_value('{"dose": NaN}')
        Traceback (most recent call last):
        medqa_kit.errors.classes.FormatError: this is no JSON value.
          expected: numbers of JSON, whole characters, each key once
          found:    NaN
        Hint: mend the file, or pass on_bad='drop' to set such records aside.
    """
    value = json_value(text)
    waiting = [value]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, dict):
            waiting += [*inner, *inner.values()]
        elif isinstance(inner, list):
            waiting += inner
        if isinstance(inner, (NotJson, RepeatedKeys)) or (
            isinstance(inner, str) and not inner.isascii() and _half(inner)
        ):
            raise FormatError(
                "this is no JSON value", found=shorten([inner]), hint=_MEND,
                expected="numbers of JSON, whole characters, each key once",
            )  # fmt: skip
    return value


def _half(text: str) -> bool:
    """Check whether a text holds half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(record := dict(pairs)) == len(pairs):
        return record
    doubtful, counts = RepeatedKeys(record), Counter(name for name, _ in pairs)
    doubtful.repeated = frozenset(name for name, count in counts.items() if count > 1)
    return doubtful


def _float(literal: str) -> float | NotJson:
    return NotJson(literal) if math.isinf(number := float(literal)) else number


def _integer(literal: str) -> int | NotJson:
    return NotJson(literal) if len(literal) > _MOST_DIGITS else int(literal)


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_constant=NotJson)
_WITH_DIGITS = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_float, parse_constant=NotJson, parse_int=_integer
)


def json_line(value: Any) -> str:
    r"""Return a value as one line of JSON, without the line break at its end.

    Characters that some readers take for line breaks are escaped, too.

    Args:
        value: Dicts, lists and plain values; a value of a type that JSON lacks is written as text.

    Raises:
        ValueError: It holds NaN or infinity, which JSON lacks.

    Example:
        >>> print(json_line({"text": "가\u2028나\n"}))
        {"text": "가\u2028나\n"}
    """
    text = json.dumps(value, ensure_ascii=False, default=str, allow_nan=False)
    for mark, escaped in _LINE_BREAKS:  # three searches are faster than one table of letters
        text = text.replace(mark, escaped)
    return text
