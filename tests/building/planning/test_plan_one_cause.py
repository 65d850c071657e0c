"""A plan tells each cause once: what only follows from it is no problem of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")

EXAM = {"name": "kormedmcqa", "subset": "doctor"}


def recipe(**more: Any) -> dict[str, Any]:
    return {"name": "demo", "source": [EXAM], "split": {"validation": 0}, **more}


def problems(data: dict[str, Any]) -> list[tuple[str, str]]:
    rows = mk.plan(data, origin="sample").problems.to_pylist()
    return [(row["kind"], row["problem"]) for row in rows]


def test_conditions_on_tokens_without_the_tokenizer_are_one_problem(tmp_path: Path) -> None:
    source = {**EXAM, "where": {"tokens": {"max": 900}, "chars": {"max": 9000}}}
    mix = {"by": "tokens", "tokenizer": str(tmp_path / "absent.json")}
    [(kind, problem)] = problems(recipe(source=[source], mix=mix))
    assert (kind, problem.partition(";")[0]) == ("tokenizer", "there is no such tokenizer")


def test_a_split_that_means_no_row_says_what_there_is_and_nothing_of_the_mix() -> None:
    split = {"validation": {"source": "kormedmcqa", "year": 1999}}
    [(kind, problem)] = problems(recipe(split=split, mix={"size": 2}))
    assert kind == "rows"
    assert "year: '2012'" in problem.partition("; found")[0]
    notes = mk.plan(recipe(split=split, mix={"size": 2}), origin="sample").notes
    assert not [note for note in notes if "mix" in note]


def test_what_is_accepted_in_vain_is_told_beside_other_licence_problems() -> None:
    sources = [EXAM, {"name": "ko_ultrafeedback", "view": "chosen"}]
    data = recipe(source=sources, use="commercial", accept={"kbmc": "no-grant"})
    told = [problem for kind, problem in problems(data) if kind == "licence"]
    assert sum("not granted without conditions" in problem for problem in told) == 2
    assert [problem for problem in told if "what needs no accepting: kbmc" in problem]


@pytest.mark.slow
def test_a_mix_that_is_scaled_down_says_so_in_plan_and_manifest(tmp_path: Path) -> None:
    mix = {"size": 400, "infeasible": "scale", "epochs": 2}
    data = recipe(mix=mix, split={"validation": {"source": "kormedmcqa", "share": 1e-9}})
    planned = [note for note in mk.plan(data, origin="sample").notes if "asked for" in note]
    result = mk.build(data, out=tmp_path / "out", origin="sample")
    taken = result.manifest["totals"]["train"]
    sentence = f"the mix holds {taken} rows in 2 epochs of the 800 that were asked for: kormedmcqa is used up"  # fmt: skip
    assert planned == [sentence]
    assert sentence in result.manifest["notes"]
    assert "the mix shows some rows more than once, and train counts them as often" in result.manifest["notes"]  # fmt: skip
    assert any(note.startswith("validation has no row") for note in result.manifest["notes"])


@pytest.mark.slow
def test_a_slice_without_rows_is_told_and_entries_of_one_source_say_the_same_once(
    tmp_path: Path,
) -> None:
    sources = [EXAM, {"name": "kormedmcqa", "subset": "nurse", "as": "nurses"},
               {"name": "kbmc", "slice": [0.0, 1e-9]}]  # fmt: skip
    data = recipe(source=sources)
    planned = mk.plan(data, origin="sample").notes
    notes = mk.build(data, out=tmp_path / "out", origin="sample").manifest["notes"]
    assert "kbmc: none of its rows is left, of 0 read" in notes
    assert "kbmc: none of its rows is left, of 0 read" in planned
    assert "kormedmcqa: commercial use is not granted" in notes
    assert len(notes) == len(set(notes))
