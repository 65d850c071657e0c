"""The malformed-record table: what trainers accept in silence, and what is refused here."""

from __future__ import annotations

import json
import unicodedata
from itertools import pairwise
from typing import Any

import datasets
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from formatting_rows import CHOICE, OPEN, qa
from medqa_kit.core.arrow.messages import REASONED
from medqa_kit.errors import ArgumentError, FormattingError
from medqa_kit.training.lint import lint
from medqa_kit.training.record_files import check_records, json_lines
from medqa_kit.training.violations import CODES

S, U, A, T = (
    {"role": role, "content": role[0].upper()} for role in ("system", "user", "assistant", "tool")
)
PLAIN = "trl/messages"


def said(content: str, **rest: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content, **rest}


def thread(*turns: dict[str, Any]) -> dict[str, Any]:
    return {"messages": list(turns)}


# (what, kind of record, row, codes). The remark says what a trainer makes of it.
MALFORMED: list[tuple[str, str, Any, set[str]]] = [
    ("trl: IndexError", PLAIN, thread(), {"schema"}),
    ("trl: 0 rows, in silence", PLAIN, {"messages": '[{"role": "user"}]'}, {"schema"}),
    ("trl on Qwen: the turn vanishes", PLAIN, thread({"role": "human", "content": "Q"}, A), {"schema"}),
    ("trl: trains no answer", PLAIN, thread(U, said("")), {"schema"}),
    ("Gemma: an empty turn", PLAIN, thread(U, said(" \n")), {"schema"}),
    ("Qwen: UndefinedError", PLAIN, thread(U, {"role": "assistant", "content": None}), {"schema"}),
    ("Qwen 3: an empty turn", PLAIN, thread({"role": "user", "content": [{"type": "text", "text": "Q"}]}, A), {"schema"}),
    ("a key is missing", PLAIN, thread(U, {"role": "assistant"}), {"schema"}),
    ("OpenAI: unrecognized key", "openai/chat", thread(U, said("A", reasoning_content="R")), {"schema"}),
    ("OpenAI: unrecognized key", "openai/chat", {"id": "x", **thread(U, A)}, {"schema"}),
    ("LLaMA-Factory: dropped", "llama-factory/sharegpt", thread(U, U, A), {"role_order"}),
    ("Gemma: TemplateError", PLAIN, thread(A, U, A), {"role_order"}),
    ("Gemma: TemplateError", PLAIN, thread(U, S, A), {"system_not_first", "role_order"}),
    ("nothing to learn", PLAIN, thread(S, U), {"last_not_assistant"}),
    ("LLaMA-Factory: odd count, dropped", "llama-factory/sharegpt", thread(U, A, U), {"last_not_assistant"}),
    ("two system turns", PLAIN, thread(S, S, U, A), {"system_not_first"}),
    ("no question", PLAIN, thread(S, A), {"role_order"}),
    ("the turn ends early", PLAIN, thread({"role": "user", "content": "a<|im_end|>b"}, A), {"special_literal"}),
    ("the turn ends early", PLAIN, thread(U, said("a<end_of_turn>")), {"special_literal"}),
    *((f"the mark {mark}", PLAIN, thread({"role": "user", "content": f"a {mark} b"}, A), {"special_literal"})
      for mark in ("[|user|]", "[|endofturn|]", "[BOS]", "[TOOL_CALLS]", "[/SYSTEM_PROMPT]", "[THINK]",
                   "<|turn>", "<turn|>", "<|channel>", "[gMASK]", "<sop>", "<tool_call>", "</tool_call>",
                   "<tool_response>", "<unused7>", "<image_soft_token>", "<image>", "<seed:think>", "<start_function_call>")),
    ("Mistral's marks", PLAIN, thread({"role": "user", "content": "[INST] x [/INST]"}, A), {"special_literal"}),
    ("an unbalanced tag", "ms-swift", thread(U, said("<think>\nR\nA")), {"think_unbalanced"}),
    ("an unbalanced tag", "ms-swift", thread(U, said("R</think>A")), {"think_unbalanced"}),
    ("tags in the question", "ms-swift", thread({"role": "user", "content": "<think>x</think>"}, A), {"think_in_source"}),
    ("a block that is not first", "ms-swift", thread(U, said("A <think>R</think>")), {"think_in_source"}),
    ("two blocks", "ms-swift", thread(U, said("<think>R</think><think>R</think>A")), {"think_in_source"}),
    ("Qwen 3.8: a double block", PLAIN, thread(U, said("<think>R</think>A", reasoning_content="R")), {"think_in_source"}),
    ("tags in the reasoning", PLAIN, thread(U, said("A", reasoning_content="a</think>b")), {"think_in_source"}),
    ("trl: TypeError", "trl/prompt-completion", {"prompt": "Q", "completion": [A]}, {"schema"}),
    ("trl: ValueError", "trl/prompt-completion", {"prompt": [S], "completion": [A]}, {"last_not_user"}),
    ("trl: continues the answer", "trl/prompt-completion", {"prompt": [U, A], "completion": [A]}, {"last_not_user"}),
    ("two questions", "trl/prompt-completion", {"prompt": [U], "completion": [U, A]}, {"schema"}),
    ("trl: AttributeError", "trl/prompt-completion", {"prompt": [U], "completion": None}, {"schema"}),
    ("trl: trains EOS only", "trl/prompt-completion/standard", {"prompt": "Q", "completion": ""}, {"schema"}),
    ("the mask is off by one", "trl/prompt-completion/standard", {"prompt": "Q: ", "completion": " B"}, {"prompt_ends_ws"}),
    ("the mask is off by one", "trl/prompt-completion/standard", {"prompt": "Q:", "completion": "B"}, {"completion_no_sep"}),
    ("trl: KeyError", "trl/prompt-only", {"prompt": [U], "label": [True]}, {"schema"}),
    ("trl: KeyError 'text'", "trl/language-modeling", {"instruction": "I", "input": "", "output": "O"}, {"schema"}),
    ("nothing to prefer", "trl/preference", {"prompt": [U], "chosen": [A], "rejected": [A]}, {"chosen_eq_rejected"}),
    *(("nothing to prefer", "trl/preference", {"prompt": [U], "chosen": [said(a)], "rejected": [said(b)]},
       {"chosen_eq_rejected"})
      for a, b in (("A b", " A  b\n"), ("각막", "\u1100\u1161\u11a8막"), ("A\u200bB", "AB"), ("Ａ１", "A1"))),
    ("ms-swift: the row is deleted", "ms-swift/dpo", thread(U, A) | {"rejected_response": "A"}, {"chosen_eq_rejected"}),
    ("trl: UnboundLocalError", "trl/preference/implicit", {"chosen": [], "rejected": [U, A]}, {"schema"}),
    ("trl: prompt lost", "trl/preference", {"chosen": [U, A], "rejected": [U, said("B")]}, {"schema"}),
    ("no label", "trl/kto", {"prompt": [U], "completion": [A], "label": None}, {"schema"}),
    ("a label that is a word", "llama-factory/kto", thread(U, A) | {"kto_tag": "true"}, {"schema"}),
    ("LLaMA-Factory: dropped", "llama-factory/alpaca", {"instruction": "I", "input": "", "output": ["O"], "system": "", "history": []}, {"schema"}),
    ("LLaMA-Factory: `input` lost", "llama-factory/alpaca", {"instruction": "I", "output": "O"}, {"schema"}),
    ("axolotl: nothing is trained", "axolotl/segments", {"segments": [{"label": "true", "text": "x"}]}, {"schema"}),
    ("axolotl: nothing is prefered", "axolotl/dpo", thread(U) | {"chosen": A, "rejected": A}, {"chosen_eq_rejected"}),
    ("mlx-lm: ValueError", "mlx-lm", {"question": "Q", "answer": "A"}, {"schema"}),
    ("OpenAI: two replies", "openai/dpo", {"input": thread(U), "preferred_output": [A, A], "non_preferred_output": [A]}, {"schema"}),
    ("OpenAI batch: no body", "openai/batch", {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions"}, {"schema"}),
    ("OpenAI batch: the answer is given away", "openai/batch", {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "m", **thread(U, A)}}, {"last_not_user"}),
    ("from/value with roles of another tool", "sharegpt", {"conversations": [{"from": "user", "value": "Q"}, {"from": "gpt", "value": "A"}]}, {"schema"}),
    ("no row at all", PLAIN, "text", {"schema"}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "record", "row", "codes"), MALFORMED)
def test_malformed_records_are_refused(what: str, record: str, row: Any, codes: set[str]) -> None:
    assert set(check_records([row], record=record).by("code")) == codes, what


WELL = [
    (PLAIN, thread(U, A)),
    (PLAIN, thread(S, U, A, U, A)),
    (PLAIN, thread(U, A, T, T, A)),
    (PLAIN, thread(U, said("A", reasoning_content="R"))),
    ("ms-swift", thread(U, said("<think>\na < b\n</think>\n\nA"))),
    (PLAIN, thread({"role": "user", "content": "p < 0.05, [x] <b>bold</b> <sup>2</sup> </p>"}, A)),
    (PLAIN, thread({"role": "user", "content": "[PAD] [A] [CT] [1] [/] |x| <T> <tool> [TOOL]"}, A)),
    ("trl/preference", {"prompt": [U], "chosen": [said("1.5")], "rejected": [said("15")]}),
    ("trl/prompt-completion", {"prompt": [S, U], "completion": [A, T, A]}),
    ("trl/prompt-completion/standard", {"prompt": "Q:", "completion": " B"}),
    ("openai/batch", {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions",
                      "body": {"model": "m", **thread(U)}}),
]  # fmt: skip


@pytest.mark.parametrize(("record", "row"), WELL)
def test_well_formed_records_pass(record: str, row: Any) -> None:
    assert not len(check_records([row], record=record).findings)


def test_the_report_names_place_and_keyword_and_never_quotes_the_row() -> None:
    rows = [thread(U, A), {"id": "d/2", **thread({"role": "doctor", "content": "secret"}, A)}]
    report = check_records(rows, record=PLAIN)
    assert report.findings.to_pylist() == [
        {"row": 1, "id": "d/2", "code": "schema", "detail": "messages/0/role: enum"}
    ]
    assert "secret" not in str(report)


def test_rows_may_have_different_keys_and_come_in_whatever_holds_them() -> None:
    good = thread(U, A)
    rows = [good | {"note": "x"}, good | {"year": 2024, "tags": None}, good | {"note": 7}]
    assert not len(check_records(rows, record=PLAIN).findings)
    assert check_records([*rows, {}], record=PLAIN).by("code") == {"schema": 1}
    kto = {"prompt": [U], "completion": [A], "label": True}
    assert not len(check_records([kto, kto | {"id": "a"}], record="trl/kto").findings)
    table = pa.table({"id": ["a", "b"], "messages": pa.array([[U, A], [U]], MESSAGES)})
    for holder in (table, table.to_pandas(), datasets.Dataset(table), table.to_reader(),
                   iter(thread_ for thread_ in [thread(U, A), thread(U)])):  # fmt: skip
        report = check_records(holder, record=PLAIN)
        assert report.by("code") == {"last_not_assistant": 1}
    with pytest.raises(ArgumentError, match=r"nothing that the library reads(.|\n)*found: +str"):
        check_records("messages.jsonl", record=PLAIN)
    with pytest.raises(ArgumentError, match="did you mean 'trl/messages'"):
        check_records(rows, record="trl/message")


def test_lines_hold_no_other_line_breaks_and_no_nan() -> None:
    text = "가\u2028나\u2029다\x85라\n마"
    table = pa.table({"text": [text], "score": [1.5]})
    (line,) = json_lines(table)
    assert line.splitlines() == [line]
    assert json.loads(line) == {"text": text, "score": 1.5}
    for number in (float("nan"), float("inf")):
        with pytest.raises(FormattingError, match="row 2"):
            list(json_lines(pa.table({"text": ["a", "b"], "score": [0.5, number]})))


@pytest.mark.parametrize("on_bad", ["raise", "drop", "keep"])
def test_rows_come_back_in_what_held_them(on_bad: Any) -> None:
    table = qa(CHOICE, OPEN) if on_bad == "raise" else qa(CHOICE, OPEN | {"answer": None}, OPEN)
    kept = ["demo/0", "demo/1"] if on_bad == "raise" else ["demo/0", "demo/2"]
    expected = kept if on_bad != "keep" else table["id"].to_pylist()
    data = datasets.Dataset(table)
    for rows in (data, data.to_iterable_dataset(), table.to_pandas(), table.to_pylist()):
        kept_rows, report = lint(rows, on_bad=on_bad)
        assert type(kept_rows) is type(rows)
        names = (
            kept_rows["id"] if hasattr(kept_rows, "columns") else [row["id"] for row in kept_rows]
        )
        assert list(names) == expected
        assert (report.rows, report.kept) == (len(table), len(expected))
    with pytest.raises(ArgumentError, match="on_bad= takes one of 3"):
        lint(table, on_bad="skip")  # type: ignore[arg-type]


def test_repeated_custom_ids_are_found() -> None:
    row = WELL[-1][1]
    assert check_records([row, row], record="openai/batch").by("code") == {"duplicate_id": 1}


QUESTIONS: list[tuple[dict[str, Any], str]] = [
    (CHOICE | {"answer_index": None}, "null_key"),
    (OPEN | {"answer": None}, "null_key"),
    (OPEN | {"answer": " "}, "content_empty"),
    (OPEN | {"question": "\n"}, "content_empty"),
    (CHOICE | {"answer": "뇌파"}, "key_text_disagree"),
    (CHOICE | {"answer_index": 3}, "answer_outside_options"),
    (CHOICE | {"answer_index": -1}, "answer_outside_options"),
    (CHOICE | {"options": None}, "answer_outside_options"),
    (CHOICE | {"options": []}, "answer_outside_options"),
    (CHOICE | {"options": ["심전도", "", "근전도"]}, "option_blank"),
    (CHOICE | {"options": ["심전도", None, "근전도"]}, "option_blank"),
    (CHOICE | {"options": ["심전도"] + [f"o{i}" for i in range(26)]}, "too_many_options"),
    (CHOICE | {"options": ["심전도", "<|eot_id|>"]}, "special_literal"),
    (CHOICE | {"rationale": "a <think> b"}, "think_in_source"),
    (OPEN | {"context": "<|endoftext|>"}, "special_literal"),
]


@pytest.mark.parametrize(("row", "code"), QUESTIONS)
def test_questions_are_checked_before_they_are_rendered(row: dict[str, Any], code: str) -> None:
    table = qa(CHOICE, row, OPEN)
    kept, report = lint(table, on_bad="drop")
    assert report.by("code") == {code: 1}
    assert report.ids(code) == ["demo/1"]
    assert kept["id"].to_pylist() == ["demo/0", "demo/2"]
    with pytest.raises(FormattingError, match="'demo/1'"):
        lint(table)


def test_every_rule_of_questions_and_records_can_be_broken() -> None:
    broken = {code for *_, codes in MALFORMED for code in codes} | {code for _, code in QUESTIONS}
    elsewhere = {"mixed_columns", "column_type", "content_not_str", "content_null", "role_unknown",
                 "messages_empty", "label_null", "multi_turn", "duplicate_id", "over_length",
                 "asked_among_options", "no_wrong_option", "field_lost", "call_unmatched"}  # fmt: skip
    assert broken | elsewhere == set(CODES)
    assert not broken & {"over_length", "multi_turn"}


MESSAGES = pa.list_(REASONED)
TABLES: list[tuple[dict[str, Any], dict[str, int]]] = [
    ({"prompt": ["Q"], "completion": pa.array([[A]], MESSAGES)}, {"mixed_columns": 1}),
    ({"text": ["Q"], "messages": pa.array([[U, A]], MESSAGES)}, {"mixed_columns": 1}),
    ({"messages": ['[{"role": "user"}]']}, {"column_type": 1}),
    ({"messages": [["Q", "A"]]}, {"column_type": 1}),
    ({"messages": [[{"role": "user", "content": [{"type": "text"}]}]]}, {"content_not_str": 1}),
    ({"messages": pa.array([[U, A], [], None], MESSAGES)}, {"messages_empty": 2}),
    ({"messages": pa.array([[U, said(None)]], MESSAGES)}, {"content_null": 1}),  # type: ignore[arg-type]
    ({"messages": pa.array([[{"role": "human", "content": "Q"}, A]], MESSAGES)}, {"role_unknown": 1}),
    ({"messages": pa.array([[{"role": None, "content": "Q"}, A]], MESSAGES)}, {"role_unknown": 1}),
    ({"prompt": ["Q"], "completion": ["\nA"], "label": pa.array([None], pa.bool_())}, {"label_null": 1}),
    ({"prompt": ["Q"], "chosen": [" A"], "rejected": [" A"]}, {"chosen_eq_rejected": 1}),
    ({"prompt": ["Q"], "chosen": [" A"], "rejected": [" A\ufe0f"]}, {"chosen_eq_rejected": 1}),
    ({"messages": pa.array([[], [None]], pa.list_(pa.null()))}, {"messages_empty": 2}),
    ({"messages": pa.array([[U, said("\u200b")], [U, said("\ufeff \u3164\n")]], MESSAGES)}, {"content_empty": 2}),
    ({"messages": pa.array([[U, A]], MESSAGES), "label": ["positive"]}, {}),
    ({"text": [None, "", "x"]}, {"content_null": 1, "content_empty": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "counts"), TABLES)
def test_columns_are_checked(columns: dict[str, Any], counts: dict[str, int]) -> None:
    table = pa.table(columns)
    kept, report = lint(table, on_bad="keep")
    assert report.by("code") == counts
    assert kept is table
    assert report.findings["id"].null_count == report.findings.num_rows


spaces_of = (
    " \t\n\x1f\x85\u00a0\u1680\u2003\u3000\u200b\ufeff\u00ad\u034f\u115f\u3164\ufe0f\U000e0020"
)
spaces = st.text(st.sampled_from(spaces_of), max_size=3)


@given(st.lists(spaces | st.text(max_size=3) | st.none(), max_size=8), st.integers(0, 3))
def test_blank_is_what_does_not_show_in_any_script(texts: list[str | None], start: int) -> None:
    table = pa.table({"text": pa.array(texts, pa.string())}).slice(start)
    findings = lint(table, on_bad="keep")[1].findings
    empty = findings.filter(pa.compute.equal(findings["code"], "content_empty"))["row"].to_pylist()
    trimmed = pa.compute.utf8_trim_whitespace(table["text"]).to_pylist()
    assert set(empty) >= {row for row, text in enumerate(trimmed) if text == ""}
    unseen = (set(text) <= set(spaces_of) if text is not None else False for text in texts[start:])
    assert set(empty) >= {row for row, hidden in enumerate(unseen) if hidden}
    for row in empty:
        assert not any(unicodedata.category(c)[0] in "LNSP" and c not in "\u115f\u1160\u3164"
                       for c in texts[start:][row] or "")  # fmt: skip


marks = st.sampled_from(["<|im_end|>", "[INST]", "[/INST]", "<s>", "<", "a[b]", "INST", "한"])


@given(
    st.lists(st.lists(marks, max_size=3).map("".join) | st.none(), max_size=8), st.integers(0, 3)
)
def test_control_tokens_are_found_wherever_they_stand(texts: list[str | None], start: int) -> None:
    table = pa.table({"text": pa.array(texts, pa.string())}).slice(start)
    report = lint(table, on_bad="keep")[1]
    hit = pa.compute.equal(report.findings["code"], "special_literal")
    bad = ("<|im_end|>", "[INST]", "[/INST]", "<s>")
    expected = [i for i, t in enumerate(texts[start:]) if t and any(mark in t for mark in bad)]
    assert report.findings.filter(hit)["row"].to_pylist() == expected


def test_tables_without_anything_to_check_are_told_so() -> None:
    with pytest.raises(FormattingError, match="nothing to check"):
        lint(pa.table({"instruction": ["x"]}))


roles = st.sampled_from(["system", "user", "assistant", "tool", "human"])
contents = st.sampled_from(["Q", " ", None, "<|im_end|>", "<think>x</think>y", "</think>"])
threads = st.lists(st.builds(lambda r, c: {"role": r, "content": c}, roles, contents), max_size=4)
bodies = st.sampled_from(
    ["user assistant", "user assistant user assistant", "user assistant tool tool assistant"]
)
legal = st.builds(
    lambda begin, body, content: [
        {"role": role, "content": content if at == 0 else "Q"}
        for at, role in enumerate(f"{begin} {body}".split())
    ],
    st.sampled_from(["", "system"]), bodies, st.just("Q") | contents,
)  # fmt: skip


@given(st.lists(threads, max_size=5), st.lists(threads, max_size=5))
def test_rows_are_judged_one_by_one(first: list[Any], second: list[Any]) -> None:
    def judged(rows: list[Any]) -> list[tuple[int, str]]:
        table = pa.table({"messages": pa.array(rows, MESSAGES)})
        findings = lint(table, on_bad="keep")[1].findings
        return list(zip(findings["row"].to_pylist(), findings["code"].to_pylist(), strict=True))

    apart = judged(first) + [(row + len(first), code) for row, code in judged(second)]
    assert judged(first + second) == apart


@given(legal | threads)
@example([{"role": "user", "content": "Q"}, {"role": "assistant", "content": "Q"}])
def test_what_passes_is_what_a_strict_reader_accepts(rows: list[dict[str, Any]]) -> None:
    """The rules agree with a plain reading of them, turn by turn."""
    passed = not len(
        lint(pa.table({"messages": pa.array([rows], MESSAGES)}), on_bad="keep")[1].findings
    )
    names = [turn["role"] for turn in rows]
    body = names[1:] if names[:1] == ["system"] else names
    legal = {("user", "assistant"), ("assistant", "user"), ("assistant", "tool"),
             ("tool", "assistant"), ("tool", "tool")}  # fmt: skip
    ordered = bool(body) and body[0] == "user" and body[-1] == "assistant" and all(
        pair in legal for pair in pairwise(body))  # fmt: skip
    clean = all(
        turn["content"] == "Q" or (turn["role"], turn["content"]) == ("assistant", "<think>x</think>y")
        for turn in rows
    )  # fmt: skip
    assert passed == (ordered and clean)


@pytest.mark.slow
@given(
    st.lists(
        st.sampled_from([CHOICE, OPEN, *(row for row, _ in QUESTIONS)]), min_size=1, max_size=8
    ),
    st.data(),
)
def test_rows_of_a_view_are_found_where_it_shows_them(rows: list[Any], data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=12))
    table = qa(*rows)
    shown = datasets.Dataset(table).select(places)
    assert len(shown) == len(places)
    _, expected = lint(table.take(pa.array(places, pa.int64())), on_bad="keep")
    for view in (shown, datasets.DatasetDict(a=shown)):
        _, report = lint(view, on_bad="keep")
        assert report.findings.equals(expected.findings)
        assert (report.rows, report.kept) == (len(places), len(places))
    both = datasets.DatasetDict(a=shown, b=datasets.Dataset(table))
    _, report = lint(both, on_bad="keep")
    alone = lint(table, on_bad="keep")[1].findings["row"].to_pylist()
    assert report.findings["row"].to_pylist() == [
        *expected.findings["row"].to_pylist(), *(row + len(places) for row in alone)
    ]  # fmt: skip
