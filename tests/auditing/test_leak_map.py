"""What lineage says and what matching finds, side by side."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import medqa_kit as mk
from demo import demo, folder, jsonl, records
from medqa_kit.auditing.leak_map import LeakCell
from medqa_kit.auditing.lineage import relation_of
from medqa_kit.cli import main
from medqa_kit.errors import ArgumentError, UnknownSourceError
from scripts import script

pytestmark = [
    pytest.mark.usefixtures("hub"),
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning"),
]
EXAM = "kormedmcqa-official-test"


def cells(leaks: mk.auditing.leak_map.LeakMap) -> dict[tuple[str, str], LeakCell]:
    return {(each.source, each.holdout): each for each in leaks.cells}


def test_lineage_is_told_with_what_lies_between() -> None:
    def relation(trained: str, tested: str) -> tuple[str, tuple[str, ...]]:
        return relation_of(mk.source(trained), mk.source(tested))

    assert relation("kormedmcqa", "kormedmcqa") == ("own", ())
    assert relation("medical_reasoning_kormedmcqa", "kormedmcqa") == ("descends", ())
    assert relation("kormedmcqa", "medical_reasoning_kormedmcqa") == ("origin", ())
    assert relation("khmer_medical_qa", "medical_o1_verifiable") == (
        "descends",
        ("medical_o1_reasoning_sft",),
    )
    assert relation("khmer_medical_qa", "medical_o1_reasoning_ko")[0] == "shares"
    assert relation("kbmc", "kormedmcqa") == ("", ())


@pytest.mark.slow
def test_rows_found_are_those_of_a_search_of_each_part() -> None:
    leaks = cells(
        mk.leak_map(
            ["medical_reasoning_kormedmcqa", "kbmc"],
            holdouts=[EXAM, "medqa-usmle-test"],
            origin="sample",
        )
    )
    assert len(leaks) == 4
    cell = leaks["medical_reasoning_kormedmcqa", EXAM]
    rows = mk.load("medical_reasoning_kormedmcqa", split="train", origin="sample")
    report = mk.search(rows, mk.Holdout.named(EXAM, origin="sample"))
    direct = {
        f["row"] for f in report.findings.to_pylist() if f["code"] not in ("review", "family")
    }
    assert (cell.rows, cell.found) == (len(rows), len(direct))
    assert cell.found > 0
    assert sum(cell.rules.values()) >= cell.found
    assert leaks["kbmc", EXAM].silent


@pytest.mark.slow
def test_a_leak_without_any_lineage_is_found(tmp_path: Path) -> None:
    """Invented: an item of a benchmark, laid among rows of a source that has nothing to do with it."""
    item = mk.load("kormedmcqa", subset="doctor", split="test", origin="sample")[0]
    rows = [*records(3), {"number": 9, "year": 2020, "question": item["question"], "a": item["options"][0],
                          "b": item["answer"], "key": 2}]  # fmt: skip
    where = folder(tmp_path, {"train.jsonl": jsonl(rows), "test.jsonl": jsonl(records(2, 50))})
    (cell,) = mk.leak_map(
        [demo()], holdouts=[EXAM], origin="sample", paths={"demo_exam": where}
    ).cells
    assert (cell.rows, cell.found, cell.lineage) == (4, 1, "")
    assert not cell.silent


@pytest.mark.slow
def test_what_cannot_be_read_has_no_counts_and_a_note(tmp_path: Path) -> None:
    leaks = mk.leak_map(
        ["kbmc", "kormedmcqa"],
        holdouts=[EXAM],
        origin="sample",
        paths={"kbmc": tmp_path / "absent"},
    )
    known = cells(leaks)
    assert (known["kbmc", EXAM].rows, known["kbmc", EXAM].found) == (None, None)
    assert known["kormedmcqa", EXAM].rows == 21
    assert [note.partition(":")[0] for note in leaks.notes] == ["kbmc"]
    nothing = mk.leak_map(
        ["kbmc"], holdouts=[EXAM], paths={"kormedmcqa": tmp_path / "absent", "kbmc": tmp_path}
    )
    assert [note.partition(":")[0] for note in nothing.notes] == [EXAM, "kbmc"]


@pytest.mark.slow
def test_text_markdown_and_json_tell_the_same_pairs() -> None:
    leaks = mk.leak_map(
        ["medical_reasoning_kormedmcqa", "kbmc", "kormedmcqa"],
        holdouts=["medqa-usmle-test", EXAM],
        origin="sample",
    )
    spoken = [each for each in leaks.cells if not each.silent]
    assert [(each.source, each.holdout) for each in spoken] == [
        ("medical_reasoning_kormedmcqa", EXAM),
        ("kormedmcqa", EXAM),
    ]
    assert leaks.matrix()[0] == ("source", EXAM)
    assert [row[0] for row in leaks.matrix()[1:]] == ["medical_reasoning_kormedmcqa", "kormedmcqa"]
    assert leaks.matrix()[1][1] == f"child {spoken[0].found}"
    assert f"1. `{EXAM}`" in leaks.to_markdown()
    assert "kbmc" not in str(leaks)
    assert len(json.loads(leaks.to_json())["cells"]) == 6


def test_wrong_words_are_refused() -> None:
    with pytest.raises(ArgumentError, match="list"):
        mk.leak_map("kbmc")
    with pytest.raises(ArgumentError, match="list"):
        mk.leak_map(["kbmc"], holdouts=EXAM)
    with pytest.raises(UnknownSourceError):
        mk.leak_map(["kbmc"], holdouts=["kormedmcqa-offical-test"])


@pytest.mark.slow
def test_the_command_exits_by_what_is_found(tmp_path: Path, capsys) -> None:
    words = ["leak-map", "medical_reasoning_kormedmcqa", "--holdouts", EXAM, "--origin", "sample"]
    assert main(words) == 1
    assert main([*words, "--markdown"]) == 1
    assert "| source | 1 |" in capsys.readouterr().out
    assert (
        main(
            [
                "leak-map",
                "kbmc",
                "--holdouts",
                EXAM,
                "--origin",
                "sample",
                "--path",
                f"kbmc={tmp_path}",
            ]
        )
        == 2
    )


@pytest.mark.slow
def test_the_map_of_all_samples_stands_in_the_documents() -> None:
    page = script("docs/generate.py").leak_page()
    leaks = mk.leak_map(origin="sample")
    assert leaks.notes == ()
    assert leaks.to_markdown() in page
    known = cells(leaks)
    assert known["medical_reasoning_kormedmcqa", EXAM].found > 0
    assert known["khmer_medical_qa", "medqa-usmle-test"].lineage == "descends"
    for each in leaks.cells:
        if not each.silent:
            assert f"| {each.source} |" in page
            assert f". `{each.holdout}`" in page
