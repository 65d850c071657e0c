"""What a plan says of a build: equal to the build where rows are here, honest about what it cannot know."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import medqa_kit as mk
from medqa_kit.cli import main
from medqa_kit.loading.planner import SAMPLES

pytestmark = pytest.mark.slow

MIXED: Mapping[str, Any] = {
    "name": "mixed",
    "source": [
        {"name": "kormedmcqa", "weight": 3, "years": {"from": 2013, "to": 2024}},
        {"name": "kormedlawqa", "weight": 2, "max_share": 0.3},
        {"name": "medical_o1_verifiable", "weight": 1, "max_repeat": 2.0},
    ],
    "dedupe": {},
    "split": {"validation": 0.2},
    "mix": {"by": "chars", "size": 700},
    "format": {"record": "trl/messages"},
}


def rows(table: pa.Table, **wanted: Any) -> list[dict[str, Any]]:
    return [
        row
        for row in table.to_pylist()
        if all(row[name] == value for name, value in wanted.items())
    ]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plan_cache")


def test_the_mix_is_solved_as_it_says(cache: Path) -> None:
    recipe = {**MIXED, "mix": {"by": "rows", "size": 10}}
    table = mk.plan(recipe, origin="sample", cache_dir=cache).mix
    assert pc.sum(table["share"]).as_py() == pytest.approx(1)
    assert pc.sum(table["taken"]).as_py() == 10
    law = rows(table, source="kormedlawqa")[0]
    assert (law["bound_by"], law["share"]) == ("max_share", pytest.approx(0.3))
    for row in table.to_pylist():
        assert row["seen"] == pytest.approx(row["taken"] / row["available"], rel=0.01)
        assert row["tokens"] is None  # no tokenizer is named


@pytest.mark.parametrize(("changes", "relaxed", "says"), [
    ({"mix": {"size": 4000}}, "size", "at most"),
    ({"mix": {"size": 10, "floor": {"language": {"km": 0.5}}}}, "floor", "no row is in km"),
    ({"source": [{"name": "kormedmcqa", "max_share": 0.3}, {"name": "kbmc", "max_share": 0.3}]}, "max_share",
     "max_share adds up to 0.6"),
    ({"source": [{"name": "kormedmcqa", "weight": 1}, {"name": "kbmc", "weight": 1, "where": {"chars": {"min": 9999}}}]},
     "rows of kbmc", "no rows are left"),
])  # fmt: skip
def test_a_mix_that_cannot_be_met_has_a_nearest_one(
    changes, relaxed: str, says: str, cache: Path
) -> None:
    recipe = {"name": "demo", "source": [{"name": "kormedmcqa"}, {"name": "kbmc"}], "mix": {},
              "format": {"record": "trl/messages"}, **changes}  # fmt: skip
    outlook = mk.plan(recipe, origin="sample", cache_dir=cache)
    (problem,) = outlook.problems.to_pylist()
    assert problem["kind"] == "mix"
    assert says in problem["problem"]
    assert any(f"without the {relaxed} asked for" in note for note in outlook.notes)
    assert pc.sum(outlook.mix["taken"]).as_py() > 0
    assert (pc.max(outlook.mix["seen"]).as_py() or 0) <= 1.001
    with pytest.raises(mk.errors.RecipeError):
        mk.build(recipe, out=cache / "never", origin="sample", cache_dir=cache)


def test_problems_of_all_sources_are_told_together(cache: Path) -> None:
    recipe = {
        "name": "demo", "use": "commercial",
        "source": [{"name": "kormedmcqa"}, {"name": "ko_ultrafeedback"}, {"name": "korean_wikipedia"},
                   {"name": "kormedlawqa", "view": "chosen"},
                   {"read": "nowhere.jsonl", "as": "own", "schema": "dialogue", "license": "CC0-1.0"}],
        "holdout": {"without": ["kobest-copa-test"]},
        "mix": {"tokenizer": "nowhere/tokenizer.json"}, "format": {"record": "alpaca"},
    }  # fmt: skip
    outlook = mk.plan(recipe, origin="sample", cache_dir=cache)
    kinds = {(row["kind"], row["source"]) for row in outlook.problems.to_pylist()}
    assert kinds >= {
        ("schema", "ko_ultrafeedback"), ("schema", "korean_wikipedia"), ("schema", "kormedlawqa"),
        ("source", "own"), ("holdout", None), ("tokenizer", None),
    }  # fmt: skip
    assert all(row["problem"] for row in outlook.problems.to_pylist())
    text = str(outlook)
    assert "cannot be built" in text
    for each in outlook.problems.to_pylist():
        assert (each["source"] or "") in text


def test_conditions_to_accept_stand_with_the_line_that_does(cache: Path) -> None:
    recipe = {"name": "demo", "source": [{"name": "komep"}, {"name": "ko_ultrafeedback"}],
              "format": {"record": "trl/preference"}}  # fmt: skip
    outlook = mk.plan(recipe, origin="sample", cache_dir=cache)
    problems = rows(outlook.problems, kind="licence")
    assert {row["source"] for row in problems} == {"komep", "ko_ultrafeedback"}
    assert 'accept = { komep = "no-grant" }' in rows(outlook.problems, source="komep")[0]["remedy"]
    assert rows(outlook.conditions, accepted=False)
    accepted = mk.plan({**recipe, "accept": {"komep": "no-grant", "ko_ultrafeedback": "no-grant"}},
                       origin="sample", cache_dir=cache)  # fmt: skip
    assert accepted.problems.num_rows == 0
    assert not rows(accepted.conditions, accepted=False)
    idle = mk.plan({"name": "demo", "source": [{"name": "kbmc"}], "accept": ["klue"], "format": {"record": "trl/messages"}},
                   origin="sample", cache_dir=cache)  # fmt: skip
    assert "needs no accepting" in idle.problems["problem"][0].as_py()


def test_a_gate_that_would_close_is_told(cache: Path) -> None:
    recipe = {
        "name": "demo",
        "source": [{"name": "kormedmcqa"}],
        "gate": {"held_out": 0.01, "copies": 0.5},
    }
    (problem,) = mk.plan(recipe, origin="sample", cache_dir=cache).problems.to_pylist()
    assert (problem["kind"], problem["problem"].split(":")[0]) == ("gate", "held_out")
    with pytest.raises(mk.errors.GateError):
        mk.build(recipe, out=cache / "gated", origin="sample", cache_dir=cache)


def test_a_recipe_of_which_nothing_can_be_read_has_a_plan(hub, cache: Path) -> None:
    for source in (
        {"name": "korean_wikipedia"},
        {"read": "nowhere.jsonl", "as": "own", "schema": "qa", "license": "CC0-1.0"},
    ):
        outlook = mk.plan(
            {"name": "demo", "source": [source], "mix": {}}, origin="sample", cache_dir=cache
        )
        assert outlook.problems.num_rows
        assert outlook.sources.num_rows == outlook.mix.num_rows == 0
        json.loads(outlook.to_json())
    gone = mk.plan({"name": "demo", "source": [{"name": "medqa_usmle"}], "accept": ["medqa_usmle"],
                    "split": {"validation": {"year": 2023, "share": 0.1}}}, cache_dir=cache)  # fmt: skip
    assert gone.sources.num_rows == 1
    assert hub.requests == []


def test_a_saved_holdout_that_is_not_there_is_a_problem(cache: Path) -> None:
    recipe = {
        "name": "demo",
        "source": [{"name": "kormedmcqa"}],
        "holdout": {"items": ["file:/nowhere.parquet"]},
    }
    outlook = mk.plan(recipe, origin="sample", cache_dir=cache)
    assert rows(outlook.problems, kind="holdout", source="file:/nowhere.parquet")
    assert rows(outlook.holdouts, holdout="file:/nowhere.parquet", items=None)


@pytest.mark.parametrize("recipe", [None, 3, [1]])
def test_what_is_no_recipe_is_refused(recipe: Any) -> None:
    with pytest.raises(mk.errors.ArgumentError, match="recipe="):
        mk.plan(recipe)


def test_what_is_not_here_is_told_by_the_catalogue(hub, tmp_path: Path) -> None:
    recipe = {"name": "demo", "accept": ["aihub_healthcare_qa"], "mix": {}, "format": {"record": "trl/messages"},
              "source": [{"name": "kormedmcqa", "subset": "doctor", "years": [2013]}, {"name": "kormedlawqa"},
                         {"name": "aihub_healthcare_qa"}]}  # fmt: skip
    outlook = mk.plan(recipe, cache_dir=tmp_path)
    assert hub.requests == []
    exam, law, manual = outlook.sources.to_pylist()
    parts = mk.source("kormedmcqa").select("doctor", "train")
    assert (exam["read"], exam["basis"], exam["state"]) == (parts[0].rows, "at most", "on the hub")
    assert (law["read"], law["basis"], law["length_basis"]) == (
        mk.source("kormedlawqa").rows,
        "claim",
        "guess",
    )
    assert (manual["read"], manual["basis"], manual["state"]) == (None, "unknown", "needs path=")
    assert rows(outlook.problems, kind="source", source="aihub_healthcare_qa")
    assert {row["source"] for row in outlook.mix.to_pylist()} == {"kormedmcqa", "kormedlawqa"}
    assert any("solved without aihub_healthcare_qa" in note for note in outlook.notes)
    (holdout,) = outlook.holdouts.to_pylist()
    assert (holdout["state"], holdout["items"], holdout["basis"]) == (
        "not on this machine",
        None,
        "unknown",
    )
    assert rows(outlook.costs, what="to write")[0]["basis"] == "guess"


def test_local_files_count_and_the_rest_is_so_far(hub, tmp_path: Path) -> None:
    talk = [{"messages": [{"role": "user", "content": f"number {n}?"}, {"role": "assistant", "content": "yes"}]}
            for n in (1, 2, 2, 3)]  # fmt: skip
    (tmp_path / "ward.jsonl").write_text("\n".join(map(json.dumps, talk)), "utf-8")
    own = {"read": str(tmp_path / "ward.jsonl"), "as": "ward", "schema": "dialogue", "license": "CC0-1.0", "language": "en"}  # fmt: skip
    recipe = {"name": "demo", "source": [own, {"name": "kormedlawqa"}], "dedupe": {}, "format": {"record": "trl/messages"}}  # fmt: skip
    outlook = mk.plan(recipe, cache_dir=tmp_path / "cache")
    ward = rows(outlook.sources, source="ward")[0]
    assert (ward["read"], ward["train"] + ward["validation"], ward["basis"], ward["state"]) == (4, 3, "so far", "local files")  # fmt: skip
    assert rows(outlook.stages, source="ward") == [
        {"source": "ward", "stage": "dedupe", "reason": "copy_exact", "rows": 1, "basis": "so far"}
    ]
    alone = mk.plan({**recipe, "source": [own]}, cache_dir=tmp_path / "cache")
    assert rows(alone.sources)[0]["basis"] == "exact"
    assert hub.requests == []
    assert not (tmp_path / "made").exists()


def test_cached_rows_go_through_the_stages(hub, tmp_path: Path) -> None:
    source = mk.source("kormedmcqa")
    assert isinstance(source.at, mk.catalog.Hub)
    hub.repo(source.at.repo).commit(source.at.revision, SAMPLES / "kormedmcqa")
    recipe = {"name": "demo", "source": [{"name": "kormedmcqa"}]}
    before = mk.plan(recipe, cache_dir=tmp_path)
    assert rows(before.sources)[0]["state"] == "on the hub"
    assert hub.requests == []
    with pytest.warns(mk.errors.RowCountWarning):
        manifest = mk.build(recipe, out=tmp_path / "made", cache_dir=tmp_path).manifest
    requests = len(hub.requests)
    after = mk.plan(recipe, cache_dir=tmp_path)
    assert len(hub.requests) == requests > 0
    told = rows(after.sources)[0]
    assert (told["state"], told["basis"], told["read"]) == (
        "cached",
        "exact",
        manifest["totals"]["read"],
    )
    assert {row["reason"]: row["rows"] for row in after.stages.to_pylist()} == manifest["totals"][
        "dropped"
    ]


def test_the_command_and_the_page(hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "plan.html"
    assert (
        main(["plan", "korean_exam_sft", "--origin", "sample", "--json", "--html", str(file)]) == 0
    )
    output = json.loads(capsys.readouterr().out)
    assert output["problems"] == []
    assert [row["source"] for row in output["sources"]] == ["kormedmcqa", "kormedlawqa"]
    assert "<script" not in file.read_text("utf-8")
    assert main(["plan", "korean_exam_sft", "--origin", "sample", "--set", "use=commercial"]) == 1
    assert "commercial use is not granted" in capsys.readouterr().out
    assert main(["plan", "nowhere.toml"]) == 2


@pytest.mark.slow
def test_shipped_recipes_have_a_plan_without_a_network(hub, tmp_path: Path) -> None:
    for name in ("medical_training", "korean_sft", "meditron_public"):
        outlook = mk.plan(name, cache_dir=tmp_path)
        assert outlook.sources.num_rows
        assert not rows(outlook.problems, kind="schema")
    assert hub.requests == []
    with pytest.raises(mk.errors.RecipeError):
        mk.plan({"name": "demo", "source": []})
    with pytest.raises(mk.errors.ArgumentError):
        mk.plan("korean_sft", origin="moon")  # type: ignore[arg-type]


def test_a_floor_of_a_source_that_cannot_be_read_is_no_error_of_the_plan(tmp_path: Path) -> None:
    """The nearest mix is looked for among the others."""
    recipe = {"name": "demo", "split": {"validation": 0}, "format": {"record": "trl/preference"},
              "source": [{"name": "ko_ultrafeedback"}, {"name": "korean_wikipedia"}], "accept": ["ko_ultrafeedback"],
              "mix": {"size": 10**6, "floor": {"source": {"korean_wikipedia": 0.5}}}}  # fmt: skip
    outlook = mk.plan(recipe, origin="sample")
    assert sorted(outlook.problems["kind"].to_pylist()) == ["mix", "schema"]


def test_too_few_examples_for_a_row_are_a_problem_of_the_plan(tmp_path: Path) -> None:
    rows = [{"question": f"What of case {n * 7919}?", "answer": f"It is {n * 77}.", "family": "f" if n < 9 else "g"}
            for n in range(10)]  # fmt: skip
    (tmp_path / "own.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    recipe = {"name": "demo", "split": {"validation": 0}, "format": {"record": "trl/messages"},
              "source": [{"as": "own", "read": str(tmp_path / "own.jsonl"), "schema": "qa", "license": "MIT",
                          "family": "family", "few_shot": {"k": 3}}]}  # fmt: skip
    [problem] = mk.plan(recipe).problems.to_pylist()
    assert problem["kind"] == "rows"
    assert "the pool has too few examples for the row" in problem["problem"]


def test_a_plan_selects_the_rows_of_a_source_from_its_own_pieces_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {"question": f"What is the dose of drug {number}?", "answer": f"{number} mg"}
        for number in range(64)
    ]
    file = tmp_path / "doses.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    selections: list[Any] = []
    select = datasets.Dataset.select

    def counting(*args: Any, **kwargs: Any) -> Any:
        selections.append(None)
        return select(*args, **kwargs)

    monkeypatch.setattr(datasets.Dataset, "select", counting)

    def counted(entries: int) -> int:
        selections.clear()
        own = {"read": str(file), "schema": "qa", "license": "MIT", "language": "en"}
        listed = [
            own | {"as": f"drugs_{at}", "slice": [at / entries, (at + 1) / entries]}
            for at in range(entries)
        ]
        assert not mk.plan({"name": "doses", "source": listed}).problems.num_rows
        return len(selections)

    few, many = counted(4), counted(16)
    assert many <= 5 * few  # not 16, as if each looked at the rows of all


def test_items_that_are_not_here_are_told_beside_the_verdict(tmp_path: Path) -> None:
    file = tmp_path / "own.jsonl"
    file.write_text(json.dumps({"id": "1", "text": "A page on rest."}) + "\n", "utf-8")
    own = {"as": "own", "read": str(file), "schema": "text", "license": "CC0-1.0", "key": "id"}
    recipe = {"name": "demo", "source": [own], "holdout": {"items": ["kormedmcqa-official-test"]},
              "format": {"record": "text"}, "split": {"validation": 0}}  # fmt: skip
    outlook = mk.plan(recipe, cache_dir=tmp_path / "cache")
    sentence = "not on this machine: the items of kormedmcqa-official-test; a build fetches them"
    assert [note for note in outlook.notes if note.startswith(sentence)]
    assert not [
        note
        for note in mk.plan(recipe, origin="sample", cache_dir=tmp_path / "cache").notes
        if "items of" in note
    ]
