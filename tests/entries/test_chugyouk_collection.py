"""ChuGyouk collection: one layout a member, what is by name only, unknown file names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.entries.chugyouk_collection import CONCEPTS, MEMBERS


def sample(split: str = "train", **options: Any) -> Any:
    return mk.load("chugyouk_collection", split=split, origin="sample", **options)


def from_lines(folder: Path, subset: str, *lines: dict[str, str | None]) -> list[dict[str, Any]]:
    root = folder / "mine"
    file = root / subset / "some-train-rows.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return list(mk.load("chugyouk_collection", subset=subset, split="train", path=root))


@pytest.mark.parametrize(("subset", "columns"), [
    ("AI_healthcare_QA", {"question": "q", "answer": "a"}),
    ("Asan-AMC-Healthinfo", {"instruction": "q", "output": "a", "input": "c"}),
    ("GenMedGPT-5k-ko", {"input": "q", "output": "a"}),
    ("HealthSearchQA-ko", {"question_ko": "q", "answer_ko": "a", "question": "e"}),
    ("KoMedInstruct-52k", {"instruction": "q", "output": "a", "input": "c"}),
    ("MedQA-Evol-Korean", {"input": "q", "output": "a"}),
])  # fmt: skip
def test_each_member_has_columns_of_its_own(
    hub, tmp_path: Path, subset: str, columns: dict[str, str]
) -> None:
    (row,) = from_lines(tmp_path, subset, columns | {"more": "m"})
    values = [row[name] for name in ("question", "answer", "context")]
    given = [value for value in columns.values() if value != "e"]
    assert [value for value in values if value is not None] == given
    for column in columns:
        with pytest.raises(mk.errors.SchemaMovedError, match=f"missing: '{column}'"):
            from_lines(tmp_path, subset, {n: v for n, v in columns.items() if n != column})


def test_copies_stay_and_other_answers_are_other_rows(hub, tmp_path: Path) -> None:
    pair = {"question": "e", "question_ko": "q", "answer_ko": "a"}
    left, two, other = from_lines(
        tmp_path, "HealthSearchQA-ko", pair, pair, pair | {"answer_ko": "b"}
    )
    assert two["id"] == f"{left['id']}~2"
    assert "~" not in other["id"]
    pair_of_its_own = {"input": "q", "output": "a"}
    first, second = from_lines(
        tmp_path / "pairs", "GenMedGPT-5k-ko", pair_of_its_own, pair_of_its_own | {"output": "b"}
    )
    assert "~" not in first["id"] + second["id"]
    bare = from_lines(tmp_path, "HealthSearchQA-ko", pair | {"answer_ko": ""})
    assert bare[0]["answer"] is None


def test_every_member_with_known_columns_is_a_subset(hub) -> None:
    rows = sample()
    assert set(rows["subset"]) == set(MEMBERS)
    concepts = {f"KorMedConceptsQA-{c}" for c in CONCEPTS if c != "kcd8_merged"}
    assert set(sample("test")["subset"]) == concepts
    assert sample("test", subset="KorMedConceptsQA-kcd8_merged").num_rows == 2


def test_the_concepts_are_a_benchmark_of_four_options(hub, tmp_path: Path) -> None:
    source = mk.source("chugyouk_collection")
    parts = [part for part in source.parts if str(part.subset).startswith("KorMedConceptsQA")]
    assert {(part.split, part.evaluation) for part in parts} == {("test", True)}
    holdout = mk.catalog.holdout("kormedconceptsqa-test")
    assert (holdout.rows, holdout.default, holdout.source) == ("test", True, "chugyouk_collection")
    assert "kormedconceptsqa-test" in source.protected_by
    for number, row in enumerate(sample("test", subset="KorMedConceptsQA-atc_easy")):
        assert len(row["options"]) == 4
        assert row["answer"] == ("J00", "K35")[number]
    item = {"question": "q", "option1": "a", "option2": "b", "option3": "c", "option4": "d",
            "answer_id": "C"}  # fmt: skip
    for config in ("kcd8_easy", "kcd8_merged"):
        file = tmp_path / config / "test-rows.jsonl"
        file.parent.mkdir()
        file.write_text(json.dumps(item) + "\n")
    rows = [
        mk.load("chugyouk_collection", subset=f"KorMedConceptsQA-{config}", split="test",
                path=tmp_path)[0] for config in ("kcd8_easy", "kcd8_merged")
    ]  # fmt: skip
    assert rows[0]["family"] == rows[1]["family"] is not None
    assert {row["answer"] for row in rows} == {"c"}


def test_the_english_question_makes_the_family(hub) -> None:
    first, two = sample(subset="HealthSearchQA-ko", keep=["question"])
    assert first["family"] == two["family"]
    assert first["question"] != two["question"]
    assert first["raw_question"] == two["raw_question"]


def test_medqa_is_by_name_only_and_reads_letters(hub) -> None:
    rows = sample(subset="MedQA")
    assert [(r["answer_index"], r["answer"]) for r in rows] == [(1, "비타민 C"), (0, "혈압계")]
    part = next(p for p in mk.source("chugyouk_collection").parts if p.subset == "MedQA")
    assert "USMLE" in part.by_name_only
    assert "medqa-usmle-test" in mk.source("chugyouk_collection").protected_by


def test_medqa_has_four_options_and_a_family_of_its_own_by_stem(hub, tmp_path: Path) -> None:
    row: dict[str, str | None] = {"question_ko": "q", "A_ko": "a", "B_ko": "b", "C_ko": "c", "D_ko": "d",
           "answer_idx": "D"}  # fmt: skip
    first, two = from_lines(tmp_path, "MedQA", row, row | {"A_ko": "z"})
    assert first["options"] == ["a", "b", "c", "d"]
    assert first["answer"] == "d"
    assert first["family"] == two["family"]
    assert first["family"].startswith("chugyouk_medqa:"), "which English item it is, nothing proves"
    assert first["id"].partition("~")[0] != two["id"].partition("~")[0]
    with pytest.raises(mk.errors.AnswerError):
        from_lines(tmp_path, "MedQA", row | {"answer_idx": "E"})


def test_the_input_is_context(hub) -> None:
    rows = sample(subset="Asan-AMC-Healthinfo")
    assert [r["context"] for r in rows] == ["무릎이 시려요.", None]
    assert sample(subset="GenMedGPT-5k-ko")[0]["question"] == "무릎이 시려요.", (
        "input alone is asked"
    )


def test_other_files_and_columns_are_refused_by_name(hub, tmp_path: Path) -> None:
    where = {"subset": "HealthSearchQA-ko", "split": "train", "path": tmp_path}
    (tmp_path / "all.csv").write_text("q,a\n1,2\n")
    with pytest.raises(mk.errors.WrongFilesError, match=r"all\.csv"):
        mk.load("chugyouk_collection", **where)
    (tmp_path / "all.csv").rename(tmp_path / "train.csv")
    with pytest.raises(mk.errors.SchemaMovedError, match="question_ko"):
        mk.load("chugyouk_collection", **where)


def test_every_member_floats_and_only_one_was_counted() -> None:
    source = mk.source("chugyouk_collection")
    assert {part.subset: part.rows for part in source.parts if part.rows} == {
        "GenMedGPT-5k-ko": 5451
    }
    places = {source.layout_of(part).at for part in source.parts}
    assert all(place.floating for place in places)
    assert {place.repo for place in places} == {
        *(f"ChuGyouk/{name}" for name in MEMBERS), "ChuGyouk/MedQA", "ChuGyouk/KorMedConceptsQA",
    }  # fmt: skip


def test_no_licence_is_known() -> None:
    assert not mk.source("chugyouk_collection").terms.allows("research")
