"""NeMo-Skills 0.7.0 at 7965f9c2: its Korean medical tasks, and how it reads replies."""

from __future__ import annotations

import re
from collections.abc import Sequence

from medqa_kit.evaluation.formats.format import LETTERS, Assembly, HarnessFormat, RawRow, Verdict
from medqa_kit.prompting.template import Template

_HARNESS = "NeMo-Skills 0.7.0 at 7965f9c2"
_ONE_MESSAGE = Assembly(
    modes=(None, "multiturn", "single_user_turn"), takes_shots=False, joint="\n"
)
_QUIRKS = (
    "Of the question only newlines at its ends are cut, blanks stay.",
    "Its own rule reads the last `정답: X`; where there is none, the last `Answer: X`.",
    "No shots.",
    "A null option prints `None` upstream; here it is an error.",
)

_KOREAN = {
    letters: re.compile(rf"(?i)정답\s*[:：]\s*\**\(?([{letters}])\)?\**")
    for letters in ("A-D", "A-E")
}
_ENGLISH = re.compile(r"(?i)[\*\_]{0,2}Answer[\*\_]{0,2}\s*:[\s\*\_]{0,2}\s*([A-Z])(?![a-zA-Z0-9])")


def _read(completion: str, letters: str, count: int) -> Verdict:
    stated = list(_KOREAN[letters].finditer(completion)) or list(_ENGLISH.finditer(completion))
    if not stated:
        return Verdict(None, None)
    value = stated[-1].group(1).upper()
    known = LETTERS[:count]
    return Verdict(value, known.index(value) if value in known else None, *stated[-1].span(1))


def read_five(completion: str, options: Sequence[str]) -> Verdict:
    """Read the last ``정답: A`` to ``정답: E``."""
    return _read(completion, "A-E", 5)


def read_four(completion: str, options: Sequence[str]) -> Verdict:
    """Read the last ``정답: A`` to ``정답: D``."""
    return _read(completion, "A-D", 4)


def _query(letters: str) -> Template:
    return Template(
        "다음 객관식 질문에 답하시오. 응답의 마지막 줄은 반드시 다음과 같은 형식이어야 합니다: "
        f"'정답: {letters}' (예시: '정답: A').\n\n{{question}}\n\n{{options}}"
    )


NEMO_SKILLS = (
    HarnessFormat(
        name="nemo_skills/kormedmcqa@7965f9c2",
        harness=_HARNESS,
        task="kormedmcqa",
        data="sean0042/KorMedMCQA, */{split}-*.parquet (four configs merged)",
        split="test",
        row=RawRow(question="question", options=tuple("ABCDE"), answer="answer", base=1),
        options=5,
        question_steps=("strip_newlines",),
        query=_query("A/B/C/D/E"),
        line="{marker}) {option}",
        assembly=_ONE_MESSAGE,
        trained="정답: {gold}",
        read=read_five,
        quirks=_QUIRKS,
    ),
    HarnessFormat(
        name="nemo_skills/kmmlu@7965f9c2",
        harness=_HARNESS,
        task="kmmlu",
        data="HAERAE-HUB/KMMLU, data/*-test.csv",
        split="test",
        row=RawRow(question="question", options=tuple("ABCD"), answer="answer", base=1),
        options=4,
        question_steps=("strip_newlines",),
        query=_query("A/B/C/D"),
        line="{marker}) {option}",
        assembly=_ONE_MESSAGE,
        trained="정답: {gold}",
        read=read_four,
        quirks=_QUIRKS,
    ),
)
