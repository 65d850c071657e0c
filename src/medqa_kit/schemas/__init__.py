"""The seven schemas: what a normalised row looks like.

Each schema is a :class:`pyarrow.Schema` value. The documentation of a column is in its field
metadata; the typed rows (:class:`QARow`, ...) mirror the schemas for loops over rows, and
:func:`json_schema` gives the same contract to other languages. A test compares the three.

All seven start with the same provenance columns, so rows of different sources can be mixed and
still be distinguished, traced and held out.
"""

from medqa_kit.schemas.conforming import conform, fitted
from medqa_kit.schemas.definitions import (
    DIALOGUE,
    LABELED,
    PARALLEL,
    PREFERENCE,
    PROVENANCE,
    QA,
    SCHEMAS,
    TEXT,
    TOKENS,
    SchemaName,
    describe,
    required,
    schema_name,
)
from medqa_kit.schemas.json_schemas import json_schema
from medqa_kit.schemas.row_types import (
    DialogueRow,
    LabeledRow,
    Message,
    ParallelRow,
    PreferenceRow,
    QARow,
    Span,
    TextRow,
    TokensRow,
    row_type,
)

__all__ = [
    "DIALOGUE",
    "DialogueRow",
    "LABELED",
    "LabeledRow",
    "Message",
    "PARALLEL",
    "PREFERENCE",
    "PROVENANCE",
    "ParallelRow",
    "PreferenceRow",
    "QA",
    "QARow",
    "SCHEMAS",
    "SchemaName",
    "Span",
    "TEXT",
    "TOKENS",
    "TextRow",
    "TokensRow",
    "conform",
    "describe",
    "fitted",
    "json_schema",
    "required",
    "row_type",
    "schema_name",
]
