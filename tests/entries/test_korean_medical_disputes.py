"""Medical disputes: columns one names, encodings, precise refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

import medqa_kit as mk


def test_columns_are_named_by_the_user_and_never_guessed(hub, tmp_path: Path) -> None:
    file = tmp_path / "3049717.csv"
    file.write_bytes("번호,질문내용,답변내용\n1,물음,답\n".encode("cp949"))
    where = {"subset": "counselling", "split": "train", "path": file}
    with pytest.raises(mk.errors.SchemaMovedError, match="질문내용"):
        mk.load("korean_medical_disputes", **where)
    named = {"question": "질문내용", "answer": "답변내용"}
    row = mk.load("korean_medical_disputes", **where, columns=named)[0]
    assert (row["question"], row["answer"], row["context"]) == ("물음", "답", None)


def test_utf_8_has_its_own_subset_and_the_error_says_so(hub, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("question,answer\n수술은 어떻게 되나요,설명을 들으세요\n", encoding="utf-8")
    where = {"subset": "counselling", "split": "train", "path": file}
    with pytest.raises(mk.errors.EncodingError, match="utf-8"):
        mk.load("korean_medical_disputes", **where)
    where["subset"] = "counselling-utf-8"
    assert mk.load("korean_medical_disputes", **where).num_rows == 1


def test_appraisals_are_texts_by_name(hub) -> None:
    rows = mk.load("korean_medical_disputes", subset="appraisals", split="train", origin="sample")
    assert rows[0]["title"] == "설명 사례"
    default = mk.load("korean_medical_disputes", split="train", origin="sample")
    assert set(default["subset"]) == {"counselling"}
    assert default[0]["answer"] is None


@pytest.mark.parametrize("subset", ["counselling", "appraisals"])
def test_title_and_department_may_be_missing_and_other_columns_there(
    hub, tmp_path: Path, subset: str
) -> None:
    names = ["question", "answer"] if subset == "counselling" else ["text"]
    where = {"subset": subset, "split": "train", "path": tmp_path / "cases.csv"}
    where["path"].write_text(
        ",".join([*names, "번호"]) + "\n" + "가," * len(names) + "1\n", "cp949"
    )
    row = mk.load("korean_medical_disputes", **where)[0]
    assert [row[name] for name in names] == ["가"] * len(names)
    where["path"].write_text("title,번호\n가,1\n", "cp949")
    with pytest.raises(mk.errors.SchemaMovedError, match=f"missing: '{names[0]}'"):
        mk.load("korean_medical_disputes", **where)


def test_copies_stay_and_the_title_is_part_of_a_case(hub, tmp_path: Path) -> None:
    file = tmp_path / "cases.csv"
    file.write_text("question,answer,title\n가,나,다\n가,나,다\n가,나,라\n", "cp949")
    data = mk.load("korean_medical_disputes", subset="counselling", split="train", path=file)
    first, second, other = data["id"]
    assert second == f"{first}~2"
    assert other.partition("~")[0] != first
    assert data["context"][:] == ["다", "다", "라"]


def test_nothing_is_loaded_that_one_has_not_fetched_and_no_five_rows_are_promised(hub) -> None:
    source = mk.source("korean_medical_disputes")
    with pytest.raises(mk.errors.ManualDownloadError, match="3049717") as error:
        mk.load("korean_medical_disputes")
    assert "15025792" in str(error.value)
    assert {part.rows for part in source.parts} == {None}
    assert "could not be identified" in source.show()
    for use in ("research", "commercial", "redistribute", "derive"):
        assert not source.terms.allows(use)
