"""Tables that say of each option whether it is right: "A: X", "① 맞음", "| C | Yes |", "ខ: ខុស"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from medqa_kit.evaluation.option_marks import OptionMarks

_VERDICT = re.compile(
    r"[\s|:៖.,)\]}\-–=→]*+번?[\s|:៖.,(\[{\-–=→은는이가]*+(?:(?P<yes>[Oo○⭕✓✔✅]|맞(?:음|다|습니다)|옳(?:음|다|습니다)|적절(?:함|하다|합니다)|정답|참|true|correct|yes|right|"
    r"(?:គឺ)?ត្រឹមត្រូវ|ត្រូវ)|(?P<no>[Xx×✕✗✘❌]|(?:옳|맞|적절하)지\s?않(?:음|다|습니다)|부적절(?:함)?|틀(?:림|리다|렸다|립니다|렸습니다)|오답|거짓|아님|false|incorrect|no|wrong|ខុស|មិនត្រឹមត្រូវ|មិនត្រូវ))"
    r"[\s|.,)\]}។\ufe0f]*+", re.IGNORECASE,
)  # fmt: skip
_PIECES = re.compile(r"[^\n,;/]+")
_WORDS = re.compile(r"(?<![^\s,;])[^\s,;/()]{1,6}+\([^\s()]{1,8}+\)")


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
    pieces += [word.span() for word in _WORDS.finditer(text, start)]  # "A(O) B(X) C(X)"
    for first, last in pieces:
        begin = last - len(text[first:last].lstrip(" |-([\"'"))
        marker = marks.marker.match(text, begin)
        verdict = _VERDICT.fullmatch(text, marker.end(), last) if marker else None
        index = marks.index(marker) if marker else None
        if marker and verdict and index is not None:
            verdicts[index] = OptionVerdict(verdict["yes"] is not None, marker.span())
    return verdicts


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
