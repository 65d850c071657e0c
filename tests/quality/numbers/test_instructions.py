"""What words say of a dose, all invented: before or after a meal, when in the day, by which route, how much of a tablet."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import medqa_kit as mk

DIFFERING = (
    ("Take one tablet every other day.", "하루에 한 알 복용한다."),
    ("Take one tablet every other day.", "매일 한 알 복용한다."),
    ("1정을 격일로 복용한다.", "Take 1 tablet daily."),
    ("1정을 이틀에 한 번 복용한다.", "Take 1 tablet once a day."),
    ("5 mg을 격주로 투여한다.", "Give 5 mg every week."),
    ("Take half a tablet in the morning.", "아침에 한 알을 복용한다."),
    ("아침에 반 알을 복용한다.", "Take a tablet in the morning."),
    ("아침에 반 알을 복용한다.", "Take one tablet in the morning."),
    ("លេបថ្នាំកន្លះគ្រាប់", "Take one tablet"),
    ("Take one and a half tablets.", "한 알을 복용한다."),
    ("Take two tablets at bedtime.", "취침 전 한 알을 복용한다."),
    ("Take two tablets at bedtime.", "លេបមួយគ្រាប់មុនចូលគេង។"),
    ("취침 전 두 알을 복용한다.", "Take three tablets at bedtime."),
    ("Take 500 mg before meals.", "식후에 500 mg을 복용한다."),
    ("Take 500 mg after meals.", "식전에 500 mg을 복용한다."),
    ("식후 30분에 1정 복용", "Take 1 tablet 30 minutes before a meal"),
    ("Take 30 minutes before breakfast.", "아침 식사 30분 후에 복용한다."),
    ("លេប ១គ្រាប់ មុនអាហារ", "Take 1 tablet after meals"),
    ("លេប ១គ្រាប់ ក្រោយអាហារ", "식전에 1정을 복용한다"),
    ("Take on an empty stomach, 1 tablet.", "식후에 1정을 복용한다."),
    ("공복에 1정을 복용한다.", "Take 1 tablet with food."),
    ("Take 1 tablet in the morning.", "저녁에 1정을 복용한다."),
    ("Take 1 tablet at bedtime.", "아침에 1정을 복용한다."),
    ("아침에 1정을 복용한다.", "Take 1 tablet at night."),
    ("លេប ១គ្រាប់ នៅពេលព្រឹក", "Take 1 tablet in the evening"),
    ("Stop aspirin 7 days before surgery.", "수술 7일 후에 아스피린을 중단한다."),
    ("수술 후 3일째 배액관을 제거한다.", "The drain is removed 3 days before surgery."),
    ("Give 1 hour before the procedure.", "시술 1시간 후에 투여한다."),
    ("Symptoms began 2 hours after eating.", "식사 2시간 전에 증상이 시작되었다."),
    ("Do not take more than 8 tablets in 24 hours.", "24시간 동안 8정을 넘게 복용한다."),
    ("within 3 hours", "3시간 이상 지나서"),
    ("not below 90%", "90% 미만"),
    ("for two to three weeks", "2~3일 동안"),
    ("on March 5, 2021", "2021년 5월 3일"),
    ("at 8 a.m.", "오후 8시"),
    ("at 8 p.m.", "오전 8시에"),
    ("오전 9시에 투여", "give at 9 p.m."),
    ("ថ្ងៃទី ១២ ខែឧសភា ឆ្នាំ ២០២០", "12 June 2020"),
    ("열두 시간마다", "every 10 hours"),
    ("일주일에 두 번", "three times a week"),
    ("10 mg qhs", "10 mg을 매일 아침"),
    ("inject 5 mg IM", "5 mg을 정맥 주사한다"),
    ("5 mg orally", "5 mg을 직장으로 투여"),
    ("increase by 10 mg", "10 mg 감량한다"),
    ("increase the dose to 20 mg", "용량을 20 mg으로 줄인다"),
    ("reduce to 5 mg", "5 mg으로 증량한다"),
    ("Take 2 tablets after breakfast.", "아침 식전에 2정을 복용한다."),
    ("លេបថ្នាំ ២គ្រាប់ បន្ទាប់ពីញ៉ាំបាយ", "식전 2정"),
    ("Take 10 mg in the evening.", "10 mg을 아침에 복용한다."),
    ("Take 10 mg at lunch.", "10 mg을 저녁에 복용한다."),
    ("two capsules", "세 캡슐"),
    ("a capsule", "두 캡슐을"),
    ("one and a half tablets", "두 알을"),
    ("Give 5 mg IV", "5 mg을 근육 주사한다"),
    ("Give 5 mg SC", "5 mg을 정맥 내 주사"),
    ("0.3 mg intramuscularly", "0.3 mg을 피하 주사"),
    ("take 5 mg by mouth", "5 mg 정맥 투여"),
    ("ចាក់ ៥ មីលីក្រាម តាមសរសៃ", "5 mg intramuscularly"),
    ("lower the dose to 10 mg", "10 mg으로 올린다"),
    ("raise by 5 units", "5단위 줄인다"),
    ("បន្ថយមកត្រឹម ១០ មីលីក្រាម", "increase to 10 mg"),
    ("at 7:30 pm", "오전 7시 30분"),
    ("at 7 in the morning", "저녁 7시에"),
    ("ម៉ោង ៨ ព្រឹក", "8 p.m."),
    ("January 6", "6월 1일"),
    ("2021-04-03", "2021년 3월 4일"),
    ("three times a week", "일주일에 네 번"),
    ("every other week", "매주"),
    ("매일 1정", "1 tablet every other day"),
    ("격일로", "every day"),
    ("within 3 hours", "3시간 이상"),
    ("never below 4 °C", "4도 이하"),
    ("rest for three weeks", "3일 동안 안정"),
    ("rest for three weeks", "3개월 동안 안정"),
    ("for twenty-five minutes", "5분 동안"),
    ("two to three weeks", "2~3개월"),
    ("Give it 2 hours before surgery", "수술 2시간 후에 투여"),
    ("after vaccination, wait 15 minutes", "접종 전에 15분 기다린다"),
    ("one hundred twenty mg", "100 mg"),
    ("스물다섯 명에서", "20명"),
)  # fmt: skip
AGREEING = (
    ("Take 1 tablet every 2 days.", "1정을 격일로 복용한다."),
    ("not below 90%", "90% 이상"),
    ("at 8 p.m.", "20시에"),
    ("at 14:30", "오후 2시 30분"),
    ("at 2:30 pm", "14시 30분"),
    ("hemoglobin 13.5 g/dL", "혈색소 135 g/L"),
    ("an hour and a half", "90분"),
    ("a quarter of an hour", "15분"),
    ("The injection is given every 2 weeks.", "격주로 주사한다."),
    ("PaO2 not below 60 mmHg", "PaO2 60 mmHg 이상"),
    ("The dose should not be less than 5 mg.", "용량은 5 mg 이상이어야 한다."),
    ("never below 4 °C", "4도 이상"),
    ("bilirubin 20 mg/L", "빌리루빈 2 mg/dL"),
    ("A 45-year-old man presents with chest pain that began this morning while he was eating breakfast. He took two tablets of nitroglycerin without relief.", "45세 남성이 오늘 아침 식사 중 시작된 흉통으로 내원하였다. 니트로글리세린 두 알을 복용하였으나 호전이 없었다."),
    ("Pain is worse at night and improves after meals.", "통증은 밤에 심해지고 식후에 호전된다."),
    ("Pain occurs 2 to 3 hours after meals and awakens her at night.", "통증은 식후 2~3시간에 발생하며 밤에 잠에서 깬다."),
    ("Duodenal ulcer pain is relieved by food, whereas gastric ulcer pain worsens with food.", "십이지장궤양 통증은 식사로 완화되고 위궤양 통증은 식사 후 악화된다."),
    ("Levothyroxine should be taken on an empty stomach in the morning, at least 30 minutes before breakfast.", "레보티록신은 아침 식사 최소 30분 전 공복에 복용해야 한다."),
    ("Take the medicine after breakfast and after dinner.", "아침 식후와 저녁 식후에 약을 복용한다."),
    ("Take the medicine after breakfast and dinner.", "아침, 저녁 식후에 복용하세요."),
    ("Inject 10 units before breakfast and 6 units before dinner.", "아침 식전 10단위, 저녁 식전 6단위를 주사한다."),
    ("He was given 1 g of ceftriaxone intravenously and then oral amoxicillin.", "세프트리악손 1 g을 정맥 투여한 뒤 경구 아목시실린으로 바꾸었다."),
    ("Epinephrine 0.3 mg IM in the lateral thigh", "에피네프린 0.3 mg을 허벅지 바깥쪽에 근육 주사"),
    ("Heparin 5000 units SC every 8 hours", "헤파린 5000단위를 8시간마다 피하 주사"),
    ("Avoid intramuscular injections in patients with platelets below 50,000/µL.", "혈소판 50,000/µL 미만 환자에서는 근육주사를 피한다."),
    ("The patient has a history of intravenous drug use and oral thrush.", "환자는 정맥 주사 약물 사용력과 구강 칸디다증이 있다."),
    ("The dose was increased to 20 mg after her blood pressure decreased.", "혈압이 떨어진 후 용량을 20 mg으로 증량하였다."),
    ("The dose was reduced from 40 mg to 20 mg because of nausea, and later raised to 30 mg.", "구역 때문에 용량을 40 mg에서 20 mg으로 줄였다가 나중에 30 mg으로 올렸다."),
    ("Weight decreased by 5 kg over three months.", "석 달 동안 체중이 5 kg 감소하였다."),
    ("Serum creatinine increased from 1.0 mg/dL to 2.0 mg/dL.", "혈청 크레아티닌이 1.0 mg/dL에서 2.0 mg/dL로 상승하였다."),
    ("Three days before admission she developed a fever.", "입원 3일 전부터 열이 났다."),
    ("She was admitted three days after the fever began.", "열이 시작되고 3일 뒤 입원하였다."),
    ("On postoperative day 2 he developed a fever of 38.5 °C.", "수술 후 2일째 38.5도의 열이 났다."),
    ("Preoperative evaluation was normal; two days after surgery he became confused.", "수술 전 검사는 정상이었고 수술 이틀 후 혼돈이 생겼다."),
    ("He underwent surgery after admission.", "입원 후 수술을 받았다."),
    ("Prophylactic antibiotics are given within 60 minutes before surgical incision.", "예방적 항생제는 수술 절개 전 60분 이내에 투여한다."),
    ("Wash your hands before eating and after using the toilet.", "식사 전과 화장실 사용 후에 손을 씻는다."),
    ("Wait 30 minutes after eating before you exercise.", "식사 후 30분 기다렸다가 운동한다."),
    ("Drink a glass of water before and after exercise.", "운동 전후에 물을 한 잔 마신다."),
    ("Measure glucose before meals and at bedtime.", "식전과 취침 전에 혈당을 측정한다."),
    ("The medication is taken at bedtime because it causes drowsiness in the morning.", "아침에 졸음을 유발하므로 취침 전에 복용한다."),
    ("Symptoms are worse in the evening.", "증상은 저녁에 심해진다."),
    ("Morning stiffness lasts more than one hour.", "아침 강직이 1시간 이상 지속된다."),
    ("He wakes up at 3 a.m. with a headache.", "새벽 3시에 두통으로 깬다."),
    ("The appointment is on Monday, March 15 at 10:30 am.", "예약은 3월 15일 월요일 오전 10시 30분이다."),
    ("The clinic is open from 9 a.m. to 6 p.m.", "진료 시간은 오전 9시부터 오후 6시까지이다."),
    ("The 1st dose was given on January 5, 2021 and the 2nd on January 26, 2021.", "1차 접종은 2021년 1월 5일, 2차는 1월 26일에 시행하였다."),
    ("Between May and June he lost 5 kg.", "5월에서 6월 사이에 5 kg이 빠졌다."),
    ("You may 5 minutes later repeat it.", "5분 뒤 반복할 수 있다."),
    ("Swallow the tablet whole with a glass of water.", "정제를 물 한 잔과 함께 통째로 삼킨다."),
    ("Each tablet contains 500 mg; take one tablet three times a day.", "한 알에 500 mg이 들어 있으며 하루 세 번 한 알씩 복용한다."),
    ("Split the tablet in half and take half a tablet.", "알약을 반으로 쪼개 반 알을 복용한다."),
    ("He took 20 tablets of acetaminophen 500 mg.", "아세트아미노펜 500 mg 20정을 복용하였다."),
    ("Take one or two tablets every 4 to 6 hours as needed.", "필요 시 4~6시간마다 한두 알을 복용한다."),
    ("Take 1-2 tablets every 4-6 hours.", "4~6시간마다 1~2정을 복용한다."),
    ("Take two 5-mg tablets.", "5 mg 정 두 알을 복용한다."),
    ("If you miss a dose, do not take two tablets at once.", "복용을 잊었다면 한 번에 두 알을 복용하지 마세요."),
    ("If you miss a tablet, do not take two tablets the next day.", "한 알을 빠뜨렸다면 다음 날 두 알을 복용하지 마세요."),
    ("Take one capsule daily, preferably with a meal.", "하루 한 캡슐을 되도록 식사와 함께 복용한다."),
    ("Take with food.", "식후에 복용하세요."),
    ("Methotrexate is given once a week, with folic acid daily.", "메토트렉세이트는 주 1회 투여하고 엽산은 매일 복용한다."),
    ("Dialysis three times a week, 4 hours each session.", "주 3회, 1회 4시간 투석."),
    ("Exercise for 30 minutes five times a week.", "일주일에 다섯 번 30분씩 운동한다."),
    ("He drinks three times a week and smokes twice a day.", "일주일에 세 번 음주하고 하루 두 번 담배를 피운다."),
    ("Change the patch every 3 days.", "패치는 3일마다 교체한다."),
    ("Change the patch every other day.", "패치는 하루 걸러 한 번 교체한다."),
    ("Change the dressing every second day.", "드레싱은 격일로 교체한다."),
    ("The injection is given every two weeks.", "2주에 한 번 주사한다."),
    ("Give 2 mg/kg/day on alternate days.", "격일로 2 mg/kg/일을 투여한다."),
    ("The child was delivered at 39 weeks; at birth the weight was 3.2 kg.", "아이는 39주에 출생하였고 출생 체중은 3.2 kg이었다."),
    ("Give vitamin K 1 mg IM after birth.", "출생 후 비타민 K 1 mg을 근육 주사한다."),
    ("HIV post-exposure prophylaxis should start within 72 hours of exposure.", "HIV 노출 후 예방요법은 노출 72시간 이내에 시작해야 한다."),
    ("Treatment must begin within 4.5 hours of symptom onset.", "증상 발생 4.5시간 이내에 치료를 시작해야 한다."),
    ("Two hours after a 75-g glucose load, the value is 200 mg/dL or higher.", "75 g 포도당 부하 2시간 후 값이 200 mg/dL 이상이다."),
    ("no more than 3 days within a week", "일주일에 3일 이하"),
    ("within 2 weeks, at least 3 doses", "2주 이내 최소 3회"),
    ("within 24 hours after birth", "출생 후 24시간 이내"),
    ("ញ៉ាំថ្នាំមួយគ្រាប់ មុនពេលចូលគេង", "Take one tablet at bedtime"),
    ("លេបថ្នាំ ២គ្រាប់ បន្ទាប់ពីញ៉ាំអាហារពេលព្រឹក", "Take 2 tablets after breakfast"),
    ("លេបថ្នាំ ២គ្រាប់ បន្ទាប់ពីញ៉ាំអាហារពេលព្រឹក", "아침 식후 2정을 복용한다"),
    ("លេបថ្នាំមួយគ្រាប់កន្លះ ពេលព្រឹក", "아침에 한 알 반을 복용한다"),
    ("ផឹកថ្នាំមុនអាហារ ៣០ នាទី", "Take the medicine 30 minutes before meals"),
    ("ចាក់ថ្នាំ ៥ មីលីក្រាម តាមសរសៃ", "Give 5 mg intravenously"),
    ("លេប ១គ្រាប់ រៀងរាល់ពីរថ្ងៃម្តង", "Take 1 tablet every other day"),
    ("ថ្ងៃទី ៣ ខែ ៥ ឆ្នាំ ២០២១", "3 May 2021"),
    ("ម៉ោង ៨ ព្រឹក", "8 a.m."),
    ("ម៉ោង ៨ យប់", "오후 8시"),
    ("cardiac output 5 L/min", "심박출량 5000 mL/min"),
    ("fluids at 125 mL/h", "수액 125 mL/시간"),
    ("4 mg/day", "하루 4 mg"),
    ("one hundred and twenty patients", "환자 120명"),
    ("twenty-one days", "21일"),
    ("two to four hours", "2~4시간"),
    ("열두 시간 간격으로 두세 번", "2 or 3 times 12 hours apart"),
    ("The noon dose is 5 mg, evening 10 mg", "점심 5 mg, 저녁 10 mg"),
    ("The patient ate dinner at 7 pm and had pain at midnight.", "저녁 7시에 식사하고 자정에 통증이 있었다."),
    ("The surgery is scheduled for 2 p.m.; do not eat after midnight the night before surgery.", "수술은 오후 2시이며 수술 전날 자정 이후 금식한다."),
    ("breakfast skipping", "아침 결식"),
    ("Nocturia three times a night", "하룻밤에 세 번의 야간뇨"),
    ("Daily living after discharge; he takes 5 mg before meals", "퇴원 후 일상생활; 식전 5 mg 복용"),
    ("He has to get up twice a night to urinate.", "밤에 두 번 소변을 보러 일어난다."),
    ("Nitroglycerin 0.4 mg sublingually", "니트로글리세린 0.4 mg 설하 투여"),
    ("rectal temperature 38.9 °C", "직장 체온 38.9도"),
    ("He returned to work 3 days later; acetaminophen suppository was given earlier", "3일 뒤 직장에 복귀하였다; 앞서 아세트아미노펜 좌약을 투여하였다"),
)  # fmt: skip


@pytest.mark.parametrize(("source", "target"), DIFFERING)
def test_another_instruction_is_told_in_both_directions(source: str, target: str) -> None:
    assert mk.number_changes(source, target)
    assert mk.number_changes(target, source)


@pytest.mark.parametrize(("source", "target"), AGREEING)
def test_the_same_instruction_raises_no_alarm(source: str, target: str) -> None:
    assert mk.number_changes(source, target) == []
    assert mk.number_changes(target, source) == []


@pytest.mark.parametrize(
    ("source", "target", "detail"),
    [
        ("Take 5 mg before meals.", "식후에 5 mg을 복용한다.", "before meals → 식후"),
        ("Take half a tablet.", "한 알을 복용한다.", "half a tablet → 한 알"),
        ("Come at 8 a.m.", "오후 8시에 온다.", "8 a.m → 오후 8시"),
        ("ចាក់ ៥ mg តាមសរសៃ", "5 mg IM", "តាមសរសៃ → 5 mg im"),
    ],
)
def test_the_words_of_both_texts_are_quoted(source: str, target: str, detail: str) -> None:
    [change] = mk.number_changes(source, target)
    assert (change.code, change.detail) == ("instruction_changed", detail)


_SAID = [part for pair in (*DIFFERING, *AGREEING) for part in pair]


@given(*(st.lists(st.sampled_from(_SAID), max_size=2) for _ in range(2)))
def test_a_table_says_what_a_pair_says_by_itself(source: list[str], target: list[str]) -> None:
    first, second = " ".join(source), " ".join(target)
    rows = pa.table({"text": [first], "other": [second]})
    _, report = mk.SameNumbers("text", "other", on_bad="keep").run(rows)
    told = [tuple(row.values()) for row in report.findings.select(["code", "detail"]).to_pylist()]
    assert told == [(change.code, change.detail) for change in mk.number_changes(first, second)]
