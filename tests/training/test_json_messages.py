"""Messages that ``datasets`` keeps as JSON, as it reads files whose messages have different fields."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import datasets
import pyarrow as pa
import pytest

import medqa_kit as mk
from medqa_kit.errors import FormattingError

USER, SAID = {"role": "user", "content": '질문\n"?\u2028'}, {"role": "assistant", "content": "답"}
REASONED = {**SAID, "reasoning_content": "ព្រោះ"}
THREADS = [
    [USER, SAID],
    [USER, REASONED],
    [{"role": "system", "content": "S"}, USER, SAID, USER, REASONED],
]


def kept_as_json(threads: list[Any], name: str = "messages") -> datasets.Dataset:
    features = datasets.Features(
        {"id": datasets.Value("string"), name: datasets.List(datasets.Json())}
    )
    rows = [{"id": f"d/{n}", name: thread} for n, thread in enumerate(threads)]
    return datasets.Dataset.from_list(rows, features=features)


def kept_as_structs(threads: list[Any]) -> pa.Table:
    message = pa.struct([(n, pa.string()) for n in ("role", "content", "reasoning_content")])
    return pa.table(
        {
            "id": [f"d/{n}" for n in range(len(threads))],
            "messages": pa.array(threads, pa.list_(message)),
        }
    )


@pytest.mark.parametrize(
    "name", ["trl/messages", "trl/prompt-completion", "openai/chat", "llama-factory/sharegpt"]
)
@pytest.mark.parametrize(
    "hold",
    [
        lambda rows: rows,
        lambda rows: rows.select([0, 2, 1]).select([0, 2, 1]),
        lambda rows: rows.to_iterable_dataset(),
        lambda rows: rows.to_iterable_dataset().filter(lambda row: True),
        lambda rows: rows.data.table,
    ],
)
def test_records_are_those_of_messages_with_fields(name: str, hold: Callable[[Any], Any]) -> None:
    expected = mk.apply(kept_as_structs(THREADS), mk.record(name)).to_pylist()
    rows = mk.apply(hold(kept_as_json(THREADS)), mk.record(name))
    assert (rows.to_pylist() if isinstance(rows, pa.Table) else list(rows)) == expected


def test_they_are_checked_counted_and_written_as_such() -> None:
    rows, fields = kept_as_json(THREADS), kept_as_structs(THREADS)
    kept, report = mk.lint(rows, on_bad="drop")
    assert (report.by("code"), kept.to_list()) == ({}, rows.to_list())
    assert list(mk.json_lines(rows)) == list(mk.json_lines(fields))
    assert not mk.check_records(rows, record="trl/messages").findings.num_rows
    short_rows, counted = mk.fit(rows, max_tokens=12, counter=len, template="smollm2")
    assert (
        counted.counts == mk.fit(fields, max_tokens=12, counter=len, template="smollm2")[1].counts
    )
    assert len(short_rows) == 0


def test_a_file_of_ours_that_is_read_back_goes_on(tmp_path: Any) -> None:
    file = tmp_path / "train.jsonl"
    file.write_text(
        "".join(line + "\n" for line in mk.json_lines(kept_as_structs(THREADS))), "utf-8"
    )
    rows = datasets.load_dataset(
        "json", data_files=str(file), split="train", cache_dir=str(tmp_path)
    )
    assert not mk.lint(rows, on_bad="keep")[1].findings.num_rows
    records = mk.apply(rows, mk.record("llama-factory/sharegpt"))
    assert records[1]["messages"][1]["content"] == "<think>\nព្រោះ\n</think>\n\n답"


def test_what_is_wrong_is_told_row_by_row() -> None:
    threads = [
        [USER, SAID],
        [USER, {"role": "gpt", "content": "답"}],
        [],
        [USER, {"role": "assistant", "content": [{"type": "text", "text": "x"}]}],
        [USER, {"role": "assistant", "content": None}],
        [USER, "no object"],
    ]
    findings = mk.lint(kept_as_json(threads), on_bad="keep")[1]
    codes: dict[int, set[str]] = {}
    for finding in findings.findings.to_pylist():
        codes.setdefault(finding["row"], set()).add(finding["code"])
    assert {row: "role_unknown" in of for row, of in codes.items()} == {
        1: True,
        2: False,
        3: False,
        4: False,
        5: True,
    }
    assert (codes[2], codes[3], codes[4]) == (
        {"messages_empty"},
        {"content_null"},
        {"content_null"},
    )
    kept, _ = mk.record("trl/messages", on_bad="drop").run(kept_as_json(threads))
    assert kept["id"][:] == ["d/0"]
    same, _ = mk.lint(kept_as_json(threads), on_bad="drop")
    assert (same["id"][:], same.features) == (["d/0"], kept_as_json(threads).features)


@pytest.mark.parametrize(
    "field", [{"tool_calls": [{"id": "1"}]}, {"weight": 0}, {"name": "kim"}, {"mood": {"glad": 1}}]
)
def test_fields_that_would_be_lost_are_told(field: dict[str, Any]) -> None:
    threads = [[USER, {**SAID, **field}], [USER, {**SAID, "name": None, "tool_calls": []}]]
    _, report = mk.record("trl/messages", on_bad="drop").run(kept_as_json(threads))
    assert report.ids("field_lost") == ["d/0"]
    assert not mk.lint(kept_as_json(threads), on_bad="keep")[1].findings.num_rows


def test_calls_of_tools_need_no_text() -> None:
    calling = [USER, {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]},
               {"role": "tool", "content": "x"}, SAID]  # fmt: skip
    assert not mk.lint(kept_as_json([calling]), on_bad="keep")[1].findings.num_rows


def test_completions_and_replies_too() -> None:
    rows = datasets.Dataset.from_list(
        [{"id": "d/0", "prompt": [USER], "completion": [REASONED]}, {"id": "d/1", "prompt": [USER], "completion": [SAID]}],
        features=datasets.Features({"id": datasets.Value("string"), "prompt": datasets.List(datasets.Json()),
                                    "completion": datasets.List(datasets.Json())}),
    )  # fmt: skip
    records = mk.apply(rows, mk.record("axolotl/chat"))
    assert records[0]["messages"][1]["reasoning_content"] == "ព្រោះ"
    assert json.loads(next(mk.json_lines(rows)))["completion"] == [REASONED]
    assert mk.fit(rows, max_tokens=99, counter=len)[1].rows == 2


@pytest.mark.parametrize("nothing", ["", " \n", None])
@pytest.mark.parametrize("style", ["field", "think", "tag", "headings", "before", "after", "none"])
def test_blank_reasoning_is_none(style: Any, nothing: str | None) -> None:
    threads = [[USER, {**SAID, "reasoning_content": nothing}], [USER, REASONED]]
    record = mk.record("trl/messages", reasoning=style)
    said = mk.apply(kept_as_structs(threads), record)["messages"][0].as_py()[-1]
    assert {key: value for key, value in said.items() if value is not None} == SAID


PARTS = [{"type": "text", "text": "질문"}, {"type": "image_url", "image_url": {"url": "a.png"}}]


@pytest.mark.parametrize("content", [PARTS, 5, True, {"text": "질문"}])
@pytest.mark.parametrize("name", ["trl/messages", "openai/chat", "mlx-lm", "sharegpt"])
def test_contents_that_are_texts_are_read_where_others_are_none(content: Any, name: str) -> None:
    message = {"role": datasets.Value("string"), "content": datasets.Json()}
    features = datasets.Features(
        {"id": datasets.Value("string"), "messages": datasets.List(message)}
    )
    threads = [[{"role": "user", "content": content}, SAID], [USER, SAID]]
    rows = datasets.Dataset.from_list(
        [{"id": f"d/{n}", "messages": thread} for n, thread in enumerate(threads)],
        features=features,
    )
    for stream in (rows.to_iterable_dataset(), rows.to_iterable_dataset().filter(lambda row: True)):
        assert len(list(mk.record(name, on_bad="drop").run(stream)[0])) == 1
    records, report = mk.record(name, on_bad="drop").run(rows)
    plain = mk.apply(kept_as_structs([[USER, SAID]]), mk.record(name))
    assert set(report.findings["row"].to_pylist()) == {0}
    assert [{**row, "id": ""} for row in records] == [
        {**row, "id": ""} for row in plain.to_pylist()
    ]
    assert mk.lint(rows, on_bad="keep")[1].by("code") == {"content_null": 1}


@pytest.mark.parametrize(
    "said",
    [
        {**SAID, "reasoning_content": PARTS},
        {"role": "assistant", "content": PARTS, "tool_calls": [{"id": "c"}]},
    ],
)
def test_parts_that_no_record_holds_are_told(said: Any) -> None:
    rows = kept_as_json([[USER, said], [USER, SAID]])
    assert mk.record("trl/messages", on_bad="drop").run(rows)[1].by("code") == {"field_lost": 1}


@pytest.mark.parametrize("name", ["trl/messages", "openai/chat"])
def test_rows_that_are_all_bad_are_told_by_what_is_wrong_with_them(name: str) -> None:
    rows = kept_as_json([[USER, {**SAID, "refusal": "아니요"}]] * 2)
    with pytest.raises(FormattingError, match="field_lost"):
        mk.apply(rows, mk.record(name))


EARLIER = [USER, {**SAID, "reasoning_content": "처음"}, USER, REASONED]


@pytest.mark.parametrize(
    "rows", [kept_as_structs([EARLIER]), kept_as_json([EARLIER])], ids=["fields", "json"]
)
def test_reasoning_before_the_reply_is_kept_or_told(rows: Any) -> None:
    for name in ("trl/messages", "trl/prompt-completion", "axolotl/chat"):
        records = mk.apply(rows, mk.record(name))
        row = json.loads(next(mk.json_lines(records, record=name)))
        said = row["messages"][1] if "messages" in row else row["prompt"][1]
        assert said["reasoning_content"] == "처음"
        assert not len(mk.check_records(records, record=name).findings)
    for name in ("ms-swift", "llama-factory/sharegpt", "sharegpt"):
        with pytest.raises(FormattingError, match="field_lost"):
            mk.apply(rows, mk.record(name))
    plain = mk.apply(rows, mk.record("ms-swift", reasoning="none"))
    assert "처음" not in next(mk.json_lines(plain))


def test_reasoning_of_others_than_the_assistant_is_told() -> None:
    rows = kept_as_structs([[{**USER, "reasoning_content": "음"}, SAID], [USER, SAID]])
    assert mk.record("trl/messages", on_bad="drop").run(rows)[1].by("code") == {"field_lost": 1}
