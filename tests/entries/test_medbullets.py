"""MedBullets: two layouts of one set, rows that stand twice, copies in the common form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.RowCountWarning")
HEADER = "link,question,opa,opb,opc,opd,ope,answer_idx,answer,explanation\n"


def sample(subset: str = "5_options") -> list[dict[str, Any]]:
    return list(mk.load("medbullets", subset=subset, split="test", origin="sample"))


def from_file(file: Path) -> list[dict[str, Any]]:
    return list(mk.load("medbullets", subset="5_options", split="test", path=file))


def test_texts_agree_over_layouts_and_letters_do_not() -> None:
    five, four = sample(), sample("4_options")
    assert [row["answer"] for row in five] == [row["answer"] for row in four]
    assert [row["family"] for row in five] == [row["family"] for row in four]
    assert [len(row["options"]) for row in (five[0], four[0])] == [5, 4]
    assert five[0]["answer_index"] != four[0]["answer_index"]


def test_four_options_are_by_name_only() -> None:
    data = mk.load("medbullets", origin="sample")
    assert set(data["test"]["subset"]) == {"5_options"}


def test_a_case_that_stands_twice_is_told_apart() -> None:
    rows = sample()
    assert rows[6]["id"] == f"{rows[0]['id']}~2"


def test_the_answers_text_is_checked_against_its_letter(tmp_path: Path) -> None:
    file = tmp_path / "medbullets_op5.csv"
    file.write_text(f"{HEADER}x,Which?,a,b,c,d,e,B,b,why\n", "utf-8")
    assert from_file(file)[0]["answer_index"] == 1
    file.write_text(f"{HEADER}x,Which?,a,b,c,d,e,B,c,why\n", "utf-8")
    with pytest.raises(mk.errors.AnswerError, match="not the option it points to"):
        from_file(file)


def test_the_long_explanation_is_the_rationale_with_its_paragraphs() -> None:
    assert (
        sample()[0]["rationale"] == "Vitamin C, because the case says so.\n\nThe others do not fit."
    )


@pytest.mark.parametrize("form", ["object", "text"])
def test_a_copy_in_the_common_form_gives_the_same_rows(tmp_path: Path, form: str) -> None:
    own = sample()[:6]
    copied = [{"question": row["question"], "options": dict(zip("ABCDE", row["options"], strict=True)),
               "answer_idx": "ABCDE"[row["answer_index"]], "answer": row["answer"], "realidx": number,
               "reason": row["rationale"]} for number, row in enumerate(own)]  # fmt: skip
    file = tmp_path / "test.jsonl"
    as_text = [row | {"options": str(row["options"])} for row in copied]
    lines = copied if form == "object" else as_text
    file.write_text("".join(json.dumps(row) + "\n" for row in lines), "utf-8")
    rows = from_file(file)
    for name in ("family", "question", "options", "answer_index", "answer", "rationale"):
        assert [row[name] for row in rows] == [row[name] for row in own]
    assert [f"sample:{row['id']}" for row in rows] == [row["id"] for row in own]


def test_the_steps_name_the_state_that_was_counted() -> None:
    source = mk.source("medbullets")
    assert "ef3c9da03fc17f46fbd95ce860e0a55c51ed3606" in source.how_to_get()
    assert {part.name: (part.rows, part.exact) for part in source.parts} == {
        "5_options/test": (308, True), "4_options/test": (308, True),
    }  # fmt: skip
    folder = SAMPLES / "medbullets"
    assert len(mk.load("medbullets", subset="5_options", split="test", path=folder)) == 7


def test_nobody_grants_anything() -> None:
    source = mk.source("medbullets")
    assert source.terms.research == "unknown"
    assert len(source.license) == 2
