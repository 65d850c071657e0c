"""The names of an option in a reply: its marker, or its own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from medqa_kit.evaluation.answers.markup import composed_form, folded
from medqa_kit.quality.reasoning import lowered

_KHMER = "កខគឃងចឆជឈញដឋឌឍណតថទធនបផពភមយរលវសហឡអ"
_ENDS = r"(?=[^\S\n]*+(?:\n|[.,:;!?)\]}>\"'”’」』】។|]|</|$|\[(?=[가-힣])|만\s(?=[xX×]|틀)|/\s?(?=해설|풀이|이유|근거|설명)|\((?!\s?(?:[0-9]|mg|g\b|mL|kg|시간|일\b|주\b|개))[^()\n]{1,40}\)[.!,]?[^\S\n]*+(?:\n|$)|번|입니다|이다|이며|이고|임|예요|이에요|이요|이|가|을|를|와|과|으로|គឺ|ត្រឹមត្រូវ))"
# A marker in a place where an answer is expected. Lower case and digits need a clean end: "the
# answer is a beta blocker" and "정답은 2시간" name no option.
_MARKER = (
    r"(?:(?P<upper>[A-Z])(?![A-Za-z0-9]|-[A-Za-z가-힣]|형|군\s|급|계열|세포|림프|타입|수용체|\s(?:cells?|lymphocytes?|virus|complex|wave)\b)"
    rf"|(?P<lower>[a-z])(?![A-Za-z0-9-]|['’]t\b){_ENDS}"
    r"|(?P<circled>[①-⑳])"
    rf"|(?P<digit>[1-9][0-9]?)(?![0-9]|[.,][0-9]|\s*+%){_ENDS}"
    rf"|(?P<khmer>[{_KHMER}])(?![\u1780-\u17d3\u17dd])"
    r"|(?P<ordinal>(?:끝|뒤)에서\s(?:첫|두|세|네)\s?번째(?:\s?(?:보기|선택지|선지|항목))?|(?<![가-힣])[일삼사오]번(?=입니다|이다|이요|요(?![가-힣])|이에요|[.!]?\s*+(?:\n|$))|(?:첫|둘|셋|넷|다섯)째\s?(?:보기|선택지|선지|항목|번)(?![가-힣]*째)|(?:맨\s)?(?:마지막|끝)\s?(?:보기|선택지|선지)|가운데\s?(?:보기|선택지|선지)|(?:[Tt]he\s)?(?:(?:(?:[Ss]econd|[Tt]hird|[Nn]ext)[\s-](?:to[\s-])?(?:the[\s-])?last|[Pp]enultimate|(?<!to[\s-])(?<!to\sthe\s)[Ll]ast)\s(?:option|choice)\b|[Ll]ast\sone(?=[.!]?\s*+(?:\n|$)|\s+is\b))|(?:첫|두|세|네|다섯|[1-5])\s?번째(?:\s?(?:보기|선택지|선지|항목|것)|\s(?:중재|처치|진단|약물|설명|문장|진술|방법|검사|반응)(?=이다|입니다)|(?=입니다|이다|이에요|예요|임(?![가-힣])|[.!]?\s*+(?:\n|$)))|(?:first|second|third|fourth|fifth)\schoice\b|(?:[Ff]irst|[Ss]econd|[Tt]hird|[Ff]ourth|[Ff]ifth)\sone(?=[.!]?\s*+(?:\n|$)|\s+is\b)|(?:[Ff]irst|[Ss]econd|[Tt]hird|[Ff]ourth|[Ff]ifth|1st|2nd|3rd|4th|5th)\soption\b|[Oo]ption\s(?:one|two|three|four|five)\b|ទី(?:មួយ|ពីរ|បី|បួន|ប្រាំ(?![\u1780-\u17d3])))"
    r"{own})"
)

_ORDINALS = (
    ("첫", "일번", "first", "ទីមួយ", "1", "option one"),
    ("두", "둘", "second", "ទីពីរ", "2", "option two"),
    ("세", "셋", "삼번", "third", "ទីបី", "3", "option three"),
    ("네", "넷", "사번", "fourth", "ទីបួន", "4", "option four"),
    ("다섯", "오번", "fifth", "ទីប្រាំ", "5", "option five"),
)  # fmt: skip
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?>(?:,[0-9]{3})+)")
_FROM_END = re.compile(
    r"(?:끝|뒤)에서\s(?P<place>[첫두세네])|(?P<middle>가운데)|(?:맨\s)?(?:마지막|끝)"
    r"|(?:the\s)?(?:(?P<before>(?:second|third|next)(?=[\s-](?:to[\s-])?(?:the[\s-])?last)|penultimate)|last)",
    re.IGNORECASE,
)
_HANGUL = ("가나다라마바사아자차", "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊ")
_LABELS = (
    *_HANGUL,
    "ABCDEFGHIJ",
    "123456789",
    "①②③④⑤⑥⑦⑧⑨⑩",
    _KHMER[:10],
)  # what options may begin with
_LABELED = re.compile(
    rf"[(\[]?\s*+(?P<label>[{''.join(_LABELS)}])\s*+[.):\]]\s*+(?=\S)|(?P<circled>[①-⑩])\s*+(?=\S)"
)
# Around a label that is a syllable of Hangul: not within a word, and not "나는", "가장".
_OWN_ENDS = r"(?=번|입니다|이다|이며|이고|이므로|임(?![가-힣])|예요|이에요|이요|[가이]\s(?:정답|답|맞|옳|가장|적절)|[을를]\s(?:선택|고르|고릅|정답|답)|[은는]\s(?:틀|옳|맞|정답)|[와과]\s|(?:이?라)?고\s(?:생각|봅|본다|판단|답)|[^가-힣ㄱ-ㅎ]|$)"
# Options that are sets of statements: "ㄱ, ㄴ", "가와 다", "1 and 3", "I and II only".
_STATEMENTS = (
    r"[ㄱ-ㅎ]", rf"(?<![가-힣ㄱ-ㅎ])[{_HANGUL[0]}]{_OWN_ENDS}", r"[①-⑳]", r"(?<![\w.])[1-9](?![\w%]|[.,][0-9])",
    r"(?<!\w)(?:viii|vii|vi|iv|iii|ii|v|i(?!\s(?!only\b|and\b|or\b|is\b)[a-z]))(?!\w)",
    r"(?<!\w)(?:[b-h]|a(?!\s(?!only\b|and\b|or\b|is\b)[a-z0-9]))(?![\w-])",
)  # fmt: skip
_BETWEEN = r"[\s()]*+(?:,\s?and\s|,|·|/|&|\+|\band\b|와|과|및|그리고|និង)[\s()]*+"
_SETS = tuple(
    re.compile(
        rf"(?:only\s)?\(?{label}(?>(?:(?:{between}){label})*)\)?(?:\s?only\b|만(?![가-힣]))?",
        re.IGNORECASE,
    )
    for label in _STATEMENTS
    for between in [rf"{_BETWEEN}|\s?" if label in (r"[ㄱ-ㅎ]", r"[①-⑳]") else _BETWEEN]
)
_ALSO_RIGHT = re.compile(r"도\s+(?:옳|맞|정답|해당|포함)|\s+(?:is|are)\s+also\b", re.IGNORECASE)
_NAMES = tuple(re.compile(label, re.IGNORECASE) for label in _STATEMENTS)
# A Korean noun that stands before another without a particle.
_NARROWING = re.compile(r"[가-힣](?<![은는이가을를로서의며고면니도한된할인와과및등])\s$")
UNIT = r"(?:[mkµμ]?g|mcg|[md]?[lL]|[cm]?m|mmHg|mEq|m?mol|IU|U|bpm|kcal)"
"""A unit of measurement behind a number."""
DOSE = (
    rf"\s[0-9][0-9.,–-]*+\s?{UNIT}(?:/\w{{1,4}})?"
    r"(?>(?:\s(?:daily|once|twice|a|per|day|weekly|orally|po|iv|im|sc|[btq]id|every|[0-9]++|hours|h|하루|매일|회|정맥|경구)\b)*)(?>회?)"
)
"""A dose behind the name of a drug, and how it is given."""
_UNIT = re.compile(UNIT + r"(?![A-Za-z0-9])")
_COPULAS = ("이다", "입니다", "이므로", "이며", "이고")
_BRACKET = re.compile(
    r"\s*+[(\[]\s*+(?:option\s|보기\s?)?|\s*+[,–—-]?\s*+(?:which\s+is\s+)?(?:option|choice|answer|letter)\s",
    re.IGNORECASE,
)


class OptionMarks:
    """The markers and words of one question's options.

    Args:
        count: How many options there are.
        options: Their texts, or none.
        labels: Markers of the prompt's own, such as ``ㄱ`` to ``ㅁ``.
        counted: Whether the question has just as many options.

    Attributes:
        marker: Matches a marker of any kind.
        texts: The folded texts with their options, the longest first.
        statements: The options as sets of statements, where they are such.
    """

    def __init__(
        self, count: int, options: Sequence[str], labels: Sequence[str], *, counted: bool = True
    ) -> None:
        self.count, self._counted = count, counted
        self._labels = list(labels)
        own = "|".join(_own(label) for label in sorted(labels, key=len, reverse=True))
        self.marker = re.compile(_MARKER.replace("{own}", f"|(?P<own>{own})" if own else ""))
        plain = [" ".join(lowered(folded(composed_form(text))).split()) for text in options]
        named = [(text, i) for i, text in enumerate(plain) if text]
        named += [(other, i) for text, i in named if (other := _otherwise_grouped(text)) != text]
        self.texts = sorted(named, key=lambda t: -len(t[0]))
        self.statements = StatementSets.of(plain)

    def text_at(self, text: str, start: int) -> tuple[list[int], int] | None:
        """Return the options whose words stand at a place, the longest words first, and their end; of statements that are no option's, none."""
        if self.statements is not None and (listed := self.statements.at(text, start)):
            return listed
        for option, _ in self.texts:
            end = start + len(option)
            if lowered(text[start:end]) == option and is_bounded(text, start, end):
                return [i for other, i in self.texts if other == option], end
        return None

    def places(self, text: str, option: str, start: int) -> Iterator[tuple[int, int]]:
        """Return where the words of an option stand in a text, in small letters; of sets of statements the whole list."""
        if self.statements is not None and option in self.statements.indexes:
            return self.statements.places(text, option, start)
        return occurrences(text, option, start)

    def goes_on(self, text: str, start: int) -> bool:
        """Check whether another statement is called right, too: "ㄱ입니다. ㄷ도 옳습니다"."""
        names = self.statements.name.finditer(text, start) if self.statements else ()
        return any(_ALSO_RIGHT.match(text, name.end()) for name in names)

    def is_narrowed(self, text: str, option: str, begin: int) -> bool:
        """Check whether a word before an option's makes another thing of it, as words of other options do: "독성 간염"."""
        if not any(other.endswith(f" {option}") for other, _ in self.texts):
            return False
        return _NARROWING.search(text, max(0, begin - 16), begin) is not None

    def index(self, marker: re.Match[str]) -> int | None:
        """Return the option a marker names, from 0; ``None`` where the question has no such."""
        kind, value = marker.lastgroup, marker.group()
        match kind:
            case "own":
                index = self._labels.index(value)
            case "upper" | "lower":
                index = ord(value.upper()) - ord("A")
            case "circled":
                index = ord(value) - 0x2460
            case "khmer":
                index = _KHMER.index(value)
            case "ordinal" if from_end := _FROM_END.match(value):
                index = self._from_end(from_end)
            case "ordinal":
                index = next(
                    i for i, words in enumerate(_ORDINALS) if value.lower().startswith(words)
                )
            case _:
                index = int(value) - 1
        return index if 0 <= index < self.count else None

    def _from_end(self, words: re.Match[str]) -> int:
        """Return the option that is named by its place from the end, or in the middle; -1 where none is."""
        if not self._counted or (words["middle"] and self.count % 2 == 0):
            return -1
        if words["middle"]:
            return self.count // 2
        if words["before"]:
            return self.count - (3 if words["before"].lower() == "third" else 2)
        return self.count - 1 - ("첫두세네".index(words["place"]) if words["place"] else 0)


class StatementSets(NamedTuple):
    """Options that are sets of the statements of a stem: a reply names one with all its statements and no more.

    Attributes:
        listed: Matches a list of statements.
        name: Matches one of them.
        indexes: The options by their words.
        sets: The options by their statements.
    """

    listed: re.Pattern[str]
    name: re.Pattern[str]
    indexes: dict[str, int]
    sets: dict[frozenset[str], int]

    @classmethod
    def of(cls, options: Sequence[str]) -> StatementSets | None:
        """Return the sets, where all options but one are such, and two of them hold several statements.

        Example:
            >>> StatementSets.of(["ㄱ, ㄴ", "ㄱ, ㄷ", "ㄱ, ㄴ, ㄷ"]).at("ㄱ과 ㄴ이다", 0)
            ([0], 4)
        """
        for listed, name in zip(_SETS, _NAMES, strict=True):
            sets = {
                i: frozenset(name.findall(option))
                for i, option in enumerate(options) if listed.fullmatch(option)
            }  # fmt: skip
            several = sum(len(statements) > 1 for statements in sets.values())
            if (
                several > 1
                and len(sets) >= len(options) - 1
                and len(set(sets.values())) == len(sets)
            ):
                return cls(
                    listed, name, {options[i]: i for i in sets}, {s: i for i, s in sets.items()}
                )
        return None

    def at(self, text: str, start: int) -> tuple[list[int], int] | None:
        """Return the option whose statements are listed at a place, none where no option has just these, and the end."""
        listed = self.listed.match(text, start)
        if listed is None:
            return None
        index = self._index(listed)
        return ([] if index is None else [index]), listed.end()

    def places(self, text: str, option: str, start: int) -> Iterator[tuple[int, int]]:
        """Return where the statements of an option, and no others, are listed."""
        for listed in self.listed.finditer(text, start):
            if self._index(listed) == self.indexes[option]:
                yield listed.span()

    def _index(self, listed: re.Match[str]) -> int | None:
        names = frozenset(map(str.lower, self.name.findall(listed.group())))
        return self.sets.get(names)


def sign_place(sign: str) -> int:
    """Return which place a sign that stands for itself names, from 0.

    Example:
        >>> [sign_place(sign) for sign in "B2②"]
        [1, 1, 1]
    """
    if sign.isascii():
        return int(sign) - 1 if sign.isdecimal() else ord(sign.upper()) - ord("A")
    return ord(sign) - 0x2460


def _otherwise_grouped(text: str) -> str:
    """Return a number with or without the commas that group its digits: "1,500", "1500"."""
    if _GROUPED.fullmatch(text):
        return text.replace(",", "")
    return f"{int(text):,}" if text.isascii() and text.isdecimal() and text[0] != "0" else text


def _own(label: str) -> str:
    """Return the pattern of a label of the prompt's own."""
    hangul = len(label) == 1 and "가" <= label <= "힣"
    return rf"(?<![가-힣ㄱ-ㅎ]){label}{_OWN_ENDS}" if hangul else re.escape(label)


def shown_labels(
    stem: str | None, options: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the Hangul labels that a stem or the options themselves show, and the options without theirs.

    Example:
        >>> shown_labels(None, ["가. 간", "나. 폐"])
        (('가', '나'), ('간', '폐'))
        >>> shown_labels("옳은 것은? ㄱ) 간 ㄴ) 폐", ["간", "폐"])
        (('ㄱ', 'ㄴ'), ('간', '폐'))
    """
    plain = tuple(folded(composed_form(text)).strip() for text in options)
    led = [_LABELED.match(text) for text in plain]
    for series in _LABELS:
        labels = tuple(series[: len(plain)])
        if 1 < len(plain) == len(labels) and all(
            match and match["label"] == label for match, label in zip(led, labels, strict=True)
        ):
            bare = tuple(
                text[match.end() :] for text, match in zip(plain, led, strict=True) if match
            )
            return (labels if series in _HANGUL else ()), bare
    for series in _HANGUL if stem and len(plain) > 1 else ():
        shown, place = folded(composed_form(stem or "")), 0
        for label, text in zip(series, plain, strict=False):
            place = _label_before(shown, label, text, place)
            if place < 0:
                break
        else:
            if len(plain) <= len(series):
                return tuple(series[: len(plain)]), tuple(options)
    return (), tuple(options)


def _label_before(stem: str, label: str, text: str, start: int) -> int:
    """Return where a label and the words of its option end in a stem, or -1."""
    line = re.compile(rf"(?<![가-힣ㄱ-ㅎ]){label}\s?[.):\]]\s*{re.escape(text)}")
    shown = line.search(stem, start) if text else None
    return shown.end() if shown else -1


def occurrences(text: str, option: str, start: int) -> Iterator[tuple[int, int]]:
    """Return where the words of an option stand in a text."""
    begin = text.find(option, start)
    while begin >= 0:
        if is_bounded(text, begin, begin + len(option)):
            yield begin, begin + len(option)
        begin = text.find(option, begin + 1)


def is_bounded(text: str, start: int, end: int) -> bool:
    """Check whether a stretch of text is a word or words: a particle may follow, a letter may not.

    Khmer is written without blanks between words, so nothing is asked of it.
    """
    first, last = text[start], text[end - 1]
    before, after = text[start - 1 : start], text[end : end + 1]
    if is_khmer(first):
        return True
    if before.isalnum() and not is_khmer(before):
        return False
    if last.isdecimal() and text.startswith(_COPULAS, end):  # "20이다"
        return True
    if last.isdecimal() and _UNIT.match(text, end):  # "20mg"
        return True
    same = (last.isascii() and after.isascii()) or last.isdecimal()
    return not (same and after.isalnum())


def is_marked_else(text: str, end: int, indexes: Sequence[int], marks: OptionMarks) -> bool:
    """Check whether a marker in brackets behind an option's words is another's: "Angina (C)".

    Example:
        >>> is_marked_else("Angina (B)", 6, [0], OptionMarks(2, ["Angina", "Asthma"], ()))
        True
    """
    bracket = _BRACKET.match(text, end)
    marker = marks.marker.match(text, bracket.end()) if bracket else None
    if bracket is None or marker is None:
        return False
    end = marker.end() + text.startswith("번", marker.end())
    if bracket.group().strip()[:1] in ("(", "[") and text[end : end + 1] not in (")", "]"):
        return False
    return marks.index(marker) not in indexes


def is_khmer(character: str) -> bool:
    """Check whether a character is of the Khmer block."""
    return "\u1780" <= character <= "\u17ff"
