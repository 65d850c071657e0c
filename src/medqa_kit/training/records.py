"""Training records by name: ``record("trl/prompt-completion")`` and some thirty others.

All derive from one :class:`~medqa_kit.training.conversations.Exchange`: a prompt of messages and the
reply to it, with the reasoning apart. What a trainer would accept in silence and get wrong is
refused on the way, see :mod:`medqa_kit.training.lint`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.columns import whole
from medqa_kit.core.opened import D, opened
from medqa_kit.core.ragged import Ints
from medqa_kit.core.slices import by_tables
from medqa_kit.errors import FormattingError, shorten
from medqa_kit.training import lint_rules as rules
from medqa_kit.training.chat import Cues, cue
from medqa_kit.training.conversations import KINDS, Exchange, kind_of, read
from medqa_kit.training.kinds import schema_parts as shapes
from medqa_kit.training.kinds import trl
from medqa_kit.training.kinds.index import find_kind, near, record_schema, records
from medqa_kit.training.kinds.model import ACCEPTS, REQUIRED, Needs, RecordKind
from medqa_kit.training.lint import LintReport, OnViolation, gather, settle
from medqa_kit.training.reasoning import Style, render

__all__ = ["Record", "record", "record_schema", "records"]


@dataclass(frozen=True)
class Record:
    """The kernel :func:`record` makes. The fields are its arguments."""

    name: str
    language: Cues = "row"
    system: str | None = None
    reasoning: Style = "none"
    edges: Literal["keep", "trim"] = "keep"
    keep: tuple[str, ...] = ()
    on_violation: Literal["raise", "keep"] = "raise"
    settings: tuple[tuple[str, Any], ...] = field(default=())

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns the trainer reads."""
        return find_kind(self.name).columns

    @property
    def loss(self) -> str:
        """What the trainer computes the loss on."""
        return find_kind(self.name).loss

    def stanza(self, *, dataset: str = "medqa", file: str = "train.jsonl") -> str | None:
        r"""Write what the trainer must be told about the file; None where nothing is needed.

        Example:
            >>> print(record("axolotl/chat").stanza(file="ko.jsonl").splitlines()[1])
              - path: ko.jsonl
        """
        write = find_kind(self.name).stanza
        return write(dataset, file) if write else None

    def __call__(self, table: pa.Table) -> pa.Table:
        """Make the records of a table.

        Raises:
            FormattingError: A row breaks a rule, unless ``on_violation="keep"``.
        """
        self._refuse_table(table)
        return by_tables(table, self._piece)

    def run(self, data: D, *, on_violation: OnViolation = "raise") -> tuple[D, LintReport]:
        """Make the records of a table and say what was wrong with its rows.

        Args:
            data: ``pyarrow.Table`` or ``datasets.Dataset``, as for calling the record.
            on_violation: ``raise``, ``skip`` the rows and count them, or only ``report`` them.

        Returns:
            The records, and a report whose positions are those of ``data``.

        Example:
            >>> table = pa.table({"id": ["d/1", "d/2"], "prompt": ["Q", "Q"], "target": ["A", " "]})
            >>> made, report = record("openai/chat").run(table, on_violation="skip")
            >>> made.num_rows, report.counts
            (1, {'content_empty': 1})
        """
        table, back = opened(data, purpose="Record.run()")
        self._refuse_table(table)
        found = gather(table, lambda piece: self._looked_at(piece)[0])
        kept, report = settle(table, found, on_violation=on_violation)
        return back(by_tables(kept, replace(self, on_violation="keep")._piece)), report

    def _piece(self, table: pa.Table) -> pa.Table:
        kind = find_kind(self.name)
        if self.on_violation == "raise":
            found, exchange = self._looked_at(table)
            if any(len(rows) for _, rows in found):
                settle(table, found, on_violation="raise")
        else:
            exchange = self._exchange(table)
        if kind.needs == "unpaired" and exchange.label is None:
            exchange, table = _unpaired(exchange, table)
        made = kind.build(exchange, table, dict(self.settings))
        beside = {name: whole(table[name]) for name in self.keep
                  if name in table.column_names and name not in made}  # fmt: skip
        return pa.table({**beside, **made})

    def _looked_at(self, table: pa.Table) -> tuple[list[tuple[str, Ints]], Exchange]:
        """Give what is wrong with the rows, and the exchange of those that are right."""
        if kind_of(table.schema) != "qa":
            exchange = self._exchange(table)
            return list(self._problems(exchange)), exchange
        reply = find_kind(self.name).needs != "prompt"
        found = list(rules.question(table, reply=reply))
        refused = np.zeros(table.num_rows, bool)
        for _, rows in found:
            refused[rows] = True
        # Rows already refused are not rendered, which could raise. Rendering adds nothing to the
        # others that would need a second look: letters, cues, and think tags of our own.
        rest = np.flatnonzero(~refused)
        exchange = self._exchange(table.take(pa.array(rest)) if refused.any() else table)
        found += [(code, rest[rows]) for code, rows in self._cut_problems(exchange)]
        return found, exchange

    def _problems(self, x: Exchange) -> rules.Found:
        kind = find_kind(self.name)
        if x.text is not None:
            yield from rules.plain(x.text)
            return
        yield from rules.conversation(x.prompt, part="prompt")
        for reply in (x.completion, x.rejected):
            if reply is not None:
                yield from rules.conversation(reply, part="reply")
        if x.rejected is not None:
            yield from rules.same(x.completion, x.rejected)
        if x.label is not None:
            yield "label_null", np.flatnonzero(np.asarray(x.label.is_null()))
        if not kind.tools:
            yield "role_unknown", shapes.with_role(x.prompt, "tool")
        if kind.holds == "single":
            yield "multi_turn", np.flatnonzero(shapes.many(x.prompt, x.completion, x.rejected))
        elif kind.holds == "one reply":
            yield "multi_turn", np.flatnonzero(shapes.several(x.completion, x.rejected))
        yield from self._cut_problems(x)

    def _cut_problems(self, x: Exchange) -> rules.Found:
        """Where prompt and reply are strings, the prompt must not end in white space."""
        kind = find_kind(self.name)
        if x.prompt is not None and (
            kind.cut or kind.schema["properties"].get("prompt") == shapes.TEXT
        ):
            yield from rules.boundary(trl.asked(x))

    def _exchange(self, table: pa.Table) -> Exchange:
        reply = find_kind(self.name).needs != "prompt"
        x = read(table, language=self.language, system=self.system, reply=reply)
        said, refused = (self._rendered(lists, table) for lists in (x.completion, x.rejected))
        return replace(x, prompt=self._edged(x.prompt), completion=said, rejected=refused)

    def _edged(self, lists: pa.ListArray | None) -> pa.ListArray | None:
        return lists if lists is None or self.edges == "keep" else shapes.trimmed(lists)

    def _rendered(self, lists: pa.ListArray | None, table: pa.Table) -> pa.ListArray | None:
        edged = self._edged(lists)
        if edged is None:
            return None
        inline = self.reasoning in ("before", "after")  # the styles with words of their own
        heading = cue(table, "rationale", self.language) if inline else None
        return render(edged, style=self.reasoning, heading=heading)

    def _refuse_table(self, table: pa.Table) -> None:
        kind, found = find_kind(self.name), kind_of(table.schema)
        if found not in ACCEPTS[kind.needs]:
            raise FormattingError(
                f"{self.name!r} cannot be made from a table of kind {found!r}",
                expected=" or ".join(f"{name}: {KINDS[name]}" for name in ACCEPTS[kind.needs]),
                found=", ".join(table.column_names),
                hint=_WAYS[kind.needs],
            )
        absent = [name for name in self.keep if name not in table.column_names and name != "id"]
        if absent:
            raise FormattingError(
                f"keep= names columns the table does not have: {', '.join(absent)}",
                found=", ".join(table.column_names),
                hint="check the spelling",
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
    reasoning: Style | None = None,
    edges: Literal["keep", "trim"] = "keep",
    keep: tuple[str, ...] | None = None,
    on_violation: Literal["raise", "keep"] = "raise",
    settings: Mapping[str, Any] | None = None,
) -> Record:
    """Make the kernel that turns rows into training records of a named kind.

    Args:
        name: One of :func:`records`.
        language: Whose words stand before answer and rationale of QA rows: a language pack or its
            code; ``"row"`` takes each row's own ``language``, ``None`` uses no words.
        system: System turn for rows that have none.
        reasoning: Style of the reasoning (:mod:`medqa_kit.training.reasoning`); left out, the
            one the trainer reads best.
        edges: ``trim`` takes white space off both ends of each message. Some chat templates do so
            anyhow and others do not; trimmed rows give one text, and one token count, on all.
        keep: Columns to carry along. Left out: ``id``, but not into files whose reader is strict.
        on_violation: ``raise`` refuses rows that break a rule; ``keep`` looks at nothing. To skip
            and count them, see :meth:`Record.run`.
        settings: What only this kind of record has, such as ``{"model": ...}`` for
            ``openai/batch`` or ``{"separator": " "}`` for the ``standard`` kinds.

    Returns:
        A kernel from QA rows, ``prompt`` and ``target``, message lists or preferences to records.

    Raises:
        FormattingError: No such kind, no such setting, or a style its trainer loses.

    Example:
        >>> table = pa.table({"id": ["d/1"], "prompt": ["열의 원인은?"], "target": ["감염"]})
        >>> made = record("trl/prompt-completion")(table)
        >>> made["completion"].to_pylist()
        [[{'role': 'assistant', 'content': '감염'}]]
    """
    kind = find_kind(name)
    style = kind.reasoning if reasoning is None else reasoning
    if style not in get_args(Style):
        raise FormattingError(
            f"no reasoning style is called {style!r}", expected=", ".join(get_args(Style))
        )
    if style == "field" and not kind.apart:
        raise FormattingError(
            f"readers of {name!r} drop `reasoning_content`",
            expected="an inline style: " + ", ".join(s for s in get_args(Style) if s != "field"),
            found="reasoning='field'",
            hint=f"leave reasoning= out for {kind.reasoning!r}",
        )
    if system is not None and any(len(rows) for _, rows in rules.plain(pa.array([system]))):
        raise FormattingError(
            "the system text is blank or holds a control token", found=shorten([system])
        )
    kept = (("id",) if kind.identified else ()) if keep is None else tuple(keep)
    return Record(
        name, language, system, style, edges, kept, on_violation, _settings(kind, settings or {})
    )


def _settings(kind: RecordKind, given: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    for name in given:
        if name not in kind.settings:
            raise FormattingError(
                f"{kind.name!r} has no setting {name!r}",
                expected=", ".join(kind.settings) or "no settings",
                hint=near(name, kind.settings),
            )
    chosen = {**kind.settings, **given}
    lacking = [name for name, value in chosen.items() if value is REQUIRED]
    if lacking:
        raise FormattingError(
            f"{kind.name!r} needs the setting {lacking[0]!r}",
            hint=f"record({kind.name!r}, settings={{{lacking[0]!r}: ...}})",
        )
    separator = chosen.get("separator", " ")
    if not separator[:1].isspace():
        raise FormattingError(
            "the separator begins with no white space",
            expected="' ', '\\n', '\\n\\n', ...",
            found=shorten([separator]),
            hint="without it the last token of the prompt and the first of the reply merge",
        )
    return tuple(chosen.items())


def _unpaired(x: Exchange, table: pa.Table) -> tuple[Exchange, pa.Table]:
    """Make two rows of each preference: the chosen reply, then the rejected one."""
    assert x.prompt is not None  # for the type checker: preferences have prompts
    rows = table.num_rows
    twice = pa.array(np.repeat(np.arange(rows), 2))
    order = pa.array(np.arange(2 * rows).reshape(2, rows).T.ravel())
    table = table.take(twice)
    if "id" in table.column_names:
        ends = pa.array(np.tile(["#chosen", "#rejected"], rows), pa.string())
        ids = pc.binary_join_element_wise(whole(table["id"]), ends, "")
        table = table.set_column(table.column_names.index("id"), "id", ids)
    made = Exchange(
        prompt=x.prompt.take(twice),
        completion=pa.concat_arrays([x.completion, x.rejected]).take(order),
        label=pa.array(np.tile([True, False], rows)),
    )
    return made, table
