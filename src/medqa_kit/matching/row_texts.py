"""The texts of a row in which an item is searched, and the columns that count as stem and options.

Works by column types, so that the seven schemas, raw views and training records are all searched:
every text of a row is, save its provenance and a few columns that hold names rather than text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import join_given, reads_as_text, refuse_namesakes
from medqa_kit.core.arrow.messages import is_json
from medqa_kit.core.arrow.ragged import Mask, is_list
from medqa_kit.core.json_text import json_value
from medqa_kit.errors import SchemaError
from medqa_kit.matching.letters import letters
from medqa_kit.matching.shingles import BRIEF, sizes_of
from medqa_kit.schemas import PROVENANCE

NAMES = frozenset(field.name for field in PROVENANCE) | {
    "domain", "label", "role", "tags", "text_language", "translation_language", "url",
}  # fmt: skip
"""Columns that hold names rather than text."""
BREAK = " \n"
"""Stands between two texts of a row; the blank keeps apart numbers on either side."""
_STEMS = ("question", "prompt", "text", "instruction", "input")


def searched(schema: pa.Schema) -> list[str]:
    """Name the columns of a schema in which held-out items are looked for.

    Raises:
        SchemaError: None of the columns holds text, or two have one name.

    Example:
        >>> from medqa_kit.schemas import DIALOGUE, QA
        >>> searched(DIALOGUE), searched(QA)[:3]
        (['messages'], ['question', 'context', 'options'])
    """
    refuse_namesakes(schema)
    names = [
        f.name for f in schema if f.name not in NAMES and (holds_text(f.type) or _are_options(f))
    ]
    if not names:
        raise SchemaError(
            "no column holds text to search",
            expected="a column of strings, lists of strings or messages",
            found=", ".join(f"{f.name}: {f.type}" for f in schema) or "no columns",
            hint="pass rows as mk.load gives them",
        )
    return names


def holds_text(type_: pa.DataType) -> bool:
    """Check for a type of texts, or of something that has texts in it."""
    if is_list(type_):
        return holds_text(type_.value_type)
    if pa.types.is_map(type_):
        return holds_text(type_.key_type) or holds_text(type_.item_type)
    if pa.types.is_struct(type_):
        return any(f.name not in NAMES and holds_text(f.type) for f in type_)
    return reads_as_text(type_) or is_json(type_)


def _are_options(field: pa.Field) -> bool:
    """Check for options, which may be numbers."""
    if field.name != "options" or not is_list(field.type):
        return False
    type_ = field.type.value_type
    return holds_text(type_) or (holds_single_values(type_) and not pa.types.is_null(type_))


def as_list(column: pa.Array) -> pa.Array:
    """Return lists of any layout as ones with offsets, empty where they are null."""
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        return column
    # Not by a cast, which makes arrays that are not valid of list views (pyarrow 26).
    return pa.ListArray.from_arrays(_ends(column), column.flatten())


def _ends(column: pa.Array) -> pa.Array:
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
    return pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())


def row_texts(batch: pa.RecordBatch) -> pa.Array:
    r"""Join all texts of each row, a blank and a line break between two.

    Returns:
        ``string[n]``, without nulls.

    Example:
        >>> batch = pa.record_batch({"id": ["a"], "question": ["Why?"], "options": [["b", "c"]]})
        >>> row_texts(batch).to_pylist()
        ['Why? \nb \nc']
    """
    return _all(batch, searched(batch.schema))


class Parted(NamedTuple):
    """The texts of rows, in three parts each: what is neither question nor option, case, options.

    Attributes:
        texts: ``string[3n]``, without nulls: the three parts of each row in turn.
        own: ``bool[n]``: whether the row is a question with options; else all stands in the first part.
        options: ``list<string>[n]``: see :func:`options`.
    """

    texts: pa.Array
    own: Mask
    options: pa.ListArray


def parted(batch: pa.RecordBatch) -> Parted:
    r"""Part rows that are questions with options of their own.

    Example:
        >>> batch = pa.record_batch({"id": ["a", "b"], "context": ["He coughs.", None],
        ...     "question": ["Why?", "How?"], "options": [["b", "c"], None], "answer": ["b", "So."]})
        >>> parts = parted(batch)
        >>> parts.texts.to_pylist(), parts.own.tolist()
        (['b', 'He coughs. \nWhy?', 'b \nc', 'How? \n \nSo.', '', ''], [True, False])
    """
    names, choices = searched(batch.schema), options(batch)
    own = own_options(batch.schema, choices)
    whole = _all(batch, names)
    nothing = pa.array([""] * batch.num_rows, pa.string())
    if not own.any():
        return Parted(_in_turn(whole, nothing, nothing), own, choices)
    rest, case = part_columns(batch.schema)
    mask = pa.array(own)
    return Parted(
        _in_turn(pc.if_else(mask, _all(batch, rest), whole),
                 pc.if_else(mask, _all(batch, case), ""),
                 pc.if_else(mask, pc.binary_join(choices, BREAK), "")),
        own, choices,
    )  # fmt: skip


def own_options(schema: pa.Schema, choices: pa.ListArray) -> Mask:
    """Return which rows are questions with options of their own."""
    own: Mask = (choices.value_lengths().to_numpy() > 0) & (stem_column(schema) is not None)
    return own


def part_columns(schema: pa.Schema) -> tuple[list[str], list[str]]:
    """Name the columns of what is neither question nor option, and those of the case, in order."""
    names, stem = searched(schema), stem_column(schema)
    case = [name for name in names if name in ("context", stem)]
    rest = [name for name in names if name not in (*case, "options")]
    return rest, sorted(case)  # the context comes first


def _in_turn(*parts: pa.Array) -> pa.Array:
    turns = np.arange(len(parts) * len(parts[0])).reshape(len(parts), -1).T.ravel()
    return pa.concat_arrays(parts).take(pa.array(turns))


def _all(batch: pa.RecordBatch, names: list[str]) -> pa.Array:
    parts = [column_texts(batch[name]) for name in names]
    if not parts:
        return pa.array([""] * batch.num_rows, pa.string())
    joined = parts[0] if len(parts) == 1 else join_given(*parts, by=BREAK)
    return pc.fill_null(joined, "")


def column_texts(column: pa.Array) -> pa.Array:
    """Return one text a row of a column, null where there is none."""
    type_ = column.type
    if holds_single_values(type_):
        return column if type_ == pa.string() else column.cast(pa.string())
    if is_json(type_):
        # Free structure, and no vectorised reader of it: value by value.
        return pa.array([None if text is None else BREAK.join(_strings(text))
                         for text in column.storage.to_pylist()], pa.string())  # fmt: skip
    if pa.types.is_struct(type_):
        parts = [column_texts(pc.struct_field(column, f.name)) for f in type_
                 if f.name not in NAMES and holds_text(f.type)]  # fmt: skip
        return join_given(*parts, by=BREAK)
    if pa.types.is_map(type_):
        pair = pa.struct({"key": type_.key_type, "value": type_.item_type})
        column = column.cast(pa.list_(pair))
    inner = column_texts(column.flatten()).fill_null("")
    return pc.binary_join(pa.ListArray.from_arrays(_ends(column), inner), BREAK)


def _strings(text: str) -> Iterator[str]:
    """Return the strings of a JSON value in order, names of members aside."""
    waiting: list[Any] = [json_value(text)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, list | dict):
            waiting += reversed(list(value.values()) if isinstance(value, dict) else value)


def stems(batch: pa.RecordBatch) -> pa.Array:
    r"""Return the stem of each row: question, prompt, text, or what the user says first; see :func:`cased`.

    Example:
        >>> stems(pa.record_batch({"prompt": ["Why?"], "chosen": ["So."]})).to_pylist()
        ['Why?']
        >>> stems(pa.record_batch({"context": ["He coughs."], "question": ["Which drug?"]})).to_pylist()
        ['He coughs. \nWhich drug?']
    """
    asked = asked_texts(batch)
    if not (case := cased(batch)).any():
        return asked
    return pc.if_else(
        pa.array(case), join_given(column_texts(batch["context"]), asked, by=BREAK), asked
    )


def asked_texts(batch: pa.RecordBatch) -> pa.Array:
    """Return what each row asks: its stem without the case."""
    if name := stem_column(batch.schema):
        return column_texts(batch[name]).fill_null("")
    if "messages" in batch.schema.names and _are_turns(batch.schema.field("messages").type):
        return _first_turn(as_list(batch["messages"]))
    return row_texts(batch)


def cased(batch: pa.RecordBatch) -> Mask:
    """Return which rows have their case in ``context``: a question so brief is asked of many, and no item without it."""
    case, name = np.zeros(batch.num_rows, np.bool_), stem_column(batch.schema)
    if name is None or "context" not in searched(batch.schema) or name == "context":
        return case
    asked = asked_texts(batch)
    filled = pc.match_substring_regex(column_texts(batch["context"]).fill_null(""), r"\S")
    rows = np.flatnonzero(filled.to_numpy(zero_copy_only=False))
    case[rows] = sizes_of(*letters(asked.take(pa.array(rows)))) < BRIEF
    return case


def stem_column(schema: pa.Schema) -> str | None:
    """Name the column of stems, if there is one."""
    return next((name for name in _STEMS
                 if name in schema.names and reads_as_text(schema.field(name).type)), None)  # fmt: skip


def _are_turns(type_: pa.DataType) -> bool:
    if not is_list(type_) or not pa.types.is_struct(type_.value_type):
        return False
    fields = {f.name: f.type for f in type_.value_type}
    return {"role", "content"} <= fields.keys() and (
        reads_as_text(fields["role"]) and holds_text(fields["content"])
    )


def _first_turn(messages: pa.Array) -> pa.Array:
    """Return the first turn that is not the system's."""
    turns = messages.flatten()
    owner = pc.list_parent_indices(messages).to_numpy()
    role, content = (pc.struct_field(turns, name) for name in ("role", "content"))
    theirs = np.flatnonzero(
        pc.not_equal(role.fill_null(""), "system").to_numpy(zero_copy_only=False)
    )
    rows, first = np.unique(owner[theirs], return_index=True)
    place = np.full(len(messages), -1, np.int64)
    place[rows] = theirs[first]
    indices = pa.array(place, mask=place < 0)
    return column_texts(content.take(indices)).fill_null("")


def options(batch: pa.RecordBatch) -> pa.ListArray:
    """Return the options of each row, empty lists where it has none.

    Example:
        >>> options(pa.record_batch({"question": ["Why?"]})).to_pylist()
        [[]]
    """
    names = batch.schema.names
    if "options" in names and _are_options(batch.schema.field("options")):
        texts = column_texts(batch["options"].flatten()).fill_null("")
        return pa.ListArray.from_arrays(_ends(batch["options"]), texts)
    nothing = pa.repeat(pa.scalar(0, pa.int32()), batch.num_rows + 1)
    return pa.ListArray.from_arrays(nothing, pa.array([], pa.string()))


def answer_texts(batch: pa.RecordBatch) -> pa.Array:
    """Return the answer of each row, empty where there is none: the second field of open items."""
    if "answer" in batch.schema.names and reads_as_text(batch.schema.field("answer").type):
        return column_texts(batch["answer"]).fill_null("")
    return pa.array([""] * batch.num_rows, pa.string())


def text_column(batch: pa.RecordBatch, name: str) -> pa.Array:
    """Return a column as strings, nulls where the table lacks it or it holds no single values.

    Example:
        >>> text_column(pa.record_batch({"id": [7]}), "id").to_pylist()
        ['7']
    """
    if name not in batch.schema.names or not holds_single_values(batch.schema.field(name).type):
        return pa.nulls(batch.num_rows, pa.string())
    return batch[name].cast(pa.string())


def holds_single_values(type_: pa.DataType) -> bool:
    """Check for numbers, dates and texts: every array of these can be cast to strings.

    Example:
        >>> holds_single_values(pa.date32()), holds_single_values(pa.list_(pa.string()))
        (True, False)
    """
    if pa.types.is_dictionary(type_):
        return holds_single_values(type_.value_type)
    return not (
        pa.types.is_nested(type_) or isinstance(type_, pa.BaseExtensionType)
        or pa.types.is_binary(type_) or pa.types.is_large_binary(type_)
        or pa.types.is_binary_view(type_) or pa.types.is_fixed_size_binary(type_)
    )  # fmt: skip


def year_column(batch: pa.RecordBatch) -> pa.Array:
    """Return the years of rows, null where there are none or they are no numbers.

    Example:
        >>> year_column(pa.record_batch({"year": ["2024", "2024/2", None]})).to_pylist()
        [2024, None, None]
    """
    years = text_column(batch, "year")
    plain = pc.match_substring_regex(years, r"^\s*[0-9]{1,9}(\.0*)?\s*$")
    digits = pc.replace_substring_regex(years, r"[\s]|\.0*\s*$", "")
    return pc.if_else(plain, digits, pa.scalar(None, pa.string())).cast(pa.int32())
