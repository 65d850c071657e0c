"""After its first batch a part is read in one thread and made into rows in another, few batches ahead."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from threading import get_ident
from typing import Any

import pyarrow as pa
import pytest

import medqa_kit as mk
from demo import COLUMNS, demo, folder, jsonl, records
from medqa_kit.loading.readers.read_files import read_files

EVENTS: list[tuple[str, int]] = []


def read(*args: Any, **options: Any) -> Iterator[Any]:
    for batch in read_files(*args, **options):
        EVENTS.append(("read", get_ident()))
        yield batch


def normalized(raw: pa.Table) -> pa.Table:
    if raw.num_rows:
        EVENTS.append(("made", get_ident()))
    return COLUMNS(raw)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "ahead"), [({}, 3), ({"streaming": True}, 3), ({"on_bad": "drop"}, 1)]
)
def test_few_batches_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], ahead: int
) -> None:
    where = folder(tmp_path, {"train.jsonl": jsonl(records(60_000))})
    monkeypatch.setattr("medqa_kit.loading.preparing.part_rows.read_files", read)
    EVENTS.clear()
    data = mk.load(demo(normalize=normalized), split="train", path=where, **options)
    assert sum(1 for _ in data.with_format("arrow").iter(10_000)) == 6
    events = [event for event, _ in EVENTS]
    assert events.count("read") == events.count("made") >= 6
    assert max(accumulate(1 if event == "read" else -1 for event in events)) <= ahead
    readers, makers = ({i for event, i in EVENTS if event == name} for name in ("read", "made"))
    assert makers == {get_ident()}
    assert len(readers) == (1 if ahead == 1 else 2)
    assert readers >= makers


@pytest.mark.slow
def test_the_first_rows_of_a_stream_are_all_that_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = folder(tmp_path, {"train.jsonl": jsonl(records(60_000))})
    monkeypatch.setattr("medqa_kit.loading.preparing.part_rows.read_files", read)
    EVENTS.clear()
    rows = iter(mk.load(demo(normalize=normalized), split="train", path=where, streaming=True))
    assert [next(rows)["id"] for _ in range(3)]
    assert [event for event, _ in EVENTS] == ["read", "made"]
