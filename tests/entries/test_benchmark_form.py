"""The common benchmark form as a layout for a source of one's own."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.catalog import Claim, LocalFiles, Part

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.LicenseWarning")


def ward(folder: Path, **options: Any) -> mk.Source:
    return mk.Source(
        name="ward", title="Ward", about="Rows of a ward.", language=("en",), citation="@misc{ward}",
        layout=mk.benchmark_layout(LocalFiles(str(folder)), "{upstream}.jsonl", **options),
        parts=(Part(None, "test", None, evaluation=True),), license=(Claim(None, "a test"),),
    )  # fmt: skip


def row(number: int, options: str, answer: str, **more: Any) -> dict[str, Any]:
    named = {chr(65 + place): f"{text} of {number}" for place, text in enumerate(options)}
    return {"question": f"Which, {number}?", "options": named, "answer_idx": answer,
            "answer": named[answer], "realidx": number, **more}  # fmt: skip


def loaded(folder: Path, *rows: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    (folder / "test.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows), "utf-8")
    return list(mk.load(ward(folder, **options), split="test", cache_dir=folder / "cache"))


def test_two_to_ten_options_in_one_file(tmp_path: Path) -> None:
    rows = loaded(
        tmp_path, row(1, "xy", "B"), row(2, "abcdefghij", "J"), row(3, "xyz", "A", reason="why")
    )
    assert [len(each["options"]) for each in rows] == [2, 10, 3]
    assert [each["answer"] for each in rows] == ["y of 1", "j of 2", "x of 3"]
    assert [each["rationale"] for each in rows] == [None, None, "why"]


def test_the_order_of_the_letters_counts_and_null_ones_are_none(tmp_path: Path) -> None:
    mixed = row(1, "x", "A") | {"options": {"C": None, "B": "y", "A": "x"}, "answer": "x"}
    (only,) = loaded(tmp_path, mixed)
    assert (only["options"], only["answer_index"]) == (["x", "y"], 0)


def test_text_and_letter_must_agree_where_both_are_there(tmp_path: Path) -> None:
    bare = {
        name: value
        for name, value in row(1, "xy", "B").items()
        if name in ("question", "options", "answer_idx")
    }
    assert loaded(tmp_path, bare)[0]["answer"] == "y of 1"
    with pytest.raises(mk.errors.AnswerError, match="not the option it points to"):
        loaded(tmp_path, row(2, "xy", "B") | {"answer": "x of 2"})


def test_ids_are_hashes_or_upstreams_names(tmp_path: Path) -> None:
    first, second = loaded(tmp_path, row(7, "xy", "A"), row(7, "xy", "A"))
    assert second["id"] == f"{first['id']}~2"
    keyed = loaded(tmp_path, row(7, "xy", "A"), row(8, "xy", "A", realidx="Text-8"), keyed=True)
    assert [each["id"] for each in keyed] == ["ward/7", "ward/Text-8"]
    family = loaded(tmp_path, row(7, "xy", "A"), family=("exam", ("question",)))[0]["family"]
    assert family.startswith("exam:")


def test_a_csv_of_these_rows_is_read_with_path(tmp_path: Path) -> None:
    rows = [row(1, "xy", "B"), row(2, "uvw", "C")]
    expected = loaded(tmp_path, *rows)
    file = tmp_path / "test.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    assert (
        list(mk.load(ward(tmp_path), split="test", path=file, cache_dir=tmp_path / "cache"))
        == expected
    )
