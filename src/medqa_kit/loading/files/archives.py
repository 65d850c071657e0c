"""Zip archives: what they hold, under which names, and whether it may be touched."""

from __future__ import annotations

import errno
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from medqa_kit.errors import FormatError, UnsafeArchiveError, shorten
from medqa_kit.loading.files.limits import MEMBER_BYTES, MEMBERS

_ENCRYPTED, _UTF8_NAME = 0x1, 0x800
_DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OverflowError,
            struct.error)  # fmt: skip
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
        if (
            isinstance(error, OSError) and error.errno != errno.EINVAL
        ):  # a place before its beginning
            raise
        raise FormatError(
            "the archive cannot be read",
            file=name,
            expected="a complete zip archive",
            found=str(error),
            hint="it may be cut off or one of several parts: join the parts, or fetch it again",
        ) from error


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
        return archive.open(info)
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError) as error:
        raise FormatError(
            "a member of the archive cannot be read",
            file=name,
            found=str(error),
            hint="fetch the archive again",
        ) from error


def read_member(archive: zipfile.ZipFile, stored: str, *, name: str) -> bytes:
    """Read a member of an archive whole; arguments and errors as of :func:`open_member`."""
    size = archive.getinfo(stored).file_size
    MEMBER_BYTES.check(size, "the member unpacks to too much", file=name)
    with open_member(archive, stored, name=name) as member, damage_told(name):
        return member.read()


@contextmanager
def damage_told(name: str) -> Iterator[None]:
    """Turn what reading a damaged member raises into an error of the library.

    Args:
        name: Of the member, for the message.

    Raises:
        FormatError: The member is damaged.
    """
    try:
        yield
    except _DAMAGES as error:
        raise FormatError(
            "a member of the archive is damaged",
            file=name,
            found=str(error),
            hint="fetch the archive again",
        ) from error


def archive_members(path: Path) -> Iterator[Member]:
    """List the files in an archive, hidden ones too.

    Names that do not say they are UTF-8 are read as UTF-8 where all of an archive's names are, else
    as CP949, which Korean Windows writes.

    Raises:
        UnsafeArchiveError: A member is a link or points outside the archive.
        FormatError: The archive is broken, or two members have one name.
    """
    with open_archive(str(path), path.name) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
    MEMBERS.check(len(infos), "the archive holds too many files", file=path.name)
    names = _decoded(infos)
    _refuse_unsafe(path, infos, names)
    for info, name in zip(infos, names, strict=True):
        yield Member(name, info.filename, info.file_size)


def _decoded(infos: list[zipfile.ZipInfo]) -> list[str]:
    """Return the members' names as their author saw them."""
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
        twice = sorted(name for name, count in Counter(names).items() if count > 1)
        raise FormatError(
            "the archive holds two members of one name",
            file=path.name,
            found=shorten(twice),
            hint="fetch it again, or unpack it by hand",
        )
