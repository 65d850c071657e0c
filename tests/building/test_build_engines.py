"""Builds on Ray and Spark: the bytes of a local build."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from engine_sessions import MARKS, ray_session, spark_session
from many_rows import many_rows, many_rows_recipe
from medqa_kit.errors import ArgumentError
from results import file_bytes

SESSIONS = {"ray": ray_session, "spark": spark_session}


@pytest.mark.parametrize(
    ("engine", "processes", "said"), [("dask", 1, "engine"), ("ray", 2, "processes")]
)
def test_what_an_engine_may_be_is_said(
    tmp_path: Path, engine: Any, processes: int, said: str
) -> None:
    with pytest.raises(ArgumentError, match=said):
        mk.build("korean_exam_sft", out=tmp_path / "out", engine=engine, processes=processes)


@pytest.fixture(scope="module", params=list(SESSIONS))
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    with SESSIONS[request.param]():
        yield request.param


def held_recipe(folder: Path, rows: int) -> dict[str, Any]:
    """Return a recipe of rows with copies, some of which are held out."""
    file = many_rows(folder / "own.jsonl", rows, copies=rows * 3 // 10)
    exam = mk.read(file, schema="qa").select(range(24, rows // 2, rows // 100))
    mk.Holdout.from_rows(exam, reason="we report it", name="exam").save(folder / "exam.holdout")
    return many_rows_recipe(
        file, dedupe={"near": 0.8}, holdout={"items": [f"file:{folder / 'exam.holdout'}"]}
    )


def built(recipe: dict[str, Any], folder: Path, engine: Any) -> mk.building.Build:
    return mk.build(
        recipe, out=folder / engine, cache_dir=folder / "cache", origin="sample", engine=engine
    )


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, bytes]]:
    """A recipe of 200,000 rows, and what a local build makes of it."""
    folder = tmp_path_factory.mktemp("many")
    recipe = held_recipe(folder, 200_000)
    result = built(recipe, folder, "local")
    assert result.manifest["totals"]["dropped"]["copy_exact"] > 50_000
    return recipe, file_bytes(result.path)


class TestOnEngines:
    pytestmark = MARKS

    def test_a_build_has_the_bytes_of_a_local_one(self, hub, tmp_path: Path, engine: str) -> None:
        recipe = held_recipe(tmp_path, 6_000)
        result = built(recipe, tmp_path, engine)
        assert file_bytes(result.path) == file_bytes(built(recipe, tmp_path, "local").path)
        dropped = result.manifest["totals"]["dropped"]
        assert dropped["copy_exact"] > 1_000
        assert sum(n for reason, n in dropped.items() if reason.startswith("held_out")) > 20

    @pytest.mark.slow
    def test_so_has_one_of_200_000_rows(
        self, hub, tmp_path: Path, engine: str, many: tuple[dict[str, Any], dict[str, bytes]]
    ) -> None:
        recipe, local = many
        assert file_bytes(built(recipe, tmp_path, engine).path) == local
