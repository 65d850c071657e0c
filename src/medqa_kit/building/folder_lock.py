"""One build at a time into a folder, whatever machine, container or thread it runs in.

A process id names a process only within its container, so no lock rests on one: the system holds the
lock as long as the file is open, and lets go of it when the process ends, however it ends.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from medqa_kit.errors import RecipeError, StorageError

if sys.platform != "win32":
    import fcntl

_TAKEN = (errno.EAGAIN, errno.EACCES)
_OPEN: set[int] = set()  # locks of this process, which no child of it shares


@contextmanager
def locked_folder(folder: Path, *, argument: str = "out=") -> Iterator[None]:
    """Lock the name of a folder, which need not exist; the folder above it does.

    The lock is a file beside the folder, which says whose it is. It goes when the block ends.

    Args:
        folder: The folder.
        argument: What names it, for who is refused.

    Raises:
        RecipeError: Another build has locked it; host and process are named.
        StorageError: There are no rights to write beside the folder, or the file system has no locks.
    """
    path = folder.with_name(f".{folder.name}.lock")
    handle = _locked(path, folder, argument)
    _OPEN.add(handle)
    try:
        yield
    finally:
        _OPEN.discard(handle)
        path.unlink(missing_ok=True)  # before the lock goes: whoever waits at this file tries anew
        os.close(handle)


def _locked(path: Path, folder: Path, argument: str) -> int:
    while True:
        handle = _opened(path, folder, argument)
        try:
            _lock(handle, path, folder, argument)
            if _stands(handle, path):
                _sign(handle)
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # its owner has removed it meanwhile


def _sign(handle: int) -> None:
    """Say whose the lock is; on a full disk it holds without."""
    owner = {"host": socket.gethostname(), "process": os.getpid()}
    with suppress(OSError):
        os.truncate(handle, 0)
        os.write(handle, json.dumps(owner).encode())


def _opened(path: Path, folder: Path, argument: str) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise StorageError(
            "the output cannot be written here", file=str(folder),
            expected=f"rights to make files in {str(path.parent)!r}",
            found=error.strerror or str(error),
            hint=f"give rights to that folder, or choose another {argument}",
        ) from error  # fmt: skip


def _lock(handle: int, path: Path, folder: Path, argument: str) -> None:
    try:
        if sys.platform == "win32":
            raise OSError(errno.ENOSYS, "this system has no file locks that we know of")
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            raise RecipeError(
                "another build is writing this folder", file=str(folder),
                expected="one build into a folder at a time", found=_owner(path),
                hint=f"wait until it has ended, or choose another {argument}",
            ) from None  # fmt: skip
        raise StorageError(
            "the output folder cannot be locked", file=str(folder),
            expected="a file system with file locks, so that two builds do not mix",
            found=error.strerror or str(error),
            hint="build into a folder of a local disk and move the result",
        ) from error  # fmt: skip


def _owner(path: Path) -> str:
    try:
        owner = json.loads(path.read_text("utf-8"))
        return f"process {owner['process']} on host {owner['host']!r}"
    except (OSError, ValueError, KeyError, TypeError):
        return "a process that has not said yet which it is"


def _stands(handle: int, path: Path) -> bool:
    """Check whether an open file is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _forget_in_child() -> None:
    """Close what a forked child got of the locks: they are to end with the build, not with it."""
    for handle in _OPEN:
        os.close(handle)
    _OPEN.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_child)
