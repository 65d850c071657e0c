"""``llms.txt`` and ``llms-full.txt``: the pages as text for language models, made with the pages."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import medqa_kit as mk

_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_BLOCK = re.compile(r"```.*?```", re.DOTALL)
_LONGEST = 200  # of what is said of a page
_IN_FULL = ("catalog/", "changelog", "leak_map", "files")  # too long, or made of the sources


def write(docs: Path, out: Path, below: Mapping[str, list[str]]) -> None:
    """Write both files.

    Args:
        docs: The folder of the pages' texts.
        out: The folder of the built pages.
        below: The pages that the lists of contents of each page name.
    """
    files = [_file(docs, name) for name in ordered("index", below)]
    texts = {file.relative_to(docs).as_posix(): page_text(file) for file in files}
    (out / "llms.txt").write_text(short(texts), encoding="utf-8")
    (out / "llms-full.txt").write_text(full(texts), encoding="utf-8")


def ordered(page: str, below: Mapping[str, list[str]]) -> Iterator[str]:
    """Give the pages as a reader meets them."""
    yield page
    for name in below.get(page, ()):
        yield from ordered(name, below)


def _file(docs: Path, name: str) -> Path:
    notebook = docs / f"{name}.ipynb"
    return notebook if notebook.is_file() else docs / f"{name}.md"


def page_text(file: Path) -> str:
    """Read the text of a page, without what stands before its title; of a notebook the cells."""
    text = file.read_text("utf-8")
    if file.suffix == ".ipynb":
        cells = [(each["cell_type"], "".join(each["source"])) for each in json.loads(text)["cells"]]
        text = "\n\n".join(said if kind == "markdown" else f"```python\n{said}\n```" for kind, said in cells)  # fmt: skip
    return _FRONT_MATTER.sub("", text).strip()


def short(texts: Mapping[str, str]) -> str:
    """Write a line on each page: its title, its text and what it says first."""
    lines = {name: f"- [{_title(text)}](_sources/{name}.txt): {_first(text)}" for name, text in texts.items()}  # fmt: skip
    sources = [line for name, line in lines.items() if name.startswith("catalog/") and name != "catalog/index.md"]  # fmt: skip
    pages = [line for name, line in lines.items() if line not in sources and name != "index.md"]
    head = f"# medqa_kit {mk.__version__}\n\n> {_first(texts['index.md'])}"
    calls = "\n".join(_calls())
    return "\n\n".join([
        head, "## Pages", "\n".join(pages), "## Public names", calls, "## Sources", "\n".join(sources),
    ]) + "\n"  # fmt: skip


def full(texts: Mapping[str, str]) -> str:
    """Write the texts of the pages one after the other, and of each public name its whole docstring."""
    told = [
        text for name, text in texts.items() if not name.startswith(_IN_FULL) and name != "api.md"
    ]
    names = (f"## mk.{name}\n\n{inspect.getdoc(getattr(mk, name))}" for name in mk.__all__ if name != "__version__")  # fmt: skip
    return "\n\n".join([*told, "# Public names", *names]) + "\n"


def _calls() -> Iterator[str]:
    for name in mk.__all__:
        if name != "__version__":
            said = (inspect.getdoc(getattr(mk, name)) or "").split("\n\n")[0]
            yield f"- `mk.{name}`: {' '.join(said.split())}"


def _title(text: str) -> str:
    return text.splitlines()[0].lstrip("# ")


def _first(text: str) -> str:
    """Take the first paragraph of prose, cut where it is long."""
    blocks = _BLOCK.sub("", text).split("\n\n")[1:]
    prose = next((each for each in blocks if each.strip() and each.strip()[0] not in "`|#-{("), "")
    words = re.sub(r"[*\\]|\{\w+\}", "", " ".join(prose.split()))
    return words if len(words) <= _LONGEST else words[:_LONGEST].rpartition(" ")[0] + " …"
