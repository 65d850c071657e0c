"""Options that say something about the others, and rationales that call options by their marker.

"All of the above" says what it says only below the others; "Both A and B" and "① is wrong, since …"
hold in one order only. RE2 patterns for whole columns find them; the few rationales that name options
are read one by one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from medqa_kit.core.arrow.byte_scans import pattern_mask
from medqa_kit.core.arrow.ragged import Ints, Mask, flat
from medqa_kit.prompting.options import MARKERS

_ALL_OF = (
    r"(?i)^[^\pL\pN]*(?:(?:all|none|any|both|neither|either|each|(?:only |any )?(?:two|three|one|some|most) of|at least (?:one|two) of|more than one|two or more) (?:of )?(?:the )?(?:listed |given |provided |available |remaining )?"
    r"(?:above|foregoing|preceding|previous|these|those|following|options|choices|answers|other options|others)\b"
    r"|(?:there is )?no (?:(?:correct|right|true|valid|suitable) (?:answer|option|choice|one)|answer)(?: (?:is|are) (?:given|listed|correct|right|here))?[^\pL\pN]*$"
    r"|(?:all|none|both|neither)(?: of (?:these|those|them))? (?:(?:is|are) (?:correct|right|true|incorrect|wrong|false|possible)|appl(?:y|ies)\b|hold\b)"
    r"|(?:all|none|both|neither)[^\pL\pN]*$|(?:not|none) (?:listed|given|mentioned)(?: (?:here|above))?[^\pL\pN]*$)"
    r"|^[^\pL\pN]*(?:위|상기|이상|보기)(?:의|에서)? ?(?:중 ?)?(?:[2-4]개|[두세네] 개|[두세네] 가지|둘|셋) ?(?:이상|다)[^\pL\pN]*$"
    r"|^[^\pL\pN]*(?:គ្មាន|មិនមាន)(?:ទេ)?[^\pL\pN]*$"
    r"|(?:위|상기|이상|앞|위에 열거한|보기|나열된)(?:의|에서)? ?(?:것|보기|항목|내용|사항|답|셋|둘|네 가지|세 가지)?"
    r"(?: ?중)?(?:이|은|는|을)? ?(?:모두|전부|다 |아무|어느|없|에 ?없)"
    r"|^[^\pL\pN]*다 (?:옳|맞|정답|해당|틀)|^[^\pL\pN]*(?:(?:모두|전부)(?: ?다)?|(?:둘|셋) ?다)(?:[^\pL\pN]*$| ?(?:옳|맞|정답|해당|틀|아니|아님|아닙|가능|답))"
    r"|^[^\pL\pN]*(?:해당|정답|답|옳은 것|맞는 것)(?: ?사항|되는 것|하는 것)?(?:이|은)? ?없"
    r"|ខាងលើ|ខាងដើម|ចម្លើយទាំង|ជម្រើសទាំង|^[^\pL\pN]*ទាំង(?:អស់|ពីរ|បី)|(?:គ្មាន|មិនមាន)(?:ចម្លើយ|ជម្រើស|មួយ)"
)
_LABEL = r"\(?(?:[A-Ja-j]|[①-⑩]|[ក-ញ])\)?번?"
_NUMBER = r"\(?[1-9]\)?번?"
_JOINED = r"(?: *[,/&+·~∼–-] *(?:and |or )?| +(?:and|or|nor) +| *(?:와|과|및|또는|혹은|이나|나|그리고) *| *(?:និង|ឬ) *)"
_NUMBERED = r"(?: +(?:and|or) +| *(?:와|과|및|또는|혹은) *| *(?:និង|ឬ) *|번 *, *)"
_LED = r"(?:둘 ?다|모두|both|either|neither|only|options?|choices?|answers?|보기|선지|선택지|ចម្លើយ|ជម្រើស|ទាំង|មានតែ) *"
_TAIL = r"(?: *(?:이|가|은|는|만)? *(?:only|both|all|만|둘 ?다|모두|are|is|correct|true|옳|맞|정답|ត្រឹមត្រូវ|ទាំងពីរ|ប៉ុណ្ណោះ).{0,16})?[^\pL\pN]*$"
_NAMES_PLACES = (
    rf"(?i)^[^\pL\pN]*(?:{_LED})?{_LABEL}(?:{_JOINED}{_LABEL})+{_TAIL}"
    rf"|^[^\pL\pN]*(?:{_LED})?{_NUMBER}(?:{_NUMBERED}{_NUMBER})+{_TAIL}"
    rf"|^[^\pL\pN]*\([1-9]\)(?:{_JOINED}\([1-9]\))+{_TAIL}|^[^\pL\pN]*[1-9]번?(?: *[·,&/+] *[1-9])+번{_TAIL}"
    r"|^[^\pL\pN]*(?:(?:both|all) (?:of )?)?(?:the )?(?:first|last) (?:two|three)(?: (?:options|choices|answers))?[^\pL\pN]*$"
    rf"|^[^\pL\pN]*(?:only|same as|neither|both|option|choice|보기|선지|선택지|ជម្រើស|មានតែ) *{_LABEL}{_TAIL}"
    rf"|^[^\pL\pN]*{_LABEL} *(?:only|만|ប៉ុណ្ណោះ)[^\pL\pN]*$|[①-⑩]\s*[,와과및~∼-]?\s*[①-⑩]"
    rf"|^[^\pL\pN]*(?:all|any|everything|both|none) *(?:of these |of the above )?(?:except|but) *(?:option )?{_LABEL}[^\pL\pN]*$"
    rf"|^[^\pL\pN]*{_LABEL}(?:를|을|만)? *(?:제외|빼고)|លើកលែង(?:តែ)? *{_LABEL}[^\pL\pN]*$"
)
NAMES_OTHERS = rf"{_ALL_OF}|{_NAMES_PLACES}"
"""RE2 pattern of an option that refers to the others, or to its place among them."""
# Any text with that has one of these words, or begins with a label; looked for first, since it is fast.
_MAY_NAME_OTHERS = (
    r"(?i)all|none|any|both|neither|either|each|more than one|two|three|one of|some of|most of|no (?:correct|right|true|valid|suitable|answer)|everything|only|same as|option|choice|answer|not (?:listed|given|mentioned)|(?:first|last) t"
    r"|^[^\pL\pN]*다 |위|상기|이상|앞|나열|보기|선지|선택지|모두|전부|둘|셋|해당|정답|답|옳은|맞는|ខាង|ចម្លើយ|ជម្រើស|ទាំង|គ្មាន|មិនមាន|មានតែ|លើកលែង|[①-⑩]"
    r"|^[^A-Za-z0-9ក-ញ가-힣]*[A-J1-9ក-ញ](?:[^A-Za-z0-9가-힣ក-៓]|$|번|와|과|및|이|나|또|혹|그|가|은|는|를|을|만|제|빼|and|or|nor|only|និង|ឬ|ប៉)"
)


def names_others(texts: pa.Array) -> Mask:
    """Check which options refer to the others, or to their place among them.

    Args:
        texts: ``string[n]``.

    Example:
        >>> names_others(pa.array(["All of the above", "Gastritis", "① and ③", None])).tolist()
        [True, False, True, False]
    """
    named = pattern_mask(texts, _MAY_NAME_OTHERS)
    if not named.any():
        return named
    at = np.flatnonzero(named)
    named[at] = pattern_mask(texts.take(pa.array(at)), NAMES_OTHERS)
    return named


class MovableOptions(NamedTuple):
    """What may move in rows of options.

    Attributes:
        free: ``int64[n]``: how many options of a row, from the first, may change places; those after
            them say something about all others and stay last.
        placed: ``bool[n]``: an option names others by their places, so none may move.
    """

    free: Ints
    placed: Mask


def movable_options(options: pa.ListArray) -> MovableOptions:
    """Return which options of each row may change places.

    Args:
        options: ``list<string>[n]``.

    Example:
        >>> rows = [["a", "b", "All of the above"], ["a", "b", "Both A and B"], ["위의 모두", "a", "b"]]
        >>> movable_options(pa.array(rows))
        MovableOptions(free=array([2, 3, 3]), placed=array([False,  True,  True]))
    """
    every = flat(options)
    lengths = every.ends - every.starts
    anchor = pattern_mask(every.values, _ALL_OF)
    names = pattern_mask(every.values, _NAMES_PLACES)
    anchor &= ~names
    # The last option that is none of the anchors: what stands after it stays where it is.
    last = np.full(len(options), -1, np.int64)
    np.maximum.at(last, every.parents[~anchor], every.places[~anchor])
    early = anchor & (every.places < last[every.parents])
    placed = np.zeros(len(options), np.bool_)
    placed[every.parents[early | names]] = True
    free = np.where(last < 0, 0, last + 1)
    return MovableOptions(np.minimum(free, lengths), placed)


_ALPHABETS = (
    "ABCDEFGHIJ",
    "abcdefghij",
    "①②③④⑤⑥⑦⑧⑨⑩",
    "123456789",
    "".join(MARKERS["ក"].labels[:10]),
)
_ORDINAL = (
    r"\b(?i:(?:first|second|third|fourth|fifth|last|middle|other|1st|2nd|3rd|4th|5th) (?:(?:two|three|four) )?(?:option|choice|answer)s?)\b|(?:첫|두|세|네|다섯|[1-5]) ?번째 ?(?:보기|선지|선택지|항목|답)"
    r"|(?:마지막|맨 ?끝|맨 ?앞|가운데|처음|앞의|뒤의)(?: (?:한|두|세|네))? ?(?:개의 )?(?:보기|선지|선택지|항목)|(?:선지|선택지|보기) ?\(?(?:[가나다라마][,·)]|[가나다라마]번)|(?:선지|선택지) ?\(?[ㄱ-ㅁ]"
    r"|(?:ចម្លើយ|ជម្រើស)(?:ទី)? ?(?:[១-៩1-9]|ទីមួយ|ទីពីរ|ទីបី|ទីបួន)"
)
_MENTIONED = (
    r"[A-J①-⑩ក-ញ]|[1-9]번|[(\[][1-9a-j][)\]]|(?i:\b(?:option|choice|answer|alternative)s?(?: (?:is|are|was))?[^\pL\pN]{0,4}[a-j1-9])(?:[^\pL\pN]|$)"
    rf"|(?:보기|선지|선택지|정답|답)(?:은|는|이|가)?[^\pL\pN]{{0,4}}[1-9a-j]|{_ORDINAL}"
)
_CUED = re.compile(
    r"(?:\b(?i:options?|choices?|answer|answer choice|key|alternative)(?:\s{1,20}(?i:is|was|choice|option)){0,3}\s{0,20}[:：]?\s{0,20}"
    r"[(\[]?(?P<a>[A-J]|[①-⑩]|[a-j](?=[)\]])|[b-hj](?=\s*(?:[.,;:]|$|(?:is|was)\b)))(?![A-Za-z])"
    r"|\b(?i:option|choice)\s{0,3}[(\[]?(?P<d>[1-9])(?![0-9%]|[.,][0-9])|(?:보기|선지|선택지)\s{0,3}[(\[]?(?P<e>[1-9])(?=\s?(?:이|가|은|는|을|를|의|만|와|과|도)[\s가-힣])"
    r"|(?:정답|답|보기|선지|선택지)\s*(?:[은는이]|번호|항)?\s*[:：]?\s*[(\[]?(?P<b>[A-J](?![A-Za-z])|[①-⑩]|[1-9](?=\s*번|[)\]]|\s*$))"
    r"|(?:ចម្លើយ|ជម្រើស)(?:ត្រឹមត្រូវ|ដែល|គឺ|ជា|ទី|\s|[:៖])*[(\[«]?(?P<c>[ក-ញ]|[A-J](?![A-Za-z])|[①-⑩])(?![\u1780-\u17D3]))"
)
_PLACED = re.compile(
    rf"{_ORDINAL}|(?:정답|답)\s?(?:은|는|이)?\s?[:：]?\s?(?:[1-9](?=이[다므며고]|입니다|[.\s]*$)|[a-j](?![a-z]))"
)
_NOT_LABELS = (  # what stands before a letter that is part of a name
    r"(?i:vitamins?|hepatitis|types?|groups?|influenza|factors?|proteins?|grades?|stages?|class|criteri(?:a|on)|"
    r"immunoglobulins?|ig|blood|strep\w{0,20}|lineage|child-pugh|비타민|[AB]형|인자|간염|바이러스|단백|등급|병기|វីតាមីន|ប្រភេទ|រលាកថ្លើម)"
)
_BARE = re.compile(
    rf"(?P<name>{_NOT_LABELS}[\s-]*)?(?:(?<![A-Za-z0-9])(?P<a>[B-HJ])(?![A-Za-z0-9가-힣]*[-0-9]|[A-Za-z]|['’]s)"
    r"|(?<![A-Za-z0-9])(?P<b>A)(?=\s*(?:$|[.,;:)\]는은가이와과를을번]|(?:is|are|was|and|or|would|can|does|did|has|may)\b))"
    r"|(?P<c>[①-⑩])|(?P<d>[1-9])번|[(\[](?P<e>[1-9ក-ញa-j])[)\]])"
)


def mentioned_options(text: str, count: int) -> list[tuple[int, int]] | None:
    """Return where a rationale calls options by their markers.

    Args:
        text: The rationale.
        count: How many options the question has.

    Returns:
        The place of each marker in the text and that of the option, or ``None`` where letters may be
        markers or something else, so that nobody can tell what to change.

    Example:
        >>> mentioned_options("The answer is B, since hepatitis B is viral.", 4)
        [(14, 1)]
        >>> mentioned_options("A is wrong.", 4) is None
        True
    """
    if _PLACED.search(text):  # "the third option"
        return None
    named, certain = [], set()
    for hit in _CUED.finditer(text):
        group = hit.lastgroup or "a"
        at = hit.start(group)
        place = _place(text[at])
        if place >= count:
            return None
        named.append((at, place))
        certain.add(at)
    for hit in _BARE.finditer(text):
        at = hit.start(hit.lastgroup or 0)
        if hit["name"] is None and at not in certain and _place(text[at]) < count:
            return None
    return named


def _place(label: str) -> int:
    return next(alphabet.index(label) for alphabet in _ALPHABETS if label in alphabet)


def may_mention_options(rationales: pa.Array) -> Mask:
    """Return which rationales hold anything that may be a marker: the others need no reading.

    Example:
        >>> may_mention_options(pa.array(["B is right.", "so it goes", None])).tolist()
        [True, False, False]
    """
    return pattern_mask(rationales, _MENTIONED)


def with_places(text: str, named: list[tuple[int, int]], places: list[int]) -> str:
    """Return a rationale whose markers follow the options to their new places.

    Args:
        text: The rationale.
        named: From :func:`mentioned_options`.
        places: The new place of each option.

    Example:
        >>> with_places("The answer is B.", [(14, 1)], [2, 0, 1])
        'The answer is A.'
    """
    pieces, begin = [], 0
    for at, place in named:
        alphabet = next(letters for letters in _ALPHABETS if text[at] in letters)
        pieces += [text[begin:at], alphabet[places[place]]]
        begin = at + 1
    return "".join([*pieces, text[begin:]])
