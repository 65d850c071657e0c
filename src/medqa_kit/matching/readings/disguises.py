r"""Read rows as what a person would: letters that only look like Latin ones, loose letters of Hangul, misread bytes.

A row may hold an item in letters of another script, in letters of Hangul that do not stand together as
syllables, with strokes or accents over each letter, in an encoding's codes, or in bytes that were misread. One look at the
bytes of a column names the few texts in which any of this may stand.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa

from medqa_kit.core.arrow.byte_scans import places_of_bytes
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.matching.kernels import compiled_kernels
from medqa_kit.matching.letters import read_entities, utf8
from medqa_kit.matching.readings.escapes import (
    FIRST_BYTES,
    FOLLOWS,
    SIGNS,
    begins_escape,
    marked_texts_read,
    without_codes,
)
from medqa_kit.matching.readings.marks import with_attributes, without_marks
from medqa_kit.matching.readings.mojibake import without_mojibake

_LATIN = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеѕіјкорсухԁһԛԝѵӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧαγειηκνορτυχωϲϳɑɡɩɪʀɴʏʙɢʜʟᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢꜰꜱǫսօԍ",
    "ABESIJKMHOPCTYXaesijkopcyxdhqwvlABEZHIKMNOPTYXayeinkvoptuxwcjagiirnybghlacdejkmoptuvwzfsquog",
)
"""Letters of Cyrillic and Greek, of phonetic scripts and small capitals that look like Latin ones."""
_TWO_BYTES = (0xC3, 0xD6)  # first bytes: Latin letters with accents, marks, Greek, Cyrillic
_MARK_BYTES, _OTHER_SCRIPTS, _PHONETIC = (0xCC, 0xCD), (0xCE, 0xD6), (0xC9, 0xCA)
_MISREAD_NEXT = np.isin(np.arange(256), [0xC2, 0xC3, 0xC5, 0xC6, 0xCB, 0xE2])
_KINDS = FIRST_BYTES.astype(np.uint8)
for _number, _begin, _end in (
    (1, 0xC3, 0xC3), (2, *_OTHER_SCRIPTS), (2, *_PHONETIC), (3, *_MARK_BYTES), (4, 0xE3, 0xE3), (4, 0xEF, 0xEF),
):  # fmt: skip
    _KINDS[_begin : _end + 1] = len(FOLLOWS) + _number
"""What :func:`~medqa_kit.matching.kernels.numba_forms.signed_texts` asks of a first byte."""
_LEAST_LETTERS = 3  # of another script; fewer hide no item
_LEAST_PARTS = 8  # marks, or loose letters of Hangul
_ROUNDS = 3  # of one encoding within another
_MARKS = re.compile("[\u0300-\u036f]+")

_LATIN_LETTER = re.compile("[A-Za-z\u1d00-\u1d22\ua730\ua731]")

_LOOSE = re.compile(r"[\u3131-\u3163](?:\s?[\u3131-\u3163])+")
_NARROW_CODES = [*range(0xFFA1, 0xFFBF), *(code for code in range(0xFFC2, 0xFFDD) if code % 8 >= 2)]
_NARROW = dict(zip(_NARROW_CODES, range(0x3131, 0x3164), strict=True))
"""Letters of half width, which come in the order of the usual ones."""
_FIRST = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_LAST = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_PAIRS = {
    "ㅗㅏ": "ㅘ", "ㅗㅐ": "ㅙ", "ㅗㅣ": "ㅚ", "ㅜㅓ": "ㅝ", "ㅜㅔ": "ㅞ", "ㅜㅣ": "ㅟ", "ㅡㅣ": "ㅢ", "ㄱㅅ": "ㄳ", "ㄴㅈ": "ㄵ", "ㄴㅎ": "ㄶ",
    "ㄹㄱ": "ㄺ", "ㄹㅁ": "ㄻ", "ㄹㅂ": "ㄼ", "ㄹㅅ": "ㄽ", "ㄹㅌ": "ㄾ", "ㄹㅍ": "ㄿ", "ㄹㅎ": "ㅀ", "ㅂㅅ": "ㅄ",
}  # fmt: skip
"""Letters that are typed with two keys."""
_VOWEL = rf"(?:{'|'.join(key for key in _PAIRS if key[0] in _VOWELS)}|[{_VOWELS}])"
_FINAL = rf"(?:{'|'.join(key for key in _PAIRS if key[0] in _LAST)}|[{_LAST}])"
_SYLLABLE = re.compile(rf"([{_FIRST}])({_VOWEL})({_FINAL}(?![{_VOWELS}]))?")


def undisguised(texts: pa.Array) -> tuple[pa.Array, Mask]:
    r"""Return texts as they are read, and which texts changed.

    Args:
        texts: ``string[n]``.

    Returns:
        ``string[n]``, null where ``texts`` is; ``bool[n]``.

    Example:
        >>> plain, changed = undisguised(pa.array(["ㄱㅣㅊㅣㅁㅇㅣ ㅅㅣㅁㅎㅏㄷㅏ", "Аsрirіn", "\\ud55c", "TNF-α", None]))
        >>> plain.to_pylist(), changed.tolist()
        (['기침이심하다', 'Aspirin', '한', 'TNF-α', None], [True, True, True, False, False])
    """
    return marked_texts_read(texts, may_be_disguised(texts), _seen_through)


def may_be_disguised(texts: pa.Array) -> Mask:
    """Mark the texts with a sign of an escape or of misread bytes, or with several letters out of place."""
    data, offsets = utf8(texts)
    compiled = compiled_kernels()
    if compiled is not None:
        marked: Mask = compiled.signed_texts(
            data, offsets, _KINDS, FOLLOWS, _MISREAD_NEXT, (_LEAST_LETTERS, _LEAST_PARTS)
        )
        return marked
    rows = len(offsets) - 1
    suspect = np.zeros(rows, np.bool_)
    places = places_of_bytes(data, SIGNS + b"\xe3\xef", within=_TWO_BYTES)
    if not len(places):
        return suspect
    last = len(data) - 1
    sign, after, next_ = (data[np.minimum(places + step, last)] for step in range(3))
    sure = begins_escape(sign, after) | ((sign == 0xC3) & _MISREAD_NEXT[next_])
    suspect[np.searchsorted(offsets, places[sure], side="right") - 1] = True
    other = _between(sign, *_OTHER_SCRIPTS) | _between(sign, *_PHONETIC)
    loose = (sign == 0xE3) & _between(after, 0x84, 0x86)
    narrow = (sign == 0xEF) & (
        ((after == 0xBE) & (next_ >= 0xA0)) | ((after == 0xBF) & (next_ < 0x9D))
    )
    parts = _between(sign, *_MARK_BYTES) | loose | narrow
    for which, least in ((other, _LEAST_LETTERS), (parts, _LEAST_PARTS)):
        suspect |= _counts(places[which], offsets) >= least
    return suspect


def _between(values: np.ndarray[tuple[int], np.dtype[np.uint8]], least: int, most: int) -> Mask:
    between: Mask = (values >= least) & (values <= most)
    return between


def _counts(places: Ints, offsets: Ints) -> Ints:
    """Count the places in each text."""
    counts: Ints = np.diff(np.searchsorted(places, offsets))
    return counts


def _seen_through(text: str) -> str:
    for _ in range(_ROUNDS):
        plain = without_marks(without_codes(text))
        plain = with_attributes(plain) if "=" in plain else plain
        plain = read_entities(plain)
        if plain == text:
            break
        text = plain
    text = without_mojibake(text)
    if text.isascii():
        return text
    return _with_latin_letters(_with_syllables(_without_marks(text)))


def _without_marks(text: str) -> str:
    """Drop strokes and accents, if there are many of them."""
    plain, count = _MARKS.subn("", text)
    return plain if count >= _LEAST_PARTS else text


def _with_latin_letters(text: str) -> str:
    if not _LATIN_LETTER.search(text):  # of another language, or all in small capitals
        return text
    plain = text.translate(_LATIN)
    changed = sum(map(str.__ne__, text, plain)) if plain != text else 0
    return plain if changed >= _LEAST_LETTERS else text


def _with_syllables(text: str) -> str:
    """Put letters of Hangul that stand side by side together."""
    return _LOOSE.sub(_syllables, text.translate(_NARROW))


def _syllables(run: re.Match[str]) -> str:
    return _SYLLABLE.sub(_syllable, re.sub(r"\s", "", run[0]))


def _syllable(letters: re.Match[str]) -> str:
    first, vowel, last = (_PAIRS.get(part, part) if part else part for part in letters.groups())
    code = _FIRST.index(first) * 21 + _VOWELS.index(vowel)
    return chr(0xAC00 + code * 28 + (_LAST.index(last) + 1 if last else 0))
