"""What rules of shared words find beside the holdouts of a build, on the same rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import medqa_kit as mk
from medqa_kit.matching.word_grams import item_grams, sharing_grams, without_grams

WORDS = st.lists(st.sampled_from(["fever", "cough", "열", "기침", "គ្រុន", "and"]), max_size=9)


def plain_grams(words: list[str], n: int) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + n]) for at in range(len(words) - n + 1)}


@given(
    st.lists(WORDS, min_size=1, max_size=6),
    st.lists(WORDS, min_size=1, max_size=4),
    st.integers(1, 5),
)
def test_a_row_is_found_where_it_shares_a_run_of_words(rows, items, n: int) -> None:
    def table(texts: list[list[str]], between: str) -> pa.Table:
        return pa.table({"id": [str(at) for at in range(len(texts))],
                         "text": [between.join(words) for words in texts]})  # fmt: skip

    items_table = table(items, ", ")
    marks = sharing_grams(table(rows, " "), item_grams([items_table], n), n)
    known = set().union(*(plain_grams(words, n) for words in items))
    assert marks.tolist() == [bool(plain_grams(words, n) & known) for words in rows]
    assert without_grams(items_table, n) == sum(len(words) < n for words in items)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")
def test_the_manifest_and_the_report_compare_rules(tmp_path: Path) -> None:
    data: dict[str, Any] = {
        "name": "demo", "source": [{"name": "kormedmcqa", "subset": "dentist"}], "holdout": {"rules": [2, 13]},
    }  # fmt: skip
    result = mk.build(data, out=tmp_path / "out", origin="sample")
    compared = result.manifest["compared"]
    ours = compared["rules"]["medqa_kit"]
    counts = [
        n for why, n in result.manifest["totals"]["dropped"].items() if why.startswith("held_out")
    ]
    assert compared["holdouts"] == ["kormedmcqa-official-test"]
    assert 0 < ours["found"] <= sum(counts)
    assert ours["found"] == ours["with_ours"]
    assert list(compared["rules"]) == ["2 words", "13 words", "medqa_kit"]
    for rule in compared["rules"].values():
        assert rule["found"] == rule["with_ours"] + rule["without_ours"]
        assert ours["found"] == rule["with_ours"] + rule["ours_alone"]
    assert compared["rules"]["13 words"]["short_items"] > 0
    page = (result.path / "report.html").read_text("utf-8")
    assert "What rules find in the same" in page
    assert mk.Recipe.read(result.path / "recipe.toml").rules == (2, 13)
    without = mk.build({**data, "holdout": {}}, out=tmp_path / "without", origin="sample")
    assert "compared" not in without.manifest
