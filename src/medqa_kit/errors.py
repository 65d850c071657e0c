"""Every error the library raises, one class per cause.

The tree, with what each one tells you::

    MedQAError
    ├── CatalogError            the question put to the catalogue has no answer
    │   ├── UnknownSourceError      no source of that name
    │   ├── UnknownPartError        the source has no such subset, split, variant or view
    │   ├── NoDataError             catalogued, but there is nothing public to load
    │   ├── ManualDownloadError     you must fetch the files yourself and pass path=
    │   └── InvalidSourceError      a Source value contradicts itself
    ├── HubError                the hub did not give what was asked
    │   ├── GatedError              terms to accept or a token to pass
    │   ├── MissingError            no such repository, revision or file
    │   ├── OfflineError            no connection, and nothing cached that is the right thing
    │   ├── RateLimitedError        429 until the retries were used up
    │   ├── ServerError             5xx or a broken transfer until the retries were used up
    │   └── CorruptedError          the bytes are not the bytes the hub lists
    ├── FileError               the files are not laid out as declared
    │   ├── WrongFilesError         none of the expected files here
    │   ├── SchemaMovedError        columns or types differ from the declared raw schema
    │   ├── FormatError             not valid JSON, Parquet, CSV, xlsx, zip, ...
    │   ├── EncodingError           not text in the declared encoding
    │   ├── EmptyDataError          well-formed, but there are no rows
    │   └── UnsafeArchiveError      an archive member points outside the archive
    ├── RowError                some rows are not what the source declared
    │   ├── NullValueError          null or blank where a value is required
    │   ├── ValueTypeError          a value of another type than declared
    │   ├── LabelError              a label the source did not declare
    │   ├── AnswerError             the answer is not one of the options
    │   ├── AlignmentError          parallel lists of different lengths
    │   └── DuplicateIdError        two rows with one natural key
    ├── SchemaError             a table does not fit one of the seven schemas
    ├── LockError               data moved since the lockfile was written
    ├── LeakError               training data holds items that were to be held out
    ├── RecipeError             a recipe cannot be read or contradicts itself
    ├── FormattingError         a row cannot become the prompt or record asked for
    └── MissingExtraError       an optional dependency is not installed

An error text has three parts: where and what is wrong, what was expected and found, and a
``Hint:`` with the next step. At most three values are quoted, each cut to 80 characters, so that
data does not end up in logs. Errors survive pickling: workers send them home unchanged.
"""

from __future__ import annotations

import copyreg
from collections.abc import Iterable, Sequence
from typing import Any

_MOST_VALUES, _MOST_CHARACTERS = 3, 80


def shorten(values: Iterable[object]) -> str:
    """Quote at most three values, each at most 80 characters long.

    Example:
        >>> shorten(["a", 2, None, 4.0])
        "'a', 2, None, … (4 in all)"
    """
    listed = list(values)
    shown = [
        text if len(text := repr(v)) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + "…"
        for v in listed[:_MOST_VALUES]
    ]
    rest = f", … ({len(listed)} in all)" if len(listed) > _MOST_VALUES else ""
    return ", ".join(shown) + rest


class MedQAError(Exception):
    """Base of all errors of the library: catch this one to catch them all.

    Args:
        what: One sentence: what is wrong.
        expected: What was declared or asked for.
        found: What was there instead.
        hint: What to do next.
        source: Name of the catalogued source.
        part: ``subset/split`` of the source.
        file: File name, as upstream names it.
        row: 0-based position in that file, for formats that count rows; for text formats the
            message speaks of lines, counted from 1.
        row_id: Id of the row, once rows have ids.
        column: Column name.

    Example:
        >>> print(MedQAError("the key is a letter", source="demo", column="key",
        ...                  expected="1 to 5", found="'A'", hint="declare letters=True"))
        source 'demo', column 'key': the key is a letter.
          expected: 1 to 5
          found:    'A'
        Hint: declare letters=True.
    """

    default_hint = ""

    def __init__(
        self,
        what: str,
        *,
        expected: str = "",
        found: str = "",
        hint: str = "",
        source: str | None = None,
        part: str | None = None,
        file: str | None = None,
        row: int | None = None,
        row_id: str | None = None,
        column: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what, self.expected, self.found = what, expected, found
        self.hint = hint or self.default_hint
        self.source, self.part, self.file = source, part, file
        self.row, self.row_id, self.column = row, row_id, column

    def __str__(self) -> str:
        place = self.place
        lines = [f"{place}: {_sentence(self.what)}" if place else _sentence(self.what)]
        if self.expected:
            lines.append(f"  expected: {self.expected}")
        if self.found:
            lines.append(f"  found:    {self.found}")
        if self.hint:
            lines.append(f"Hint: {_sentence(self.hint)}")
        return "\n".join(lines)

    @property
    def place(self) -> str:
        """Where it happened, as far as known: source, part, file, row, id, column."""
        pairs = [
            ("source", self.source),
            ("part", self.part),
            ("file", self.file),
            ("row", self.row),
            ("id", self.row_id),
            ("column", self.column),
        ]
        return ", ".join(f"{name} {value!r}" for name, value in pairs if value is not None)

    def at(self, **place: Any) -> MedQAError:
        """Fill in what is not yet known of the place (``source=``, ``file=``, ...), in situ.

        Code near the data knows the row, code near the disk knows the file: each adds its part.
        """
        for name, value in place.items():
            if getattr(self, name) is None:
                setattr(self, name, value)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        # Rebuilt without __init__: subclasses are free in their parameters and still pickle.
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


def _sentence(text: str) -> str:
    return text if not text or text[-1] in ".?!:" else text + "."


class CatalogError(MedQAError):
    """The question put to the catalogue has no answer."""


class UnknownSourceError(CatalogError):
    """No source of that name is catalogued."""


class UnknownPartError(CatalogError):
    """The source has no such subset, split, variant or view."""


class NoDataError(CatalogError):
    """The source is catalogued, but there is nothing public to load."""


class ManualDownloadError(CatalogError):
    """The files must be fetched by hand and passed as ``path=``."""


class InvalidSourceError(CatalogError):
    """A ``Source`` value contradicts itself."""


class HubError(MedQAError):
    """The hub did not give what was asked of it."""


class GatedError(HubError):
    """The repository wants accepted terms, a token, or both (401, 403)."""


class MissingError(HubError):
    """No such repository, revision or file (404)."""


class OfflineError(HubError):
    """No connection, and nothing cached that is exactly what was asked for."""


class RateLimitedError(HubError):
    """The hub answered 429 until the retries were used up."""

    default_hint = "wait a few minutes, or pass token= for a higher limit"


class ServerError(HubError):
    """The hub answered 5xx or cut the transfer until the retries were used up."""

    default_hint = "try again later; files that arrived whole are kept"


class CorruptedError(HubError):
    """The downloaded bytes are not the bytes the hub lists."""


class FileError(MedQAError):
    """The files are not laid out as the source declares."""


class WrongFilesError(FileError):
    """None of the expected files is there."""


class SchemaMovedError(FileError):
    """Columns or types differ from the raw schema the source declares."""


class FormatError(FileError):
    """The file is not valid in its format."""


class EncodingError(FileError):
    """The file is not text in the declared encoding."""


class EmptyDataError(FileError):
    """The files are well-formed, but hold no rows."""


class UnsafeArchiveError(FileError):
    """An archive member points outside the archive."""

    default_hint = "do not open this archive elsewhere either; fetch it again from its publisher"


class RowError(MedQAError):
    """Some rows of a batch are not what the source declared.

    Args:
        rows: Positions of the bad rows in the batch the kernel was given. The loader turns them
            into places in files, or sets the rows aside when ``on_error="quarantine"``.
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


class SchemaError(MedQAError):
    """A table does not fit the schema it is said to have."""


class LockError(MedQAError):
    """The data is not what the lockfile recorded."""


class LeakError(MedQAError):
    """Training data holds items that were to be held out."""


class RecipeError(MedQAError):
    """A recipe cannot be read, or contradicts itself."""


class FormattingError(MedQAError):
    """A row cannot become the prompt or record asked for."""


class MissingExtraError(MedQAError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str, *, need: str) -> None:
        super().__init__(
            f"{need} needs the package {package!r}, which is not installed",
            hint=f"pip install 'medqa_kit[{extra}]'",
        )
        self.args = (package, extra)


class MedQAWarning(UserWarning):
    """Base of the library's warnings: something a person should know, and that did not stop us."""


class FloatingRevisionWarning(MedQAWarning):
    """A source without a pinned revision was read; another day may give other rows."""


class RowCountWarning(MedQAWarning):
    """A part does not have the number of rows it had when it was catalogued."""


class LicenseWarning(MedQAWarning):
    """Claims about a licence contradict each other; the strictest rules apply."""


class SafetyWarning(MedQAWarning):
    """The rows hold advice that may harm if followed."""


class HoldoutWarning(MedQAWarning):
    """What is held out leaves protected items in."""


class QuarantineWarning(MedQAWarning):
    """Rows were set aside; the message says how many, why, and in which file."""


class LeftOutWarning(MedQAWarning):
    """Some of what upstream has is in no row; the message says how much and why."""
