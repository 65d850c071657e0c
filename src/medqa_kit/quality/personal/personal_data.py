"""The kernels that find and that mask personal data."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple, get_args

import numpy as np
import pyarrow as pa

from medqa_kit.core.apply import run
from medqa_kit.core.arguments import nonempty_text, one_of, several_texts, some_of
from medqa_kit.core.arrow.slices import fail
from medqa_kit.core.arrow.text_columns import rows_of_texts, text_columns, texts_of, with_texts
from medqa_kit.core.holders import RowsT
from medqa_kit.core.judging import Judged, OnBad, findings_of, rows_that_go_on
from medqa_kit.core.report import Report
from medqa_kit.core.selection import filtered
from medqa_kit.errors import ArgumentError, RowError
from medqa_kit.quality.personal.finding import Recognizer, spans_of
from medqa_kit.quality.personal.kinds import PERSONAL_KINDS, PersonalKind, plain_signs
from medqa_kit.quality.personal.span import PersonalSpan

_PURPOSE = "looking for personal data"
_SEPARATORS = re.compile(r"[\s()./~·-]")
_FROM_ABROAD = re.compile(r"^(?:\+|00)?(?:82|855)0?(?=[1-9])")
_DIGITS = 8  # of a pseudonym, hexadecimal: two persons share one in some 65,000


@dataclass(frozen=True)
class FindPersonalData:
    """Kernel that finds personal data: resident numbers, phones, cards, addresses, names and more.

    Rules alone: they see what has a form of its own or a label. Names without a title or label are
    not seen; ``recognizer`` takes a model that sees them.

    Attributes:
        columns: The columns to look at: texts, lists of texts, messages. Left out: all of these.
        kinds: What to look for, see :data:`~medqa_kit.quality.personal.kinds.PersonalKind`.
        recognizer: See :data:`~medqa_kit.quality.personal.finding.Recognizer`.
        on_bad: ``"keep"`` only lists the rows, ``"drop"`` leaves them out, ``"raise"`` stops.

    Raises:
        ArgumentError: An argument is none of these.
        FormattingError: When called: the table lacks a column.
        RowError: When called, with ``on_bad="raise"``: there is personal data. It is not quoted.

    Warns:
        DroppedRowsWarning: When called: rows are dropped. :meth:`run` lists them instead.

    Example:
        >>> rows = pa.table({"text": ["연락처 010-1234-5678, 환자 880102-1234567", "체온 36.5도"]})
        >>> _, report = FindPersonalData().run(rows)
        >>> report.findings.select(["row", "code", "start", "end", "certainty"]).to_pylist()[0]
        {'row': 0, 'code': 'phone', 'start': 4, 'end': 17, 'certainty': 'likely'}
    """

    columns: tuple[str, ...] | None = None
    kinds: tuple[PersonalKind, ...] = PERSONAL_KINDS
    recognizer: Recognizer | None = None
    on_bad: OnBad = "keep"

    def __post_init__(self) -> None:
        _check(self)
        one_of("on_bad", self.on_bad, get_args(OnBad))

    @property
    def verb(self) -> str:
        """Name of the kernel in reports and warnings."""
        return "FindPersonalData()"

    def __call__(self, table: pa.Table) -> pa.Table:
        """Return the rows of a batch that go on; warn of those dropped."""
        return rows_that_go_on(self, table)

    def run(self, rows: RowsT) -> tuple[RowsT, Report]:
        """Return the rows that go on, and a report on all personal data.

        Args:
            rows: As in :func:`medqa_kit.apply`.

        Returns:
            The rows, in the same kind of container, and a report. A finding has the kind as ``code``, and
            the further columns ``column`` (``string``), ``start`` and ``end`` (``int64``, characters of
            the text) and ``certainty`` (``string``). The data itself is never in it.
        """
        return run(rows, self)

    def judge(self, table: pa.Table) -> Judged:
        """Judge a batch; see :meth:`run`."""
        sightings = [seen for name in text_columns(table, self.columns, purpose=_PURPOSE)
                     for seen in _sightings(table, name, _spans(self, table, name))]  # fmt: skip
        rows = np.array([seen.row for seen in sightings], np.int64)
        bad = np.zeros(table.num_rows, bool)
        bad[rows] = True
        if self.on_bad == "raise":
            fail(table, bad, RowError, "there is personal data", column=sightings[0].column if sightings else None,
                 expected=f"none of {', '.join(self.kinds)}", found=sightings[0].span.kind if sightings else None,
                 hint='on_bad="keep" lists all; mk.MaskPersonalData(key=...) replaces it')  # fmt: skip
        kept = table if self.on_bad == "keep" else filtered(table, ~bad)
        return Judged(kept, kept.num_rows, _findings(table, sightings))


@dataclass(frozen=True)
class MaskPersonalData:
    """Kernel that replaces personal data by stable pseudonyms such as ``[phone 3f2a81c0]``.

    The pseudonym is a keyed hash (HMAC-SHA-256): the same number has the same one in all rows, and
    who lacks the key cannot try numbers out. Blanks, dashes and brackets within make no difference, nor
    do full-width or Khmer digits and the code of the country.

    Attributes:
        key: A secret of at least 16 characters. Keep it if later data shall get the same pseudonyms.
        columns: As of :class:`FindPersonalData`.
        kinds: As of :class:`FindPersonalData`.
        recognizer: As of :class:`FindPersonalData`.

    Raises:
        ArgumentError: An argument is none of these.
        FormattingError: When called: the table lacks a column.

    Example:
        >>> rows = pa.table({"text": ["010-1234-5678 또는 01012345678", "체온 36.5도"]})
        >>> masked, report = MaskPersonalData(key="a secret of ours").run(rows)
        >>> masked["text"].to_pylist()
        ['[phone a5e50195] 또는 [phone a5e50195]', '체온 36.5도']
        >>> report.by("code")
        {'phone': 2}
    """

    key: str
    columns: tuple[str, ...] | None = None
    kinds: tuple[PersonalKind, ...] = PERSONAL_KINDS
    recognizer: Recognizer | None = None

    def __post_init__(self) -> None:
        nonempty_text("key", self.key)
        if len(self.key) < 16:
            raise ArgumentError(
                "key= is too short to be a secret", argument="key", expected="at least 16 characters",
                found=f"{len(self.key)}", hint='python -c "import secrets; print(secrets.token_hex())" makes one',
            )  # fmt: skip
        _check(self)

    def __repr__(self) -> str:
        return f"MaskPersonalData(key=..., columns={self.columns!r}, kinds={self.kinds!r})"

    @property
    def verb(self) -> str:
        """Name of the kernel in reports and warnings."""
        return "MaskPersonalData()"

    def __call__(self, table: pa.Table) -> pa.Table:
        """Return the rows of a batch, personal data replaced."""
        return self.judge(table).rows

    def run(self, rows: RowsT) -> tuple[RowsT, Report]:
        """Return the rows with personal data replaced, and a report as of :class:`FindPersonalData`.

        ``start`` and ``end`` are positions in the text as it was.
        """
        return run(rows, self)

    def judge(self, table: pa.Table) -> Judged:
        """Mask a batch; see :meth:`run`."""
        masked, sightings = table, list[_Sighting]()
        for name in text_columns(table, self.columns, purpose=_PURPOSE):
            spans = _spans(self, table, name)
            if spans:
                masked = with_texts(masked, name, self._masked(texts_of(table, name), spans))
                sightings += _sightings(table, name, spans)
        return Judged(masked, masked.num_rows, _findings(table, sightings))

    def _masked(self, texts: pa.Array, spans: dict[int, list[PersonalSpan]]) -> pa.Array:
        """Replace the spans. Loops over the texts that have any."""
        listed = texts.to_pylist()
        for place, own in spans.items():
            text, pieces, end = listed[place], [], 0
            for span in own:
                pieces += [
                    text[end : span.start],
                    self._pseudonym(span.kind, text[span.start : span.end]),
                ]
                end = span.end
            listed[place] = "".join([*pieces, text[end:]])
        return pa.array(listed, texts.type)

    def _pseudonym(self, kind: str, value: str) -> str:
        bare = _SEPARATORS.sub("", plain_signs(value)).casefold()
        if kind == "phone":
            bare = _FROM_ABROAD.sub("0", bare)
        said = f"{kind}\0{bare}"
        digest = hmac.new(self.key.encode(), said.encode(), sha256).hexdigest()[:_DIGITS]
        return f"[{kind} {digest}]"


_Kernel = FindPersonalData | MaskPersonalData


def _check(kernel: _Kernel) -> None:
    if kernel.columns is not None:
        object.__setattr__(kernel, "columns", several_texts("columns", kernel.columns))
    object.__setattr__(kernel, "kinds", some_of("kinds", kernel.kinds, PERSONAL_KINDS))
    if kernel.recognizer is not None and not callable(kernel.recognizer):
        raise ArgumentError(
            "recognizer= takes a function", argument="recognizer",
            expected="a function from a list of texts to their spans", found=type(kernel.recognizer).__name__,
            hint="recognizer=lambda texts: [[(0, 5, 'name')], ...]",
        )  # fmt: skip


class _Sighting(NamedTuple):
    row: int
    column: str
    span: PersonalSpan


def _spans(kernel: _Kernel, table: pa.Table, name: str) -> dict[int, list[PersonalSpan]]:
    return spans_of(texts_of(table, name), kernel.kinds, kernel.recognizer)


def _sightings(
    table: pa.Table, name: str, spans: dict[int, list[PersonalSpan]]
) -> Iterator[_Sighting]:
    rows = rows_of_texts(table, name, np.array(list(spans), np.int64))
    for row, own in zip(rows.tolist(), spans.values(), strict=True):
        yield from (_Sighting(row, name, span) for span in own)


def _findings(table: pa.Table, sightings: Sequence[_Sighting]) -> pa.Table:
    ordered = sorted(sightings, key=lambda seen: seen.row)
    columns = {
        "column": pa.array([seen.column for seen in ordered], pa.string()),
        "start": pa.array([seen.span.start for seen in ordered], pa.int64()),
        "end": pa.array([seen.span.end for seen in ordered], pa.int64()),
        "certainty": pa.array([seen.span.certainty for seen in ordered], pa.string()),
    }
    rows = np.array([seen.row for seen in ordered], np.int64)
    return findings_of(table, rows, [seen.span.kind for seen in ordered], **columns)
