"""``validate``: check a training set, and report all that is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import several_texts, some_of
from medqa_kit.core.arrow.columns import is_text, whole
from medqa_kit.core.arrow.hashing import hashes
from medqa_kit.core.arrow.ragged import Ints, Mask, distinct
from medqa_kit.core.arrow.text_columns import rows_of_texts, text_columns, texts_of
from medqa_kit.core.arrow.usual_types import in_usual_types
from medqa_kit.core.engines.known import EngineRows
from medqa_kit.core.holders import MOST_BYTES, Rows, batches, opened
from medqa_kit.core.judging import Judged, Tally, findings_of
from medqa_kit.core.kernel import misfit_errors
from medqa_kit.core.report import CHECK_TABLE, Report
from medqa_kit.core.threads import in_order
from medqa_kit.errors import FormattingError
from medqa_kit.training.lint import record_problems
from medqa_kit.training.violations import CODES
from medqa_kit.validation.column_kinds import (
    assistants_texts,
    chosen_texts,
    holds_texts,
    is_lists,
    is_talk,
)
from medqa_kit.validation.label_checks import missing_labels, tag_faults
from medqa_kit.validation.row_checks import (
    ROW_CHECKS,
    RowFault,
    option_faults,
    other_script,
    question_faults,
    year_faults,
)
from medqa_kit.validation.text_checks import TEXT_CHECKS, CheckedTexts, Severity, says_nothing

_ANSWERS = ("answer", "rationale", "completion", "chosen", "output")
_TEXTS = ("question", "context", "answer", "rationale")
_PURPOSE = "validating rows"
_LONGEST = 1500
_ROWS = 32_768  # looked at together
_NAMED = 3  # ids of each check

# Of fit() and check_records(), which look at something else.
_LINT_NOTES = {"over_length", "schema"}
# Rules of records that speak up only where there is a mark to look at.
_OF_STRINGS = ("completion_no_sep", "prompt_ends_ws")
_OF_MARKS = ("special_literal", "think_in_source")
CHECKS: tuple[str, ...] = tuple(sorted({*TEXT_CHECKS, *ROW_CHECKS, *CODES} - _LINT_NOTES))
"""All codes that :func:`validate` can find."""


def validate(
    rows: Any, *, checks: Sequence[str] | None = None, columns: Sequence[str] | None = None
) -> Report:
    """Look at rows for all that spoils a training set, in one pass, and change nothing.

    Args:
        rows: Rows of any schema, or records in the column names of TRL, in anything
            :func:`medqa_kit.apply` takes. A stream is read once.
        checks: Which of :data:`CHECKS`; all by default.
        columns: The text columns to look at; all that hold texts by default.

    Returns:
        The report; all rows are kept. A finding has the further columns ``severity`` (``error``,
        ``warning`` or ``note``) and ``column``, null where the whole row is meant. ``counts`` holds
        how many findings each severity has, the quantiles of lengths in characters, how many texts a
        limit of 1,500 characters would cut, and where the answers stand: ``answer_0``, ``answer_1``
        and so on, which should be near each other. ``checks`` lists each check that had something to
        look at, those that found nothing too: ``code``, ``severity``, ``meaning``, ``tested`` and
        ``failed`` (rows), and ``examples``, the ids of the first rows that failed.

    Raises:
        ArgumentError: There is no such check, or no container of rows.
        FormattingError: A column that is named is not there.

    Example:
        >>> rows = pa.table({"id": ["a", "b"], "question": ["왜?", "N/A"], "answer": ["A", "As an AI, I cannot"]})
        >>> report = validate(rows)
        >>> report.findings.select(["id", "code", "severity", "column"]).to_pylist()
        [{'id': 'b', 'code': 'placeholder', 'severity': 'error', 'column': 'question'}, {'id': 'b', 'code': 'refusal', 'severity': 'warning', 'column': 'answer'}]
        >>> report.checks.filter(pc.equal(report.checks["code"], "refusal")).select(["tested", "failed", "examples"]).to_pylist()
        [{'tested': 2, 'failed': 1, 'examples': ['b']}]
    """
    wanted = CHECKS if checks is None else some_of("checks", checks, CHECKS)
    source = opened(rows)
    look = _Look(frozenset(wanted), None if columns is None else several_texts("columns", columns))
    tally = Tally(look.judge, verb="validate")
    for seen in _seen(source.rows, look):
        tally.add(seen.rows, seen.judged)
        look.join(seen.measured)
    report = tally.report()
    findings = pa.concat_tables([report.findings, look.repeated()], promote_options="default")
    findings = findings.take(pa.array(np.argsort(findings["row"].to_numpy(), kind="stable")))
    severities = {f"{name}s": int(pc.sum(pc.equal(findings["severity"], name)).as_py() or 0)
                  for name in ("error", "warning", "note")}  # fmt: skip
    return replace(report, findings=findings, counts={**severities, **look.measures()},
                   checks=look.checks(findings))  # fmt: skip


def _seen(rows: Rows, look: _Look) -> Iterator[_Seen]:
    if isinstance(rows, EngineRows):
        for pieces in rows.over_tables(look.pieces):
            yield from pieces
    else:
        yield from in_order(look.at, _large_tables(rows), threads=None)


def _large_tables(rows: Any) -> Iterator[pa.Table]:
    """Put batches together: each call of a check compiles its pattern anew, which pays for many rows."""
    kept: list[pa.RecordBatch] = []
    for batch in batches(rows, verb="validate"):
        # another split, or a column that was null so far
        if kept and batch.schema != kept[0].schema:
            yield pa.Table.from_batches(kept).combine_chunks()
            kept = []
        kept.append(batch)
        if sum(map(len, kept)) >= _ROWS or sum(each.nbytes for each in kept) >= MOST_BYTES:
            yield pa.Table.from_batches(kept).combine_chunks()
            kept = []
    if kept:
        yield pa.Table.from_batches(kept).combine_chunks()


class _Seen(NamedTuple):
    """What is said of some rows: their number, what is wrong with them, what was measured."""

    rows: int
    judged: Judged
    measured: _Look


@dataclass
class _Look:
    """Judges batches, and remembers what is told of all of them together."""

    wanted: frozenset[str]
    columns: tuple[str, ...] | None
    lengths: list[Ints] = field(default_factory=list)
    positions: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    ids: list[pa.Array] = field(default_factory=list)
    tested: Counter[str] = field(default_factory=Counter)

    def pieces(self, table: pa.Table) -> list[_Seen]:
        """Look at a block of an engine."""
        return [self.at(piece) for piece in _large_tables(table)]

    def at(self, table: pa.Table) -> _Seen:
        """Look at rows and remember nothing: workers know of no other rows."""
        own = _Look(self.wanted, self.columns)
        with misfit_errors(validate, table.schema):
            judged = own.judge(in_usual_types(table))
        return _Seen(len(table), judged._replace(rows=table.schema.empty_table()), own)

    def join(self, other: _Look) -> None:
        """Remember what was measured of the next batch."""
        self.lengths += other.lengths
        self.ids += other.ids
        self.tested.update(other.tested)
        width = max(len(self.positions), len(other.positions))
        own, more = (
            np.pad(look.positions, (0, width - len(look.positions))) for look in (self, other)
        )
        self.positions = own + more

    def repeated(self) -> pa.Table:
        """Return findings of the rows whose id was there before."""
        ids = pa.chunked_array(self.ids, pa.string())
        rows = np.zeros(0, np.int64)
        if "duplicate_id" in self.wanted:
            numbers = np.concatenate([np.zeros(0, np.uint64), *map(hashes, self.ids)])
            rows = np.setdiff1d(np.arange(len(numbers)), np.unique(numbers, return_index=True)[1])
            rows = rows[np.asarray(ids.take(pa.array(rows)).is_valid())]
        named = pa.table({"id": ids.take(pa.array(rows))})
        findings = self._finding(named, "duplicate_id", np.arange(len(rows)), "id")
        return findings.set_column(0, "row", pa.array(rows, pa.int64()))

    def judge(self, table: pa.Table) -> Judged:
        """Check a batch."""
        names = text_columns(table, self.columns, purpose=_PURPOSE)
        tables = [self._finding(table, "", np.zeros(0, np.int64), None)]
        looked: dict[str, Mask] = {}
        for fault, column in self._faults(table, names):
            if fault.code in self.wanted:
                looked[fault.code] = fault.looked | looked.get(fault.code, False)
                if len(fault.rows):
                    tables.append(self._finding(table, fault.code, fault.rows, column))
        self.tested.update({code: int(rows.sum()) for code, rows in looked.items()})
        findings = pa.concat_tables(tables)
        order = np.argsort(findings["row"].to_numpy(), kind="stable")
        return Judged(table, table.num_rows, findings.take(pa.array(order)))

    def checks(self, findings: pa.Table) -> pa.Table:
        """Return what each check looked at and found."""
        tested = Counter({code: rows for code, rows in self.tested.items() if rows})
        if "duplicate_id" in self.wanted and (
            rows := sum(len(ids) - ids.null_count for ids in self.ids)
        ):
            tested["duplicate_id"] = rows
        listed = []
        for code, rows in sorted(tested.items()):
            failing = findings.filter(pc.equal(findings["code"], code)).group_by(
                "row", use_threads=False
            )
            first = failing.aggregate([("id", "first")])
            listed.append({
                "code": code, **dict(zip(("severity", "meaning"), check_facts(code), strict=True)), "tested": rows,
                "failed": len(first), "examples": first["id_first"].slice(0, _NAMED).drop_null().to_pylist(),
            })  # fmt: skip
        return pa.Table.from_pylist(listed, CHECK_TABLE)

    def measures(self) -> dict[str, int]:
        """Return lengths of texts and places of answers over all batches."""
        lengths = np.concatenate([np.zeros(0, np.int64), *self.lengths])
        named = {}
        if len(lengths):
            p50, p95 = np.quantile(lengths, [0.5, 0.95], method="inverted_cdf")
            named = {"characters_p50": int(p50), "characters_p95": int(p95), "characters_max": int(lengths.max()),
                     f"texts_over_{_LONGEST}": int((lengths > _LONGEST).sum())}  # fmt: skip
        return {
            **named,
            **{f"answer_{place}": int(count) for place, count in enumerate(self.positions)},
        }

    def _faults(
        self, table: pa.Table, names: Sequence[str]
    ) -> Iterator[tuple[RowFault, str | None]]:
        kinds = {field.name: field.type for field in table.schema}
        asked = is_text(kinds.get("question", pa.null()))
        checked = {
            name: CheckedTexts(texts_of(table, name), asks=asked and name == "question")
            for name in dict.fromkeys([*names, *["question"] * asked])
        }
        for name in names:
            yield from ((fault, name) for fault in self._text_faults(table, name, checked[name]))
        every = np.ones(table.num_rows, bool)
        for code, rows in _lint(table):
            yield RowFault(code, distinct(rows), every), None
        if holds_texts(table, "options"):
            yield from ((fault, "options") for fault in option_faults(table))
            self._count_positions(table)
        if asked:
            likely = checked["question"].among("asking")
            yield from ((fault, "question") for fault in question_faults(table, likely))
        if "label" in kinds:
            yield from ((fault, "label") for fault in missing_labels(table))
        if "year" in table.column_names:
            yield from ((fault, "year") for fault in year_faults(table))
        if is_lists(table, "tokens") and is_lists(table, "tags"):
            yield from ((fault, "tags") for fault in tag_faults(table))
        if "id" in table.column_names:
            self.ids.append(whole(table["id"]).cast(pa.string()))

    def _text_faults(self, table: pa.Table, name: str, checked: CheckedTexts) -> Iterator[RowFault]:
        valid = checked.lengths >= 0
        self.lengths.append(checked.lengths[valid])
        talk = is_talk(table, name)
        looked = np.zeros(table.num_rows, bool)
        looked[rows_of_texts(table, name, np.flatnonzero(valid))] = True
        chosen = chosen_texts(table, name, len(checked.texts))
        for code, check in TEXT_CHECKS.items():
            if code in self.wanted and (talk or name in _ANSWERS or not check.answers_only):
                places = checked.places(check)
                if check.answers_only and talk and len(places):
                    places = places[assistants_texts(table, name, places)]
                if check.also_in_answers is not None and (talk or name in _ANSWERS):
                    every = np.arange(len(chosen))
                    prose = every[assistants_texts(table, name, every) if talk else ~chosen]
                    more = check.also_in_answers(checked.texts.take(pa.array(prose)))
                    places = np.union1d(places, prose[more])
                if code == "placeholder":
                    nothing = says_nothing(checked.texts.take(pa.array(places)))
                    places = places[~(chosen[places] & nothing)]
                yield RowFault(code, distinct(rows_of_texts(table, name, places)), looked)
        if "wrong_script" in self.wanted and not is_lists(table, name):
            yield from other_script(table, name, checked.texts)

    def _finding(self, table: pa.Table, code: str, rows: Ints, column: str | None) -> pa.Table:
        severity, meaning = check_facts(code)
        count = len(rows)
        return findings_of(
            table, rows, [code] * count, [meaning] * count,
            severity=pa.repeat(pa.scalar(severity, pa.string()), count),
            column=pa.repeat(pa.scalar(column, pa.string()), count),
        )  # fmt: skip

    def _count_positions(self, table: pa.Table) -> None:
        if "answer_index" in table.column_names and pa.types.is_integer(
            table.schema.field("answer_index").type
        ):
            index = whole(table["answer_index"]).drop_null().to_numpy().astype(np.int64)
            own = np.bincount(index[(index >= 0) & (index < 26)], minlength=len(self.positions))
            self.positions = own + np.pad(self.positions, (0, len(own) - len(self.positions)))


def check_facts(code: str) -> tuple[Severity, str]:
    """Return how bad a finding of a check is, and what it means.

    Example:
        >>> check_facts("duplicate_id")
        ('error', 'two rows share an id')
    """
    if code in TEXT_CHECKS:
        return TEXT_CHECKS[code].severity, TEXT_CHECKS[code].meaning
    if code in ROW_CHECKS:
        return ROW_CHECKS[code].severity, ROW_CHECKS[code].meaning
    return "error", CODES.get(code, "")


def _lint(table: pa.Table) -> Iterator[tuple[str, Ints]]:
    """Run the rules of records and questions, where the columns are ones they know."""
    none = np.zeros(0, np.int64)
    # Preferences of the library's own schema are made into records later, with their separators.
    later = _OF_STRINGS if {"subset", "language", "prompt"} <= {*table.column_names} else ()
    try:
        problems = record_problems(_typed(table))
        yield from (problem for problem in problems if problem[0] not in later)
    except FormattingError:  # neither questions nor records: there are texts alone
        return
    yield from ((code, none) for code in _OF_MARKS)


def _typed(table: pa.Table) -> pa.Table:
    """Leave out the columns of questions that are not as the rules read them."""
    kinds = {field.name: field.type for field in table.schema}
    unlike = [name for name in _TEXTS if name in kinds and not is_text(kinds[name])]
    with_places = holds_texts(table, "options") and pa.types.is_integer(
        kinds.get("answer_index", pa.null())
    )
    unlike += [] if with_places else [name for name in ("options", "answer_index") if name in kinds]
    return table.drop_columns(unlike)
