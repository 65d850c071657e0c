from __future__ import annotations

import json
from itertools import chain
from typing import Any

import datasets
import pyarrow as pa
import pytest

from formatting_rows import CHOICE, OPEN, qa
from medqa_kit.errors import ArgumentError, FormattingError
from medqa_kit.training import openai_batch
from medqa_kit.training.openai_batch import FAILURES, FURTHER_CHOICES, batch_files, parse_batch
from medqa_kit.training.records import record

REQUESTS = record("openai/batch", settings={"model": "m", "seed": 1})


def line(name: Any = "a", **changes: Any) -> str:
    choice = {"finish_reason": "stop", "message": {"role": "assistant", "content": "B"}}
    body = {
        "model": "m-1",
        "choices": [choice],
        "usage": {"prompt_tokens": 5, "completion_tokens": 1},
    }
    row = {"id": "batch_1", "custom_id": name, "error": None,
           "response": {"status_code": 200, "request_id": "r", "body": body}}  # fmt: skip
    return json.dumps(row | changes)


def answered(content: Any, reason: str = "stop") -> dict[str, Any]:
    choices = [{"finish_reason": reason, "message": {"content": content}}]
    return {"response": {"status_code": 200, "body": {"choices": choices}}}


def body(**changes: Any) -> dict[str, Any]:
    filled = json.loads(line())["response"]["body"] | changes
    return {"response": {"status_code": 200, "body": filled}}


BAD: list[tuple[str | bytes, str, str | None]] = [
    ("{", "bad_json", None),
    (b"\xff\xfe", "bad_json", None),
    ("[" * 100_000, "bad_json", None),
    ("[]", "bad_shape", "custom_id"),
    (line(7), "bad_shape", "custom_id"),
    (
        line(error={"code": "batch_expired", "message": "m"}, response=None),
        "error",
        "batch_expired",
    ),
    (line(response=None), "bad_shape", "response"),
    (
        json.dumps({"custom_id": "a", "result": {}}),
        "bad_shape",
        "response: these are results of Anthropic's Message Batches",
    ),
    (
        json.dumps({"key": "d/1", "response": {}}),
        "bad_shape",
        "custom_id: these are results of Gemini's Batch API",
    ),
    (line(response={"status_code": 429, "body": {}}), "status", "429"),
    (line(response={"status_code": 200, "body": {"choices": []}}), "bad_shape", "choices"),
    (line(response={"status_code": 200, "body": None}), "bad_shape", "choices"),
    (line(**answered("half", "length")), "unfinished", "length"),
    (line(**answered(None, "content_filter")), "unfinished", "content_filter"),
    (line(**answered(None)), "bad_shape", "content"),
    (line("stranger"), "unknown_id", None),
    (line(**answered("half of a pair: \ud800")), "bad_text", "content"),
    (line("\ud800"), "bad_shape", "custom_id"),
    (line(**body(usage=[1])), "bad_shape", "usage"),
    (line(**body(usage={"prompt_tokens": 2**63})), "bad_shape", "usage"),
    (line(**body(usage={"prompt_tokens": "5"})), "bad_shape", "usage"),
    (line(**body(model={})), "bad_shape", "model"),
    (line(**body(choices={})), "bad_shape", "choices"),
    (
        line(
            **body(
                choices=[
                    {
                        "finish_reason": "stop",
                        "message": {"content": None, "refusal": "I cannot help."},
                    }
                ]
            )
        ),
        "refused",
        "I cannot help.",
    ),
    ("\ufeff{", "bad_json", None),
    (line(error={"code": "\ud800"}, response=None), "error", "?"),
]


@pytest.mark.parametrize(("bad", "code", "detail"), BAD)
def test_a_bad_line_is_reported_and_the_rest_is_read(
    bad: str | bytes, code: str, detail: str | None
) -> None:
    replies, report = parse_batch([line("b"), bad, "\n", line("c")], ids=["c", "b", "a"])
    assert replies["id"].to_pylist() == ["c", "b"]
    first = report.findings.to_pylist()[0]
    assert (first["row"], first["code"], first["detail"]) == (1, code, detail)
    assert report.kept == 2


def test_every_failure_has_a_case() -> None:
    assert {code for _, code, _ in BAD} | {"duplicate_id", "missing_id", "superseded"} == set(
        FAILURES
    )


def test_missing_and_repeated_results() -> None:
    replies, report = parse_batch([line("a"), line("a", **answered("C"))], ids=["a", "b"])
    assert replies.to_pylist() == [
        {"id": "a", "completion": "B", "model": "m-1", "prompt_tokens": 5, "completion_tokens": 1}
    ]
    assert report.by("code") == {"duplicate_id": 1, "missing_id": 1}
    assert report.ids("missing_id") == ["b"]
    assert (report.rows, report.kept, dict(report.counts)) == (2, 1, {"ids asked about": 2})
    assert parse_batch([])[0].schema == openai_batch.RESULTS


def test_a_retry_that_worked_makes_up_for_the_failure() -> None:
    failed = line("a", error={"code": "server_error"}, response=None)
    for lines in ([failed, line("a")], [line("a"), failed]):
        replies, report = parse_batch(lines, ids=["a"])
        assert replies["id"].to_pylist() == ["a"]
        assert report.findings.select(["id", "code", "detail"]).to_pylist() == [
            {"id": "a", "code": "superseded", "detail": "error"}
        ]


def test_files_with_a_byte_order_mark_are_read() -> None:
    for first in ("\ufeff" + line("a"), b"\xef\xbb\xbf" + line("a").encode()):
        assert parse_batch(iter([first]))[0]["id"].to_pylist() == ["a"]


def test_one_text_is_not_lines() -> None:
    with pytest.raises(ArgumentError, match=r"open\(path, 'rb'\)"):
        parse_batch(line("a"))
    with pytest.raises(ArgumentError, match="lines of text"):
        parse_batch([json.loads(line("a"))])


def test_ids_come_from_any_column() -> None:
    column = pa.chunked_array([["a"], ["b"]])
    assert parse_batch([line("b")], ids=column)[1].ids("missing_id") == ["a"]


def test_requests_come_in_whatever_holds_rows() -> None:
    table = REQUESTS(qa(CHOICE, OPEN))
    expected = list(batch_files(table))
    assert "language" in table.column_names
    assert set(json.loads(expected[0][0])) == {"custom_id", "method", "url", "body"}
    data = datasets.Dataset(table)
    for rows in (data, data.to_iterable_dataset(), table.to_pandas(), table.to_pylist(),
                 table.to_reader()):  # fmt: skip
        assert list(batch_files(rows)) == expected
    with pytest.raises(FormattingError, match="custom_id, method, url, body is missing"):
        batch_files(qa(CHOICE))
    with pytest.raises(ArgumentError, match=r"nothing that the library reads(.|\n)*found: +str"):
        batch_files("requests.jsonl")


def test_requests_come_back_as_replies_by_id() -> None:
    rows = qa(CHOICE, OPEN)
    files = list(batch_files(REQUESTS(rows)))
    assert len(files) == 1
    asked = [json.loads(line) for line in files[0]]
    results = [line(request["custom_id"]) for request in reversed(asked)]
    replies, report = parse_batch(results, ids=rows["id"].to_pylist())
    assert replies["id"].to_pylist() == ["demo/0", "demo/1"]
    assert not report.by("code")


def test_files_stay_within_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    table = REQUESTS(qa(*[CHOICE] * 10))
    monkeypatch.setattr(openai_batch, "MOST_LINES", 4)
    files = list(batch_files(table))
    assert [len(lines) for lines in files] == [4, 4, 2]
    most = len(files[0][0].encode()) * 2 + 10
    monkeypatch.setattr(openai_batch, "MOST_BYTES", most)
    small = list(batch_files(table))
    assert [*chain(*small)] == [*chain(*files)]
    assert all(sum(len(line.encode()) + 1 for line in lines) <= most for lines in small)


def test_ids_used_twice_are_refused() -> None:
    table = REQUESTS(qa(CHOICE))
    with pytest.raises(FormattingError, match="'demo/0'"):
        list(batch_files(pa.concat_tables([table, table])))


def test_requests_need_an_id() -> None:
    with pytest.raises(FormattingError, match="custom_id"):
        REQUESTS(pa.table({"prompt": ["Q"]}))


def reply(**message: Any) -> dict[str, Any]:
    return body(choices=[{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", **message}}])  # fmt: skip


FLAT = {"response": json.loads(line())["response"]["body"]}
THOUGHT = {"type": "thinking", "thinking": [{"type": "text", "text": "A? No."}]}


@pytest.mark.parametrize("changes", [
    FLAT,  # vLLM's first form: the body in the place of the response
    {"error": {}},
    reply(content="B", refusal=""),
    reply(content=[{"type": "text", "text": "B"}]),
    reply(content=[THOUGHT, {"type": "text", "text": "B"}]),
    body(choices=[{"index": 1, "finish_reason": "length", "message": {"content": "C"}},
                  {"index": 0, "finish_reason": "stop", "message": {"content": "B"}}]),
    answered("B", "eos"), answered("B", "stop_sequence"),
])  # fmt: skip
def test_a_whole_reply_is_read_in_every_form_of_services(changes: dict[str, Any]) -> None:
    replies, report = parse_batch([line(**changes)], ids=["a"])
    assert replies["completion"].to_pylist() == ["B"], report.findings.to_pylist()


def test_choices_beside_the_first_are_counted() -> None:
    choices = [{"index": place, "finish_reason": "stop", "message": {"content": letter}}
               for place, letter in enumerate("BCD")]  # fmt: skip
    replies, report = parse_batch([line("a", **body(choices=choices)), line("b")], ids=["a", "b"])
    assert replies["completion"].to_pylist()[0] == "B"
    assert (len(report.findings), report.counts) == (0, {"ids asked about": 2, FURTHER_CHOICES: 2})


@pytest.mark.parametrize(("changes", "code", "detail"), [
    ({"error": {"object": "error", "message": "too long", "type": "BadRequestError", "code": 400}}, "error", "400"),
    ({"error": {"error": {"message": "too long", "type": "BadRequestError", "param": None, "code": None}}}, "error", "BadRequestError"),
    ({"error": {"message": "no room"}}, "error", "no room"),
    ({"error": "no room"}, "error", "no room"),
    (reply(content=[{"type": "refusal", "refusal": "I cannot."}]), "refused", "I cannot."),
    (reply(content="B", refusal={"reason": "policy"}), "bad_shape", "choices"),
    (reply(content="B", refusal=["I cannot."]), "bad_shape", "choices"),
    (reply(content=[THOUGHT]), "bad_shape", "content"),
    (body(choices=[{"finish_reason": "tool_calls", "message": {"tool_calls": [{}]}}]), "unfinished", "tool_calls"),
    (body(choices=[{"finish_reason": "content_filter", "message": {"role": "assistant"}}]), "unfinished", "content_filter"),
    (body(choices=["B"]), "bad_shape", "choices"),
    (body(choices=[{"finish_reason": "stop", "message": "B"}]), "bad_shape", "choices"),
])  # fmt: skip
def test_a_failure_says_what_the_service_said(
    changes: dict[str, Any], code: str, detail: str
) -> None:
    replies, report = parse_batch([line(**changes)], ids=["a"])
    assert len(replies) == 0
    assert report.findings.select(["code", "detail"]).to_pylist() == [{"code": code, "detail": detail}]  # fmt: skip
