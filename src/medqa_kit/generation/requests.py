"""Prompts for a model: one JSON object per row and turn, with an id that is a digest of the request."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, get_args

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import instance, nonempty_text, one_of, some_of, whole_number
from medqa_kit.core.arrow.columns import is_text
from medqa_kit.core.arrow.slices import need
from medqa_kit.errors import ArgumentError, FormattingError
from medqa_kit.generation.tasks import REPLY_LANGUAGES, TASKS, TaskName, TaskRules
from medqa_kit.training.records import Record, record

REQUESTS: pa.Schema = pa.schema([
    ("request", pa.string()), ("parent", pa.int64()), ("turn", pa.int32()),
    ("system", pa.string()), ("prompt", pa.string()),
])  # fmt: skip
"""Requests: the name, the position of the parent row, which of ``per_row`` it is, and what is said."""

_AT_ONCE = 8192  # rows as Python values


@dataclass(frozen=True, kw_only=True)
class Generation:
    """A task for a model: the rows that it makes of other rows. The library itself calls no model.

    Attributes:
        task: ``"translation"``, ``"paraphrase"``, ``"reasoning_summary"``, ``"explanation"`` or
            ``"grounded_questions"``, see :data:`medqa_kit.generation.tasks.TASKS`.
        model: Name of the model, for the requests and the lineage of rows.
        language: Language of the replies: ``"ko"``, ``"km"`` or ``"en"``; ``None`` takes the row's
            own. A translation needs one.
        per_row: How many replies each row gets.
        columns: The text columns to send; those of the task that the rows have by default.
        instructions: What the model is told instead of the task's own words.
        settings: Further fields of each request: ``temperature``, ``top_p``, ``seed``,
            ``max_tokens``, ``max_completion_tokens`` or ``reasoning_effort``.

    Raises:
        ArgumentError: An argument is none of these, or a translation has no language.

    Example:
        >>> task = Generation(task="translation", model="m", language="km")
        >>> rows = pa.table({"id": ["d/1"], "language": ["en"], "question": ["What is 5 mg?"]})
        >>> task.requests(rows)["prompt"].to_pylist()
        ['{"question": "What is 5 mg?"}']
    """

    task: TaskName
    model: str
    language: str | None = None
    per_row: int = 1
    columns: tuple[str, ...] | None = None
    instructions: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        one_of("task", self.task, get_args(TaskName))
        nonempty_text("model", self.model)
        if self.language is not None or self.task == "translation":
            one_of(
                "language",
                self.language,
                tuple(REPLY_LANGUAGES),
                hint="say which language replies have",
            )
        object.__setattr__(self, "per_row", whole_number("per_row", self.per_row, least=1))
        if self.columns is not None:
            own = self.rules.columns or self.rules.context
            object.__setattr__(self, "columns", some_of("columns", self.columns, own))
            if not self.columns:
                raise ArgumentError("columns= names no column", argument="columns",
                                    expected=", ".join(own), found="an empty list",
                                    hint="leave it out to send all the rows have")  # fmt: skip
        if self.instructions is not None:
            nonempty_text("instructions", self.instructions)
        instance("settings", self.settings, Mapping, expected="a dict", hint='settings={"seed": 7}')
        self._record(None)  # refuses settings that no request has

    @property
    def rules(self) -> TaskRules:
        """The rules of the task."""
        return TASKS[self.task]

    @property
    def goes_by(self) -> tuple[str, ...]:
        """The columns that replies rewrite, or go by where they fill a new one: a row without them is not asked about."""
        return self.columns or self.rules.columns or self.rules.context[:1]

    @cached_property
    def digest(self) -> str:
        """Sixteen hexadecimal digits: equal for what asks for the same."""
        said = json.dumps(self.described(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    def described(self) -> dict[str, Any]:
        """Return it as data, from which ``Generation(**data)`` makes it again."""
        return {
            "task": self.task, "model": self.model, "language": self.language, "per_row": self.per_row,
            "columns": None if self.columns is None else list(self.columns),
            "instructions": self.instructions, "settings": dict(self.settings),
        }  # fmt: skip

    def requests(self, rows: pa.Table) -> pa.Table:
        """Return what is to be asked of a model.

        Loops over rows: a prompt is a JSON text. A row in which all columns to rewrite are null or
        blank is not asked about.

        Args:
            rows: A table with ``id``, and the columns of the task.

        Returns:
            A table with the schema :data:`REQUESTS`, in the order of the rows. The name of a request
            is a hash of the row's id, which of the rows with that id it is, the turn and the prompt:
            rows that are equal are told apart, and a row that moves keeps its requests.

        Raises:
            FormattingError: A column is not there, or holds no text.
        """
        sent = self._sent(rows)
        occurrences: Counter[str] = Counter()
        tables = [REQUESTS.empty_table()]
        for begin in range(0, rows.num_rows, _AT_ONCE):
            lines = self._lines(rows.slice(begin, _AT_ONCE), begin, sent, occurrences)
            tables.append(pa.Table.from_pylist(list(lines), schema=REQUESTS))
        return pa.concat_tables(tables).combine_chunks()

    def _lines(
        self, rows: pa.Table, begin: int, sent: Sequence[str], occurrences: Counter[str]
    ) -> Iterator[dict[str, Any]]:
        """Return the requests about some rows, the first of which is at the place ``begin`` of all."""
        ids = rows["id"].to_pylist()
        languages = (
            rows["language"].to_pylist() if "language" in rows.column_names else [None] * len(ids)
        )
        for at, values in enumerate(_objects(rows, sent)):
            name = ids[at]
            occurrences[name] += 1
            if not self.asked(values):
                continue
            system = self._told(languages[at])
            prompt = json.dumps(values, ensure_ascii=False)
            for turn in range(self.per_row):
                key = json.dumps([name, occurrences[name], turn, system, prompt, self.digest])
                request = hashlib.sha256(key.encode()).hexdigest()[:32]
                yield {"request": request, "parent": begin + at, "turn": turn, "system": system, "prompt": prompt}  # fmt: skip

    def records(self, requests: pa.Table) -> pa.Table:
        """Return requests as records for :func:`medqa_kit.batch_files`."""
        bare = pa.table({"id": requests["request"], "prompt": requests["prompt"],
                         "target": pa.repeat("", len(requests))})  # fmt: skip
        told = requests["system"].unique().to_pylist()
        return pa.concat_tables(
            self._record(system)(bare.filter(pc.equal(requests["system"], system)))
            for system in told or [None]
        )

    def _record(self, system: str | None) -> Record:
        settings = {"model": self.model, **self.settings}
        return record("openai/batch", settings=settings, system=system, on_bad="keep")

    def asked(self, sent: Mapping[str, Any]) -> list[str]:
        """Return the columns that a model is to rewrite, of those that were sent; none: nothing to ask.

        Where a reply fills a new column, these are the columns it goes by.
        """
        return [name for name in sent if name in self.goes_by]

    def language_of(self, row: Mapping[str, Any]) -> str | None:
        """Return the language a reply about a row is to have."""
        return self.language or row.get("language")

    def _sent(self, rows: pa.Table) -> list[str]:
        need(rows, ("id", *(self.columns or ())), purpose=f"asking for a {self.task}",
             hint="mk.load and mk.read give rows with these columns")  # fmt: skip
        wanted = self.columns or self.rules.columns
        names = [name for name in (*wanted, *self.rules.context) if name in rows.column_names]
        if not any(name in names for name in wanted or self.rules.context):
            need(rows, (wanted or self.rules.context)[:1], purpose=f"asking for a {self.task}",
                 hint=f"a {self.task} is made of {', '.join(wanted or self.rules.context)}")  # fmt: skip
        for name in names:
            if not _is_sendable(rows.schema.field(name).type):
                raise FormattingError("a column to send holds no text", column=name, expected="texts, or lists of texts",
                                      found=str(rows.schema.field(name).type),
                                      hint="columns= names the columns to send")  # fmt: skip
        return list(dict.fromkeys(names))

    def _told(self, language: str | None) -> str:
        tag = self.language or language
        name = REPLY_LANGUAGES.get(tag or "", "the language of the text")
        return (self.instructions or self.rules.instruction).replace("{language}", name)


def _objects(rows: pa.Table, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    for row in rows.select(columns).to_pylist():
        yield {name: value for name, value in row.items() if _holds(value)}


def _is_sendable(kind: pa.DataType) -> bool:
    """Check whether values of a type are texts, lists of texts or null."""
    if pa.types.is_dictionary(kind):
        return _is_sendable(kind.value_type)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return is_text(kind.value_type) or pa.types.is_null(kind.value_type)
    return is_text(kind) or pa.types.is_null(kind)


def _holds(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else bool(value)
