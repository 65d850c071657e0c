"""Entries of one source in ``[dedupe]``: ``prefer`` and ``protect`` take what the recipe calls them, and names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from demo import demo, folder, jsonl, records
from medqa_kit.catalog import registry

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An exam of four years, each with the same question and one of its own."""
    monkeypatch.setattr(registry, "_REGISTERED", {})
    mk.register(demo())
    rows = records(8)
    for row in rows[:4]:
        row["question"] = "비타민 C가 모자라면 무슨 병이 생기는가?"
        row["key"] = 1
    return folder(tmp_path / "exam", {"train.jsonl": jsonl(rows), "test.jsonl": jsonl(records(3, 50))})  # fmt: skip


def recipe(files: Path, **dedupe: Any) -> dict[str, Any]:
    exam = {"name": "demo_exam", "path": str(files)}
    return {"name": "demo", "split": {"validation": 0}, "format": {"record": "trl/messages"}, "dedupe": dedupe,
            "source": [{**exam, "years": [2020]}, {**exam, "years": [2021], "as": "middle"},
                       {**exam, "years": {"from": 2022}, "as": "late"}]}  # fmt: skip


def years_left(result: mk.building.Build) -> list[int]:
    """The years of the copies that stay."""
    ids = pq.read_table(result.path / "trl_messages" / "train", columns=["id"])["id"].to_pylist()
    return [2020 + n for n in range(4) if f"demo_exam/{n}" in ids]


@pytest.mark.parametrize(("dedupe", "left"), [
    ({}, [2020]),
    ({"prefer": ["late"]}, [2022]),
    ({"prefer": ["late", "middle"]}, [2022]),
    ({"prefer": ["middle", "demo_exam"]}, [2021]),
    ({"prefer": ["demo_exam", "late"]}, [2020]),
    ({"protect": ["late"]}, [2022, 2023]),
    ({"protect": ["middle", "late"], "prefer": ["demo_exam"]}, [2021, 2022, 2023]),
    ({"protect": ["demo_exam"]}, [2020, 2021, 2022, 2023]),
])  # fmt: skip
def test_what_the_recipe_calls_an_entry_says_whose_copy_stays(
    files: Path, tmp_path: Path, dedupe: dict[str, Any], left: list[int]
) -> None:
    data = recipe(files, **dedupe)
    outlook = mk.plan(data, cache_dir=tmp_path / "cache")
    assert outlook.problems.num_rows == 0
    result = mk.build(data, out=tmp_path / "out", cache_dir=tmp_path / "cache")
    assert years_left(result) == left
    told = dict(zip(outlook.sources["source"].to_pylist(), outlook.sources["train"].to_pylist(), strict=True))  # fmt: skip
    assert told == {each.get("as", each["name"]): each["train"] for each in result.manifest["sources"]}  # fmt: skip
    assert mk.Recipe.read(result.path / "recipe.toml").dedupe == mk.Recipe.of(data).dedupe
    assert not mk.verify(result.path).findings.num_rows


def test_a_slip_in_the_name_of_an_entry_is_told(files: Path) -> None:
    with pytest.raises(mk.errors.RecipeError) as caught:
        mk.Recipe.of(recipe(files, prefer=["lates"], protect=["mildle", "kbmc"]))
    text = str(caught.value)
    assert "did you mean 'late'?" in text
    assert "did you mean 'middle'?" in text
    assert "kbmc" in text


def test_other_papers_call_the_entries_as_the_recipe_does(files: Path, tmp_path: Path) -> None:
    result = mk.build(recipe(files, prefer=["late"]), out=tmp_path / "out")
    entries = {each.get("as", each["name"]): each for each in result.manifest["sources"]}
    assert {name: each["dropped"] for name, each in entries.items()} == {
        "demo_exam": {"copy_exact": 1}, "middle": {"copy_exact": 1}, "late": {"copy_exact": 1}}  # fmt: skip
    for row in range(2):
        fate = mk.why(result.path, f"demo_exam/{row}")
        assert (fate.status, fate.detail) == ("dropped", "copy of demo_exam/2, in late")
    page = (result.path / "report.html").read_text("utf-8")
    assert "middle" in page
    assert "late" in page


@pytest.mark.parametrize(("source", "years"), [
    ("late", {2022, 2023}), (["middle", "late"], {2021, 2022, 2023}), ("demo_exam", {2020, 2021, 2022, 2023}),
])  # fmt: skip
def test_validation_is_taken_from_an_entry_by_what_the_recipe_calls_it(
    files: Path, tmp_path: Path, source: Any, years: set[int]
) -> None:
    data = {**recipe(files), "split": {"validation": {"source": source}}}
    data.pop("dedupe")
    data["source"][0] = {**data["source"][0], "as": "early"}
    (tmp_path / "own.jsonl").write_text('{"question": "혈압이 높은 환자는 무엇을 적게 먹는가?", "answer": "소금"}\n', "utf-8")  # fmt: skip
    data["source"].append({"as": "own", "read": str(tmp_path / "own.jsonl"), "schema": "qa", "license": "CC0-1.0", "language": "ko"})  # fmt: skip
    outlook = mk.plan(data, cache_dir=tmp_path / "cache")
    result = mk.build(data, out=tmp_path / "out", cache_dir=tmp_path / "cache")
    ids = pq.read_table(result.path / "trl_messages" / "validation", columns=["id"])[
        "id"
    ].to_pylist()
    ids_of_years = {2020 + int(name.rpartition("/")[2]) % 4 for name in ids}
    assert years <= ids_of_years  # and copies of their questions, which no split parts
    assert result.manifest["totals"]["validation"] == sum(outlook.sources["validation"].to_pylist())
    assert result.manifest["totals"]["train"] > 0
    with pytest.raises(mk.errors.RecipeError, match="did you mean 'late'"):
        mk.Recipe.of({**data, "split": {"validation": {"source": "lat"}}})


def test_validation_of_a_source_that_is_not_here_is_no_problem_of_a_plan(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    data = recipe(files)
    data.pop("dedupe")
    data["source"].append({"name": "kormedmcqa"})
    data["split"] = {"validation": {"source": "kormedmcqa", "share": 0.1}}
    outlook = mk.plan(data, cache_dir=tmp_path / "cache")
    assert not [row for row in outlook.problems.to_pylist() if row["kind"] == "rows"]
    *here, absent = outlook.sources.to_pylist()
    assert {row["validation"] for row in here} == {0}
    assert absent["validation"] == round(0.1 * absent["read"]) > 0
