"""Invented rows for the members of the ChuGyouk collection, in Parquet."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.entries.chugyouk_collection import CONCEPTS, MEMBERS

WORDS = {
    "question": "물은 하루에 얼마나 마시나요?", "answer": "목마르지 않게 자주 마십니다.",
    "question_ko": "귀가 먹먹하면 어떻게 하나요?", "answer_ko": "하품을 해 보세요.",
    "instruction": "환자의 물음에 답하시오.", "input": "무릎이 시려요.", "output": "따뜻하게 하고 쉬세요.",
}  # fmt: skip
MEDQA = [
    ("괴혈병은 무엇이 모자라 생기는가?", "비타민 A", "비타민 C", "비타민 D", "비타민 K", "B"),
    ("혈압을 재는 기구는?", "혈압계", "체온계", "청진기", "검안경", "A"),
]


def write(folder: Path) -> None:
    for name, layout in MEMBERS.items():
        rows = [{n: WORDS[n] for n in layout.raw.names}]
        if "instruction" in layout.raw.names:
            rows.append({**rows[0], "input": ""})
        _write(folder / f"ChuGyouk+{name}" / "data" / "train-00000-of-00001.parquet", rows)
    for config in CONCEPTS:
        rows = [{"question": f"{config}: 감기의 부호는?", "answer": "J00", "option_count": 4}]
        file = folder / "ChuGyouk+KorMedConceptsQA" / config / "train-00000-of-00001.parquet"
        _write(file, rows)
    names = ("question_ko", "A_ko", "B_ko", "C_ko", "D_ko", "answer_idx")
    rows = [dict(zip(names, row, strict=True)) for row in MEDQA]
    _write(folder / "ChuGyouk+MedQA" / "data" / "train-00000-of-00001.parquet", rows)


def _write(file: Path, rows: list[dict]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), file)
