"""A build by several processes: equal bytes, whatever the recipe asks for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import medqa_kit as mk
from many_rows import many_rows, many_rows_recipe
from medqa_kit.building.kept.decided_tables import DecidedTables
from medqa_kit.building.output.units import STEP_ROWS, planned_units
from medqa_kit.building.stages import conditions_met, lengths, trimming
from results import file_bytes

WORDS = (
    '{"version": "1.0", "pre_tokenizer": {"type": "Whitespace"}, "model": '
    '{"type": "WordLevel", "vocab": {"[U]": 0}, "unk_token": "[U]"}}'
)
MIX = {"mix": {"by": "rows", "epochs": 2}}


@given(
    sizes=st.lists(st.integers(1, 5000), max_size=60), repeats=st.integers(1, 90),
    most=st.integers(1000, 2_000_000), first=st.integers(0, 9),
)  # fmt: skip
def test_units_hold_each_row_once_in_order(
    sizes: list[int], repeats: int, most: int, first: int
) -> None:
    rows = np.array(sizes * repeats, np.int64)
    units = list(planned_units(rows, "train", most=most, first=first))
    assert [unit.number for unit in units] == list(range(first, first + len(units)))
    assert sum(unit.rows for unit in units) == len(rows)
    begin = 0
    for unit in units:
        assert unit.borders[0] == begin
        assert begin % STEP_ROWS == 0
        assert list(unit.borders) == sorted(set(unit.borders))
        last_step = begin + (unit.rows - 1) // STEP_ROWS * STEP_ROWS
        assert rows[begin:last_step].sum() < most
        begin = unit.borders[-1]


def test_a_long_row_is_a_batch_of_its_own() -> None:
    sizes = np.array([10, 50 << 20, 10, 10], np.int64)
    (unit,) = planned_units(sizes, "train", most=1 << 40, first=0)
    assert unit.borders == (0, 1, 2, 4)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("processes", "more"), [(2, {}), (4, MIX | {"seed": 3})], ids=["as they come", "mixed"]
)
def test_bytes_do_not_depend_on_the_number_of_processes(
    hub, tmp_path: Path, processes: int, more: dict[str, Any]
) -> None:
    recipe = many_rows_recipe(many_rows(tmp_path / "own.jsonl", 5000), **more)
    if more:
        recipe["source"][0]["repeat"] = 1.3
    results = []
    for number in (1, processes):
        result = mk.build(recipe, out=tmp_path / f"out{number}", origin="sample", processes=number)
        results.append(file_bytes(result.path))
    assert results[0] == results[1]
    shards = result.manifest["formats"]["chat"]["splits"]["train"]["shards"]
    assert shards["jsonl"] > 3
    assert {*mk.verify(result.path).by("code")} <= {"unchecked"}
    assert result.manifest["totals"]["train"] > 4000


@pytest.mark.slow
def test_conditions_lengths_and_shortening_are_the_work_of_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equal results, and no row is looked at in the process that builds."""
    rows = [json.loads(line) for line in many_rows(tmp_path / "own.jsonl", 5000).read_text("utf-8").splitlines()]  # fmt: skip
    for number, row in enumerate(rows):
        row["rationale"] = "It is so. " * (number % 40)
    (tmp_path / "own.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    (tmp_path / "tokenizer.json").write_text(WORDS, "utf-8")
    own = {"as": "own", "read": str(tmp_path / "own.jsonl"), "schema": "qa", "license": "CC0-1.0",
           "where": {"tokens": {"max": 150}}}  # fmt: skip
    mix = {"by": "tokens", "tokenizer": str(tmp_path / "tokenizer.json"), "size": 100_000,
           "budget": {"max_tokens": 90, "fit": "trim_reasoning"}}  # fmt: skip
    recipe = {"name": "many", "source": [own], "split": {"validation": 0}, "mix": mix,
              "format": {"record": "trl/prompt-completion", "reasoning": "before"}}  # fmt: skip
    looked: list[str] = []
    for module, name in ((conditions_met, "_failing"), (lengths, "format_records"), (trimming, "fit")):  # fmt: skip
        work = getattr(module, name)

        def counted(*arguments: Any, _name: str = name, _work: Any = work, **more: Any) -> Any:
            looked.append(_name)
            return _work(*arguments, **more)

        monkeypatch.setattr(module, name, counted)
    monkeypatch.setattr(DecidedTables, "known", lambda *_: None)  # each build decides by itself
    results, calls = [], []
    for processes in (1, 2):
        result = mk.build(recipe, out=tmp_path / f"{processes}", cache_dir=tmp_path / "cache",
                        processes=processes, quiet=True)  # fmt: skip
        results.append(file_bytes(result.path))
        calls.append({*looked})
        looked.clear()
    assert results[0] == results[1]
    assert calls == [{"_failing", "format_records", "fit"}, set()]
    dropped = result.manifest["totals"]["dropped"]
    assert dropped["where_tokens"] > 0
    assert dropped["not_in_mix"] > 0
    assert result.manifest["sources"][0]["trimmed"] > 0
