"""Figures, doses and units of a text against those of what was made of it."""

from __future__ import annotations

import time
from collections.abc import Callable

import datasets
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from laws import examples
from medqa_kit.errors import ArgumentError, FormattingError, RowError
from medqa_kit.quality.numbers.comparing import NUMBER_CODES, SEVERITIES
from medqa_kit.quality.numbers.plain_form import plain
from medqa_kit.quality.numbers.quantities import quantities
from mutations import (
    KHMER_DIGITS,
    dosed_pairs,
    figure_left_out,
    flipped_range,
    other_hours,
    other_mass,
    times_ten,
)

SAME = [
    ("Give 0.3 mg/kg/day for 5 days.", "5일간 0.3 mg/kg/day로 투여한다."),
    (
        "혈압 120/80 mmHg, 맥박 88회/분, 체온 36.5℃",
        "Blood pressure 120/80 mmHg, pulse 88/min, temperature 36.5 °C",
    ),
    ("45세 남성이 3일 전부터 기침", "A 45-year-old man with cough for 3 days"),
    ("하루 세 번 식후 30분에 2정씩", "2 tablets 30 minutes after meals three times a day"),
    ("Take two tablets every 6-8 hours", "6~8시간마다 2정 복용"),
    ("3만 5천 명의 환자", "35,000 patients"),
    ("1억 2천만 원", "120 million won"),
    ("WBC 12,000/µL, Hb 9.8 g/dL", "백혈구 12000/μL, 혈색소 9.8 g/dL"),
    ("លេប ២ គ្រាប់ ៣ ដងក្នុងមួយថ្ងៃ", "Take 2 tablets 3 times a day"),
    ("Do not exceed 4 g per day", "하루 4 g을 초과하지 마십시오"),
    ("Vitamin B12 1000 mcg", "비타민 B12 1 mg"),
    ("COVID-19 in 2020", "2020년 코로나19"),
    ("25% of patients", "환자의 25퍼센트"),
    ("1. Wash hands\n2. Dry", "1) 손을 씻는다\n2) 말린다"),
    ("platelets 150 × 10^9/L", "혈소판 150×10⁹/L"),
    ("1/2 tablet", "반 정"),
    ("from 5 to 10 mg", "5 mg에서 10 mg"),
    ("in March 2021", "2021년 3월"),
    ("at 3 o'clock", "3시에"),
    ("2.5 mg", "២.៥ mg"),
    ("2,5 mg", "２.５ mg"),
    ("Give 5 mg. Do not give 10 mg.", "5 mg을 준다. 10 mg은 주지 않는다."),
    ("q8h 500 mg", "8시간마다 500 mg"),
    ("24 hours", "1일"),
    ("Wait 3 days.", "사흘 기다린다."),
    ("twenty-five patients", "환자 25명"),
    ("The dose is .5 mg", "용량은 0.5 mg"),
]
CHANGED = [
    ("5 mg", "50 mg", "tenfold"),
    ("0.5 g", "0.05 g", "tenfold"),
    ("៥ mg", "៥០ mg", "tenfold"),
    ("환자 3만 명", "환자 3천 명", "tenfold"),
    ("5 mg", "5 mcg", "unit_changed"),
    ("3–5 mcg", "3–5 mg", "unit_changed"),
    ("5 days", "5 weeks", "unit_changed"),
    ("100 IU", "100 mg", "unit_changed"),
    ("20 mEq", "20 mg", "unit_changed"),
    ("15 gtt/min", "15 mL/min", "unit_changed"),
    ("5-10 mg", "10-5 mg", "range_flipped"),
    ("5 mg/kg/day", "5 mg/day", "per_changed"),
    ("2 mg/kg", "2 mg", "per_changed"),
    ("Do not give 5 mg", "5 mg을 준다", "negation_lost"),
    ("កុំឱ្យ 5 mg", "Give 5 mg", "negation_lost"),
    ("3 tablets", "2정", "number_changed"),
    ("Give 5 mg for 3 days", "5 mg을 준다", "number_lost"),
    ("Give 5 mg", "5 mg을 3일간 준다", "number_added"),
]


@pytest.mark.parametrize(("source", "target"), SAME)
def test_the_same_said_otherwise_is_the_same(source: str, target: str) -> None:
    assert mk.number_changes(source, target) == []
    assert mk.number_changes(target, source) == []


@pytest.mark.parametrize(("source", "target", "code"), CHANGED)
def test_a_change_is_told_for_what_it_is(source: str, target: str, code: str) -> None:
    assert [change.code for change in mk.number_changes(source, target)] == [code]


@pytest.mark.parametrize(
    "mutate", [times_ten, other_mass, flipped_range, figure_left_out, other_hours]
)
def test_changed_figures_are_found(mutate: Callable[[str, dict[str, str]], str | None]) -> None:
    changed = [(source, new) for source, target, values in dosed_pairs(600)
               if (new := mutate(target, values)) and new != target]  # fmt: skip
    missed = [pair for pair in changed if not mk.number_changes(*pair)]
    assert len(changed) >= 100
    assert len(missed) <= 0.01 * len(changed), missed[:3]


@pytest.mark.parametrize("dress", [str, lambda text: text.translate(KHMER_DIGITS), lambda text: text.replace(" mg", "mg"),
                                   lambda text: text.replace("mcg", "µg"), lambda text: text.upper()])  # fmt: skip
def test_unchanged_figures_raise_no_alarm(dress: Callable[[str], str]) -> None:
    pairs = [(source, dress(target)) for source, target, _ in dosed_pairs(600)]
    wrong = [(pair, changes) for pair in pairs if (changes := mk.number_changes(*pair))]
    assert len(wrong) <= 0.01 * len(pairs), wrong[:3]


@given(st.text())
def test_any_text_says_the_same_as_itself(text: str) -> None:
    assert mk.number_changes(text, text) == []


@given(st.text(alphabet="0123456789.,/-~ ^×10만천억mgkµ⁄½²", max_size=40))
def test_odd_figures_neither_crash_nor_differ_from_themselves(text: str) -> None:
    for quantity in quantities(plain(text)).figures:
        assert quantity.text
    assert mk.number_changes(text, text) == []


@pytest.mark.parametrize(
    "unit", ["1", "1.", "1,", "1/", "1-", "1 ", "mg ", "5 mg ", "- ", "1억", "^1", "/kg", "per kg "]
)
def test_two_megabytes_take_linear_time(unit: str) -> None:
    text = unit * (40_000 // len(unit))
    start = time.process_time()
    quantities(plain(text))
    small = time.process_time() - start
    assert small < 2, "a long text would take minutes"


ROWS = pa.table({
    "id": ["a", "b", "c"], "text": ["Give 0.5 mg.", "Wait 3 days.", None],
    "text_b": ["5 mg을 준다.", "사흘 기다린다.", "3"],
})  # fmt: skip


@pytest.mark.parametrize("wrap", [lambda t: t, datasets.Dataset, lambda t: datasets.Dataset(t).shuffle(seed=1),
                                  lambda t: datasets.Dataset(t).to_iterable_dataset(), lambda t: t.to_pandas()])  # fmt: skip
def test_rows_whose_figures_differ_are_left_out_and_listed(
    wrap: Callable[[pa.Table], object],
) -> None:
    kept, report = mk.SameNumbers("text", "text_b").run(wrap(ROWS))
    assert type(kept) is type(wrap(ROWS))
    assert (report.rows, report.kept) == (3, 2)
    line = report.findings.select(["id", "code", "detail", "severity"]).to_pylist()
    assert line == [{"id": "a", "code": "tenfold", "detail": "0.5 mg → 5 mg", "severity": "high"}]


def test_codes_choose_what_counts() -> None:
    summary = pa.table({"text": ["5 mg for 3 days"], "text_b": ["5 mg"]})
    codes = tuple(code for code in NUMBER_CODES if code != "number_lost")
    assert mk.SameNumbers("text", "text_b", codes=codes).run(summary)[1].kept == 1
    assert set(SEVERITIES) == set(NUMBER_CODES)


def test_wrong_words_and_rows_are_refused() -> None:
    with pytest.raises(ArgumentError):
        mk.SameNumbers("", "text_b")
    with pytest.raises(ArgumentError, match="tenfold"):
        mk.SameNumbers("text", "text_b", codes=("tenfould",))  # type: ignore[arg-type]
    with pytest.raises(ArgumentError):
        mk.SameNumbers("text", "text_b", on_bad="skip")  # type: ignore[arg-type]
    with pytest.raises(FormattingError, match="text_c"):
        mk.SameNumbers("text", "text_c")(ROWS)
    with pytest.raises(RowError, match=r"0\.5 mg → 5 mg"):
        mk.SameNumbers("text", "text_b", on_bad="raise")(ROWS)


_WORDS = ("5 mg", "3 days", "do not give", "시간 동안", "안 준다", "투여하지 마세요", "at least", "over", "up to", "이상", "이하", "최대", "មិនលើស",
          "កុំលេប", "aspirin", "can't", "without", "500", "mg", "주지 말 것", ". ", ", ", "<", "≥", "n", "또는", "or less")  # fmt: skip


@settings(max_examples=examples(60))
@given(
    pairs=st.lists(
        st.tuples(*[st.lists(st.sampled_from(_WORDS), max_size=8).map(" ".join)] * 2),
        min_size=1,
        max_size=8,
    )
)
def test_a_table_says_what_each_pair_says_by_itself(pairs: list[tuple[str, str]]) -> None:
    table = pa.table({"a": [first for first, _ in pairs], "b": [other for _, other in pairs]})
    findings = mk.SameNumbers("a", "b", on_bad="keep").run(table)[1].findings
    expected = [
        (row, change.code, change.detail)
        for row, pair in enumerate(pairs)
        for change in mk.number_changes(*pair)
    ]
    assert [
        *zip(*(findings[name].to_pylist() for name in ("row", "code", "detail")), strict=True)
    ] == expected


_OFTEN = (
    "once a day", "twice daily", "3 times a day", "4 times per day", "bid", "t.i.d.", "하루 세 번", "하루에 2회", "매일 1회째",
    "31일 3회", "1일 3회1일 2회", "일일 네 차례", "ពីរដងក្នុងមួយថ្ងៃ", "មួយថ្ងៃបីដង", "13 times a day", "하루once daily",
)  # fmt: skip


@given(*(st.lists(st.sampled_from(_OFTEN), max_size=3) for _ in range(2)))
@example(["3 times a day"], ["하루 두 번"])
@example(["1일 3회1일 2회"], ["하루 세 번"])
def test_what_a_column_says_of_frequencies_is_what_pairs_say(
    source: list[str], target: list[str]
) -> None:
    first, second = (" 5 mg, ".join(["", *said]) for said in (source, target))
    rows = pa.table({"text": [first], "made": [second]})
    _, report = mk.SameNumbers("text", "made", on_bad="keep").run(rows)
    expected = [(change.code, change.detail) for change in mk.number_changes(first, second)]
    assert (
        list(zip(*(report.findings[n].to_pylist() for n in ("code", "detail")), strict=True))
        == expected
    )


@pytest.mark.parametrize("text", [None, 5, b"5 mg", ["5 mg"]])
def test_a_pair_is_of_texts(text: str) -> None:
    for pair in ((text, "5 mg"), ("5 mg", text)):
        with pytest.raises(ArgumentError, match="Hint"):
            mk.number_changes(*pair)
