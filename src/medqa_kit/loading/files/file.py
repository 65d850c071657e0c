"""A file of a part, wherever it is: a local path, a member of a zip archive, a url.

A :class:`File` says where, and opens when asked; it crosses process borders, an open handle does
not. Nothing is ever unpacked to disk.
"""

from __future__ import annotations

import io
import os
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

from medqa_kit.loading.files.archives import damage_told, open_archive, open_member, read_member
from medqa_kit.loading.files.limits import MEMBER_BYTES

_OPEN_ARCHIVES = 16
_BUFFER = 1 << 18


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

    @property
    def spoken(self) -> str:
        """Its name in a message; that of a member with the archive it is in."""
        if self.member is None:
            return repr(self.name)
        return f"{PurePosixPath(self.name).name!r} in {PurePosixPath(self.path).name!r}"

    def open(self) -> BinaryIO:
        """Open for reading, from the first byte; the handle can seek.

        Raises:
            FormatError: It is a member of an archive that is broken or encrypted.
        """
        if self.member is not None:
            member = open_member(_lasting_archive(self), self.member, name=self.name)
            return cast(BinaryIO, io.BufferedReader(_MemberBytes(member, self.name), _BUFFER))
        if "://" in self.path:
            return _remote(self)
        return Path(self.path).open("rb")


class _MemberBytes(io.RawIOBase):
    """The bytes of a member of an archive, whose damage is an error of the library."""

    def __init__(self, member: IO[bytes], name: str) -> None:
        self._member, self._name = member, name

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        with damage_told(self._name):
            return self._member.seek(offset, whence)

    def tell(self) -> int:
        return self._member.tell()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        with damage_told(self._name):
            data = self._member.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._member.close()
        super().close()


def contents(files: Sequence[File]) -> Iterator[tuple[File, bytes]]:
    """Read small files whole, one after another; archives stay open for the files to come.

    An archive's table of contents is read at every opening: a hundred thousand members opened
    one by one would read it a hundred thousand times. The last few archives stay open for as long
    as the process lives, so that the shards of a part, read one by one, share the openings.
    """
    for file in files:
        if file.member is None:
            with file.open() as handle:
                size = handle.seek(0, io.SEEK_END)
                MEMBER_BYTES.check(size, "the file is too large to be read whole", file=file.name)
                handle.seek(0)
                data = handle.read()
            yield file, data
        else:
            archive = _lasting_archive(file)
            yield file, read_member(archive, file.member, name=file.name)


_lasting: OrderedDict[tuple[int | str, ...], zipfile.ZipFile] = OrderedDict()  # oldest use first
_lasting_lock = threading.Lock()
# Held while a process is forked: a child of a moment at which a thread holds it could open no archive.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_lasting_lock.acquire, after_in_parent=_lasting_lock.release,
                        after_in_child=_lasting_lock.release)  # fmt: skip


def _lasting_archive(file: File) -> zipfile.ZipFile:
    """Return the archive of a file, opened once a process while it stays the same.

    Archives are closed when nothing refers to them any more: a reader may still hold one that
    others have pushed out. A forked process opens its own, since the place in a file is shared.
    """
    stat = Path(file.path).stat()
    key = (os.getpid(), file.path, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)
    with _lasting_lock:
        archive = _lasting.pop(key, None) or open_archive(file.path, file.name)
        _lasting[key] = archive
        while len(_lasting) > _OPEN_ARCHIVES:
            _lasting.popitem(last=False)
    return archive


def open_random(file: File) -> BinaryIO:
    """Open a file to jump about in; a member of an archive is unpacked in memory for that."""
    if file.member is None:
        return file.open()
    return io.BytesIO(read_member(_lasting_archive(file), file.member, name=file.name))


def _remote(file: File) -> BinaryIO:
    """Open a url; ``hf://`` with the token given, whatever is stored on this machine."""
    import fsspec  # type: ignore[import-untyped]  # publishes no types
    from huggingface_hub import HfFileSystem

    if file.path.startswith("hf://"):
        return cast(BinaryIO, HfFileSystem(token=file.token).open(file.path, "rb"))
    return cast(BinaryIO, fsspec.open(file.path, "rb").open())
