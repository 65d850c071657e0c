"""Scans of bytes say the same of each text as Python and Arrow do."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medqa_kit.core.arrow import byte_scans
from medqa_kit.core.arrow.byte_scans import blank_mask, pattern_mask, places_of_bytes, texts_with
from medqa_kit.core.arrow.columns import blank
from medqa_kit.core.arrow.hashing import short_hashes

LETTERS = "a괴ក힣é 「\n\u3000\u1680\u2003\x85\xa0\u200b\u0915😀"
TEXTS = st.lists(st.none() | st.text(LETTERS, max_size=5), max_size=12)


def column(texts: list[str | None]) -> pa.Array:
    """Return texts as a column that begins and ends within its buffers."""
    return pa.array([" x", *texts, "괴"], pa.string()).slice(1, len(texts))


@pytest.fixture(autouse=True, params=[6, 240_000])
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(byte_scans, "_BLOCK", request.param)


class TestBlankMask:
    @given(texts=TEXTS)
    def test_finds_what_strip_leaves_empty(self, texts: list[str | None]) -> None:
        expected = [text is None or not text.strip() for text in texts]
        assert blank_mask(column(texts)).tolist() == expected
        assert blank(column(texts)).to_pylist() == expected
        chunks = pa.chunked_array([column(texts), column(texts)])
        assert blank(chunks).to_pylist() == expected * 2
        assert blank(column(texts).cast(pa.large_string())).to_pylist() == expected


class TestTextsWith:
    @given(texts=TEXTS, words=st.lists(st.text(LETTERS, min_size=1, max_size=3).filter(
        lambda word: len(word.encode()) > 1), min_size=1, max_size=4))  # fmt: skip
    def test_finds_what_in_finds(self, texts: list[str | None], words: list[str]) -> None:
        expected = [text is not None and any(word in text for word in words) for text in texts]
        assert texts_with(column(texts), words).tolist() == expected

    def test_a_word_does_not_reach_into_the_next_text(self) -> None:
        assert texts_with(pa.array(["사", "진"]), ["사진"]).tolist() == [False, False]


class TestPlacesOfBytes:
    @given(st.binary(max_size=40), st.binary(min_size=1, max_size=3))
    def test_are_those_a_loop_finds(self, raw: bytes, signs: bytes) -> None:
        places = places_of_bytes(np.frombuffer(raw, np.uint8), signs)
        assert places.tolist() == [n for n, byte in enumerate(raw) if byte in signs]


class TestShortHashes:
    @given(st.lists(st.text(LETTERS + "\0", max_size=20), unique=True, max_size=30), st.data())
    def test_different_texts_differ_and_equal_ones_do_not(
        self, texts: list[str], data: st.DataObject
    ) -> None:
        numbers = short_hashes(column(texts))
        assert len(set(numbers.tolist())) == len(texts)
        order = data.draw(st.permutations(range(len(texts))))
        again = short_hashes(pa.array([texts[place] for place in order], pa.string()))
        assert np.array_equal(again, numbers[list(order)])


class TestPatternMask:
    PATTERNS = (r"\pL", r"^$", r"(?i)A|\x{AC00}")

    @given(texts=TEXTS, again=TEXTS)
    def test_it_says_what_arrow_says_of_texts_that_are_new_and_that_come_again(
        self, texts: list[str | None], again: list[str | None]
    ) -> None:
        for pattern in self.PATTERNS:
            for batch in (texts, again, [*again, *texts], texts * 40):
                for kind in (pa.string(), pa.large_string()):
                    cells = column(batch).cast(kind)
                    matches = pc.match_substring_regex(cells, pattern).fill_null(False)
                    assert pattern_mask(cells, pattern).tolist() == matches.to_pylist()
