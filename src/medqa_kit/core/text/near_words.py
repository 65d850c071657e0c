"""Find the known words that a user may have meant by a wrong one: a slip, a part of a name, another form of a word.

Letters that two words share by chance do not count: a person who sees both words should agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

_CALLED = {
    "kr": "ko", "kp": "ko", "korean": "ko", "kh": "km", "khmer": "km", "cambodian": "km", "cn": "zh", "chinese": "zh", "english": "en",
    "alias": "as", "filter": "where", "filters": "where",
}  # fmt: skip
"""Synonyms: countries and names of languages for their codes, and keys of other tools for ours."""

_BREAKS = re.compile(r"[ _/.:-]+")
_ADDRESS = re.compile(r"(?:^|[/\\])[a-z][a-z0-9+]+:[/\\]")
"""How an address begins, also where it was read as a path."""
_FIGURE = re.compile(r"[0-9]")
_LIKE = 8  # words that are compared letter by letter
_SHORT, _LONG = 3, 4  # letters of a part of a name, and of a piece that no break ends


def plain_word(word: str) -> str:
    """Return a word in small letters, without blanks, hyphens and underscores.

    Example:
        >>> plain_word("Med_QA-USMLE 4")
        'medqausmle4'
    """
    return "".join(letter for letter in word.casefold() if letter not in " -_")


def near_words(word: str, known: Iterable[str], *, most: int = 1) -> list[str]:
    """Return the known words that a wrong one may have meant, the nearest first.

    Case, blanks, hyphens and underscores do not count. Two words are near each other if few slips turn one into the
    other, if they differ in figures only, if one is a part of the other, or if they differ in their endings only.

    Args:
        word: What was asked for.
        known: The words there are.
        most: How many to return at the most.

    Example:
        >>> near_words("wieght", ["weight", "where"]), near_words("messages", ["text", "trl/messages"])
        (['weight'], ['trl/messages'])
        >>> near_words("learning_rate", ["errata", "name"])
        []
    """
    plain = {plain_word(name): name for name in reversed(list(known))}
    letters = plain_word(word)
    if (same := letters if letters in plain else _CALLED.get(letters)) in plain and most == 1:
        return [plain[same]]
    order = list(reversed(plain))
    like = get_close_matches(letters, order, n=_LIKE, cutoff=0.5)
    distances = {name: _rank(word, plain[name], looked=name in like) for name in order}
    near = sorted((rank, name[:1] != letters[:1], len(name), order.index(name), name) for name, rank in distances.items() if rank is not None)  # fmt: skip
    return [plain[name] for *_, name in near[:most]]


def suggestion(words: Sequence[str]) -> str:
    """Return the question whether one of some words is meant, or the empty string where there is no word.

    Example:
        >>> suggestion(["klue", "kbmc"])
        "did you mean 'klue' or 'kbmc'?"
    """
    return f"did you mean {' or '.join(map(repr, words))}?" if words else ""


def near_path(path: Path) -> str:
    """Return what may be meant by an absent file or folder: its nearest neighbour, an address, a variable; else nothing.

    Example:
        >>> near_path(Path(__file__).with_name("near_word.py")).endswith("near_words.py'?")
        True
    """
    if _ADDRESS.search(str(path)):
        return "rows are read from this machine: download the file, and name it there"
    if "$" in str(path):
        return "names after $ are not filled in: write the path out"
    try:
        names = sorted(neighbour.name for neighbour in path.parent.iterdir())
    except OSError:
        return ""
    return suggestion([str(path.parent / name) for name in near_words(path.name, names)])


def _rank(word: str, name: str, *, looked: bool) -> float | None:
    """Return the distance of a name from a word; ``None`` where a person would see no likeness."""
    left, right = plain_word(word), plain_word(name)
    slips = _slips(word, name) if looked else None
    if slips is not None and slips <= 1:
        return slips
    if _is_other_edition(left, right):
        return 1.4
    if _is_part(word, name) or _begins(left, right):
        return 1.5
    if len(left) >= _LONG and right.endswith(left):
        return 1.7
    if slips is not None:
        return slips
    if _is_part(name, word) or _begins(right, left):
        return 5 - len(right) / 1_000_000
    return 6 if _begins_alike(left, right) or (looked and _begins_nearly(left, right)) else None


def _slips(word: str, name: str) -> int | None:
    """Count the slips between two words; ``None`` where there are too many.

    Names of as many parts are compared part by part: ``trl/dpo`` is no slip for ``trl/kto``.
    """
    pairs = list(zip(_parts(word), _parts(name), strict=False))
    if len(_parts(word)) != len(_parts(name)):
        pairs = [(plain_word(word), plain_word(name))]
    total = 0
    for left, right in pairs:
        number = _distance(left, right)
        if number > _allowed(left, right):
            return None
        total += number
    return total


def _allowed(left: str, right: str) -> int:
    longer = max(len(left), len(right))
    if longer < _SHORT:
        return int(left[:1] == right[:1])
    return 1 if longer <= 5 else 2 if longer <= 8 else 3 if longer <= 12 else 4


def _distance(left: str, right: str) -> int:
    """Count the letters to insert, delete, change or swap with the next one."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for at, letter in enumerate(left, 1):
        earlier, before, row = before, row, [at]
        for to, wanted in enumerate(right, 1):
            least = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != wanted))
            if at > 1 and to > 1 and letter == right[to - 2] and left[at - 2] == wanted:
                least = min(least, earlier[to - 2] + 1)
            row.append(least)
    return row[-1]


def _is_part(word: str, name: str) -> bool:
    """Check whether the parts of a word are some of those of a name, in any order."""
    parts, whole = _parts(word), _parts(name)
    return bool(parts) and all(len(part) >= _SHORT for part in parts) and set(parts) <= set(whole)


def _is_other_edition(left: str, right: str) -> bool:
    """Check whether two words differ in figures alone, such as names with the day of a dump."""
    return (
        left != right and _FIGURE.sub("0", left) == _FIGURE.sub("0", right) and not left.isdigit()
    )


def _begins(left: str, right: str) -> bool:
    """Check whether a longer word begins with another one."""
    rest = len(right) - len(left)
    enough = len(left) >= (_SHORT if rest <= 2 else _LONG)
    return rest > 0 and enough and right.startswith(left)


def _begins_alike(left: str, right: str) -> bool:
    """Check whether two words begin alike and end otherwise, such as a singular and a plural."""
    shared = next((at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), 0)
    shorter = min(len(left), len(right))
    return shared >= _SHORT and 4 * shared >= 3 * shorter


def _begins_nearly(left: str, right: str) -> bool:
    """Check whether a word is the beginning of a longer one, apart from slips."""
    begin = right[: len(left)]
    return _LONG < len(left) < len(right) and _distance(left, begin) <= max(
        1, _allowed(left, begin) // 2
    )


def _parts(word: str) -> list[str]:
    return [part for part in _BREAKS.split(word.casefold()) if part]
