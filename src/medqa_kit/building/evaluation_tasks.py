"""Evaluation tasks out of the catalogue: a folder that lm-eval or inspect_ai runs."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from medqa_kit.catalog.model import Source
from medqa_kit.core.arguments import file_path, one_of, whole_number
from medqa_kit.core.arrow.columns import list_lengths, whole
from medqa_kit.core.arrow.slices import need
from medqa_kit.core.atomic import write_text, written_whole
from medqa_kit.core.holders import batches
from medqa_kit.core.judging import findings_of
from medqa_kit.core.report import Report
from medqa_kit.core.showing.shown import Block, PlainText, Shown
from medqa_kit.core.stored import sha256_of
from medqa_kit.errors import ArgumentError, EmptyDataError, shorten
from medqa_kit.evaluation.task_files import Scored, TaskHarness, TaskTexts
from medqa_kit.loading.load import load
from medqa_kit.prompting.fewshot import few_shot
from medqa_kit.prompting.languages import LANGUAGES, Language, LanguageCode
from medqa_kit.prompting.options import MarkerName, Markers
from medqa_kit.prompting.prompts import prompt

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_KEPT = ("id", "source", "subset", "language", "question", "options", "answer_index")


@dataclass(frozen=True, repr=False)
class TaskFolder(Shown):
    """A task that was written.

    Attributes:
        name: The name of the task.
        folder: Where it stands.
        files: Its files.
        command: How a harness runs it; the model is yours.
        report: How many rows it has, and which were left out: ``no_options``, ``no_answer``.

    Example:
        >>> report = Report("task", rows=3, kept=3)
        >>> TaskFolder("demo", Path("tasks"), ("demo.yaml",), "lm-eval run --tasks demo", report)
        task demo in tasks
        files: demo.yaml
        run it: lm-eval run --tasks demo
        task: 3 rows, 3 kept, 0 dropped
    """

    name: str
    folder: Path
    files: tuple[str, ...]
    command: str
    report: Report

    def _blocks(self) -> Iterator[Block]:
        yield f"task {self.name} in {self.folder}"
        yield f"files: {', '.join(self.files)}"
        yield f"run it: {self.command}"
        yield PlainText(self.report)


def task(
    harness: TaskHarness,
    source: str | Source | Any,
    *,
    folder: str | os.PathLike[str],
    subset: str | None = None,
    split: str = "test",
    name: str | None = None,
    language: LanguageCode | Language | None = None,
    markers: MarkerName | Markers | None = None,
    shots: int = 0,
    shots_from: str | Any = "train",
    scored: Scored = "choices",
) -> TaskFolder:
    """Write a folder with an evaluation task that another harness runs as it is.

    Rows are normalised and prompted by a language pack, shots included, and stand in a Parquet file
    whose SHA-256 the task checks. Every model sees the same bytes, whatever the version of the harness.
    Rows without options or with a withheld answer are left out and listed.

    Args:
        harness: ``"lm_eval"`` writes a YAML file and a Python file with the rows' loader;
            ``"inspect_ai"`` a Python file.
        source: A source of the catalogue, or any container of rows of multiple choice.
        folder: Where to write; files of the task are replaced.
        subset: As in :func:`medqa_kit.load`; for sources.
        split: Likewise.
        name: Name of the task: small letters, digits and ``_``; by default of source, subset and split.
        language: The pack; by default that of the rows, if they have one.
        markers: As in :func:`medqa_kit.prompt`.
        shots: Examples before each question, the same for all: the first of ``shots_from`` that are not
            of the item's family and ask something else.
        shots_from: A split of the source, or rows.
        scored: ``"choices"`` compares the likelihood of the markers (lm_eval alone); ``"reply"`` reads
            what the model writes, by :func:`medqa_kit.extract` with the question.

    Returns:
        What was written, and how it is run.

    Raises:
        ArgumentError: No such harness, a name that is none, rows of several languages, no row with
            options and answer, or a likelihood for a harness that has none.
        FormattingError: A column is missing, or the pool has too few shots.

    Example:
        >>> from tempfile import mkdtemp
        >>> rows = pa.table({"id": ["d/1"], "language": ["ko"], "question": ["열의 원인은?"], "answer_index": [0],
        ...                  "context": pa.nulls(1, pa.string()), "options": [["감염", "외상"]]})
        >>> written = task("lm_eval", rows, folder=mkdtemp(), name="demo")
        >>> written.files
        ('demo.parquet', 'demo.yaml', 'demo_rows.py')
    """
    one_of("harness", harness, get_args(TaskHarness))
    one_of("scored", scored, get_args(Scored))
    shots = whole_number("shots", shots, least=0)
    if harness == "inspect_ai":
        scored = "reply"
    known = isinstance(source, str | Source)
    rows = load(source, subset=subset, split=split) if known else source
    title = _task_name(name, source if known else None, subset, split)
    table, report = _answerable(rows)
    kernel = prompt(
        language=_language(table, language), markers=markers, choices=True, keep=_kept(table)
    )
    if shots:
        pool = (
            load(source, subset=subset, split=shots_from)
            if known and isinstance(shots_from, str)
            else shots_from
        )
        table = few_shot(pool, k=shots, held_out=table)(table)
    place = file_path("folder", folder)
    place.mkdir(parents=True, exist_ok=True)
    parquet = place / f"{title}.parquet"
    with written_whole(parquet) as path:
        pq.write_table(kernel(table), path)
    files = TaskTexts(title, sha256_of(parquet), scored, kernel.joint).files(harness)
    for file, content in files.items():
        write_text(place / file, content)
    return TaskFolder(title, place, (parquet.name, *files), _command(harness, title, place), report)


def _command(harness: TaskHarness, name: str, folder: Path) -> str:
    if harness == "lm_eval":
        return f"lm-eval run --model hf --model_args pretrained=MODEL --tasks {name} --include_path {shlex.quote(str(folder))}"
    return f"cd {shlex.quote(str(folder))} && inspect eval {name}.py --model MODEL"


def _task_name(
    name: str | None, source: str | Source | None, subset: str | None, split: str
) -> str:
    if name is None and source is not None:
        parts = [source.name if isinstance(source, Source) else source, subset, split]
        name = "_".join(re.sub(r"[^a-z0-9]+", "_", part.lower()) for part in parts if part)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ArgumentError(
            "the task has no name, or one that no file can have", argument="name",
            expected="small letters, digits and _, a letter first", found=shorten([name]),
            hint="name='khmer_exam'",
        )  # fmt: skip
    return name


def _answerable(rows: Any) -> tuple[pa.Table, Report]:
    """Return the rows that have options and an answer, and list the others."""
    listed = list(batches(rows))
    if not listed:
        raise EmptyDataError("a task of no rows asks nothing", expected="questions of multiple choice",
                             found="no rows", hint="choose another subset or split")  # fmt: skip
    table = pa.Table.from_batches(listed)
    need(table, ("id", "question", "options", "answer_index"), purpose="an evaluation task",
         hint="rows of multiple choice, as mk.load gives them")  # fmt: skip
    if "context" not in table.column_names:
        table = table.append_column("context", pa.nulls(table.num_rows, pa.string()))
    closed = list_lengths(whole(table["options"])) > 0
    answered = np.asarray(whole(table["answer_index"]).is_valid())
    findings = pa.concat_tables(
        findings_of(table, at, [code] * len(at))
        for code, at in (
            ("no_options", np.flatnonzero(~closed)),
            ("no_answer", np.flatnonzero(closed & ~answered)),
        )
    )
    good = closed & answered
    if not good.any():
        raise ArgumentError("no row has options and an answer", argument="source",
                            expected="questions of multiple choice with their answers",
                            found=f"{table.num_rows:,} rows", hint="choose another subset or split")  # fmt: skip
    report = Report("task", rows=table.num_rows, kept=int(good.sum()), findings=findings)
    return table.filter(pa.array(good)), report


def _language(table: pa.Table, language: LanguageCode | Language | None) -> LanguageCode | Language:
    if language is not None:
        return language
    spoken = pc.unique(table["language"]).to_pylist() if "language" in table.column_names else []
    if len(spoken) != 1 or spoken[0] not in LANGUAGES:
        raise ArgumentError(
            "the rows are of no single language that has a pack", argument="language",
            expected=", ".join(LANGUAGES), found=shorten(spoken), hint="language='ko', or a subset of one language",
        )  # fmt: skip
    code: LanguageCode = spoken[0]
    return code


def _kept(table: pa.Table) -> tuple[str, ...]:
    identity = ("id", "source", "family", "language")
    return tuple(name for name in _KEPT if name in table.column_names and name not in identity)
