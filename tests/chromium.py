"""Pages in a real browser, served from a folder: what a script sees in them, and how they look."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HARNESS = """<!doctype html><iframe id=f style="border:0;height:900px"></iframe><pre id=told></pre><script>
const frame = document.getElementById("f"), views = {views}, told = [];
frame.onload = async () => {{
  const page = frame.contentDocument, seen = {{errors: []}};
  try {{ {script} }} catch (error) {{ seen.errors.push(String(error)); }}
  told.push(seen);
  next();
}};
const next = () => {{
  if (told.length === views.length) {{
    document.getElementById("told").textContent = JSON.stringify(told);
    return;
  }}
  const [page, width] = views[told.length];
  frame.style.width = `${{width}}px`;
  frame.src = page;
}};
next();
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


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the pages of a folder; the address is that of their server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


DARK = "--blink-settings=preferredColorScheme=0"  # as a system in its dark mode asks for


def looked_at(
    address: str, folder: Path, page: str, width: int, script: str, *words: str
) -> dict[str, Any]:
    """What a script says of a page in a frame of a width; it fills the object ``seen``."""
    return all_looked_at(address, folder, [(page, width)], script, *words)[0]


def all_looked_at(
    address: str, folder: Path, views: list[tuple[str, int]], script: str, *words: str
) -> list[dict[str, Any]]:
    """The same of pages one after the other in one browser, each loaded anew at its width."""
    # The place of a view is part of its address, so that the same page is loaded again.
    places = [(f"/{page}.html?{place}", width) for place, (page, width) in enumerate(views)]
    Quiet.harness = HARNESS.format(views=json.dumps(places), script=script).encode()
    budget = f"--virtual-time-budget={10_000 * len(views)}"
    ended = chromium(folder, budget, "--dump-dom", *words, f"{address}/harness.html")
    told = re.search(r'<pre id="told">(.*?)</pre>', ended.stdout, re.DOTALL)
    assert told, ended.stdout[-500:]
    assert told[1], "not every page was loaded"
    every: list[dict[str, Any]] = json.loads(html.unescape(told[1]))
    assert [seen.pop("errors") for seen in every] == [[]] * len(views)
    return every


def picture(
    address: str, folder: Path, page: str, size: tuple[int, int], *words: str
) -> tuple[bytes, str]:
    """The screenshot of a page in a window of a size, as PNG, and what the browser said of errors."""
    file = folder / "page.png"
    ended = chromium(folder / "profile", f"--window-size={size[0]},{size[1]}", "--enable-logging=stderr",
                     f"--screenshot={file}", *words, f"{address}/{page}.html")  # fmt: skip
    return file.read_bytes(), ended.stderr


def chromium(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the browser without a window or a network."""
    browser = (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    assert browser, "install Chromium"
    return subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", "--no-first-run", f"--user-data-dir={folder}", *words],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
