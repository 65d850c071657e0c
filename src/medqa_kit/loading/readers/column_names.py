"""Names of columns as people write them: equal names, index columns, and nearest names."""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_INDEX = re.compile(
    r"(?:Unnamed: ?\d+(?:\.\d+)*(?:_level_\d+)?|__index_level_\d+__|)", re.IGNORECASE
)
_LONGEST = 200  # of a name that a person would paste


def plain_name(name: str) -> str:
    r"""Return a name without what nobody means by it: composition, width, case, blanks around it, unseen characters.

    Example:
        >>> plain_name(" Question\ufeff") == plain_name("Ｑues\u200btion\u3000") == plain_name("QUESTION")
        True
    """
    if name.isascii():
        return name.strip().casefold()
    seen = (mark for mark in name if unicodedata.category(mark) != "Cf")
    return unicodedata.normalize("NFKC", "".join(seen)).strip().casefold()


def is_index(name: str) -> bool:
    """Check whether a column is the row number that pandas wrote along.

    Example:
        >>> [is_index(name) for name in ("Unnamed: 0", "Unnamed: 0.1", "__index_level_0__", "", "index")]
        [True, True, True, True, False]
    """
    return _INDEX.fullmatch(name.strip("\ufeff ")) is not None


def renaming(
    missing: Sequence[str], unknown: Sequence[str], said: Mapping[str, str] | None = None
) -> str:
    """Write the argument that calls columns by the names they have, to be looked at and pasted.

    Args:
        missing: Declared columns that no name was found for.
        unknown: Columns of the file that are not declared; those with endless names are not offered.
        said: What was said of others already, and goes along.

    Returns:
        ``columns={...}``; empty where the file has no name to offer for each of them.

    Example:
        >>> renaming(["question", "answer"], ["Answers", "prompt"])
        'columns={"question": "prompt", "answer": "Answers"}'
    """
    left, pairs = [name for name in unknown if len(name) <= _LONGEST], dict[str, str]()
    for name in missing:
        plain = {plain_name(each): each for each in left}
        if near := difflib.get_close_matches(plain_name(name), plain, n=1, cutoff=0.6):
            pairs[name] = plain[near[0]]
            left.remove(pairs[name])
    for name in missing:  # those that look like nothing: in the order of the file
        if name not in pairs and left:
            pairs[name] = left.pop(0)
    listed = {**(said or {}), **{name: pairs[name] for name in missing if name in pairs}}
    whole = len(pairs) == len(missing) > 0
    return f"columns={json.dumps(listed, ensure_ascii=False)}" if whole else ""


@dataclass(frozen=True)
class CalledColumns:
    """The columns of a file by names that differ in composition, case or blanks around them alone.

    Attributes:
        names: All columns.
        by_plain: Those whose plain name is that of no other.
    """

    names: frozenset[str]
    by_plain: Mapping[str, str]

    @classmethod
    def of(cls, names: Sequence[str]) -> CalledColumns:
        """Look at the columns of a file.

        Args:
            names: Of all columns.

        Example:
            >>> sorted(CalledColumns.of(["a", "A", "b"]).by_plain)
            ['b']
        """
        times = Counter(map(plain_name, names))
        return cls(frozenset(names), {p: n for n in names if times[p := plain_name(n)] == 1})

    def __call__(self, name: str) -> str:
        """Return the column that a name means; the name itself where there is none.

        Example:
            >>> CalledColumns.of(["Question ", "answer"])("question")
            'Question '
        """
        return name if name in self.names else self.by_plain.get(plain_name(name), name)
