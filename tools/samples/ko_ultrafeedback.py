"""Invented rows for Ko-UltraFeedback, in upstream's Parquet layout."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.entries.ko_ultrafeedback import NAMES

ROWS = [
    ("물의 끓는점은?", "1기압에서 섭씨 100도입니다.", "뜨겁습니다."),
    ("물의 끓는점은?", "섭씨 100도이며 높은 산에서는 더 낮습니다.", "모릅니다."),
    (
        "하루에 몇 걸음 걷는 것이 좋나요?",
        "정해진 수는 없으나 꾸준히 걷는 것이 좋습니다.",
        "백만 걸음입니다.",
    ),
    ("한국의 수도는?", "서울입니다.", "부산입니다."),
    ("사과를 오래 두려면?", "서늘한 곳에 따로 두세요.", "햇볕에 두세요."),
    ("책상 정리 방법을 알려 줘", "1. 비운다\n2. 닦는다\n3. 자주 쓰는 것만 둔다", "그냥 두세요."),
    ("봄에 피는 꽃은?", "개나리와 진달래가 있습니다.", "코스모스입니다."),
    ("잠이 안 올 때는?", "늦은 시간의 커피를 피해 보세요.", "커피를 드세요."),
    ("한 시간은 몇 분?", "60분입니다.", "100분입니다."),
    ("'고맙습니다'를 영어로", "Thank you.", "Sorry."),
    ("바다는 왜 짠가요?", "강물이 나르는 소금이 쌓였기 때문입니다.", "짜니까요."),
    ("지구의 위성은?", "달입니다.", "태양입니다."),
    ("걷기의 좋은 점은?", "기분이 나아집니다.", "없습니다."),
]


def write(folder: Path) -> None:
    raw = [dict(zip(NAMES, row, strict=True)) for row in ROWS]
    file = folder / "data" / "train-00000-of-00001-4ef1a2b3c4d5e6f7.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    schema = pa.schema(dict.fromkeys(NAMES, pa.string()))
    pq.write_table(pa.Table.from_pylist(raw, schema=schema), file)
