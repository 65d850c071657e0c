"""What prescriptions say, all invented: how often, per what, at least and at most, and in which system of units."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import medqa_kit as mk

AGREEING = (
    ("Methotrexate 15 mg once weekly", "메토트렉세이트 15 mg을 주 1회"),
    ("Methotrexate 15 mg weekly", "메토트렉세이트 주 1회 15 mg"),
    ("Methotrexate 15 mg weekly", "메토트렉세이트 매주 15 mg"),
    ("Vitamin D 50,000 IU once a month", "비타민 D 50,000 IU 매달 한 번"),
    ("Drink 2 liters of water a day", "하루에 물 2리터를 마신다"),
    ("Take 5 mg daily for a week", "일주일 동안 매일 5 mg을 복용한다"),
    ("Take 5 mg daily for 1 week", "1주간 매일 5 mg을 복용한다"),
    ("Take 5 mg every day for a month", "한 달간 매일 5 mg"),
    ("She lost 3 kg in a week", "일주일에 3 kg 빠졌다"),
    ("Exercise three times a week for 30 minutes", "주 3회 30분간 운동"),
    ("He drinks 2 beers a day", "그는 매일 맥주 2병을 마신다"),
    ("He smokes one pack a day for 20 years", "20년간 하루 한 갑 흡연"),
    ("Symptoms began a day ago; temperature 39 °C", "하루 전 증상 시작, 체온 39도"),
    ("Follow up in a week; take 1 g daily", "일주일 뒤 재진, 하루 1 g 복용"),
    ("Follow up in a week", "하루 뒤 재진"),
    ("5 mg/day", "하루 5 mg"),
    ("5 mg per week", "주당 5 mg"),
    ("8 glasses or more a day", "하루 8잔 이상"),
    ("Walk at least 30 minutes", "30분 이상 걷기"),
    ("more than 3 episodes", "3회 초과"),
    ("fewer than 5 cigarettes", "담배 5개비 미만"),
    ("at least 2 people", "2명 이상"),
    ("up to 10 sessions", "최대 10번의 세션"),
    ("no more than 2 drinks", "2잔 이하"),
    ("Take it at least 2 hours before meals", "식사 2시간 이상 전에 복용"),
    ("age 65 or older", "65세 이상"),
    ("65 years or younger", "65세 이하"),
    ("Give for 14 days", "2주간 투여한다"),
    ("Give 5 mg bid for 14 days", "2주간 1일 2회 5 mg"),
    ("Give 1 g/day for 10 days", "열흘간 1일 1 g"),
    ("Give 1 tablet tid for 3 days", "사흘간 1일 3회 1정"),
    ("101 °F", "38.3 °C"),
    ("98.6 °F", "37 °C"),
    ("weight 154 lb", "체중 70 kg"),
    ("height 6 feet", "키 183 cm"),
    (
        "A 58-year-old woman who works 5 days a week presents with a 3-day history of cough.",
        "주 5일 근무하는 58세 여자가 3일 전부터 기침이 있어 내원하였다.",
    ),
    (
        "He has had one bowel movement per week for the past year.",
        "지난 1년간 일주일에 한 번 배변을 하였다.",
    ),
    ("She runs every day and swims twice a week.", "그녀는 매일 달리기를 하고 주 2회 수영을 한다."),
    ("The daily dose was increased weekly.", "하루 용량을 매주 증량하였다."),
    ("A yearly eye examination is recommended.", "매년 안과 검진을 권장한다."),
    ("Influenza vaccination is given once a year.", "인플루엔자 백신은 1년에 한 번 접종한다."),
    ("The seizure recurred a week later.", "일주일 후 발작이 재발하였다."),
    ("Activities of daily living are preserved.", "일상생활 수행능력은 보존되어 있다."),
    ("Over a day, urine output was 400 mL.", "하루 동안 소변량은 400 mL였다."),
    ("Urine output is 400 mL per day.", "하루 소변량은 400 mL이다."),
    ("Patients were followed monthly for a year.", "환자를 1년간 매달 추적하였다."),
    ("Incidence is 3 per 100,000 per year.", "연간 10만 명당 3명 발생한다."),
    ("Give 0.3 mg/kg/day divided into 2 doses.", "0.3 mg/kg/일을 2회로 나누어 투여한다."),
    ("Take 2 capsules in the morning and 1 in the evening.", "아침에 2캡슐, 저녁에 1캡슐 복용."),
    ("Take 2 capsules in the morning and 1 in the evening.", "아침에 1캡슐, 저녁에 2캡슐 복용."),
    ("He weighs 180 lb and is 5 feet 10 inches tall.", "그의 체중은 82 kg, 키는 178 cm이다."),
    ("Both feet are swollen; 2+ edema.", "양발이 부어 있고 2+ 부종이 있다."),
    ("Temperature 102.2°F (39°C)", "체온 39°C (102.2°F)"),
    ("Fever of 39°C", "화씨 102.2도의 열"),
    ("The 1st dose on day 1, the 2nd on day 8", "1일째 1차, 8일째 2차 투여"),
    (
        "On the first day give 500 mg, then 250 mg for 4 days.",
        "첫날 500 mg, 이후 4일간 250 mg 투여.",
    ),
    ("every 3 weeks for 6 cycles", "3주마다 6주기"),
    ("every 3 weeks for 6 cycles", "3주 간격으로 6회"),
    ("within a month", "한 달 이내"),
    ("1일 2회, 1회 1정, 식후 30분", "1 tablet twice a day, 30 minutes after meals"),
    ("1일 최대 4 g", "maximum 4 g per day"),
    (
        "1일 1회 5 mg으로 시작하여 1주 간격으로 증량",
        "start with 5 mg once a day and increase at 1-week intervals",
    ),
    ("주 1회 피하주사", "subcutaneous injection once a week"),
    ("2주 1회 투여", "given every 2 weeks"),
    ("하루에 담배 한 갑", "one pack of cigarettes a day"),
    ("체중이 한 달에 2 kg씩 감소", "losing 2 kg a month"),
    ("월 1회 방문", "visits once a month"),
    ("3월 1회 방문", "one visit in March"),
    ("환자는 주로 밤에 2회 기침", "the patient mainly coughs 2 times at night"),
    ("주사 2회", "2 injections"),
    ("매일 아침 1정", "1 tablet every morning"),
    ("격주로 투여", "every other week"),
    ("លេបថ្នាំ ១ គ្រាប់ ក្នុងមួយថ្ងៃ", "Take 1 tablet a day"),
    ("ញ៉ាំថ្នាំរៀងរាល់ថ្ងៃ រយៈពេលមួយសប្តាហ៍", "take the medicine every day for a week"),
    ("ពិនិត្យរៀងរាល់ឆ្នាំ", "a check-up every year"),
    ("ផឹកទឹកយ៉ាងហោចណាស់ ៨ កែវក្នុងមួយថ្ងៃ", "Drink at least 8 glasses of water a day"),
    ("15 mL (1 tablespoon)", "15 mL(1큰술)"),
    ("at least 3 of the following", "다음 중 3가지 이상"),
    ("5 or more white cells", "백혈구 5개 이상"),
    ("SpO2 94% or higher", "산소포화도 94% 이상"),
    ("patients aged 18 and over", "18세 이상 환자"),
    ("3 or fewer episodes", "3회 이하"),
    ("50 mg or 100 mg", "50 mg 또는 100 mg"),
    ("more than a week", "일주일 이상"),
    (
        "Give 250 mg of amoxicillin three times a day for 7 days.",
        "아목시실린 250mg을 1일 3회 일주일간 투여한다.",
    ),
)
DIFFERING = (
    ("Methotrexate 15 mg once a week", "메토트렉세이트 15 mg을 하루 한 번", "per_changed"),
    ("Methotrexate 15 mg once a week", "메토트렉세이트 15 mg을 매일 1회", "per_changed"),
    ("Alendronate 70 mg once a week", "알렌드로네이트 70 mg 월 1회", "per_changed"),
    ("Vitamin D 50,000 IU once a month", "비타민 D 50,000 IU 매주 한 번", "per_changed"),
    ("Drink 2 liters of water a day", "일주일에 물 2리터를 마신다", "per_changed"),
    ("Exercise three times a week for 30 minutes", "하루 3회 30분간 운동", "per_changed"),
    ("5 mg/day", "일주일에 5 mg", "per_changed"),
    ("5 mg per week", "하루 5 mg", "per_changed"),
    ("8 glasses or more a day", "하루 8잔 이하", "bound_flipped"),
    ("fewer than 5 cigarettes", "담배 5개비 이상", "bound_flipped"),
    ("at least 2 people", "2명 이하", "bound_flipped"),
    ("age 65 or older", "65세 미만", "bound_flipped"),
    ("65 years and older", "65세 이하", "bound_flipped"),
    ("104 °F", "38 °C", None),
    (
        "She runs every day and swims twice a week.",
        "그녀는 매일 달리기를 하고 월 2회 수영을 한다.",
        "per_changed",
    ),
    ("A yearly eye examination is recommended.", "매월 안과 검진을 권장한다.", "per_changed"),
    ("Urine output is 400 mL per day.", "시간당 소변량은 400 mL이다.", "per_changed"),
    ("He weighs 180 lb and is 5 feet 10 inches tall.", "그의 체중은 28 kg, 키는 178 cm이다.", None),
    (
        "On the first day give 500 mg, then 250 mg for 4 days.",
        "첫날 500 mg, 이후 4일간 25 mg 투여.",
        "tenfold",
    ),
    ("every 3 weeks for 6 cycles", "3일 간격으로 6회", "unit_changed"),
    ("주 1회 피하주사", "subcutaneous injection once a month", "per_changed"),
    ("2주 1회 투여", "given every 2 months", "unit_changed"),
    ("하루에 담배 한 갑", "one pack of cigarettes a week", "per_changed"),
    ("체중이 한 달에 2 kg씩 감소", "losing 2 kg a week", "per_changed"),
    ("លេបថ្នាំ ១ គ្រាប់ ក្នុងមួយថ្ងៃ", "Take 1 tablet a week", "per_changed"),
    ("ពិនិត្យរៀងរាល់ឆ្នាំ", "a check-up every month", "per_changed"),
    ("ផឹកទឹកយ៉ាងច្រើន ៨ កែវក្នុងមួយថ្ងៃ", "Drink at least 8 glasses of water a day", "bound_flipped"),
    ("at least 3 of the following", "다음 중 3가지 이하", "bound_flipped"),
    ("SpO2 94% or higher", "산소포화도 94% 이하", "bound_flipped"),
    ("patients aged 18 and over", "18세 미만 환자", "bound_flipped"),
    ("Levothyroxine 100 mcg daily", "레보티록신 매일 1 mg", "tenfold"),
    ("Drink 2 liters of water a day", "ផឹកទឹក ២ លីត្រក្នុងមួយសប្តាហ៍", None),
)
"""The last is the code that is to be among those told, where the kind is plain."""


@pytest.mark.parametrize(("source", "target"), AGREEING)
def test_the_same_prescription_raises_no_alarm(source: str, target: str) -> None:
    assert mk.number_changes(source, target) == []
    assert mk.number_changes(target, source) == []


@pytest.mark.parametrize(("source", "target", "code"), DIFFERING)
def test_another_prescription_is_told_in_both_directions(
    source: str, target: str, code: str | None
) -> None:
    for texts in ((source, target), (target, source)):
        codes = {change.code for change in mk.number_changes(*texts)}
        assert codes
        assert code is None or code in codes


def test_texts_without_any_figure_are_compared_too() -> None:
    rows = [
        {"id": "a", "en": "Take it once a week.", "ko": "하루 한 번 복용한다."},
        {"id": "b", "en": "Take it TID.", "ko": "하루 두 번 복용한다."},
        {"id": "c", "en": "Take it weekly.", "ko": "매주 복용한다."},
        {"id": "d", "en": "Come back in a week.", "ko": "하루 한 번 복용한다."},
    ]
    _, report = mk.SameNumbers("en", "ko").run(rows)
    changes = report.findings.select(["id", "code", "detail"]).to_pylist()
    assert changes == [
        {"id": "a", "code": "per_changed", "detail": "week → 하루"},
        {"id": "b", "code": "number_changed", "detail": "tid → 하루 두 번"},
    ]


_WORDS = (
    "once a week", "daily", "for a week", "a day later", "매일", "주 1회", "월 2회", "일주일에 물 2리터", "하루에 한 갑", "3주 1회", "연 1회", "1년에 한 번",
    "ក្នុងមួយថ្ងៃ", "រៀងរាល់ឆ្នាំ", "ប្រចាំខែ", "5 mg", "Monthly", "per year", "5 mg/day", "주로", "하루 뒤", "TID", "101 °F", "38.3 °C", "or older", "8잔 이하",
    "at least 8 glasses", "2주간 1일 2회", "every 3 weeks",
)  # fmt: skip


@given(*(st.lists(st.sampled_from(_WORDS), max_size=4) for _ in range(2)))
@example(["once a week"], ["하루에 한 갑"])
@example(["daily"], ["하루 뒤", "주 1회"])
@example(["daily", "for a week"], ["매일", "일주일에 물 2리터"])
def test_a_table_says_what_a_pair_says_by_itself(source: list[str], target: list[str]) -> None:
    first, second = ", ".join(source), ", ".join(target)
    rows = pa.table({"text": [first], "other": [second]})
    _, report = mk.SameNumbers("text", "other", on_bad="keep").run(rows)
    told = [tuple(row.values()) for row in report.findings.select(["code", "detail"]).to_pylist()]
    assert told == [(change.code, change.detail) for change in mk.number_changes(first, second)]
