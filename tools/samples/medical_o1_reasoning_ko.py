"""Invented rows for the Korean reasoning set, in upstream's Parquet layout."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.entries.medical_o1_reasoning_ko import SOURCE

ROWS = [
    ("잠수 직후 귀가 아프다면 무엇을 의심해야 하나요?", "깊이 내려가면 압력이 커진다. 급히 내려갔다.",
     "중이의 압력손상을 의심합니다."),
    ("잇몸에서 피가 나는 비타민 결핍은?", " 콜라겐에는 비타민 C가 필요하다.\n\n그러니 괴혈병이다.\n",
     "비타민 C 결핍입니다."),
    ("더운 날 종아리에 쥐가 나는 달리기 선수에게 물과 함께 보충할 것은?", "땀에는 소금이 있다.", "나트륨입니다."),
    ("신생아에게 비타민 K를 주는 까닭은?", "응고인자에 비타민 K가 필요하다.", "출혈을 막기 위해서입니다."),
    ("최대호기유량계가 재는 것은?", "있는 힘껏 빨리 분다.", "숨을 내쉬는 가장 빠른 속도입니다."),
    ("꼭지돌기에 댄 소리굽쇠로 검사하는 감각은?", "뼈가 떨린다.", "청각입니다."),
    ("이웃에게 고마움을 전하는 짧은 글을 쓰세요.", "짧고 따뜻하게 쓴다.", "화분에 물을 주셔서 고맙습니다."),
    ("삼원색을 말하세요.", "빨강, 노랑, 파랑.", "빨강, 노랑, 파랑입니다."),
    ("쓸개즙을 만드는 장기는?", "간세포가 만든다.", "간입니다."),
    ("가장 긴 뼈는?", "넓적다리에 있다.", "넙다리뼈입니다."),
    ("손은 얼마나 오래 씻나요?", "비누가 작용할 시간이 필요하다.", "30초쯤 씻습니다."),
    ("산소를 나르는 혈구는?", "헤모글로빈이 있다.", "적혈구입니다."),
    ("산소를 나르는 혈구는?", "헤모글로빈이 있다.", "적혈구입니다."),  # an exact copy
]  # fmt: skip


def write(folder: Path) -> None:
    raw = SOURCE.layout.raw
    file = folder / "data" / "train-00000-of-00001.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = [dict(zip(raw.names, row, strict=True)) for row in ROWS]
    pq.write_table(pa.Table.from_pylist(rows, schema=raw), file)
