"""Lock contents and build bytes of every sample, equal to the record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import medqa_kit as mk
from sample_parts import LOADABLE
from scripts import script

record_bytes = script("tools/record_bytes.py")
RECORD = json.loads(record_bytes.RECORD.read_text("utf-8"))


def test_every_sample_is_recorded() -> None:
    assert sorted(RECORD) == sorted(LOADABLE), "run tools/record_bytes.py and read the diff"


@pytest.mark.parametrize("name", LOADABLE)
@pytest.mark.slow
def test_rows_and_files_are_as_recorded(name: str, tmp_path: Path) -> None:
    assert record_bytes.recorded(mk.source(name), tmp_path) == RECORD[name], (
        f"if this is meant, run tools/record_bytes.py {name} and read the diff"
    )
