"""Archives as people have them: names of any Windows, backslashes, methods that cannot be read."""

from __future__ import annotations

import struct
import tarfile
import unicodedata
import zipfile
import zlib
from pathlib import Path

import pytest
import zstandard

import medqa_kit as mk
from demo import demo, folder, jsonl, records
from medqa_kit.errors import FormatError, UnsafeArchiveError, WrongFilesError
from medqa_kit.loading.files.local_files import local_files

CHINESE = ["Data_数据/IM_内科/内科5000-33000.csv", "Data_数据/Surgical_外科/外科5-14000.csv",
           "Data_数据/Pediatric_儿科/儿科5-14000.csv"]  # fmt: skip
KOREAN = [
    "1.데이터/Training/02.라벨링데이터/1.질문/눈질환/근시.json",
    "2.답변/청소년과.json",
    "의료/내과.json",
]


def listed(path: Path) -> list[str]:
    return [file.name for file in local_files(path, "**", source="demo", part="train")]


def zipped(path: Path, names: list[bytes], extra: list[bytes] | None = None) -> Path:
    """An archive whose names are bytes of an encoding that it does not name."""
    with zipfile.ZipFile(path, "w") as archive:
        for number, name in enumerate(names):
            info = zipfile.ZipInfo("x" * (len(name) - 2) + f"{number:02}")
            info.extra = extra[number] if extra else b""
            archive.writestr(info, f"{number}".encode())
    data = path.read_bytes()
    for number, name in enumerate(names):
        data = data.replace(("x" * (len(name) - 2) + f"{number:02}").encode(), name)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(("names", "encoding"), [
    (CHINESE, "gbk"), (CHINESE, "utf-8"), (KOREAN, "cp949"), (KOREAN, "utf-8"),
    *(([name], "cp949") for name in KOREAN), *(([name], "gbk") for name in CHINESE),
    (["内科.csv"], "gbk"), (["妇产科/妇产科6-28000.csv"], "gbk"), (["답변.json"], "cp949"), (["plain.json"], "ascii"),
])  # fmt: skip
def test_names_are_read_as_their_author_saw_them(
    tmp_path: Path, names: list[str], encoding: str
) -> None:
    where = zipped(tmp_path / "a.zip", [name.encode(encoding) for name in names])
    assert listed(where) == sorted(names)
    (first, *_) = local_files(where, "**", source="demo", part="train")
    with first.open() as handle:
        assert handle.read()


def test_a_unicode_path_field_counts_first(tmp_path: Path) -> None:
    plain, name = b"___/__.json", "내과/눈.json"
    content = b"\x01" + struct.pack("<L", zlib.crc32(plain)) + name.encode()
    field = struct.pack("<HH", 0x7075, len(content)) + content
    assert listed(zipped(tmp_path / "a.zip", [plain], [field])) == [name]
    stale = b"\x01" + struct.pack("<L", 7) + name.encode()
    field = struct.pack("<HH", 0x7075, len(stale)) + stale
    assert listed(zipped(tmp_path / "b.zip", [plain], [field])) == [plain.decode()], (
        "of another name"
    )


def test_backslashes_part_folders(tmp_path: Path) -> None:
    where = zipped(tmp_path / "a.zip", [rb"Training\02.TL\a.json", rb"Training\b.json"])
    assert listed(where) == ["Training/02.TL/a.json", "Training/b.json"]


def test_steps_to_the_same_folder_are_left_out_of_names(tmp_path: Path) -> None:
    names = [b"./train.jsonl", b"./data/./test.jsonl", b"./.hidden.jsonl"]
    where = zipped(tmp_path / "a.zip", names)
    assert listed(where) == ["data/test.jsonl", "train.jsonl"]
    for file in local_files(where, "**", source="demo", part="train"):
        with file.open() as handle:
            assert handle.read()
    with pytest.raises(FormatError, match="two members of one name"):
        listed(zipped(tmp_path / "b.zip", [b"train.jsonl", b"./train.jsonl"]))
    with pytest.raises(UnsafeArchiveError, match="outside"):
        listed(zipped(tmp_path / "c.zip", [b"./../train.jsonl"]))


def test_an_archive_is_opened_once_for_all_its_members(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = zipped(tmp_path / "a.zip", [f"{number:02}.jsonl".encode() for number in range(40)])
    files = local_files(where, "**", source="demo", part="train")
    openings: list[object] = []

    class Counted(zipfile.ZipFile):
        def __init__(self, *args: object, **options: object) -> None:
            openings.append(args)
            super().__init__(*args, **options)  # type: ignore[arg-type, call-overload]

    monkeypatch.setattr(zipfile, "ZipFile", Counted)
    for number, file in enumerate(files):
        with file.open() as handle:
            assert handle.read() == f"{number}".encode()
    assert len(openings) == 1


def test_decomposed_names_are_composed(tmp_path: Path) -> None:
    name = unicodedata.normalize("NFD", "내과/눈.json")
    assert listed(zipped(tmp_path / "a.zip", [name.encode()])) == ["내과/눈.json"]


def test_a_method_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("train.jsonl", jsonl(records(6)))
    data = (tmp_path / "a.zip").read_bytes()
    for mark, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        place = data.index(mark) + at
        data = data[:place] + struct.pack("<H", 9) + data[place + 2 :]
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(FormatError, match="cannot be read here") as caught:
        mk.load(demo(), split="train", path=tmp_path / "a.zip")
    assert "deflate64" in str(caught.value)
    assert caught.value.hint == "unpack it and pass the folder as path="


@pytest.mark.parametrize("name", ["data.tar", "data.tar.gz", "data.7z"])
def test_archives_that_are_not_looked_into_say_what_to_do(tmp_path: Path, name: str) -> None:
    folder(tmp_path / "in", {"train.jsonl": jsonl(records(6))})
    with tarfile.open(tmp_path / name, "w:gz" if name.endswith("gz") else "w") as archive:
        archive.add(tmp_path / "in/train.jsonl", "train.jsonl")
    for where in (
        tmp_path / name,
        folder(tmp_path / "all", {name: (tmp_path / name).read_bytes()}),
    ):
        with pytest.raises(WrongFilesError) as caught:
            mk.load(demo(), split="train", path=where)
        assert caught.value.hint == f"unpack '{name}' and pass the folder as path="


def test_a_zip_within_a_zip_says_what_to_do(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "inner.zip", "w") as archive:
        archive.writestr("train.jsonl", jsonl(records(6)))
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.write(tmp_path / "inner.zip", "inner.zip")
    with pytest.raises(WrongFilesError) as caught:
        mk.load(demo(), split="train", path=tmp_path / "outer.zip")
    assert caught.value.hint == "unpack 'inner.zip' and pass the folder as path="


def test_a_frame_with_a_long_window_says_how_to_unpack_it(tmp_path: Path) -> None:
    long = zstandard.ZstdCompressionParameters(window_log=29, enable_ldm=True)
    frame = zstandard.ZstdCompressor(compression_params=long).compressobj()
    where = folder(tmp_path, {"train.jsonl.zst": frame.compress(jsonl(records())) + frame.flush()})
    with pytest.raises(mk.errors.FormatError) as caught:
        mk.load(demo("train.jsonl.zst"), split="train", path=where)
    assert "zstd -d --long=31" in caught.value.hint
