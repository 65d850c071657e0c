"""Reasoning on KorMedMCQA: families equal the exam's, optional keys, nothing read as nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.LicenseWarning")
NAME = "medical_reasoning_kormedmcqa"
ROW = {"question": "무엇?", **{letter: letter.lower() for letter in "ABCDE"}, "answer": 2,
       "thinking": "음.", "response": "B"}  # fmt: skip


def sample(**options: Any) -> list[dict[str, Any]]:
    return list(mk.load(NAME, split="train", origin="sample", **options))


def from_rows(folder: Path, *rows: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    file = folder / "train-00000-of-00001.parquet"
    pq.write_table(pa.Table.from_pylist([*rows]), file)
    return list(mk.load(NAME, split="train", path=file, **options))


def item(row: dict[str, Any]) -> tuple[str, ...]:
    return (row["question"], *row["options"])


def test_traces_of_one_item_share_the_family_of_the_exams_item(hub) -> None:
    exam = mk.load("kormedmcqa", origin="sample")
    families = {f for data in exam.values() for f in data["family"]}
    rows = sample()
    assert {row["family"] for row in rows} <= families
    assert len({row["family"] for row in rows}) < len(rows) == len({row["id"] for row in rows})
    assert not any("~" in row["id"] for row in rows), "traces differ, so their keys do"


def test_items_of_the_official_test_are_found_by_family_though_they_have_no_year(hub) -> None:
    test = mk.load("kormedmcqa", subset="doctor", split="test", origin="sample")
    leaked = [row for row in sample() if row["family"] in set(test["family"])]
    assert len(leaked) == 1
    assert leaked[0]["year"] is None


def test_an_item_of_the_official_test_is_held_out_by_its_text_alone(hub) -> None:
    test = mk.Holdout.named("kormedmcqa-official-test", origin="sample")
    traces = mk.load(NAME, split="train", origin="sample").remove_columns("family")
    clean, report = mk.exclude(traces, test)
    assert not {item(row) for row in clean} & {
        item(row) for row in mk.load("kormedmcqa", split="test", origin="sample")
    }
    assert report.counts["rows_exact"] == 1
    assert mk.source(NAME).protected_by == ("kormedmcqa-official-test",)


@pytest.mark.parametrize("seed", range(4))
def test_all_traces_of_an_item_fall_into_one_part(hub, seed: int) -> None:
    traces = mk.load(NAME, split="train", origin="sample")
    parts = mk.split(traces, {"train": 0.5, "test": 0.5}, seed=seed, near=None)
    train, test = ({item(row) for row in parts[name]} for name in ("train", "test"))
    assert train
    assert test
    assert not train & test


def test_exact_copies_of_a_trace_stay_and_are_told_apart(hub, tmp_path: Path) -> None:
    first, second, other = from_rows(tmp_path, ROW, ROW, ROW | {"response": "B."})
    assert second["id"] == f"{first['id']}~2"
    assert other["id"].partition("~")[0] != first["id"], "another reply is another trace"
    assert first["family"] == second["family"] == other["family"]


def test_columns_come_in_any_order(hub, tmp_path: Path) -> None:
    row = {"subject": "doctor", "year": 2020, "period": 1, "q_number": 3} | ROW
    turned = dict(reversed(row.items()))
    assert from_rows(tmp_path, turned) == from_rows(tmp_path, row)


def test_the_reply_is_carried_along_when_asked_for(hub) -> None:
    assert "response" not in sample()[0]
    row = sample(keep=["response"])[0]
    assert row["response"].startswith("정답은")
    assert row["answer"] == row["options"][row["answer_index"]], "the exam's answer, not the reply"


def test_blanks_and_line_breaks_of_the_reasoning_stay(hub) -> None:
    thoughts = [row["rationale"] for row in sample()]
    assert any(text.startswith(" ") and text.endswith("\n") for text in thoughts)
    assert any("\n\n" in text for text in thoughts)


def test_keys_of_the_exam_may_be_there(hub, tmp_path: Path) -> None:
    more = {"subject": "doctor", "year": 2020, "period": 1, "q_number": 3, "model": "m"}
    (row,) = from_rows(tmp_path, ROW | more)
    assert row["year"] == 2020
    (raw,) = from_rows(tmp_path, ROW | more, view="raw")
    assert "model" not in raw
    assert raw["q_number"] == 3


@pytest.mark.parametrize("name", ["reasoning", "rationale"])
def test_another_name_of_the_reasoning_fails_loudly(hub, tmp_path: Path, name: str) -> None:
    row = {(name if key == "thinking" else key): value for key, value in ROW.items()}
    with pytest.raises(mk.errors.SchemaMovedError, match="thinking") as error:
        from_rows(tmp_path, row)
    assert name in error.value.found
    assert from_rows(tmp_path, row, columns={"thinking": name})[0]["rationale"] == "음."


def test_answers_count_from_one(hub, tmp_path: Path) -> None:
    assert from_rows(tmp_path, ROW)[0]["answer"] == "b"
    with pytest.raises(mk.errors.AnswerError):
        from_rows(tmp_path, ROW | {"answer": 0})


def test_it_floats_has_one_split_and_a_count_that_is_only_claimed(hub) -> None:
    hub.repo("ChuGyouk/medical-reasoning-train-kormedmcqa").commit("e" * 40, SAMPLES / NAME)
    with pytest.warns(mk.errors.FloatingRevisionWarning, match="e" * 40):
        assert len(mk.load(NAME, split="train")) == 15
    assert mk.source(NAME).splits == ("train",)
    assert "train: 8,751 rows (claimed)" in mk.source(NAME).show()


def test_the_exams_licence_is_inherited_and_so_is_its_paper() -> None:
    source, exam = mk.source(NAME), mk.source("kormedmcqa")
    assert source.terms == mk.catalog.licenses.LICENSES["CC-BY-NC-2.0"]
    assert [c.license for c in source.license if not c.credible] == [None, "CC-BY-NC-4.0"]
    assert source.citation == exam.citation
