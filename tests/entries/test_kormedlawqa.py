"""KorMedLawQA: lettered options, language by row, fields that may be absent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.LicenseWarning")
REPO = "snuh/KorMedLawQA"


def sample() -> list[dict[str, Any]]:
    return list(mk.load("kormedlawqa", split="train", origin="sample"))


def line(**changes: Any) -> dict[str, Any]:
    return {"question": "Which?", "options": ["A. x", "B. y"], "answer": "B"} | changes


def from_lines(folder: Path, *lines: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    file = folder / "medical_law_qa_dataset.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return list(mk.load("kormedlawqa", split="train", path=file, **options))


def test_options_with_and_without_letters_are_one_item(hub) -> None:
    lettered, bare = sample()[:2]
    assert lettered["options"] == bare["options"] == [
        "Two years", "Five years", "Ten years", "One year", "Forever",
    ]  # fmt: skip
    assert lettered["answer"] == bare["answer"] == "Ten years"
    assert bare["id"] == f"{lettered['id']}~2"


def test_one_question_with_other_options_is_another_item(hub, tmp_path: Path) -> None:
    first, other = from_lines(tmp_path, line(), line(options=["A. x", "B. z"]))
    assert first["id"].partition("~")[0] != other["id"].partition("~")[0]


@pytest.mark.parametrize("style", ["{}. {}", "{}) {}", "({}) {}", "{}: {}", " {}.  {}"])
def test_every_style_of_letter_is_known(hub, tmp_path: Path, style: str) -> None:
    options = [style.format(letter, text) for letter, text in zip("ABC", "xyz", strict=True)]
    (row,) = from_lines(tmp_path, line(options=options))
    assert row["options"] == ["x", "y", "z"]


@pytest.mark.parametrize("options", [["A. x", "y"], ["B. x", "A. y"], ["A.x is y", "Bx"]])
def test_letters_that_do_not_count_through_are_text(hub, tmp_path: Path, options: list) -> None:
    (row,) = from_lines(tmp_path, line(options=options))
    assert row["options"] == options


def test_the_language_is_told_row_by_row(hub) -> None:
    languages = [row["language"] for row in sample()]
    assert languages.count("ko") == 2
    assert languages.count("en") == 10
    mixed = next(row for row in sample() if "제18조" in row["question"])
    assert mixed["language"] == "en", "an English question that names an article"


def test_reasoning_article_and_law_may_be_absent(hub, tmp_path: Path) -> None:
    rows = from_lines(tmp_path, line(), line(question="And?"))
    assert [(row["rationale"], row["context"]) for row in rows] == [(None, None)] * 2


@pytest.mark.parametrize("nothing", ["", " ", None])
def test_reasoning_without_a_word_is_none(hub, tmp_path: Path, nothing: str | None) -> None:
    rows = from_lines(tmp_path, line(reasoning="So."), line(question="And?", reasoning=nothing))
    assert [row["rationale"] for row in rows] == ["So.", None]


def test_fields_come_in_any_order_and_not_in_every_line(hub, tmp_path: Path) -> None:
    more = {"reasoning": "So.", "article": "1", "law_title": "L"}
    first, second = from_lines(tmp_path, line(), dict(reversed((line() | more).items())))
    assert (second["question"], second["answer"]) == (first["question"], first["answer"])
    assert (first["rationale"], second["rationale"]) == (None, "So.")
    assert second["context"] == "L\n1"


def test_law_and_article_are_the_context_as_far_as_they_are_there(hub, tmp_path: Path) -> None:
    law = [{"law_title": "L", "article": "1"}, {"law_title": "L", "article": ""}, {"article": "1"},
           {"law_title": " "}]  # fmt: skip
    rows = from_lines(tmp_path, *(line(question=f"{i}?", **name) for i, name in enumerate(law)))
    assert [row["context"] for row in rows] == ["L\n1", "L", "1", None]


def test_unknown_columns_are_passed_over_and_missing_ones_are_not(hub, tmp_path: Path) -> None:
    assert len(from_lines(tmp_path, line(difficulty=3))) == 1
    without = line()
    del without["options"]
    with pytest.raises(mk.errors.SchemaMovedError, match="options"):
        from_lines(tmp_path, without)


@pytest.mark.parametrize("answer", ["E", "2", "y", None])
def test_an_answer_that_is_no_letter_of_the_row_is_refused(hub, tmp_path: Path, answer) -> None:
    with pytest.raises(mk.errors.AnswerError):
        from_lines(tmp_path, line(answer=answer))


def test_it_floats_and_there_is_no_test_split(hub) -> None:
    hub.repo(REPO).commit("b" * 40, SAMPLES / "kormedlawqa")
    with pytest.warns(mk.errors.FloatingRevisionWarning, match="b" * 40):
        data = mk.load("kormedlawqa")
    assert list(data) == ["train"]
    with pytest.raises(mk.errors.UnknownPartError, match="no split 'test'"):
        mk.load("kormedlawqa", split="test")
    assert "train: 13,388 rows (claimed)" in mk.source("kormedlawqa").show()


def test_the_holdout_is_named_for_the_whole_source_it_holds(hub) -> None:
    (holdout,) = mk.source("kormedlawqa").holdouts
    assert (holdout.name, holdout.split, holdout.default) == ("kormedlawqa-all", "train", False)
    assert "no test split" in holdout.reason
    assert len(mk.Holdout.named("kormedlawqa-all", origin="sample")) == 12
    with pytest.raises(mk.errors.UnknownSourceError, match="did you mean 'kormedlawqa-all'"):
        mk.Holdout.named("kormedlawqa-test", origin="sample")


def test_the_stricter_claim_holds() -> None:
    source = mk.source("kormedlawqa")
    assert (source.terms.research, source.terms.commercial) == ("yes", "no")
    assert [(claim.license, claim.credible) for claim in source.license] == [
        ("academic-only", True), ("Apache-2.0", False), ("Apache-2.0", False),
    ]  # fmt: skip
