"""Lists and objects that are written as text, as files that went through CSV have them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas
import pytest

import medqa_kit as mk
from demo import Read, both_ways
from medqa_kit.normalizing.literals import literal_value

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")

REPORTS: list[dict[str, Any]] = [
    {"disaster_type": "Flood", "severity_level": "High", "responder_notes": f"The bridge {n} isn't safe",
     "resource_needs": [f"pumps {n}", "the doctor's \"kit\"", "boats, small"]} for n in range(4)
]  # fmt: skip
EXAM: list[dict[str, Any]] = [
    {"question": f"Which remedy helps patient {n}?", "options": {c: f"remedy's {n}{c}" for c in "ABCDE"},
     "answer": f"remedy's {n}B", "answer_idx": "B", "meta_info": "step1"} for n in range(4)
]  # fmt: skip
CHATS: list[dict[str, Any]] = [
    {"prompt": f"Hello {n}?", "prompt_id": f"{n:064d}",
     "messages": [{"content": f"Hello {n}?", "role": "user"}, {"content": "It's\nfine.", "role": "assistant"}]}
    for n in range(4)
]  # fmt: skip
SETS = {
    "disaster_reports": (REPORTS, "resource_needs", {}),
    "medqa_usmle": (EXAM, "options", {"subset": "5_options"}),
    "ultrachat_200k": (CHATS, "messages", {}),
}
WRITERS: dict[str, Callable[[Any], str]] = {
    "JSON": lambda value: json.dumps(value),
    "Python": str,
    "JSON, blanks around": lambda value: f" {json.dumps(value)}\n",
}


def lines(file: Path, rows: list[dict[str, Any]]) -> Path:
    file.parent.mkdir(exist_ok=True)
    if file.suffix == ".jsonl":
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    elif file.suffix == ".csv":
        pandas.DataFrame(rows).to_csv(file, index=False)
    else:
        pandas.DataFrame(rows).to_parquet(file, index=False)
    return file


@both_ways
@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("name", SETS)
def test_rows_are_those_of_the_lists(
    tmp_path: Path, name: str, writer: str, ending: str, read: Read
) -> None:
    rows, column, words = SETS[name]
    plain = lines(tmp_path / "plain" / "train.jsonl", rows)
    written = [row | {column: WRITERS[writer](row[column])} for row in rows]
    file = lines(tmp_path / "written" / f"train.{ending}", written)
    assert read(name, path=file, split="train", **words) == read(name, path=plain, split="train", **words)  # fmt: skip


@both_ways
@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_text_that_writes_no_list_is_a_bad_row(tmp_path: Path, ending: str, read: Read) -> None:
    texts = [str(row["resource_needs"]) for row in REPORTS]
    for bad in ("pumps, boats", "['pumps', 'boats'", "{'pumps': 1}", "[['pumps']]", "[open('x')]"):
        written = [row | {"resource_needs": text} for row, text in zip(REPORTS, texts, strict=True)]
        written[2]["resource_needs"] = bad
        file = lines(tmp_path / f"train.{ending}", written)
        with pytest.raises(mk.errors.ValueTypeError) as error:
            read("disaster_reports", path=file, split="train")
        assert error.value.row == 2
        assert error.value.column == "resource_needs"
        kept = read("disaster_reports", path=file, split="train", on_bad="drop")
        assert [row["question"][-18:-11] for row in kept] == ["ridge 0", "ridge 1", "ridge 3"]


def test_a_column_that_writes_no_list_at_all_is_of_another_type(tmp_path: Path) -> None:
    file = lines(tmp_path / "train.csv", [row | {"resource_needs": "pumps, boats"} for row in REPORTS])  # fmt: skip
    with pytest.raises(mk.errors.SchemaMovedError, match="resource_needs"):
        mk.load("disaster_reports", path=file, split="train")


@pytest.mark.parametrize(("text", "value"), [
    ("['a' 'b']", ["a", "b"]), ("['a'\n 'b']", ["a", "b"]), ("('a', 'b')", ["a", "b"]), ("[]", []),
    ("[{'role': 'user', 'content': \"it's\"}]", [{"role": "user", "content": "it's"}]),
    ("['a', 'b' 'c']", "['a', 'b' 'c']"), ("{'a': 'b' 'c'}", "{'a': 'b' 'c'}"),
    ("[__import__('os')]", "[__import__('os')]"), ("[" * 5000, "[" * 5000), ("no list", "no list"), ("3", "3"),
])  # fmt: skip
def test_what_a_text_writes(text: str, value: object) -> None:
    assert literal_value(text) == value
