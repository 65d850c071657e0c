"""Telling by letters what a text is written in, and the laws of a kernel."""

from __future__ import annotations

import pickle
import re
import unicodedata
from typing import Any

import datasets
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import medqa_kit as mk
from medqa_kit.errors import ArgumentError, DroppedRowsWarning, FormattingError, RowError
from medqa_kit.quality.script_counts import Script
from medqa_kit.quality.scripts import script_share


@pytest.mark.parametrize(
    ("script", "text", "share"),
    [
        ("khmer", "ឈឺក្បាល", 1.0),
        ("khmer", "ក 37.5°C ។", 2 / 3),
        ("khmer", "ក៣ é", 2 / 3),
        ("khmer", "12 + 3?", 0.0),
        ("khmer", "", 0.0),
        ("khmer", "한국어", 0.0),
        ("khmer", "\u1780\u17ff\u177f\u1800", 1.0),
        ("hangul", "두통 ab", 0.5),
        ("hangul", unicodedata.normalize("NFD", "두통"), 1.0),
        ("hangul", "ㄱ ក", 1.0),
    ],
)
def test_the_share_is_of_both_scripts_letters(script: Script, text: str, share: float) -> None:
    assert script_share(pa.array([text, None]), script).to_pylist() == [pytest.approx(share), None]


QUIET = pytest.mark.filterwarnings("ignore::medqa_kit.errors.DroppedRowsWarning")


@QUIET
def test_the_share_may_be_just_enough_and_each_column_counts() -> None:
    rows = pa.table({"question": ["កa", "ក", "a", None, "ក"], "answer": ["ក", "a", "ក", "ក", None]})
    assert mk.InScript()(rows)["question"].to_pylist() == ["កa", None, "ក"]
    assert mk.InScript(least=0.51)(rows)["question"].to_pylist() == [None, "ក"]
    assert mk.InScript(columns=("answer",))(rows)["question"].to_pylist() == ["កa", "a", None, "ក"]


ROWS = pa.table({
    "id": list("abcd"), "question": ["ក", "pH?", "ខ", "aក"], "answer": ["គ", "7", "yes", "ឃ"],
})  # fmt: skip


def test_what_is_dropped_is_listed_with_the_share_of_each_text() -> None:
    kept, report = mk.InScript(least=0.6).run(ROWS)
    assert kept["id"].to_pylist() == ["a"]
    assert (report.rows, report.kept, report.by("code")) == (4, 1, {"other script": 4})
    assert report.findings.drop_columns(["code", "detail"]).to_pylist() == [
        {"row": 1, "id": "b", "column": "question", "share": 0.0},
        {"row": 1, "id": "b", "column": "answer", "share": 0.0},
        {"row": 2, "id": "c", "column": "answer", "share": 0.0},
        {"row": 3, "id": "d", "column": "question", "share": 0.5},
    ]
    with pytest.warns(DroppedRowsWarning, match="drops 3 of 4 rows"):
        assert mk.apply(ROWS, mk.InScript(least=0.6)).equals(kept)


def test_other_rows_can_stay_or_stop_the_work() -> None:
    kept, report = mk.InScript(on_bad="keep").run(ROWS)
    assert kept.equals(ROWS)
    assert (report.kept, report.ids()) == (4, ["b", "c"])
    with pytest.raises(RowError, match="another script") as caught:
        mk.InScript(on_bad="raise")(ROWS)
    assert (caught.value.rows, caught.value.row_id) == ([1, 2], "b")
    assert mk.InScript(on_bad="raise")(ROWS.take([0, 3])).num_rows == 2


def test_whatever_holds_the_rows_gets_the_same_verdicts() -> None:
    kernel, dataset = mk.InScript(), datasets.Dataset(ROWS)
    chunked = pa.concat_tables([ROWS.slice(0, 1), ROWS.slice(1)])
    views = ROWS.set_column(1, "question", ROWS["question"].cast(pa.string_view()))
    for rows in (chunked, views, ROWS.to_pylist(), dataset, dataset.to_iterable_dataset()):
        kept, report = kernel.run(rows)
        if not isinstance(kept, (list, pa.Table)):
            kept = list(kept)
        ids = [row["id"] for row in (kept if isinstance(kept, list) else kept.to_pylist())]
        assert (ids, report.ids()) == (["a", "d"], ["b", "c"])
    shuffled = dataset.select([3, 1, 0]).filter(lambda row: row["id"] != "x")
    assert kernel.run(shuffled)[0]["id"] == ["d", "a"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"least": 94.6}, "a share of 50 % is 0.5"),
        ({"script": "kmer"}, "did you mean 'khmer'"),
        ({"on_bad": "skip"}, "raise, drop, keep"),
        ({"columns": "question"}, "takes a list"),
        ({"columns": ("",)}, "columns= takes text"),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=re.escape(message)):
        mk.InScript(**arguments)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(FormattingError, match="column 'answer'"):
        mk.InScript()(pa.table({"question": ["ក"]}))


TEXTS = st.lists(st.none() | st.text("កា៣aé7 ", max_size=6), max_size=6)


@QUIET
@given(TEXTS, TEXTS)
def test_rows_are_independent_and_none_is_lost(a: list[str | None], b: list[str | None]) -> None:
    kernel = pickle.loads(pickle.dumps(mk.InScript(columns=("question",))))
    both, first, two = (
        pa.table({"question": pa.array(t, pa.string()), "n": pa.array(range(len(t)), pa.int8())})
        for t in (a + b, a, b)
    )
    kept, report = kernel.run(both)
    assert kept["question"].to_pylist() == (
        kernel(first)["question"].to_pylist() + kernel(two)["question"].to_pylist()
    )
    assert kept.schema == both.schema
    listed = report.findings["row"].to_pylist()
    assert sorted(kept["n"].to_pylist() + listed) == both["n"].to_pylist()
