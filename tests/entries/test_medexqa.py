"""MedExQA: files without a header, two explanations, five specialities."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.RowCountWarning")
LINE = "Which?\ta\tb\tc\td\tb is right\tnot a\tB\n"


def sample(subset: str = "biomedical_engineer", split: str = "test", **options: Any) -> Any:
    return mk.load("medexqa", subset=subset, split=split, origin="sample", **options)


def from_text(folder: Path, text: str) -> list[dict[str, Any]]:
    file = folder / "biomedical_engineer_test.tsv"
    file.write_text(text, "utf-8")
    return list(mk.load("medexqa", subset="biomedical_engineer", split="test", path=file))


def test_the_first_line_is_a_question(tmp_path: Path) -> None:
    (row,) = from_text(tmp_path, LINE)
    assert (row["question"], row["options"], row["answer"]) == ("Which?", list("abcd"), "b")
    assert len(sample()) == 4


HEADER = "question\tA\tB\tC\tD\texp0\texp1\tanswer\n"


@pytest.mark.filterwarnings("ignore:.*is left out")  # the row numbers
@pytest.mark.parametrize("index", [False, True])
def test_a_copy_that_names_its_columns_has_the_same_rows(tmp_path: Path, index: bool) -> None:
    """pandas writes a header, and row numbers too where nobody says otherwise."""
    named = HEADER.upper() + 2 * LINE
    if index:
        named = "".join(
            f"{number}\t{line}" for number, line in enumerate(named.splitlines(keepends=True))
        )
        named = named.removeprefix("0")
    assert from_text(tmp_path, named) == from_text(tmp_path, 2 * LINE)
    broken = named + LINE.replace("\tB", "") + LINE
    with pytest.raises(mk.errors.FormatError) as caught:
        from_text(tmp_path, broken)
    assert "line 4" in str(caught.value)


def test_fields_in_quotation_marks_may_hold_them_and_line_breaks() -> None:
    rows = list(sample(keep=["exp1"]))
    assert rows[1]["question"] == 'Which is a "non-invasive" method?'
    assert rows[2]["exp1"] == 'Think of "Ohm\'s law",\nthen of the rest.'


def test_a_line_with_a_field_too_few_is_told_of_by_its_place(tmp_path: Path) -> None:
    with pytest.raises(mk.errors.FormatError, match="7 fields") as caught:
        from_text(tmp_path, LINE + LINE.replace("not a\t", ""))
    assert caught.value.row == 1


def test_the_first_explanation_is_the_rationale_and_the_second_can_be_kept() -> None:
    row = sample(keep=["exp1"])[0]
    assert row["rationale"] == "Oxygen saturation is right."
    assert row["exp1"] == "The others are not Oxygen saturation."


def test_a_repeated_row_is_told_apart() -> None:
    third, fourth = list(sample())[2:]
    assert fourth["id"] == f"{third['id']}~2"


def test_five_specialities_whose_test_is_the_benchmark() -> None:
    source = mk.source("medexqa")
    rows = {split: sum(part.rows or 0 for part in source.parts if part.split == split)
            for split in source.splits}  # fmt: skip
    assert rows == {"test": 940, "fewshot": 25}
    assert all(part.evaluation == (part.split == "test") for part in source.parts)
    assert set(mk.load("medexqa", origin="sample")) == {"test"}, "shots are by name only"


def test_the_tag_keeps_it_from_products() -> None:
    terms = mk.source("medexqa").terms
    assert (terms.commercial, terms.share_alike) == ("no", True)
