"""lm-evaluation-harness 0.4.13: its medical tasks, byte for byte, and how it reads replies."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence

from medqa_kit.evaluation.formats.format import (
    LETTERS,
    Assembly,
    ChatMode,
    HarnessFormat,
    RawRow,
    Verdict,
)
from medqa_kit.prompting.template import Template

_HARNESS = "lm-evaluation-harness 0.4.13"
_MODES: tuple[ChatMode | None, ...] = (None, "multiturn", "single_user_turn")
_GENERATED = Assembly(modes=_MODES)
_SCORED = Assembly(modes=_MODES, delimiter=" ")
_UNIFORM_SHOTS = (
    "Shots are drawn per document by one generator that runs on (seed 1234): they depend on the "
    "document's position, on --limit and on the number of processes. See medqa_kit.evaluation.shot_draws.shot_indices."
)
_CHAT_DEFAULT = "--apply_chat_template turns --fewshot_as_multiturn on unless it is set."

_CASCADE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"정답[:\s]*([ABCDE])",
        r"정답은\s*([ABCDE])\s*입니다",
        r"\b([ABCDE])\.",
        r"\b([ABCDE])\b",
    )
)
# "(?<=정답은)\s*[(]?(A|B|C|D)[)]?.*(?=입니다.)" in two pieces: as one it takes quadratic time.
_COT_LETTER = re.compile(r"(?<=정답은)\s*+[(]?(A|B|C|D)")
_COT_END = re.compile(r"입니다.")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def read_kormedmcqa(completion: str, options: Sequence[str]) -> Verdict:
    """Read by the cascade of task version 3.0: first pattern that hits, its last match."""
    for pattern in _CASCADE:
        matches = list(pattern.finditer(completion))
        if matches:
            letter = matches[-1].group(1).upper()
            return Verdict(letter, LETTERS.index(letter), *matches[-1].span(1))
    return Verdict("", None)


def read_cot_hard(completion: str, options: Sequence[str]) -> Verdict:
    """Read the first match of the task's regular expression."""
    end = line_end = -1
    for match in _COT_LETTER.finditer(completion):
        if end < match.end():
            ending = _COT_END.search(completion, match.end())
            if ending is None:
                break
            end = ending.start()
        if line_end < match.end():
            line_end = completion.find("\n", match.end()) % (len(completion) + 1)
        if end < line_end:
            return Verdict(match.group(1), LETTERS.index(match.group(1)), *match.span(1))
    return Verdict("[invalid]", None)


def read_exact(completion: str, options: Sequence[str]) -> Verdict:
    """Compare the whole text, without regard to case, ASCII punctuation and blanks."""
    value = completion.replace(" ", "").lower().translate(_PUNCTUATION)
    letters = [letter.lower() for letter in LETTERS[: len(options)]]
    return Verdict(value, letters.index(value) if value in letters else None, 0, len(completion))


def read_choice(completion: str, options: Sequence[str]) -> Verdict:
    """Read a choice as written: its likelihood is compared, no text is generated."""
    value = completion.removeprefix(" ")
    letters = LETTERS[: len(options)]
    return Verdict(value, letters.index(value) if value in letters else None, 0, len(completion))


def read_word(completion: str, options: Sequence[str]) -> Verdict:
    """Read one of the words as written: its likelihood is compared, no text is generated."""
    value = completion.removeprefix(" ")
    words = ("yes", "no", "maybe")
    return Verdict(value, words.index(value) if value in words else None, 0, len(completion))


_KMMLU = RawRow(question="question", options=tuple("ABCD"), answer="answer", base=1)
_KMMLU_QUERY = Template("{question}\n{options}\n정답：")
_FULLWIDTH = "The colon of `정답：` is full-width (U+FF1A): NFKC would turn it into an ASCII one."

LM_EVAL = (
    HarnessFormat(
        name="lm_eval/kormedmcqa@3.0",
        harness=_HARNESS,
        task="kormedmcqa_{doctor,nurse,pharm,dentist}",
        task_version="3.0",
        data="sean0042/KorMedMCQA",
        split="test",
        row=RawRow(question="question", options=tuple("ABCDE"), answer="answer", base=1),
        options=5,
        question_steps=("strip",),
        query=Template("{question}\n{options}\n정답："),
        assembly=Assembly(modes=_MODES, answer_in_user=True),
        stop=("Q:", "</s>", "<|im_end|>", ".", "\n\n"),
        max_tokens=1024,
        read=read_kormedmcqa,
        quirks=(
            _FULLWIDTH,
            "Shots are the first rows of the split `fewshot`, copies of dev rows.",
            "Multi-turn chat makes several user messages in a row and no assistant message: "
            "templates that want alternating roles (Gemma, Cohere 2) refuse it; use "
            "chat='single_user_turn' there.",
            "'.' is a stop string: nothing after the first full stop is seen, so replies that "
            "reason first score by accident.",
            "Prompts equal those of task version 2.0, scores do not: 3.0 added the reader.",
            "A label of 0 is scored as E upstream; here it is an error.",
            "A null option prints `None` upstream; here it is an error.",
            _CHAT_DEFAULT,
        ),
    ),
    HarnessFormat(
        name="lm_eval/kmmlu@2.0",
        harness=_HARNESS,
        task="kmmlu_*, kmmlu_hard_*",
        task_version="2.0",
        data="HAERAE-HUB/KMMLU, HAERAE-HUB/KMMLU-HARD",
        split="test",
        row=_KMMLU,
        options=4,
        question_steps=("strip",),
        query=_KMMLU_QUERY,
        scored="choices",
        assembly=_SCORED,
        read=read_choice,
        quirks=(
            _FULLWIDTH,
            "The harness reports the micro average, the paper the macro average.",
            "Configs of KMMLU are in title case (Health), those of KMMLU-HARD in lower case.",
            _UNIFORM_SHOTS,
            _CHAT_DEFAULT,
        ),
    ),
    HarnessFormat(
        name="lm_eval/kmmlu_direct@2.0",
        harness=_HARNESS,
        task="kmmlu_direct_*, kmmlu_direct_hard_*",
        task_version="2.0",
        data="HAERAE-HUB/KMMLU, HAERAE-HUB/KMMLU-HARD",
        split="test",
        row=_KMMLU,
        options=4,
        question_steps=("strip",),
        query=_KMMLU_QUERY,
        assembly=_GENERATED,
        stop=("Q:", "\n\n", "</s>", "."),
        read=read_exact,
        quirks=(
            _FULLWIDTH,
            "No answer is extracted: the whole reply must be the letter.",
            _UNIFORM_SHOTS,
            _CHAT_DEFAULT,
        ),
    ),
    HarnessFormat(
        name="lm_eval/kmmlu_cot_hard_health@2.0",
        harness=_HARNESS,
        task="kmmlu_cot_hard_health",
        task_version="2.0",
        data="HAERAE-HUB/KMMLU-HARD",
        split="test",
        row=_KMMLU,
        options=4,
        query=Template(
            "{question}\n{options}\n정답: 차근 차근 생각해봅시다. "
            "건강학 관련 정보를 위해 위키피디아를 참조하겠습니다."
        ),
        line="{marker}.{option}",
        assembly=Assembly(modes=_MODES, takes_shots=False),
        trained="정답은 ({gold}) 입니다.",
        stop=("질문:",),
        max_tokens=2048,
        read=read_cot_hard,
        quirks=(
            "Upstream puts five fixed examples of the benchmark's own text before the question; "
            "here only the form without examples is rendered.",
            "The colon is ASCII, and no blank follows `A.`.",
            "The question is not stripped.",
            "The reader wants a character after `입니다`, and the first `정답은` wins.",
            _CHAT_DEFAULT,
        ),
    ),
    HarnessFormat(
        name="lm_eval/medqa_4options@0.4.13",
        harness=_HARNESS,
        task="medqa_4options",
        data="GBaker/MedQA-USMLE-4-options-hf",
        split="test",
        row=RawRow(
            question="sent1",
            options=("ending0", "ending1", "ending2", "ending3"),
            answer="label",
            base=0,
        ),
        options=4,
        query=Template("Question: {question}\n{options}\nAnswer:"),
        scored="choices",
        assembly=_SCORED,
        read=read_choice,
        quirks=(
            "The task sets no version: the harness reports 'Yaml'.",
            "The letters of the 4-option and the 5-option test agree in 673 of 1,273 items only.",
            _UNIFORM_SHOTS,
            _CHAT_DEFAULT,
        ),
    ),
    HarnessFormat(
        name="lm_eval/medmcqa@0.4.13",
        harness=_HARNESS,
        task="medmcqa",
        data="openlifescienceai/medmcqa",
        split="validation",
        row=RawRow(question="question", options=("opa", "opb", "opc", "opd"), answer="cop", base=0),
        options=4,
        query=Template("Question: {question}\nChoices:\n{options}\nAnswer:"),
        scored="choices",
        assembly=_SCORED,
        read=read_choice,
        quirks=(
            "The task sets no version: the harness reports 'Yaml'.",
            "`cop` counts from 0 here, from 1 in lighteval and HELM.",
            "The validation split is scored: the test split has no labels.",
            _UNIFORM_SHOTS,
            _CHAT_DEFAULT,
        ),
    ),
    HarnessFormat(
        name="lm_eval/pubmedqa@1.0",
        harness=_HARNESS,
        task="pubmedqa",
        task_version="1.0",
        data="bigbio/pubmed_qa, pubmed_qa_labeled_fold0_source",
        split="test",
        row=RawRow(
            question="QUESTION", answer="final_decision", base="word", contexts=("CONTEXTS",)
        ),
        words=("yes", "no", "maybe"),
        context="lines",
        query=Template("Abstract: {context}\nQuestion: {question}\nAnswer:"),
        gold="word",
        scored="choices",
        assembly=_SCORED,
        read=read_word,
        quirks=(
            "The repository is a script, which datasets 4 and later refuse to run.",
            _UNIFORM_SHOTS,
            _CHAT_DEFAULT,
        ),
    ),
)
