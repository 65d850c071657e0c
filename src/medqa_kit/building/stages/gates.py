"""Gates: limits that the result of a recipe must keep before it replaces an earlier result."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, get_args

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.account import Account
from medqa_kit.building.recipes.conditions import Bounds
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.recipes.whole_set import ANY_KIND, FINDING_SEVERITIES, Gate, Gated
from medqa_kit.building.stages.fates import RowFates
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.core.arrow.columns import counted_values
from medqa_kit.core.holders import batches
from medqa_kit.core.selection import choose
from medqa_kit.errors import GateError, shorten
from medqa_kit.matching.row_texts import row_texts
from medqa_kit.quality.personal.personal_data import FindPersonalData
from medqa_kit.quality.scripts import script_share
from medqa_kit.validation.validating import CHECKS, validate

_REASONS: Mapping[Gated, tuple[str, ...]] = {
    "held_out": ("held_out",), "copies": ("copy_",), "no_answer": ("no_answer",),
    "known_error": ("known_error",), "dropped": ("",),
}  # fmt: skip
"""What the reasons of each gate begin with."""
_SHOWN = 3
"""Rows that are named where a gate is closed."""


@dataclass(frozen=True)
class GateResult:
    """What was measured at a gate.

    Attributes:
        name: Key of the limit in ``[gate]``.
        passed: Whether it is within the limit.
        found: What was measured: rows, or a mean share.
        of: Rows that were looked at.
        limit: What is allowed, in words.
        examples: Ids of the first rows that count, as far as they have one.
    """

    name: str
    passed: bool
    found: float
    of: int
    limit: str
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        if isinstance(self.found, int):
            such = (
                f"; such as {shorten(self.examples)}" if self.examples and not self.passed else ""
            )
            return f"{self.name}: {self.found:,} of {self.of:,} rows, {self.limit}{such}"
        return f"{self.name}: {self.found:.4g} over {self.of:,} rows, {self.limit}"

    @property
    def remedy(self) -> str:
        """What helps where it is closed."""
        masks = "mk.MaskPersonalData masks rows of your own before a recipe reads them, without_ids= leaves rows out; "
        return f"{masks * self.name.startswith('personal_data')}look at the sources, or raise the limit in [gate]"

    def as_data(self) -> dict[str, Any]:
        """Return it as data, for a manifest: of open gates, so without rows to look at."""
        return {name: value for name, value in asdict(self).items() if name != "examples"}


def gate_results(
    recipe: Recipe, accounts: Sequence[Account], fates: RowFates, pieces: SetPieces
) -> tuple[GateResult, ...]:
    """Measure what the gates of a recipe are about, before anything is written.

    Args:
        recipe: The recipe; one without gates has no results.
        accounts: Of its sources, for the rows that were set aside.
        fates: What becomes of each row.
        pieces: The rows.
    """
    gate = recipe.gate
    if gate is None:
        return ()
    return (*_left_out(gate, accounts, fates, pieces), *_of_kept(gate, fates, pieces))


def refuse_closed(results: Sequence[GateResult], *, recipe: str) -> None:
    """Refuse a result that is not as its recipe's gates want it.

    Raises:
        GateError: A limit is exceeded; all are told.

    Example:
        >>> refuse_closed([GateResult("no_answer", True, 2, 10, "0.5 of them allowed")], recipe="demo")
    """
    if closed := [result for result in results if not result.passed]:
        remedies = sorted({result.remedy for result in closed}, key=len)
        raise GateError("the recipe's gate is closed: nothing was written", file=recipe, expected="what [gate] allows",
                        found="; ".join(map(str, closed)), hint=remedies[-1])  # fmt: skip


def _left_out(
    gate: Gate, accounts: Sequence[Account], fates: RowFates, pieces: SetPieces
) -> Iterator[GateResult]:
    dropped, rows = Counter(counted_values(fates.left_out["reason"])), pieces.num_rows
    for account in accounts:
        dropped.update({f"aside_{reason}": n for reason, n in account.aside.items()})
        rows += sum(account.aside.values())
    for name in get_args(Gated):
        if (most := getattr(gate, name)) is not None:
            reasons = [reason for reason in dropped if reason.startswith(_REASONS[name])]
            is_meant = pc.is_in(fates.left_out["reason"], value_set=pa.array(reasons, pa.string()))
            meant = fates.left_out.filter(is_meant)["row"][:_SHOWN]
            examples = pieces.column("id").take(meant).to_pylist()
            yield _counted(name, sum(dropped[reason] for reason in reasons), rows, most, examples)


def _of_kept(gate: Gate, fates: RowFates, pieces: SetPieces) -> Iterator[GateResult]:
    kept = fates.kept
    rows = [choose(piece.data, kept[begin:end]) for piece, begin, end in pieces.spans()]
    if gate.findings:
        yield from _findings(gate.findings, rows)
    if gate.personal_data:
        yield from _personal_data(gate.personal_data, rows)
    for script, bounds in gate.script.items():
        yield _script(script, bounds, rows)


def _findings(limits: Mapping[str, float], rows: Sequence[Any]) -> Iterator[GateResult]:
    wanted = CHECKS if set(limits) & set(FINDING_SEVERITIES) else tuple(sorted(limits))
    failed, looked = Counter[str](), Counter[str]()
    examples = defaultdict[str, list[str]](list)
    for data in rows:
        report = validate(data, checks=wanted)
        for check in report.checks.to_pylist():  # some forty
            failed[check["code"]] += check["failed"]
            looked[check["code"]] += check["tested"]
            examples[check["code"]] += check["examples"]
        for severity in FINDING_SEVERITIES:
            own = report.findings.filter(pc.equal(report.findings["severity"], severity))
            failed[severity] += len(own["row"].unique())
            looked[severity] += len(data)
            examples[severity] += own["id"][:_SHOWN].to_pylist()
    for word, most in limits.items():
        yield _counted(f"findings.{word}", failed[word], looked[word], most, examples[word])


def _personal_data(limits: Mapping[str, float], rows: Sequence[Any]) -> Iterator[GateResult]:
    holding, examples = Counter[str](), defaultdict[str, list[str]](list)
    for data in rows:
        _, report = FindPersonalData().run(data)
        for kind in limits:
            own = report.findings
            own = own if kind == ANY_KIND else own.filter(pc.equal(own["code"], kind))
            holding[kind] += len(own["row"].unique())
            examples[kind] += own["id"][:_SHOWN].to_pylist()
    for kind, most in limits.items():
        yield _counted(
            f"personal_data.{kind}", holding[kind], sum(map(len, rows)), most, examples[kind]
        )


def _script(script: str, bounds: Bounds, rows: Sequence[Any]) -> GateResult:
    total, number = 0.0, 0
    for data in rows:
        for batch in batches(data):
            shares = script_share(row_texts(batch), script)  # type: ignore[arg-type]
            total += pc.sum(shares).as_py() or 0.0
            number += len(shares)
    mean = round(total / max(number, 1), 6)
    words = " and ".join(f"{word} {value:g}" for word, value in (("at least", bounds.min), ("at most", bounds.max))
                         if value is not None)  # fmt: skip
    within = not number or bounds.least <= mean <= bounds.most
    return GateResult(f"script.{script}", within, mean, number, f"{words} is allowed")


def _counted(
    name: str, number: int, rows: int, most: float, examples: Iterable[str | None]
) -> GateResult:
    # The share is compared: 0.29 * 100 is below 29, and 29 / 100 is 0.29.
    within = number <= 0 or number / rows <= most
    named = tuple(dict.fromkeys(filter(None, examples)))[:_SHOWN]
    return GateResult(name, within, number, rows, f"{most:g} of them allowed", named)
