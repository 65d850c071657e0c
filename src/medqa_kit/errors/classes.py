"""One error class per cause."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from typing import Any

from medqa_kit.errors.base import MedQAError


class ArgumentError(MedQAError, ValueError):
    """An argument is not one of the values it takes.

    Args:
        what: See :class:`MedQAError`, like the other keyword arguments.
        argument: Name of the argument.
    """

    def __init__(self, what: str, *, argument: str = "", **rest: Any) -> None:
        super().__init__(what, **rest)
        self.argument = argument


class CatalogError(MedQAError, LookupError):
    """The catalogue has no such entry, or no data for it."""


class UnknownSourceError(CatalogError):
    """No source of that name is catalogued."""


class UnknownPartError(CatalogError):
    """The source has no such subset, split, variant or view."""


class NoDataError(CatalogError):
    """The source is catalogued, but there is nothing public to load."""


class ManualDownloadError(CatalogError):
    """The files must be fetched by hand and passed as ``path=``."""


class InvalidSourceError(CatalogError, ValueError):
    """A ``Source`` value contradicts itself."""


_CAUSES = {
    errno.ENOSPC: ("no room is left", "make room there"),
    errno.EDQUOT: ("no room is left for you", "make room there or ask for a larger quota"),
    errno.EFBIG: ("a file there may not become as large", "raise the limit (ulimit -f)"),
    errno.EROFS: ("nothing can be written there", "mount it for writing"),
    errno.EACCES: ("there are no rights", "give yourself rights there"),
    errno.EPERM: ("there are no rights", "give yourself rights there"),
    errno.ENOLCK: ("the file system has no locks", "take a folder on a local disk"),
    errno.ENOTDIR: ("a file is where a folder should be", "move that file away"),
    errno.ENAMETOOLONG: ("the name is too long", "take a shorter name"),
    errno.ELOOP: ("links lead in a circle there", "repair the links"),
    errno.ENOENT: ("there is no such file or folder", "check the path"),
    errno.EISDIR: ("a folder is where a file should be", "name a file, or move that folder away"),
    errno.EEXIST: ("a file is where a folder should be", "move that file away"),
}
_ELSEWHERE = "or choose another place with cache_dir= or the environment variable HF_HOME"


class StorageError(MedQAError, OSError):
    """This machine has no room, in a folder or in memory, gives no rights, or has no file locks."""

    @classmethod
    def of(
        cls, error: OSError, path: str | os.PathLike[str], *, elsewhere: str = _ELSEWHERE
    ) -> StorageError:
        """Return the error for an error of the system about a path.

        Args:
            error: The error of the system.
            path: The file or folder.
            elsewhere: How to choose another place, for the hint.
        """
        if isinstance(error, StorageError):
            return error
        what, remedy = _CAUSES.get(
            error.errno or 0, ("it cannot be read or written", "make room or give rights there")
        )
        return cls(
            what,
            file=os.fsdecode(path),
            expected="a place with room and rights",
            found=error.strerror or str(error) or type(error).__name__,
            hint=f"{remedy}, {elsewhere}",
        )

    @classmethod
    def no_locks(cls, path: str | os.PathLike[str]) -> StorageError:
        """Return the error for a file system without locks."""
        return cls.of(OSError(errno.ENOLCK, "file locks are not supported"), path)

    @classmethod
    def no_memory(cls, found: str) -> StorageError:
        """Return the error for too little memory."""
        return cls(
            "there is not enough memory",
            expected="room for one batch of rows",
            found=found or "the system gave no more",
            hint="close other programs, raise the limit of the container, or read with streaming=True",
        )


class HubError(MedQAError, OSError):
    """The hub did not give the files or facts that were requested."""


class GatedError(HubError, PermissionError):
    """The repository wants accepted terms, a token, or both (401, 403)."""


class MissingError(HubError, FileNotFoundError):
    """No such repository, revision or file (404)."""


class OfflineError(HubError, ConnectionError):
    """There is no connection, and the cache does not hold exactly these files."""


class RateLimitedError(HubError, ConnectionError):
    """The hub answered 429 until the retries were used up."""

    default_hint = "wait a few minutes, or pass token= for a higher limit"


class ServerError(HubError, ConnectionError):
    """The hub answered 5xx or cut the transfer until the retries were used up."""

    default_hint = "try again later; files that arrived whole are kept"


class NoHubError(HubError):
    """The reply does not come from a hub but from a sign-in page, a proxy or another server."""

    default_hint = (
        "check HF_ENDPOINT, the proxy (HTTPS_PROXY, NO_PROXY) and whether this network wants you to "
        "sign in first"
    )


class CorruptedError(HubError):
    """The bytes are not those the hub lists, or the catalogue knows."""


class FileError(MedQAError, OSError):
    """The files are not laid out as the source declares."""


class WrongFilesError(FileError, FileNotFoundError):
    """None of the expected files is there."""


class SchemaMovedError(FileError, ValueError):
    """Columns or types differ from the raw schema the source declares."""


class FormatError(FileError, ValueError):
    """The file is not valid in its format."""


class EncodingError(FileError, ValueError):
    """The file is not text in the declared encoding."""


class EmptyDataError(FileError):
    """The files are well-formed, but hold no rows."""


class UnsafeArchiveError(FileError):
    """An archive member points outside the archive."""

    default_hint = "do not open this archive elsewhere either; fetch it again from its publisher"


class RowError(MedQAError, ValueError):
    """Some rows of a batch are not what the source declared.

    Args:
        rows: Positions of the bad rows in the batch the kernel was given. The loader turns them
            into places in files, or sets the rows aside when ``on_bad="drop"``.
        what: See :class:`MedQAError`, like the other keyword arguments.

    ``reason`` is the stable code under which reports count the rows.
    """

    reason = "bad_row"

    def __init__(self, what: str, *, rows: Sequence[int], **rest: Any) -> None:
        super().__init__(what, **rest)
        self.rows = list(rows)


class NullValueError(RowError):
    """Null or blank where the schema or the source requires a value."""

    reason = "null_value"


class ValueTypeError(RowError):
    """A value of another type than declared."""

    reason = "value_type"


class LabelError(RowError):
    """A label the source did not declare."""

    reason = "unknown_label"


class AnswerError(RowError):
    """The answer is not one of the row's options."""

    reason = "answer_outside_options"


class AlignmentError(RowError):
    """Parallel lists, such as tokens and tags, have different lengths."""

    reason = "misaligned"


class DuplicateIdError(RowError):
    """Two rows share what the source declares to be a unique key."""

    reason = "duplicate_id"


class AccountError(MedQAError, ValueError):
    """Rows are missing for which no reason is counted."""


class SchemaError(MedQAError, ValueError):
    """A table does not fit its declared schema."""


class LockError(MedQAError, ValueError):
    """The data is not what the lockfile recorded."""


class LeakError(MedQAError, ValueError):
    """Training data holds items that were to be held out."""


class RecipeError(MedQAError, ValueError):
    """A recipe cannot be read, or contradicts itself."""


class GateError(RecipeError):
    """The result of a build is not what the gates of its recipe allow; nothing was written."""


class FormattingError(MedQAError, ValueError):
    """A row cannot become the prompt or record asked for."""


class MissingExtraError(MedQAError, ImportError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str, *, need: str) -> None:
        super().__init__(
            f"{need} needs the package {package!r}, which is not installed",
            hint=f"pip install 'medqa_kit[{extra}]'",
        )
        self.args = (package, extra)
