"""The built pages in a real browser: nothing scrolls sideways, and the catalogue can be filtered and sorted.

Needs Chromium and the pages that ``sphinx-build -b html docs docs/_build/html`` makes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import medqa_kit as mk
from chromium import looked_at, served
from scripts import ROOT

pytestmark = pytest.mark.browser
SITE = ROOT / "docs" / "_build" / "html"
PAGES = ["index", "quickstart", "why", "recipes", "holdouts", "api", "catalog/index", "catalog/kormedmcqa",
         "catalog/kbmc", "tutorials/index", "tutorials/korean_exam_sft", "tutorials/decontaminate"]  # fmt: skip


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    assert (SITE / "index.html").is_file(), "sphinx-build -b html docs docs/_build/html"
    with served(SITE) as place:
        yield place


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("page", PAGES)
def test_no_page_scrolls_sideways(address: str, tmp_path: Path, page: str, width: int) -> None:
    seen = looked_at(address, tmp_path, page, width, """
        seen.wide = page.documentElement.scrollWidth; seen.title = page.querySelector("h1").textContent;
    """)  # fmt: skip
    assert seen["title"]
    assert seen["wide"] <= width


def test_the_catalogue_is_filtered_sorted_and_fits_a_phone(address: str, tmp_path: Path) -> None:
    seen = looked_at(address, tmp_path, "catalog/index", 390, """
        const rows = () => [...page.querySelectorAll("#sources-table tbody tr")].filter((row) => !row.hidden);
        const names = () => rows().map((row) => row.cells[0].textContent);
        const filter = page.getElementById("catalogue-filter");
        const type = (text) => { filter.value = text; filter.dispatchEvent(new Event("input")); };
        seen.all = names().length;
        seen.type = filter.type; type("km qa"); seen.khmer = names();
        type(""); seen.again = names().length;
        const buttons = page.querySelectorAll("#sources-table th button");
        buttons[5].click(); buttons[5].click(); seen.largest = names()[0];
        buttons[0].click(); seen.first = names()[0];
        seen.shown = [...page.querySelectorAll("#sources-table th")].filter((head) => head.offsetWidth).map((head) => head.textContent);
    """)  # fmt: skip
    sources = mk.sources()
    assert seen["all"] == seen["again"] == len(sources)
    assert "khmer_medical_qa" in seen["khmer"]
    assert len(seen["khmer"]) < len(sources) / 4
    assert seen["largest"] == max(sources, key=lambda s: s.rows if s.parts and s.rows else -1).name
    assert seen["first"] == min(source.name for source in sources)
    assert seen["shown"] == ["name", "commercial", "language"]
