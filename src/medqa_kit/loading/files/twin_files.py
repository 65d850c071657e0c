"""Find files of a part that are there twice, so that each of their rows would be read twice."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import xxhash

from medqa_kit.errors import WrongFilesError
from medqa_kit.loading.files.file import File, contents
from medqa_kit.loading.files.name_patterns import unpacked
from medqa_kit.loading.files.part_names import original_folder, original_name

_HEAD, _BLOCK = 1 << 16, 1 << 22


def refuse_copies_by_name(
    names: Iterable[str], *, beside: Iterable[str] = (), source: str, part: str
) -> None:
    """Refuse a file beside the one that a browser or a file manager named it after, or beside itself packed.

    So is a file in a folder or an archive beside the one that these named after it.

    Args:
        names: The files of a part.
        beside: All files there. A copy of one of the part's need not be of the part by its name: nothing
            tells which of the two is meant.
        source: For error messages, like ``part``.
        part: See ``source``.

    Raises:
        WrongFilesError: It names both.

    Example:
        >>> refuse_copies_by_name(["x.csv", "x (1).csv"], source="demo", part="train")
        Traceback (most recent call last):
        medqa_kit.errors.classes.WrongFilesError: ...'x.csv' and 'x (1).csv'...
    """
    listed = [unicodedata.normalize("NFC", name) for name in names]
    there = set(listed)
    everything = dict.fromkeys([*listed, *(unicodedata.normalize("NFC", name) for name in beside)])
    for name in everything:
        folder, slash, last = name.rpartition("/")
        original = f"{_original_folders(folder)}{slash}{original_name(last)}"
        if original != name and original in there:
            if name in there:
                raise _twice(original, name, source, part)
            raise _beside(original, name, source, part)
        plain = unpacked(name)
        if plain != name and plain in everything and {plain, name} & there:
            raise _beside(plain, name, source, part)


@lru_cache(maxsize=1024)
def _original_folders(path: str) -> str:
    """Return a path of folders, or of archives without their ending, as it was before any of them was copied."""
    return "/".join(map(original_folder, path.split("/")))


def refuse_equal_digests(
    digests: Mapping[str, object], *, source: str, part: str, what: str = "files"
) -> None:
    """Refuse two files of one digest, such as a hub lists, or two folders.

    Raises:
        WrongFilesError: It names both.
    """
    first: dict[object, str] = {}
    for name, digest in digests.items():
        other = first.setdefault(digest, name)
        if other != name:
            raise _twice(other, name, source, part, what)


def refuse_equal_content(files: Sequence[File], *, source: str, part: str) -> None:
    """Refuse two files of equal content. Only files of equal size are read, and rarely to their end.

    Raises:
        WrongFilesError: It names both.
    """
    by_size: dict[int | None, list[File]] = defaultdict(list)
    for file in files:
        if file.size:
            by_size[file.size].append(file)
    for alike in by_size.values():
        if len(alike) > 1:
            for same in _grouped(alike, _HEAD):
                refuse_equal_digests({f.name: _hash(f, None) for f in same}, source=source, part=part)  # fmt: skip


def refuse_equal_folders(files: Sequence[File], *, source: str, part: str) -> None:
    """Refuse two folders, or archives, of several small files each that have the same content throughout.

    One record may be there twice, as a copy that ids tell apart; a whole folder is there twice where an archive was
    unpacked under other names. Only folders of as many files of the same sizes are read.

    Raises:
        WrongFilesError: It names both.
    """
    folders: dict[tuple[str, str], list[File]] = defaultdict(list)
    for file in files:
        archive = "" if file.member is None else Path(file.path).name
        folders[file.name.rpartition("/")[0], archive].append(file)
    places = Counter(folder for folder, _ in folders)
    by_sizes: dict[tuple[int, ...], list[tuple[str, str]]] = defaultdict(list)
    for place, members in folders.items():
        if len(members) > 1 or places[place[0]] > 1:
            by_sizes[tuple(sorted(file.size or 0 for file in members))].append(place)
    for alike in by_sizes.values():
        if len(alike) > 1:
            digests = {" in ".join(filter(None, p)): _folder_digest(folders[p]) for p in alike}
            refuse_equal_digests(digests, source=source, part=part, what="folders")


def _folder_digest(files: Sequence[File]) -> tuple[int, ...]:
    """Return what tells the content of small files, in whatever order their names put them."""
    return tuple(sorted(xxhash.xxh3_128_intdigest(data) for _, data in contents(files)))


def _grouped(files: Sequence[File], size: int) -> list[list[File]]:
    """Return the files that begin alike, where there are several."""
    groups: dict[int, list[File]] = defaultdict(list)
    for file in files:
        groups[_hash(file, size)].append(file)
    return [group for group in groups.values() if len(group) > 1]


def _hash(file: File, size: int | None) -> int:
    digest = xxhash.xxh3_128()
    with file.open() as handle:
        for block in _blocks(handle, size):
            digest.update(block)
    return digest.intdigest()


def _blocks(handle: BinaryIO, size: int | None) -> Iterable[bytes]:
    if size is not None:
        return [handle.read(size)]
    return iter(lambda: handle.read(_BLOCK), b"")


def _beside(left: str, right: str, source: str, part: str) -> WrongFilesError:
    return WrongFilesError(
        "a file lies beside a copy of it, and nothing tells which is meant", source=source, part=part,
        expected="each file once", found=f"{left!r} and {right!r}", hint="move one of them away",
    )  # fmt: skip


def _twice(left: str, right: str, source: str, part: str, what: str = "files") -> WrongFilesError:
    return WrongFilesError(
        f"two {what} have the same content: each row would come twice", source=source, part=part,
        expected="each file once", found=f"{left!r} and {right!r}", hint="move one of them away",
    )  # fmt: skip
