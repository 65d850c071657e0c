"""Invented passages for the Korean textbooks, in upstream's Parquet layout."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.entries.korean_textbooks import MMLU, ROWS


def write(folder: Path) -> None:
    for subset in (*ROWS, *MMLU):
        texts = [
            f"{subset}의 첫 글: 이 장에서는 기본 개념을 배운다.\n\n1. 정의\n2. 보기",
            f"{subset}의 둘째 글: 연습 문제를 풀어 보자.",
        ]
        if subset == "tiny-textbooks":
            texts.append(texts[0])  # an exact copy
        file = folder / subset / "train-00000-of-00001.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"text": pa.array(texts, pa.string())}), file)
