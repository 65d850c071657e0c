"""Gates: so many rows may be left out for a reason, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import get_args

import pyarrow as pa

from medqa_kit.building.account import Account
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.recipes.whole_set import Gate, Gated
from medqa_kit.errors import GateError

_REASONS: Mapping[Gated, tuple[str, ...]] = {
    "held_out": ("held_out",), "copies": ("copy_",), "no_answer": ("no_answer",),
    "known_error": ("known_error",), "dropped": ("",),
}  # fmt: skip
"""What the reasons of each gate begin with."""


def refuse_left_out(
    recipe: Recipe, accounts: Sequence[Account], fates: pa.Table, rows: int
) -> None:
    """Hold what the stages of a build left out to the gate of its recipe, before anything is written.

    Raises:
        GateError: A limit is exceeded.
    """
    dropped = Counter(fates["reason"].drop_null().to_pylist())
    for account in accounts:
        dropped.update({f"aside_{reason}": n for reason, n in account.aside.items()})
        rows += sum(account.aside.values())
    refuse_over_limit(recipe.gate or Gate(), rows, dropped, recipe=recipe.name)


def refuse_over_limit(gate: Gate, read: int, dropped: Counter[str], *, recipe: str) -> None:
    """Raise if more rows were left out than a gate lets pass.

    Args:
        gate: The limits.
        read: Rows read.
        dropped: Rows left out, by reason.
        recipe: Name of the recipe.

    Raises:
        GateError: Some limits are exceeded; all are told.

    Example:
        >>> refuse_over_limit(Gate(no_answer=0.5), 10, Counter({"no_answer": 2}), recipe="demo")
    """
    over = []
    for name in get_args(Gated):
        most = getattr(gate, name)
        number = sum(n for reason, n in dropped.items() if reason.startswith(_REASONS[name]))
        if most is not None and number > most * read:
            over.append(f"{name}: {number:,} of {read:,} rows, {most:g} of them allowed")
    if over:
        raise GateError("the recipe's gate is closed: nothing was written", file=recipe,
                        expected="no more rows left out than [gate] allows", found="; ".join(over),
                        hint="look at the sources, or raise the limit in [gate]")  # fmt: skip
