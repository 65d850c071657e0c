"""What is wrong with a file is told in full; records may be set aside, and are never lost."""

from __future__ import annotations

import gzip
import json
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from laws import examples
from medqa_kit.catalog.layouts import Layout, Reading
from medqa_kit.catalog.places import LocalFiles
from medqa_kit.errors import (
    EncodingError,
    FormatError,
    MedQAError,
    MissingExtraError,
    SchemaMovedError,
    ValueTypeError,
)
from medqa_kit.loading.files.local_files import local_files
from medqa_kit.loading.readers import text as text_module
from medqa_kit.loading.readers.read_files import read_files
from medqa_kit.loading.readers.read_task import RawBatch, Rejected

RAW = pa.schema({"q": pa.string(), "n": pa.int64()})
TREE = Reading(format="json-tree")


def layout(raw: pa.Schema = RAW, **rest: Any) -> Layout:
    return Layout(at=LocalFiles("x"), files="**", raw=raw, normalize=lambda table: table,
                  schema=pa.schema([]), **rest)  # fmt: skip


def batches(path: Path, declared: Layout | None = None, *, batch_rows: int = 10_000,
            reject: Callable[[Rejected], None] | None = None) -> list[RawBatch]:  # fmt: skip
    files = local_files(path, "**", source="demo", part="train")
    return list(read_files(files, declared or layout(), source="demo", part="train",
                     batch_rows=batch_rows, reject=reject))  # fmt: skip


def error(kind: type[MedQAError], path: Path, declared: Layout | None = None) -> MedQAError:
    """Read, and give the error, which has to have all its parts."""
    with pytest.raises(kind) as caught:
        batches(path, declared)
    assert type(caught.value) is kind
    text = str(caught.value)
    assert text.startswith("source 'demo', part 'train', file '"), text
    assert "Hint: " in text, text
    assert "  found:" in text, text
    traceback.clear_frames(caught.tb)  # which hold the file open as long as the error lives
    return caught.value


def sorted_out(path: Path, declared: Layout | None = None, *, batch_rows: int = 10_000,
               ) -> tuple[list[dict[str, Any]], list[tuple[str, int]], list[Rejected]]:  # fmt: skip
    aside: list[Rejected] = []
    raw_batches = batches(path, declared, batch_rows=batch_rows, reject=aside.append)
    rows = [row for batch in raw_batches for row in batch.table.to_pylist()]
    places = [batch.place(row) for batch in raw_batches for row in range(batch.table.num_rows)]
    return rows, places, aside


def good(number: int) -> dict[str, Any]:
    return {"q": f"질문 {number}", "n": number}


def line(number: int) -> str:
    return json.dumps(good(number), ensure_ascii=False)


REASONS = {FormatError: "broken_record", ValueTypeError: "value_type",
           SchemaMovedError: "undeclared_column"}  # fmt: skip
BROKEN_JSON = {
    "cut": ('{"q": "x", "n": 1', FormatError, "this is not JSON"),
    "words": ("not json at all", FormatError, "this is not JSON"),
    "two objects": ('{"q": "x", "n": 1}{"q": "y", "n": 2}', FormatError, "this is not JSON"),
    "list": ('["x", 1]', FormatError, "not an object"),
    "NUL": ('{"q": "x\0", "n": 1}', FormatError, "Invalid control character"),
    "duplicate key": ('{"q": "x", "n": 1, "q": "y"}', FormatError, "the key 'q' stands twice"),
    "huge number": ('{"q": "x", "n": 1e999}', ValueTypeError, "a number of JSON"),
    "not a number": ('{"q": "x", "n": NaN}', ValueTypeError, "a number of JSON"),
    "endless digits": ('{"q": "x", "n": ' + "9" * 5000 + "}", ValueTypeError, "a number of JSON"),
    "more than 64 bits": ('{"q": "x", "n": 18446744073709551617}', ValueTypeError, "within int64"),
    "rounded": ('{"q": "x", "n": 9007199254740993.0}', ValueTypeError, "a whole number"),
    "null": ("null", FormatError, "not an object"),
    "nothing": ("{}", FormatError, "none of the columns"),
    "deep": ('{"q": ' + "[" * 100_000 + "]" * 100_000 + ', "n": 1}', FormatError, "too deeply"),
    "half a surrogate pair in a key": (
        '{"q": "x", "n": 1, "\\ud800": 1}',
        SchemaMovedError,
        "undeclared",
    ),
    "lone surrogate": ('{"q": "\\ud800", "n": 1}', ValueTypeError, "surrogate"),
    "number for text": ('{"q": 7, "n": 1}', ValueTypeError, "expected: text (string)"),
    "text for number": ('{"q": "x", "n": "1 a"}', ValueTypeError, "a whole number (int64)"),
    "fraction": ('{"q": "x", "n": 1.5}', ValueTypeError, "found:    1.5"),
    "truth for number": ('{"q": "x", "n": true}', ValueTypeError, "found:    True"),
    "too large": ('{"q": "x", "n": 9223372036854775808}', ValueTypeError, "within int64"),
    "object for text": ('{"q": {"a": 1}, "n": 1}', ValueTypeError, "expected: text"),
    "undeclared key": ('{"q": "x", "n": 1, "m": 2}', SchemaMovedError, "'m'"),
}


@pytest.mark.parametrize("case", BROKEN_JSON)
def test_a_broken_line_is_named(tmp_path: Path, case: str) -> None:
    broken, kind, words = BROKEN_JSON[case]
    (tmp_path / "a.jsonl").write_text("\n".join([line(0), "", broken, line(2)]))
    fault = error(kind, tmp_path)
    assert words in str(fault)
    assert "file 'a.jsonl', line 3" in str(fault)
    assert (fault.row, fault.spot) == (1, "line 3")
    assert "expected:" in str(fault)


@pytest.mark.parametrize("case", BROKEN_JSON)
def test_a_broken_line_can_be_set_aside(tmp_path: Path, case: str) -> None:
    broken, kind, words = BROKEN_JSON[case]
    (tmp_path / "a.jsonl").write_text("\n".join([line(0), broken, line(2), broken]))
    rows, places, aside = sorted_out(tmp_path)
    assert rows == [good(0), good(2)]
    assert places == [("a.jsonl", 0), ("a.jsonl", 2)]
    assert [(a.row, a.content, a.reason) for a in aside] == [
        (1, broken, REASONS[kind]), (3, broken, REASONS[kind])]  # fmt: skip
    assert all(words in a.message for a in aside)


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
@pytest.mark.parametrize("case", sorted(BROKEN_JSON.keys() - {"cut", "list"}))
def test_a_broken_record_may_come_first(tmp_path: Path, case: str, name: str) -> None:
    broken, kind, words = BROKEN_JSON[case]
    texts = [broken, line(1)]
    (tmp_path / name).write_text("\n".join(texts) if name == "a.jsonl" else f"[{','.join(texts)}]")
    rows, places, aside = sorted_out(tmp_path)
    assert (rows, places) == ([good(1)], [(name, 1)])
    assert [(a.row, a.reason) for a in aside] == [(0, REASONS[kind])]
    assert words in aside[0].message


@pytest.mark.parametrize("case", sorted(BROKEN_JSON.keys() - {"cut"}))  # a cut one has no end
def test_a_broken_element_can_be_set_aside(tmp_path: Path, case: str) -> None:
    broken, kind, words = BROKEN_JSON[case]
    (tmp_path / "a.json").write_text("[" + ", ".join([line(0), broken, line(2), broken]) + "]")
    rows, places, aside = sorted_out(tmp_path)
    assert rows == [good(0), good(2)]
    assert places == [("a.json", 0), ("a.json", 2)]
    assert [(a.row, a.content.strip(), a.reason) for a in aside] == [
        (1, broken, REASONS[kind]), (3, broken, REASONS[kind])]  # fmt: skip
    assert all(words in a.message for a in aside)


@pytest.mark.parametrize("case", sorted(BROKEN_JSON.keys() - {"list"}))  # a list is fine here
def test_a_broken_file_of_a_tree_can_be_set_aside(tmp_path: Path, case: str) -> None:
    broken, kind, words = BROKEN_JSON[case]
    for number, text in enumerate([line(0), broken, line(2), broken]):
        (tmp_path / f"{number}.json").write_text(text)
    rows, places, aside = sorted_out(tmp_path, layout(read=TREE))
    assert rows == [good(0), good(2)]
    assert places == [("0.json", 0), ("2.json", 0)]
    assert [(a.file, a.row, a.content, a.reason) for a in aside] == [
        ("1.json", 0, broken, REASONS[kind]), ("3.json", 0, broken, REASONS[kind])]  # fmt: skip
    assert all(words in a.message for a in aside)


@settings(max_examples=examples(30), deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(kinds=st.lists(st.sampled_from(["good", "blank", *BROKEN_JSON]), min_size=1, max_size=12),
       batch_rows=st.integers(1, 5), block=st.integers(4, 100))  # fmt: skip
def test_every_line_is_a_row_or_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kinds: list[str], batch_rows: int, block: int
) -> None:
    lines = [line(0)]  # what the columns are called has to be seen once
    for number, kind in enumerate(kinds, 1):
        lines.append(line(number) if kind == "good" else "" if kind == "blank" else
                     BROKEN_JSON[kind][0])  # fmt: skip
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    with monkeypatch.context() as patch:
        patch.setattr(text_module, "BLOCK", block)
        patch.setattr(text_module, "_SAMPLE", block)
        rows, places, aside = sorted_out(tmp_path, batch_rows=batch_rows)
    solid = [text for text in lines if text]
    assert [solid[row] for _, row in places] == [json.dumps(r, ensure_ascii=False) for r in rows]
    assert [solid[a.row] for a in aside] == [a.content for a in aside]
    assert sorted([*(row for _, row in places), *(a.row for a in aside)]) == list(range(len(solid)))


def test_a_rejected_record_is_cut_after_a_mebibyte(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(line(0) + "\n" + "x" * (1 << 21))
    (_, _, (aside,)) = sorted_out(tmp_path)
    assert len(aside.content) < (1 << 20) + 100
    assert aside.content.endswith("(cut: 2097152 characters in all)")


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_deep_nesting_is_an_error_not_a_crash(tmp_path: Path, opening: str) -> None:
    closing = "]" if opening == "[" else "1}"
    deep = opening * 50_000 + closing[:-1] + closing[-1] * 50_000
    (tmp_path / "a.jsonl").write_text(f'{line(0)}\n{{"q": "x", "n": 1, "z": {deep}}}\n{line(2)}')
    rows, _, (aside,) = sorted_out(tmp_path)
    assert rows == [good(0), good(2)]
    assert "nested too deeply" in aside.message


def test_integers_a_float_column_would_round_are_refused(tmp_path: Path) -> None:
    raw = pa.schema({"x": pa.struct({"y": pa.list_(pa.float64())})})
    (tmp_path / "a.jsonl").write_text('{"x": {"y": [1, 9007199254740993]}}')
    fault = error(ValueTypeError, tmp_path, layout(raw))
    assert "x.y[1] is of another type" in fault.what
    assert fault.column == "x"


def test_places_within_nested_values_are_named(tmp_path: Path) -> None:
    turns = pa.list_(pa.struct({"role": pa.string(), "content": pa.string()}))
    (tmp_path / "a.jsonl").write_text('{"m": [{"role": "r", "content": "c"}, {"role": 3}]}')
    assert "m[1].role" in error(ValueTypeError, tmp_path, layout(pa.schema({"m": turns}))).what
    (tmp_path / "a.jsonl").write_text('{"m": [{"role": "r", "state": "s"}]}')
    assert "m[0].state" in error(ValueTypeError, tmp_path, layout(pa.schema({"m": turns}))).what
    (tmp_path / "a.jsonl").write_text('{"m": "text"}')
    assert "a list" in error(ValueTypeError, tmp_path, layout(pa.schema({"m": turns}))).expected


def test_json_of_another_shape_is_read_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(f"\n[{line(0)},\n{line(1)}]")
    assert [row["n"] for batch in batches(tmp_path) for row in batch.table.to_pylist()] == [0, 1]
    (tmp_path / "a.jsonl").unlink()
    (tmp_path / "a.json").write_text(line(0) + "\n" + line(1))
    assert [row["n"] for batch in batches(tmp_path) for row in batch.table.to_pylist()] == [0, 1]
    (tmp_path / "a.json").write_text('{"q": "x",\n "n": 1}')
    fault = error(FormatError, tmp_path, layout(read=Reading(records="intents")))
    assert "no list under 'intents'" in fault.what
    assert "'q', 'n'" in fault.found
    (tmp_path / "a.json").write_text('{"intents": {"a": 1}}')
    error(FormatError, tmp_path, layout(read=Reading(records="intents")))
    (tmp_path / "a.json").write_text('{"version": 1, "inte')
    assert "cut off" in error(FormatError, tmp_path, layout(read=Reading(records="intents"))).hint


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[{0}, {1}", "the list does not end"),
        ('[{0}, {{"q": "open', "the list does not end"),
        ("[{0}]]", "what follows the list"),
        ("[{0}]\n[{1}]", "what follows the list"),
        ("[{0}]\\", "what follows the list"),
        ("[{0},]", "not JSON"),
        ("[,{0}]", "not JSON"),
        ("[{0} {1}]", "not JSON"),
        ("[", "the list does not end"),
    ],
)
def test_a_broken_array_is_told(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "a.json").write_text(text.format(line(0), line(1)))
    assert words in error(FormatError, tmp_path).what


def test_the_line_of_an_element_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(f'[\n{line(0)},\n{line(1)},\n\n{{"q": 1}}\n]')
    fault = error(ValueTypeError, tmp_path)
    assert "q is of another type" in fault.what
    assert (fault.row, fault.spot) == (2, "line 5")


def test_bad_files_of_a_tree_are_named(tmp_path: Path) -> None:
    (tmp_path / "0.json").write_text(line(0))
    (tmp_path / "1.json").write_text(f"[{line(1)}, {line(2)}")
    (tmp_path / "2.json").write_bytes('{"q": "什么是高血压"}'.encode("gb18030"))
    (tmp_path / "3.json").write_text("<!DOCTYPE html><p>sign in")
    (tmp_path / "4.json").write_text("")
    declared = layout(read=TREE)
    assert error(FormatError, tmp_path, declared).file == "1.json"
    rows, _, aside = sorted_out(tmp_path, declared)
    assert rows == [good(0), good(1)]
    assert [(a.file, a.reason) for a in aside] == [
        ("1.json", "broken_record"), ("2.json", "encoding"), ("3.json", "broken_record"),
        ("4.json", "broken_record")]  # fmt: skip


CHINESE = "department,ask\n" + "内科,什么是高血压？怎么治疗\n" * 20


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json", "a.tsv"])
def test_a_wrong_encoding_names_the_place_and_likely_ones(tmp_path: Path, name: str) -> None:
    text = CHINESE if "sv" in name else '[\n{"department": "内科", "ask": "什么是高血压？怎么治疗"}'
    (tmp_path / name).write_bytes(text.encode("gb18030"))
    declared = layout(pa.schema({"department": pa.string(), "ask": pa.string()}))
    fault = error(EncodingError, tmp_path, declared)
    at = text.encode("gb18030").index("内".encode("gb18030"))
    assert fault.what == f"this is not utf-8 at byte {at}, line 2"
    assert "gb18030" in fault.hint
    assert "Reading(encoding=...)" in fault.hint
    assert fault.expected == "text in utf-8"


def test_a_wrong_encoding_is_not_set_aside_record_by_record(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes('{"q": "什么是高血压？", "n": 1}\n'.encode("gb18030") * 50)
    with pytest.raises(EncodingError):
        sorted_out(tmp_path)


@pytest.mark.parametrize("declared", ["cp949", "gb18030", "utf-16"])
def test_utf8_declared_as_something_else(tmp_path: Path, declared: str) -> None:
    (tmp_path / "a.csv").write_text("q,n\n" + "뷁 ខ្មែរ 😀,1\n" * 3)
    fault = error(EncodingError, tmp_path, layout(read=Reading(encoding=declared)))
    assert declared in fault.what
    if declared != "utf-16":
        assert "utf-8" in fault.hint


def test_a_character_cut_at_the_end_is_an_encoding_error(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("q,n\n血压,1\n血".encode("gb18030")[:-1])
    fault = error(EncodingError, tmp_path, layout(read=Reading(encoding="gb18030")))
    assert "line 3" in fault.what


def test_utf16_taken_for_utf8_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(("q,n\n" + "질문,1\n" * 30).encode("utf-16"))
    fault = error(EncodingError, tmp_path)
    assert "utf-16" in fault.hint
    (tmp_path / "a.csv").write_bytes("q,n\nplain,1\n".encode("utf-16-le"))
    assert "utf-16" in error(EncodingError, tmp_path).hint
    (tmp_path / "a.csv").write_bytes(bytes(64))
    assert "NUL byte at byte 0" in error(FormatError, tmp_path).what


def test_a_single_bad_byte_costs_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(
        f"{line(0)}\n".encode() + b'{"q": "x\xff", "n": 1}\n' + line(2).encode())  # fmt: skip
    fault = error(EncodingError, tmp_path)
    assert "this is not utf-8" in fault.what
    assert fault.spot == "line 2"
    rows, places, (aside,) = sorted_out(tmp_path)
    assert rows == [good(0), good(2)]
    assert places == [("a.jsonl", 0), ("a.jsonl", 2)]
    assert (aside.row, aside.reason, aside.content) == (1, "encoding", '{"q": "x\\xff", "n": 1}')


@pytest.mark.slow
def test_a_bad_byte_deep_in_a_csv_is_found(tmp_path: Path) -> None:
    lines = "q,n\n" + "질문,1\n" * 10_000
    (tmp_path / "a.csv").write_bytes(lines.encode() + b"\xff,2\n")
    fault = error(EncodingError, tmp_path)
    assert (fault.row, fault.what) == (10_000, "this is not utf-8 at byte 0 of the field")


def test_csv_records_with_too_many_or_too_few_fields(tmp_path: Path) -> None:
    text = 'q,n\n"a\nb",0\n\nx,1,extra\nc,2\nalone\nd,4\n'
    (tmp_path / "a.csv").write_text(text)
    fault = error(FormatError, tmp_path)
    assert fault.row == 1
    assert fault.what == "the record has 3 fields"
    assert fault.expected == "2 fields, as in the header"
    assert "x,1,extra" in fault.found
    rows, places, aside = sorted_out(tmp_path, batch_rows=2)
    assert rows == [{"q": "a\nb", "n": 0}, {"q": "c", "n": 2}, {"q": "d", "n": 4}]
    assert [row for _, row in places] == [0, 2, 4]
    assert [(a.row, a.reason, a.content) for a in aside] == [
        (1, "broken_record", "x,1,extra"), (3, "broken_record", "alone")]  # fmt: skip


def test_csv_values_that_are_no_numbers(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("q,n\na,0\nb,one\nc,x,\nd,3\ne,4.5\nf,5\n")
    rows, places, aside = sorted_out(tmp_path, batch_rows=1)
    assert [row["q"] for row in rows] == ["a", "d", "f"]
    assert [row for _, row in places] == [0, 3, 5]
    assert sorted((a.row, a.reason) for a in aside) == [
        (1, "value_type"), (2, "broken_record"), (4, "value_type")]  # fmt: skip
    by_row = {a.row: a for a in aside}
    assert by_row[4].content == '{"q": "e", "n": "4.5"}'
    assert "'4.5'" in by_row[4].message
    assert "row 5, column 'n'" in by_row[4].message
    (tmp_path / "a.csv").write_text("q,n\na,0\nb,one\n")
    fault = error(ValueTypeError, tmp_path)
    assert (fault.row, fault.column, fault.expected) == (1, "n", "int64")
    assert fault.found == "'one'"


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('q,n\na,0\n"open,1\nb,2\n', 1),
        ('q,n\na,0\nb,"1\nc,2', 1),
        ('q\na\n"open\nb\n', 1),
        ('q,n\n"', 0),
    ],
)
def test_a_quotation_mark_that_does_not_close_is_told(tmp_path: Path, text: str, row: int) -> None:
    (tmp_path / "a.csv").write_text(text)
    declared = layout(RAW if "," in text else pa.schema({"q": pa.string()}))
    fault = error(FormatError, tmp_path, declared)
    assert "does not close" in fault.what
    assert fault.row == row
    _, _, (aside,) = sorted_out(tmp_path, declared)
    assert aside.row == row
    assert "\0" not in aside.content


def test_a_header_that_does_not_close(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('q,"n\na,0\n')
    assert "quotation marks in pairs" in error(FormatError, tmp_path).expected


def test_quotation_marks_within_a_field_are_text(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text('q\tn\n5" tube\t1\nsay "x"\t2\n')
    rows, _, aside = sorted_out(tmp_path)
    assert [row["q"] for row in rows] == ['5" tube', 'say "x"']
    assert not aside


@pytest.mark.slow
def test_an_endless_csv_record_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('q,n\n"' + "x\n" * (10 << 20) + '",1\n')
    assert "quotation" in str(error(FormatError, tmp_path))


def test_a_csv_with_another_separator_or_header(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("q;n\na;0\n")
    fault = error(SchemaMovedError, tmp_path)
    assert fault.found == "q;n"
    assert fault.expected == "q, n"
    (tmp_path / "a.csv").write_text("q,n,q\na,0,b\n")
    assert "two columns of the name 'q'" in error(SchemaMovedError, tmp_path).what


@pytest.mark.parametrize("cut", [4, 40, -1, -8])
def test_a_cut_off_parquet_file(tmp_path: Path, cut: int) -> None:
    pq.write_table(pa.Table.from_pylist([good(0)], RAW), tmp_path / "a.parquet")
    (tmp_path / "a.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:cut])
    fault = error(FormatError, tmp_path)
    assert "cut off or damaged" in fault.what
    assert "fetch it again" in fault.hint


def test_a_damaged_parquet_page(tmp_path: Path) -> None:
    table = pa.table({"q": [f"{n:050}" for n in range(1000)], "n": range(1000)}, schema=RAW)
    pq.write_table(table, tmp_path / "a.parquet", write_page_checksum=True)
    data = bytearray((tmp_path / "a.parquet").read_bytes())
    data[200] ^= 1
    (tmp_path / "a.parquet").write_bytes(data)
    fault = error(FormatError, tmp_path)
    assert "damaged" in fault.hint


def test_parquet_types_and_columns_that_moved(tmp_path: Path) -> None:
    pq.write_table(pa.table({"q": [1], "n": ["1"]}), tmp_path / "a.parquet")
    fault = error(SchemaMovedError, tmp_path)
    assert (fault.column, fault.expected, fault.found) == ("q", "string", "int64")
    pq.write_table(pa.table({"question": ["x"], "n": [1]}), tmp_path / "a.parquet")
    fault = error(SchemaMovedError, tmp_path)
    assert "missing: 'q'" in fault.what
    assert "revision=" in fault.hint


def test_parquet_values_that_do_not_fit_are_set_aside(tmp_path: Path) -> None:
    theirs = pa.table({"q": list("abcde"), "n": [0.0, 1.5, 2.0, None, float("inf")]})
    pq.write_table(theirs, tmp_path / "a.parquet", row_group_size=2)
    fault = error(ValueTypeError, tmp_path)
    assert (fault.row, fault.column) == (1, "n")
    rows, places, aside = sorted_out(tmp_path)
    assert [row["q"] for row in rows] == ["a", "c", "d"]
    assert [row for _, row in places] == [0, 2, 3]
    assert [(a.row, a.content) for a in aside] == [
        (1, '{"q": "b", "n": 1.5}'), (4, '{"q": "e", "n": Infinity}')]  # fmt: skip
    assert "row 5" in aside[1].message


@pytest.mark.parametrize("name", ["a.parquet", "a.jsonl", "a.json", "a.csv", "a.tsv", "a.xlsx",
                                  "a.jsonl.gz", "a.jsonl.zst"])  # fmt: skip
def test_a_pointer_or_a_web_page_is_recognised(tmp_path: Path, name: str) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0a\nsize 123\n"
    (tmp_path / name).write_text(pointer)
    assert "git lfs pull" in error(FormatError, tmp_path).hint
    (tmp_path / name).write_text("\n<!DOCTYPE html>\n<html><body>404</body></html>")
    assert "web page" in error(FormatError, tmp_path).what


@pytest.mark.parametrize("name", ["a.parquet", "a.xlsx"])
def test_a_binary_file_that_is_something_else(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("q,n\na,0\n" * 10)
    assert "q,n" in error(FormatError, tmp_path).found
    (tmp_path / name).write_bytes(b"")
    error(FormatError, tmp_path)


@pytest.mark.parametrize(("ending", "pack"), [("gz", gzip.compress), ("zst", zstandard.compress)])
def test_a_cut_off_compressed_file(
    tmp_path: Path, ending: str, pack: Callable[[bytes], bytes]
) -> None:
    packed = pack("\n".join(map(line, range(5000))).encode())
    (tmp_path / f"a.jsonl.{ending}").write_bytes(packed[: len(packed) // 2])
    assert "cut off" in error(FormatError, tmp_path).hint
    (tmp_path / f"a.jsonl.{ending}").write_bytes(b"not compressed at all")
    error(FormatError, tmp_path)


def test_a_damaged_member_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.jsonl", line(0))
        archive.writestr("b.jsonl", line(1))
    data = (tmp_path / "a.zip").read_bytes()
    (tmp_path / "a.zip").write_bytes(data.replace(line(1).encode(), line(2).encode(), 1))
    for declared in (layout(), layout(read=TREE)):
        assert error(FormatError, tmp_path, declared).file == "a/b.jsonl"


def test_cells_of_another_type(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["q", "n"], ["a", 0], ["b", "one"], [3, 2], ["d", 3, None, "!"], ["e", 4.0]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    fault = error(ValueTypeError, tmp_path)
    assert (fault.row, fault.column) == (1, "n")
    assert fault.spot == "row 3 of sheet 'Sheet'"
    rows, places, aside = sorted_out(tmp_path, batch_rows=1)
    assert rows == [{"q": "a", "n": 0}, {"q": "e", "n": 4}]
    assert [row for _, row in places] == [0, 4]
    assert [(a.row, a.reason, a.content) for a in aside] == [
        (1, "value_type", "b\tone"), (2, "value_type", "3\t2"),
        (3, "broken_record", "d\t3\t\t!")]  # fmt: skip


def test_a_missing_package_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    (tmp_path / "a.xlsx").write_bytes(b"PK")
    with pytest.raises(MissingExtraError, match=r"medqa_kit\[xlsx\]"):
        batches(tmp_path)


def test_all_rows_set_aside_is_not_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("broken")
    rows, _, aside = sorted_out(tmp_path)
    assert not rows
    assert len(aside) == 1
