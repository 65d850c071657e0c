"""ClinicalQA: options as an object, findings beside the question, a train split that is scored."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.LicenseWarning")
REVISION = "29bdc9043f3e693b7671f868e2038ec7ac288acd"
OPTIONS = dict(zip([f"option_{letter}" for letter in "ABCDE"], "vwxyz", strict=True))
ROW = {"question_id": 3, "chief_complaint": "기침", "purpose": "안다.", "question": "어느 것?", "exam": None,
       "options": OPTIONS, "answer": "B", "explanation": "까닭", "source": "책", "category": "X"}  # fmt: skip


def sample(**options: Any) -> list[dict[str, Any]]:
    return list(mk.load("clinicalqa", split="train", origin="sample", **options))


def from_rows(folder: Path, *changes: dict[str, Any]) -> list[dict[str, Any]]:
    schema = mk.source("clinicalqa").layout_of(mk.source("clinicalqa").parts[0]).raw
    file = folder / "train-00000-of-00001.parquet"
    pq.write_table(pa.Table.from_pylist([ROW | change for change in changes], schema=schema), file)
    return list(mk.load("clinicalqa", split="train", path=file))


def test_options_stand_in_the_order_of_their_letters_and_the_last_may_be_missing(
    tmp_path: Path,
) -> None:
    five, four = from_rows(
        tmp_path, {}, {"question_id": 4, "options": OPTIONS | {"option_E": None}}
    )
    assert five["options"] == ["v", "w", "x", "y", "z"]
    assert four["options"] == ["v", "w", "x", "y"]
    assert {row["answer"] for row in (five, four)} == {"w"}
    with pytest.raises(mk.errors.AnswerError, match="option is missing"):
        from_rows(tmp_path, {"options": OPTIONS | {"option_B": None}})
    with pytest.raises(mk.errors.AnswerError, match="not one of the options"):
        from_rows(tmp_path, {"options": OPTIONS | {"option_E": None}, "answer": "E"})


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("written", [str, json.dumps])
def test_copies_with_the_options_written_as_text_give_the_same_rows(
    tmp_path: Path, ending: str, written: Callable[[Any], str]
) -> None:
    rows = from_rows(tmp_path, {}, {"question_id": 4, "options": OPTIONS | {"option_E": None}})
    raw = pq.read_table(tmp_path / "train-00000-of-00001.parquet").to_pandas()
    raw["options"] = raw["options"].map(written)
    file = tmp_path / f"train.{ending}"
    match ending:
        case "csv":
            raw.to_csv(file, index=False)
        case "jsonl":
            raw.to_json(file, orient="records", lines=True)
        case _:
            raw.to_parquet(file)
    assert list(mk.load("clinicalqa", split="train", path=file)) == rows


def test_findings_are_the_context_and_a_blank_is_none() -> None:
    rows = sample()
    assert rows[0]["context"] == "비타민 C: 낮음"
    assert rows[1]["context"] == "혈압 130/80 mmHg\n맥박 90회/분"
    assert [row["context"] for row in rows].count(None) == 4, "null and blank"
    assert all(row["rationale"] for row in rows)


def test_specialty_and_complaint_are_tags_and_the_rest_can_be_kept() -> None:
    row = sample(keep=["purpose"])[0]
    assert row["tags"] == ["Internal Medicine", "잇몸 출혈"]
    assert row["purpose"] == "비타민 결핍을 감별한다."
    assert sample(view="raw")[0]["source"] == "지어낸 교과서 1장"


def test_ids_are_upstreams_numbers_and_a_repeat_is_an_error(tmp_path: Path) -> None:
    assert sample()[6]["id"] == "sample:clinicalqa/7"
    with pytest.raises(mk.errors.MedQAError, match="id"):
        from_rows(tmp_path, {}, {"question": "또?"})


def test_the_train_split_can_be_held_out_by_name_and_is_not_by_default() -> None:
    source = mk.source("clinicalqa")
    (holdout,) = source.holdouts
    assert (holdout.name, holdout.split, holdout.default) == ("clinicalqa-all", "train", False)
    assert source.protected_by == ()
    assert source.splits == ("train",)


def test_a_model_wrote_the_draft_so_its_makers_terms_count() -> None:
    terms = mk.source("clinicalqa").terms
    assert (terms.commercial, terms.redistribute) == ("conditional", "conditional")


def test_one_state_of_the_set_is_read(hub: Any) -> None:
    assert mk.source("clinicalqa").at.revision == REVISION
    repo = hub.repo("snuh/ClinicalQA").commit(REVISION, SAMPLES / "clinicalqa", branch=None)
    repo.commit("f" * 40, {"data/train-00000-of-00001.parquet": b"later"})
    assert mk.load("clinicalqa", split="train").num_rows == 13
