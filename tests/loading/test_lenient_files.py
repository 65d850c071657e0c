"""Copies that people have: packed otherwise, saved by pandas or Excel, with letters for numbers."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from demo import RAW, Read, array, both_ways, csv, demo, folder, jsonl, parquet, records, table
from medqa_kit.errors import (
    ArgumentError,
    DroppedRowsWarning,
    EncodingError,
    FormatError,
    LeftOutWarning,
    MissingValueWarning,
    SchemaMovedError,
    ValueTypeError,
    WrongFilesError,
)
from medqa_kit.loading.planner import SAMPLES

ROWS = records(6)
LETTERS = [row | {"key": "AB"[row["key"] - 1]} for row in ROWS]
AS_TEXT = [row | {"key": f"{row['key']}"} for row in ROWS]
MARKED = {
    "circled": "①②", "khmer": "កខ", "jamo": "ㄱㄴ", "syllables": "가나", "brackets": ["(A)", "[b]"], "stops": ["A.", "2."],
    "counted": ["1번", "2번"], "khmer digits": "១២",
}  # fmt: skip


def zstd(data: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(data, asbytes=True))


def loose(rows: list[dict[str, Any]]) -> bytes:
    """Parquet with whatever types the rows have."""
    return parquet(pa.Table.from_pylist(rows))


def as_csv(rows: list[dict[str, Any]]) -> bytes:
    lines = [",".join(rows[0]), *(",".join(str(value) for value in row.values()) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    where = folder(tmp_path_factory.mktemp("as declared"), {"train.jsonl": jsonl(ROWS)})
    return list(mk.rows(mk.load(demo(), split="train", path=where)))


@both_ways
@pytest.mark.parametrize(("name", "content"), [
    ("train.json", jsonl(ROWS)), ("train.jsonl", array(ROWS)), ("train.jsonl", b"\n " + array(ROWS)),
    ("train.jsonl", gzip.compress(jsonl(ROWS))), ("train.jsonl.gz", jsonl(ROWS)),
    ("train.json.gz", gzip.compress(jsonl(ROWS))), ("train.csv", gzip.compress(csv(ROWS))),
    ("train.jsonl.xz", lzma.compress(jsonl(ROWS))), ("train.jsonl.bz2", bz2.compress(jsonl(ROWS))),
    ("train.jsonl.zst", jsonl(ROWS)), ("train.csv.gz", zstd(csv(ROWS))),
])  # fmt: skip
def test_first_bytes_count_and_not_the_ending(
    tmp_path: Path, read: Read, expected: list[Any], name: str, content: bytes
) -> None:
    assert read(demo(name), path=folder(tmp_path, {name: content})) == expected
    assert read(demo(name), path=tmp_path / name) == expected


@both_ways
@pytest.mark.parametrize("rows", [LETTERS, AS_TEXT, [r | {"key": str(r["key"]).lower()} for r in LETTERS]],
                         ids=["letters", "text", "small"])  # fmt: skip
@pytest.mark.parametrize(("ending", "write"), [
    ("jsonl", jsonl), ("json", array), ("parquet", loose), ("csv", as_csv)
])  # fmt: skip
def test_letters_for_numbers(
    tmp_path: Path, read: Read, expected: list[Any], rows: list[Any], ending: str,
    write: Callable[[Any], bytes],
) -> None:  # fmt: skip
    name = f"train.{ending}"
    assert read(demo(name), path=folder(tmp_path, {name: write(rows)})) == expected


@pytest.mark.parametrize("marks", MARKED.values(), ids=MARKED)
@pytest.mark.parametrize(("ending", "write"), [
    ("jsonl", jsonl), ("parquet", loose), ("csv", as_csv)
])  # fmt: skip
def test_markers_of_other_kinds_for_numbers(
    tmp_path: Path, expected: list[Any], marks: Sequence[str], ending: str, write: Callable[[Any], bytes]
) -> None:  # fmt: skip
    name = f"train.{ending}"
    where = folder(tmp_path, {name: write([row | {"key": marks[row["key"] - 1]} for row in ROWS])})
    assert list(mk.rows(mk.load(demo(name), split="train", path=where))) == expected


@pytest.mark.parametrize("word", ["\\N", "NULL", "nan", "<NA>"])
@pytest.mark.parametrize("ending", ["csv", "tsv"])
def test_words_of_an_export_for_what_is_missing_are_told(
    tmp_path: Path, word: str, ending: str
) -> None:
    frame = pandas.DataFrame([row | {"a": row["a"] if row["number"] else None} for row in ROWS])
    name, sep = f"train.{ending}", "," if ending == "csv" else "\t"
    text = frame.to_csv(index=False, na_rep=word, sep=sep).encode()
    where = folder(tmp_path, {name: text})
    with pytest.warns(
        MissingValueWarning, match=f"'{re.escape(word)}' stands in 1 of the first 6 cells of 'a'"
    ):
        mk.load(demo(name), split="train", path=where)
    with pytest.warns(MissingValueWarning, match="cells of 'a'"):
        mk.read(where / name, options=["a", "b"], answer="key", base=1)
    blanks = frame.assign(b="예", a=[None, word, "x", "y", "z", "z"]).to_csv(index=False, sep=sep)
    mk.load(
        demo(name),
        split="train",
        path=folder(tmp_path / "blanks", {name: blanks.encode()}),
        view="raw",
    )


@both_ways
@pytest.mark.parametrize("dress", [
    lambda text: b"sep=,\r\n" + text,
    lambda text: b'"sep=,"\n\n' + text,
    lambda text: text + b"," * (len(RAW) - 1) + b"\n" + b"," * (len(RAW) - 1),
    lambda text: text.replace(b"\n", b"\n" + b"," * (len(RAW) - 1) + b"\n"),
    lambda text: b"".join(line + b",,\r\n" for line in text.splitlines()),
], ids=["separator", "quoted separator", "empty rows at the end", "between", "empty columns"])  # fmt: skip
@pytest.mark.filterwarnings("ignore::medqa_kit.errors.LeftOutWarning")
def test_what_excel_writes_around_rows_is_passed_over(
    tmp_path: Path, read: Read, expected: list[Any], dress: Callable[[bytes], bytes]
) -> None:
    where = folder(tmp_path, {"train.csv": dress(as_csv(ROWS))})
    assert read(demo("train.csv"), path=where) == expected


@pytest.mark.parametrize("quoted", [False, True])
def test_a_bad_row_behind_empty_ones_is_told_by_its_line(tmp_path: Path, quoted: bool) -> None:
    bad = as_csv([*ROWS[:2], ROWS[2] | {"year": "soon"}]).splitlines(keepends=True)
    empty = b"," * (len(RAW) - 1) + b"\n"
    if quoted:  # a record that is read one by one
        bad[1] = bad[1].replace(b"\n", b",more\n")
    text = b"sep=,\n" + bad[0] + empty + bad[1] + empty + bad[2] + bad[3]
    where = folder(tmp_path, {"train.csv": text})
    with pytest.raises(mk.MedQAError) as caught:
        mk.load(demo("train.csv"), split="train", path=where)
    assert f"line {4 if quoted else 7}" in str(caught.value)


@pytest.mark.parametrize("sign", [";", "|", "\t"])
def test_a_header_that_another_sign_parts_is_told_with_the_sign(tmp_path: Path, sign: str) -> None:
    text = as_csv(ROWS).replace(b",", sign.encode())
    with pytest.raises(SchemaMovedError, match="parted by") as caught:
        mk.load(demo("train.csv"), split="train", path=folder(tmp_path, {"train.csv": text}))
    assert repr(sign) in str(caught.value)
    assert "as .csv" in caught.value.hint


@both_ways
@pytest.mark.parametrize("column", ["Unnamed: 0", "Unnamed: 0.1", "__index_level_0__", ""])
@pytest.mark.parametrize(("ending", "write"), [
    ("jsonl", jsonl), ("parquet", loose), ("csv", as_csv)
])  # fmt: skip
def test_row_numbers_of_pandas_are_left_out_and_said(
    tmp_path: Path, read: Read, expected: list[Any], column: str, ending: str,
    write: Callable[[Any], bytes],
) -> None:  # fmt: skip
    name = f"train.{ending}"
    where = folder(tmp_path, {name: write([{column: n, **row} for n, row in enumerate(ROWS)])})
    with pytest.warns(LeftOutWarning, match="row numbers that pandas wrote along"):
        assert read(demo(name), path=where) == expected


@both_ways
@pytest.mark.parametrize(("ending", "write"), [
    ("jsonl", jsonl), ("parquet", loose), ("csv", as_csv)
])  # fmt: skip
def test_an_added_column_is_ignored_or_kept_when_asked(
    tmp_path: Path, read: Read, expected: list[Any], ending: str, write: Callable[[Any], bytes]
) -> None:
    name = f"train.{ending}"
    where = folder(tmp_path, {name: write([row | {"difficulty": "hard"} for row in ROWS])})
    with pytest.raises(SchemaMovedError, match="difficulty") as caught:
        read(demo(name), path=where)
    assert "extra='ignore'" in caught.value.hint
    assert "revision=" not in caught.value.hint
    assert read(demo(name), path=where, extra="ignore") == expected
    kept = read(demo(name), path=where, extra="ignore", keep=["difficulty"])
    assert kept == [row | {"difficulty": "hard"} for row in expected]


def test_a_column_that_says_nothing_may_be_missing(tmp_path: Path) -> None:
    file = next((SAMPLES / "kormedmcqa/doctor").glob("test-*"))
    pq.write_table(pq.read_table(file).drop_columns("cot"), tmp_path / file.name)
    for data in (mk.load("kormedmcqa", path=tmp_path / file.name, split="test"),):
        assert data["rationale"][:] == [None, None, None]


@both_ways
@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_text_of_excel_is_read_with_its_encoding(
    tmp_path: Path, read: Read, expected: list[Any], ending: str
) -> None:
    name = f"train.{ending}"
    write = {"csv": csv, "jsonl": jsonl}[ending]
    where = folder(tmp_path, {name: write(ROWS).decode().encode("cp949")})
    with pytest.raises(EncodingError) as caught:
        read(demo(name), path=where)
    assert "encoding='cp949'" in caught.value.hint
    assert read(demo(name), path=where, encoding="cp949") == expected


def test_an_encoding_that_is_none() -> None:
    with pytest.raises(ArgumentError, match="no such encoding"):
        mk.load("kormedmcqa", split="test", origin="sample", encoding="cp94949")
    with pytest.raises(ArgumentError, match="extra"):
        mk.load("kormedmcqa", split="test", origin="sample", extra="keep")


@both_ways
@pytest.mark.parametrize("change", [
    lambda name: unicodedata.normalize("NFD", name), lambda name: f" {name} ", str.upper,
])  # fmt: skip
def test_names_of_columns_are_compared_as_they_look(
    tmp_path: Path, read: Read, expected: list[Any], change: Callable[[str], str]
) -> None:
    rows = [{change(name): value for name, value in row.items()} for row in ROWS]
    for ending, write in (("jsonl", jsonl), ("parquet", loose), ("csv", as_csv)):
        name = f"train.{ending}"
        assert read(demo(name), path=folder(tmp_path, {name: write(rows)})) == expected


def test_other_names_come_as_something_to_paste(tmp_path: Path, expected: list[Any]) -> None:
    rows = [
        {"prompt": row["question"], **{k: v for k, v in row.items() if k != "question"}}
        for row in ROWS
    ]
    where = folder(tmp_path, {"train.jsonl": jsonl(rows)})
    with pytest.raises(SchemaMovedError) as caught:
        mk.load(demo(), split="train", path=where)
    assert 'columns={"question": "prompt"}' in caught.value.hint
    data = mk.load(demo(), split="train", path=where, columns={"question": "prompt"})
    assert list(mk.rows(data)) == expected
    with pytest.raises(
        ArgumentError, match="the other way round: declared name to the name in the file"
    ) as turned:
        mk.load(demo(), split="train", path=where, columns={"prompt": "question"})
    assert 'columns={"question": "prompt"}' in turned.value.hint


def test_a_file_of_fewer_columns_hints_at_nothing_that_cannot_work(tmp_path: Path) -> None:
    few = table(ROWS).drop_columns(["year"])
    assert len(few.column_names) == len(RAW) - 1
    with pytest.raises(SchemaMovedError) as caught:
        mk.load(
            demo("train.parquet"),
            split="train",
            path=folder(tmp_path, {"train.parquet": parquet(few)}),
        )
    assert caught.value.hint == "pass files that have the declared columns"
    wrapped = folder(
        tmp_path / "wrapped", {"train.jsonl": jsonl([{"id": 1, "data": row} for row in ROWS])}
    )
    with pytest.raises(SchemaMovedError) as caught:
        mk.load(demo(), split="train", path=wrapped)
    assert caught.value.hint == "pass files that have the declared columns", (
        "two names for six columns"
    )


@both_ways
@pytest.mark.parametrize("declared", ["train.json", "train.jsonl", "train.csv"])
@pytest.mark.parametrize("orient", ["columns", "split", "index", "table"])
def test_what_data_frames_write_otherwise_is_told_and_mended_as_the_hint_says(
    tmp_path: Path, read: Read, expected: list[Any], orient: Any, declared: str
) -> None:
    name = "train.json" if declared == "train.csv" else declared
    path, copy = tmp_path / name, tmp_path / "copy" / name
    pandas.DataFrame(ROWS).to_json(path, orient=orient, force_ascii=False)
    with pytest.raises(mk.errors.FileError) as caught:
        read(demo(declared), path=path)
    copy.parent.mkdir()
    exec(
        caught.value.hint.removeprefix("pass a copy as path=: "),
        {"json": json, "Path": Path, "path": path, "copy": copy},
    )
    assert read(demo(declared), path=copy) == expected


def test_rows_without_the_names_of_columns_are_told(tmp_path: Path) -> None:
    path = tmp_path / "train.json"
    pandas.DataFrame(ROWS).to_json(path, orient="values")
    with pytest.raises(FormatError, match="not an object") as caught:
        mk.load(demo("train.json"), split="train", path=path)
    assert "without the names of its columns" in caught.value.hint


@both_ways
@pytest.mark.parametrize("ending", ["jsonl", "parquet", "csv"])
@pytest.mark.parametrize("layout", [{"extra": "ignore", "optional": ("about",)}, {}])
def test_an_object_whose_values_stand_in_columns_of_their_own_is_told(
    tmp_path: Path, read: Read, ending: str, layout: dict[str, Any]
) -> None:
    """As ``json_normalize`` and ``Dataset.flatten`` write them; what may be absent is not passed over."""
    raw = RAW.append(pa.field("about", pa.struct({"place": pa.struct({"url": pa.string()})})))
    source = demo(f"{{split}}.{ending}", raw=raw, **layout)
    whole = [row | {"about": {"place": {"url": "https://a.example"}}} for row in ROWS]
    flat = pandas.json_normalize(whole).to_dict("records")
    write = {"jsonl": jsonl, "parquet": loose, "csv": as_csv}[ending]
    where = folder(tmp_path, {f"train.{ending}": write(flat)})
    with pytest.raises(SchemaMovedError, match="column of its own") as caught:
        read(source, path=where)
    assert "json_normalize" in caught.value.hint
    assert len(read(source, path=folder(tmp_path / "whole", {"train.parquet": loose(whole)}))) == 6


def test_a_line_that_is_no_object_is_still_told(tmp_path: Path) -> None:
    where = folder(tmp_path, {"train.json": jsonl(ROWS) + json.dumps([1]).encode() + b"\n"})
    with pytest.raises(mk.errors.FormatError, match="not an object"):
        mk.load(demo("train.json"), split="train", path=where)


@both_ways
def test_a_broken_header_behind_a_blank_line_is_told(tmp_path: Path, read: Read) -> None:
    where = folder(tmp_path, {"train.csv": b'\r"number,' + csv(ROWS)})
    with pytest.raises(mk.MedQAError, match="header"):
        read(demo("train.csv"), path=where)


@both_ways
@pytest.mark.parametrize(("name", "write"), [("train.jsonl", jsonl), ("train.json", array), ("train.parquet", loose), ("train.csv", as_csv)])  # fmt: skip
def test_numbers_as_text_are_numbers(
    tmp_path: Path,
    read: Read,
    expected: list[dict[str, Any]],
    name: str,
    write: Callable[..., bytes],
) -> None:
    rows = [row | {"number": f" {row['number']}", "year": f"{row['year']}.0"} for row in ROWS]
    path = folder(tmp_path, {name: write(rows)})
    assert read(demo(name), path=path) == expected


@both_ways
@pytest.mark.parametrize("value", ["3a", "3.5", "1e3", "9" * 19, "", "٣", "0x3"])
def test_text_that_is_no_whole_number_is_none(tmp_path: Path, read: Read, value: str) -> None:
    rows = [ROWS[0], ROWS[1] | {"year": value}, ROWS[2]]
    path = folder(tmp_path, {"train.jsonl": jsonl(rows)})
    with pytest.raises(ValueTypeError, match="year") as caught:
        read(demo(), path=path)
    assert caught.value.spot == "line 2"
    with pytest.warns(DroppedRowsWarning, match="1 of 3 rows"):
        assert len(read(demo(), path=path, on_bad="drop")) == 2


def test_shares_as_text_are_numbers(tmp_path: Path) -> None:
    row = {"question": "?", "answer": 4, **dict.fromkeys("ABCD", "x"), "Category": "Health", "Human Accuracy": "0.25"}  # fmt: skip
    path = folder(tmp_path, {"Health-test.jsonl": jsonl([row])})
    kept = mk.load(
        "kmmlu_medical", subset="Health", split="test", path=path, keep=["Human Accuracy"]
    )
    assert kept["Human Accuracy"][:] == [0.25]


def test_a_folder_of_another_format_is_read_as_one_file_is(tmp_path: Path) -> None:
    own = [{"output_text": "allergy", "input_text": f"I itch {n}."} for n in range(5)]
    for name, part in (("train", own[:3]), ("test", own[3:])):
        pandas.DataFrame(part).to_csv(tmp_path / f"{name}.csv", index=False)
    loaded = mk.load("symptom_to_diagnosis", path=tmp_path)
    assert {split: len(rows) for split, rows in loaded.items()} == {"train": 3, "test": 2}
    (tmp_path / "train.csv").unlink()
    with pytest.raises(WrongFilesError, match="none of the part's files") as caught:
        mk.load("symptom_to_diagnosis", path=tmp_path, split="train")
    assert "split='test'" in caught.value.hint


def test_one_name_in_two_other_formats_is_not_read_twice(tmp_path: Path) -> None:
    own = pandas.DataFrame([{"output_text": "allergy", "input_text": "I itch."}])
    own.to_csv(tmp_path / "train.csv", index=False)
    own.to_parquet(tmp_path / "train.parquet")
    with pytest.raises(WrongFilesError, match="side by side") as caught:
        mk.load("symptom_to_diagnosis", path=tmp_path, split="train")
    assert "train.csv" in caught.value.found
    assert "train.parquet" in caught.value.found
    assert len(mk.load("symptom_to_diagnosis", path=tmp_path / "train.csv", split="train")) == 1


def test_what_is_said_to_paste_is_the_whole_of_it(tmp_path: Path) -> None:
    rows = [{"q": "왜?", "good": "가", "rejected": "나"}]
    path = folder(tmp_path, {"mine.jsonl": jsonl(rows)}) / "mine.jsonl"
    with pytest.raises(SchemaMovedError, match="'qq'") as caught:
        mk.load(
            "ko_ultrafeedback", path=path, split="train", columns={"prompt": "qq", "chosen": "good"}
        )
    assert 'columns={"chosen": "good", "prompt": "q"}' in caught.value.hint
    columns = {"chosen": "good", "prompt": "q"}
    assert mk.load("ko_ultrafeedback", path=path, split="train", columns=columns)["chosen"][:] == [
        "가"
    ]


@pytest.mark.parametrize(("words", "encoding"), [("Ménière naïve café – 5 µg", "cp1252"), ("현기증과 이명이 있다", "cp949"), ("眩晕和耳鸣", "gb18030")])  # fmt: skip
def test_what_excel_wrote_is_read_as_the_error_says(
    tmp_path: Path, words: str, encoding: str
) -> None:
    own = [f"{n},Ill {n},{words},tea {n}" for n in range(40)]
    text = "\n".join(["Code,Name,Symptoms,Treatments", *own])
    path = folder(tmp_path, {"Diseases_Symptoms.csv": text.encode(encoding)})
    with pytest.raises(EncodingError) as caught:
        mk.load("diseases_symptoms", path=path, split="train")
    assert f"encoding='{encoding}'" in caught.value.hint
    assert ("cp1252" in caught.value.hint) == (encoding == "cp1252")
    rows = mk.load("diseases_symptoms", path=path, split="train", encoding=encoding)
    assert words in rows["question"][0]


@pytest.mark.parametrize(
    ("content", "hint"),
    [(gzip.compress(parquet(ROWS)), "unpack it once"), (zstd(parquet(ROWS)), "unpack it once"),
     (jsonl(ROWS), "give its name the ending of what it is, such as .jsonl"),
     (b"%PDF-1.7 \x00", "save a copy of the data"), (b"\x00\x01\x02\x03", "fetch it again")],
)  # fmt: skip
def test_what_is_called_parquet_and_is_none_is_told_by_its_first_bytes(
    tmp_path: Path, content: bytes, hint: str
) -> None:
    path = folder(tmp_path, {"train.parquet": content}) / "train.parquet"
    for load in (
        lambda: mk.load(demo("train.parquet"), split="train", path=path),
        lambda: mk.read(path),
    ):
        with pytest.raises(FormatError) as caught:
            load()
        assert hint in caught.value.hint


@pytest.mark.parametrize("write", ["({})", "{}.", "<{}>"])
def test_letters_are_read_with_what_stands_around_them(tmp_path: Path, write: str) -> None:
    file = tmp_path / "medical_law_qa_dataset.jsonl"
    lines = (SAMPLES / "kormedlawqa" / file.name).read_text("utf-8")
    for letter in "ABCDE":
        lines = lines.replace(f'"answer": "{letter}"', f'"answer": "{write.format(letter)}"')
    file.write_text(lines, "utf-8")
    plain = mk.load("kormedlawqa", path=SAMPLES / "kormedlawqa", split="train")
    assert mk.load("kormedlawqa", path=file, split="train")["answer"][:] == plain["answer"][:]


@pytest.mark.parametrize("marks", ["①②③④⑤", "ㄱㄴㄷㄹㅁ", "가나다라마", "កខគឃង"])
def test_markers_of_other_kinds_for_letters(tmp_path: Path, marks: str) -> None:
    file = tmp_path / "medical_law_qa_dataset.jsonl"
    lines = (SAMPLES / "kormedlawqa" / file.name).read_text("utf-8")
    for letter, mark in zip("ABCDE", marks, strict=True):
        lines = lines.replace(f'"answer": "{letter}"', f'"answer": "{mark}"')
    file.write_text(lines, "utf-8")
    plain = mk.load("kormedlawqa", path=SAMPLES / "kormedlawqa", split="train")
    assert mk.load("kormedlawqa", path=file, split="train")["answer"][:] == plain["answer"][:]


@pytest.mark.parametrize(
    ("name", "file", "named"),
    [
        ("diseases_symptoms", "Diseases_Symptoms.csv", {}),
        ("korean_medical_disputes", "counselling/cases.csv", {"subset": "counselling"}),
        ("chinese_medical_dialogue", "Data_数据/IM_内科/内科5000-33000.csv", {"subset": "内科"}),
    ],
)
@pytest.mark.parametrize("ending", ["xlsx", "parquet", "jsonl"])
def test_a_table_saved_in_another_format_is_read_as_its_ending_says(
    tmp_path: Path, name: str, file: str, named: dict[str, str], ending: str
) -> None:
    source = SAMPLES / name / file
    part = mk.source(name).select(split="train", **named)[0]
    layout = mk.source(name).layout_of(part)
    rows = pandas.read_csv(source, encoding=layout.read.encoding, keep_default_na=False)
    copy = tmp_path / f"{source.stem}.{ending}"
    if ending == "xlsx":
        rows.to_excel(copy, index=False)
    elif ending == "parquet":
        rows.to_parquet(copy, index=False)
    else:
        rows.to_json(copy, orient="records", lines=True, force_ascii=False)
    options = {"encoding": "utf-8"} if ending == "jsonl" else {}
    plain = mk.load(name, path=source, split="train", **named)
    assert mk.load(name, path=copy, split="train", **named, **options)["id"][:] == plain["id"][:]


@pytest.mark.parametrize(("name", "content", "ending"), [
    ("train.csv", jsonl(ROWS), ".jsonl"), ("train.tsv", array(ROWS), ".jsonl"),
    ("train.csv", json.dumps(ROWS, indent=1).encode(), ".json"),
    ("train.jsonl", csv(ROWS), ".csv"), ("train.json", csv(ROWS), ".csv"),
])  # fmt: skip
def test_a_table_and_json_that_are_named_as_one_another_are_told(
    tmp_path: Path, name: str, content: bytes, ending: str
) -> None:
    where = folder(tmp_path, {name: content})
    with pytest.raises(FormatError) as caught:
        mk.load(demo(name), split="train", path=where / name)
    assert "give its name the ending" in caught.value.hint
    assert ending in caught.value.hint
    renamed = (where / name).rename(where / f"train{ending}")
    assert len(mk.load(demo(f"train{ending}"), split="train", path=renamed)) == len(ROWS)


@pytest.mark.parametrize(("lines", "words"), [
    ([json.dumps(row, indent=1) for row in ROWS], "each object on a line of its own"),
    ([repr(row) for row in ROWS], "with json.dumps"),
    ([json.dumps(row) + "," for row in ROWS], "mend the file"),
])  # fmt: skip
def test_lines_that_are_no_objects_are_told_with_what_they_are(
    tmp_path: Path, lines: list[str], words: str
) -> None:
    where = folder(tmp_path, {"train.jsonl": "\n".join(lines).encode()})
    with pytest.raises(FormatError, match="not JSON") as caught:
        mk.load(demo(), split="train", path=where)
    assert words in caught.value.hint
