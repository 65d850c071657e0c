"""A folder of requests to a model: which have an accepted reply, which failed, and which are open."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import xxhash

from medqa_kit.core.arguments import boolean, file_path, instance
from medqa_kit.core.report import Report, save_table
from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.core.stored import read_stored, xxh3_of
from medqa_kit.errors import ArgumentError, StorageError
from medqa_kit.generation.derived_rows import derived_rows
from medqa_kit.generation.judged_outcomes import failed_outcomes, judged_outcomes
from medqa_kit.generation.outcomes import (
    FURTHER,
    REPLIES,
    LedgerState,
    detailed_lines,
    further_outcomes,
    others_alone,
    parquet_bytes,
    request_findings,
    standing,
    write_outcomes,
)
from medqa_kit.generation.parent_rows import (
    LEDGER_HEAD,
    parent_rows,
    rows_file,
    write_rows_of,
)
from medqa_kit.generation.request_files import write_request_files
from medqa_kit.generation.requests import Generation
from medqa_kit.generation.result_lines import further_replies, repeated_replies, result_lines
from medqa_kit.training.openai_batch import FURTHER_CHOICES, parse_batch


@dataclass(frozen=True, repr=False)
class Ledger(Shown):
    """A folder of requests to a model about rows, and of its replies. :meth:`start` and :meth:`open` make one.

    The folder has the rows, the task, and one file for each set of results that was taken. No result is
    changed or lost: results may come in any order, in parts, twice, or after the process was killed. Of the
    replies to one request, the first one that is accepted counts, in the order in which files are taken and in
    the order of lines in a file; any other is stored and counted as ``further``. A request whose reply was set
    aside stays open.

    Attributes:
        folder: The folder.
        task: The task of the requests.

    Example:
        >>> import tempfile
        >>> rows = pa.table({"id": ["d/1"], "language": ["en"], "question": ["Is 5 mg enough?"], "answer": ["Yes."]})
        >>> ledger = Ledger.start(tempfile.mkdtemp(), rows, Generation(task="translation", model="m", language="ko"))
        >>> ledger.counts()
        {'rows': 1, 'requests': 1, 'accepted': 0, 'open': 1}
    """

    folder: Path
    task: Generation

    @classmethod
    def start(
        cls, folder: str | os.PathLike[str], rows: Any, task: Generation, *, replace_rows: bool = False
    ) -> Ledger:  # fmt: skip
        """Begin a ledger, or continue the one in this folder if it has the same rows and task.

        Args:
            folder: The folder of the ledger; made if it is absent.
            rows: Rows with ``id``, in anything :func:`medqa_kit.apply` takes. All of them are read into memory.
            task: The task of the requests.
            replace_rows: Whether these rows replace those of an existing ledger of the same task. Replies to
                requests that stay the same still count. Replies about rows that are gone stay in the folder, and
                count again when the rows are back.

        Raises:
            ArgumentError: There are no rows, or the folder has a ledger of other rows or of another task, or
                other files.
            FormattingError: A column that the task needs is absent or holds no text, or an id is null or empty.
            SchemaError: Two columns have one name.
            StorageError: The folder cannot be written.

        Example:
            >>> import json, tempfile
            >>> rows = pa.table({"id": ["d/1"], "language": ["en"], "question": ["Is 5 mg enough?"], "answer": ["Yes."]})
            >>> task = Generation(task="translation", model="m", language="ko")
            >>> ledger = Ledger.start(tempfile.mkdtemp(), rows, task)
            >>> [request] = ledger.open_requests()["request"].to_pylist()
            >>> reply = json.dumps({"question": "5 mg이면 충분한가?", "answer": "그렇다."})
            >>> line = json.dumps({"custom_id": request, "error": None, "response": {"status_code": 200, "body": {
            ...     "choices": [{"finish_reason": "stop", "message": {"content": reply}}]}}})
            >>> ledger.take([line]).kept
            1
            >>> rows, report = ledger.rows()
            >>> rows.select(["id", "question", "family"]).to_pylist()
            [{'id': 'd/1#translation-ko-1', 'question': '5 mg이면 충분한가?', 'family': 'd/1'}]
        """
        place = file_path("folder", folder)
        instance("task", task, Generation, expected="a Generation", hint="mk.Generation(task=...)")
        boolean("replace_rows", replace_rows)
        parents = parent_rows(rows, task)
        content = parquet_bytes(parents)
        head = {
            "task": task.described(),
            "rows": len(parents),
            "parents": xxhash.xxh3_128_hexdigest(content),
        }
        if (place / LEDGER_HEAD).exists():
            ledger = cls.open(place)
            if ledger._head == head:
                return ledger
            if not replace_rows or ledger._head["task"] != head["task"]:
                raise ArgumentError("a ledger of other rows or of another task stands there",
                                    argument="folder", expected=f"{head['rows']} rows, task {task.task}",
                                    found=f"{ledger._head['rows']} rows, task {ledger.task.task}",
                                    hint="choose another folder, or Ledger.open(folder) to go on")  # fmt: skip
        try:
            write_rows_of(place, head, content)
        except OSError as error:
            raise StorageError.of(error, place, elsewhere="or name another folder") from error
        return cls.open(place)

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Ledger:
        """Open a ledger.

        Raises:
            ArgumentError: The folder has no ledger, or a damaged one.
        """
        place = file_path("folder", folder)
        head = read_stored(place / LEDGER_HEAD) if place.is_dir() else None
        if head is None:
            raise ArgumentError("no ledger stands there", argument="folder", expected=f"a folder with {LEDGER_HEAD}",
                                found=str(place), hint="mk.Ledger.start(folder, rows, task) begins one")  # fmt: skip
        rows = rows_file(place, head)
        if not rows.is_file() or xxh3_of(rows) != head["parents"]:
            raise ArgumentError("the rows of the ledger are damaged", argument="folder",
                                expected="the bytes that were written", found=str(rows),
                                hint="copy it back, or start another ledger and take the result files again")  # fmt: skip
        return cls(place, Generation(**head["task"]))

    # -- asking --------------------------------------------------------------------------------

    def open_requests(self) -> pa.Table:
        """Return the requests that have no accepted reply, as :meth:`Generation.requests` does."""
        accepted = self._standing().accepted["request"]
        return self._requests.filter(
            pc.invert(pc.is_in(self._requests["request"], value_set=accepted))
        )

    def write_requests(self, folder: str | os.PathLike[str] | None = None) -> list[Path]:
        """Write the open requests as files for an OpenAI-compatible Batch service.

        Args:
            folder: The folder to write to; by default a folder ``requests`` in the ledger, which then has only these
                files.

        Returns:
            The files, each of at most 50,000 lines and 200 MB; none if nothing is open. Equal open
            requests give equal files under equal names.

        Raises:
            StorageError: The folder cannot be written.
        """
        place = self.folder / "requests" if folder is None else file_path("folder", folder)
        return write_request_files(place, self.open_requests(), self.task, alone=folder is None)

    # -- taking back ---------------------------------------------------------------------------

    def take(self, results: Iterable[str | bytes] | str | os.PathLike[str]) -> Report:
        """Read results, judge each reply, and store the outcomes before returning.

        Results that were taken before change nothing. A reply to a request with an accepted reply is listed and
        stored as ``further``, but not judged and not used, even if it is better: which reply counts must not
        depend on later replies.

        Args:
            results: Path of an output or error file of the service, which may be packed, or lines of one.

        Returns:
            The report: ``rows`` counts lines, ``kept`` replies that are accepted. The codes are those
            of :data:`~medqa_kit.training.openai_batch.FAILURES`, of
            :data:`~medqa_kit.generation.replies.REPLY_CODES`, and ``answered`` for a further reply to
            a request that was answered before, as ``duplicate_id`` is for one that this file answers; the detail
            says whether it is the same reply or another one. ``id`` is the id of the parent row.

        Raises:
            ArgumentError: It is neither a path nor lines.
            EncodingError: The file is in UTF-16.
            FormatError: The file is a web page or one list, or packed and damaged.
            StorageError: The file cannot be read, or the ledger not be written.
            WrongFilesError: There is no such file.
        """
        lines = list(result_lines(results))
        replies, report = parse_batch(lines, ids=self._requests["request"])
        before = self._standing()
        answered = pc.is_in(replies["id"], value_set=before.accepted["request"])
        rounds = [self._judged(replies.filter(pc.invert(answered)))]
        findings = report.findings.filter(pc.not_equal(report.findings["code"], "missing_id"))
        while (further := further_replies(lines, rounds[-1], findings)).replies.num_rows:
            rounds.append(self._judged(further.replies))
            findings = further.findings
        judged = pa.concat_tables(rounds)
        known = pa.concat_tables([before.taken, judged])
        again = further_outcomes(replies.filter(answered), known)
        places, repeated = repeated_replies(lines, findings)
        within = further_outcomes(repeated, pa.concat_tables([known, again]))
        write_outcomes(
            self.folder / REPLIES,
            pa.concat_tables(
                [
                    judged,
                    failed_outcomes(findings, self._requests),
                    *map(others_alone, (again, within)),
                ]
            ),
            before.taken,
        )
        bad = judged.filter(pc.is_valid(judged["code"]))
        findings = pa.concat_tables([
            detailed_lines(findings, places, within["detail"]), request_findings(bad["request"], bad["code"], bad["detail"]),
            request_findings(again["request"], again["code"], again["detail"]),
        ])  # fmt: skip
        choices = {name: n for name, n in report.counts.items() if name == FURTHER_CHOICES}
        return Report("take", rows=report.rows, kept=len(judged) - len(bad), findings=self._of_parents(findings),
                      counts={**self.counts(), "further": self.further().num_rows, **choices})  # fmt: skip

    def further(self) -> pa.Table:
        """Return the replies that are not used, since their requests have an accepted reply.

        Returns:
            A table with ``id`` of the parent row, ``request``, ``completion`` and ``model``, in the order in which
            they were taken; the same reply comes once.
        """
        state = self._standing()
        taken = state.taken.filter(pc.equal(state.taken["code"], FURTHER))
        taken = taken.filter(pc.is_in(taken["request"], value_set=state.accepted["request"]))
        at = pc.index_in(taken["request"], value_set=self._requests["request"])
        parents = self._parents["id"].take(self._requests["parent"].take(at))
        names = ["request", "completion", "model"]
        return pa.table([parents, *taken.select(names).columns], names=["id", *names])

    def rows(self) -> tuple[pa.Table, Report]:
        """Return the rows made of accepted replies, in the order of their parents.

        Returns:
            The rows, see :func:`~medqa_kit.generation.derived_rows.derived_rows`, and a report:
            ``rows`` counts requests, ``kept`` those with an accepted reply; the others are listed
            with the code of their last failure, or ``open`` where there was no reply.
        """
        _, accepted, aside = self._standing()
        order = pc.index_in(self._requests["request"], value_set=accepted["request"])
        answered = pc.is_valid(order)
        replies = accepted.take(order.drop_null()).select(["request", "fields", "model"])
        for name in ("parent", "turn"):
            replies = replies.append_column(name, self._requests[name].filter(answered))
        others = self._requests["request"].filter(pc.invert(answered))
        last = pc.index_in(others, value_set=aside["request"])
        codes = pc.fill_null(aside["code"].take(last), "open")
        findings = self._of_parents(request_findings(others, codes, aside["detail"].take(last)))
        return derived_rows(self._parents, replies, self.task), Report(
            "ledger",
            rows=len(self._requests),
            kept=len(replies),
            findings=findings,
            counts=self.counts(),
        )

    def write_rows(self, path: str | os.PathLike[str]) -> Path:
        """Write the rows of :meth:`rows` as JSON Lines, Parquet or CSV, by the ending, whole or not at all.

        Raises:
            ArgumentError: The name ends in something else.
            StorageError: The file cannot be written.
        """
        return save_table(self.rows()[0], path)

    def counts(self) -> dict[str, int]:
        """Return the number of rows and requests, and of requests that are accepted, set aside (by reason) and open."""
        _, accepted, aside = self._standing()
        reasons = {
            pair["values"]: pair["counts"] for pair in pc.value_counts(aside["code"]).to_pylist()
        }
        return {
            "rows": len(self._parents), "requests": len(self._requests), "accepted": len(accepted),
            **dict(sorted(reasons.items())),
            "open": len(self._requests) - len(accepted) - sum(reasons.values()),
        }  # fmt: skip

    def _blocks(self) -> Iterator[Block]:
        yield f"Ledger of {self.task.task} in {self.folder}"
        counts = [(name, f"{number:,}") for name, number in self.counts().items()]
        yield [("what", "how many"), *counts]

    # -- the files of the folder ---------------------------------------------------------------

    @property
    def _head(self) -> dict[str, Any]:
        return dict(read_stored(self.folder / LEDGER_HEAD) or {})

    @cached_property
    def _parents(self) -> pa.Table:
        return pq.read_table(rows_file(self.folder, self._head))

    @cached_property
    def _requests(self) -> pa.Table:
        return self.task.requests(self._parents)

    def _standing(self) -> LedgerState:
        """Read the outcomes, without those of requests about rows that are gone."""
        return standing(self.folder / REPLIES).of(self._requests["request"])

    def _judged(self, replies: pa.Table) -> pa.Table:
        return judged_outcomes(replies, self._requests, self._parents, self.task)

    def _of_parents(self, findings: pa.Table) -> pa.Table:
        """Replace the ids of requests in findings by those of their parent rows."""
        at = pc.index_in(findings["id"], value_set=self._requests["request"])
        parents = self._parents["id"].take(self._requests["parent"].take(at))
        return findings.set_column(1, "id", pc.coalesce(parents, findings["id"]))
