"""The result of a build: its folder, its manifest, and how it prints."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from medqa_kit.building.output.papers.attribution import label_of
from medqa_kit.building.output.report.shares import language_rows, source_bars
from medqa_kit.core.arguments import one_of
from medqa_kit.core.showing.chart import Chart
from medqa_kit.core.showing.shown import Block, Shown

ChartOf = Literal["sources", "languages", "left out"]


@dataclass(frozen=True, repr=False)
class Build(Shown):
    """A result of a build.

    Attributes:
        path: Its folder.
        manifest: The content of its ``manifest.json``.
        stages: What each stage took when it was built, in order: ``stage``, ``rows`` (``None`` where it counts
            none), ``seconds``, ``cpu_seconds`` of the process and those it started (the workers of Ray and Spark are
            not among them), ``own_bytes`` of memory at its end and ``most_bytes`` so far, as the log has them. It
            is in no file of the result, since equal builds have equal bytes.

    Example:
        >>> import tempfile
        >>> from medqa_kit.building.pipeline import build
        >>> recipe = {"name": "demo", "source": [{"name": "kbmc"}]}
        >>> result = build(recipe, out=Path(tempfile.mkdtemp()) / "demo", origin="sample")
        >>> result.manifest["totals"]["read"]
        14
    """

    path: Path
    manifest: Mapping[str, Any]
    stages: tuple[Mapping[str, Any], ...] = field(default=(), compare=False)

    def chart(self, of: ChartOf = "sources") -> Chart:
        """Chart the sources or languages of the result, or the rows that were left out.

        Args:
            of: ``"sources"`` with their splits, ``"languages"``, or ``"left out"``: the rows by reason, those
                that holdouts cost among them.

        Raises:
            ArgumentError: It is none of these.
        """
        one_of("of", of, get_args(ChartOf))
        if of == "sources":
            return Chart("source", tuple(source_bars(self.manifest)), kinds="split")
        numbers = (
            language_rows(self.manifest)
            if of == "languages"
            else self.manifest["totals"]["dropped"]
        )
        counted = sorted(numbers.items(), key=lambda pair: -pair[1])
        return Chart("language" if of == "languages" else "reason",
                     tuple((word, "rows", number) for word, number in counted))  # fmt: skip

    def _blocks(self) -> Iterator[Block]:
        rows: list[tuple[str, ...]] = [
            ("source", "set aside", "read", "dropped", "train", "validation", "why dropped")
        ]
        for entry in [*self.manifest["sources"], {"name": "all", **self.manifest["totals"]}]:
            dropped = entry["dropped"]
            why = ", ".join(f"{reason} {count}" for reason, count in sorted(dropped.items()))
            aside = sum(entry["set_aside"].values())
            numbers = (
                aside,
                entry["read"],
                sum(dropped.values()),
                entry["train"],
                entry["validation"],
            )
            rows.append((label_of(entry), *map("{:,}".format, numbers), why))
        yield rows
        yield from (f"Note: {note}" for note in self.manifest["notes"])
        yield f"Written to {self.path}"

    def to_json(self) -> str:
        """Return it as JSON: ``path``, the content of the manifest, and ``stages`` where it was just built."""
        whole = {"path": str(self.path), "manifest": self.manifest}
        return json.dumps(
            whole | ({"stages": self.stages} if self.stages else {}), ensure_ascii=False
        )
