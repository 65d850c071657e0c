"""Invented traces over the invented items of the KorMedMCQA sample, several an item."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from tools.samples.kormedmcqa import TEST, TRAIN

from medqa_kit.entries.medical_reasoning_kormedmcqa import SOURCE

ITEMS = [*TRAIN["doctor"], *TRAIN["nurse"][:2], *TRAIN["pharm"][:2], TEST["doctor"][0]]
TRACES = (
    "보기를 차례로 따져 본다.\n\n{stem}에서 묻는 것은 하나뿐이다.",
    " 다른 보기를 지워 나간다. 남는 것은 하나다.\n",
)


def write(folder: Path) -> None:
    raw = SOURCE.layout.raw
    known = [name for name in raw.names if name not in SOURCE.layout.optional]
    rows = [_row(item, trace) for item in ITEMS for trace in TRACES[: 1 + (item[-1] == 1)]]
    file = folder / "data" / "train-00000-of-00001.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    schema = pa.schema([raw.field(name) for name in known])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), file)


def _row(item: tuple, trace: str) -> dict:
    _, _, _, question, *options, answer = item
    return {"question": question, **dict(zip("ABCDE", options, strict=True)), "answer": answer,
            "thinking": trace.format(stem=question.strip()),
            "response": f"정답은 {'ABCDE'[answer - 1]}입니다."}  # fmt: skip
