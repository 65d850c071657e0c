"""Requests out and replies back: none is lost, mixed up or taken unread."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import random
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from laws import examples
from medqa_kit.errors import (
    ArgumentError,
    CacheWarning,
    FormatError,
    FormattingError,
    WrongFilesError,
)
from medqa_kit.generation.tasks import TASKS

KHMER = "តើថ្នាំ 5 mg គ្រប់គ្រាន់ទេ?"


def question(number: int, **columns: Any) -> dict[str, Any]:
    """Return an invented row; ids are their own, texts repeat."""
    return {
        "id": f"d/{number}", "source": "d", "subset": None, "split": "train", "language": "en",
        "family": None, "question": f"Is a dose of {number % 7} mg enough for this adult patient?",
        "context": None, "options": None, "answer_index": None, "answer": f"Yes, {number % 7} mg is enough.",
        "rationale": None, "year": None, "tags": None, **columns,
    }  # fmt: skip


def table(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=mk.schemas.QA)


def result(request: str, content: str | None, **changes: Any) -> str:
    choice = {"finish_reason": "stop", "message": {"content": content}}
    body = {
        "model": "m-2",
        "choices": [choice],
        "usage": {"prompt_tokens": 9, "completion_tokens": 5},
    }
    row = {"custom_id": request, "error": None, "response": {"status_code": 200, "body": body}}
    return json.dumps(row | changes)


def good(prompt: str) -> str:
    """Return a paraphrase of what was sent that keeps its number."""
    sent = json.loads(prompt)
    return json.dumps(
        {"question": "For a grown-up: " + sent["question"].replace("Is a dose of", "Would")}
    )


PARAPHRASE = mk.Generation(task="paraphrase", model="m", per_row=2)
KO = mk.Generation(task="translation", model="m", language="ko", columns=("question", "answer"))


def asked(ledger: mk.Ledger) -> list[tuple[str, str]]:
    requests = ledger.open_requests()
    return list(zip(requests["request"].to_pylist(), requests["prompt"].to_pylist(), strict=True))


@pytest.mark.slow
@settings(
    max_examples=examples(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32), parts=st.integers(1, 5))
def test_no_reply_is_lost_in_any_order_in_any_parts(seed: int, parts: int) -> None:
    rng = random.Random(seed)
    rows = [question(rng.randrange(12)) for _ in range(15)]  # ids come more than once, and texts
    with tempfile.TemporaryDirectory() as folder:
        ledger = mk.Ledger.start(folder, table(*rows), PARAPHRASE)
        lines, failing = [], set()
        for request, prompt in asked(ledger):
            if rng.random() < 0.3:
                failing.add(request)
                bad = rng.choice([result(request, "sorry"), result(request, None), "{",
                                  result(request, "", error={"code": "server_error"}, response=None)])  # fmt: skip
                lines.append(bad)
            else:
                lines.append(result(request, good(prompt)))
            if rng.random() < 0.3:
                lines.append(lines[-1])
        rng.shuffle(lines)
        for part in range(parts):
            mk.Ledger.open(folder).take(lines[part::parts])
        ledger = mk.Ledger.open(folder)
        assert {request for request, _ in asked(ledger)} == failing
        records, report = ledger.rows()
        assert (report.rows, report.kept, len(records)) == (
            30,
            30 - len(failing),
            30 - len(failing),
        )
        assert sum(ledger.counts()[code] for code in list(ledger.counts())[2:]) == 30
        for request, prompt in asked(ledger):
            ledger.take([result(request, good(prompt))])
        records, report = ledger.rows()
        assert (len(records), report.dropped, ledger.open_requests().num_rows) == (30, 0, 0)
        by_id = {row["id"]: row for row in rows}
        for row in records.to_pylist():
            parent = by_id[row["parent"]]
            assert row["question"] == json.loads(good(json.dumps(parent)))["question"]
            assert row["answer"] == parent["answer"]
            assert row["family"] == parent["id"]
            assert (row["model"], row["task"]) == ("m-2", "paraphrase")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (1, 0, 2)])
@pytest.mark.parametrize("parts", [1, 2, 3])
def test_a_good_reply_counts_wherever_bad_ones_to_the_request_stand(
    tmp_path: Path, order: tuple[int, ...], parts: int
) -> None:
    ledger = mk.Ledger.start(tmp_path, table(question(1)), KO)
    ((request, _),) = asked(ledger)
    fine = json.dumps(
        {"question": "성인에게 1 mg이면 충분한가?", "answer": "네, 1 mg이면 충분하다."}
    )
    lost = json.dumps(
        {"question": "성인에게 10 mg이면 충분한가?", "answer": "네, 10 mg이면 충분하다."}
    )
    lines = [result(request, fine), result(request, lost), result(request, "sorry")]
    lines = [lines[at] for at in order]
    kept = sum(ledger.take(lines[part::parts]).kept for part in range(parts))
    assert kept == 1
    assert ledger.rows()[0]["question"].to_pylist() == ["성인에게 1 mg이면 충분한가?"]
    assert ledger.counts()["open"] == 0


def damaged(content: bytes, rng: random.Random) -> bytes:
    """Do to a file of results what disks, networks and editors do."""
    lines = content.splitlines(keepends=True)
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(lines))
        match rng.randrange(8):
            case 0:
                lines[at] = lines[at][
                    : rng.randrange(len(lines[at]))
                ]  # cut, and joined with the next
            case 1:
                place = rng.randrange(len(lines[at]))
                lines[at] = lines[at][:place] + bytes([rng.randrange(256)]) + lines[at][place + 1 :]
            case 2:
                lines[at] = lines[at].replace(b"\n", b"\r\n")
            case 3:
                lines.insert(at, b"\x00" * rng.randrange(1, 9) + b"\n")
            case 4:
                lines.insert(at, rng.choice(lines))
            case 5:
                lines[at] = b"\xef\xbb\xbf" + lines[at]
            case 6:
                lines.insert(at, b"\n   \n[]\nnull\n")
            case _:
                rng.shuffle(lines)
    whole = b"".join(lines)
    return whole[: rng.randrange(len(whole))] if rng.random() < 0.2 else whole


@pytest.mark.slow
@settings(max_examples=examples(15), deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_damaged_file_loses_no_reply_that_stands_in_it_whole(seed: int) -> None:
    rng = random.Random(seed)
    rows = [question(number) for number in range(9)]
    with tempfile.TemporaryDirectory() as folder:
        ledger = mk.Ledger.start(Path(folder, "ledger"), table(*rows), PARAPHRASE)
        sent = {request: result(request, good(prompt)) for request, prompt in asked(ledger)}
        content = "".join(f"{line}\n" for line in sent.values()).encode()
        file = Path(folder, "results.jsonl")
        for _ in range(3):
            file.write_bytes(damaged(content, rng))
            whole = {line.removeprefix(b"\xef\xbb\xbf") for line in file.read_bytes().splitlines()}
            before = {request for request, _ in asked(ledger)}
            report = ledger.take(file)
            still = {request for request, _ in asked(ledger)}
            assert not still & {name for name, line in sent.items() if line.encode() in whole}
            assert report.kept == len(before - still)
            assert sum(list(ledger.counts().values())[2:]) == len(sent), (
                "each request is in one state"
            )
        ledger.take(content.decode().splitlines())
        records, report = ledger.rows()
        assert (len(records), report.dropped, ledger.open_requests().num_rows) == (18, 0, 0)
        assert {*records["parent"].to_pylist()} == {row["id"] for row in rows}


def test_results_taken_twice_change_nothing(tmp_path: Path) -> None:
    ledger = mk.Ledger.start(tmp_path, table(*map(question, range(6))), PARAPHRASE)
    lines = [
        result(request, good(prompt) if n % 3 else "no JSON")
        for n, (request, prompt) in enumerate(asked(ledger))
    ]
    first = ledger.take(lines)
    files, counts = sorted((tmp_path / "replies").iterdir()), ledger.counts()
    again = ledger.take(lines)
    assert sorted((tmp_path / "replies").iterdir()) == files
    assert (
        ledger.counts()
        == counts
        == {"rows": 6, "requests": 12, "accepted": 8, "not_json": 4, "open": 0}
    )
    assert first.kept == 8
    assert again.kept == 0
    assert again.by("code") == {"answered": 8, "not_json": 4}
    assert (
        again.findings.filter(pa.compute.equal(again.findings["code"], "answered"))["id"][0].as_py()
        == "d/0"
    )


def test_equal_rows_under_one_id_get_a_reply_each(tmp_path: Path) -> None:
    ledger = mk.Ledger.start(
        tmp_path, table(question(1), question(1)), mk.Generation(task="paraphrase", model="m")
    )
    lines = [result(request, good(prompt)) for request, prompt in asked(ledger)]
    assert len(set(lines)) == 2
    assert ledger.take(lines).kept == 2
    assert ledger.rows()[0].num_rows == 2


def test_a_row_that_moves_keeps_its_requests() -> None:
    rows = list(map(question, range(5)))
    before = PARAPHRASE.requests(table(*rows))
    after = PARAPHRASE.requests(table(*rows[1:], question(9)))
    assert set(before["request"].to_pylist()[2:]) <= set(after["request"].to_pylist())
    assert len(set(before["request"].to_pylist())) == 10


def test_request_files_are_those_of_a_batch(tmp_path: Path) -> None:
    task = mk.Generation(task="paraphrase", model="m", settings={"temperature": 0.5})
    rows = table(question(1), question(2, language="ko", question="열이 38도이면 어떻게 하는가?"))
    ledger = mk.Ledger.start(tmp_path, rows, task)
    [file] = ledger.write_requests()
    sent = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert not mk.check_records(sent, record="openai/batch").findings.num_rows
    assert {line["body"]["temperature"] for line in sent} == {0.5}
    systems = {line["custom_id"]: line["body"]["messages"][0]["content"] for line in sent}
    assert sorted("Korean" in system for system in systems.values()) == [False, True]
    assert ledger.write_requests() == [file]
    ledger.take([result(sent[0]["custom_id"], good(sent[0]["body"]["messages"][1]["content"]))])
    elsewhere = ledger.write_requests(tmp_path / "sent")
    [other] = ledger.write_requests()
    assert other != file
    assert len(other.read_text("utf-8").splitlines()) == 1
    assert [*other.parent.iterdir()] == [other]  # what is answered is not asked again
    ledger.write_requests(tmp_path / "sent")
    assert elsewhere[0].is_file()


def test_a_ledger_goes_on_with_other_rows_and_asks_again_for_none_that_is_answered(
    tmp_path: Path,
) -> None:
    rows = table(*map(question, range(6)))
    ledger = mk.Ledger.start(tmp_path, rows, PARAPHRASE)
    ledger.write_requests()
    lines = [result(request, good(prompt)) for request, prompt in asked(ledger)]
    ledger.take(lines[:4])
    changed = pa.concat_tables([rows.slice(2), table(question(9))])  # two go, one comes
    later = mk.Ledger.start(tmp_path, changed, PARAPHRASE, replace_rows=True)
    per_row = len(lines) // 6
    answered = 4 - 2 * per_row
    assert later.counts() == {"rows": 5, "requests": 5 * per_row, "accepted": answered, "open": 5 * per_row - answered}  # fmt: skip
    [file] = later.write_requests()
    sent = {json.loads(line)["custom_id"] for line in file.read_text("utf-8").splitlines()}
    assert sent == set(later.open_requests()["request"].to_pylist())
    assert set(later.rows()[0]["parent"].to_pylist()) <= set(changed["id"].to_pylist())
    assert [*file.parent.iterdir()] == [file]
    again = mk.Ledger.start(tmp_path, rows, PARAPHRASE, replace_rows=True)
    assert again.counts()["accepted"] == 4  # the replies of rows that come back count again
    assert len([*tmp_path.glob("parents-*")]) == 1
    with pytest.raises(ArgumentError, match="another task"):
        mk.Ledger.start(tmp_path, rows, KO, replace_rows=True)


def test_a_kill_between_the_files_of_other_rows_leaves_the_ledger_as_it_was(tmp_path: Path) -> None:
    rows = table(*map(question, range(4)))
    ledger = mk.Ledger.start(tmp_path / "a", rows, PARAPHRASE)
    mk.Ledger.start(tmp_path / "b", rows.slice(1), PARAPHRASE)
    [other] = (tmp_path / "b").glob("parents-*.parquet")
    (tmp_path / "a" / other.name).write_bytes(other.read_bytes())  # written, and not yet named
    assert mk.Ledger.open(tmp_path / "a").counts() == ledger.counts()
    mk.Ledger.start(tmp_path / "a", rows.slice(1), PARAPHRASE, replace_rows=True)
    assert [file.name for file in (tmp_path / "a").glob("parents-*")] == [other.name]


TRANSLATED = {"question": "성인 환자에게 3 mg이면 충분한가?", "answer": "예, 3 mg이면 충분하다."}


@pytest.mark.parametrize(("changes", "code"), [
    ({}, None),
    ({"answer": "예, 30 mg이면 충분하다."}, "numbers"),
    ({"answer": "예, 3 mcg이면 충분하다."}, "numbers"),
    ({"answer": "예, 3 mg이면 충분하지 않다."}, "numbers"),
    ({"answer": " "}, "empty"),
    ({"answer": "N/A"}, "placeholder"),
    ({"answer": "{{answer}} 3 mg"}, "template_left"),
    ({"answer": "죄송하지만 답변을 드릴 수 없습니다. 3 mg"}, "refusal"),
    ({"answer": None}, "fields"),
    ({"answer": ["예"]}, "fields"),
    ({"advice": "물을 마신다"}, "fields"),
    ({"question": "Would 3 mg do for an adult?", "answer": "3 mg will do."}, "script"),
    ({"question": "Is a dose of 3 mg enough for this adult patient?", "answer": "Yes, 3 mg is enough."}, "unchanged"),
    ({"answer": "예, 3 mg이면 충분하다. \ud800"}, "bad_text"),
    ({"answer": "예, 3 mg이면 충분하다.\U000e0041\U000e0042"}, "bad_text"),
    ({"answer": "```예, 3 mg이면 충분하다.```"}, "talk"),
    ({"answer": "<korean>예, 3 mg이면 충분하다.</korean>"}, "talk"),
    ({"answer": "**번역** 예, 3 mg이면 충분하다."}, "talk"),
    ({"answer": "예, 3 mg이면 충분하다.<|im_end|>"}, "talk"),
    ({"answer": "### 번역\n예, 3 mg이면 충분하다."}, "talk"),
    ({"answer": "[한국어] 예, 3 mg이면 충분하다."}, "talk"),
    ({"answer": "물론이죠! 3 mg이면 충분하다."}, None),  # the row says yes
    ({"question": "물론이죠! 성인 환자에게 3 mg이면 충분한가?"}, "talk"),
    ({"question": "네, 번역해 드리겠습니다. 성인 환자에게 3 mg이면 충분한가?"}, "talk"),
    ({"answer": "예, 3 mg이면 충분하다. 궁금한 점이 있으면 말씀해 주세요."}, "talk"),
    ({"answer": "예, 3 mg이면 충분하다. (translated by AI)"}, "talk"),
    ({"answer": "예, 3 mg이면 충분하다.\nUser: 다음"}, "turn_left"),
    ({"answer": "<p>예, 3 mg이면 충분하다.</p>"}, "markup_left"),
    ({"answer": "예,&nbsp;3 mg이면 충분하다."}, "markup_left"),
])  # fmt: skip
def test_each_fault_of_a_reply_has_its_code(
    tmp_path: Path, changes: dict[str, Any], code: str | None
) -> None:
    ledger = mk.Ledger.start(tmp_path, table(question(3)), KO)
    [(request, _)] = asked(ledger)
    report = ledger.take([result(request, json.dumps(TRANSLATED | changes))])
    assert report.by("code") == ({code: 1} if code else {})
    rows, rest = ledger.rows()
    assert rows.num_rows == (code is None)
    assert rest.dropped == (code is not None)
    assert ledger.open_requests().num_rows == (code is not None)


@pytest.mark.parametrize(
    ("place", "reply", "code"),
    [
        ("{drug}", "{drug}", None), ("{drug}", "{약물}", "place_lost"), ("{drug}", "약물", "place_lost"), ("%(age)s", "%(나이)s", "place_lost"),
        ("[PATIENT_1]", "[환자_1]", "place_lost"), ("{{name}}", "{{name}}", None), (r"\frac{dose}{weight}", "용량/체중", None), ("{a, b}", "{가, 나}", None),
        ("[WHO]", "세계보건기구", None), ("x_{max}", "최댓값", None),
    ],
)  # fmt: skip
def test_places_to_fill_in_stay(tmp_path: Path, place: str, reply: str, code: str | None) -> None:
    row = question(3, answer=f"Yes, 3 mg of {place} is enough.")
    ledger = mk.Ledger.start(tmp_path, table(row), KO)
    [(request, _)] = asked(ledger)
    content = json.dumps(TRANSLATED | {"answer": f"예, {reply} 3 mg이면 충분하다."})
    assert ledger.take([result(request, content)]).by("code") == ({code: 1} if code else {})


@pytest.mark.parametrize("wrap", ["{}", "```json\n{}\n```", "```\n{}\n```\n", "  {}\n"])
def test_a_fence_around_the_object_does_no_harm(tmp_path: Path, wrap: str) -> None:
    ledger = mk.Ledger.start(tmp_path, table(question(3)), KO)
    [(request, _)] = asked(ledger)
    assert ledger.take([result(request, wrap.replace("{}", json.dumps(TRANSLATED)))]).kept == 1
    [row] = ledger.rows()[0].to_pylist()
    assert row["id"] == "d/3#translation-ko-1"
    assert row["language"] == "ko"
    assert row["question"] == TRANSLATED["question"]
    assert row["answer"] == TRANSLATED["answer"]


def test_options_keep_number_order_and_the_right_one(tmp_path: Path) -> None:
    task = mk.Generation(task="translation", model="m", language="ko")
    choice = question(
        3,
        options=["Fever of unknown origin", "Cough at night"],
        answer_index=1,
        answer="Cough at night",
    )
    ledger = mk.Ledger.start(tmp_path, table(choice), task)
    [(request, prompt)] = asked(ledger)
    assert set(json.loads(prompt)) == {"question", "options", "answer"}
    reply = {
        "question": "성인 환자에게 3 mg이면 충분한가?",
        "options": ["불명열", "야간 기침"],
        "answer": "밤의 기침",
    }
    assert ledger.take([result(request, json.dumps(reply | {"options": ["불명열"]}))]).by(
        "code"
    ) == {"fields": 1}
    assert ledger.take([result(request, json.dumps(reply))]).kept == 1
    [row] = ledger.rows()[0].to_pylist()
    assert (row["options"], row["answer_index"], row["answer"]) == (
        ["불명열", "야간 기침"],
        1,
        "야간 기침",
    )


def test_a_summary_is_shorter_and_adds_no_figure(tmp_path: Path) -> None:
    long = "The patient has had a fever of 39 °C for 3 days. First one thinks of a virus, then of a germ."
    rows = table(
        question(1, rationale=long), question(2, rationale=None), question(3, rationale="  ")
    )
    ledger = mk.Ledger.start(tmp_path, rows, mk.Generation(task="reasoning_summary", model="m"))
    [(request, _)] = asked(ledger)  # rows without reasoning are not asked about
    for text, code in [
        (long + "more", "longer"),
        (long.replace("virus", "fungi"), "longer"),  # as long is not shorter
        ("A fever of 38 °C.", "numbers"),
        ("A fever for 3 days.", None),
    ]:
        report = ledger.take([result(request, json.dumps({"rationale": text}))])
        assert report.by("code") == ({code: 1} if code else {})
    [row] = ledger.rows()[0].to_pylist()
    assert row["rationale"] == "A fever for 3 days."
    assert row["question"] == question(1)["question"]


def test_an_explanation_fills_the_rationale(tmp_path: Path) -> None:
    rows = table(question(1)).drop_columns(["rationale", "family"])
    ledger = mk.Ledger.start(tmp_path, rows, mk.Generation(task="explanation", model="m"))
    [(request, _)] = asked(ledger)
    assert (
        ledger.take(
            [result(request, json.dumps({"rationale": "Adults tolerate up to 20 mg."}))]
        ).kept
        == 1
    )
    [row] = ledger.rows()[0].to_pylist()
    assert (row["rationale"], row["family"], row["question"]) == (
        "Adults tolerate up to 20 mg.",
        "d/1",
        question(1)["question"],
    )


def test_questions_come_from_passages(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text(
        "Cool a burn under running water for 20 minutes.\n\nPress on a wound that bleeds.", "utf-8"
    )
    rows = mk.passages(notes, source="notes", language="en", characters=60)
    ledger = mk.Ledger.start(
        tmp_path / "ledger", rows, mk.Generation(task="grounded_questions", model="m")
    )
    (first, _), (second, _) = asked(ledger)
    pairs = [{"question": "How long is a burn cooled?", "answer": "For 20 minutes."},
             {"question": "With what?", "answer": "Running water."}]  # fmt: skip
    wrong = [{"question": "How long is a wound pressed?", "answer": "For 15 minutes."}]
    report = ledger.take(
        [result(first, json.dumps({"pairs": pairs})), result(second, json.dumps({"pairs": wrong}))]
    )
    assert report.kept == 1
    assert report.by("code") == {"numbers": 1}
    records, _ = ledger.rows()
    mk.conform(records.select(mk.schemas.QA.names), mk.schemas.QA)
    assert records["context"].to_pylist() == ["Cool a burn under running water for 20 minutes."] * 2
    assert len(set(records["id"].to_pylist())) == 2
    assert records["family"].unique().to_pylist() == [rows["family"][0].as_py()]


@pytest.mark.parametrize("damage", ["flip", "cut", "empty"])
def test_a_damaged_file_of_replies_is_put_aside(tmp_path: Path, damage: str) -> None:
    ledger = mk.Ledger.start(tmp_path, table(*map(question, range(4))), PARAPHRASE)
    lines = [result(request, good(prompt)) for request, prompt in asked(ledger)]
    ledger.take(lines)
    [file] = (tmp_path / "replies").glob("*.parquet")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes({"flip": bytes(content), "cut": bytes(content[:50]), "empty": b""}[damage])
    with pytest.warns(CacheWarning, match="damaged"):
        assert ledger.open_requests().num_rows == 8
    assert ledger.take(lines).kept == 8


def test_a_ledger_is_of_one_task_and_of_its_rows(tmp_path: Path) -> None:
    rows = table(*map(question, range(4)))
    ledger = mk.Ledger.start(tmp_path, rows, PARAPHRASE)
    lines = [result(request, good(prompt)) for request, prompt in asked(ledger)]
    ledger.take(lines[:3])
    chunked = pa.concat_tables([rows.slice(0, 1), rows.slice(1)])
    assert mk.Ledger.start(tmp_path, chunked, PARAPHRASE).counts()["accepted"] == 3
    with pytest.raises(ArgumentError, match="another task"):
        mk.Ledger.start(tmp_path, rows, KO)
    with pytest.raises(ArgumentError, match="other rows"):
        mk.Ledger.start(tmp_path, rows.slice(1), PARAPHRASE)
    with pytest.raises(ArgumentError, match="no ledger"):
        mk.Ledger.open(tmp_path / "elsewhere")
    [parents] = tmp_path.glob("parents-*.parquet")
    pq.write_table(rows.slice(1), parents)
    with pytest.raises(ArgumentError, match="damaged"):
        mk.Ledger.open(tmp_path)


def test_a_ledger_begins_in_no_folder_of_other_files(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(ArgumentError, match="holds other files"):
        mk.Ledger.start(tmp_path, table(question(1)), PARAPHRASE)
    with pytest.raises(ArgumentError, match="is a file"):
        mk.Ledger.start(tmp_path / "mine.txt", table(question(1)), PARAPHRASE)
    assert [*tmp_path.iterdir()] == [tmp_path / "mine.txt"]


def test_a_killed_take_leaves_the_ledger_as_it_was(tmp_path: Path) -> None:
    ledger = mk.Ledger.start(tmp_path / "a", table(*map(question, range(4))), PARAPHRASE)
    lines = [result(request, good(prompt)) for request, prompt in asked(ledger)]
    ledger.take(lines[:4])
    (tmp_path / "a" / "replies" / ".000001-x.abc.unfinished.parquet").write_bytes(b"PAR1 half")
    copy = mk.Ledger.open(shutil.copytree(tmp_path / "a", tmp_path / "b"))
    assert copy.counts()["accepted"] == 4
    assert copy.take(lines).kept == 4


@pytest.mark.parametrize(("arguments", "name"), [
    ({"task": "rewrite"}, "task"), ({"model": ""}, "model"), ({"task": "translation"}, "language"),
    ({"language": "fr"}, "language"), ({"per_row": 0}, "per_row"), ({"columns": ("answer",)}, "columns"),
    ({"columns": ()}, "columns"), ({"instructions": ""}, "instructions"), ({"settings": {"heat": 1}}, "settings"),
])  # fmt: skip
def test_a_wrong_argument_is_told_at_once(arguments: dict[str, Any], name: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        mk.Generation(**{"task": "paraphrase", "model": "m", **arguments})
    assert name in str(caught.value)


def test_rows_without_the_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormattingError, match="question"):
        mk.Ledger.start(tmp_path / "a", pa.table({"id": ["a"], "text": ["b"]}), PARAPHRASE)
    with pytest.raises(FormattingError, match="id is null"):
        mk.Ledger.start(
            tmp_path / "b",
            table(question(1)).set_column(0, "id", pa.nulls(1, pa.string())),
            PARAPHRASE,
        )
    assert not list(tmp_path.iterdir())


def test_results_of_others_are_told_and_harmless(tmp_path: Path) -> None:
    ledger = mk.Ledger.start(tmp_path, table(question(1)), PARAPHRASE)
    report = ledger.take([result("somebody", "x"), "not JSON"])
    assert report.by("code") == {"bad_json": 1, "unknown_id": 1}
    assert report.kept == 0
    assert ledger.counts() == {"rows": 1, "requests": 2, "accepted": 0, "open": 2}
    assert "requests" in str(ledger)


@pytest.mark.parametrize(
    ("values", "service"),
    [
        ({"custom_id": "", "result": {"type": "succeeded", "message": {"content": []}}}, "Anthropic"),
        ({"key": "a", "response": {"candidates": []}}, "Gemini"),
        ({"recordId": "a", "modelOutput": {"content": []}}, "Bedrock"),
        ({"custom_id": "", "response": {"status_code": 200, "body": {"object": "response", "output": []}}}, "Responses API"),
    ],
)  # fmt: skip
def test_results_of_other_services_are_named(
    tmp_path: Path, values: dict[str, Any], service: str
) -> None:
    ledger = mk.Ledger.start(tmp_path, table(question(1)), PARAPHRASE)
    if "custom_id" in values:
        values = {**values, "custom_id": asked(ledger)[0][0]}
    report = ledger.take([json.dumps(values)])
    assert report.by("code") == {"bad_shape": 1}
    assert service in report.findings["detail"][0].as_py()


@pytest.mark.parametrize("task", TASKS)
def test_every_task_says_what_it_wants(task: Any) -> None:
    row = question(1, rationale="Because the weight is 70 kg.") | {"text": "A text.", "title": None}
    generation = mk.Generation(task=task, model="m", language="km")
    [request] = generation.requests(pa.Table.from_pylist([row])).to_pylist()
    assert "Khmer" in request["system"]
    assert "JSON" in request["system"]
    assert mk.Generation(**generation.described()) == generation


ANSWER = {"question": "성인 환자에게 3 mg이면 충분한가?", "answer": "예, 3 mg이면 충분하다."}
OBJECT = json.dumps(ANSWER, ensure_ascii=False)


@pytest.mark.parametrize("wrap", [
    "Here is the translation:\n```json\n{}\n```", "번역:\n```\n{}\n```\n도움이 되었기를 바랍니다.", "Here it is: {}",
    "<think>The dose {is} 3 mg.</think>\n{}", "It is 3 mg.\n</think>\n\n```json\n{}\n```", "```json {} ```", "~~~json\r\n{}\r\n~~~",
])  # fmt: skip
def test_what_stands_around_the_object_does_no_harm(tmp_path: Path, wrap: str) -> None:
    ledger = mk.Ledger.start(tmp_path, table(question(3)), KO)
    [(request, _)] = asked(ledger)
    assert ledger.take([result(request, wrap.replace("{}", OBJECT))]).kept == 1
    assert ledger.rows()[0]["answer"].to_pylist() == [ANSWER["answer"]]


@pytest.mark.parametrize("text", [
    f"{OBJECT}\n{OBJECT}", f"Perhaps:\n```\n{OBJECT}\n```\nOr:\n```\n{OBJECT}\n```", f"<think>{OBJECT}</think>", OBJECT[:-3],
])  # fmt: skip
def test_a_reply_without_one_object_is_set_aside(tmp_path: Path, text: str) -> None:
    ledger = mk.Ledger.start(tmp_path, table(question(3)), KO)
    [(request, _)] = asked(ledger)
    assert ledger.take([result(request, text)]).by("code") == {"not_json": 1}


def test_a_key_that_stands_twice_is_no_answer(tmp_path: Path) -> None:
    ledger = mk.Ledger.start(tmp_path, table(question(3)), KO)
    [(request, _)] = asked(ledger)
    twice = OBJECT[:-1] + ', "answer": "예, 3 mg이면 된다."}'
    report = ledger.take([result(request, twice)])
    assert report.findings.select(["code", "detail"]).to_pylist() == [
        {"code": "fields", "detail": "answer twice"}
    ]


IN_KHMER = {"question": "តើកម្រិត 3 mg គ្រប់គ្រាន់សម្រាប់អ្នកជំងឺពេញវ័យនេះទេ?", "answer": "បាទ 3 mg គឺគ្រប់គ្រាន់សម្រាប់គាត់។"}  # fmt: skip
IN_ENGLISH = {
    "question": "Would 3 mg do for this grown-up patient?",
    "answer": "Certainly, 3 mg will do.",
}


@pytest.mark.parametrize(("language", "answer", "code"), [
    ("ko", "번역: 예, 3 mg이면 충분하다.", "talk"),
    ("ko", "다음은 번역입니다: 예, 3 mg이면 충분하다.", "talk"),
    ("ko", "Here is the Korean translation: 예, 3 mg이면 충분하다.", "talk"),
    ("ko", "<think>3 mg?</think>예, 3 mg이면 충분하다.", "talk"),
    ("ko", "はい、3 mgで十分です。", "script"),
    ("ko", "是的，3 mg 就够了。", "script"),
    ("ko", "បាទ 3 mg គឺគ្រប់គ្រាន់។", "script"),
    ("ko", "예, 3 mg이면 충분하다. 그러나 성인 환자의 상태를 계속 지켜보아야 하고 악화되면 병원에 다시 와야 한다. "
           "He should come back if it gets worse.", "script"),
    ("ko", "[번역]", "placeholder"),
    ("ko", '{"answer": "예, 3 mg이면 충분하다."}', "fields"),
    ("ko", "예, 3 mg이면 \x0crac 충분하다.", "bad_text"),
    ("ko", "예, 3 mg이면 \u202e충분하다.", "bad_text"),
    ("km", "ការបកប្រែ៖ បាទ 3 mg គឺគ្រប់គ្រាន់។", "talk"),
    ("km", "Translation: បាទ 3 mg គឺគ្រប់គ្រាន់។", "talk"),
    ("km", "ใช่ 3 mg เพียงพอแล้ว", "script"),
    ("km", "예, 3 mg이면 충분하다.", "script"),
    ("km", "[ការបកប្រែ]", "placeholder"),
    ("en", "예, 3 mg이면 충분하다.", "script"),
    ("en", "បាទ 3 mg គឺគ្រប់គ្រាន់។", "script"),
    ("en", "<answer>", "placeholder"),
])  # fmt: skip
def test_one_bad_text_among_good_ones_is_found(
    tmp_path: Path, language: str, answer: str, code: str
) -> None:
    fine = {"ko": ANSWER, "km": IN_KHMER, "en": IN_ENGLISH}[language]
    task = mk.Generation(
        task="translation", model="m", language=language, columns=("question", "answer")
    )
    ledger = mk.Ledger.start(tmp_path, table(question(3)), task)
    [(request, _)] = asked(ledger)
    wrong = result(request, json.dumps(fine | {"answer": answer}))
    assert ledger.take([wrong]).by("code") == {code: 1}
    assert ledger.take([result(request, json.dumps(fine))]).kept == 1


def test_a_sentence_left_as_it_was_among_longer_ones_is_found(tmp_path: Path) -> None:
    ledger = mk.Ledger.start(tmp_path, table(question(3)), KO)
    [(request, _)] = asked(ledger)
    long = "어제부터 열이 나서 병원에 온 성인 환자에게 이 약을 하루에 3 mg씩 주려고 하는데 그 정도의 용량이면 충분한가?"
    half = {"question": long, "answer": question(3)["answer"]}
    assert ledger.take([result(request, json.dumps(half))]).by("code") == {"unchanged": 1}


@pytest.mark.parametrize(("options", "reply"), [
    (["5 mg", "10 mg"], ["5 mg", "10 mg"]),
    (["HIV", "CMV", "EBV"], ["HIV", "CMV", "EBV"]),
    (["Amoxicillin clavulanate", "Ciprofloxacin hydrochloride", "None"], ["Amoxicillin clavulanate", "Ciprofloxacin hydrochloride", "없다"]),
])  # fmt: skip
def test_names_and_figures_stay_as_they_are(
    tmp_path: Path, options: list[str], reply: list[str]
) -> None:
    task = mk.Generation(task="translation", model="m", language="ko", columns=("options",))
    row = question(3, options=options, answer_index=0, answer=options[0])
    ledger = mk.Ledger.start(tmp_path, table(row), task)
    [(request, _)] = asked(ledger)
    assert ledger.take([result(request, json.dumps({"options": reply}))]).kept == 1


def test_a_label_of_the_text_itself_is_no_talk(tmp_path: Path) -> None:
    task = mk.Generation(task="translation", model="m", language="ko", columns=("answer",))
    row = question(3, answer="Translation: the ribosome reads the code.")
    ledger = mk.Ledger.start(tmp_path, table(row), task)
    [(request, _)] = asked(ledger)
    assert (
        ledger.take([result(request, json.dumps({"answer": "번역: 리보솜이 암호를 읽는다."}))]).kept
        == 1
    )


@pytest.mark.parametrize(("rationale", "summary", "code"), [
    ("Fever of 39 °C for 3 days, then 40 °C.", "39 °C for 3 days: 39 °C is high.", None),
    ("Fever for three days and no other complaint.", "Fever for 3 days.", None),
    ("The dose is usual, and the patient is an adult.", "An adult: 3 mg is enough.", None),  # of the question
    ("Fever of 39 °C for 3 days, then 40 °C.", "41 °C for 3 days.", "numbers"),
    ("First 5 mg are given, and then 10 mg.", "First 5 g are given.", "numbers"),
    ("First 5 mg are given, and then 10 mg.", "First 50 mg are given.", "numbers"),
    ("First 5 mg are given, then no more are.", "First 5 mg, then 7 days.", "numbers"),
])  # fmt: skip
def test_a_summary_may_say_a_figure_again(
    tmp_path: Path, rationale: str, summary: str, code: str | None
) -> None:
    rows = table(question(3, rationale=rationale))
    ledger = mk.Ledger.start(tmp_path, rows, mk.Generation(task="reasoning_summary", model="m"))
    [(request, _)] = asked(ledger)
    report = ledger.take([result(request, json.dumps({"rationale": summary}))])
    assert report.by("code") == ({code: 1} if code else {})


def test_a_question_and_its_answer_may_say_the_same_dose(tmp_path: Path) -> None:
    row = {
        "id": "n/1",
        "source": "n",
        "split": "train",
        "text": "Give 5 mg at first and 10 mg after an hour.",
    }
    ledger = mk.Ledger.start(
        tmp_path, pa.Table.from_pylist([row]), mk.Generation(task="grounded_questions", model="m")
    )
    [(request, _)] = asked(ledger)
    pair = {"question": "When is 5 mg given?", "answer": "5 mg is given at first."}
    assert ledger.take([result(request, json.dumps({"pairs": [pair]}))]).kept == 1


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
def test_packed_files_of_results_are_read(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    ledger = mk.Ledger.start(tmp_path / "ledger", table(*map(question, range(4))), PARAPHRASE)
    lines = "\r\n".join(result(request, good(prompt)) for request, prompt in asked(ledger))
    file = tmp_path / "results.jsonl"
    file.write_bytes(pack(lines.encode("utf-8-sig")))
    assert ledger.take(file).kept == 8
    file.write_bytes(pack(lines.encode())[:-20])
    with pytest.raises(FormatError, match=r"results\.jsonl") as damaged:
        ledger.take(file)
    assert "room" not in str(damaged.value.hint)


@pytest.mark.parametrize(("name", "hint"), [("none.jsonl", "path"), ("folder", "one by one")])
def test_a_file_of_results_that_is_none_is_told(tmp_path: Path, name: str, hint: str) -> None:
    ledger = mk.Ledger.start(tmp_path / "ledger", table(question(1)), PARAPHRASE)
    (tmp_path / "folder").mkdir()
    with pytest.raises(WrongFilesError, match=name) as wrong:
        ledger.take(tmp_path / name)
    assert hint in str(wrong.value.hint)


def test_rows_of_replies_are_rows_to_ask_about(tmp_path: Path) -> None:
    ledger = mk.Ledger.start(tmp_path / "a", table(question(3)), mk.Generation(task="paraphrase", model="m"))  # fmt: skip
    ledger.take([result(request, good(prompt)) for request, prompt in asked(ledger)])
    first, _ = ledger.rows()
    ledger = mk.Ledger.start(tmp_path / "b", first, KO)
    [(request, _)] = asked(ledger)
    assert ledger.take([result(request, OBJECT)]).kept == 1
    second, _ = ledger.rows()
    assert second.column_names == first.column_names
    [row] = second.to_pylist()
    assert (row["parent"], row["task"], row["family"]) == ("d/3#paraphrase-1", "translation", "d/3")


def test_columns_of_nothing_but_null_are_filled(tmp_path: Path) -> None:
    ledger = mk.Ledger.start(tmp_path / "a", [question(3)], mk.Generation(task="explanation", model="m"))  # fmt: skip
    [(request, _)] = asked(ledger)
    assert (
        ledger.take(
            [result(request, json.dumps({"rationale": "Adults tolerate more than that."}))]
        ).kept
        == 1
    )
    [row] = ledger.rows()[0].to_pylist()
    assert (row["rationale"], row["family"]) == ("Adults tolerate more than that.", "d/3")


def test_the_answer_is_that_of_the_options_where_these_were_not_sent(tmp_path: Path) -> None:
    row = question(3, options=["No.", "Yes, 3 mg is enough."], answer_index=1)
    ledger = mk.Ledger.start(tmp_path, table(row), KO)
    [(request, _)] = asked(ledger)
    ledger.take([result(request, OBJECT)])
    [record] = ledger.rows()[0].to_pylist()
    assert record["answer"] == record["options"][record["answer_index"]]


@pytest.mark.parametrize(("rows", "error", "column"), [
    (pa.table({"id": [1], "question": ["Why?"]}), FormattingError, "id"),
    (pa.table({"id": ["a"], "question": [5]}), FormattingError, "question"),
    (pa.table({"id": ["a"], "question": ["Why?"], "options": [[{"A": "so"}]]}), FormattingError, "options"),
    (pa.table({"id": ["a"], "question": ["Why?"]}).slice(1), ArgumentError, "no rows"),
])  # fmt: skip
def test_rows_that_cannot_be_asked_about_are_refused(
    tmp_path: Path, rows: pa.Table, error: type[Exception], column: str
) -> None:
    with pytest.raises(error, match=column):
        mk.Ledger.start(tmp_path / "ledger", rows, PARAPHRASE)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("taken", range(2, 8))  # order by digest alone is right now and then
def test_the_last_failure_is_told_where_a_file_was_put_aside(tmp_path: Path, taken: int) -> None:
    ledger = mk.Ledger.start(tmp_path, table(question(1)), KO)
    [(request, _)] = asked(ledger)
    for number in range(taken):
        ledger.take([result(request, "", error={"code": f"e{number}"}, response=None)])
    first = min((tmp_path / "replies").glob("*.parquet"))
    first.write_bytes(b"")
    with pytest.warns(CacheWarning, match="damaged"):
        ledger.take([result(request, "", error={"code": f"last {taken}"}, response=None)])
    assert ledger.rows()[1].findings["detail"].to_pylist() == [f"last {taken}"]


@pytest.mark.parametrize(("options", "reply", "code"), [
    (["Aspirin", "None", "Rest in bed"], ["아스피린", "없음", "침상 안정"], None),
    (["Aspirin", "Nothing", "Rest in bed"], ["아스피린", "해당 없음", "침상 안정"], None),
    (["Aspirin", "Rest in bed", "Cool the burn"], ["아스피린", "TODO", "화상을 식힌다"], "placeholder"),
    (["Aspirin", "A long rest in a bed by the window", "Cool the burn"], ["아스피린", "없음", "화상을 식힌다"], "placeholder"),
    (["Fever", "Pyrexia", "Cough"], ["발열", "발열", "기침"], "merged"),
    (["Fever", "Fever", "Cough"], ["발열", "발열", "기침"], None),  # as upstream has it
])  # fmt: skip
def test_options_stay_what_they_are(
    tmp_path: Path, options: list[str], reply: list[str], code: str | None
) -> None:
    task = mk.Generation(task="translation", model="m", language="ko", columns=("options",))
    ledger = mk.Ledger.start(tmp_path, table(question(3, options=options)), task)
    [(request, _)] = asked(ledger)
    report = ledger.take([result(request, json.dumps({"options": reply}))])
    assert report.by("code") == ({code: 1} if code else {})


def test_what_the_row_says_is_no_refusal_of_the_model(tmp_path: Path) -> None:
    sentence = "I'm sorry, but I cannot diagnose you from here. Please see a doctor."
    task = mk.Generation(task="translation", model="m", language="ko", columns=("answer",))
    ledger = mk.Ledger.start(tmp_path, table(question(3, answer=sentence), question(4)), task)
    (faithful, _), (other, _) = asked(ledger)
    text = "죄송하지만 여기서는 진단해 드릴 수 없습니다. 의사를 찾아가십시오."
    lines = [result(request, json.dumps({"answer": text})) for request in (faithful, other)]
    report = ledger.take(lines)
    assert (report.kept, report.by("code")) == (1, {"refusal": 1})


def test_the_script_is_that_of_the_row_where_no_language_is_asked_for(tmp_path: Path) -> None:
    rows = table(
        question(3, language="ko-KR", question="성인 환자에게 3 mg이면 충분한지 알고 싶습니다.")
    )
    ledger = mk.Ledger.start(tmp_path, rows, mk.Generation(task="paraphrase", model="m"))
    [(request, _)] = asked(ledger)
    english = {"question": "Would 3 mg be enough for an adult?"}
    assert ledger.take([result(request, json.dumps(english))]).by("code") == {"script": 1}
    korean = {"question": "어른 환자라면 3 mg으로 충분합니까?"}
    assert ledger.take([result(request, json.dumps(korean))]).kept == 1


@pytest.mark.parametrize("text", [
    "Is a dose of 3 mg enough for this adult patient", "IS A DOSE OF 3 MG ENOUGH FOR THIS ADULT PATIENT?",
    "Is a dose of  3 mg enough,\nfor this adult patient ?",
])  # fmt: skip
def test_other_blanks_and_marks_make_no_paraphrase(tmp_path: Path, text: str) -> None:
    ledger = mk.Ledger.start(tmp_path, table(question(3)), mk.Generation(task="paraphrase", model="m"))  # fmt: skip
    [(request, _)] = asked(ledger)
    report = ledger.take([result(request, json.dumps({"question": text}))])
    assert report.by("code") == {"unchanged": 1}


def test_times_in_words_are_held_against_each_other(tmp_path: Path) -> None:
    task = mk.Generation(task="translation", model="m", language="ko", columns=("answer",))
    ledger = mk.Ledger.start(tmp_path, table(question(3, answer="Rest for three days.")), task)
    [(request, _)] = asked(ledger)
    report = ledger.take([result(request, json.dumps({"answer": "나흘 동안 쉰다."}))])
    assert report.by("code") == {"numbers": 1}
    assert ledger.take([result(request, json.dumps({"answer": "사흘 동안 쉰다."}))]).kept == 1


def test_a_further_good_reply_is_listed_and_kept_and_the_first_counts(tmp_path: Path) -> None:
    ledger = mk.Ledger.start(tmp_path, table(question(1), question(2)), KO)
    (first_request, _), (two, _) = asked(ledger)
    first, second = (
        json.dumps({"question": f"{who} {{n}} mg이면 충분한가?", "answer": "네, {n} mg이면 충분하다."}, ensure_ascii=False)
        for who in ("성인에게", "어른에게")
    )  # fmt: skip
    wordings = [result(first_request, text.replace("{n}", "1")) for text in (first, second)]
    report = ledger.take([wordings[0], wordings[1], wordings[1], wordings[0]])
    other, same = "another reply; the first accepted one counts", "the same reply"
    assert report.findings.select(["row", "code", "detail"]).to_pylist() == [
        {"row": row, "code": "duplicate_id", "detail": detail} for row, detail in ((1, other), (2, same), (3, same))
    ]  # fmt: skip
    assert (report.kept, report.counts["further"], report.counts["open"]) == (1, 1, 1)
    later = ledger.take([wordings[1], result(two, second.replace("{n}", "2"))])
    assert later.findings.select(["id", "code", "detail"]).to_pylist() == [
        {"id": "d/1", "code": "answered", "detail": same}
    ]
    third = result(first_request, first.replace("{n}", "1").replace("네", "예"))
    assert ledger.take([third]).findings["detail"].to_pylist() == [other]
    again = mk.Ledger.open(tmp_path)
    assert again.rows()[0]["question"].to_pylist() == [
        "성인에게 1 mg이면 충분한가?",
        "어른에게 2 mg이면 충분한가?",
    ]
    further = again.further()
    assert further["id"].to_pylist() == ["d/1", "d/1"]
    assert [json.loads(text)["question"][:2] for text in further["completion"].to_pylist()] == [
        "어른",
        "성인",
    ]
    assert again.counts() == {"rows": 2, "requests": 2, "accepted": 2, "open": 0}


@pytest.mark.parametrize("name", ["id", "question", "note"])
def test_two_columns_of_one_name_are_refused(tmp_path: Path, name: str) -> None:
    rows = pa.table([["a"], ["Why?"], ["x"], ["y"]], names=["id", "question", "note", name])
    with pytest.raises(mk.errors.SchemaError, match=f"column '{name}': two columns have one name"):
        mk.Ledger.start(tmp_path, rows, PARAPHRASE)


SWAPS = [
    ("Give 5 mg at noon and 10 mg at night.", "Give 10 mg at noon and 5 mg at night.", "numbers"),
    ("Give 5 mg at noon. Give 10 mg at night.", "So it goes. Give 10 mg at noon. Give 5 mg at night.", "numbers"),
    ("Give 5 mg at noon. Give 10 mg at night.", "Give 10 mg at night. Give 5 mg at noon.", None),
    ("Is it 5 mg, 10 mg or 15 mg?", "Would it be 15 mg, 10 mg or 5 mg?", None),
    ("Give 5 mg at noon and 10 mg at night.", "At noon he gets 5 mg, and 10 mg at night.", None),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "code"), SWAPS)
def test_figures_that_change_places_among_the_same_words_are_told(
    tmp_path: Path, before: str, after: str, code: str | None
) -> None:
    task = mk.Generation(task="paraphrase", model="m")
    ledger = mk.Ledger.start(tmp_path, table(question(1, question=before)), task)
    [(request, _)] = asked(ledger)
    report = ledger.take([result(request, json.dumps({"question": after}))])
    assert report.by("code") == ({code: 1} if code else {})


@pytest.mark.parametrize(("options", "code"), [
    (["하루 5 mg", "하루 10 mg"], None), (["하루 10 mg", "하루 5 mg"], "numbers"),
])  # fmt: skip
def test_options_that_change_places_are_told(
    tmp_path: Path, options: list[str], code: str | None
) -> None:
    choice = question(
        3, options=["5 mg daily", "10 mg daily"], answer_index=1, answer="10 mg daily"
    )
    ledger = mk.Ledger.start(
        tmp_path, table(choice), mk.Generation(task="translation", model="m", language="ko")
    )
    [(request, _)] = asked(ledger)
    reply = {
        "question": "성인 환자에게 3 mg이면 충분한가?",
        "options": options,
        "answer": "하루 10 mg",
    }
    report = ledger.take([result(request, json.dumps(reply))])
    assert report.by("code") == ({code: 1} if code else {})
