"""Sections on shares: the mix as it was solved, and the difference from the numbers of a card."""

from __future__ import annotations

from collections.abc import Iterator

from medqa_kit.building.output.format_files import SPLITS
from medqa_kit.building.output.papers.attribution import Manifest, label_of
from medqa_kit.core.showing.drawing import bars_place
from medqa_kit.core.showing.markup import Markup, element, table


def source_bars(manifest: Manifest) -> list[tuple[str, str, int]]:
    """Return label, split and rows of each source, the one with the most rows first."""
    sources = sorted(manifest["sources"], key=lambda each: -sum(each[split] for split in SPLITS))
    return [(label_of(each), split, each[split]) for each in sources for split in SPLITS]


def language_rows(manifest: Manifest) -> dict[str, int]:
    """Count the rows of each language over all sources."""
    languages: dict[str, int] = {}
    for each in manifest["sources"]:
        for language, rows in each["languages"].items():
            languages[language] = languages.get(language, 0) + rows
    return languages


def mix_section(manifest: Manifest) -> Iterator[Markup]:
    """Say how much of each source the mix takes, and how often its rows are seen."""
    mix = manifest["mix"]
    yield element("p", f"Shares of train by {mix['by']}.")
    chart = bars_place([(name, "taken", each["taken"]) for name, each in mix["sources"].items()],
                 words="source", kinds="", unit=mix["by"])  # fmt: skip
    if chart is not None:
        yield element("div", element("figure", chart), role="charts")
    rows = [(name, each["available"], each["taken"], f"{each['share']:.1%}", f"{each['seen']:.2f}",
             each["seen_most"]) for name, each in mix["sources"].items()]  # fmt: skip
    yield table(("source", "there are", "taken", "share", "a row is seen", "at most"), rows)


def difference_section(manifest: Manifest) -> Iterator[Markup]:
    """Say why a result has another number of rows than the card it follows."""
    difference = manifest["difference"]
    yield element(
        "p", f"{difference['written']:,} rows; the reference has {difference['reference']:,}."
    )
    rows = [(each["source"], each["reference"], each["upstream"], sum(each["set_aside"].values()),
             sum(each["dropped"].values()), each["repeated"], each["written"])
            for each in difference["sources"]]  # fmt: skip
    yield table(
        (
            "source",
            "reference",
            "more or less upstream",
            "set aside",
            "left out",
            "seen again",
            "written",
        ),
        rows,
    )
    if copies := [(each["source"], name, number) for each in difference["sources"]
                  for name, number in each.get("copies_of", {}).items()]:  # fmt: skip
        yield element("p", "Rows that were left out as copies, and where the other copy stays:")
        yield table(("source", "the copy is in", "rows"), copies)
    yield from (element("p", note) for note in difference.get("notes", ()))
