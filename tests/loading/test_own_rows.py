"""Rows of one's own: every kind of file and holder gives the same typed rows, and slips are told."""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import json
import unicodedata
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import openpyxl
import pandas
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.loading.files.file import File
from medqa_kit.loading.first_look import first_look
from medqa_kit.loading.own_rows import read

ROWS = [
    {"q": "괴혈병을 예방하는 비타민은?", "a": "비타민 A", "b": "비타민 C", "key": "B"},
    {"q": "Which one?", "a": "this", "b": "that", "key": "A"},
]
SAID: dict[str, Any] = {"question": "q", "options": ["a", "b"], "answer": "key", "name": "mine"}


def text_of(delimiter: str) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, list(ROWS[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(ROWS)
    return buffer.getvalue()


def sheet() -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    book.active.append(list(ROWS[0]))
    for row in ROWS:
        book.active.append(list(row.values()))
    book.save(buffer)
    return buffer.getvalue()


def parquet() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), buffer)
    return buffer.getvalue()


LINES = "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS).encode()
FILES: dict[str, bytes] = {
    "a.csv": text_of(",").encode(), "a.tsv": text_of("\t").encode(), "a.jsonl": LINES,
    "b.json": LINES, "array.json": json.dumps(ROWS).encode(), "array.jsonl": json.dumps(ROWS).encode(),
    "a.jsonl.gz": gzip.compress(LINES), "a.parquet": parquet(), "a.xlsx": sheet(),
}  # fmt: skip
HOLDERS: dict[str, Callable[[], Any]] = {
    "dicts": lambda: ROWS, "table": lambda: pa.Table.from_pylist(ROWS), "pandas": lambda: pandas.DataFrame(ROWS),
    "polars": lambda: polars.DataFrame(ROWS), "dataset": lambda: datasets.Dataset.from_list(ROWS),
    "shuffled": lambda: datasets.Dataset.from_list(ROWS[::-1]).select([1, 0]),
}  # fmt: skip


def said(data: Any) -> list[tuple[str, list[str], int, str]]:
    return [(row["question"], row["options"], row["answer_index"], row["answer"]) for row in data]


EXPECTED = [
    (row["q"], [row["a"], row["b"]], "AB".index(row["key"]), row["b" if row["key"] == "B" else "a"])
    for row in ROWS
]


@pytest.mark.parametrize("name", FILES)
def test_every_kind_of_file(name: str, hub: Any, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(FILES[name])
    data = read(tmp_path / name, **SAID)
    assert said(data) == EXPECTED
    assert data.column_names == mk.schemas.QA.names
    assert all(row["id"].startswith("mine/") for row in data)


@pytest.mark.parametrize("name", HOLDERS)
def test_every_kind_of_holder(name: str, hub: Any) -> None:
    assert said(read(HOLDERS[name](), **SAID)) == EXPECTED


@pytest.mark.parametrize(("pattern", "names"), [
    ("train-*.jsonl", ["train-1", "train-2"]), ("train-*", ["train-1", "train-2"]), ("train-[!1].jsonl", ["train-2"]),
    ("*/train-*.jsonl", ["old/train-3", "{x}/train-5"]), ("*/*/t*", ["old/er/train-4"]), ("{x}/t*", ["{x}/train-5"]),
    ("o*/**/train-?.jsonl", ["old/er/train-4", "old/train-3"]), ("old/../test*.jsonl", ["test-1"]), ("t**2.jsonl", ["train-2"]),
])  # fmt: skip
def test_a_pattern_means_the_files_that_fit_it_and_none_beside_them(
    hub: Any, tmp_path: Path, pattern: str, names: list[str]
) -> None:
    every = ("train-1", "train-2", "test-1", "old/train-3", "old/test-2", "old/er/train-4", "{x}/train-5")  # fmt: skip
    for name in every:
        file = tmp_path / f"{name}.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"text": name}), "utf-8")
    (tmp_path / "train-notes.txt").write_text("not rows", "utf-8")
    assert sorted(read(str(tmp_path / pattern), schema="text")["text"]) == names


def test_a_pattern_that_packed_files_fit_as_well_is_refused(hub: Any, tmp_path: Path) -> None:
    (tmp_path / "train-1.jsonl").write_text('{"text": "a"}', "utf-8")
    (tmp_path / "train-2.jsonl.gz").write_bytes(gzip.compress(b'{"text": "b"}'))
    with pytest.raises(mk.errors.WrongFilesError, match="means other files") as caught:
        read(str(tmp_path / "train-*.jsonl"), schema="text")
    assert "train-2.jsonl.gz" in caught.value.found


def test_a_folder_a_pattern_and_a_saved_dataset(hub: Any, tmp_path: Path) -> None:
    for i, row in enumerate(ROWS):
        (tmp_path / f"part-{i}.jsonl").write_text(json.dumps(row), "utf-8")
    assert sorted(said(read(tmp_path, **SAID))) == sorted(EXPECTED)
    assert sorted(said(read(str(tmp_path / "part-*.jsonl"), **SAID))) == sorted(EXPECTED)
    datasets.Dataset.from_list(ROWS).save_to_disk(str(tmp_path / "saved"))
    assert said(read(tmp_path / "saved", **SAID)) == EXPECTED


def test_ids_do_not_depend_on_where_rows_come_from(hub: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(FILES["a.csv"])
    assert read(tmp_path / "a.csv", **SAID)["id"][:] == read(ROWS, **SAID)["id"][:]
    keyed = read([row | {"n": i} for i, row in enumerate(ROWS)], key="n", **SAID)
    assert keyed["id"][:] == ["mine/0", "mine/1"]


def test_other_schemas_and_columns_of_the_same_name(hub: Any) -> None:
    texts = read([{"text": "One."}, {"text": "Two."}], schema="text")
    assert texts["text"][:] == ["One.", "Two."]
    pairs = read([{"p": "Why?", "good": "So.", "bad": "No."}], schema="preference",
                 columns={"prompt": "p", "chosen": "good", "rejected": "bad"})  # fmt: skip
    assert pairs[0]["chosen"] == "So."
    plain = read([{"question": "Why?", "options": ["x", "y"], "answer": "y"}])
    assert plain[0]["answer_index"] == 1


def test_a_file_that_excel_saved_in_korea(hub: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(text_of(",").encode("cp949"))
    with pytest.raises(mk.errors.EncodingError, match="encoding="):
        read(tmp_path / "a.csv", **SAID)
    assert said(read(tmp_path / "a.csv", encoding="cp949", **SAID)) == EXPECTED


@pytest.mark.parametrize(("change", "kind", "words"), [
    ({"question": "quest"}, mk.errors.ArgumentError, "no column 'quest'"),
    ({"schema": "questions"}, mk.errors.ArgumentError, "schema="),
    ({"columns": {"stem": "q"}}, mk.errors.ArgumentError, "columns="),
    ({"question": None}, mk.errors.ArgumentError, "which column is 'question'"),
    ({"base": "number"}, mk.errors.ArgumentError, "base="),
    ({"keep": ["n"]}, mk.errors.ArgumentError, "no column 'n'"),
    ({"base": "text"}, mk.errors.AnswerError, "not one of the options"),
])  # fmt: skip
def test_slips_are_told(
    change: dict[str, Any], kind: type[Exception], words: str, hub: Any
) -> None:
    with pytest.raises(kind, match=words):
        read(ROWS, **(SAID | change))


def test_a_base_that_rows_do_not_prove_is_asked_for(hub: Any) -> None:
    rows = [{"question": "Why?", "options": ["x", "y", "z"], "answer": 1}]
    with pytest.raises(mk.errors.ArgumentError, match="pass base="):
        read(rows)
    assert [read(rows, base=base)[0]["answer"] for base in (0, 1)] == ["y", "x"]


def test_bad_rows_go_aside_and_are_counted(hub: Any) -> None:
    rows = [*ROWS, {"q": "Which?", "a": "x", "b": "y", "key": "E"}]
    with pytest.raises(mk.errors.AnswerError, match="not one of the options"):
        read(rows, base="letter", **SAID)
    with pytest.warns(mk.errors.DroppedRowsWarning, match="1"):
        assert said(read(rows, base="letter", on_bad="drop", **SAID)) == EXPECTED


@pytest.mark.parametrize("place", ["nowhere.jsonl", "*.jsonl"])
def test_no_file(place: str, hub: Any, tmp_path: Path) -> None:
    with pytest.raises(mk.errors.WrongFilesError, match="no such file"):
        read(tmp_path / place, **SAID)


def benchmark_row(number: int, options: str, answer: str) -> dict[str, Any]:
    """A row of the common benchmark form; options are single letters that stand for texts."""
    texts = {chr(ord("A") + place): f"{option} {number}" for place, option in enumerate(options)}
    return {"question": f"Which, of set {number}?", "options": texts, "answer_idx": answer,
            "answer": texts[answer], "realidx": number}  # fmt: skip


@pytest.mark.parametrize("form", ["jsonl", "json", "csv", "tsv", "parquet", "table"])
def test_the_common_benchmark_form_needs_no_word(tmp_path: Path, form: str) -> None:
    rows = [
        benchmark_row(0, "uv", "A"),
        benchmark_row(1, "xyz", "C"),
        benchmark_row(2, "uvwx", "B"),
    ]
    source: Any = tmp_path / f"test.{form}"
    match form:
        case "jsonl":
            source.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        case "json":
            source.write_text(json.dumps(rows), "utf-8")
        case "csv" | "tsv":
            with source.open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, list(rows[0]), delimiter=",\t"[form == "tsv"])
                writer.writeheader()
                writer.writerows(rows)
        case "parquet":
            pq.write_table(pa.Table.from_pylist(rows), source)
        case _:
            source = pa.Table.from_pylist(rows)
    data = mk.read(source, cache_dir=tmp_path / "cache")
    assert [(row["options"], row["answer_index"], row["answer"]) for row in data] == [
        (["u 0", "v 0"], 0, "u 0"), (["x 1", "y 1", "z 1"], 2, "z 1"),
        (["u 2", "v 2", "w 2", "x 2"], 1, "v 2"),
    ]  # fmt: skip


def test_letters_that_come_after_the_first_records_are_options_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "test.jsonl"
    rows = [benchmark_row(number, "uv", "A") for number in range(1500)] + [
        benchmark_row(1500, "uvwxy", "E")
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    last = mk.read(file, cache_dir=tmp_path / "cache")[1500]
    assert (len(last["options"]), last["answer"]) == (5, "y 1500")


@pytest.mark.parametrize(("count", "wrong"), [(1001, 1000), (5, 2), (1, 0)])
def test_a_text_that_is_not_the_option_of_its_letter_is_an_error(
    tmp_path: Path, count: int, wrong: int
) -> None:
    file = tmp_path / "test.jsonl"
    rows = [benchmark_row(number, "uv", "A") for number in range(count)]
    rows[wrong]["answer"] = rows[wrong]["options"]["B"]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    with pytest.raises(mk.errors.AnswerError, match="not the option it points to") as caught:
        mk.read(file, cache_dir=tmp_path / "cache")
    assert caught.value.row == wrong


@pytest.mark.parametrize(
    "answers", [["A", "B"], ["see above", None], [None, None], [["u 0"], ["v 1"]], [0, 1]]
)
def test_an_answer_that_is_no_text_of_an_option_is_not_compared(answers: list[Any]) -> None:
    rows = [benchmark_row(0, "uv", "A"), benchmark_row(1, "uv", "B")]
    for row, answer in zip(rows, answers, strict=True):
        row["answer"] = answer
    assert mk.read(rows)["answer"][:] == ["u 0", "v 1"]


def test_rows_without_readable_options_are_set_aside_or_an_error() -> None:
    rows = [{"question": "Which?", "options": text, "answer_idx": "A"}
            for text in ("{'A': 'x', 'B': 'y'}", "x or y", '["u", "v"]')]  # fmt: skip
    with pytest.raises(mk.errors.ValueTypeError, match="no dictionary and no list"):
        mk.read(rows)
    with pytest.warns(mk.errors.DroppedRowsWarning):
        data = mk.read(rows, on_bad="drop")
    assert data["answer"][:] == ["x", "u"]


@pytest.mark.parametrize(("rows", "sentence"), [
    ([["q", "a"], ["Why?", "=A1"]], "formula"),
    ([["q", None], ["Why?", "So."]], "header"),
    ([["q", "a"], ["Why?", "So.", "And?"]], "header"),
])  # fmt: skip
def test_a_sheet_of_which_no_row_can_be_read_says_why(
    rows: list[list[str]], sentence: str, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(mk.MedQAError) as caught:
        mk.read(tmp_path / "a.xlsx", question="q")
    assert sentence in str(caught.value)
    assert "no rows" not in str(caught.value)


def test_a_name_that_no_column_has_is_told_with_all_that_there_are(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Questions ,answer\nWhy?,So.\n")
    with pytest.raises(mk.errors.ArgumentError) as caught:
        mk.read(tmp_path / "a.csv")
    assert "'Questions '" in str(caught.value)
    data = mk.read(tmp_path / "a.csv", columns={"question": "Questions "}, cache_dir=tmp_path)
    assert data["question"][:] == ["Why?"]


def test_commas_and_tabs_are_told_by_the_header(tmp_path: Path) -> None:
    """What the file is counts, not what its ending says."""
    (tmp_path / "a.csv").write_text(text_of("\t"))
    (tmp_path / "b.tsv").write_text(text_of(","))
    tabs, commas = (
        mk.read(tmp_path / name, **SAID, cache_dir=tmp_path / "cache")
        for name in ("a.csv", "b.tsv")
    )
    assert tabs["question"][:] == commas["question"][:] == [row["q"] for row in ROWS]


@pytest.mark.parametrize(("name", "data", "sentence"), [
    ("a.csv", text_of(";").encode(), "the fields are parted by ';'"),
    ("a.csv", text_of("|").encode(), "the fields are parted by '|'"),
    ("a.csv", b"q,q,a\n1,2,3\n", "two columns of the name 'q'"),
    ("a.jsonl", b"PAR1\x15\x04", "this is a Parquet file"),
    ("a.csv", b"PK\x03\x04\x14\x00", "unpack it and pass the folder"),
    ("a.csv", b"%PDF-1.7\n", "this is a PDF file"),
    ("a.csv", bytes(257) + b"ustar\x00", "this is a tar archive"),
    ("a.jsonl.gz", gzip.compress(gzip.compress(json.dumps(ROWS[0]).encode())), "packed twice"),
    ("a.parquet", json.dumps(ROWS[0]).encode(), "this is no Parquet file"),
    ("a.csv", text_of(",").encode("utf-16-be"), "encoding='utf-16-be'"),
    ("a.csv", text_of(",").encode("utf-32-le"), "encoding='utf-32-le'"),
    ("a.csv", b"sep=;\r\n" + text_of(";").encode(), "the fields are parted by ';'"),
    ("a.json", json.dumps({name: [row[name] for row in ROWS] for name in ROWS[0]}).encode(), "holds lists or objects"),
    ("a.jsonl", json.dumps({"data": ROWS}).encode(), "no column 'q'"),
    ("a.zip", b"PK", "unpack it and pass the folder"),
    ("a.parquet", b"<html><body>Sign in</body></html>", "this is a web page"),
    ("a.jsonl.gz", gzip.compress(json.dumps(ROWS[0]).encode())[:-4], "cannot be unpacked"),
    ("a.csv.gz", gzip.compress(text_of(",").encode()) + b"\x00rest", "cannot be unpacked"),
    ("a.csv", text_of(",").encode("utf-16"), "encoding='utf-16'"),
    ("a.csv", text_of(",").encode("cp949", "replace"), "encoding='cp949'"),
])  # fmt: skip
def test_what_is_wrong_with_a_file_is_said_with_its_name(
    name: str, data: bytes, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(mk.MedQAError) as caught:
        read(tmp_path / name, **SAID, cache_dir=tmp_path / "cache")
    assert sentence in str(caught.value)
    assert name in str(caught.value.file)
    assert "room and rights" not in str(caught.value)


STEMS = pa.array(["Which one?", "Why?", "How?", "When?"])
LISTS = [["a", "b"], ["c", "d"], ["e", "f"], ["g", "h"]]
TYPED: dict[str, tuple[Any, Any]] = {
    "categories of letters": (pa.array(LISTS), pa.array(["A", "B", "B", "A"]).dictionary_encode()),
    "categories of numbers": (pa.array(LISTS), pa.array([0, 1, 1, 0]).dictionary_encode()),
    "lists of one size": (pa.array(LISTS, pa.list_(pa.string(), 2)), pa.array([0, 1, 1, 0])),
    "numbers beside gaps": (pa.array(LISTS), pa.array([0.0, 1.0, 1.0, 0.0])),
}


@pytest.mark.parametrize("name", TYPED)
@pytest.mark.parametrize("in_file", [True, False])
def test_columns_as_data_frames_and_arrays_type_them(
    name: str, in_file: bool, hub: Any, tmp_path: Path
) -> None:
    options, answer = TYPED[name]
    rows = pa.table({"question": STEMS.dictionary_encode(), "options": options, "answer": answer})
    pq.write_table(rows, file := tmp_path / "rows.parquet", row_group_size=2)
    data = read(file if in_file else rows, name="typed")
    assert data["answer"][:] == ["a", "d", "f", "g"]


def test_the_year_of_a_date_is_its_year(hub: Any) -> None:
    days = [datetime.date(2021, 3, 1), datetime.date(2019, 1, 1), None, datetime.date(1970, 1, 2)]
    for kind in (pa.date32(), pa.date64(), pa.timestamp("us"), pa.timestamp("ns", "UTC")):
        rows = pa.table(
            {"question": STEMS, "answer": list("abcd"), "day": pa.array(days).cast(kind)}
        )
        assert read(rows, columns={"year": "day"})["year"][:] == [2021, 2019, None, 1970]


def test_a_count_of_days_is_no_number_of_a_row(hub: Any) -> None:
    from medqa_kit.schemas import QA, conform

    row = {"id": ["a/1"], "source": ["a"], "split": ["train"], "question": ["Why?"]}
    with pytest.raises(mk.errors.SchemaError, match="date32"):
        conform(pa.table(row | {"year": pa.array([datetime.date(2021, 3, 1)])}), QA)


NO_OPTIONS = {"options": None, "answer_index": None}
OPEN_ROWS: dict[str, list[dict[str, Any]]] = {
    "all open": [{"question": "Why?", "answer": "so", **NO_OPTIONS}, {"question": "How?", "answer": "thus", **NO_OPTIONS}],
    "empty lists": [{"question": "Why?", "options": [], "answer": "so"}, {"question": "How?", "options": [], "answer": "thus"}],
    "some open": [{"question": "Which?", "options": ["x", "y"], "answer_index": 1, "answer": "y"},
                  *({"question": f"Why {n}?", "answer": f"so {n}", **NO_OPTIONS} for n in range(3))],
    "some open, by text": [{"question": "Which?", "options": ["x", "y"], "answer": "y"},
                           {"question": "Why?", "options": None, "answer": "so"}],
}  # fmt: skip


@pytest.mark.parametrize("name", OPEN_ROWS)
@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_open_questions_beside_options_keep_their_answers(
    name: str, ending: str, hub: Any, tmp_path: Path
) -> None:
    rows, file = OPEN_ROWS[name], tmp_path / f"rows.{ending}"
    if ending == "jsonl":
        file.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    else:
        pq.write_table(pa.Table.from_pylist(rows, schema=pa.schema(
            [("question", pa.string()), ("options", pa.list_(pa.string())), ("answer_index", pa.int32()),
             ("answer", pa.string())])), file)  # fmt: skip
    data = read(file, name="open")
    assert data["answer"][:] == [row["answer"] for row in rows]
    assert [place is None for place in data["answer_index"]] == [not row["options"] for row in rows]


@pytest.mark.parametrize("source", ["medqa_usmle", "medical_o1_reasoning_sft", "khmer_medical_qa"])
@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_rows_of_the_catalogue_are_the_same_when_read_back(
    source: str, ending: str, hub: Any, tmp_path: Path
) -> None:
    rows = mk.load(source, split="train", origin="sample")
    file = tmp_path / f"rows.{ending}"
    rows.to_json(file, force_ascii=False) if ending == "jsonl" else rows.to_parquet(file)
    data = read(file, name="back")
    for name in ("question", "context", "options", "answer_index", "answer", "rationale", "tags"):
        assert data[name][:] == rows[name][:], name


def test_texts_beside_numbers_prove_how_these_count(hub: Any) -> None:
    rows = [{"question": f"{n}?", "options": [f"a{n}", f"b{n}", f"c{n}"], "answer_index": 1,
             "answer": f"b{n}"} for n in range(2)]  # fmt: skip
    assert read(rows, name="counted")["answer"][:] == ["b0", "b1"]
    from_one = [row | {"answer": f"a{n}"} for n, row in enumerate(rows)]
    assert read(from_one, name="counted")["answer_index"][:] == [0, 0]


def test_a_list_that_the_first_records_lack(hub: Any, tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"question": f"{n}?", "answer": "a", "tags": None} for n in range(1200)
    ]
    rows[-1]["tags"] = ["late"]
    (file := tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    assert read(file, name="late")["tags"][-1] == ["late"]


def test_a_column_of_families_that_is_not_there_is_told(hub: Any, tmp_path: Path) -> None:
    (file := tmp_path / "rows.jsonl").write_text(
        json.dumps({"question": "Why?", "answer": "so"}), "utf-8"
    )
    with pytest.raises(mk.errors.ArgumentError, match="no column 'famly'"):
        mk.own_source(file, name="mine", license="CC0-1.0", family="famly")


def test_each_row_has_the_language_that_its_column_says() -> None:
    said = [
        {"question": "정의는?", "answer": "가", "language": "ko"},
        {"question": "What?", "answer": "b", "language": "en-GB"},
        {"question": "តើអ្វី?", "answer": "គ", "language": None},
    ]
    plain = [{k: v for k, v in row.items() if k != "language"} for row in said]
    rows = mk.read(said)
    assert rows["language"][:] == ["ko", "en-GB", None]
    assert rows["id"][:] == mk.read(plain)["id"][:], "the language is not what a row says"
    assert set(mk.read(said, language="ko")["language"][:]) == {"ko"}
    renamed = [{"lang" if k == "language" else k: v for k, v in row.items()} for row in said]
    assert mk.read(renamed, columns={"language": "lang"})["language"][:] == ["ko", "en-GB", None]
    with pytest.raises(mk.errors.ValueTypeError, match="row 2, column 'language'"):
        mk.read([said[0], said[1] | {"language": "English"}])


def test_dicts_of_pandas_say_nan_where_something_is_missing(hub: Any) -> None:
    rows = [{"question": "Why?", "a": "x", "b": "y", "c": None, "key": "A", "rationale": "So.", "year": 2020.0},
            {"question": "How?", "a": "x", "b": "y", "c": "z", "key": "C", "rationale": None, "year": None}]  # fmt: skip
    frame = pandas.DataFrame(rows)
    words: dict[str, Any] = {"options": ["a", "b", "c"], "answer": "key"}
    expected = read(frame, **words).to_list()
    assert [row["options"] for row in expected] == [["x", "y"], ["x", "y", "z"]]
    nan = float("nan")
    dicts = [{name: nan if value is None else value for name, value in row.items()} for row in rows]
    assert read(dicts, **words).to_list() == expected
    assert read([row | {"rationale": nan} for row in dicts], **words)["rationale"][:] == [
        None,
        None,
    ]


@pytest.mark.parametrize("change", [
    lambda name: unicodedata.normalize("NFD", name), lambda name: f"{name} ", str.upper,
])  # fmt: skip
def test_columns_are_found_as_they_look(
    change: Callable[[str], str], hub: Any, tmp_path: Path
) -> None:
    names = {"q": "질문 q", "a": "가 a", "b": "나 b", "key": "정답 key"}
    rows = [{change(names[name]): value for name, value in row.items()} for row in ROWS]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    words = {"question": names["q"], "options": [names["a"], names["b"]], "answer": names["key"]}
    for given in (rows, tmp_path / "a.jsonl"):
        assert said(read(given, name="mine", **words)) == EXPECTED
    usual = [{change("question"): q, change("options"): o, change("answer_idx"): "AB"[i], change("answer"): a}
             for q, o, i, a in EXPECTED]  # fmt: skip
    assert said(read(usual)) == EXPECTED
    wrong = [row | {change("answer"): "neither"} if i else row for i, row in enumerate(usual * 4)]
    with pytest.raises(mk.MedQAError):  # what repeats the answer is held against it
        read([usual[0], *wrong[1:2], *usual])


def test_two_columns_that_look_alike_are_not_taken_for_each_other(hub: Any) -> None:
    rows = [{"Stem": "Why?", "stem": "How?", "options": ["x", "y"], "answer": "y"}]
    assert read(rows, question="stem")[0]["question"] == "How?"
    with pytest.raises(mk.errors.ArgumentError, match="no column 'STEM'"):
        read(rows, question="STEM")


def test_rows_that_stand_in_one_object_are_told_how_to_pass(hub: Any, tmp_path: Path) -> None:
    rows = [{"question": "Why?", "options": ["x", "y"], "answer": "y"}]
    file = tmp_path / "a.json"
    for content in (
        {"version": 1, "data": rows},
        {"data": [{"row_idx": 0, "row": row} for row in rows]},
    ):
        file.write_text(json.dumps(content), "utf-8")
        with pytest.raises(mk.errors.ArgumentError) as caught:
            read(file)
        words = caught.value.hint.partition("pass that list: ")[2]
        assert read(eval(words, {"json": json, "Path": Path, "path": file}))[0]["answer_index"] == 1


def test_files_that_office_has_open_are_no_data(hub: Any, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(FILES["a.xlsx"])
    (tmp_path / "~$a.xlsx").write_bytes(b"\x05user")
    assert said(read(tmp_path, **SAID)) == said(read(str(tmp_path / "*.xlsx"), **SAID)) == EXPECTED


@pytest.mark.parametrize(("content", "hint"), [
    (text_of(",").encode(), "ending .csv"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "saved as .xlsx"),
])  # fmt: skip
def test_what_is_called_a_workbook_and_is_none(
    content: bytes, hint: str, hub: Any, tmp_path: Path
) -> None:
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(mk.errors.FormatError) as caught:
        read(tmp_path / "a.xlsx", **SAID)
    assert hint in caught.value.hint


@pytest.mark.parametrize("spelling", ["{}\u200b", "\u2060{}", "\u3000{}\u00a0", "{}\u00ad", "wide"])
def test_columns_are_found_whatever_nobody_sees_of_their_names(spelling: str) -> None:
    def written(name: str) -> str:
        if spelling == "wide":
            return "".join(chr(ord(mark) + 0xFEE0) for mark in name)
        return spelling.format(name)

    rows = mk.read([{written("question"): "열이 나면?", written("answer"): "해열제"}])
    assert (rows["question"][:], rows["answer"][:]) == (["열이 나면?"], ["해열제"])


def test_columns_the_other_way_round_are_refused_with_the_right_way() -> None:
    rows = [{"물음": "열이 나면?", "답": "해열제"}]
    with pytest.raises(mk.errors.ArgumentError, match="other way round") as caught:
        mk.read(rows, columns={"물음": "question", "답": "answer"})
    assert caught.value.hint == 'pass columns={"question": "물음", "answer": "답"}'
    assert mk.read(rows, columns={"question": "물음", "answer": "답"})["answer"][:] == ["해열제"]


def test_of_large_rows_few_are_looked_at_to_see_what_they_are(tmp_path: Path) -> None:
    table = pa.table(
        {
            "question": [f"{number} " + "가" * 100_000 for number in range(300)],
            "answer": ["가"] * 300,
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    _, head = first_look(File("a.parquet", str(tmp_path / "a.parquet")), encoding="utf-8")
    assert head.column_names == ["question", "answer"]
    assert head.nbytes < 80_000_000


LETTERED = [
    {"question": f"{n}?", "opb": f"b{n}", "opa": f"a{n}", "opc": None if n else "c"}
    for n in range(3)
]


@pytest.mark.parametrize(
    ("answers", "more"),
    [(["B", "A", "B"], {}), ([2, 1, 2], {"base": 1}), ([1, 0, 1], {}), (["b0", "a1", "b2"], {}),
     (["(b)", "①", "B. b2"], {}), (["B", "A", "B"], {"answer": "answer"})],
)  # fmt: skip
def test_columns_called_as_options_are_taken_where_answers_name_them(
    tmp_path: Path, answers: list[Any], more: dict[str, Any]
) -> None:
    rows = [{**row, "answer": answer} for row, answer in zip(LETTERED, answers, strict=True)]
    for mine in (rows, _written(tmp_path, rows)):
        data = mk.read(mine, **more)
        assert data["options"][:] == [["a0", "b0", "c"], ["a1", "b1"], ["a2", "b2"]]
        assert data["answer_index"][:] == [1, 0, 1]


def _written(folder: Path, rows: list[dict[str, Any]]) -> Path:
    pandas.DataFrame(rows).to_csv(folder / "mine.csv", index=False)
    return folder / "mine.csv"


def test_answers_that_name_no_column_are_those_of_open_questions() -> None:
    rows = [{"question": "Why?", "a": "ward 3", "b": "ward 4", "answer": "It is cold."}]
    with pytest.warns(mk.errors.LeftOutWarning, match="'a', 'b'"):
        assert mk.read(rows)["options"][:] == [None]
    assert mk.read(rows, answer="answer")["answer"][:] == ["It is cold."]


def test_numbers_that_may_count_from_zero_or_one_are_asked_for() -> None:
    rows = [{**row, "answer": 1} for row in LETTERED[:1]]
    with pytest.raises(mk.errors.ArgumentError, match="do not prove") as caught:
        mk.read(rows)
    assert "base=1" in caught.value.hint
    assert mk.read(rows, base=1)["answer"][:] == ["a0"]


@pytest.mark.parametrize(("said", "words"), [
    ({"question": "q", "options": []}, "options= names no column"),
    ({"question": "q", "options": [], "answer": "right"}, "options= names no column"),
    ({"question": "q", "options": "list", "answer": "right", "key": "list"}, "'list' holds lists or objects"),
    ({"question": "q", "options": ["list"], "answer": "right"}, "'list' holds lists or objects"),
    ({"question": "q", "options": "list", "answer": "right", "family": "list"}, "'list' holds lists or objects"),
    ({"columns": {"question": "list"}}, "'list' holds lists or objects"),
])  # fmt: skip
def test_columns_that_cannot_be_what_they_are_named_for_are_refused(
    said: dict[str, Any], words: str
) -> None:
    rows = [{"q": "1 + 1?", "list": ["2", "3"], "right": "A"}]
    with pytest.raises(mk.errors.ArgumentError, match=words):
        read(rows, **said)


def test_options_without_a_word_of_the_right_one_are_asked_for() -> None:
    rows = [{**row, "gold": "A"} for row in LETTERED]
    with pytest.raises(mk.errors.ArgumentError, match="called as options") as caught:
        mk.read(rows)
    assert "options=['opa', 'opb', 'opc']" in caught.value.hint
    options = ["opa", "opb", "opc"]
    assert mk.read(rows, options=options)["options"][0] == ["a0", "b0", "c"]
    assert mk.read(rows, options=options, answer="gold")["answer"][:] == ["a0", "a1", "a2"]
    assert mk.read(rows, answer="gold")["answer"][:] == ["a0", "a1", "a2"]


def test_rows_that_were_loaded_before_keep_their_families(hub: Any, tmp_path: Path) -> None:
    """No split parts a copy, or what a model made of a row, from where it comes from."""
    exam = mk.load("kormedmcqa", origin="sample", subset="doctor", split="train")
    exam.to_parquet(tmp_path / "exam.parquet")
    exam.to_json(tmp_path / "exam.jsonl", force_ascii=False)
    families = exam["family"][:]
    for name in ("exam.parquet", "exam.jsonl"):
        assert read(tmp_path / name)["family"][:] == families
    assert read(exam)["family"][:] == families
    reply = {
        "id": "d/1#paraphrase-1",
        "source": "d",
        "family": "d/1",
        "parent": "d/1",
        "question": "Why?",
        "answer": "So.",
    }
    assert read([reply])["family"][:] == ["d/1"]
    rows = [{"q": "열이 나면?", "a": "해열제", "patient": "p1"}]
    ward = mk.read(rows, question="q", answer="a", family="patient", name="ward", language="ko")
    assert read(ward)["family"][:] == ["p1"], "as another name of the same families"
    patient = {
        "id": "p1",
        "source": "ward",
        "family": "father: stroke",
        "question": "Why?",
        "answer": "So.",
    }
    with pytest.warns(mk.errors.FamilyWarning, match="is not taken"):
        assert read([patient])["family"][:] != ["father: stroke"], "what runs in a family is none"


NUMBERS_AMONG_TEXTS = [
    {"no": 5, "question": "How warm?", "a": 37, "b": "38도", "answer": "A"},
    {"no": "6a", "question": 42, "a": "five", "b": 6.5, "answer": "B"},
]


@pytest.mark.parametrize("form", ["xlsx", "jsonl", "json"])
def test_numbers_among_texts_are_their_digits(tmp_path: Path, form: str) -> None:
    rows = NUMBERS_AMONG_TEXTS[:2]
    path = tmp_path / f"mine.{form}"
    if form == "xlsx":
        book = openpyxl.Workbook()
        for cells in (list(rows[0]), *(list(row.values()) for row in rows)):
            book.active.append(cells)
        book.save(path)
    else:
        path.write_text(
            "\n".join(map(json.dumps, rows)) if form == "jsonl" else json.dumps(rows), "utf-8"
        )
    data = mk.read(path, options=["a", "b"], answer="answer", key="no")
    assert data["options"][:] == [["37", "38도"], ["five", "6.5"]]
    assert data["answer"][:] == ["37", "6.5"]
    assert data["question"][:] == ["How warm?", "42"]
    assert [name.rpartition("/")[2] for name in data["id"][:]] == ["5", "6a"]


def test_a_letter_among_numbers_of_options_is_the_number_it_stands_for(tmp_path: Path) -> None:
    rows = [{"question": f"{n}?", "a": "x", "b": "y", "answer": n} for n in (1, 2)]
    path = tmp_path / "mine.jsonl"
    path.write_text("\n".join(map(json.dumps, [*rows, {**rows[0], "answer": "B"}])), "utf-8")
    data = mk.read(path, options=["a", "b"], answer="answer")
    assert data["answer_index"][:] == [0, 1, 1]


def test_digits_that_are_text_keep_their_zeros_beside_numbers(tmp_path: Path) -> None:
    rows = [{"no": "007", "question": "1?", "a": "05", "b": 7, "answer": "1"},
            {"no": 8, "question": "2?", "a": 6, "b": "8", "answer": 2}]  # fmt: skip
    path = tmp_path / "mine.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    data = mk.read(path, options=["a", "b"], answer="answer", key="no")
    assert data["options"][:] == [["05", "7"], ["6", "8"]]
    assert data["answer_index"][:] == [0, 1]
    assert data["id"][0].endswith("/007")


@pytest.mark.parametrize("broken", [b"", b"Why?,\xff\n"])
def test_records_of_blanks_alone_are_passed_over(tmp_path: Path, broken: bytes) -> None:
    text = "question,answer\nWhy?,b\n , \n\t,\u3000\n\u00a0,\n,\nHow?,c\n".encode() + broken
    (tmp_path / "mine.csv").write_bytes(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mk.errors.DroppedRowsWarning)
        data = mk.read(tmp_path / "mine.csv", on_bad="drop" if broken else "raise")
    assert data["question"][:] == ["Why?", "How?"]


def test_rows_of_a_sheet_with_blanks_alone_are_passed_over(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for cells in (
        ("question", "answer"),
        ("Why?", "b"),
        ("  ", None),
        (None, "\u00a0"),
        ("How?", "c"),
    ):
        book.active.append(cells)
    book.save(tmp_path / "mine.xlsx")
    assert mk.read(tmp_path / "mine.xlsx")["question"][:] == ["Why?", "How?"]


def test_families_are_taken_where_they_are_named_and_missed_where_they_are_not(hub: Any) -> None:
    mine = [
        {"question": f"What is {n}?", "answer": str(n), "Family": f"patient {n // 2}"}
        for n in range(4)
    ]
    assert mk.read(mine, family="family")["family"][:] == [
        "patient 0",
        "patient 0",
        "patient 1",
        "patient 1",
    ]
    with pytest.warns(mk.errors.FamilyWarning, match="family='Family'"):
        assert mk.read(mine)["family"][:] == [None] * 4
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mk.read([{**row, "Family": None} for row in mine])
        mk.read(mine, columns={"rationale": "Family"})
    with pytest.raises(mk.errors.ArgumentError, match="no column 'famly'"):
        mk.read(mine, family="famly")


def test_a_column_that_is_named_twice_over_is_told_once() -> None:
    with pytest.raises(mk.errors.ArgumentError, match=r"no column 'answr'\.") as caught:
        mk.read([{"question": "Why?", "answer": "So."}], answer="answr")
    assert caught.value.found == "'answr'"
