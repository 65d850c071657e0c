"""Check the facts that a source must declare: name, language, licence, citation.

Rows of one's own have no language that is known for all, and any name; what stands in the catalogue, of
this project or another package, says all four.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from medqa_kit.catalog.licenses import Claim
from medqa_kit.errors import InvalidSourceError, shorten

_WORDS = re.compile(r"[^/\\\x00-\x1f\x7f]*[^/\\\x00-\x1f\x7f\s][^/\\\x00-\x1f\x7f]*")
_SNAKE = re.compile(r"[a-z][a-z0-9_]*")
LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")
"""BCP 47 tags of languages."""
_BIBTEX = re.compile(r"@\w+\s*[{(]")


def refuse_wrong_facts(
    name: str, *, title: str, language: tuple[str, ...], license: tuple[Claim, ...], citation: str
) -> None:
    """Refuse facts that are of another kind than a source has.

    Raises:
        InvalidSourceError: With all that is wrong.

    Example:
        >>> refuse_wrong_facts("ward_notes", title="Ward notes", language=("ko",),
        ...                    license=(Claim("ODC-By-1.0", "the card"),), citation="@misc{ward}")
    """
    tags = _is_tuple_of(language, str)
    _refuse(
        name,
        _unless(isinstance(name, str) and _WORDS.fullmatch(name), "name: text without /", name),
        _unless(isinstance(title, str) and title.strip(), "title: words", title),
        _unless(tags and all(LANGUAGE_TAG.fullmatch(tag) for tag in language),
                "language: a tuple of BCP 47 tags, such as ('ko', 'en')", language),
        _unless(_is_tuple_of(license, Claim) and license,
                "license: a tuple of claims, Claim(None, evidence) where no grant was found", license),
        _unless(isinstance(citation, str) and _BIBTEX.search(citation),
                "citation: BibTeX, such as '@misc{key, title={…}}'", citation),
    )  # fmt: skip


def refuse_unlisted_facts(name: str, language: tuple[str, ...]) -> None:
    """Refuse a source that a catalogue cannot list by name and language.

    Raises:
        InvalidSourceError: With all that is wrong.
    """
    _refuse(
        name,
        _unless(_SNAKE.fullmatch(name), "name: lower_snake, such as 'ward_notes'", name),
        _unless(language, "language: at least one BCP 47 tag, such as 'ko'", language),
    )


def _refuse(name: object, *problems: Sequence[tuple[str, object]]) -> None:
    listed = [problem for group in problems for problem in group]
    if listed:
        raise InvalidSourceError(
            "a source must say what it is called, of which language, under which licence, and how "
            "to cite it",
            source=str(name),
            expected="; ".join(expected for expected, _ in listed),
            found=shorten(value for _, value in listed),
            hint="see docs/adding_a_source.md",
        )


def _unless(fits: object, expected: str, value: object) -> Sequence[tuple[str, object]]:
    return [] if fits else [(expected, value)]


def _is_tuple_of(values: object, kind: type) -> bool:
    return isinstance(values, tuple) and all(isinstance(value, kind) for value in values)
