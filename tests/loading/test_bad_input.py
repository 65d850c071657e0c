"""Bad input: a typed error that says where, expected, found and what to do; or a row set aside."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import medqa_kit as mk
from demo import (
    COLUMNS,
    WRITERS,
    Read,
    both_ways,
    csv,
    demo,
    folder,
    jsonl,
    parquet,
    records,
    table,
)
from medqa_kit.errors import (
    AnswerError,
    DroppedRowsWarning,
    DuplicateIdError,
    EmptyDataError,
    EncodingError,
    FormatError,
    LabelError,
    MedQAError,
    NullValueError,
    RowError,
    SchemaMovedError,
    UnsafeArchiveError,
    ValueTypeError,
    WrongFilesError,
)
from medqa_kit.normalizing import RAW_ROW


def changed(row: int, **values: Any) -> list[dict[str, Any]]:
    rows = records(6)
    rows[row] = {**rows[row], **values}
    return rows


@dataclass(frozen=True)
class Bad:
    """A bad row: what is wrong, and what one is told."""

    rows: list[dict[str, Any]]
    error: type[RowError]
    column: str
    words: tuple[str, ...]
    row: int = 3


ROWS = {
    "answer beyond the options": Bad(changed(3, key=3), AnswerError, "key", ("'3'", "counted from 1")),
    "answer before the options": Bad(changed(3, key=0), AnswerError, "key", ("'0'",)),
    "no answer": Bad(changed(3, key=None), AnswerError, "key", ("None", "withheld")),
    "no question": Bad(changed(3, question=None), NullValueError, "question", ("null or blank",)),
    "blank question": Bad(changed(3, question=" \n"), NullValueError, "question", ("missing",)),
    "an option is null": Bad(changed(3, b=None), NullValueError, "options", ("null or blank in b",)),
    "an option is blank": Bad(changed(3, b="  "), NullValueError, "options", ("null or blank in b",)),
    "the key is beyond int32": Bad(changed(3, key=2**33), AnswerError, "key", ("counted from 1",)),
    "a key twice": Bad(changed(3, number=1), DuplicateIdError, "id", ("key is unique",)),
}  # fmt: skip


@pytest.mark.usefixtures("hub")
@both_ways
@pytest.mark.parametrize("case", ROWS)
@pytest.mark.parametrize("ending", WRITERS)
def test_a_bad_row(tmp_path: Path, read: Read, case: str, ending: str) -> None:
    bad = ROWS[case]
    where = folder(tmp_path, {f"train.{ending}": WRITERS[ending](bad.rows)})
    with pytest.raises(bad.error) as caught:
        read(demo(f"train.{ending}"), path=where)
    error = caught.value
    assert type(error) is bad.error
    assert (error.source, error.part) == ("demo_exam", "train")
    assert (error.file, error.row, error.column) == (f"train.{ending}", bad.row, bad.column)
    assert all(word in str(error) for word in bad.words), str(error)
    assert error.expected
    assert f"\nHint: {error.hint}" in str(error)
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.rows) == (type(error), str(error), error.rows)


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize("case", ROWS)
@pytest.mark.parametrize("ending", WRITERS)
def test_a_bad_row_set_aside(tmp_path: Path, case: str, ending: str) -> None:
    bad = ROWS[case]
    where = folder(tmp_path, {f"train.{ending}": WRITERS[ending](bad.rows)})
    source = demo(f"train.{ending}")
    with pytest.warns(
        DroppedRowsWarning, match=rf"1 of 6 rows are set aside \(1 {bad.error.reason}"
    ):
        data = mk.load(source, split="train", path=where, on_bad="drop")
    good = [row["number"] for at, row in enumerate(bad.rows) if at != bad.row]
    assert data["id"][:] == [f"demo_exam/{number}" for number in good]
    [line] = quarantined(data)
    assert list(line) == ["file", "row", "reason", "message", "content"]
    assert (line["file"], line["row"], line["reason"]) == (
        f"train.{ending}",
        bad.row,
        bad.error.reason,
    )
    assert bad.column in line["message"]
    kept = json.loads(line["content"])
    assert {k: v or "" for k, v in kept.items()} == {k: v or "" for k, v in bad.rows[3].items()}


def quarantined(data: Any) -> list[dict[str, Any]]:
    where = Path(data.cache_files[0]["filename"]).parent
    return [json.loads(line) for file in sorted(where.glob("medqa_quarantine-*.jsonl"))
            for line in file.read_text("utf-8").splitlines()]  # fmt: skip


@pytest.mark.usefixtures("hub")
@pytest.mark.filterwarnings("ignore::medqa_kit.errors.DroppedRowsWarning")
def test_a_row_set_aside_is_one_line_for_every_reader(tmp_path: Path) -> None:
    where = folder(
        tmp_path, {"train.jsonl": jsonl(changed(3, key=9, stem="a\u2028b\u0085c\u2029d"))}
    )
    data = mk.load(demo("train.jsonl"), split="train", path=where, on_bad="drop")
    [line] = quarantined(data)
    assert json.loads(line["content"])["stem"] == "a\u2028b\u0085c\u2029d"


@pytest.mark.usefixtures("hub")
def test_the_warning_comes_again_from_the_cache_and_points_here(tmp_path: Path) -> None:
    where = folder(tmp_path, {"train.jsonl": jsonl(changed(3, key=9))})
    for _ in range(2):
        with pytest.warns(DroppedRowsWarning, match="1 answer_outside_options") as caught:
            mk.load(demo(), split="train", path=where, on_bad="drop")
        assert caught[0].filename == __file__
    with pytest.raises(AnswerError):
        mk.load(demo(), split="train", path=where)


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize("num_proc", [None, 2])
def test_nothing_is_lost(tmp_path: Path, num_proc: int | None) -> None:
    files, numbers = {}, []
    random = np.random.default_rng(7)
    for n in range(4):
        rows = records(500, start=1000 * n)
        for at in random.choice(500, 60, replace=False):
            how = at % 4
            rows[at] = {
                **rows[at],
                **[{"key": 7}, {"question": None}, {"number": 1000 * n}, {}][how],
            }
        lines = jsonl(rows).splitlines(keepends=True)
        lines[17], lines[300] = b"{broken\n", b"[1]\n"
        files[f"train-{n}.jsonl"] = b"".join(lines)
        numbers += [json.loads(line)["number"] for line in lines if b'"number"' in line]
    where = folder(tmp_path, files)
    with pytest.warns(DroppedRowsWarning, match="of 2000 rows are set aside"):
        data = mk.load(demo(), split="train", path=where, on_bad="drop", num_proc=num_proc)
    aside = quarantined(data)
    assert len(data) + len(aside) == 2000
    assert len(set(data["id"])) == len(data)
    broken = [line for line in aside if line["reason"] == "broken_record"]
    assert [(line["file"], line["row"]) for line in broken] == [
        (f"train-{n}.jsonl", row) for n in range(4) for row in (17, 300)
    ]
    kept = [int(i.removeprefix("demo_exam/")) for i in data["id"]]
    other = [json.loads(line["content"])["number"] for line in aside if line not in broken]
    assert sorted(kept + other) == sorted(numbers)
    for line in aside:
        assert files[line["file"]].splitlines()[line["row"]].decode() == line["content"] or (
            json.loads(files[line["file"]].splitlines()[line["row"]]) == json.loads(line["content"])
        ), "the place is not where the row stands"


def _twice(raw: pa.Table) -> pa.Table:
    """Two rows of each: one with the options as they are, one turned round."""
    first, two = COLUMNS(raw), COLUMNS(raw)
    keys = [[f"{i}-{n}" for i in raw["number"].to_pylist()] for n in (1, 2)]
    both = pa.concat_tables(
        [rows.set_column(0, "id", pa.array(ids, pa.string()))
         for rows, ids in zip((first, two), keys, strict=True)]
    )  # fmt: skip
    order = np.argsort(np.tile(np.arange(raw.num_rows), 2), kind="stable")
    origin = pa.array(np.tile(np.arange(raw.num_rows), 2))
    return both.append_column(RAW_ROW, origin).take(pa.array(order))


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize("case", ROWS)
def test_kernels_that_make_two_rows_of_one_blame_the_raw_row(tmp_path: Path, case: str) -> None:
    bad = ROWS[case]
    where = folder(tmp_path, {"train.jsonl": jsonl(bad.rows)})
    source = demo(normalize=_twice)
    with pytest.raises(bad.error) as caught:
        mk.load(source, split="train", path=where)
    assert (caught.value.file, caught.value.row) == ("train.jsonl", 3)
    with pytest.warns(DroppedRowsWarning, match="1 of 6"):
        data = mk.load(source, split="train", path=where, on_bad="drop")
    assert len(data) == 10
    assert [line["row"] for line in quarantined(data)] == [3]


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize("case", ROWS)
def test_a_stream_goes_past_bad_rows_and_says_so_at_its_end(tmp_path: Path, case: str) -> None:
    bad = ROWS[case]
    where = folder(tmp_path, {"train.jsonl": jsonl(bad.rows)})
    data = mk.load(demo(), split="train", path=where, on_bad="drop", streaming=True)
    with pytest.warns(DroppedRowsWarning, match="1 of 6 rows .* is row 4 of file"):
        streamed = list(data)
    with pytest.warns(DroppedRowsWarning, match="1 of 6 rows"):
        loaded = mk.load(demo(), split="train", path=where, on_bad="drop")
    assert streamed == loaded.to_list()


@pytest.mark.usefixtures("hub")
def test_a_stream_of_which_no_row_is_good(tmp_path: Path) -> None:
    where = folder(tmp_path, {"train.jsonl": b"null\n{}\n"})
    data = mk.load(demo(), split="train", path=where, on_bad="drop", streaming=True)
    with pytest.raises(EmptyDataError, match="2 of 2 rows are set aside"):
        list(data)


@pytest.mark.usefixtures("hub")
@both_ways
def test_repeats_are_told_apart_where_they_are_expected(tmp_path: Path, read: Read) -> None:
    rows = [*records(3), *records(2), *records(1)]
    where = folder(tmp_path, {"train.jsonl": jsonl(rows), "train2.jsonl": jsonl(records(1))})
    ids = [row["id"] for row in read(demo(repeats=True), path=where)]
    key = "demo_exam/train/"
    assert ids == [key + i for i in ("0", "1", "2", "0~2", "1~2", "0~3", "0~4")]


@pytest.mark.usefixtures("hub")
@both_ways
def test_an_undeclared_label(tmp_path: Path, read: Read) -> None:
    normalize = mk.normalizing.Columns(
        take={"text": "question", "label": "a"}, labels=("예", "아니오"), key=("number",)
    )
    where = folder(tmp_path, {"train.jsonl": jsonl(changed(3, a="글쎄"))})
    source = demo(normalize=normalize, schema=mk.schemas.LABELED)
    with pytest.raises(LabelError, match="'글쎄'") as caught:
        read(source, path=where)
    assert (caught.value.file, caught.value.row, caught.value.column) == ("train.jsonl", 3, "a")
    with pytest.warns(DroppedRowsWarning, match="1 unknown_label"):
        assert len(mk.load(source, split="train", path=where, on_bad="drop")) == 5


@pytest.mark.usefixtures("hub")
@both_ways
@pytest.mark.parametrize(
    ("ending", "content", "described"),
    [
        ("jsonl", jsonl(changed(3, year="vier")), "'vier'"),
        ("json", WRITERS["json"](changed(3, year=2020.5)), "2020.5"),
        ("csv", csv(records()).replace(b"2023", b"soon"), "'soon'"),
        (
            "parquet",
            parquet(table(records()).set_column(1, "year", pa.array([2**40] * 6))),
            "1099511",
        ),
    ],
)
def test_a_value_of_another_type(
    tmp_path: Path, read: Read, ending: str, content: bytes, described: str
) -> None:
    where = folder(tmp_path, {f"train.{ending}": content})
    with pytest.raises(ValueTypeError, match="year") as caught:
        read(demo(f"train.{ending}"), path=where)
    assert described in caught.value.found
    assert "int32" in caught.value.expected
    assert (caught.value.source, caught.value.file) == ("demo_exam", f"train.{ending}")
    assert caught.value.row == (0 if ending == "parquet" else 3)
    if ending != "parquet":
        with pytest.warns(DroppedRowsWarning, match="1 of 6 rows are set aside .1 value_type"):
            data = mk.load(demo(f"train.{ending}"), split="train", path=where, on_bad="drop")
        assert len(data) == 5


@pytest.mark.usefixtures("hub")
@both_ways
def test_broken_json_on_line_n(tmp_path: Path, read: Read) -> None:
    lines = jsonl(records()).splitlines(keepends=True)
    lines.insert(4, b'{"number": 9, "year": \n')
    where = folder(tmp_path, {"train.jsonl": b"".join(lines)})
    with pytest.raises(FormatError, match="line 5: this is not JSON") as caught:
        read(demo(), path=where)
    assert (caught.value.file, caught.value.row) == ("train.jsonl", 4)
    with pytest.warns(DroppedRowsWarning, match="1 broken_record"):
        data = mk.load(demo(), split="train", path=where, on_bad="drop")
    assert len(data) == 6
    assert quarantined(data)[0]["content"] == '{"number": 9, "year": '


def _zip(names: Sequence[str]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name in names:
            archive.writestr(name, jsonl(records()))
    return sink.getvalue()


WHOLE = parquet(records(3000))
FILES: dict[str, tuple[str, bytes, type[MedQAError], str]] = {
    "truncated parquet": ("train.parquet", WHOLE[:-100], FormatError, "cut off or damaged"),
    "damaged parquet": ("train.parquet", WHOLE[:500] + b"\xff" * 200 + WHOLE[700:], FormatError,
                        "cannot be read to its end"),
    "no parquet": ("train.parquet", jsonl(records()), FormatError, "not a Parquet file"),
    "a web page": ("train.jsonl", b"<!DOCTYPE html><html>", FormatError, "web page"),
    "an lfs pointer": ("train.jsonl", b"version https://git-lfs.github.com/spec/v1\noid", FormatError,
                       "LFS pointer"),
    "wrong encoding": ("train.csv", csv(records(40)).decode().encode("cp949"), EncodingError,
                       "not utf-8"),
    "an empty file": ("train.jsonl", b"", EmptyDataError, "no rows"),
    "an empty list": ("train.json", b"[]", EmptyDataError, "no rows"),
    "only a header": ("train.csv", b"number,year,question,a,b,key\n", EmptyDataError, "no rows"),
    "an open quotation": ("train.csv", csv(records()) + b'9,"x', FormatError, "quotation"),
    "another column": ("train.jsonl", jsonl([{"q": 1}]), SchemaMovedError, "missing"),
    "another source's files": ("corpus.txt", b"...", WrongFilesError, "none of the part's files"),
    "a climbing zip": ("train.zip", _zip(["../train.jsonl"]), UnsafeArchiveError, "outside"),
    "an absolute zip": ("train.zip", _zip(["/etc/train.jsonl"]), UnsafeArchiveError, "outside"),
    "a zip cut off": ("train.zip", _zip(["train.jsonl"])[:-30], FormatError, "archive"),
}  # fmt: skip


@pytest.mark.usefixtures("hub")
@both_ways
@pytest.mark.parametrize("case", FILES)
def test_a_bad_file(tmp_path: Path, read: Read, case: str) -> None:
    name, content, kind, words = FILES[case]
    where = folder(tmp_path, {name: content})
    pattern = (
        "**/train.jsonl" if name.endswith("zip") else name.replace("corpus.txt", "train.jsonl")
    )
    with pytest.raises(kind, match=words) as caught:
        read(demo(pattern), path=where)
    error = caught.value
    assert type(error) is kind
    assert (error.source, error.part) == ("demo_exam", "train")
    assert error.file == name or kind in (EmptyDataError, WrongFilesError)
    assert error.found
    assert f"\nHint: {error.hint}" in str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.usefixtures("hub")
def test_the_right_encoding_is_proposed(tmp_path: Path) -> None:
    where = folder(tmp_path, {"train.csv": csv(records(40)).decode().encode("cp949")})
    with pytest.raises(EncodingError, match="cp949") as caught:
        mk.load(demo("train.csv"), split="train", path=where)
    assert "Reading(encoding=" in caught.value.hint
    source = demo("train.csv", read=mk.catalog.Reading(encoding="cp949"))
    assert len(mk.load(source, split="train", path=where)) == 40


@pytest.mark.usefixtures("hub")
def test_a_folder_of_another_source(tmp_path: Path) -> None:
    from medqa_kit.loading.planner import SAMPLES

    with pytest.raises(WrongFilesError, match="medqa_usmle") as caught:
        mk.load("medqa_usmle", path=SAMPLES / "kormedmcqa", split="train", subset="5_options")
    assert "parquet" in caught.value.found


LISTS = pa.schema({"n": pa.int64(), "q": pa.string(), "o": pa.list_(pa.string()), "y": pa.int64()})
LISTED: dict[str, tuple[dict[str, Any], type[RowError], str, str]] = {
    "an option in a list is null": ({"o": ["a", None]}, NullValueError, "options", "found:    null"),
    "a year beyond its type": ({"y": 99_999_999_999}, ValueTypeError, "year", "99999999999"),
}  # fmt: skip


def _listed(**layout: Any) -> mk.Source:
    columns = mk.normalizing.Columns(take={"question": "q", "year": "y"}, options="o", key=("n",))
    return demo(**{"raw": LISTS, "normalize": columns, **layout})


@pytest.mark.usefixtures("hub")
@both_ways
@pytest.mark.parametrize("case", LISTED)
def test_a_value_no_schema_holds(tmp_path: Path, read: Read, case: str) -> None:
    values, kind, column, words = LISTED[case]
    rows = [{"n": n, "q": f"{n}?", "o": ["a", "b"], "y": 2020} for n in range(5)]
    rows[2] |= values
    where = folder(tmp_path, {"train.jsonl": jsonl(rows)})
    with pytest.raises(kind) as caught:
        read(_listed(), path=where)
    error = caught.value
    assert (type(error), error.file, error.row, error.column) == (kind, "train.jsonl", 2, column)
    assert words in str(error)
    with pytest.warns(DroppedRowsWarning, match=rf"1 of 5 rows are set aside \(1 {kind.reason}"):
        data = mk.load(_listed(), split="train", path=where, on_bad="drop")
    assert [row["id"] for row in mk.rows(data)] == [f"demo_exam/{n}" for n in (0, 1, 3, 4)]


def _narrowed(raw: pa.Table) -> pa.Table:
    return mk.normalizing.Columns(take={"question": "q"}, key=("n",))(raw).append_column(
        "year", raw["y"].cast(pa.int32())
    )


@pytest.mark.usefixtures("hub")
def test_a_cast_that_fails_within_the_function_of_a_source(tmp_path: Path) -> None:
    rows = [
        {"n": n, "q": f"{n}?", "o": ["a"], "y": 2**40 if n in (1, 4) else 2020} for n in range(6)
    ]
    where = folder(tmp_path, {"train.jsonl": jsonl(rows)})
    source = _listed(normalize=_narrowed)
    with pytest.raises(ValueTypeError, match="and in 1 more rows") as caught:
        mk.load(source, split="train", path=where)
    assert (caught.value.file, caught.value.row) == ("train.jsonl", 1)
    with pytest.warns(DroppedRowsWarning, match="2 of 6 rows are set aside"):
        data = mk.load(source, split="train", path=where, on_bad="drop")
    assert len(data) == 4


@pytest.mark.usefixtures("hub")
def test_all_rows_bad_is_no_dataset(tmp_path: Path) -> None:
    rows = [{**row, "key": 9} for row in records()]
    where = folder(tmp_path, {"train.jsonl": jsonl(rows)})
    with pytest.raises(EmptyDataError, match="6 rows read, 6 set aside") as caught:
        mk.load(demo(), split="train", path=where, on_bad="drop")
    [file] = [part for part in caught.value.hint.split() if part.endswith(".jsonl")]
    assert len(Path(file).read_text("utf-8").splitlines()) == 6


@pytest.mark.usefixtures("hub")
def test_a_kernel_that_blames_no_row_does_not_hang(tmp_path: Path) -> None:
    where = folder(tmp_path, {"train.jsonl": jsonl(records())})
    with pytest.raises(RowError, match="something is wrong"):
        mk.load(demo(normalize=_blame_nobody), split="train", path=where, on_bad="drop")


def _blame_nobody(raw: pa.Table) -> pa.Table:
    if raw.num_rows:
        raise RowError("something is wrong", rows=[])
    return COLUMNS(raw)


@pytest.mark.usefixtures("hub")
@both_ways
def test_the_first_error_is_the_one_raised(tmp_path: Path, read: Read) -> None:
    files = {"train-1.jsonl": jsonl(changed(3, key=9)), "train-2.jsonl": b"{broken"}
    with pytest.raises(AnswerError) as caught:
        read(demo(), path=folder(tmp_path, files))
    assert (caught.value.file, caught.value.row) == ("train-1.jsonl", 3)


@pytest.mark.usefixtures("hub")
def test_errors_come_home_from_worker_processes(tmp_path: Path) -> None:
    files = {"train-1.jsonl": jsonl(records(5)), "train-2.jsonl": jsonl(changed(3, key=9))}
    with pytest.raises(AnswerError) as caught:
        mk.load(demo(), split="train", path=folder(tmp_path, files), num_proc=2)
    assert (caught.value.file, caught.value.row) == ("train-2.jsonl", 3)
    assert "Hint:" in str(caught.value)


@pytest.mark.usefixtures("hub")
@both_ways
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("ending", ["jsonl", "json", "csv"])
def test_utf16_is_a_wrong_encoding(tmp_path: Path, read: Read, ending: str, encoding: str) -> None:
    text = WRITERS[ending](records(2)).decode()
    where = folder(tmp_path, {f"train.{ending}": text.encode(encoding)})
    with pytest.raises(EncodingError, match="not utf-8 but utf-16") as caught:
        read(demo(f"train.{ending}"), path=where)
    assert caught.value.file == f"train.{ending}"
    assert "a copy saved as UTF-8" in caught.value.hint


def test_every_row_error_pickles() -> None:
    kinds: list[type[RowError]] = [RowError]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        error = kind("what", rows=[3], column="c", expected="e", found="f", hint="h")
        copy = pickle.loads(pickle.dumps(error.at(source="s", file="f")))
        assert (type(copy), str(copy), copy.rows) == (kind, str(error), [3])
