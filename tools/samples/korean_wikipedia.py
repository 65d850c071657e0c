"""Invented articles for the Korean Wikipedia, in the Parquet layouts of the two repositories."""

from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.entries.korean_wikipedia import LCW99, WIKIMEDIA

TITLES = (
    "가나병",
    "다라꽃",
    "마바강",
    "사아산",
    "자차역",
    "카타섬",
    "파하성",
    "거너들",
    "더러못",
    "머버골",
)


def write(folder: Path) -> None:
    rows = [
        {"id": str(i * 7), "url": f"https://ko.wikipedia.org/wiki/{quote(title)}", "title": title,
         "text": f"{title}은(는) 지어낸 이름이다.\n\n== 역사 ==\n기록이 없다.\n\n== 같이 보기 ==\n* 없음"}
        for i, title in enumerate(TITLES, 1)
    ]  # fmt: skip
    first = folder / "wikimedia+wikipedia" / "20231101.ko"
    _write(first / "train-00000-of-00002.parquet", rows[:5], WIKIMEDIA.raw)
    _write(first / "train-00001-of-00002.parquet", rows[5:], WIKIMEDIA.raw)
    later = [{**row, "text": row["text"] + "\n* 새 문단"} for row in rows[:3]]
    second = folder / "lcw99+wikipedia-korean-20240501" / "data"
    _write(second / "train-00000-of-00001.parquet", later, LCW99.raw)


def _write(file: Path, rows: list[dict], schema: pa.Schema) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), file)
