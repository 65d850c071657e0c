"""Saved holdouts beside others: none takes the place of another one unsaid."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.errors import ManualDownloadError, OfflineError, RecipeError

pytestmark = pytest.mark.slow

OFFICIAL = "kormedmcqa-official-test"
ASKED = [{"id": f"q{n}", "question": text, "answer": f"Reply {n}"} for n, text in enumerate([
    "Which enzyme rises first after a heart attack?", "What relieves an acute attack of asthma in a child?",
    "Which nerve is at risk in a fracture of the upper arm?", "How is iron deficiency told from thalassaemia?",
    "What does a drooping eyelid with a small pupil mean?", "When is a tetanus booster due after a dirty wound?",
])]  # fmt: skip


def saved(folder: Path, file: str, name: str, *places: int) -> str:
    items = [ASKED[place] for place in places]
    mk.Holdout.from_rows(items, name=name, reason=f"we report {file}").save(folder / file)
    return f"file:{folder / file}"


def recipe(folder: Path, *items: str, **holdout: Any) -> dict[str, Any]:
    (folder / "ward.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in ASKED), "utf-8")
    own = {"as": "ward", "read": str(folder / "ward.jsonl"), "schema": "qa", "license": "CC0-1.0", "key": "id",
           "language": "en"}  # fmt: skip
    return {"name": "demo", "source": [own, {"name": "kormedmcqa"}], "split": {"validation": 0},
            "holdout": {"items": list(items), **holdout}}  # fmt: skip


def held_out(result: mk.building.Build) -> list[int]:
    return [sum(n for reason, n in each["dropped"].items() if reason.startswith("held_out"))
            for each in result.manifest["sources"]]  # fmt: skip


def test_two_saved_holdouts_of_one_name_are_refused(hub, tmp_path: Path) -> None:
    data = recipe(tmp_path, saved(tmp_path, "a", "exam", 1, 2), saved(tmp_path, "b", "exam", 3))
    with pytest.raises(RecipeError, match="two holdouts of other items are called 'exam'"):
        mk.build(data, out=tmp_path / "out", origin="sample")
    assert not (tmp_path / "out").exists()
    problems = mk.plan(data, origin="sample").problems["problem"].to_pylist()
    assert any("two holdouts of other items are called 'exam'" in line for line in problems)
    data = recipe(tmp_path, saved(tmp_path, "a", "exam", 1, 2), saved(tmp_path, "b", "exam", 1, 2))
    result = mk.build(data, out=tmp_path / "out", origin="sample")
    assert held_out(result) == [2, 2], "equal ones are one"


def test_a_saved_holdout_does_not_replace_one_that_protects_a_source(hub, tmp_path: Path) -> None:
    file = saved(tmp_path, "older", OFFICIAL, 4)
    with pytest.raises(RecipeError, match=f"two holdouts of other items are called '{OFFICIAL}'") as caught:  # fmt: skip
        mk.build(recipe(tmp_path, file), out=tmp_path / "out", origin="sample")
    assert f"without = ['{OFFICIAL}']" in str(caught.value)
    instead = mk.build(recipe(tmp_path, file, without=[OFFICIAL]), out=tmp_path / "out", origin="sample")  # fmt: skip
    assert held_out(instead) == [1, 0]
    assert [(holdout["name"], holdout["applied"]) for holdout in instead.manifest["holdouts"]] == [(OFFICIAL, True), (OFFICIAL, False)]  # fmt: skip
    sentence = f"{OFFICIAL} protects a source of this recipe and was replaced by {tmp_path / 'older'} (1 item)"
    assert sentence in instead.manifest["notes"]
    page = (instead.path / "report.html").read_text("utf-8")
    assert "LEFT OUT" not in page
    assert ">replaced<" in page
    assert not [
        note
        for note in mk.plan(recipe(tmp_path, file, without=[OFFICIAL]), origin="sample").notes
        if "left out" in note
    ]
    mk.Holdout.named(OFFICIAL, origin="sample").save(tmp_path / "same")
    same = mk.build(recipe(tmp_path, f"file:{tmp_path / 'same'}"), out=tmp_path / "same-out", origin="sample")  # fmt: skip
    assert held_out(same) == [0, 2]


def test_a_holdout_that_is_not_here_is_told_with_a_way_that_needs_no_hub(
    offline, tmp_path: Path
) -> None:
    """The replies of a ledger, or rows that name their source, are protected by rows that the recipe does not read."""
    with pytest.raises(ManualDownloadError, match="fetched by hand") as manual:
        mk.build(recipe(tmp_path, "medbullets-test", without=[OFFICIAL]), out=tmp_path / "out")
    assert 'items = ["file:FILE"] in its place' in str(manual.value)
    data = recipe(tmp_path)
    (tmp_path / "ward.jsonl").write_text(
        "".join(json.dumps({**row, "source": "kormedmcqa"}) + "\n" for row in ASKED), "utf-8"
    )
    data["source"] = data["source"][:1]
    with pytest.raises(
        OfflineError, match=f"items of {OFFICIAL}, a holdout of the recipe"
    ) as caught:
        mk.build(data, out=tmp_path / "out")
    assert f'without = ["{OFFICIAL}"]' in str(caught.value)
    mk.Holdout.named(OFFICIAL, origin="sample").save(tmp_path / "exam.holdout")
    there = {"items": [f"file:{tmp_path / 'exam.holdout'}"], "without": [OFFICIAL]}
    result = mk.build({**data, "holdout": there}, out=tmp_path / "out")
    assert [holdout["applied"] for holdout in result.manifest["holdouts"]] == [True, False]


def test_the_manifest_gives_all_reasons_of_a_joined_holdout(hub, tmp_path: Path) -> None:
    both = [mk.Holdout.from_rows(ASKED[n : n + 1], name=f"h{n}", reason=f"why {n}", protects=[f"score {n}"]) for n in (1, 2)]  # fmt: skip
    (both[0] | both[1]).save(tmp_path / "both")
    result = mk.build(recipe(tmp_path, f"file:{tmp_path / 'both'}"), out=tmp_path / "out", origin="sample")  # fmt: skip
    (entry,) = [holdout for holdout in result.manifest["holdouts"] if "file" in holdout]
    assert (entry["items"], entry["reason"], entry["protects"]) == (2, "why 1; why 2", ["score 1", "score 2"])  # fmt: skip
    assert not {*mk.verify(result.path).by("code")}
