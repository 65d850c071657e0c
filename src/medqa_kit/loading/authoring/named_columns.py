"""What a person says of the columns of rows of one's own, checked against the schema that these are to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from medqa_kit.core.arguments import instance, nonempty_text, one_of, several_texts
from medqa_kit.errors import ArgumentError
from medqa_kit.loading.request import refuse_reversed
from medqa_kit.normalizing.own_columns import AnswerBase
from medqa_kit.schemas import PROVENANCE, SCHEMAS, SchemaName

_PROVENANCE = {field.name for field in PROVENANCE}


@dataclass(frozen=True, kw_only=True)
class NamedColumns:
    """What a person says of the columns of rows; the attributes are the arguments of :func:`medqa_kit.read`.

    Raises:
        ArgumentError: A column of the schema is none, an argument is not for this schema, or no text.

    Example:
        >>> NamedColumns(question="stem", options=["a", "b"], answer="right").wanted
        {'question': 'stem'}
    """

    schema: SchemaName = "qa"
    columns: Mapping[str, str] | None = None
    question: str | None = None
    options: Sequence[str] | str | None = None
    answer: str | None = None
    base: AnswerBase | None = None
    key: str | None = None
    family: str | None = None
    language: str | None = None

    def __post_init__(self) -> None:
        one_of("schema", self.schema, get_args(SchemaName))
        one_of("base", self.base, (None, *get_args(AnswerBase)))
        columns = {} if self.columns is None else self.columns
        instance(
            "columns", columns, Mapping, expected="a dict", hint='write columns={"text": "body"}'
        )
        single = {
            "question": self.question,
            "answer": self.answer,
            "key": self.key,
            "family": self.family,
        }
        for argument, column in (*columns.items(), *single.items()):
            if column is not None:
                nonempty_text(argument, column)
        if self.options is not None and not isinstance(self.options, str):
            object.__setattr__(self, "options", several_texts("options", self.options))
        known = [n for n in SCHEMAS[self.schema].names if n not in _PROVENANCE or n == "language"]
        refuse_reversed(columns, known)
        for name in columns:
            one_of("columns", name, known, hint=f"the schema {self.schema} has no such column")
        for argument in ("question", "options", "answer"):
            if getattr(self, argument) is not None and self.schema != "qa":
                raise ArgumentError(
                    f"{argument}= is for questions", argument=argument, expected='schema="qa"', found=self.schema,
                    hint='columns={"…": "…"} names the columns of other schemas',
                )  # fmt: skip

    @property
    def wanted(self) -> dict[str, str]:
        """Columns of the schema to those of the rows; the options and how an answer names one are apart."""
        answer = self.answer if self.options is None else None
        single = {"question": self.question, "answer": answer}
        return {
            **(self.columns or {}),
            **{name: column for name, column in single.items() if column is not None},
        }
