r"""Read escaped text as what it stands for: ``\uXXXX`` of JSON, ``%XX`` of web addresses, ``=XX`` of mail.

Text that went through a writer of JSON once or twice, through a web form, a mail in quoted-printable or
UTF-7, or in its head, a style sheet, RTF, colors of a terminal, or the ``repr`` of a program holds the same item, and so do code points spelled
out as ``U+XXXX``, text in commands of LaTeX, and sentences in the attributes of tags (``<img alt="…">``), which are
no letters otherwise. One look at the bytes of a column names the few texts in which an escape may stand; patterns look at those
alone. The patterns need no whole JSON value, since escaped text may stand within other text or be cut
off. Signs that letters leave out anyway, such as the backslash before a quote, stay.
"""

from __future__ import annotations

import base64
import quopri
import re
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.byte_scans import places_of_bytes
from medqa_kit.core.arrow.ragged import Mask
from medqa_kit.core.text.latex import LOOKS
from medqa_kit.matching.kernels.arrays import Bytes
from medqa_kit.matching.letters import read_entities, utf8

_BACKSLASHES = re.compile(r"\\{2,}")  # a text that was encoded n times has up to 2**n of them
_CODES = re.compile(r"(?:\\u[0-9A-Fa-f]{4})+")
_CODE_POINT = re.compile(
    r"\\(?:[ux]|N(?=\{U\+))\{(?:U\+)?(?P<braced>[0-9A-Fa-f]{1,8}(?:[ ,][0-9A-Fa-f]{1,8}){0,99})\}|\\U(?P<long>[0-9A-Fa-f]{8})"
    r"|\\char\"(?P<latex>[0-9A-Fa-f]{4,5})[ ]?"
    # Of a style sheet, such as "\d55c "; three digits at the most may be octal, a LaTeX word goes on.
    r"|\\(?P<styled>00(?:1|[A-Da-d])[0-9A-Fa-f]{3}|(?:1|[A-Da-d])[0-9A-Fa-f]{3}(?![0-9A-Za-z]))[ ]?"
)
_DECIMALS = re.compile(
    r"(?:(?:\\uc1[ ]?)?\\u(?:-[0-9]{5}|[45][0-9]{4})[ ]?(?:\?|\\'[0-9A-Fa-f]{2}))+"
    r"|(?:(?:\\uc1[ ]?)?\\u6[01][0-9]{2}[ ]?(?:\?|\\'[0-9A-Fa-f]{2})){2,}"
)  # of RTF
_NAMED_POINTS = re.compile(r"<?U\+[0-9A-Fa-f]{4}>?(?:[ ,]?<?U\+[0-9A-Fa-f]{4}>?)*")
_COLORS = re.compile(
    r"(?:\x1b|\\(?:x1[Bb]|033|e))\[[0-9;]{0,20}[A-Za-z]"
)  # of a terminal, in logs and as programs write them
_SHIFTED = re.compile(r"\+([A-Za-z0-9/][A-Za-z0-9+/]{2,})-?")  # of UTF-7
# Bytes of UTF-8, as programs show them: a character past ASCII has two at the least.
_HEX_BYTES = re.compile(r"\\x[C-Fc-f][0-9A-Fa-f](?:\\x[0-9A-Fa-f]{2})+")
_LATIN_CODES = re.compile(r"\\x([2-9A-Fa-f][0-9A-Fa-f])")  # what is no bytes of UTF-8: "\xa0"
_LOOKS = re.compile(rf"\\(?:{LOOKS}|textsc|textcolor\{{\w{{1,20}}\}})\s?\{{")
_OCTAL_BYTES = re.compile(r"\\3[0-7]{2}(?:\\[0-3][0-7]{2})+")
_MAIL_BREAK = r"=(?:\r|\\r)?(?:\n|\\n)"  # also where the mail stands in JSON
_MAIL_BYTES = re.compile(rf"=[C-F][0-9A-F](?:(?:{_MAIL_BREAK})?=[0-9A-F]{{2}})+")
_MAIL_WORD = re.compile(r"=\?(?i:utf-?8)\?(?P<form>[QqBb])\?(?P<text>[^?\s]{1,400})\?=")
_SOFT_BREAK = re.compile(_MAIL_BREAK)
_PERCENT_CODES = re.compile(r"(?:%u[0-9A-Fa-f]{4})+")
_ANY_BLANK = re.compile(r"\\[nrtbf]")
_SURE_BLANK = re.compile(r"\\[nrt](?![a-z])")  # "\nu" may be LaTeX

_PERCENTS = re.compile(r"%(?:25)+(?=[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4})")
_WORD = re.compile(r"\S+")
_PERCENT = re.compile(
    r"%[C-Fc-f][0-9A-Fa-f]%[89ABab][0-9A-Fa-f]|[^\W\d_]%(?:20|0[AaDd]|2[Cc]|3[FfAa]|5[Cc])"
)
"""Bytes of a character past ASCII; a blank or a mark after a letter: not "10%20%"."""
_TAG = re.compile(r"<[A-Za-z][^<>]*>")
_VALUE = re.compile(r"=\s?(?:\\?\"([^\"<>]{8,})\"|\\?'([^'<>]{8,})')")
_SENTENCE = re.compile(
    r"[^\x00-\x7f]|(?<!\S)(?:\S++\s++){3}\S"
)  # not a list of classes, an address or a number
_BLANK_CODE, _MANY = "%20", 3
"""Where so many words are surely encoded, a blank after anything is one: "2.%20500%20mg". As many commands of LaTeX are markup."""


def unescaped(texts: pa.Array) -> tuple[pa.Array, Mask]:
    r"""Return texts with escapes read as what they stand for, and which texts had any.

    Args:
        texts: ``string[n]``.

    Returns:
        ``string[n]``, null where ``texts`` is; ``bool[n]``.

    Example:
        >>> plain, changed = unescaped(pa.array(['{"q": "\\ud55c\\n\\uad6d"}', "%ED%95%9C%20A", "5 %", None]))
        >>> plain.to_pylist(), changed.tolist()
        (['{"q": "한 국"}', '한 A', '5 %', None], [True, True, False, False])
    """
    changed = may_hold_escapes(texts)
    if not changed.any():
        return texts, changed
    few = texts.filter(pa.array(changed)).to_pylist()
    # Free text, a small share of it: escapes of several kinds and depths have no vectorised form.
    plain = [plain_text(text) for text in few]
    changed[changed] = [new != old for new, old in zip(plain, few, strict=True)]
    new = pa.array([text for text, old in zip(plain, few, strict=True) if text != old], texts.type)
    return pc.replace_with_mask(texts, pa.array(changed), new), changed


def may_hold_escapes(texts: pa.Array) -> Mask:
    """Mark the texts with a sign of an escape before what may follow it.

    See :func:`begins_escape`.
    """
    data, offsets = utf8(texts)
    suspect = np.zeros(len(offsets) - 1, np.bool_)
    signs = places_of_bytes(data, SIGNS)
    signs = signs[signs < len(data) - 1]
    escape = begins_escape(data[signs], data[signs + 1])
    suspect[np.searchsorted(offsets, signs[escape], side="right") - 1] = True
    return suspect


def begins_escape(sign: Bytes, after: Bytes) -> Mask:
    r"""Check for bytes that may begin an escape.

    A backslash before one of ``\\unrtUNxem``, the first hex digit of a letter past ASCII or an octal digit, a percent sign
    before a hex digit or ``u``, an equals sign before the first byte of a character past ASCII, a quotation mark, a question mark or an entity, a plus
    before a letter or digit, the control character of a terminal before a bracket.

    Args:
        sign: ``uint8[n]``: bytes, of which those of :data:`SIGNS` may begin one.
        after: ``uint8[n]``: the byte behind each.

    Example:
        >>> signs, after = (np.frombuffer(text, np.uint8) for text in (b"%%+x", b"41A4"))
        >>> begins_escape(signs, after).tolist()
        [True, True, True, False]
    """
    escape: Mask = _ANY_FOLLOWS[FIRST_BYTES[sign], after]
    return escape


def _bytes_in(characters: bytes) -> Mask:
    table = np.zeros(256, np.bool_)
    table[list(characters)] = True
    return table


SIGNS = b"\\%=+\x1b"
"""Bytes that may begin an escape."""
FIRST_BYTES = np.zeros(256, np.intp)
FIRST_BYTES[list(SIGNS)] = np.arange(1, len(SIGNS) + 1)
"""One more than the row of :data:`FOLLOWS` for each of these, 0 for other bytes."""
FOLLOWS = np.stack([
    _bytes_in(b"\\unrtUNxem310abcdABCD"), _bytes_in(b"0123456789abcdefABCDEFu"), _bytes_in(b"CDEF\"'\\&?"),
    _bytes_in(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/"), _bytes_in(b"["),
])  # fmt: skip
"""What may follow each of :data:`SIGNS`."""
_ANY_FOLLOWS = np.concatenate([np.zeros((1, 256), np.bool_), FOLLOWS])


def plain_text(text: str) -> str:
    r"""Read the escapes of one text.

    Example:
        >>> plain_text("U+D55C U+AE00, +1VyuAA-, \\u54620?")
        '한글, 한글, 한'
    """
    text = _without_backslashes(_without_percents(_without_mail_codes(text)))
    text = _COLORS.sub("", text) if "[" in text else text
    text = _without_plus_signs(text) if "+" in text else text
    return _with_attributes(text) if "=" in text else text


def _with_attributes(text: str) -> str:
    """Read tags whose attributes hold sentences, also where the tags themselves are escaped, once or twice."""
    plain, tagged = text, False
    for _ in range(3):
        bare = _TAG.sub(_tag_with_sentences, plain) if "<" in plain else plain
        tagged |= bare != plain
        plain = read_entities(bare)
        if plain == bare:
            break
    return plain if tagged else text


def _tag_with_sentences(tag: re.Match[str]) -> str:
    """Read the attributes of a tag that hold sentences, in the place of the tag."""
    values = [double or single for double, single in _VALUE.findall(tag[0])]
    sentences = [value for value in values if _SENTENCE.search(value)]
    return f" {' '.join(sentences)} " if sentences else tag[0]


def _without_plus_signs(text: str) -> str:
    """Read code points that are named, and UTF-7."""
    if "U+" in text:
        text = _NAMED_POINTS.sub(_named_characters, text)
    return _SHIFTED.sub(_shifted_characters, text)


def _named_characters(run: re.Match[str]) -> str:
    codes = re.findall(r"U\+([0-9A-Fa-f]{4})", run[0])
    return bytes.fromhex("".join(codes)).decode("utf-16-be", "replace")


def _shifted_characters(run: re.Match[str]) -> str:
    """Read a run of base64, if it is UTF-16 of letters past Latin: "Na+Cl" is not."""
    digits = run[1][: len(run[1]) - (len(run[1]) % 4 == 1)]
    data = base64.b64decode(digits + "=" * (-len(digits) % 4))
    text = data[: len(data) // 2 * 2].decode("utf-16-be", "replace")
    return text if _PAST_LATIN.fullmatch(text) else run[0]


_PAST_LATIN = re.compile(
    r"[\u00a0-\u00ff\u0370-\u03ff\u1780-\u17ff\u2000-\u33ff\uac00-\ud7a3\uff00-\uffef\x20-\x7e]+"
)


def _without_mail_codes(text: str) -> str:
    """Read quoted-printable, if a character past ASCII stands in it."""
    if "=?" in text:
        text = _MAIL_WORD.sub(_mail_word, text)
    if "=" not in text or not _MAIL_BYTES.search(text):
        return text
    return _MAIL_BYTES.sub(_mail_characters, _SOFT_BREAK.sub("", text))


def _mail_word(word: re.Match[str]) -> str:
    """Read a word of a head of a mail."""
    if word["form"] in "Bb":
        try:
            data = base64.b64decode(word["text"], validate=True)
        except ValueError:
            return word[0]
    else:
        data = quopri.decodestring(word["text"].encode("ascii", "replace"), header=True)
    return f" {_decoded(data, word['text'])} "


def _mail_characters(run: re.Match[str]) -> str:
    return _decoded(bytes.fromhex(run[0].replace("=", "")), run[0])


def _decoded(data: bytes, otherwise: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return otherwise


def _without_percents(text: str) -> str:
    if "%" not in text:
        return text
    single = _PERCENTS.sub("%", text)
    if "%u" in single:
        text = single = _PERCENT_CODES.sub(_characters, single)
    sure = len(_PERCENT.findall(single))
    if not sure:
        return text
    plain = _WORD.sub(_unquoted, single)
    return plain.replace(_BLANK_CODE, " ") if sure >= _MANY else plain


def _unquoted(word: re.Match[str]) -> str:
    """Read one word, of which an address, a form or an encoded text consists."""
    if not _PERCENT.search(word[0]):
        return word[0]
    return unquote(word[0].replace("+", " "))


def _without_backslashes(text: str) -> str:
    """Put characters for codes; where there are codes, the text around them is JSON, too."""
    if "\\" not in text:
        return text
    single = _BACKSLASHES.sub(r"\\", text)
    plain, decimals = _DECIMALS.subn(_decimal_characters, single)
    plain, codes = _CODES.subn(_characters, plain)
    plain, points = _CODE_POINT.subn(_character, plain)
    plain, hexes = _HEX_BYTES.subn(_hex_characters, plain)
    plain, octals = _OCTAL_BYTES.subn(_octal_characters, plain)
    plain, marks = _LATIN_CODES.subn(_latin_character, plain)
    looks = len(_LOOKS.findall(plain)) >= _MANY
    plain = _LOOKS.sub("", plain) if looks else plain
    codes += points + hexes + octals + decimals + marks
    blanks = (_ANY_BLANK if codes else _SURE_BLANK).sub(" ", plain)
    return text if blanks == single and not looks else blanks


def _characters(run: re.Match[str]) -> str:
    units = bytes.fromhex(run[0].replace("\\u", "").replace("%u", ""))
    return units.decode("utf-16-be", "replace")  # pairs of surrogates are one character


def _character(code: re.Match[str]) -> str:
    spelled = code["braced"] or code["long"] or code["latex"] or code["styled"]
    numbers = [int(number, 16) for number in re.split("[ ,]", spelled)]
    if any(number >= 0x110000 or 0xD800 <= number < 0xE000 for number in numbers):
        return code[0]
    return "".join(map(chr, numbers))


def _decimal_characters(run: re.Match[str]) -> str:
    units = (int(code) % 0x10000 for code in re.findall(r"\\u(-?[0-9]{4,5})", run[0]))
    return b"".join(unit.to_bytes(2, "big") for unit in units).decode("utf-16-be", "replace")


def _hex_characters(run: re.Match[str]) -> str:
    return _decoded(bytes.fromhex(run[0].replace("\\x", "")), run[0])


def _latin_character(code: re.Match[str]) -> str:
    return chr(int(code[1], 16))


def _octal_characters(run: re.Match[str]) -> str:
    return _decoded(bytes(int(code, 8) for code in run[0].split("\\")[1:]), run[0])
