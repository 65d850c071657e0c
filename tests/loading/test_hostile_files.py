"""Files made to take all memory or time are refused in little of either; limits can be set."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import json
import lzma
import struct
import time
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from openpyxl import Workbook

import medqa_kit as mk
from demo import RAW, Read, both_ways, demo, folder, jsonl, parquet, records
from hub import Hub
from medqa_kit.errors import ArgumentError, EncodingError, FormatError, MedQAError

LARGE = 1 << 22


def load(path: Path, files: str = "**", **layout: Any) -> Any:
    return mk.load(demo(files, **layout), split="train", path=path)


def packed(content: bytes, name: str) -> bytes:
    if name.endswith(".gz"):
        return gzip.compress(content, 1)
    return zstandard.compress(content) if name.endswith(".zst") else content


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MEMBER_BYTES", "RECORD_BYTES"):
        monkeypatch.setenv(f"MEDQA_KIT_MOST_{name}", str(LARGE))


@pytest.mark.usefixtures("hub", "_small")
@pytest.mark.parametrize("name", ["train.jsonl", "train.jsonl.gz", "train.jsonl.zst", "train.json"])
def test_a_record_without_end_is_bounded(tmp_path: Path, name: str) -> None:
    first = json.dumps(records(1)[0]).encode()
    opening = b"[" + first + b"," if name == "train.json" else first + b"\n"
    content = opening + b'{"question": "' + b"x" * (12 << 20)
    (tmp_path / name).write_bytes(packed(content, name))
    del content
    tracemalloc.start()
    with pytest.raises(FormatError, match="MEDQA_KIT_MOST_RECORD_BYTES"):
        load(tmp_path / name)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30 << 20


@pytest.mark.slow
@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize("name", ["train.csv", "train.csv.gz"])
def test_a_header_or_record_of_csv_without_end_is_bounded(tmp_path: Path, name: str) -> None:
    for content in (b"x" * (18 << 20), ",".join(RAW.names).encode() + b'\n"' + b"x\n" * (10 << 20)):
        (tmp_path / name).write_bytes(packed(content, name))
        with pytest.raises(FormatError, match="16 MiB"):
            load(tmp_path / name)


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.usefixtures("hub", "_small")
@pytest.mark.parametrize("name", ["train.parquet", "train.xlsx", "train.json"])
def test_a_member_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "a.zip", {name: b"PAR1" + bytes(2 * LARGE)})
    reading = mk.catalog.Reading(format="json-tree" if name == "train.json" else None)
    with pytest.raises(FormatError, match="unpacks to too much"):
        load(path, read=reading)


@pytest.mark.usefixtures("hub", "_small")
def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path) -> None:
    path = zipped(tmp_path / "train.xlsx", {"xl/sharedStrings.xml": bytes(2 * LARGE)})
    with pytest.raises(FormatError, match="the workbook unpacks to too much"):
        load(path)


@pytest.mark.usefixtures("hub", "_small")
def test_a_file_of_a_tree_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.json").write_bytes(b"{" + b" " * 2 * LARGE)
    with pytest.raises(FormatError, match="too large to be read whole"):
        load(tmp_path / "a", read=mk.catalog.Reading(format="json-tree"))


@pytest.mark.usefixtures("hub")
def test_folders_of_links_that_double_are_bounded(tmp_path: Path) -> None:
    floors = [tmp_path / f"floor{n}" for n in range(40)]
    for floor in floors:
        floor.mkdir()
    for lower, upper in pairwise(floors):
        (lower / "a").symlink_to(upper)
        (lower / "b").symlink_to(upper)
    began = time.process_time()
    with pytest.raises(FormatError, match="MEDQA_KIT_MOST_LINKED_FOLDERS"):
        load(floors[0])
    assert time.process_time() - began < 10


@pytest.mark.usefixtures("hub")
def test_a_file_behind_more_links_than_a_path_may_hold_is_read(tmp_path: Path) -> None:
    floors = [tmp_path / f"floor{n}" for n in range(60)]
    for floor in floors:
        floor.mkdir()
    for lower, upper in pairwise(floors):
        (lower / "a").symlink_to(upper)
    (floors[-1] / "train.jsonl").write_bytes(jsonl(records(3)))
    assert len(load(floors[0])) == 3


@pytest.mark.slow
@pytest.mark.usefixtures("hub")
def test_thousands_of_members_each_twice_are_told_in_linear_time(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore")  # of each
        for number in range(60_000):
            archive.writestr(f"{number % 30_000}.json", b"{}")
    began = time.process_time()
    with pytest.raises(MedQAError, match="Hint: "):
        load(path)
    assert time.process_time() - began < 10


@pytest.mark.usefixtures("hub")
def test_limits_can_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "train.jsonl").write_bytes(jsonl(records(3)))
    monkeypatch.setenv("MEDQA_KIT_MOST_RECORD_BYTES", "1000")
    assert len(load(tmp_path / "train.jsonl")) == 3  # lines are shorter, the file is not
    monkeypatch.setenv("MEDQA_KIT_MOST_RECORD_BYTES", "a lot")
    (tmp_path / "train.jsonl").write_bytes(jsonl(records(4)))
    with pytest.raises(ArgumentError, match="MEDQA_KIT_MOST_RECORD_BYTES"):
        load(tmp_path / "train.jsonl")


def unknown_width() -> bytes:
    """Parquet that says of a column of integers that they have a width which Arrow does not know."""
    whole = parquet(records(3))
    schema = pq.read_metadata(pa.BufferReader(whole)).metadata[b"ARROW:schema"]
    begin = whole.index(schema)
    for place in range(begin, begin + len(schema)):
        for letter in b"AEIQg":
            damaged = whole[:place] + bytes([letter]) + whole[place + 1 :]
            try:
                pq.read_schema(pa.BufferReader(damaged))
            except pa.ArrowNotImplementedError:
                return damaged
            except (pa.ArrowException, OSError):
                continue
    raise AssertionError("no letter makes such a width")


@both_ways
def test_a_type_that_arrow_does_not_know_is_told(tmp_path: Path, read: Read) -> None:
    where = folder(tmp_path, {"train.parquet": unknown_width()})
    with pytest.raises(FormatError):
        read(demo("train.parquet"), path=where)


@both_ways
def test_a_member_without_a_name_does_no_harm(tmp_path: Path, read: Read) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("train.jsonl", jsonl(records(3)))
        archive.writestr("x", "")
    content = packed.getvalue()
    lengths = content.rindex(b"PK\x01\x02") + 28  # of the name and of what stands behind it
    content = content[:lengths] + b"\0\0\x01\0" + content[lengths + 4 :]
    (tmp_path / "exam.zip").write_bytes(content)
    assert len(read(demo("train.jsonl"), path=tmp_path / "exam.zip")) == 3


@both_ways
def test_a_sheet_that_its_directory_calls_otherwise_is_told(tmp_path: Path, read: Read) -> None:
    book = Workbook()
    for row in ([*RAW.names], [*RAW.names]):
        book.active.append(row)
    book.save(path := tmp_path / "train.xlsx")
    head, name, rest = path.read_bytes().rpartition(b"xl/worksheets/sheet1.xml")
    path.write_bytes(head + name.replace(b".xml", b".xol") + rest)
    with pytest.raises(FormatError):
        read(demo("train.xlsx"), path=tmp_path)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
@both_ways
def test_damaged_bytes_of_a_packing_are_told_of_their_file(
    tmp_path: Path, read: Read, pack: Callable[[bytes], bytes]
) -> None:
    rows, file = records(40), tmp_path / "train.jsonl"
    whole = pack(jsonl(rows))
    whole_rows = [row["question"] for row in rows]
    damaged = [whole[:-5], whole[: len(whole) // 2], whole[:7], *(
        whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :]
        for place in range(6, len(whole), len(whole) // 6)
    )]  # fmt: skip
    for content in damaged:
        file.write_bytes(content)
        sentence = ""
        try:
            questions = [row["question"] for row in read(demo("train.jsonl"), path=file)]
        except MedQAError as error:
            sentence = str(error)
        # Some bytes say nothing, such as the time of packing.
        assert "train.jsonl" in sentence or questions == whole_rows


@both_ways
@pytest.mark.parametrize("place", [0, 3, 8, 14, 40, -12, -1])
def test_a_later_stream_of_xz_that_is_damaged_is_not_passed_over(
    tmp_path: Path, read: Read, place: int
) -> None:
    first, second = (lzma.compress(jsonl(records(3, start))) for start in (0, 3))
    file = tmp_path / "train.jsonl.xz"
    file.write_bytes(first + bytes(8) + second + bytes(4))
    assert len(read(demo("train.jsonl"), path=file)) == 6
    damaged = bytearray(second)
    damaged[place] ^= 0x55
    file.write_bytes(first + damaged)
    with pytest.raises(FormatError, match=r"train\.jsonl"):
        read(demo("train.jsonl"), path=file)


@both_ways
def test_a_packer_that_works_in_parts_writes_a_frame_first(tmp_path: Path, read: Read) -> None:
    frame = struct.pack("<II", 0x184D2A50, 4) + b"size"
    parts = [zstandard.compress(jsonl(records(3, start))) for start in (0, 3)]
    (tmp_path / "train.jsonl").write_bytes(frame.join([b"", *parts]))
    assert len(read(demo("train.jsonl"), path=tmp_path)) == 6


@pytest.mark.parametrize("mark", [codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE])
def test_text_of_four_bytes_a_character_is_told_and_read(
    hub: Hub, tmp_path: Path, mark: bytes
) -> None:
    encoding = "utf-32-le" if mark == codecs.BOM_UTF32_LE else "utf-32-be"
    file = tmp_path / "train.jsonl"
    file.write_bytes(mark + jsonl(records(3)).decode().encode(encoding))
    with pytest.raises(EncodingError, match="pass encoding='utf-32'"):
        load(file)
    assert len(mk.load(demo(), split="train", path=file, encoding="utf-32")) == 3


@pytest.mark.parametrize("name", ["m" * 60_000 + ".bin", "m" * 60_000 + "/train.jsonl"])
def test_long_names_of_members_are_cut_in_messages(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        archive.writestr(name, '{"no": 1}\n')
    with pytest.raises(MedQAError) as caught:
        mk.load("symptom_to_diagnosis", split="train", path=tmp_path / "mine.zip")
    assert len(str(caught.value)) < 10_000
    assert "Hint: " in str(caught.value)


def test_an_endless_name_is_not_offered_to_be_pasted(tmp_path: Path) -> None:
    name = "x" * 70_000
    (tmp_path / "train.csv").write_text(f"output_text,{name}\na,b\n", "utf-8")
    with pytest.raises(mk.errors.SchemaMovedError) as error:
        mk.load("symptom_to_diagnosis", split="train", path=tmp_path / "train.csv")
    assert len(str(error.value)) < 1_000
