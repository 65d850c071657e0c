"""Zip archives: list their members, and refuse unsafe ones."""

from __future__ import annotations

import errno
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from medqa_kit.errors import FormatError, UnsafeArchiveError, shorten
from medqa_kit.loading.files.limits import MEMBER_BYTES, MEMBERS
from medqa_kit.loading.files.member_names import member_names, with_slashes
from medqa_kit.loading.readers.diagnose import HEAD, refuse_impostor

_ENCRYPTED = 0x1
_DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OverflowError,
            UnicodeDecodeError, struct.error)  # fmt: skip
_METHODS = {1: "shrink", 6: "implode", 9: "deflate64", 93: "zstd", 95: "xz", 98: "PPMd"}
_DRIVE = re.compile("[A-Za-z]:")


class Member(NamedTuple):
    """A file in an archive.

    Attributes:
        name: As its author saw it.
        stored: As the archive has it, to open it by.
        size: Bytes, uncompressed.
    """

    name: str
    stored: str
    size: int


def open_archive(path: str, name: str) -> zipfile.ZipFile:
    """Open an archive.

    Args:
        path: Where it is.
        name: For error messages.

    Raises:
        FormatError: It is broken.
    """
    try:
        return zipfile.ZipFile(path)
    except (*_DAMAGES, ValueError, OSError) as error:
        # A place before its beginning.
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        _refuse_impostor(path, name)
        raise FormatError(
            "the archive cannot be read",
            file=name,
            expected="a complete zip archive",
            found=str(error),
            hint="it may be cut off or one of several parts: join the parts, or fetch it again",
        ) from error


def _refuse_impostor(path: str, name: str) -> None:
    """Refuse a page or a pointer that was saved as an archive."""
    try:
        with Path(path).open("rb") as handle:
            refuse_impostor(handle.read(HEAD))
    except FormatError as error:
        raise error.at(file=name) from None


def open_member(archive: zipfile.ZipFile, stored: str, *, name: str) -> IO[bytes]:
    """Open a member of an archive.

    Args:
        archive: The archive.
        stored: See :class:`Member`.
        name: For error messages.

    Raises:
        FormatError: It is encrypted or damaged.
    """
    info = archive.getinfo(stored)
    if info.flag_bits & _ENCRYPTED:
        raise FormatError(
            "the archive is encrypted",
            file=name,
            hint="unpack it with its password and pass the folder as path=",
        )
    try:
        with damage_told(name, "a member of the archive cannot be read"):
            return archive.open(info)
    except FormatError as error:
        if isinstance(error.__cause__, NotImplementedError):
            raise FormatError(
                "a member is packed by a method that cannot be read here",
                file=name,
                expected="stored, deflate, bzip2 or LZMA",
                found=_METHODS.get(info.compress_type, f"method {info.compress_type}"),
                hint="unpack it and pass the folder as path=",
            ) from error.__cause__
        raise


def read_member(archive: zipfile.ZipFile, stored: str, *, name: str) -> bytes:
    """Read a member of an archive whole; arguments and errors as of :func:`open_member`."""
    size = archive.getinfo(stored).file_size
    MEMBER_BYTES.check(size, "the member unpacks to too much", file=name)
    with open_member(archive, stored, name=name) as member, damage_told(name):
        return member.read()


@contextmanager
def damage_told(name: str, what: str = "a member of the archive is damaged") -> Iterator[None]:
    """Turn what reading a damaged member raises into an error of the library.

    Args:
        name: Of the member, for the message.
        what: What the message says.

    Raises:
        FormatError: The member is damaged.
    """
    try:
        yield
    except (*_DAMAGES, OSError) as error:
        # A place before its beginning.
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        raise FormatError(
            what,
            file=name,
            found=str(error),
            hint="fetch the archive again",
        ) from error


def archive_members(path: Path) -> Iterator[Member]:
    """List the files in an archive, hidden ones too.

    Names are those of :func:`medqa_kit.loading.files.member_names.member_names`.

    Raises:
        UnsafeArchiveError: A member is a link or points outside the archive.
        FormatError: The archive is broken, or two members have one name.
    """
    with open_archive(str(path), path.name) as archive:
        infos = [info for info in archive.infolist() if not _is_folder(info)]
    MEMBERS.check(len(infos), "the archive holds too many files", file=path.name)
    names = member_names(infos)
    _refuse_unsafe(path, infos, names)
    names = with_slashes(names)
    _refuse_repeated(path, names)
    for info, name in zip(infos, names, strict=True):
        yield Member(name, info.filename, info.file_size)


def _is_folder(info: zipfile.ZipInfo) -> bool:
    """Check whether a member is a folder, under a name with slashes or with backslashes."""
    name = info.filename  # may be empty in a damaged archive, of which `is_dir` makes an error
    return name.endswith("/") or (info.file_size == 0 and name.endswith("\\"))


def _refuse_unsafe(path: Path, infos: list[zipfile.ZipInfo], names: list[str]) -> None:
    for info, name in zip(infos, names, strict=True):
        steps = name.replace("\\", "/").split("/")
        if ".." in steps or name.startswith(("/", "\\")) or _DRIVE.match(name):
            raise UnsafeArchiveError(
                "a member points outside the archive", file=path.name, found=shorten([name])
            )
        if stat.S_ISLNK(info.external_attr >> 16):
            raise UnsafeArchiveError("a member is a link", file=path.name, found=shorten([name]))


def _refuse_repeated(path: Path, names: list[str]) -> None:
    if len(set(names)) < len(names):
        twice = sorted(name for name, count in Counter(names).items() if count > 1)
        raise FormatError(
            "the archive holds two members of one name",
            file=path.name,
            found=shorten(twice),
            hint="fetch it again, or unpack it by hand",
        )
