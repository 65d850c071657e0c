"""Training records by name: ``record("trl/prompt-completion")`` and some thirty others.

All derive from one :class:`~medqa_kit.training.conversations.Exchange`: a prompt of messages and the
reply to it, with the reasoning apart. What a trainer would accept in silence and get wrong is
refused on the way, see :mod:`medqa_kit.training.violations`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import pyarrow as pa

from medqa_kit.core.apply import run
from medqa_kit.core.arguments import boolean, did_you_mean, instance, one_of, several_texts
from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.arrow.slices import by_tables
from medqa_kit.core.arrow.usual_types import in_usual_types
from medqa_kit.core.holders import RowsT
from medqa_kit.core.judging import Judged, OnBad, judged_in_slices, rows_that_go_on
from medqa_kit.core.kernel import carried_columns, misfit_errors
from medqa_kit.core.report import Report
from medqa_kit.core.selection import choose
from medqa_kit.core.showing.shown import Block, Shown, field_table
from medqa_kit.errors import ArgumentError, FormattingError, shorten
from medqa_kit.training.chat import Cues, checked_cues, cue
from medqa_kit.training.conversations import (
    TABLE_KINDS,
    Exchange,
    checked_system,
    kind_of,
    read_exchange,
    unpaired_replies,
)
from medqa_kit.training.kinds import message_columns as columns
from medqa_kit.training.kinds.index import find_kind
from medqa_kit.training.kinds.model import ACCEPTS, REQUIRED, Needs, RecordKind
from medqa_kit.training.reasoning import ReasoningStyle, checked_style, render_reasoning
from medqa_kit.training.record_rules import cut_problems, exchange_problems, source_problems
from medqa_kit.training.violations import broken, raised, violation_findings

Edges: TypeAlias = Literal["keep", "trim"]
"""What becomes of white space at both ends of a message."""


@dataclass(frozen=True, repr=False)
class Record(Shown):
    """The kernel :func:`record` makes. The fields are its arguments."""

    name: str
    language: Cues = "row"
    system: str | None = None
    reasoning: ReasoningStyle | None = None
    edges: Edges = "keep"
    identity: bool = True
    keep: tuple[str, ...] = ()
    on_bad: OnBad = "raise"
    settings: tuple[tuple[str, Any], ...] = ()

    def __post_init__(self) -> None:
        kind = find_kind(self.name)
        checked_cues(self.language)
        checked_system(self.system)
        one_of("edges", self.edges, get_args(Edges))
        boolean("identity", self.identity)
        one_of("on_bad", self.on_bad, get_args(OnBad))
        style = kind.reasoning if self.reasoning is None else self.reasoning
        hint = f"readers of {self.name!r} drop it; leave reasoning= out for {kind.reasoning!r}"
        object.__setattr__(self, "reasoning", checked_style(style, apart=kind.apart, hint=hint))
        object.__setattr__(self, "keep", several_texts("keep", self.keep))
        object.__setattr__(self, "settings", _settings(kind, dict(self.settings)))

    def _blocks(self) -> Iterator[Block]:
        yield f"record: {self.name}"
        yield field_table(self)

    @property
    def verb(self) -> str:
        """Name of the kernel in reports."""
        return "record"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns the trainer reads."""
        return find_kind(self.name).columns

    @property
    def loss(self) -> str:
        """What the trainer computes the loss on."""
        return find_kind(self.name).loss

    def stanza(self, *, dataset: str = "medqa", file: str = "train.jsonl") -> str | None:
        r"""Return what the trainer must be told about the file; ``None`` where nothing is needed.

        Args:
            dataset: Name of the data set, where the trainer wants one.
            file: The file of records.

        Example:
            >>> print(record("axolotl/chat").stanza(file="ko.jsonl").splitlines()[1])
              - path: ko.jsonl
        """
        write = find_kind(self.name).stanza
        return write(dataset, file) if write else None

    def __call__(self, table: pa.Table) -> pa.Table:
        """Make the records of a table; warn of the rows that are dropped.

        Raises:
            FormattingError: A row breaks a rule and ``on_bad`` is ``"raise"``.
        """
        if self.on_bad == "keep":  # all rows go on, so nobody asks what is wrong with them
            self._refuse_table(table)
            with misfit_errors(record, table.schema):
                return by_tables(table, lambda piece: self._records(self._exchange(piece), piece))
        return rows_that_go_on(self, table)

    def judge(self, table: pa.Table) -> Judged:
        """Make the records of a table, and list what is wrong with its rows."""
        self._refuse_table(table)
        return raised(judged_in_slices(table, self._judged), table.num_rows, on_bad=self.on_bad)

    def run(self, rows: RowsT) -> tuple[RowsT, Report]:
        """Make records of rows, and report what is wrong with them.

        Args:
            rows: What :func:`medqa_kit.apply` takes.

        Returns:
            The records in the same kind of container, and a report with the codes of
            :data:`medqa_kit.training.violations.CODES`.

        Raises:
            FormattingError: A row breaks a rule and ``on_bad`` is ``"raise"``.

        Example:
            >>> table = pa.table({"id": ["d/1", "d/2"], "prompt": ["Q", "Q"], "target": ["A", " "]})
            >>> records, report = record("openai/chat", on_bad="drop").run(table)
            >>> records.num_rows, report.by("code")
            (1, {'content_empty': 1})
        """
        return run(rows, self)

    def _judged(self, table: pa.Table) -> Judged:
        kind, keep = find_kind(self.name), self.on_bad == "keep"
        of_source = list(source_problems(in_usual_types(table), kind, self.keep, self.reasoning))
        # Rows already refused are not rendered, which could raise. Rendering adds letters, cues and think tags of ours.
        readable = keep | ~broken(of_source, table.num_rows)
        rest, places = choose(table, readable), np.flatnonzero(readable)
        exchange = self._exchange(rest)
        problems = cut_problems if kind_of(table.schema) == "qa" else exchange_problems
        rendered = problems(exchange, kind, dict(self.settings).get("eos"))
        violations = [*of_source, *((code, places[rows]) for code, rows in rendered)]
        goes = keep | ~broken(violations, table.num_rows)[readable]
        records = self._records(exchange.filtered(goes), choose(rest, goes))
        return Judged(records, int(goes.sum()), violation_findings(table, violations))

    def _records(self, exchange: Exchange, table: pa.Table) -> pa.Table:
        kind = find_kind(self.name)
        if kind.needs == "unpaired" and exchange.label is None:
            exchange, table = unpaired_replies(exchange, in_usual_types(table))
        trained = kind.build(exchange, in_usual_types(table), dict(self.settings))
        first, further = carried_columns(table.column_names, identity=self.identity, keep=self.keep)
        beside = {
            **{name: whole(table[name]).cast(pa.string()) for name in first},
            **{name: whole(table[name]) for name in further},
        }
        return pa.table({n: c for n, c in beside.items() if n not in trained} | trained)

    def _exchange(self, table: pa.Table) -> Exchange:
        kind, table = find_kind(self.name), in_usual_types(table)
        x = read_exchange(
            table, language=self.language, system=self.system, reply=kind.needs != "prompt",
            carried=kind.carried, apart=kind.apart and self.reasoning == "field",
        )  # fmt: skip
        chosen, rejected = (self._rendered(lists, table) for lists in (x.completion, x.rejected))
        prompt = self._edged(x.prompt)
        if prompt is not None and "reasoning_content" in prompt.type.value_type.names:
            prompt = render_reasoning(prompt, style="field")
        return replace(x, prompt=prompt, completion=chosen, rejected=rejected)

    def _edged(self, lists: pa.ListArray | None) -> pa.ListArray | None:
        return lists if lists is None or self.edges == "keep" else columns.trimmed(lists)

    def _rendered(self, lists: pa.ListArray | None, table: pa.Table) -> pa.ListArray | None:
        edged = self._edged(lists)
        if edged is None or self.reasoning is None:
            return None
        inline = self.reasoning in ("before", "after")  # the styles with words of their own
        heading = cue(table, "rationale", self.language) if inline else None
        return render_reasoning(edged, style=self.reasoning, heading=heading)

    def _refuse_table(self, table: pa.Table) -> None:
        kind, kind_of_table = find_kind(self.name), kind_of(table.schema)
        if kind_of_table not in ACCEPTS[kind.needs]:
            raise FormattingError(
                f"{self.name!r} cannot be made from a table of kind {kind_of_table!r}",
                expected=" or ".join(f"{n}: {TABLE_KINDS[n]}" for n in ACCEPTS[kind.needs]),
                found=", ".join(table.column_names),
                hint=_WAYS[kind.needs],
            )
        absent = [name for name in self.keep if name not in table.column_names]
        if absent:
            raise FormattingError(
                f"keep= names columns the table does not have: {', '.join(absent)}",
                found=", ".join(table.column_names),
                hint=did_you_mean(absent[0], table.column_names) or "name one of these columns",
            )


_WAYS: Mapping[Needs, str] = {
    "reply": "to train on the chosen replies of preferences, rename `chosen` to `target`",
    "prompt": "a prompt kernel makes `prompt` from other schemas",
    "preference": "mk.to_preference() makes preferences from multiple choice rows",
    "unpaired": "mk.to_preference() makes preferences from multiple choice rows",
    "text": "a prompt kernel makes `prompt` and `target` from other schemas",
}


def record(
    name: str,
    *,
    language: Cues = "row",
    system: str | None = None,
    reasoning: ReasoningStyle | None = None,
    edges: Edges = "keep",
    identity: bool = True,
    keep: Iterable[str] = (),
    on_bad: OnBad = "raise",
    settings: Mapping[str, Any] | None = None,
) -> Record:
    """Make the kernel that turns rows into training records of a named kind.

    Args:
        name: A name of :func:`medqa_kit.record_kinds`.
        language: Whose words stand before answer and rationale of QA rows: a language pack or its
            code; ``"row"`` takes each row's own ``language``, ``None`` uses no words.
        system: System turn for rows that have none.
        reasoning: Style of the reasoning (:mod:`medqa_kit.training.reasoning`); by default the
            one the trainer reads best.
        edges: ``"trim"`` takes white space off both ends of each message. Some chat templates do so
            anyhow and others do not; trimmed rows give one text, and one token count, on all.
        identity: Whether ``id``, ``source``, ``family`` and ``language`` are carried along where the
            rows have them. :func:`medqa_kit.json_lines` leaves them out for strict readers.
        keep: Further columns to carry along, such as what a reward needs.
        on_bad: What becomes of rows that break a rule: ``"raise"``; ``"drop"`` them with a warning;
            ``"keep"`` makes records of them as they are. Rows that cannot be rendered, such as
            those with an answer outside the options, raise even then. :meth:`Record.run` also
            returns a report.
        settings: What only this kind of record has, such as ``{"model": ...}`` for
            ``openai/batch`` or ``{"separator": " "}`` for the ``standard`` kinds.

    Returns:
        A kernel from QA rows, ``prompt`` and ``target``, message lists or preferences to records.

    Raises:
        ArgumentError: No such kind, no such setting, or a style its trainer loses.

    Example:
        >>> table = pa.table({"id": ["d/1"], "prompt": ["열의 원인은?"], "target": ["감염"]})
        >>> print(record("mlx-lm")(table)["messages"].to_pylist()[0][1])
        {'role': 'assistant', 'content': '감염'}
    """
    if settings is not None:
        instance("settings", settings, Mapping, expected="a dict", hint="settings={'model': ...}")
    pairs = tuple((settings or {}).items())
    return Record(name, language, system, reasoning, edges, identity, several_texts("keep", keep), on_bad, pairs)  # fmt: skip


def _settings(kind: RecordKind, chosen: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    for name in chosen:
        one_of("settings", name, kind.settings,
               hint=f"{kind.name!r} has {', '.join(kind.settings) or 'no settings'}")  # fmt: skip
    values = {name: setting.default for name, setting in kind.settings.items()} | dict(chosen)
    for name, value in values.items():
        if value is REQUIRED:
            raise ArgumentError(
                f"{kind.name!r} needs the setting {name!r}", argument="settings",
                hint=f"record({kind.name!r}, settings={{{name!r}: ...}})",
            )  # fmt: skip
        values[name] = kind.settings[name].checked(name, value)
    separator = values.get("separator", " ")
    if not separator[:1].isspace():
        raise ArgumentError(
            "the separator does not begin with white space", argument="settings",
            expected="' ', '\\n', '\\n\\n', ...", found=shorten([separator]),
            hint="without it the last token of the prompt and the first of the reply merge",
        )  # fmt: skip
    return tuple(values.items())
