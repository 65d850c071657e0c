"""The rows of a source that are a benchmark, with the reason, and the scores that holding them out protects."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace

from medqa_kit.catalog.cards import Sections, card_html, card_text
from medqa_kit.catalog.parts import Part
from medqa_kit.errors import InvalidSourceError, shorten

_SCORE = re.compile(r"[^\s/@]+/[^\s@]+")


@dataclass(frozen=True, repr=False)
class Protection:
    """Rows of a source that must not be trained on: a holdout with a name.

    Attributes:
        name: Its name; it says what the holdout holds, such as ``"kormedmcqa-official-test"``.
        subset: Which subset; ``None`` takes all that are not by name only.
        split: Which split.
        years: Which exam years; ``None`` takes all.
        items: How many rows that is, where they were counted.
        reason: Why they must not be trained on, in a sentence.
        protects: Tasks whose scores training on them would spoil, as ``harness/task``, without a
            version.
        default: Whether recipes that use the source, or one that descends from it, apply the
            holdout without being asked.
        leaves_in: Which rows a person may expect in this holdout that are not in it.
        source: Name of the source; the :class:`~medqa_kit.catalog.Source` fills it in.

    Example:
        >>> exam = Protection("demo-test", split="test", reason="we report it",
        ...                   protects=("lm_eval/demo",))
        >>> exam.rows
        'test'
    """

    name: str
    _: KW_ONLY
    split: str
    subset: str | None = None
    years: tuple[int, ...] | None = None
    items: int | None = None
    reason: str
    protects: tuple[str, ...] = ()
    default: bool = True
    leaves_in: str = ""
    source: str = ""

    @property
    def rows(self) -> str:
        """Which rows: subset, split and years."""
        part = self.split if self.subset is None else f"{self.subset}/{self.split}"
        return f"{part}, {', '.join(map(str, self.years))}" if self.years else part

    def show(self) -> str:
        """Return all about the holdout as text."""
        return card_text(self._title, self.reason, self._sections())

    def __repr__(self) -> str:
        return (
            f"<Protection {self.name}: {self.rows} of {self.source or 'a source'}, {self._counted}>"
        )

    def _repr_html_(self) -> str:
        return card_html(self._title, self.reason, self._sections())

    @property
    def _counted(self) -> str:
        return "items not counted" if self.items is None else f"{self.items:,} items"

    @property
    def _applied(self) -> str:
        return "in recipes by default" if self.default else "in recipes that name it"

    @property
    def _title(self) -> tuple[str, str]:
        return "Holdout", self.name

    def _sections(self) -> Sections:
        return [
            ("Rows", [f"{self.rows} of {self.source}: {self._counted}, {self._applied}"]),
            ("Protects", list(self.protects)),
            ("Leaves in", [self.leaves_in] if self.leaves_in else []),
        ]


def protection_line(protection: Protection) -> str:
    """Return a line on a holdout for the card of its source."""
    return f"{protection.name}: {protection.rows}; {protection.reason}"


def checked_protections(
    protections: Sequence[Protection], *, source: str, parts: Sequence[Part]
) -> tuple[Protection, ...]:
    """Return the protections of a source, with its name filled in.

    Args:
        protections: As its author declares them.
        source: Name of the source.
        parts: Its parts.

    Raises:
        InvalidSourceError: One of them is malformed, holds no part, or has the name of another.
    """
    if not isinstance(protections, tuple) or not all(
        isinstance(each, Protection) for each in protections
    ):
        raise InvalidSourceError(
            "holdouts= takes a tuple of Protection values", source=source,
            found=shorten([protections]), hint="write holdouts=(Protection(…),), with the comma",
        )  # fmt: skip
    names = [each.name for each in protections]
    if len(set(names)) != len(names):
        raise InvalidSourceError(
            "two holdouts have one name", source=source, found=", ".join(names),
            hint="name each holdout for what it holds",
        )  # fmt: skip
    for each in protections:
        _refuse_malformed(each, source)
        if not any(part.is_meant(each.subset, each.split) for part in parts):
            raise InvalidSourceError(
                f"the holdout {each.name!r} holds no part", source=source,
                expected=", ".join(part.name for part in parts) or "a source with parts",
                found=each.rows, hint="name a subset and a split of the source",
            )  # fmt: skip
    return tuple(replace(each, source=source) for each in protections)


def _refuse_malformed(protection: Protection, source: str) -> None:
    years, items, protects = protection.years, protection.items, protection.protects
    wanted = (
        ("name", "text", isinstance(protection.name, str) and protection.name.strip() == protection.name != ""),
        ("reason", "a sentence", isinstance(protection.reason, str) and protection.reason.strip() != ""),
        ("protects", "a tuple of harness/task ids, without a version", isinstance(protects, tuple)
         and all(isinstance(task, str) and _SCORE.fullmatch(task) for task in protects)),
        ("years", "a tuple of years, or None", years is None or (isinstance(years, tuple)
         and years != () and all(type(year) is int for year in years))),
        ("items", "a number of rows above 0, or None", items is None or (type(items) is int
         and items > 0)),
        ("default", "True or False", isinstance(protection.default, bool)),
    )  # fmt: skip
    for field, expected, right in wanted:
        if not right:
            raise InvalidSourceError(
                f"{field}= of the holdout {protection.name!r} is malformed", source=source,
                expected=expected, found=shorten([getattr(protection, field)]),
                hint="see mk.catalog.Protection",
            )  # fmt: skip
