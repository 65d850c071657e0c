"""The wording of a style of prompt: the templates of prompt, target and instructions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from medqa_kit.core.arguments import several
from medqa_kit.errors import ArgumentError
from medqa_kit.prompting.template import Template

PromptStyle = Literal[
    "choice",  # question and options -> the marker
    "choice-rationale",  # question and options -> answer, then why
    "choice-reasoning",  # question and options -> why, then the answer
    "open",  # question -> answer
    "open-rationale",  # question -> answer, then why
    "ner-tags",  # sentence -> one token and its tag a line
    "ner-spans",  # sentence -> a JSON list of entities
    "translate",  # text -> translation
    "translate-back",  # translation -> text
    "classify",  # text, or a pair -> label
    "dialogue",  # all turns but the last -> the assistant's last turn
]


@dataclass(frozen=True, kw_only=True)
class Wording:
    """How one style is worded in one language.

    Args:
        prompt: Template of the prompt, ending in the answer's cue where the answer follows it.
        target: Template of what the model should say.
        joint: What stands between prompt and target where they are one text (shots, string
            records). The prompt ends, and the target begins, without a blank.
        instructions: Ways to put the task, each a template; the first is the default and may be
            empty. ``prompt(variant=...)`` picks another, or one by the row's id.

    Raises:
        ArgumentError: A text is no template, or there is no instruction.
    """

    prompt: str
    target: str
    joint: str = " "
    instructions: tuple[str, ...] = ("",)

    def __post_init__(self) -> None:
        instructions = several("instructions", self.instructions)
        if not instructions:
            raise ArgumentError(
                "a style needs an instruction", argument="instructions", expected="one text or more",
                found="none", hint='("",) is a style without words of instruction',
            )  # fmt: skip
        object.__setattr__(self, "instructions", instructions)
        for template in (self.prompt, self.target, *instructions):
            Template(template)
