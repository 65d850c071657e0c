"""Checks of single texts: what is missing, cut off, repeated, broken or not for a model to learn."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.messages import true
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.quality.fixes import needing_fix

Severity = Literal["error", "warning", "note"]
"""``error``: the row should not train. ``warning``: look at it. ``note``: worth knowing."""


class TextCheck(NamedTuple):
    """A check of texts.

    Attributes:
        severity: How bad it is.
        meaning: What a finding means, in a sentence.
        places: Returns the places of the texts with the fault.
        answers_only: Whether it is for answers, rationales and what the assistant says.
    """

    severity: Severity
    meaning: str
    places: Callable[[pa.Array], Ints]
    answers_only: bool = False


_PLACEHOLDER = (
    r"(?i)^[\s\[({<]*(?:n/?a|nan|none|null|nil|todo|tbd|tba|xxx+|lorem ipsum.*|placeholder|your (?:name|answer|text)(?: here)?|"
    r"insert .{1,30} here|no answer|no data|unknown|내용 ?없음|해당 ?없음|정보 ?없음|없음|미정|입력 ?필요|គ្មាន|មិនមាន|[-–—_.…?*#]+)[\s\])}>.]*$"
)
_MOJIBAKE = r"\x{FFFD}|[ÃÂ][\x{80}-\x{BF}]|â€[\x{80}-\x{BF}™œ\x{9D}¦“”˜]|[ìíëê][\x{80}-\x{BF}\x{152}-\x{2122}]{2}|á[žŸ\x{9E}\x{9F}][\x{80}-\x{BF}\x{152}-\x{2122}]"
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
_CUT = r"(?:…|\.\.\.|···)\s*$"
_CUT_LENGTHS = (255, 256, 500, 512, 1000, 1023, 1024, 1500, 2000, 2047, 2048, 4095, 4096)
_ENDS_A_TEXT = r"[.!?。។៕)\]}>\"'”’」』:;…다요음임함됨\d%]\s*$"
_WORDS = re.compile(r"\S+")
_GRAM, _MOST_REPEATED, _FEWEST_WORDS = 5, 0.3, 40


def _matching(pattern: str) -> Callable[[pa.Array], Ints]:
    return lambda texts: np.flatnonzero(true(pc.match_substring_regex(texts, pattern)))


def _blank(texts: pa.Array) -> Ints:
    return np.flatnonzero(true(pc.match_substring_regex(texts, r"^[\s\pZ\p{Cf}]*$")))


def _cut(texts: pa.Array) -> Ints:
    """Find texts that end in dots, or at a length where programs cut, in the middle of a sentence."""
    round_length = pc.is_in(pc.utf8_length(texts), value_set=pa.array(_CUT_LENGTHS, pa.int32()))
    open_end = pc.invert(pc.match_substring_regex(texts, _ENDS_A_TEXT))
    dots = pc.and_(pc.match_substring_regex(texts, _CUT), pc.greater(pc.utf8_length(texts), 40))
    return np.flatnonzero(true(pc.or_(dots, pc.and_(round_length, open_end))))


def _repeating(texts: pa.Array) -> Ints:
    """Find texts that say the same again and again: lines three times, or many sequences of five words.

    Loops over texts long enough to repeat themselves.
    """
    long = np.flatnonzero(true(pc.greater(pc.utf8_length(texts), 60)))
    chosen = texts.take(pa.array(long)).to_pylist()
    repeats = np.array([_repeats(text) for text in chosen], np.bool_)
    return np.asarray(long[repeats], np.int64)


def _repeats(text: str) -> bool:
    lines = Counter(line for line in map(str.strip, text.splitlines()) if len(line) > 10)
    if lines and lines.most_common(1)[0][1] >= 3:
        return True
    words = _WORDS.findall(text)
    if len(words) < _FEWEST_WORDS:
        return False
    grams = [tuple(words[n : n + _GRAM]) for n in range(len(words) - _GRAM + 1)]
    return 1 - len(set(grams)) / len(grams) > _MOST_REPEATED


TEXT_CHECKS: dict[str, TextCheck] = {
    "text_blank": TextCheck("error", "a text is empty, or holds nothing that shows", _blank),
    "placeholder": TextCheck("error", "a text stands for one that is missing, such as N/A", _matching(_PLACEHOLDER)),
    "template_left": TextCheck("error", "a place of a template was not filled in", _matching(_TEMPLATE)),
    "mojibake": TextCheck("error", "a text was read in the wrong encoding", _matching(_MOJIBAKE)),
    "refusal": TextCheck("warning", "a model refuses, or speaks of itself", _matching(_REFUSAL), answers_only=True),
    "stale": TextCheck("warning", "a text speaks of the day a model's knowledge ends", _matching(_STALE), answers_only=True),
    "truncated": TextCheck("warning", "a text ends in the middle of a sentence", _cut),
    "repetition": TextCheck("warning", "a text says the same again and again", _repeating),
    "not_nfc": TextCheck("note", "letters are decomposed; mk.FixText mends that", lambda texts: needing_fix(texts, "nfc")),
    "zero_width": TextCheck("note", "characters without width; mk.FixText takes them out",
                            lambda texts: needing_fix(texts, "zero_width")),
    "full_width": TextCheck("note", "full-width letters or digits; mk.FixText mends that", lambda texts: needing_fix(texts, "width")),
    "coeng_order": TextCheck("warning", "Khmer signs stand in another order than the standard's; mk.FixText mends that",
                             lambda texts: needing_fix(texts, "coeng")),
}  # fmt: skip
"""The checks of single texts, by code."""
