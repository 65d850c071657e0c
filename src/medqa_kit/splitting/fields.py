"""Where an item may sit in a row: the texts to search, and what counts as stem and options.

Works by column types, so that the seven schemas, raw views and training records are all searched:
every text of a row is, save its provenance and a few columns that hold names rather than text.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.errors import SchemaError
from medqa_kit.normalizing.arrays import join_given
from medqa_kit.schemas import PROVENANCE

_NAMES = frozenset(field.name for field in PROVENANCE) | {
    "domain", "label", "role", "tags", "text_language", "translation_language", "url",
}  # fmt: skip
_STEMS = ("question", "prompt", "text", "instruction", "input")


def searched(schema: pa.Schema) -> list[str]:
    """Name the columns of a schema in which held-out items are looked for.

    Raises:
        SchemaError: None of the columns holds text.

    Example:
        >>> from medqa_kit.schemas import DIALOGUE, QA
        >>> searched(DIALOGUE), searched(QA)[:3]
        (['messages'], ['question', 'context', 'options'])
    """
    found = [f.name for f in schema if f.name not in _NAMES and _holds_text(f.type)]
    if not found:
        raise SchemaError(
            "no column holds text to search",
            expected="a column of strings, lists of strings or messages",
            found=", ".join(f"{f.name}: {f.type}" for f in schema) or "no columns",
            hint="pass rows as mk.load gives them",
        )
    return found


def _holds_text(type_: pa.DataType) -> bool:
    if _is_list(type_):
        return _holds_text(type_.value_type)
    if pa.types.is_struct(type_):
        return any(f.name not in _NAMES and _holds_text(f.type) for f in type_)
    return _is_text(type_)


def _is_text(type_: pa.DataType) -> bool:
    if pa.types.is_dictionary(type_):
        return _is_text(type_.value_type)
    return bool(
        pa.types.is_string(type_) or pa.types.is_large_string(type_)
        or pa.types.is_string_view(type_)
    )  # fmt: skip


def _is_list(type_: pa.DataType) -> bool:
    return bool(pa.types.is_list(type_) or pa.types.is_large_list(type_))


def row_texts(batch: pa.RecordBatch) -> pa.Array:
    r"""Join all texts of each row, a line break between two.

    Returns:
        ``string[n]``, without nulls.

    Example:
        >>> batch = pa.record_batch({"id": ["a"], "question": ["Why?"], "options": [["b", "c"]]})
        >>> row_texts(batch).to_pylist()
        ['Why?\nb\nc']
    """
    return _all(batch, searched(batch.schema))


def text_and_options(batch: pa.RecordBatch) -> pa.Array:
    r"""Join all texts of each row save its options, and its options, in turn.

    Returns:
        ``string[2n]``, without nulls.

    Example:
        >>> batch = pa.record_batch({"id": ["a"], "question": ["Why?"], "options": [["b", "c"]]})
        >>> text_and_options(batch).to_pylist()
        ['Why?', 'b\nc']
    """
    names = searched(batch.schema)
    own = [name for name in names if name == "options" and _is_list(batch.schema.field(name).type)]
    rest = _all(batch, [name for name in names if name not in own])
    both = pa.concat_arrays([rest, _all(batch, own)])
    turns = np.arange(2 * batch.num_rows).reshape(2, -1).T.ravel()
    return both.take(pa.array(turns))


def _all(batch: pa.RecordBatch, names: list[str]) -> pa.Array:
    parts = [_joined(batch[name]) for name in names]
    if not parts:
        return pa.array([""] * batch.num_rows, pa.string())
    joined = parts[0] if len(parts) == 1 else join_given(*parts, by="\n")
    return pc.fill_null(joined, "")


def _joined(column: pa.Array) -> pa.Array:
    """Give one text a row, null where there is none."""
    type_ = column.type
    if _is_text(type_):
        return column if type_ == pa.string() else column.cast(pa.string())
    if pa.types.is_struct(type_):
        parts = [_joined(pc.struct_field(column, f.name)) for f in type_
                 if f.name not in _NAMES and _holds_text(f.type)]  # fmt: skip
        return join_given(*parts, by="\n")
    inner = _joined(column.flatten()).fill_null("")
    lengths = pc.fill_null(pc.list_value_length(column), 0)
    ends = np.concatenate([[0], np.cumsum(lengths.to_numpy(zero_copy_only=False))])
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(ends, pa.int32()), inner), "\n")


def stems(batch: pa.RecordBatch) -> pa.Array:
    """Give the stem of each row: question, prompt, text, or what the user says first.

    Example:
        >>> stems(pa.record_batch({"prompt": ["Why?"], "chosen": ["So."]})).to_pylist()
        ['Why?']
    """
    for name in _STEMS:
        if name in batch.schema.names and _is_text(batch.schema.field(name).type):
            return _joined(batch[name]).fill_null("")
    if "messages" in batch.schema.names:
        return _first_turn(batch["messages"])
    return row_texts(batch)


def case(batch: pa.RecordBatch) -> pa.Array:
    r"""Give the stem of each row with the context it is asked in.

    Example:
        >>> case(pa.record_batch({"question": ["Why?"], "context": ["He coughs."]})).to_pylist()
        ['He coughs.\nWhy?']
    """
    if "context" not in batch.schema.names or not _is_text(batch.schema.field("context").type):
        return stems(batch)
    return pc.fill_null(join_given(_joined(batch["context"]), stems(batch), by="\n"), "")


def _first_turn(messages: pa.Array) -> pa.Array:
    """Give the first turn that is not the system's."""
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
    return _joined(content.take(indices)).fill_null("")


def options(batch: pa.RecordBatch) -> pa.ListArray:
    """Give the options of each row, empty lists where it has none.

    Example:
        >>> options(pa.record_batch({"question": ["Why?"]})).to_pylist()
        [[]]
    """
    names = batch.schema.names
    if "options" in names and _is_list(batch.schema.field("options").type):
        column = batch["options"]
        lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
        texts = _joined(column.flatten()).fill_null("")
    else:
        lengths, texts = np.zeros(batch.num_rows, np.int64), pa.array([], pa.string())
    ends = np.concatenate([[0], np.cumsum(lengths)])
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), texts)


def answers(batch: pa.RecordBatch) -> pa.Array:
    """Give the answer of each row, empty where there is none: the second field of open items."""
    if "answer" in batch.schema.names and _is_text(batch.schema.field("answer").type):
        return _joined(batch["answer"]).fill_null("")
    return pa.array([""] * batch.num_rows, pa.string())


def text_column(batch: pa.RecordBatch, name: str) -> pa.Array:
    """Give a column as strings, nulls where the table lacks it."""
    if name not in batch.schema.names:
        return pa.nulls(batch.num_rows, pa.string())
    return batch[name].cast(pa.string())
