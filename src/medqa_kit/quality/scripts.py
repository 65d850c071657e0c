"""The script of a text, to find machine translations that were left in English.

Asked for, like all of this room: loading keeps such rows, and says how many upstream counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
import pyarrow as pa

from medqa_kit.core.apply import run
from medqa_kit.core.arguments import number, one_of, several_texts
from medqa_kit.core.arrow.slices import fail, need
from medqa_kit.core.holders import RowsT
from medqa_kit.core.judging import Judged, OnBad, findings_of, rows_that_go_on
from medqa_kit.core.report import Report
from medqa_kit.core.selection import filtered
from medqa_kit.errors import RowError
from medqa_kit.quality.script_counts import SCRIPTS, Script, script_counts


@dataclass(frozen=True)
class InScript:
    """Kernel that keeps the rows whose texts are written in a script rather than in Latin letters.

    Measured is the share of the script's characters among them and the Latin letters; what is
    neither does not count. A text without any of the two has a share of 0, and a null text is not
    looked at.

    Attributes:
        script: One of :data:`medqa_kit.quality.script_counts.SCRIPTS`, such as ``"khmer"`` (U+1780 to
            U+17FF) or ``"hangul"``. The share of ``"latin"`` is among all letters.
        least: The share each text must have, 0 to 1.
        columns: The text columns.
        on_bad: ``"drop"`` leaves the other rows out, ``"keep"`` only lists them, ``"raise"`` stops.

    Raises:
        ArgumentError: An argument is none of these.
        FormattingError: When called: the table lacks a column.
        RowError: When called, with ``on_bad="raise"``: a text is in another script.

    Warns:
        DroppedRowsWarning: When called: rows are dropped. :meth:`run` lists them instead.

    Example:
        >>> rows = pa.table({"question": ["តើអ្វីជា pH?", "pH?"], "answer": ["អាស៊ីត", "7"]})
        >>> khmer, report = InScript().run(rows)
        >>> khmer["question"].to_pylist()
        ['តើអ្វីជា pH?']
        >>> report.findings.select(["row", "column", "share"]).to_pylist()
        [{'row': 1, 'column': 'question', 'share': 0.0}, {'row': 1, 'column': 'answer', 'share': 0.0}]
    """

    script: Script = "khmer"
    least: float = 0.5
    columns: tuple[str, ...] = ("question", "answer")
    on_bad: OnBad = "drop"

    def __post_init__(self) -> None:
        one_of("script", self.script, SCRIPTS)
        object.__setattr__(
            self,
            "least",
            number("least", self.least, least=0, most=1, hint="a share of 50 % is 0.5"),
        )
        object.__setattr__(self, "columns", several_texts("columns", self.columns))
        one_of("on_bad", self.on_bad, get_args(OnBad))

    @property
    def verb(self) -> str:
        """Name of the kernel in reports and warnings."""
        return "InScript()"

    def __call__(self, table: pa.Table) -> pa.Table:
        """Return the rows of a batch that are in the script; warn of those that are not."""
        return rows_that_go_on(self, table)

    def run(self, rows: RowsT) -> tuple[RowsT, Report]:
        """Return the rows in the script, and a report on the others.

        Args:
            rows: As in :func:`medqa_kit.apply`.

        Returns:
            The rows, in the same kind of container, and a report. A finding has the code
            ``other script``, and the further columns ``column`` (``string``) and ``share``
            (``double``); a row has one for each of its texts that is in another script.
        """
        return run(rows, self)

    def judge(self, table: pa.Table) -> Judged:
        """Judge a batch; see :meth:`run`."""
        need(table, self.columns, purpose="telling scripts apart",
             hint="InScript(columns=...) names the text columns")  # fmt: skip
        shares = np.full((len(self.columns), table.num_rows), np.nan)
        for place, name in enumerate(self.columns):
            share = script_share(table[name].cast(pa.large_string()), self.script)
            shares[place] = np.asarray(share.to_numpy(zero_copy_only=False), np.float64)
        rows, places = np.nonzero(self.least > shares.T)  # null is NaN, which is not below anything
        bad = np.zeros(table.num_rows, bool)
        bad[rows] = True
        if self.on_bad == "raise":
            fail(table, bad, RowError, "a text is in another script",
                 expected=f"a share of {self.script} of {self.least:g}",
                 hint='on_bad="drop" leaves such rows out')  # fmt: skip
        findings = findings_of(
            table, rows, pa.repeat("other script", len(rows)),
            column=pa.array(self.columns, pa.string()).take(pa.array(places)),
            share=pa.array(shares[places, rows], pa.float64()),
        )  # fmt: skip
        kept = table if self.on_bad == "keep" else filtered(table, ~bad)
        return Judged(kept, kept.num_rows, findings)


def script_share(texts: pa.Array | pa.ChunkedArray, script: Script = "khmer") -> pa.Array:
    """Return the share of a script's letters among them and Latin letters; of Latin among all.

    Args:
        texts: ``string[n]``.
        script: As in :class:`InScript`.

    Returns:
        ``double[n]``: 0 to 1, 0 where there is none of the two; null for null.

    Raises:
        ArgumentError: There is no such script.

    Example:
        >>> script_share(pa.array(["ខ្មែរ", "ក ab", "12", None])).to_pylist()
        [1.0, 0.3333333333333333, 0.0, None]
    """
    one_of("script", script, SCRIPTS)
    counted = script_counts(texts)
    own = counted.of(script)
    among = counted.letters if script == "latin" else own + counted.of("latin")
    return pa.array(own / np.maximum(among, 1), pa.float64(), mask=np.asarray(texts.is_null()))
