"""Files written whole or not at all: a name stands for a complete file, whatever stops the writer."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Hand out a temporary path beside a file; it becomes the file when the block ends well.

    The bytes reach the disk before the name does, and the folder is synced after it. If the block
    raises, the temporary file is removed and an earlier file stays as it is. The new file has the
    rights that ``open`` would give it.

    Args:
        path: The file to write. Folders above it are made.

    Yields:
        The path to write to; its name ends as that of the file, for writers that go by endings.

    Example:
        >>> folder = Path(tempfile.mkdtemp())
        >>> with written_whole(folder / "a.txt") as unfinished:
        ...     _ = unfinished.write_text("whole", "utf-8")
        >>> (folder / "a.txt").read_text("utf-8"), len(list(folder.iterdir()))
        ('whole', 1)
    """
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(
        dir=file.parent, prefix=f".{file.stem}.", suffix=f".unfinished{file.suffix}"
    )
    os.close(handle)
    unfinished = Path(name)
    try:
        yield unfinished
        unfinished.chmod(0o666 & ~_umask())
        _synced(unfinished)
        unfinished.replace(file)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    _synced(file.parent)


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
    mask = os.umask(0o022)  # the system tells it only to who sets it
    os.umask(mask)
    return mask


def _synced(path: Path) -> None:
    """Ask the disk to keep what was written; some file systems cannot sync a folder."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)
