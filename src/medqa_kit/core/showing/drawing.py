"""Bars as SVG inside a page, without scripts; the text has the colour of the text of the page.

Needs the extra ``report``; without it a report has the same numbers as tables.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any

from medqa_kit.core.showing.drawer import Drawer
from medqa_kit.core.showing.markup import Markup

_COLOURS = ["#3b7dd8", "#e08a1e", "#3a9d6e", "#c2527f", "#7a6fd0", "#8a8f98"]
_WIDTH, _BAR = 190, 20
_MOST_BARS = 24
_SPARE = 28  # letters in a browser can be a fifth wider than those by which the words were placed
_DRAWER = Drawer()
_PLACE = '<script type="application/json">{}</script>'
_PLACES = re.compile(
    _PLACE.format("([^<]*)")
)  # no text of the data can hold this, since it is escaped
_FIGURES = re.compile(f"(?:<figure>)?{_PLACE.format('[^<]*')}(?:</figure>)?")


def get_ready() -> None:
    """Start the drawing process, where the extra is installed, since a page with charts follows soon."""
    if find_spec("vl_convert") is not None:
        _DRAWER.start()


def bars_place(
    rows: Iterable[tuple[str, str, int]], *, words: str, kinds: str, unit: str = "rows"
) -> Markup | None:
    """Return a placeholder for a chart in a page, which is drawn with all other charts of the page.

    Args:
        rows: Word, kind, number; in the order of the bars.
        words: Title of the words.
        kinds: Title of the kinds.
        unit: Unit of the numbers.

    Returns:
        The numbers as JSON; ``None`` without the package, or where there is nothing to draw.
    """
    listed = [row for row in rows if row[2]]
    if not listed or find_spec("vl_convert") is None:
        return None
    every = list(dict.fromkeys(word for word, _, _ in listed))
    order = every[:_MOST_BARS]
    known = list(dict.fromkeys(kind for _, kind, _ in listed))
    values = [{"word": word, "kind": kind, "number": number}
              for word, kind, number in listed if word in order]  # fmt: skip
    title = words if len(order) == len(every) else f"{words}: {len(order)} of {len(every)}"
    chart = _chart(values, order, known, title, kinds, unit)
    return Markup(_PLACE.format(json.dumps(chart).replace("<", "\\u003c")))


def drawn_page(page: Markup) -> Markup:
    """Draw all charts of a page.

    Args:
        page: HTML with the placeholders of :func:`bars_place`.

    Returns:
        The page with an SVG in each place; without the figures if they cannot be drawn.
    """
    charts = _PLACES.findall(page)
    if not charts:
        return page
    images = _DRAWER.images(charts)
    if images is None:
        return Markup(_FIGURES.sub("", page))
    drawn = iter(images)
    return Markup(_PLACES.sub(lambda _: next(drawn), page))


def _chart(
    values: list[dict[str, Any]],
    order: list[str],
    known: list[str],
    title: str,
    kinds: str,
    unit: str,
) -> dict[str, Any]:
    plain = {"labelColor": "currentColor", "titleColor": "currentColor", "labelFontSize": 12,
             "titleFontSize": 12, "labelLimit": 140}  # fmt: skip
    color = {"field": "kind", "type": "nominal", "sort": known, "title": kinds,
             "scale": {"range": _COLOURS},
             "legend": {"orient": "bottom", "columns": 2} if len(known) > 1 else None}  # fmt: skip
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": values},
        "mark": "bar",
        "title": {"text": title, "anchor": "start", "color": "currentColor", "fontSize": 12},
        "width": _WIDTH,
        "height": {"step": _BAR},
        "background": "transparent",
        "padding": {"left": _SPARE, "top": 5, "right": 12, "bottom": 5},
        "encoding": {
            "y": {"field": "word", "type": "nominal", "sort": order, "title": None},
            "x": {"field": "number", "type": "quantitative", "aggregate": "sum", "title": unit,
                  "axis": {"tickCount": 4, "format": "~s", "labelSeparation": 8}},
            "color": color,
            "order": {"field": "kind", "type": "nominal"},
        },
        "config": {
            "font": "sans-serif",
            "view": {"stroke": None},
            "axis": {**plain, "gridOpacity": 0.25, "domainColor": "currentColor", "tickColor": "currentColor"},
            "legend": plain,
        },
    }  # fmt: skip
