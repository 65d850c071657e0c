"""Listing the files of a part in folders and archives, and opening them where they are."""

from __future__ import annotations

import pickle
import stat
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medqa_kit.errors import FormatError, UnsafeArchiveError, WrongFilesError
from medqa_kit.loading.files.file import File, contents, open_random
from medqa_kit.loading.files.local_files import local_files
from medqa_kit.loading.files.name_patterns import matches


def listed(path: Path, pattern: str) -> list[str]:
    return [file.name for file in local_files(path, pattern, source="demo", part="train")]


def opened(file: File) -> bytes:
    with file.open() as handle:
        return handle.read()


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def zipped_by_korean_windows(path: Path, name: str, encoding: str = "cp949") -> Path:
    """Write a member whose name is bytes of an unnamed encoding, as Windows' Explorer does."""
    stand_in = "x" * len(name.encode(encoding))
    data = zipped(path, {stand_in: b"{}"}).read_bytes()
    path.write_bytes(data.replace(stand_in.encode(), name.encode(encoding)))
    return path


@pytest.mark.parametrize(
    ("name", "pattern", "fits"),
    [
        ("data/train-0.parquet", "data/train-*.parquet", True),
        ("data/old/train-0.parquet", "data/*.parquet", False),
        ("data/old/train-0.parquet", "data/**/*.parquet", True),
        ("data/train-0.parquet", "data/**/*.parquet", True),
        ("a/b/c.json", "**", True),
        ("a.csv", "?.csv", True),
        ("ab.csv", "?.csv", False),
        ("Health-test.csv", "[A-Z]*-test.csv", True),
        ("health-test.csv", "[A-Z]*-test.csv", False),
        ("health-test.csv", "Health-test.csv", False),
        ("a.csv", "[!b].csv", True),
        ("b.csv", "[!b].csv", False),
        ("/.csv", "[!b].csv", False),
        ("].csv", "[]].csv", True),
        ("[T]라벨링데이터/a.json", "[[]T]라벨링데이터/*.json", True),
        ("a+b(1).json", "a+b(1).json", True),
        ("a.jsonx", "a.json", False),
        ("a\n.json", "*.json", True),
    ],
)
def test_a_pattern_picks_names(name: str, pattern: str, fits: bool) -> None:
    assert matches(name, pattern) is fits


def test_a_pattern_does_not_mind_how_hangul_is_composed() -> None:
    nfc, nfd = "내과/환자.json", unicodedata.normalize("NFD", "내과/환자.json")
    assert nfc != nfd
    assert matches(nfd, nfc)
    assert matches(nfc, nfd)


@given(st.text(st.characters(exclude_characters="*?[", exclude_categories=("Cs",)), max_size=20))
def test_a_pattern_without_signs_is_the_name_itself(name: str) -> None:
    assert matches(name, name)
    assert not matches(name + "x", name)


def test_a_folder_gives_its_files_sorted_and_leaves_hidden_ones_out(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", ".a.csv", "deep/c.csv", ".git/d.csv", "__MACOSX/e.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"q\n1\n")
    assert listed(tmp_path, "*.csv") == ["a.csv", "b.csv"]
    assert listed(tmp_path, "**/*.csv") == ["a.csv", "b.csv", "deep/c.csv"]
    (first, *_) = local_files(tmp_path, "*.csv", source="demo", part="train")
    assert first.size == 4


def test_links_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs/0a1b").write_bytes(b"{}")
    snapshot = tmp_path / "snapshot"
    snapshot.mkdir()
    (snapshot / "a.json").symlink_to(tmp_path / "blobs/0a1b")
    (snapshot / "round").symlink_to(snapshot)
    assert listed(snapshot, "**/*.json") == ["a.json"]


def test_one_file_is_taken_under_any_name_with_a_readable_ending(tmp_path: Path) -> None:
    for name in ("renamed.jsonl", "renamed.csv.gz", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    assert listed(tmp_path / "renamed.jsonl", "train.jsonl") == ["renamed.jsonl"]
    assert listed(tmp_path / "renamed.csv.gz", "train.csv") == ["renamed.csv.gz"]
    assert listed(tmp_path / "notes.txt", "notes.txt") == ["notes.txt"]
    with pytest.raises(WrongFilesError, match=r"notes\.txt"):
        listed(tmp_path / "notes.txt", "train.jsonl")


def test_an_archive_is_like_a_folder(tmp_path: Path) -> None:
    archive = zipped(
        tmp_path / "all.zip", {"b.json": b"{}", "a/c.json": b'{"x": 1}', ".d.json": b""}
    )
    assert listed(archive, "**/*.json") == ["a/c.json", "b.json"]
    (file, _) = local_files(archive, "**/*.json", source="demo", part="train")
    assert file.size == 8
    with file.open() as handle:
        handle.seek(1)
        assert handle.read() == b'"x": 1}'


def test_archives_in_a_folder_are_looked_into(tmp_path: Path) -> None:
    zipped(tmp_path / "Training/02.라벨링데이터/TL_내과.zip", {"1/a.json": b"1", "b.json": b"2"})
    (tmp_path / "Training/c.json").write_bytes(b"3")
    names = ["Training/02.라벨링데이터/TL_내과/1/a.json", "Training/02.라벨링데이터/TL_내과/b.json",
             "Training/c.json"]  # fmt: skip
    assert listed(tmp_path, "**/*.json") == names
    assert listed(tmp_path, "Training/*라벨링데이터/TL_*/**/*.json") == names[:2]
    files = local_files(tmp_path, "**/*.json", source="demo", part="train")
    assert [data for _, data in contents(files)] == [b"1", b"2", b"3"]
    assert [opened(file) for file in files] == [b"1", b"2", b"3"]
    assert open_random(files[0]).read() == b"1"


def test_the_names_of_korean_windows_are_read(tmp_path: Path) -> None:
    archive = zipped_by_korean_windows(tmp_path / "a.zip", "답변/청소년과.json")
    assert listed(archive, "답변/*.json") == ["답변/청소년과.json"]
    (file,) = local_files(archive, "**", source="demo", part="train")
    assert opened(file) == b"{}"


def test_names_that_are_utf8_without_saying_so_are_read(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "답변.json")
    archive = zipped_by_korean_windows(tmp_path / "a.zip", decomposed, "utf-8")
    assert listed(archive, "*.json") == ["답변.json"]


@pytest.mark.parametrize("name", ["../a.json", "/etc/a.json", "x/../../a.json", "C:/a.json",
                                  "..\\a.json"])  # fmt: skip
def test_a_member_that_points_outside_is_refused(tmp_path: Path, name: str) -> None:
    archive = zipped(tmp_path / "bad.zip", {"ok.json": b"{}", name: b"{}"})
    with pytest.raises(UnsafeArchiveError) as caught:
        listed(archive, "ok.json")
    text = str(caught.value)
    assert "bad.zip" in text
    assert repr(name) in text
    assert "Hint:" in text


def test_a_member_that_is_a_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.json")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(UnsafeArchiveError, match=r"link\.json"):
        listed(tmp_path, "**")


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("a.json", "1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.json", "2")
    with pytest.raises(FormatError, match=r"two members of one name"):
        listed(tmp_path, "**")


def test_a_cut_off_archive_is_told_with_a_hint(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "labels/cut.zip", {"a.json": b"{}" * 500})
    archive.write_bytes(archive.read_bytes()[:-30])
    with pytest.raises(FormatError) as caught:
        listed(tmp_path, "**")
    assert "cut.zip" in str(caught.value)
    assert "join the parts" in str(caught.value)


def test_damaged_and_encrypted_members_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.json", b"original")
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"original", b"bit flip"))
    files = local_files(path, "**", source="demo", part="train")
    with pytest.raises(FormatError, match=r"file 'a\.json'.*damaged"):
        list(contents(files))
    path.write_bytes(
        whole.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")
    )
    files = local_files(path, "**", source="demo", part="train")
    for reading in (lambda: files[0].open(), lambda: list(contents(files))):
        with pytest.raises(FormatError, match="encrypted") as caught:
            reading()
        assert "password" in caught.value.hint


def test_a_member_whose_own_header_is_damaged_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("가.json", b"{}")
    whole, name = path.read_bytes(), "가.json".encode()
    for other in (b"\xea\xb0\x80.jsOn", b"\xff" + name[1:]):  # another name, and no UTF-8
        path.write_bytes(whole.replace(name, other, 1))
        with pytest.raises(FormatError, match="a member of the archive cannot be read"):
            list(contents(local_files(path, "**", source="demo", part="train")))


def test_nothing_found_says_what_was_sought_and_what_is_there(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"{number}.txt").write_bytes(b"")
    with pytest.raises(WrongFilesError) as caught:
        listed(tmp_path, "data/*.parquet")
    assert str(caught.value) == (
        f"source 'demo', part 'train': '{tmp_path}' holds none of the part's files.\n"
        "  expected: data/*.parquet\n"
        "  found:    0.txt, 1.txt, 2.txt, 3.txt, 4.txt, … (8 in all)\n"
        "Hint: pass the folder that holds them as path=, with the names upstream gave them."
    )


def test_an_empty_folder_and_a_missing_path(tmp_path: Path) -> None:
    with pytest.raises(WrongFilesError, match="found:    no files"):
        listed(tmp_path, "*.csv")
    with pytest.raises(WrongFilesError, match="no such file or folder"):
        listed(tmp_path / "elsewhere", "*.csv")


def test_parts_of_an_archive_are_recognised(tmp_path: Path) -> None:
    for number in range(2):
        (tmp_path / f"labels.zip.part{number}").write_bytes(b"PK")
    with pytest.raises(WrongFilesError, match=r"cat data\.zip\.part\*"):
        listed(tmp_path, "**/*.json")


@pytest.mark.parametrize("names", [("dataset_info.json", "state.json"), ("dataset_dict.json",)])
def test_a_saved_dataset_is_told_how_to_open(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in (*names, "data-00000-of-00001.arrow"):
        (tmp_path / name).write_bytes(b"{}")
    with pytest.raises(WrongFilesError, match="load_from_disk"):
        listed(tmp_path, "*.json")


def test_a_file_travels_between_processes_and_keeps_its_token_to_itself(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"a.json": b"{}"})
    (file,) = local_files(archive, "**", source="demo", part="train")
    assert opened(pickle.loads(pickle.dumps(file))) == b"{}"
    secret = File("a.csv", "hf://datasets/o/n@main/a.csv", token="hf_secret")
    assert "hf_secret" not in repr(secret)
    assert pickle.loads(pickle.dumps(secret)).token == "hf_secret"


def test_a_url_is_opened_where_it_is() -> None:
    import fsspec

    with fsspec.open("memory://demo/a.csv", "wb") as handle:
        handle.write(b"q\n1\n")
    with File("a.csv", "memory://demo/a.csv").open() as handle:
        handle.seek(2)
        assert handle.read() == b"1\n"
