"""HRET (haerae-evaluation-toolkit 0.1.0 at cbc399b): its medical tasks, and how it reads replies."""

from __future__ import annotations

import re
from collections.abc import Sequence

from medqa_kit.evaluation.formats.format import Assembly, HarnessFormat, RawRow, Verdict
from medqa_kit.prompting.template import Template

_HARNESS = "HRET 0.1.0 at cbc399b"
_ASSEMBLY = Assembly(
    shots_head="다음은 문제와 정답의 몇 가지 예시입니다.\n\n", cue="\n정답: ", joint="\n"
)

_CUES = (
    "Answer", r"Final\s*Answer", "답변", "정답", "정답은", "답", "답은", "답안", "答案", "解答", "回答",
    "答", "Jawaban", "Réponse", "Resposta", "Jibu", "Idahun", "Ìdáhùn", "Idáhùn", "Àmọ̀nà", "Àdáhùn",
    "Ànúgọ", "Àṣàyàn",
)  # fmt: skip
_AFTER_CUE = re.compile(
    "(?:"
    + "|".join(rf"{cue}\s*{'[:：]' if cue[0] in '答解回' else ':'}" for cue in _CUES)
    + r")\s*(.+)",
    re.IGNORECASE | re.DOTALL,
)
_MARKUP = re.compile(r"\*\*|__|~~|`")


def _blanks(text: str) -> str:
    return " ".join(text.lower().split())


def parse(text: str) -> str:
    """Return the text that string_match compares: the first line after the first cue, without markup."""
    cue = _AFTER_CUE.search(text)
    bare = _MARKUP.sub("", cue.group(1).strip() if cue else text)
    lines = [line.strip() for line in bare.splitlines() if line.strip()]
    return _blanks(lines[0]) if lines else ""


def _match(completion: str, golds: Sequence[str]) -> Verdict:
    value = parse(completion)
    compared = {_blanks(gold) for gold in golds}
    for index, gold in enumerate(golds):
        wanted = parse(gold)
        if value == wanted and wanted in compared:
            return Verdict(value, index, 0, len(completion))
    return Verdict(value, None)


def read_bracketed(completion: str, options: Sequence[str]) -> Verdict:
    """Compare with ``(A)`` to ``(D)``."""
    return _match(completion, ("(A)", "(B)", "(C)", "(D)"))


def read_text(completion: str, options: Sequence[str]) -> Verdict:
    """Compare with the options' texts; the first of equal ones is named."""
    return _match(completion, [option.strip() for option in options])


HRET = (
    HarnessFormat(
        name="hret/kormedmcqa@cbc399b",
        harness=_HARNESS,
        task="kormedmcqa",
        data="sean0042/KorMedMCQA",
        split="train unless another is asked for",
        row=RawRow(question="question", options=tuple("ABCDE"), answer="answer", base=1),
        options=5,
        question_steps=("strip",),
        option_steps=("strip",),
        query=Template(
            "The following is a multiple-choice question about specialized medical knowledge. "
            "Choose the most appropriate answer from the options provided.\n\n"
            "Question: {question}\n\n{options}"
        ),
        line="({marker}) {option}",
        gold="option",
        assembly=_ASSEMBLY,
        trained="정답: {gold}",
        read=read_text,
        quirks=(
            "Gold is the option's text: a letter is wrong, letter and text are wrong.",
            "An option that holds a newline, **, __, ~~, a backtick or an answer cue can never be "
            "right; equal options are right together.",
            "The prompt has no answer cue, though the shots do.",
            "Every shot repeats the instruction.",
            "Upstream leaves out a null option without shifting the labels; here it is an error.",
            "The class reads the train split unless told otherwise, and skips a config that fails "
            "to load.",
            "Shots are the first rows of the few-shot split, or of the scored one.",
        ),
    ),
    HarnessFormat(
        name="hret/kmmlu@cbc399b",
        harness=_HARNESS,
        task="kmmlu",
        data="HAERAE-HUB/KMMLU",
        split="test",
        row=RawRow(question="question", options=tuple("ABCD"), answer="answer", base=1),
        options=4,
        question_steps=("drop_answer_heading", "strip"),
        option_steps=("strip",),
        query=Template(
            "다음은 객관식 문제입니다. 당신의 추론 과정을 간결하게 요약한 후, "
            '"따라서, 정답은: X"라고 결론지으십시오. 여기서 X는 (A), (B), (C), (D) 중 하나입니다.\n\n'
            "질문: {question}\n{options}"
        ),
        gold="bracketed",
        assembly=_ASSEMBLY,
        trained="따라서, 정답은: {gold}",
        read=read_bracketed,
        quirks=(
            "Every `### 정답` is deleted from the question.",
            "A label of 0 or null is scored as (A) upstream; here it is an error.",
            "The reply must be (A) to (D) in brackets, after the first answer cue.",
            "Only ASCII colons end a Korean cue: `정답： (B)` is not read.",
            "The prompt has no answer cue, though the shots do.",
        ),
    ),
)
