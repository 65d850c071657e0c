"""A text in the one form in which its figures are read."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.ragged import Ints

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_SUPERSCRIPT = re.compile("[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_SIGNS = {ord("០") + n: str(n) for n in range(10)} | {ord("μ"): "µ", ord("’"): "'", ord("‘"): "'"}
_SIGN = re.compile("[០-៩μ’‘]")
# Khmer writes thousands with a point and decimals with a comma, unless it follows English.
_KHMER_THOUSANDS = re.compile(r"(?<![០-៩.,])([១-៩][០-៩]{0,2})((?:\.[០-៩]{3})+)(?![០-៩.,])")
_KHMER_DECIMALS = re.compile(r"(?<![០-៩.,])([០-៩]+),([០-៩]{1,2})(?![០-៩.,])")
# Thousands set apart by a blank that does not break, and a fraction in one sign behind a figure.
_THIN_THOUSANDS = re.compile("(?<=[0-9])[\u00a0\u2009\u202f](?=[0-9]{3}(?![0-9]))")
_MIXED = re.compile("(?<=[0-9០-៩])(?=[¼½¾⅐-⅞])")
# Weeks of pregnancy: "38+6 weeks" and "38⁺⁶ 주" are 38 weeks and 6 days.
_WEEKS_AND_DAYS = re.compile(
    r"(?<![\d.])(\d\d) ?\^?\+ ?([0-6]) ?(?=(?:weeks?|wks?)\b|주|សប្តាហ៍|សប្ដាហ៍)"
)
# A minus of its own, or a dash that stands for it within a line.
_MINUS = re.compile(r"(?<!\d)−(?=\d)|(?<=[^\s\d] )–(?=\d)")
_BELOW_ZERO = re.compile(r"(?:\bminus |영하 ?)(?=\d)")
_KHMER_FRACTION = re.compile(r"(?<!\d)(\d{1,3}) ?ភាគ ?(\d{1,3})(?!\d)")
_KOREAN_FRACTION = re.compile(r"(?<!\d)(\d{1,9})\s?분의\s?(\d{1,9})")
_PER_ONE = re.compile(r"(?<![\d.,])1\s?(?=[A-Za-z가-힣]{1,4}당(?![가-힣]))")
# "1일 3회" and "1일 500 mg" say how much a day, not for how many days.
_A_DAY = re.compile(
    r"(?<![\d.,~-])1일 (?=\d[\d.,]*\s?(?:회|번|차례|[a-zµ]+|정|알|캡슐|그램|밀리)|[한두세네] ?(?:번|차례|알|정))"
)
# "1회 5 mL씩 1일 2회" is 5 mL twice a day; "하루 1회 5 mL씩" is once a day.
_EACH_TIME = re.compile(
    r"(?<![\d가-힣])(?<![가-힣] )1회에?\s?(?=\d[\d.,~∼–-]*\s?[A-Za-zµ가-힣%]{1,6}씩)"
)
# "1회 500 mg을 하루 3회" and "1회 용량 500 mg" say how much each time.
_EACH_DOSE = re.compile(
    r"(?<![\d가-힣])(?<!하루 )(?<![하루달주]에 )(?<![일주월] )1회에?\s?(?=\d[\d.,~∼–-]*\s?[A-Za-zµ가-힣%]{1,6}[^.\n\d]{0,12}(?:하루|1일|일일|매일)에?\s?[\d한두세네])"
    r"|(?:(?<=\d회 )|(?<=\d회, ))1회에?\s?(?=\d[\d.,~∼–-]*\s?[A-Za-zµ가-힣%])"
    r"|(?<![\d가-힣])1회\s?(?=용량|투여량|복용량|사용량|주사량|량)"
)
_FAHRENHEIT = re.compile(r"화씨\s?(\d[\d.]*)\s?도")
_MONTHS = {"석": "3개월", "넉": "4개월"}
_NATIVE_MONTHS = re.compile(r"(?<![가-힣])([석넉]) 달(?=$|[\s.,)]|[간이을전후동째치])")
_AND_A_HALF = re.compile(
    r"(?<![\d.,])(\d{1,4})(\s?(?:년|살|세|시간|분|개월|달|주|일|정|알|배|컵|회|리터))\s?반(?=$|[\s.,)]|이|을|동|의|간|마)"
    r"|(?<![\d.,])(\d{1,4})(\s?(?:ឆ្នាំ|ខែ|ម៉ោង|ថ្ងៃ|គ្រាប់|លីត្រ))\s?កន្លះ"
)
_AND_A_HALF_IN_ENGLISH = re.compile(r"(?<![\d.,])(\d{1,4}) and (?:a|one)[ -]half\b")
# Ranges of times of day are two times, each with the half of the day: "2-4 p.m." is "2 p.m. , 4 p.m.".
_TO = r" ?(?:[-–~∼]|to|and|until|부터|에서|ដល់|ទៅ) ?"
# Finds the texts that may hold such a range, for RE2 as well.
_LIKELY_TIMES = (
    rf"\d(?: ?[시분])?{_TO}(?:ម៉ោង ?)?\d{{1,2}}"
    r"(?::[0-5]\d| ?(?:[ap]\.?m\b|시(?:[^간]|$)|ព្រឹក|រសៀល|ល្ងាច|យប់))"
)
_MAY_HOLD_TIMES = re.compile(_LIKELY_TIMES)
_TIME = r"(?<![\d.:/])(?P<from{0}>\d{{1,2}}(?::[0-5]\d)?)"
_TIMES = re.compile(
    rf"{_TIME.format(1)}{_TO}(?P<to1>\d{{1,2}}(?::[0-5]\d)?) ?(?P<half1>[ap]\.?m\b)"
    rf"|(?P<half2>(?:(?:오전|오후|새벽|아침|저녁|밤|낮) ?)?)(?<![\d.:/])(?P<from2>\d{{1,2}})(?P<minute> ?시 ?\d{{1,2}}분| ?시)?{_TO}(?P<to2>\d{{1,2}}) ?시(?!간)"
    rf"|ម៉ោង ?(?P<from3>\d{{1,2}}){_TO}(?:ម៉ោង ?)?(?P<to3>\d{{1,2}}) ?(?P<half3>ព្រឹក|រសៀល|ល្ងាច|យប់)"
    rf"|(?<![\d.:/])(?P<from4>\d{{1,2}}:[0-5]\d){_TO}(?P<to4>\d{{1,2}}:[0-5]\d)"
)
# Marks of a list at the head of a line.
_LIST_MARK = re.compile(r"^[ \t]*(?:\(?\d{1,2}[.)]|[①-⑳])(?=\s)", re.MULTILINE)


def plain(text: str) -> str:
    """Return a text in one form: lower case, ASCII digits, powers after ``^``, no list marks.

    Example:
        >>> plain("១២ mg, 10⁹/L, 1½ 정, ５µg, 3분의 1, ១.៥០០")
        '12 mg, 10^9/l, 1 1⁄2 정, 5µg, 1/3, 1500'
    """
    text = _in_one_form(text)
    return _TIMES.sub(_two_times, text) if _MAY_HOLD_TIMES.search(text) else text


def in_plain_form(texts: pa.Array) -> tuple[list[str], pa.Array]:
    """Return what :func:`plain` makes of texts, as a list and as an array.

    Loops over the texts, which are read with regular expressions.

    Args:
        texts: ``string[n]`` or ``large_string[n]``, without nulls.

    Returns:
        The texts, and the same as ``large_string[n]``.

    Example:
        >>> in_plain_form(pa.array(["At 2-4 p.m.", "5 MG"]))[0]
        ['at 2 p.m , 4 p.m.', '5 mg']
    """
    listed = [*map(_in_one_form, texts.to_pylist())]
    column = pa.array(listed, pa.large_string())
    timed = np.flatnonzero(pc.match_substring_regex(column, _LIKELY_TIMES))
    for place in timed.tolist():
        listed[place] = _TIMES.sub(_two_times, listed[place])
    return listed, pa.array(listed, pa.large_string()) if len(timed) else column


def _in_one_form(text: str) -> str:
    """Return a text in plain form but for ranges of times."""
    if not text.isascii():
        text = _composed(text)
    if " half" in text or "-half" in text:
        text = _AND_A_HALF_IN_ENGLISH.sub(r"\1.5", text)
    if "\n" in text:
        text = _LIST_MARK.sub("", text)
    elif mark := _LIST_MARK.match(text):
        text = text[mark.end() :]
    text = text.lower()
    if "+" in text:
        text = _WEEKS_AND_DAYS.sub(r"\1 wk \2 d ", text)
    if "minus " in text or "영하" in text:
        text = _BELOW_ZERO.sub(" -", text)
    if "m hg" in text or "m h2o" in text:
        text = text.replace("mm hg", "mmhg").replace("cm h2o", "cmh2o")
    return text


def _composed(text: str) -> str:
    if not unicodedata.is_normalized("NFKC", text):
        text = _SUPERSCRIPT.sub(lambda power: "^" + power[0].translate(_SUPERSCRIPTS), text)
        text = _MIXED.sub(" ", _THIN_THOUSANDS.sub("", text))
        text = unicodedata.normalize("NFKC", text)
    if _SIGN.search(text):
        text = _KHMER_THOUSANDS.sub(lambda figure: figure[0].replace(".", ""), text)
        text = _KHMER_DECIMALS.sub(r"\1.\2", text).translate(_SIGNS)
        text = _KHMER_FRACTION.sub(r"\1/\2", text)
    if " 달" in text:
        text = _NATIVE_MONTHS.sub(lambda said: _MONTHS[said[1]], text)
    if "분의" in text:
        text = _KOREAN_FRACTION.sub(r"\2/\1", text)
    if "반" in text or "កន្លះ" in text:
        text = _AND_A_HALF.sub(_with_half, text)
    if "−" in text or "–" in text:
        text = _MINUS.sub("-", text)
    if "씩" in text:
        text = _EACH_TIME.sub("", text)
    if "1회" in text:
        text = _EACH_DOSE.sub("", text)
    if "1일 " in text:
        text = _A_DAY.sub("하루 ", text)
    if "화씨" in text:
        text = _FAHRENHEIT.sub(r"\1 °f", text)
    return _PER_ONE.sub("", text) if "당" in text else text


def _two_times(match: re.Match[str]) -> str:
    """Write a range of times as two; of "11-1 p.m." nobody says which half of the day the first one is in."""
    kind = next(kind for kind in "1234" if match[f"from{kind}"])
    first, last = match[f"from{kind}"], match[f"to{kind}"]
    half = "" if kind == "4" else match[f"half{kind}"]
    own = (
        half
        if int(first.split(":")[0]) % 12 < int(last.split(":")[0]) % 12 or "12" in (first, last)
        else ""
    )
    if kind == "2":
        return f"{own or half}{first}{match['minute'] or '시'} , {own}{last}시"
    if kind == "3":
        return f"ម៉ោង {first} {own} , ម៉ោង {last} {half}"
    return f"{first} {own} , {last} {half}"


def _with_half(match: re.Match[str]) -> str:
    return f"{match[1]}.5{match[2]}" if match[1] else f"{match[3]}.5{match[4]}"


def pairs_with(sources: pa.Array, targets: pa.Array, pattern: str) -> Ints:
    """Return the places of the pairs of which both texts match: the second is looked at only where the first does.

    Args:
        sources: Texts in plain form, ``large_string[n]``.
        targets: What was made of them.
        pattern: For RE2.

    Example:
        >>> pairs_with(pa.array(["5 mg bid", "5 mg"]), pa.array(["bid", "bid"]), "bid").tolist()
        [0]
    """
    at = np.flatnonzero(pc.match_substring_regex(sources, pattern))
    both: Ints = at[np.asarray(pc.match_substring_regex(targets.take(pa.array(at)), pattern))]
    return both
