"""Korean textbooks: configurations, the risky ones by name only, another column name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.entries.korean_textbooks import MMLU, ROWS


def test_subsets_written_from_mmlu_are_by_name_only_and_say_why(hub) -> None:
    rows = mk.load("korean_textbooks", split="train", origin="sample")
    assert set(rows["subset"]) == set(ROWS)
    risky = [p for p in mk.source("korean_textbooks").parts if p.subset in MMLU]
    assert len(risky) == len(MMLU)
    assert all("contamination risk" in part.by_name_only for part in risky)
    named = mk.load("korean_textbooks", subset="mmlu_anatomy", split="train", origin="sample")
    assert set(named["subset"]) == {"mmlu_anatomy"}


def test_no_configuration_means_all_without_risk_in_one_table(hub) -> None:
    splits = mk.load("korean_textbooks", origin="sample")
    assert list(splits) == ["train"]
    assert list(dict.fromkeys(splits["train"]["subset"])) == list(ROWS)


@pytest.mark.parametrize("subset", ["default", "train", "mmlu_virology"])
def test_an_unknown_configuration_is_answered_with_the_list(hub, subset: str) -> None:
    with pytest.raises(mk.errors.UnknownPartError) as caught:
        mk.load("korean_textbooks", subset=subset, origin="sample")
    assert caught.value.expected == ", ".join([*ROWS, *MMLU])


def helpsteer(folder: Path, table: pa.Table) -> dict[str, Any]:
    (folder / "helpsteer").mkdir(exist_ok=True)
    pq.write_table(table, folder / "helpsteer" / "train-0.parquet")
    return {"subset": "helpsteer", "split": "train", "path": folder}


def test_the_only_column_is_read_whatever_its_name(hub, tmp_path: Path) -> None:
    where = helpsteer(tmp_path, pa.table({"passage": ["글"]}))
    assert mk.load("korean_textbooks", **where)["text"][:] == ["글"]
    assert mk.load("korean_textbooks", **where, view="raw").column_names == ["id", "text"]
    assert mk.load("korean_textbooks", **where, columns={"text": "passage"})[0]["text"] == "글"


@pytest.mark.parametrize(("table", "message"), [
    ({"passage": ["글"], "title": ["제목"]}, "columns are missing: 'text'"),
    ({"passage": [1]}, "column 'passage'.*the type is another"),
    ({"passage": [["글"]]}, "column 'passage'.*the type is another"),
])  # fmt: skip
def test_one_of_several_columns_or_one_without_text_is_not_guessed_at(
    hub, tmp_path: Path, table: dict[str, list[Any]], message: str
) -> None:
    with pytest.raises(mk.errors.SchemaMovedError, match=message):
        mk.load("korean_textbooks", **helpsteer(tmp_path, pa.table(table)))


def test_exact_copies_stay(hub) -> None:
    ids = mk.load("korean_textbooks", subset="tiny-textbooks", split="train", origin="sample")["id"]
    assert [i.endswith("~2") for i in ids] == [False, False, True]


def test_counted_rows() -> None:
    source = mk.source("korean_textbooks")
    counts = {part.subset: part.rows for part in source.parts}
    assert (counts["tiny-textbooks"], counts["helpsteer"]) == (395_985, 25_253)
    assert counts["mmlu_anatomy"] is None
    assert source.rows == 1_181_437 - 88_848, "without what is by name only"
    assert sum(ROWS.values()) + (MMLU["mmlu_abstract_algebra"] or 0) == 1_181_437


def test_the_words_of_a_model_have_its_terms_whatever_the_tag_says() -> None:
    source = mk.source("korean_textbooks")
    assert source.terms.commercial == "conditional"
    assert source.floating, "of the head nobody knows the full hash"
