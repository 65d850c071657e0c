"""Shipped recipes with other weights, formats and splits: remix, diff and why agree on every row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.building.recipes.shipped_recipes import recipe_of, shipped_file
from results import listed_rows, parquet_rows

pytestmark = pytest.mark.slow


def edited(name: str) -> mk.Recipe:
    repeats = {f"source.{source.label}.repeat": (0.5, 2.0, 1.0)[at % 3]
               for at, source in enumerate(mk.Recipe.read(shipped_file(name)).sources)}  # fmt: skip
    plain: dict[str, Any] = {"mix.by": "rows", "mix.temperature": 1.0, "split.validation": 0.3}
    return recipe_of(name, settings={**plain, **repeats})


def ids(folder: Path) -> set[str]:
    return {
        row_id
        for split in ("train", "validation")
        for row_id in parquet_rows(folder, split)["id"].to_pylist()
    }


@pytest.mark.parametrize("name", ["korean_pretrain", "medical_training"])
def test_an_edited_recipe_is_remixed_as_it_is_built_and_every_row_is_explained(
    hub, tmp_path: Path, name: str
) -> None:
    first = mk.build(name, out=tmp_path / "first", origin="sample")
    remixed = mk.remix(first.path, edited(name), to=tmp_path / "remixed")
    result = mk.build(edited(name), out=tmp_path / "made", origin="sample")
    assert remixed.manifest["data_digest"] == result.manifest["data_digest"]
    assert not mk.diff(remixed.path, result.path).report.findings.num_rows
    difference = mk.diff(first.path, result.path)
    before, after = ids(first.path), ids(result.path)
    assert set(difference.rows("came")["id"].to_pylist()) == after - before
    assert set(difference.rows("went")["id"].to_pylist()) == before - after
    dropped = {row["id"] for row in listed_rows(result.path)}
    fates = {fate.id: fate.status for fate in mk.why(result.path, sorted(after | dropped))}
    assert fates == dict.fromkeys(after, "kept") | dict.fromkeys(dropped - after, "dropped")
    assert not mk.verify(result.path).findings.num_rows
