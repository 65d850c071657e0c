"""Why a row is in only one of two builds: a line of the recipe, a revision, or other rows that a stage saw."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from medqa_kit.building.recipes.ingredient import OWN_WORDS

_READ = (
    "name",
    "read",
    "subset",
    "split",
    "path",
    "repo",
    "revision",
    "choices",
    "columns",
    *OWN_WORDS,
)
"""Words of a source that say which rows are read of it."""

_WORDS: dict[str, tuple[str, ...]] = {
    "years": ("years",), "where": ("where",), "errata": ("errata",), "max_rows": ("max_rows",), "answer": ("view",),
    "view": ("view",), "format": ("view", "fix"), "read": (*_READ, "slice"), "holdout": (), "dedupe": (),
    "budget": ("view", "few_shot"),
    "mix": ("weight", "repeat", "max_repeat", "max_share"), "moved": (),
    "changed": ("view", "few_shot", "fix", "choices", "columns", *OWN_WORDS),
}  # fmt: skip
"""Of each stage, the words that a source says about it."""

_LINES: dict[str, tuple[str, ...]] = {
    "errata": ("errata",), "holdout": ("holdouts", "without", "formats"), "dedupe": ("dedupe",), "max_rows": ("seed",),
    "budget": ("mix", "formats"), "mix": ("mix", "seed"), "view": ("formats",), "format": ("formats",),
    "answer": ("formats",), "read": ("seed", "on_bad"), "moved": ("validation", "seed"),
    "changed": ("formats", "mix.epochs", "mix.budget", "seed"),
}  # fmt: skip
"""Of each stage, the lines that the whole recipe says about it, with all that stands below them."""

OTHER_ROWS = "other rows"
"""The cause where nothing that a row's own stage goes by changed: other rows came or went."""
_MOST_NAMES = 4  # of changed lines or inputs that a cause shows


@dataclass(frozen=True)
class Causes:
    """Finds what is behind a row's coming, going or changing.

    Attributes:
        recipe: Changed lines of the recipes, with the schema
            :data:`~medqa_kit.building.finished.setting_changes.SETTINGS`.
        inputs: Changed inputs.
        labels: What the recipes call each source, by its name.
    """

    recipe: pa.Table
    inputs: pa.Table
    labels: dict[str, tuple[str, ...]]

    def of(self, source: str, stage: str) -> str:
        """Return the cause for rows of a source at a stage: recipe lines first, then inputs.

        Args:
            source: Name of the source.
            stage: As :func:`~medqa_kit.building.stages.fates.stage_of` names it; ``read`` for rows that one
                build did not read, ``changed`` and ``moved`` for those that both have.
        """
        changed = self.recipe["name"].to_pylist()
        lines = [name for name in changed if self._concerns(name, source, stage)]
        whole = [name.removesuffix(".name") for name in lines if name.endswith("].name")]
        if lines:
            return f"recipe: {', '.join(whole or _shortened(lines))}"
        inputs = self.inputs["name"].to_pylist()
        own = [name for name in inputs if re.match(rf"{re.escape(source)}[ /]", name)]
        if stage == "holdout":
            own += [name for name in inputs if name.startswith("holdout ")]
        if stage == "retract":
            own = [name for name in inputs if name.startswith("retracted ")]
        own += [name for name in inputs if name in ("medqa_kit", "origin")]
        return f"input: {', '.join(_shortened(own))}" if own else OTHER_ROWS

    def _concerns(self, line: str, source: str, stage: str) -> bool:
        word = re.fullmatch(r"sources\[(.*?)(?:#\d+)?\]\.(\w+).*", line)
        if word is None:
            said = _LINES.get(stage, ())
            return any(
                line == place or line.startswith((f"{place}.", f"{place}[")) for place in said
            )
        own = stage == "mix" or word[1] in self.labels.get(source, (source,))  # a mix weighs all
        return own and word[2] in _WORDS.get(stage, ())


def _shortened(names: Sequence[str]) -> list[str]:
    rest = len(names) - _MOST_NAMES
    return [*names[:_MOST_NAMES], *([f"and {rest} more"] if rest > 0 else [])]
