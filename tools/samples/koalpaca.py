"""Invented rows for KoAlpaca, in the Parquet layouts of its two repositories."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.entries.koalpaca import V10, V11A

OLD = [
    ("다음 낱말의 반대말을 쓰시오.", "높다", "낮다"),
    ("건강을 지키는 방법을 세 가지 쓰시오.", "", "1. 골고루 먹기\n2. 걷기\n3. 푹 자기"),
    ("문장을 높임말로 바꾸시오.", "밥 먹었어?", "진지 드셨어요?"),
    ("두 수를 더하시오.", "12\n30", "42"),
    ("계절의 이름을 모두 쓰시오.", "", "봄, 여름, 가을, 겨울"),
    ("계절의 이름을 모두 쓰시오.", "", "봄, 여름, 가을, 겨울"),  # an exact copy
    (
        "다음 글을 한 문장으로 줄이시오.",
        "물은 몸에 꼭 필요하다. 그래서 자주 마셔야 한다.",
        "물을 자주 마시자.",
    ),
]
NEW = [
    ("양파는 어떤 부위인가요? \n뿌리인가요?", "양파는 땅속 비늘줄기입니다.", "https://kin.example/1"),
    ("감기에 걸리면 왜 열이 나나요?", "몸이 바이러스와 싸우는 과정에서 체온이 오르기 때문입니다.", "https://kin.example/2"),
    ("하품은 왜 옮나요?", "확실히 밝혀지지 않았습니다.", "https://kin.example/3"),
    ("눈은 왜 깜빡이나요?", "눈 겉을 적셔 마르지 않게 합니다.", "https://kin.example/4"),
    ("손톱은 얼마나 자라나요?", "한 달에 3mm쯤 자랍니다.", "https://kin.example/5"),
]  # fmt: skip


def write(folder: Path) -> None:
    for layout, rows in ((V10, OLD), (V11A, NEW)):
        raw = [dict(zip(layout.raw.names, row, strict=True)) for row in rows]
        file = folder / layout.at.repo.replace("/", "+") / "data" / "train-00000-of-00001.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(raw, schema=layout.raw), file)
