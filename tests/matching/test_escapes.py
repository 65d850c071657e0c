r"""Reading escaped text: what it stands for, what stays as it is, and how long it takes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from urllib.parse import quote

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medqa_kit.matching.escapes import unescaped
from medqa_kit.matching.letters import letters_of

ENCODINGS: dict[str, Callable[[str], str]] = {
    "JSON": json.dumps,
    "JSON, twice": lambda text: json.dumps(json.dumps(text)),
    "percents": lambda text: quote(text),  # of a text in which a percent sign cannot be one
}

_WORDS = st.sampled_from(["협심증", "ជំងឺ", "angina", "5", "1.5 mg", "10%", "\n", "\t", '"', "/", "😀",
                          "A&B", "<p>", "+", "②"])  # fmt: skip


@given(st.lists(_WORDS, max_size=9).map(lambda words: " ".join(["협심증", *words])), st.sampled_from(["JSON", "JSON, twice", "percents"]))  # fmt: skip
def test_the_letters_of_an_encoding_are_those_of_the_text(text: str, encoding: str) -> None:
    shown = unescaped(pa.array([text, ENCODINGS[encoding](text)]))[0].to_pylist()
    assert letters_of(shown[0]) == letters_of(shown[1]) == letters_of(text)


@pytest.mark.parametrize("text", [
    r"$\nu = \frac{\tau}{\beta}$", "10%20%30%", "SpO2 95%, 5%DW", r"C:\user\note", r"\underline{x}",
    "100%", "%", "\\", r"\text{mg}", "50%20명",
])  # fmt: skip
def test_plain_text_stays_as_it_is(text: str) -> None:
    plain, changed = unescaped(pa.array([text]))
    assert (plain.to_pylist(), changed.tolist()) == ([text], [False])


def test_places_without_text_stay() -> None:
    column = pa.array(["a", None, r"\ud55c", "b"])
    plain, changed = unescaped(column.slice(1))
    assert (plain.to_pylist(), changed.tolist()) == ([None, "한", "b"], [False, True, False])
    assert unescaped(pa.array([r"\ud800 cut off \ud55"]))[0].to_pylist()[0].endswith(r"\ud55")


@pytest.mark.parametrize("text", [
    "\\" * 2_000_000, "%" * 2_000_000, "%25" * 700_000, "a%" * 1_000_000, r"\u12" * 500_000,
    "a" * 2_000_000 + "%20", r"\ud83d" * 300_000, "%ED" * 700_000, "\\n" * 1_000_000,
], ids=lambda text: text[:6])  # fmt: skip
def test_long_text_takes_linear_time(text: str) -> None:
    began = time.process_time()
    unescaped(pa.array([text]))
    assert time.process_time() - began < 2
