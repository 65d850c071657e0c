"""Charts of numbers: a table in a terminal, a drawing in a notebook."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from medqa_kit.core.arguments import file_path
from medqa_kit.core.atomic import saved_whole
from medqa_kit.core.showing.drawing import bars_place, drawn_page
from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.errors import ArgumentError, EmptyDataError, MissingExtraError, shorten

_WIDTH = 32  # characters of the longest bar
_SHORTEST, _STEPS = 5, 26  # lengths in steps of powers of two, from 2**5


@dataclass(frozen=True, repr=False)
class Chart(Shown):
    """Numbers as bars. A chart prints as a table; with the extra ``report`` a notebook shows a drawing.

    Attributes:
        title: Title of the chart.
        bars: Word, kind and number; the bar of one word has a piece for each kind.
        kinds: Title of the kinds; empty where there is one kind.
        unit: Unit of the numbers.

    Example:
        >>> Chart("part", (("train", "rows", 30), ("test", "rows", 10)))
        part   rows
        ─────  ────  ────────────────────────────────
        train  30    ████████████████████████████████
        test   10    ███████████
    """

    title: str
    bars: tuple[tuple[str, str, int], ...]
    kinds: str = ""
    unit: str = "rows"

    @cached_property
    def svg(self) -> str:
        """Return the drawing as SVG without scripts; its text has the colour of the text around it.

        Raises:
            EmptyDataError: All numbers are 0.
            MissingExtraError: The extra ``report`` is not installed.
        """
        if not any(number for _, _, number in self.bars):
            raise EmptyDataError("there is nothing to draw", expected="a number above 0", found=self.title,
                                 hint="print the chart to see its numbers")  # fmt: skip
        drawn = self._drawn()
        if drawn is None:
            raise MissingExtraError("vl-convert-python", "report", need="a drawing")
        return drawn

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the drawing to a file that ends in ``.svg``.

        Raises:
            ArgumentError: It ends in something else.
            MissingExtraError: The extra ``report`` is not installed.
            StorageError: The file cannot be written.
        """
        file = file_path("path", path, written=True)
        if file.suffix != ".svg":
            raise ArgumentError("a chart is written as SVG", argument="path", expected="a name that ends in .svg",
                                found=file.name, hint="save('shares.svg')")  # fmt: skip
        svg = self.svg
        with saved_whole(file) as unfinished:
            unfinished.write_bytes(svg.encode())
        return file

    def _blocks(self) -> Iterator[Block]:
        totals: Counter[str] = Counter()
        for word, _, number in self.bars:
            totals[word] += number
        most = max(totals.values(), default=0) or 1
        several = len({kind for _, kind, _ in self.bars}) > 1
        head = (self.title, *([self.kinds] if several else []), self.unit, "")
        yield [head, *(
            (word, *([kind] if several else []), f"{number:,}", "█" * round(_WIDTH * number / most))
            for word, kind, number in self.bars
        )]  # fmt: skip

    def _repr_html_(self) -> str:
        drawn = self._drawn()
        return drawn if drawn is not None else super()._repr_html_()

    def _drawn(self) -> str | None:
        place = bars_place(self.bars, words=self.title, kinds=self.kinds, unit=self.unit)
        return None if place is None else drawn_page(place) or None


def length_chart(
    lengths: pa.Array | pa.ChunkedArray | Sequence[int], *, unit: str = "tokens"
) -> Chart:
    """Chart the lengths of texts, in steps of powers of two.

    Args:
        lengths: A length for each text, such as :func:`medqa_kit.count_tokens` returns; nulls are left out.
        unit: Unit of the lengths.

    Returns:
        One bar per step: how many texts have such a length.

    Raises:
        ArgumentError: The lengths are not whole numbers from 0.

    Example:
        >>> length_chart([3, 40, 50, 700])
        tokens     texts
        ─────────  ─────  ────────────────────────────────
        0 – 31     1      ████████████████
        32 – 63    2      ████████████████████████████████
        64 – 127   0
        128 – 255  0
        256 – 511  0
        512 – 700  1      ████████████████
    """
    values = _whole_numbers(lengths)
    return Chart(
        unit, tuple((name, "texts", number) for name, number in length_steps(values)), unit="texts"
    )


def length_steps(lengths: np.ndarray) -> list[tuple[str, int]]:
    """Count lengths by powers of two, from the shortest step to the one of the longest.

    Example:
        >>> length_steps(np.array([3, 40]))
        [('0 – 31', 1), ('32 – 40', 1)]
    """
    if not len(lengths):
        return []
    longest = int(lengths.max())
    edges = [0, *(2**n for n in range(_SHORTEST, _STEPS) if 2**n <= longest), longest + 1]
    counts, _ = np.histogram(lengths, bins=edges)
    return [(f"{low:,} – {high - 1:,}", int(number))
            for low, high, number in zip(edges[:-1], edges[1:], counts, strict=True)]  # fmt: skip


def _whole_numbers(lengths: pa.Array | pa.ChunkedArray | Sequence[int]) -> np.ndarray:
    try:
        array = lengths if isinstance(lengths, (pa.Array, pa.ChunkedArray)) else pa.array(lengths)
    except (pa.ArrowInvalid, TypeError, ValueError, KeyError):  # the last of a data frame
        array = pa.array([str(lengths)])
    numbers = array.drop_null()
    known = pa.types.is_integer(array.type) or pa.types.is_null(array.type)
    values = np.asarray(numbers.cast(pa.int64())) if known else np.array([-1])
    if len(values) and values.min() < 0:
        raise ArgumentError("these are no lengths", argument="lengths", expected="whole numbers from 0",
                            found=shorten(numbers.to_pylist()[:3]), hint="mk.count_tokens(texts)")  # fmt: skip
    return values
