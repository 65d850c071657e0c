"""The format of a harness as a value that states every rule and every quirk.

A released format is never edited: another version of a harness gets another name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.prompting.template import Template

ChatMode = Literal["multiturn", "single_user_turn"]
LabelBase = Literal[0, 1, "letter", "text", "word"]
Step = Literal["strip", "strip_newlines", "drop_answer_heading", "rstrip_quotes"]
ContextForm = Literal["lines", "blanks", "repr", "labelled"]
Gold = Literal["letter", "bracketed", "word", "option"]

LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer that a harness reads in a completion.

    Args:
        value: The result of upstream's code: a letter, a word, a normalised text, or its mark for
            "nothing found"; ``None`` where it is ``None``.
        index: The option that this value scores as right, from 0; ``None`` where it scores none.
        start: Place in the completion where the value begins; -1 where it has no place.
        end: Place where it ends.
    """

    value: str | None
    index: int | None
    start: int = -1
    end: int = -1


ReplyReader = Callable[[str, Sequence[str]], Verdict]
"""A function that reads a completion; its second argument are the texts of the options, or blanks for them."""


@dataclass(frozen=True, kw_only=True)
class RawRow:
    """The columns of the harness's own data from which a prompt is made.

    Args:
        question: Column of the question.
        options: Columns, one per option; or one column that holds a list, a list of objects with
            the text under ``option_key``, or an object from letter to text.
        option_key: See ``options``.
        answer: Column of the answer.
        base: The kind of answer: counted from 0 or 1, a letter, the option's text (in a list), or
            a word.
        answer_read: Steps that the harness applies to the answer before it reads it.
        contexts: Path to the list of context texts.
        labels: Path to the list of their headings.
    """

    question: str
    options: tuple[str, ...] | str = ()
    option_key: str = ""
    answer: str
    base: LabelBase
    answer_read: Literal["as it is", "lower", "int"] = "as it is"
    contexts: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Assembly:
    r"""How instruction, shots and question become one text or a list of messages.

    Args:
        head: Text at the beginning, in plain text.
        shots_head: Text after the head, where there are shots.
        cue: Text between the question and the answer of a shot.
        gap: Text after each shot.
        shot_steps: Steps applied to the answer of a shot in plain text.
        chat_head: Text before the first user message, joined to it.
        delimiter: Text before the target and before each choice, in plain text.
        chat_delimiter: The same in chat, also before the assistant's message of a shot.
        joint: Text between the prompt and a completion to train on, in plain text.
        modes: The chat modes of this harness; ``None`` is plain text.
        takes_shots: Whether the harness can show examples.
        answer_in_user: Whether, in multi-turn chat, a shot is one user message that holds the answer, too,
            without an assistant message.
    """

    head: str = ""
    shots_head: str = ""
    cue: str = " "
    gap: str = "\n\n"
    shot_steps: tuple[Step, ...] = ()
    chat_head: str = ""
    delimiter: str = ""
    chat_delimiter: str = ""
    joint: str = " "
    modes: tuple[ChatMode | None, ...] = (None,)
    takes_shots: bool = True
    answer_in_user: bool = False


@dataclass(frozen=True, kw_only=True, repr=False)
class HarnessFormat(Shown):
    """One task of one harness in one version.

    Args:
        name: ``harness/task@version``.
        harness: Name and version of the software that makes these prompts.
        task: Name of the task in the software.
        task_version: Version that the task reports, if it reports one.
        data: The data set that the task reads.
        split: The split that it scores.
        row: The columns of that data.
        options: How many options a row must have; ``None`` for any number.
        words: For yes/no/maybe tasks: the answers, in the order of the letters.
        question_steps: Steps that the harness applies to the question.
        option_steps: Steps that it applies to each option.
        context: How it writes the contexts, where it has them.
        query: The template of one question.
        line: The template of one option.
        gold: The kind of target that it scores against.
        scored: Whether it compares generated text, or the likelihoods of given choices.
        first_equal: Whether gold is the first option with the right text rather than the right place.
        assembly: How the parts become a prompt.
        trained: The completion to train on, in the form that its reader reads, with ``{gold}``.
        stop: Strings that end the generation.
        max_tokens: Limit of the generation, where it sets one.
        read: Function that reads a completion, after the stop strings have cut it.
        quirks: Sentences about behaviour that may surprise.

    Example:
        >>> from medqa_kit.evaluation.formats import find_format
        >>> format_ = find_format("lm_eval/kormedmcqa@3.0")
        >>> format_.options, format_.scored, format_.cut("A. because")
        (5, 'generate', 'A')
    """

    name: str
    harness: str
    task: str
    task_version: str | None = None
    data: str
    split: str
    row: RawRow
    options: int | None = None
    words: tuple[str, ...] = ()
    question_steps: tuple[Step, ...] = ()
    option_steps: tuple[Step, ...] = ()
    context: ContextForm | None = None
    query: Template
    line: str = "{marker}. {option}"
    gold: Gold = "letter"
    scored: Literal["generate", "choices"] = "generate"
    first_equal: bool = False
    assembly: Assembly
    trained: str = "{gold}"
    stop: tuple[str, ...] = ()
    max_tokens: int | None = None
    read: ReplyReader
    quirks: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The normalised columns from which the prompt is made."""
        answers = ("answer",) if self.words else ("options", "answer_index")
        contexts = ("contexts",) if self.context else ()
        labels = ("labels",) if self.context == "labelled" else ()
        return ("id", "question", *answers, *contexts, *labels)

    def _blocks(self) -> Iterator[Block]:
        yield f"{self.name}, as {self.harness} sends it"
        yield [("what", "value"), *self._facts()]
        yield from (f"note: {quirk}" for quirk in self.quirks)

    def _facts(self) -> Iterator[tuple[str, str]]:
        yield "task", self.task
        yield "data", f"{self.data}, split {self.split}"
        yield "options", ", ".join(self.words) or str(self.options or "any number")
        yield "question", repr(self.query.text)
        yield "an option", repr(self.line)
        yield "gold", f"{self.gold}; the data says {self.row.base!r}"
        yield "scored by", "likelihood" if self.scored == "choices" else "reply"
        yield "stops at", ", ".join(map(repr, self.stop)) or "nothing"
        yield "chat modes", ", ".join(mode for mode in self.assembly.modes if mode) or "none"
        yield "takes shots", "yes" if self.assembly.takes_shots else "no"

    def cut(self, completion: str) -> str:
        """Cut a completion where the first stop string begins."""
        for stop in self.stop:
            completion = completion.split(stop)[0]
        return completion
