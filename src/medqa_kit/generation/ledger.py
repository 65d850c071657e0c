"""A folder that knows what was asked of a model, what came back, and what is still open."""

from __future__ import annotations

import json
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
from medqa_kit.generation.outcomes import (
    FURTHER,
    OUTCOMES,
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
from medqa_kit.generation.replies import judged_replies
from medqa_kit.generation.request_files import write_request_files
from medqa_kit.generation.requests import Generation
from medqa_kit.generation.result_lines import further_replies, repeated_replies, result_lines
from medqa_kit.training.openai_batch import FURTHER_CHOICES, parse_batch


@dataclass(frozen=True, repr=False)
class Ledger(Shown):
    """What was asked of a model about rows, and what came of it. Made by :meth:`start` or :meth:`open`.

    A folder with the rows, the task, and one file for each set of results taken. No result in it is
    changed or lost: results may come in any order, in parts, twice, or after a kill. The first reply
    to a request that is accepted counts, in the order in which they are taken, and within a file in that of
    its lines; any other one is kept and counted as ``further``. A reply that was set aside may be asked for again.

    Attributes:
        folder: Where it stands.
        task: What was asked for.
    """

    folder: Path
    task: Generation

    @classmethod
    def start(
        cls, folder: str | os.PathLike[str], rows: Any, task: Generation, *, replace_rows: bool = False
    ) -> Ledger:  # fmt: skip
        """Begin a ledger, or go on with the one that stands there for the same rows and task.

        Args:
            folder: Where to; made if it is not there.
            rows: Rows with ``id``, in anything :func:`medqa_kit.apply` takes. All are held in memory.
            task: What is asked for.
            replace_rows: Whether a ledger of the same task goes on with these rows in place of its own. Replies to
                what is asked as before count on; those to rows that went stay, and count again when they are back.

        Raises:
            ArgumentError: There are no rows, a ledger of other rows or of another task stands there, or
                other files do.
            FormattingError: A column the task needs is not there or holds no text, or an id is null or none.
            SchemaError: Two columns have one name.
            StorageError: The folder cannot be written.

        Example:
            >>> import tempfile
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
            ArgumentError: None stands there, or it is damaged.
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
            folder: Where to; by default a folder ``requests`` in the ledger, which then holds these alone.

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
        """Take results back: read them, judge each reply, and write all down before returning.

        Results that were taken before change nothing. A reply to a request that has an accepted one is listed,
        and written down as a further one, but not judged and not used, be it better or worse: which reply counts
        must not depend on what else came back.

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
                [judged, self._failures(findings), *map(others_alone, (again, within))]
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
        """Return the replies that came to requests which have an accepted one, and are not used.

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
        """Return the rows that accepted replies make, in the order of their parents.

        Returns:
            The rows, see :func:`~medqa_kit.generation.derived_rows.derived_rows`, and a report:
            ``rows`` counts requests, ``kept`` those with an accepted reply; the others are listed
            with the code of their last failure, or ``open`` where nothing came back.
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
        """Return how many requests there are, how many are accepted, set aside by reason, and open."""
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

    # -- what stands in the folder -------------------------------------------------------------

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
        """Read the outcomes; what came of rows that are no longer asked about does not count."""
        return standing(self.folder / REPLIES).of(self._requests["request"])

    def _judged(self, taken: pa.Table) -> pa.Table:
        at = pc.index_in(taken["id"], value_set=self._requests["request"])
        asked = self._requests.take(at)
        origins = self._parents.take(asked["parent"])
        languages = (
            origins["language"].to_pylist()
            if "language" in origins.column_names
            else [None] * len(origins)
        )
        wanted = [self.task.language or language for language in languages]
        verdicts = judged_replies(
            taken["completion"].to_pylist(), asked["prompt"].to_pylist(), wanted, self.task
        )
        return pa.table([
            taken["id"], pa.array([verdict.code for verdict in verdicts], pa.string()),
            pa.array([verdict.detail for verdict in verdicts], pa.string()), taken["completion"],
            pa.array([None if verdict.code else json.dumps(verdict.fields, ensure_ascii=False) for verdict in verdicts], pa.string()),
            taken["model"], taken["prompt_tokens"], taken["completion_tokens"],
        ], schema=OUTCOMES)  # fmt: skip

    def _failures(self, findings: pa.Table) -> pa.Table:
        """Return what is told of requests of the ledger that got no reply."""
        ours = pc.is_in(findings["id"], value_set=self._requests["request"])
        passing = pc.is_in(findings["code"], value_set=pa.array(["superseded", "duplicate_id"]))
        failures = findings.filter(pc.and_not(ours, passing))
        columns = {
            "request": failures["id"],
            "code": failures["code"],
            "detail": failures["detail"],
        }
        return pa.table([
            columns.get(field.name, pa.nulls(len(failures), field.type)) for field in OUTCOMES
        ], schema=OUTCOMES)  # fmt: skip

    def _of_parents(self, findings: pa.Table) -> pa.Table:
        """Name the parent rows of findings instead of the requests."""
        at = pc.index_in(findings["id"], value_set=self._requests["request"])
        parents = self._parents["id"].take(self._requests["parent"].take(at))
        return findings.set_column(1, "id", pc.coalesce(parents, findings["id"]))
