"""KBMC: suffix tags, spans, tokens and tags that differ in number, I without B."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES
from medqa_kit.normalizing.bio import orphans


def sample(**options: Any) -> Any:
    return mk.load("kbmc", split="train", origin="sample", **options)


def from_text(folder: Path, text: str, **options: Any) -> Any:
    file = folder / "KBMC.tsv"
    file.write_text(text, encoding="utf-8")
    return mk.load("kbmc", split="train", path=file, **options)


def test_suffix_tags_become_prefix_tags_and_raw_keeps_them(hub) -> None:
    row = sample()[1]
    assert row["tags"] == ["B-Disease", "I-Disease", "O", "O", "O"]
    raw = sample(view="raw")
    assert raw[1]["Tags"].startswith("Disease-B Disease-I")


def test_spans_count_tokens_and_end_before_their_end(hub) -> None:
    spans = {row["text"]: row["spans"] for row in sample()}
    assert spans["무릎 관절 에 관절염 이 있다"] == [
        {"start": 0, "end": 2, "label": "Body", "text": "무릎 관절"},
        {"start": 3, "end": 4, "label": "Disease", "text": "관절염"},
    ]
    assert [s["end"] for s in spans["폐렴 폐렴 을 구별 한다"]] == [1, 2], (
        "two entities side by side"
    )
    assert spans["오늘 은 병원 이 쉰다"] == []


def test_rows_of_different_lengths_are_errors_never_cut(hub, tmp_path: Path) -> None:
    text = "Sentence\tTags\n위염 이다\tDisease-B\n간 이다\tBody-B O\n"
    with pytest.raises(mk.errors.AlignmentError, match="line 2"):
        from_text(tmp_path, text)
    with pytest.warns(mk.errors.DroppedRowsWarning, match="1 of 2 rows"):
        assert from_text(tmp_path, text, on_bad="drop")["text"][:] == ["간 이다"]


def test_blanks_at_the_ends_make_no_tokens(hub) -> None:
    row = next(row for row in sample() if "손목" in row["text"])
    assert row["tokens"] == ["손목", "이", "붓고", "아프다"]
    assert row["text"] == "  손목 이  붓고 아프다 ", "the sentence stays as it is"


def test_an_i_tag_without_its_b_is_flagged_and_kept(hub) -> None:
    data = sample()
    texts = [data[row]["text"] for row in orphans(data.data.column("tags"))]
    assert texts == ["염증 은 가라앉았다", "백내장 수술 후 눈 을 쉰다"]
    assert data[6]["tags"][0] == "I-Disease"
    assert data[6]["spans"] == [{"start": 0, "end": 1, "label": "Disease", "text": "염증"}]


@pytest.mark.parametrize("header", ["sentence\ttags", "SENTENCE\tTAGS", "Sentence\ttags"])
def test_column_names_in_any_case(hub, tmp_path: Path, header: str) -> None:
    assert from_text(tmp_path, f"{header}\n간 이다\tBody-B O\n")["text"][:] == ["간 이다"]


def test_an_unknown_tag_is_refused(hub, tmp_path: Path) -> None:
    with pytest.raises(mk.errors.LabelError, match="Person-B"):
        from_text(tmp_path, "Sentence\tTags\n김 이다\tPerson-B O\n")


@pytest.mark.parametrize("name", ["Disease", "Body", "Treatment"])
def test_there_are_entities_of_three_kinds(hub, tmp_path: Path, name: str) -> None:
    data = from_text(tmp_path, f"Sentence\tTags\n김 이 박\t{name}-B {name}-I O\n")
    assert data[0]["tags"] == [f"B-{name}", f"I-{name}", "O"]
    assert data[0]["spans"] == [{"start": 0, "end": 2, "label": name, "text": "김 이"}]


def test_equal_sentences_are_told_apart(hub, tmp_path: Path) -> None:
    text = "Sentence\tTags\n" + "간 이다\tBody-B O\n" * 2
    first, second = from_text(tmp_path, text)["id"]
    assert second == f"{first}~2"
    text = "Sentence\tTags\n간 이다\tBody-B O\n간 이다\tO O\n"
    assert from_text(tmp_path, text)["id"][:] == [first, second], "tags are no part of the key"


def test_one_file_at_one_commit_with_the_rows_that_were_counted(hub) -> None:
    repo = hub.repo("SungJoo/KBMC")
    repo.commit("9cd99c088d3192577f9355b4832b96c3087996e8", SAMPLES / "kbmc", branch=None)
    repo.commit("f" * 40, {"KBMC.tsv": b"later"})
    with pytest.warns(mk.errors.RowCountWarning, match="14 rows read, 6150 were counted"):
        data = mk.load("kbmc")
    assert {split: rows.num_rows for split, rows in data.items()} == {"train": 14}


def test_the_licence_is_open_and_nobody_is_told_to_de_identify() -> None:
    source = mk.source("kbmc")
    assert [claim.license for claim in source.license if claim.credible] == [
        "Apache-2.0",
        "Apache-2.0",
        "model-output-terms",
    ]
    assert source.terms.commercial == "conditional"
    assert source.terms.redistribute == "conditional"
    assert "of no use for de-identification" in source.show()
    assert "written by a model" in source.about
