"""medical-o1-reasoning-SFT-Ko: the other spelling, and no family."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES

NAME = "medical_o1_reasoning_ko"


@pytest.mark.parametrize("spelling", ["Complex_Cot", "Complex_CoT", "complex_cot"])
def test_case_of_the_column_is_ignored(hub, tmp_path: Path, spelling: str) -> None:
    file = tmp_path / "train-00000-of-00001.parquet"
    pq.write_table(pa.table({"Question": ["왜?"], spelling: ["음"], "Response": ["그래서."]}), file)
    assert mk.load(NAME, split="train", path=file)["rationale"][:] == ["음"]


def test_the_raw_view_keeps_the_korean_spelling(hub) -> None:
    raw = mk.load(NAME, split="train", origin="sample", view="raw")
    assert raw.column_names == ["id", "Question", "Complex_Cot", "Response"]


def test_no_english_text_so_no_family(hub) -> None:
    data = mk.load(NAME, split="train", origin="sample")
    assert set(data["family"]) == {None}
    assert mk.source(NAME).derived_from[0].key == ""


def test_rows_that_are_not_medical_stay(hub) -> None:
    questions = mk.load(NAME, split="train", origin="sample")["question"][:]
    assert "삼원색을 말하세요." in questions


def test_exact_copies_have_ids_of_their_own(hub) -> None:
    ids = mk.load(NAME, split="train", origin="sample")["id"][:]
    assert len(set(ids)) == len(ids)
    assert ids[-1] == f"{ids[-2]}~2"


def test_a_row_is_question_thoughts_and_answer_in_korean(hub, tmp_path: Path) -> None:
    write(tmp_path, Question=["왜?", "왜?"], Complex_Cot=["음", " "], Response=["그래서.", ""])
    first, other = mk.load(NAME, split="train", path=tmp_path)
    assert (first["question"], first["rationale"], first["answer"]) == ("왜?", "음", "그래서.")
    assert (other["rationale"], other["answer"]) == (None, None), "blank is none"
    assert first["language"] == "ko"
    assert first["id"] != other["id"], "one question, two rows"
    assert not other["id"].endswith("~2")


def test_without_the_column_of_thoughts_it_is_refused(hub, tmp_path: Path) -> None:
    write(tmp_path, Question=["왜?"], thinking=["음"], Response=["그래서."])
    with pytest.raises(mk.errors.SchemaMovedError, match="Complex_Cot") as error:
        mk.load(NAME, split="train", path=tmp_path)
    assert "thinking" in error.value.found
    columns = {"Complex_Cot": "thinking"}
    rows = mk.load(NAME, split="train", path=tmp_path, columns=columns)
    assert rows["rationale"][:] == ["음"]


def write(folder: Path, **columns: list[str]) -> None:
    (folder / "data").mkdir()
    pq.write_table(pa.table(columns), folder / "data/train-00000-of-00001.parquet")


def test_the_count_is_a_claim_that_no_load_is_held_to(hub) -> None:
    source = mk.source(NAME)
    (part,) = source.parts
    assert (part.split, part.rows, part.exact) == ("train", 25_682, False)
    assert source.access == "hub"
    hub.repo(source.at.repo).commit(source.at.revision, SAMPLES / NAME)
    assert mk.load(NAME, split="train").num_rows < part.rows, "and without a warning"


def test_the_tag_is_apache_and_the_text_a_models() -> None:
    source = mk.source(NAME)
    assert [claim.license for claim in source.license] == ["Apache-2.0", "model-output-terms"]
    assert source.terms.commercial == "conditional"
    assert "GPT-4o" in source.license[1].evidence
    assert "not named" in source.license[1].evidence, "the engine of the translation is not known"


def test_the_paper_is_cited() -> None:
    citation = mk.source(NAME).citation
    assert "2412.18925" in citation
    assert "Junying Chen" in citation


def test_it_descends_from_an_earlier_state_of_the_english_set() -> None:
    (parent,) = mk.source(NAME).derived_from
    assert parent.name == "medical_o1_reasoning_sft"
    assert "before April 2025" in parent.how
    assert any("not every row is medical" in quirk for quirk in mk.source(NAME).quirks)
