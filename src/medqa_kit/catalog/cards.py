"""How the catalogue shows itself: tables, cards and the steps to get at the data.

Text and HTML are made from one list of cells, so that a terminal and a notebook never disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from medqa_kit.catalog.licenses import conflicting, summary
from medqa_kit.catalog.model import Part, Source
from medqa_kit.catalog.places import Hub, Manual, NoData

if TYPE_CHECKING:
    from medqa_kit.catalog.registry import Sources

HEADER = ("name", "schema", "language", "rows", "access", "license", "commercial")


def cells(source: Source) -> tuple[str, ...]:
    """Give one row of the catalogue table, in the order of :data:`HEADER`."""
    rows = source.rows
    return (
        source.name,
        ", ".join(source.schemas) or "–",
        ", ".join(source.language),
        "–" if not source.parts else f"{rows:,}" if rows is not None else "unknown",
        source.access,
        summary(source.license),
        source.terms.commercial,
    )


def table(sources: Sources) -> str:
    """Give the catalogue table as aligned text."""
    lines = grid([HEADER, *(cells(s) for s in sources)])
    return "\n".join([*lines, f"{len(sources)} sources"])


def grid(rows: Sequence[Sequence[str]]) -> list[str]:
    r"""Align cells in columns, the first row being the header.

    Example:
        >>> print("\n".join(grid([("name", "rows"), ("klue", "8")])))
        name  rows
        ────  ────
        klue  8
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    ruled = [rows[0], ["─" * width for width in widths], *rows[1:]]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in ruled
    ]


def table_html(sources: Sources) -> str:
    """Give the catalogue table as HTML."""
    return html_grid([HEADER, *(cells(s) for s in sources)])


def html_grid(rows: Sequence[Sequence[str]]) -> str:
    """Set cells as an HTML table, the first row being the header; all text is escaped."""
    head = "".join(f"<th style='text-align:left'>{escape(cell)}</th>" for cell in rows[0])
    body = "".join(
        "<tr>"
        + "".join(f"<td style='text-align:left'>{escape(cell)}</td>" for cell in row)
        + "</tr>"
        for row in rows[1:]
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def card(source: Source) -> str:
    """Give the card of one source as text."""
    blocks = [f"{source.title} ({source.name})\n{source.about}"]
    blocks += [_section(title, lines) for title, lines in sections(source) if lines]
    return "\n\n".join(blocks)


def card_html(source: Source) -> str:
    """Give the card of one source as HTML."""
    blocks = [f"<h3>{escape(source.title)} <code>{escape(source.name)}</code></h3>"]
    blocks.append(f"<p>{escape(source.about)}</p>")
    for title, lines in sections(source):
        if lines:
            items = "".join(f"<li>{escape(line)}</li>" for line in lines)
            blocks.append(f"<b>{escape(title)}</b><ul>{items}</ul>")
    return "".join(blocks)


def _section(title: str, lines: list[str]) -> str:
    return "\n".join([title, *(f"  {line}" for line in lines)])


def sections(source: Source) -> list[tuple[str, list[str]]]:
    """Give the card's content as (heading, lines); a heading without lines is left out."""
    return [
        ("Warning", [source.warning] if source.warning else []),
        ("Where", _where(source)),
        ("Parts", [_part_line(part) for part in source.parts]),
        ("License", _license_lines(source)),
        ("Descends from", [_parent_line(source, i) for i in range(len(source.derived_from))]),
        (
            "Protected by",
            [f"holdout {name}, in recipes by default" for name in source.protected_by],
        ),
        ("Choices", [f"{c.name}= {' | '.join(c.values)}: {c.doc}" for c in source.choices]),
        ("Views", _view_lines(source)),
        ("Know", list(source.quirks)),
        ("Cite", source.citation.splitlines()),
    ]


def _where(source: Source) -> list[str]:
    at = source.at
    if isinstance(at, NoData):
        return [
            f"nothing to load ({at.access}): {at.reason}",
            *([f"see {at.see}"] if at.see else []),
        ]
    if isinstance(at, Hub):
        others = [f"{names}: {_repository(hub)}" for hub, names in _elsewhere(source).items()]
        return [_repository(at), *others]
    return [line for line in how_to_get(source).splitlines() if line]


def _repository(at: Hub) -> str:
    pin = f"revision {at.revision}" if not at.floating else "floating: no revision is pinned"
    return f"hub {at.repo} ({at.access}), {pin}"


def _elsewhere(source: Source) -> dict[Hub, str]:
    """Give the repositories beside the source's own place, with the subsets that are read there."""
    found: dict[Hub, list[str]] = {}
    for part in source.parts:
        at = source.layout_of(part).at
        if isinstance(at, Hub) and at != source.at:
            found.setdefault(at, []).append(part.subset or part.split)
    return {at: ", ".join(dict.fromkeys(names)) for at, names in found.items()}


def _part_line(part: Part) -> str:
    rows = "rows unknown" if part.rows is None else f"{part.rows:,} rows"
    claimed = "" if part.exact or part.rows is None else " (claimed)"
    renamed = f", upstream calls it {part.upstream!r}" if part.upstream else ""
    hidden = f"; by name only: {part.by_name_only}" if part.by_name_only else ""
    return f"{part.name}: {rows}{claimed}{renamed}{hidden}"


def _license_lines(source: Source) -> list[str]:
    terms = source.terms
    lines = [
        f"commercial use: {terms.commercial} · redistribution: {terms.redistribute} · "
        f"changed copies: {terms.derive} · share-alike: {'yes' if terms.share_alike else 'no'}"
    ]
    if conflicting(source.license):
        lines.append("the claims contradict each other; the strictest credible one rules:")
    for claim in source.license:
        doubt = "" if claim.credible else " (not credible)"
        scope = f" [{claim.applies_to}]" if claim.applies_to else ""
        note = f"; {claim.note}" if claim.note else ""
        lines.append(f"{claim.license or 'no grant'}{scope}: {claim.evidence}{doubt}{note}")
    return lines


def _parent_line(source: Source, i: int) -> str:
    parent = source.derived_from[i]
    proof = f", proved by {parent.key}" if parent.key else ", not provable row by row"
    return f"{parent.name}: {parent.how}{proof}"


def _view_lines(source: Source) -> list[str]:
    views = {name: v for part in source.parts for name, v in source.layout_of(part).views.items()}
    return [f"view={name!r}: {view.doc}" for name, view in views.items()]


def how_to_get(source: Source) -> str:
    """Say in steps how to get at the data of a source, and of subsets that are elsewhere."""
    at = source.at
    load = f'mk.load("{source.name}"'
    if isinstance(at, NoData):
        lines = [f"There is nothing to load: {at.reason}.", *([f"See {at.see}"] if at.see else [])]
        if at.by_hand:
            lines += ["To see what the files hold:", *_steps(at.by_hand, load)]
        return "\n".join(lines)
    if isinstance(at, Manual):
        lines = _steps(at, load)
    elif isinstance(at, Hub) and at.gated:
        lines = [
            f"1. Accept the terms at https://huggingface.co/datasets/{at.repo}",
            "2. Log in once with `hf auth login`, or pass token=",
            f"3. {load})",
        ]
    elif isinstance(at, Hub):
        lines = [f"{load}) downloads it from {at.url}; nothing to accept, no token needed."]
    else:
        lines = [f"{load}) reads {at.path}."]
    others = [
        f"{names}: from {hub.url}; {_asked(hub)}" for hub, names in _elsewhere(source).items()
    ]
    return "\n".join([*lines, *others])


def _asked(at: Hub) -> str:
    """Say what a repository asks of those who download it."""
    if at.gated:
        return "accept its terms there, then log in with `hf auth login` or pass token="
    return "nothing to accept, no token needed"


def _steps(at: Manual, load: str) -> list[str]:
    steps = [f"{i}. {step}" for i, step in enumerate(at.steps, 1)]
    steps.append(f"{len(steps) + 1}. {load}, path=...), where path is {at.expect}")
    return [*steps, *([f"Terms: {at.terms}"] if at.terms else []),
            *([f"Begin at {at.url}"] if at.url else [])]  # fmt: skip
