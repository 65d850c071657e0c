"""Invented rows for KorMedMCQA, in upstream's Parquet layout, with its quirks on purpose.

The escaped characters are compatibility ideographs, which change under NFC.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.entries.kormedmcqa import RAW

# (year, period, q_number, question, five options, answer counted from 1)
TRAIN = {
    "doctor": [
        (2012, 1, 1, "45세 남자가 3시간 전부터 가슴 중앙이 조이듯 아프다고 한다. 가장 먼저 할 검사는?",
         "심전도", "위내시경", "복부초음파", "폐기능검사", "뇌자기공명영상", 1),
        (2013, 1, 35, "다음 중 철결핍빈혈에서 감소하는 것은?",
         "혈청페리틴", "총철결합능", "적혈구분포폭", "총철결합능", "트랜스페린", 1),  # repeated option
        (2019, 1, 57, "열", "2", "4", "6", "8", "10", 3),  # one-character stem, digits only
        (2020, 2, 9, "\n32세 여자가 임신 30주에 두통으로 왔다.\n혈압 168/112 mmHg, 소변단백 3+.\n처치는? ",
         "황산마그네슘", "옥시토신", "리토드린", "메트포르민", "와파린", 1),
    ],
    "nurse": [
        (2019, 1, 3, "낙상 위험이 높은 노인 환자의 병실에서 우선할 간호중재는?",
         "침대 높이를 낮춘다", "침대 난간을 내린다", "조명을 끈다", "이동을 전면 금지한다", "양말만 신긴다", 1),
        (2020, 2, 11, "다음 중 옳은 것은?",
         "정맥주사 부위가 붓고 차가우면 침윤이다", "침윤이면 주입속도를 높인다", "침윤 부위에 다시 찌른다",
         "침윤은 정상이다", "침윤이면 도뇨를 한다", 1),
        (2020, 3, 40, "정상 성인의 안정 시 호흡수(회/분)는?", "4", "8", "16", "32", "64", 3),
    ],
    "pharm": [
        (2019, 2, 86, "\uf9e4氣藥에 속하는 약재의 주된 효능은?", "기의 순환", "지혈", "해열", "구충", "마취", 1),
        (2020, 2, 15, "다음 중 1차 속도과정의 반감기에 대한 설명은?",
         "농도에 무관하다", "농도에 비례한다", "농도에 무관하다", "농도에 반비례한다", "측정할 수 없다", 3),  # gold twice
        (2020, 4, 5, "와파린의 효과를 감시하는 지표는?", "INR", "혈당", "크레아티닌", "칼륨", "요산", 1),
    ],
    "dentist": [
        (2020, 1, 2, "젖니가 처음 나는 시기는?", "생후 6개월", "생후 2년", "만 6세", "만 9세", "만 12세", 1),
        (2020, 1, 8, "불소가 충치를 예방하는 기전은?",
         "재광화 촉진", "침 분비 억제", "법랑질 용해", "세균 증식", "치은 증식", 1),
        # the same question comes back in the official test of 2023, re-punctuated
        (2020, 2, 30, "영구치 가운데 가장 먼저 나는 치아는?",
         "제1대구치", "제2대구치", "견치", "제1소구치", "사랑니", 1),
    ],
}  # fmt: skip
DEV = {
    "doctor": [
        (2021, 1, 4, "저혈당으로 의식을 잃은 환자에게 정맥으로 줄 약은?",
         "포도당", "인슐린", "칼륨", "아트로핀", "헤파린", 1),
        (2021, 3, 20, "사진과 같은 발진을 보인다. 진단은?",
         "대상포진", "수두", "홍역", "풍진", "옴", 1),  # the picture is not included
    ],
    "nurse": [
        (2021, 1, 6, "수혈을 시작하고 처음 15분 동안 간호사가 할 일은?",
         "환자 곁에서 관찰한다", "속도를 최대로 한다", "병실을 비운다", "활력징후를 생략한다", "해열제를 미리 준다", 1),
        (2021, 2, 14, "욕창 예방을 위해 체위를 바꾸는 간격(시간)은?", "2", "6", "12", "24", "48", 1),
    ],
    "pharm": [
        (2021, 1, 56, "아세트아미노펜 과량 복용의 해독제는?",
         " 아세틸시스테인", "날록손 ", "플루마제닐", "프로타민", "아트로핀", 1),  # blanks at the ends
        (2021, 4, 68, "\uf9c4骨의 주성분은?", "탄산칼슘", "모르핀", "카페인", "니코틴", "퀴닌", 1),
    ],
    "dentist": [
        (2021, 1, 5, "치수염에서 자발통이 심한 까닭은?",
         "치수강 내압 상승", "법랑질 파괴", "타액 감소", "치석 침착", "치은 퇴축", 1),
        (2021, 2, 9, "국소마취제에 에피네프린을 섞는 까닭은?",
         "작용시간 연장", "통증 유발", "출혈 증가", "흡수 촉진", "착색 방지", 1),
    ],
}  # fmt: skip
TEST = {
    "doctor": [
        (2022, 1, 7, "괴혈병을 예방하는 비타민은?",
         "비타민 A", "비타민 B1", "비타민 C", "비타민 D", "비타민 K", 3),
        (2023, 1, 12, "다음 중 철결핍빈혈에서 감소하는 것은?",
         "혈청철", "총철결합능", "적혈구분포폭", "망상적혈구지수", "트랜스페린", 1),  # stem of 2013, other options
        (2024, 2, 33, "38세 여자가 한 달 전부터 열이 나고 체중이 줄었다.\r\n\r\n다음 검사는?",
         "흉부 X선", "청력검사", "안저검사", "근전도", "수면다원검사", 1),
    ],
    "nurse": [
        (2022, 1, 9, "심폐소생술에서 가슴압박의 분당 횟수로 알맞은 것은?",
         "60~80", "80~100", "100~120", "140~160", "180~200", 3),
        (2023, 3, 2, "격리가 필요한 환자의 병실을 나올 때 가장 나중에 벗는 것은?",
         "마스크", "장갑", "가운", "보안경", "덧신", 1),
        (2024, 1, 1, "수술 전 금식의 목적은?",
         "흡인 예방", "체중 감량", "수면 유도", "통증 조절", "감염 치료", 1),
    ],
    "pharm": [
        (2022, 2, 88, "\uf90a銀花의 주성분 계열은?", "클로로겐산", "스테로이드", "비소", "청산", "수은", 1),
        (2023, 1, 3, "임신 중 금기인 약물은?",
         "이소트레티노인", "아세트아미노펜", "레보티록신", "메틸도파", "엽산", 1),
        (2024, 3, 9, "디곡신 중독 위험을 높이는 전해질 이상은?",
         "저칼륨혈증 ", "고나트륨혈증", "저염소혈증", "고인산혈증", "저요산혈증", 1),
    ],
    "dentist": [
        (2022, 1, 9, "치주염 환자의 골소실을 보는 데 가장 흔히 쓰는 영상은?",
         " 치근단 방사선사진", "흉부 X선", "복부초음파", "심장초음파", "골밀도검사", 1),
        (2023, 2, 30, "영구치 가운데, 가장 먼저 나는 치아는 ?",
         "제2대구치", "제1대구치", "견치", "제1소구치", "사랑니", 2),
        (2024, 2, 79, "부정교합 1급의 정의는?",
         "상악 제1대구치의 근심협측교두가\n하악 제1대구치의 협측구와 맞는다", "하악이 전돌한다",
         "하악이 후퇴한다", "개방교합이다", "반대교합이다", 1),  # a line break inside an option
    ],
}  # fmt: skip
COT = "{stem}에 답하려면 보기를 하나씩 따져 본다. 다른 보기는 맞지 않으므로 정답은 ({letter})이다."


def write(folder: Path) -> None:
    for subset in TRAIN:
        splits = {"train": TRAIN[subset], "dev": DEV[subset], "test": TEST[subset]}
        for split, items in splits.items():
            _write(folder, subset, split, [_row(subset, item, cot="") for item in items])
        shots = [_row(subset, item, cot=_cot(item)) for item in DEV[subset]]
        _write(folder, subset, "fewshot", shots)


def _row(subset: str, item: tuple, *, cot: str) -> dict:
    year, period, number, question, *options, answer = item
    subject = "pharmacy" if (subset, year) == ("pharm", 2024) else subset
    return {"subject": subject, "year": year, "period": period, "q_number": number,
            "question": question, **dict(zip("ABCDE", options, strict=True)), "answer": answer,
            "cot": cot}  # fmt: skip


def _cot(item: tuple) -> str:
    return COT.format(stem=item[3].strip(), letter="ABCDE"[item[-1] - 1])


def _write(folder: Path, subset: str, split: str, rows: list[dict]) -> None:
    file = folder / subset / f"{split}-00000-of-00001-{hash16(subset + split)}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=RAW), file)


def hash16(text: str) -> str:
    from hashlib import sha256

    return sha256(text.encode()).hexdigest()[:16]
