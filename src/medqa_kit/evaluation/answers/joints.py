"""Answers that are joined to another one, so that a reply names several: "B와 C", "B, C", "angina or asthma"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from medqa_kit.evaluation.answers import cues
from medqa_kit.evaluation.answers.option_marks import OptionMarks, is_bounded, is_khmer
from medqa_kit.quality.reasoning import lowered

_SUBJECT = re.compile(r"\s*+(?:번?\s*+(?:은|는)|(?:is|are)\b)")
_WORDS = re.compile(r"\s[a-z]{2}")
_NEXT = re.compile(r"[)\]]?[^\S\n]++[(\[]?|[)\]][(\[]")
_LINE_ENDS = re.compile(r"[)\]]?[.!]?[^\S\n]*+(?:\n|$)|[)\]][(\[]")
_SHARE = re.compile(r"[\s:=–-]*+[(\[]?[0-9]{1,3}(?>(?:\.[0-9]{1,3})?)\s?%[)\]]?")
_JOINED = re.compile(r"(?<![A-Za-z])[A-Z1-9①-⑳]번?\s?(?:[,·/&]|\band\b|와|과|및)\s?$")
_LED = re.compile(r"[.):\]]?[^\S\n]*+")
_BRACKETED = re.compile(
    r"[(\[](?:(?:option|choice|answer|보기|선지|선택지|ជម្រើស)\s?)?$", re.IGNORECASE
)
_BLANK = re.compile(r"[^\S\n]*+[(]?")


def goes_on(text: str, marker: re.Match[str], marks: OptionMarks) -> bool:
    """Check whether another marker is joined to this one: "B와 C", "B, C"."""
    share = _SHARE.match(text, marker.end())  # "A (30%), B (70%)"
    joint = cues.AND.match(text, share.end() if share else marker.end())
    if joint is None and marker.lastgroup == "circled":
        joint = _BLANK.match(text, marker.end())  # "①②", "① (②)"
    if joint is None and (last := _NEXT.match(text, marker.end())):  # "(B)(C)", and no more
        own = marks.text_at(text, last.end())  # "(C) A", where that is the text of C
        own_words = own is not None and marks.index(marker) in own[0]
        joint = last if not own_words and _followed_alone(text, last.end(), marks) else None
    other = marks.marker.match(text, joint.end()) if joint else None
    if other is None or other.lastgroup != marker.lastgroup:
        return False
    if marks.index(other) == marks.index(marker):
        return False
    # "B, I think"
    if marks.index(other) is None and other.group() == "I" and _WORDS.match(text, other.end()):
        return False
    return not _SUBJECT.match(text, other.end())


def _followed_alone(text: str, place: int, marks: OptionMarks) -> bool:
    """Check whether a marker stands at a place, and nothing behind it on its line."""
    other = marks.marker.match(text, place)
    return other is not None and _LINE_ENDS.match(text, other.end()) is not None


def is_joined(text: str, end: int, indexes: Sequence[int | None], marks: OptionMarks) -> bool:
    """Check whether another option is joined to the words of one: "angina or asthma"."""
    joint = cues.AND.match(text, end)
    if joint is None:
        return _lists_another(text, end, indexes, marks)
    marker = marks.marker.match(text, joint.end())
    other = marks.text_at(text, joint.end())
    place = other[1] if other else marker.end() if marker else None
    if place is None or _SUBJECT.match(text, place):
        return False
    named = set(other[0]) if other else {marks.index(marker)}  # type: ignore[arg-type]
    return not named & set(indexes)


def _lists_another(text: str, end: int, indexes: Sequence[int | None], marks: OptionMarks) -> bool:
    """Check whether the next option stands behind the words of one: "A) angina B) asthma"."""
    marker = marks.marker.match(text, _BLANK.match(text, end).end())  # type: ignore[union-attr]
    if marker is None or marks.index(marker) in indexes:
        return False
    words = marks.text_at(text, _LED.match(text, marker.end()).end())  # type: ignore[union-attr]
    return words is not None and marks.index(marker) in words[0]


def is_joined_before(text: str, start: int, marker: re.Match[str]) -> bool:
    """Check whether a marker is the last of several: "2, 3번", "A and C"."""
    return _JOINED.search(text, max(start, marker.start() - 6), marker.start()) is not None


def is_within_words(text: str, marker: re.Match[str]) -> bool:
    """Check whether a marker is part of a word or of a name, as "B" of "hepatitis B"."""
    before = text[max(0, marker.start() - 16) : marker.start()]
    if before[-1:].isalnum() or (
        is_khmer(before[-1:]) and not before.endswith(cues.NUMBERED_BEFORE)
    ):
        return True
    return cues.NAME_BEFORE.search(before) is not None


def is_end_of_word(text: str, marker: re.Match[str]) -> bool:
    """Check whether a marker is the end of a word, as "n" of "common"."""
    before = text[max(0, marker.start() - 1) : marker.start()]
    return before.isascii() and before.isalnum()


def is_behind_another(text: str, marker: re.Match[str], marks: OptionMarks) -> bool:
    """Check whether a marker stands in brackets behind the words of another option: "Angina (C)".

    Example:
        >>> marks, said = OptionMarks(2, ["Angina", "Asthma"], ()), "Angina (B) is right"
        >>> is_behind_another(said, marks.marker.search(said, 7), marks)
        True
    """
    bracket = _BRACKETED.search(text, max(0, marker.start() - 12), marker.start())
    if bracket is None:
        return False
    begin = bracket.start()
    end = begin - len(text[:begin]) + len(text[:begin].rstrip())
    index = marks.index(marker)
    for option, place in marks.texts:  # the longest first
        start = end - len(option)
        if start >= 0 and lowered(text[start:end]) == option and is_bounded(text, start, end):
            return place != index and (option, index) not in marks.texts
    return False
