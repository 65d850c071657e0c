"""Sets of rows by name: the weight of each, the columns they share, and rows picked across all of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from medqa_kit.core.arguments import did_you_mean, instance, number
from medqa_kit.core.arrow.columns import empty_rows
from medqa_kit.core.arrow.picking import Picker
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.errors import ArgumentError, SchemaError, shorten
from medqa_kit.splitting.mixes.mixed_streams import first_schemas


def checked_weights(
    sets: Mapping[str, Any],
    weights: Mapping[str, float],
    *,
    least: float = -math.inf,
    above: float = -math.inf,
) -> dict[str, float]:
    """Return the weight of each set, in the order of the sets.

    Args:
        sets: The sets by name.
        weights: A number for each of these names.
        least: The smallest weight that is allowed.
        above: What a weight must be larger than.

    Raises:
        ArgumentError: The names are not those of the sets, or a weight is no number in the range.

    Example:
        >>> checked_weights({"exam": [], "talk": []}, {"talk": 1, "exam": 3}, least=0)
        {'exam': 3, 'talk': 1}
    """
    instance("weights", weights, Mapping, expected="a dict of numbers", hint='weights={"exam": 3}')
    if {*weights} != {*sets}:
        nearest = (did_you_mean(name, sets) for name in weights if name not in sets)
        raise ArgumentError("weights= does not name the sets", argument="weights", expected=shorten(list(sets)),
                            found=shorten(list(weights)),
                            hint=next(filter(None, nearest), "give each set a weight"))  # fmt: skip
    return {
        name: number(
            "weights", weights[name], least=least, above=above, hint=f"the weight of {name!r}"
        )
        for name in sets
    }


def rows_across(sets: Mapping[str, Any], places: Ints) -> Any:
    """Pick rows out of several sets as if they stood in one, one set after the other.

    Args:
        sets: Tables, or data sets, by name. A set without rows may have any columns, or none.
        places: ``int64[n]``: places of rows, counted through all sets.

    Returns:
        One table, or one data set, with a column ``source``: the name of the set where a set has no such column.

    Raises:
        SchemaError: The sets have different columns or types.

    Example:
        >>> import numpy as np
        >>> sets = {"a": pa.table({"id": ["a/1", "a/2"]}), "b": pa.table({"id": ["b/1"]})}
        >>> rows_across(sets, np.array([2, 0])).to_pydict()
        {'id': ['b/1', 'a/1'], 'source': ['b', 'a']}
    """
    sets = {name: rows for name, rows in sets.items() if len(rows)}
    if all(isinstance(rows, pa.Table) for rows in sets.values()):
        named_tables = [_named(rows, name) for name, rows in sets.items()]
        try:
            order = named_tables[0].column_names
            joined = pa.concat_tables([rows.select(order) if {*order} == {*rows.column_names} else rows
                                       for rows in named_tables])  # fmt: skip
        except pa.ArrowInvalid as error:
            raise _different(sets) from error
        return Picker(joined.combine_chunks())(places)
    import datasets

    named = [rows if "source" in rows.column_names else rows.add_column("source", [name] * len(rows))
             for name, rows in sets.items()]  # fmt: skip
    if any(rows.features != named[0].features for rows in named):
        raise _different(sets)
    return datasets.concatenate_datasets(named).select(places)


def _named(table: pa.Table, name: str) -> pa.Table:
    if "source" in table.column_names:
        return table
    return table.append_column("source", pa.repeat(pa.scalar(name, pa.string()), table.num_rows))


def common_schema(streams: Mapping[str, Any]) -> pa.Schema:
    """Return the schema that all streams share, as their first rows tell it.

    Raises:
        SchemaError: They have different columns or types.

    Example:
        >>> import datasets
        >>> rows = datasets.Dataset.from_dict({"id": ["a/1"]}).to_iterable_dataset()
        >>> common_schema({"a": rows}).names
        ['id']
    """
    known = {name: schema for name, schema in first_schemas(streams).items() if schema is not None}
    schemas = list(known.values())
    types = [dict(zip(schema.names, schema.types, strict=True)) for schema in schemas]
    if any(each != types[0] for each in types[1:]):
        raise _different({name: empty_rows(schema) for name, schema in known.items()})
    return schemas[0]


def _columns(rows: Any) -> Iterator[tuple[str, str]]:
    schema = rows.schema if isinstance(rows, pa.Table) else rows.features.arrow_schema
    return ((field.name, str(field.type)) for field in schema)


def _different(sets: Mapping[str, Any]) -> SchemaError:
    """Say of each set which columns it has, with the types of those that differ."""
    types = [dict(_columns(rows)) for rows in sets.values()]
    same = set(types[0].items()).intersection(*(each.items() for each in types[1:]))
    listed = [
        f"{name}: {', '.join(column if (column, kind) in same else f'{column} ({kind})' for column, kind in each.items())}"
        for name, each in zip(sets, types, strict=True)
    ]  # fmt: skip
    return SchemaError("the sets have different columns or types", expected="the same in each",
                       found="; ".join(listed), hint="make records of all with the same mk.record(...)")  # fmt: skip
