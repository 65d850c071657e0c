"""Text with delimiters: each record is what its dialect says, or is set aside; never other text."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws import examples
from medqa_kit.catalog.layouts import Layout, Reading
from medqa_kit.catalog.places import LocalFiles
from medqa_kit.errors import ArgumentError, MedQAError
from medqa_kit.loading.files.file import File
from medqa_kit.loading.readers.delimited_files.delimited_text import Dialect, pieces, records
from medqa_kit.loading.readers.read_files import read_files
from medqa_kit.loading.readers.read_task import Rejected

RAW = pa.schema({"q": pa.string(), "x": pa.float64()})


def read(path: Path, raw: pa.Schema = RAW, *, strict: bool = False, **reading: Any
         ) -> tuple[list[Any], list[Rejected]]:  # fmt: skip
    layout = Layout(at=LocalFiles("x"), files="**", raw=raw, normalize=lambda table: table,
                    schema=pa.schema([]), read=Reading(**reading))  # fmt: skip
    aside: list[Rejected] = []
    batches = read_files([File(path.name, str(path))], layout, source="demo", part="train",
                       reject=None if strict else aside.append)  # fmt: skip
    return [tuple(row.values()) for batch in batches for row in batch.table.to_pylist()], aside


def written(folder: Path, text: str | bytes, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


ASIDE = {
    "text behind a closing mark": ('"abc"def,1\n', "text behind a closing quotation mark"),
    "a blank behind a closing mark": ('"abc" ,1\n', "text behind a closing quotation mark"),
    "marks escaped by backslashes": ('"say \\"hi\\" now",1\n', "text behind a closing quotation"),
    "the header again": ("q,x\n", "the header stands here again"),
    "too few fields": ("abc\n", "the record has 1 fields"),
    "too many fields": ("a,b,c\n", "the record has 3 fields"),
}


@pytest.mark.parametrize("case", ASIDE)
def test_a_broken_record_is_set_aside(tmp_path: Path, case: str) -> None:
    broken, words = ASIDE[case]
    path = written(tmp_path, f"q,x\nerste,1\n{broken}dritte,3\n")
    rows, aside = read(path)
    assert rows == [("erste", 1.0), ("dritte", 3.0)]
    assert [(a.row, a.reason, a.content) for a in aside] == [(1, "broken_record", broken[:-1])]
    assert words in aside[0].message
    with pytest.raises(MedQAError, match="line 3"):
        read(path, strict=True)


def test_a_bad_byte_costs_one_record(tmp_path: Path) -> None:
    rows, aside = read(written(tmp_path, b"q,x\na,1\nb\xff,2\nc,3\n"))
    assert rows == [("a", 1.0), ("c", 3.0)]
    assert [(a.row, a.reason, a.content) for a in aside] == [(1, "encoding", "b\\xff,2")]


def test_tsv_without_quoting_has_as_many_rows_as_lines(tmp_path: Path) -> None:
    text = 'q\tx\n"quoted" text\t1\n"open\t2\n"b" c\t3\n""\t4\n'
    rows, aside = read(written(tmp_path, text, "a.tsv"), quote=None)
    assert rows == [('"quoted" text', 1.0), ('"open', 2.0), ('"b" c', 3.0), ('""', 4.0)]
    assert not aside


def test_escapes_are_read_where_they_are_declared(tmp_path: Path) -> None:
    text = 'q,x\n"say \\"hi\\", now",1\na\\,b,2\n"back\\\\",3\n"doubled """,4\n'
    rows, aside = read(written(tmp_path, text), escape="\\")
    assert rows == [('say "hi", now', 1.0), ("a,b", 2.0), ("back\\", 3.0), ('doubled "', 4.0)]
    assert not aside


@pytest.mark.parametrize("mark", ["", "ab", "가", "a", "7"])
def test_a_mark_is_one_sign(mark: str) -> None:
    with pytest.raises(ArgumentError, match="Hint: "):
        Reading(quote=mark)
    with pytest.raises(ArgumentError, match="Hint: "):
        Reading(escape=mark)


def test_numbers_that_no_double_holds_are_set_aside(tmp_path: Path) -> None:
    values = ["1.5", "NaN", "inf", "1e400", "9007199254740993", "", "-2", "9" * 5000]
    lines = "".join(f"r,{value}\n" for value in values)
    rows, aside = read(written(tmp_path, f"q,x\n{lines}"))
    assert rows == [("r", 1.5), ("r", None), ("r", -2.0)]
    assert sorted(a.row for a in aside) == [1, 2, 3, 4, 7]
    assert {a.reason for a in aside} == {"value_type"}


fields = st.lists(
    st.lists(st.text('ab가", \t\n;', max_size=6), min_size=2, max_size=2), max_size=8
)  # fmt: skip


@settings(max_examples=examples(100), deadline=None)
@given(rows=fields, end=st.sampled_from(["\n", "\r\n"]), cut=st.integers(1, 40),
       all_quoted=st.booleans())  # fmt: skip
def test_what_the_csv_module_writes_is_read(
    rows: list[list[str]], end: str, cut: int, all_quoted: bool
) -> None:
    out = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL
    csv.writer(out, lineterminator=end, quoting=quoting).writerows(rows)
    data = out.getvalue().encode()
    fields = list(pieces([data[at : at + cut] for at in range(0, len(data), cut)], Dialect()))
    assert all(piece.clean for piece in fields)
    read = [record.fields for piece in fields for record in records(piece.text, Dialect())]
    assert read == [[field.encode() for field in row] for row in rows]


DIALECTS = [Dialect(), Dialect(escape=b"\\"), Dialect(quote=None), Dialect(b"\t", None, b"\\")]


@settings(max_examples=examples(200), deadline=None)
@given(data=st.text('ab",\t\n\r\\', max_size=40), cut=st.integers(1, 9),
       dialect=st.sampled_from(DIALECTS))  # fmt: skip
def test_where_blocks_end_does_not_matter(data: str, cut: int, dialect: Dialect) -> None:
    text = data.encode()
    whole = [record[:3] for record in records(text, dialect)]
    fields = list(pieces([text[at : at + cut] for at in range(0, len(text), cut)], dialect))
    parted = [[record[:3] for record in records(piece.text, dialect)] for piece in fields]
    assert [record for records in parted for record in records] == whole
    faults = [bool(fault) for records in parted for _, _, fault in records]
    assert not (all(piece.clean for piece in fields) and any(faults))


@settings(max_examples=examples(60), deadline=None)
@given(text=st.text('ab1",\n\r', max_size=40))
def test_one_reader_is_as_strict_as_the_other(tmp_path_factory: Any, text: str) -> None:
    """A record is read alike in a clean block, by Arrow, and in a block with a broken record."""
    raw = pa.schema({"q": pa.string(), "x": pa.string()})
    folder = tmp_path_factory.mktemp("texts")
    try:
        alone, aside = read(written(folder, f"q,x\n{text}\n"), raw)
    except MedQAError:  # no row at all
        return
    beside, more = read(written(folder, f'q,x\n"a"b,c\n{text}\n'), raw)
    assert beside == alone
    assert [a.content for a in more] == ['"a"b,c', *(a.content for a in aside)]
