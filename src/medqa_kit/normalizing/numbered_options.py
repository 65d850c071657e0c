r"""Options inside the text of a question, each on a line of its own: ``1) …``, ``2) …``.

Only line starts count: a number and a parenthesis inside a stem is text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_OPTION = re.compile(r"^[ \t]*([1-9])\)[ \t]?", re.MULTILINE)


class NumberedQuestion(NamedTuple):
    """What one question holds.

    Attributes:
        stem: The question without its options.
        options: In order, verbatim save for the line break that ends each; empty if there are none.
    """

    stem: str
    options: list[str]


class NumberedAnswer(NamedTuple):
    """What one answer says.

    Attributes:
        option: Position of the option, from 0; ``None`` without a number.
        rest: What follows the option's text: an explanation; ``None`` if nothing does.
    """

    option: int | None
    rest: str | None


def numbered_question(question: str) -> NumberedQuestion:
    r"""Split a question into stem and options.

    The options are the last run of lines numbered 1, 2, 3, … to the end of the text. Lines
    without a number belong to the option before them.

    Example:
        >>> numbered_question("pH 7) 은?\n1) 산성\n2) 중성 ")
        NumberedQuestion(stem='pH 7) 은?', options=['산성', '중성 '])
    """
    marks = _run(list(_OPTION.finditer(question)))
    if not marks:
        return NumberedQuestion(question, [])
    ends = [mark.start() - 1 for mark in marks[1:]] + [len(question)]
    options = [question[m.end() : end] for m, end in zip(marks, ends, strict=True)]
    return NumberedQuestion(question[: marks[0].start()].removesuffix("\n"), options)


def _run(marks: list[re.Match[str]]) -> list[re.Match[str]]:
    """Keep the marks from the last 1 on, if they count up without a gap and there are two."""
    ones = [at for at, mark in enumerate(marks) if mark[1] == "1"]
    last = marks[ones[-1] :] if ones else []
    counted = [int(mark[1]) for mark in last] == list(range(1, len(last) + 1))
    return last if counted and len(last) > 1 else []


def numbered_answer(answer: str, options: list[str]) -> NumberedAnswer:
    r"""Read the number an answer begins with, and what it says beyond that option.

    Example:
        >>> numbered_answer("2) 중성 물은 중성이다.", ["산성", "중성 "])
        NumberedAnswer(option=1, rest='물은 중성이다.')
    """
    mark = _OPTION.match(answer)
    if mark is None:
        return NumberedAnswer(None, answer)
    index, said = int(mark[1]) - 1, answer[mark.end() :]
    option = options[index].strip() if index < len(options) else ""
    return NumberedAnswer(index, _beyond(said.strip(), option) or None)


def _beyond(said: str, option: str) -> str:
    """Return what is said beyond an option; all of it where another word only begins like it."""
    rest = said.removeprefix(option)
    return said if rest[:1].isalnum() else rest.strip()
