"""Rows of the seven schemas as typed dicts, for loops over rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

import pyarrow as pa

from medqa_kit.schemas.definitions import SchemaName, schema_name


class _Provenance(TypedDict):
    id: str
    source: str
    subset: str | None
    split: str
    language: str | None
    family: str | None


class Message(TypedDict):
    """One turn of a dialogue."""

    role: str
    content: str


class Span(TypedDict):
    """One entity: the tokens from ``start`` to ``end``, without the token at ``end``."""

    start: int
    end: int
    label: str
    text: str


class QARow(_Provenance):
    """A row of :data:`QA`."""

    question: str
    context: str | None
    options: list[str] | None
    answer_index: int | None
    answer: str | None
    rationale: str | None
    year: int | None
    tags: list[str] | None


class PreferenceRow(_Provenance):
    """A row of :data:`PREFERENCE`."""

    prompt: str
    chosen: str
    rejected: str
    chosen_score: float | None
    rejected_score: float | None


class DialogueRow(_Provenance):
    """A row of :data:`DIALOGUE`."""

    messages: list[Message]


class TokensRow(_Provenance):
    """A row of :data:`TOKENS`."""

    text: str | None
    tokens: list[str]
    tags: list[str] | None
    spans: list[Span] | None


class ParallelRow(_Provenance):
    """A row of :data:`PARALLEL`."""

    text: str
    text_language: str
    translation: str
    translation_language: str
    domain: str | None


class TextRow(_Provenance):
    """A row of :data:`TEXT`."""

    title: str | None
    text: str
    url: str | None


class LabeledRow(_Provenance):
    """A row of :data:`LABELED`."""

    text: str
    text_pair: str | None
    label: str | None
    score: float | None


_ROW_TYPES: Mapping[SchemaName, type] = {
    "qa": QARow, "preference": PreferenceRow, "dialogue": DialogueRow, "tokens": TokensRow,
    "parallel": ParallelRow, "text": TextRow, "labeled": LabeledRow,
}  # fmt: skip


def row_type(schema: pa.Schema) -> type:
    """Return the ``TypedDict`` that mirrors one of the seven schemas.

    Example:
        >>> from medqa_kit.schemas import QA
        >>> row_type(QA).__name__
        'QARow'
    """
    return _ROW_TYPES[schema_name(schema)]
