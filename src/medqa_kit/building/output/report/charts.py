"""Bars as SVG that stands in a page: no script, the colour of its text is that of the page.

Needs the extra ``report``; without it a report has the same numbers as tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from medqa_kit.building.output.report.markup import Markup

_COLOURS = ["#3b7dd8", "#e08a1e", "#3a9d6e", "#c2527f", "#7a6fd0", "#8a8f98"]
_WIDTH, _BAR = 190, 20
_MOST_BARS = 24


def bars(
    rows: Iterable[tuple[str, str, int]], *, words: str, kinds: str, unit: str = "rows"
) -> Markup | None:
    """Draw a bar for each word, cut by kind.

    Args:
        rows: Word, kind, number; in the order of the bars.
        words: What the words are.
        kinds: What the kinds are.
        unit: What the numbers are of.

    Returns:
        The SVG; ``None`` without the packages, or where there is nothing to draw.
    """
    listed = [row for row in rows if row[2]]
    if not listed or find_spec("altair") is None or find_spec("vl_convert") is None:
        return None
    order = list(dict.fromkeys(word for word, _, _ in listed))[:_MOST_BARS]
    known = list(dict.fromkeys(kind for _, kind, _ in listed))
    values = [{"word": word, "kind": kind, "number": number}
              for word, kind, number in listed if word in order]  # fmt: skip
    return Markup(
        import_module("vl_convert").vegalite_to_svg(
            _chart(values, order, known, words, kinds, unit)
        )
    )


def _chart(
    values: list[dict[str, Any]],
    order: list[str],
    known: list[str],
    words: str,
    kinds: str,
    unit: str,
) -> dict[str, Any]:
    altair: Any = import_module("altair")
    several = len(known) > 1
    chart = altair.Chart(altair.Data(values=values)).mark_bar().encode(
        y=altair.Y("word:N", sort=order, title=words),
        x=altair.X("sum(number):Q", title=unit, axis=altair.Axis(tickCount=4, format="~s")),
        color=altair.Color("kind:N", sort=known, title=kinds, scale=altair.Scale(range=_COLOURS),
                           legend=altair.Legend(orient="bottom", columns=2) if several else None),
        order=altair.Order("kind:N"),
    )  # fmt: skip
    plain = {"labelColor": "currentColor", "titleColor": "currentColor", "labelFontSize": 12,
             "titleFontSize": 12, "labelLimit": 140}  # fmt: skip
    sized = chart.properties(width=_WIDTH, height={"step": _BAR}, background="transparent")
    styled = sized.configure(font="sans-serif").configure_view(stroke=None)
    styled = styled.configure_axis(**plain, gridOpacity=0.25, domainColor="currentColor",
                                   tickColor="currentColor").configure_legend(**plain)  # fmt: skip
    found: dict[str, Any] = styled.to_dict()
    return found
