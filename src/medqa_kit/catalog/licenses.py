"""Licence claims and what they permit.

Upstreams contradict each other: a card says non-commercial, a guide says MIT. A source therefore
holds *claims*, each with the place it was read, and :func:`strictest` says what may be relied
upon: a permission counts only when every credible claim grants it. What nobody grants, or what is
not known, counts as "no". This is a reading aid for engineers, not legal advice.

Two rules hold for all sources alike. A claim that speaks of single subsets counts for these alone.
Text of which upstream says that a company's model wrote it carries the claim
``model-output-terms``, whatever licence its tag names: who uses a model agrees to terms on what it
writes, and a tag of the uploader's does not lift them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from packaging.licenses import canonicalize_license_expression

from medqa_kit.core.arguments import one_of
from medqa_kit.core.showing.shown import Block, Shown

Answer = Literal["yes", "conditional", "no", "unknown"]
Use = Literal["research", "commercial", "redistribute", "derive", "train"]
"""What one wants to do: study and publish results · build a product · pass the rows on ·
pass changed rows on · train a model and pass the model on.

Training is granted plainly by licences that grant all uses. It is conditional where a licence grants
less: by terms against commercial use it is open to what is not commercial, by terms against changes
as long as the model does not give out the text changed, and terms on what models write may forbid to
train a model that competes with theirs."""

_RANK: dict[Answer, int] = {"yes": 3, "conditional": 2, "unknown": 1, "no": 0}


@dataclass(frozen=True)
class Terms:
    """What a licence permits and asks for.

    Attributes:
        research: Use in research.
        commercial: Use in a product.
        redistribute: Passing the rows on.
        derive: Passing changed rows on; reformatting is a change.
        train: Training a model and passing it on.
        attribution: Whether the authors must be named.
        share_alike: Whether derivatives carry the same licence.
    """

    research: Answer = "unknown"
    commercial: Answer = "unknown"
    redistribute: Answer = "unknown"
    derive: Answer = "unknown"
    train: Answer = "unknown"
    attribution: bool = True
    share_alike: bool = False

    def __post_init__(self) -> None:
        for use in get_args(Use):
            one_of(use, getattr(self, use), get_args(Answer))

    def allows(self, use: Use) -> bool:
        """Check whether a use is granted without conditions; the unknown is not granted.

        Raises:
            ArgumentError: There is no such use.

        Example:
            >>> LICENSES["CC-BY-NC-2.0"].allows("commercial"), Terms().allows("research")
            (False, False)
        """
        answer: Answer = getattr(self, one_of("use", use, get_args(Use)))
        return answer == "yes"


def _open(
    *,
    commercial: Answer = "yes",
    derive: Answer = "yes",
    share_alike: bool = False,
    attribution: bool = True,
) -> Terms:
    train: Answer = "yes" if commercial == derive == "yes" else "conditional"
    return Terms("yes", commercial, "yes", derive, train, attribution, share_alike)


LICENSES: dict[str, Terms] = {
    "MIT": _open(), "Apache-2.0": _open(), "CC0-1.0": _open(attribution=False),
    "GPL-3.0": _open(share_alike=True), "GFDL-1.3": _open(share_alike=True),
    "CC-BY-4.0": _open(), "CC-BY-SA-3.0": _open(share_alike=True),
    "CC-BY-SA-4.0": _open(share_alike=True), "CC-BY-ND-4.0": _open(derive="no"),
    "CC-BY-NC-2.0": _open(commercial="no"), "CC-BY-NC-4.0": _open(commercial="no"),
    "CC-BY-NC-SA-2.0": _open(commercial="no", share_alike=True),
    "CC-BY-NC-SA-2.0-KR": _open(commercial="no", share_alike=True),
    "CC-BY-NC-SA-3.0-IGO": _open(commercial="no", share_alike=True),
    "CC-BY-NC-SA-4.0": _open(commercial="no", share_alike=True),
    "CC-BY-NC-ND-4.0": _open(commercial="no", derive="no"),
    # Terms without an SPDX identifier, named so that claims and reports can refer to them.
    "academic-only": Terms("yes", "no", "yes", "unknown", "conditional"),
    "AI-Hub-terms": Terms("conditional", "conditional", "no", "no", "conditional"),
    "model-output-terms": Terms("yes", "conditional", "conditional", "conditional", "conditional"),
    "Gemma-terms": Terms("yes", "conditional", "conditional", "conditional", "conditional"),
    "Health-AI-Developer-Foundations-terms": Terms("conditional", "conditional", "conditional",
                                                   "conditional", "conditional"),
    "data-not-for-commercial-use": Terms("yes", "no", "unknown", "unknown", "conditional"),
    "crawl-terms": Terms("conditional", "conditional", "conditional", "conditional", "conditional"),
    "ethics-board-and-data-use-agreement": Terms("conditional", "no", "no", "no", "conditional"),
}  # fmt: skip
"""Terms by SPDX identifier, or by a name of ours where there is none."""


@dataclass(frozen=True, repr=False)
class Claim(Shown):
    """What one place says about the licence.

    Attributes:
        license: A key of :data:`LICENSES`, another SPDX identifier or expression, whose terms are
            unknown here, or ``None``: looked there and found no grant. Case does not count.
        evidence: Where that was read, precisely enough to look again.
        credible: Whether the claim comes from someone who could grant it. Friendlier claims that
            are not credible (a tag over somebody else's text) are kept and shown, and do not count.
        note: What else to know, such as a condition.
        applies_to: The rows or the use it is about, where not all.
        subsets: The subsets it is about, where not all: for others it does not count.

    Example:
        >>> Claim("CC-BY-4.0", "front matter of the card").terms.commercial
        'yes'
    """

    license: str | None
    evidence: str
    credible: bool = True
    note: str = ""
    applies_to: str = ""
    subsets: tuple[str, ...] = ()

    def _blocks(self) -> Iterator[Block]:
        about = f", {self.scope}" if self.scope else ""
        doubt = "" if self.credible else " (not credible)"
        yield f"{self.license or 'no grant found'}{about}{doubt}"
        yield f"read in: {self.evidence}"
        if self.note:
            yield f"note: {self.note}"

    def __post_init__(self) -> None:
        object.__setattr__(self, "license", _spelled(self.license))  # frozen for all others

    @property
    def terms(self) -> Terms:
        """The terms claimed; unknown ones for no grant, and for licences that are not listed here."""
        return LICENSES.get(self.license or "", Terms())

    @property
    def scope(self) -> str:
        """What the claim is about, where not all: subsets, and words."""
        about = [*([f"subsets {', '.join(self.subsets)}"] if self.subsets else []), self.applies_to]
        return "; ".join(filter(None, about))


def _spelled(license: str | None) -> str | None:
    """Return a licence as SPDX spells it, or as :data:`LICENSES` does."""
    if license is None or (isinstance(license, str) and license in LICENSES):
        return license
    try:
        return canonicalize_license_expression(license)
    except (ValueError, AttributeError, TypeError):
        return one_of("license", license, (None, *LICENSES),
                      hint="any SPDX identifier will do, such as 'ODC-By-1.0'; write "
                      "Claim(None, …, note=…) for terms without one")  # fmt: skip


def claims_on(claims: tuple[Claim, ...], subsets: Collection[str | None]) -> tuple[Claim, ...]:
    """Return the claims that speak of all subsets, or of one of these.

    Example:
        >>> hub, part = Claim("MIT", "hub tag"), Claim("CC-BY-NC-4.0", "card", subsets=("pro",))
        >>> len(claims_on((hub, part), {"pro"})), len(claims_on((hub, part), {"health"}))
        (2, 1)
    """
    return tuple(each for each in claims if not each.subsets or set(each.subsets) & set(subsets))


def strictest(claims: tuple[Claim, ...]) -> Terms:
    """Return of each permission the least that any credible claim grants.

    Args:
        claims: At least one credible claim, or everything is unknown.

    Example:
        >>> both = (Claim("CC-BY-NC-2.0", "upstream card"), Claim("MIT", "a guide", credible=False))
        >>> strictest(both).commercial
        'no'
        >>> strictest((Claim(None, "upstream card, searched"),)).commercial
        'unknown'
    """
    terms = [claim.terms for claim in claims if claim.credible]
    if not terms:
        return Terms()

    def least(use: Use) -> Answer:
        return min((getattr(each, use) for each in terms), key=_RANK.__getitem__)

    return Terms(
        least("research"), least("commercial"), least("redistribute"), least("derive"), least("train"),
        attribution=any(t.attribution for t in terms),
        share_alike=any(t.share_alike for t in terms),
    )  # fmt: skip


def conflicting(claims: tuple[Claim, ...]) -> bool:
    """Check whether the claims, credible or not, name more than one licence.

    Example:
        >>> conflicting((Claim("MIT", "a guide"), Claim(None, "upstream card")))
        True
    """
    return len({claim.license for claim in claims if not claim.scope}) > 1


def summary(claims: tuple[Claim, ...]) -> str:
    """Return the ruling licence in a few words, for tables.

    Example:
        >>> summary((Claim("CC-BY-NC-2.0", "card"), Claim("MIT", "guide", credible=False)))
        'CC-BY-NC-2.0 (contested)'
    """
    credible = dict.fromkeys(c.license or "no grant found" for c in claims if c.credible)
    return " + ".join(credible or ["unknown"]) + (" (contested)" if conflicting(claims) else "")
