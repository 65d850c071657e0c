"""After a stated answer, the reply turns to another one: "The answer is B. No, C."."""

from __future__ import annotations

import re

from medqa_kit.evaluation.answers import cues
from medqa_kit.evaluation.answers.doubts import is_doubted
from medqa_kit.evaluation.answers.joints import goes_on
from medqa_kit.evaluation.answers.option_lines import marker_alone
from medqa_kit.evaluation.answers.option_marks import OptionMarks
from medqa_kit.evaluation.answers.readings import Statement

# Before a marker: the turn.
_TURN_BEFORE = re.compile(
    r"(?:\b(?:it's|it\s+is|that's|make\s+(?:that|it)|rather|no|nope|i'd\s+say|i\s+mean|go\s+with|hmm|oh|instead|better|change(?:d|\s+it)?\s+to)"
    r"|(?<![가-힣])(?:아니|아니라|아|앗|음|취소|정정|수정|농담이고|아니다)|(?:ទេ|គឺ(?:ជា)?|កែ\S{0,12}))[\s,.:;!…៖–-]*+$",
    re.IGNORECASE,
)
# After it: an ending that states it, or that changes the answer to it.
_TURN_AFTER = re.compile(
    r"\s*+번?\s*+(?:(?:입니다|이다|이에요|예요|이네요|네요|이었네요|임|다)(?![가-힣])|(?P<changed>(?:으로|로)\s*+(?:변경|수정|정정|바꾸|바꿉|바꿀|고치|고칩|고칠|하겠|할게))"
    r"|(?:이|가)\s*+(?:더\s*+)?(?:맞|옳|정답|낫|적절))"
    r"|\s+(?:is|was)\s+(?:better|more\s+(?:likely|appropriate)|a\s+better)\b",
    re.IGNORECASE,
)
_OTHERWISE = re.compile(r"(?:\b(?:and|but|or)\s|និង|ឬ)\s*+$", re.IGNORECASE)
_ELSEWHERE = re.compile(r"[,;(]\s*+$")
_WHERE = re.compile(
    r"\s+(?:(?:in|for|if|when)\b|សម្រាប់|ចំពោះ)", re.IGNORECASE
)  # "B in adults and C in children"
_CONDITION = re.compile(
    r"\b(?:if|unless|when|in\s+case\s+of)\b[^.!?;\n]{0,40},\s*+$|\b(?:but|while|whereas)\s+(?:for|in)\s[^.,!?;\n]{1,40},?\s*+$|(?:라면|[이하되]면|경우(?:에는|엔|에)?|에서는|에게는)\s*+,?\s*+$",
    re.IGNORECASE,
)  # "If allergic, D."
_ALONE = re.compile(r"\s*+[.!。។]?\s*+$")
_LAST = re.compile(r"\s*+[)\]]?\s*+[.!。។]?\s*+$")
_CLAUSE = re.compile(r"[.!?。។\n;,:]")
_LINE = re.compile(r"[^\n]+")
_PARAGRAPH = re.compile(r"(?<=\n\n)[^\n]+(?=\n[^\S\n]*+\n|\s*+$)")
_LAST_WORDS = re.compile(r"[^\n:]+")  # of a line, or behind its last colon
_AFTER_STOP = re.compile(r"[.!?…,;。។][\s(]*+$")


def turns_to_another(text: str, end: int, index: int, marks: OptionMarks) -> bool:
    """Check whether behind a stated answer another option is named as the answer.

    What explains the others ("A is wrong", "B: no fever", "the distractor is C") is no turn.

    Args:
        text: The folded reply.
        end: Where the statement ends.
        index: The option it names.
        marks: The markers of the options.

    Example:
        >>> marks = OptionMarks(5, (), ())
        >>> turns_to_another("The answer is B. No, C.", 15, 1, marks)
        True
        >>> turns_to_another("The answer is B. A is wrong.", 15, 1, marks)
        False
    """
    for marker in marks.marker.finditer(text, end):
        if marks.index(marker) in (None, index) or text[marker.start() - 1].isalnum():
            continue
        before = text[max(end, marker.start() - 60) : marker.start()]
        after = _TURN_AFTER.match(text, marker.end())
        if after and after["changed"]:
            return True
        stated = (
            after
            or (_OTHERWISE.search(before) and _WHERE.match(text, marker.end()))
            or (
                _ELSEWHERE.search(before)
                and _WHERE.match(text, marker.end())
                and _WHERE.match(text, end)
            )
            or (_ALONE.match(text, marker.end()) and _AFTER_STOP.search(before))
            or (
                _TURN_BEFORE.search(before)
                and _CLAUSE.match(text[marker.end() : marker.end() + 12].lstrip() or ".")
            )
        )
        if stated and not _denied(text, end, marker):
            return True
        if _LAST.match(text, marker.end()) and _CONDITION.search(before):
            return True
    return False


def says_otherwise(text: str, start: int, last: Statement, marks: OptionMarks) -> bool:
    """Check whether another line is another marker than what was stated last: a first line, a later paragraph, the last line, or what stands behind its last colon.

    A first line does not count where what was stated is final, or corrects what was said before.

    Args:
        text: The folded reply.
        start: Where the answer begins.
        last: What was stated last.
        marks: The markers of the options.
    """
    first = next((line for line in _LINE.finditer(text, start) if line.group().strip()), None)
    if first and first.end() < last.start and not (last.final or last.revised):
        alone = marker_alone(first, marks)
        if alone is not None and marks.index(alone) not in (None, last.index):
            return True  # the answer, behind which the reply runs on into something else
    for paragraph in _PARAGRAPH.finditer(text, last.end):
        alone = marker_alone(paragraph, marks)
        if alone is not None and marks.index(alone) != last.index:
            return True
    *_, line = _LINE.finditer(text, start)
    alone = marker_alone(line, marks) if line.start() > last.end else None
    if alone is not None and marks.index(alone) != last.index:
        return True
    *_, words = _LAST_WORDS.finditer(text, start)
    behind = words.start() > max(last.end, line.start())
    alone = marker_alone(words, marks) if behind else None
    if alone is None or cues.CALLED_WRONG.search(text, line.start(), words.start()):
        return False
    index = marks.index(alone)
    return index not in (None, last.index) and not goes_on(text, alone, marks)


def _denied(text: str, end: int, marker: re.Match[str]) -> bool:
    line = max(end, text.rfind("\n", end, marker.start()) + 1)
    if cues.CALLED_WRONG.search(text, line, marker.start()):
        return True
    return is_doubted(text, marker.start(), marker.start(), marker.end(), marker.end())
