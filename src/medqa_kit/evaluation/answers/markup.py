"""Remove markup from a reply: tags that only change the look, struck out words, comments, control tokens."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from typing import NamedTuple

from medqa_kit.core.text.latex import LOOKS
from medqa_kit.evaluation.answers.cues import KEYED, OBJECT
from medqa_kit.quality.reasoning import answer_span

# One code point for one, so that places stay places: full-width ASCII, white and zero-width space,
# markup, other circled digits, Khmer digits, letters of mathematics, signs that make an emoji of a digit.
_FOLD = {
    **{0xFF01 + i: 0x21 + i for i in range(94)},
    **{0x2474 + i: 0x2460 + i for i in range(20)},
    **{0x249C + i: 0x61 + i for i in range(26)},
    **{first + i: 0x2460 + i for first in (0x2776, 0x2780, 0x278A) for i in range(10)},
    **{first + i: 0x41 + i for first in (0x1F110, 0x1F130, 0x1F150, 0x1F170) for i in range(26)},
    **{
        code: ord(unicodedata.normalize("NFKC", chr(code)))
        for code in range(0x1D400, 0x1D800)
        if unicodedata.normalize("NFKC", chr(code)).isascii()
    },
    **{0x24F5 + i: 0x2460 + i for i in range(10)},
    **{
        first + i: ord(letter)
        for first in (0x3200, 0x3260)
        for i, letter in enumerate("ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ")
    },
    **{
        first + i: ord(letter)
        for first in (0x320E, 0x326E)
        for i, letter in enumerate("가나다라마바사아자차카타파하")
    },
    **{0x24B6 + i: 0x41 + i for i in range(26)},
    **{0x24D0 + i: 0x61 + i for i in range(26)},
    **{0x17E0 + i: 0x30 + i for i in range(10)},
    **dict.fromkeys(
        map(
            ord,
            "*`$#＊｀＄＃\u00a0\u3000\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\ufe0e\ufe0f\u20e3",
        ),
        ord(" "),
    ),
}
_KEYCAP = re.compile("([1-9])\ufe0f?\u20e3")
_ATTRIBUTES = re.compile(r"<(/?)([A-Za-z][\w:.-]{0,30})\s[^<>\n]{0,80}>")
_STRUCK = re.compile(r"~~[^~\n]{1,400}~~|<(del|strike)>[^<>]{0,400}</\1>", re.IGNORECASE)
_LOOKS = re.compile(
    r"</?(?:b|i|u|em|strong|span|mark|code|small)>|(?P<line></?(?:p|div|br|li|ul|ol|h[1-6]|html|body|section|article|main|blockquote|center)\s?/?>)"
    r"|<\|/?(?:(?:begin|end|start)_(?:of_)?)?(?:box|response|answer|output)\|>|(?<!\w)_{1,2}(?=\S)|(?<=\S)_{1,2}(?!\w)",
    re.IGNORECASE,
)

_ENTITIES = (
    ("&lt;", "   <"),
    ("&gt;", ">   "),
    ("\\<", " <"),
    ("\\>", "> "),
    ("\\(", "  "),
    ("\\)", "  "),
    ("\\[", "  "),
    ("\\]", "  "),
)
# A command of LaTeX that only changes the look of what stands in its braces, or names what it is.
_COMMAND = re.compile(
    rf"\\(?:{LOOKS}|mathcal|mathbb|hbox|operatorname)\s*+\{{([^{{}}\n]{{0,200}})\}}"
)
# Tags of a table: what ends a cell, and what begins a row.
_CELLS = re.compile(
    r"(?P<end></t[dh]>)|(?P<row><tr>)|</?(?:t[dhr]|table|tbody|thead)>", re.IGNORECASE
)
_WORDS = re.compile(r"(?<=\")(?>(?:[^\"\\]|\\.)+)(?=\")")
_WRAPPED = 22  # characters of tags with more than a marker between them
_BLANKS = re.compile(r"[^\S\n](?P<rest>[^\S\n]+)|\s{100}(?P<lines>\s+)")
# An object that is kept as a text of JSON, and the quotation marks behind the texts in it.
_QUOTED_OBJECT, _ENDS_QUOTED = (
    re.compile(r"\"\{(?=\s*+[\\ ]\")"),
    re.compile(r"\\\"(?=\s*+[:,}\]])"),
)
_QUOTED = re.compile(r"(?:^|(?<=\n))[^\S\n]{0,3}>")


def folded(text: str) -> str:
    """Fold variants of letters and digits, and markup, one code point for one.

    Example:
        >>> folded("Ｂ ❷ **x**")
        'B ②   x  '
    """
    if "\u20e3" in text:
        text = _KEYCAP.sub(lambda sign: chr(0x245F + int(sign[1])).ljust(len(sign[0])), text)
    return text.translate(_FOLD)


def composed_form(text: str) -> str:
    """Return the NFC form."""
    return unicodedata.normalize("NFC", text)


def without_markup(text: str) -> str:
    """Blank markup that says nothing, and what is struck out or a comment; places stay.

    Example:
        >>> without_markup("<b>Answer</b>: ~~A~~ B <!-- C -->").split()
        ['Answer', ':', 'B']
    """
    text = text.replace("\r\n", " \n").replace("\r", "\n")
    if "<!--" in text:
        text = _without_comments(text)
    if _QUOTED_OBJECT.search(text):
        text = _unquoted(text)
    if ">" in text and all(_QUOTED.match(line) for line in text.split("\n") if line.strip()):
        text = _QUOTED.sub(lambda sign: " " * len(sign.group()), text)
    for code, sign in _ENTITIES:
        text = text.replace(code, sign)
    if "\\" in text:
        text = _COMMAND.sub(lambda command: f"{command[1]} ".rjust(len(command.group())), text)
    if "<" in text:
        text = _ATTRIBUTES.sub(lambda tag: f"<{tag[1]}{tag[2]}>".ljust(len(tag.group())), text)
    text = _STRUCK.sub(lambda struck: " " * len(struck.group()), text)
    if "<t" in text.lower():
        text = _CELLS.sub(
            lambda tag: ("|" if tag["end"] else "\n|" if tag["row"] else "").ljust(len(tag[0])),
            text,
        )
    return _LOOKS.sub(lambda look: ("\n" if look["line"] else " ").ljust(len(look.group())), text)


def _unquoted(text: str) -> str:
    """Take the quotation marks off an object of JSON that is a text of JSON."""
    text = _ENDS_QUOTED.sub('" ', text).replace('\\"', ' "')
    return _QUOTED_OBJECT.sub(" {", text).replace('}"', "} ")


def _without_comments(text: str) -> str:
    kept, place = [], 0
    while (begin := text.find("<!--", place)) >= 0 and (end := text.find("-->", begin)) >= 0:
        kept += [text[place:begin], " " * (end + 3 - begin)]
        place = end + 3
    return "".join([*kept, text[place:]])


def without_answer_tags(text: str, start: int) -> str:
    """Blank the tags of an answer around all that is said, where that is more than a marker.

    Example:
        >>> without_answer_tags("<answer>A or B</answer>", 0).strip()
        'A or B'
    """
    begin = start + len(text[start:]) - len(text[start:].lstrip())
    end = len(text.rstrip())
    said = text[begin:end].lower()
    wraps = (
        said.startswith("<answer>") and said.endswith("</answer>") and said.count("answer>") == 2
    )
    if not wraps or len(said) < _WRAPPED:
        return text
    return text[:begin] + " " * 8 + text[begin + 8 : end - 9] + " " * 9 + text[end:]


def alone(text: str, start: int) -> str:
    """Blank what stands before the answer, so that no word of it counts; places stay."""
    return "\n".rjust(start)[:start] + text[start:]


def answer_value(text: str, start: int) -> tuple[str, int] | None:
    """Return what stands under the key of an answer, of a reply that is one JSON object with one such key, and where.

    Example:
        >>> said, begin = answer_value('{"reasoning": "A?", "answer": "not A"}', 0)
        >>> said.strip(), begin
        ('not A', 31)
    """
    keys = list(KEYED.finditer(text, start)) if OBJECT.fullmatch(text, start) else []
    value = _WORDS.match(text, keys[0].end() + 1) if len(keys) == 1 else None
    if value is None:
        return None
    said = alone(text[: value.end()], value.start()).replace("\\n", " \n").rstrip()
    span = answer_span(said)
    end, begin = (span.end, max(span.start, value.start())) if span else (len(said), value.start())
    return (said[:end], begin) if said[begin:end].strip() else None


class Shortening(NamedTuple):
    """Where the characters of a shortened text stood before.

    Attributes:
        cuts: The places in the shortened text behind which characters were left out.
        gone: How many were left out up to each of them.
    """

    cuts: list[int]
    gone: list[int]

    def before(self, place: int) -> int:
        """Return where a place of the shortened text was."""
        cut = bisect_right(self.cuts, place)
        return place + (self.gone[cut - 1] if cut else 0)


def shortened_blanks(text: str) -> tuple[str, Shortening]:
    r"""Shorten runs of blanks to one, and of empty lines to a hundred, so that one blank is as good as two.

    Example:
        >>> text, places = shortened_blanks("hepatitis" + " " * 1_000 + "C")
        >>> text, places.before(9), places.before(10)
        ('hepatitis C', 9, 1009)
    """
    kept: list[str] = []
    places, end, gone, length = Shortening([], []), 0, 0, 0
    for run in _BLANKS.finditer(text):
        begin, rest = run.start(run.lastgroup or 0), "\n\n" if run["lines"] else ""
        kept += [text[end:begin], rest]
        length += begin - end + len(rest)
        end, gone = run.end(), gone + run.end() - begin - len(rest)
        places.cuts.append(length)
        places.gone.append(gone)
    return "".join([*kept, text[end:]]), places
