"""Our own rule for reading an answer out of a reply, in Korean, Khmer and English.

It would rather read nothing than guess: several answers, a marker that disagrees with the text
beside it, a refusal or a bare letter in the middle of a sentence give no index, and say why. Of a
reply longer than 100,000 characters only the end is read. The order is: what the reply *states* ("정답은 ②번입니다", "answer is (C)", "ចម្លើយគឺ ខ"), else what it
*is* (a marker, a line that begins with one), else the one option whose words it repeats.

Data first: the words of each language are in the tables at the top.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Reason = Literal[
    "statement",  # the reply says that this is the answer
    "marker",  # the reply is, or begins with, or ends in the marker
    "option text",  # the reply repeats the words of one option
    "several",  # more than one answer, and nothing says which is final
    "conflict",  # the marker is one option's, the words beside it another's
    "out of range",  # a marker the question does not have
    "refusal",  # the reply says that it gives no answer
    "unfinished",  # the reasoning was cut off before an answer
    "empty",  # nothing but blanks
    "nothing",  # no answer found
    "harness",  # read by a harness's own rule
    "unread",  # a harness's own rule reads nothing
]


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was read.

    Args:
        index: The option, from 0; null where none was read.
        reason: How, or why not.
        span: Where in the reply, as ``(start, end)``; null where no place can be named.
        value: The text there, or what a harness's own rule yields.
    """

    index: int | None
    reason: Reason
    span: tuple[int, int] | None = None
    value: str | None = None


# One code point for one, so that places stay places: full-width ASCII, white and zero-width space,
# markup, other circled digits, Khmer digits.
_FOLD = {
    **{0xFF01 + i: 0x21 + i for i in range(94)},
    **{0x2474 + i: 0x2460 + i for i in range(20)},
    **{0x2776 + i: 0x2460 + i for i in range(10)},
    **{0x24B6 + i: 0x41 + i for i in range(26)},
    **{0x24D0 + i: 0x61 + i for i in range(26)},
    **{0x17E0 + i: 0x30 + i for i in range(10)},
    **dict.fromkeys(map(ord, "*`$#\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff"), ord(" ")),
}

_OPEN = r"[\s(\[{<\"'“‘「『《]*+"
_CLOSE = r"[\s)\]}>\"'”’」』》]*+"

# What stands before an answer. A final one outweighs those before it.
_BEFORE = (
    r"(?<![가-힣])(?:정답|답안|답변|해답|답)(?:\s*+(?:번호|보기|선택지|선지|기호))?\s*+(?:은|는|이|을|를)?"
    r"\s*+[:=>→\-–]*\s*+(?:바로|보기|선택지|선지)?\s*+",
    r"(?:옳은|맞는|적절한|올바른|알맞은)\s*+(?:것|보기|답|선택지|설명)\s*+(?:은|는)?\s*+:?\s*+",
    r"\b(?:answer|ans)\b(?:\s+(?:choice|option|letter))?\s*+(?:is|would be|should be|must be|:|=|→|-+>?)+"
    r"\s*+(?:therefore|clearly|most likely|probably)?,?\s*+(?:the\s+)?(?:option|choice|letter)?\s*+:?\s*+",
    r"\b(?:correct|best|right)\s+(?:choice|option|one|response)\s*+(?:is|would be|:|=)+\s*+"
    r"(?:the\s+)?(?:option|choice|letter)?\s*+:?\s*+",
    r"\b(?:choose|pick|select|chose|going with|go with)\s+(?:the\s+)?(?:option|choice|answer|letter)?\s*+",
    r"\\boxed\s*+\{\s*+(?:\\text\s*+\{)?\s*+",
    r"<answer>\s*+",
    r"(?:→|=>|->|⇒|(?:그러므로|따라서|고로|결론|therefore|thus|hence|ដូច្នេះ)\s*+,?)\s*+"
    r"(?=\S{1,3}\s*+[.!។]?\s*+$)",
    r"(?:아니라|아니고|아닌)\s*+,?\s*+",
    r"\bnot\s+\S{1,4}\s*+,?\s*+but\s+(?:rather\s+)?",
    r"(?:ចម្លើយ|ជម្រើស)\s*+(?:ដែល)?\s*+(?:ត្រឹមត្រូវ|ត្រូវ|ចុងក្រោយ|ល្អបំផុត|សមស្រប)*\s*+(?:បំផុត)?\s*+"
    r"(?:គឺជា|គឺ|ជា|:|៖|=)+\s*+(?:ជម្រើស|អក្សរ|លេខ|ចំណុច|ទី)*\s*+",
    r"(?:ចម្លើយ)\s+(?=[ក-អA-Z0-9①-⑳(])",
    r"(?:ជ្រើសរើស|ជ្រើស|រើស)\s*+(?:យក)?\s*+(?:ជម្រើស|ចម្លើយ|អក្សរ|លេខ|ចំណុច)*\s*+",
)

# What stands after an answer.
_AFTER = (
    r"\s*+번?\s*+(?:이|가)\s*+(?:가장\s*+)?(?:정답|답(?![가-힣]*지)|맞(?:다|는|습|아)|옳(?:다|은|습)|적절(?:하다|한|합)|올바)",
    r"\s*+번?\s*+(?:을|를|으로|로)?\s*+(?:선택|택)(?:합|한다|하겠|했)|\s*+번?\s*+(?:을|를|으로|로)?\s*+고(?:릅|르겠|른다|르면 된)",
    r"\s+(?:is|would be|seems)\s+(?:therefore\s+)?(?:the\s+)?(?:most\s+)?(?:single\s+)?"
    r"(?:correct|right|best|answer|appropriate|likely)\b",
    r"\s*+(?:គឺជា|គឺ|ជា)?\s*+(?:ចម្លើយ|ជម្រើស)?\s*+(?:ដែល)?\s*+(?:ត្រឹមត្រូវ)",
)

# After a marker: the answer is denied, not given.
_DENIED = re.compile(
    r"\s*+(?:번\s*+)?(?:이|가|은|는)?\s*+(?:정답|답|옳은 것)?(?:이|은|도)?\s*+"
    r"(?:아니|아닌|아님|아닙|틀|제외|오답|될 수 없|옳지|맞지|적절하지|잘못)"
    r"|\s*+(?:is|are|was)?\s*+(?:\bnot\b|n't|\bwrong\b|\bincorrect\b|\bfalse\b)"
    r"|\s*+(?:គឺ|ជា)?\s*+(?:មិន|ខុស)",
    re.IGNORECASE,
)
# Before a marker, in its own clause: the same.
_DENYING = re.compile(r"(?:\bnot|\bnever|\bneither|n't|មិនមែន(?:ជា)?|មិន)\s*+$", re.IGNORECASE)

# Before a marker: the letter belongs to a name, "hepatitis B", "비타민 C".
_NAMED = re.compile(
    r"(?:vitamins?|hepatitis|types?|groups?|influenza|stage|grade|class|factor|비타민|인플루엔자|그룹)\s$",
    re.IGNORECASE,
)
_FINAL = re.compile(r"최종|마지막|결론|\bfinal\b|\bin conclusion\b|ចុងក្រោយ|សរុប", re.IGNORECASE)
_REVISED = re.compile(
    r"다시|아니|정정|수정|따라서|그러므로|그래서|즉|\b(?:actually|wait|correction|therefore|thus|hence|"
    r"instead|rather|no|so|sorry|but)\b|ដូច្នេះ|តាមពិត|កែ",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    r"알 수 없|모르겠|모릅니다|(?:답|답변|판단|결정|대답|제공|선택)(?:을|를)?\s*+(?:드릴|할|내릴|해 드릴)\s*+수 없|죄송"
    r"|정답(?:이|은) 없|\b(?:sorry|cannot|can't|can not|unable|refuse|don't know|do not know|not sure)\b"
    r"|សូមទោស|សូមអភ័យទោស|មិនអាច|មិនដឹង|មិនប្រាកដ",
    re.IGNORECASE,
)
_AND = re.compile(
    rf"{_CLOSE}(?:번\s*+)?(?:,|/|&|\+|·|와|과|및|그리고|또는|혹은|이나|나\s|\band\b|\bor\b|និង|ឬ){_OPEN}"
)
_TAIL = r"\s*+번?\s*+(?:입니다|이다|이에요|예요|임|이요|요)?\s*+[.!。។]*\s*+"
_REASONED = re.compile(
    r".*(?:</think>|</thinking>|</reasoning>|◁/think▷|(?:^|\n)\s*+Final Response)",
    re.DOTALL | re.IGNORECASE,
)
_REASONING = re.compile(r"<think>|<thinking>|<reasoning>|◁think▷", re.IGNORECASE)

_LONGEST = 100_000  # characters read of a reply, from its end: answers to questions end sooner

_KHMER = "កខគឃងចឆជឈញដឋឌឍណតថទធនបផពភមយរលវសហឡអ"
_JAMO = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"
_ENDS = r"(?=\s*+(?:[.,:;!?)\]}>\"'”’」』។]|$|번|입니다|이다|이며|이고|임|예요|이에요|이요|이|가|을|를|와|과|으로))"
# A marker in a place where an answer is expected. Lower case and digits need a clean end: "the
# answer is a beta blocker" and "정답은 2시간" name no option.
_MARKER = (
    r"(?:(?P<upper>[A-Z])(?![A-Za-z0-9]|-[A-Za-z가-힣])"
    rf"|(?P<lower>[a-z])(?![A-Za-z0-9-]){_ENDS}"
    r"|(?P<circled>[①-⑳])"
    rf"|(?P<digit>[1-9][0-9]?)(?![0-9]|[.,][0-9]|\s*+%){_ENDS}"
    rf"|(?P<khmer>[{_KHMER}])(?![\u1780-\u17d3\u17dd])"
    r"{own})"
)


@dataclass(frozen=True, slots=True)
class _Found:
    """One answer found in the reply."""

    start: int
    end: int
    index: int | None  # null: a marker the question does not have
    kind: str = ""  # which alternative of the marker, or "text"
    final: bool = False
    revised: bool = False
    plural: bool = False
    conflict: bool = False


class Robust:
    """The rule for one question: its number of options, their texts, markers of its own.

    Args:
        count: How many options there are.
        options: Their texts, or none.
        labels: Markers of the prompt's own, such as ``ㄱ`` to ``ㅁ``.
    """

    def __init__(self, count: int, options: Sequence[str], labels: Sequence[str]) -> None:
        self.count = count
        self.labels = list(labels)
        own = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
        self.marker = re.compile(_MARKER.replace("{own}", f"|(?P<own>{own})" if own else ""))
        folded = [" ".join(_lower(_fold(_nfc(text))).split()) for text in options]
        self.texts = sorted(
            ((text, i) for i, text in enumerate(folded) if text), key=lambda t: -len(t[0])
        )

    def read(self, reply: str) -> Extraction:
        """Read a reply."""
        composed = _nfc(reply)
        text = _fold(composed).rstrip()
        start = 0
        if reasoned := _REASONED.match(text):
            start = reasoned.end()
        elif _REASONING.search(text):
            return Extraction(None, "unfinished")
        if not text[start:].strip():
            return Extraction(None, "empty")
        start = max(start, len(text) - _LONGEST)
        found = self._read(text, start)
        if found.span is None:
            return found
        if composed != reply:  # places in the composed text are not places in the reply
            return Extraction(found.index, found.reason, None, found.value)
        begin, end = found.span
        return Extraction(found.index, found.reason, found.span, reply[begin:end])

    def _read(self, text: str, start: int) -> Extraction:
        statements = self._statements(text, start)
        if statements:
            return self._settle(statements)
        for look in (self._bare, self._whole_text):
            found = look(text, start)
            if found is not None:
                return found
        if refusal := _REFUSAL.search(text, start):
            return Extraction(None, "refusal", refusal.span())
        return self._mentioned(text, start)

    # -- what the reply states -----------------------------------------------------------------

    def _statements(self, text: str, start: int) -> list[_Found]:
        found: dict[int, _Found] = {}
        for pattern in _BEFORE_COMPILED:
            for cue in pattern.finditer(text, start):
                at = _OPENED.match(text, cue.end()).end()  # type: ignore[union-attr]
                one = self._answer_at(text, at, cue.start())
                if one is not None:
                    found[one.start] = one
        for marker in self.marker.finditer(text, start):
            closed = _CLOSED.match(text, marker.end()).end()  # type: ignore[union-attr]
            if any(p.match(text, closed) or p.match(text, marker.end()) for p in _AFTER_COMPILED):
                before = text[max(0, marker.start() - 16) : marker.start()]
                if before[-1:].isalnum() or _is_khmer(before[-1:]) or _NAMED.search(before):
                    continue
                one = self._answer_at(text, marker.start(), marker.start())
                if one is not None:
                    found.setdefault(one.start, one)
        return sorted(found.values(), key=lambda one: one.start)

    def _answer_at(self, text: str, at: int, cue: int) -> _Found | None:
        """Give the answer that stands at a place, unless it is denied."""
        marker = self.marker.match(text, at)
        spoken = self._text_at(text, at)
        if spoken is not None and (marker is None or spoken[1] > marker.end()):
            indexes, end = spoken
            if _DENIED.match(text, end) or _DENYING.search(text[max(0, at - 12) : at]):
                return None
            return self._stated(text, cue, at, end, indexes[0], "text", plural=len(indexes) > 1)
        if marker is None:
            return None
        after = _CLOSED.match(text, marker.end()).end()  # type: ignore[union-attr]
        if _DENIED.match(text, after) or _DENYING.search(text[max(0, at - 12) : at]):
            return None
        index = self._index(marker)
        beside = _BESIDE.match(text, marker.end()).end()  # type: ignore[union-attr]
        named = self._text_at(text, beside)
        conflict = named is not None and index not in named[0]
        if marker.lastgroup == "digit" and index is not None:
            same = [i for option, i in self.texts if option == marker.group()]
            conflict = conflict or (bool(same) and index not in same)
        return self._stated(text, cue, at, marker.end(), index, marker.lastgroup or "",
                            plural=self._goes_on(text, marker, index), conflict=conflict)  # fmt: skip

    def _stated(self, text: str, cue: int, start: int, end: int, index: int | None, kind: str,
                *, plural: bool, conflict: bool = False) -> _Found:  # fmt: skip
        before = text[max(0, cue - 24) : start]
        clause = re.split(r"[\n]", before)[-1]
        return _Found(start, end, index, kind, bool(_FINAL.search(clause)),
                      bool(_REVISED.search(before)), plural, conflict)  # fmt: skip

    def _goes_on(self, text: str, marker: re.Match[str], index: int | None) -> bool:
        """Tell whether another marker is joined to this one: "B와 C", "B, C"."""
        joint = _AND.match(text, marker.end())
        other = self.marker.match(text, joint.end()) if joint else None
        if other is None or other.lastgroup != marker.lastgroup or self._index(other) == index:
            return False
        return not _SUBJECT.match(text, other.end())

    def _settle(self, found: list[_Found]) -> Extraction:
        last = [one for one in found if one.final][-1:] or found[-1:]
        one = last[0]
        span = (one.start, one.end)
        if one.plural:
            return Extraction(None, "several", span)
        different = {other.index for other in found} - {one.index}
        if different and not one.final and not one.revised:
            return Extraction(None, "several", span)
        if one.index is None:
            return Extraction(None, "out of range", span)
        if one.conflict:
            return Extraction(None, "conflict", span)
        reason: Reason = "option text" if one.kind == "text" else "statement"
        return Extraction(one.index, reason, span)

    # -- what the reply is ---------------------------------------------------------------------

    def _bare(self, text: str, start: int) -> Extraction | None:
        """Read a reply, a first or a last line that is a marker, or begins with one."""
        lines = [m for m in _LINE.finditer(text, start) if m.group().strip()]
        whole = [self._alone(line) for line in lines]
        if len(lines) == 1 and whole[0] is not None:
            return self._marked(whole[0], text)
        led = [self._led(line) for line in lines]
        begun = {self._index(m) for m in (*whole, *led) if m is not None}
        if len(begun) > 1:
            return Extraction(None, "several")
        for marker in (whole[0], whole[-1], led[0]):
            if marker is not None:
                return self._marked(marker, text)
        return None

    def _alone(self, line: re.Match[str]) -> re.Match[str] | None:
        marker = self.marker.match(line.string, _OPENED.match(line.string, line.start()).end())  # type: ignore[union-attr]
        if marker is None or marker.end() > line.end():
            return None
        rest = line.string[marker.end() : line.end()]
        if re.fullmatch(_CLOSE + _TAIL + _CLOSE, rest):
            return marker
        return marker if self._goes_on(line.string, marker, self._index(marker)) else None

    def _led(self, line: re.Match[str]) -> re.Match[str] | None:
        at = _OPENED.match(line.string, line.start()).end()  # type: ignore[union-attr]
        marker = self.marker.match(line.string, at)
        if marker is None or marker.lastgroup == "digit":
            return None
        rest = line.string[marker.end() : line.end()]
        if marker.lastgroup == "circled" or re.match(r"\s*번?\s*[.):,\]]", rest):
            return marker
        spoken = self._text_at(line.string, marker.end() + len(rest) - len(rest.lstrip()))
        return marker if spoken is not None else None

    def _marked(self, marker: re.Match[str], text: str) -> Extraction:
        index = self._index(marker)
        if self._goes_on(text, marker, index):
            return Extraction(None, "several", marker.span())
        one = self._answer_at(text, marker.start(), marker.start())
        if one is None:  # denied: "A는 아니다"
            return Extraction(None, "nothing", marker.span())
        if index is None:
            return Extraction(None, "out of range", marker.span())
        if one.conflict:
            return Extraction(None, "conflict", marker.span())
        return Extraction(index, "marker", marker.span())

    def _whole_text(self, text: str, start: int) -> Extraction | None:
        """Read a reply that is nothing but one option's words."""
        at = _OPENED.match(text, start).end()  # type: ignore[union-attr]
        spoken = self._text_at(text, at)
        if spoken is None or not re.fullmatch(_CLOSE + _TAIL + _CLOSE, text[spoken[1] :]):
            return None
        if len(spoken[0]) > 1:
            return Extraction(None, "several", (at, spoken[1]))
        return Extraction(spoken[0][0], "option text", (at, spoken[1]))

    # -- what the reply mentions ---------------------------------------------------------------

    def _mentioned(self, text: str, start: int) -> Extraction:
        """Read the one option whose words occur, where no other's do."""
        lowered = _lower(text)
        found: dict[str, tuple[int, int]] = {}
        for option, _ in self.texts:  # the longest first: what it covers is no shorter option's
            if len(option) < 2 or option in found:
                continue
            for begin, end in _places(lowered, option, start):
                denied = _DENYING.search(text[max(0, begin - 12) : begin])
                if not denied and not _DENIED.match(text, end):
                    found[option] = (begin, end)
                    break
            lowered = lowered.replace(option, "\0" * len(option))
        indexes = [i for option, i in self.texts if option in found]
        if len(indexes) > 1:
            return Extraction(None, "several")
        if not indexes:
            return Extraction(None, "nothing")
        return Extraction(indexes[0], "option text", next(iter(found.values())))

    def _text_at(self, text: str, at: int) -> tuple[list[int], int] | None:
        """Give the options whose words stand at a place, longest words first, and their end."""
        for option, _ in self.texts:
            end = at + len(option)
            if _lower(text[at:end]) == option and _bounded(text, at, end):
                return [i for other, i in self.texts if other == option], end
        return None

    def _index(self, marker: re.Match[str]) -> int | None:
        kind, value = marker.lastgroup, marker.group()
        match kind:
            case "own":
                index = self.labels.index(value)
            case "upper" | "lower":
                index = ord(value.upper()) - ord("A")
            case "circled":
                index = ord(value) - 0x2460
            case "khmer":
                index = _KHMER.index(value)
            case _:
                index = int(value) - 1
        return index if index < self.count else None


_BEFORE_COMPILED = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _BEFORE)
_AFTER_COMPILED = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _AFTER)
_OPENED, _CLOSED = re.compile(_OPEN), re.compile(_CLOSE)
_LINE = re.compile(r"[^\n]+")
_BESIDE = re.compile(r"[\s).:,\]}\-–]*+번?[\s).:,\]}\-–]*+")
_SUBJECT = re.compile(r"\s*+(?:번?\s*+(?:은|는)|(?:is|are)\b)")


def _fold(text: str) -> str:
    return text.translate(_FOLD)


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _lower(text: str) -> str:
    """Lower the case without changing the length: the few letters that become two stay."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _places(text: str, option: str, start: int) -> Iterator[tuple[int, int]]:
    at = text.find(option, start)
    while at >= 0:
        if _bounded(text, at, at + len(option)):
            yield at, at + len(option)
        at = text.find(option, at + 1)


def _bounded(text: str, start: int, end: int) -> bool:
    """Tell whether a stretch of text is a word or words: a particle may follow, a letter may not.

    Khmer is written without blanks between words, so nothing is asked of it.
    """
    first, last = text[start], text[end - 1]
    before, after = text[start - 1 : start], text[end : end + 1]
    if _is_khmer(first):
        return True
    if before.isalnum() and not _is_khmer(before):
        return False
    same = (last.isascii() and after.isascii()) or last.isdecimal()
    return not (same and after.isalnum())


def _is_khmer(character: str) -> bool:
    return "\u1780" <= character <= "\u17ff"
