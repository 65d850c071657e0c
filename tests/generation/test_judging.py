"""What is told of a reply, and what is not: talk, scripts and the place of the right option."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.errors import FileError


def code_of(
    folder: Path, row: dict[str, Any], reply: dict[str, Any], *, task: Any, language: str | None
) -> str | None:
    """Return the code under which a reply about one row is set aside; null where it is accepted."""
    asking = mk.Generation(task=task, model="m", language=language)
    ledger = mk.Ledger.start(folder, mk.read([row]), asking)
    [request] = ledger.open_requests()["request"].to_pylist()
    choice = {"finish_reason": "stop", "message": {"content": json.dumps(reply)}}
    body = {"status_code": 200, "body": {"choices": [choice]}}
    report = ledger.take([json.dumps({"custom_id": request, "error": None, "response": body})])
    codes = report.by("code")
    return next(iter(codes), None)


STEM = {"language": "en", "question": "Which statement about diabetes is right?", "answer": "It raises sugar."}  # fmt: skip
IN_KOREAN = {"question": "당뇨병에 대해 옳은 것은?", "answer": "혈당을 올린다."}


@pytest.mark.parametrize(("question", "code"), [
    ("다음은 당뇨병에 대한 설명이다. 옳은 것은?", None),  # how stems of exams begin
    ("다음은 당뇨병에 대한 설명입니다. 옳은 것은?", None),
    ("아래는 당뇨병을 설명한 것이다. 맞는 것은?", None),
    ("다음은 환자 기록의 요약이다: 혈당이 높다. 옳은 것은?", None),
    ("다음은 번역입니다: 당뇨병에 대해 옳은 것은?", "talk"),
    ("네, 다음은 질문의 번역입니다.\n당뇨병에 대해 옳은 것은?", "talk"),
    ("물론입니다! 번역은 다음과 같습니다: 당뇨병에 대해 옳은 것은?", "talk"),
    ("당뇨병에 대해 옳은 것은?\n(참고: 원문의 뜻을 유지했습니다.)", "talk"),
    ("당뇨병에 대해 옳은 것은?\n※ 참고: 원문의 용어를 그대로 유지하였습니다.", "talk"),
    ("당뇨병에 대해 옳은 것은?\n\n(Note: I kept the terms as they were.)", "talk"),
    ("당뇨병에 대해 옳은 것은? 궁금하신 점이 있으면 말씀해 주세요.", "talk"),
    ("여기에 질문을 입력하세요.", "talk"),
])  # fmt: skip
def test_a_stem_is_told_from_what_a_model_says_of_its_task(
    tmp_path: Path, question: str, code: str | None
) -> None:
    reply = IN_KOREAN | {"question": question}
    assert code_of(tmp_path, STEM, reply, task="translation", language="ko") == code


@pytest.mark.parametrize(("before", "after"), [
    ("다음은 당뇨병에 대한 설명이다. 옳은 것은?", "The following is an explanation of diabetes. Which is right?"),
    ("도움이 되길 바랍니다. 또 물어 보세요.", "I hope this helps. Let me know if you have more questions."),
    ("사용자가 처방을 원한다. 무엇을 주는가?", "The user wants a prescription. What is given?"),
])  # fmt: skip
def test_words_that_the_row_has_itself_are_no_talk(tmp_path: Path, before: str, after: str) -> None:
    row = {"language": "ko", "question": before, "answer": "혈당을 올린다."}
    reply = {"question": after, "answer": "It raises sugar."}
    assert code_of(tmp_path, row, reply, task="translation", language="en") is None


@pytest.mark.parametrize("summary", [
    "Okay, let me think. It raises sugar.", "The user wants a summary. It raises sugar.", "It raises sugar. Hope this helps!",
])  # fmt: skip
def test_thoughts_and_goodbyes_in_a_summary_are_talk(tmp_path: Path, summary: str) -> None:
    row = STEM | {"rationale": "The pancreas makes too little insulin, and so the sugar in the blood rises and stays high."}  # fmt: skip
    reply = {"rationale": summary}
    assert code_of(tmp_path, row, reply, task="reasoning_summary", language=None) == "talk"
    sound = {"rationale": "Too little insulin raises sugar."}
    assert code_of(tmp_path / "b", row, sound, task="reasoning_summary", language=None) is None


IN_ENGLISH = {"question": "Which test comes first?", "options": ["Chest X-ray", "ECG"], "answer": "Chest X-ray"}  # fmt: skip


@pytest.mark.parametrize(("changed", "code"), [
    ({}, None),
    ({"question": "Which test comes first for 'chehaetda' (체했다)?"}, None),
    ({"question": "Which test comes first? 가장 먼저 할 검사는?"}, "script"),
    ({"question": "តើ test ណាដែលត្រូវធ្វើ first?"}, "script"),
    ({"options": ["흉부 X선 촬영", "ECG"], "answer": "Chest X-ray"}, "script"),  # as it was sent
    ({"options": ["ECG", "Chest X-ray"]}, "moved"),
    ({"answer": "ECG"}, "moved"),
    ({"answer": "Radiography of the chest"}, None),
])  # fmt: skip
def test_an_exam_item_in_english_is_all_in_english_and_keeps_its_answer(
    tmp_path: Path, changed: dict[str, Any], code: str | None
) -> None:
    row = {"language": "ko", "question": "가장 먼저 할 검사는?", "options": ["흉부 X선 촬영", "심전도"], "answer": "흉부 X선 촬영"}  # fmt: skip
    reply = IN_ENGLISH | changed
    assert code_of(tmp_path, row, reply, task="translation", language="en") == code


@pytest.mark.parametrize(("language", "reply", "code"), [
    ("ko", "그 환자는 오늘 아침 심한 症状이 있었는가?", "script"), ("ko", "그 환자는 오늘 아침 심한 ไข้ 증상이 있었는가?", "script"),
    ("ko", "그 환자 и 보호자는 오늘 심한 증상이 있었는가?", "script"), ("km", "តើអ្នកជំងឺ 患者 មានរោគសញ្ញាធ្ងន់ធ្ងរទេ?", "script"),
    ("km", "តើអ្នកជំងឺມີរោគសញ្ញាធ្ងន់ធ្ងរទេ?", "script"), ("ko", "그 환자는 심한 증상(症狀)이 있었는가?", None),
    ("ko", "그 환자는 50฿를 내고 β-차단제를 썼는가?", None), ("km", "តើអ្នកជំងឺមានរោគសញ្ញាធ្ងន់ធ្ងរទេ?", None),
])  # fmt: skip
def test_a_word_of_a_fourth_language_is_told(
    tmp_path: Path, language: str, reply: str, code: str | None
) -> None:
    row = {"language": "en", "question": "Did the patient have severe symptoms?", "answer": "Yes."}
    answer = {"ko": "그렇다.", "km": "បាទ មាន។"}[language]
    if "50" in reply:
        row["question"] = "Did the patient pay 50 baht and take the beta-blocker?"
    sent = {"question": reply, "answer": answer}
    assert code_of(tmp_path, row, sent, task="translation", language=language) == code


def test_a_short_text_of_figures_and_units_is_in_each_script(tmp_path: Path) -> None:
    row = {"language": "en", "question": "What is the normal TSH?", "answer": "0.4 to 4.0 mIU/L"}
    reply = {"question": "정상 TSH는?", "answer": "0.4~4.0 mIU/L"}
    assert code_of(tmp_path, row, reply, task="translation", language="ko") is None


@pytest.mark.parametrize("kept", [True, False])
def test_letters_that_mark_statements_may_stay(tmp_path: Path, kept: bool) -> None:
    options = ["ㄱ, ㄴ", "ㄱ, ㄷ"]
    row = {
        "language": "ko",
        "question": "옳은 것을 고르면?",
        "options": options,
        "answer": options[1],
    }
    told = options if kept else ["A, B", "A, C"]
    reply = {"question": "Which are right?", "options": told, "answer": told[1]}
    assert code_of(tmp_path, row, reply, task="translation", language="en") is None


def test_talk_in_khmer_is_told_behind_words_of_courtesy(tmp_path: Path) -> None:
    said = {"question": "តើអ្វីត្រឹមត្រូវអំពីជំងឺទឹកនោមផ្អែម?", "answer": "វាបង្កើនជាតិស្ករ។"}
    announced = said | {"answer": "ជាការពិតណាស់! នេះគឺជាការបកប្រែ៖ វាបង្កើនជាតិស្ករ។"}
    assert code_of(tmp_path / "a", STEM, said, task="translation", language="km") is None
    assert code_of(tmp_path / "b", STEM, announced, task="translation", language="km") == "talk"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8"])
def test_files_that_hold_no_lines_say_what_to_do(tmp_path: Path, encoding: str) -> None:
    ledger = mk.Ledger.start(
        tmp_path / "asked", mk.read([STEM]), mk.Generation(task="paraphrase", model="m")
    )
    [request] = ledger.open_requests()["request"].to_pylist()
    reply = json.dumps({"question": "What is true of diabetes?"})
    body = {"choices": [{"finish_reason": "stop", "message": {"content": reply}}]}
    result = {"custom_id": request, "response": {"status_code": 200, "body": body}}
    file = tmp_path / "output.jsonl"
    file.write_text(json.dumps(result if encoding == "utf-16" else [result], indent=None), encoding)
    with pytest.raises(FileError, match="UTF-8" if encoding == "utf-16" else "one JSON list"):
        ledger.take(file)
    assert ledger.counts()["open"] == 1
    file.write_text(json.dumps(result), "utf-8")  # as the hint says
    assert ledger.take(file).kept == 1
