"""The page of a report: the facts of the manifest and of the rows, in sections from top to bottom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, get_args

import numpy as np

from medqa_kit.building.output.format_files import SPLITS
from medqa_kit.building.output.papers.attribution import Manifest, label_of
from medqa_kit.building.output.report.row_facts import RowFacts, row_facts
from medqa_kit.building.output.report.shares import (
    difference_section,
    language_rows,
    mix_section,
    source_bars,
)
from medqa_kit.building.stages.fates import stage_of
from medqa_kit.catalog.licenses import Terms, Use
from medqa_kit.core.showing.chart import length_steps
from medqa_kit.core.showing.drawing import bars_place, drawn_page
from medqa_kit.core.showing.markup import Markup, element, markup_of, table
from medqa_kit.core.tables import counted

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_MOST_SOURCES = 40
"""Of a heat map, and of the samples; the tables have all."""


def report_page(folder: Path, manifest: Manifest) -> str:
    """Write ``report.html``.

    Args:
        folder: Folder of the result, with its files of rows.
        manifest: Its manifest, with ``files``.
    """
    facts = row_facts(folder, manifest)
    sections = [
        _head(manifest),
        _section("Licence", _licences(manifest)),
        _section("What it is made of", _composition(manifest)),
        *([_section("Mix", mix_section(manifest))] if "mix" in manifest else []),
        *(
            [_section("Difference from the reference", difference_section(manifest))]
            if "difference" in manifest
            else []
        ),
        _section("Lengths", _lengths(facts)),
        _section("What was left out", _left_out(manifest)),
        _section("Holdouts", _holdouts(manifest, facts)),
        _section("Overlap between sources", _overlap(manifest, facts)),
        _section("Quality", _quality(manifest, facts)),
        *([_section("Notes", [element("ul", *(element("li", note) for note in manifest["notes"]))])]
          if manifest["notes"] else []),
        _section("Sample rows", _samples(facts)),
    ]  # fmt: skip
    style = resources.files(__package__).joinpath("report.css").read_text("utf-8")
    title = element("title", f"{manifest['name']}: report")
    head = Markup(
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{title}<style>{style}</style>'
    )
    body = drawn_page(element("main", *sections))
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>\n'


def _section(title: str, blocks: list[Markup] | Iterator[Markup]) -> Markup:
    return element("section", element("h2", title), *blocks)


def _head(manifest: Manifest) -> Markup:
    totals = manifest["totals"]
    tiles = {
        "sources": len(manifest["sources"]), "rows read": totals["read"],
        **{split: totals[split] for split in SPLITS},
        "left out": sum(totals["dropped"].values()), "set aside": sum(totals["set_aside"].values()),
    }  # fmt: skip
    shown = [element("div", element("b", f"{number:,}"), element("span", name), role="tile")
             for name, number in tiles.items()]  # fmt: skip
    invented = element(
        "p", "All rows are invented samples: nothing of the sources themselves.", role="warn"
    )
    return element(
        "header", element("h1", manifest["name"]),
        *([element("p", manifest["about"])] if manifest["about"] else []),
        *([invented] if manifest["invented"] else []),
        element("div", *shown, role="tiles"),
        element("p", f"medqa_kit {manifest['medqa_kit']} · recipe {manifest['recipe_digest']} · rows "
                     f"{manifest['data_digest']}", role="small"),
    )  # fmt: skip


def _licences(manifest: Manifest) -> Iterator[Markup]:
    terms = {label_of(source): Terms(**source["terms"]) for source in manifest["sources"]}
    items = []
    for use in get_args(Use):
        conditional = [name for name, each in terms.items() if getattr(each, use) == "conditional"]
        refused = [
            name for name, each in terms.items() if not each.allows(use) and name not in conditional
        ]
        verdict = "; ".join([
            *([f"not granted by {', '.join(refused)}"] if refused else []),
            *([f"under conditions by {', '.join(conditional)}"] if conditional else []),
        ]) or "granted by every source"  # fmt: skip
        if use == manifest["use"] and (refused or conditional):
            verdict += "; the recipe accepts that"
        mark = element("b", use, role="no" if refused or conditional else "yes")
        items.append(element("li", mark, f": {verdict}"))
    yield element(
        "p", f"Built for {manifest['use']} use. Read in cards and licence files; not legal advice."
    )
    yield element("ul", *items)
    rows = [(label_of(source), source["license"], *(getattr(terms[label_of(source)], use) for use in get_args(Use)))
            for source in manifest["sources"]]  # fmt: skip
    yield table(("source", "licence", *get_args(Use)), rows, words=2 + len(get_args(Use)))


def _composition(manifest: Manifest) -> Iterator[Markup]:
    sources = sorted(manifest["sources"], key=lambda each: -sum(each[split] for split in SPLITS))
    languages = language_rows(manifest)
    licences: dict[str, int] = {}
    for each in sources:
        number = sum(each[split] for split in SPLITS)
        licences[each["license"]] = licences.get(each["license"], 0) + number
    yield _charts(
        bars_place(source_bars(manifest), words="source", kinds="split"),
        bars_place([(name, "rows", number) for name, number in languages.items()], words="language", kinds=""),
        bars_place([(name, "rows", number) for name, number in licences.items()], words="licence", kinds=""),
    )  # fmt: skip
    total = sum(manifest["totals"][split] for split in SPLITS) or 1
    rows = [(label_of(each), each["license"], each["read"], *(each[split] for split in SPLITS),
             f"{sum(each[split] for split in SPLITS) / total:.1%}") for each in sources]  # fmt: skip
    yield table(("source", "licence", "read", *SPLITS, "share"), rows, words=2)
    if languages:
        yield table(("language", "rows", "share"),
                    [(name, number, f"{number / total:.1%}") for name, number in languages.items()])  # fmt: skip


def _charts(*charts: Markup | None) -> Markup:
    figures = [element("figure", chart) for chart in charts if chart is not None]
    return element("div", *figures, role="charts") if figures else Markup("")


def _lengths(facts: RowFacts) -> Iterator[Markup]:
    lengths = facts.all_lengths
    if not len(lengths):
        yield element("p", "There are no rows.")
        return
    yield element("p", f"Characters of a record, of {counted(facts.seen, 'row')}.")
    steps = [(name, "rows", number) for name, number in length_steps(lengths)]
    yield _charts(bars_place(steps, words="characters", kinds=""))
    rows = [(source, *_quantiles(of_source)) for source, of_source in facts.lengths.items()]
    if len(rows) > 1:
        rows.append(("all", *_quantiles(lengths)))
    yield table(("source", "rows", "least", "half", "95%", "most"), rows)


def _quantiles(lengths: Any) -> tuple[int, ...]:
    points = np.quantile(lengths, [0, 0.5, 0.95, 1], method="nearest")
    return (len(lengths), *map(int, points))


def _left_out(manifest: Manifest) -> Iterator[Markup]:
    listed: list[tuple[str, str, int]] = []
    for stage, key in (("loading", "set_aside"), ("build", "dropped"), ("no row", "left_out")):
        listed += [(reason, stage, number) for reason, number in
                   sorted(manifest["totals"][key].items(), key=lambda pair: -pair[1])]  # fmt: skip
    if not listed:
        yield element("p", "Nothing.")
        return
    yield _charts(bars_place(listed, words="reason", kinds="stage"))
    rows = [(stage_of(reason) if stage == "build" else stage, reason,
             ", ".join(_sources_with(manifest, stage, reason)), number) for reason, stage, number in listed]  # fmt: skip
    yield table(("stage", "reason", "sources", "rows"), rows, words=3)


def _sources_with(manifest: Manifest, stage: str, reason: str) -> Iterator[str]:
    key = {"loading": "set_aside", "build": "dropped", "no row": "left_out"}[stage]
    return (
        f"{label_of(each)} {each[key][reason]:,}"
        for each in manifest["sources"]
        if reason in each[key]
    )


def _holdouts(manifest: Manifest, facts: RowFacts) -> Iterator[Markup]:
    if not manifest["holdouts"]:
        yield element("p", "None applies to these sources.")
        return
    states = {True: "applied", False: "LEFT OUT"}
    rows = [(each["name"], "replaced" if "instead" in each else states[each["applied"]], each["reason"],
             each.get("items", 0), facts.held[each["name"]]) for each in manifest["holdouts"]]  # fmt: skip
    yield table(("holdout", "", "why", "items", "rows found"), rows, words=3)
    if "compared" in manifest:
        yield from _compared(manifest["compared"])


def _compared(compared: Mapping[str, Any]) -> Iterator[Markup]:
    yield element("p", f"What rules find in the same {compared['rows']:,} rows, before any was left out, of "
                       f"{compared['items']:,} items of {', '.join(compared['holdouts']) or 'no benchmark'}. Items of "
                       "fewer words than a rule wants cannot be found by it.")  # fmt: skip
    yield table(
        ("rule", "rows found", "with ours", "without ours", "ours alone", "items too short"),
        [(name, rule["found"], rule["with_ours"], rule["without_ours"], rule["ours_alone"], rule["short_items"])
         for name, rule in compared["rules"].items()], words=1,
    )  # fmt: skip


def _overlap(manifest: Manifest, facts: RowFacts) -> Iterator[Markup]:
    if not facts.repeats:
        yield element("p", "No row was left out for an item or a copy of another source.")
        return
    yield element("p", "Rows of a source (down) that were left out since they hold an item of, or are a copy of, "
                       "another (across).")  # fmt: skip
    names = dict.fromkeys(each["name"] for each in manifest["sources"])
    across = sorted({other for _, other in facts.repeats})[:_MOST_SOURCES]
    down = [name for name in names if any((name, other) in facts.repeats for other in across)]
    most = max(facts.repeats.values())
    rows = [(name, *(_heat(facts.repeats[name, other], most) for other in across))
            for name in down[:_MOST_SOURCES]]  # fmt: skip
    yield table(("", *across), rows)


def _heat(number: int, most: int) -> Markup:
    # No stronger, so that the number stands out of it on light and on dark pages.
    strength = 0.0 if not number else 0.1 + 0.45 * number / most
    return element("td", f"{number:,}" if number else "·", role="number heat",
                   style=f"background: rgba(224, 90, 50, {strength:.2f})")  # fmt: skip


def _quality(manifest: Manifest, facts: RowFacts) -> Iterator[Markup]:
    if "quality" in manifest:
        yield from _checks(manifest["quality"], retracted="retracted" in manifest)
    rows: list[tuple[str, str, int]] = [
        ("text", f"a fixer would change it: {fix}", number)
        for fix, number in facts.faults.items()
        if number
    ]
    for source in manifest["sources"]:
        known: Mapping[str, int] = source.get("errata", {})
        rows += [
            (label_of(source), f"known error: {kind}", number) for kind, number in known.items()
        ]
        rows += [
            (label_of(source), f"mended: {fix}", number)
            for fix, number in source.get("fixed", {}).items()
        ]
        rows += [(label_of(source), reason, number) for reason, number in source["dropped"].items()
                 if reason.startswith("record_")]  # fmt: skip
    yield element("p", f"The texts of {counted(facts.seen, 'record')} were held to the fixers; known errors and broken "
                       "records are of all rows.")  # fmt: skip
    yield (
        table(("where", "what", "rows"), rows, words=2)
        if rows
        else element("p", "Nothing was found.")
    )
    mended = [
        (label_of(source), fix, text["column"], text["before"], text["after"], text["id"])
        for source in manifest["sources"]
        for fix, texts in source.get("mended", {}).items()
        for text in texts
    ]
    if mended:
        yield element("p", "Some of what was mended, around the place where it differs:")
        yield table(("where", "fix", "column", "before", "after", "row"), mended, words=6)


def _checks(quality: Mapping[str, Any], *, retracted: bool) -> Iterator[Markup]:
    failing = [(code, check) for code, check in quality["checks"].items() if check["failed"]]
    when = " when the set was built, before rows were taken out," if retracted else ""
    yield element("p", f"Looked at{when} with {counted(len(quality['checks']), 'check')}: {quality['rows']:,} of "
                       f"{counted(quality['of'], 'kept row')}; checks not listed found nothing. An error should not "
                       "train, a warning is to be looked at, a note is worth knowing.")  # fmt: skip
    if failing:
        yield table(
            ("check", "severity", "what is wrong", "where", "examples", "tested", "failed"),
            [(code, check["severity"], check["meaning"],
              ", ".join(f"{name} {number:,}" for name, number in check["sources"].items()),
              ", ".join(check["examples"]), check["tested"], check["failed"]) for code, check in failing],
            words=5,
        )  # fmt: skip
    if "read" in quality:  # results of versions before have none
        yield from _close_reading(quality)


def _close_reading(quality: Mapping[str, Any]) -> Iterator[Markup]:
    findings = [(f"{kind}: {code}", ", ".join(f"{name} {number:,}" for name, number in facts["sources"].items()), facts["rows"])
             for kind, counts in (("personal data", quality["personal"]), ("figures of a translation", quality["numbers"]))
             for code, facts in counts.items()]  # fmt: skip
    yield element("p", f"Read for personal data, scripts and, where rows are pairs, figures that differ: "
                       f"{counted(quality['read'], 'row')}.{'' if findings else ' Neither personal data nor such figures were found.'}")  # fmt: skip
    if findings:
        yield table(("what", "where", "rows"), findings, words=2)
    shares = [(name, ", ".join(f"{script} {share:.1%}" for script, share in sorted(scripts.items(), key=lambda item: -item[1])))
              for name, scripts in quality["scripts"].items()]  # fmt: skip
    if shares:
        yield table(("source", "scripts of its letters"), shares, words=2)


def _samples(facts: RowFacts) -> Iterator[Markup]:
    if not facts.samples:
        yield element("p", "There are no rows.")
    for row in facts.samples[: 2 * _MOST_SOURCES]:
        texts = [markup_of([element("dt", name), element("dd", text, direction="auto")])
                 for name, text in row.items() if name not in ("id", "source")]  # fmt: skip
        yield element("article", element("h3", row["id"]), element("dl", *texts))
