"""One verdict: a row, and every record made of it, holds an item or does not."""

from __future__ import annotations

import random
from typing import Any

import pyarrow as pa
import pytest

import medqa_kit as mk
from exam_text import LANGUAGES, Item, Language, Writer, items
from gauntlet import Row, held_table, same_template
from medqa_kit.core.report import Report
from medqa_kit.decontamination.findings import dropped_rows
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.schemas import DIALOGUE, PREFERENCE, QA, conform

EXAM = [item for language in LANGUAGES for item in items(language, 200, seed=51)]
SETTINGS: dict[str, dict[str, Any]] = {
    "axolotl/segments": {"eos": "</s>"},
    "openai/batch": {"model": "m"},
}
SYSTEM = "You are a careful assistant. Answer the question of an exam with one letter and its text."


@pytest.fixture(scope="module")
def exam() -> Holdout:
    return Holdout.from_rows(held_table(EXAM), reason="the test")


def rows(records: list[Row], schema: pa.Schema) -> pa.Table:
    shared = {"source": "demo", "split": "train", "language": "ko"}
    listed = [{"id": f"row/{i}", **shared, **row} for i, row in enumerate(records)]
    return conform(pa.Table.from_pylist(listed), schema)


def chosen(item: Item, draw: random.Random, **more: Any) -> Row:
    """Write an item as a question with options in another order."""
    options = draw.sample(item.options, 5)
    return {"question": item.stem, "options": options, "answer": item.answer,
            "answer_index": options.index(item.answer), **more}  # fmt: skip


def written(item: Item) -> str:
    return "\n".join([item.stem, *(f"{'ABCDE'[i]}. {text}" for i, text in enumerate(item.options))])


def planted() -> dict[str, pa.Table]:
    """Plant a hundred items in a table of each schema that records are made of."""
    draw, items = random.Random(1), EXAM[::6]
    turns = [[{"role": "user", "content": written(item)}, {"role": "assistant", "content": f"정답: {item.answer}"}]
             for item in items]  # fmt: skip
    return {
        "qa": rows([chosen(item, draw) for item in items], QA),
        "qa with a rationale": rows(
            [chosen(item, draw, rationale=Writer(item.language, 3).prose(4)) for item in items], QA),
        "preference": rows([{"prompt": written(item), "chosen": item.answer, "rejected": "모른다"}
                            for item in items], PREFERENCE),
        "dialogue": rows([{"messages": messages} for messages in turns], DIALOGUE),
    }  # fmt: skip


TABLES = planted()


def records(name: str, table: pa.Table, system: str | None) -> pa.Table | None:
    """Make records of a kind; None where the kind does not take such rows."""
    try:
        return mk.record(name, system=system, settings=SETTINGS.get(name), on_bad="keep")(table)
    except mk.errors.FormattingError:
        return None


@pytest.mark.slow
@pytest.mark.parametrize("kind", [kind.name for kind in mk.record_kinds()])
def test_an_item_is_found_in_every_record_of_every_schema(exam: Holdout, kind: str) -> None:
    tried = 0
    for schema, table in TABLES.items():
        for system in (None, SYSTEM):
            written = records(kind, table, system)
            if written is None:
                continue
            tried += 1
            ids = written["id"].to_pylist() if "id" in written.column_names else None
            report = mk.search(written, exam)
            assert report.dropped == len(written), (schema, system, ids)
    assert tried


def typed(stem: str, item: Item, writer: Writer, answer: int = 0) -> Row:
    options = list(writer.options(item.kind, without=item.options))
    return {"question": stem, "options": options, "answer": options[answer], "answer_index": answer}


def dropped(report: Report) -> set[int]:
    return set(dropped_rows(report)["row"].to_pylist())


@pytest.mark.slow
def test_a_nearly_whole_stem_under_other_options_is_found_in_either_form(exam: Holdout) -> None:
    """Template and options are shared by many; four fifths of a case are not."""
    borrowed, shared = [], []
    long = [item for item, is_long in zip(EXAM, exam.index.evidence.long, strict=True) if is_long]
    for i, item in enumerate(long):
        writer, draw = Writer(item.language, 70 + i), random.Random(i)
        cut = item.stem[: len(item.stem) * 9 // 10]
        borrowed.append(typed(f"{cut} {writer.prose(1, medical=0)}", item, writer))
        shared.append(same_template(item, writer, draw)[1] | {"answer": None, "answer_index": None})
    table = rows(borrowed, QA)
    ids = dropped(mk.search(table, exam))
    assert len(ids) >= 0.9 * len(table)
    in_text = dropped(mk.search(mk.record("text")(table), exam))
    assert in_text <= ids
    assert len(ids - in_text) <= 0.01 * len(table)  # fields say a little more than text
    table = rows(shared, QA)
    ids = dropped(mk.search(table, exam))
    assert len(ids) <= 0.03 * len(table)
    assert dropped(mk.search(mk.record("trl/prompt-only")(table), exam)) <= ids


@pytest.mark.parametrize(
    "end",
    ["정답: {}", "Answer: ({})", "\n{}", "<|im_start|>assistant\n{}<|im_end|>\n", '정답: {}"}}', "정답: {}. {}", "ចម្លើយ៖ {}"],
)  # fmt: skip
def test_a_letter_says_which_of_the_options_above_it_is_right(exam: Holdout, end: str) -> None:
    """A short question with four other options is told by its answer, be it spelled out or named by its letter."""
    fields, texts, others = [], [], []
    for number, item in enumerate(EXAM[::5]):
        fresh = Writer(item.language, 300 + number).options(item.kind, without=item.options)
        options = [*fresh[:2], item.answer, *fresh[3:]]
        fields.append(
            {"question": item.stem, "options": options, "answer": item.answer, "answer_index": 2}
        )
        asked = "\n".join([item.stem, *(f"{'ABCDE'[i]}. {text}" for i, text in enumerate(options))])
        texts.append({"text": f"{asked}\n{end.format('C', options[2])}"})
        others.append({"text": f"{asked}\n{end.format('D', options[3])}"})
    want = dropped(mk.search(rows(fields, QA), exam))
    assert len(want) >= 0.95 * len(texts)
    assert len(want - dropped(mk.search(texts, exam))) <= 1
    assert len(dropped(mk.search(others, exam))) < 0.8 * len(texts), "only cases, which say enough"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_before_the_question_is_one_too(exam: Holdout, language: Language) -> None:
    """A user names the answer, and the reply is the exam's question."""
    asks = {"ko": "답이 '{}'인 문제를 만들어 줘.", "en": "Write a question whose answer is {}.", "km": "សូមសរសេរសំណួរដែលចម្លើយគឺ {}។"}  # fmt: skip
    telling = exam.index.evidence.telling[:, 0]
    chosen = [item for item, tells in zip(EXAM, telling, strict=True) if tells and item.language == language]  # fmt: skip
    turns = [{"messages": [{"role": "user", "content": asks[language].format(item.answer)},
                           {"role": "assistant", "content": item.stem}]} for item in chosen]  # fmt: skip
    assert len(dropped(mk.search(turns, exam))) >= 0.95 * len(turns)


ASKED = {
    "ko": "가장 가능성이 높은 진단은?",
    "km": "តើរោគវិនិច្ឆ័យអ្វី?",
    "en": "What is the most likely diagnosis?",
}


def told(language: Language, number: int) -> Row:
    """Tell a case in ``context``, and ask what is asked of every case."""
    writer = Writer(language, 900 + number)
    options = list(writer.options("diseases"))
    return {"context": f"{writer.vignette()} {writer.prose(1, medical=1)}", "question": ASKED[language], "options": options,
            "answer": options[0], "answer_index": 0}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_case_in_the_context_is_part_of_what_is_asked(language: Language) -> None:
    cases, others = ([told(language, start + i) for i in range(30)] for start in (0, 500))
    exam = Holdout.from_rows(rows(cases, QA), reason="the test")
    joined = [
        row | {"question": f"{row['context']}\n{row['question']}", "context": None} for row in cases
    ]
    fresh = [list(Writer(language, i).options("drugs")) for i in range(30)]
    nothing = {"options": None, "answer_index": None}
    planted_rows: list[list[Row]] = [
        cases, joined, [row | {"options": row["options"][::-1], "answer_index": 4} for row in joined],
        [row | {"options": new, "answer": new[0]} for table in (cases, joined) for row, new in zip(table, fresh, strict=True)],
        [row | nothing for table in (cases, joined) for row in table],
    ]  # fmt: skip
    for copies in planted_rows:
        table = rows(copies, QA)
        for form in (table, mk.record("alpaca", on_bad="keep")(table)):
            assert mk.search(form, exam).dropped >= 0.95 * len(table)
    assert mk.search(rows([*cases, *joined], QA), exam).by("code")["exact"] == 60
    strange = [
        row | {"context": other["context"]} for row, other in zip(cases, others, strict=True)
    ]
    assert mk.search(rows(strange, QA), exam).dropped <= 3, "the same options under another case"
    assert not mk.search(
        rows([row | nothing | {"context": None} for row in cases], QA), exam
    ).dropped


def test_a_passage_that_says_the_answer_is_no_item() -> None:
    writer = Writer("en", 31)
    passages = [writer.prose(12) for _ in range(10)]
    items = [{"context": text, "question": "Which word is it?", "answer": text.split()[40 + i], "options": None}
             for i, text in enumerate(passages)]  # fmt: skip
    exam = Holdout.from_rows(rows(items, QA), reason="the test")
    assert mk.search([{"text": text} for text in passages], exam).dropped == 0
    assert mk.search(rows(items, QA), exam).by("code")["exact"] == 10


@pytest.mark.parametrize("kind", ["text", "alpaca", "openai/chat", "trl/prompt-only"])
def test_options_that_say_words_of_the_stem_count_in_a_row_as_in_its_record(kind: str) -> None:
    options = ["Homogentisate oxidase", "Phenylalanine hydroxylase", "Tyrosinase", "Cystathionine synthase",
               "Branched-chain ketoacid dehydrogenase"]  # fmt: skip
    question = "Deficiency of which enzyme causes accumulation of homogentisic acid and dark urine on standing?"
    item = {"id": "e/1", "question": question, "options": options, "answer": options[0]}
    exam = Holdout.from_rows([item, *held_table(EXAM).to_pylist()], reason="the test")
    twin = {
        "question": "Deficiency of which enzyme causes albinism?",
        "options": [*options[2:], *options[:2]],
    }
    table = rows([twin | {"answer": "Tyrosinase", "answer_index": 0}], QA)
    in_record = dropped(mk.search(mk.record(kind)(table), exam))
    assert in_record == {0}, (
        "the word in an option makes it as like as others that are told to be near"
    )
    assert dropped(mk.search(table, exam)) == in_record
