"""Lines that consist of the marker of an option, or begin with one."""

from __future__ import annotations

import re

from medqa_kit.evaluation.answers import cues
from medqa_kit.evaluation.answers.joints import goes_on
from medqa_kit.evaluation.answers.option_marks import OptionMarks

BESIDE = re.compile(r"[\s(\[).:,។\]}\-–]*+번?(?:인(?=\s))?[\s(\[).:,។\]}\-–]*+")
ALONE = re.compile(cues.CLOSING_MARKS + cues.TAIL + cues.CLOSING_MARKS)
_LEAD = re.compile(
    r"(?>(?:[-•·▶►→➜➡👉✅☑✔>∴☞]\s*+|(?:음|아|어|흠|글쎄요?|hmm+|u[hm]+|well|ok|okay)[\s.,…!~]++|(?:la|el|es|opción|respuesta|alternativa)\s(?=\S{1,3}[^\S\n]*+(?:\n|$))|(?:문(?:제|항)?\s?[0-9]{1,3}\s?[.)번:]\s*+(?=[1-9][^\S\n]*+(?:\n|$))|(?:문(?:제|항)?\s?[0-9]{1,3}|[0-9]{2,3})\s?[.)번]\s*+(?:정답\s|답\s)?(?=[①-⑳]|[1-9]번[^\S\n]*+(?:\n|$)))|\bnumber\s(?=[0-9])|\b(?:assistant|model|ai)\s?:\s*+|\bno\.\s?(?=[0-9])|(?:លេខ|ទី)\s?(?=[0-9]))?)(?>(?:(?:(?:most\s+)?(?:probably|likely)|definitely|clearly|obviously|certainly|surely|아마도?|당연히)\s+)?)(?>(?:the\s+(?=\S+\s(?:option|choice|one)))?)"
    r"(?>(?:(?:option|choice|letter|보기|선택지|선지|ជម្រើស|ចម្លើយ)(?!\s(?:one|two|three|four|five)\b)(?:\s*+ទី|\s*+번호)?)?)\s*+",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"\s?[(\[]\s?(?=[^\s()\[\]]{1,2}[)\]])")
_LED = re.compile(r"번?\s?[.)\]:]|(?<=[①-⑳])\s")
# What begins an item of a list in one line, and how many a reply may have that is none.
_ITEM, _ITEMS = (
    re.compile(r"(?:(?<=[.;,]\s)|^)[(]?[A-Z1-9①-⑳][).:]\s|(?<!\S)[(]?(?:[A-Z1-9]\)|[①-⑳])\s"),
    2,
)
# "Option D — the ECG shows ST elevation."
_LINE = re.compile(r"[^\n]+")
# "①번은 위염, ②번은 …": what an option is, without a word on whether it is right.
_TOPIC = re.compile(
    r"\s?번?\s?[은는]\s(?![^\n]*(?:답|옳|맞|적절|적합|타당|틀|아니|아닙|잘못|거짓|가장|해당|선택))"
)
# "A, B는 …": a list is what the sentence is about.
_LISTED_TOPIC = re.compile(r"(?:번?\s?(?:,|·|와|과|및)\s?[A-Z1-9①-⑳]번?)+[은는]\s")
# "①은 맞고 ②는 맞고 …": more than one is said to be right.
_ALSO_RIGHT = re.compile(
    r"\s?번?\s?[은는이가도]\s(?:맞|옳)(?:고|으며)[^\n]{0,200}?[A-Z1-9①-⑳]번?\s?[은는이가도]\s(?:맞|옳)"
)
_OPTION = re.compile(r"(?:option|choice)\s", re.IGNORECASE)
_DASHED = re.compile(r"(?:option\s|choice\s)?(?P<marker>[A-Z])\s*+[–—]\s", re.IGNORECASE)


def marker_alone(line: re.Match[str], marks: OptionMarks) -> re.Match[str] | None:
    """Return the marker that a line is nothing but.

    Args:
        line: The line.
        marks: The markers of the options.
    """
    begin = _opened(line, line.start())
    if lead := _LEAD.match(line.string, begin, line.end()):
        begin = _opened(line, lead.end())
    marker = marks.marker.match(line.string, begin)
    if marker is None or marker.end() > line.end():
        return None
    rest = line.string[marker.end() : line.end()].split()
    if ALONE.fullmatch(line.string, marker.end(), line.end()) or set(rest) == {marker.group()}:
        return marker  # once, or over and over: "C C C"
    if (bracket := _BRACKET.match(line.string, marker.end())) is not None:  # "B (②)"
        again = marks.marker.match(line.string, bracket.end(), line.end())
        if again and marks.index(again) == marks.index(marker) is not None:
            ends = ALONE.fullmatch(line.string, again.end(), line.end())
            return marker if ends else None
    return marker if goes_on(line.string, marker, marks) else None


def leading_marker(
    line: re.Match[str], marks: OptionMarks, *, single: bool
) -> re.Match[str] | None:
    """Return the marker that a line begins with, where it names an option.

    Args:
        line: The line.
        marks: The markers of the options.
        single: Whether the reply has no other line.
    """
    begin = _opened(line, line.start())
    if single and len(_ITEM.findall(line.group())) > _ITEMS:  # "A: live. B: live. C: not live."
        return None
    if tick := cues.TICK.match(line.string, begin, line.end()):
        begin = _opened(line, tick.end())
    if single and (dashed := _DASHED.match(line.string, begin, line.end())):
        wrong = cues.CALLED_WRONG.search(line.string, dashed.end(), line.end())
        return None if wrong else marks.marker.match(line.string, dashed.start("marker"))
    marker = marks.marker.match(line.string, begin)
    if single and (word := _OPTION.match(line.string, begin, line.end())):
        return _named_option(line, word.end(), marks)
    if marker is None:
        return None
    if marker.lastgroup == "digit" and not cues.COUNTED.match(
        line.string, marker.end(), line.end()
    ):
        beside = BESIDE.match(line.string, marker.end()).end()  # type: ignore[union-attr]
        spoken = marks.text_at(line.string, beside)
        named = single and spoken and marks.index(marker) in spoken[0]
        return marker if named else None
    rest = line.string[marker.end() : line.end()]
    if any(said.match(rest) for said in (_TOPIC, _LISTED_TOPIC, _ALSO_RIGHT)):
        return None
    if marker.lastgroup == "circled" or re.match(
        r"\s*번?\s*[.):,\]]|\s?번?(?:입니다|이다|이에요|예요)[.!]\s|\s(?:because|since|rather\s+than|instead\s+of)\b|\s*+(?:ព្រោះ|ដោយសារ|왜냐하면)|\s\((?:not\b|[0-9]{1,3}\s?%\)\s*+$)",
        rest,
    ):
        return marker
    beside = BESIDE.match(line.string, marker.end()).end()  # type: ignore[union-attr]
    spoken = marks.text_at(line.string, beside)
    return marker if spoken is not None else None


def _named_option(line: re.Match[str], place: int, marks: OptionMarks) -> re.Match[str] | None:
    """Return the marker at a place, where the words of its option follow: "Option D: Tuberculosis"."""
    marker = marks.marker.match(line.string, place)
    if marker is None:
        return None
    beside = BESIDE.match(line.string, marker.end()).end()  # type: ignore[union-attr]
    spoken = marks.text_at(line.string, beside)
    return marker if spoken and marks.index(marker) in spoken[0] else None


def runs_into_next_item(text: str, cue: re.Match[str], marks: OptionMarks) -> bool:
    r"""Check whether words at the end of an option's line run on into the next: "② safe → 정답\n③ …".

    Args:
        text: The folded reply.
        cue: The words, with the blanks behind them.
        marks: The markers of the options.
    """
    begin = cue.end() - len(cue.group().lstrip()) if "\n" in cue.group() else cue.end()
    if "\n" not in text[begin : cue.end()]:
        return False
    line = _LINE.match(text, text.rfind("\n", 0, begin) + 1)
    led = marks.marker.match(text, _opened(line, line.start())) if line else None
    return led is not None and led.end() < begin and _LED.match(text, led.end()) is not None


def _opened(line: re.Match[str], place: int) -> int:
    """Return where the words of a line begin behind brackets and quotation marks."""
    return cues.OPENING.match(line.string, place, line.end()).end()  # type: ignore[union-attr]
