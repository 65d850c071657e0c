"""Read text without the marks around its words: tags, brackets and names that come again and again; and what tags say."""

from __future__ import annotations

import re
from collections import Counter

from medqa_kit.matching.letters import read_entities

_TAG = re.compile(r"<[A-Za-z][^<>]*>")
_VALUE = re.compile(r"=\s?(?:\\?\"{1,2}([^\"<>]{8,})\"|\\?'([^'<>]{8,})')")
_SENTENCE = re.compile(
    r"[^\x00-\x7f]|(?<!\S)(?:\S++\s++){3}\S"
)  # not a list of classes, an address or a number
_SECTION = re.compile(r"<!\[CDATA\[|\]\]>")
_MARK = re.compile(
    r"<[^<>]{1,400}>"  # of HTML, of captions with the time of each word
    r"|\{\\[a-z]{1,12}[0-9]{0,4}\s|\\f[BIRP]|\{\{c[0-9]{1,3}::"  # of LaTeX and RTF, manuals, flashcards
    r"|\[[^\[\]\n]{1,40}\]|\{[^{}\n]{1,40}\}"  # of forums, wikis and subtitles
    r"|\"\w{1,20}\"\s?:(?:\s?-?[0-9][0-9.]{0,20}\s?[,}])?"  # names in JSON, with figures
)
_DIGITS = str.maketrans("", "", "0123456789")
_OFTEN = 4


def without_marks(text: str) -> str:
    """Leave out marks that come four times or more, but for their numbers, save the first.

    Such marks around each word put their letters between those of an item.

    Example:
        >>> without_marks("[b]a[/b] [b]cough[/b] [b]at[/b] [b]night[/b] [1]")
        '[b]a[/b]  cough   at   night  [1]'
        >>> without_marks("<![CDATA[a]]> <![CDATA[cough]]>")
        'a cough'
    """
    text = _SECTION.sub("", text)
    if not any(sign in text for sign in '<[{\\"'):
        return text
    counts = Counter(mark.translate(_DIGITS) for mark in _MARK.findall(text))
    often = {shape for shape, count in counts.items() if count >= _OFTEN}
    if not often:
        return text
    seen: set[str] = set()

    def left(mark: re.Match[str]) -> str:
        shape = mark[0].translate(_DIGITS)
        if shape not in often:
            return mark[0]
        if shape in seen:
            return " "
        seen.add(shape)
        return mark[0]

    return _MARK.sub(left, text)


def with_attributes(text: str) -> str:
    """Read tags whose attributes hold sentences, also where the tags themselves are escaped, once or twice.

    Example:
        >>> with_attributes('<img alt="Which drug is next?">')
        ' Which drug is next? '
    """
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
