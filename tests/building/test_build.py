"""The main job: a recipe becomes files one can train on, and every row is accounted for."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from results import file_bytes, json_rows, kept_rows, listed_rows, parquet_rows

ROOT = Path(__file__).parents[2]
RECIPE = "korean_exam_sft"
RECIPE_OF_EXAM = {"name": "exam", "source": [{"name": "kormedmcqa"}]}
SAMPLES = ROOT / "src" / "medqa_kit" / "samples"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> mk.building.Build:
    return mk.build(RECIPE, out=tmp_path_factory.mktemp("built") / "made", origin="sample")


@pytest.fixture
def result(hub, built: mk.building.Build, tmp_path: Path) -> mk.building.Build:
    """The result of the one build, copied to where a test may change it."""
    return replace(built, path=Path(shutil.copytree(built.path, tmp_path / "made")))


def without_nulls(value):
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return value


@pytest.mark.slow
def test_the_manifest_adds_up(result: mk.building.Build) -> None:
    manifest = json.loads((result.path / "manifest.json").read_text("utf-8"))
    assert manifest == result.manifest
    gone = listed_rows(result.path)
    for source in manifest["sources"]:
        dropped = sum(source["dropped"].values())
        assert source["read"] == source["train"] + source["validation"] + dropped
        assert dropped == sum(row["source"] == source["name"] for row in gone)
        assert source["read"] == sum(part["rows"] for part in source["parts"].values())
    for split in ("train", "validation"):
        written = json_rows(result.path, split)
        assert manifest["totals"][split] == len(written)
        parquet = parquet_rows(result.path, split).to_pylist()
        bare = [{key: value for key, value in row.items() if key != "family"} for row in parquet]
        assert [without_nulls(row) for row in bare] == written
    assert manifest["totals"]["train"] > 0
    assert not {row["id"] for row in kept_rows(result.path)} & {row["id"] for row in gone}


def test_every_file_is_listed_with_its_hash(result: mk.building.Build) -> None:
    listed = result.manifest["files"]
    there = file_bytes(result.path).keys() - {"manifest.json", "SHA256SUMS"}
    assert set(listed) == there
    for name, facts in listed.items():
        content = (result.path / name).read_bytes()
        assert facts == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def test_an_item_of_the_official_test_is_not_trained_on(result: mk.building.Build) -> None:
    # The sample's training split repeats an item of 2023 with other punctuation and option order.
    leaked = "sample:kormedmcqa/dentist/2020-2-30"
    assert leaked not in {row["id"] for row in kept_rows(result.path)}
    gone = {row["id"]: row for row in listed_rows(result.path)}
    assert gone[leaked]["reason"].startswith("held_out")
    assert "sample:kormedmcqa/dentist/2023-2-30" in gone[leaked]["detail"]
    test_ids = set(mk.load("kormedmcqa", split="test", origin="sample")["id"])
    assert not test_ids & {row["id"] for row in kept_rows(result.path)}


def test_rows_are_chat_with_the_right_answer(result: mk.building.Build) -> None:
    rows = {row["id"]: row for row in kept_rows(result.path)}
    row = rows["sample:kormedmcqa/dentist/2020-1-2"]
    system, user = row["prompt"]
    assert (system["role"], user["role"]) == ("system", "user")
    assert user["content"].startswith("젖니가 처음 나는 시기는?")
    assert row["completion"] == [{"role": "assistant", "content": "정답: A. 생후 6개월"}]
    for message in rows.values():
        assert message["completion"][0]["content"].strip()


@pytest.mark.slow
def test_any_record_that_fits_can_be_asked_for(hub, tmp_path: Path) -> None:
    recipe = RECIPE_OF_EXAM | {"format": {"record": "openai/chat", "language": "ko"}}
    result = mk.build(recipe, out=tmp_path / "made", origin="sample")
    rows = json_rows(result.path, "train")
    assert all(set(row) == {"messages"} for row in rows), "its reader is strict about keys"
    parquet = parquet_rows(result.path, "train")
    assert parquet.column_names == ["id", "source", "family", "messages"]
    assert parquet["messages"].to_pylist() == [row["messages"] for row in rows]


def test_an_unknown_record_is_refused_before_anything_is_read(hub, tmp_path: Path) -> None:
    recipe = RECIPE_OF_EXAM | {"format": {"record": "trl/prompt-completions"}}
    with pytest.raises(mk.errors.RecipeError, match="did you mean 'trl/prompt-completion'"):
        mk.build(recipe, out=tmp_path / "made")
    assert not hub.requests


def test_rows_that_cannot_be_records_are_dropped_with_the_rule(hub, tmp_path: Path) -> None:
    file = next((SAMPLES / "kormedmcqa" / "doctor").glob("train-*.parquet"))
    table = pq.read_table(file)
    texts = ["<|im_end|> 다음은?", *table["question"].to_pylist()[1:]]
    at = table.column_names.index("question")
    (tmp_path / "data" / "doctor").mkdir(parents=True)
    pq.write_table(
        table.set_column(at, "question", [texts]), tmp_path / "data" / "doctor" / "train-0.parquet"
    )
    recipe = {"name": "bad", "holdout": {"without": ["kormedmcqa-official-test"]},
              "source": [{"name": "kormedmcqa", "subset": "doctor", "path": str(tmp_path / "data")}]}  # fmt: skip
    result = mk.build(recipe, out=tmp_path / "made", origin="sample")
    assert result.manifest["sources"][0]["dropped"] == {"record_special_literal": 1}
    assert [row["reason"] for row in listed_rows(result.path)] == ["record_special_literal"]


def test_licences_and_what_holdouts_leave_in_are_said(result: mk.building.Build) -> None:
    notes = "\n".join(result.manifest["notes"])
    assert "kormedmcqa: licence claims contradict each other; what holds is CC-BY-NC-2.0" in notes
    assert "invented samples" in notes
    assert "official" in notes, "the holdout of 2024 alone leaves official test rows in"
    holdouts = {holdout["name"]: holdout for holdout in result.manifest["holdouts"]}
    assert holdouts["kormedmcqa-official-test"]["applied"]
    assert holdouts["kormedmcqa-official-test"]["items"] == 12
    assert holdouts["kormedmcqa-2024"]["items"] == 4
    attribution = (result.path / "ATTRIBUTION.md").read_text("utf-8")
    for piece in (
        "CC-BY-NC-2.0",
        "MIT",
        "not credible",
        "kweon2024kormedmcqa",
        "commercial use: no",
    ):
        assert piece in attribution


@pytest.mark.slow
def test_equal_recipes_give_equal_bytes(result: mk.building.Build, tmp_path: Path) -> None:
    again = mk.build(RECIPE, out=tmp_path / "again", origin="sample")
    assert file_bytes(again.path) == file_bytes(result.path)


@pytest.mark.slow
def test_protected_sources_are_held_out_without_a_word(hub, tmp_path: Path) -> None:
    recipe = {"name": "quiet", "source": [{"name": "kormedmcqa"}]}
    result = mk.build(recipe, out=tmp_path / "made", origin="sample")
    assert "kormedmcqa-official-test" in {
        h["name"] for h in result.manifest["holdouts"] if h["applied"]
    }


def test_families_and_near_copies_stay_on_one_side(hub, tmp_path: Path) -> None:
    recipe = {"name": "aid", "source": [{"name": "first_aid"}], "accept": ["first_aid"],
              "split": {"validation": 0.4, "seed": 3}}  # fmt: skip
    result = mk.build(recipe, out=tmp_path / "made", origin="sample")
    with pytest.warns(mk.errors.SafetyWarning):
        data = mk.load("first_aid", split="train", origin="sample")
    family = dict(zip(data["id"], data["family"], strict=True))
    sides = [
        {family[row["id"]] for row in json_rows(result.path, s)} for s in ("train", "validation")
    ]
    assert all(sides), "both sides have rows"
    assert not sides[0] & sides[1]


def test_without_validation_all_rows_are_for_training(hub, tmp_path: Path) -> None:
    result = mk.build(
        RECIPE_OF_EXAM | {"split": {"validation": 0}}, out=tmp_path / "made", origin="sample"
    )
    assert result.manifest["totals"]["validation"] == 0
    assert result.manifest["totals"]["train"] > 0
    assert not json_rows(result.path, "validation")


@pytest.mark.slow
def test_validation_is_taken_from_what_the_recipe_names(hub, tmp_path: Path) -> None:
    plain = mk.build(
        RECIPE_OF_EXAM | {"split": {"validation": 0}}, out=tmp_path / "plain", origin="sample"
    )
    kept = {row["id"] for row in json_rows(plain.path, "train")}
    data = mk.load("kormedmcqa", split="train", origin="sample")
    years = dict(zip(data["id"], data["year"], strict=True))
    year = max(years[name] for name in kept if years[name])
    recipe = RECIPE_OF_EXAM | {"split": {"validation": {"source": "kormedmcqa", "year": year}}}
    result = mk.build(recipe, out=tmp_path / "made", origin="sample")
    chosen = {row["id"] for row in json_rows(result.path, "validation")}
    assert chosen >= {name for name in kept if years[name] == year}
    assert chosen | {row["id"] for row in json_rows(result.path, "train")} == kept
    assert result.manifest["recipe"]["validation"] == {"source": "kormedmcqa", "year": year}


@pytest.mark.slow
def test_leaving_a_holdout_out_takes_a_line_and_shows(hub, tmp_path: Path) -> None:
    recipe = {"name": "bold", "source": [{"name": "kormedmcqa"}],
              "holdout": {"without": ["kormedmcqa-official-test"]}}  # fmt: skip
    result = mk.build(recipe, out=tmp_path / "made", origin="sample")
    assert any("kormedmcqa-official-test protects" in note for note in result.manifest["notes"])
    assert not next(
        h for h in result.manifest["holdouts"] if h["name"] == "kormedmcqa-official-test"
    )["applied"]


def test_rows_without_an_answer_are_dropped_with_the_reason(hub, tmp_path: Path) -> None:
    recipe = {"name": "drugs", "source": [{"name": "medicationqa"}], "accept": ["medicationqa"]}
    result = mk.build(recipe, out=tmp_path / "made", origin="sample")
    assert result.manifest["sources"][0]["dropped"]["no_answer"] == 1


@pytest.mark.slow
def test_a_local_file_goes_the_same_way(hub, tmp_path: Path) -> None:
    recipe = {
        "name": "local",
        "source": [{"name": "kormedmcqa", "path": str(SAMPLES / "kormedmcqa")}],
    }
    result = mk.build(recipe, out=tmp_path / "made", origin="sample")
    assert result.manifest["sources"][0]["parts"]["doctor/train"]["origin"] == "path"
    assert all(not row["id"].startswith("sample:") for row in kept_rows(result.path))
    assert result.manifest["sources"][0]["dropped"]


@pytest.mark.slow
def test_the_hub_goes_the_same_way(hub, tmp_path: Path) -> None:
    source = mk.source("kormedmcqa")
    hub.repo(source.at.repo).commit(source.at.revision, SAMPLES / "kormedmcqa")
    with pytest.warns(mk.errors.RowCountWarning):
        result = mk.build(
            {"name": "hub", "source": [{"name": "kormedmcqa"}]}, out=tmp_path / "made"
        )
    part = result.manifest["sources"][0]["parts"]["doctor/train"]
    assert part["revision"] == f"{source.at.repo}@{source.at.revision}"


def test_bad_rows_set_aside_are_in_the_manifest(hub, tmp_path: Path) -> None:
    table = pq.read_table(next((SAMPLES / "kormedmcqa" / "doctor").glob("train-*.parquet")))
    bad = table.set_column(
        table.column_names.index("answer"), "answer", [[9, *table["answer"].to_pylist()[1:]]]
    )
    for subset in ("doctor",):
        (tmp_path / "data" / subset).mkdir(parents=True)
        pq.write_table(bad, tmp_path / "data" / subset / "train-0.parquet")
    recipe = {"name": "bad", "on_bad": "drop", "holdout": {"without": ["kormedmcqa-official-test"]},
              "source": [{"name": "kormedmcqa", "subset": "doctor", "path": str(tmp_path / "data")}]}  # fmt: skip
    result = mk.build(recipe, out=tmp_path / "made", origin="sample")
    assert result.manifest["sources"][0]["set_aside"] == {"answer_outside_options": 1}
    assert result.manifest["totals"]["set_aside"] == {"answer_outside_options": 1}
    assert [row["reason"] for row in listed_rows(result.path, "aside")] == [
        "answer_outside_options"
    ]
    assert "aside/part-00000-of-00001.parquet" in result.manifest["files"]
    assert result.manifest["sources"][0]["read"] == table.num_rows - 1
    (source,) = recipe["source"]
    for first, second in (
        ({"years": [2013]}, {"years": {"from": 2014}}),
        ({"slice": [0, 0.5]}, {"slice": [0.5, 1]}),
    ):
        entries = [{**source, **first, "as": "a"}, {**source, **second, "as": "b"}]
        twice = mk.build({**recipe, "source": entries}, out=tmp_path / "twice", origin="sample")
        assert twice.manifest["totals"]["set_aside"] == {"answer_outside_options": 1}
        assert [each["set_aside"] for each in twice.manifest["sources"]] == [
            {"answer_outside_options": 1},
            {},
        ]
        assert len(listed_rows(twice.path, "aside")) == 1


@pytest.mark.parametrize(("recipe", "message"), [
    ({"name": "x"}, "source: is missing"),
    ({"name": "X y", "source": [{"name": "kormedmcqa"}]}, "name: takes lower-case letters"),
    ({"name": "x", "source": [{"name": "kormedmcqa", "splits": "train"}]}, "did you mean 'split'"),
    ({"name": "x", "source": [{"name": "kormedmcqa"}], "split": {"validation": 1.5}}, "1.5"),
    ({"name": "x", "source": [{"name": "kormedmcqa"}], "split": {"validation": {"year": 2021, "share": 0}}}, "validation"),
    ({"name": "x", "source": [{"name": "kormedmcqa"}], "holdout": {"items": ["kormed"]}}, "no holdout 'kormed'"),
    ({"name": "x", "source": [{"name": "kormedmcqa"}], "holdout": {"without": ["kormedmcqa-2024"]}}, "does not apply"),
    ({"name": "x", "source": [{"name": "kormedmcqa"}, {"name": "kormedmcqa", "subset": "doctor"}]}, "rows come twice"),
    ({"name": "x", "source": [{"name": "korean_wikipedia"}]}, "rows of schema text cannot become trl/prompt-completion"),
    ({"name": "x", "source": [{"name": "kormedmcqs"}]}, "did you mean 'kormedmcqa'"),
    ({"name": "x", "use": "commercial", "source": [{"name": "kormedmcqa"}]}, "no licence known to us grants commercial"),
])  # fmt: skip
def test_a_wrong_recipe_is_refused_with_a_hint(
    hub, tmp_path: Path, recipe: dict, message: str
) -> None:
    with pytest.raises(mk.errors.RecipeError, match=message) as caught:
        mk.build(recipe, out=tmp_path / "made", origin="sample")
    assert "Hint:" in str(caught.value)
    assert not (tmp_path / "made").exists()


def test_a_source_without_a_licence_takes_a_line_and_shows(hub, tmp_path: Path) -> None:
    recipe = {"name": "drugs", "source": [{"name": "medicationqa"}]}
    with pytest.raises(mk.errors.RecipeError, match="accept"):
        mk.build(recipe, out=tmp_path / "made", origin="sample")
    result = mk.build(recipe | {"accept": ["medicationqa"]}, out=tmp_path / "made", origin="sample")
    assert any(
        "medicationqa: no licence known to us grants research use" in n
        for n in result.manifest["notes"]
    )
    with pytest.raises(mk.errors.RecipeError, match="accepts what needs no accepting"):
        mk.build(
            RECIPE_OF_EXAM | {"accept": ["kormedmcqa"]}, out=tmp_path / "other", origin="sample"
        )


def test_all_problems_of_a_recipe_are_listed_together() -> None:
    with pytest.raises(mk.errors.RecipeError) as caught:
        mk.Recipe.of({"name": "X", "source": [], "us": 1})
    assert "3 problems" in str(caught.value)


def test_a_folder_that_holds_something_else_is_left_alone(hub, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.tex").write_text("precious", "utf-8")
    with pytest.raises(mk.errors.RecipeError, match="something else"):
        mk.build(RECIPE, out=out, origin="sample")
    assert (out / "thesis.tex").read_text("utf-8") == "precious"


def test_a_folder_with_a_manifest_of_another_kind_is_left_alone(hub, tmp_path: Path) -> None:
    out = tmp_path / "extension"
    out.mkdir()
    (out / "manifest.json").write_text('{"name": "my web extension"}', "utf-8")
    (out / "precious.txt").write_text("precious", "utf-8")
    with pytest.raises(mk.errors.RecipeError, match="something else"):
        mk.build(RECIPE, out=out, origin="sample")
    assert (out / "precious.txt").read_text("utf-8") == "precious"


def test_a_file_added_to_an_earlier_result_keeps_it_from_being_replaced(
    result: mk.building.Build,
) -> None:
    (result.path / "notes.txt").write_text("mine", "utf-8")
    with pytest.raises(mk.errors.RecipeError, match="something else"):
        mk.build(RECIPE, out=result.path, origin="sample")


def test_the_output_is_refused_before_anything_is_read(hub, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("", "utf-8")
    for out in (".", tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(mk.errors.RecipeError):
            mk.build(RECIPE, out=out)
    assert not hub.requests


@pytest.mark.slow
def test_rows_of_other_years_are_accounted_for(hub, tmp_path: Path) -> None:
    recipe = {
        "name": "years",
        "source": [{"name": "kormedmcqa", "years": {"from": 2019, "to": 2020}}],
    }
    result = mk.build(recipe, out=tmp_path / "made", origin="sample")
    data = mk.load("kormedmcqa", split="train", origin="sample")
    others = sum(year not in (2019, 2020) for year in data["year"])
    assert result.manifest["sources"][0]["read"] == len(data)
    assert result.manifest["sources"][0]["dropped"]["other_year"] == others > 0
    for years in ([1990], {"from": 2020, "to": 2012}):
        with pytest.raises(mk.errors.RecipeError, match="year"):
            mk.build({"name": "x", "source": [{"name": "kormedmcqa", "years": years}]},
                     out=tmp_path / "other", origin="sample")  # fmt: skip


@pytest.mark.slow
def test_equal_builds_in_two_places_have_equal_manifests(hub, tmp_path: Path) -> None:
    manifests = []
    for place in ("here", "there"):
        folder = tmp_path / place
        shutil.copytree(SAMPLES / "kormedmcqa", folder / "data")
        recipe = folder / "recipe.toml"
        recipe.write_text('name = "x"\n[[source]]\nname = "kormedmcqa"\npath = "data"\n', "utf-8")
        manifests.append(mk.build(recipe, out=folder / "made", origin="sample"))
    assert manifests[0].manifest == manifests[1].manifest
    assert str(tmp_path) not in (manifests[0].path / "manifest.json").read_text("utf-8")


def test_copies_of_a_row_stay_on_one_side(hub, tmp_path: Path) -> None:
    sample = next((SAMPLES / "kormedlawqa").rglob("*.jsonl")).read_text("utf-8").splitlines()
    (tmp_path / "medical_law_qa_dataset.jsonl").write_text("\n".join(sample * 20) + "\n", "utf-8")
    recipe = {"name": "law", "split": {"validation": 0.4}, "source": [
        {"name": "kormedlawqa", "path": str(tmp_path / "medical_law_qa_dataset.jsonl")}]}  # fmt: skip
    result = mk.build(recipe, out=tmp_path / "made", origin="sample")
    sides = [
        {str(row["prompt"]) for row in json_rows(result.path, s)} for s in ("train", "validation")
    ]
    assert all(sides)
    assert not sides[0] & sides[1]


def test_samples_are_called_invented_in_the_attribution(result: mk.building.Build) -> None:
    assert "INVENTED sample rows" in (result.path / "ATTRIBUTION.md").read_text("utf-8")


@pytest.mark.slow
def test_a_failed_build_leaves_the_earlier_result(result: mk.building.Build, monkeypatch) -> None:
    before = file_bytes(result.path)
    monkeypatch.setattr("medqa_kit.building.pipeline.finish", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        mk.build(RECIPE, out=result.path, origin="sample")
    assert file_bytes(result.path) == before
    assert [path.name for path in result.path.parent.iterdir() if "unfinished" in path.name] == []


@pytest.mark.slow
def test_a_killed_build_leaves_nothing_and_the_next_one_succeeds(hub, tmp_path: Path) -> None:
    out = tmp_path / "made"
    code = (
        "import sys, time, medqa_kit as mk\n"
        "import medqa_kit.building.pipeline as b\n"
        "def wait(*_):\n    print('writing', flush=True)\n    time.sleep(60)\n"
        "b.finish = wait\n"
        f"mk.build({str(RECIPE)!r}, out={str(out)!r}, origin='sample')\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, env=os.environ.copy())  # fmt: skip
    assert process.stdout
    assert process.stdout.readline() == b"writing\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert not out.exists()
    assert any("unfinished" in path.name for path in tmp_path.iterdir())
    time.sleep(0.1)
    mk.build(RECIPE, out=out, origin="sample")
    assert (out / "manifest.json").exists()
    assert not any("unfinished" in path.name for path in tmp_path.iterdir())


def test_a_translation_of_a_held_out_question_is_found_by_its_english(hub, tmp_path: Path) -> None:
    """The Khmer row does not hold the English, and no key of lineage leads from it to the exam."""
    exam = mk.load("medqa_usmle", subset="5_options", split="test", origin="sample")
    item = f"{exam[1]['question']} {', '.join(exam[1]['options'])}"
    row = {"response_en": "It is.", "question_km": "តើនេះជាអ្វី?", "response_km": "នេះ។",
           "question_km_para": None, "response_km_para": None, "reasoning_summary_km": "សង្ខេប។",
           "tags": ["specialty:other"]}  # fmt: skip
    questions = [f"{item}? Explain briefly.", "Why is the sky blue in the morning?"]
    file = tmp_path / "khmer" / "data" / "train-00000-of-00001.parquet"
    file.parent.mkdir(parents=True)
    raw = [{"index": i, "question_en": text, **row} for i, text in enumerate(questions)]
    pq.write_table(pa.Table.from_pylist(raw, mk.source("khmer_medical_qa").layout.raw), file)
    recipe = {
        "name": "km",
        "source": [{"name": "khmer_medical_qa", "path": str(tmp_path / "khmer")}],
    }
    result = mk.build(recipe, out=tmp_path / "made", origin="sample")
    (gone,) = listed_rows(result.path)
    assert gone["reason"] == "held_out_near"
    assert "medqa-usmle-test" in gone["detail"]
    (left,) = kept_rows(result.path)
    assert "sky" not in json.dumps(left), "the English is searched, not written"


def test_a_set_that_no_exam_was_held_against_says_so(tmp_path: Path) -> None:
    recipe = {"name": "pairs", "source": [{"name": "kbmc"}]}
    sentence = "nothing is held out: no exam protects these sources"
    result = mk.build(recipe, out=tmp_path / "made", origin="sample")
    for notes in (result.manifest["notes"], mk.plan(recipe, origin="sample").notes):
        assert [note for note in notes if note.startswith(sentence)]
    guarded_recipe = recipe | {"holdout": {"items": ["kormedmcqa-official-test"]}}
    assert sentence not in " ".join(
        mk.build(guarded_recipe, out=tmp_path / "held", origin="sample").manifest["notes"]
    )
    assert sentence not in " ".join(mk.plan(guarded_recipe, origin="sample").notes)
