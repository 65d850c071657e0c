"""First aid intents: exploding, missing responses, families, the safety note."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")
REPO = "badri55/First_aid__dataset"


def intent(
    tag: str = "Itch", patterns: Any = ("It itches",), responses: Any = ("Cool it.",)
) -> Any:
    return {"tag": tag, "patterns": patterns, "responses": responses, "context_set": ""}


def from_file(folder: Path, content: object, **options: Any) -> Any:
    file = folder / "first_aid1.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return mk.load("first_aid", split="train", path=file, **options)


def test_one_row_a_pattern_keyed_by_tag_and_position(hub) -> None:
    rows = list(mk.load("first_aid", split="train", origin="sample"))
    assert [(row["id"], row["tags"]) for row in rows[:5]] == [
        ("sample:first_aid/Splinter#0", ["Splinter"]),
        ("sample:first_aid/Splinter#1", ["Splinter"]),
        ("sample:first_aid/Splinter#2", ["Splinter"]),
        ("sample:first_aid/blister#0", ["blister"]),
        ("sample:first_aid/blister#1", ["blister"]),
    ]
    assert len({row["answer"] for row in rows[:3]}) == 1
    assert rows[2]["question"] == " What to do about a splinter? ", "patterns stay as they are"


def test_rows_of_a_tag_are_one_family_and_of_two_tags_are_not(hub) -> None:
    rows = list(mk.load("first_aid", split="train", origin="sample"))
    tags = {row["tags"][0] for row in rows}
    assert len({(row["tags"][0], row["family"]) for row in rows}) == len(tags)
    assert len({row["family"] for row in rows}) == len(tags)


def test_a_blank_response_is_a_missing_answer_and_the_row_stays(hub) -> None:
    rows = mk.load("first_aid", split="train", origin="sample")
    missing = [row["tags"][0] for row in rows if row["answer"] is None]
    assert missing == ["hiccups", "hiccups", "Ink on skin"]


@pytest.mark.parametrize("wrap", [lambda rows: rows, lambda rows: {"intents": rows}])
def test_a_bare_list_and_an_object_of_intents_are_the_same(hub, tmp_path: Path, wrap: Any) -> None:
    data = from_file(tmp_path, wrap([intent(), intent("Sting", ["It stings", "A bee"])]))
    assert data["id"][:] == ["first_aid/Itch#0", "first_aid/Sting#0", "first_aid/Sting#1"]


def test_the_context_may_be_absent(hub, tmp_path: Path) -> None:
    row = intent()
    del row["context_set"]
    assert from_file(tmp_path, [row])["question"][:] == ["It itches"]


def test_another_column_is_refused(hub, tmp_path: Path) -> None:
    with pytest.raises(mk.errors.SchemaMovedError, match="severity"):
        from_file(tmp_path, [intent() | {"severity": "low"}])


@pytest.mark.parametrize("patterns", [[], None, ["  "]])
def test_an_intent_without_patterns_does_not_vanish(hub, tmp_path: Path, patterns: Any) -> None:
    rows = [intent(), intent("Odd", patterns), intent("Sting", ["It stings", "A bee"])]
    with pytest.raises(mk.errors.NullValueError) as error:
        from_file(tmp_path, rows)
    assert error.value.row == 1
    with pytest.warns(mk.errors.DroppedRowsWarning, match="1 of 3 rows are set aside"):
        data = from_file(tmp_path, rows, on_bad="drop")
    assert data["id"][:] == ["first_aid/Itch#0", "first_aid/Sting#0", "first_aid/Sting#1"]


def test_several_responses_are_refused(hub, tmp_path: Path) -> None:
    with pytest.raises(mk.errors.RowError, match="several responses") as error:
        from_file(tmp_path, [intent(), intent("Odd", responses=["One.", "Two."])])
    assert error.value.row == 1


def test_a_load_says_that_the_advice_may_be_unsafe(hub) -> None:
    with pytest.warns(mk.errors.MedQAWarning, match="outdated or unsafe"):
        mk.load("first_aid", split="train", origin="sample")


def test_the_pinned_commit_is_read(hub) -> None:
    commit = "2e6b21cec15c74df188a04a2a347bbe9fb25fb3e"
    hub.repo(REPO).commit(commit, SAMPLES / "first_aid")
    with pytest.warns(mk.errors.RowCountWarning, match="12 rows read, 44 were counted"):
        data = mk.load("first_aid", split="train")
    assert data[0]["id"] == "first_aid/Splinter#0"
    assert all(commit in request.path for request in hub.asked("*first_aid1.json", method="GET"))
    assert mk.load("first_aid", split="train", view="raw")[0]["tag"] == "Splinter"


def test_a_tag_that_comes_twice_is_an_error(hub, tmp_path: Path) -> None:
    with pytest.raises(mk.errors.DuplicateIdError, match="first_aid/Itch#0"):
        from_file(tmp_path, [intent(), intent(patterns=["So itchy"])])


@pytest.mark.slow
def test_an_intent_is_never_split(hub) -> None:
    data = mk.load("first_aid", split="train", origin="sample")
    for seed in range(20):
        parts = mk.split(data, {"train": 0.5, "validation": 0.5}, seed=seed)
        sides = [{row["tags"][0] for row in part} for part in parts.values()]
        assert not sides[0] & sides[1]


def test_tags_keep_their_case_and_spelling(hub, tmp_path: Path) -> None:
    data = from_file(tmp_path, [intent("Itch"), intent("itch"), intent("ICTH ")])
    assert data["tags"][:] == [["Itch"], ["itch"], ["ICTH "]]
    assert len(set(data["id"])) == 3


def test_nobody_grants_a_licence() -> None:
    terms = mk.source("first_aid").terms
    assert terms.commercial == terms.redistribute == "unknown"


def test_a_recipe_drops_the_rows_without_an_answer_and_counts_them(hub, tmp_path: Path) -> None:
    recipe = {"name": "aid", "accept": ["first_aid"], "source": [{"name": "first_aid"}]}
    result = mk.build(recipe, out=tmp_path / "made", origin="sample")
    assert result.manifest["sources"][0]["dropped"] == {"no_answer": 3}


def test_the_first_wording_of_each_intent_can_be_asked_for(hub, tmp_path: Path) -> None:
    intents = [intent(), intent("Sting", ["It stings", "A bee"])]
    data = from_file(tmp_path, intents, choices={"patterns": "first"})
    assert data["id"][:] == ["first_aid/Itch#0", "first_aid/Sting#0"]
    assert data["question"][:] == ["It itches", "It stings"]
    everything = from_file(tmp_path, intents)
    assert set(data["family"]) == set(everything["family"])
