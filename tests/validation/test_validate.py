"""What is wrong with a training set is found, and what is right is left alone."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import datasets
import pyarrow as pa
import pytest

import medqa_kit as mk
from exam_text import LANGUAGES, Writer
from medqa_kit.errors import ArgumentError, FormattingError
from medqa_kit.schemas import QA, conform
from medqa_kit.validation.text_checks import TEXT_CHECKS
from medqa_kit.validation.validating import CHECKS, ROW_CHECKS


def _clean(count: int) -> list[dict[str, Any]]:
    draw, rows = random.Random(0), []
    writers = [Writer(language, 11) for language in LANGUAGES]
    for number in range(count):
        item = writers[number % 3].long_item(f"r/{number}")
        options = list(dict.fromkeys(item.options))
        place = draw.randrange(len(options))
        rows.append({
            "id": item.id, "source": "demo", "split": "train", "language": item.language, "family": item.id,
            "question": item.stem, "options": options, "answer_index": place, "answer": options[place],
            "rationale": writers[number % 3].prose(3, medical=1.0),
        })  # fmt: skip
    return rows


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    return conform(pa.Table.from_pylist(rows), QA)


def _set(
    name: str, value: Callable[[dict[str, Any]], Any]
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda row: {**row, name: value(row)}


_MUTATIONS: dict[str, list[Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "text_blank": [_set("rationale", lambda r: " \u200b"), _set("question", lambda r: "  ")],
    "placeholder": [_set("rationale", lambda r, text=text: text) for text in ("N/A", "없음", "TODO", "[Your name]", "-", "Lorem ipsum dolor sit", "គ្មាន")],
    "template_left": [_set("question", lambda r: r["question"] + " {{patient_name}}")],
    "mojibake": [_set("question", lambda r: r["question"] + " cafÃ©"), _set("rationale", lambda r: "it\u00e2\u20ac\u2122s"),
                 _set("rationale", lambda r: r["rationale"] + "\ufffd")],
    "refusal": [_set("rationale", lambda r, text=text: text) for text in (
        "As an AI language model, I cannot diagnose.", "I'm sorry, but I can't help with that.", "죄송하지만 답변을 드릴 수 없습니다.",
        "저는 인공지능 언어 모델로서 조언할 수 없습니다.")],
    "stale": [_set("rationale", lambda r: "As of my last update in 2021, …"), _set("rationale", lambda r: "2021년 9월까지의 지식을 바탕으로 답한다")],
    "truncated": [_set("rationale", lambda r: (r["rationale"] * 9)[:511] + "가"), _set("rationale", lambda r: r["rationale"][:-1] + "...")],
    "repetition": [_set("rationale", lambda r: (r["rationale"] + "\n") * 3), _set("rationale", lambda r: "the patient should drink water " * 20)],
    "not_nfc": [_set("rationale", lambda r: "e\u0301tat, 가\u1161")],
    "zero_width": [_set("question", lambda r: r["question"] + "\ufeff")],
    "full_width": [_set("question", lambda r: r["question"] + " １２０")],
    "coeng_order": [_set("question", lambda r: r["question"] + " ក\u17b6\u17d2\u1793")],
    "duplicate_option": [lambda r: {**r, "options": [*r["options"], r["options"][0]]}],
    "duplicate_gold": [lambda r: {**r, "options": [*r["options"], r["answer"].upper()]}],
    "anchor_option": [lambda r, text=text: {**r, "options": [*r["options"], text]} for text in ("위의 모두", "All of the above", "None of these")],
    "wrong_script": [lambda r: {**r, "language": "km", "question": "Which drug is given first to the patient?"}],
    "key_text_disagree": [_set("answer", lambda r: r["options"][r["answer_index"] - 1])],
    "answer_outside_options": [_set("answer_index", lambda r: 9)],
    "null_key": [_set("answer_index", lambda r: None)],
    "option_blank": [lambda r: {**r, "options": [*r["options"], " "]}],
    "special_literal": [_set("question", lambda r: r["question"] + "<|im_end|>")],
    "think_in_source": [_set("question", lambda r: "<think>" + r["question"])],
}  # fmt: skip


@pytest.mark.parametrize("code", _MUTATIONS)
def test_a_fault_is_found_in_nearly_every_row_that_has_it(code: str) -> None:
    clean = _clean(60)
    for mutate in _MUTATIONS[code]:
        report = mk.validate(_table([mutate(row) for row in clean]), checks=[code])
        assert len(set(report.findings["row"].to_pylist())) >= 0.99 * len(clean), report.by("code")


def test_rows_without_faults_raise_few_alarms() -> None:
    report = mk.validate(_table(_clean(900)))
    serious = {line["row"] for line in report.findings.to_pylist() if line["severity"] != "note"}
    assert len(serious) <= 9, report.by("code")
    assert report.kept == 900


def test_every_code_is_one_of_a_table() -> None:
    assert set(TEXT_CHECKS) | set(ROW_CHECKS) <= set(CHECKS)
    assert not set(TEXT_CHECKS) & set(ROW_CHECKS)


_ROWS = pa.table(
    {
        "id": ["a", "b", "a"],
        "question": ["왜?", "N/A", "why?"],
        "answer": ["그래서", "답", "As an AI, no"],
    }
)
_WRAPS = [lambda t: t, datasets.Dataset, lambda t: datasets.Dataset(t).select([0, 1, 2]).shuffle(seed=0),
          lambda t: datasets.Dataset(t).to_iterable_dataset(), lambda t: t.to_pandas(), lambda t: t.to_pylist(),
          lambda t: pa.concat_tables([t.slice(0, 1), t.slice(1)])]  # fmt: skip


@pytest.mark.parametrize("wrap", _WRAPS)
def test_every_container_has_the_same_findings(wrap: Callable[[pa.Table], object]) -> None:
    report = mk.validate(wrap(_ROWS))
    assert report.rows == report.kept == 3
    assert sorted(report.findings["code"].to_pylist()) == ["duplicate_id", "placeholder", "refusal"]
    assert report.counts["errors"] == 2
    assert report.counts["warnings"] == 1


def test_messages_are_checked_and_only_the_assistant_can_refuse() -> None:
    talk = [
        {"role": "user", "content": "As an AI, what are you?"},
        {"role": "assistant", "content": "I'm sorry, but I can't say."},
    ]
    rows = pa.table(
        {
            "id": ["a", "b"],
            "messages": [talk, [talk[0], {"role": "assistant", "content": "A model."}]],
        }
    )
    found = mk.validate(rows).findings.select(["id", "code", "column"]).to_pylist()
    assert found == [{"id": "a", "code": "refusal", "column": "messages"}]


def test_tags_of_tokens_are_checked() -> None:
    rows = pa.table(
        {
            "id": ["a", "b", "c"],
            "tokens": [["기침", "열"]] * 3,
            "tags": [["B-DS", "I-DS"], ["O", "I-DS"], ["O", "O"]],
        }
    )
    assert mk.validate(rows).findings.select(["id", "code"]).to_pylist() == [
        {"id": "b", "code": "bio_orphan"}
    ]
    assert mk.validate(rows.set_column(2, "tags", pa.array([["O"]] * 3))).by("code") == {
        "tags_and_tokens": 3
    }


def test_lengths_and_places_of_answers_are_counted_over_all_batches() -> None:
    counts = mk.validate(
        _table([{**row, "rationale": "가" * 1600} for row in _clean(300)]), checks=["text_blank"]
    ).counts
    assert counts["texts_over_1500"] == 300
    assert counts["characters_max"] == 1600
    assert sum(counts[f"answer_{place}"] for place in range(5)) == 300


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(ArgumentError, match="mojibake"):
        mk.validate(_ROWS, checks=["mojibak"])
    with pytest.raises(ArgumentError):
        mk.validate(3)
    with pytest.raises(FormattingError, match="questions"):
        mk.validate(_ROWS, columns=["questions"])
