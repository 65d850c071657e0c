"""What a build wrote passes the check against what it held out, record kind by record kind."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from exam_text import Item, Writer, items
from gauntlet import EDITED, planted, same_options, same_stem, same_template
from results import json_rows, parquet_rows

EXAM = items("ko", 240, seed=41)
KINDS = ["alpaca", "openai/chat", "sharegpt", "text", "trl/prompt-completion", "trl/prompt-only"]
"""One of each shape; all others are tried in ``tests/decontamination/test_verdicts.py``."""


def raw(item: Item, subset: str, number: int, year: int) -> dict[str, Any]:
    """Write an item as upstream's files have it, its right option at any place."""
    turn = number % 5
    options = item.options[-turn:] + item.options[:-turn] if turn else item.options
    return {
        "subject": subset, "year": year, "period": 1, "q_number": number, "question": item.stem,
        **dict(zip("ABCDE", options, strict=True)), "answer": 1 + turn, "cot": "",
    }  # fmt: skip


def lookalikes() -> list[Item]:
    """Rows that share a stem, a template or the options with an item; other years; edited copies."""
    draw, writer = random.Random(5), Writer("ko", 6)
    changed = [make(item, writer, draw)[1]
               for make in (same_stem, same_template, same_options) for item in EXAM[:80]]  # fmt: skip
    for name in ("particles edited", "15 % of words replaced"):
        changed += planted(EXAM[80:120], EDITED[name], seed=7)[0].to_pylist()
    twins = [
        Item(f"t/{i}", "ko", row["question"], tuple(row["options"]), "x")
        for i, row in enumerate(changed)
    ]
    return [*items("ko", 400, seed=42), *twins]


@pytest.fixture(scope="module")
def exam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exam")
    for subset in ("doctor", "dentist", "nurse", "pharm"):
        (folder / subset).mkdir()
        for part, rows, year in (("train", lookalikes() if subset == "doctor" else EXAM[200:], 2015),
                                 ("test", EXAM[:200] if subset == "doctor" else EXAM[200:], 2023)):  # fmt: skip
            table = pa.Table.from_pylist(
                [raw(item, subset, i, year) for i, item in enumerate(rows)]
            )
            pq.write_table(table, folder / subset / f"{part}-00000-of-00001.parquet")
    return folder


@pytest.mark.filterwarnings(
    "ignore::medqa_kit.errors.RowCountWarning", "ignore::medqa_kit.errors.HoldoutWarning"
)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.slow
def test_what_a_build_wrote_passes_the_check(hub, exam: Path, tmp_path: Path, kind: str) -> None:
    recipe = {"name": "exam", "format": {"record": kind, "system": "의학 시험 문제를 푸는 도우미이다."},
              "source": [{"name": "kormedmcqa", "subset": "doctor", "path": str(exam)}]}  # fmt: skip
    result = mk.build(recipe, out=tmp_path / "made", origin="sample")
    holdout = mk.Holdout.named("kormedmcqa-official-test", path=exam, partial=True)
    rows = parquet_rows(result.path, "train")
    assert len(rows) > 300
    assert mk.check(rows, holdout).dropped == 0
    assert mk.check(json_rows(result.path, "train"), holdout).dropped == 0
    assert result.manifest["totals"]["dropped"]["held_out_near"] > 40
