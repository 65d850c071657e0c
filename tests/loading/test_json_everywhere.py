"""Records that are no good JSON meet one rule wherever JSON is read: aside with a reason, or an error."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.errors import DroppedRowsWarning, EncodingError, FormatError, MedQAError

DEEP = "[" * 100_000 + "]" * 100_000
REFUSED: dict[str, bytes] = {
    "null": b"null",
    "a number": b"12",
    "a text": b'"x"',
    "nothing": b"{}",
    "cut": b'{"text": "x", "n": 1',
    "half a surrogate pair": b'{"text": "\\ud800", "n": 1}',
    "half a surrogate pair in a key": b'{"\\ud800": 1}',
    "not utf-8": b'{"text": "\xff", "n": 1}',
    "a key twice": b'{"text": "x", "n": 1, "n": 2}',
    "deep": b'{"text": "x", "n": ' + DEEP.encode() + b"}",
    "NaN": b'{"text": "x", "n": NaN}',
    "infinity": b'{"text": "x", "n": -Infinity}',
    "beyond a double": b'{"text": "x", "n": 1e400}',
    "endless digits": b'{"text": "x", "n": ' + b"7" * 100_000 + b"}",
}
GOOD = [json.dumps({"text": f"본문 {n}", "n": n}, ensure_ascii=False).encode() for n in range(3)]


def written(folder: Path, bad: bytes, *, first: bool, listed: bool) -> Path:
    records = [bad, *GOOD] if first else [*GOOD, bad]
    path = folder / ("rows.json" if listed else "rows.jsonl")
    path.write_bytes(b"[" + b",\n".join(records) + b"]" if listed else b"\n".join(records))
    return path


def cases() -> list[Any]:
    return [
        pytest.param(bad, first, listed, id=f"{name}-{'first' if first else 'last'}{'-list' * listed}")
        for name, bad in REFUSED.items()
        for first, listed in ((True, False), (False, False), (True, True))
        if not (listed and name == "cut")
    ]  # fmt: skip


@pytest.mark.parametrize(("bad", "first", "listed"), cases())
def test_rows_of_ones_own(tmp_path: Path, bad: bytes, first: bool, listed: bool) -> None:
    path = written(tmp_path, bad, first=first, listed=listed)
    with pytest.warns(DroppedRowsWarning, match="1 of 4 rows are set aside"):
        rows = mk.read(path, schema="text", keep=["n"], on_bad="drop", cache_dir=tmp_path / "cache")
    assert rows["n"][:] == [0, 1, 2]
    with pytest.raises(MedQAError, match="Hint: "):
        mk.read(path, schema="text", keep=["n"], cache_dir=tmp_path / "cache")


def test_a_folder_is_no_training_file(tmp_path: Path) -> None:
    with pytest.raises(MedQAError, match="this is a folder"):
        mk.training_rows(tmp_path)


@pytest.mark.parametrize(("bad", "first", "listed"), cases())
def test_training_files(tmp_path: Path, bad: bytes, first: bool, listed: bool) -> None:
    path = written(tmp_path, bad, first=first, listed=listed)
    with pytest.raises((FormatError, EncodingError)) as caught:
        mk.training_rows(path)
    spot = f"{'row' if listed else 'line'} {1 if first else 4}"
    assert str(caught.value).startswith(f"file {str(path)!r}, {spot}: ")
    assert "Hint: " in str(caught.value)


@pytest.mark.parametrize("name", REFUSED)
def test_results_of_a_batch(name: str) -> None:
    body = {"choices": [{"finish_reason": "stop", "message": {"content": "B"}}]}
    good = {"custom_id": "a", "error": None, "response": {"status_code": 200, "body": body}}
    replies, report = mk.parse_batch([REFUSED[name], json.dumps(good)], ids=["a"])
    assert replies["id"].to_pylist() == ["a"]
    assert report.rows == 2
    assert sum(report.by("code").values()) == 1


def test_what_nobody_asks_for_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rest = ['"z": NaN', '"z": 1e400', '"z": 1, "z": 2', f'"z": {"7" * 5000}', '"z": {"a": [null]}']
    path.write_text("\n".join(f'{{"text": "본문 {n}", {more}}}' for n, more in enumerate(rest)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = mk.read(path, schema="text", cache_dir=tmp_path / "cache")
    assert rows["text"][:] == [f"본문 {n}" for n in range(len(rest))]


@pytest.mark.slow
def test_a_training_file_with_columns_of_several_types_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in (
        {"content": "plain"}, {"content": [{"type": "text", "text": "a part"}]}, {"other": 1},
        {"content": None}, {"content": 2**70},
    )))  # fmt: skip
    rows = mk.training_rows(path)
    assert rows.num_rows == 5
    exam = mk.Holdout.from_rows([{"id": "e/1", "question": "a part"}], reason="a test")
    assert mk.check(rows, exam).rows == 5


def test_a_mark_of_byte_order_is_passed_over_wherever_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\n".join(b"\xef\xbb\xbf" + record for record in GOOD))
    rows = mk.read(path, schema="text", keep=["n"], cache_dir=tmp_path / "cache")
    assert rows["n"][:] == [0, 1, 2]
    assert mk.training_rows(path)["n"].to_pylist() == [0, 1, 2]
