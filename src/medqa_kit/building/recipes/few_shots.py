"""The examples that a recipe shows before the rows of a source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import get_args

from medqa_kit.building.recipes.declared_tables import Key, check_numbers
from medqa_kit.core.arguments import nonempty_text, one_of, whole_number
from medqa_kit.prompting.fewshot import ShotMode


@dataclass(frozen=True, kw_only=True)
class FewShots:
    """Examples that stand before each row, as :func:`medqa_kit.few_shot` chooses them.

    Attributes:
        k: How many.
        pool: ``from`` in TOML: what the recipe calls the source they are of; the source itself by default.
            Of its rows those are shown that train: none that is held out, a copy or in validation.
        mode: ``"fixed"`` shows all rows the same, as far as they may see them; ``"per-row"`` shows each
            row others.
        most: How many rows the pool has at most, chosen by a hash of seed and id.

    Raises:
        ArgumentError: A value is none of these.
    """

    k: int = field(metadata=Key(least=1, most=1000).metadata)
    pool: str | None = field(default=None, metadata=Key(word="from").metadata)
    mode: ShotMode = "fixed"
    most: int = field(default=1000, metadata=Key(least=1, most=10**9).metadata)

    def __post_init__(self) -> None:
        check_numbers(self)
        object.__setattr__(
            self,
            "most",
            whole_number("most", self.most, least=self.k, hint="a pool has k rows at least"),
        )
        one_of("mode", self.mode, get_args(ShotMode))
        if self.pool is not None:
            nonempty_text("from", self.pool)
