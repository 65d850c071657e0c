"""Check that the texts of a reply are in the script of their language, apart from words that may stay in another."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

import pyarrow as pa

from medqa_kit.quality.script_counts import SCRIPTS, Script, script_counts

_SCRIPTS: Mapping[str, Script] = {"km": "khmer", "ko": "hangul", "en": "latin"}
_LEAST_SHARE = 0.5  # of letters: names of drugs stay Latin in Korean and Khmer texts
_WORD = re.compile(r"[^\W\d_]+")
_PROPER = re.compile(r"\b[A-Z][^\W\d_]*(?:['’]s)?\b")
_FEW_WORDS = 3
_OF_SENTENCES = re.compile(
    r"(?i)\b(?:is|are|was|were|be|been|has|have|had|does|do|did|should|can|could|may|might|will|would|must|the|an?|to|if|"
    r"when|which|what|who|how|s?he|his|her|its?|this|that|these|those|not|no|yes|by|for|from)\b"
)
_LEFT = re.compile(
    r"\b[a-z][a-z'’]+(?:,? [a-z][a-z'’]*){4,}"
)  # five words as they stand in a sentence
_PART_END = re.compile(r"(?<=[.!?។。])\s+|\n")
_ASIDE = re.compile(
    r"\([^()]{0,200}\)|\[[^\[\]]{0,200}\]|'[^'\n]{1,80}'|\"[^\"\n]{1,80}\"|‘[^’\n]{1,80}’|“[^”\n]{1,80}”"
)
# Words in Korean or Khmer; a single letter or syllable marks an option, as in "ㄱ, ㄷ".
_NOT_LATIN = re.compile(r"[\uAC00-\uD7A3]{2}|[\u1780-\u17FF]{2}")
# Letters that no text of the three languages has of its own, from Cyrillic to Myanmar and Kana; Han signs in Korean
# stand alone or in brackets.
_FOREIGN = re.compile(
    r"[\u0400-\u052F\u0590-\u06FF\u0750-\u077F\u0900-\u0E3E\u0E40-\u109F\u3041-\u3096\u30A1-\u30FA]+"
    r"|[\u3400-\u4DBF\u4E00-\u9FFF]{2,}"
)
_MEASURED = re.compile(
    r"\d\s?[A-Za-zµ°%]{1,6}(?:/[A-Za-z]{1,6})*\b"
)  # units are the same in each language
_MOST_IN_LATIN = 4  # letters of the language for one of another, such as a word that is asked about


def script_fault(texts: Sequence[str], sent: Collection[str], language: str | None) -> str | None:
    """Say which texts of a reply are not in the script of its language; null where all are.

    Latin names that came back as they were sent do not count, as those of drugs in Korean texts do.

    Args:
        texts: Of the reply.
        sent: Texts that were sent.
        language: The language that was asked for.

    Example:
        >>> script_fault(["5 mg이면 충분하다."], ["5 mg is enough."], "ko")
        >>> script_fault(["はい、十分です。"], ["Yes, it is enough."], "ko")
        '0% hangul'
        >>> script_fault(["그는 症状이 있다."], ["He has symptoms."], "ko")
        'a word in another script: 症状'
    """
    script = _SCRIPTS.get((language or "").partition("-")[0].lower())
    if script is None:
        return None
    known = " ".join(sent)
    rest = [text for text in texts if not (text in sent and _is_name(text))]
    counted = script_counts(
        pa.array([_without_proper(text, known, script) for text in rest], pa.large_string())
    )
    own, latin, greek = counted.of(script), counted.of("latin"), counted.counts[:, len(SCRIPTS)]
    foreign = counted.letters - own - greek - (0 if script == "latin" else latin)
    if (foreign > own).any():
        at = int((foreign > own).argmax())
        return f"{own[at] / counted.letters[at]:.0%} {script}"
    letters = own.sum() if script == "latin" else own.sum() + latin.sum()
    if letters and own.sum() / letters < _LEAST_SHARE:
        return f"{own.sum() / letters:.0%} {script}"
    left = _left_untranslated(rest, script) or (
        None if script == "latin" else _left_in_latin(rest, script)
    )
    if left is not None:
        return f"0% {script}: {left[:60]}"
    word = _foreign_word(rest, known)
    return None if word is None else f"a word in another script: {word[:60]}"


def is_sentence(text: str) -> bool:
    """Check whether an English text says something, and is more than a name.

    Example:
        >>> is_sentence("5 mg is enough for him."), is_sentence("Amoxicillin and clavulanate")
        (True, False)
    """
    words = _WORD.findall(text)
    return len(words) > _FEW_WORDS and _OF_SENTENCES.search(text) is not None


def has_words(text: str) -> bool:
    """Check whether a text is more than figures, units and abbreviations, which no language changes.

    Example:
        >>> has_words("Fever"), has_words("5 mg"), has_words("HIV")
        (True, False, False)
    """
    return any(len(word) > _FEW_WORDS - 1 and not word.isupper() for word in _WORD.findall(text))


def _is_name(text: str) -> bool:
    words = _WORD.findall(text)
    return (
        len(words) <= _FEW_WORDS and not _OF_SENTENCES.search(text) and not _NOT_LATIN.search(text)
    )


def _without_proper(text: str, known: str, script: Script) -> str:
    """Return a text without the proper names of what was sent."""
    if script == "latin":
        return text
    text = _MEASURED.sub("", text)
    return _PROPER.sub(lambda name: "" if name[0] in known else name[0], text)


def _left_untranslated(texts: Sequence[str], script: Script) -> str | None:
    """Return a sentence in Korean or Khmer letters that are not of the script, but for what is in brackets or quoted."""
    parts = [
        _ASIDE.sub("", part)
        for text in texts if _NOT_LATIN.search(text)
        for part in _PART_END.split(text) if _NOT_LATIN.search(part)
    ]  # fmt: skip
    counted = script_counts(pa.array(parts, pa.large_string()))
    own = counted.of(script)
    others = [counted.of(other) for other in ("hangul", "khmer") if other != script]
    foreign = sum(others)
    at_most = own // _MOST_IN_LATIN if script == "latin" else own
    return next((part for part, left in zip(parts, foreign > at_most, strict=True) if left), None)


def _foreign_word(texts: Sequence[str], known: str) -> str | None:
    """Return a word in the letters of a fourth language, which models mix in, but for what was sent or stands aside."""
    words = (word for text in texts for word in _FOREIGN.findall(_ASIDE.sub("", text)))
    return next((word for word in words if word not in known), None)


def _left_in_latin(texts: Sequence[str], script: Script) -> str | None:
    """Return a sentence that was left in English: five of its words in a row, and no letter of the script."""
    parts = [part for text in texts for part in _PART_END.split(text) if _LEFT.search(part)]
    own = script_counts(pa.array(parts, pa.large_string())).of(script)
    return next(
        (part for part, letters in zip(parts, own.tolist(), strict=True) if not letters), None
    )
