"""Documents are made from the code, and do not drift from it."""

from __future__ import annotations

import html
import json
import re
import tomllib
from pathlib import Path

import pytest

import medqa_kit as mk
from scripts import ROOT, script

generate = script("docs/generate.py")


@pytest.mark.parametrize("name", [source.name for source in mk.sources()])
@pytest.mark.slow
def test_every_source_has_a_page_that_says_what_counts(name: str) -> None:
    source, page = mk.source(name), generate.pages()[f"catalog/{name}.md"]
    assert page.startswith(f"# {source.title}")
    for part in source.parts:
        assert generate.plain(part.name) in page
    for claim in source.license:
        assert generate.plain(claim.evidence) in page
        if links := generate.evidence_links(source, claim):
            assert f"{links}\n" in page
            assert links.count("](https://") == links.count("](")
    assert "```bibtex" in page


TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.*"))


@pytest.mark.parametrize("page", [page for page in TUTORIALS if page.stem != "index"], ids=lambda page: page.stem)  # fmt: skip
def test_a_tutorial_takes_few_lines_of_code(page: Path) -> None:
    text = page.read_text("utf-8")
    if page.suffix == ".ipynb":
        cells = [
            "".join(c["source"]) for c in json.loads(text)["cells"] if c["cell_type"] == "code"
        ]
    else:
        cells = re.findall(r"```\{code-cell\} ipython3\n(.*?)```", text, re.DOTALL)
    code = [
        cell for cell in cells if not cell.startswith("%%writefile")
    ]  # data, which a reader has
    lines = [line for cell in code for line in cell.splitlines() if line and line[0] != "%"]
    assert 0 < len(lines) <= 12
    assert max(map(len, lines)) <= 130  # not many lines in one


def test_evidence_that_names_a_page_leads_there() -> None:
    linked = {
        (source.name, claim.evidence): generate.evidence_links(source, claim)
        for source in mk.sources() for claim in source.license
    }  # fmt: skip
    assert sum(map(bool, linked.values())) > 55
    code, hub, own = (
        linked["headqa", "LICENSE of github aghie/head-qa, and the card of head_qa"],
        linked["kbmc", "hub tag of SungJoo/KBMC"],
        linked["kormedmcqa", "front matter of the upstream card at the pinned revision"],
    )
    assert code == " ([aghie/head-qa](https://github.com/aghie/head-qa))"
    assert "](https://huggingface.co/datasets/SungJoo/KBMC" in hub
    assert f"]({mk.source('kormedmcqa').at.url})" in own
    assert not linked["ko_ultrafeedback", "hub tag, searched"].startswith(" ([hub")


def table(page: str) -> list[dict[str, str]]:
    """The rows of the first table of a page, by the names of its columns."""
    lines = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("|")]
    head = next(at for at, cells in enumerate(lines) if cells[0] == "name")
    return [dict(zip(lines[head], cells, strict=True)) for cells in lines[head + 2 :]]


def html_rows(page: str) -> list[dict[str, str]]:
    """The rows of the table of the catalogue, by the names of its columns."""
    head, *rows = re.findall(r"<tr>(.*?)</tr>", page)
    names = re.findall(r"<button[^>]*>(.*?)</button>", head)
    cells = [re.findall(r"<td[^>]*>(?:<a [^>]*>)?(.*?)(?:</a>)?</td>", row) for row in rows]
    return [dict(zip(names, map(html.unescape, row), strict=True)) for row in cells]


CATALOGUES = {
    "catalogue page": (lambda: html_rows(generate.pages()["catalog/index.md"]), "{0}"),
    "README": (lambda: table(generate.README.read_text("utf-8")), "`{0}`"),
}
STATUS = {"hub": "works", "gated": "works, terms to accept", "manual": "works with path=",
          "no-data": "no data", "model": "no data",
          "no-rows": "no data"}  # fmt: skip


@pytest.mark.parametrize("where", CATALOGUES)
def test_every_source_is_listed_with_what_one_asks_first(where: str) -> None:
    read, link = CATALOGUES[where]
    listed = read()
    assert [line["name"] for line in listed] == [link.format(s.name) for s in mk.sources()]
    for line, source in zip(listed, mk.sources(), strict=True):
        assert line["status"] == STATUS[source.access]
        assert line["schema"] == (", ".join(source.schemas) or "–")
        assert line["language"] == ", ".join(source.language)
        rows = "unknown" if source.rows is None else f"{source.rows:,}"
        assert line["rows"] == (rows if source.parts else "–")
        credible = {c.license or "no grant found" for c in source.claims if c.credible}
        assert set(line["license"].removesuffix(" (contested)").split(" + ")) == credible
        assert line["commercial"] == source.terms.commercial


def test_the_columns_page_documents_every_column() -> None:
    page = generate.pages()["columns.md"]
    for schema in mk.schemas.SCHEMAS.values():
        for field in schema:
            assert generate.plain(mk.schemas.describe(field)) in page


def test_the_files_page_lists_what_every_source_reads() -> None:
    page = generate.pages()["files.md"]
    lines = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    assert list(lines) == [source.name for source in mk.sources() if source.parts]
    for name, line in lines.items():
        source = mk.source(name)
        for layout in map(source.layout_of, source.parts):
            for each in (layout, *layout.also):
                assert f"`{each.files}`" in line, (name, each.files)
    assert "ori_pqal.json" in lines["pubmedqa"]


def test_the_page_of_speed_shows_every_bar_of_the_last_run() -> None:
    page = generate.pages()["performance.md"]
    bars = json.loads(generate.FIGURES.read_text("utf-8"))["bars"]
    assert len(bars) > 30
    for bar in bars:
        line = next(line for line in page.splitlines() if line.startswith(f"| {bar['name']} |"))
        assert ("**no**" in line) != bar["met"]


def test_the_readme_shows_the_catalogue() -> None:
    assert generate.README.read_text("utf-8") == generate.readme(), "python docs/generate.py"


def test_ci_runs_the_commands_of_the_readme() -> None:
    commands = re.findall(r"```sh\n(.*?)\n```", generate.README.read_text("utf-8"))
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert len(commands) == 2
    for command in commands:
        for step in command.split(" && "):
            quiet = step.replace("pip install", "pip install --quiet --disable-pip-version-check")
            assert quiet in script, f".ci/run does not run: {step}"


def test_the_changelog_has_a_data_section() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert "## Unreleased" in text
    assert "### Data" in text


DESIGN = (ROOT / "docs" / "design.md").read_text("utf-8")


def test_the_design_draws_the_floors_that_are_checked() -> None:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    floors = [re.findall(r"\w+", layer) for layer in contract["contracts"][0]["layers"]]
    drawing = DESIGN.partition("## Floors")[2].split("```")[1].strip("\n")
    drawn: list[list[str]] = []
    for line in drawing.splitlines():
        number, room = re.match(r"(..)  (\w+)", line).groups()
        drawn += [[room]] if number.strip() else []
        if not number.strip():
            drawn[-1].append(room)
    assert drawn == floors


def test_the_design_names_what_is_public() -> None:
    names = set(re.findall(r"`mk\.(\w+)`", DESIGN))
    assert len(names) > 20
    assert names <= {*mk.__all__}


def test_the_constraints_are_versions_that_are_allowed_and_that_the_tests_were_run_with() -> None:
    tools = script("tools/tested_versions.py")
    declared = tools.declared()
    lines = [line for line in tools.FILE.read_text("utf-8").splitlines() if line[0] != "#"]
    pinned = dict(line.split("==") for line in lines)
    assert pinned.keys() == declared.keys(), "python tools/tested_versions.py"
    assert len(pinned) > 15
    for name, version in pinned.items():
        assert declared[name].specifier.contains(version), name


@pytest.mark.parametrize("name", ["problem", "source", "wrong_row"])
def test_the_forms_for_issues_ask_for_what_helps(name: str) -> None:
    yaml = pytest.importorskip("yaml")
    form = yaml.safe_load((ROOT / f".github/ISSUE_TEMPLATE/{name}.yml").read_text("utf-8"))
    assert {"name", "description", "body"} <= form.keys()
    ids = [field["id"] for field in form["body"]]
    assert len(ids) == len(set(ids)) > 3
    asked = set(re.findall(r"mk\.(\w+)\(", json.dumps(form)))
    assert asked <= set(mk.__all__)
