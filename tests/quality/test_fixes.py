"""Fixers: what they mend, that they count it, and what they never touch."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import datasets
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import medqa_kit as mk
from medqa_kit.errors import ArgumentError, FormattingError
from medqa_kit.quality.fixes import FIXES, Fix, needing_fix, needing_fixes

_CASES: list[tuple[Fix, str, str]] = [
    ("mojibake", "cafÃ© au lait", "café au lait"),
    ("mojibake", "naÃ¯ve patient", "naïve patient"),
    ("transcript", "한 (70%)/(칠십 퍼센트) 정도", "한 70% 정도"),
    ("transcript", "아/ 그러니까 어/ 배가 아파요", "그러니까 배가 아파요"),
    ("transcript", "그게* 좀+ 아파요", "그게 좀 아파요"),
    ("zero_width", "혈\u200b압\ufeff", "혈압"),
    ("zero_width", "\U000e0041rest\U000e0041\U000e0042 \U0001f3f4\U000e0067\U000e007f", "rest \U0001f3f4\U000e0067\U000e007f"),
    ("width", "ＢＰ　１２０／８０", "BP 120/80"),
    ("coeng", "ក\u17b6\u17d2\u1793", "ក\u17d2\u1793\u17b6"),
    ("coeng", "ស\u17b7\u17ca", "ស\u17ca\u17b7"),
    ("nfc", unicodedata.normalize("NFD", "혈압"), "혈압"),
    ("ends", " \u00a0\n 체온  36.5도 \r\n\n\n끝\t", "체온  36.5도 \r\n\n\n끝"),
    ("whitespace", "  체온\u00a0\u00a036.5도 \r\n\r\n\r\n끝\t", "체온 36.5도\n\n끝"),
]  # fmt: skip


@pytest.mark.parametrize(("fix", "text", "mended"), _CASES)
def test_each_fix_mends_its_kind_and_counts_it(fix: Fix, text: str, mended: str) -> None:
    rows = pa.table({"id": ["a", "b", "c"], "text": [text, None, mended]})
    fixed, report = mk.FixText(fixes=(fix,)).run(rows)
    assert fixed["text"].to_pylist() == [mended, None, mended]
    assert report.findings.select(["row", "id", "code", "column"]).to_pylist() == [
        {"row": 0, "id": "a", "code": fix, "column": "text"}
    ]


_SIGNS = st.sampled_from(
    "가ᄀ\u1161각 aé́ ក\u17b6\u17d2\u1793\u17ca\u17c6\u200b\ufeff０９Ａ！　 \t\r\n\u00a0Ã©(70)/(칠십)아/*+1.5,"
)
_TEXTS = st.text(st.one_of(_SIGNS, st.characters(exclude_categories=["Cs"])), max_size=40)


def _figures(text: str) -> list[int]:
    return [
        unicodedata.digit(sign)
        for sign in text
        if unicodedata.digit(sign, None) is not None and sign.isdecimal()
    ]


@given(st.lists(_TEXTS, max_size=4), st.sampled_from(FIXES))
def test_a_fix_is_idempotent_and_its_count_is_that_of_differing_texts(
    texts: list[str], fix: Fix
) -> None:
    rows = pa.table({"text": pa.array(texts, pa.string())})
    kernel = mk.FixText(fixes=(fix,))
    fixed, report = kernel.run(rows)
    differing = [
        n
        for n, (old, new) in enumerate(zip(texts, fixed["text"].to_pylist(), strict=True))
        if old != new
    ]
    assert report.findings["row"].to_pylist() == differing
    if fix != "transcript":  # a mark may stand within marks
        again, _ = kernel.run(fixed)
        assert again.equals(fixed)


@given(
    st.lists(st.none() | _TEXTS, max_size=6),
    st.lists(st.sampled_from([fix for fix in FIXES if fix != "mojibake"]), unique=True),
)
def test_several_fixes_are_needed_where_each_is(texts: list[str | None], fixes: list[Fix]) -> None:
    column = pa.array(texts, pa.large_string())
    places = needing_fixes(column, fixes)
    assert {fix: at.tolist() for fix, at in places.items()} == {
        fix: needing_fix(column, fix).tolist() for fix in fixes
    }


@given(_TEXTS)
def test_no_usual_fix_changes_the_value_of_a_figure(text: str) -> None:
    (fixed,) = mk.FixText()(pa.table({"text": [text]}))["text"].to_pylist()
    assert _figures(fixed) == _figures(text)


_QA = pa.table({
    "id": ["a ", "b"], "question": ["혈압은　？", "x"], "options": [["１２０ ", "130"], None], "answer": ["１２０ ", None],
    "answer_index": [0, None], "messages": [[{"role": "user ", "content": "ａ"}], []],
})  # fmt: skip


@pytest.mark.parametrize("wrap", [lambda t: t, datasets.Dataset, lambda t: datasets.Dataset(t).select([1, 0]),
                                  lambda t: datasets.Dataset(t).to_iterable_dataset()])  # fmt: skip
def test_lists_and_messages_are_mended_and_the_answer_stays_the_option(
    wrap: Callable[[pa.Table], object],
) -> None:
    fixed, report = mk.FixText().run(wrap(_QA))
    rows = {row["id"]: row for row in (fixed.to_pylist() if isinstance(fixed, pa.Table) else fixed)}
    first = rows["a "]
    assert first["question"] == "혈압은 ?"
    assert first["options"] == ["120", "130"]
    assert first["options"][first["answer_index"]] == first["answer"]
    assert first["messages"] == [{"role": "user ", "content": "a"}]
    assert rows["b"] == {**_QA.to_pylist()[1]}
    assert report.kept == 2


@pytest.mark.parametrize("kind", [pa.large_list(pa.large_string()), pa.list_(pa.string(), 2), pa.list_view(pa.string()),
                                  pa.large_list_view(pa.string())], ids=str)  # fmt: skip
def test_lists_of_every_kind_are_mended_and_keep_their_type(kind: pa.DataType) -> None:
    options = pa.array([["１２０ ", "130"], None, ["x", "ｙ"]], kind)
    fixed = mk.FixText()(pa.table({"id": ["a", "b", "c"], "options": options}))["options"]
    assert fixed.type == kind
    assert fixed.to_pylist() == [["120", "130"], None, ["x", "y"]]


def test_the_usual_fixes_leave_transcripts_and_encodings_alone() -> None:
    rows = pa.table({"text": ["(70%)/(칠십 퍼센트)", "cafÃ©"]})
    assert mk.FixText()(rows).equals(rows)


def test_wrong_arguments_are_refused() -> None:
    for wrong in ({"fixes": ("nfd",)}, {"fixes": ()}, {"columns": "text"}):
        with pytest.raises(ArgumentError):
            mk.FixText(**wrong)
    with pytest.raises(FormattingError, match="texts"):
        mk.FixText(columns=("texts",))(_QA)
    assert re.fullmatch(r"FixText\(.*\)", repr(mk.FixText()))


def test_letters_that_a_pdf_joins_are_parted() -> None:
    rows = pa.table({"text": ["ﬁrst eﬃcacy ﬂow"]})
    assert mk.FixText().run(rows)[0]["text"].to_pylist() == ["first efficacy flow"]
    assert mk.validate(rows).by("code") == {"full_width": 1}


_PIECES = st.sampled_from(
    ["가", "혈압", "a", "ﬁ", "１", "Ａ", "\u3000", "  ", "\r\n", "\n\n\n", "\u00a0", "\u200b", "\u200d", "\u200c", "\ufeff", "e\u0301", "\u0301",
     "ក", "\u17d2\u179a", "\u17b6", "\u17c6", "\u17c9", "5 mg", "µ", "½", "₂", "⁻³", "\U0001f3f4", "\U000e0067", "\U000e007f", "\u1100", "\u1161"]
)  # fmt: skip


@given(st.lists(st.lists(_PIECES, min_size=1, max_size=9).map("".join), min_size=1, max_size=20))
def test_the_usual_fixes_together_need_one_turn_and_keep_figures(texts: list[str]) -> None:
    kernel = mk.FixText()
    fixed = kernel(pa.table({"text": texts}))
    assert kernel(fixed).equals(fixed)
    figures = [
        [re.findall("[0-9½₂⁻³µ]", text.replace("１", "1")) for text in column]
        for column in (texts, fixed["text"].to_pylist())
    ]
    assert figures[0] == figures[1]


def test_fillers_behind_each_other_go_in_one_turn() -> None:
    rows = pa.table({"text": ["아/ 어/ 음/ 배가 아파요"]})
    assert mk.FixText(("transcript",))(rows)["text"].to_pylist() == ["배가 아파요"]


def test_signs_of_the_field_stay() -> None:
    texts = [
        "H₂O, CO₂, C₆H₁₂O₆", "1½ tabs, ¼ 정", "10⁻³ mol/L, 5 × 10⁹/L", "36.5 ℃, 100 °C", "5 ㎎, 5 ㎖, 5 mg/㎡", "5 µg", "5 μg", "Ca²⁺, ¹³¹I, ⁹⁹ᵐTc",
        "1,25-(OH)₂D₃", "α-tocopherol, β₂-agonist", "$\\alpha_1$", "`a = b`", "https://a.org/b?c=d&e=%20f", "pH 7.35–7.45", "5′-UTR, 3″", "Ⅲ기, ①②",
        "می\u200cخواهم", "👨\u200d👩\u200d👧", "p.Val600Glu, c.35delG", "Sjögren, Guillain–Barré", "ស្ត្រី, ១២ មីលីក្រាម",
    ]  # fmt: skip
    rows = pa.table({"text": texts})
    assert mk.FixText()(rows).equals(rows)
