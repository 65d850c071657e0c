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
    Quiet.harness = HARNESS.format(
        width=width, script=script, page=json.dumps(f"/{page}.html")
    ).encode()
    ended = chromium(folder, "--virtual-time-budget=10000", "--dump-dom", *words, f"{address}/harness.html")  # fmt: skip
    told = re.search(r'<pre id="told">(.*?)</pre>', ended.stdout, re.DOTALL)
    assert told, ended.stdout[-500:]
    seen: dict[str, Any] = json.loads(html.unescape(told[1]))
    assert seen.pop("errors") == []
    return seen


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
