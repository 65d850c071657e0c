"""Invented rows for ClinicalQA, in upstream's Parquet layout."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.entries.clinicalqa import SOURCE

# complaint, aim, question, findings, options, answer, explanation, source, specialty
CASES = [
    ("잇몸 출혈", "비타민 결핍을 감별한다.", "석 달째 통조림만 먹은 선원의 잇몸에서 피가 난다. 가장 가능성이 높은 진단은?",
     "비타민 C: 낮음", ["괴혈병", "각기병", "구루병", "펠라그라", "야맹증"], "A",
     "비타민 C가 모자라면 잇몸에서 피가 난다.", "지어낸 교과서 1장", "Internal Medicine"),
    ("가슴 통증", "응급 처치의 순서를 안다.", "58세 남자가 가슴이 아프다. 먼저 할 검사는?",
     "혈압 130/80 mmHg\n맥박 90회/분", ["위내시경", "심전도", "뇌 MRI", "청력검사", None], "B",
     "가슴 통증에는 심전도를 먼저 찍는다.", "지어낸 지침 2쪽", "Cardiology"),
    ("어지럼", "빈혈의 원인을 찾는다.", "32세 여자가 어지럽다고 왔다. 알맞은 치료는?", "혈색소 8.1 g/dL, 페리틴 낮음",
     ["철분", "비타민 B12", "항생제", "스테로이드", "수액"], "A", "저장철이 낮다.", "지어낸 교과서 3장", "Hematology"),
    ("기침", "감염병을 안다.", "2주째 기침하는 학생. 다음 중 가장 적절한 조치는?", None,
     ["격리와 객담 검사", "수술", "투석", "방치", None], "A", "기침이 2주 넘으면 객담을 본다.", "지어낸 지침 4쪽",
     "Pulmonology"),
    ("무릎 통증", "관절염을 감별한다.", "엄지발가락이 붓고 아픈 50세 남자의 진단은?", "요산 9.8 mg/dL",
     ["통풍", "골절", "무좀", "동상", "신경종"], "A", "요산이 높다.", "지어낸 교과서 5장", "Rheumatology"),
    ("두통", "위험 신호를 안다.", "갑자기 벼락처럼 머리가 아프다. 가장 먼저 할 것은?", None,
     ["뇌 CT", "안경 교체", "휴식", "커피", "마사지"], "A", "지주막하 출혈을 본다.", "지어낸 지침 6쪽", "Neurology"),
    ("설사", "탈수를 평가한다.", "설사하는 아이의 입이 말랐다. 먼저 줄 것은?", "체중 10 kg",
     ["경구 수액", "항생제", "지사제", "우유", "금식"], "A", "탈수에는 물과 전해질을 준다.", "지어낸 교과서 7장", "Pediatrics"),
    ("발진", "약물 부작용을 안다.", "항생제를 먹고 두드러기가 났다. 알맞은 조치는?", "",
     ["약을 끊는다", "약을 두 배로 늘린다", "햇볕을 쬔다", None, None], "A", "원인이 되는 약을 끊는다.", "지어낸 지침 8쪽",
     "Dermatology"),
    ("시력 저하", "녹내장을 안다.", "눈이 아프고 무지개가 보인다. 재야 할 것은?", "동공 반응 느림",
     ["청력", "안압", "혈당", "폐활량", "키"], "B", "안압이 오르면 무지개가 보인다.", "지어낸 교과서 9장", "Ophthalmology"),
    ("체중 증가", "호르몬 검사를 고른다.", "춥고 졸리다는 40세 여자의 검사로 옳은 것은?", "맥박 52회/분",
     ["TSH", "PSA", "CEA", "D-dimer", "BNP"], "A", "갑상샘 기능을 본다.", "지어낸 교과서 10장", "Endocrinology"),
    ("혈뇨", "신장 질환을 감별한다.", "소변이 콜라색이다. 다음 중 가장 흔한 원인은?", "소변 적혈구 많음",
     ["사구체신염", "감기", "근시", "치통", "탈모"], "A", "사구체에서 피가 샌다.", "지어낸 지침 11쪽", "Nephrology"),
    ("불면", "수면 위생을 안다.", "잠이 오지 않는 대학생에게 알맞은 조언은?", None,
     ["낮잠을 오래 잔다", "밤에 커피를 마신다", "같은 시간에 일어난다", "침대에서 공부한다", "불을 켠다"], "C",
     "일어나는 시간을 지킨다.", "지어낸 지침 12쪽", "Psychiatry"),
    ("어지럼", "빈혈의 원인을 찾는다.", "채식만 하는 노인이 어지럽다. 모자란 것은?", "MCV 112 fL",
     ["철분", "비타민 B12", "비타민 C", "아연", "구리"], "B", "적혈구가 크다.", "지어낸 교과서 3장", "Hematology"),
]  # fmt: skip


def write(folder: Path) -> None:
    layout = SOURCE.layout_of(SOURCE.parts[0])
    rows = []
    for number, (complaint, aim, question, exam, options, *rest) in enumerate(CASES, 1):
        named = {f"option_{letter}": text for letter, text in zip("ABCDE", options, strict=True)}
        values = (number, complaint, aim, question, exam, named, *rest)
        rows.append(dict(zip(layout.raw.names, values, strict=True)))
    file = folder / "data" / "train-00000-of-00001.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=layout.raw), file)
