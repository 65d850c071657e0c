"""Pages made from the code: the catalogue, one page a source, and the columns of the schemas."""

import html
import json
import re
import sys
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import medqa_kit as mk
from medqa_kit.catalog.listings import CATALOG_HEADER, catalog_row
from medqa_kit.schemas import schema_name

README = Path(__file__).parents[1] / "README.md"
FIGURES = Path(__file__).parents[1] / "benchmarks" / "figures.json"
FLOORS = Path(__file__).parents[1] / "benchmarks" / "floors.md"
BEGIN, END = "<!-- catalogue: made by docs/generate.py -->", "<!-- end of catalogue -->"


@cache
def pages() -> dict[str, str]:
    """All generated pages, by path below ``docs``."""
    sources = {f"catalog/{source.name}.md": source_page(source) for source in mk.sources()}
    return {
        "catalog/index.md": index_page(), "columns.md": columns_page(), "files.md": files_page(),
        "performance.md": performance_page(), **sources,
    }  # fmt: skip


def write(docs: Path) -> None:
    for name, text in {**pages(), "leak_map.md": leak_page()}.items():
        file = docs / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_text("utf-8") != text:  # leave what is up to date alone
            file.write_text(text, encoding="utf-8")


def index_page() -> str:
    """The catalogue as a table that can be filtered and sorted; a phone shows the first columns."""
    header = ("name", "commercial", "language", "status", "schema", "rows", "license")
    lines = []
    for s in mk.sources():
        facts = dict(zip(CATALOG_HEADER, catalog_row(s), strict=True))
        cells = [
            facts["commercial"],
            facts["language"],
            status(s),
            facts["schema"],
            facts["rows"],
            facts["license"],
        ]
        number = s.rows if isinstance(s.rows, int) else -1
        named = f'<td><a href="{s.name}.html">{s.name}</a></td>'
        lines.append("<tr>" + named + "".join(
            f'<td data-sort="{number}">{html.escape(cell)}</td>' if name == "rows" else f"<td>{html.escape(cell)}</td>"
            for name, cell in zip(header[1:], cells, strict=True)
        ) + "</tr>")  # fmt: skip
    toc = "\n".join(source.name for source in mk.sources())
    heads = "".join(f'<th><button type="button">{name}</button></th>' for name in header)
    return (
        f"# Catalogue\n\n{len(lines)} sources. Rows are those upstream had when the source was "
        "catalogued. *Commercial* says what the strictest credible licence claim grants.\n\n"
        "```{raw} html\n"
        '<p><label>Filter: <input id="catalogue-filter" type="search" placeholder="ko qa works"></label></p>\n'
        f'<table id="sources-table" class="docutils"><thead><tr>{heads}</tr></thead>\n<tbody>\n'
        + "\n".join(lines)
        + '\n</tbody></table>\n<script src="../_static/catalogue.js"></script>\n```\n\n'
        f"```{{toctree}}\n:hidden:\n\n{toc}\n```\n"
    )


def status(source: mk.Source) -> str:
    """A few words on whether one can load it."""
    if not source.parts:
        return "no data"
    return {"hub": "works", "gated": "works, terms to accept", "manual": "works with path=",
            "local": "works"}[source.access]  # fmt: skip


def source_page(source: mk.Source) -> str:
    lines = [f"# {source.title}", "", f"`{source.name}` · {status(source)} · schema "
             f"{', '.join(source.schemas) or '–'} · {', '.join(source.language)}", "", plain(source.about)]  # fmt: skip
    if source.parts:
        part = next(p for p in source.parts if not p.by_name_only)
        subset = f', subset="{part.subset}"' if part.subset else ""
        lines += ["", "```python", "import medqa_kit as mk", "",
                  f'mk.load("{source.name}"{subset}, split="{part.split}")',
                  f'mk.load("{source.name}"{subset}, split="{part.split}", origin="sample")  # invented rows',
                  "```"]  # fmt: skip
    for title, content in source.sections:
        if not content:
            continue
        lines += ["", f"## {title}", ""]
        if title == "Parts":
            lines.append(table(("part", "rows", "schema", "used as"), [
                (plain(part.name), "unknown" if part.rows is None else f"{part.rows:,}",
                 schema_name(source.layout_of(part).schema), "benchmark" if part.evaluation else "")
                for part in source.parts
            ]))  # fmt: skip
        elif title == "Where":
            lines += [f"- {_linked(source, plain(line))}" for line in content]
        elif title == "License":
            said = len(content) - len(source.license)
            lines += [f"- {plain(line)}" for line in content[:said]]
            lines += [
                f"- {plain(line)}{evidence_links(source, claim)}"
                for line, claim in zip(content[said:], source.license, strict=True)
            ]
        elif title == "Cite":
            lines += ["```bibtex", *content, "```"]
        else:
            lines += [f"- {plain(line)}" for line in content]
    lines += _family_tree(source)
    lines += _example(source)
    if source.parts:
        lines += ["", "## Raw columns", ""]
        for layout in dict.fromkeys(id(source.layout_of(p)) for p in source.parts):
            parts = [p for p in source.parts if id(source.layout_of(p)) == layout]
            raw = source.layout_of(parts[0]).raw
            named = ", ".join(p.name for p in parts)
            fields = ", ".join(f"`{field.name}` {field.type}" for field in raw)
            lines.append(f"- {plain(named)}: {fields}")
    return "\n".join(lines) + "\n"


# What an evidence names: a repository of code, a repository of the hub, or the source's own page.
_CODE = re.compile(r"\bgithub ([\w-]+/[\w.-]*\w)")
_AT_HUB = re.compile(
    r"\b(?:tags?|pages?|cards?|front matter) of (?:the card of )?([\w-]+/[\w.-]*\w)"
)
_OWN = re.compile(r"\b(?:card|tag|front matter|repository|page of set)\b")


def evidence_links(source: mk.Source, claim: mk.catalog.Claim) -> str:
    """Links to where a licence claim was read, as far as its evidence names a page."""
    pages = {name: f"https://github.com/{name}" for name in _CODE.findall(claim.evidence)}
    for name in _AT_HUB.findall(claim.evidence):
        own = isinstance(source.at, mk.catalog.Hub) and source.at.repo == name
        pages[name] = source.at.url if own else f"https://huggingface.co/datasets/{name}"
    if not pages and _OWN.search(claim.evidence) and source.at.url.startswith("https://"):
        pages["page of the source"] = source.at.url.split()[0]
    links = ", ".join(f"[{plain(name)}]({page})" for name, page in pages.items())
    return f" ({links})" if links else ""


def _linked(source: mk.Source, line: str) -> str:
    """Make the names of repositories in a line links to them."""
    for at in dict.fromkeys(layout.at for layout in _layouts(source)):
        if isinstance(at, mk.catalog.Hub):
            line = line.replace(plain(at.repo), f"[{plain(at.repo)}]({at.url})")
    return line


def _family_tree(source: mk.Source) -> list[str]:
    """Draw what the source was made from, itself, and what was made from it."""
    known = {each.name for each in mk.sources()}

    def named(name: str) -> str:
        return f"[{plain(name)}]({name}.md)" if name in known else plain(name)

    children = [(each.name, parent.how) for each in mk.sources() for parent in each.derived_from
                if parent.name == source.name]  # fmt: skip
    if not children and not source.derived_from:
        return []
    depth = "  " if source.derived_from else ""
    return ["", "## Lineage", "",
            *(f"- {named(parent.name)}: {plain(parent.how)}" for parent in source.derived_from),
            f"{depth}- **{plain(source.name)}**",
            *(f"{depth}  - {named(name)}: {plain(how)}" for name, how in children)]  # fmt: skip


def _example(source: mk.Source) -> list[str]:
    """An invented row of the sample, as it is loaded and as upstream has it."""
    if not source.parts:
        return []
    part = next(p for p in source.parts if not p.by_name_only)
    lines = ["", "## An invented row", ""]
    for words, view in (
        ("As it is loaded:", "normalized"),
        ("Upstream's own columns, behind the id:", "raw"),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rows = mk.load(
                source,
                subset=part.subset,
                split=part.split,
                view=view,
                origin="sample",
                streaming=True,
            )
            row = next(iter(rows), None)
        if row is not None:
            told = {name: value for name, value in row.items() if value is not None}
            lines += [
                words,
                "",
                "```json",
                json.dumps(told, ensure_ascii=False, indent=2, default=str),
                "```",
                "",
            ]
    return lines


def files_page() -> str:
    rows = [
        (
            f"`{s.name}`", _joined(_places(s)), _joined(_patterns(s)),
            "; ".join(f"{plain(also.distribution)}: `{also.files}`" for also in _others(s)) or "–",
        ) for s in mk.sources() if s.parts
    ]  # fmt: skip
    return (
        "# Which files are read\n\nFor each source: where its files are, what they are called there, and "
        "which other distributions a `path=` is read as. `{subset}`, `{split}` and `{upstream}` (the "
        "split under upstream's name) stand for the names of a part; `*` stays within a folder, `**` "
        "does not.\n\nA `path=` is a folder, an archive or one file. Of all sources copies are read as "
        "well that differ in harmless ways: another folder or the file alone, a column of row numbers, "
        "JSON Lines or an array, text packed or in another encoding (`encoding=`), letters for numbers, "
        "an optional column that is missing. Files of a fork with the same columns are read with "
        "`repo=` or `path=`; columns of other names with `columns=`. What is laid out otherwise is "
        "refused, with the columns found.\n\n"
        f"{table(('source', 'place', 'files', 'read as well'), rows)}\n"
    )


def leak_page() -> str:
    """Search the samples for benchmarks, which takes half a minute: not among the other pages."""
    return (
        "# Leak map\n\nWhich training sources hold items of which benchmarks: what lineage proves and what "
        "matching finds, by `mk.leak_map()`. Here the invented samples are searched that the package embeds. "
        "They are a few rows of each source, so the numbers only show how the map is read; `medqa-kit leak-map` "
        "makes it from the real data, and names the rules.\n\nA field has the relation and the rows found. "
        "`own`: the benchmark is a part of the source, and its training parts were searched. `child`: the source "
        "was made from the benchmark's. `parent`: the other way round. `kin`: both were made from a third. A "
        "number alone is a find without any known relation. Where a relation is known and nothing was found, "
        "nothing is proved: rewritten and translated items are found only where the original stands beside "
        "them. Sources and benchmarks of which nothing is known are left out.\n\n"
        f"{mk.leak_map(origin='sample').to_markdown()}\n"
    )


def performance_page() -> str:
    """Write the page of the speed promises from the figures of one run."""
    run = json.loads(FIGURES.read_text("utf-8"))
    about = ", ".join(f"{key} {value}" for key, value in run["machine"].items())
    return (
        "# Speed\n\nRatios of one run of `python benchmarks/run.py`, on invented rows as long as real "
        "exam rows, six in a hundred with markup or combining marks. Other machines have other "
        "seconds, which the loop shows; the ratios move less. Bars that are missed are shown as such.\n\n"
        f"{about}, {run['rows']:,} rows.\n\n"
        + table(
            ("what", "value", "aim", "met", "ours", "theirs"), [_bar(bar) for bar in run["bars"]]
        )
        + "\n\nCosts are seconds of processor time, then seconds by the clock.\n\n"
        + FLOORS.read_text("utf-8")
    )


def _bar(bar: dict[str, Any]) -> tuple[str, ...]:
    sign = "≥" if bar["sense"] == "at least" else "≤"
    costs = (
        f"{cost[0]:.2f}, {cost[1]:.2f}" if cost else "" for cost in (bar["ours"], bar["theirs"])
    )
    return (bar["name"], f"{_figure(bar['value'])} {bar['unit']}", f"{sign} {_figure(bar['aim'])}",
            "yes" if bar["met"] else "**no**", *costs)  # fmt: skip


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _layouts(source: mk.Source) -> list[mk.catalog.Layout]:
    return [source.layout_of(part) for part in source.parts]


def _places(source: mk.Source) -> list[str]:
    return [
        f"`{at.repo}`" if isinstance(at, mk.catalog.Hub) else f"by hand: {plain(at.url) or '–'}"
        for at in (layout.at for layout in _layouts(source))
    ]


def _patterns(source: mk.Source) -> list[str]:
    return [f"`{layout.files}`" for layout in _layouts(source)]


def _others(source: mk.Source) -> list[mk.catalog.Layout]:
    others = [also for layout in _layouts(source) for also in layout.also]
    return list({(also.distribution, also.files): also for also in others}.values())


def _joined(words: list[str]) -> str:
    return ", ".join(dict.fromkeys(words))


def columns_page() -> str:
    blocks = [
        "# The seven schemas",
        "A normalised row is one of these. Columns marked *required* are never null or blank.",
    ]
    for name, schema in mk.schemas.SCHEMAS.items():
        needed = set(mk.schemas.required(schema))
        rows = [
            (
                f"`{f.name}`",
                str(f.type),
                "required" if f.name in needed else "",
                plain(mk.schemas.describe(f)),
            )
            for f in schema
        ]
        blocks += [f"## {name.upper()}", table(("column", "type", "", "what it holds"), rows)]
    return "\n\n".join(blocks) + "\n"


def plain(text: str) -> str:
    """Keep Markdown from reading markup into catalogue text; between backticks it reads none."""
    words = re.split(r"(`[^`]*`)", text)
    words[::2] = [re.sub(r"([\\*_<>|\[\]{}$])", r"\\\1", word) for word in words[::2]]
    return "".join(words)


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("\n", " ") for cell in line) + " |" for line in lines
    )


def readme() -> str:
    """The README with its catalogue table as it should be."""
    before, _, rest = README.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    rows = [
        (f"`{s.name}`", status(s), *catalog_row(s)[1:4], *catalog_row(s)[5:]) for s in mk.sources()
    ]
    header = ("name", "status", *CATALOG_HEADER[1:4], *CATALOG_HEADER[5:])
    return f"{before}{BEGIN}\n\n{table(header, rows)}\n\n{END}{after}"


if __name__ == "__main__":
    README.write_text(readme(), encoding="utf-8")
    sys.exit(0)
