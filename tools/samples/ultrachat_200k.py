"""Invented rows for UltraChat 200k, in upstream's Parquet layout."""

from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.entries.ultrachat_200k import SOURCE

TALKS = [
    (
        "How do bees make honey?",
        "They gather nectar and dry it.",
        "How long does it take?",
        "Weeks.",
    ),
    (
        "Write a haiku about rain.",
        "Soft rain on the roof\nthe garden lifts its green head\ntea cools by itself",
    ),
    ("Name three fruits. ", "Apple, pear and plum."),
    ("What is a verb?", "A word for an action or a state."),
    ("Why is the sky blue?", "Blue light scatters most.", "And at sunset?", "The path is longer."),
]
HELD_OUT = [
    ("What is a noun?", "A name for a thing."),
    ("Plan a picnic.", "Bread, cheese, a blanket, shade."),
]


def write(folder: Path) -> None:
    layout = SOURCE.layout
    rows = {"train_sft": TALKS, "test_sft": HELD_OUT, "train_gen": TALKS[:3], "test_gen": HELD_OUT}
    for split, talks in rows.items():
        raw = [_row(talk, cut=split.endswith("gen")) for talk in talks]
        file = folder / "data" / f"{split}-00000-of-00001-a3ecf92756993583.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(raw, schema=layout.raw), file)


def _row(talk: tuple[str, ...], *, cut: bool) -> dict:
    turns = talk[:2] if cut else talk
    roles = ("user", "assistant") * 2
    return {"prompt": talk[0], "prompt_id": sha256(talk[0].encode()).hexdigest(),
            "messages": [{"content": c, "role": r} for c, r in zip(turns, roles, strict=False)]}  # fmt: skip
