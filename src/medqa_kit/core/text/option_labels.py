"""Labels of options: markers such as ``B``, ``(b)``, ``②``, ``ㄴ``, ``나`` or ``ខ``, and numbers."""

from __future__ import annotations

import re
import string

import pyarrow as pa

from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import Column, letter_index, whole


def _run(first: str, last: str) -> str:
    return "".join(map(chr, range(ord(first), ord(last) + 1)))


_SERIES = (
    string.ascii_uppercase, string.ascii_lowercase, _run("Ａ", "Ｚ"), _run("ａ", "ｚ"), _run("Ⓐ", "Ⓩ"), _run("ⓐ", "ⓩ"),
    _run("①", "⑳"), _run("⑴", "⒇"), _run("❶", "❿"), _run("➀", "➉"), _run("➊", "➓"),
    "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ", "가나다라마바사아자차카타파하", "កខគឃងចឆជឈញ",
)  # fmt: skip
_LATIN = 2  # series that differ in the case of letters only
_PLACES = {mark: place for series in _SERIES for place, mark in enumerate(series)}
_ORDINAL = "번"  # behind a number that counts from 1
_MOST_MARKED = 10  # options that are named by markers where upstream has numbers
_MARKED = rf"^\s*[(\[<]?\s*(?P<mark>[{''.join(_PLACES)}])\s*[)\]>]?[.:]?\s*$"
_NUMBERED = r"^\s*[(\[<]?\s*(?P<number>-?[0-9]{1,18})(?:\.0+)?\s*번?\s*[)\]>]?[.:]?\s*$"
_DIGITS = tuple(zip(_run("０", "９") + _run("០", "៩"), string.digits * 2, strict=True))
_SCALAR_MARKED, _SCALAR_NUMBERED = re.compile(_MARKED), re.compile(_NUMBERED)
_MOST_DIGITS = 99  # no question has more options
NAME_WORDS = "option|opt|op|choice|ending|보기|선택지|선지|ជម្រើស"
"""Words before the letter or number in the name of an option."""
MARKS = "".join(_PLACES)
"""All markers."""
_NAME_START = rf"(?i)^\s*[(\[<]?\s*(?:{NAME_WORDS})[ _-]*"
_FOLD = str.maketrans(dict(_DIGITS))


def marker_places(labels: Column) -> pa.Array:
    """Return the place, from 0, of the option that each label names by a marker; null where it has no marker.

    Args:
        labels: ``string[n]``.

    Example:
        >>> marker_places(pa.array(["B", " (c) ", "④", "ㄱ", "나", "គ", "3", "AB", None])).to_pylist()
        [1, 2, 3, 0, 1, 2, None, None, None]
    """
    texts = _texts(labels)
    letters = letter_index(texts).cast(pa.int64())
    if letters.null_count == texts.null_count:  # nearly always: letters alone
        return letters
    marks = pc.struct_field(pc.extract_regex(texts, _MARKED), [0])
    known = pc.index_in(marks, value_set=pa.array(list(_PLACES)))
    return pa.array(list(_PLACES.values()), pa.int64()).take(known)


def number_labels(labels: Column, first: int = 1) -> pa.Array:
    """Return the number that each label writes: ``3``, ``3.0``, ``(3)``, ``3번``, in digits of any of our scripts.

    Args:
        labels: ``string[n]``.
        first: The number of the first option. A number with ``번`` counts from 1 in any case: ``2번`` is
            the second option.

    Returns:
        ``int64[n]``; null where a label is no such number.

    Example:
        >>> number_labels(pa.array(["3", "2.0", "(1)", "4번", "៣", "B", None])).to_pylist()
        [3, 2, 1, 4, 3, None, None]
        >>> number_labels(pa.array(["3", "4번"]), first=0).to_pylist()
        [3, 3]
    """
    texts = _texts(labels)
    if not pc.all(pc.string_is_ascii(texts)).as_py():
        for other, digit in _DIGITS:
            texts = pc.replace_substring(texts, other, digit)
    numbers = pc.struct_field(pc.extract_regex(texts, _NUMBERED), [0]).cast(pa.int64())
    if first == 1:
        return numbers
    ordinal = pc.match_substring(texts, _ORDINAL)
    return pc.if_else(ordinal, pc.add(numbers, first - 1), numbers)


def name_places(names: Column) -> tuple[pa.Array, pa.Array]:
    """Return the place, from 0, and the number in each name of an option, such as ``option_B``, ``나`` or ``보기 2``.

    Args:
        names: ``string[n]``.

    Returns:
        Two arrays ``int64[n]``: places by markers, and numbers from 0 to 99; null where a name has none.

    Example:
        >>> [places.to_pylist() for places in name_places(pa.array(["option_B", "나", "보기 2", "2번", "yes"]))]
        [[1, 1, None, None, None], [None, None, 2, 2, None]]
    """
    bare = pc.replace_substring_regex(_texts(names), pattern=_NAME_START, replacement="")
    numbers = number_labels(bare)
    fitting = pc.and_(pc.greater_equal(numbers, 0), pc.less_equal(numbers, _MOST_DIGITS))
    return marker_places(bare), pc.if_else(fitting, numbers, pa.scalar(None, pa.int64()))


def mark_series(mark: str) -> tuple[str, int]:
    """Return the series of a marker and its place in it; both cases of Latin letters are one series.

    Example:
        >>> mark_series("나")[0][:3], mark_series("나")[1], mark_series("b")
        ('가나다', 1, ('ABCDEFGHIJKLMNOPQRSTUVWXYZ', 1))
    """
    series = next(number for number, marks in enumerate(_SERIES) if mark in marks)
    return _SERIES[0 if series < _LATIN else series], _PLACES[mark]


def option_numbers(labels: Column, first: int) -> pa.Array:
    """Return the number of the option that each label names, by one of the first ten markers or by a number.

    Args:
        labels: ``string[n]``.
        first: The number of the first option.

    Returns:
        ``int64[n]``; null where a label names none.

    Example:
        >>> option_numbers(pa.array(["B", "②", "5번", "5", "x y"]), 0).to_pylist()
        [1, 1, 4, 5, None]
    """
    place = marker_places(labels)
    place = pc.if_else(pc.less(place, _MOST_MARKED), place, pa.scalar(None, pa.int64()))
    return pc.coalesce(pc.add(place, first), number_labels(labels, first))


def option_number(text: str, first: int) -> int | None:
    """Return the number of the option that one label names, as :func:`option_numbers` does.

    Args:
        text: The label.
        first: The number of the first option.

    Example:
        >>> option_number("②", 1), option_number("b", 0), option_number("5번", 1), option_number("x y", 1)
        (2, 1, 5, None)
    """
    marked = _SCALAR_MARKED.match(text)
    if marked and _PLACES[marked["mark"]] < _MOST_MARKED:
        return _PLACES[marked["mark"]] + first
    numbered = _SCALAR_NUMBERED.match(text.translate(_FOLD))
    if numbered is None:
        return None
    return int(numbered["number"]) + (first - 1 if _ORDINAL in text else 0)


def _texts(labels: Column) -> pa.Array:
    texts = whole(labels)
    return texts if pa.types.is_string(texts.type) else texts.cast(pa.string())
