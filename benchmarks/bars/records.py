"""Records and JSON Lines against the plain ways to make them; each makes the same rows (checked)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from exam_rows import exam_rows
from measuring import Bar, least, rate, ratio

import medqa_kit as mk
from medqa_kit.core.json_text import json_line
from medqa_kit.prompting.languages import LANGUAGES
from medqa_kit.training.record_files import json_blocks

_LETTERS = "ABCDE"
_FIELDS = ("id", "question", "options", "answer_index", "language")


def bars(rows: int, folder: Path) -> Iterator[Bar]:
    """Compare with Python dicts, orjson and polars."""
    table = exam_rows(rows)
    unruled = mk.record(
        "trl/prompt-completion", reasoning="none", on_bad="keep", identity=False, keep=("id",)
    )
    ruled = mk.record("trl/prompt-completion", reasoning="none", identity=False, keep=("id",))
    (slow, expected), (bare, made), (full, _) = least(
        lambda: _by_dicts(table), lambda: unruled(table), lambda: ruled(table)
    )
    expected = expected.select(made.column_names)
    assert made.combine_chunks().equals(expected.combine_chunks().cast(made.schema))
    yield ratio("records without rules against Python dicts", bare, slow, aim=20, sense="at least")
    yield ratio(
        "records with every rule against Python dicts", full, slow, aim=13, sense="at least"
    )
    yield from _lines(made)


def _lines(records: pa.Table) -> Iterator[Bar]:
    import orjson
    import polars

    def plain() -> list[str]:
        return [json_line(row) for batch in records.to_batches() for row in batch.to_pylist()]

    (ours, lines), (slow, expected), (fast, _), (whole, _) = least(
        lambda: b"".join(json_blocks(records)), lambda: "\n".join(plain()),
        lambda: b"\n".join(map(orjson.dumps, records.to_pylist())),
        lambda: polars.from_arrow(records).write_ndjson(io.BytesIO()),  # type: ignore[union-attr]
    )  # fmt: skip
    assert lines.decode() == expected + "\n"
    yield rate("JSON Lines", records.num_rows, ours, aim=500_000)
    yield ratio("JSON Lines against json.dumps", ours, slow, aim=5, sense="at least")
    yield ratio("JSON Lines against orjson", ours, fast, aim=3, sense="at least")
    yield ratio(
        "JSON Lines against polars, which escapes less", ours, whole, aim=1.5, sense="at most"
    )


def _by_dicts(table: pa.Table) -> pa.Table:
    """Build Python dicts from the columns as people do, and Arrow from the dicts."""
    columns: dict[str, list[Any]] = {name: table[name].to_pylist() for name in _FIELDS}
    prompts, completions = [], []
    for question, options, place, language in zip(
        *(columns[name] for name in _FIELDS[1:]), strict=True
    ):
        shown = "\n".join(
            f"{letter}. {text}" for letter, text in zip(_LETTERS, options, strict=True)
        )
        prompts.append([{"role": "user", "content": f"{question}\n{shown}"}])
        reply = f"{LANGUAGES[language].answer}{_LETTERS[place]}. {options[place]}"
        completions.append([{"role": "assistant", "content": reply}])
    return pa.table({"id": table["id"], "prompt": prompts, "completion": completions})
