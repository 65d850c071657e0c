"""Read the codes of mail as what they stand for: quoted-printable, words of a head, UTF-7, and code points by name."""

from __future__ import annotations

import base64
import quopri
import re

from medqa_kit.matching.readings.mojibake import decoded

_BREAK = r"=(?:\r|\\r)?(?:\n|\\n)"  # also where the mail stands in JSON
_BYTES = re.compile(rf"=[A-F][0-9A-F](?:(?:{_BREAK})?=[0-9A-F]{{2}})+")
_TWICE = re.compile(r"=(?:3D)+(?=[0-9A-F]{2}|\r?\n)")
_FORM = r"=\?[A-Za-z][\w*-]{1,30}\?(?P<form>[QqBb])\?(?P<text>[!->@-~]{1,2000})\?="
_WORD = re.compile(_FORM)
_WORDS = re.compile(rf"(?:{_FORM.replace('?P<form>', '').replace('?P<text>', '')}\s{{0,20}})+")
_SOFT_BREAK = re.compile(_BREAK)
_NAMED_POINTS = re.compile(r"<?U\+[0-9A-Fa-f]{4}>?(?:[ ,]?<?U\+[0-9A-Fa-f]{4}>?)*")
_SHIFTED = re.compile(r"\+([A-Za-z0-9/][A-Za-z0-9+/]{2,})-?")  # of UTF-7
_PAST_LATIN = re.compile(
    r"[\u0080-\u00ff\u0300-\u052f\u1100-\u11ff\u1780-\u17ff\u2000-\u33ff\uac00-\ud7a3\uff00-\uffef\x20-\x7e]+"
)


def without_mail_codes(text: str) -> str:
    """Read words of a head, and quoted-printable, if a character past ASCII stands in it.

    Example:
        >>> without_mail_codes("=?euc-kr?B?x9Gx2w==?= =ED=95=9C=EA=B8=80, p=0.05")
        ' 한글 한글, p=0.05'
    """
    if "=?" in text:
        text = _WORDS.sub(_characters_of_words, text)
    if "=" not in text:
        return text
    single = _TWICE.sub("=", text)
    plain = single if _BYTES.search(single) else text
    return _BYTES.sub(_characters, _SOFT_BREAK.sub("", plain))


def _characters_of_words(run: re.Match[str]) -> str:
    """Read the words of a head that stand side by side: a character may begin in one and end in the next."""
    words = [_bytes_of_word(word) for word in _WORD.finditer(run[0])]
    texts = [decoded(word, "") for word in words]
    text = " ".join(texts) if all(texts) else decoded(b"".join(words), "")
    return f" {text} " if text else run[0]


def _bytes_of_word(word: re.Match[str]) -> bytes:
    if word["form"] in "Qq":
        return quopri.decodestring(word["text"].encode("ascii", "replace"), header=True)
    try:
        return base64.b64decode(word["text"], validate=True)
    except ValueError:
        return b""


def _characters(run: re.Match[str]) -> str:
    return decoded(bytes.fromhex(_SOFT_BREAK.sub("", run[0]).replace("=", "")), run[0])


def without_plus_signs(text: str) -> str:
    """Read code points that are named, and UTF-7.

    Example:
        >>> without_plus_signs("U+D55C U+AE00 +1VyuAA- Na+Cl")
        '한글 한글 Na+Cl'
    """
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
