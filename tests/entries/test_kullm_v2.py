"""KULLM v2: ids that are no key, the count, the input."""

from __future__ import annotations

import json
from pathlib import Path

import medqa_kit as mk


def test_upstreams_id_is_no_key(hub) -> None:
    raw = mk.load("kullm_v2", split="train", origin="sample", view="raw")
    assert raw["upstream_id"][:].count("alpaca_{idx}") == 2
    assert len(set(raw["id"])) == raw.num_rows
    assert [i.endswith("~2") for i in raw["id"]].count(True) == 1, "the exact copy stays"
    data = mk.load("kullm_v2", split="train", origin="sample")
    assert data["id"][:] == raw["id"][:]


def test_the_key_is_a_hash_of_all_else_that_a_row_says(hub, tmp_path: Path) -> None:
    rows = [("a", "가", "나", "답"), ("a", "다", "나", "답"), ("a", "가", "라", "답"),
            ("a", "가", "나", "다른 답"), ("b", "가", "나", "답")]  # fmt: skip
    names = ("id", "instruction", "input", "output")
    lines = (json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) for row in rows)
    (tmp_path / "kullm-v2.jsonl").write_text("\n".join(lines), encoding="utf-8")
    ids = mk.load("kullm_v2", split="train", path=tmp_path)["id"][:]
    assert len({i.partition("~")[0] for i in ids}) == 4
    assert ids[4] == ids[0] + "~2", "upstream's id does not make it another row"


def test_an_empty_input_or_reply_is_null(hub) -> None:
    rows = list(mk.load("kullm_v2", split="train", origin="sample"))
    assert rows[0]["context"] == "식후"
    assert [row["context"] for row in rows].count(None) == 9
    assert [row["answer"] for row in rows].count(None) == 1


def test_the_count_and_the_pin() -> None:
    source = mk.source("kullm_v2")
    assert source.rows == 152_630
    assert source.at.revision == "3485701c55c30d6e77ab9c167313dd8e364d3fc1"


def test_translated_replies_of_models_have_the_terms_of_these() -> None:
    source = mk.source("kullm_v2")
    assert source.terms.commercial == "conditional"
    assert [claim.license for claim in source.license] == ["Apache-2.0", "model-output-terms"]


def test_it_shares_an_origin_with_open_korean_instructions_that_no_row_proves(hub) -> None:
    here, there = mk.source("kullm_v2"), mk.source("open_korean_instructions")
    shared = {origin.name for origin in here.derived_from} & {
        origin.name for origin in there.derived_from
    }
    assert shared == {"sharegpt"}
    assert not any(origin.key for origin in here.derived_from)
    rows = mk.load("kullm_v2", split="train", origin="sample")
    assert set(rows["family"]) == {None}
