"""A row without upstream's key has no id: it is an error of its own, never an id that lacks its end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.errors import NullValueError
from medqa_kit.loading.planner import SAMPLES

pytestmark = [
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.RowCountWarning"),
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.DroppedRowsWarning"),
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.LeftOutWarning"),
]

CASES: list[tuple[str, str, dict[str, str], str, Any]] = [
    ("kormedmcqa", "doctor/test-*", {"subset": "doctor", "split": "test"}, "year", None),
    ("kormedmcqa", "doctor/test-*", {"subset": "doctor", "split": "test"}, "q_number", None),
    ("medmcqa", "data/validation-*", {"split": "validation"}, "id", None),
    ("medmcqa", "data/validation-*", {"split": "validation"}, "id", ""),
    ("headqa", "en/test.parquet", {"subset": "en", "split": "test"}, "qid", None),
    ("ultrachat_200k", "data/train_sft-*", {"split": "train"}, "prompt_id", ""),
]


@pytest.mark.parametrize(("name", "files", "part", "column", "value"), CASES)
def test_a_row_without_key_is_told_and_set_aside(
    tmp_path: Path, name: str, files: str, part: dict[str, str], column: str, value: object
) -> None:
    rows = pq.read_table(next((SAMPLES / name).glob(files))).to_pylist()
    rows[1][column] = value
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows), "utf-8")
    with pytest.raises(NullValueError, match="missing") as caught:
        mk.load(name, path=file, **part)
    assert caught.value.spot == "line 2"
    kept = mk.load(name, path=file, on_bad="drop", **part)
    ids = list(kept["id"])
    assert len(ids) == len(rows) - 1
    assert not [row_id for row_id in ids if row_id.endswith("/") or "/-" in row_id]
