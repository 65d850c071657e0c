"""The seven schemas, their typed rows and their JSON Schemas say the same thing."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from functools import cache
from typing import Any

import datasets
import jsonschema
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from medqa_kit.schemas import PROVENANCE, describe, required, row_type, schema_name

NAMES = list(mk.schemas.SCHEMAS)
PYTHON = {pa.string(): str, pa.int32(): int, pa.float64(): float}


@pytest.mark.parametrize("name", NAMES)
def test_provenance_comes_first_and_every_column_is_documented(name: str) -> None:
    schema = mk.schemas.SCHEMAS[name]
    assert schema.names[: len(PROVENANCE)] == [field.name for field in PROVENANCE]
    assert all(len(describe(field)) > 10 for field in schema)


@pytest.mark.parametrize("name", NAMES)
def test_the_name_is_known_with_and_without_metadata(name: str) -> None:
    schema = mk.schemas.SCHEMAS[name]
    assert schema_name(schema) == schema_name(schema.remove_metadata()) == name


@pytest.mark.parametrize("name", NAMES)
def test_typed_rows_mirror_the_schema(name: str) -> None:
    schema = mk.schemas.SCHEMAS[name]
    hints = typing.get_type_hints(row_type(schema))
    assert list(hints) == schema.names
    for field in schema:
        nullable = isinstance(hints[field.name], types.UnionType)
        assert nullable == (field.name not in required(schema)), field.name
        kind = typing.get_args(hints[field.name])[0] if nullable else hints[field.name]
        if pa.types.is_list(field.type):
            assert typing.get_origin(kind) is list
        else:
            assert kind is PYTHON[field.type]


def values(type_: pa.DataType) -> st.SearchStrategy:
    if pa.types.is_list(type_):
        return st.lists(values(type_.value_type), max_size=3)
    if pa.types.is_struct(type_):
        return st.fixed_dictionaries({field.name: values(field.type) for field in type_})
    if pa.types.is_string(type_):
        return st.text(max_size=5)
    if pa.types.is_integer(type_):
        return st.integers(-(2**31), 2**31 - 1)
    return st.floats(allow_nan=False, allow_infinity=False)


@cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    document = mk.schemas.json_schema(mk.schemas.SCHEMAS[name])
    jsonschema.Draft202012Validator.check_schema(document)
    return jsonschema.Draft202012Validator(document)


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_row_the_schema_holds_is_valid_json(name: str, data: st.DataObject) -> None:
    schema = mk.schemas.SCHEMAS[name]
    columns = {
        f.name: values(f.type) if f.name in required(schema) else st.none() | values(f.type)
        for f in schema
    }
    row = data.draw(st.fixed_dictionaries(columns))
    table = pa.Table.from_pylist([row], schema=schema)
    validator(name).validate(table.to_pylist()[0])


@pytest.mark.parametrize("name", NAMES)
def test_json_schema_refuses_what_the_schema_does_not_hold(name: str) -> None:
    schema = mk.schemas.SCHEMAS[name]
    document = mk.json_schema(schema)
    empty = dict.fromkeys(schema.names)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(empty, document)
    with pytest.raises(jsonschema.ValidationError, match="dditional"):
        jsonschema.validate({**empty, "other": 1}, document | {"properties": {}, "required": []})


@pytest.mark.parametrize(("name", "column", "value"), [
    ("dialogue", "messages", {"role": "user", "content": "Why?"}),
    ("tokens", "spans", {"start": 0, "end": 1, "label": "drug", "text": "aspirin"}),
])  # fmt: skip
def test_json_schema_refuses_values_with_other_keys(
    name: str, column: str, value: dict[str, Any]
) -> None:
    document = mk.json_schema(mk.schemas.SCHEMAS[name])["properties"][column]
    jsonschema.validate([value], document)
    for other in ({**value, "other": 1}, dict(list(value.items())[1:])):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate([other], document)


ROW = {"id": ["a/1"], "source": ["a"], "split": ["train"], "question": ["Why?"]}


def test_conform_orders_casts_and_completes() -> None:
    table = mk.conform(pa.table({"year": pa.array([2020], pa.int64()), **ROW}), mk.schemas.QA)
    assert table.schema.equals(mk.schemas.QA, check_metadata=True)
    assert table["year"].to_pylist() == [2020]
    assert table["options"].to_pylist() == [None]


def test_conform_refuses_unknown_columns_and_says_what_to_do() -> None:
    with pytest.raises(mk.errors.SchemaError) as caught:
        mk.conform(pa.table({**ROW, "anser": ["x"]}), mk.schemas.QA)
    message = str(caught.value)
    for piece in ("anser", "expected", "found", "Hint: drop or rename", "keep="):
        assert piece in message


def test_conform_carries_along_what_keep_names() -> None:
    table = mk.conform(pa.table({**ROW, "period": [2]}), mk.schemas.QA, keep=("period",))
    assert table.column_names == [*mk.schemas.QA.names, "period"]
    with pytest.raises(mk.errors.SchemaError, match="does not have: perod"):
        mk.conform(pa.table(ROW), mk.schemas.QA, keep=("perod",))


def test_conform_loses_nothing() -> None:
    with pytest.raises(mk.errors.SchemaError, match="int32"):
        mk.conform(pa.table({**ROW, "year": [3.5]}), mk.schemas.QA)
    with pytest.raises(mk.errors.SchemaError, match="do not fit"):
        mk.conform(pa.table({**ROW, "year": pa.array([2**40])}), mk.schemas.QA)


@pytest.mark.parametrize("view", [pa.list_view, pa.large_list_view])
def test_conform_reads_list_views(view: Callable[[pa.DataType], pa.DataType]) -> None:
    """Arrow casts them to other rows, or to arrays that are none."""
    rows = [["a", "b"], ["c"], None, [], ["d", "e", "f"]]
    options = pa.array(rows, view(pa.string()))
    turned = options.take(pa.array([4, 0, 0]))
    for column in (options, options.slice(1, 3), turned, pa.chunked_array([turned, options])):
        table = pa.table(
            {**{name: value * len(column) for name, value in ROW.items()}, "options": column}
        )
        assert mk.conform(table, mk.schemas.QA)["options"].to_pylist() == column.to_pylist()


def test_conform_refuses_two_columns_of_one_name() -> None:
    twice = pa.Table.from_arrays([pa.array(["a"])] * 2, names=["id", "id"])
    with pytest.raises(mk.errors.SchemaError, match="two columns of one name: id"):
        mk.conform(twice, mk.schemas.QA)


@pytest.mark.parametrize("name", ["id", "source", "split", "question"])
def test_conform_makes_no_row_that_breaks_the_schema(name: str) -> None:
    with pytest.raises(mk.errors.SchemaError, match="null where a value is required") as caught:
        mk.conform(pa.table(ROW).drop_columns([name]), mk.schemas.QA)
    assert (caught.value.column, caught.value.found) == (name, f"no such column: {name}")
    with pytest.raises(mk.errors.SchemaError) as caught:
        mk.conform(pa.table({**ROW, name: pa.array([None], pa.string())}), mk.schemas.QA)
    assert (caught.value.column, caught.value.found) == (name, f"1 null in {name}")


@pytest.mark.parametrize("schema", ["qa", "QA", "quiz", None, mk.schemas.QARow])
def test_what_is_no_schema(schema: object) -> None:
    calls = [lambda: mk.conform(pa.table(ROW), schema), lambda: mk.json_schema(schema)]
    for call in calls:
        with pytest.raises(mk.errors.ArgumentError, match="takes a schema") as caught:
            call()
        named = str(schema).lower() == "qa"
        assert caught.value.hint == (
            "pass mk.schemas.QA" if named else "pass one of mk.schemas.SCHEMAS.values()"
        )


def test_conform_takes_tables() -> None:
    data = datasets.Dataset.from_dict(ROW)
    with pytest.raises(mk.errors.SchemaError, match=r"this is no pa.Table.*") as caught:
        mk.conform(data, mk.schemas.QA)
    assert "with_format('arrow')[:]" in caught.value.hint
    assert mk.conform(data.with_format("arrow")[:], mk.schemas.QA)["question"].to_pylist() == [
        "Why?"
    ]


def test_an_eighth_schema_is_refused() -> None:
    with pytest.raises(mk.errors.SchemaError, match="none of the seven"):
        schema_name(pa.schema({"question": pa.string()}))
