"""Deliveries that are opened in part: archives nobody looks into, empty files, folders that are there twice."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from demo import Read, both_ways, csv, demo, folder, jsonl, records
from medqa_kit.errors import EncodingError, FormatError, PartsWarning, WrongFilesError
from medqa_kit.loading.planner import SAMPLES

pytestmark = [
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.PartsWarning"),
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.LeftOutWarning"),
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.LicenseWarning"),
]

TRAIN = next((SAMPLES / "aihub_essential_medical").rglob("TL_산부인과"))


def _questions(path: Path) -> Any:
    return mk.load("aihub_essential_medical", path=path, subset="questions", split="train")


def _zipped(tree: Path, to: Path, *, garbled: bool = False) -> Path:
    with zipfile.ZipFile(to, "w") as archive:
        for file in sorted(path for path in tree.rglob("*") if path.is_file()):
            name = str(file.relative_to(tree))
            archive.write(file, name.encode("cp949").decode("cp437") if garbled else name)
    return to


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    tree = tmp_path / "Training" / "02.라벨링데이터"
    shutil.copytree(TRAIN, tree / TRAIN.name)
    return tree


@pytest.mark.parametrize(
    ("name", "hint"),
    [("TL_내과.zip.part0", "cat data.zip.part*"), ("TL_내과.7z", "unpack"), ("TL_내과.tar.gz", "unpack"),
     ("TL_내과.zip.001", "cat data.zip.0*"), ("TL_내과.7z.001", "cat data.7z.0*"), ("TL_내과.z01", "zip -s 0")],
)  # fmt: skip
def test_an_archive_that_may_hold_more_of_the_part_is_not_passed_over(
    hub: Any, delivery: Path, name: str, hint: str
) -> None:
    (delivery / name).write_bytes(b"?")
    with pytest.raises(WrongFilesError, match="may hold more files") as caught:
        _questions(delivery.parent)
    assert name in caught.value.found
    assert hint in caught.value.hint
    (delivery / "TL_내과").mkdir()
    shutil.copy(SAMPLES / next(TRAIN.iterdir()), delivery / "TL_내과" / "9.json")
    assert len(_questions(delivery.parent)) == 1 + len(list(TRAIN.iterdir())), "it is unpacked"


@pytest.mark.parametrize(
    "name", ["TS_내과.zip.part0", "notes.7z", "VL_내과.tar", "TL_내과.001", "notes.zip.002"]
)
def test_an_archive_of_something_else_is_passed_over(hub: Any, delivery: Path, name: str) -> None:
    (delivery / name).write_bytes(b"?")
    assert len(_questions(delivery.parent)) == len(list(TRAIN.iterdir()))


def test_an_archive_within_an_archive_is_to_be_unpacked(
    hub: Any, delivery: Path, tmp_path: Path
) -> None:
    _zipped(TRAIN, delivery / "TL_내과.zip")
    outer = _zipped(delivery.parent, tmp_path / "all.zip")
    with pytest.raises(WrongFilesError, match="may hold more files") as caught:
        _questions(outer)
    assert "TL_내과.zip' and pass the folder" in caught.value.hint
    with pytest.raises(WrongFilesError) as caught:
        mk.load("aihub_essential_medical", path=outer, subset="questions", split="validation")
    assert "TL_내과.zip' and pass the folder" in caught.value.hint


def test_an_archive_of_another_format_beside_a_table_is_passed_over(
    hub: Any, tmp_path: Path
) -> None:
    where = folder(
        tmp_path, {"train.jsonl": jsonl(records(3)), "data.7z": b"7z", "train.tar": b"?"}
    )
    assert len(mk.load(demo(), split="train", path=where)) == 3


@pytest.mark.parametrize("garbled", [False, True])
def test_a_folder_is_there_twice_whatever_the_names_of_its_files(
    hub: Any, delivery: Path, garbled: bool
) -> None:
    """``unzip`` garbles names of Korean Windows, so that no two files have one name."""
    unpacked = delivery / TRAIN.name
    _zipped(unpacked, delivery / f"{TRAIN.name}.zip")
    if garbled:
        for file in list(unpacked.iterdir()):
            file.rename(unpacked / file.name.encode("cp949").decode("cp437"))
    with pytest.raises(WrongFilesError, match=r"there twice|same content"):
        _questions(delivery.parent)
    (delivery / f"{TRAIN.name}.zip").unlink()
    shutil.copytree(unpacked, delivery / "TL_sicherung")
    with pytest.raises(WrongFilesError, match="two folders have the same content") as caught:
        _questions(delivery.parent)
    assert "TL_sicherung" in caught.value.found
    shutil.rmtree(delivery / "TL_sicherung")
    assert len(_questions(delivery.parent)) == len(list(TRAIN.iterdir()))


def test_one_record_that_is_there_twice_is_a_copy_that_ids_tell_apart(
    hub: Any, delivery: Path
) -> None:
    (delivery / "TL_내과").mkdir()
    shutil.copy(next(TRAIN.iterdir()), delivery / "TL_내과" / "9.json")
    assert any("~2" in name for name in _questions(delivery.parent)["id"])


def test_garbled_names_are_told_with_what_to_do(hub: Any, tmp_path: Path) -> None:
    tree = next((SAMPLES / "aihub_healthcare_qa").rglob("Validation"))
    garbled = tmp_path / "unpacked"
    with zipfile.ZipFile(_zipped(tree.parent, tmp_path / "sent.zip", garbled=True)) as archive:
        archive.extractall(garbled)
    with pytest.raises(WrongFilesError, match="none of the part's files") as caught:
        mk.load("aihub_healthcare_qa", path=garbled, subset="questions", split="validation")
    assert "came out garbled: pass the zip archive itself" in caught.value.hint


def test_an_empty_file_beside_others_is_not_passed_over(hub: Any, tmp_path: Path) -> None:
    source = demo("train-*.jsonl")
    where = folder(tmp_path, {"train-1.jsonl": jsonl(records(3)), "train-2.jsonl": b""})
    with pytest.raises(WrongFilesError, match="a file is empty") as caught:
        mk.load(source, split="train", path=where)
    assert "'train-2.jsonl'" in caught.value.found
    (where / "train-2.jsonl").unlink()
    assert len(mk.load(source, split="train", path=where)) == 3


@both_ways
@pytest.mark.parametrize("encoding", ["gb18030", "cp1252", "cp949"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_utf8_is_not_read_as_another_encoding_that_it_may_be(
    tmp_path: Path, read: Read, encoding: str, mark: bytes
) -> None:
    """The bytes of UTF-8 are some text in most encodings of a region: other words, and no error."""
    words = "è" * 8 if encoding == "cp1252" else "感冒发烧多休息吧"
    rows = [row | {"question": words, "a": "x", "b": "y"} for row in records(2)]
    where = folder(tmp_path, {"train.csv": mark + csv(rows)})
    try:
        csv(rows).decode(encoding)
    except UnicodeDecodeError:
        assert encoding == "cp949"
    with pytest.raises(EncodingError) as caught:
        read(demo("train.csv"), path=where, encoding=encoding)
    assert "encoding='utf-8'" in caught.value.hint
    assert read(demo("train.csv"), path=where, encoding="utf-8")[0]["question"] == words


@pytest.mark.parametrize(("content", "words"), [
    (b"<!DOCTYPE html><html><body>Sign in</body></html>", "a web page"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "a Git LFS pointer"),
    (b"PK\x03\x04 and no more", "cannot be read"),
])  # fmt: skip
def test_what_was_saved_in_place_of_an_archive_is_told(
    hub: Any, tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / "TL_내과.zip").write_bytes(content)
    for path in (tmp_path, tmp_path / "TL_내과.zip"):
        with pytest.raises(FormatError, match=words) as caught:
            _questions(path)
        assert caught.value.file == "TL_내과.zip"


@pytest.mark.filterwarnings("always::medqa_kit.errors.PartsWarning")
def test_a_part_that_may_lie_in_a_closed_archive_is_spoken_of(hub: Any, tmp_path: Path) -> None:
    tree = SAMPLES / "aihub_ko_en_parallel"
    outer = _zipped(tree, tmp_path / "all.zip")
    with pytest.warns(PartsWarning, match="no files of all/train; there may be some.*unpack"):
        assert list(mk.load("aihub_ko_en_parallel", path=outer)) == ["validation"]
    with zipfile.ZipFile(outer) as archive:
        archive.extractall(tmp_path / "unpacked")
    assert list(mk.load("aihub_ko_en_parallel", path=tmp_path / "unpacked")) == ["train", "validation"]  # fmt: skip


@pytest.mark.filterwarnings("ignore::medqa_kit.errors.SafetyWarning")
@pytest.mark.parametrize("name", ["medrescue", "oscar_ko", "korean_medical_disputes", "afrimedqa"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_around_all_data_is_seen_through(
    hub: Any, tmp_path: Path, name: str, packed: bool
) -> None:
    """As archives of a repository have it, with what the repository says of itself beside the data."""
    inner = tmp_path / "outer" / f"{name}-main"
    shutil.copytree(SAMPLES / name, inner)
    for beside in ("README.md", ".gitattributes", "dataset_infos.json"):
        (inner / beside).write_text("{}", "utf-8")
    path = _zipped(inner.parent, tmp_path / "main.zip") if packed else inner.parent
    expected = {split: rows["id"][:] for split, rows in mk.load(name, path=SAMPLES / name).items()}
    assert {split: rows["id"][:] for split, rows in mk.load(name, path=path).items()} == expected
