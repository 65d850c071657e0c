"""Invented rows for KMMLU and its siblings, in upstream's CSV and Parquet layouts."""

import csv
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.entries.kmmlu_medical import ADJACENT, LISTED

HEADER = ["question", "answer", *"ABCD", "Category", "Human Accuracy"]
PULSE = ["성인의 안정 시 정상 맥박수(회/분)는?", 2, "30~50", "60~100", "110~130", "140~160"]
HEALTH = {
    "train": [
        ["비타민 D가 모자랄 때 생기는 병은?", 1, "구루병", "괴혈병", "각기병", "야맹증"],
        ["다음 중 제1급 감염병은?\n(보기 가운데 하나)", 4, "독감", "수족구병", "무좀", "페스트"],
        ["손 씻기의 알맞은 시간은?", 3, "3초", "10초", "30초 이상", "None"],
        ["손 씻기의 알맞은 시간은?", 3, "3초", "10초", "30초 이상", "None"],  # an exact copy
    ],
    "dev": [
        ["혈압을 재는 기구는?", 2, "체온계", "혈압계", "청진기", "검안경"],
        ["사람의 정상 체온(℃)은?", 1, "36.5", "30", "40", "42"],
    ],
    "test": [
        PULSE,
        ["심폐소생술의 순서로 옳은 것은? 정답:", 1, "가슴압박-기도-호흡", "호흡-기도-가슴압박", "NA", "007"],
        ["혈당을 낮추는 호르몬은?", 4, "글루카곤", "코르티솔", "아드레날린", "인슐린"],
    ],
}  # fmt: skip
OTHER = {
    "train": ["{0}의 기초 개념으로 알맞은 것은?", 1, "정의", "색깔", "무게", "이름"],
    "dev": ["{0}에서 다루지 않는 것은?", 4, "관찰", "측정", "분류", "점성술"],
    "test": ["{0} 시험에 나올 수 있는 것은?", 2, "운세", "기본 원리", "해몽", "관상"],
}
LIST_ROWS = {
    "LGAI-EXAONE+KMMLU-Pro": [
        ("고혈압의 1차 치료에 알맞은 것은?", ["싱겁게 먹기", "흡연", "과음", "밤샘", "단식"], 1, "의사"),
        ("근저당권의 설명으로 옳은 것은?", ["물권이다", "채권이다", "상속이다", "혼인이다"], 1, "법무사"),
    ],
    "LGAI-EXAONE+KMMLU-Redux": [(PULSE[0], PULSE[2:], 2, "보건교육사")],
}  # fmt: skip


def write(folder: Path) -> None:
    data = folder / "HAERAE-HUB+KMMLU" / "data"
    for split in ("train", "dev", "test"):
        _csv(data / f"Health-{split}.csv", [[*row, "Health", 0.5] for row in HEALTH[split]])
        for subject in ADJACENT:
            question, *rest = OTHER[split]
            _csv(data / f"{subject}-{split}.csv", [[question.format(subject), *rest, subject, ""]])
    _csv(folder / "HAERAE-HUB+KMMLU-HARD" / "data" / "health-hard-test.csv",
         [[*PULSE, "health", 0.31]])  # fmt: skip
    for repo, rows in LIST_ROWS.items():
        raw = [dict(zip(LISTED.names, (*row, "보건"), strict=True)) for row in rows]
        file = folder / repo / "data" / "test-00000-of-00001.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(raw, schema=LISTED), file)


def _csv(file: Path, rows: list[list[object]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows([HEADER, *rows])
