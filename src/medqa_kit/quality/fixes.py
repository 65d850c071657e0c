"""Fixes of faults in how a text is written: applied on request, and counted.

None changes the value of a figure or what a gold label says: answer and options are mended alike.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.apply import run
from medqa_kit.core.arguments import one_of, several_texts, some_of
from medqa_kit.core.arrow.byte_scans import pattern_mask
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.core.arrow.text_columns import rows_of_texts, text_columns, texts_of, with_texts
from medqa_kit.core.holders import RowsT
from medqa_kit.core.judging import Judged, findings_of
from medqa_kit.core.report import Report
from medqa_kit.errors import ArgumentError, MissingExtraError

Fix = Literal["mojibake", "transcript", "zero_width", "width", "coeng", "nfc", "whitespace", "ends"]
"""What can be mended, in the order in which it is.

* ``mojibake``: UTF-8 once read as another encoding (``Ã©`` for ``é``), by ftfy.
* ``transcript``: marks of AI-Hub speech: of ``(70%)/(칠십 퍼센트)`` the written form stays, fillers such
  as ``아/`` go, words marked by ``*`` or ``+`` stay without the mark.
* ``zero_width``: characters without width that say nothing. Khmer text separates words by U+200B; it goes
  too, so leave this out where word borders matter.
* ``width``: full-width letters, digits and signs as ASCII, and ``ﬁ`` and its kin as single letters.
* ``coeng``: Khmer syllables in the order of the standard: subscripts before vowels and signs, that of RO
  behind others (``ស្ត្រី``), vowels before signs; vowels typed in two parts as one letter.
* ``nfc``: composed letters, such as Hangul syllables for their jamo.
* ``whitespace``: no blanks at the ends of lines, one between words, two line breaks at most.
* ``ends``: no blanks and line breaks at the ends of the text; those within stay.
"""

FIXES: tuple[Fix, ...] = get_args(Fix)
_PLAIN: tuple[Fix, ...] = ("zero_width", "width", "coeng", "nfc", "whitespace")

_FULL_WIDTH = str.maketrans(
    {
        **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
        **dict(
            enumerate(("ff", "fi", "fl", "ffi", "ffl", "st", "st"), 0xFB00)
        ),  # as PDFs have them
        0x3000: " ",
    }
)
# A dependent vowel or sign, then what must stand before it: a subscript, or a shifter. Of a shifter and a
# subscript the standard and current fonts have different orders; they stay as they are.
_COENG_LATE = r"([\x{17B6}-\x{17C8}])((?:\x{17D2}[\x{1780}-\x{17B3}])+)"
_SHIFTER_LATE = r"([\x{17B6}-\x{17C8}])([\x{17C9}\x{17CA}])"
# The subscript of RO stands behind others, vowels before signs, and vowels of two parts are one letter.
_RO_EARLY = r"(\x{17D2}\x{179A})((?:\x{17D2}[\x{1780}-\x{1799}\x{179B}-\x{17B3}])+)"
_VOWEL_LATE = r"([\x{17C6}-\x{17C8}])([\x{17B6}-\x{17C5}])"
_IN_TWO_PARTS = {"\u17c1\u17b6": "\u17c4", "\u17c1\u17b8": "\u17be"}
# Joiners shape Khmer, and the signs of emoji; between other letters they do nothing. Tags belong to flags alone.
_NO_WIDTH = (
    (
        r"[\x{AD}\x{180E}\x{200B}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2064}\x{2066}-\x{2069}\x{FEFF}\x{E0001}]",
        "",
    ),
    (r"(^|[^\x{1F3F4}\x{E0020}-\x{E007F}])[\x{E0020}-\x{E007F}]+", r"\1"),
    (r"([\p{Latin}\p{Hangul}][\x{300}-\x{36F}]*)[\x{200C}\x{200D}]+", r"\1"),
)
_MOST_TURNS = 8  # a syllable has no more marks to move


@dataclass(frozen=True)
class FixText:
    """Kernel that mends texts, and lists which rows it changed and how.

    Attributes:
        fixes: What to mend, see :data:`Fix`. The default leaves out ``mojibake``, which needs the
            extra ``mojibake``, ``transcript``, which is for transcripts, and ``ends``, which is a part of
            ``whitespace``.
        columns: The columns to look at: texts, lists of texts, messages. Left out: all of these.

    Raises:
        ArgumentError: An argument is none of these.
        MissingExtraError: ``mojibake`` is asked for, and ftfy is not installed.
        FormattingError: When called: the table lacks a column.

    Example:
        >>> rows = pa.table({"text": ["혈압　１２０／８０  mmHg ", "체온 36.5도"]})
        >>> fixed, report = FixText().run(rows)
        >>> fixed["text"].to_pylist()
        ['혈압 120/80 mmHg', '체온 36.5도']
        >>> report.by("code")
        {'whitespace': 1, 'width': 1}
    """

    fixes: tuple[Fix, ...] = _PLAIN
    columns: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        fixes = some_of("fixes", self.fixes, FIXES)
        object.__setattr__(self, "fixes", tuple(fix for fix in FIXES if fix in fixes))
        if not fixes:
            raise ArgumentError(
                "fixes= names nothing to mend", argument="fixes", expected=", ".join(FIXES), found="()",
                hint="leave fixes= out for the usual ones",
            )  # fmt: skip
        if self.columns is not None:
            object.__setattr__(self, "columns", several_texts("columns", self.columns))
        if "mojibake" in fixes:
            _ftfy()

    @property
    def verb(self) -> str:
        """Name of the kernel in reports."""
        return "FixText()"

    def __call__(self, table: pa.Table) -> pa.Table:
        """Return the rows of a batch, mended."""
        return self.judge(table).rows

    def run(self, rows: RowsT) -> tuple[RowsT, Report]:
        """Return the rows mended, and a report.

        Args:
            rows: As in :func:`medqa_kit.apply`.

        Returns:
            The rows, in the same kind of container, and a report: one finding for each text that a fix
            changed, with the fix as ``code`` and the further column ``column`` (``string``).
        """
        return run(rows, self)

    def judge(self, table: pa.Table) -> Judged:
        """Mend a batch; see :meth:`run`."""
        rows, codes, names = [np.zeros(0, np.int64)], list[str](), list[str]()
        fixed = table
        for name in text_columns(table, self.columns, purpose="mending texts"):
            texts = before = texts_of(table, name)
            for fix in self.fixes:
                texts, changed = _mended(texts, fix)
                rows.append(rows_of_texts(table, name, changed))
                codes += [fix] * len(changed)
                names += [name] * len(changed)
            if texts is not before:
                fixed = with_texts(fixed, name, texts)
        places = np.concatenate(rows)
        order = np.argsort(places, kind="stable")
        findings = findings_of(table, places, codes, column=pa.array(names, pa.string()))
        return Judged(fixed, fixed.num_rows, findings.take(pa.array(order)))


def needing_fix(texts: pa.Array, fix: Fix) -> Ints:
    """Return the places of the texts that a fix would change.

    Args:
        texts: ``large_string[n]``.
        fix: The fix.

    Example:
        >>> needing_fix(pa.array(["BP", "ＢＰ"], pa.large_string()), "width").tolist()
        [1]
    """
    return _mended(texts, one_of("fix", fix, FIXES))[1]


def needing_fixes(texts: pa.Array, fixes: Sequence[Fix]) -> dict[Fix, Ints]:
    """Return for each of several fixes the places of the texts that it would change.

    Most texts need none: they are read once, for all fixes.

    Args:
        texts: ``large_string[n]``.
        fixes: The fixes.

    Example:
        >>> places = needing_fixes(pa.array(["BP", "ＢＰ", "B  P"], pa.large_string()), ["width", "whitespace"])
        >>> {fix: at.tolist() for fix, at in places.items()}
        {'width': [1], 'whitespace': [2]}
    """
    gate = "|".join(f"(?:{_MENDERS[one_of('fix', fix, FIXES)][0]})" for fix in fixes)
    suspect = _matching(texts, gate) if fixes else np.empty(0, np.int64)
    suspects = texts.take(pa.array(suspect))
    return {fix: suspect[_mended(suspects, fix)[1]] for fix in fixes}


def _matching(texts: pa.Array, pattern: str) -> Ints:
    return np.flatnonzero(pattern_mask(texts, pattern))


def _mended(texts: pa.Array, fix: Fix) -> tuple[pa.Array, np.ndarray]:
    """Return the texts mended, and the places of those that changed."""
    gate, mend = _MENDERS[fix]
    suspect = _matching(texts, gate)
    if not len(suspect):
        return texts, suspect
    old = texts.take(pa.array(suspect))
    new = mend(old)
    differs = pc.not_equal(old, new).to_numpy(zero_copy_only=False)
    changed = suspect[differs]
    if not len(changed):
        return texts, changed
    mask = np.zeros(len(texts), bool)
    mask[changed] = True
    return pc.replace_with_mask(texts, pa.array(mask), new.filter(pa.array(differs))), changed


def _one_by_one(mend: Callable[[str], str]) -> Callable[[pa.Array], pa.Array]:
    """Mend the texts that need it one by one: for what Arrow has no function, or a slow one."""
    return lambda texts: pa.array(map(mend, texts.to_pylist()), pa.large_string())


def _replaced(*rules: tuple[str, str]) -> Callable[[pa.Array], pa.Array]:
    def mend(texts: pa.Array) -> pa.Array:
        for pattern, replacement in rules:
            texts = pc.replace_substring_regex(texts, pattern, replacement)
        return texts

    return mend


def _whitespace(texts: pa.Array) -> pa.Array:
    mend = _replaced(
        (r"\r\n?", "\n"), (r"[\t\v\f\pZ]+", " "), (r" *\n *", "\n"), (r"\n{3,}", "\n\n")
    )
    return pc.utf8_trim_whitespace(mend(texts))


def _in_order(texts: pa.Array) -> pa.Array:
    """Move subscripts and shifters before vowels and signs, until nothing moves."""
    late = (_COENG_LATE, _SHIFTER_LATE, _RO_EARLY, _VOWEL_LATE)
    mend = _replaced(*((pattern, r"\2\1") for pattern in late), *_IN_TWO_PARTS.items())
    for _ in range(_MOST_TURNS):
        moved = mend(texts)
        if moved.equals(texts):
            break
        texts = moved
    return texts


def _without_mojibake(texts: pa.Array) -> pa.Array:
    return _one_by_one(_ftfy().fix_encoding)(texts)


def _ftfy() -> ModuleType:
    try:
        import ftfy
    except ImportError as error:
        raise MissingExtraError(
            "ftfy", "mojibake", need="mending text read in the wrong encoding"
        ) from error
    return ftfy


_MENDERS: dict[Fix, tuple[str, Callable[[pa.Array], pa.Array]]] = {
    "mojibake": (r"[\x{C2}-\x{F4}\x{152}-\x{17E}][\x{80}-\x{BF}\x{152}-\x{2122}]|\x{FFFD}", _without_mojibake),
    "transcript": (
        r"\)/\(|[가-힣]/|[가-힣][*+]|#@",
        _replaced((r"\(([^()]*)\)/\([^()]*\)", r"\1"), (r"(^|\s)(?:[가-힣]{1,3}/(?:\s+|$))+", r"\1"), (r"([가-힣])[*+](\s|$|[가-힣.,?!])", r"\1\2")),
    ),
    "zero_width": ("|".join(pattern for pattern, _ in _NO_WIDTH), _replaced(*_NO_WIDTH)),
    "width": (r"[\x{FF01}-\x{FF5E}\x{3000}\x{FB00}-\x{FB06}]", _one_by_one(lambda text: text.translate(_FULL_WIDTH))),
    "coeng": ("|".join([_COENG_LATE, _SHIFTER_LATE, _RO_EARLY, _VOWEL_LATE, *_IN_TWO_PARTS]), _in_order),
    "nfc": (r"[^\x00-\x{2FF}\x{1780}-\x{17DC}\x{17DE}-\x{17FF}\x{2010}-\x{2027}\x{3001}-\x{3011}\x{4E00}-\x{9FFF}\x{AC00}-\x{D7A3}]", _one_by_one(lambda text: unicodedata.normalize("NFC", text))),
    "ends": (r"^[\s\pZ]|[\s\pZ]$", pc.utf8_trim_whitespace),
    "whitespace": (r"^[\s\pZ]|[\s\pZ]$|[\s\pZ][\s\pZ]|[\t\v\f\r]|[^ \PZ]", _whitespace),
}  # fmt: skip
"""For each fix, a pattern that finds texts that may need it, and what mends them."""
