"""Invented exam rows as long as real ones: cases of some 300 characters, five options, all different.

Six rows in a hundred hold what real text holds and kernels stumble over: tags, entities, combining
marks.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import medqa_kit as mk
from medqa_kit.schemas import QA, conform

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from exam_text import Language, Writer

_SHARES: tuple[tuple[Language, int], ...] = (("ko", 6), ("en", 3), ("km", 1))
_MARKUP = 0.06
_SENTENCES: dict[Language, int] = {"ko": 5, "en": 5, "km": 4}
_STOPS: dict[Language, str] = {"ko": ". ", "en": ". ", "km": "។ "}


Style = Literal["field", "exam"]
"""``field``: other texts of the field, as training data is; ``exam``: items from the very templates of
the exam that is held out, the worst case there is."""


def exam_rows(
    count: int, *, seed: int = 0, prefix: str = "row", style: Style = "field"
) -> pa.Table:
    """Write QA rows in three languages, mostly Korean."""
    draw = random.Random(seed)
    writers = [(Writer(language, seed), share) for language, share in _SHARES]
    turns = [writer for writer, share in writers for _ in range(share)]
    rows = [
        _row(turns[number % len(turns)], f"{prefix}/{number}", draw, style)
        for number in range(count)
    ]
    return conform(pa.Table.from_pylist(rows), QA)


def _row(writer: Writer, name: str, draw: random.Random, style: Style) -> dict[str, Any]:
    item = writer.long_item(name)
    stem = item.stem if style == "exam" else writer.prose(_SENTENCES[item.language], medical=0.5)
    place = draw.randrange(5)
    if draw.random() < _MARKUP:
        stem = draw.choice(
            [f"<p>{stem}</p>", stem.replace(" ", "&nbsp;", 1), stem + " x\u0304 ± e\u0301"]
        )
    options = list(item.options)
    options[0], options[place] = options[place], options[0]
    return {
        "id": name, "source": "demo", "split": "train", "language": item.language, "family": name,
        "question": stem, "options": options, "answer_index": place, "answer": options[place],
    }  # fmt: skip


def holdout_items(count: int) -> pa.Table:
    """Write items of an exam to hold out."""
    return exam_rows(count, seed=1, prefix="held", style="exam")


def kormedmcqa_file(
    folder: Path, table: pa.Table, *, subset: str = "doctor", split: str = "train", year: int = 2012
) -> Path:
    """Write rows in KorMedMCQA's layout, as the one file of a part."""
    rows, number = table.to_pydict(), range(table.num_rows)
    options = list(zip(*rows["options"], strict=True))
    raw = pa.table({
        "subject": [subset] * table.num_rows, "year": [year + n % 3 for n in number],
        "period": [1 + n % 3 for n in number], "q_number": list(number), "question": rows["question"],
        **dict(zip("ABCDE", options, strict=True)), "answer": [n + 1 for n in rows["answer_index"]],
        "cot": [""] * table.num_rows,
    })  # fmt: skip
    file = folder / subset / f"{split}-00000-of-00001.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(raw, file, row_group_size=10_000)
    return file


def kormedmcqa_tests(folder: Path) -> pa.Table:
    """Write the official tests beside, with as many invented items as there are."""
    tests = [part for part in mk.source("kormedmcqa").parts if part.split == "test"]
    tables = []
    for number, part in enumerate(tests):
        table = exam_rows(
            part.rows or 100, seed=100 + number, prefix=f"test/{part.subset}", style="exam"
        )
        kormedmcqa_file(folder, table, subset=part.subset or "", split="test", year=2022)
        tables.append(table)
    return pa.concat_tables(tables)


def rearranged(raw: pa.Table, count: int, *, seed: int) -> pa.Table:
    """Put the sentences of written rows of that layout together anew, and give them the options of one row.

    Stems are drawn from all the sentences of their language, so that none comes twice; it takes a hundredth of the
    time that writing takes, which is for tens of millions of rows.

    Args:
        raw: What :func:`kormedmcqa_file` writes of rows of :func:`exam_rows`.
        count: Rows to make.
        seed: Of what is drawn.
    """
    draw = np.random.default_rng(seed)
    turns = np.repeat(np.arange(len(_SHARES)), [share for _, share in _SHARES])
    languages, tables = turns[np.arange(raw.num_rows) % len(turns)], []
    wanted = np.bincount(turns[np.arange(count) % len(turns)], minlength=len(_SHARES))
    for number, (language, _) in enumerate(_SHARES):
        written = raw.filter(pa.array(languages == number))
        stop, parts = _STOPS[language], _SENTENCES[language]
        sentences = pc.list_flatten(pc.split_pattern(written["question"], stop)).combine_chunks()
        drawn = draw.integers(len(sentences), size=(parts, wanted[number]))
        stems = pc.binary_join_element_wise(*(sentences.take(pa.array(d)) for d in drawn), stop)
        of_rows = written.take(pa.array(draw.integers(written.num_rows, size=wanted[number])))
        tables.append(of_rows.set_column(raw.column_names.index("question"), "question", stems))
    return pa.concat_tables(tables).take(pa.array(draw.permutation(count))).combine_chunks()
