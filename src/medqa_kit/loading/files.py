"""Where the bytes of a part are: local paths, members of zip archives, urls of a hub.

A :class:`File` says where, and opens when asked; it crosses process borders, an open handle does
not. Nothing is ever unpacked to disk.
"""

from __future__ import annotations

import io
import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import IO, BinaryIO, cast

from medqa_kit.errors import FormatError, UnsafeArchiveError, WrongFilesError, shorten

READABLE = (".parquet", ".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".xlsx")
"""Endings that tell a format; those of text formats may be followed by one of :data:`PACKED`."""

PACKED = (".gz", ".zst")
"""Endings of compressed text files."""

_SKIPPED = ("__MACOSX",)  # and everything that starts with a dot
_SAVED = (("state.json", "dataset_info.json"), ("dataset_dict.json",))
_OPEN_ARCHIVES = 16
_ENCRYPTED, _UTF8_NAME = 0x1, 0x800
_DRIVE = re.compile("[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class File:
    """One file, wherever it is.

    Attributes:
        name: As upstream names it, relative to the repository, folder or archive, with ``/``.
            A member of an archive inside a folder is called ``<archive without .zip>/<member>``.
        path: A local path, or a url such as ``hf://datasets/owner/name@commit/file``.
        member: For a file in a zip archive: its name there; ``path`` is the archive's.
        size: Bytes, uncompressed, where known.
        token: For ``hf://`` urls; never shown.
    """

    name: str
    path: str
    member: str | None = None
    size: int | None = None
    token: str | bool | None = field(default=None, repr=False, compare=False)

    def open(self) -> BinaryIO:
        """Open for reading, from the first byte; the handle can seek.

        Raises:
            FormatError: It is a member of an archive that is broken or encrypted.
        """
        if self.member is not None:
            with ExitStack() as undo:
                archive = undo.enter_context(_archive(self.path, self.name))
                member = _member(archive, self)
                undo.pop_all()
            return cast(BinaryIO, _Owner(member, archive))
        if "://" in self.path:
            return _remote(self)
        return Path(self.path).open("rb")


class _Owner(io.BufferedReader):
    """A member of an archive that closes its archive with it."""

    def __init__(self, member: IO[bytes], archive: zipfile.ZipFile) -> None:
        super().__init__(cast(io.RawIOBase, member))
        self._archive = archive

    def close(self) -> None:
        super().close()
        self._archive.close()


def contents(files: Sequence[File]) -> Iterator[tuple[File, bytes]]:
    """Read small files whole, one after another, opening each archive only once.

    An archive's table of contents is read at every opening: a hundred thousand members opened
    one by one would read it a hundred thousand times. Of archives that take turns the last few
    stay open.
    """
    opened: dict[str, zipfile.ZipFile] = {}  # least recently used first
    try:
        for file in files:
            if file.member is None:
                with file.open() as handle:
                    yield file, handle.read()
                continue
            archive = opened.pop(file.path, None) or _archive(file.path, file.name)
            opened[file.path] = archive
            if len(opened) > _OPEN_ARCHIVES:
                opened.pop(next(iter(opened))).close()
            yield file, _read(archive, file)
    finally:
        for archive in opened.values():
            archive.close()


def _read(archive: zipfile.ZipFile, file: File) -> bytes:
    with _member(archive, file) as member:
        try:
            return member.read()
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise FormatError(
                "a member of the archive is damaged",
                file=file.name,
                found=str(error),
                hint="fetch the archive again",
            ) from error


def open_random(file: File) -> BinaryIO:
    """Open a file to jump about in; a member of an archive is unpacked in memory for that."""
    if file.member is None:
        return file.open()
    with _archive(file.path, file.name) as archive:
        return io.BytesIO(_read(archive, file))


def matches(name: str, pattern: str) -> bool:
    """Tell whether a name fits a pattern, as :attr:`medqa_kit.Layout.files` describes it.

    ``*`` and ``?`` stay within a folder, ``**`` does not, ``[…]`` picks characters and ``[!…]``
    leaves them out; a bracket itself is ``[[]``. Case counts; composed and decomposed Hangul
    (as macOS writes it) are the same.

    Example:
        >>> matches("data/train-00000.parquet", "data/train-*.parquet")
        True
        >>> matches("data/old/train.csv", "*.csv"), matches("data/old/train.csv", "**/*.csv")
        (False, True)
    """
    return _compiled(pattern).fullmatch(unicodedata.normalize("NFC", name)) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(_translated(unicodedata.normalize("NFC", pattern))), re.DOTALL)


def _translated(pattern: str) -> Iterator[str]:
    for token in re.findall(r"\*\*/|\*\*|\*|\?|\[!?\]?[^\]]*\]|.", pattern, re.DOTALL):
        match token:
            case "**/":
                yield "(?:.*/)?"
            case "**":
                yield ".*"
            case "*":
                yield "[^/]*"
            case "?":
                yield "[^/]"
            case _ if len(token) > 1:
                picked = re.sub(r"([]\\[^&~|])", r"\\\1", token[1:-1])
                yield f"[^/{picked[1:]}]" if picked.startswith("!") else f"[{picked}]"
            case _:
                yield re.escape(token)


def local_files(
    path: str | os.PathLike[str], pattern: str, *, source: str, part: str
) -> list[File]:
    """List the files of a part in a folder, an archive, or given one by one.

    Archives inside a folder are looked into, as AI-Hub delivers them: the member ``a/b.json`` of
    ``labels/TL_1.zip`` is called ``labels/TL_1/a/b.json``. Names in archives that do not say
    they are UTF-8 are read as UTF-8 where all of an archive's names are, else as CP949, which
    Korean Windows writes. Hidden files are left out.

    Args:
        path: A folder, a ``.zip`` archive, or one file. One file is taken whatever the pattern
            says, provided its ending tells a format.
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
    root = Path(path).expanduser()
    if root.is_file() and root.suffix.lower() != ".zip":
        found = [File(root.name, str(root), size=root.stat().st_size)]
        wanted = [f for f in found if readable(f.name) or matches(f.name, pattern)]
    elif root.exists():
        _refuse_saved(root, source, part)
        found = sorted(_listed(root), key=lambda file: file.name)
        wanted = [file for file in found if matches(file.name, pattern)]
    else:
        raise WrongFilesError(
            "there is no such file or folder",
            source=source,
            part=part,
            expected=pattern,
            found=str(root),
            hint="check path=",
        )
    if not wanted:
        raise WrongFilesError(
            f"{str(root)!r} holds none of the part's files",
            source=source,
            part=part,
            expected=pattern,
            found=_names(found),
            hint=_where_else(found),
        )
    _refuse_twice(root, wanted, source, part)
    return wanted


def _refuse_twice(root: Path, wanted: list[File], source: str, part: str) -> None:
    """Refuse an archive beside the folder it was unpacked to: each row would come twice."""
    twice = [a for a, b in pairwise(wanted) if a.name == b.name]
    if twice:
        raise WrongFilesError(
            "files are there twice: in an archive, and unpacked beside it",
            source=source,
            part=part,
            expected="each file once",
            found=f"{_names(twice)} below {str(root)!r}",
            hint="move the archive or the unpacked folder away",
        )


def readable(name: str) -> bool:
    """Tell whether the ending of a name tells a format.

    Example:
        >>> readable("a.jsonl.zst"), readable("a.txt")
        (True, False)
    """
    return unpacked(name).lower().endswith(READABLE)


def unpacked(name: str) -> str:
    """Give a name without the ending of a compression.

    Example:
        >>> unpacked("a.jsonl.zst")
        'a.jsonl'
    """
    return name[: name.rindex(".")] if name.lower().endswith(PACKED) else name


def _refuse_saved(root: Path, source: str, part: str) -> None:
    if root.is_dir() and any(all((root / n).is_file() for n in names) for names in _SAVED):
        raise WrongFilesError(
            f"{str(root)!r} was written by save_to_disk",
            source=source,
            part=part,
            expected="upstream's own files",
            found="a saved Dataset in Arrow's format",
            hint="open it with datasets.load_from_disk, or write it with to_parquet and pass that",
        )


def _names(found: list[File]) -> str:
    if not found:
        return "no files"
    shown = ", ".join(file.name for file in found[:5])
    return shown if len(found) <= 5 else f"{shown}, … ({len(found)} in all)"


def _where_else(found: list[File]) -> str:
    if any(re.search(r"\.part\d+$", file.name) for file in found):
        return "join the parts first, as in: cat data.zip.part* > data.zip"
    return "pass the folder that holds them as path=, with the names upstream gave them"


def _listed(root: Path) -> Iterator[File]:
    if root.is_file():
        yield from _members(root, "")
        return
    for path in _walked(root, frozenset()):
        name = unicodedata.normalize("NFC", path.relative_to(root).as_posix())
        if path.suffix.lower() == ".zip":
            yield from _members(path, name[: -len(".zip")] + "/")
        else:
            yield File(name, str(path), size=path.stat().st_size)


def _walked(folder: Path, above: frozenset[Path]) -> Iterator[Path]:
    """Walk a folder, through links too (hub caches are made of them), but never in circles."""
    real = folder.resolve()
    if real in above:
        return
    for path in folder.iterdir():
        if _skipped(path.name):
            continue
        if path.is_dir():
            yield from _walked(path, above | {real})
        elif path.is_file():
            yield path


def _skipped(name: str) -> bool:
    return name.startswith(".") or name in _SKIPPED


def _archive(path: str, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, EOFError, ValueError) as error:
        raise FormatError(
            "the archive cannot be read",
            file=name,
            expected="a complete zip archive",
            found=str(error),
            hint="it may be cut off or one of several parts: join the parts, or fetch it again",
        ) from error


def _member(archive: zipfile.ZipFile, file: File) -> IO[bytes]:
    info = archive.getinfo(cast(str, file.member))
    if info.flag_bits & _ENCRYPTED:
        raise FormatError(
            "the archive is encrypted",
            file=file.name,
            hint="unpack it with its password and pass the folder as path=",
        )
    try:
        return archive.open(info)
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError) as error:
        raise FormatError(
            "a member of the archive cannot be read",
            file=file.name,
            found=str(error),
            hint="fetch the archive again",
        ) from error


def _members(path: Path, prefix: str) -> Iterator[File]:
    with _archive(str(path), path.name) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
    names = _decoded(infos)
    _refuse_unsafe(path, infos, names)
    for info, name in zip(infos, names, strict=True):
        if not any(_skipped(step) for step in name.split("/")):
            yield File(prefix + name, str(path), info.filename, info.file_size)


def _decoded(infos: list[zipfile.ZipInfo]) -> list[str]:
    """Give the members' names as their author saw them."""
    unsaid = [i.filename.encode("cp437") for i in infos if not i.flag_bits & _UTF8_NAME]
    encoding = next((e for e in ("utf-8", "cp949") if _decodes(unsaid, e)), "cp437")
    return [unicodedata.normalize("NFC", info.filename if info.flag_bits & _UTF8_NAME
                                  else info.filename.encode("cp437").decode(encoding))
            for info in infos]  # fmt: skip


def _decodes(names: list[bytes], encoding: str) -> bool:
    try:
        b"/".join(names).decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_unsafe(path: Path, infos: list[zipfile.ZipInfo], names: list[str]) -> None:
    for info, name in zip(infos, names, strict=True):
        steps = name.replace("\\", "/").split("/")
        if ".." in steps or name.startswith(("/", "\\")) or _DRIVE.match(name):
            raise UnsafeArchiveError(
                "a member points outside the archive", file=path.name, found=shorten([name])
            )
        if stat.S_ISLNK(info.external_attr >> 16):
            raise UnsafeArchiveError("a member is a link", file=path.name, found=shorten([name]))
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise FormatError(
            "the archive holds two members of one name",
            file=path.name,
            found=shorten(twice),
            hint="fetch it again, or unpack it by hand",
        )


def _remote(file: File) -> BinaryIO:
    """Open a url; ``hf://`` with the token given, whatever is stored on this machine."""
    import fsspec  # type: ignore[import-untyped]  # publishes no types
    from huggingface_hub import HfFileSystem

    if file.path.startswith("hf://"):
        return cast(BinaryIO, HfFileSystem(token=file.token).open(file.path, "rb"))
    return cast(BinaryIO, fsspec.open(file.path, "rb").open())
