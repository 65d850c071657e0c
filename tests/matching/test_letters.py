"""Text is compared by its letters: one definition, computed in three ways."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from laws import examples
from medqa_kit.matching.letters import letters, letters_of
from no_numba import without_numba

texts = st.lists(
    st.one_of(
        st.none(),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
        # Where the trouble is: Hangul in parts, accents, Khmer, entities, tags, invisible signs.
        st.text("가각ᄀ\u1161\u11a8ㄱㅏ한é\u0301\u0323\u200b\u200dកខ\u17d2\u17b6ﾊ\uff9e½㎎①&<>b;#49lt/Σς15.៣ \n",
                max_size=12),
    ),
    max_size=6,
)  # fmt: skip


@pytest.fixture(autouse=True, scope="module", params=["numba", "numpy"])
def kernel(request: pytest.FixtureRequest) -> Iterator[None]:
    with without_numba() if request.param == "numpy" else nullcontext():
        yield


def read(column: pa.Array) -> list[str]:
    codes, offsets = letters(column)
    return ["".join(map(chr, codes[a:b])) for a, b in pairwise(offsets)]


@settings(max_examples=examples(300), deadline=None)
@given(rows=texts)
@example(rows=["0\ud7fc0", "1\ue0002", "3\U00100000\U000403004", "5\u00b66"])
def test_columns_follow_the_definition(rows: list[str | None]) -> None:
    assert read(pa.array(rows, pa.string())) == [letters_of(row or "") for row in rows]


@pytest.mark.slow
def test_every_code_point_follows_the_definition() -> None:
    """Between digits and between letters, where it may keep apart what stands around it.

    Of planes 4 to 13, where no character is, and of 15 and 16, for private use, one code point in sixteen.
    """
    alike = {*range(4, 14), 15, 16}
    points = [code for code in range(sys.maxunicode + 1)
              if not 0xD800 <= code < 0xE000 and (code >> 16 not in alike or code % 16 == code >> 16)]  # fmt: skip
    rows = [f"1{chr(code)}2a{chr(code)}b" for code in points]
    assert read(pa.array(rows)) == [letters_of(row) for row in rows]


def test_slices_read_their_own_bytes() -> None:
    column = pa.array(["가나", None, "다라", "마"]).slice(1, 2)
    assert read(column) == ["", "다라"]


@pytest.mark.parametrize(
    ("disguised", "text"),
    [
        (unicodedata.normalize("NFD", "갑상샘 항진증"), "갑상샘 항진증"),
        ("ＡＳＴ　４０", "AST 40"),
        ("①심근경색", "1 심근경색"),
        ("심\u200b근\u00ad경\ufeff색", "심근경색"),
        ("심근\n경색", "심근경색"),
        ("20\u200b2\n6년", "2026년"),
        ("1.5 mg", "1,5mg"),
        ("&lt;b&gt;심근&#44221;색&lt;/b&gt;", "심근경색"),
        ("&ltb&gt심근&#44221색&lt/b&gt &#xac00&#X31", "심근경색가1"),
        ("p &lt0.05 &amp &amp#44221 &nbsp&copy 5&deg", "p < 0.05 경 5"),
        (
            "cut&paste, trauma&amputation, nerves&parasympathetic, ?a=1&copy=2",
            "cutpastetraumaamputationnervesparasympathetica1copy2",
        ),
        ("<p class='x'>심근<br/>경색</p>", "심근경색"),
        (
            f"<p style=\"{'font-size: 11pt; ' * 30}\">심근</p><img src='data:{'A' * 9000}'>경색",
            "심근경색",
        ),
        ("១.៥ mg, ٣ L, ३ kg", "1.5 mg, 3 L, 3 kg"),
        ("HYPERTENSION", "hypertension"),
        ("ជំងឺ\u200bទឹកនោម\u200bផ្អែម", "ជំងឺទឹកនោមផ្អែម"),
        ("cafe\u0301", "café"),
    ],
)
def test_disguises_are_seen_through(disguised: str, text: str) -> None:
    assert letters_of(disguised) == letters_of(text) != ""


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("5 mg", "500 mg"), ("កា", "កី"), ("BP <90", "BP <60"), ("가", "각"),
        ("1.5 mg", "15 mg"), ("10⁵", "105"), ("① 50 mg", "150 mg"), ("2–3일", "23일"), ("១ ៥", "១៥"), (f"p <a {'ab ' * 99}=0, b> c", "p c"),
    ],
)  # fmt: skip
def test_what_matters_is_kept(first: str, other: str) -> None:
    assert letters_of(first) != letters_of(other)


def test_python_agrees_with_unicode_data() -> None:
    for text in ("한글", "ក្រោម", "Größe", "10 /㎕"):
        folded = unicodedata.normalize("NFKC", text).lower()
        assert letters_of(text) == "".join(c for c in folded if unicodedata.category(c)[0] in "LMN")
