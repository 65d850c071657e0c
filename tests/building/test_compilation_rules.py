"""``medical_training`` on invented inputs: each rule by which upstream made the compilation, source by source.

Where the recipe does better than upstream, it says so: options and keys stay, and copies across sources go.
"""

from __future__ import annotations

import csv
import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.building.recipes.shipped_recipes import shipped_file
from medqa_kit.loading.planner import SAMPLES
from results import kept_rows, listed_rows

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning"),
]

STEM = (
    "A tailor pricks a thumb with a needle on Monday; which joint of the hand is next to the nail?"
)


def exam(answer: str) -> dict[str, Any]:
    options = dict(zip("ABCDE", [answer, "Proximal", "Wrist", "Elbow", "Shoulder"], strict=True))
    return {"question": STEM, "options": options, "answer": answer, "answer_idx": "A", "meta_info": "step1"}  # fmt: skip


def report(kind: Any, severity: Any, notes: Any, needs: Any) -> dict[str, Any]:
    return {"disaster_type": kind, "severity_level": severity, "responder_notes": notes, "resource_needs": needs}  # fmt: skip


INPUTS: dict[str, list[Any]] = {
    "medical_o1_reasoning_sft": [
        {"Question": " Why does a kettle whistle when the gardener boils water? ", "Complex_CoT": " Steam is forced out. ",
         "Response": " Steam passes a narrow slit. "},
        {"Question": "Which thread holds a button of a raincoat best?", "Complex_CoT": "First way.", "Response": "Nylon."},
        {"Question": "Which thread holds a button of a raincoat best?", "Complex_CoT": "Second way.", "Response": "Silk."},
    ],
    "medical_o1_verifiable": [
        {"Open-ended Verifiable Question": "Which thread holds a button of a raincoat best?", "Ground-True Answer": "Nylon"},
        {"Open-ended Verifiable Question": " Which oil keeps the hinge of a gate quiet? ", "Ground-True Answer": " Oil "},
        {"Open-ended Verifiable Question": " Which oil keeps the hinge of a gate quiet? ", "Ground-True Answer": " Fat "},
    ],
    "medqa_usmle": [exam("Distal"), exam("Distal")],
    "symptom_to_diagnosis": [
        {"output_text": "migraine", "input_text": " Half of my head throbs when the light is on. "},
        {"output_text": "migraine", "input_text": " Half of my head throbs when the light is on. "},
    ],
    "medicationqa": [
        {"Question": " how late may i drink plum tea ", "Answer": " Until noon. "},
        {"Question": " how late may i drink plum tea ", "Answer": "Until it is dark."},
        {"Question": "is chalk good for a cat", "Answer": "n/a"},
    ],
    "diseases_symptoms": [
        ("Common Cold", " Runny nose, sore throat of a piper ", "Rest, fluids "),
        ("Nail Biting", "Short nails of the left hand", ""),
        ("Cold again", " Runny nose, sore throat of a piper ", "Tea"),
    ],
    "first_aid": [
        {"tag": "Splinter", "patterns": [" How is a splinter pulled? ", "A splinter!"], "responses": [" With tweezers. "]},
        {"tag": "hiccups", "patterns": ["What helps hiccups?"], "responses": [" "]},
        {"tag": "Again", "patterns": [" How is a splinter pulled? "], "responses": ["With wax."]},
    ],
    "disaster_reports": [
        report(" Flood ", "HIGH", " Nine cellars of the mill are under water ", ["pumps", "dry blankets"]),
        report("Storm", "Low", " ", ["rope"]),
        report("Quake", "Low", "A chimney of the bakery fell", []),
        report(" Flood ", "HIGH", " Nine cellars of the mill are under water ", ["boats"]),
    ],
}  # fmt: skip
FILES = {
    "medical_o1_reasoning_sft": "medical_o1_sft.json",
    "medical_o1_verifiable": "medical_o1_verifiable_problem.json",
    "medqa_usmle": "train.jsonl", "symptom_to_diagnosis": "train.jsonl", "medicationqa": "data/train.parquet",
    "diseases_symptoms": "Diseases_Symptoms.csv", "first_aid": "first_aid1.json", "disaster_reports": "train.jsonl",
}  # fmt: skip


def written(folder: Path, name: str) -> Path:
    """Write the inputs of a source as upstream lays its files out."""
    file, rows = folder / name / FILES[name], INPUTS[name]
    file.parent.mkdir(parents=True)
    match file.suffix:
        case ".json":
            file.write_text(json.dumps(rows), "utf-8")
        case ".jsonl":
            file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        case ".parquet":
            columns = (
                "Question",
                "Focus (Drug)",
                "Question Type",
                "Answer",
                "Section Title",
                "URL",
            )
            table = pa.Table.from_pylist([dict.fromkeys(columns, "x") | row for row in rows])
            pq.write_table(table.select(columns), file)
        case _:
            with file.open("w", encoding="utf-8", newline="") as handle:
                table = csv.writer(handle)
                table.writerow(["Code", "Name", "Symptoms", "Treatments"])
                table.writerows([number, *row] for number, row in enumerate(rows))
    if name == "medqa_usmle":  # whose test is held out, and is read from the same place
        shutil.copy(SAMPLES / name / "truehealth+medqa" / "test.jsonl", file.parent)
    return folder / name


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> mk.building.Build:
    folder = tmp_path_factory.mktemp("compilation")
    recipe = tomllib.loads(shipped_file("medical_training").read_text("utf-8"))
    for source in recipe["source"]:
        if source["name"] in INPUTS:
            source["path"] = str(written(folder, source["name"]))
    return mk.build(recipe, out=folder / "out", origin="sample", cache_dir=folder / "cache")


def pairs(made: mk.building.Build, source: str) -> list[tuple[str, str]]:
    """Return what is asked and replied in the rows of a source."""
    return [(row["messages"][-2]["content"], row["messages"][-1]["content"])
            for row in kept_rows(made.path) if row["source"] == source]  # fmt: skip


def account(made: mk.building.Build, source: str) -> dict[str, Any]:
    (one,) = [one for one in made.manifest["difference"]["sources"] if one["source"] == source]
    return dict(one)


def dropped(made: mk.building.Build, source: str) -> dict[str, int]:
    return dict(account(made, source)["dropped"])


def test_reasoning_keeps_every_row_with_its_chain_and_reply(made: mk.building.Build) -> None:
    rows = [row for row in kept_rows(made.path) if row["source"] == "medical_o1_reasoning_sft"]
    said = {(row["messages"][0]["content"], row["messages"][-1]["reasoning_content"], row["messages"][-1]["content"])
            for row in rows}  # fmt: skip
    thread = "Which thread holds a button of a raincoat best?"
    assert said == {
        ("Why does a kettle whistle when the gardener boils water?", "Steam is forced out.", "Steam passes a narrow slit."),
        (thread, "First way.", "Nylon."), (thread, "Second way.", "Silk."),
    }  # fmt: skip
    assert dropped(made, "medical_o1_reasoning_sft") == {}


def test_verifiable_loses_repeated_questions_and_those_that_are_reasoned_about(
    made: mk.building.Build,
) -> None:
    assert pairs(made, "medical_o1_verifiable") == [
        ("Which oil keeps the hinge of a gate quiet?", "Oil")
    ]
    assert dropped(made, "medical_o1_verifiable") == {"copy_exact": 2}
    matches = {row["match"].partition("/")[0] for row in listed_rows(made.path) if row["reason"] == "copy_exact"
               and row["source"] == "medical_o1_verifiable"}  # fmt: skip
    assert any("medical_o1_reasoning_sft" in match for match in matches), (
        "whose copy stays is named"
    )


def test_exam_rows_keep_options_and_key_and_lose_repeats(made: mk.building.Build) -> None:
    ((asked, said),) = pairs(made, "medqa_usmle")
    assert asked.startswith(STEM)
    assert "A. Distal" in asked
    assert "Distal" in said
    assert dropped(made, "medqa_usmle") == {"copy_exact": 1}


def test_symptoms_become_a_task_that_is_answered_by_the_label(made: mk.building.Build) -> None:
    ((asked, said),) = pairs(made, "symptom_to_diagnosis")
    assert "Half of my head throbs when the light is on." in asked
    assert said == "migraine"
    assert dropped(made, "symptom_to_diagnosis") == {"copy_exact": 1}


def test_drug_questions_all_stay_but_those_without_an_answer(made: mk.building.Build) -> None:
    question = "how late may i drink plum tea"
    assert set(pairs(made, "medicationqa")) == {
        (question, "Until noon."),
        (question, "Until it is dark."),
    }
    assert dropped(made, "medicationqa") == {"no_answer": 1}


def test_diseases_are_worded_as_upstream_and_need_all_cells(made: mk.building.Build) -> None:
    assert pairs(made, "diseases_symptoms") == [
        ("Runny nose, sore throat of a piper", "It seems you may have Common Cold. The usual treatment is Rest, fluids."),
    ]  # fmt: skip
    assert dropped(made, "diseases_symptoms") == {"copy_exact": 1, "no_answer": 1}


def test_an_intent_is_its_first_wording_and_needs_a_response(made: mk.building.Build) -> None:
    assert pairs(made, "first_aid") == [("How is a splinter pulled?", "With tweezers.")]
    assert dropped(made, "first_aid") == {"copy_exact": 1, "no_answer": 1}


def test_reports_are_worded_as_upstream_and_need_all_parts(made: mk.building.Build) -> None:
    assert pairs(made, "disaster_reports") == [
        ("There is a high flood. Situation: Nine cellars of the mill are under water",
         "The main resources needed are: pumps, dry blankets."),
    ]  # fmt: skip
    told = account(made, "disaster_reports")
    assert told["dropped"] == {"copy_exact": 1, "no_answer": 1}
    assert sum(told["set_aside"].values()) == 1, "without notes it is no report"


def test_what_a_model_wrote_comes_of_the_published_set(made: mk.building.Build) -> None:
    sources = {one["name"]: one for one in made.manifest["sources"]}
    assert (
        sources["extreme_firstaid"]["published"] == sources["medical_training_dataset"]["published"]
    )
    for label in ("wiki_medical_terms", "extreme_firstaid"):
        assert account(made, label)["written"] > 0


def test_the_numbers_of_each_source_close(made: mk.building.Build) -> None:
    told = made.manifest["difference"]
    assert len(told["sources"]) == 10
    assert (
        sum(one["written"] for one in told["sources"])
        == told["written"]
        == len(kept_rows(made.path))
    )
    for one in told["sources"]:
        left = sum(one["dropped"].values()) + sum(one["set_aside"].values())
        assert one["written"] == one["reference"] + one["upstream"] + one["repeated"] - left
