"""Every error the library raises, one class per cause.

The tree, with the meaning of each class::

    MedQAError
    ├── ArgumentError           an argument is not one of the values it takes (ValueError)
    ├── CatalogError            the question put to the catalogue has no answer (LookupError)
    │   ├── UnknownSourceError      no source of that name
    │   ├── UnknownPartError        the source has no such subset, split, variant or view
    │   ├── NoDataError             catalogued, but there is nothing public to load
    │   ├── ManualDownloadError     you must fetch the files yourself and pass path=
    │   └── InvalidSourceError      a Source value contradicts itself (ValueError)
    ├── HubError                the hub did not give the files or facts (OSError)
    │   ├── GatedError              terms to accept or a token to pass
    │   ├── MissingError            no such repository, revision or file
    │   ├── OfflineError            no connection, and the cache lacks the right files
    │   ├── RateLimitedError        429 until the retries were used up
    │   ├── ServerError             5xx or a broken transfer until the retries were used up
    │   ├── NoHubError              the reply is not of a hub: a sign-in page, a proxy
    │   └── CorruptedError          the bytes are not those the hub lists, or the catalogue knows
    ├── StorageError            no room, no rights, no locks or not enough memory (OSError)
    ├── FileError               the files are not laid out as declared (OSError)
    │   ├── WrongFilesError         none of the expected files here
    │   ├── SchemaMovedError        columns or types differ from the declared raw schema
    │   ├── FormatError             not valid JSON, Parquet, CSV, xlsx, zip, ...
    │   ├── EncodingError           not text in the declared encoding
    │   ├── EmptyDataError          well-formed, but there are no rows
    │   └── UnsafeArchiveError      an archive member points outside the archive
    ├── RowError                some rows are not what the source declared (ValueError)
    │   ├── NullValueError          null or blank where a value is required
    │   ├── ValueTypeError          a value of another type than declared
    │   ├── LabelError              a label the source did not declare
    │   ├── AnswerError             the answer is not one of the options
    │   ├── AlignmentError          parallel lists of different lengths
    │   └── DuplicateIdError        two rows with one natural key
    ├── AccountError            rows are missing for which no reason is counted
    ├── SchemaError             a table does not fit one of the seven schemas
    ├── LockError               data moved since the lockfile was written
    ├── LeakError               training data holds items that were to be held out
    ├── RecipeError             a recipe cannot be read or contradicts itself
    │   └── GateError               the result is not what the gates of a recipe allow
    ├── FormattingError         a row cannot become the prompt or record asked for
    └── MissingExtraError       an optional dependency is not installed

Each class also has the builtin base that generic code expects, named in brackets where its whole
branch has it; ``AccountError``, ``SchemaError``, ``LockError``, ``LeakError``, ``RecipeError`` and ``FormattingError`` are
``ValueError``, ``MissingExtraError`` is ``ImportError``.

An error text has three parts: where and what is wrong, what was expected and found, and a
``Hint:`` with the next step. At most three values are quoted, each cut to 80 characters, so that
data does not end up in logs; control characters are escaped. Errors survive pickling: workers
send them home unchanged.
"""

from medqa_kit.errors.base import MedQAError, printable, shorten
from medqa_kit.errors.classes import (
    AccountError,
    AlignmentError,
    AnswerError,
    ArgumentError,
    CatalogError,
    CorruptedError,
    DuplicateIdError,
    EmptyDataError,
    EncodingError,
    FileError,
    FormatError,
    FormattingError,
    GatedError,
    GateError,
    HubError,
    InvalidSourceError,
    LabelError,
    LeakError,
    LockError,
    ManualDownloadError,
    MissingError,
    MissingExtraError,
    NoDataError,
    NoHubError,
    NullValueError,
    OfflineError,
    RateLimitedError,
    RecipeError,
    RowError,
    SchemaError,
    SchemaMovedError,
    ServerError,
    StorageError,
    UnknownPartError,
    UnknownSourceError,
    UnsafeArchiveError,
    ValueTypeError,
    WrongFilesError,
)
from medqa_kit.errors.warning_classes import (
    AnswerWarning,
    CacheWarning,
    DroppedRowsWarning,
    FamilyWarning,
    FloatingRevisionWarning,
    HoldoutWarning,
    LeftOutWarning,
    LicenseWarning,
    MedQAWarning,
    MissingValueWarning,
    PartsWarning,
    PluginWarning,
    RowCountWarning,
    SafetyWarning,
    SplitWarning,
)

__all__ = [
    "AccountError",
    "AlignmentError",
    "AnswerError",
    "AnswerWarning",
    "ArgumentError",
    "CacheWarning",
    "CatalogError",
    "CorruptedError",
    "DuplicateIdError",
    "EmptyDataError",
    "EncodingError",
    "FamilyWarning",
    "FileError",
    "FloatingRevisionWarning",
    "FormatError",
    "FormattingError",
    "GateError",
    "GatedError",
    "HoldoutWarning",
    "HubError",
    "InvalidSourceError",
    "LabelError",
    "LeakError",
    "LeftOutWarning",
    "LicenseWarning",
    "LockError",
    "ManualDownloadError",
    "MedQAError",
    "MedQAWarning",
    "MissingError",
    "MissingExtraError",
    "MissingValueWarning",
    "NoDataError",
    "NoHubError",
    "NullValueError",
    "OfflineError",
    "DroppedRowsWarning",
    "PartsWarning",
    "PluginWarning",
    "RateLimitedError",
    "RecipeError",
    "RowCountWarning",
    "RowError",
    "SafetyWarning",
    "SchemaError",
    "SchemaMovedError",
    "ServerError",
    "StorageError",
    "SplitWarning",
    "UnknownPartError",
    "UnknownSourceError",
    "UnsafeArchiveError",
    "ValueTypeError",
    "WrongFilesError",
    "printable",
    "shorten",
]
