"""lighteval 0.13.0: its medical tasks, byte for byte, and how it reads replies."""

from __future__ import annotations

from collections.abc import Sequence

from medqa_kit.evaluation.formats.format import LETTERS, Assembly, HarnessFormat, RawRow, Verdict
from medqa_kit.prompting.template import Template

_HARNESS = "lighteval 0.13.0"
_INSTRUCTION = "Give a letter answer among A, B, C or D.\n"
_LETTERED = Assembly(head=_INSTRUCTION + "\n\n", chat_head=_INSTRUCTION, modes=(None, "multiturn"))
_NEWLINES = "The instruction ends in a newline and two more follow: three in all; one in chat."
_SHOTS = "Shots are balanced by gold letter and the same for all rows. See medqa_kit.evaluation.shot_draws.shot_indices."


def read_exact_letter(completion: str, options: Sequence[str]) -> Verdict:
    """Compare the stripped reply with the letter, in the same case."""
    value = completion.strip()
    letters = LETTERS[: len(options)]
    return Verdict(value, letters.index(value) if value in letters else None, 0, len(completion))


def read_exact_word(completion: str, options: Sequence[str]) -> Verdict:
    """Compare the stripped reply with the word, in the same case."""
    value = completion.strip()
    words = ("yes", "no", "maybe")
    return Verdict(value, words.index(value) if value in words else None, 0, len(completion))


def read_option(completion: str, options: Sequence[str]) -> Verdict:
    """Read a choice as written: its likelihood is compared, no text is generated."""
    value = completion.removeprefix(" ")
    texts = list(options)
    return Verdict(value, texts.index(value) if value in texts else None, 0, len(completion))


LIGHTEVAL = (
    HarnessFormat(
        name="lighteval/med_qa@0",
        harness=_HARNESS,
        task="med_qa",
        task_version="0",
        data="bigbio/med_qa, med_qa_en_source",
        split="validation and test",
        row=RawRow(question="question", options="options", option_key="value",
                   answer="answer_idx", base="letter"),
        query=Template("Question: {question}\n{options}\nAnswer:"),
        assembly=_LETTERED,
        stop=("\n",),
        max_tokens=5,
        read=read_exact_letter,
        quirks=(
            "Five options under an instruction that says 'A, B, C or D'.",
            _NEWLINES,
            "The repository is a script, which datasets 4 and later refuse to run.",
            "Two splits are scored, validation and test.",
            _SHOTS,
        ),
    ),
    HarnessFormat(
        name="lighteval/med_mcqa@0",
        harness=_HARNESS,
        task="med_mcqa",
        task_version="0",
        data="lighteval/med_mcqa",
        split="validation",
        row=RawRow(question="question", options=("opa", "opb", "opc", "opd"), answer="cop", base=1),
        options=4,
        query=Template("Question: {question}\n{options}\nAnswer:"),
        assembly=_LETTERED,
        stop=("\n",),
        max_tokens=5,
        read=read_exact_letter,
        quirks=(
            "`cop` counts from 1 here: labels counted from 0 are silently shifted upstream.",
            _NEWLINES,
            _SHOTS,
        ),
    ),
    HarnessFormat(
        name="lighteval/pubmedqa@0",
        harness=_HARNESS,
        task="pubmedqa",
        task_version="0",
        data="pubmed_qa, pqa_labeled",
        split="train",
        row=RawRow(question="QUESTION", answer="final_decision", base="word",
                   contexts=("CONTEXTS",)),
        words=("yes", "no", "maybe"),
        context="repr",
        query=Template("{question}\n{context}\nAnswer: "),
        gold="word",
        assembly=Assembly(modes=(None, "multiturn"), joint=""),
        stop=("\n",),
        max_tokens=1,
        read=read_exact_word,
        quirks=(
            "The contexts are the repr of a Python list: its quotes, its \\n, \\u200b and \\xa0.",
            "The prompt ends in a blank, so shots have two before the answer.",
            "It reads columns QUESTION and CONTEXTS, which the present repository does not have: "
            "upstream stops with a KeyError there.",
            "No split is left for shots: they come from the scored rows.",
            "All 1,000 rows are scored, the 500 official test items among them.",
        ),
    ),
    HarnessFormat(
        name="lighteval/headqa:en@0",
        harness=_HARNESS,
        task="headqa:en",
        task_version="0",
        data="lighteval/headqa_harness, en",
        split="test",
        row=RawRow(question="qtext", options="answers", option_key="atext", answer="ra", base=1,
                   answer_read="int"),
        query=Template("Question: {question}\nAnswer:"),
        gold="option",
        scored="choices",
        assembly=Assembly(modes=(None, "multiturn"), shot_steps=("strip",), delimiter=" ",
                          chat_delimiter=" "),
        read=read_option,
        quirks=(
            "The options are not shown: the likelihoods of their texts are compared.",
            "The blank before each choice stays in chat, also before the answers of shots; plain "
            "shots strip the answer.",
        ),
    ),
)  # fmt: skip
