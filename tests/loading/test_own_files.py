"""Files of one's own as colleagues mail them: shapes of JSON, kinds of columns, folders, splits, and what hints say."""

from __future__ import annotations

import decimal
import json
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import datasets
import openpyxl
import pandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.errors import ArgumentError, FormatError, PartsWarning, WrongFilesError

SAID: dict[str, Any] = {"question": "문제", "options": ["가", "나", "다", "라"], "answer": "정답", "language": "ko"}  # fmt: skip


def rows_of(count: int, tag: str = "") -> list[dict[str, Any]]:
    return [
        {"문제": f"{tag}{row}번 환자의 병은?", "정답": row % 4 + 1, **{c: f"병 {row}{c}" for c in "가나다라"}}
        for row in range(count)
    ]  # fmt: skip


def golds(count: int) -> list[str]:
    return [f"병 {row}{'가나다라'[row % 4]}" for row in range(count)]


SHAPES = {
    "by column": lambda file: pandas.DataFrame(rows_of(6)).to_json(file, force_ascii=False),
    "by row": lambda file: pandas.DataFrame(rows_of(6)).to_json(file, orient="index"),
    "split": lambda file: pandas.DataFrame(rows_of(6)).to_json(file, orient="split"),
    "table": lambda file: pandas.DataFrame(rows_of(6)).to_json(file, orient="table"),
    "by id": lambda file: file.write_text(json.dumps({f"Q{i}": row for i, row in enumerate(rows_of(6))}), "utf-8"),
    "by id, indented": lambda file: file.write_text(json.dumps({f"Q{i}": row for i, row in enumerate(rows_of(6))}, indent=1), "utf-8"),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_rows_in_one_object_are_told_with_what_to_pass(hub: Any, tmp_path: Path, shape: str) -> None:  # fmt: skip
    path = tmp_path / "rows.json"
    SHAPES[shape](path)
    with pytest.raises(ArgumentError) as error:
        mk.read(path, **SAID)
    _, said, code = str(error.value.hint).rpartition(": ")
    assert said, error.value.hint
    rows = eval(code, {"json": json, "Path": Path, "path": path})  # the hint says to do this
    assert mk.read(rows, **SAID)["answer"][:] == golds(6)


def test_a_folder_of_one_indented_object_a_file(hub: Any, tmp_path: Path) -> None:
    for number, row in enumerate(rows_of(6)):
        file = tmp_path / f"문항_{number}.json"
        file.write_text(json.dumps(row, ensure_ascii=False, indent=2), "utf-8")
    for hidden in ("__MACOSX/문항_0.json", ".ipynb_checkpoints/문항_0.json", "._문항_0.json"):
        (tmp_path / hidden).parent.mkdir(exist_ok=True)
        (tmp_path / hidden).write_bytes(b"\0\5\x16\7")
    assert sorted(mk.read(tmp_path, base=1, **SAID)["answer"][:]) == sorted(golds(6))
    single = mk.read(tmp_path / "문항_2.json", base=1, **SAID)
    assert single["answer"][:] == [golds(6)[2]]


def test_objects_over_many_lines_behind_each_other_are_refused(hub: Any, tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    file.write_text("\n".join(json.dumps(row, indent=2) for row in rows_of(3)), "utf-8")
    with pytest.raises(FormatError):
        mk.read(file, base=1, **SAID)


@pytest.mark.parametrize("kind", [
    pa.decimal128(25, 1), pa.decimal64(18, 2), pa.float16(), pa.float32(), pa.int8(), pa.uint64(),
], ids=str)  # fmt: skip
def test_numbers_of_options_in_any_type_of_number(hub: Any, tmp_path: Path, kind: pa.DataType) -> None:  # fmt: skip
    table = pa.Table.from_pylist(rows_of(8))
    values = [
        decimal.Decimal(row["정답"]) if pa.types.is_decimal(kind) else row["정답"]
        for row in rows_of(8)
    ]
    table = table.set_column(table.column_names.index("정답"), "정답", pa.array(values, kind))
    pq.write_table(table, tmp_path / "rows.parquet")
    assert mk.read(tmp_path / "rows.parquet", **SAID)["answer"][:] == golds(8)
    assert mk.read(table, **SAID)["answer"][:] == golds(8)


def test_a_fraction_is_no_number_of_an_option(hub: Any) -> None:
    table = pa.table({"question": ["a?", "b?"], "options": [["x", "y"]] * 2,
                      "answer": pa.array([decimal.Decimal("1.0"), decimal.Decimal("1.5")])})  # fmt: skip
    with pytest.raises(mk.errors.AnswerError):
        mk.read(table, base=0)


def test_options_in_a_map(hub: Any, tmp_path: Path) -> None:
    options = pa.array([[("B", "two"), ("A", "one")], [("A", "three"), ("B", "four")]], pa.map_(pa.string(), pa.string()))  # fmt: skip
    table = pa.table({"question": ["a?", "b?"], "options": options, "answer": ["A", "B"]})
    pq.write_table(table, tmp_path / "rows.parquet")
    for rows in (tmp_path / "rows.parquet", table, table.slice(0)):
        assert mk.read(rows, language="en")["answer"][:] == ["one", "four"]
    assert mk.read(table.slice(1), base="letter", language="en")["options"][:] == [["three", "four"]]  # fmt: skip


def test_splits_are_not_read_as_one(hub: Any, tmp_path: Path) -> None:
    parts = {"train": rows_of(4), "test": rows_of(3, "시험 ")}
    data = datasets.DatasetDict({name: datasets.Dataset.from_list(rows) for name, rows in parts.items()})  # fmt: skip
    data.save_to_disk(str(tmp_path / "saved"))
    for rows, part in ((data, data["test"]), (tmp_path / "saved", tmp_path / "saved" / "test")):
        with pytest.raises(ArgumentError, match="2 splits") as error:
            mk.read(rows, **SAID)
        assert "train" in str(error.value.hint)
        test = mk.read(part, base=1, split="test", **SAID)
        assert test["split"][:] == ["test"] * 3
    assert len(mk.read(datasets.DatasetDict({"train": data["train"]}), **SAID)) == 4


@pytest.mark.parametrize("other", ["", "더/c.jsonl"])
def test_archives_beside_the_files_of_a_folder_are_refused(hub: Any, tmp_path: Path, other: str) -> None:  # fmt: skip
    """Members were read where any file lies deeper, and left out in silence where none does."""
    lines = [json.dumps(row, ensure_ascii=False) for row in rows_of(6)]
    (tmp_path / "a.jsonl").write_text("\n".join(lines), "utf-8")
    if other:
        (tmp_path / other).parent.mkdir()
        (tmp_path / other).write_text("\n".join(lines), "utf-8")
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.writestr("b.jsonl", "\n".join(lines))
        archive.writestr("readme.txt", "rows")
    with pytest.raises(WrongFilesError, match=r"more/b\.jsonl"):
        mk.read(tmp_path, **SAID)
    assert mk.read(tmp_path / "*.jsonl", **SAID).num_rows == 6


def test_files_called_by_several_splits_are_told(hub: Any, tmp_path: Path) -> None:
    for name, rows in (("train", rows_of(4)), ("test", rows_of(4, "시험 "))):
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(text, "utf-8")
    with pytest.warns(PartsWarning, match=r"test\.jsonl"):
        assert len(mk.read(tmp_path, **SAID)) == 8


@pytest.mark.parametrize("names", [("A.CSV",), ("a.csv", "B.CSV"), ("a.csv.bz2",), ("a.csv.xz", "b.CSV.XZ")], ids=" ".join)  # fmt: skip
def test_endings_of_a_folder_in_any_case_and_packing(hub: Any, tmp_path: Path, names: tuple[str, ...]) -> None:  # fmt: skip
    import bz2
    import lzma

    packing = {".bz2": bz2.compress, ".xz": lzma.compress, ".csv": bytes}
    for number, name in enumerate(names):
        text = pandas.DataFrame(rows_of(8, f"{number} ")).to_csv(index=False)
        (tmp_path / name).write_bytes(packing[Path(name).suffix.lower()](text.encode()))
    assert len(mk.read(tmp_path, **SAID)) == 8 * len(names)


@pytest.mark.parametrize(("name", "words"), [
    ("rows.pkl", "save 'rows.pkl' as Parquet"), ("rows.feather", "save 'rows.feather' as Parquet"),
    ("rows.xls", "save 'rows.xls' as .xlsx"), ("rows.txt", "rename the file"),
])  # fmt: skip
def test_formats_that_are_not_read_say_what_to_save(hub: Any, tmp_path: Path, name: str, words: str) -> None:  # fmt: skip
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(WrongFilesError, match=words):
        mk.read(tmp_path / name, **SAID)
    if "save" in words:
        with pytest.raises(WrongFilesError, match=words):
            mk.read(tmp_path, **SAID)


def test_a_title_above_the_header_of_a_sheet(hub: Any, tmp_path: Path) -> None:
    rows = [
        {"prompt": f"질문 {n}", "chosen": f"좋은 답 {n}", "rejected": f"답 {n}"} for n in range(3)
    ]
    book = openpyxl.Workbook()
    for cells in (["2024년 선호 자료"], [], list(rows[0]), *(list(row.values()) for row in rows)):
        book.active.append(cells)
    book.save(tmp_path / "komep.xlsx")
    with pytest.raises(mk.errors.SchemaMovedError) as error:
        mk.load("komep", split="train", path=tmp_path / "komep.xlsx")
    assert error.value.hint == "row 3 of sheet 'Sheet' has these columns: delete the rows above it"
    book.active.delete_rows(1, 2)
    book.save(tmp_path / "komep.xlsx")
    assert len(mk.load("komep", split="train", path=tmp_path / "komep.xlsx")) == 3


EXAM = [{"question": f"{n}?", **{c: f"{n}{c}" for c in "ABCD"}, "answer": "ABCD"[n % 4]} for n in range(8)]  # fmt: skip
RIGHT = [f"{n}{'ABCD'[n % 4]}" for n in range(8)]


@pytest.mark.parametrize("headings", [
    ("A ", "B", "C", "D"), (" A", "B ", "c", "D"), ("Option A", "Option B ", "option C", "OPTION D"),
    ("choice1", "choice2 ", "Choice3", "choice4"),
], ids=str)  # fmt: skip
def test_headings_of_options_with_blanks_around_and_in_any_case(hub: Any, headings: tuple[str, ...]) -> None:  # fmt: skip
    rows = [{"question": row["question"], **dict(zip(headings, (row[c] for c in "ABCD"), strict=True)),
             "answer": row["answer"]} for row in EXAM]  # fmt: skip
    assert mk.read(rows, language="en")["answer"][:] == RIGHT


def test_columns_that_name_two_right_options_are_told(hub: Any) -> None:
    rows = [row | {"answer_idx": (n + 1) % 4} for n, row in enumerate(EXAM)]
    with pytest.raises(ArgumentError, match="name other options") as error:
        mk.read(rows, language="en")
    assert error.value.hint == "say which counts: answer='answer_idx' or answer='answer'"
    assert mk.read(rows, answer="answer", language="en")["answer"][:] == RIGHT
    other = mk.read(rows, answer="answer_idx", language="en")["answer"][:]
    assert other == [f"{n}{'ABCD'[(n + 1) % 4]}" for n in range(8)]
    agreeing = [row | {"answer_idx": n % 4} for n, row in enumerate(EXAM)]
    assert mk.read(agreeing, language="en")["answer"][:] == RIGHT


def test_answers_in_the_composition_of_another_machine(hub: Any) -> None:
    rows = [{"question": f"{n}?", "options": ["간염", "위염"], "answer": unicodedata.normalize("NFD", ["간염", "위염"][n % 2])}
            for n in range(4)]  # fmt: skip
    assert mk.read(rows, language="ko")["answer"][:] == ["간염", "위염"] * 2


def test_folders_called_by_several_splits_are_told(hub: Any, tmp_path: Path) -> None:
    for split in ("train", "test"):
        rows = [row | {"question": split + row["question"]} for row in EXAM]
        (tmp_path / f"split={split}").mkdir()
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / f"split={split}" / "data_0.parquet")
    with pytest.warns(PartsWarning, match=r"split=test/data_0\.parquet"):
        assert len(mk.read(tmp_path, language="en")) == 16
