"""An item is found in every form a row can take: prompts with shots, records, chat text, encoded text; held in anything."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from urllib.parse import quote

import datasets
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from exam_text import LANGUAGES, Language, Writer, items
from gauntlet import held_table
from laws import examples
from medqa_kit.decontamination.findings import dropped_rows
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.schemas import QA, conform

SETTINGS: dict[str, dict[str, Any]] = {
    "axolotl/segments": {"eos": "</s>"}, "openai/batch": {"model": "m"},
}  # fmt: skip
SYSTEMS: dict[Language, str] = {
    "ko": "의학 시험 문제를 푸는 도우미이다. 보기 하나를 고른다.",
    "km": "អ្នកជាជំនួយការប្រឡងវេជ្ជសាស្ត្រ។ ជ្រើសរើសចម្លើយមួយ។",
    "en": "You help with medical exams. Choose one option.",
}
KINDS = sorted(kind.name for kind in mk.record_kinds())
EXAM = {language: items(language, 40, seed=61) for language in LANGUAGES}
OTHER = {language: items(language, 30, seed=62) for language in LANGUAGES}


@cache
def exam_of(language: Language) -> Holdout:
    return Holdout.from_rows(held_table(list(EXAM[language])), reason="the test")


@cache
def table(language: Language, *, reasoned: bool) -> pa.Table:
    """Twenty rows, of which the even ones hold an item."""
    writer = Writer(language, 63)
    rows = []
    for number in range(20):
        item = (EXAM if number % 2 == 0 else OTHER)[language][number]
        turn = number % 5
        rows.append({
            "id": f"row/{number}", "source": "demo", "split": "train", "language": language, "family": f"demo:{number}",
            "question": item.stem, "options": [*item.options[-turn:], *item.options[:-turn]] if turn else list(item.options),
            "answer": item.answer, "answer_index": turn, "rationale": writer.prose(4) if reasoned else None,
        })  # fmt: skip
    return conform(pa.Table.from_pylist(rows), QA)


def numbers(rows: Any, language: Language) -> set[int]:
    return set(dropped_rows(mk.search(rows, exam_of(language)))["row"].to_pylist())


def cell(text: str) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([json.dumps({"text": text}), "1"])
    return line.getvalue()


FORMS: dict[str, Callable[[str], str]] = {
    "plain": str, "JSON": json.dumps, "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "CSV": cell, "percents": quote,
}  # fmt: skip


def lines(records: pa.Table) -> Iterator[str]:
    """Return each record as one line of JSON, letters as they are."""
    names = [
        name for name in records.column_names if name not in ("id", "source", "family", "language")
    ]
    for row in records.select(names).to_pylist():
        yield json.dumps(row, ensure_ascii=False, default=str)


@pytest.mark.slow
@settings(max_examples=examples(60))
@given(
    language=st.sampled_from(LANGUAGES), kind=st.sampled_from(KINDS), system=st.booleans(),
    reasoned=st.booleans(), form=st.sampled_from(sorted(FORMS)),
)  # fmt: skip
def test_an_item_is_found_in_any_record_and_in_any_writing_of_it(
    language: Language, kind: str, system: bool, reasoned: bool, form: str
) -> None:
    rows = table(language, reasoned=reasoned)
    try:
        kernel = mk.record(kind, system=SYSTEMS[language] if system else None,
                           settings=SETTINGS.get(kind), on_bad="keep")  # fmt: skip
        records = kernel(rows)
    except mk.errors.FormattingError:
        return  # this kind is made of preferences or dialogues
    times = records.num_rows // 20
    planted = {times * number + n for number in range(0, 20, 2) for n in range(times)}
    assert numbers(records, language) >= planted
    written = [{"text": FORMS[form](line)} for line in lines(records)]
    assert numbers(written, language) >= planted


@settings(max_examples=examples(25))
@given(
    language=st.sampled_from(LANGUAGES), kind=st.sampled_from(KINDS), reasoned=st.booleans(),
    held_shots=st.booleans(),
)  # fmt: skip
@pytest.mark.slow
def test_shots_that_hold_an_item_are_found_and_others_are_not(
    language: Language, kind: str, reasoned: bool, held_shots: bool
) -> None:
    """The rows hold nothing; what is shown before them does, in half of the cases."""
    rows = table(language, reasoned=reasoned).take(list(range(1, 20, 2)))
    rows = rows.filter(pa.array([number not in numbers(rows, language) for number in range(10)]))
    pool = table(language, reasoned=False).take([0, 2] if held_shots else [1, 3])
    if not held_shots and numbers(pool, language):
        return
    assert rows.num_rows > 5
    shown = mk.few_shot(pool.set_column(0, "id", pa.array(["p/0", "p/1"])).set_column(
        pool.column_names.index("family"), "family", pa.nulls(2, pa.string())), k=1)(rows)  # fmt: skip
    prompts = mk.prompt(language=language)(shown)
    try:
        records = mk.record(kind, settings=SETTINGS.get(kind), on_bad="keep")(prompts)
    except mk.errors.FormattingError:
        return
    hit = numbers(records, language)
    assert hit == (set(range(records.num_rows)) if held_shots else set())


@pytest.mark.parametrize("language", LANGUAGES)
def test_held_out_rows_are_not_shown(language: Language) -> None:
    rows = table(language, reasoned=False)
    pool = rows.set_column(0, "id", pa.array([f"p/{number}" for number in range(20)]))
    shown = mk.few_shot(pool, k=2, held_out=held_table(list(EXAM[language])))(rows)
    shots = pa.Table.from_pylist([shot for shots in shown["shots"].to_pylist() for shot in shots])
    assert all(int(name[2:]) % 2 for name in shots["id"].to_pylist())


def held_in(rows: pa.Table) -> Iterator[Any]:
    """Hold the rows in all kinds of containers, in order."""
    yield pa.concat_tables([rows.slice(0, 7), rows.slice(7, 0), rows.slice(7)])
    yield pa.concat_tables([rows.slice(3, 4), rows]).slice(4)
    yield rows.to_pylist()
    yield datasets.Dataset(rows)
    back = datasets.Dataset(rows.take(list(range(19, -1, -1))))
    yield back.select(range(19, -1, -1))
    yield datasets.Dataset(pa.concat_tables([rows, rows])).filter(
        lambda _, at: at >= 20, with_indices=True
    )
    yield datasets.Dataset(rows).to_iterable_dataset(num_shards=3)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["alpaca", "openai/chat", "text"])
@pytest.mark.slow
def test_it_does_not_matter_what_holds_the_records(language: Language, kind: str) -> None:
    records = mk.record(kind)(table(language, reasoned=True))
    want = numbers(records, language)
    assert want >= set(range(0, 20, 2))
    for holder in held_in(records):
        assert numbers(holder, language) == want, type(holder)
    shuffled = datasets.Dataset(records).shuffle(seed=3)
    order = [int(name[4:]) for name in shuffled["id"]]
    assert {order[row] for row in numbers(shuffled, language)} == want
    kept, _ = mk.exclude(shuffled, exam_of(language))
    assert mk.check(kept, exam_of(language)).dropped == 0
