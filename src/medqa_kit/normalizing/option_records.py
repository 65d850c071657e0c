"""Options that each have their marker beside them: a list of objects, or a list of texts and one of markers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.ragged import Ints, Mask, distinct, flat, is_list, nested
from medqa_kit.core.text.option_labels import name_places
from medqa_kit.errors import AnswerError, ValueTypeError, shorten

_TEXTS = ("text", "texts", "value", "content", "option_text", "choice_text", "option", "choice")
_NAMES = ("key", "label", "labels", "letter", "marker", "id", "index", "number", "no", "option", "choice", "name")  # fmt: skip


class FieldNames(NamedTuple):
    """Which fields of an object hold an option.

    Attributes:
        text: Its words.
        name: Its marker, a letter or a number; ``None`` where there is none.
    """

    text: str
    name: str | None


def option_fields(fields: Iterable[str]) -> FieldNames | None:
    """Tell which fields hold the words of an option and its marker; ``None`` where none is called so.

    Example:
        >>> option_fields(["key", "value"]), option_fields(["A", "B"])
        (FieldNames(text='value', name='key'), None)
    """
    known = {field.strip().casefold(): field for field in fields}
    text = next((name for name in _TEXTS if name in known), None)
    if text is None:
        return None
    name = next((name for name in _NAMES if name in known and name != text), None)
    return FieldNames(known[text], None if name is None else known[name])


def options_of_records(array: pa.Array) -> pa.ListArray | None:
    """Return options in the order of the markers beside them; ``None`` where a column holds no such.

    Rows in which a marker is no letter and no number, or is missing, keep the order they have.

    Args:
        array: ``list<struct>[n]``, such as ``[{"key": "A", "value": …}, …]``, or ``struct[n]`` of two
            lists, such as ``{"text": […], "label": […]}``.

    Raises:
        ValueTypeError: The two lists of a row are not of one length.
        AnswerError: Two options of a row have one letter.

    Example:
        >>> options_of_records(pa.array([{"text": ["x", "y"], "label": ["B", "A"]}])).to_pylist()
        [['y', 'x']]
    """
    if pa.types.is_struct(array.type):
        records = _of_lists(array)
    else:
        fields = _fields_of(array.type.value_type)
        parts = flat(array)
        records = None if fields is None else _nested(
            _columns(parts.values), fields, parts.ends - parts.starts, np.asarray(array.is_null(), bool)
        )  # fmt: skip
    return None if records is None else _in_order(records)


def _in_order(records: pa.ListArray) -> pa.ListArray:
    parts = flat(records)
    names, texts = parts.values.flatten()
    parents, place = parts.parents, _places(names, parts.parents, parts.places)
    lengths = np.zeros(len(records), np.int64)
    np.maximum.at(lengths, parents, place + 1)
    at = (np.cumsum(lengths) - lengths)[parents] + place
    times = np.bincount(at, minlength=int(lengths.sum()))
    if (times > 1).any():
        raise one_letter(distinct(parents[times[at] > 1]).tolist(), records)
    source = np.zeros(len(times), np.int64)
    source[at] = np.arange(len(at))
    ordered = texts.take(pa.array(source, mask=times == 0))
    return nested(ordered, lengths, null=np.asarray(records.is_null(), bool))


def _places(names: pa.StringArray, parents: Ints, listed: Ints) -> Ints:
    """Return the place of each option: what its marker says, else where it stands in its row."""
    letter, number = (np.asarray(pc.fill_null(places, -1)) for places in name_places(names))
    rows = int(parents[-1]) + 1 if len(parents) else 0
    options, lettered, numbered, from_zero = (
        np.bincount(parents[chosen], minlength=rows)
        for chosen in (listed >= 0, letter >= 0, number >= 0, number == 0)
    )
    place = np.where((lettered == options)[parents], letter, listed)
    counted = number - (from_zero == 0)[parents]
    return np.where((numbered == options)[parents], counted, place)


def one_letter(rows: Sequence[int], values: pa.Array) -> AnswerError:
    """Return the error for rows in which two options have one letter."""
    return AnswerError(
        "two options have one letter", rows=rows, column="options", expected="one option a letter",
        found=shorten(values.take(pa.array(rows[:3], pa.int64())).to_pylist()),
        hint='on_bad="drop" sets such rows aside',
    )  # fmt: skip


def _of_lists(structs: pa.StructArray) -> pa.ListArray | None:
    lists = [
        field.name
        for field in structs.type
        if is_list(field.type) and not pa.types.is_nested(field.type.value_type)
    ]
    if not lists or (fields := option_fields(lists)) is None:
        return None
    columns = _columns(structs)
    parts = {name: flat(columns[name]) for name in fields if name is not None}
    lengths = {name: part.ends - part.starts for name, part in parts.items()}
    texts = lengths[fields.text]
    if fields.name is not None and (bad := np.flatnonzero(lengths[fields.name] != texts)).size:
        raise ValueTypeError(
            "the options of a row and their markers are not equally many", rows=bad.tolist(), column="options",
            expected=f"one {fields.name!r} for each {fields.text!r}",
            found=shorten(structs.take(pa.array(bad[:1])).to_pylist()), hint="mend these rows",
        )  # fmt: skip
    values = {name: part.values for name, part in parts.items()}
    return _nested(values, fields, texts, np.asarray(columns[fields.text].is_null(), bool))


def _nested(
    columns: Mapping[str, pa.Array], fields: FieldNames, lengths: Ints, null: Mask
) -> pa.ListArray:
    texts = columns[fields.text].cast(pa.string())
    names = pa.nulls(len(texts), pa.string())
    if fields.name is not None:
        names = columns[fields.name].cast(pa.string())
    return nested(pa.StructArray.from_arrays([names, texts], ["name", "text"]), lengths, null=null)


def _fields_of(type_: pa.DataType) -> FieldNames | None:
    if not pa.types.is_struct(type_):
        return None
    return option_fields(field.name for field in type_ if not pa.types.is_nested(field.type))


def _columns(structs: pa.StructArray) -> dict[str, pa.Array]:
    names = [field.name for field in structs.type]
    return dict(zip(names, structs.flatten(), strict=True))
