"""Files with tabs in which quotation marks are text like any other: as many rows as lines."""

from __future__ import annotations

from pathlib import Path

import pandas
import pytest

import medqa_kit as mk
from medqa_kit.errors import FormatError


def _written(folder: Path, questions: list[str], end: str = "\n") -> Path:
    lines = ["question\tcategory", *(f"{question}\tCells" for question in questions)]
    path = folder / "questions.tsv"
    path.write_bytes((end.join(lines) + end).encode())
    return path


def _questions(path: Path, **options: object) -> list[str]:
    return list(mk.load("dahl_questions", path=path, split="train", **options)["question"])  # type: ignore[arg-type]


pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.RowCountWarning")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("question", ['"Sepsis" first?', '"Fever, what now?', '"', 'A "5" cut?'])
def test_a_field_that_begins_with_a_quotation_mark_is_a_field(
    tmp_path: Path, question: str, end: str
) -> None:
    questions = ["What is rest?", question, 'Who said "rest"?']
    assert _questions(_written(tmp_path, questions, end)) == questions


def test_marks_in_two_lines_are_no_pair(tmp_path: Path) -> None:
    questions = ['"Fever, what now?', "Rest?", '"Rest', 'or "work"?']
    path = _written(tmp_path, questions)
    assert _questions(path) == questions
    stream = mk.load("dahl_questions", path=path, split="train", streaming=True)
    assert [row["question"] for row in stream] == questions


def test_quoted_fields_are_still_unquoted(tmp_path: Path) -> None:
    path = tmp_path / "questions.tsv"
    questions = ['"Sepsis" first?', "two\nlines?", "a\ttab?", "plain?"]
    pandas.DataFrame({"question": questions, "category": "Cells"}).to_csv(
        path, sep="\t", index=False
    )
    assert _questions(path) == questions


def test_lines_of_unequal_fields_are_told(tmp_path: Path) -> None:
    path = tmp_path / "questions.tsv"
    path.write_text('question\tcategory\n"Fever" now?\tCells\nRest?\n', "utf-8")
    with pytest.raises(FormatError, match="closing quotation mark"):
        _questions(path)


def test_a_bad_row_is_told_by_its_line(tmp_path: Path) -> None:
    path = _written(tmp_path, ['"Fever, what now?', "", "Rest?"])
    with pytest.raises(mk.MedQAError) as caught:
        _questions(path)
    assert caught.value.spot == "line 3"


def test_a_block_that_ends_within_quotation_marks_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("medqa_kit.loading.readers.delimited_files.delimited._BLOCK", 100)
    path = tmp_path / "questions.tsv"
    questions = [f'What of "rest" in week {week}?' for week in range(50)]
    pandas.DataFrame({"question": questions, "category": "Cells"}).to_csv(
        path, sep="\t", index=False
    )
    assert _questions(path) == questions
