"""Replies that are one option's words: alone, in another order, without its verb, or with a slip of the fingers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from medqa_kit.evaluation.answers import cues
from medqa_kit.evaluation.answers.option_lines import ALONE
from medqa_kit.evaluation.answers.option_marks import DOSE, OptionMarks
from medqa_kit.evaluation.answers.quantities import computed_option
from medqa_kit.evaluation.answers.readings import Extraction

_WORD = re.compile(r"[0-9]++(?>(?:[.,][0-9]++)*)%?|[a-z가-힣]++(?>(?:-[a-z가-힣]++)*)")
_SMALL = frozenset([
    "a", "an", "the", "of", "with", "and", "for", "to", "in", "on", "by", "is", "are", "be", "should", "would",
    "will", "must", "it", "its", "this", "that", "i", "we", "she", "he", "they", "patient", "patients", "you",
    "answer", "option", "choice", "now", "therefore", "thus", "so", "best", "next", "step", "recommend",
    "undergo", "receive", "get", "given", "at", "s", "la", "el", "es"
])  # fmt: skip
_VERBS = frozenset([
    "obtain", "order", "perform", "administer", "give", "start", "begin", "initiate", "prescribe", "do", "get",
    "use", "measure", "check", "request", "schedule", "recommend"
])  # fmt: skip
# What turns on the order, or says something else of the same words.
_ORDERED = re.compile(
    r"\b(?:before|after|then|followed|than|from|into|versus|vs|not|no|never|without|avoid|stop|if|unless|n't|or|instead|rather|except|least|discontinue|contraindicated|unlikely|wrong|incorrect)\b|n't\b|[?]"
    r"|않|아니|없|후\s|전\s|뒤|다음|이후|이전|금기|중단|틀|보다|또는|못"
)
_PARTICLE = re.compile(
    r"(?<=[가-힣]{2})(?:을|를|이|가|은|는|의|에|로|으로|입니다|이다|한다|합니다|하기|해야|하는)$"
)
_ENDING = re.compile(r"(?<=\w{3})(?:ing|ed|ly|es|s)$")
_STEMS = frozenset(_ENDING.sub("", verb) for verb in _VERBS)
_ARTICLE = re.compile(r"(?:the|an?|el|la|es\s+(?:el|la))\s+", re.IGNORECASE)
# Behind an option's words, in a reply of nothing else: a dose, or another name in brackets.
_ASIDE = re.compile(
    rf"{DOSE}(?=[.\s]*+$)|\s?[(](?![^()\n]*(?:오답|아니|아님|아닌|틀|제외|\b(?:not|wrong|incorrect|no)\b|[?×✗]|ខុស|មិន))[^()\n]{{2,40}}[)](?=(?:이요|입니다|이다|임|예요|이에요)?[.~\s]*+$)",
    re.IGNORECASE,
)
_BLANK = re.compile(r"\s+")
_LEAST = 4  # letters of options that are compared without their blanks
_SHORT, _LONG = 8, 200  # letters of a word that may have a slip, and of a reply that is looked at


def whole_option(text: str, start: int, marks: OptionMarks) -> Extraction | None:
    """Read a reply that is nothing but one option's words, with a dose or another name behind them.

    Args:
        text: The folded reply.
        start: Where the answer begins.
        marks: The words of the options.

    Example:
        >>> marks = OptionMarks(2, ["Aspirin", "Heparin"], ())
        >>> [whole_option(reply, 0, marks).index for reply in ("Heparin.", "Aspirin 325 mg daily")]
        [1, 0]
    """
    begin = cues.OPENING.match(text, start).end()  # type: ignore[union-attr]
    begin = article.end() if (article := _ARTICLE.match(text, begin)) else begin
    spoken = marks.text_at(text, begin)
    if spoken is not None and (more := _ASIDE.match(text, spoken[1])):
        spoken = spoken[0], more.end()
    if spoken is None or not spoken[0] or not ALONE.fullmatch(text, spoken[1]):
        return computed_option(text, start, marks)
    if len(spoken[0]) > 1:
        return Extraction(None, "several", (begin, spoken[1]))
    return Extraction(spoken[0][0], "option text", (begin, spoken[1]))


def reworded_option(text: str, start: int, options: Sequence[tuple[str, int]]) -> Extraction | None:
    """Read the one option whose words a short reply gives otherwise ordered, or with a slip in one of them.

    Words that make a sentence of it do not count; figures, negations and words of order keep their weight.

    Args:
        text: The folded reply in small letters.
        start: Where the answer begins.
        options: The folded texts with their options.

    Example:
        >>> options = [("start oral metformin", 0), ("perform laparotomy", 1)]
        >>> [reworded_option(reply, 0, options).index for reply in ("start metfromin orally", "laparotomy")]
        [0, 1]
        >>> reworded_option("do not start oral metformin", 0, options) is None
        True
    """
    said = text[start:].strip()
    if len(said) > _LONG or "\n" in said or _ORDERED.search(said):
        return None
    words = _words(said)
    if not words:
        return None
    bags = [(index, _words(option)) for option, index in options if not _ORDERED.search(option)]
    if len(bags) < len(options):  # an option that turns on its order may be what is meant
        return None
    blank = {
        index
        for option, index in options
        if _BLANK.sub("", option) == _BLANK.sub("", said).rstrip(".")
    }
    if len(blank) == 1 and len(said) > _LEAST:
        return Extraction(blank.pop(), "option text", (start, start + len(text[start:].rstrip())))
    for same in (_is_equal, _is_equal_but_for_verb, _is_slip):
        alike = {index for index, bag in bags if same(words, bag)}
        if len(alike) == 1:
            return Extraction(
                alike.pop(), "option text", (start, start + len(text[start:].rstrip()))
            )
        if alike:
            return None
    return None


def _words(text: str) -> list[str]:
    words = [_PARTICLE.sub("", word) for word in _WORD.findall(text)]
    return sorted(_ENDING.sub("", word) for word in words if word not in _SMALL)


def _is_equal(said: list[str], option: list[str]) -> bool:
    return len(option) > 1 and said == option


def _is_equal_but_for_verb(said: list[str], option: list[str]) -> bool:
    plain = [word for word in option if word not in _STEMS]
    return (
        len(plain) < len(option)
        and bool(plain)
        and [word for word in said if word not in _STEMS] == plain
    )


def _is_slip(said: list[str], option: list[str]) -> bool:
    """Check whether one long word has two letters exchanged, or a double letter written once."""
    if len(said) != len(option):
        return False
    there, here = list(option), []
    for word in said:
        if word in there:
            there.remove(word)
        else:
            here.append(word)
    return len(here) == len(there) == 1 and _is_slipped(here[0], there[0])


def _is_slipped(left: str, right: str) -> bool:
    if min(len(left), len(right)) < _SHORT or not (left + right).isascii():
        return False
    if len(left) == len(right):
        differ = [
            place for place, pair in enumerate(zip(left, right, strict=True)) if pair[0] != pair[1]
        ]
        return len(differ) == 2 and differ[1] == differ[0] + 1 and sorted(left) == sorted(right)
    return re.sub(r"(.)\1", r"\1", left) == re.sub(r"(.)\1", r"\1", right)
