"""Options that refer to other options, and rationales that name options by their marker.

"All of the above" says what it says only below the others; "Both A and B" and "① is wrong, since …"
hold in one order only. RE2 patterns for whole columns find them; the few rationales that name options
are read one by one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.byte_scans import pattern_mask
from medqa_kit.core.arrow.ragged import Ints, Mask, flat
from medqa_kit.prompting.options import MARKERS

_JUDGED = r"(?:correct|right|true|incorrect|wrong|false|possible)"
_ALL_OF = (
    r"(?i)^[^\pL\pN]*(?:(?:all|none|any|both|neither|either|each|every|everything|not (?:any|all)(?: of)?|(?:only |any )?(?:two|three|one|some|most) of|at least (?:one|two) of|more than one|two or more) (?:of )?(?:the )?(?:(?:listed|given|provided|available|remaining|other) )?"
    r"(?:above|aforementioned|foregoing|preceding|previous|these|those|following|options|choices|answers|statements|others)\b"
    r"|(?:all|none|any|most|some) of the (?:listed|given|mentioned|stated|named)\b|(?:each|every) (?:other )?(?:option|choice|answer)\b|everything (?:listed|mentioned)\b"
    rf"|all (?:two|three|four|five)(?: of (?:these|those|them)| options| choices| answers| statements)?(?: are (?:all )?{_JUDGED})?[^\pL\pN]*$"
    r"|(?:there is )?no (?:(?:correct|right|true|valid|suitable) (?:answer|option|choice|one)|answer|option|choice|statement)(?: (?:is|are) (?:given|listed|correct|right|here))?[^\pL\pN]*$"
    rf"|more than one (?:answer|option|choice|statement)\b|(?:the )?(?:above|other|others)(?: (?:options|choices|answers|statements))? (?:is|are) (?:all )?{_JUDGED}\b"
    rf"|(?:all|none|both|neither)(?: of (?:these|those|them))? (?:(?:is|are) {_JUDGED}|appl(?:y|ies)\b|hold\b)"
    r"|(?:all|none|both|neither)(?: of (?:these|those|them))?[^\pL\pN]*$|(?:not|none) (?:listed|given|mentioned)(?: (?:here|above))?[^\pL\pN]*$)"
    r"|(?i:\b(?:all|none|any|both) of the above)[^\pL\pN]*$"
    r"|^[^\pL\pN]*(?:위|상기|이상|보기)(?:의|에서)? ?(?:중 ?)?(?:[2-4]개|[두세네] 개|[두세네] 가지|둘|셋) ?(?:이상|다)[^\pL\pN]*$"
    r"|^[^\pL\pN]*(?:(?:이|위|상기|보기|앞|제시된 것)(?:의|에)? ?(?:(?:것|보기|항목) ?)?(?:중|가운데)(?:에|에서)?(?:는)? ?(?:\pL{1,4} ?){0,2}없|위에 ?해당.{0,8}없|(?:위|상기|이상|앞)의 모든)"
    r"|^[^\pL\pN]*(?:없음|없다|없습니다|គ្មាន|មិនមាន)(?:ទេ)?[^\pL\pN]*$"
    r"|(?:위|상기|이상|앞|위에 열거한|보기|나열된)(?:의|에서)? ?(?:것|보기|항목|내용|사항|답|셋|둘|네 가지|세 가지)?"
    r"(?: ?중)?(?:이|은|는|을)? ?(?:모두|전부|다 |아무|어느|에 ?없)"
    r"|(?:(?:위|상기|앞|위에 열거한|보기|나열된)(?:의|에서|에)? ?|이상(?:의|에서)? ?(?:것|보기|항목|내용|사항|답|중))(?:것|보기|항목|내용|사항|답|셋|둘|네 가지|세 가지)?(?: ?중)?(?:이|은|는|을)? ?없"
    r"|^[^\pL\pN]*다 (?:옳|맞|정답|해당|틀)|^[^\pL\pN]*(?:(?:(?:두|세|네) 가지 ?)?(?:모두|전부)(?: ?다)?|(?:둘|셋|(?:두|세|네) 가지) ?다)(?:[^\pL\pN]*$| ?(?:옳|맞|정답|해당|틀|아니|아님|아닙|가능|답))"
    r"|^[^\pL\pN]*(?:해당|정답|답|옳은 것|맞는 것)(?: ?사항|되는 것|하는 것)?(?:이|은)? ?없"
    r"|(?:^[^\pL\pN]*|(?:ទាំង|គ្មាន|មិនមាន|មិនមែន|ណាមួយ|ចម្លើយ|ជម្រើស|ចំណុច|ករណី)[^ ]{0,24} ?)(?:ខាងលើ|ខាងដើម)(?: ?(?:ទាំង|នេះ|គឺ|ត្រូវ|ត្រឹមត្រូវ|ខុស)[^ ]*)?[^\pL\pN]*$|ចម្លើយ ?ទាំង|ជម្រើស ?ទាំង|^[^\pL\pN]*(?:(?:ត្រឹមត្រូវ|ត្រូវ|ខុស|មិនមែន) ?)?ទាំង ?(?:អស់|ពីរ|បី)|(?:គ្មាន|មិនមាន) ?(?:ចម្លើយ|ជម្រើស|មួយ)"
)
_LABEL = r"\(?(?:[A-Ja-j]|[①-⑩]|[ក-ញ])\)?번?"
_NUMBER = r"\(?[1-9១-៩]\)?번?"
_JOINED = r"(?: *[,/&+·~∼–-] *(?:and |or )?| +(?:and|or|nor|plus|to|through|thru|but not) +| *(?:와|과|및|또는|혹은|이나|나|그리고) *| *(?:និង|ឬ) *)"
_NUMBERED = r"(?: +(?:and|or|plus|&) +| *(?:와|과|및|또는|혹은) *| *(?:និង|ឬ) *|[번)] *[,·&/+] *)"
_NTH = r"(?:the )?(?:first|second|third|fourth|fifth|last|[1-5](?:st|nd|rd|th))"
_NTH_KO = r"(?:첫|두|세|네|다섯|[1-5]) ?번째"
_LED = r"(?:둘 ?다|모두|(?:all|none|any|both|either|neither) of|both|either|neither|only|options?|choices?|answers?|보기|선지|선택지|ចម្លើយ|ជម្រើស|ទាំង|មានតែ) *"
_TAIL = r"(?: *(?:이|가|은|는|만)? *(?:only|both|all|만|둘 ?다|모두|are|is|correct|true|옳|맞|정답|ត្រឹមត្រូវ|ទាំងពីរ|ប៉ុណ្ណោះ).{0,16})?[^\pL\pN]*$"
_NAMES_PLACES = (
    rf"(?i)^[^\pL\pN]*(?:{_LED})?{_LABEL}(?:{_JOINED}{_LABEL})+{_TAIL}"
    rf"|^[^\pL\pN]*(?:{_LED})?{_NUMBER}(?:{_NUMBERED}{_NUMBER})+{_TAIL}"
    rf"|^[^\pL\pN]*[1-9](?: ?, ?[1-9])+,? ?(?:and|or|및|와|과|그리고) ?[1-9]{_TAIL}|^[^\pL\pN]*[1-9](?: ?, ?[1-9])+ ?(?:번|모두|all|only|are)"
    rf"|^[^\pL\pN]*(?:{_LED})?[ក-ញ](?:,? [ក-ញ])* *(?:និង|ឬ) *[ក-ញ]{_TAIL}"
    rf"|^[^\pL\pN]*\([1-9]\)(?:{_JOINED}\([1-9]\))+{_TAIL}|^[^\pL\pN]*[1-9]번?(?: *[·,&/+] *[1-9])+번{_TAIL}"
    r"|^[^\pL\pN]*(?:(?:both|all) (?:of )?)?(?:the )?(?:first|last|above|former|latter|preceding|previous) (?:two|three)(?: (?:options|choices|answers))?[^\pL\pN]*$"
    rf"|^[^\pL\pN]*(?:both )?{_NTH}(?: (?:and|or) |, ){_NTH}(?: (?:ones?|options?|choices?|answers?))?(?: only)?[^\pL\pN]*$"
    rf"|^[^\pL\pN]*{_NTH_KO}(?:와|과|,)? ?{_NTH_KO}(?: (?:것|보기))?[^\pL\pN]*$|^[^\pL\pN]*(?:위|앞|뒤|상기)(?:의|에 있는)? ?(?:(?:두|2) ?(?:가지|개|것)(?: ?모두| ?다)?|(?:세|3) ?(?:가지|개|것))[^\pL\pN]*$"
    rf"|^[^\pL\pN]*(?:only|same as|neither|both|option|choice|보기|선지|선택지|ជម្រើស|មានតែ) *{_LABEL}{_TAIL}"
    rf"|^[^\pL\pN]*{_LABEL} *(?:only|만|ប៉ុណ្ណោះ)[^\pL\pN]*$|[①-⑩]\s*[,와과및~∼-]?\s*[①-⑩]"
    rf"|^[^\pL\pN]*(?:all|any|everything|both|none|either|two|three|most) *(?:of (?:these|the above|the options) )?(?:except|but|other than) *(?:for )?(?:option )?{_LABEL}[^\pL\pN]*$"
    rf"|^[^\pL\pN]*{_LABEL}(?:를|을|만)? *(?:제외|빼고)|លើកលែង(?:តែ)? *{_LABEL}[^\pL\pN]*$"
)
_SYLLABLE = r"\(?[가나다라마바사ㄱㄴㄷㄹㅁㅂㅅ]\)?"
_SYLLABLES = rf"^[^\pL\pN]*{_SYLLABLE}(?:{_JOINED}{_SYLLABLE})*{_TAIL}"
_SEVERAL_SYLLABLES = rf"^[^\pL\pN]*{_SYLLABLE}(?:{_JOINED}{_SYLLABLE})+{_TAIL}"
_ODD_BLANKS = r"[\x{00A0}\x{2000}-\x{200D}\x{202F}\x{2060}\x{3000}\x{FEFF}\t\n]|  "
_NO_WIDTH = r"[\x{200B}-\x{200D}\x{2060}\x{FEFF}]"
_BLANKS = r"[\s\x{00A0}\x{2000}-\x{200A}\x{202F}\x{3000}]+"
_ALPHABETS = (
    "ABCDEFGHIJ",
    "abcdefghij",
    "①②③④⑤⑥⑦⑧⑨⑩",
    "123456789",
    "".join(MARKERS["ក"].labels[:10]),
)
_HANGUL = ("가나다라마바사아자차", "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊ")
# A label, its sign and what it leads to; "1.5 mg" begins with none.
_LED_BY_LABEL = rf"^\s*[(\[]?([{''.join((*_ALPHABETS[:2], *_ALPHABETS[3:], *_HANGUL))}])(?:[)\]]|[.:]\s*[^0-9\s])(?s:.*)$|^\s*([①-⑩])\s*[^①-⑩\s](?s:.*)$"
# RE2 takes half a millisecond for each class of all letters, of which the patterns have forty. These are the signs that
# stand beside texts, with the vowels of Khmer.
_NO_LETTER = (
    r"[\x00-/:-@\[-`{-\x{A9}\x{AB}-\x{B1}\x{B4}\x{B6}-\x{B8}\x{BB}\x{BF}\x{D7}\x{F7}\x{300}-\x{36F}\x{17B4}-\x{17D6}\x{17D8}-\x{17DB}"
    r"\x{2000}-\x{206F}\x{20A0}-\x{20FF}\x{2190}-\x{245F}\x{2500}-\x{2775}\x{2794}-\x{2BFF}\x{3000}-\x{3004}\x{3008}-\x{3020}"
    r"\x{FE00}-\x{FE6B}\x{FEFF}\x{FF01}-\x{FF0F}\x{FF1A}-\x{FF20}\x{FF3B}-\x{FF40}\x{FF5B}-\x{FF65}\x{1F000}-\x{1F0FF}\x{1F110}-\x{1FAFF}]"
)
_ALL_OF, _NAMES_PLACES, _SYLLABLES, _SEVERAL_SYLLABLES = (
    pattern.replace(r"[^\pL\pN]", _NO_LETTER)
    for pattern in (_ALL_OF, _NAMES_PLACES, _SYLLABLES, _SEVERAL_SYLLABLES)
)
# Any text with that has one of these words, or begins with a label; looked for first, since it is fast.
_MAY_NAME_OTHERS = (
    r"(?i)all|none|any|both|neither|either|each|every|more than one|through|thru|but not|two|three|one of|some of|most|no (?:correct|right|true|valid|suitable|answer)|only|same as|option|choice|answer|above|others? |statement|not (?:listed|given|mentioned)|(?:first|last)[, ]|second|third|fourth|fifth|[1-5](?:st|nd|rd|th)|번째"
    r"|^[^\pL\pN]*(?:다 |없|이 ?중)|위|상기|이상|앞|뒤|나열|제시|보기|선지|선택지|모두|전부|둘|셋|가지 ?다|해당|정답|답|옳은|맞는|ខាង|ទាំង ?|ចម្លើយ|ជម្រើស|ទាំង|គ្មាន|មិនមាន|មានតែ|លើកលែង|[①-⑩]"
    r"|^[^A-Za-z0-9ក-ញ១-៩가-힣]*[A-J1-9ក-ញ១-៩](?:[^A-Za-z0-9가-힣ក-៓]|$|번|와|과|및|이|나|또|혹|그|가|은|는|를|을|만|제|빼|and|or|nor|plus|only|និង|ឬ|ប៉)"
)


def names_others(texts: pa.Array) -> Mask:
    """Check which options refer to the others, or to their place among them.

    Args:
        texts: ``string[n]``.

    Example:
        >>> names_others(pa.array(["All of the above", "Gastritis", "① and ③", None])).tolist()
        [True, False, True, False]
    """
    texts = _with_plain_blanks(texts)
    named = pattern_mask(texts, _MAY_NAME_OTHERS)
    if not named.any():
        return named
    at = np.flatnonzero(named)
    likely = texts.take(
        pa.array(at)
    )  # two patterns, since RE2 is slow where one outgrows its memory
    named[at] = pattern_mask(likely, _ALL_OF) | pattern_mask(likely, _NAMES_PLACES)
    return named


def _with_plain_blanks(texts: pa.Array) -> pa.Array:
    """Return texts with one plain blank for each run of blanks, and none of no width."""
    if not pattern_mask(texts, _ODD_BLANKS).any():
        return texts
    return pc.replace_substring_regex(
        pc.replace_substring_regex(texts, _NO_WIDTH, ""), _BLANKS, " "
    )


def carry_labels(options: pa.ListArray) -> Mask:
    """Check which rows have options that all begin with their own labels in order, such as "A. fever", "B. cough".

    Args:
        options: ``list<string>[n]``.

    Example:
        >>> carry_labels(pa.array([["A. 간", "B. 폐"], ["① 간", "② 폐"], ["A. baumannii", "E. coli"], ["1.5 mg", "2.5 mg"]])).tolist()
        [True, True, False, False]
    """
    every = flat(options)
    lengths = every.ends - every.starts
    carry = np.zeros(len(options), np.bool_)
    led = np.flatnonzero(pattern_mask(every.values, _LED_BY_LABEL))
    rows = every.parents[led]
    whole = np.bincount(rows, minlength=len(options)) == lengths
    led = led[whole[rows] & (lengths[rows] > 1)]
    labels = pc.replace_substring_regex(every.values.take(pa.array(led)), _LED_BY_LABEL, r"\1\2")
    for series in (*_ALPHABETS, *_HANGUL):
        places = pc.fill_null(pc.index_in(labels, value_set=pa.array(list(series))), -1)
        fits = np.asarray(places) == every.places[led]
        carry |= (np.bincount(every.parents[led[fits]], minlength=len(options)) == lengths) & (
            lengths > 1
        )
    return carry


class MovableOptions(NamedTuple):
    """What may move in rows of options.

    Attributes:
        free: ``int64[n]``: how many options of a row, from the first, may change places; those after
            them say something about all others and stay last.
        placed: ``bool[n]``: an option names others by their places, or all begin with their own labels, so none may move.
        sets: ``bool[n]``: the options are sets of statements of the stem, such as "ㄱ, ㄴ".
    """

    free: Ints
    placed: Mask
    sets: Mask


def movable_options(options: pa.ListArray) -> MovableOptions:
    """Return which options of each row may change places.

    Args:
        options: ``list<string>[n]``.

    Example:
        >>> rows = [["a", "b", "All of the above"], ["a", "b", "Both A and B"], ["위의 모두", "a", "b"]]
        >>> movable_options(pa.array(rows))
        MovableOptions(free=array([2, 3, 3]), placed=array([False,  True,  True]), sets=array([False, False, False]))
    """
    every = flat(options)
    lengths = every.ends - every.starts
    texts = _with_plain_blanks(every.values)
    anchor, names = np.zeros((2, len(texts)), np.bool_)
    at = np.flatnonzero(pattern_mask(texts, _MAY_NAME_OTHERS))
    likely = texts.take(pa.array(at))
    names[at] = pattern_mask(likely, _NAMES_PLACES)
    anchor[at] = pattern_mask(likely, _ALL_OF) & ~names[at]
    # The last option that is none of the anchors: what stands after it stays where it is.
    last = np.full(len(options), -1, np.int64)
    np.maximum.at(last, every.parents[~anchor], every.places[~anchor])
    early = anchor & (every.places < last[every.parents])
    placed = np.zeros(len(options), np.bool_)
    placed[every.parents[early | names]] = True
    placed |= carry_labels(options)
    sets = np.zeros(len(options), np.bool_)
    joined = pattern_mask(texts, _SEVERAL_SYLLABLES)
    if joined.any():
        other = np.bincount(every.parents[~pattern_mask(texts, _SYLLABLES)], minlength=len(options))
        sets[every.parents[joined]] = True
        placed |= sets & (other > 1)  # "가, 다" among options that are none: these two options
        sets &= other <= 1
    free = np.where(last < 0, 0, last + 1)
    return MovableOptions(np.minimum(free, lengths), placed, sets)


_SAID = r"(?:정답|오답|답|맞|옳|틀)"
_ORDINAL = (
    r"\b(?i:(?:first|second|third|fourth|fifth|last|middle|penultimate|former|latter|1st|2nd|3rd|4th|5th) (?:(?:two|three|four) )?(?:option|choice|answer)s?)\b|(?:첫|두|세|네|다섯|[1-5]) ?번째 ?(?:보기|선지|선택지|항목|답)"
    r"|\b(?i:(?:first|second|third|fourth|fifth|last|former|latter)(?: (?:ones?|two|three|four))? (?:is|are) (?:the )?(?:right|wrong|(?:in)?correct|true|false|answer)|(?:option|choice|answer)s? (?:one|two|three|four|five))\b"
    rf"|(?:{_NTH_KO}|마지막|맨 ?끝|맨 ?앞)(?:의)? ?(?:것|게|거)?(?:이|가|은|는|만|도) ?{_SAID}|(?:위|앞|아래|뒤|끝)에서 ?{_NTH_KO}|(?:보기|선지|선택지|답지|답가지)(?:의)? ?{_NTH_KO}"
    r"|(?:마지막|맨 ?끝|맨 ?앞|가운데|처음|앞의|뒤의)(?: (?:한|두|세|네))? ?(?:개의 )?(?:보기|선지|선택지|항목)|(?:선지|선택지|보기) ?\(?(?:[가나다라마][,·)]|[가나다라마]번)|(?:선지|선택지) ?\(?[ㄱ-ㅁ]"
    r"|(?:ចម្លើយ|ជម្រើស)(?:ទី)? ?(?:[១-៩1-9]|ទីមួយ|ទីពីរ|ទីបី|ទីបួន)|លេខ ?[១-៩1-9] ?(?:គឺ ?)?(?:ត្រូវ|ត្រឹមត្រូវ|ខុស)"
)
# Labels of Hangul: of options, or of the statements in a stem.
_SYLLABLE_NAMED = (
    r"(?:보기|선지|선택지|답가지|답지|정답|오답|답)(?:은|는|이|가|번호)?(?:[ :：]{1,3}[(\[]?|[(\[])[가나다라마ㄱ-ㅁ](?:[)\],·.]|(?:은|는|이|가|을|를|와|과|도|만|이다|입니다|이며|이고)?(?:[\s.,]|$))"
    rf"|[(\[][가나다라마ㄱ-ㅁ][)\]]|(?:^|[\s,(])[가나다라마](?:은|는|이|가|도|만) ?{_SAID}|(?:^|[\s,(])[ㄱ-ㅁ](?:[은는이가을를도만,.·)\s]|$)"
)
# Numbers and small letters that are said to be right or wrong, or follow a word for an option.
_SAID_OF = (
    r"(?i:\b(?:answer|ans\.?|number|no\.|key)(?: is| was)?[ :=]{1,3}|\bans[:=]|#)[1-9]\s*(?:[,;:)]|\.(?:\s|$)|$|(?:is|are|was)\b)|(?:답가지|답지|문항|지문|항목|오답|문장) ?\(?[1-9](?:번|[은는이가을를도만)\s,.]|$)"
    rf"|(?:^|[\s,.])[1-9]\)(?:[은는이가도만]|\s?{_SAID})"
)
# Places that are named in other signs, or beside a word that says so: nobody rewrites them.
_OTHERWISE_NAMED = (
    r"[Ⓐ-Ⓙⓐ-ⓙ❶-❿➀-➓⑴-⑽⒜-⒥]|[\x{1F130}-\x{1F139}\x{1F150}-\x{1F159}\x{1F170}-\x{1F179}]|[１-９](?:번|[)）])|[Ａ-Ｊ](?:[^Ａ-Ｚａ-ｚA-Za-z]|$)"
    rf"|(?:^|[\s,.(])[1-9](?: ?(?:,|와|과|및|·|~|∼|–|-) ?[1-9])+(?:번|[은는이가을를도만])? ?(?:모두 |다 |전부 |둘 다 )?{_SAID}|(?:첫|둘|셋|넷|다섯)째 ?(?:보기|선지|선택지|항목|답)"
    r"|(?:정답|오답|답)[\])】〕]? ?(?:은|는)?[:：]? ?[\[(]?[1-9a-j](?:[,.)\]\s]|$)|(?i:\b(?:key|hence|thus|therefore|ans(?:wer)?(?: is|\.)?)[:,-]? [\"'‘“(]?)[b-hj](?:[\"'’”).,]|$)|^\s*[b-j] ?: "
    r"|(?i:\banswer is the (?:first|second|third|fourth|fifth|last|middle)(?: one)?)[.,\s]*$|(?i:\bstatements?) [(]?[1-9](?:[).,\s]|$)|(?i:\b(?:options?|choices?|answer|statements?)(?: is)? [(]?)(?:II|III|IV|VI{1,3}|IX|[Ⅰ-Ⅹ])(?:[^A-Za-z]|$)|[Ⅰ-Ⅹ] (?:is|was) "
    rf"|(?:보기|선지|선택지)(?: 중| 가운데)? ?(?:맨|가장|제일) ?(?:위|아래|앞|뒤|끝|마지막|처음)|(?:맨|가장|제일) ?(?:위|아래|앞|뒤|끝|마지막|처음)(?:에|의)?(?: ?있는)? ?(?:것|보기|선지|선택지)?(?:이|은|가)? ?{_SAID}"
    r"|(?:^|[\s,])[1-9] ?[:(-] ?[OX○×✓✗❌✅⭕](?:[),.\s]|$)"
)
# Small letters that are said to be right or wrong.
_SMALL = r"(?:^|[\s(\"'])[(]?[a-j][)]? (?i:(?:is|was|are) (?:the )?(?:right|wrong|(?:in)?correct|true|false|answer))|(?i:\b(?:ans\.?:?|be|is|choose|pick|letter)) [(]?[b-hj][)]?(?:[.,;:]|$)"
_MENTIONED = (
    r"[A-J①-⑩ក-ញ]|[1-9]번|[(\[][1-9a-j][)\]]|(?i:\b(?:option|choice|answer|alternative)s?(?: (?:is|are|was))?[^\pL\pN]{0,4}[a-j1-9])(?:[^\pL\pN]|$)"
    rf"|(?:보기|선지|선택지|정답|답)(?:은|는|이|가)?[^\pL\pN]{{0,4}}[1-9a-j]|{_ORDINAL}|{_SYLLABLE_NAMED}|{_SAID_OF}|{_SMALL}|{_OTHERWISE_NAMED}|(?:^|\s)[a-j]\)|(?m:^)\s*[(]?[1-9a-j][.)]\s"
)
_CUED = re.compile(
    r"(?:\b(?i:options?|choices?|answer|answer choice|key|alternative)(?:\s{1,20}(?i:is|was|choice|option)){0,3}\s{0,20}[:：]?\s{0,20}"
    r"[(\[]?(?P<a>[A-J]|[①-⑩]|[a-j](?=[)\]])|[b-hj](?=\s*(?:[.,;:]|$|(?:is|was)\b)))(?![A-Za-z])"
    r"|\b(?i:option|choice)\s{0,3}[(\[]?(?P<d>[1-9])(?![0-9%]|[.,][0-9])|(?:보기|선지|선택지)\s{0,3}[(\[]?(?P<e>[1-9])(?=\s?(?:이|가|은|는|을|를|의|만|와|과|도)[\s가-힣])"
    r"|(?:정답|답|보기|선지|선택지)\s*(?:[은는이]|번호|항)?\s*[:：]?\s*[(\[]?(?P<b>[A-J](?![A-Za-z])|[①-⑩]|[1-9](?=\s*번|[)\]]|\s*$))"
    r"|(?:ចម្លើយ|ជម្រើស)(?:ត្រឹមត្រូវ|ដែល|គឺ|ជា|ទី|\s|[:៖])*[(\[«]?(?P<c>[ក-ញ]|[A-J](?![A-Za-z])|[①-⑩])(?![\u1780-\u17D3]))"
)
_PLACED = re.compile(
    rf"{_ORDINAL}|{_SAID_OF}|(?:정답|답)\s?(?:은|는|이)?\s?[:：]?\s?(?:[1-9](?=이[다므며고]|입니다|[.\s]*$)|[a-j](?![a-z]))"
)
_NOT_LABELS = (  # what stands before a letter that is part of a name
    r"(?i:vitamins?|hepatitis|types?|groups?|influenza|factors?|proteins?|grades?|stages?|class|criteri(?:a|on)|"
    r"immunoglobulins?|ig|blood|strep\w{0,20}|lineage|child-pugh|비타민|[AB]형|인자|간염|바이러스|단백|등급|병기|វីតាមីន|ប្រភេទ|រលាកថ្លើម)"
)
_BARE = re.compile(
    rf"(?P<name>{_NOT_LABELS}[\s-]*)?(?:(?<![A-Za-z0-9])(?P<a>[B-HJ])(?![A-Za-z0-9가-힣]*[-0-9]|[A-Za-z]|['’]s|형|군\s|급|계열|세포|림프|타입|수용체)"
    r"|(?<![A-Za-z0-9])(?P<b>A)(?=\s*(?:$|[.,;:)\]는은가이와과를을번]|(?:is|are|was|and|or|would|can|does|did|has|may)\b))"
    r"|(?P<c>[①-⑩])|(?P<d>[1-9])번|[(\[](?P<e>[1-9ក-ញa-j])[)\]]|(?<![\w(])(?P<f>[a-j])\)|(?<![\u1780-\u17d3])(?P<g>[ក-ញ])(?![\u1780-\u17d3])"
    r"|(?<![\w-])(?P<h>[a-j])(?=[)]? (?i:(?:is|was|are) (?:the )?(?:right|wrong|(?:in)?correct|true|false|answer)))|(?i:\b(?:ans\.?:?|be|is|choose|pick|letter)) [(]?(?P<i>[b-hj])(?=[)]?(?:[.,;:]|$)))"
)
_BY_OTHER_SIGNS = re.compile(
    re.sub(r"\\x\{([0-9A-F]+)\}", lambda code: chr(int(code[1], 16)), _OTHERWISE_NAMED)
)
_MORE = re.compile(
    r"[)\]]?번?\s?(?:,|와|과|및|·|/|~|∼|–|-|\b(?:and|or|to|through)\b|និង)\s?[(\[]?(?P<label>[1-9A-Ja-j①-⑩ក-ញ])(?![\w.%])"
)
_BY_SYLLABLE = re.compile(_SYLLABLE_NAMED)
_ITEM = re.compile(r"^[^\S\n]*[(]?([1-9a-j])[.)]\s", re.MULTILINE)


def mentioned_options(text: str, count: int, *, sets: bool = False) -> list[tuple[int, int]] | None:
    """Return where a rationale calls options by their markers.

    Args:
        text: The rationale.
        count: How many options the question has.
        sets: Whether the options are sets of statements, which are what "ㄱ" and "나" then name.

    Returns:
        The place of each marker in the text and that of the option, or ``None`` where letters may be
        markers or something else, so that nobody can tell what to change.

    Example:
        >>> mentioned_options("The answer is B, since hepatitis B is viral.", 4)
        [(14, 1)]
        >>> mentioned_options("A is wrong.", 4) is None
        True
    """
    if (
        _PLACED.search(text)
        or _BY_OTHER_SIGNS.search(text)
        or (not sets and _BY_SYLLABLE.search(text))
    ):  # "the third option"
        return None
    items = {_place(item[1]) for item in _ITEM.finditer(text)}
    if len(items) >= max(2, count - 1) and max(items) < count:  # one line an option
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
    for at, _ in named:  # "보기 2와 3은": the second of them is not certain
        if (more := _MORE.match(text, at + 1)) and more.start("label") not in certain:
            return None
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
