"""Control tokens beside the contents of messages, calls of tools as replies, labels and end marks."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

import medqa_kit as mk
from medqa_kit.errors import FormattingError

ASKED = {"role": "user", "content": "질문"}
TOKEN = "먼저 본다.<|im_end|>"


def thought(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": "답", "reasoning_content": text}


@pytest.mark.parametrize("kind", ["trl/messages", "axolotl/chat", "trl/prompt-completion"])
@pytest.mark.parametrize(
    "row", [{"messages": [ASKED, thought(TOKEN)]}, {"prompt": "질문", "target": "답", "reasoning": TOKEN}],
    ids=["messages", "target"],
)  # fmt: skip
def test_control_tokens_of_reasoning_are_refused(kind: str, row: dict[str, Any]) -> None:
    table = pa.Table.from_pylist([row])
    with pytest.raises(FormattingError, match="special_literal"):
        mk.record(kind)(table)
    _, report = mk.lint(table, on_bad="keep")
    assert set(report.by("code")) == {"special_literal"}


def test_files_are_checked_for_them_too() -> None:
    rows = [{"messages": [ASKED, thought(TOKEN)]}]
    report = mk.check_records(rows, record="axolotl/chat")
    assert "special_literal" in report.by("code")


@pytest.mark.parametrize("column", ["target", "system"])
def test_what_stands_beside_prompts_is_linted(column: str) -> None:
    table = pa.table({"prompt": ["질문"], column: [TOKEN]})
    assert mk.lint(table, on_bad="keep")[1].by("code") == {"special_literal": 1}


def call(name: str) -> dict[str, Any]:
    function = {"name": name, "arguments": "{}"}
    return {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function", "function": function}]}  # fmt: skip


@pytest.mark.parametrize(("rejected", "refused"), [("look_up", True), ("guess", False)])
def test_calls_of_tools_tell_replies_apart(rejected: str, refused: bool) -> None:
    row = {"prompt": [ASKED], "chosen": [call("look_up")], "rejected": [call(rejected)]}
    table = pa.Table.from_pylist([row])
    assert mk.lint(table, on_bad="keep")[1].by("code") == (
        {"chosen_eq_rejected": 1} if refused else {}
    )
    records, report = mk.record("openai/dpo", on_bad="drop").run(table)
    assert records.num_rows == report.kept == int(not refused)


@pytest.mark.parametrize("label", [1, "false", 0.0])
@pytest.mark.parametrize("kind", ["trl/kto", "trl/kto/standard", "llama-factory/kto"])
def test_labels_are_true_or_false(label: Any, kind: str) -> None:
    table = pa.table({"prompt": ["질문"], "completion": ["답"], "label": [label]})
    with pytest.raises(FormattingError, match="true or false"):
        mk.record(kind)(table)
    assert "column_type" in mk.lint(table, on_bad="keep")[1].by("code")


def test_a_conversation_without_a_reply_is_told_as_that() -> None:
    with pytest.raises(FormattingError, match="last_not_assistant"):
        mk.record("trl/messages")(pa.Table.from_pylist([{"messages": [ASKED]}]))


def test_the_end_mark_of_segments_is_not_in_the_text() -> None:
    kernel = mk.record("axolotl/segments", settings={"eos": "<END>"})
    for row in (
        {"prompt": "질문", "target": "답 <END> 끝"},
        {"prompt": "<END> 질문", "target": "답"},
    ):
        with pytest.raises(FormattingError, match="special_literal"):
            kernel(pa.Table.from_pylist([row]))


def test_requests_have_an_id_that_is_text() -> None:
    kernel = mk.record("openai/batch", settings={"model": "m"})
    requests = kernel(pa.table({"id": [7], "prompt": ["질문"]}))
    assert requests["custom_id"].to_pylist() == ["7"]
    with pytest.raises(FormattingError, match="id each"):
        kernel(pa.table({"id": ["a", None], "prompt": ["질문"] * 2}))


def segments(*pairs: tuple[bool, str]) -> dict[str, Any]:
    return {"segments": [{"label": label, "text": text} for label, text in pairs]}


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        (
            segments(
                (False, "Q"), (False, " 질문:"), (True, "\n답"), (False, "\nQ2"), (True, " 둘")
            ),
            {},
        ),
        (segments((True, " 답")), {"content_empty": 1}),
        (segments((False, "질문"), (False, " 답")), {"content_empty": 1}),
        (segments((False, "질문"), (True, "답")), {"completion_no_sep": 1}),
    ],
)
def test_segments_of_any_number_are_checked(row: dict[str, Any], codes: dict[str, int]) -> None:
    assert mk.check_records([row], record="axolotl/segments").by("code") == codes


def test_half_a_surrogate_pair_is_told_and_the_rest_is_checked() -> None:
    rows = [
        {"instruction": text, "input": "", "output": "답"}
        for text in ("\ud800", "질문", "<|im_end|>")
    ]
    report = mk.check_records(rows, record="alpaca")
    assert [(line["row"], line["code"]) for line in report.findings.to_pylist()] == [
        (0, "schema"), (2, "special_literal")
    ]  # fmt: skip


TURNS = [ASKED, {"role": "assistant", "content": "답"}]
OWN = {"role": "system", "content": "의사로 답하라."}
HELD: list[dict[str, Any]] = [
    {"messages": TURNS},
    {"prompt": TURNS[:1], "completion": TURNS[1:]},
    {"prompt": "질문", "target": "답"},
    {"question": "질문", "answer": "답"},
]


@pytest.mark.parametrize("row", HELD, ids=lambda row: "-".join(row))
def test_a_column_of_system_texts_is_the_system_turn_of_each_row(row: dict[str, Any]) -> None:
    rows = [row | {"system": text} for text in ("의사로 답하라.", None, " ")]
    records = mk.record("trl/prompt-completion")(pa.Table.from_pylist(rows))
    assert records["prompt"].to_pylist() == [[OWN, ASKED], [ASKED], [ASKED]]
    under = mk.record("trl/prompt-completion", system="짧게 답하라.")(pa.Table.from_pylist(rows))
    assert [turns[0]["content"][:2] for turns in under["prompt"].to_pylist()] == [
        "의사",
        "짧게",
        "짧게",
    ]


def test_another_system_turn_beside_one_of_its_own_is_refused() -> None:
    kernel = mk.record("trl/messages")
    same = pa.Table.from_pylist([{"messages": [OWN, *TURNS], "system": OWN["content"]}])
    assert [turn["role"] for turn in kernel(same)["messages"].to_pylist()[0]] == [
        "system",
        "user",
        "assistant",
    ]
    with pytest.raises(FormattingError, match="system_not_first"):
        kernel(pa.Table.from_pylist([{"messages": [OWN, *TURNS], "system": "다른 말"}]))


@pytest.mark.parametrize("tools", ['[{"type": "function"}]', [{"type": "function"}]])
def test_tools_of_a_row_are_carried_or_told(tools: Any) -> None:
    table = pa.Table.from_pylist([{"messages": TURNS, "tools": tools}])
    with pytest.raises(FormattingError, match="field_lost"):
        mk.record("trl/messages")(table)
    assert mk.record("trl/messages", keep=["tools"])(table)["tools"].to_pylist() == [tools]
    with pytest.raises(FormattingError, match="field_lost"):
        mk.record("openai/chat", keep=["tools"])(table)
    without = table.set_column(1, "tools", pa.nulls(1, table.schema.field("tools").type))
    assert mk.record("openai/chat")(without).num_rows == 1
