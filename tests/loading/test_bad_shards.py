"""Files of one part that differ from each other, or are not all there."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import medqa_kit as mk
from demo import (
    PIN,
    RAW,
    REPO,
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
from hub import Hub
from medqa_kit.errors import (
    AnswerError,
    DroppedRowsWarning,
    DuplicateIdError,
    FormatError,
    SchemaMovedError,
    ValueTypeError,
    WrongFilesError,
)

pytestmark = pytest.mark.usefixtures("hub")
NUMBERS = [f"demo_exam/{n}" for n in range(12)]
FIRST, SECOND = records(6), records(6, start=6)


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


# -- mixed JSON types


@both_ways
@pytest.mark.parametrize("ending", ["jsonl", "json"])
def test_a_text_in_one_file_where_the_other_has_numbers(
    tmp_path: Path, read: Read, ending: str
) -> None:
    mixed = [{**row, "year": f"{row['year']}년"} for row in SECOND]
    files = {f"train-1.{ending}": WRITERS[ending](FIRST), f"train-2.{ending}": _json(mixed, ending)}
    with pytest.raises(ValueTypeError, match="year") as caught:
        read(demo(f"train*.{ending}"), path=folder(tmp_path, files))
    assert (caught.value.file, caught.value.row) == (f"train-2.{ending}", 0)
    assert "int32" in caught.value.expected


@both_ways
def test_parquet_files_of_two_types(tmp_path: Path, read: Read) -> None:
    at = RAW.get_field_index("year")
    texts = pa.array([f"{row['year']}년" for row in SECOND])
    files = {
        "train-1.parquet": parquet(FIRST),
        "train-2.parquet": parquet(table(SECOND).set_column(at, "year", texts)),
    }
    with pytest.raises(SchemaMovedError, match="another than declared") as caught:
        read(demo("train*.parquet"), path=folder(tmp_path, files))
    assert (caught.value.file, caught.value.column) == ("train-2.parquet", "year")
    assert (caught.value.expected, caught.value.found) == ("int32", "string")


@both_ways
@pytest.mark.parametrize("value", [{"n": 1}, [1], True, "x", 2.5])
def test_a_value_of_another_kind_in_one_object(tmp_path: Path, read: Read, value: object) -> None:
    files = {
        "train-1.jsonl": jsonl(FIRST),
        "train-2.jsonl": jsonl([SECOND[0], {**SECOND[1], "key": value}]),
    }
    with pytest.raises(ValueTypeError, match="key") as caught:
        read(demo(), path=folder(tmp_path, files))
    assert (caught.value.file, caught.value.row) == ("train-2.jsonl", 1)


@both_ways
def test_numbers_in_one_file_where_texts_are_declared(tmp_path: Path, read: Read) -> None:
    mixed = [{**row, "a": 1.5} for row in SECOND]
    files = {"train-1.jsonl": jsonl(FIRST), "train-2.jsonl": jsonl(mixed)}
    with pytest.raises(ValueTypeError, match=r"'a'|\ba\b") as caught:
        read(demo(), path=folder(tmp_path, files))
    assert (caught.value.file, caught.value.row) == ("train-2.jsonl", 0)
    with pytest.warns(DroppedRowsWarning, match="6 of 12 rows are set aside .6 value_type"):
        data = mk.load(demo(), split="train", path=tmp_path, on_bad="drop")
    assert data["id"][:] == NUMBERS[:6]


@both_ways
def test_whole_floats_in_one_file_are_the_integers_of_the_other(tmp_path: Path, read: Read) -> None:
    floats = [{**row, "key": float(row["key"]), "year": float(row["year"])} for row in SECOND]
    files = {"train-1.jsonl": jsonl(FIRST), "train-2.jsonl": jsonl(floats)}
    rows = read(demo(), path=folder(tmp_path, files))
    assert ids(rows) == NUMBERS
    assert [row["year"] for row in rows] == [row["year"] for row in FIRST + SECOND]


def _json(rows: list[dict[str, Any]], ending: str) -> bytes:
    return jsonl(rows) if ending == "jsonl" else json.dumps(rows).encode()


# -- byte order marks and carriage returns

BOM = b"\xef\xbb\xbf"
DRESSED: dict[str, tuple[str, Callable[[list[dict[str, Any]]], bytes]]] = {
    "jsonl": ("train-2.jsonl", lambda rows: BOM + jsonl(rows).replace(b"\n", b"\r\n")),
    "json": ("train-2.json", lambda rows: BOM + json.dumps(rows, indent=1).replace("\n", "\r\n").encode()),
    "csv": ("train-2.csv", lambda rows: BOM + csv(rows).replace(b"\n", b"\r\n")),
    "jsonl.gz": ("train-2.jsonl.gz", lambda rows: gzip.compress(BOM + jsonl(rows).replace(b"\n", b"\r\n"))),
}  # fmt: skip


@both_ways
@pytest.mark.parametrize("ending", DRESSED)
def test_byte_order_marks_and_crlf_in_one_file_change_nothing(
    tmp_path: Path, read: Read, ending: str
) -> None:
    name, write = DRESSED[ending]
    plain = ending.removesuffix(".gz")
    files = {f"train-1.{plain}": WRITERS[plain](FIRST), name: write(SECOND)}
    rows = read(demo("train*"), path=folder(tmp_path, files))
    assert ids(rows) == NUMBERS
    assert [row["options"] for row in rows] == [["예", "아니오"]] * 12, (
        "\\r or a mark is in the text"
    )
    assert rows[6]["question"] == "6은 짝수인가?"


@both_ways
def test_line_ends_within_values_stay(tmp_path: Path, read: Read) -> None:
    text = "첫 줄\r\n둘째 줄\n셋째 줄"
    rows = [{**FIRST[0], "question": text}]
    for ending, content in (
        ("jsonl", jsonl(rows).replace(b"}\n", b"}\r\n")),
        ("csv", csv(rows)),
        ("parquet", parquet(rows)),
    ):
        where = folder(tmp_path / ending, {f"train.{ending}": content})
        assert read(demo(f"train.{ending}"), path=where)[0]["question"] == text


# -- duplicate keys


@both_ways
@pytest.mark.parametrize("ending", ["jsonl", "json"])
def test_a_key_twice_in_one_object_is_not_chosen_from(
    tmp_path: Path, read: Read, ending: str
) -> None:
    line = WRITERS["jsonl"](FIRST[:1]).decode().strip()
    twice = line.replace('"key": 1', '"key": 1, "key": 2')
    assert twice != line
    content = twice if ending == "jsonl" else f"[{twice}]"
    files = {f"train.{ending}": content.encode()}
    with pytest.raises((FormatError, SchemaMovedError, ValueTypeError), match="key") as caught:
        read(demo(f"train.{ending}"), path=folder(tmp_path, files))
    assert caught.value.file == f"train.{ending}"


@both_ways
def test_a_key_twice_deep_inside_an_object(tmp_path: Path, read: Read) -> None:
    raw = RAW.append(pa.field("meta", pa.struct({"n": pa.int64()})))
    line = jsonl([{**FIRST[0], "meta": {"n": 1}}]).replace(b'{"n": 1}', b'{"n": 1, "n": 2}')
    with pytest.raises(FormatError, match="'n' stands twice") as caught:
        read(demo(raw=raw), path=folder(tmp_path, {"train.jsonl": line}))
    assert (caught.value.file, caught.value.row) == ("train.jsonl", 0)


@pytest.mark.parametrize("ending", WRITERS)
def test_a_key_of_one_file_again_in_another(tmp_path: Path, ending: str) -> None:
    again = [*SECOND[:3], {**SECOND[3], "number": 2}, *SECOND[4:]]
    files = {
        f"train-1.{ending}": WRITERS[ending](FIRST),
        f"train-2.{ending}": WRITERS[ending](again),
    }
    source, where = demo(f"train*.{ending}"), folder(tmp_path, files)
    with pytest.raises(DuplicateIdError, match="occurs twice") as caught:
        mk.load(source, split="train", path=where)
    assert (caught.value.file, caught.value.row) == (f"train-2.{ending}", 3)
    with pytest.warns(DroppedRowsWarning, match="1 of 12 rows are set aside"):
        data = mk.load(source, split="train", path=where, on_bad="drop")
    assert data["id"][:] == [i for i in NUMBERS if i != "demo_exam/9"], "the first one stays"


@both_ways
@pytest.mark.parametrize("ending", WRITERS)
def test_a_key_twice_in_one_file(tmp_path: Path, read: Read, ending: str) -> None:
    rows = [*FIRST, {**SECOND[0], "number": 2}]
    where = folder(tmp_path, {f"train.{ending}": WRITERS[ending](rows)})
    with pytest.raises(DuplicateIdError, match="occurs twice") as caught:
        read(demo(f"train.{ending}"), path=where)
    assert (caught.value.file, caught.value.row) == (f"train.{ending}", 6)


@both_ways
def test_a_column_twice_in_one_file(tmp_path: Path, read: Read) -> None:
    header, rest = csv(SECOND).split(b"\n", 1)
    lines = [header + b',"key"', *(line + b",9" for line in rest.splitlines())]
    files = {"train-1.csv": csv(FIRST), "train-2.csv": b"\n".join(lines)}
    with pytest.raises(SchemaMovedError, match="two columns of the name 'key'") as caught:
        read(demo("train*.csv"), path=folder(tmp_path, files))
    assert caught.value.file == "train-2.csv"


# -- an extra column in one shard


@both_ways
@pytest.mark.parametrize("ending", WRITERS)
def test_an_extra_column_in_one_file(tmp_path: Path, read: Read, ending: str) -> None:
    files = {f"train-1.{ending}": WRITERS[ending](FIRST), f"train-2.{ending}": _wide(ending)}
    source, where = demo(f"train*.{ending}"), folder(tmp_path, files)
    with pytest.raises(SchemaMovedError, match="not declared: 'note'") as caught:
        read(source, path=where)
    assert (caught.value.file, caught.value.part) == (f"train-2.{ending}", "train")
    assert ids(read(demo(f"train*.{ending}", extra="ignore"), path=where)) == NUMBERS


def _wide(ending: str) -> bytes:
    rows = [{**row, "note": "x"} for row in SECOND]
    if ending == "parquet":
        return parquet(table(SECOND).append_column("note", pa.array(["x"] * 6)))
    if ending == "csv":
        header, rest = csv(SECOND).split(b"\n", 1)
        return b"\n".join([header + b',"note"', *(line + b",x" for line in rest.splitlines())])
    return _json(rows, ending)


# -- a null-only column in the first file


@both_ways
@pytest.mark.parametrize("ending", WRITERS)
def test_a_column_that_is_empty_in_the_first_file(tmp_path: Path, read: Read, ending: str) -> None:
    if ending == "parquet":  # as pandas writes it: the column has Arrow's null type
        at = RAW.get_field_index("year")
        first = parquet(table(FIRST).set_column(at, "year", pa.nulls(6)))
    else:
        first = WRITERS[ending]([{**row, "year": None} for row in FIRST])
    files = {f"train-1.{ending}": first, f"train-2.{ending}": WRITERS[ending](SECOND)}
    rows = read(demo(f"train*.{ending}"), path=folder(tmp_path, files))
    assert ids(rows) == NUMBERS
    assert [row["year"] for row in rows] == [None] * 6 + [row["year"] for row in SECOND]


@both_ways
def test_a_required_column_that_is_empty_in_the_first_file(tmp_path: Path, read: Read) -> None:
    files = {
        "train-1.parquet": parquet(table(FIRST).set_column(5, "key", pa.nulls(6))),
        "train-2.parquet": parquet(SECOND),
    }
    with pytest.raises(AnswerError, match="key") as caught:
        read(demo("train*.parquet"), path=folder(tmp_path, files))
    assert (caught.value.file, caught.value.row) == ("train-1.parquet", 0)


# -- a missing shard

NAMES = {
    "plain": [f"train-0000{n}-of-00003.parquet" for n in range(3)],
    "hashed": [f"train-0000{n}-of-00003-{n:016x}.parquet" for n in range(3)],
    "counted from one": [f"train_000{n}_of_0003.parquet" for n in (1, 2, 3)],
}


def shards(kind: str, *, left_out: int | None = None) -> Mapping[str, bytes]:
    thirds = [records(4, start=start) for start in (0, 4, 8)]
    return {name: parquet(rows) for n, (name, rows) in enumerate(zip(NAMES[kind], thirds, strict=True))
            if n != left_out}  # fmt: skip


@both_ways
@pytest.mark.parametrize("origin", ["hub", "path", "zip"])
@pytest.mark.parametrize("left_out", [0, 1, 2])
@pytest.mark.parametrize("kind", NAMES)
def test_a_missing_shard_is_named(
    hub: Hub, tmp_path: Path, read: Read, kind: str, left_out: int, origin: str
) -> None:
    files = shards(kind, left_out=left_out)
    with pytest.raises(WrongFilesError, match="shards are missing") as caught:
        read(demo("train*.parquet"), **_given(hub, tmp_path, files, origin))
    missing = NAMES[kind][left_out].split(".")[0][: len("train-00000-of-00003")].rstrip("-")
    unsure = kind == "counted from one" and left_out == 2  # then it may be counted from none
    assert unsure or f"'{missing}'" in str(caught.value)
    assert (caught.value.source, caught.value.part) == ("demo_exam", "train")
    assert caught.value.expected == "3 shards, as their names say"
    assert caught.value.found.startswith("2 of them")


@both_ways
@pytest.mark.parametrize("origin", ["hub", "path", "zip"])
@pytest.mark.parametrize("kind", NAMES)
def test_all_shards(hub: Hub, tmp_path: Path, read: Read, kind: str, origin: str) -> None:
    rows = read(demo("train*.parquet"), **_given(hub, tmp_path, shards(kind), origin))
    assert ids(rows) == NUMBERS


def _given(hub: Hub, at: Path, files: Mapping[str, bytes], origin: str) -> dict[str, Any]:
    if origin == "hub":
        hub.repo(REPO).commit(PIN, files)
        return {}
    if origin == "path":
        return {"path": folder(at, files)}
    with zipfile.ZipFile(at / "all.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return {"path": at / "all.zip"}


def test_nothing_of_an_incomplete_part_is_fetched(hub: Hub) -> None:
    hub.repo(REPO).commit(PIN, shards("plain", left_out=1))
    with pytest.raises(WrongFilesError):
        mk.load(demo("train*.parquet"), split="train")
    assert hub.bytes_sent("*.parquet") == 0


@both_ways
def test_who_names_one_shard_means_that_one(tmp_path: Path, read: Read) -> None:
    where = folder(tmp_path, shards("plain"))
    assert ids(read(demo("train*.parquet"), path=where / NAMES["plain"][1])) == NUMBERS[4:8]


@both_ways
def test_a_source_that_declares_one_shard_misses_no_other(
    hub: Hub, tmp_path: Path, read: Read
) -> None:
    source = demo(NAMES["plain"][1])
    assert ids(read(source, path=folder(tmp_path, shards("plain", left_out=0)))) == NUMBERS[4:8]


@both_ways
def test_numbers_of_splits_are_told_apart(tmp_path: Path, read: Read) -> None:
    files = {
        "data/train_gen-00000-of-00002.parquet": parquet(FIRST),
        "data/train_sft-00000-of-00001.parquet": parquet(SECOND),
    }
    where = folder(tmp_path, files)
    assert ids(read(demo("data/train_sft-*.parquet"), path=where)) == NUMBERS[6:]
    with pytest.raises(WrongFilesError, match="'data/train_gen-00001-of-00002'"):
        read(demo("data/train_gen-*.parquet"), path=where)
