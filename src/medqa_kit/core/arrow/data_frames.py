"""Data frames of pandas as tables, and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import refuse_namesakes

if TYPE_CHECKING:
    import pandas

_FIRST = 1000  # values of a column that are looked at to find its type


def table_of_frame(frame: pandas.DataFrame) -> pa.Table:
    """Make a table of a data frame, without its index.

    Arrow reads a column of objects twice, unless the type is given. Nearly all such columns of rows are lists
    of texts, such as options.

    Raises:
        ArrowException: A column holds values of several types.
        SchemaError: Two columns have one name.

    Example:
        >>> import pandas
        >>> table_of_frame(pandas.DataFrame({"n": [1], "options": [["a", "b"]]})).schema.types
        [DataType(int64), ListType(list<item: string>)]
    """
    refuse_namesakes(pa.schema([(str(name), pa.null()) for name in frame.columns]))
    lists = {
        place: texts
        for place, kind in enumerate(frame.dtypes)
        if kind == np.dtype(object) and isinstance(frame.columns[place], str)
        and (texts := _text_lists(frame.iloc[:, place].to_numpy())) is not None
    }  # fmt: skip
    others = [place for place in range(frame.shape[1]) if place not in lists]
    if not lists or not others:
        return pa.Table.from_pandas(frame, preserve_index=False)
    table = pa.Table.from_pandas(frame.iloc[:, others], preserve_index=False)
    for place, texts in lists.items():
        table = table.add_column(place, frame.columns[place], texts)
    return table


def column_of(values: list[Any]) -> pa.Array:
    """Make a column of values; beside texts and lists the NaN of ``DataFrame.to_dict`` is a missing value.

    Raises:
        ArrowException: They are of several types.

    Example:
        >>> column_of(["x", float("nan")]).to_pylist()
        ['x', None]
    """
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array(values, from_pandas=True)


def without_nan(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch in which NaN is a missing value.

    Example:
        >>> without_nan(pa.record_batch({"n": [1.0, float("nan")]}))["n"].to_pylist()
        [1.0, None]
    """
    columns = [
        pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
        if pa.types.is_floating(column.type)
        else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, batch.schema.names)


def frame_of_table(table: pa.Table, *, frame: pandas.DataFrame, opened_as: pa.Table) -> Any:
    """Return rows as a data frame: lists that it did not have, such as messages, stay in Arrow's memory.

    A Python object for each message would take several times as long as all the rest; a cell is a list of
    dicts either way. Columns that the frame kept in Arrow's memory stay there, too.

    Args:
        table: The rows.
        frame: What was passed.
        opened_as: The table that was made of the frame; for this very table the frame itself is returned.
    """
    if table is opened_as:
        return frame.reset_index(drop=True)
    import pandas

    had = dict(zip(frame.columns, frame.dtypes, strict=True))
    in_arrow = [field for field in table.schema
            if (pa.types.is_nested(field.type) if field.name not in had
                else isinstance(had[field.name], pandas.ArrowDtype))]  # fmt: skip
    names = [field.name for field in in_arrow]
    plain: pandas.DataFrame = _not_described(table.drop_columns(names), names).to_pandas()
    for field in in_arrow:
        place = table.column_names.index(field.name)
        column: Any = pandas.arrays.ArrowExtensionArray(table[field.name])
        plain.insert(place, field.name, column)
    return plain


def _not_described(table: pa.Table, names: list[str]) -> pa.Table:
    """Remove columns from the metadata of pandas in a schema: pandas cannot read lists of its own Arrow types."""
    metadata = table.schema.metadata
    if not names or metadata is None or b"pandas" not in metadata:
        return table
    noted = json.loads(metadata[b"pandas"])
    noted["columns"] = [column for column in noted["columns"] if column["field_name"] not in names]
    return table.replace_schema_metadata({**metadata, b"pandas": json.dumps(noted).encode()})


def _text_lists(values: npt.NDArray[Any]) -> pa.Array | None:
    """Return lists of texts, and nulls, as such a column; ``None`` if they may hold something else."""
    first = next((value for value in values[:_FIRST] if value is not None), None)
    if not isinstance(first, (list, np.ndarray)) or not len(first) or not isinstance(first[0], str):
        return None
    try:
        return pa.array(values, pa.list_(pa.string()), from_pandas=True)
    except pa.ArrowException:
        return None
