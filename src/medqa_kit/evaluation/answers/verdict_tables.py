"""Tables that say of each option whether it is right: "A: X", "① 맞음", "| C | Yes |", "ខ: ខុស"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from medqa_kit.evaluation.answers.option_marks import OptionMarks

_VERDICT = re.compile(
    r"[\s|:៖.,)\]}\-–=→]*+번?[\s|:៖.,(\[{\-–=→은는이가도만]*+(?:(?P<yes>[Oo○⭕✓✔✅]|맞(?:음|다|습니다)|옳(?:음|다|습니다)|적절(?:함|하다|합니다)|정답|참|true|correct|yes|right|"
    r"(?:គឺ)?ត្រឹមត្រូវ|ត្រូវ)|(?P<no>[Xx×✕✗✘❌]|(?:옳|맞|적절하)지\s?않(?:음|다|습니다)|부적절(?:함)?|틀(?:림|리다|렸다|립니다|렸습니다)|오답|거짓|아님|false|incorrect|no|wrong|ខុស|មិនត្រឹមត្រូវ|មិនត្រូវ))"
    r"[\s|.,)\]}។\ufe0f]*+", re.IGNORECASE,
)  # fmt: skip
_PIECES = re.compile(r"[^\n,;/]+")
_SENTENCES = re.compile(r"[^\n.。។]+")
_BESIDE = re.compile(r"[\s.:)\]]*+")
_WORDS = re.compile(r"(?<![^\s,;])[^\s,;/()]{1,6}+(?:\([^\s()]{1,8}+\)|[^\S\n]?[✅❌✓✗✔✘⭕×○])")
_BOX = re.compile(r"(?:\[(?P<square>[xXvV✓✔√ ]?)\]|\((?P<round>[xXvV✓✔√ ]?)\))[^\S\n]*+")


class OptionVerdict(NamedTuple):
    """What a reply says of one option.

    Attributes:
        right: Whether it is right.
        span: Where its marker stands.
    """

    right: bool
    span: tuple[int, int]


def option_verdicts(text: str, start: int, marks: OptionMarks) -> dict[int, OptionVerdict]:
    r"""Return the verdict on each option for which a line, or a part of one, is nothing but a verdict.

    Args:
        text: The folded reply.
        start: Where the answer begins.
        marks: The markers of the options.

    Example:
        >>> option_verdicts("A: X\nB: O", 0, OptionMarks(2, (), ()))
        {0: OptionVerdict(right=False, span=(0, 1)), 1: OptionVerdict(right=True, span=(5, 6))}
    """
    verdicts: dict[int, OptionVerdict] = {}
    pieces = [piece.span() for piece in _PIECES.finditer(text, start)]
    pieces += [piece.span() for piece in _SENTENCES.finditer(text, start)]
    pieces += [word.span() for word in _WORDS.finditer(text, start)]  # "A(O) B(X) C(X)"
    for first, last in pieces:
        begin = last - len(text[first:last].lstrip(" |-([\"'"))
        marker = marks.marker.match(text, begin)
        if marker is None:
            continue
        index = marks.index(marker)
        words = marks.text_at(text, _BESIDE.match(text, marker.end()).end())  # type: ignore[union-attr]
        behind = words[1] if words and index in words[0] else marker.end()
        verdict = _VERDICT.fullmatch(text, behind, last)
        if verdict and index is not None:
            verdicts[index] = OptionVerdict(verdict["yes"] is not None, marker.span())
    return verdicts or _checked(text, start, marks)


def _checked(text: str, start: int, marks: OptionMarks) -> dict[int, OptionVerdict]:
    """Return the verdict of boxes before the options of which one is checked: "[ ] A [x] B"."""
    verdicts: dict[int, OptionVerdict] = {}
    for box in _BOX.finditer(text, start):
        marker = marks.marker.match(text, box.end())
        index = marks.index(marker) if marker else None
        if marker and index is not None:
            checked = bool((box["square"] or box["round"] or "").strip())
            verdicts[index] = OptionVerdict(checked, marker.span())
    return verdicts if sum(verdict.right for verdict in verdicts.values()) == 1 else {}


def whole_verdicts(
    text: str, start: int, marks: OptionMarks, *, counted: bool
) -> dict[int, OptionVerdict]:
    """Return the verdicts of :func:`option_verdicts` where there is one on each option, else none.

    Args:
        text: The folded reply.
        start: Where the answer begins.
        marks: The markers of the options.
        counted: Whether the question has just as many options as ``marks``.

    Example:
        >>> whole_verdicts("A: X, B: O", 0, OptionMarks(5, (), ()), counted=False)
        {}
    """
    verdicts = option_verdicts(text, start, marks)
    most = marks.count if counted else max(verdicts, default=0) + 1
    return verdicts if len(verdicts) >= max(3, most) else {}


def odd_verdict(verdicts: Mapping[int, OptionVerdict], *, wrong: bool | None) -> int | None:
    """Return the only option that is right, or, where the wrong one is asked for, the only wrong one.

    Args:
        verdicts: From :func:`option_verdicts`.
        wrong: What is asked for; ``None`` where it is not known: the one that differs from all others.

    Example:
        >>> odd_verdict({i: OptionVerdict(i != 2, (i, i + 1)) for i in range(4)}, wrong=True)
        2
    """
    for wanted in {None: (True, False), True: (False,), False: (True,)}[wrong]:
        alike = [index for index, verdict in verdicts.items() if verdict.right is wanted]
        if len(alike) == 1:
            return alike[0]
    return None
