r"""Read escaped text as what it stands for: ``\uXXXX`` of JSON, ``%XX`` of web addresses, ``=XX`` of mail.

Text that went through a writer of JSON once or twice, through a web form, a mail, a style sheet, RTF, colors of a
terminal, or the ``repr`` of a program holds the same item, and so do characters by their names, bytes that a tokenizer
shows, text in commands of LaTeX, and sentences in the attributes of tags. Bytes are of UTF-8 or, if that makes Korean of
them, of CP949. One look at the bytes of a column names the few texts in which an escape may stand; patterns look at those
alone. The patterns need no whole JSON value, since escaped text may stand within other text or be cut
off. Signs that letters leave out anyway, such as the backslash before a quote, stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import unquote, unquote_to_bytes

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.byte_scans import places_of_bytes
from medqa_kit.core.arrow.ragged import Mask
from medqa_kit.core.text.latex import LOOKS
from medqa_kit.matching.kernels.arrays import Bytes
from medqa_kit.matching.letters import utf8
from medqa_kit.matching.readings.mail import without_mail_codes, without_plus_signs
from medqa_kit.matching.readings.marks import with_attributes
from medqa_kit.matching.readings.mojibake import decoded

_BACKSLASHES = re.compile(r"\\{2,}")  # a text that was encoded n times has up to 2**n of them
_CODES = re.compile(r"(?:\\u[0-9A-Fa-f]{4})+")
_CODE_POINT = re.compile(
    r"\\(?:[ux]|N(?=\{U\+))\{(?:U\+)?(?P<braced>[0-9A-Fa-f]{1,8}(?:[ ,][0-9A-Fa-f]{1,8}){0,99})\}|\\U(?P<long>[0-9A-Fa-f]{8})"
    r"|\\char\"(?P<latex>[0-9A-Fa-f]{4,5})[ ]?"
    # Of a style sheet, such as "\d55c "; three digits at the most may be octal, a LaTeX word goes on.
    r"|\\(?P<styled>00[0-9A-Fa-f]{4}|(?:1|[A-Da-d])[0-9A-Fa-f]{3}(?![0-9A-Za-z]))[ ]?"
)
_NAMES = re.compile(r"\\N\{(?P<name>(?:DEGREE|HANGUL|KHMER|MICRO|MIDDLE) [A-Z0-9 -]{1,80})\}")
"""As Python writes characters; of these words all have the same names since 3.11, so that none reads more than another."""
_DECIMALS = re.compile(
    r"\\uc0[ ]?(?:\\u-?[0-9]{4,5}[ ]?)+"
    r"|(?:(?:\\uc1[ ]?)?\\u(?:-[0-9]{5}|[45][0-9]{4})[ ]?(?:\?|\\'[0-9A-Fa-f]{2}))+"
    r"|(?:(?:\\uc1[ ]?)?\\u6[01][0-9]{2}[ ]?(?:\?|\\'[0-9A-Fa-f]{2})){2,}"
)  # of RTF
_COLORS = re.compile(
    r"(?:\x1b|\\(?:x1[Bb]|033|e))\[[0-9;]{0,20}[A-Za-z]"
)  # of a terminal, in logs and as programs write them
# Bytes as programs, RTF and tokenizers show them: a character past ASCII has two at the least.
_HEX_BYTES = re.compile(
    r"\\x[A-Fa-f][0-9A-Fa-f](?:\\x[0-9A-Fa-f]{2})+|\\'[A-Fa-f][0-9A-Fa-f](?:\\'[0-9A-Fa-f]{2})+"
)
_TOKEN_BYTES = re.compile(r"<0x[C-F][0-9A-F]>(?:<0x[0-9A-F]{2}>)+")
_LATIN_CODES = re.compile(r"\\x([2-9A-Fa-f][0-9A-Fa-f])")  # what is no bytes of UTF-8: "\xa0"
_LOOKS = re.compile(rf"\\(?:{LOOKS}|textsc|textcolor\{{\w{{1,20}}\}})\s?\{{")
_OCTAL_BYTES = re.compile(r"\\[23][0-7]{2}(?:\\[0-3][0-7]{2})+")
_PERCENT_CODES = re.compile(r"(?:%u[0-9A-Fa-f]{4})+")
_ANY_BLANK = re.compile(r"\\[nrtbf]")
_SURE_BLANK = re.compile(r"\\[nrt](?![a-z])")  # "\nu" may be LaTeX

_PERCENTS = re.compile(r"%(?:25)+(?=[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4})")
_WORD = re.compile(r"\S+")
_PERCENT = re.compile(
    r"%[C-Fc-f][0-9A-Fa-f]%[89ABab][0-9A-Fa-f]|(?:%[BCbc][0-9A-Fa-f]%[A-Fa-f][0-9A-Fa-f]){2}|%3D[A-F][0-9A-F]%3D|[^\W\d_]%(?:20|0[AaDd]|2[Cc]|3[FfAa]|5[Cc])"
)
"""Bytes of a character past ASCII; a blank or a mark after a letter: not "10%20%"."""
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
    return marked_texts_read(texts, may_hold_escapes(texts), plain_text)


def marked_texts_read(
    texts: pa.Array, marked: Mask, reading: Callable[[str], str]
) -> tuple[pa.Array, Mask]:
    """Return texts of which those that are marked are read in another way, and which texts changed.

    Loops over the marked texts, a small share: escapes and disguises of several kinds and depths have no vectorised form.

    Args:
        texts: ``string[n]``.
        marked: ``bool[n]``; no null is marked.
        reading: Gives what a text stands for.

    Example:
        >>> marked_texts_read(pa.array(["a", "b"]), np.array([False, True]), str.upper)[0].to_pylist()
        ['a', 'B']
    """
    if not marked.any():
        return texts, marked
    few = texts.filter(pa.array(marked)).to_pylist()
    plain = [reading(text) for text in few]
    changed = marked.copy()
    changed[marked] = [new != old for new, old in zip(plain, few, strict=True)]
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

    A backslash before one of ``\\unrtUNxem'``, the first hex digit of a letter past ASCII or an octal digit, a percent sign
    before a hex digit or ``u``, an equals sign before the first byte of a character past ASCII, a quotation mark, a question mark or an entity, a plus
    before a letter or digit, the control character of a terminal before a bracket; a bracket before a slash or ``C``
    (``[/b]``, ``<![CDATA[``), an entity behind another, a byte in hex digits, a tag of captions (``<c>``), and a command within braces (``{\\bf``).

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


SIGNS = b"\\%=+\x1b[;0<{"
"""Bytes that may begin an escape."""
FIRST_BYTES = np.zeros(256, np.intp)
FIRST_BYTES[list(SIGNS)] = np.arange(1, len(SIGNS) + 1)
"""One more than the row of :data:`FOLLOWS` for each of these, 0 for other bytes."""
FOLLOWS = np.stack([
    _bytes_in(b"\\unrtUNxem'310abcdABCD"), _bytes_in(b"0123456789abcdefABCDEFu"), _bytes_in(b"BCDEF\"'\\&?"),
    _bytes_in(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/"), _bytes_in(b"["),
    _bytes_in(b"/C"), _bytes_in(b"&"), _bytes_in(b"x"), _bytes_in(b"c"), _bytes_in(b"\\"),
])  # fmt: skip
"""What may follow each of :data:`SIGNS`."""
_ANY_FOLLOWS = np.concatenate([np.zeros((1, 256), np.bool_), FOLLOWS])


def plain_text(text: str) -> str:
    r"""Read the escapes of one text, and what its tags say.

    Example:
        >>> plain_text("U+D55C U+AE00, +1VyuAA-, \\u54620?")
        '한글, 한글, 한'
    """
    text = without_codes(text)
    return with_attributes(text) if "=" in text else text


def without_codes(text: str) -> str:
    r"""Read the escapes of one text, once.

    Example:
        >>> without_codes(r"\uc0\u54620 \u44544 , \'c7\'d1, \N{HANGUL SYLLABLE HAN}, <0xED><0x95><0x9C>")
        '한글, 한, 한, 한'
    """
    text = _without_backslashes(_without_percents(without_mail_codes(text)))
    text = _TOKEN_BYTES.sub(_token_characters, text) if "<0x" in text else text
    text = _COLORS.sub("", text) if "[" in text else text
    return without_plus_signs(text) if "+" in text else text


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
    text = word[0].replace("+", " ")
    return decoded(unquote_to_bytes(text), unquote(text))


def _without_backslashes(text: str) -> str:
    """Put characters for codes; where there are codes, the text around them is JSON, too."""
    if "\\" not in text:
        return text
    single = _BACKSLASHES.sub(r"\\", text)
    plain, decimals = _DECIMALS.subn(_decimal_characters, single)
    plain, codes = _CODES.subn(_characters, plain)
    plain, points = _CODE_POINT.subn(_character, plain)
    plain, names = _NAMES.subn(_named_character, plain)
    plain, hexes = _HEX_BYTES.subn(_hex_characters, plain)
    plain, octals = _OCTAL_BYTES.subn(_octal_characters, plain)
    plain, marks = _LATIN_CODES.subn(_latin_character, plain)
    looks = len(_LOOKS.findall(plain)) >= _MANY
    plain = _LOOKS.sub("", plain) if looks else plain
    codes += points + names + hexes + octals + decimals + marks
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


def _named_character(code: re.Match[str]) -> str:
    try:
        return unicodedata.lookup(code["name"])
    except KeyError:
        return code[0]


def _decimal_characters(run: re.Match[str]) -> str:
    units = (int(code) % 0x10000 for code in re.findall(r"\\u(-?[0-9]{4,5})", run[0]))
    return b"".join(unit.to_bytes(2, "big") for unit in units).decode("utf-16-be", "replace")


def _hex_characters(run: re.Match[str]) -> str:
    return decoded(bytes.fromhex(run[0].replace("\\x", "").replace("\\'", "")), run[0])


def _token_characters(run: re.Match[str]) -> str:
    return decoded(bytes.fromhex(run[0].replace("<0x", "").replace(">", "")), run[0])


def _latin_character(code: re.Match[str]) -> str:
    return chr(int(code[1], 16))


def _octal_characters(run: re.Match[str]) -> str:
    return decoded(bytes(int(code, 8) for code in run[0].split("\\")[1:]), run[0])
