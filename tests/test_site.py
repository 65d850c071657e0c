"""The built pages in a real browser: nothing scrolls sideways, and the catalogue can be filtered and sorted.

Needs Chromium and the pages that ``sphinx-build -b html docs docs/_build/html`` makes.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from scripts import ROOT

pytestmark = pytest.mark.browser
SITE = ROOT / "docs" / "_build" / "html"
PAGES = ["index", "quickstart", "why", "recipes", "holdouts", "api", "catalog/index", "catalog/kormedmcqa",
         "catalog/kbmc", "tutorials/index", "tutorials/korean_exam_sft", "tutorials/decontaminate"]  # fmt: skip
HARNESS = """<!doctype html><iframe id=f style="border:0;width:{width}px;height:900px"></iframe><pre id=told></pre><script>
const frame = document.getElementById("f");
frame.onload = async () => {{
  const page = frame.contentDocument, seen = {{errors: []}};
  try {{ {script} }} catch (error) {{ seen.errors.push(String(error)); }}
  document.getElementById("told").textContent = JSON.stringify(seen);
}};
frame.src = {page};
</script>"""


class Quiet(SimpleHTTPRequestHandler):
    harness = b""

    def do_GET(self) -> None:
        if self.path != "/harness.html":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(Quiet.harness)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    assert (SITE / "index.html").is_file(), "sphinx-build -b html docs docs/_build/html"
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def looked_at(address: str, folder: Path, page: str, width: int, script: str) -> dict[str, Any]:
    """What a script says of a page in a frame of a width; it fills the object ``seen``."""
    browser = (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    assert browser, "install Chromium"
    Quiet.harness = HARNESS.format(
        width=width, script=script, page=json.dumps(f"/{page}.html")
    ).encode()
    ended = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", "--no-first-run", f"--user-data-dir={folder}", "--virtual-time-budget=10000",
         "--dump-dom", f"{address}/harness.html"], capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    told = re.search(r'<pre id="told">(.*?)</pre>', ended.stdout, re.DOTALL)
    assert told, ended.stdout[-500:]
    seen: dict[str, Any] = json.loads(html.unescape(told[1]))
    assert seen.pop("errors") == []
    return seen


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
