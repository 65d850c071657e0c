"""How many of the rows that were spoiled are found, fault by fault, and how many clean rows are suspected.

``pytest -s`` prints the table. Every line is a way to spoil rows and the check that has to notice.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pyarrow as pa
import pytest

import medqa_kit as mk
from medqa_kit.quality.numbers.comparing import NUMBER_CODES
from medqa_kit.validation.validating import CHECKS
from mutations import (
    KHMER_DIGITS,
    NOTES,
    PERSONAL_MAKERS,
    ROW_MUTATIONS,
    clean_rows,
    dosed_pairs,
    figure_left_out,
    flipped_range,
    other_hours,
    other_mass,
    qa_table,
    resident_number,
    times_ten,
)

MOST_MISSED, MOST_FALSE = 0.01, 0.01


class Line(NamedTuple):
    """One line of the table."""

    check: str
    mutation: str
    rows: int
    found: int

    @property
    def share(self) -> float:
        return self.found / self.rows


def _of_rows() -> Iterator[Line]:
    clean = clean_rows(90)
    for code, mutations in ROW_MUTATIONS.items():
        for number, mutate in enumerate(mutations, 1):
            report = mk.validate(qa_table([mutate(row) for row in clean]), checks=[code])
            yield Line(
                code, f"{code} {number}", len(clean), len({*report.findings["row"].to_pylist()})
            )
    shifted = [
        {**row, "answer_index": (row["answer_index"] + 1) % len(row["options"])} for row in clean
    ]
    report = mk.validate(qa_table(shifted), checks=["key_text_disagree"])
    yield Line(
        "key_text_disagree",
        "label shifted by one",
        len(clean),
        len({*report.findings["row"].to_pylist()}),
    )
    twice = qa_table([*clean, *clean])
    report = mk.validate(twice, checks=["duplicate_id"])
    yield Line("duplicate_id", "row there twice", len(clean), len(report.findings))


def _tagged(count: int) -> list[dict[str, Any]]:
    draw, rows = random.Random(2), []
    for number in range(count):
        tags: list[str] = []
        while len(tags) < 8:
            kind = draw.choice(["DS", "BD", "TR"])
            tags += draw.choice([["O"], [f"B-{kind}"], [f"B-{kind}", f"I-{kind}"]])
        rows.append(
            {"id": str(number), "tokens": [f"낱말{n}" for n in range(len(tags))], "tags": tags}
        )
    return rows


def _without_begin(tags: list[str]) -> list[str]:
    return (
        ["O", *(f"I-{tag[2:]}" if n == 0 and tag != "O" else tag for n, tag in enumerate(tags[1:]))]
        if tags[1] != "O"
        else ["O", "I-DS", *tags[2:]]
    )


_BROKEN: dict[str, tuple[str, Callable[[list[str]], list[str]]]] = {
    "begin of an entity lost": ("bio_orphan", _without_begin),
    "entity goes on as another": ("bio_orphan", lambda tags: ["B-DS", "I-TR", *tags[2:]]),
    "tag lost": ("tags_and_tokens", lambda tags: tags[:-1]),
}


def _of_tags() -> Iterator[Line]:
    for name, (code, mutate) in _BROKEN.items():
        rows = [{**row, "tags": mutate(row["tags"])} for row in _tagged(200)]
        report = mk.validate(pa.Table.from_pylist(rows), checks=[code])
        yield Line(code, name, len(rows), len({*report.findings["row"].to_pylist()}))


_SPOILED_TALK: dict[str, tuple[str, Callable[[list[dict[str, str]]], list[dict[str, str]]]]] = {
    "assistant speaks twice": ("role_order", lambda talk: [*talk, talk[-1]]),
    "user speaks last": ("last_not_assistant", lambda talk: [*talk, talk[0]]),
    "reply lost": ("last_not_assistant", lambda talk: talk[:-1]),
    "unknown role": ("role_unknown", lambda talk: [{**talk[0], "role": "human"}, *talk[1:]]),
    "system in the middle": ("system_not_first", lambda talk: [talk[0], {"role": "system", "content": "Be brief."}, *talk[1:]]),
    "reply empty": ("content_empty", lambda talk: [*talk[:-1], {**talk[-1], "content": ""}]),
    "thought not closed": ("think_unbalanced", lambda talk: [*talk[:-1], {**talk[-1], "content": "<think>" + talk[-1]["content"]}]),
    "assistant refuses": ("refusal", lambda talk: [*talk[:-1], {**talk[-1], "content": "As an AI language model, I cannot diagnose."}]),
}  # fmt: skip


def _of_records() -> Iterator[Line]:
    talks = [
        [
            {"role": "user", "content": row["question"]},
            {"role": "assistant", "content": row["rationale"]},
        ]
        for row in clean_rows(90)
    ]
    for name, (code, mutate) in _SPOILED_TALK.items():
        report = mk.validate(
            pa.table({"messages": [mutate(talk) for talk in talks]}), checks=[code]
        )
        yield Line(code, name, len(talks), len({*report.findings["row"].to_pylist()}))
    same = [
        {"prompt": talk[0]["content"], "chosen": talk[1]["content"], "rejected": talk[1]["content"]}
        for talk in talks
    ]
    report = mk.validate(pa.Table.from_pylist(same), checks=["chosen_eq_rejected"])
    yield Line(
        "chosen_eq_rejected",
        "chosen is rejected",
        len(same),
        len({*report.findings["row"].to_pylist()}),
    )


_FIGURES: dict[str, Callable[[str, dict[str, str]], str | None]] = {
    "dose × 10": times_ten, "mg ↔ mcg": other_mass, "range flipped": flipped_range, "figure left out": figure_left_out,
    "other hours": other_hours,
    "dose × 10, in Khmer digits": lambda target, values: ten.translate(KHMER_DIGITS)
    if (ten := times_ten(target, values)) and ten != target else None,
}  # fmt: skip
_SAME: dict[str, Callable[[str], str]] = {
    "untouched": str, "in Khmer digits": lambda text: text.translate(KHMER_DIGITS),
    "in full-width digits": lambda text: text.translate({ord("0") + n: chr(0xFF10 + n) for n in range(10)}),
    "hours in Korean words": lambda text: text.replace("2시간", "두 시간").replace("3시간", "세 시간") if not any(c + "시간" in text for c in ("12", "13")) else text,
    "µg for mcg": lambda text: text.replace("mcg", "µg"), "no blank before the unit": lambda text: text.replace(" mg", "mg"),
}  # fmt: skip


def _differing(pairs: list[tuple[str, str]]) -> int:
    table = pa.table({"a": [pair[0] for pair in pairs], "b": [pair[1] for pair in pairs]})
    report = mk.SameNumbers("a", "b", on_bad="keep").run(table)[1]
    return len({*report.findings["row"].to_pylist()})


def _of_figures() -> Iterator[Line]:
    for name, mutate in _FIGURES.items():
        pairs = [
            (source, new)
            for source, target, values in dosed_pairs(600)
            if (new := mutate(target, values)) and new != target
        ]
        yield Line("numbers", name, len(pairs), _differing(pairs))


_RESIDENTS: dict[str, dict[str, bool]] = {
    f"{'foreigner' if foreign else 'resident'}, {'from' if recent else 'before'} October 2020, check digit {'right' if checked else 'wrong'}": {
        "recent": recent, "checked": checked, "foreign": foreign,
    }
    for foreign in (False, True) for recent in (False, True) for checked in (True, False)
}  # fmt: skip


def _noted(maker: Callable[[random.Random], str], count: int = 120) -> pa.Table:
    draw = random.Random(count)
    return pa.table({"text": [draw.choice(NOTES).format(maker(draw)) for _ in range(count)]})


def _of_people() -> Iterator[Line]:
    makers: list[tuple[str, str, Callable[[random.Random], str]]] = [
        ("resident_number", name, lambda draw, kind=kind: resident_number(draw, **kind))
        for name, kind in _RESIDENTS.items()
    ]
    makers += [
        (kind, f"{kind} {number}", maker)
        for kind, listed in PERSONAL_MAKERS.items()
        for number, maker in enumerate(listed, 1)
    ]
    for kind, name, maker in makers:
        rows = _noted(maker)
        report = mk.FindPersonalData(kinds=(kind,)).run(rows)[1]
        yield Line(kind, name, len(rows), len({*report.findings["row"].to_pylist()}))


def _alarms() -> Iterator[Line]:
    """Count clean rows that some check suspects; notes are for information and no suspicion."""
    clean = qa_table(clean_rows(900))
    report = mk.validate(clean)
    for code in sorted({*CHECKS}):
        bad = {
            f["row"]
            for f in report.findings.to_pylist()
            if f["code"] == code and f["severity"] != "note"
        }
        yield Line(code, "clean questions", len(clean), len(bad))
    tagged = pa.Table.from_pylist(_tagged(400))
    yield Line(
        "bio_orphan",
        "clean tags",
        len(tagged),
        len(mk.validate(tagged, checks=["bio_orphan", "tags_and_tokens"]).findings),
    )
    for name, dress in _SAME.items():
        pairs = [(source, dress(target)) for source, target, _ in dosed_pairs(600)]
        yield Line("numbers", name, len(pairs), _differing(pairs))
    notes = pa.concat_tables(
        [
            clean.select(["question"]).rename_columns(["text"]),
            _noted(lambda draw: f"맥박 {draw.randint(50, 99)}회."),
        ]
    )
    report = mk.FindPersonalData().run(notes)[1]
    for kind in PERSONAL_MAKERS:
        rows = {f["row"] for f in report.findings.to_pylist() if f["code"] == kind}
        yield Line(kind, "clean notes", len(notes), len(rows))


def _print(title: str, lines: list[Line]) -> None:
    print(f"\n{title}")
    for line in lines:
        print(
            f"  {line.check:22} {line.mutation:60} {line.found:5} of {line.rows:5} {line.share:8.2%}"
        )


@pytest.mark.parametrize(
    "make",
    # that of rows is tried code by code in test_validate.py
    [
        pytest.param(_of_rows, marks=pytest.mark.slow),
        _of_tags,
        _of_records,
        _of_figures,
        _of_people,
    ],
    ids=["rows", "tags", "records", "figures", "people"],
)
def test_of_each_mutation_all_but_one_in_a_hundred_are_found(
    make: Callable[[], Iterator[Line]],
) -> None:
    lines = list(make())
    _print("found of what was spoiled", lines)
    assert min(line.rows for line in lines) >= 90
    assert not [line for line in lines if line.share < 1 - MOST_MISSED]


@pytest.mark.slow
def test_of_clean_rows_at_most_one_in_a_hundred_is_suspected() -> None:
    lines = list(_alarms())
    _print("suspected of what is clean", lines)
    assert not [line for line in lines if line.share > MOST_FALSE]


def test_every_code_of_a_figure_is_one_the_table_can_find() -> None:
    pairs = {
        name: [(s, new) for s, t, v in dosed_pairs(90) if (new := mutate(t, v)) and new != t]
        for name, mutate in _FIGURES.items()
    }
    codes = {
        change.code
        for listed in pairs.values()
        for pair in listed
        for change in mk.number_changes(*pair)
    }
    assert codes <= {*NUMBER_CODES}
    assert {"tenfold", "unit_changed", "range_flipped"} <= codes
