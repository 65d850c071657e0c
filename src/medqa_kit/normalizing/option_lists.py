"""Options in the forms that files have them in: a list, one field a letter, objects, or these written as text."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import pyarrow as pa

from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import Column, blank, to_lists, whole
from medqa_kit.core.arrow.ragged import flat, nested
from medqa_kit.core.text.option_labels import MARKS, NAME_WORDS, mark_series, name_places
from medqa_kit.errors import AnswerError, ArgumentError, ValueTypeError, shorten
from medqa_kit.normalizing.option_literals import Options, literal_options
from medqa_kit.normalizing.option_records import one_letter, options_of_records

_KEY = re.compile(
    rf"\s*\(?((?i:{NAME_WORDS}))?[ _-]*(?:([{MARKS}])|([0-9]{{1,2}})번?)[.):]?\s*", re.ASCII
)
_MOST_OPTIONS = 26


def ordered_options(column: Column) -> pa.ListArray:
    r"""Return the options of each row as one list, in the order of their letters or numbers.

    Args:
        column: ``list<string>[n]``; a struct with one field an option, such as ``{"A": …, "B": …}`` or
            ``{"option_1": …}``; options that have their marker beside them, such as
            ``[{"key": "A", "value": …}, …]`` or ``{"text": […], "label": […]}``; or ``string[n]``: such an
            object or a list, as JSON, Python or NumPy writes it. Nothing but literals is read from a text.

    Returns:
        ``list<string>[n]``. Null or blank options after the last one of a row are left out; a row
        without options is null.

    Raises:
        ArgumentError: The column holds something else.
        ValueTypeError: A text is no such literal.
        AnswerError: An option before the last is missing, or two have one letter.

    Example:
        >>> ordered_options(pa.array([{"B": "y", "A": "x", "C": None}])).to_pylist()
        [['x', 'y']]
        >>> ordered_options(pa.array(["{'A': 'x', 'B': 'y'}", '["u", "v"]', None])).to_pylist()
        [['x', 'y'], ['u', 'v'], None]
    """
    lists = spaced_options(column)
    if not pc.any(blank(lists.flatten())).as_py():
        return lists
    full = without_tail(lists)
    nothing = pc.and_(
        pc.equal(pc.list_value_length(full), 0), pc.greater(pc.list_value_length(lists), 0)
    )
    return pc.if_else(nothing, pa.scalar(None, full.type), full)


def spaced_options(column: Column) -> pa.ListArray:
    """Return the options of each row as :func:`ordered_options` does, with gaps where it raises.

    For sources in which an option may be missing at any place.

    Args:
        column: As for :func:`ordered_options`.

    Returns:
        ``list<string>[n]``, with null where an option is missing.

    Raises:
        ArgumentError: The column holds something else.
        ValueTypeError: A text is no such literal.
        AnswerError: Two options have one letter.

    Example:
        >>> spaced_options(pa.array(["{'A': 'x', 'C': 'z'}"])).to_pylist()
        [['x', None, 'z']]
    """
    array = whole(column)
    if pa.types.is_null(array.type):
        return array.cast(pa.list_(pa.string()))
    is_list = pa.types.is_list(array.type) or pa.types.is_large_list(array.type)
    if is_list or pa.types.is_struct(array.type):
        if (records := options_of_records(array)) is not None:
            return records
        if is_list and not pa.types.is_nested(array.type.value_type):
            return array.cast(pa.list_(pa.string()))
        if not is_list and not any(pa.types.is_nested(field.type) for field in array.type):
            return _of_struct(array)
    elif pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        return _of_texts(array)
    raise ArgumentError(
        "options= names a column that holds no options", argument="options", found=str(array.type),
        expected="a list, a struct of texts, or either written as text",
        hint="name the columns of the options: options=[…]",
    )  # fmt: skip


def without_tail(lists: pa.ListArray) -> pa.ListArray:
    """Leave out nulls and blanks after a row's last option; refuse one before it.

    Raises:
        AnswerError: An option before the last is missing.

    Example:
        >>> without_tail(pa.array([["x", "y", None], [None, " "]])).to_pylist()
        [['x', 'y'], []]
    """
    parts = flat(lists)
    present = ~np.asarray(blank(parts.values), bool)
    last = np.zeros(len(lists), np.int64)
    np.maximum.at(last, parts.parents[present], parts.places[present] + 1)
    inside = parts.places < last[parts.parents]
    if (inside & ~present).any():
        rows = np.unique(parts.parents[inside & ~present]).tolist()
        raise AnswerError(
            "an option is missing", rows=rows, column="options", expected="text in each option",
            found="null or blank before the last option", hint='on_bad="drop" sets such rows aside',
        )  # fmt: skip
    return nested(
        parts.values.filter(pa.array(inside)), last, null=np.asarray(lists.is_null(), bool)
    )


def option_columns(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names that are those of options, one each: the first letters or numbers without a gap, in order.

    Args:
        names: Of columns.

    Example:
        >>> option_columns(["stem", "opb", "opa", "cop"]), option_columns(["q", "a"]), option_columns(["보기 2", "보기 1"])
        (('opa', 'opb'), (), ('보기 1', '보기 2'))
    """
    runs = option_series(names)
    return runs[0] if len(runs) == 1 else ()


def option_series(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Return all runs of names that are those of options; see :func:`option_columns`.

    Args:
        names: Of columns.

    Example:
        >>> option_series(["A", "B", "option_1", "option_2"])
        [('A', 'B'), ('option_1', 'option_2')]
    """
    # headings of a sheet end in blanks
    return _series(names, str) or _series(names, lambda part: part.strip().casefold())


def _series(names: Sequence[str], plain: Callable[[str], str]) -> list[tuple[str, ...]]:
    """Return the runs of names that differ in their letter or number alone; none of a series that has one twice."""
    series: dict[tuple[str, str, str], dict[int, str]] = {}
    twice = set()
    for name in names:
        if _KEY.fullmatch(name):
            before, mark, after = _split(name)
            marks, place = ("", int(mark)) if _is_number(mark) else mark_series(mark)
            key = plain(before), plain(after), marks
            own = series.setdefault(key, {})
            twice |= {key} if place in own else set()
            own[place] = name
    runs = []
    for key, own in series.items():
        first = 0 if key[-1] or 0 in own else 1
        count = next(n for n in range(len(own) + 1) if first + n not in own)
        if key not in twice:
            runs.append(tuple(own[first + n] for n in range(count)))
    return [run for run in runs if len(run) > 1]


def roomy_struct(type_: pa.StructType) -> pa.StructType:
    """Return a struct of options with room for the letters or numbers that its first rows lack.

    Args:
        type_: As some rows have it. Structs of other names are returned as they are.

    Example:
        >>> roomy_struct(pa.struct({"option_A": pa.string()})).field(25).name
        'option_Z'
    """
    names = [field.name for field in type_]
    if not names or _places(tuple(names)) is None:
        return type_
    before, name, after = _split(names[0])
    if _is_number(name):
        more = [f"{before}{number}{after}" for number in range(1, _MOST_OPTIONS + 1)]
    else:
        marks, _ = mark_series(name)
        letters = marks if name in marks else marks.lower()
        more = [f"{before}{letter}{after}" for letter in letters]
    fields = [pa.field(name, pa.string()) for name in more if name not in names]
    return pa.struct([*type_, *fields])


def _split(name: str) -> tuple[str, str, str]:
    """Return what stands before a letter or number, the letter or number, and what stands after."""
    match = _KEY.fullmatch(name)
    assert match
    group = 2 if match[2] else 3
    return name[: match.start(group)], match[group], name[match.end(group) :]


def _of_struct(structs: pa.StructArray) -> pa.ListArray:
    names = tuple(field.name for field in structs.type)
    places = _places(names) or tuple(range(len(names)))
    columns = [pa.nulls(len(structs), pa.string())] * (max(places, default=-1) + 1)
    for name, place in zip(names, places, strict=True):
        columns[place] = pc.struct_field(structs, [names.index(name)]).cast(pa.string())
    if not columns:
        return pa.nulls(len(structs), pa.list_(pa.string()))
    return to_lists(columns)


@lru_cache(maxsize=1024)
def _places(names: tuple[str, ...]) -> tuple[int, ...] | None:
    """Return the places that letters or numbers name, from 0; ``None`` where names are no such.

    Example:
        >>> _places(("option_B", "option_A")), _places(("2번", "1번")), _places(("나", "가")), _places(("yes", "no"))
        ((1, 0), (1, 0), (1, 0), None)
    """
    marks, numbers = (places.to_pylist() for places in name_places(pa.array(names, pa.string())))
    if None not in marks:
        return tuple(marks)
    if None not in numbers:
        first = 0 if 0 in numbers else 1
        return tuple(number - first for number in numbers)
    return None


def _is_number(mark: str) -> bool:
    return mark.isascii() and mark.isdigit()


def _of_texts(texts: pa.Array) -> pa.ListArray:
    # One text at a time: each is a literal of its own, whose quoting only a parser knows.
    rows: list[list[str | None] | None] = []
    strange, crossed = [], []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # of escapes that Python does not know
        for row, text in enumerate(texts.to_pylist()):
            options = None if text is None or not text.strip() else literal_options(text)
            if text is not None and text.strip() and options is None:
                strange.append(row)
            listed = _placed(options or ())
            if listed is None:
                crossed.append(row)
            rows.append(listed or None)
    if strange:
        raise ValueTypeError(
            "the text is no dictionary and no list of options", rows=strange, column="options",
            expected="""such as {'A': 'x', 'B': 'y'} or ["x", "y"]""",
            found=shorten([texts[row].as_py() for row in strange]),
            hint="write the options as JSON, or one column each",
        )  # fmt: skip
    if crossed:
        raise one_letter(crossed, texts)
    return pa.array(rows, pa.list_(pa.string()))


def _placed(options: Options) -> list[str | None] | None:
    """Return the options in the order of their names; ``None`` where two have one place."""
    texts = [text for _, text in options]
    names = tuple(name for name, _ in options)
    places = _places(names) if all(names) and names else None
    if places is None:
        return texts if not any(names) or len(set(names)) == len(names) else None
    if len(set(places)) < len(places):
        return None
    ordered: list[str | None] = [None] * (max(places) + 1)
    for place, text in zip(places, texts, strict=True):
        ordered[place] = text
    return ordered
