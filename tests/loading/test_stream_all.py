"""Streaming the first row of any source takes no full download."""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pytest
import zstandard

import medqa_kit as mk
from demo import PIN, REPO, WRITERS, demo, jsonl, records, table
from hub import Hub
from medqa_kit.errors import RowError
from medqa_kit.loading.files.name_patterns import matches
from medqa_kit.loading.planner import SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")
MADE_UP = "c" * 40  # where no revision is pinned


def on_the_hub() -> Iterator[tuple[str, mk.catalog.Part]]:
    """One part of each pattern of files at each place: others differ in their name only."""
    for source in mk.sources():
        layouts = {}
        for part in source.parts:
            layout = source.layout_of(part)
            if isinstance(layout.at, mk.catalog.Hub):
                layouts.setdefault((layout.at, layout.files), part)
        for part in layouts.values():
            yield source.name, part


PARTS = list(on_the_hub())


@pytest.mark.parametrize(("name", "part"), PARTS, ids=[f"{n}/{p.name}" for n, p in PARTS])
@pytest.mark.slow
def test_the_first_row_takes_one_file(hub: Hub, name: str, part: mk.catalog.Part) -> None:
    layout = mk.source(name).layout_of(part)
    at = layout.at
    assert isinstance(at, mk.catalog.Hub)
    folder = _sample(name, at.repo)
    commit = at.revision or MADE_UP
    token = hub.token(reads=[at.repo]) if at.gated else None
    repo = hub.repo(at.repo).commit(commit, folder)
    if at.gated:
        repo.gate()
    wanted = _files(folder, layout.files, part)
    assert wanted, "the sample lacks this part"
    stream = mk.load(name, subset=part.subset, split=part.split, streaming=True, token=token)
    assert _fetched(hub, commit) == set(), "files are fetched before a row is asked for"
    with suppress(RowError):  # some samples hold bad rows on purpose; what was fetched counts
        assert next(iter(stream))["split"] == part.split
    assert _fetched(hub, commit) == {wanted[0]}


def _sample(name: str, repo: str) -> Path:
    nested = SAMPLES / name / repo.replace("/", "+")
    return nested if nested.is_dir() else SAMPLES / name


def _files(folder: Path, files: str, part: mk.catalog.Part) -> list[str]:
    upstream = part.upstream or part.split
    pattern = files.format(subset=part.subset or "", split=part.split, upstream=upstream)
    names = (p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    return sorted(name for name in names if matches(name, pattern))


def _fetched(hub: Hub, commit: str) -> set[str]:
    """Names of the files of which bytes were asked for."""
    asked = hub.asked("*/resolve/*", method="GET")
    return {request.path.split(f"/resolve/{commit}/")[1] for request in asked}


@cache
def many() -> list[dict[str, Any]]:
    """Rows that do not pack well, or there would be nothing to leave out."""
    noise = random.Random(0)
    return [{**row, "question": noise.randbytes(300).hex()} for row in records(30_000)]


def _delimited(delimiter: str) -> bytes:
    # Three times over, since Arrow reads ahead by as much as it finds time for.
    rows = pa.concat_tables([table(many())] * 3)
    sink = pa.BufferOutputStream()
    pyarrow.csv.write_csv(rows, sink, pyarrow.csv.WriteOptions(delimiter=delimiter))
    return bytes(sink.getvalue())


BIG: dict[str, Callable[[], bytes]] = {
    "parquet": lambda: WRITERS["parquet"](many()),
    "jsonl": lambda: jsonl(many()),
    "json": lambda: WRITERS["json"](many()),
    "jsonl.gz": lambda: gzip.compress(jsonl(many()), 1),
    "jsonl.zst": lambda: zstandard.compress(
        jsonl(many() * 2), 1
    ),  # small files are checked whole first
    "csv": lambda: _delimited(","),
    "tsv": lambda: _delimited("\t"),
}


@pytest.mark.slow
@pytest.mark.parametrize("ending", BIG)
def test_the_first_row_takes_part_of_a_file(
    hub: Hub, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Arrow reads some blocks of CSV ahead; with the usual 16 MiB the file here would have to be huge.
    monkeypatch.setattr("medqa_kit.loading.readers.delimited_files.delimited._BLOCK", 1 << 20)
    content = BIG[ending]()
    assert len(content) > 1 << 20
    hub.repo(REPO).commit(PIN, {f"train.{ending}": content})
    stream = mk.load(demo(f"train.{ending}"), split="train", streaming=True)
    assert next(iter(stream))["id"] == "demo_exam/0"
    sent = hub.bytes_sent(f"*/train.{ending}")
    assert 0 < sent < 0.7 * len(content), f"{sent} of {len(content)} bytes"


HALF_READ = """
import warnings
import medqa_kit as mk

warnings.simplefilter("ignore")
begun = []
for source in mk.sources():
    for part in source.parts[:1]:
        rows = mk.load(source.name, subset=part.subset, split=part.split, origin="sample", streaming=True)
        begun.append(rows.with_format("arrow").iter(batch_size=1))
        next(begun[-1], None)
"""


@pytest.mark.slow
def test_a_program_that_ends_in_the_middle_of_streams_says_nothing() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", HALF_READ], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
