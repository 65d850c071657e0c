"""The tasks for a model: the rows that it makes, and the rules that its reply must keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from medqa_kit.quality.numbers.comparing import NUMBER_CODES, NumberCode

TaskName = Literal[
    "translation", "paraphrase", "reasoning_summary", "explanation", "grounded_questions"
]
"""What can be asked for."""

_ADDED: tuple[NumberCode, ...] = tuple(code for code in NUMBER_CODES if code != "number_lost")
_COMMON = (
    "Keep every number, dose, unit, drug name and abbreviation exactly as it is. Do not add facts. "
    "Reply with one JSON object and nothing else."
)


@dataclass(frozen=True)
class TaskRules:
    """One thing a model can be asked for.

    Attributes:
        about: What it does, in words.
        instruction: What the model is told; ``{language}`` is the name of the language of its reply.
        columns: The text columns it may rewrite, in the order in which they are sent.
        context: Columns that are sent so that the model understands, and come back unchanged.
        result: The column the reply fills; null where the reply has the columns that were sent.
        numbers: What counts as a changed figure between what was sent and the reply; none where a
            reply may say more than the row.
        shorter: Whether a reply must be shorter than what was sent.
    """

    about: str
    instruction: str
    columns: tuple[str, ...]
    context: tuple[str, ...] = ()
    result: str | None = None
    numbers: tuple[NumberCode, ...] = NUMBER_CODES
    shorter: bool = False

    @property
    def sums_up(self) -> bool:
        """Whether a reply may leave figures of what was sent out, and say others more than once."""
        return bool(self.numbers) and "number_lost" not in self.numbers


TASKS: Mapping[TaskName, TaskRules] = {
    "translation": TaskRules(
        "the same row in another language",
        "You translate medical text into {language}. Translate each value of the JSON object you are given. "
        "Keep the keys, and the number and order of the values of lists. " + _COMMON,
        ("question", "context", "options", "answer", "rationale", "text", "title"),
    ),
    "paraphrase": TaskRules(
        "the same question in other words",
        "You reword medical questions in {language}. Reword the question you are given so that its answer stays "
        "the same, as a person with the same problem could ask it. Reply with the key question. "
        + _COMMON,
        ("question",),
        context=("options", "answer"),
    ),
    "reasoning_summary": TaskRules(
        "a short form of the chain of thought",
        "You shorten medical reasoning. Write in {language} the steps that lead from the question to the answer, "
        "without detours and without addressing anyone. Reply with the key rationale. " + _COMMON,
        ("rationale",),
        context=("question", "options", "answer"),
        numbers=_ADDED,
        shorter=True,
    ),
    "explanation": TaskRules(
        "why the answer is right",
        "You explain medical exam questions. Explain in {language} why the given answer is right and, where there "
        "are options, why the others are not. Do not change the answer. Reply with the key rationale. "
        + _COMMON.replace("Do not add facts. ", ""),
        (),
        context=("question", "context", "options", "answer"),
        result="rationale",
        numbers=(),
    ),
    "grounded_questions": TaskRules(
        "questions that a passage answers",
        "You write questions that the passage you are given answers, in {language}, and their answers from the "
        "passage alone. Reply with the key pairs: a list of objects with the keys question and answer. "
        + _COMMON,
        ("text",),
        context=("title",),
        result="pairs",
        numbers=_ADDED,
    ),
}
"""The rules of each task."""

REPLY_LANGUAGES: Mapping[str, str] = {"ko": "Korean", "km": "Khmer", "en": "English"}
"""Languages of replies, by tag, as the model is told."""
