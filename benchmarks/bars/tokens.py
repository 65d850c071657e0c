"""Token counts against the fastest loop over the tokenizer."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from exam_rows import exam_rows
from measuring import Bar, least, ratio

import medqa_kit as mk
from medqa_kit.tokens.rank_files import encoding

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
import tiny_vocabulary


def bars(rows: int, folder: Path) -> Iterator[Bar]:
    """Compare with ``encode_ordinary`` in a list comprehension."""
    vocabulary = encoding(tiny_vocabulary.write(folder))
    texts = exam_rows(min(rows, 50_000))["question"]
    records = pa.table({"id": [f"row/{n}" for n in range(len(texts))], "text": texts})
    (ours, counts), (fitted, _), (theirs, expected) = least(
        lambda: mk.count_tokens(texts, counter=vocabulary),
        lambda: mk.fit(records, max_tokens=1_000_000, counter=vocabulary),
        lambda: [len(vocabulary.encode_ordinary(text)) for text in texts.to_pylist()],
        times=5,
    )
    assert counts.to_pylist() == expected
    yield ratio(
        "count_tokens against a loop of encode_ordinary", ours, theirs, aim=1.15, sense="at most"
    )
    yield ratio("fit against a loop of encode_ordinary", fitted, theirs, aim=1.15, sense="at most")
