"""Reviews of all options of which one line says that it is the one: "B. Safe in pregnancy. Correct."."""

from __future__ import annotations

import re

from medqa_kit.evaluation.answers.option_marks import OptionMarks
from medqa_kit.evaluation.answers.readings import Extraction

_LINE = re.compile(r"[^\n]+")
_LED = re.compile(r"\s*+[.)\]:|–—-]")
_CIRCLED = re.compile(r"\s")
_BULLET = " \t|-•#>([{\"'"
_WORD = re.compile(r"(?:option|choice|보기|선택지|선지|ជម្រើស)\s*+", re.IGNORECASE)
_BEFORE = r"(?:[.:;,!–—→⇒(\[-]|=>|->|므로\s|때문에\s|[어아]서\s)\s*+(?:therefore\s+|so\s+|thus\s+|따라서\s+|그러므로\s+|ដូច្នេះ\s*+)?(?:this\s+is\s+|it\s+is\s+)?(?:the\s+)?"
_AFTER = r"(?:\s(?:answer|option|choice|one))?(?:입니다|이다|임)?[\s.!)\]✅✔]*+$"
# The end of a line that says so.
_RIGHT = re.compile(
    rf"{_BEFORE}(?:correct|right|best|true|fits\s+best|best\s+(?:fit|match|answer)|most\s+likely(?:\s+diagnosis)?|most\s+appropriate|정답|옳음|옳다|맞음|맞다|가장\s+적절(?:함|하다|합니다)?|(?:ចម្លើយ)?ត្រឹមត្រូវ){_AFTER}",
    re.IGNORECASE,
)
_WRONG = re.compile(
    rf"{_BEFORE}(?:incorrect|wrong|false|not\s+(?:true|correct)|오답|틀림|틀리다|틀린\s(?:설명|것|보기)|옳지\s않(?:음|다)|거짓|잘못된\s설명|ខុស|មិនត្រឹមត្រូវ){_AFTER}",
    re.IGNORECASE,
)
_ALSO = re.compile(
    r"(?<!not )(?<!not the )\b(?:correct|true)\b|정답|(?<![가-힣])(?:맞|옳)(?:다|음|습)",
    re.IGNORECASE,
)
_FEWEST = 3  # options


def reviewed_option(
    text: str, start: int, marks: OptionMarks, *, counted: bool, wrong: bool | None
) -> Extraction | None:
    r"""Read the one option whose line ends by saying that it is right, where each option has one line.

    Args:
        text: The folded reply.
        start: Where the answer begins.
        marks: The markers of the options.
        counted: Whether the question has just as many options as ``marks``.
        wrong: Whether the question asks for the option that does not hold; ``None`` where it is not known.

    Example:
        >>> marks = OptionMarks(3, (), ())
        >>> text = "A. Too late.\nB. Safe. Correct.\nC. Harmful."
        >>> reviewed_option(text, 0, marks, counted=True, wrong=False).index
        1
        >>> reviewed_option(text, 0, marks, counted=True, wrong=True)
    """
    right: dict[int, tuple[int, int]] = {}
    false: dict[int, tuple[int, int]] = {}
    places: list[int] = []
    for line in _LINE.finditer(text, start):
        begin = line.end() - len(line.group().lstrip(_BULLET))
        begin = word.end() if (word := _WORD.match(text, begin, line.end())) else begin
        marker = marks.marker.match(text, begin, line.end())
        index = marks.index(marker) if marker else None
        if marker is None or index is None:
            continue
        led = _LED.match(text, marker.end(), line.end()) or (
            marker.lastgroup == "circled" and _CIRCLED.match(text, marker.end(), line.end())
        )
        if not led:
            continue
        places.append(index)
        if _WRONG.search(text, marker.end(), line.end()):
            false[index] = marker.span()
        elif _RIGHT.search(text, marker.end(), line.end()):
            right[index] = marker.span()
        elif not wrong and _ALSO.search(text, marker.end(), line.end()):
            return None  # another one that is called right in other words
    most = marks.count if counted else max(places, default=-1) + 1
    if len(places) == 1 and "\n" not in text[start:].strip():
        most = 1  # one line about one option
    elif places != list(range(most)) or most < _FEWEST:
        return None
    chosen = false if wrong else right
    if len(chosen) != 1:
        return None
    ((index, span),) = chosen.items()
    return Extraction(index, "marker", span)
