"""Checks of single texts: what is missing, cut off, repeated, broken or not for a model to learn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import reduce
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.messages import true
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.quality.fixes import needing_fix
from medqa_kit.validation.superseded import superseded_advice

Severity = Literal["error", "warning", "note"]
"""``error``: the row should not train. ``warning``: look at it. ``note``: worth knowing."""


Among = Literal["all", "odd", "khmer", "long"]

# Letters, signs and figures that are in order by themselves; brackets that templates are made of are not.
_ODD = (
    r"[^\x00-;=-Z\\-z|}~\x{B0}\x{B1}\x{B5}\x{B7}\x{1780}-\x{17DC}\x{17DE}-\x{17FF}\x{2010}-\x{2027}"
    r"\x{3001}-\x{3011}\x{4E00}-\x{9FFF}\x{AC00}-\x{D7A3}]|[\x{4E00}-\x{9FFF}][가-힣]{1,3}[\x{4E00}-\x{9FFF}]"
)
_MOVABLE = (
    # What stands in the wrong place where Khmer is out of order, and vowels in two signs.
    r"[\x{17C9}\x{17CA}\x{17D2}]|\x{17C1}[\x{17B6}\x{17B8}]|[\x{17C6}-\x{17C8}][\x{17B6}-\x{17C5}]"
)
_LONG = 60


class CheckedTexts:
    """Texts to be checked, with those that some faults alone can be in: looked for once, for all checks.

    Args:
        texts: ``large_string[n]``.
    """

    def __init__(self, texts: pa.Array) -> None:
        self.texts = texts
        self.lengths = np.asarray(pc.fill_null(pc.utf8_length(texts), -1).to_numpy(), np.int64)
        self._places: dict[Among, Ints] = {}
        self._taken: dict[Among, pa.Array] = {}

    def places(self, check: TextCheck) -> Ints:
        """Return the places of the texts with the fault of a check."""
        if check.among == "all":
            return check.places(self.texts)
        if check.among not in self._places:
            places = self._among(check.among)
            self._places[check.among] = places
            self._taken[check.among] = self.texts.take(pa.array(places))
        at = self._places[check.among]
        return at[check.places(self._taken[check.among])] if len(at) else at

    def _among(self, among: Among) -> Ints:
        if among == "long":
            return np.flatnonzero(self.lengths > _LONG)
        if among == "odd":
            return np.flatnonzero(true(pc.match_substring_regex(self.texts, _ODD)))
        return _matching(_MOVABLE)(self.texts)


class TextCheck(NamedTuple):
    """A check of texts.

    Attributes:
        severity: How bad it is.
        meaning: What a finding means, in a sentence.
        places: Returns the places of the texts with the fault.
        answers_only: Whether it is for answers, rationales and what the assistant says.
        among: The texts that can have the fault, see :class:`CheckedTexts`.
    """

    severity: Severity
    meaning: str
    places: Callable[[pa.Array], Ints]
    answers_only: bool = False
    among: Among = "all"


_PLACEHOLDER = (
    r"(?i)^[\s\[({<]*(?:n/?a|nan|none|null|nil|todo|tbd|tba|xxx+|lorem ipsum.*|placeholder|your (?:name|answer|text)(?: here)?|"
    r"insert .{1,30} here|no answer|no data|unknown|내용 ?없음|해당 ?없음|정보 ?없음|없음|미정|입력 ?필요|គ្មាន|មិនមាន|[-–—_.…?*#]+)[\s\])}>.]*$"
)
# Among options these are answers: nothing helps, nobody knows.
_NOTHING = r"(?i)^[\s\[({<]*(?:none|nil|na|no answer|no data|unknown|(?:내용|해당|정보)? ?없음|미정|គ្មាន|មិនមាន)[\s\])}>.]*$"
# UTF-8 of Hangul, of whose three bytes the first is EA to ED, read as CP949: Han signs of four rows of KS X 1001,
# each with Hangul right behind it.
_HAN_OF_LEADS = "".join(
    bytes([lead, trail]).decode("cp949")
    for lead in range(0xEA, 0xEE) for trail in range(0xA1, 0xFF)
)  # fmt: skip
_MOJIBAKE = (
    r"\x{FFFD}|[ÃÂ][\x{80}-\x{BF}]|â€[\x{80}-\x{BF}™œ\x{9D}¦“”˜]|[ìíëê][\x{80}-\x{BF}\x{152}-\x{2122}]{2}"
    r"|á[žŸ\x{9E}\x{9F}][\x{80}-\x{BF}\x{152}-\x{2122}]"
    r"|(?:[\x{B0}-\x{C8}][\x{A1}-\x{FE}]){2}"  # CP949 as Latin-1
    r"|(?:[ÍÎÏÌ][^\x00-\x{7F}]{2}){2}|(?:·[ûü][^\x00-\x{7F}]){2}"  # UTF-8 as Mac Roman
    r"|(?:[Ωδ∞φ][^\x00-\x{7F}]{2}){2}|(?:ß[₧ƒ][^\x00-\x{7F}]){2}"  # UTF-8 as CP437
    rf"|(?:[{_HAN_OF_LEADS}][가-힣]{{1,3}}){{2}}"
)
_REFUSAL = (
    r"(?i)\bas an ai\b|\bas a (?:large )?language model\b|\bi(?:'m| am) (?:sorry|unable),? (?:but )?(?:i )?(?:can(?:no|')t|cannot|am unable|to)\b|"
    r"\bi can(?:no|')t (?:provide|assist|help|give|fulfil)|\bi'm not (?:a doctor|able to)\b|"
    r"(?:AI|인공지능)(?: 언어)? ?모델(?:로서|이기)|죄송(?:하지만|합니다만).{0,60}(?:수 없|어렵)|(?:답변|도움)을? ?(?:드릴|제공할) 수 없|"
    r"ក្នុងនាមជា(?:គំរូភាសា| ?AI)|សូមអភ័យទោស.{0,60}មិនអាច"
)
_STALE = (
    r"(?i)\bas of my (?:last|latest|knowledge)\b|\bknowledge cut-?off\b|\bmy (?:last|training) (?:update|data)\b|\bup to (?:my knowledge|september 2021)\b|"
    r"\bi (?:do not|don't) have (?:access to )?(?:real-time|up-to-date)|\d{4}년 ?\d{0,2}월?까지의 (?:정보|지식|데이터)|(?:지식|학습) ?(?:기준일|마감)"
)
_TEMPLATE = r"\{\{.{1,60}\}\}|\{%.{1,60}%\}|<\|?(?:placeholder|mask)\|?>|\[(?:INSERT|NAME|YOUR)[^\]]{0,40}\]"
_CUT = ("…", "...", "···")
_CUT_LENGTHS = pa.array(
    [255, 256, 500, 512, 1000, 1023, 1024, 1500, 2000, 2047, 2048, 4095, 4096], pa.int64()
)
_ENDS_A_TEXT = r"[.!?。។៕)\]}>\"'”’」』:;…다요음임함됨\d%]\s*$"
_GRAM, _MOST_REPEATED, _FEWEST_WORDS = 5, 0.3, 40


def _matching(pattern: str) -> Callable[[pa.Array], Ints]:
    return lambda texts: np.flatnonzero(true(pc.match_substring_regex(texts, pattern)))


def _blank(texts: pa.Array) -> Ints:
    return np.flatnonzero(true(pc.match_substring_regex(texts, r"^[\s\pZ\p{Cf}]*$")))


def _cut(texts: pa.Array) -> Ints:
    """Find texts that end in dots, or at a length where programs cut, in the middle of a sentence."""
    lengths = pc.utf8_length(texts)
    round_length = np.flatnonzero(true(pc.is_in(lengths, value_set=_CUT_LENGTHS)))
    ended = _matching(_ENDS_A_TEXT)(texts.take(pa.array(round_length)))
    open_end = np.delete(round_length, ended)
    bare = pc.utf8_rtrim_whitespace(texts)
    dots = reduce(pc.or_, [pc.ends_with(bare, mark) for mark in _CUT])
    dotted = np.flatnonzero(true(pc.and_(dots, pc.greater(lengths, 40))))
    return np.union1d(open_end, dotted)


def _repeating(texts: pa.Array) -> Ints:
    """Find texts that say the same again and again: lines three times, or many sequences of five words.

    Loops over texts of several lines, and over those with words enough to repeat sequences of them.
    """
    breaks = pc.count_substring(texts, "\n")
    lines = np.flatnonzero(true(pc.greater_equal(breaks, 2)))
    words = pc.add(pc.count_substring(texts, " "), breaks)
    wordy = np.flatnonzero(true(pc.greater_equal(words, _FEWEST_WORDS - 1)))
    same_lines = [_repeats_lines(text) for text in texts.take(pa.array(lines)).to_pylist()]
    split = map(str.split, texts.take(pa.array(wordy)).to_pylist())
    same_words = [
        len(words) - len(set(words)) > _MOST_REPEATED * (len(words) - _GRAM + 1)
        and _repeats_words(words)
        for words in split
    ]
    found = lines[np.array(same_lines, np.bool_)], wordy[np.array(same_words, np.bool_)]
    return np.union1d(*found).astype(np.int64)


def _repeats_lines(text: str) -> bool:
    lines = Counter(line for line in map(str.strip, text.splitlines()) if len(line) > 10)
    return bool(lines) and max(lines.values()) >= 3


def _repeats_words(words: list[str]) -> bool:
    """Check for repeated sequences; where many repeat, so do the words that they begin with."""
    grams = len(words) - _GRAM + 1
    different = len(set(zip(*(words[n:] for n in range(_GRAM)), strict=False)))
    return len(words) >= _FEWEST_WORDS and 1 - different / grams > _MOST_REPEATED


def says_nothing(texts: pa.Array) -> Mask:
    """Check which texts say that there is nothing, which is a placeholder or, among options, an answer.

    Example:
        >>> says_nothing(pa.array(["None", "TODO"])).tolist()
        [True, False]
    """
    return true(pc.match_substring_regex(texts, _NOTHING))


TEXT_CHECKS: dict[str, TextCheck] = {
    "text_blank": TextCheck("error", "a text is empty, or holds nothing that shows", _blank),
    "placeholder": TextCheck("error", "a text stands for one that is missing, such as N/A", _matching(_PLACEHOLDER)),
    "template_left": TextCheck("error", "a place of a template was not filled in", _matching(_TEMPLATE), among="odd"),
    "mojibake": TextCheck("error", "a text was read in the wrong encoding", _matching(_MOJIBAKE), among="odd"),
    "refusal": TextCheck("warning", "a model refuses, or speaks of itself", _matching(_REFUSAL), answers_only=True),
    "stale": TextCheck("warning", "a text speaks of the day a model's knowledge ends", _matching(_STALE), answers_only=True),
    "superseded": TextCheck("warning", "first aid that guidelines of today warn of", superseded_advice, answers_only=True),
    "truncated": TextCheck("warning", "a text ends in the middle of a sentence", _cut),
    "repetition": TextCheck("warning", "a text says the same again and again", _repeating, among="long"),
    "not_nfc": TextCheck("note", "letters are decomposed; mk.FixText mends that", lambda texts: needing_fix(texts, "nfc"), among="odd"),
    "zero_width": TextCheck("note", "characters without width; mk.FixText takes them out",
                            lambda texts: needing_fix(texts, "zero_width"), among="odd"),
    "full_width": TextCheck("note", "full-width letters or digits; mk.FixText mends that", lambda texts: needing_fix(texts, "width"), among="odd"),
    "coeng_order": TextCheck("warning", "Khmer signs stand in another order than the standard's; mk.FixText mends that",
                             lambda texts: needing_fix(texts, "coeng"), among="khmer"),
}  # fmt: skip
"""The checks of single texts, by code."""
