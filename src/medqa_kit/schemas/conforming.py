"""Convert tables to one of the seven schemas, or raise an error that says why they do not fit."""

from __future__ import annotations

import pyarrow as pa

from medqa_kit.core.arrow.ragged import without_list_views
from medqa_kit.errors import SchemaError
from medqa_kit.schemas.definitions import refuse_no_schema, required


def conform(table: pa.Table, schema: pa.Schema, *, keep: tuple[str, ...] = ()) -> pa.Table:
    """Order, cast and complete a table to one of the seven schemas.

    Columns of the schema that the table lacks become null; values are cast only where no value
    changes (``int64`` 3 and ``"3"`` can become ``int32`` 3; 3.5 cannot).

    Args:
        table: Any table; it is not changed.
        schema: One of the seven, or another Arrow schema.
        keep: Further columns of the table to keep unchanged, after those of the schema.

    Returns:
        A table with exactly the schema's columns, then those of ``keep``.

    Raises:
        SchemaError: The table has a column that is neither in the schema nor in ``keep``, lacks
            one of ``keep``, holds values the declared type cannot, or null (as a column it lacks
            is) where the schema requires a value.

    Example:
        >>> from medqa_kit.schemas import TEXT
        >>> table = pa.table({"id": ["demo/1"], "source": ["demo"], "split": ["train"], "text": ["…"]})
        >>> conform(table, TEXT).column_names
        ['id', 'source', 'subset', 'split', 'language', 'family', 'title', 'text', 'url']
    """
    if not isinstance(table, pa.Table):
        raise SchemaError(
            "this is no pa.Table", expected="a pa.Table", found=type(table).__name__,
            hint="of a Dataset, data.with_format('arrow')[:] gives one",
        )  # fmt: skip
    refuse_no_schema(schema)
    fitting = fitted(table, schema, keep=keep)
    _refuse_nulls(table, fitting, schema)
    return fitting


def fitted(table: pa.Table, schema: pa.Schema, *, keep: tuple[str, ...] = ()) -> pa.Table:
    """Convert a table as :func:`conform` does, but allow null: for rows that are checked one by one later.

    Example:
        >>> schema = pa.schema([("id", pa.string()), ("year", pa.int32())])
        >>> fitted(pa.table({"id": ["a"]}), schema).column_names
        ['id', 'year']
    """
    _refuse_unknown(table, schema, keep)
    theirs = set(table.column_names)
    columns = [
        _cast(table, field)
        if field.name in theirs
        else pa.chunked_array([pa.nulls(table.num_rows, field.type)], type=field.type)
        for field in schema
    ]
    kept = [name for name in keep if name not in schema.names]
    fields = [*schema, *(table.schema.field(name) for name in kept)]
    columns += [table[name] for name in kept]
    return pa.Table.from_arrays(columns, schema=pa.schema(fields, metadata=schema.metadata))


def _refuse_nulls(table: pa.Table, fitting: pa.Table, schema: pa.Schema) -> None:
    gaps = {name: count for name in required(schema) if (count := fitting[name].null_count)}
    if gaps:
        absent = [name for name in gaps if name not in table.column_names]
        raise SchemaError(
            f"null where a value is required: {', '.join(gaps)}",
            column=next(iter(gaps)),
            expected="a value in every row",
            found=f"no such column: {', '.join(absent)}"
            if absent
            else ", ".join(f"{count} null in {name}" for name, count in gaps.items()),
            hint="fill these columns before: id, source and split say where a row comes from",
        )


def _refuse_unknown(table: pa.Table, schema: pa.Schema, keep: tuple[str, ...]) -> None:
    theirs, ours = table.column_names, {*schema.names, *keep}
    unknown = [n for n in theirs if n not in ours]
    if unknown:
        raise SchemaError(
            f"the table has columns the schema does not: {', '.join(unknown)}",
            expected=", ".join(schema.names),
            found=", ".join(theirs),
            hint="drop or rename them, or name them in keep=",
        )
    absent = [n for n in keep if n not in theirs]
    if absent:
        raise SchemaError(
            f"keep= names columns the table does not have: {', '.join(absent)}",
            found=", ".join(theirs),
            hint="check the spelling",
        )
    if len(set(theirs)) < len(theirs):
        twice = sorted({n for n in theirs if theirs.count(n) > 1})
        raise SchemaError(
            f"the table has two columns of one name: {', '.join(twice)}", hint="rename one of them"
        )


def _cast(table: pa.Table, field: pa.Field) -> pa.ChunkedArray:
    column = table[field.name]
    if column.type == field.type:
        return column
    column = without_list_views(column)
    try:
        if pa.types.is_temporal(column.type) and pa.types.is_integer(field.type):
            raise pa.ArrowInvalid("a count of days or seconds is no such number")
        return column.cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise SchemaError(
            "the values do not fit the column's type",
            column=field.name,
            expected=str(field.type),
            found=f"{column.type} ({error})",
            hint="cast the column yourself, so that what is lost is your decision",
        ) from error
