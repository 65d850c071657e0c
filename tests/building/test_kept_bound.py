"""What builds keep has a bound: the longest unused goes first, and whoever misses it makes it anew."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from many_rows import many_rows
from medqa_kit.building.stages import decisions
from results import file_bytes

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    many_rows(tmp_path / "own.jsonl", 4_200)
    return tmp_path


def built(folder: Path, name: str, seed: int = 0, **more: Any) -> mk.Build:
    own = {"as": "own", "read": str(folder / "own.jsonl"), "schema": "qa", "license": "CC0-1.0"}
    recipe = {"name": "bounded", "source": [own], "seed": seed, "holdout": {"items": ["kormedmcqa-2024"]},
              "split": {"validation": 0.1, "seed": seed}, "format": {"record": "text"}, **more}  # fmt: skip
    return mk.build(
        recipe, out=folder / name, origin="sample", cache_dir=folder / "cache", quiet=True
    )


def kept(folder: Path) -> set[str]:
    root = folder / "cache"
    return {file.relative_to(root).as_posix() for name in ("decisions", "results")
            for file in (root / f"medqa_kit-{name}").rglob("*") if file.is_file()}  # fmt: skip


def aged(folder: Path, names: set[str], seconds: int) -> None:
    for name in names:
        file = folder / "cache" / name
        then = file.stat().st_mtime - seconds
        os.utime(file, (then, then))


def test_the_longest_unused_goes_first_and_what_a_build_used_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(folder, "one", seed=1)
    first = kept(folder)
    aged(folder, first, 2_000)
    built(folder, "two", seed=2)
    second = kept(folder) - first
    aged(folder, second, 1_000)
    (folder / "cache" / "medqa_kit-decisions" / ".split.x.unfinished.table").write_bytes(
        b"of a killed build"
    )
    aged(folder, kept(folder) - first - second, 3_000)
    monkeypatch.setenv("MEDQA_KIT_MOST_KEPT_BYTES", "1")
    again = built(folder, "again", seed=2)
    left = kept(folder)
    assert any(name in left for name in second)  # the split that was used again
    assert not any("unfinished" in name for name in left)
    assert not {name for name in first if "split" in name} & left
    with pytest.raises(mk.errors.WrongFilesError, match="nothing is kept"):
        mk.remix(folder / "one", _text(folder, 1), cache_dir=folder / "cache")
    assert not mk.verify(again.path).findings.num_rows
    remixed = mk.remix(folder / "again", _text(folder, 2), cache_dir=folder / "cache")
    assert file_bytes(remixed.path)["manifest.json"]


def _text(folder: Path, seed: int) -> dict[str, Any]:
    own = {"as": "own", "read": str(folder / "own.jsonl"), "schema": "qa", "license": "CC0-1.0", "max_rows": 100}  # fmt: skip
    return {"name": "bounded", "source": [own], "seed": seed, "holdout": {"items": ["kormedmcqa-2024"]},
            "split": {"validation": 0.1, "seed": seed}, "format": {"record": "text"}}  # fmt: skip


def test_within_the_bound_nothing_goes_and_the_size_is_printed(folder: Path) -> None:
    assert "builds keep" not in str(mk.status(cache_dir=folder / "cache"))
    built(folder, "one", seed=1)
    first = kept(folder)
    aged(folder, first, 9_000_000)
    built(folder, "two", seed=2)
    assert first < kept(folder)
    size = sum((folder / "cache" / name).stat().st_size for name in kept(folder))
    assert f"builds keep {len(kept(folder))} files, {size:,} bytes" in str(mk.status(cache_dir=folder / "cache"))  # fmt: skip


def test_a_bound_that_is_no_number_is_refused_before_anything_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDQA_KIT_MOST_KEPT_BYTES", "a lot")
    with pytest.raises(mk.errors.ArgumentError, match="MEDQA_KIT_MOST_KEPT_BYTES"):
        built(folder, "one")
    assert not (folder / "one").exists()


@pytest.mark.parametrize("stage", ["placed", "mixed"])
def test_a_clear_or_another_build_while_one_runs_does_no_harm(
    folder: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    whole = file_bytes(built(folder, "whole", mix={"by": "rows"}).path)
    work = getattr(decisions, stage)

    def cleared(*arguments: Any, **more: Any) -> Any:
        for name in ("decisions", "results"):
            shutil.rmtree(folder / "cache" / f"medqa_kit-{name}")
        monkeypatch.setattr(decisions, stage, work)
        built(folder, "other", seed=5)
        return work(*arguments, **more)

    monkeypatch.setattr(decisions, stage, cleared)
    result = built(folder, "made", mix={"by": "rows"})
    assert file_bytes(result.path) == whole
    assert not mk.verify(result.path).findings.num_rows


def test_a_result_whose_holdouts_are_gone_has_to_be_built_anew(folder: Path) -> None:
    built(folder, "one", seed=1)
    shutil.rmtree(folder / "cache" / "medqa_kit-results" / "holdouts")
    with pytest.raises(
        mk.errors.WrongFilesError, match="holdouts of the result are not in the cache"
    ):
        mk.remix(folder / "one", _text(folder, 1), cache_dir=folder / "cache")
