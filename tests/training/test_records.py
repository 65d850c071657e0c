from __future__ import annotations

import json
import pickle
from typing import Any

import datasets
import jsonschema
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from formatting_rows import CHOICE, ENGLISH, OPEN, qa, qa_tables
from laws import examples
from medqa_kit.core.apply import apply
from medqa_kit.core.arrow.messages import MESSAGE
from medqa_kit.errors import ArgumentError, DroppedRowsWarning, FormattingError
from medqa_kit.schemas import DIALOGUE, PREFERENCE, QA, TEXT, conform
from medqa_kit.training.conversations import kind_of
from medqa_kit.training.kinds.index import find_kind, record_kinds, record_schema
from medqa_kit.training.kinds.model import ACCEPTS
from medqa_kit.training.record_files import check_records, json_lines
from medqa_kit.training.records import Record, record

NAMES = [kind.name for kind in record_kinds()]
NEEDED: dict[str, dict[str, Any]] = {
    "openai/batch": {"model": "some-model", "temperature": 0.0},
    "axolotl/segments": {"eos": "<end>"},
}


def make(name: str, **arguments: Any) -> Record:
    return record(name, settings=NEEDED.get(name), **arguments)


def turn(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def provenance(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"id": f"demo/{i}", "source": "demo", "split": "train", "language": "ko"} | row
            for i, row in enumerate(rows)]  # fmt: skip


PREFERENCES = conform(
    pa.Table.from_pylist(provenance(
        {"prompt": "열이 납니다", "chosen": "체온을 재세요", "rejected": "모릅니다"},
        {"prompt": "Q", "chosen": "A", "rejected": "AB"},
    ), schema=PREFERENCE), PREFERENCE)  # fmt: skip
TALK = pa.table({
    "id": ["demo/0", "demo/1"],
    "messages": pa.array([
        [turn("system", "S"), turn("user", "Q1"), turn("assistant", "A1"), turn("user", "Q2"),
         turn("assistant", "A2")],
        [turn("user", "Q"), turn("assistant", "A")],
    ], pa.list_(MESSAGE)),
})  # fmt: skip
TARGETS = pa.table({"id": ["demo/0"], "prompt": ["질문: {{ x }}\n정답:"], "target": ["B"]})
TEXTS = conform(pa.Table.from_pylist(provenance({"text": "본문"}), schema=TEXT), TEXT)
LABELED = pa.table({
    "id": ["demo/0"], "prompt": ["Q"], "completion": ["A"], "label": [False],
})  # fmt: skip
TABLES = {
    "qa": qa(CHOICE, OPEN, ENGLISH), "preference": PREFERENCES, "messages": TALK,
    "target": TARGETS, "text": TEXTS, "unpaired": LABELED,
}  # fmt: skip
FITTING = [
    (name, kind) for name in NAMES for kind in TABLES
    if kind in ACCEPTS[find_kind(name).needs]
    and not (kind == "messages" and find_kind(name).holds == "single")
]  # fmt: skip


def written(records: pa.Table, name: str | None = None) -> list[dict[str, Any]]:
    return [json.loads(line) for line in json_lines(records, record=name)]


@pytest.mark.parametrize(("name", "kind"), FITTING)
def test_every_record_of_every_fitting_table_is_valid(name: str, kind: str) -> None:
    rows = written(make(name)(TABLES[kind]), name)
    assert len(rows) == TABLES[kind].num_rows * (2 if (name, kind) in DOUBLED else 1)
    for row in rows:
        jsonschema.validate(row, record_schema(name))
    assert not len(check_records(rows, record=name).findings)


DOUBLED = {(name, "preference") for name in NAMES if find_kind(name).needs == "unpaired"}


def test_there_is_a_table_for_every_kind_and_a_record_for_every_trainer() -> None:
    trainers = {name.split("/")[0] for name in NAMES}
    assert trainers == {
        "alpaca", "axolotl", "compilation", "llama-factory", "mlx-lm", "ms-swift", "nemo", "openai",
        "sharegpt", "text", "trl",
    }  # fmt: skip
    assert {name for name, _ in FITTING} == set(NAMES)
    assert {kind_of(table.schema) for table in TABLES.values()} == set(TABLES)


@pytest.mark.parametrize("name", [n for n in NAMES if find_kind(n).needs == "reply"])
def test_written_rows_say_what_was_asked_and_answered(name: str) -> None:
    """Read back, each record holds the very texts that went in: none is lost on the way."""
    row = written(make(name, system="SYS", reasoning="none")(qa(OPEN)))[0]
    said = json.dumps(find_kind(name).canonical(row), ensure_ascii=False)
    for text in ("SYS", OPEN["context"], OPEN["question"], OPEN["answer"]):
        assert text in said


@pytest.mark.parametrize(
    "name", [n for n in NAMES if find_kind(n).needs == "reply" and find_kind(n).holds != "single"])  # fmt: skip
def test_conversations_come_back_whole(name: str) -> None:
    for before, row in zip(TALK["messages"].to_pylist(), written(make(name)(TALK)), strict=True):
        canonical = find_kind(name).canonical(row)
        after = canonical.get("messages") or [*canonical["prompt"], *canonical["completion"]]
        assert after == before


def test_the_primary_target_to_the_letter() -> None:
    assert written(record("trl/prompt-completion", system="SYS")(qa(CHOICE))) == [{
        "id": "demo/0", "source": "demo", "family": None, "language": "ko",
        "prompt": [
            turn("system", "SYS"),
            turn("user", "65세 남성의 흉통에 가장 먼저 할 검사는?\nA. 심전도\nB. 뇌파\nC. 근전도"),
        ],
        "completion": [
            turn("assistant", "정답: A. 심전도") | {"reasoning_content": CHOICE["rationale"]}
        ],
    }]  # fmt: skip


def test_strings_put_the_separator_at_the_head_of_the_reply() -> None:
    records = record("trl/prompt-completion/standard", settings={"separator": " "})(TARGETS)
    assert written(records) == [
        {"id": "demo/0", "prompt": "질문: {{ x }}\n정답:", "completion": " B"}
    ]


def test_openai_rows_to_the_letter() -> None:
    assert written(make("openai/chat")(TARGETS), "openai/chat") == [
        {"messages": [turn("user", "질문: {{ x }}\n정답:"), turn("assistant", "B")]}
    ]
    assert written(make("openai/dpo")(PREFERENCES), "openai/dpo")[1] == {
        "input": {"messages": [turn("user", "Q")]},
        "preferred_output": [turn("assistant", "A")],
        "non_preferred_output": [turn("assistant", "AB")],
    }
    assert written(make("openai/batch")(TARGETS), "openai/batch") == [{
        "custom_id": "demo/0", "method": "POST", "url": "/v1/chat/completions",
        "body": {"model": "some-model", "messages": [turn("user", "질문: {{ x }}\n정답:")],
                 "temperature": 0.0},
    }]  # fmt: skip


def test_llama_factory_keeps_system_and_history_and_names_all_columns() -> None:
    kernel = record("llama-factory/alpaca")
    assert written(kernel(TALK))[0] == {
        "id": "demo/0", "instruction": "Q2", "input": "", "output": "A2", "system": "S",
        "history": [["Q1", "A1"]],
    }  # fmt: skip
    stanza = json.loads(kernel.stanza(dataset="mine", file="x.jsonl") or "")
    assert stanza["mine"]["file_name"] == "x.jsonl"
    assert set(stanza["mine"]["columns"].values()) == set(kernel.columns)
    for name in ("llama-factory/sharegpt", "llama-factory/dpo", "llama-factory/kto"):
        stanza = json.loads(record(name).stanza(dataset="mine") or "")["mine"]
        assert stanza["formatting"] == "sharegpt"  # "openai" would edit the system prompts
        assert set(stanza["columns"].values()) == set(record(name).columns)


def test_axolotl_stanzas() -> None:
    assert record("axolotl/chat").stanza(file="ko.jsonl") == (
        "datasets:\n  - path: ko.jsonl\n    ds_type: json\n    type: chat_template\n"
        "    field_messages: messages\n    message_property_mappings:\n      role: role\n"
        '      content: content\n    roles_to_train: ["assistant"]\n    train_on_eos: turn\n'
    )
    assert "train_on_inputs: false\n" in (make("axolotl/segments").stanza() or "")
    assert written(make("axolotl/segments")(TARGETS.set_column(1, "prompt", pa.array(["Q"])))) == [
        {"id": "demo/0", "segments": [
            {"label": False, "text": "Q"}, {"label": True, "text": "\n\nB<end>"}]}
    ]  # fmt: skip


def test_other_trainers_to_the_letter() -> None:
    row, bare = qa(OPEN), {"identity": False}
    asked = f"{OPEN['context']}\n\n{OPEN['question']}"
    assert written(record("alpaca", **bare)(row))[0] == {
        "instruction": asked, "input": "", "output": OPEN["answer"],
    }  # fmt: skip
    assert written(record("sharegpt", **bare)(row))[0]["conversations"] == [
        {"from": "human", "value": asked}, {"from": "gpt", "value": OPEN["answer"]},
    ]  # fmt: skip
    assert written(record("nemo/chat", system="S", **bare)(row))[0] == {
        "system": "S", "mask": "User",
        "conversations": [
            {"from": "User", "value": asked}, {"from": "Assistant", "value": OPEN["answer"]}],
    }  # fmt: skip
    assert written(record("compilation", **bare)(row))[0] == {
        "input": OPEN["question"], "context": OPEN["context"], "output": OPEN["answer"],
        "source": "demo",
    }  # fmt: skip
    assert written(record("ms-swift/dpo", **bare)(PREFERENCES))[1] == {
        "messages": [turn("user", "Q"), turn("assistant", "A")],
        "rejected_response": "AB",
    }  # fmt: skip
    assert record("text", **bare)(TEXTS)["text"].to_pylist() == ["본문"]


def test_kto_makes_two_labelled_rows_of_a_preference() -> None:
    rows = written(record("trl/kto/standard")(PREFERENCES))
    assert [(r["id"], r["completion"], r["label"]) for r in rows[:2]] == [
        ("demo/0#chosen", "\n\n체온을 재세요", True),
        ("demo/0#rejected", "\n\n모릅니다", False),
    ]


def test_prompts_need_no_answer() -> None:
    withheld = qa({"question": "Q", "options": ["a", "b"], "answer_index": None})
    assert written(record("trl/prompt-only")(withheld))[0]["prompt"] == [
        turn("user", "Q\nA. a\nB. b")
    ]
    with pytest.raises(FormattingError, match="null_key"):
        record("trl/messages")(withheld)


def test_rows_stay_known_and_strict_readers_get_their_own_keys_alone() -> None:
    identity = ["id", "source", "family", "language"]
    records = record("trl/prompt-only", keep=("id", "answer"))(qa(CHOICE))
    assert records.column_names == [*identity, "answer", "prompt"]
    assert record("trl/prompt-only", identity=False)(qa(CHOICE)).column_names == ["prompt"]
    records = record("openai/chat")(qa(CHOICE))
    assert records.column_names == [*identity, "messages"]
    assert written(records, "openai/chat")[0].keys() == {"messages"}
    assert written(records, "mlx-lm")[0].keys() == {*identity, "messages"}
    assert record("compilation")(qa(CHOICE)).column_names.count("source") == 1
    with pytest.raises(FormattingError, match="columns the table does not have: nope"):
        record("trl/messages", keep=("nope",))(qa(CHOICE))
    with pytest.raises(FormattingError, match=": messages is missing"):
        list(json_lines(TARGETS, record="openai/chat"))


def test_edges_can_be_trimmed_and_are_kept_otherwise() -> None:
    table = qa({"question": " Q \n", "answer": " A"})
    assert record("mlx-lm")(table)["messages"].to_pylist()[0][0]["content"] == " Q \n"
    trimmed = record("mlx-lm", edges="trim")(table)["messages"].to_pylist()[0]
    assert [m["content"] for m in trimmed] == ["Q", "A"]
    with pytest.raises(FormattingError, match="prompt_ends_ws"):
        record("trl/prompt-completion/standard")(table)
    record("trl/prompt-completion/standard", edges="trim")(table)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "trl/prompt_completion"}, "did you mean 'trl/prompt-completion'"),
        ({"name": "openai/batch"}, "needs the setting 'model'"),
        ({"name": "openai/batch", "settings": {"modle": "x"}}, "did you mean 'model'"),
        ({"name": "openai/batch", "settings": {"model": ""}}, "settings.model= takes text"),
        ({"name": "openai/batch", "settings": {"model": "m", "seed": 0.5}}, "a whole number"),
        ({"name": "openai/batch", "settings": {"model": "m", "top_p": "x"}}, "takes a number"),
        ({"name": "mlx-lm", "settings": {"separator": " "}}, "no settings"),
        ({"name": "mlx-lm", "settings": "separator"}, "takes a dict"),
        ({"name": "ms-swift", "reasoning": "field"}, "nothing reads `reasoning_content`"),
        ({"name": "ms-swift", "reasoning": "thinking"}, "did you mean 'think'"),
        ({"name": "trl/messages", "system": "<|im_end|>"}, "control token"),
        ({"name": "trl/messages", "system": " "}, "is blank"),
        ({"name": "trl/messages", "edges": "trimm"}, "did you mean 'trim'"),
        ({"name": "trl/messages", "on_bad": "banana"}, "raise, drop, keep"),
        ({"name": "trl/messages", "language": "kr"}, "language= takes"),
        ({"name": "trl/messages", "keep": "answer"}, "takes a list"),
        ({"name": "trl/messages", "identity": "no"}, "identity= takes"),
        ({"name": "trl/prompt-completion/standard", "settings": {"separator": ","}}, "white space"),
    ],
)
def test_bad_arguments_are_refused_when_the_kernel_is_made(
    arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArgumentError, match=message):
        record(**arguments)


def test_tables_that_do_not_fit_are_told_what_would() -> None:
    with pytest.raises(FormattingError, match="to_preference"):
        record("trl/preference")(qa(CHOICE))
    with pytest.raises(FormattingError, match="no record can be made"):
        record("trl/messages")(pa.table({"translation": ["x"]}))
    fitting = {kind.name for kind in record_kinds(PREFERENCE)}
    assert {"trl/preference", "trl/kto", "openai/dpo"} <= fitting
    assert "trl/preference" not in {kind.name for kind in record_kinds(QA)}


def test_long_conversations_do_not_fit_single_turn_records() -> None:
    rows, report = record("alpaca", on_bad="drop").run(TALK)
    assert report.by("code") == {"multi_turn": 1}
    assert report.ids("multi_turn") == ["demo/0"]
    assert written(rows) == [{"id": "demo/1", "instruction": "Q", "input": "", "output": "A"}]


@pytest.mark.parametrize(("name", "kind"), FITTING)
@pytest.mark.slow
def test_kernels_are_row_local_pure_and_picklable(name: str, kind: str) -> None:
    table = TABLES[kind]
    kernel = pickle.loads(pickle.dumps(make(name)))
    whole = kernel(table)
    assert whole.equals(pa.concat_tables([kernel(table.slice(i, 1)) for i in range(len(table))]))
    assert kernel(table.slice(0, 0)).schema == whole.schema


@settings(max_examples=examples(30))
@given(qa_tables, st.sampled_from([n.name for n in record_kinds(QA) if n.needs == "reply"]))
def test_counts_add_up_and_no_text_changes(table: pa.Table, name: str) -> None:
    rows, report = make(name, on_bad="drop").run(table)
    bad = set(report.findings["row"].to_pylist())
    assert rows.num_rows + report.dropped == table.num_rows == report.rows
    assert len(bad) == report.dropped
    kept = [row for i, row in enumerate(table.to_pylist()) if i not in bad]
    for before, after in zip(kept, written(rows), strict=True):
        said = json.dumps(after, ensure_ascii=False)
        for text in (before["question"], before["context"] or "", *(before["options"] or [])):
            assert json.dumps(text, ensure_ascii=False)[1:-1] in said


def test_records_run_in_datasets_map_and_survive_its_cache(tmp_path: Any) -> None:
    data = datasets.Dataset(TABLES["qa"]).with_format("arrow")
    records = data.map(record("trl/messages"), batched=True, remove_columns=data.column_names)
    path = str(tmp_path / "rows.parquet")
    records.with_format(None).to_parquet(path)
    back = datasets.Dataset.from_parquet(path, cache_dir=str(tmp_path))
    assert back[0]["messages"][1]["content"] == "정답: A. 심전도"


@pytest.mark.slow
def test_a_kind_of_record_has_one_type_whatever_the_rows() -> None:
    talks = conform(pa.Table.from_pylist(provenance(*TALK.drop_columns("id").to_pylist()), schema=DIALOGUE), DIALOGUE)  # fmt: skip
    questions = qa(OPEN | {"rationale": None}, CHOICE)
    for kind in record_kinds(DIALOGUE):
        if kind.holds != "single":
            records = [
                make(kind.name)(table) for table in (talks, questions, questions.slice(0, 1))
            ]
            assert len({table.schema for table in records}) == 1, kind.name
            assert pa.concat_tables(records).num_rows == 5
            features = [datasets.Dataset(table).features for table in records]
            assert features[0] == features[1] == features[2]
    rows = written(record("trl/messages")(talks))
    assert all(set(turn) == {"role", "content"} for row in rows for turn in row["messages"])


def test_reasoning_of_prompts_and_targets_is_kept_apart() -> None:
    rows = TARGETS.append_column("reasoning", pa.array(["R"]))
    said = record("trl/prompt-completion")(rows)["completion"].to_pylist()
    assert said == [[turn("assistant", "B") | {"reasoning_content": "R"}]]


BAD = OPEN | {"answer": None}


def test_bad_rows_are_dropped_and_counted_wherever_the_kernel_runs() -> None:
    table, kernel = qa(CHOICE, BAD, OPEN), record("trl/messages", on_bad="drop")
    good = record("trl/messages")(qa(CHOICE, BAD, OPEN).take([0, 2]))
    with pytest.warns(
        DroppedRowsWarning, match=r"record drops 1 of 3 rows \(null_key 1\): 'demo/1'"
    ):
        assert apply(table, kernel).equals(good)
    with pytest.warns(DroppedRowsWarning, match="null_key 1"):
        stream = list(apply(datasets.Dataset(table).to_iterable_dataset(), kernel))
    assert stream == good.to_pylist()
    for rows in (table, datasets.Dataset(table), datasets.DatasetDict(a=datasets.Dataset(table))):
        records, report = kernel.run(rows)
        assert type(records) is type(rows)
        assert (report.rows, report.kept, report.ids("null_key")) == (3, 2, ["demo/1"])
    kept, report = record("trl/messages", on_bad="keep").run(table)
    assert kept.num_rows == report.kept == 3
    assert report.ids("null_key") == ["demo/1"]
    assert record("trl/messages", on_bad="keep")(table).equals(kept)
    with pytest.raises(FormattingError, match="on_bad='drop'"):
        record("trl/messages").run(table)


@pytest.mark.parametrize("name", [kind.name for kind in record_kinds(QA)])
@pytest.mark.slow
def test_whatever_holds_the_rows_they_become_the_same_records(name: str) -> None:
    table = qa(CHOICE, OPEN, ENGLISH, CHOICE)
    kernel = make(name)
    expected = kernel(table.take([3, 1])).to_pylist()
    data = datasets.Dataset(table).select([3, 2, 1]).filter(lambda row: row["id"] != "demo/2")
    chunked = pa.concat_tables([table.slice(3, 1), table.slice(1, 1)])
    for rows in (data, data.to_iterable_dataset(), chunked, table.take([3, 1]).to_pylist()):
        records = apply(rows, kernel)
        assert list(records.to_pylist() if isinstance(records, pa.Table) else records) == expected


CALL = {"id": "1", "type": "function", "function": {"name": "look_up", "arguments": "{}"}}
CARRIES = {
    "openai/chat": ("tool_calls", "tool_call_id", "name", "weight"),
    "trl/messages": ("tool_calls", "name"),
}


@pytest.mark.parametrize(
    "field", [{"tool_calls": [CALL]}, {"tool_call_id": "1"}, {"name": "kim"}, {"weight": 0}, {"mood": "glad"}],
)  # fmt: skip
def test_fields_of_messages_are_carried_or_refused(field: dict[str, Any]) -> None:
    plain = [turn("user", "Q"), turn("assistant", "A")]
    rows = pa.table({"id": ["a", "b"], "messages": [plain, [plain[0], plain[1] | field]]})
    for name in ("openai/chat", "trl/messages", "sharegpt", "llama-factory/sharegpt", "ms-swift"):
        records, report = record(name, on_bad="drop").run(rows)
        if set(field) <= set(CARRIES.get(name, ())):
            assert (records.num_rows, len(report.findings)) == (2, 0)
            lines = [json.loads(line) for line in json_lines(records, record=name)]
            assert lines[1]["messages"] == [plain[0], plain[1] | field]
            assert lines[0]["messages"] == plain
            assert check_records(lines, record=name).kept == 2
            assert not len(check_records(lines, record=name).findings)
        else:
            assert (records.num_rows, report.ids("field_lost")) == (1, ["b"])


def test_tools_that_say_nothing_are_not_lost() -> None:
    thread = [turn("user", "Q"), turn("assistant", "A")]
    rows = pa.table({"id": ["a", "b", "c"], "messages": [thread] * 3, "tools": ["[{}]", " ", None]})
    records, report = record("trl/messages", on_bad="drop").run(rows)
    assert (records.num_rows, report.ids("field_lost")) == (2, ["a"])


def test_a_call_of_a_tool_needs_no_content() -> None:
    called = {"role": "assistant", "content": None, "tool_calls": [CALL]}
    result = {"role": "tool", "content": "37.9", "tool_call_id": "1"}
    thread = [turn("user", "Q"), called, result, turn("assistant", "A")]
    rows = pa.table({"messages": [thread]})
    (line,) = json_lines(record("openai/chat")(rows), record="openai/chat")
    written = json.loads(line)
    del called["content"]
    assert written["messages"] == thread
    assert not len(check_records([written], record="openai/chat").findings)
    with pytest.raises(FormattingError, match="field_lost"):
        record("trl/messages")(rows)
    with pytest.raises(FormattingError, match="content_null"):
        record("openai/chat")(
            pa.table({"messages": [[turn("user", "Q"), turn("assistant", None)]]})
        )
    preference = pa.table({"prompt": [[turn("user", "Q")]], "chosen": [[called | {"content": "A"}]],
                           "rejected": [[turn("assistant", "B")]]})  # fmt: skip
    for name in ("trl/preference", "trl/kto", "openai/dpo", "trl/preference/implicit"):
        kept = list(json_lines(record(name)(preference), record=name))
        assert "look_up" in kept[0]
        assert not len(check_records([json.loads(row) for row in kept], record=name).findings)


def test_two_turns_of_tools_do_not_alternate() -> None:
    thread = [turn("user", "Q"), turn("assistant", "A"), turn("tool", "T"), turn("tool", "U"),
              turn("assistant", "A")]  # fmt: skip
    rows = pa.table({"messages": pa.array([thread], pa.list_(MESSAGE))})
    assert record("trl/messages")(rows).num_rows == 1
    with pytest.raises(FormattingError, match="role_order"):
        record("llama-factory/sharegpt")(rows)
    report = check_records([{"messages": thread}], record="llama-factory/sharegpt")
    assert report.by("code") == {"role_order": 1}


def test_the_kinds_print_as_a_table() -> None:
    shown = str(record_kinds(PREFERENCE))
    assert shown.splitlines()[0].split() == ["name", "columns", "reasoning", "about"]
    assert "llama-factory/dpo" in shown
    assert "<th" in record_kinds()._repr_html_()
    with pytest.raises(ArgumentError, match="schema= takes an Arrow schema"):
        record_kinds("QA")  # type: ignore[arg-type]


@pytest.mark.parametrize("chat", ["multiturn", "single_user_turn"])
def test_chat_prompts_of_harnesses_become_records(chat: Any) -> None:
    rows = pa.table({
        "id": ["d/1", "d/2"], "question": ["q1", "q2"], "options": [["a", "b", "c", "d"]] * 2,
        "answer": ["a", "b"], "answer_index": pa.array([0, 1], pa.int32()),
    })  # fmt: skip
    prompts = mk.apply(
        rows.slice(1), mk.harness("lm_eval/kmmlu@2.0", shots=rows.slice(0, 1), chat=chat)
    )
    records = mk.apply(prompts, mk.record("trl/prompt-completion")).to_pylist()[0]
    assert records["prompt"] == prompts["prompt"][0].as_py()
    assert [message["content"] for message in records["completion"]] == ["B"]
    under = prompts.append_column("system", pa.array(["S"]))
    turns = mk.apply(under, mk.record("openai/chat"))["messages"][0].as_py()
    assert turns == [
        {"role": "system", "content": "S"},
        *records["prompt"],
        {"role": "assistant", "content": "B"},
    ]


@pytest.mark.parametrize(
    "eos", ["</s>", "<|im_end|>", "<end_of_turn>", "<|eot_id|>", "[|endofturn|]"]
)
def test_the_end_mark_that_a_record_adds_is_no_fault_of_it(eos: str) -> None:
    records = record("axolotl/segments", settings={"eos": eos})(qa(CHOICE))
    assert not len(check_records(records, record="axolotl/segments").findings)
    twice = [
        {"segments": [{"label": False, "text": "Q"}, {"label": True, "text": f"\n\nA{eos}{eos}"}]}
    ]
    assert check_records(twice, record="axolotl/segments").by("code") == {"special_literal": 1}


@pytest.mark.parametrize("content", ["", " ", None])
def test_a_message_that_calls_a_tool_and_says_nothing_has_no_content(content: str | None) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "labs", "arguments": "{}"}}
    thread = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": content, "tool_calls": [call]},
              {"role": "tool", "content": "R", "tool_call_id": "c"}, {"role": "assistant", "content": "A"}]  # fmt: skip
    table = pa.Table.from_pylist([{"id": "d/1", "messages": thread}])
    row = json.loads(next(json_lines(record("openai/chat")(table), record="openai/chat")))
    assert "content" not in row["messages"][1]
    assert not len(check_records([row], record="openai/chat").findings)


def called(arguments: str, *ids: str, **last: Any) -> list[dict[str, Any]]:
    """Return a conversation that calls tools by these ids, with a result for each and what ``last`` changes in the last."""
    calls = [
        CALL | {"id": name, "function": {"name": "labs", "arguments": arguments}} for name in ids
    ]
    results = [{"role": "tool", "content": "37.9", "tool_call_id": name} for name in ids]
    results[-1] |= last
    silent = {"role": "assistant", "content": None, "tool_calls": calls}
    return [turn("user", "Q"), silent, *results, turn("assistant", "A")]


@pytest.mark.parametrize("thread", [
    called("{}", "a", "b"), called("{}", "a", "b")[:2], called('{"x": {"y": ["Ca²⁺ < 8"]}}', "a"),
    called("{}", "a")[:-1] + called("{}", "b")[1:],
])  # fmt: skip
def test_calls_with_their_results_are_carried(thread: list[dict[str, Any]]) -> None:
    rows = pa.Table.from_pylist([{"messages": thread}])
    assert record("openai/chat").run(rows)[1].by("code") == {}
    (line,) = json_lines(record("openai/chat")(rows), record="openai/chat")
    said = [
        turn.get("tool_calls") or turn.get("tool_call_id") for turn in json.loads(line)["messages"]
    ]
    assert said == [turn.get("tool_calls") or turn.get("tool_call_id") for turn in thread]


@pytest.mark.parametrize(("thread", "code"), [
    (called("{}", "a", "b", tool_call_id="z"), "call_unmatched"),
    (called("{}", "a", "b", tool_call_id=None), "call_unmatched"),
    (called("{}", "a", "b")[:3] + called("{}", "a")[-1:], "call_unmatched"),
    (called('{"x": "<|im_end|>"}', "a"), "special_literal"),
    (called("{}", "a", name="<|im_start|>"), "special_literal"),
])  # fmt: skip
def test_calls_that_no_trainer_reads_right_are_told(
    thread: list[dict[str, Any]], code: str
) -> None:
    rows = pa.Table.from_pylist([
        {"id": "a", "messages": called("{}", "z")}, {"id": "b", "messages": thread}, {"id": "c", "messages": []},
    ])  # fmt: skip
    report = record("openai/chat", on_bad="drop").run(rows)[1]
    assert report.ids(code) == ["b"]
    assert mk.lint(rows, on_bad="drop")[1].ids(code) == ["b"]


@pytest.mark.parametrize("beside", [
    {"images": ["a.png"]}, {"image": {"path": "a.png"}}, {"videos": ["a.mp4"]}, {"audio": "a.wav"},
    {"chat_template_kwargs": {"enable_thinking": False}},
])  # fmt: skip
def test_columns_that_say_what_messages_mean_are_kept_or_told(beside: dict[str, Any]) -> None:
    row = {"id": "b", "messages": [turn("user", "Q"), turn("assistant", "A")]}
    rows = pa.Table.from_pylist([row | beside])
    kernel = record("trl/messages", on_bad="drop")
    assert kernel.run(rows)[1].by("code") == {"field_lost": 1}
    kept = record("trl/messages", keep=tuple(beside))(rows)
    assert {name: kept[name][0].as_py() for name in beside} == beside
