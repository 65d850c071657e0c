"""Parquet whose values are not what its types promise, and row groups larger than memory should be."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from medqa_kit.catalog.layouts import Layout
from medqa_kit.catalog.places import LocalFiles
from medqa_kit.errors import EncodingError, ValueTypeError
from medqa_kit.loading.files.file import File
from medqa_kit.loading.readers.read_files import read_files
from medqa_kit.loading.readers.read_task import RawBatch, Rejected

BAD = b"b\xff"


def batches(path: Path, aside: list[Rejected] | None = None, **raw: pa.DataType) -> list[RawBatch]:
    layout = Layout(at=LocalFiles("x"), files="**", raw=pa.schema(list(raw.items())),
                    normalize=lambda table: table, schema=pa.schema([]))  # fmt: skip
    return list(read_files([File(path.name, str(path))], layout, source="demo", part="train",
                           reject=None if aside is None else aside.append))  # fmt: skip


def column(path: Path, type_: pa.DataType, aside: list[Rejected]) -> list[Any]:
    return [value for b in batches(path, aside, v=type_) for value in b.table["v"].to_pylist()]


def texts(type_: pa.DataType) -> pa.Array:
    large = pa.types.is_large_string(type_)
    return pa.array([b"a", BAD, None, b"d"], pa.large_binary() if large else pa.binary()).view(
        type_
    )


@pytest.mark.parametrize("kind", ["string", "large", "list", "struct", "list of structs"])
def test_text_that_is_not_utf8_is_set_aside(tmp_path: Path, kind: str) -> None:
    inner = texts(pa.large_string() if kind == "large" else pa.string())
    declared: pa.DataType = pa.string()
    good: list[Any] = ["a", None, "d"]
    if kind == "list":
        inner, declared = pa.ListArray.from_arrays([0, 1, 2, 3, 4], inner), pa.list_(pa.string())
        good = [["a"], [None], ["d"]]
    if "struct" in kind:
        inner, declared = pa.StructArray.from_arrays([inner], ["t"]), pa.struct({"t": pa.string()})
        good = [{"t": "a"}, {"t": None}, {"t": "d"}]
    if kind == "list of structs":
        inner, declared = pa.ListArray.from_arrays([0, 1, 2, 3, 4], inner), pa.list_(declared)
        good = [[value] for value in good]
    pq.write_table(pa.table({"v": inner}), path := tmp_path / "a.parquet")
    aside: list[Rejected] = []
    raw_batches = batches(path, aside, v=declared)
    assert [value for b in raw_batches for value in b.table["v"].to_pylist()] == good
    assert [b.place(r)[1] for b in raw_batches for r in range(b.table.num_rows)] == [0, 2, 3]
    assert [(a.row, a.reason) for a in aside] == [(1, "encoding")]
    assert "Hint: " in aside[0].message
    with pytest.raises(EncodingError, match=r"row 2, column 'v': the text is not utf-8"):
        batches(path, v=declared)


@pytest.mark.parametrize("type_", [
    pa.list_view(pa.string()), pa.large_list_view(pa.string()), pa.list_view(pa.string_view()),
    pa.large_list(pa.string()),
])  # fmt: skip
def test_lists_of_any_layout_are_read(tmp_path: Path, type_: pa.DataType) -> None:
    rows = [["a"], None, [], ["b", "c"]]
    pq.write_table(pa.table({"v": pa.array(rows, type_)}), path := tmp_path / "a.parquet")
    assert column(path, pa.list_(pa.string()), []) == rows


def test_list_views_within_structs_and_lists(tmp_path: Path) -> None:
    rows = [[{"x": ["a", "b"]}], [], [{"x": None}, {"x": ["c"]}]]
    type_ = pa.list_(pa.struct({"x": pa.list_view(pa.string())}))
    pq.write_table(pa.table({"v": pa.array(rows, type_)}), path := tmp_path / "a.parquet")
    assert column(path, pa.list_(pa.struct({"x": pa.list_(pa.string())})), []) == rows


DECIMALS = [Decimal("1.00"), Decimal("2.50"), None, Decimal("12345678901234567890.00")]


@pytest.mark.parametrize(("declared", "good", "bad"), [
    (pa.int64(), [1, None], [1, 3]), (pa.float64(), [1.0, 2.5, None], [3]),
])  # fmt: skip
def test_decimals_become_numbers_of_the_same_digits(
    tmp_path: Path, declared: pa.DataType, good: list[Any], bad: list[int]
) -> None:
    pq.write_table(
        pa.table({"v": pa.array(DECIMALS, pa.decimal128(22, 2))}), path := tmp_path / "a.parquet"
    )
    aside: list[Rejected] = []
    assert column(path, declared, aside) == good
    assert [(a.row, a.reason) for a in aside] == [(row, "value_type") for row in bad]


def test_what_is_no_number_is_set_aside(tmp_path: Path) -> None:
    values = [1.5, float("nan"), None, float("inf"), 2.0]
    pq.write_table(pa.table({"v": values}), path := tmp_path / "a.parquet")
    aside: list[Rejected] = []
    assert column(path, pa.float64(), aside) == [1.5, None, 2.0]
    assert [(a.row, a.reason) for a in aside] == [(1, "value_type"), (3, "value_type")]
    with pytest.raises(ValueTypeError, match="Hint: "):
        batches(path, v=pa.float64())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["plain", "dictionary", "list"])
def test_large_row_groups_come_in_batches_of_bounded_bytes(tmp_path: Path, kind: str) -> None:
    text = "가" * 30_000  # 90 kB, as is, or once in a dictionary
    rows = [text if kind == "dictionary" else f"{text}{n}" for n in range(2000)]
    listed = kind == "list"
    pq.write_table(
        pa.table({"v": pa.array([[row] for row in rows]) if listed else rows}),
        path := tmp_path / "a.parquet", row_group_size=2000, compression="zstd",
        use_dictionary=kind == "dictionary", write_batch_size=16,
    )  # fmt: skip
    declared = pa.list_(pa.string()) if listed else pa.string()
    sizes = [(b.table.num_rows, b.table.nbytes) for b in batches(path, v=declared)]
    assert sum(rows for rows, _ in sizes) == 2000
    assert max(size for _, size in sizes) <= (64 << 20) + 200_000
