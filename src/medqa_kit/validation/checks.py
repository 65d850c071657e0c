"""The checks of ``validate`` as a table: what each looks for, and how bad it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass

from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.core.tables import Listing
from medqa_kit.validation.text_checks import Severity
from medqa_kit.validation.validating import CHECKS, check_facts

_USE = "mk.validate(rows, checks=[name]) makes one of them"


@dataclass(frozen=True, repr=False)
class NamedCheck(Shown):
    """A check that :func:`medqa_kit.validate` makes.

    Attributes:
        name: What to pass in ``checks=``; the ``code`` of its findings.
        severity: How bad a finding is.
        meaning: What a finding means.

    Example:
        >>> next(check.severity for check in checks() if check.name == "answer_outside_options")
        'error'
    """

    name: str
    severity: Severity
    meaning: str

    def _blocks(self) -> Iterator[Block]:
        yield f"{self.name}: {self.severity}"
        yield self.meaning


def checks() -> Listing[NamedCheck]:
    """Return the checks of :func:`medqa_kit.validate`, in the order of their names.

    Returns:
        A sequence that prints as a table.

    Example:
        >>> checks()[:2]
        name                severity  meaning
        ──────────────────  ────────  ──────────────────────────────────────────────────────────────
        anchor_option       note      an option speaks of the others: shuffling changes what it says
        answer_in_question  error     a question says its own answer
        mk.validate(rows, checks=[name]) makes one of them
    """
    named = [NamedCheck(name, *check_facts(name)) for name in CHECKS]
    return Listing(
        named, header=("name", "severity", "meaning"), cells=astuple, foot=lambda _: _USE
    )
