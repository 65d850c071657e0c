"""The words around a figure: whether they deny it, bound it from below or above, or give a period."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.quality.numbers.figures import Quantity
from medqa_kit.quality.numbers.pairing import is_convertible, is_rate_alike
from medqa_kit.quality.numbers.quantities import Quantities
from medqa_kit.quality.numbers.units import is_dose, unit_words

_SENTENCE = re.compile(r"[.!?。]\s|[។\n;]")
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d\. ?\d{1,2}\.(?: ?\d{1,2}\b)?")
# Each word begins with its first letter, by which the pattern is sought fast; behind it stands that no
# letter is before it.
# What is not stopped goes on, which another text may say without a denial.
_STOPPED = r"(?! (?:be )?(?:stop|discontinu|withh))"
_NOT_STOPPED = "(?<!중단하지 )(?<!중지하지 )(?<!끊지 )(?<!단하지는 )(?<!지하지는 )(?<!단하면 )(?<!지하면 )(?<!끊으면 )(?<!단해서는 )(?<!지해서는 )(?<!끊어서는 )"
_NEGATION = re.compile(
    rf"n(?<![a-z0-9_]n)(?:ot|o(?!\. ?\d)|ever)\b{_STOPPED}|a(?<![a-z0-9_]a)void(?:s|ed|ing)?\b|w(?<![a-z0-9_]w)ithout\b{_STOPPED}"
    r"|f(?<![a-z0-9_]f)orbidden\b|p(?<![a-z0-9_]p)rohibited\b"
    rf"|c(?<![a-z0-9_]c)(?:annot|ontraindicated)\b|n't\b{_STOPPED}"
    # Not in 말라리아 (malaria), 마라톤, 잘못 (wrongly), 피하 (under the skin) and 피해 (damage).
    rf"|{_NOT_STOPPED}(?:않(?<!의도치 않)(?<!의도하지 않)(?<!예기치 않)(?<!뜻하지 않)|말아|마세요|마십|말 것|말것|안 ?(?:된|되|돼|됩)|마라(?:(?<=[지는도] 마라)|(?<=지마라))|말라(?:(?<=[지는도] 말라)|(?<=지말라)))|못(?<!잘못)"
    r"|없(?<!중단 없)(?<!중단없)|아니|금지|금기|금한|삼가|안(?<![가-힣]안) (?![되된돼됩])(?:[가-힣])"
    r"|피하(?! ?주|지방| ?조직| ?출혈| ?투여|층|로|에|의|기종|종|결절| ?혈종|\()|피해(?![가를자는의도와])|피한|មិន|កុំ(?!(?:ឱ្យ)?(?:ឈប់|ផ្អាក))|គ្មាន|ហាម|ចៀសវាង"
)
# What says "at most" without a word of denial is no denial, and neither is its lack.
_LIMIT = re.compile(r"\bno more than\b|\bnot (?:more|less|higher|lower|greater|fewer) than\b|\bat most\b|\bat least\b|\bup to\b|\bmaximum\b|\bexceed"
                    r"|\b(?:less|fewer|more|greater) than\b|[<>≤≥≦≧]|이내|이하|이상|미만|초과|넘지|최대|최소|មិនលើស|យ៉ាងច្រើន|អតិបរមា|យ៉ាងតិច")  # fmt: skip

# Between a denial and a figure behind it: what is denied has ended.
_ANOTHER_CLAUSE = re.compile(
    r"\bbut\b|\b(?:without|no) [a-z ]{1,30}, |, (?:(?:please|then) )?(?:give|take|use|administer|inject|repeat|start|try|apply|continue|keep|add|increase|reduce|stop|switch)\b"
    r"|\band (?:is|was|has|takes?|took|uses?|gets?|receives?|received|started)\b"
    r"|(?:며|되|고|지만|면|거나|은데|는데|으나|므로|때|경우|아서|어서|아니라)[\s,]|ប៉ុន្តែ|ហើយ"
)

Bound = Literal["upper", "lower"]
_BEFORE = re.compile(
    r"(?P<upper>(?:\b(?:not|never)\b|n't\b)(?:(?! and | but )[a-z ]){0,30}\b(?:more than|over|above|exceed(?:ing)?)|\bwithin (?:the )?(?:first |last |past |next )?(?:about )?$|\b(?:at most|up to|no more than|not more than|not (?:to )?exceed(?:ing)?|less than|fewer than|lower than|smaller than|shorter than|younger than|below|under|maximum(?: of)?)"
    r"|[<≤≦]=?|최대|(?:មិន|កុំ)[ក-៓]{0,16}លើស(?:ពី)?|តិចជាង|ក្រោម|យ៉ាងច្រើន|អតិបរមា)"
    r"|(?P<lower>(?:\b(?:not|never)\b|n't\b)(?: (?:be|to|go|fall|drop|get|sink|it|let|allow(?:ed)?))* (?:less than|lower than|below|under)|\b(?:at least|no less than|not less than|more than|greater than|higher than|larger than|longer than|older than|exceed(?:s|ing)?|above|over|minimum(?: of)?)"
    r"|[>≥≧]=?|최소|적어도|លើសពី|ច្រើនជាង|យ៉ាងតិច|អប្បបរមា)"
)
# "이상 복용하지 마세요" is an upper bound, "이상이면 복용하지 마세요" is a lower one.
_NO_MORE = r"(?:이상|초과|넘[가-힣]{0,2})(?:(?!면(?! ?안)|때|경우|[되고며나] |지만)[^.,\n]){0,24}?(?:지 ?(?:마|말|않|못)|안 ?(?:되|된|돼|됩)|금지)"
_DENIED = "[가-힣]{0,2}지 ?(?:않|못|말)"  # behind the stem of a word
# Between a figure and such a word stands what is counted: "8잔 이하", "8 glasses of water or more".
_COUNTED = r"(?:[가-힣]{1,3}(?=\s?(?:이하|미만|이내|이상|초과))|(?:\s[a-z-]{2,16}){1,3}(?=\s(?:or|and)\s)|\s?[a-zµ/]{1,8}(?=보다))?"
_BEHIND = re.compile(rf"{_COUNTED}\s?(?:을|를|이|가|은|는|의)?\s?(?:(?P<upper>보다 ?(?:더 ?)?(?:낮|작|적|짧|어린|어리|젊|가볍)(?!{_DENIED})|이하|미만|이내|넘지|넘기지|{_NO_MORE}"
                     r"|or (?:less|fewer|lower|younger|under|below|shorter)\b|and (?:younger|under|below)\b)"
                     rf"|(?P<lower>보다 ?(?:더 ?)?(?:높|크|큰|클|커|많|길|긴|무겁)(?!{_DENIED})|이상|초과|넘는|넘으|넘을|넘게"
                     r"|or (?:more|greater|higher|older|over|above|longer)\b|and (?:older|over|above)\b))")  # fmt: skip
# One of these is in every text with a bound.
_BOUND_WORDS = (
    "than", "exceed", "most", "least", "above", "over", "below", "under", "up to", "within", "imum", " or ", "older", "younger",
    "보다", "이상", "이하", "초과", "미만", "이내", "넘", "최대", "최소", "적어도", "상회", "<", ">", "≤", "≥", "≦", "≧",
    "លើស", "តិច", "ក្រោម", "ច្រើន", "បរមា",
)  # fmt: skip
# For RE2, which finds with them all plain texts that the patterns here may find something in, and few others.
_MAY_DENY = (
    r"\bn(?:ot|o|ever)\b|n't\b|avoid|without|cannot|contraindicated|forbidden|prohibited|않|말아|말라|말 ?것|마세요|마십|마라|못|없|아니|금지|금기|금한|삼가|안 ?[된되돼됩]"
    r"|(?:^|[^가-힣])안 [가-힣]|피하|피해|피한|មិន|កុំ|គ្មាន|ហាម|ចៀសវាង"
)
_MAY_BOUND = "|".join(_BOUND_WORDS)


def surrounded(sources: pa.Array, targets: pa.Array) -> pa.Array:
    """Find the pairs in which words may say what :func:`denials_lost` and :func:`bounds_flipped` look for.

    Args:
        sources: Plain texts, ``large_string[n]``.
        targets: What was made of them.

    Returns:
        ``bool[n]``.

    Example:
        >>> surrounded(pa.array(["no 5 mg", "over 5 mg"]), pa.array(["5 mg", "5 mg"])).to_pylist()
        [True, False]
    """
    deny = [pc.match_substring_regex(texts, _MAY_DENY) for texts in (sources, targets)]
    bound = [pc.match_substring_regex(texts, _MAY_BOUND) for texts in (sources, targets)]
    return pc.or_(pc.or_(*deny), pc.and_(*bound))


_REACH = 40  # characters before a figure

# Words for what doses are given per, beyond those of the units; a text with any may mean it.
_RATE_WORDS = {
    "d": ("daily", "하루", "매일", "일일", "매 ?끼", "회", "번", r"b\.?i\.?d", r"t\.?i\.?d", r"q\.?i\.?d", r"q\.?d", "once", "twice", "times", "ដង"),
    "h": ("hourly",), "kg": ("체중", "ទម្ងន់", "weight"), "m2": ("체표면적", "body surface"),
}  # fmt: skip


class FiguredText(NamedTuple):
    """A text in plain form, and its figures."""

    text: str
    quantities: Quantities


def denials_lost(
    source: FiguredText, target: FiguredText, pairs: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Find doses in a sentence that denies in one text and does not in the other.

    Args:
        source: A text.
        target: What was made of it.
        pairs: Places of figures that are equal.
    """
    said = [match.start() for match in _NEGATION.finditer(source.text)]
    repeated = [match.start() for match in _NEGATION.finditer(target.text)]
    if not said and not repeated:
        return
    # Of equal doses, one denied and one not, a translation may put the other first: these cancel out.
    lost: dict[tuple[object, ...], list[tuple[int, int]]] = {}
    for left, right in pairs:
        first, second = source.quantities.figures[left], target.quantities.figures[right]
        if not is_dose(first.unit) and not is_dose(second.unit):
            continue
        here, there = source.quantities.starts[left], target.quantities.starts[right]
        denied = _denied(source.text, here, said), _denied(target.text, there, repeated)
        if denied[0] != denied[1] and not (
            _LIMIT.search(_sentence(source.text, here))
            or _LIMIT.search(_sentence(target.text, there))
        ):
            amount = (first.low, first.high, first.unit or second.unit)
            if others := lost.get((*amount, denied[::-1])):
                others.pop()
            else:
                lost.setdefault((*amount, denied), []).append((left, right))
    for left_and_right in lost.values():
        yield from left_and_right


def bounds_flipped(
    source: FiguredText, target: FiguredText, pairs: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Find figures that are a least one in one text and a greatest one in the other.

    Args:
        source: A text.
        target: What was made of it.
        pairs: Places of figures that are equal.
    """
    if not (_may_bound(source.text) and _may_bound(target.text)):
        return
    for left, right in pairs:
        first = _bound(source, left)
        if first is not None and {first, _bound(target, right)} == {"upper", "lower"}:
            yield left, right


def _may_bound(text: str) -> bool:
    return any(map(text.__contains__, _BOUND_WORDS))  # many times as fast as the patterns


def _bound(said: FiguredText, place: int) -> Bound | None:
    """Tell whether a figure is an upper or a lower bound; ``None`` where nothing or both is said."""
    start = said.quantities.starts[place]
    end = start + len(said.quantities.figures[place].text)
    last = max((begin + len(figure.text) for begin, figure in
                zip(said.quantities.starts[:place], said.quantities.figures, strict=False)), default=0)  # fmt: skip
    before = [
        str(match.lastgroup)
        for match in _BEFORE.finditer(said.text, max(last, start - _REACH), start)
    ]
    behind = _BEHIND.match(said.text, end)
    # Of several words before a figure the nearest is meant; one behind it is nearer.
    near = str(behind.lastgroup) if behind is not None else before[-1] if before else None
    return near if near in ("upper", "lower") else None  # type: ignore[return-value]


def lost_rate(a: Quantity, b: Quantity, source: str, target: str) -> bool:
    """Check whether two equal figures are given per different things.

    Where one text has no ``/`` or "per", it must at least name what the other one divides by.
    """
    ours, theirs = set(a.per), set(b.per)
    if ours != theirs and is_rate_alike(a, b):
        return not is_convertible(a, b)
    if ours - theirs and theirs - ours:
        return True
    texts = ((ours - theirs, b, target), (theirs - ours, a, source))
    return any(
        other.unit is not None and _rate_word(code).search(text) is None
        for codes, other, text in texts
        for code in codes
    )


# "12 kg" names no rate, "1 kg" may.
_NOT_COUNTED = r"(?<![02-9])(?<![02-9]\s)(?<!\d1)(?<!\d1\s)"


@lru_cache(maxsize=128)
def _rate_word(code: str) -> re.Pattern[str]:
    """Return a pattern of the words for a unit."""
    words = [word for word, unit in unit_words().items() if unit.code == code]
    latin = [re.escape(word) for word in words if word.isascii()]
    other = [re.escape(word) for word in words if not word.isascii()]
    return re.compile(
        "|".join(
            [
                rf"{_NOT_COUNTED}(?<![a-z])(?:{'|'.join(latin or ['$^'])})(?![a-z])",
                *([rf"{_NOT_COUNTED}(?:{'|'.join(other)})"] if other else []),
                *_RATE_WORDS.get(code, ()),
            ]
        )
    )


def _denied(text: str, place: int, denials: Sequence[int]) -> bool:
    """Check whether a denial stands in the sentence in which something begins, and reaches it."""
    return any(
        not _ends(text, place, denial) if place < denial
        else not _ends(text, denial, place) and not _ANOTHER_CLAUSE.search(text, denial, place)
        for denial in denials
    )  # fmt: skip


def _ends(text: str, start: int, end: int) -> bool:
    """Check whether a sentence ends between two places; a point between the figures of a date ends none."""
    match = _SENTENCE.search(text, start, end)
    while match is not None and _between_digits(text, *match.span()):
        match = _SENTENCE.search(text, match.end(), end)
    return match is not None


def _sentence(text: str, place: int) -> str:
    """Return the sentence in which something begins."""
    spans = [
        match.span()
        for match in _SENTENCE.finditer(text)
        if not _between_digits(text, *match.span())
    ]
    begin = max((end for _, end in spans if end <= place), default=0)
    return text[begin : min((start for start, _ in spans if start >= place), default=len(text))]


def _between_digits(text: str, start: int, end: int) -> bool:
    """Check whether a point parts the figures of a date, as in "2020. 3. 5."; behind "under 12." a sentence may begin with 10 mg."""
    return (
        text[start] == "." and text[start - 1 : start].isdigit() and text[end : end + 1].isdigit()
        and any(date.start() < start < date.end() for date in _DATE.finditer(text))
    )  # fmt: skip
