"""Wikipedia medical terms: whole articles, titles as keys, the family quoted elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")
SAMPLE = next((SAMPLES / "wiki_medical_terms").rglob("*.parquet"))


def sample(**options: Any) -> Any:
    return mk.load("wiki_medical_terms", split="train", origin="sample", **options)


def test_articles_are_whole_line_breaks_included(hub) -> None:
    theirs = pq.read_table(SAMPLE)["page_text"].to_pylist()
    assert sample()["text"][:] == theirs
    assert theirs[2].count("\n") == 4


def test_titles_are_keys_and_repeats_are_told_apart(hub) -> None:
    ids = sample()["id"][:]
    assert ids[0] == "sample:wiki_medical_terms/Scraped knee"
    assert ids[7] == f"{ids[6]}~2"
    assert sample()[11]["title"] is None


def test_an_index_column_is_left_out(hub) -> None:
    assert "__index_level_0__" in pq.read_schema(SAMPLE).names
    assert sample(view="raw").column_names == ["id", "page_title", "page_text"]


def test_a_page_quoted_in_the_compilation_is_of_the_same_family(hub) -> None:
    compiled = mk.load("medical_training_dataset", split="train", origin="sample")
    quoting = [row for row in compiled if row["tags"] == ["source:wiki_medical_terms"]]
    assert len(quoting) == 2
    assert {row["family"] for row in quoting} == {sample()[0]["family"]}
    assert quoting[0]["context"] == sample()[0]["text"].strip()


def test_renamed_copies_can_be_read(hub, tmp_path: Path) -> None:
    table = pa.table({"medical_term": ["Yawn"], "wiki_description": ["A deep breath."]})
    pq.write_table(table, tmp_path / "copy.parquet")
    with pytest.raises(mk.errors.SchemaMovedError, match="page_title"):
        mk.load("wiki_medical_terms", split="train", path=tmp_path)
    names = {"page_title": "medical_term", "page_text": "wiki_description"}
    data = mk.load("wiki_medical_terms", split="train", path=tmp_path, columns=names)
    assert (data[0]["title"], data[0]["text"]) == ("Yawn", "A deep breath.")


def test_the_tag_over_wikipedia_text_does_not_rule() -> None:
    source = mk.source("wiki_medical_terms")
    assert [claim.license for claim in source.license if claim.credible] == ["CC-BY-SA-3.0"]
    assert source.terms.share_alike
    assert source.terms.attribution


def test_it_is_read_at_the_pinned_revision(hub) -> None:
    repo = hub.repo("gamino/wiki_medical_terms")
    repo.commit("7eb458284a4cf38dd8baf9f2697b46682b9e168b", SAMPLES / "wiki_medical_terms")
    repo.commit("d" * 40, {"README.md": b"moved"})  # what main holds now
    with pytest.warns(mk.errors.RowCountWarning, match="12 rows read, 6861 were counted"):
        assert mk.load("wiki_medical_terms", split="train").num_rows == 12
