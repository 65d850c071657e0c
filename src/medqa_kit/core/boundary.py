"""The boundary of the library: errors of the system, of parsers and of ``datasets`` become errors of the library."""

from __future__ import annotations

import errno
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree.ElementTree import ParseError

import pyarrow as pa

from medqa_kit.errors import FormatError, MedQAError, StorageError, shorten

_UNREADABLE = (
    json.JSONDecodeError,
    ParseError,
    UnicodeError,
    RecursionError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
    pa.ArrowInvalid,
)

# How Arrow, and the modules of Python, say that packed bytes are damaged.
_DAMAGED = re.compile(
    r"compressed (?:stream|file)|inflate failed|decompress|frame descriptor|CRC check|not a gzipped file|"
    r"unexpected end of (?:file|stream)|corrupt",
    re.IGNORECASE,
)


@contextmanager
def typed_errors(folder: str | os.PathLike[str]) -> Iterator[None]:
    """Turn errors of the disk, of memory, of parsers and of ``datasets`` into errors of the library.

    An error that a user's own function raises stays as it is.

    Args:
        folder: The path to name in errors where the system names none.

    Raises:
        StorageError: No room, no rights, no locks, or not enough memory.
        FormatError: Something cannot be read as what it should be, or unpacked.

    Example:
        >>> with typed_errors("/cache"):
        ...     raise OSError(28, "No space left on device")
        Traceback (most recent call last):
        medqa_kit.errors.classes.StorageError: file '/cache': no room is left...
    """
    try:
        yield
    except MedQAError:
        raise
    except Exception as error:
        root = _root(error)
        ours = root if isinstance(root, MedQAError) else _typed(root, folder)
        if ours is not None:
            raise ours from (root.__cause__ if ours is root else root)
        if root is not error:
            raise root from root.__cause__
        raise


def _root(error: BaseException) -> BaseException:
    """Return the error that ``datasets`` wrapped in one of its own."""
    from datasets.exceptions import DatasetGenerationError

    while isinstance(error, DatasetGenerationError) or (
        isinstance(error, OSError) and error.errno is None and not isinstance(error, MedQAError)
    ):
        inner = error.__cause__ or error.__context__
        if inner is None:
            break
        error = inner
    return error


def _typed(error: BaseException, folder: str | os.PathLike[str]) -> MedQAError | None:
    match error:
        case OSError() if error.errno is None and _DAMAGED.search(str(error)):
            return FormatError(
                "what is packed cannot be unpacked", file=os.fspath(folder), expected="a whole file",
                found=shorten([str(error)]), hint="the file is damaged or cut off; fetch it again",
            )  # fmt: skip
        case OSError():
            named = isinstance(error.filename, (str, bytes, os.PathLike))
            return StorageError.of(error, error.filename if named else folder)
        case NotImplementedError() if "flock" in str(error):  # how the package filelock says it
            return StorageError.no_locks(folder)
        case RuntimeError() if "Symlink loop" in str(error):  # how pathlib says it
            return StorageError.of(OSError(errno.ELOOP, os.strerror(errno.ELOOP)), folder)
        case MemoryError():
            return StorageError.no_memory(str(error))
    if isinstance(error, _UNREADABLE):
        return FormatError(
            "something cannot be read as what it should be", file=os.fspath(folder),
            expected="text and values as their format wants them",
            found=f"{type(error).__name__}: {shorten([str(error)])}",
            hint="look at the files that are read; on_bad=\"drop\" sets bad rows aside",
        )  # fmt: skip
    return None
