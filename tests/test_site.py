"""The built pages in a real browser: nothing scrolls sideways, all is legible, and the catalogue can be sorted.

Needs Chromium and the pages that ``sphinx-build -b html docs docs/_build/html`` makes.
"""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

import medqa_kit as mk
from chromium import DARK, all_looked_at, looked_at, picture, served
from scripts import ROOT

pytestmark = pytest.mark.browser
SITE = ROOT / "docs" / "_build" / "html"
PAGES = ["index", "quickstart", "why", "recipes", "holdouts", "api", "catalog/index", "catalog/kormedmcqa",
         "catalog/kbmc", "tutorials/index", "tutorials/korean_exam_sft", "tutorials/decontaminate", "concepts",
         "troubleshooting", "comparison", "performance"]  # fmt: skip
SHOWN = ["index", "catalog/index", "catalog/kormedmcqa", "tutorials/korean_exam_sft"]
LEAST_CONTRAST = 4.5  # of text and what is behind it, by WCAG 2 AA
# The least contrast of all text on a page. Transparent backgrounds show those behind them.
CONTRAST = """
    const view = frame.contentWindow;
    const numbers = (color) => (color.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
    const light = ([r, g, b]) => {
      const part = (value) => { const v = value / 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
      return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    };
    const behind = (element) => {
      const layers = [];
      for (let e = element; e; e = e.parentElement) {
        const [r, g, b, a = 1] = numbers(view.getComputedStyle(e).backgroundColor);
        layers.unshift([r, g, b, a]);
      }
      const below = seen.dark ? [0, 0, 0] : [255, 255, 255];
      return layers.reduce((under, [r, g, b, a]) => [r, g, b].map((part, i) => part * a + under[i] * (1 - a)), below);
    };
    seen.dark = view.matchMedia("(prefers-color-scheme: dark)").matches;
    seen.least = [99, ""]; seen.texts = 0;
    for (const element of page.querySelectorAll("main *, article *, .content *")) {
      const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
      if (!own || !element.offsetWidth || element.closest("svg, .headerlink, .copybtn, .linenos")) continue;
      const [one, other] = [light(numbers(view.getComputedStyle(element).color)), light(behind(element))];
      const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      seen.texts += 1;
      if (ratio < seen.least[0]) seen.least = [ratio, `${element.tagName} ${element.className}: ${element.textContent.slice(0, 40)}`];
    }
    seen.body = light(behind(page.body));
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    assert (SITE / "index.html").is_file(), "sphinx-build -b html docs docs/_build/html"
    with served(SITE) as place:
        yield place


@pytest.mark.parametrize("width", [1400, 390])
def test_no_page_scrolls_sideways(address: str, tmp_path: Path, width: int) -> None:
    every = all_looked_at(address, tmp_path, [(page, width) for page in PAGES], """
        seen.wide = page.documentElement.scrollWidth; seen.title = page.querySelector("h1").textContent;
    """)  # fmt: skip
    assert all(seen["title"] for seen in every)
    assert {page: seen["wide"] for page, seen in zip(PAGES, every, strict=True) if seen["wide"] > width} == {}  # fmt: skip


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


@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_in_the_light_and_in_the_dark(
    address: str, tmp_path: Path, dark: bool
) -> None:
    every = all_looked_at(address, tmp_path, [(page, 1400) for page in SHOWN], CONTRAST, *([DARK] if dark else []))  # fmt: skip
    for page, seen in zip(SHOWN, every, strict=True):
        assert seen["dark"] == dark
        assert (seen["body"] < 0.1) == dark, page
        assert seen["texts"] > 20, page
        assert seen["least"][0] >= LEAST_CONTRAST, (page, seen["least"])


def test_the_report_of_a_build_reads_on_every_screen(tmp_path: Path) -> None:
    result = mk.build("korean_exam_sft", out=tmp_path / "made", origin="sample")
    with served(result.path) as place:
        for dark in (False, True):
            views = [("report", 1400), ("report", 390)]
            script = f"seen.wide = page.documentElement.scrollWidth; {CONTRAST}"
            every = all_looked_at(place, tmp_path / "profile", views, script, *([DARK] if dark else []))  # fmt: skip
            for (_, width), seen in zip(views, every, strict=True):
                assert seen["wide"] <= width
                assert (seen["dark"], seen["body"] < 0.1) == (dark, dark)
                assert seen["least"][0] >= LEAST_CONTRAST, seen["least"]


@pytest.mark.parametrize("page", SHOWN)
def test_the_dark_picture_is_another_one(address: str, tmp_path: Path, page: str) -> None:
    light, dark = (picture(address, tmp_path / name, page, (390, 800), *words)[0]
                   for name, words in (("light", []), ("dark", [DARK])))  # fmt: skip
    assert light[:4] == dark[:4] == b"\x89PNG"
    assert light != dark


class Links(HTMLParser):
    """What a page refers to, and the names it can be referred to by."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.names: set[str] = set()
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for key, value in attrs:
            if key in ("href", "src") and value:
                self.links.add(value)
            elif key in ("id", "name") and value:
                self.names.add(value)


def test_every_link_within_the_site_leads_somewhere() -> None:
    pages = {file.relative_to(SITE).as_posix(): Links(file) for file in SITE.rglob("*.html")}
    assert len(pages) > 90
    broken = set()
    for name, page in pages.items():
        for link in page.links:
            place = urlsplit(urljoin(f"https://site/{name}", link))
            if place.scheme != "https" or place.netloc != "site":
                continue
            file, mark = unquote(place.path).strip("/") or "index.html", unquote(place.fragment)
            there = (SITE / file).is_file() and (not mark or file not in pages or mark in pages[file].names)  # fmt: skip
            if not there:
                broken.add((name, link))
    assert not broken


def test_the_pages_are_there_as_text_too() -> None:
    short, full = ((SITE / name).read_text("utf-8") for name in ("llms.txt", "llms-full.txt"))
    lines = [line for line in short.splitlines() if line.startswith("- [")]
    assert {source.name for source in mk.sources()} <= {line.partition("_sources/catalog/")[2].partition(".")[0] for line in lines}  # fmt: skip
    for line in lines:
        assert (SITE / line.partition("](")[2].partition(")")[0]).is_file()
    for name in mk.__all__:
        assert name == "__version__" or f"`mk.{name}`" in short
    assert "Why 2024 is not the official test" in full
