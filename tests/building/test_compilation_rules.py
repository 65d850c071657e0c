"""``medical_training`` on invented inputs: each rule by which upstream made the compilation, source by source.

Where the recipe does better than upstream, it says so: options and keys stay, and copies across sources go.
"""

from __future__ import annotations

import csv
import json
import shutil
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


def exam(answer: str, first: str = "Proximal", stem: str = STEM) -> dict[str, Any]:
    options = dict(zip("ABCDE", [answer, first, "Wrist", "Elbow", "Shoulder"], strict=True))
    return {"question": stem, "options": options, "answer": answer, "answer_idx": "A", "meta_info": "step1"}  # fmt: skip


def report(kind: Any, severity: Any, notes: Any, needs: Any) -> dict[str, Any]:
    return {"disaster_type": kind, "severity_level": severity, "responder_notes": notes, "resource_needs": needs}  # fmt: skip


def told(source: str, asked: str, context: str, said: str) -> dict[str, str]:
    return {"input": asked, "context": context, "output": said, "source": source}


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
    "medqa_usmle": [exam("Distal"), exam("Distal"), exam("Distal", stem=f" {STEM} "), exam("Distal", first=" ", stem="Which?")],
    "symptom_to_diagnosis": [
        {"output_text": "migraine", "input_text": " Half of my head throbs when the light is on. "},
        {"output_text": "migraine", "input_text": " Half of my head throbs when the light is on. "},
        {"output_text": "migraine", "input_text": " "},
        {"output_text": "", "input_text": "My left ear rings whenever it rains."},
    ],
    "medicationqa": [
        {"Question": " how late may i drink plum tea ", "Answer": " Until noon. "},
        {"Question": " how late may i drink plum tea ", "Answer": "Until it is dark."},
        {"Question": "is chalk good for a cat", "Answer": "n/a"},
        {"Question": "is sand good for a hen", "Answer": None},
    ],
    "diseases_symptoms": [
        ("Common Cold", " Runny nose, sore throat of a piper ", "Rest, fluids "),
        ("Nail Biting", "Short nails of the left hand", ""),
        ("Cold again", " Runny nose, sore throat of a piper ", "Tea"),
        (" ", "Ink on the tongue of a clerk", "Water"),
        ("Stained Beard", " ", "Soap"),
    ],
    "first_aid": [
        {"tag": "Splinter", "patterns": [" How is a splinter pulled? ", "A splinter!"], "responses": [" With tweezers. "]},
        {"tag": "hiccups", "patterns": ["What helps hiccups?"], "responses": [" "]},
        {"tag": "Again", "patterns": [" How is a splinter pulled? "], "responses": ["With wax."]},
        {"tag": "Two", "patterns": ["What soothes a burnt tongue?"], "responses": ["Cold milk.", "Honey."]},
        {"tag": "Unasked", "patterns": [], "responses": ["Rest."]},
        {"tag": "Mute", "patterns": None, "responses": ["Rest."]},
        {"tag": "Unanswered", "patterns": ["Who cools a hot spoon?"], "responses": []},
        {"tag": "Silent", "patterns": ["Who warms a cold spoon?"], "responses": None},
    ],
    "medical_training_dataset": [
        told("wiki_medical_terms", " What is a wart of the oak? ", " A gall is a growth.\nIt is round. ", " A gall. "),
        told("wiki_medical_terms", "What is a wart of the oak?", "Another page.", "A bump."),
        told("wiki_medical_terms", "What is left unsaid of moss?", "A page of moss.", "n/a"),
        told("extreme_firstaid_qa_dataset", " How is a tent dried in a storm? ", "one\ntwo\nthree\nfour\nfive", " In turns. "),
        told("extreme_firstaid_qa_dataset", "How is a tent dried in a storm?", "one\ntwo\nthree\nfour\nsix", "By a fire."),
        told("first_aid_dataset", "Who mends a tent?", "", "A tailor."),
    ],
    "disaster_reports": [
        report(" Flood ", "HIGH", " Nine cellars of the mill are under water ", ["pumps", "dry blankets"]),
        report("Storm", "Low", " ", ["rope"]),
        report("Quake", "Low", "A chimney of the bakery fell", []),
        report(" ", "Low", "The bell of the school cracked", ["rope"]),
        report("Hail", "", "The panes of the greenhouse broke", ["foil"]),
        report(" Flood ", "HIGH", " Nine cellars of the mill are under water ", ["boats"]),
    ],
}  # fmt: skip
FILES = {
    "medical_o1_reasoning_sft": "medical_o1_sft.json",
    "medical_o1_verifiable": "medical_o1_verifiable_problem.json",
    "medqa_usmle": "train.jsonl", "symptom_to_diagnosis": "train.jsonl", "medicationqa": "data/train.parquet",
    "diseases_symptoms": "Diseases_Symptoms.csv", "first_aid": "first_aid1.json", "disaster_reports": "train.jsonl",
    "medical_training_dataset": "medical_training_dataset.json",
}  # fmt: skip


def written(folder: Path, name: str) -> Path:
    """Write the inputs of a source as upstream lays its files out."""
    file, rows = folder / name / FILES[name], INPUTS[name]
    file.parent.mkdir(parents=True)
    match file.suffix:
        case ".json":
            file.write_text(json.dumps(rows, indent=2, ensure_ascii=False), "utf-8")
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
        for split in ("test", "dev"):
            shutil.copy(SAMPLES / name / "truehealth+medqa" / f"{split}.jsonl", file.parent)
    if name == "symptom_to_diagnosis":
        (file.parent / "test.jsonl").write_text(
            '{"output_text": "dengue", "input_text": "My knee hums at noon."}\n', "utf-8"
        )
    return folder / name


def built(folder: Path, name: str) -> mk.building.Build:
    """Build one of the recipes from the inputs, which stand in the folder."""
    paths = {}
    for source in mk.Recipe.read(shipped_file(name)).sources:
        read = "medical_training_dataset" if source.name == "extreme_firstaid" else source.name
        place = folder / read
        paths[f"source.{source.label}.path"] = str(
            place if place.is_dir() else written(folder, read)
        )
    return mk.build(
        name, out=folder / name, origin="sample", cache_dir=folder / "cache", settings=paths
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("compilation")


@pytest.fixture(scope="module")
def result(folder: Path) -> mk.building.Build:
    return built(folder, "medical_training")


def pairs(result: mk.building.Build, source: str) -> list[tuple[str, str]]:
    """Return what is asked and replied in the rows of a source."""
    return [(row["messages"][-2]["content"], row["messages"][-1]["content"])
            for row in kept_rows(result.path) if row["source"] == source]  # fmt: skip


def account(result: mk.building.Build, source: str) -> dict[str, Any]:
    (source_account,) = [
        source_account
        for source_account in result.manifest["difference"]["sources"]
        if source_account["source"] == source
    ]
    return dict(source_account)


def dropped(result: mk.building.Build, source: str) -> dict[str, int]:
    return dict(account(result, source)["dropped"])


def test_reasoning_keeps_every_row_with_its_chain_and_reply(result: mk.building.Build) -> None:
    rows = [row for row in kept_rows(result.path) if row["source"] == "medical_o1_reasoning_sft"]
    said = {(row["messages"][0]["content"], row["messages"][-1]["reasoning_content"], row["messages"][-1]["content"])
            for row in rows}  # fmt: skip
    thread = "Which thread holds a button of a raincoat best?"
    assert said == {
        ("Why does a kettle whistle when the gardener boils water?", "Steam is forced out.", "Steam passes a narrow slit."),
        (thread, "First way.", "Nylon."), (thread, "Second way.", "Silk."),
    }  # fmt: skip
    assert dropped(result, "medical_o1_reasoning_sft") == {}


def test_verifiable_loses_repeated_questions_and_those_that_are_reasoned_about(
    result: mk.building.Build,
) -> None:
    assert pairs(result, "medical_o1_verifiable") == [
        ("Which oil keeps the hinge of a gate quiet?", "Oil")
    ]
    assert dropped(result, "medical_o1_verifiable") == {"copy_exact": 2}
    assert account(result, "medical_o1_verifiable")["copies_of"] == {
        "medical_o1_reasoning_sft": 1, "medical_o1_verifiable": 1,
    }  # fmt: skip
    matches = {row["match"].partition("/")[0] for row in listed_rows(result.path) if row["reason"] == "copy_exact"
               and row["source"] == "medical_o1_verifiable"}  # fmt: skip
    assert any("medical_o1_reasoning_sft" in match for match in matches), (
        "whose copy stays is named"
    )
    assert any(
        "short truth is not put beside" in note for note in result.manifest["difference"]["notes"]
    )


def test_exam_rows_keep_options_and_key_and_lose_repeats(result: mk.building.Build) -> None:
    ((question, reply),) = pairs(result, "medqa_usmle")
    assert question.startswith(STEM)
    assert "A. Distal" in question
    assert "Distal" in reply
    assert dropped(result, "medqa_usmle") == {"copy_exact": 2}, (
        "blanks at the ends make no other question"
    )
    assert sum(account(result, "medqa_usmle")["set_aside"].values()) == 1, "an empty option is none"
    (source,) = [source for source in result.manifest["sources"] if source["name"] == "medqa_usmle"]
    assert list(source["parts"]) == ["5_options/train"]


def test_symptoms_become_a_task_that_is_answered_by_the_label(result: mk.building.Build) -> None:
    ((question, reply),) = pairs(result, "symptom_to_diagnosis")
    assert "Half of my head throbs when the light is on." in question
    assert "  Half" not in question
    assert "is on.\n" in question, "without blanks at its ends"
    assert reply == "migraine"
    assert dropped(result, "symptom_to_diagnosis") == {"copy_exact": 1}
    assert sum(account(result, "symptom_to_diagnosis")["set_aside"].values()) == 2, (
        "no text, no label"
    )
    (source,) = [
        source for source in result.manifest["sources"] if source["name"] == "symptom_to_diagnosis"
    ]
    assert list(source["parts"]) == ["train"]


def test_drug_questions_all_stay_as_they_are_but_those_without_an_answer(
    result: mk.building.Build,
) -> None:
    question = " how late may i drink plum tea "
    assert set(pairs(result, "medicationqa")) == {
        (question, " Until noon. "),
        (question, "Until it is dark."),
    }
    assert dropped(result, "medicationqa") == {"no_answer": 2}


def test_diseases_are_worded_as_upstream_and_need_all_cells(result: mk.building.Build) -> None:
    assert pairs(result, "diseases_symptoms") == [
        ("Runny nose, sore throat of a piper", "It seems you may have Common Cold. The usual treatment is Rest, fluids."),
    ]  # fmt: skip
    assert dropped(result, "diseases_symptoms") == {"copy_exact": 1, "no_answer": 2}
    assert sum(account(result, "diseases_symptoms")["set_aside"].values()) == 1, "no symptoms"


def test_an_intent_is_its_first_wording_and_its_first_response(result: mk.building.Build) -> None:
    assert sorted(pairs(result, "first_aid")) == [
        ("How is a splinter pulled?", "With tweezers."), ("What soothes a burnt tongue?", "Cold milk."),
    ]  # fmt: skip
    assert dropped(result, "first_aid") == {"copy_exact": 1, "no_answer": 3}
    assert sum(account(result, "first_aid")["set_aside"].values()) == 2, "nothing is asked"


def test_reports_are_worded_as_upstream_and_need_all_parts(result: mk.building.Build) -> None:
    assert pairs(result, "disaster_reports") == [
        ("There is a high flood. Situation: Nine cellars of the mill are under water",
         "The main resources needed are: pumps, dry blankets."),
    ]  # fmt: skip
    told = account(result, "disaster_reports")
    assert told["dropped"] == {"copy_exact": 1, "no_answer": 1}
    assert sum(told["set_aside"].values()) == 3, "without notes, kind or severity it is no report"


def test_what_a_model_wrote_comes_of_the_published_set(result: mk.building.Build) -> None:
    sources = {source.get("as", source["name"]): source for source in result.manifest["sources"]}
    assert sources["wiki_medical_terms"]["name"] == "medical_training_dataset"
    ((question, reply),) = pairs(result, "medical_training_dataset")
    assert "A gall is a growth.\nIt is round." in question, "the page is whole"
    assert question.endswith("What is a wart of the oak?")
    assert reply == "A gall."
    # An exam or a drug of the compilation is read where it is from.
    assert dropped(result, "wiki_medical_terms") == {
        "copy_exact": 1,
        "no_answer": 1,
        "where_tags": 3,
    }
    ((question, reply),) = pairs(result, "extreme_firstaid")
    assert "one\ntwo\nthree\nfour\nfive" in question, "all chunks stand in it"
    assert reply == "In turns."
    assert dropped(result, "extreme_firstaid") == {"copy_exact": 1}


def test_the_limits_of_the_card_are_of_what_is_asked_and_replied(
    folder: Path, result: mk.building.Build
) -> None:
    card = built(folder, "medical_training_card")
    assert pairs(card, "medicationqa") == pairs(result, "medicationqa")
    assert pairs(card, "diseases_symptoms") == pairs(result, "diseases_symptoms")
    assert pairs(card, "medical_o1_verifiable") == [], "a short truth is under ten characters"
    assert dropped(card, "medical_o1_verifiable")["where_column_chars"] == 3
    assert pairs(card, "medical_training_dataset") == [], "and so is this answer of a page"
    assert dropped(card, "wiki_medical_terms")["where_tags"] == 3, "the rest of the recipe stays"


def test_the_numbers_of_each_source_close(result: mk.building.Build) -> None:
    difference = result.manifest["difference"]
    assert len(difference["sources"]) == 10
    assert (
        sum(source["written"] for source in difference["sources"])
        == difference["written"]
        == len(kept_rows(result.path))
    )
    for source in difference["sources"]:
        left = sum(source["dropped"].values()) + sum(source["set_aside"].values())
        assert (
            source["written"]
            == source["reference"] + source["upstream"] + source["repeated"] - left
        )


def test_the_numbers_close_again_when_a_row_is_taken_out(
    result: mk.building.Build, tmp_path: Path
) -> None:
    shutil.copytree(result.path, tmp_path / "out")
    gone = next(row["id"] for row in kept_rows(result.path) if row["source"] == "first_aid")
    mk.retract(tmp_path / "out", items=[gone])
    difference = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))["difference"]
    assert difference["written"] == result.manifest["difference"]["written"] - 1
    assert difference["difference"] == difference["written"] - 84_325
    (source,) = [source for source in difference["sources"] if source["source"] == "first_aid"]
    assert source["dropped"]["retracted"] == 1
    assert source["written"] == account(result, "first_aid")["written"] - 1
    assert difference["notes"] == result.manifest["difference"]["notes"]
