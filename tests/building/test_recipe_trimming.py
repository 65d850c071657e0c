"""A budget that shortens rather than leaves out: as ``mk.fit`` does, counted, and the same in every format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tokenizers import Tokenizer

import medqa_kit as mk
from medqa_kit.errors import RecipeError
from medqa_kit.tokens.counts import token_counts
from results import file_bytes, parquet_rows

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")
WORDS = (
    '{"version": "1.0", "pre_tokenizer": {"type": "Whitespace"}, "model": '
    '{"type": "WordLevel", "vocab": {"[U]": 0}, "unk_token": "[U]"}}'
)


def long_rows(folder: Path, fit: str, **more: Any) -> dict[str, Any]:
    """Questions with rationales of 10 to 200 words, and one whose question alone is too long."""
    rows = [
        {"id": f"q{n}", "question": f"Which vitamin prevents scurvy {n}?", "options": ["Vitamin A", "Vitamin C"][:: 1 if n % 2 else -1],
         "answer_index": n % 2, "answer": "Vitamin C", "context": "A sailor. " * (n % 3 * 40),
         "rationale": "It is needed for collagen. " * (2 + 8 * n)}
        for n in range(6)
    ]  # fmt: skip
    rows.append({**rows[0], "id": "q6", "question": "Why? " * 200})
    pq.write_table(pa.Table.from_pylist(rows), folder / "own.parquet")
    (folder / "tokenizer.json").write_text(WORDS, "utf-8")
    source = {
        "as": "own",
        "read": str(folder / "own.parquet"),
        "schema": "qa",
        "license": "CC0-1.0",
    }
    mix = {"tokenizer": str(folder / "tokenizer.json"), "budget": {"max_tokens": 120, "fit": fit}}
    return {"name": "long", "source": [{**source, **more}], "mix": mix, "split": {"validation": 0},
            "format": [{"record": "trl/prompt-completion", "reasoning": "before"}, {"record": "text"}]}  # fmt: skip


def lengths(folder: Path) -> list[int]:
    """The tokens of each record, counted by the tokenizer of the mix."""
    counter = Tokenizer.from_file(str(folder.parent / "tokenizer.json"))
    counted = token_counts(counter=counter)(parquet_rows(folder, "train", "trl_prompt_completion"))
    sides = (counted[f"{side}_tokens"].to_pylist() for side in ("prompt", "completion"))
    return [prompt + completion for prompt, completion in zip(*sides, strict=True)]


@pytest.mark.slow
@pytest.mark.parametrize("asked", [{"view": "instruction"}, {"few_shot": {"k": 1}}])
def test_contexts_of_instructions_are_shortened_with_the_examples_they_show(
    tmp_path: Path, asked: dict[str, Any]
) -> None:
    recipe = long_rows(tmp_path, "trim_context", **asked)
    recipe["mix"]["budget"]["max_tokens"] = 180
    result = mk.build(recipe, out=tmp_path / "made", processes=2)
    (source,) = result.manifest["sources"]
    assert source["trimmed"] > 0
    assert max(lengths(result.path)) <= 180
    assert max(lengths(result.path)) > 150, "no more is cut than needed"
    written = parquet_rows(result.path, "train", "trl_prompt_completion").to_pylist()
    assert len(written) == 7 - sum(source["dropped"].values())


@pytest.mark.slow
def test_rationales_are_shortened_and_counted(tmp_path: Path) -> None:
    left = mk.build(long_rows(tmp_path, "drop"), out=tmp_path / "left")
    result = mk.build(long_rows(tmp_path, "trim_reasoning"), out=tmp_path / "made")
    (source,) = result.manifest["sources"]
    gone = source["dropped"]["over_length"]
    assert source["trimmed"] > 0
    assert gone + source["trimmed"] == left.manifest["sources"][0]["dropped"]["over_length"]
    assert result.manifest["totals"]["train"] == 7 - gone
    assert max(lengths(result.path)) <= 120
    first = {
        row["id"]: row
        for row in parquet_rows(left.path, "train", "trl_prompt_completion").to_pylist()
    }
    both = {
        row["id"]: row
        for row in parquet_rows(result.path, "train", "trl_prompt_completion").to_pylist()
    }
    assert all(both[name] == row for name, row in first.items()), "what fits stays as it is"
    texts = dict(zip(*(parquet_rows(result.path, "train", "text")[name].to_pylist() for name in ("id", "text")), strict=True))  # fmt: skip
    for name in both.keys() - first.keys():
        assert texts[name].count("collagen") == both[name]["completion"][0]["content"].count(
            "collagen"
        )
    assert not len(mk.verify(result.path).findings)


@pytest.mark.parametrize("weight", [{}, {"max_share": 0.5}], ids=["drawn", "no mix"])
@pytest.mark.parametrize("fit", ["drop", "trim_reasoning"])
def test_a_plan_measures_each_row_once_and_what_it_shortens_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fit: str, weight: dict[str, Any]
) -> None:
    measured: list[str] = []

    def counts(*, counter: Any) -> Any:
        count = token_counts(counter=counter)

        def counted(records: pa.Table) -> pa.Table:
            measured.extend(["chars" if counter is len else "tokens"] * records.num_rows)
            return count(records)

        return counted

    recipe = long_rows(tmp_path, fit, **weight)
    recipe["mix"]["by"] = "tokens"
    monkeypatch.setattr("medqa_kit.building.stages.lengths.token_counts", counts)
    outlook = mk.plan(recipe)
    assert "tokens" in str(outlook)
    again = 0
    if fit != "drop":
        again = mk.build({**recipe, "source": [{k: v for k, v in recipe["source"][0].items() if k != "max_share"}]},
                         out=tmp_path / "made").manifest["sources"][0]["trimmed"]  # fmt: skip
        assert again
        del measured[:]
        mk.plan(recipe)
    assert measured.count("tokens") == 7 + again


@pytest.mark.slow
def test_the_same_bytes_with_two_processes(tmp_path: Path) -> None:
    recipe = long_rows(tmp_path, "trim_reasoning")
    results = [mk.build(recipe, out=tmp_path / f"{n}", processes=n) for n in (1, 2)]
    assert file_bytes(results[0].path) == file_bytes(results[1].path)


@pytest.mark.slow
def test_further_copies_are_shortened_like_the_first(tmp_path: Path) -> None:
    recipe = long_rows(tmp_path, "trim_reasoning", repeat=2.0)
    result = mk.build(recipe, out=tmp_path / "one")
    rows = parquet_rows(result.path, "train", "trl_prompt_completion").to_pylist()
    said = {row["id"]: row["completion"] for row in rows}
    assert any("#2" in name for name in said)
    assert all(said[name] == said[name.partition("#")[0]] for name in said)
    assert max(lengths(result.path)) <= 120


@pytest.mark.slow
def test_contexts_are_shortened(tmp_path: Path) -> None:
    result = mk.build(long_rows(tmp_path, "trim_context"), out=tmp_path / "made")
    rows = parquet_rows(result.path, "train", "trl_prompt_completion").to_pylist()
    assert result.manifest["sources"][0].get("trimmed", 0) + len(rows) > 0
    assert max(lengths(result.path)) <= 120


def of_two_schemas(folder: Path, fit: str) -> dict[str, Any]:
    """Dialogues of five exchanges, and texts with classes, all of them too long."""
    said = [{"role": role, "content": "words of it " * 8} for _ in range(5) for role in ("user", "assistant")]  # fmt: skip
    pq.write_table(pa.Table.from_pylist([{"id": f"d{n}", "messages": said} for n in range(3)]), folder / "said.parquet")  # fmt: skip
    classes = [{"id": f"c{n}", "text": "words of it " * 80, "label": "a"} for n in range(2)]
    pq.write_table(pa.Table.from_pylist(classes), folder / "classes.parquet")
    (folder / "tokenizer.json").write_text(WORDS, "utf-8")
    sources = [{"as": name, "read": str(folder / f"{name}.parquet"), "schema": schema, "license": "CC0-1.0"}
               for name, schema in (("said", "dialogue"), ("classes", "labeled"))]  # fmt: skip
    mix = {"tokenizer": str(folder / "tokenizer.json"), "budget": {"max_tokens": 120, "fit": fit}}
    return {"name": "two", "source": sources, "mix": mix, "split": {"validation": 0},
            "format": {"record": "trl/messages"}}  # fmt: skip


@pytest.mark.slow
def test_dialogues_lose_exchanges_and_what_cannot_be_shortened_is_left_out(tmp_path: Path) -> None:
    recipe = of_two_schemas(tmp_path, "trim_context")
    outlook = mk.plan(recipe)
    assert not outlook.problems.num_rows
    assert "rows over the budget that it cannot shorten are left out: classes" in outlook.notes
    result = mk.build(recipe, out=tmp_path / "made")
    said, classes = result.manifest["sources"]
    assert (said["trimmed"], classes["dropped"]) == (3, {"over_length": 2})
    rows = parquet_rows(result.path, "train", "trl_messages").to_pylist()
    assert [len(row["messages"]) for row in rows] == [4, 4, 4]
    assert not len(mk.verify(result.path).findings)


def test_a_budget_that_can_shorten_nothing_is_refused_by_plan_and_build(tmp_path: Path) -> None:
    recipe = of_two_schemas(tmp_path, "trim_reasoning")
    problem = mk.plan(recipe).problems.to_pylist()[0]
    assert problem["kind"] == "mix"
    assert "said: dialogue, classes: labeled" in problem["problem"]
    with pytest.raises(RecipeError, match="can shorten no row: fit = 'trim_reasoning'"):
        mk.build(recipe, out=tmp_path / "made")
