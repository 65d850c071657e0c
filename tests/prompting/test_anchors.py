"""A fast look first must not hide what the whole pattern finds."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import medqa_kit as mk
from medqa_kit.prompting.anchors import NAMES_OTHERS, names_others

_LED = ["", "both ", "Either ", "options ", "보기 ", "ជម្រើស", "only "]
_LABELS = ["A", "(b)", "③", "ក", "1", "2번", "(3)", "A번"]
_JOINED = [", ", " and ", "와 ", " 및 ", "및", "និង", " ឬ ", "~", "–", "번, ", " nor ", "/"]
_TAILS = [
    "",
    " only",
    "만",
    " 모두 옳다",
    " are correct",
    "를 제외",
    " 빼고",
    " except C",
    "ប៉ុណ្ណោះ",
    ".",
]
_WHOLE = [
    "All of the above", "none are right", "More than one of these", "위의 모두", "앞의 것 모두", "상기 내용 중 없음", "둘 다 옳다", "해당 없음", "위 둘 다", "상기 중 2개 이상", "Not listed", "the first two", "គ្មានទេ",
    "옳은 것이 없다", "ចម្លើយទាំងអស់", "គ្មានចម្លើយ", "Everything except B", "any but option A", "same as ②", "លើកលែងតែ ខ", "A를 제외",
    "(1), (2)", "1·2번", "둘 다(A, B)", "The first two options", "None of the listed options",
    "모두 아님", "There is no correct answer", "No answer is correct", "At least two of the above", "Most of these",
    "위염", "Gastritis", "A형 간염", "Vitamin B", "가", "나열된 것 모두",
]  # fmt: skip


def _texts() -> st.SearchStrategy[str]:
    parts = [
        st.sampled_from(words)
        for words in (["", "- ", "“"], _LED, _LABELS, _JOINED, _LABELS, _TAILS)
    ]
    single = [st.sampled_from(words) for words in (_LED, _LABELS, _TAILS)]
    return st.one_of(
        st.tuples(*parts).map("".join), st.tuples(*single).map("".join), st.sampled_from(_WHOLE), st.text(max_size=12),
        st.tuples(st.sampled_from(_WHOLE), st.text(max_size=4)).map("".join),
    )  # fmt: skip


@pytest.mark.slow
@given(st.lists(st.one_of(_texts(), st.none()), max_size=8))
@example(_WHOLE)
def test_the_fast_look_finds_all_that_the_whole_pattern_does(texts: list[str | None]) -> None:
    column = pa.array(texts, pa.string())
    expected = pc.fill_null(pc.match_substring_regex(column, NAMES_OTHERS), False).to_pylist()
    assert names_others(column).tolist() == expected


def test_some_of_the_others_and_none_of_them_are_named() -> None:
    named = ["모두 아님", "모두 아닙니다", "No correct answer", "There is no correct answer", "No answer is correct",
             "Two of the above", "None of the listed options", "(1), (2)", "1·2번", "둘 다(A, B)", "At least two of the above", "Only two of these", "Most of the above",
             "모두 다", "다 맞다", "All apply", "None of these apply", "All of them are correct"]  # fmt: skip
    others = ["No treatment", "Two of three doses", "No answer from the patient is expected now", "One of the ribs",
              "Most of the patients", "Some of the drugs listed lower it", "Two tablets", "전부하 감소", "둘", "다 나은 뒤 퇴원", "All applicators are sterile"]  # fmt: skip
    assert names_others(pa.array(named)).all()
    assert not names_others(pa.array(others)).any()


ORDER = ["열", "기침", "발진", "통증"]


@pytest.mark.parametrize("place", ["The first two options", "(1), (2)", "1·2번", "둘 다(A, B)"])
def test_an_option_that_names_places_holds_its_row(place: str) -> None:
    rows = [question([*ORDER[:3], place], i) for i in range(10)]
    shuffled, report = mk.shuffle_options(seed=1).run(rows)
    assert all(row["options"] == [*ORDER[:3], place] for row in shuffled)
    assert report.by("code") == {"option_names_places": 10}


@pytest.mark.parametrize(
    ("rationale", "marks"),
    [("보기 3이 맞다.", "1234"), ("Option (c) fits.", "abcd"), ("option 3 is right", "1234"), ("So choice c.", "abcd"),
     ("The third option is right.", ""), ("두 번째 보기는 아니다.", ""), ("(3)이 맞다.", ""), ("정답은 3이다.", ""), ("답 c", ""),
     ("ជម្រើសទី៣ ត្រឹមត្រូវ។", ""), ("The first two options are wrong.", ""), ("마지막 보기는 함정이다.", ""), ("나머지 보기(가, 나, 라)는 틀리다.", ""),
     ("선지 ㄱ, ㄴ은 제외한다.", "")],
)  # fmt: skip
def test_a_rationale_that_names_an_option_follows_it_or_is_told(rationale: str, marks: str) -> None:
    rows = [question(ORDER, i) | {"rationale": rationale} for i in range(12)]
    shuffled, report = mk.shuffle_options(seed=1).run(rows)
    if not marks:
        assert all(row["options"] == ORDER for row in shuffled)
        assert report.by("code") == {"rationale_names_places": 12}
    else:
        places = [row["options"].index("발진") for row in shuffled]
        assert len(set(places)) > 1
        named = [row["rationale"] for row in shuffled]
        old = marks[2]
        assert named == [rationale.replace(old, marks[place]) if old.isdigit() else _relettered(rationale, old, marks[place])
                         for place in places]  # fmt: skip


def _relettered(rationale: str, old: str, new: str) -> str:
    at = rationale.index(f"({old})") + 1 if f"({old})" in rationale else rationale.rindex(old)
    return rationale[:at] + new + rationale[at + 1 :]


def question(options: list[str], number: int) -> dict[str, object]:
    return {"id": f"q{number}", "source": "own", "question": f"질문 {number}?", "options": options, "answer_index": 2,
            "answer": options[2]}  # fmt: skip
