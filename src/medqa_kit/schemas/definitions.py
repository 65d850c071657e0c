"""The seven schemas as values, and their documentation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

import pyarrow as pa

from medqa_kit.errors import ArgumentError, SchemaError

SchemaName = Literal["qa", "preference", "dialogue", "tokens", "parallel", "text", "labeled"]

_NAME, _DOC, _REQUIRED = b"medqa_kit.schema", b"description", b"required"


def _field(name: str, type_: pa.DataType, doc: str, *, required: bool = False) -> pa.Field:
    metadata = {_DOC: doc.encode(), _REQUIRED: b"true" if required else b"false"}
    return pa.field(name, type_, metadata=metadata)


def _schema(name: SchemaName, *fields: pa.Field) -> pa.Schema:
    return pa.schema([*PROVENANCE, *fields], metadata={_NAME: name.encode()})


_TEXT = pa.string()
_TEXTS = pa.list_(pa.string())

PROVENANCE: tuple[pa.Field, ...] = (
    _field(
        "id",
        _TEXT,
        "Stable name of the row: source/subset/key, where the key is upstream's own "
        "or a hash of named columns. Rows of an embedded sample start with 'sample:'.",
        required=True,
    ),
    _field("source", _TEXT, "Name of the catalogued source.", required=True),
    _field("subset", _TEXT, "Upstream's configuration, or null where there is only one."),
    _field(
        "split",
        _TEXT,
        "Upstream's split as upstream means it; 'dev' is called 'validation'.",
        required=True,
    ),
    _field(
        "language",
        _TEXT,
        "BCP 47 tag of the row's main text; null where it varies and is not known row by row.",
    ),
    _field(
        "family",
        _TEXT,
        "Equal for all copies, translations, paraphrases and rewrites of one "
        "item that lineage keys can prove; null when unknown.",
    ),
)

_SPAN = pa.struct(
    [
        pa.field("start", pa.int32()),
        pa.field("end", pa.int32()),
        pa.field("label", pa.string()),
        pa.field("text", pa.string()),
    ]
)

_MESSAGE = pa.struct([pa.field("role", pa.string()), pa.field("content", pa.string())])

QA: pa.Schema = _schema(
    "qa",
    _field("question", _TEXT, "The question, verbatim.", required=True),
    _field("context", _TEXT, "Passage, case or input the question is about."),
    _field(
        "options",
        _TEXTS,
        "Answer options in upstream's number and order, verbatim; null for open questions.",
    ),
    _field(
        "answer_index",
        pa.int32(),
        "0-based position of the right option; null for open "
        "questions and withheld answers, never -1.",
    ),
    _field(
        "answer",
        _TEXT,
        "Text of the right answer; for a choice, the right option's text; null "
        "when withheld or missing upstream.",
    ),
    _field("rationale", _TEXT, "Explanation or chain of thought that leads to the answer."),
    _field("year", pa.int32(), "Year of the exam or of publication, where upstream gives one."),
    _field("tags", _TEXTS, "Upstream's own tags, and flags the source's page explains."),
)

PREFERENCE: pa.Schema = _schema(
    "preference",
    _field("prompt", _TEXT, "What was asked.", required=True),
    _field("chosen", _TEXT, "The preferred reply.", required=True),
    _field("rejected", _TEXT, "The other reply; differs from `chosen`.", required=True),
    _field("chosen_score", pa.float64(), "Score of the preferred reply, in upstream's unit."),
    _field("rejected_score", pa.float64(), "Score of the other reply, in upstream's unit."),
)

DIALOGUE: pa.Schema = _schema(
    "dialogue",
    _field(
        "messages",
        pa.list_(_MESSAGE),
        "Turns in order; role is system, user, assistant or tool.",
        required=True,
    ),
)

TOKENS: pa.Schema = _schema(
    "tokens",
    _field("text", _TEXT, "The sentence as upstream gives it."),
    _field("tokens", _TEXTS, "Upstream's tokens.", required=True),
    _field(
        "tags",
        _TEXTS,
        "One tag a token: BIO with the prefix first (B-Disease) for entities, "
        "upstream's own label otherwise; null when withheld.",
    ),
    _field(
        "spans",
        pa.list_(_SPAN),
        "Entities: [start, end) counts tokens from 0; `text` is the "
        "tokens joined by blanks, or by nothing where tokens are characters.",
    ),
)

PARALLEL: pa.Schema = _schema(
    "parallel",
    _field("text", _TEXT, "One side of the pair.", required=True),
    _field("text_language", _TEXT, "BCP 47 tag of `text`.", required=True),
    _field("translation", _TEXT, "The other side.", required=True),
    _field("translation_language", _TEXT, "BCP 47 tag of `translation`.", required=True),
    _field("domain", _TEXT, "Subject area, in upstream's words."),
)

TEXT: pa.Schema = _schema(
    "text",
    _field("title", _TEXT, "Title of the article or document."),
    _field("text", _TEXT, "The text, line breaks included.", required=True),
    _field("url", _TEXT, "Where the text stood."),
)

LABELED: pa.Schema = _schema(
    "labeled",
    _field("text", _TEXT, "The text to classify, or the first of a pair.", required=True),
    _field("text_pair", _TEXT, "The second of a pair."),
    _field("label", _TEXT, "Name of the class; null when withheld or when only a score is given."),
    _field("score", pa.float64(), "Graded label, in upstream's unit."),
)

SCHEMAS: Mapping[SchemaName, pa.Schema] = {
    "qa": QA, "preference": PREFERENCE, "dialogue": DIALOGUE, "tokens": TOKENS,
    "parallel": PARALLEL, "text": TEXT, "labeled": LABELED,
}  # fmt: skip


def schema_name(schema: pa.Schema) -> SchemaName:
    """Find which of the seven schemas this is.

    The name in the schema's metadata decides; without metadata (``datasets`` drops it) the set
    of column names does.

    Raises:
        SchemaError: It is none of the seven.

    Example:
        >>> schema_name(TEXT), schema_name(LABELED.remove_metadata())
        ('text', 'labeled')
    """
    named: str = (schema.metadata or {}).get(_NAME, b"").decode()
    if named in SCHEMAS:
        return cast(SchemaName, named)
    names = set(schema.names)
    for name, known in SCHEMAS.items():
        if names == set(known.names):
            return name
    raise SchemaError(
        "the columns are those of none of the seven schemas",
        expected="one of " + ", ".join(SCHEMAS),
        found="columns " + ", ".join(schema.names),
        hint="mk.conform(table, mk.schemas.QA) completes a table; mk.load(...) gives conforming ones",
    )


def describe(field: pa.Field) -> str:
    """Return the documentation of one column of the seven schemas.

    Example:
        >>> describe(QA.field("question"))
        'The question, verbatim.'
    """
    doc: bytes = (field.metadata or {}).get(_DOC, b"")
    return doc.decode()


def required(schema: pa.Schema) -> list[str]:
    """List the columns of a schema that are never null.

    Example:
        >>> required(TEXT)
        ['id', 'source', 'split', 'text']
    """
    return [f.name for f in schema if (f.metadata or {}).get(_REQUIRED) == b"true"]


def refuse_no_schema(schema: object) -> None:
    """Check that an argument is a schema, not the name of one.

    Raises:
        ArgumentError: It is something else.

    Example:
        >>> refuse_no_schema(QA)
    """
    if isinstance(schema, pa.Schema):
        return
    known = isinstance(schema, str) and schema.lower() in SCHEMAS
    raise ArgumentError(
        "schema= takes a schema",
        argument="schema",
        expected="a pa.Schema, such as mk.schemas.QA",
        found=repr(schema)[:80],
        hint=f"pass mk.schemas.{str(schema).upper()}" if known
        else "pass one of mk.schemas.SCHEMAS.values()",
    )  # fmt: skip
