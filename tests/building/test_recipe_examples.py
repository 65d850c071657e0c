"""Examples before the rows of a recipe: of rows that train, never of one's own family, and taken out with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from exam_text import items
from medqa_kit.errors import RecipeError
from results import json_rows, parquet_rows

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")


def shown(folder: Path, k: int = 2, rows: int = 40, **more: Any) -> dict[str, Any]:
    """A recipe of an exam whose rows are shown examples."""
    table = [
        {"id": f"q{n}", "question": item.stem, "options": [*item.options], "answer": item.answer,
         "answer_index": item.options.index(item.answer)}
        for n, item in enumerate(items("en", rows, seed=5))
    ]  # fmt: skip
    file = folder / "exam.parquet"
    pq.write_table(pa.Table.from_pylist(table), file)
    source = {
        "as": "exam",
        "read": str(file),
        "schema": "qa",
        "license": "CC0-1.0",
        "few_shot": {"k": k},
    }
    source["few_shot"] |= more.pop("few_shot", {})
    return {"name": "shown", "source": [source], "format": {"record": "trl/prompt-completion"},
            "split": {"validation": 0.2}, **more}  # fmt: skip


@pytest.mark.parametrize("mode", ["fixed", "per-row"])
def test_examples_are_of_rows_that_train_and_of_others(tmp_path: Path, mode: str) -> None:
    result = mk.build(shown(tmp_path, few_shot={"mode": mode}), out=tmp_path / "out", processes=1)
    train, validation = (parquet_rows(result.path, part) for part in ("train", "validation"))
    trained = set(train["id"].to_pylist())
    assert validation.num_rows
    for row in [*train.to_pylist(), *validation.to_pylist()]:
        assert len(set(row["shots"])) == 2
        assert row["id"] not in row["shots"]
        assert set(row["shots"]) <= trained, "no row of validation is shown"
    first = train.to_pylist()[0]
    asked = first["prompt"] if isinstance(first["prompt"], str) else first["prompt"][-1]["content"]
    assert asked.count("Question") == 3
    assert "shots" not in json_rows(result.path, "train")[0]
    assert not len(mk.verify(result.path).findings)
    assert len({tuple(row) for row in train["shots"].to_pylist()}) > (
        20 if mode == "per-row" else 1
    )


@pytest.mark.slow
def test_a_row_taken_out_takes_those_that_show_it(tmp_path: Path) -> None:
    recipe = shown(tmp_path, few_shot={"mode": "per-row"}, mix={"size": 12, "by": "rows"})
    result = mk.build(recipe, out=tmp_path / "out")
    rows = [
        row
        for part in ("train", "validation")
        for row in parquet_rows(result.path, part).to_pylist()
    ]
    hidden = sorted({shot for row in rows for shot in row["shots"]} - {row["id"] for row in rows})
    assert hidden, "a row that is not in the mix is shown all the same"
    showing = {row["id"] for row in rows if hidden[0] in row["shots"]}
    left, report = mk.retract(result.path, items=[hidden[0]])
    assert set(report.findings["id"].to_pylist()) == showing
    assert report.by("code") == {"retracted_relative": len(showing)}
    for part in ("train", "validation"):
        assert not any(
            hidden[0] in row["shots"] for row in parquet_rows(left.path, part).to_pylist()
        )
    assert not len(mk.verify(left.path).findings)


@pytest.mark.slow
def test_examples_of_another_source_and_lengths_with_them(tmp_path: Path) -> None:
    recipe = shown(tmp_path)
    (exam,) = recipe["source"]
    recipe["source"] = [
        {**exam, "slice": [0.0, 0.3], "as": "pool", "few_shot": {"k": 1}},
        {**exam, "slice": [0.3, 1.0], "few_shot": {"k": 2, "from": "pool", "most": 5}},
    ]
    bare = {**recipe, "source": [{k: v for k, v in source.items() if k != "few_shot"} | {"view": "instruction"}
                                 for source in recipe["source"]]}  # fmt: skip
    words = tmp_path / "tokenizer.json"
    words.write_text('{"version": "1.0", "pre_tokenizer": {"type": "Whitespace"}, "model": '
                     '{"type": "WordLevel", "vocab": {"[U]": 0}, "unk_token": "[U]"}}', "utf-8")  # fmt: skip
    mix = {"tokenizer": str(words), "budget": {"max_tokens": 170}}
    dropped = []
    for number, data in enumerate((bare, recipe)):
        result = mk.build({**data, "mix": mix}, out=tmp_path / f"out{number}")
        dropped.append(result.manifest["totals"]["dropped"].get("over_length", 0))
    assert dropped[0] < dropped[1], "examples count"
    result = mk.build(recipe, out=tmp_path / "all")
    rows = parquet_rows(result.path, "train").to_pylist()
    shots = {shot for row in rows if row["source"] == "exam" for shot in row["shots"]}
    assert len(shots) <= 5
    assert {name.partition("/")[0] for name in shots} == {"pool"}


@pytest.mark.parametrize(("change", "message"), [
    ({"few_shot": {"k": 2, "from": "exma"}}, "few_shot.from: from= takes one value; expected exam, found 'exma'; did you mean 'exam'"),
    ({"few_shot": {"k": 0}}, "few_shot.k: takes a whole number, at least 1"),
    ({"few_shot": {"k": 2}, "view": "preference"}, "examples stand before instructions alone"),
    ({"few_shot": {"k": 30}}, "too few rows to show as examples"),
])  # fmt: skip
def test_examples_that_cannot_be_shown_are_refused(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    recipe = shown(tmp_path, rows=20)
    recipe["source"][0] |= change
    with pytest.raises(RecipeError, match=message):
        mk.build(recipe, out=tmp_path / "out")
