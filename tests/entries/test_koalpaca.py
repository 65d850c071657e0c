"""KoAlpaca: the input is never dropped, two column sets under one name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")


def sample(subset: str, **options: Any) -> list[dict[str, Any]]:
    return list(mk.load("koalpaca", subset=subset, split="train", origin="sample", **options))


def test_the_input_is_context_and_an_empty_one_is_null(hub) -> None:
    rows = sample("v1.0")
    assert rows[0]["context"] == "높다"
    assert rows[3]["context"] == "12\n30", "line breaks stay"
    assert [row["context"] for row in rows].count(None) == 3


def test_two_column_sets_under_one_name(hub) -> None:
    data = mk.load("koalpaca", split="train", origin="sample")
    assert dict.fromkeys(data["subset"]) == {"v1.0": None, "v1.1a": None}
    assert sample("v1.1a", keep=["url"])[0]["url"] == "https://kin.example/1"
    assert mk.source("koalpaca").rows == 70_775


def test_counts_and_columns_of_the_two_versions(hub) -> None:
    counts = {part.subset: (part.rows, part.exact) for part in mk.source("koalpaca").parts}
    assert counts == {"v1.0": (49_620, True), "v1.1a": (21_155, True)}
    assert mk.source("koalpaca").floating
    assert [row["context"] for row in sample("v1.1a")] == [None] * 5
    with pytest.raises(mk.errors.UnknownPartError, match="url"):
        sample("v1.0", keep=["url"])


def test_a_file_without_inputs_is_not_version_1_0(hub, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    table = pa.table({"instruction": ["묻는다."], "output": ["답한다."]})
    pq.write_table(table, tmp_path / "data" / "train-0.parquet")
    with pytest.raises(mk.errors.SchemaMovedError, match="columns are missing: 'input'"):
        mk.load("koalpaca", subset="v1.0", split="train", path=tmp_path)


def test_the_key_is_a_hash_of_all_that_a_row_says(hub, tmp_path: Path) -> None:
    rows = [("가", "", "답"), ("가", "나", "답"), ("가", "나", "다른 답"), ("가", "나", "답")]
    (tmp_path / "data").mkdir()
    names = ("instruction", "input", "output")
    table = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])
    pq.write_table(table, tmp_path / "data" / "train-0.parquet")
    data = mk.load("koalpaca", subset="v1.0", split="train", path=tmp_path)
    ids = data["id"][:]
    assert len({i.partition("~")[0] for i in ids}) == 3
    assert ids[3] == ids[1] + "~2"
    without, *with_input = data["family"]
    assert len(set(with_input)) == 1
    assert without not in with_input, "another input, another task"


def test_an_input_makes_another_family(hub) -> None:
    rows = sample("v1.0")
    assert rows[4]["family"] == rows[5]["family"]
    assert len({row["family"] for row in rows}) == len(rows) - 1


def test_non_commercial_although_one_part_has_no_tag() -> None:
    source = mk.source("koalpaca")
    assert source.terms.commercial == "no"
    assert source.terms.redistribute == "unknown", "of crawled questions nobody grants it"
    assert [(claim.license, claim.subsets) for claim in source.license] == [
        ("CC-BY-NC-4.0", ("v1.0",)), ("CC-BY-NC-4.0", ()), ("model-output-terms", ()),
        (None, ("v1.1a",)),
    ]  # fmt: skip
    assert "royboy0416/ko-alpaca" in source.show()
