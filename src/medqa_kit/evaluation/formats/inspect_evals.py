"""inspect_evals 0.26.0 on inspect_ai 0.3.285: its medical tasks, and how it reads replies."""

from __future__ import annotations

import re
from collections.abc import Sequence

from medqa_kit.evaluation.formats.format import LETTERS, Assembly, HarnessFormat, RawRow, Verdict
from medqa_kit.prompting.template import Template

_HARNESS = "inspect_evals 0.26.0 (inspect_ai 0.3.285)"
_ONE_MESSAGE = Assembly(
    modes=(None, "multiturn", "single_user_turn"), takes_shots=False, joint="\n"
)

# Markup that the reader removes anywhere: a pair of dollar signs or of double stars around letters, and
# parentheses around one letter at the start, after a colon or after a comma.
_PAIRS = tuple(
    re.compile(rf"{mark}\s*([A-Za-z\d](?:[A-Za-z\d ,]*[A-Za-z\d,])?)\s*{mark}")
    for mark in (r"\$", r"\*\*")
)
_BRACKETED = re.compile(r"(^|[:,])(\s*)\(([A-Za-z\d])\)(?=\s*(?:,|\.|\n|\Z))")
_LINE = re.compile(r"(?i)^ANSWER\s*:\s*([A-Za-z\d ,]+)\s*(?:$|\n|\.)", re.MULTILINE)
_ANYWHERE = re.compile(r"(?i)ANSWER\s*:\s*([A-Za-z\d ,]+)(?:[^\w]|\n|$|\.)")


def read_answer(completion: str, options: Sequence[str]) -> Verdict:
    """Read the last ``ANSWER: X``, one letter in any case; one on a line of its own comes before others."""
    bare = completion
    for pair in _PAIRS:
        bare = pair.sub(r"\1", bare)
    bare = _BRACKETED.sub(r"\1\2\3", bare)
    statements = _LINE.findall(bare) or _ANYWHERE.findall(bare)
    if not statements:
        return Verdict(None, None)
    pieces = [piece for piece in statements[-1].strip().rstrip(".").upper().split(",") if piece]
    letters = LETTERS[: len(options)]
    if len(pieces) != 1 or pieces[0] not in letters:
        return Verdict(None, None)
    start = completion.upper().rfind("ANSWER")
    return Verdict(pieces[0], letters.index(pieces[0]), start, len(completion))


INSPECT_EVALS = (
    HarnessFormat(
        name="inspect_evals/medqa@2-A",
        harness=_HARNESS,
        task="medqa",
        task_version="2-A",
        data="bigbio/med_qa @ddef95d268cdad413693d634279a9a679d468469, med_qa_en_bigbio_qa",
        split="test",
        row=RawRow(question="question", options="choices", answer="answer", base="text"),
        query=Template(
            "Answer the following multiple choice question about medical knowledge given the "
            "context. The entire content of your response should be of the following format: "
            "'ANSWER: $LETTER'(without quotes) where LETTER is one of {letters}.\n\n"
            "{question}\n\n{options}"
        ),
        line="{marker}) {option}",
        first_equal=True,
        assembly=_ONE_MESSAGE,
        trained="ANSWER: {gold}",
        read=read_answer,
        quirks=(
            "Gold is the first option whose text equals the answer: a repeated option may move it.",
            "No blank stands before `(without`.",
            "No shots.",
            "A bare letter is not read.",
        ),
    ),
    HarnessFormat(
        name="inspect_evals/pubmedqa@2-A",
        harness=_HARNESS,
        task="pubmedqa",
        task_version="2-A",
        data="qiaojin/PubMedQA @9001f2853fb87cab8d220904e0de81ac6973b318, pqa_labeled",
        split="train, kept to the 500 official test ids",
        row=RawRow(question="question", answer="final_decision", base="word", answer_read="lower",
                   contexts=("context", "contexts")),
        words=("yes", "no", "maybe"),
        context="blanks",
        query=Template(
            "Answer the following multiple choice question about medical knowledge given the "
            "context.\nThe entire content of your response should be of the following format: "
            "'ANSWER: $LETTER'\n(without quotes) where LETTER is one of A,B,C.\n\n"
            "**Context:** {context}\n\n**Question:** {question}\n\nA) yes\nB) no\nC) maybe"
        ),
        assembly=_ONE_MESSAGE,
        trained="ANSWER: {gold}",
        read=read_answer,
        quirks=(
            "Scored as a choice: A is yes, B is no, C is maybe.",
            "Until August 2025 the prompt and the data were others.",
            "No shots.",
        ),
    ),
)  # fmt: skip
