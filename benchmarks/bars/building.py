"""A whole build against the same pipeline written by hand with ``datasets``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import datasets
import pyarrow.parquet as pq
import regex
from exam_rows import exam_rows, kormedmcqa_file, kormedmcqa_tests
from measuring import Bar, least, rate, ratio

import medqa_kit as mk

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
RECIPE = """
name = "bench"

[[source]]
name = "kormedmcqa"
subset = "doctor"
split = "train"
path = "{path}"

[split]
validation = 0.05
"""


def bars(rows: int, folder: Path) -> Iterator[Bar]:
    """Compare with a hand-written pipeline and with reading and writing the same Parquet."""
    file = kormedmcqa_file(folder / "exam", exam_rows(rows))
    tests = kormedmcqa_tests(folder / "exam")
    held = {gram for text in tests["question"].to_pylist() for gram in word_runs(text)}
    recipe = folder / "recipe.toml"
    recipe.write_text(RECIPE.format(path=folder / "exam"), "utf-8")
    (ours, _), (theirs, _), (bare, _) = least(
        lambda: mk.build(recipe, out=folder / "ours", cache_dir=folder / "cache"),  # a cold one
        lambda: by_hand(file, held, folder / "theirs"),
        lambda: pq.write_table(pq.read_table(file), folder / "bare.parquet"), times=1,
    )  # fmt: skip
    yield rate("build", rows, ours, aim=38_000, clock="wall")
    yield ratio(
        "build against a hand-written pipeline", ours, theirs, aim=5, sense="at least", clock="wall"
    )
    yield ratio(
        "build against reading and writing the Parquet",
        ours,
        bare,
        aim=8,
        sense="at most",
        clock="wall",
    )


def by_hand(file: Path, held: set[tuple[str, ...]], out: Path) -> None:
    data = datasets.load_dataset(
        "parquet", data_files=str(file), split="train", cache_dir=str(out / "cache")
    )
    data = data.filter(lambda row: not any(gram in held for gram in word_runs(row["question"])))
    data = data.map(_record, remove_columns=data.column_names)
    parts = data.train_test_split(test_size=0.05, seed=0)
    for name, part in parts.items():
        part.to_parquet(out / f"{name}.parquet")
        part.to_json(out / f"{name}.jsonl", force_ascii=False)


def _record(row: dict[str, Any]) -> dict[str, Any]:
    shown = "\n".join(f"{letter}. {row[letter]}" for letter in "ABCDE")
    letter = "ABCDE"[row["answer"] - 1]
    return {
        "prompt": [{"role": "user", "content": f"{row['question']}\n{shown}"}],
        "completion": [{"role": "assistant", "content": f"정답: {letter}. {row[letter]}"}],
    }


def word_runs(text: str) -> Iterator[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return zip(*(words[start:] for start in range(13)), strict=False)
