"""Write files whole or not at all: under its name a file is always complete, even if the process is killed."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from medqa_kit.core.arguments import file_path
from medqa_kit.errors import StorageError

# Errors of systems that lack a call, or lack it for this file system; sandboxes forbid it.
_CANNOT = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF)


@contextmanager
def saved_whole(path: str | os.PathLike[str], *, argument: str = "path") -> Iterator[Path]:
    """Give a temporary path for a file that a user named; see :func:`written_whole`.

    Args:
        path: The file to write.
        argument: The argument that names it.

    Yields:
        The path to write to.

    Raises:
        ArgumentError: It is no path.
        StorageError: It cannot be written; or there is something there that is no file.

    Example:
        >>> folder = Path(tempfile.mkdtemp())
        >>> with saved_whole(folder / "a.txt") as unfinished:
        ...     _ = unfinished.write_text("whole", "utf-8")
        >>> with saved_whole(folder) as unfinished:
        ...     pass
        Traceback (most recent call last):
        ...
        medqa_kit.errors.classes.StorageError: file '...': what stands there is no file.
          expected: a file, or a name that is free
          found:    a folder
        Hint: name a file, which may be new, in a folder.
    """
    file = file_path(argument, path, written=True)
    try:
        with written_whole(file) as unfinished:
            yield unfinished
    except OSError as error:
        raise StorageError.of(error, file, elsewhere="or name another file") from error


@contextmanager
def written_whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside a file; it is renamed to the file when the block ends without an error.

    The bytes are synced to the disk before the file is renamed, and the folder after it. If the block
    raises, the temporary file is removed and an earlier file stays as it is. The new file has the
    rights that ``open`` would give it.

    Args:
        path: The file to write. Folders above it are made.

    Yields:
        The path to write to; its name ends as that of the file, for writers that go by endings.

    Raises:
        StorageError: There is a folder or a device of this name, which the file would replace.
        OSError: It cannot be written.

    Example:
        >>> folder = Path(tempfile.mkdtemp())
        >>> with written_whole(folder / "a.txt") as unfinished:
        ...     _ = unfinished.write_text("whole", "utf-8")
        >>> (folder / "a.txt").read_text("utf-8"), len(list(folder.iterdir()))
        ('whole', 1)
    """
    file = Path(path)
    _refuse_other(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(
        dir=file.parent, prefix=f".{file.stem}.", suffix=f".unfinished{file.suffix}"
    )
    os.close(handle)
    unfinished = Path(name)
    try:
        yield unfinished
        unfinished.chmod(0o666 & ~_umask())
        synced(unfinished)
        unfinished.replace(file)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    synced(file.parent)


def _refuse_other(file: Path) -> None:
    """Raise if the path is a folder, a device, a pipe or a socket; a link is replaced like a file."""
    try:
        mode = file.lstat().st_mode
    except OSError:
        return  # the writer reports a path that is absent or gives no rights
    if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
        raise StorageError("what stands there is no file", file=str(file), expected="a file, or a name that is free",
                           found="a folder" if stat.S_ISDIR(mode) else "a device, a pipe or a socket",
                           hint="name a file, which may be new, in a folder")  # fmt: skip


def write_text(path: str | os.PathLike[str], content: str) -> None:
    """Write a text file whole or not at all, as UTF-8 without translating line ends.

    Example:
        >>> file = Path(tempfile.mkdtemp()) / "a.txt"
        >>> write_text(file, "정답")
        >>> file.read_text("utf-8")
        '정답'
    """
    with written_whole(path) as unfinished:
        unfinished.write_bytes(content.encode("utf-8"))


def _umask() -> int:
    mask = os.umask(0o022)  # the system returns it only when it is set
    os.umask(mask)
    return mask


def synced(path: Path) -> None:
    """Ask the disk to keep what was written to a file or folder.

    Some file systems cannot do that for a folder, or at all; that is no error.

    Raises:
        OSError: The disk says that it could not keep a file.
    """
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return  # Windows opens no folder
    try:
        os.fsync(handle)
    except OSError as error:
        if not path.is_dir() and error.errno not in _CANNOT:
            raise
    finally:
        os.close(handle)


def exchanged(left: Path, right: Path) -> bool:
    """Exchange two files or folders of one file system in one step, where the system can do that.

    Args:
        left: A file or folder.
        right: Another.

    Returns:
        Whether they were exchanged: not every system and file system can.

    Raises:
        OSError: One of them does not exist, or gives no rights.

    Example:
        >>> folder = Path(tempfile.mkdtemp())
        >>> for name in "ab":
        ...     (folder / name).mkdir()
        ...     write_text(folder / name / f"{name}.txt", name)
        >>> done = exchanged(folder / "a", folder / "b")
        >>> (folder / "a" / ("b.txt" if done else "a.txt")).exists()
        True
    """
    rename = _exchange()
    if rename is None:
        return False
    ctypes.set_errno(0)
    if rename(os.fsencode(left), os.fsencode(right)) == 0:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(left), None, str(right))


@lru_cache(maxsize=1)
def _exchange() -> Callable[[bytes, bytes], int] | None:
    """Return the system's function for it: renameat2 of Linux, renamex_np of macOS."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
    except (OSError, TypeError):  # Windows has no library of the process itself
        return None
    here, swap = -100, 2  # AT_FDCWD; RENAME_EXCHANGE and RENAME_SWAP
    path, number, flags = ctypes.c_char_p, ctypes.c_int, ctypes.c_uint
    if linux := getattr(library, "renameat2", None):
        linux.argtypes, linux.restype = [number, path, number, path, flags], number
        return lambda left, right: int(linux(here, left, here, right, swap))
    if apple := getattr(library, "renamex_np", None):
        apple.argtypes, apple.restype = [path, path, flags], number
        return lambda left, right: int(apple(left, right, swap))
    return None
