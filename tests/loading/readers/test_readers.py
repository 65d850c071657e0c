"""Every format gives the same rows, with their places, whatever the batches."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Iterator, Sequence
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
from medqa_kit.errors import EmptyDataError, FormatError, SchemaMovedError, WrongFilesError
from medqa_kit.loading.files.file import File
from medqa_kit.loading.files.local_files import local_files
from medqa_kit.loading.readers import text as text_module
from medqa_kit.loading.readers.read_files import read_files
from medqa_kit.loading.readers.read_task import RawBatch, Rejected

RAW = pa.schema({"question": pa.string(), "answer": pa.int64(), "score": pa.float64()})
ROWS: list[dict[str, Any]] = [
    {"question": "비타민 C 결핍으로 생기는 병은?", "answer": 1, "score": 0.5},
    {"question": 'He said "5 mg, not 500 mg"\nand left.', "answer": 2**53 + 1, "score": None},
    {"question": "តើវីតាមីនណា?", "answer": None, "score": -2.0},
    {"question": "NA", "answer": 0, "score": 1e-3},
    {"question": "2024-01-05", "answer": -7, "score": 3.0},
    {"question": "007", "answer": 5, "score": 0.0},
    {"question": '[{,]} \\ \\" 😀', "answer": 6, "score": 6.25},
    {"question": " None ", "answer": 7, "score": 7.0},
]


def layout(raw: pa.Schema = RAW, **rest: Any) -> Layout:
    return Layout(at=LocalFiles("x"), files="**", raw=raw, normalize=lambda table: table,
                  schema=pa.schema([]), **rest)  # fmt: skip


def batches(
    path: Path, declared: Layout, *, batch_rows: int = 10_000,
    reject: Callable[[Rejected], None] | None = None,
) -> list[RawBatch]:  # fmt: skip
    files = local_files(path, "**", source="demo", part="train")
    batches = list(read_files(files, declared, source="demo", part="train", batch_rows=batch_rows,
                      reject=reject))  # fmt: skip
    for batch in batches:
        assert batch.table.schema.equals(declared.raw, check_metadata=True)
        assert 0 < batch.table.num_rows <= batch_rows
        batch.table.validate(full=True)
    return batches


def rows(batches: list[RawBatch]) -> list[dict[str, Any]]:
    return [row for batch in batches for row in batch.table.to_pylist()]


def places(batches: list[RawBatch]) -> list[tuple[str, int]]:
    return [batch.place(row) for batch in batches for row in range(batch.table.num_rows)]


Rows = Sequence[dict[str, Any]]


def write_parquet(path: Path, records: Rows) -> None:
    pq.write_table(pa.Table.from_pylist(list(records), RAW), path, row_group_size=3)


def json_lines(records: Rows) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in records).encode()


def write_csv(path: Path, records: Rows, *, encoding: str = "utf-8", delimiter: str = ",",
              end: str = "\r\n") -> None:  # fmt: skip
    with path.open("w", newline="", encoding=encoding) as handle:
        writer = csv.DictWriter(handle, RAW.names, delimiter=delimiter, lineterminator=end)
        writer.writeheader()
        writer.writerows(records)


def write_xlsx(path: Path, records: Rows) -> None:
    book = Workbook()
    for row in [RAW.names, *(list(row.values()) for row in records)]:
        book.active.append(row)
    book.save(path)


def write_tree(path: Path, records: Rows) -> None:
    path.mkdir()
    for number, row in enumerate(records):
        (path / f"{number:04}.json").write_text(json.dumps(row, indent=1), encoding="utf-8-sig")


WRITERS: dict[str, Callable[[Path, Rows], Any]] = {
    "a.parquet": write_parquet,
    "a.jsonl": lambda path, records: path.write_bytes(json_lines(records)),
    "crlf.jsonl": lambda path, records: path.write_bytes(
        b"\xef\xbb\xbf" + json_lines(records).replace(b"\n", b"\r\n")),
    "a.jsonl.gz": lambda path, records: path.write_bytes(gzip.compress(json_lines(records))),
    "a.jsonl.zst": lambda path, records: path.write_bytes(zstandard.compress(json_lines(records))),
    "a.json": lambda path, records: path.write_text(json.dumps(list(records), ensure_ascii=False)),
    "pretty.json": lambda path, records: path.write_text(json.dumps(list(records), indent=2)),
    "under_a_key.json": lambda path, records: path.write_text(
        json.dumps({"v": {"records": []}, "records": list(records), "n": [1, "]"]}, indent=2)),
    "a.csv": write_csv,
    "lf.csv": lambda path, records: write_csv(path, records, end="\n"),
    "bom.csv": lambda path, records: write_csv(path, records, encoding="utf-8-sig"),
    "a.tsv": lambda path, records: write_csv(path, records, delimiter="\t"),
    "a.csv.gz": lambda path, records: (
        write_csv(path, records), path.write_bytes(gzip.compress(path.read_bytes()))),
    "a.xlsx": write_xlsx,
    "tree": write_tree,
}  # fmt: skip


def reading(name: str) -> Reading:
    return Reading(format="json-tree" if name == "tree" else None, records="records")


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    # Excel rounds integers to doubles on its own: what it keeps is told apart elsewhere.
    expected = [row | {"answer": 3} for row in ROWS] if name == "a.xlsx" else ROWS
    WRITERS[name](tmp_path / name, expected)
    raw_batches = batches(tmp_path / name, layout(read=reading(name)))
    assert rows(raw_batches) == expected


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=examples(12), deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(batch_rows=st.integers(1, 9), block=st.integers(4, 200))
@pytest.mark.slow
def test_batches_do_not_change_rows_or_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, batch_rows: int, block: int
) -> None:
    path = tmp_path / name
    if not path.exists():
        WRITERS[name](path, ROWS)
    whole = batches(path, layout(read=reading(name)))
    with monkeypatch.context() as patch:
        patch.setattr(text_module, "BLOCK", block)  # as if the file were that much larger
        patch.setattr(text_module, "_SAMPLE", block)
        cut = batches(path, layout(read=reading(name)), batch_rows=batch_rows)
    assert rows(cut) == rows(whole)
    assert places(cut) == places(whole)


@pytest.mark.parametrize("name", WRITERS)
def test_rows_know_their_file_and_position(tmp_path: Path, name: str) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        WRITERS[name](tmp_path / folder / name, ROWS)
    positions = places(batches(tmp_path, layout(read=reading(name)), batch_rows=3))
    if name == "tree":
        own = [(f"{number:04}.json", 0) for number in range(len(ROWS))]
        assert positions == [(f"{f}/tree/{file}", row) for f in ("one", "two") for file, row in own]
    else:
        assert positions == [
            (f"{f}/{name}", row) for f in ("one", "two") for row in range(len(ROWS))
        ]


@pytest.mark.parametrize("encoding", ["gb18030", "cp949", "utf-16", "utf-8-sig"])
def test_csv_and_json_are_read_in_other_encodings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    sentence = "비타민 C는?\n둘째 줄" if encoding == "cp949" else "什么是高血压？\n第二行"
    records = [{"question": sentence, "answer": number, "score": 0.5} for number in range(40)]
    write_csv(tmp_path / "a.csv", records, encoding=encoding)
    lines = json_lines(records).decode()
    (tmp_path / "a.jsonl").write_bytes(lines.encode(encoding))
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/a.json").write_bytes(lines.splitlines()[0].encode(encoding))
    monkeypatch.setattr(text_module, "BLOCK", 7)  # blocks end within characters
    monkeypatch.setattr(text_module, "_SAMPLE", 7)
    for name in ("a.csv", "a.jsonl"):
        assert rows(batches(tmp_path / name, layout(read=Reading(encoding=encoding)))) == records
    tree = Reading(encoding=encoding, format="json-tree")
    assert rows(batches(tmp_path / "tree", layout(read=tree))) == records[:1]


def test_files_are_read_in_the_order_given_and_formats_may_mix(tmp_path: Path) -> None:
    names = ["a.parquet", "b.jsonl", "c.csv"]
    write_parquet(tmp_path / names[0], ROWS[:3])
    (tmp_path / names[1]).write_bytes(json_lines(ROWS[3:5]))
    write_csv(tmp_path / names[2], ROWS[5:])
    assert rows(batches(tmp_path, layout())) == ROWS


def test_an_empty_file_among_others_is_fine(tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.csv", "c.json"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "d.csv").write_text("question,answer,score\n")
    (tmp_path / "e.json").write_text(" [ ] ")
    write_parquet(tmp_path / "f.parquet", [])
    write_xlsx(tmp_path / "g.xlsx", [])
    with pytest.raises(EmptyDataError) as caught:
        batches(tmp_path, layout())
    assert "source 'demo', part 'train'" in str(caught.value)
    assert "none in 7 file(s): a.jsonl, b.csv, c.json" in str(caught.value)
    write_parquet(tmp_path / "h.parquet", ROWS)
    assert rows(batches(tmp_path, layout())) == ROWS


def test_blank_lines_are_passed_over(tmp_path: Path) -> None:
    lines = json_lines(ROWS).splitlines()
    (tmp_path / "a.jsonl").write_bytes(b"\n" + b"\n \n\r\n".join(lines))
    (tmp_path / "b.csv").write_text("\n\nquestion,answer,score\n\nx,1,2\n\n\ny,2,3\n\n")
    raw_batches = batches(tmp_path, layout(), batch_rows=3)
    assert rows(raw_batches) == [*ROWS, {"question": "x", "answer": 1, "score": 2.0},
                           {"question": "y", "answer": 2, "score": 3.0}]  # fmt: skip
    assert places(raw_batches)[-3:] == [("a.jsonl", 7), ("b.csv", 0), ("b.csv", 1)]


def test_csv_keeps_what_looks_like_nothing_and_reads_empty_numbers_as_null(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('question,answer,score\nNA,,\n"",3.0, 1\nnull, 4 ,1e2\n')
    assert rows(batches(tmp_path, layout())) == [
        {"question": "NA", "answer": None, "score": None},
        {"question": "", "answer": 3, "score": 1.0},
        {"question": "null", "answer": 4, "score": 100.0},
    ]


def test_csv_columns_are_found_by_name_and_case(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Score,ANSWER,Question\n0.5,1,x\n")
    assert rows(batches(tmp_path, layout())) == [{"question": "x", "answer": 1, "score": 0.5}]


def test_lines_above_the_header_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text('## a\n## b, "\nquestion\tanswer\tscore\nx\t1\t\n')
    raw_batches = batches(tmp_path, layout(read=Reading(header_lines=2)))
    assert rows(raw_batches) == [{"question": "x", "answer": 1, "score": None}]


@pytest.mark.parametrize("ending", ["csv", "tsv"])
def test_files_without_a_header_have_the_declared_columns(tmp_path: Path, ending: str) -> None:
    write_csv(tmp_path / f"a.{ending}", ROWS, delimiter=",\t"[ending == "tsv"], end="\n")
    whole = (tmp_path / f"a.{ending}").read_bytes()
    (tmp_path / f"a.{ending}").write_bytes(b"\n" + whole.split(b"\n", 1)[1])
    raw_batches = batches(tmp_path, layout(read=Reading(header=False)), batch_rows=3)
    assert rows(raw_batches) == ROWS
    assert places(raw_batches) == [(f"a.{ending}", row) for row in range(len(ROWS))]


def test_one_column_of_text(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('text\nx\n"y\nz"')
    assert rows(batches(tmp_path, layout(pa.schema({"text": pa.string()})))) == [
        {"text": "x"}, {"text": "y\nz"}]  # fmt: skip


def test_only_declared_parquet_columns_are_fetched(tmp_path: Path) -> None:
    big = pa.table({"question": ["x"] * 1000, "noise": [f"{n:01000}" for n in range(1000)]})
    pq.write_table(big, tmp_path / "a.parquet", compression="none", use_dictionary=False)
    path = str(tmp_path / "a.parquet")
    spy = _Counting("a.parquet", path)
    declared = layout(pa.schema({"question": pa.string()}), extra="ignore")
    batches = list(read_files([spy], declared, source="demo", part="train"))
    assert len(rows(batches)) == 1000
    assert spy.handle.count < 0.2 * Path(path).stat().st_size


class _Handle:
    """A file that counts the bytes asked of it."""

    def __init__(self, path: str) -> None:
        self._handle, self.count = Path(path).open("rb"), 0  # noqa: SIM115

    def read_files(self, size: int = -1) -> bytes:
        data = self._handle.read(size)
        self.count += len(data)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._handle, name)

    def __enter__(self) -> _Handle:
        return self

    def __exit__(self, *_: object) -> None:
        self._handle.close()


class _Counting(File):
    handle: _Handle

    def open(self) -> Any:
        object.__setattr__(self, "handle", _Handle(self.path))
        return self.handle


def test_nested_values_are_declared_not_inferred(tmp_path: Path) -> None:
    message = pa.struct({"role": pa.string(), "content": pa.string()})
    raw = pa.schema({"messages": pa.list_(message), "date": pa.string(), "meta": pa.struct(
        {"A": pa.string(), "B": pa.string()})})  # fmt: skip
    records = [
        {"messages": [{"content": "c", "role": "r"}], "date": "2024-01-05", "meta": {"A": "x"}},
        {"messages": [], "date": None, "meta": {"B": "y"}},
        {"messages": None, "meta": None},
    ]
    (tmp_path / "a.jsonl").write_bytes(json_lines(records))
    assert rows(batches(tmp_path, layout(raw))) == [
        {"messages": [{"role": "r", "content": "c"}], "date": "2024-01-05",
         "meta": {"A": "x", "B": None}},
        {"messages": [], "date": None, "meta": {"A": None, "B": "y"}},
        {"messages": None, "date": None, "meta": None},
    ]  # fmt: skip


def test_json_names_are_matched_like_columns(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        '{"Question": "x", "정답": 1}\n{"Question": "y", "정답": 2}\n'
    )
    declared = layout(aliases={"answer": ("정답",)}, optional=("score",))
    assert rows(batches(tmp_path, declared)) == [
        {"question": "x", "answer": 1, "score": None},
        {"question": "y", "answer": 2, "score": None},
    ]


def test_a_key_that_only_later_objects_have_is_a_column(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        '{"question": "x"}\n{"question": "y", "answer": 1, "score": 2}'
    )
    assert rows(batches(tmp_path, layout()))[0] == {"question": "x", "answer": None, "score": None}


def test_a_missing_and_an_undeclared_key_in_json(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"question": "x", "answer": 1}\n')
    with pytest.raises(SchemaMovedError, match=r"file 'a\.jsonl': columns are missing: 'score'"):
        batches(tmp_path, layout())
    (tmp_path / "a.jsonl").write_text(
        '{"question": "x", "answer": 1, "score": 2, "Id": {"a": 1}}\n'
    )
    with pytest.raises(SchemaMovedError, match="not declared: 'Id'"):
        batches(tmp_path, layout())
    assert rows(batches(tmp_path, layout(extra="ignore"))) == [
        {"question": "x", "answer": 1, "score": 2.0}]  # fmt: skip


def test_whole_floats_in_json_are_integers_and_long_integers_stay_exact(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        '{"question": "x", "answer": 3.0, "score": 1}\n'
        '{"question": "y", "answer": 9007199254740993, "score": 9007199254740992}\n')  # fmt: skip
    assert [row["answer"] for row in rows(batches(tmp_path, layout()))] == [3, 9007199254740993]


def test_a_tree_may_hold_lists_and_lie_in_archives(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "labels.zip", "w") as archive:
        archive.writestr("a.json", json.dumps(ROWS[:2]))
        archive.writestr("b.json", "\ufeff" + json.dumps(ROWS[2]))
        archive.writestr("c.json", " []")
        archive.writestr("d.json", json.dumps(ROWS[3:], indent=1))
    raw_batches = batches(tmp_path, layout(read=Reading(format="json-tree")), batch_rows=4)
    assert rows(raw_batches) == ROWS
    assert places(raw_batches)[:4] == [("labels/a.json", 0), ("labels/a.json", 1), ("labels/b.json", 0),
                                 ("labels/d.json", 0)]  # fmt: skip


def test_the_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "notes"
    book.active.append(["not data"])
    sheet = book.create_sheet("문항")
    for row in (["question", "answer", "score", None], ["x", 1, 2], [None] * 3, ["y", None, 0.5]):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    raw_batches = batches(tmp_path, layout(read=Reading(sheet="문항")))
    assert rows(raw_batches) == [{"question": "x", "answer": 1, "score": 2.0},
                           {"question": "y", "answer": None, "score": 0.5}]  # fmt: skip
    assert places(raw_batches) == [("a.xlsx", 0), ("a.xlsx", 2)]
    with pytest.raises(FormatError, match=r"several sheets.*\n.*\n.*found: +notes, 문항"):
        batches(tmp_path, layout())
    with pytest.raises(FormatError, match="no sheet 'x'"):
        batches(tmp_path, layout(read=Reading(sheet="x")))


def test_an_unknown_ending_asks_for_a_declaration(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("question\tanswer\tscore\nx\t1\t2\n")
    with pytest.raises(WrongFilesError, match="Reading"):
        batches(tmp_path, layout())
    assert len(rows(batches(tmp_path, layout(read=Reading(format="tsv"))))) == 1


def test_reading_begins_when_the_first_batch_is_asked_for(tmp_path: Path) -> None:
    write_parquet(tmp_path / "a.parquet", ROWS)
    (tmp_path / "b.jsonl").write_text("broken")
    files = local_files(tmp_path, "**", source="demo", part="train")
    batches: Iterator[RawBatch] = read_files(files, layout(), source="demo", part="train")
    assert next(batches).file.name == "a.parquet"


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(alphabet='ab"\\[]{},: \n가😀')),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(max_size=3), inner)),
    max_leaves=20,
)


@pytest.mark.slow
@given(elements=st.lists(JSON), indent=st.one_of(st.none(), st.integers(0, 2)),
       ascii_only=st.booleans(), size=st.integers(1, 50))  # fmt: skip
def test_an_array_is_split_where_its_elements_end(
    elements: list[Any], indent: int | None, ascii_only: bool, size: int
) -> None:
    from medqa_kit.loading.readers.json_array import list_elements as split

    data = json.dumps(elements, indent=indent, ensure_ascii=ascii_only).encode()[1:]
    blocks = iter([data[at : at + size] for at in range(0, len(data), size)])
    assert [json.loads(text) for texts in split(blocks) for text in texts] == elements


@pytest.mark.slow
def test_a_large_array_is_read_in_little_memory(tmp_path: Path) -> None:
    import subprocess
    import sys

    row = json.dumps({"question": "머리가 \"아파요\"\n" * 40, "answer": 1, "score": 0.5},
                     ensure_ascii=False, indent=2).encode()  # fmt: skip
    count = 200_000_000 // len(row) + 1
    with (tmp_path / "a.json").open("wb") as handle:
        handle.write(b"[" + row)
        for _ in range(count - 1):
            handle.write(b",\n" + row)
        handle.write(b"]")
    script = f"""
import re, pyarrow as pa
from pathlib import Path
Path("/proc/self/clear_refs").write_text("5")  # forget the peak, which starts at the parent's
from medqa_kit.catalog.layouts import Layout
from medqa_kit.loading.files.file import File
from medqa_kit.loading.readers.read_files import read_files
raw = pa.schema({{"question": pa.string(), "answer": pa.int64(), "score": pa.float64()}})
layout = Layout(at=None, files="*", raw=raw, normalize=None, schema=None)
files = [File("a.json", {str(tmp_path / "a.json")!r})]
print(sum(b.table.num_rows for b in read_files(files, layout, source="demo", part="train")))
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    row_count, mebibytes = map(int, done.stdout.split())
    assert row_count == count
    assert mebibytes < 500
