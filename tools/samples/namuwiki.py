"""Invented articles for NamuWiki, in the Parquet layouts of its three repositories."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.entries.namuwiki import ARTICLES, CHUNKS
from medqa_kit.quality.namuwiki import StripNamuMarkup

ARTICLES_OF = {
    "가나병": ["[목차]\n== 개요 ==\n'''가나병'''은 [[다라꽃|꽃]]처럼 생긴 지어낸 병이다.[* 실제로는 없다.]",
            "== 증상 ==\n * 없음\n[[분류:지어낸 병]]"],
    "다라꽃": ["== 개요 ==\n{{{#red 붉은}}} 꽃이다. ~~아니다~~", "[[파일:꽃.png]]\n== 쓰임 ==\n없다."],
    "마바강": ["[[사아산]]에서 흐른다.", "== 길이 ==\n100리", "== 같이 보기 ==\n * [[사아산]]"],
    "사아산": ["{{{#!folding [펼치기]\n높이는 {{{+1 1,000m}}}이다.}}}"],
}  # fmt: skip
PEOPLE = ["user_a", "192.0.2.1"]


def write(folder: Path) -> None:
    parts = [
        {"namespace": 0, "title": title, "text": text, "contributors": PEOPLE, "id": f"{a}-{p}"}
        for a, (title, texts) in enumerate(ARTICLES_OF.items(), 10)
        for p, text in enumerate(texts)
    ]  # fmt: skip
    namu = folder / "wisenut-nlp-team+namu"
    _write(namu / "data" / "train-00000-of-00002-aaaaaaaaaaaaaaaa.parquet", parts[:5], CHUNKS.raw)
    _write(namu / "data" / "train-00001-of-00002-bbbbbbbbbbbbbbbb.parquet", parts[5:], CHUNKS.raw)
    (namu / "namu.py").write_text("# Upstream keeps a loading script here.\n", encoding="utf-8")
    whole = [
        {
            "title": title,
            "text": "\n".join(texts),
            "contributors": ",".join(PEOPLE),
            "namespace": "0",
        }
        for title, texts in ARTICLES_OF.items()
    ]
    raw = pa.Table.from_pylist(whole, schema=ARTICLES.raw)
    _write(folder / "heegyu+namuwiki" / "namuwiki_20210301.parquet", whole, ARTICLES.raw)
    clean = StripNamuMarkup()(raw).to_pylist()[:3]
    _write(
        folder / "heegyu+namuwiki-extracted" / "namuwiki_20210301_v3.parquet", clean, ARTICLES.raw
    )


def _write(file: Path, rows: list[dict], schema: pa.Schema) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), file)
