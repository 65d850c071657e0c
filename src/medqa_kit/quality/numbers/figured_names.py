"""Names that hold a figure, such as T2N1M0, vitamin B12, q8h and NYHA III, and became others by it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from medqa_kit.core.arrow.ragged import Mask
from medqa_kit.quality.numbers.plain_form import pairs_with
from medqa_kit.quality.numbers.words import ROMAN

# A name alone may go on as in "L4-5" and "IL-6/10".
_NAME = re.compile(
    r"(?<![a-z\d_.^])(?P<name>[a-z]{1,12}(?:-[a-z]{1,12}){0,2}-?\d{1,5}(?:\.\d{1,3})?(?:[a-z]{1,4}\d{1,5})*[a-z]{0,2})"
    r"(?P<more>(?:[-~–/]\d{1,3}(?![\d.]))*)(?![a-z\d_])",
    re.ASCII,
)
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
# Of a family of enzymes, such as cyp2d6, the letter between figures tells members apart as they do.
_OF_FAMILY = re.compile(r"(?<![a-z])[a-z]{3,}-?\d+[a-z]\d+[a-z]?")
_MEMBER = re.compile(r"\d+|(?<=\d)[a-z](?=\d)")
# "IV" alone is mostly a vein, and one letter mostly no figure.
_GRADED = re.compile(
    r"(?:\b(?:type|grade|stage|class|phase|factor|nerve|lead|category|nyha|asa|killip|mallampati)s? |(?:ថ្នាក់|ដំណាក់កាល|ប្រភេទ|កម្រិត|ទី) ?)(?P<behind>[ivx]{1,4})(?=[abc]?(?![a-z\d]))"
    r"|(?<![a-z\d_-])(?P<before>[ivx]{1,4})(?=[abc]? ?(?:기|형|도|급|등급|단계|군|번))"
    r"|(?<![a-z\d_-])(?P<alone>ii|iii|vi|vii|viii|ix|xi|xii)(?=[abc]?(?![a-z\d]))"
)
ROMAN_FIGURE = r"(?:^|[^a-z])[ivx]{1,4}(?:[abc]|[^a-z]|$)"
"""Finds, for RE2, the texts that may hold a Roman figure."""
_LIKELY = rf"[a-z]-?\d|{ROMAN_FIGURE}"


def changed_names(source: str, target: str) -> Iterator[str]:
    """Return the names of which each text has one that the other has with other figures alone.

    Args:
        source: A text in plain form.
        target: What was made of it.

    Example:
        >>> list(changed_names("gcs e3v4m5, spo2 94%", "gcs e3v4m6, spo2 94%"))
        ['e3v4m5 → e3v4m6']
        >>> list(changed_names("nyha class iii", "nyha ii"))
        ['iii → ii']
        >>> list(changed_names("c5-c6 disc, nyha iii", "c5-6 추간판, nyha 3"))
        []
    """
    first, second = _names(source), _names(target)
    for letters in [letters for letters in first if letters in second]:  # in the order of the text
        lost, new = (
            [words for figures, words in here[letters].items() if figures not in there[letters]]
            for here, there in ((first, second), (second, first))
        )
        if lost and new:
            yield f"{lost[0]} → {new[0]}"
    first_grades, second_grades = _grades(source), _grades(target)
    lost, new = (
        [words for grade, words in here.items() if grade not in there and grade not in figures]
        for here, there, figures in (
            (first_grades, second_grades, {*_FIGURE.findall(_NAME.sub("", target))}),
            (second_grades, first_grades, {*_FIGURE.findall(_NAME.sub("", source))}),
        )
    )
    if lost and new:
        yield f"{lost[0]} → {new[0]}"


def names_differ(sources: pa.Array, targets: pa.Array) -> Mask:
    """Find the pairs in which :func:`changed_names` finds something.

    Loops over the pairs of which both texts may hold such a name.

    Args:
        sources: Texts in plain form, ``large_string[n]``.
        targets: What was made of them.

    Returns:
        ``bool[n]``.

    Example:
        >>> names_differ(pa.array(["vitamin b12", "q8h", "5 mg"]), pa.array(["b6", "q8h", "b6"])).tolist()
        [True, False, False]
    """
    at = pairs_with(sources, targets, _LIKELY)
    differ: Mask = np.zeros(len(sources), np.bool_)
    differ[at] = [
        any(True for _ in changed_names(source, target))
        for source, target in zip(
            *(side.take(pa.array(at)).to_pylist() for side in (sources, targets)), strict=True
        )
    ]
    return differ


def _names(text: str) -> dict[str, dict[tuple[str, ...], str]]:
    """Return the names of a text by their letters, then by their figures."""
    names: dict[str, dict[tuple[str, ...], str]] = {}
    for match in _NAME.finditer(text):
        name = match["name"]
        parts = _MEMBER if _OF_FAMILY.fullmatch(name) else _FIGURE
        figures = tuple(parts.findall(name))
        of_letters = names.setdefault(parts.sub("#", name).replace("-", ""), {})
        of_letters.setdefault(figures, name)
        if len(figures) == 1:
            for figure in _FIGURE.findall(match["more"]):
                of_letters.setdefault((figure,), name + match["more"])
    return names


def _grades(text: str) -> dict[str, str]:
    """Return the Roman figures of a text, in Arabic ones, with how they are written."""
    matches = (match[str(match.lastgroup)] for match in _GRADED.finditer(text))
    return {str(ROMAN[said]): said for said in matches if said in ROMAN}
