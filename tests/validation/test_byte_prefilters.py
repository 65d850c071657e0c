"""What bytes rule out at once is what the plain rule, text by text, does not find either."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from laws import examples
from medqa_kit.quality.scripts import script_share
from medqa_kit.validation.row_checks import option_faults, other_script
from medqa_kit.validation.text_checks import TEXT_CHECKS, CheckedTexts

BITS = ("가", "나다.", "abc", "...", "…", "···", ".", "·", " ", "\n", "\u3000", "\u2003", "\x85", "\xa0", "\u1680", "ខ្មែរ", "&nbsp;",
        "<br>", "\u200b", "\u1160", "\ufeff", "\u06dd", "É", "漢", "약을 먹는다. ", "hello world. hello world. ", "why does it hurt ", "7")  # fmt: skip
TEXTS = st.lists(
    st.none() | st.lists(st.sampled_from(BITS), max_size=9).map("".join) | st.text(max_size=5),
    max_size=12,
)
NOTHING = regex.compile(r"(?:[\t\n\f\r \pZ\p{Cf}\u115F\u1160\u2800\u3164\uFFA0]|&nbsp;|<br ?/?>)*")


def places(code: str, texts: list[str | None]) -> list[int]:
    return CheckedTexts(pa.array(texts, pa.large_string())).places(TEXT_CHECKS[code]).tolist()


@settings(max_examples=examples(200), deadline=None)
@given(TEXTS)
def test_blank_texts(texts: list[str | None]) -> None:
    assert places("text_blank", texts) == [
        at for at, text in enumerate(texts) if text is not None and NOTHING.fullmatch(text)
    ]


@settings(max_examples=examples(200), deadline=None)
@given(TEXTS)
def test_texts_that_end_in_dots(texts: list[str | None]) -> None:
    bare = [
        None if text is None else pc.utf8_rtrim_whitespace(pa.scalar(text)).as_py()
        for text in texts
    ]
    assert places("truncated", texts) == [
        at for at, (text, end) in enumerate(zip(texts, bare, strict=True))
        if text is not None and len(text) > 40 and end.endswith(("…", "...", "···"))
    ]  # fmt: skip


@settings(max_examples=examples(200), deadline=None)
@given(TEXTS)
def test_texts_in_another_script(texts: list[str | None]) -> None:
    array = pa.array(texts, pa.large_string())
    table = pa.table({"question": array, "language": pa.repeat("ko", len(texts)).cast(pa.string())})
    (fault,) = other_script(table, "question", array)
    shares = script_share(array, "hangul").to_pylist()
    assert fault.looked.tolist() == [text is not None for text in texts]
    assert all(shares[at] < 0.1 for at in fault.rows.tolist())
    for at, text in enumerate(texts):
        if (
            text is not None
            and regex.search(r"(?:[A-Za-z]{2,}[ \n]+){2}[A-Za-z]{2}", text)
            and shares[at] < 0.1
        ):
            assert at in fault.rows


@given(
    st.lists(
        st.lists(st.sampled_from(["5 mg", " 5 MG", "둘 다", "가", ""]), max_size=4), max_size=6
    )
)
def test_options_that_are_the_same(options: list[list[str]]) -> None:
    faults = {
        fault.code: fault.rows.tolist()
        for fault in option_faults(pa.table({"options": pa.array(options, pa.list_(pa.string()))}))
    }
    plain = [[text.strip().lower() for text in row] for row in options]
    assert faults["duplicate_option"] == [
        at for at, row in enumerate(plain) if len(set(row)) < len(row)
    ]
    assert faults["anchor_option"] == [at for at, row in enumerate(plain) if "둘 다" in row]


UNITS = st.text("가각a b네ៅចាស។ㅋ1-", min_size=1, max_size=12)


@settings(max_examples=examples(200), deadline=None)
@given(
    st.lists(st.tuples(st.text("가나 ab.", max_size=40), UNITS, st.integers(10, 60)), max_size=5)
)
def test_loops_are_found_wherever_their_text_stands(
    parts: list[tuple[str, str, int]],
) -> None:
    texts = [f"{before}{unit * times}" for before, unit, times in parts]
    alone = [bool(places("repetition", [text])) for text in texts]
    assert places("repetition", texts) == [at for at, loops in enumerate(alone) if loops]
    for (_, unit, times), loops in zip(parts, alone, strict=True):
        if (
            times >= 18
            and unit.strip(" ")[:1].isalpha()
            and "ㅋ" not in unit
            and len(unit.encode()) * times >= 100
        ):
            assert loops
