"""Thousands of rows of one's own, and a recipe that writes them in many small files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def many_rows(file: Path, count: int, *, copies: int = 0) -> Path:
    """Write rows of one's own; the last of them say what the first say."""
    numbers = [*range(count - copies), *range(copies)]
    rows = [
        {"id": f"own/{place}", "question": f"Which of these is number {n}? {_words(n)}",
         "options": ["one", "two", f"three {n}"], "answer_index": n % 3, "language": "en",
         "answer": ["one", "two", f"three {n}"][n % 3]}
        for place, n in enumerate(numbers)
    ]  # fmt: skip
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def _words(number: int) -> str:
    """Write words of which no two rows have many."""
    return " ".join(f"w{(number * 7919 + at * at * 104729) % 9973}" for at in range(number % 25))


def many_rows_recipe(file: Path, **more: Any) -> dict[str, Any]:
    """Return a recipe of such rows and a few of other schemas, in two formats."""
    own = {"as": "own", "read": str(file), "schema": "qa", "license": "CC0-1.0"}
    return {
        "name": "many", "source": [own, {"name": "ultrachat_200k"}],
        "format": [{"as": "chat", "record": "trl/messages", "shard": "60KB",
                    "write": ["parquet", "jsonl", "jsonl.zst"]},
                   {"as": "plain", "record": "text", "shard": "90KB"}],
        **more,
    }  # fmt: skip
