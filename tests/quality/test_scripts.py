"""Telling by letters what a text is written in, and the laws of a kernel."""

from __future__ import annotations

import pickle
import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import medqa_kit as mk
from medqa_kit.quality.scripts import Script, script_share


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


def test_the_share_may_be_just_enough_and_each_column_counts() -> None:
    rows = pa.table({"question": ["កa", "ក", "a", None, "ក"], "answer": ["ក", "a", "ក", "ក", None]})
    assert mk.InScript()(rows)["question"].to_pylist() == ["កa", None, "ក"]
    assert mk.InScript(least=0.51)(rows)["question"].to_pylist() == [None, "ក"]
    assert mk.InScript(columns=("answer",))(rows)["question"].to_pylist() == ["កa", "a", None, "ក"]


TEXTS = st.lists(st.none() | st.text("កា៣aé7 ", max_size=6), max_size=6)


@given(TEXTS, TEXTS)
def test_rows_are_independent_and_none_is_lost(a: list[str | None], b: list[str | None]) -> None:
    kernel = pickle.loads(pickle.dumps(mk.InScript(columns=("question",))))
    both, one, two = (
        pa.table({"question": pa.array(t, pa.string()), "n": pa.array(range(len(t)), pa.int8())})
        for t in (a + b, a, b)
    )
    kept = kernel(both)
    assert kept["question"].to_pylist() == (
        kernel(one)["question"].to_pylist() + kernel(two)["question"].to_pylist()
    )
    assert kept.schema == both.schema
    others = mk.InScript(columns=("question",), others=True)(both)
    assert sorted(kept["n"].to_pylist() + others["n"].to_pylist()) == both["n"].to_pylist()
