"""The files of a part below a path: in a folder, in archives, or given one by one."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from medqa_kit.errors import WrongFilesError, shorten
from medqa_kit.loading.files.archives import archive_members
from medqa_kit.loading.files.file import File
from medqa_kit.loading.files.limits import LINKED_FOLDERS
from medqa_kit.loading.files.member_names import is_garbled
from medqa_kit.loading.files.name_patterns import matches, readable, unpacked
from medqa_kit.loading.files.part_names import original_folder

_UNREAD = (
    ".tar", ".tar.gz", ".tgz", ".taz", ".tar.bz2", ".tbz", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst",
    ".tar.lzma", ".tlz", ".tar.lz", ".tar.lz4", ".tar.z", ".7z", ".rar", ".egg", ".alz", ".lzh", ".arj", ".cab",
    ".zip",
)  # fmt: skip
"""Endings of archives that are not looked into; ``.zip`` is one within another."""
_NOT_READ = (
    ".arrow", ".arrows", ".feather", ".ipc", ".orc", ".avro", ".ods", ".xlsb", ".numbers", ".sqlite", ".sqlite3", ".db",
    ".pkl", ".pickle", ".npy", ".npz", ".h5", ".hdf5", ".rds", ".rdata", ".dta", ".sav",
)  # fmt: skip
"""Endings of tables in formats that are not read."""
_SKIPPED = ("__MACOSX", "dataset_infos.json")
_HIDDEN = (".", "~$")  # of files and folders; of what Office has open
_MOST_OWN_FOLDERS = 3  # of a path, in which the files of a part are looked for
_SAVED = (("state.json", "dataset_info.json"), ("dataset_dict.json",))


@dataclass(frozen=True)
class FileListing:
    """What lies at a path, listed once: a tree may hold a hundred thousand files.

    Attributes:
        root: A folder, an archive or a file.
        files: Sorted by name.
        lone: Whether the path is one file that is no archive.
        chosen: Whether the files are known to be those of a part, whatever they are called.
    """

    root: Path
    files: tuple[File, ...]
    lone: bool
    chosen: bool = False

    @classmethod
    def of(
        cls, path: str | os.PathLike[str], *, source: str, part: str | None = None
    ) -> FileListing:
        """List a folder, an archive or a file.

        Archives inside a folder are looked into, as AI-Hub delivers them: the member ``a/b.json``
        of ``labels/TL_1.zip`` is called ``labels/TL_1/a/b.json``. Names in archives that do not
        say they are UTF-8 are read as UTF-8 where all of an archive's names are, else as CP949,
        which Korean Windows writes. Hidden files, and those that Office
        writes beside an open one, are left out.

        Args:
            path: Where to look.
            source: For error messages, like ``part``.
            part: See ``source``.

        Raises:
            WrongFilesError: There is no such path, or ``save_to_disk`` wrote it.
            UnsafeArchiveError: A member of an archive is a link or points outside the archive.
            FormatError: An archive is broken.
        """
        root = Path(path).expanduser()
        if root.is_file() and root.suffix.lower() != ".zip":
            return cls(root, (File(root.name, str(root), size=root.stat().st_size),), lone=True)
        if not root.exists():
            raise WrongFilesError("there is no such file or folder", source=source, part=part,
                                  expected="a folder, an archive or a file", found=str(root),
                                  hint="check path=")  # fmt: skip
        _refuse_saved(root, source, part)
        return cls(root, tuple(sorted(_listed(root), key=lambda file: file.name)), lone=False)

    def in_own_folders(self) -> Iterator[FileListing]:
        """Yield the listing with the names its files have from one, two and three folders higher up.

        A folder deep in upstream's tree, or an archive of one, may be passed alone: its own name then tells
        what its files are of.
        """
        path = self.root.absolute()
        own = original_folder(path.stem) if path.is_file() else path.name
        steps = [*path.parent.parts[1:], unicodedata.normalize("NFC", own)]
        for count in range(1, min(_MOST_OWN_FOLDERS, len(steps)) + 1):
            above = "/".join(steps[-count:])
            files = tuple(replace(file, name=f"{above}/{file.name}") for file in self.files)
            yield replace(self, files=files)

    def in_inner_folders(self) -> Iterator[FileListing]:
        """Yield the listing with the names its files have one, two and three folders deeper.

        An archive of a repository has a folder around all, and a download may lie in one: as long as all data does.
        """
        files = self.files
        for _ in range(_MOST_OWN_FOLDERS):
            tops = {
                file.name.rpartition("/")[0].partition("/")[0]
                for file in files
                if readable(file.name)
            }
            top = f"{tops.pop() if len(tops) == 1 else ''}/"
            if top == "/":
                return
            inside = [file for file in files if file.name.startswith(top)]
            files = tuple(replace(file, name=file.name.removeprefix(top)) for file in inside)
            yield replace(self, files=files)

    def fitting(self, pattern: str) -> list[File]:
        """Return the files that a pattern fits, packed or not; one file fits any whose ending tells a format."""
        if self.chosen:
            return list(self.files)
        return [file for file in self.files if (self.lone and readable(file.name))
                or matches(file.name, pattern) or matches(unpacked(file.name), pattern)]  # fmt: skip


def local_files(
    path: str | os.PathLike[str] | FileListing, pattern: str, *, source: str, part: str
) -> list[File]:
    """List the files of a part in a folder, an archive, or given one by one.

    Args:
        path: A folder, an archive, or one file; or what is listed of it. One file is taken
            whatever the pattern says, provided its ending tells a format.
        pattern: See :func:`matches`.
        source: For error messages.
        part: For error messages.

    Returns:
        At least one file, sorted by name.

    Raises:
        WrongFilesError: There is no such path, nothing in it fits, or files are there both packed
            and unpacked.
        UnsafeArchiveError: A member of an archive is a link or points outside the archive.
        FormatError: An archive is broken, or a wanted member is encrypted.
    """
    listing = (
        path if isinstance(path, FileListing) else FileListing.of(path, source=source, part=part)
    )
    wanted = listing.fitting(pattern)
    if not wanted:
        raise WrongFilesError(
            f"{str(listing.root)!r} holds none of the part's files",
            source=source,
            part=part,
            expected=pattern,
            found=named_files(listing.files),
            hint=where_else(listing.files),
        )
    _refuse_twice(listing.root, wanted, source, part)
    return wanted


def _refuse_twice(root: Path, wanted: list[File], source: str, part: str) -> None:
    """Refuse an archive beside the folder it was unpacked to: each row would come twice."""
    pairs = [(a, b) for a, b in pairwise(wanted) if a.name == b.name]
    if pairs:
        packed = {Path(f.path).name for pair in pairs for f in pair if f.member is not None}
        raise WrongFilesError(
            "files are there twice: in an archive, and unpacked beside it",
            source=source,
            part=part,
            expected="each file once",
            found=f"{named_files([a for a, _ in pairs])} below {str(root)!r}, also in {shorten(sorted(packed))}",
            hint="move the archive or the unpacked folder away",
        )


def _refuse_saved(root: Path, source: str, part: str | None) -> None:
    if root.is_dir() and any(all((root / n).is_file() for n in names) for names in _SAVED):
        raise WrongFilesError(
            f"{str(root)!r} was written by save_to_disk",
            source=source,
            part=part,
            expected="upstream's own files",
            found="a saved Dataset in Arrow's format",
            hint="open it with datasets.load_from_disk, or write it with to_parquet and pass that",
        )


def named_files(files: Sequence[File]) -> str:
    """Name the first few of some files, for a message."""
    if not files:
        return "no files"
    shown = ", ".join(file.name for file in files[:5])
    return shown if len(files) <= 5 else f"{shown}, … ({len(files)} in all)"


def is_packed(name: str) -> bool:
    """Check whether a file is an archive that is not looked into, by its name."""
    return name.lower().endswith(_UNREAD)


def whole_archive(name: str) -> str:
    """Return what an archive is called of which a file is a volume; other names as they are.

    Example:
        >>> [whole_archive(name) for name in ("a.zip.part0", "a.7z.001", "a.z01", "a.zip", "notes.001")]
        ['a.zip', 'a.7z', 'a.zip', 'a.zip', 'notes.001']
    """
    joined = re.sub(r"(?i)\.z\d\d$", ".zip", re.sub(r"\.(?:part\d+|\d{3})$", "", name))
    return joined if is_packed(joined) else name


def _joined_by(volume: str) -> str:
    """Say how the volumes of an archive become one."""
    if re.search(r"(?i)\.z\d\d$", volume):
        return "join the volumes first, as in: zip -s 0 data.zip --out whole.zip"
    ending = "part*" if re.search(r"\.part\d+$", volume) else "0*"
    kind = whole_archive(volume).rpartition(".")[2]
    return f"join the parts first, as in: cat data.{kind}.{ending} > data.{kind}"


def where_else(files: Sequence[File]) -> str:
    """Say what to do where some files are none of the wanted ones."""
    return (
        still_closed(files)
        or saved_otherwise([file.name for file in files])
        or "pass the folder that holds them as path=, with the names upstream gave them"
        + ", or a file alone with the subset= and split= that it holds"
        * any(readable(file.name) for file in files)
    )


def still_closed(files: Sequence[File]) -> str:
    """Say how to open what holds more files, or has names that nobody can read; empty where there is no such."""
    names = [file.name for file in files]
    if volumes := [name for name in names if whole_archive(name) != name]:
        return _joined_by(volumes[0])
    if strange := next(filter(is_garbled, names), None):
        return (
            f"names such as {shorten([strange])} came out garbled: pass the zip archive itself as path=, or unpack it "
            "again with a program that reads names of Korean Windows"
        )
    packed = [name for name in names if is_packed(name)]
    return f"unpack {shorten(packed)} and pass the folder as path=" if packed else ""


def saved_otherwise(names: Sequence[str]) -> str:
    """Say as what to save files whose format is not read; empty where there are none.

    Example:
        >>> saved_otherwise(["a.xls"]), saved_otherwise(["a.feather", "b.csv"]), saved_otherwise(["b.csv"])
        ("save 'a.xls' as .xlsx, and pass that", "save 'a.feather' as Parquet, JSON Lines or CSV, and pass that", '')
    """
    if old := [name for name in names if name.lower().endswith(".xls")]:
        return f"save {shorten(old)} as .xlsx, and pass that"
    if other := [name for name in names if name.lower().endswith(_NOT_READ)]:
        return f"save {shorten(other)} as Parquet, JSON Lines or CSV, and pass that"
    return ""


def _listed(root: Path) -> Iterator[File]:
    if root.is_file():
        yield from _in_archive(root, "")
        return
    for path, name in _walked(root):
        if path.suffix.lower() == ".zip":
            yield from _in_archive(path, name[: -len(".zip")] + "/")
        else:
            yield File(name, str(path), size=path.stat().st_size)


def _in_archive(path: Path, prefix: str) -> Iterator[File]:
    for member in archive_members(path):
        if not any(is_skipped(step) for step in member.name.split("/")):
            yield File(prefix + member.name, str(path), member.stored, member.size)


def _walked(root: Path) -> Iterator[tuple[Path, str]]:
    """Walk a folder, through links too (hub caches are made of them), but never in circles.

    Yields:
        Each file, and its name in the folder. A linked folder is walked where it really is, since
        the system follows some forty links in one path and no more.
    """
    links = 0
    waiting = [(root, "", frozenset[tuple[int, int]]())]
    while waiting:
        folder, prefix, above = waiting.pop()
        stat = folder.stat()
        real = (stat.st_dev, stat.st_ino)
        if real in above:
            continue
        for path in folder.iterdir():
            if is_skipped(path.name):
                continue
            name = prefix + unicodedata.normalize("NFC", path.name)
            if path.is_dir():
                linked = path.is_symlink()
                links += linked
                LINKED_FOLDERS.check(links, "the folder holds too many links", file=str(root))
                waiting.append((path.resolve() if linked else path, f"{name}/", above | {real}))
            elif path.is_file():
                yield path, name


def is_skipped(name: str) -> bool:
    """Check whether a file or folder of this name is none of a person's: hidden, or what a program wrote beside others.

    Example:
        >>> [is_skipped(name) for name in (".DS_Store", "__MACOSX", "dataset_infos.json", "~$rows.xlsx", "rows.xlsx")]
        [True, True, True, True, False]
    """
    return name.startswith(_HIDDEN) or name in _SKIPPED
