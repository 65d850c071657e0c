"""A file whose answers count from elsewhere is refused whole; an end that never occurs is spoken of."""

from __future__ import annotations

import random
import warnings
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from demo import Read, both_ways, demo, folder, jsonl, records
from medqa_kit.errors import AnswerWarning, SchemaMovedError
from medqa_kit.loading.planner import SAMPLES

MEDMCQA = next((SAMPLES / "medmcqa/data").glob("train-*"))


def shifted(file: Path, to: Path, column: str, by: int, left_out: int | None = None) -> Path:
    """A copy in which the answers count from elsewhere."""
    table = pq.read_table(file)
    numbers = [number + by for number in table[column].to_pylist()]
    table = table.set_column(
        table.column_names.index(column), column, pa.array(numbers, pa.int64())
    )
    pq.write_table(table.filter(pa.array([n != left_out for n in numbers])), to / file.name)
    return to / file.name


def medmcqa(to: Path, numbers: list[int], name: str = "train-00000-of-00001.parquet") -> Path:
    table = pq.read_table(MEDMCQA)
    row = table.slice(0, 1).to_pylist()[0] | {"exp": None}
    rows = [
        row | {"id": f"{name}-{i}", "question": f"{i}?", "cop": n} for i, n in enumerate(numbers)
    ]
    pq.write_table(pa.Table.from_pylist(rows, table.schema), to / name)
    return to / name


def drawn(choices: list[int], count: int = 300) -> list[int]:
    return random.Random(0).choices(choices, k=count)


@pytest.mark.parametrize("on_bad", ["raise", "drop"])
@pytest.mark.parametrize("left_out", [None, 4], ids=["with a 4", "without"])
def test_medmcqa_that_counts_from_one(tmp_path: Path, on_bad: str, left_out: int | None) -> None:
    where = shifted(MEDMCQA, tmp_path, "cop", 1, left_out)
    with pytest.raises(SchemaMovedError, match="this file counts from 1") as caught:
        mk.load("medmcqa", split="train", path=where, on_bad=on_bad)
    assert (caught.value.column, caught.value.file) == ("cop", where.name)
    assert "counted from 0" in str(caught.value)


@pytest.mark.parametrize("on_bad", ["raise", "drop"])
def test_kormedmcqa_that_counts_from_zero(tmp_path: Path, on_bad: str) -> None:
    file = next((SAMPLES / "kormedmcqa/doctor").glob("train-*"))
    where = shifted(file, tmp_path, "answer", -1)
    with pytest.raises(SchemaMovedError, match="this file counts from 0"):
        mk.load("kormedmcqa", subset="doctor", split="train", path=where, on_bad=on_bad)


@both_ways
def test_three_hundred_answers_none_of_them_the_first(tmp_path: Path, read: Read) -> None:
    with pytest.raises(SchemaMovedError, match="of 300 answers none is the first option"):
        read("medmcqa", path=medmcqa(tmp_path, drawn([1, 2, 3])))


def test_one_wrong_file_does_not_hide_among_right_ones(tmp_path: Path) -> None:
    for number, choices in enumerate(([0, 1, 2, 3], [1, 2, 3, 4])):
        medmcqa(tmp_path, drawn(choices, 100), f"train-0000{number}-of-00002.parquet")
    with pytest.raises(SchemaMovedError, match="counts from 1") as caught:
        mk.load("medmcqa", split="train", path=tmp_path, on_bad="drop")
    assert caught.value.file == "train-00001-of-00002.parquet"


@both_ways
@pytest.mark.parametrize("choices", [[0, 1, 2], [0], [1, 2]])
def test_an_end_that_never_occurs_is_spoken_of(
    tmp_path: Path, read: Read, choices: list[int]
) -> None:
    where = medmcqa(tmp_path, drawn(choices))
    with pytest.warns(AnswerWarning, match="of 300 answers none is the"):
        assert len(read("medmcqa", path=where)) == 300
    with pytest.warns(AnswerWarning, match="of 300 answers none is the"):  # from the cache, too
        read("medmcqa", path=where)


def test_answers_at_both_ends_are_not_spoken_of(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", AnswerWarning)
        assert (
            len(mk.load("medmcqa", split="train", path=medmcqa(tmp_path, drawn([0, 1, 2, 3]))))
            == 300
        )


def test_one_bad_answer_is_set_aside_as_ever(tmp_path: Path) -> None:
    rows = records(6)
    rows[3]["key"] = 3
    with pytest.warns(mk.errors.DroppedRowsWarning, match="1 of 6 rows"):
        data = mk.load(
            demo(),
            split="train",
            path=folder(tmp_path, {"train.jsonl": jsonl(rows)}),
            on_bad="drop",
        )
    assert len(data) == 5


def test_the_raw_view_shows_what_is_there(tmp_path: Path) -> None:
    raw = mk.load("medmcqa", split="train", path=medmcqa(tmp_path, drawn([1, 2, 3])), view="raw")
    assert set(raw["cop"]) == {1, 2, 3}


def test_rows_of_ones_own_with_a_wrong_base() -> None:
    mine = [{"q": f"{n}?", "a": "x", "b": "y", "key": 1 + n % 2} for n in range(10)]
    with pytest.raises(SchemaMovedError, match="counts from 1"):
        mk.read(mine, question="q", options=["a", "b"], answer="key", base=0, on_bad="drop")
