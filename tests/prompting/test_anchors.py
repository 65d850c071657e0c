"""A fast look first must not hide what the whole pattern finds."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import medqa_kit as mk
from medqa_kit.prompting.anchors import _ALL_OF, _NAMES_PLACES, names_others

_LED = ["", "both ", "Either ", "options ", "보기 ", "ជម្រើស", "only "]
_LABELS = ["A", "(b)", "③", "ក", "1", "2번", "(3)", "A번", "៣"]
_JOINED = [
    ", ",
    " and ",
    "와 ",
    " 및 ",
    "및",
    "និង",
    " ឬ ",
    "~",
    "–",
    "번, ",
    " nor ",
    "/",
    " plus ",
    " & ",
    ") , ",
]
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
    "두 가지 다", "이 중 없음", "없음", "All three", "Every option above", "not any of these", "the first and third", "첫 번째와 세 번째", "ត្រឹមត្រូវទាំងអស់", "១ និង ៣", "1), 2)", "위의 모든 것", "앞의 두 가지", "two of the above except A", "위에 해당하는 것이 없음",
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
    pattern = f"{_ALL_OF}|{_NAMES_PLACES}"
    expected = pc.fill_null(pc.match_substring_regex(column, pattern), False).to_pylist()
    assert names_others(column).tolist() == expected


def test_some_of_the_others_and_none_of_them_are_named() -> None:
    named = ["both of them", "두 가지 모두", "이 중 없음", "보기 중에 정답이 없다", "이상의 모든 것", "All three", "None of the aforementioned", "Every option above", "All of the listed drugs", "Everything above", "없음",
             "ត្រឹមត្រូវទាំងអស់", "គ្មាន\u200bចម្លើយ\u200bត្រឹមត្រូវ", "All\u00a0of the above", "위의\u3000모두", "១ និង ៣", "1 & 2", "1), 2)", "the above two", "the first and third", "첫 번째와 세 번째", "A plus C", "two of the above except A",
             "모두 아님", "모두 아닙니다", "No correct answer", "There is no correct answer", "No answer is correct",
             "Two of the above", "None of the listed options", "(1), (2)", "1·2번", "둘 다(A, B)", "At least two of the above", "Only two of these", "Most of the above",
             "A to C", "Options A through C", "A and C but not B", "None of A, B or C", "1, 2 and 3", "1, 2, 3 모두", "ក ខ និង គ", "ក, ខ, គ", "មិនមែនទាំងអស់", "The above are all incorrect", "All statements are true",
             "All three statements are correct", "More than one answer is correct", "No option is correct", "위 보기에 답이 없음", "이상 중 없음",
             "모두 다", "다 맞다", "All apply", "None of these apply", "All of them are correct"]  # fmt: skip
    others = ["두 가지 약물", "이 중 하나를 뽑는다", "증상 없음", "All three layers of the wall", "Every 8 hours", "First and foremost, airway", "Second-degree burn", "앞쪽 두 가지 근육", "ត្រឹមត្រូវតាមក្បួន",
              "No treatment", "Two of three doses", "No answer from the patient is expected now", "One of the ribs",
              "이상 없음", "이상이 없다", "위와 십이지장", "ខាងលើនៃពោះ", "ផ្នែកខាងលើ", "Above the knee", "2 to 3 hours", "1, 2 propanediol", "Other causes", "No option for surgery", "More than one lesion",
              "Most of the patients", "Some of the drugs listed lower it", "Two tablets", "전부하 감소", "둘", "다 나은 뒤 퇴원", "All applicators are sterile"]  # fmt: skip
    assert names_others(pa.array(named)).all()
    assert not names_others(pa.array(others)).any()


@pytest.mark.parametrize("named", ["가, 다", "ㄱ과 ㄴ", "가·나", "(가)와 (나)"])
def test_syllables_name_options_only_among_others(named: str) -> None:
    alone = [question([*ORDER[:3], named], i) for i in range(10)]
    sets = [
        question([named, "가, 라", "ㄴ, ㄹ", "나, 다, 라"], i)
        | {"rationale": "ㄱ은 옳다. 보기 나는 틀리다."}
        for i in range(10)
    ]
    assert mk.shuffle_options(seed=1).run(alone)[1].by("code") == {"option_names_places": 10}
    shuffled, report = mk.shuffle_options(seed=1).run(sets)
    assert len(report.findings) == 0
    assert len({tuple(row["options"]) for row in shuffled}) > 3


ORDER = ["열", "기침", "발진", "통증"]


@pytest.mark.parametrize("place", ["The first two options", "(1), (2)", "1·2번", "둘 다(A, B)"])
def test_an_option_that_names_places_holds_its_row(place: str) -> None:
    rows = [question([*ORDER[:3], place], i) for i in range(10)]
    shuffled, report = mk.shuffle_options(seed=1).run(rows)
    assert all(row["options"] == [*ORDER[:3], place] for row in shuffled)
    assert report.by("code") == {"option_names_places": 10}


@pytest.mark.parametrize("labels", ["ABCD", "①②③④", "가나다라", "ㄱㄴㄷㄹ", "កខគឃ", "1234"])
@pytest.mark.parametrize("sign", [". ", ") "])
def test_options_that_carry_labels_in_order_hold_their_row(labels: str, sign: str) -> None:
    labeled = [f"{label}{sign}{text}" for label, text in zip(labels, ORDER, strict=True)]
    rows = [question(labeled, i) for i in range(10)]
    shuffled, report = mk.shuffle_options(seed=1).run(rows)
    assert all(row["options"] == labeled for row in shuffled)
    assert report.by("code") == {"option_names_places": 10}
    other = [question([f"{number}.5 mg" for number in (1, 2, 3, 4)], i) for i in range(10)]
    shuffled, report = mk.shuffle_options(seed=1).run(other)
    assert len({tuple(row["options"]) for row in shuffled}) > 3


@pytest.mark.parametrize(
    ("rationale", "marks"),
    [("보기 3이 맞다.", "1234"), ("Option (c) fits.", "abcd"), ("option 3 is right", "1234"), ("So choice c.", "abcd"),
     ("The third option is right.", ""), ("두 번째 보기는 아니다.", ""), ("(3)이 맞다.", ""), ("정답은 3이다.", ""), ("답 c", ""),
     ("ជម្រើសទី៣ ត្រឹមត្រូវ។", ""), ("The first two options are wrong.", ""), ("마지막 보기는 함정이다.", ""), ("나머지 보기(가, 나, 라)는 틀리다.", ""),
     ("선지 ㄱ, ㄴ은 제외한다.", ""), ("보기 ㄷ이 옳다", ""), ("정답은 ㄴ이다", ""), ("정답: 다", ""), ("(나)가 정답", ""), ("답가지 4가 맞다", ""), ("3)은 금기이다", ""),
     ("Choice three is right", ""), ("Ans: c", ""), ("c is correct", ""), ("so it must be c", ""), ("#3 is right", ""), ("ខ និង គ ខុស", ""), ("លេខ ៣ ត្រូវ", ""),
     ("보기 2와 3은 틀렸다.", ""), ("Option B and c are wrong", ""), ("2와 3은 틀렸다.", ""), ("1~2는 오답", ""), ("오답: 1, 2, 4", ""), ("[정답] 3", ""), ("Key: c", ""), ("Hence c.", ""), ("c: 발진", ""), ("셋째 보기가 맞다.", ""),
     ("1 (X), 2 (X), 3 (O), 4 (X)", ""), ("The answer is the third.", ""), ("맨 아래가 답", ""), ("보기 중 맨 위", ""), ("Option III is right.", ""), ("ⓒ가 답이다", ""), ("❸이 맞다", ""), ("⑶이 맞다", ""), ("３번이 맞다", ""), ("Ｃ가 맞다", ""), ("🅒", ""),
     ("세 번째가 맞다", ""), ("위에서 두 번째", ""), ("the last one is right", ""), ("the penultimate option", ""), ("1. too late\n2. right\n3. too early", ""), ("a. late\nb. right\nc. early", ""), ("a) late b) right", "")],
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


@pytest.mark.parametrize(
    "rationale",
    ["The other options are wrong.", "나머지 보기는 모두 틀리다.", "C형 간염이다.", "나이가 답이다.", "정답은 가장 흔한 원인이다.", "The first sign is fever.",
     "1. ABC\n2. Fluids\n3. CT\n4. OR\n5. ICU", "답이 다르다.", "Ⅲ도 화상", "혈압이 가장 위에 있다.", "답은 2개월 뒤에 안다.", "Stage III disease", "두 번째 임신이다."],
)  # fmt: skip
def test_a_rationale_that_names_no_place_stops_nothing(rationale: str) -> None:
    rows = [question(ORDER, i) | {"rationale": rationale} for i in range(12)]
    shuffled, report = mk.shuffle_options(seed=1).run(rows)
    assert len(report.findings) == 0
    assert len({tuple(row["options"]) for row in shuffled}) > 3


def _relettered(rationale: str, old: str, new: str) -> str:
    at = rationale.index(f"({old})") + 1 if f"({old})" in rationale else rationale.rindex(old)
    return rationale[:at] + new + rationale[at + 1 :]


def question(options: list[str], number: int) -> dict[str, object]:
    return {"id": f"q{number}", "source": "own", "question": f"질문 {number}?", "options": options, "answer_index": 2,
            "answer": options[2]}  # fmt: skip
