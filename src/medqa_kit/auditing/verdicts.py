"""Verdicts on claims: each compared with its measure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from medqa_kit.auditing.claims import CardClaim, Claimed
from medqa_kit.auditing.measuring import Measured
from medqa_kit.catalog.licenses import Claim
from medqa_kit.catalog.model import Source
from medqa_kit.catalog.verdicts import USES, LicenseVerdict, license
from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.core.tables import cell

ClaimVerdict: TypeAlias = Literal["holds", "differs", "unclear"]
"""``holds``: as claimed. ``differs``: otherwise. ``unclear``: cannot be told from what is there."""

_PLACEHOLDER = re.compile(
    r"(?i)\byour[ _-](?:name|organi[sz]ation|username|repo|email)\b|\b(?:username|user-name|your-?org)/|\bauthor name\b|"
    r"\bfirst ?name,? last ?name\b|\b(?:todo|tbd|xxx+|lorem ipsum)\b|\bexample\.(?:com|org)\b|<[a-z ]*name>|\[your|\[insert|"
    r"\bmore information needed\b"
)


@dataclass(frozen=True, repr=False)
class ClaimCheck(Shown):
    """One claim, compared with the data.

    Attributes:
        claim: The claim.
        measured: What was measured; ``None`` where that is not possible.
        difference: Measured less claimed, of single numbers.
        verdict: See :data:`ClaimVerdict`.
        note: Why, where a figure does not say it.
    """

    claim: CardClaim
    measured: Claimed | None
    difference: float | None
    verdict: ClaimVerdict
    note: str

    def _blocks(self) -> Iterator[Block]:
        yield f"{self.claim.by}: {self.claim.name}: {self.verdict}"
        yield [("claimed", "measured", "difference", "note"), (*self.cells()[2:5], self.note)]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "by": self.claim.by, "claim": self.claim.name, "measure": self.claim.measure,
            "columns": list(self.claim.columns), "where": dict(self.claim.where), "claimed": self.claim.claimed,
            "measured": self.measured, "difference": self.difference, "verdict": self.verdict, "note": self.note,
        }  # fmt: skip

    def cells(self) -> tuple[str, ...]:
        """Return it as a row of a table."""
        share = self.claim.measure in ("filled_share", "in_script")
        return (self.claim.by, self.claim.name, _shown(self.claim.claimed, share), _shown(self.measured, share),
                _shown(self.difference, share), self.verdict, cell(self.note))  # fmt: skip


def _shown(value: Any, share: bool) -> str:
    if value is None:
        return "–"
    if isinstance(value, tuple):
        return (
            f"{value[0]:,.0f}–{value[1]:,.0f}"
            if max(value) > 3000
            else f"{value[0]:g}–{value[1]:g}"
        )
    if isinstance(value, str):
        return cell(value)
    return f"{value:.3%}" if share else f"{value:,.10g}"


def checked(claim: CardClaim, measured: Measured, *, copies: int = 0) -> ClaimCheck:
    """Compare a claim with what was measured.

    Args:
        claim: The claim.
        measured: What was measured.
        copies: Rows of parts that repeat others, which some counts include.

    Example:
        >>> check = checked(CardClaim(measure="rows", claimed=7489), Measured(7469), copies=20)
        >>> check.verdict, check.difference, check.note
        ('differs', -20, 'the claim counts 20 rows that are copies of others')
    """
    claimed: Any = claim.claimed
    value: Any = measured.value
    if value is None:
        return ClaimCheck(claim, None, None, "unclear", measured.note)
    note = measured.note
    if isinstance(claimed, tuple):
        inside = value[0] >= claimed[0] and value[1] <= claimed[1] if isinstance(value, tuple) else claimed[0] <= value <= claimed[1]  # fmt: skip
        holds = value == claimed if claim.measure == "range" else inside
        return ClaimCheck(claim, value, None, "holds" if holds else "differs", note)
    if isinstance(claimed, str):
        return ClaimCheck(claim, value, None, "holds" if value == claimed else "differs", note)
    difference = value - claimed
    holds = abs(difference) <= claim.within
    if not holds and copies and difference == -copies and claim.measure == "rows":
        note = f"the claim counts {copies:,} rows that are copies of others"
    return ClaimCheck(
        claim, value, difference, "holds" if holds else "differs", "" if holds else note
    )


def checked_citation(claim: CardClaim) -> ClaimCheck:
    """Check whether a citation names somebody.

    Example:
        >>> checked_citation(CardClaim(measure="citation", claimed="Your Name")).verdict
        'differs'
    """
    placeholder = _PLACEHOLDER.search(str(claim.claimed))
    if placeholder is None:
        return ClaimCheck(claim, str(claim.claimed), None, "holds", "")
    return ClaimCheck(claim, "a placeholder", None, "differs", f"{placeholder[0]!r} names nobody")


def placeholders(text: str) -> list[str]:
    """Return the placeholders that a card leaves where names belong.

    Example:
        >>> placeholders("@misc{x, author = {Your Name}, url = {https://hf.co/username/set}}")
        ['Your Name', 'username/']
    """
    return list(dict.fromkeys(match[0] for match in _PLACEHOLDER.finditer(text)))


def checked_license(claim: CardClaim, sources: Sequence[str | Source]) -> ClaimCheck:
    """Compare a claimed licence with what the sources of the rows permit.

    Args:
        claim: The claim.
        sources: The sources whose rows are among them.

    Example:
        >>> claim = CardClaim(measure="license", claimed="MIT")
        >>> check = checked_license(claim, ["kormedmcqa"])
        >>> check.verdict, check.measured
        ('differs', 'commercial: no, derive: unknown, train: conditional')
    """
    if not sources:
        return ClaimCheck(claim, None, None, "unclear", "no source of the rows is in the catalogue")
    terms = Claim(str(claim.claimed), claim.by).terms
    verdict = license(list(sources))
    less = [use for use in USES if getattr(terms, use) == "yes" != verdict.uses[use]]
    refused = [use for use in less if verdict.uses[use] == "no"]
    differences = [f"{use}: {verdict.uses[use]}" for use in less]
    if verdict.share_alike and not terms.share_alike:
        differences.append("share-alike")
    if not differences:
        return ClaimCheck(claim, str(claim.claimed), None, "holds", "")
    bad = bool(refused) or "share-alike" in differences
    return ClaimCheck(
        claim,
        ", ".join(differences),
        None,
        "differs" if bad else "unclear",
        _because(verdict, refused or less),
    )


def _because(verdict: LicenseVerdict, uses: Sequence[str]) -> str:
    """Name the clauses behind, each once."""
    reasons = dict.fromkeys(
        f"{clause.source}: {clause.license or 'no grant found'}{f' ({clause.condition})' if clause.condition else ''}"
        for clause in verdict.clauses
        if clause.use in uses
    )
    shared = (
        f"; derivatives carry the licence of {', '.join(verdict.share_alike)}"
        if verdict.share_alike
        else ""
    )
    return "; ".join(reasons) + shared
