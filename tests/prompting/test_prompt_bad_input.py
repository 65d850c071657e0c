"""Texts and rows that break naive formatters: a clear error or a documented result, never a crash."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import medqa_kit as mk
import tiny_vocabulary
from formatting_rows import CHOICE, HARD_TEXTS, OPEN, qa
from medqa_kit.errors import ArgumentError, FormattingError, MedQAError, RowError
from medqa_kit.schemas import QA
from medqa_kit.tokens.chat_templates import chat_templates, render
from medqa_kit.tokens.counts import count_tokens
from medqa_kit.tokens.rank_files import encoding
from medqa_kit.training.dialogues import to_dialogue
from medqa_kit.training.kinds.index import record_kinds
from medqa_kit.training.open_questions import to_open
from medqa_kit.training.preferences import to_preference
from medqa_kit.training.record_files import check_records, json_lines
from medqa_kit.training.records import record

SETTINGS: dict[str, Any] = {"openai/batch": {"model": "m"}, "axolotl/segments": {"eos": "<end>"}}
LONE = "a\ud800b"  # half of a surrogate pair
MEGABYTES = "한 " * 500_000  # two of them, in UTF-8


@pytest.mark.slow
@pytest.mark.parametrize("name", [kind.name for kind in record_kinds(QA)])
@pytest.mark.parametrize("text", HARD_TEXTS)
def test_hard_texts_go_through_every_record_as_they_are(name: str, text: str) -> None:
    table = qa({"question": f"{text}?", "options": [text, "x"], "answer_index": 0, "answer": text})
    row = next(json_lines(record(name, settings=SETTINGS.get(name))(table), record=name))
    assert json.dumps(text, ensure_ascii=False)[1:-1] in row
    assert not len(check_records([json.loads(row)], record=name).findings)


@pytest.mark.parametrize("name", ["trl/prompt-completion", "sharegpt", "llama-factory/alpaca"])
def test_two_megabytes_go_through_whole(name: str) -> None:
    row = next(json_lines(record(name)(qa(OPEN | {"context": MEGABYTES}, CHOICE))))
    assert MEGABYTES in row


def test_lone_surrogates_never_reach_a_table() -> None:
    with pytest.raises((UnicodeEncodeError, pa.ArrowInvalid)):
        pa.table({"prompt": [LONE]})


@pytest.mark.parametrize("template", [template.name for template in chat_templates()])
def test_lone_surrogates_are_rendered_as_given(template: str) -> None:
    asked = [{"role": "user", "content": LONE}]
    assert LONE in render(asked, template=template, variables={"date_string": "1 Jan 2030"})


def test_lone_surrogates_count_as_the_replacement_they_are_encoded_to(tmp_path: Any) -> None:
    vocabulary = encoding(tiny_vocabulary.write(tmp_path))
    assert count_tokens([LONE], counter=vocabulary) == count_tokens(
        ["a\ufffdb"], counter=vocabulary
    )


@pytest.mark.parametrize(
    "kernel", [to_open(), to_preference(on_bad="drop"), to_dialogue(on_bad="drop")]
)
def test_rows_of_nulls_are_converted_or_dropped_as_documented(kernel: Any) -> None:
    table = qa({"question": "Q"}, {"question": "Q", "options": [], "answer": None})
    rows, report = kernel.run(table)
    assert (rows.num_rows, report.dropped) in ((0, 2), (2, 0))


@pytest.mark.parametrize("name", [kind.name for kind in record_kinds(QA)])
def test_null_fields_are_refused_by_name(name: str) -> None:
    row = {"question": None, "answer": None}
    table = pa.table(
        {
            "id": ["d/1"],
            "language": ["ko"],
            **{k: pa.array([v], pa.string()) for k, v in row.items()},
        }
    )
    with pytest.raises(FormattingError, match="d/1"):
        record(name, settings=SETTINGS.get(name))(table)
    rows, report = record(name, settings=SETTINGS.get(name), on_bad="drop").run(table)
    assert (rows.num_rows, report.dropped) == (0, 1)


def test_tables_may_lack_optional_columns_and_come_in_large_types() -> None:
    table = pa.table({
        "id": ["d/1"],
        "question": pa.array(["Q"], pa.large_string()),
        "answer": pa.array(["A"], pa.large_string()),
    })  # fmt: skip
    for kind in record_kinds(table.schema):
        if kind.needs == "reply":
            assert record(kind.name, settings=SETTINGS.get(kind.name))(table).num_rows == 1
    bad = table.set_column(1, "question", pa.array(["a<|im_end|>"], pa.large_string()))
    with pytest.raises(FormattingError, match="special_literal"):
        record("trl/messages")(bad)


@pytest.mark.parametrize("nothing", ["", " \n", "\u3000", None])
@pytest.mark.parametrize("style", ["choice-rationale", "choice-reasoning", "open-rationale"])
def test_a_blank_rationale_explains_nothing(style: Any, nothing: str | None) -> None:
    rows = pa.table({
        "id": ["d/1", "d/2"], "question": ["무엇?", "왜?"], "options": [["가", "나"]] * 2, "answer_index": [0, 1],
        "answer": ["가", "나"], "rationale": ["이유", nothing], "context": pa.nulls(2, pa.string()),
    })  # fmt: skip
    with pytest.raises(RowError, match="'d/2', column 'rationale'"):
        mk.prompt(language="ko", style=style)(rows)


ODD: dict[str, Any] = {
    "lists": [[1], [2]], "bytes": [b"a", b"\xff"], "dicts": [{"a": 1}, {"a": 2}],
    "pairs": pa.array([[("a", "b")], [("c", "d")]], pa.map_(pa.string(), pa.string())),
}  # fmt: skip
WORK: dict[str, Any] = {
    "prompt": mk.prompt(language="ko"), "harness": mk.harness("lm_eval/kormedmcqa@3.0"), "extract_answers": mk.extract_answers(),
    "record": record("trl/messages"), "record, all kept": record("trl/messages", on_bad="keep"), "shuffle_options": mk.shuffle_options(),
    "to_open": to_open(), "to_preference": to_preference(), "to_dialogue": to_dialogue(), "record().run": record("alpaca").run,
    "option_balance": mk.option_balance, "few_shot": lambda rows: mk.few_shot(rows, k=1), "score": lambda rows: mk.score(["A", "B"], rows),
}  # fmt: skip


@pytest.mark.parametrize("name", WORK)
@pytest.mark.parametrize(
    "column", ["id", "question", "options", "answer_index", "answer", "completion"]
)
@pytest.mark.parametrize("kind", ODD)
def test_columns_of_another_type_are_an_error_of_ours(name: str, column: str, kind: str) -> None:
    options = [["가", "나", "다", "라", "마"]] * 2
    columns = {"id": ["a", "b"], "question": ["q", "p"], "options": options, "answer_index": [0, 1],
               "answer": ["가", "나"], "completion": ["A", "B"], column: ODD[kind]}  # fmt: skip
    try:
        WORK[name](pa.table(columns))
    except MedQAError as error:
        assert "Hint:" in str(error)  # noqa: PT017


def test_answers_may_be_numbers_without_a_sign() -> None:
    row = {"id": ["a"], "question": ["q"], "options": [["가", "나"]], "answer": ["나"]}
    table = pa.table({**row, "answer_index": pa.array([1], pa.uint8())})
    assert mk.option_balance(table).counts == {2: (0, 1)}
    assert (
        record("trl/messages", language=None)(table)["messages"][0][1]["content"].as_py() == "B. 나"
    )


QUESTIONS = qa(CHOICE, OPEN)
CALLS: dict[str, Any] = {
    "rule": lambda value: mk.extract("B", rule=value), "markers": lambda value: mk.extract("B", markers=value),
    "prompt markers": lambda value: mk.prompt(language="ko", markers=value), "keep": lambda value: mk.extract_answers(keep=[value]),
    "by": lambda value: mk.score(["A", "B"], QUESTIONS, by=[value]), "seed": lambda value: mk.shuffle_options(seed=value),
    "max_tokens": lambda value: mk.pack([1], max_tokens=value), "ids": lambda value: mk.parse_batch([], ids=[value]),
    "variables": lambda value: render([{"role": "user", "content": "Q"}], template="smollm2", variables=value),
    "language": lambda value: mk.record("alpaca", language=value),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    "value", [np.array([1, 2]), int, [None], b"x", 1.5, np.float32(1)], ids=repr
)
def test_arguments_of_another_kind_are_an_argument_error(name: str, value: Any) -> None:
    with pytest.raises(ArgumentError, match="Hint: "):
        CALLS[name](value)


def test_numbers_of_numpy_are_whole_numbers() -> None:
    assert mk.extract("B", options=np.int64(4)).index == 1
    assert mk.pack([np.int64(1)], max_tokens=np.int32(8)) == mk.pack([1], max_tokens=8)
    assert mk.parse_batch([], ids=[np.int64(7)])[1].findings["id"].to_pylist() == ["7"]
