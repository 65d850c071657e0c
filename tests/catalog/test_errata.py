"""Items known to be bad: one reviewed list, and what loading and recipes do with them."""

from __future__ import annotations

import json
import tomllib
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.catalog import errata
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import QA

ITEMS = [
    {"n": n, "q": f"Which is number {n}?", "a": "one", "b": "two", "right": "B"} for n in range(4)
]
KNOWN = (
    mk.catalog.Erratum(id="ward/1", kind="wrong key", evidence="our review"),
    mk.catalog.Erratum(id="ward/3", kind="missing picture", evidence="our review"),
)


@pytest.fixture
def ward(tmp_path: Path) -> mk.Source:
    """A source of one's own that brings errata."""
    file = tmp_path / "ward/rows.jsonl"
    file.parent.mkdir()
    file.write_text("".join(json.dumps(item) + "\n" for item in ITEMS))
    names = ("q", "a", "b", "right")
    kernel = Columns(take={"question": "q"}, options=("a", "b"), letter="right", key=("n",))
    return mk.Source(
        name="ward", title="Ward", about="Invented.", language=("en",), citation="@misc{ward}",
        layout=mk.catalog.Layout(
            at=mk.catalog.LocalFiles(str(file.parent)), files="rows.jsonl", schema=QA,
            raw=pa.schema({"n": pa.int64(), **dict.fromkeys(names, pa.string())}), normalize=kernel,
        ),
        parts=(mk.catalog.Part(None, "train", 4),), errata=KNOWN,
        license=(mk.catalog.Claim("CC0-1.0", "ours"),),
    )  # fmt: skip


def loaded(source: mk.Source, **options: Any) -> Any:
    return mk.load(source, split="train", **options)


def test_every_listed_item_has_a_kind_and_evidence_and_belongs_to_its_source() -> None:
    listed = tomllib.loads(Path(errata.__file__).with_name("errata.toml").read_text("utf-8"))
    ids = [entry["id"] for entry in listed["erratum"]]
    assert len(set(ids)) == len(ids)
    names = {source.name for source in mk.sources()}
    for entry in listed["erratum"]:
        assert entry["kind"] in get_args(errata.ErrorKind)
        assert len(entry["evidence"]) > 20
        source = mk.source(entry["id"].partition("/")[0])
        assert source.name in names
        assert entry["id"] in {erratum.id for erratum in source.errata}, "the entry takes its list"
    assert "doctor/2019-1-57: damaged stem" in mk.source("kormedmcqa").show()


def test_they_are_kept_unless_asked(ward: mk.Source) -> None:
    rows = loaded(ward)
    assert rows.num_rows == 4
    assert "erratum" not in rows.column_names


@pytest.mark.parametrize("view", ["normalized", "raw"])
def test_flagged_they_say_what_is_wrong(ward: mk.Source, view: str) -> None:
    rows = loaded(ward, errata="flag", view=view)
    assert rows["erratum"][:] == [None, "wrong key", None, "missing picture"]
    stream = loaded(ward, errata="flag", view=view, streaming=True)
    assert list(stream) == list(rows)
    assert stream.column_names == rows.column_names


def test_dropped_they_are_counted(ward: mk.Source) -> None:
    with pytest.warns(mk.errors.LeftOutWarning, match="1 missing picture, 1 wrong key"):
        rows = loaded(ward, errata="drop")
    assert rows["id"][:] == ["ward/0", "ward/2"]
    assert [row["id"] for row in loaded(ward, errata="drop", streaming=True)] == rows["id"][:]
    everything = mk.load(replace(ward, errata=()), split="train", errata="drop")
    assert everything.num_rows == 4, "nothing is known, nothing is said"


def test_the_word_is_one_of_three(ward: mk.Source) -> None:
    with pytest.raises(mk.errors.ArgumentError, match="did you mean 'flag'"):
        loaded(ward, errata="flags")
    with pytest.raises(mk.errors.ArgumentError, match="kind= takes one of 4"):
        mk.catalog.Erratum(id="ward/1", kind="typo", evidence="x")  # type: ignore[arg-type]


@pytest.mark.slow
def test_recipes_count_flagged_and_leave_out_dropped_rows(hub, tmp_path: Path) -> None:
    item = {"subject": "doctor", "year": 2019, "period": 1, "answer": 1, "cot": "",
            **{letter: f"option {letter}" for letter in "ABCDE"}}  # fmt: skip
    rows = [item | {"q_number": n, "question": f"Which is {n}?", "answer": 1 + n % 5}
            for n in range(55, 60)]  # fmt: skip
    file = tmp_path / "doctor/train-00000-of-00001.parquet"
    file.parent.mkdir()
    schema = mk.source("kormedmcqa").layout.raw
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), file)
    recipe = {"name": "exam", "split": {"validation": 0}, "holdout": {"without": ["kormedmcqa-official-test"]},
              "source": [{"name": "kormedmcqa", "subset": "doctor", "path": str(file)}]}  # fmt: skip
    counts = {}
    for do in ("keep", "flag", "drop"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # five rows are not the catalogued number
            result = mk.build(recipe | {"errata": do}, out=tmp_path / do)
        (account,) = result.manifest["sources"]
        counts[do] = (
            account.get("errata"),
            account["dropped"].get("known_error"),
            account["train"],
        )
    damaged = {"damaged stem": 1}
    assert counts == {"keep": (None, None, 5), "flag": (damaged, None, 5), "drop": (damaged, 1, 4)}
    with pytest.raises(mk.errors.RecipeError, match="1 problem"):
        mk.build(recipe | {"errata": "yes"}, out=tmp_path / "yes")
