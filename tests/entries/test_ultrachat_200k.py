"""UltraChat 200k: names of splits, what is loaded, prompts shared by splits."""

from __future__ import annotations

from typing import Any

import pytest

import medqa_kit as mk


def sample(**options: Any) -> Any:
    return mk.load("ultrachat_200k", origin="sample", **options)


def test_only_train_is_loaded_unless_named(hub) -> None:
    assert set(sample()) == {"train"}
    assert sample(split="test").num_rows == 2
    with pytest.raises(mk.errors.UnknownPartError, match="'train_sft' is called 'train' here"):
        sample(split="train_sft")


def test_role_comes_before_content_and_turns_stay_in_order(hub) -> None:
    row = sample(split="train")[0]
    assert [list(turn) for turn in row["messages"]] == [["role", "content"]] * 4
    assert [t["role"] for t in row["messages"]] == ["user", "assistant"] * 2
    assert row["messages"][2]["content"] == "How long does it take?"


def test_gen_and_sft_share_prompts_and_families_but_no_ids(hub) -> None:
    sft, gen = sample(split="train"), sample(split="train_gen")
    assert set(gen["family"]) < set(sft["family"])
    assert not set(gen["id"]) & set(sft["id"])


@pytest.mark.parametrize(("name", "upstream"), [("train", "train_sft"), ("test", "test_sft")])
def test_a_split_of_another_name_says_so(hub, name: str, upstream: str) -> None:
    assert f"upstream calls it {upstream!r}" in mk.source("ultrachat_200k").show()
    with pytest.raises(mk.errors.UnknownPartError) as caught:
        sample(split=upstream)
    assert caught.value.hint == f"upstream's {upstream!r} is called {name!r} here"


def test_the_count_and_the_standing_of_each_split() -> None:
    parts = mk.source("ultrachat_200k").parts
    assert {part.split: (part.rows, part.exact, part.evaluation) for part in parts} == {
        "train": (207_865, True, False),
        "test": (23_110, True, True),
        "train_gen": (256_032, False, False),
        "test_gen": (28_304, False, True),
    }
    assert mk.source("ultrachat_200k").rows == 207_865


def test_all_is_train_alone(hub) -> None:
    assert set(sample(split="all")["split"]) == {"train"}


def test_the_prompt_is_the_first_turn(hub) -> None:
    raw, rows = (sample(split="train", view=view) for view in ("raw", "normalized"))
    assert raw["prompt"][:] == [talk[0]["content"] for talk in rows["messages"]]
    assert [i.rpartition("/")[2] for i in rows["id"]] == raw["prompt_id"][:]


def test_it_is_english_and_floats() -> None:
    source = mk.source("ultrachat_200k")
    assert source.language == ("en",)
    assert source.floating
    assert source.terms.commercial == "conditional", "both sides are ChatGPT's"
    assert "ultrachat_200k" not in [source.name for source in mk.sources(language="ko")]
    assert sum(part.rows or 0 for part in source.parts) == 515_311
