"""Cards of the catalogue for people, and the steps to get the data.

Text and HTML are made from one list of sections, so that a terminal and a notebook never disagree.
The functions take the pieces of a source, not the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from medqa_kit.catalog.layouts import Choice, Layout
from medqa_kit.catalog.licenses import Claim, Terms, claims_on, conflicting, strictest
from medqa_kit.catalog.parts import Parent, Part
from medqa_kit.catalog.places import Hub, LocalFiles, Manual, NoData, Place
from medqa_kit.core.showing.shown import PlainText
from medqa_kit.errors import printable

Sections = Sequence[tuple[str, Sequence[str] | PlainText]]
"""Headings, each with its lines or a text to copy as it stands; one without lines is left out."""


def card_text(title: tuple[str, str], about: str, sections: Sections) -> str:
    r"""Return a card as text.

    Args:
        title: What to call it, and its name.
        about: What it is, in a sentence or two.
        sections: See :data:`Sections`.

    Example:
        >>> print(card_text(("Demo", "demo"), "Invented.", [("Cite", PlainText("@misc{demo}")), ("Know", [])]))
        Demo (demo)
        Invented.
        <BLANKLINE>
        Cite
          @misc{demo}
    """
    blocks = [f"{title[0]} ({title[1]})\n{about}"]
    for heading, lines in sections:
        listed = lines.splitlines() if isinstance(lines, PlainText) else lines
        blocks += ["\n  ".join([heading, *listed])] if listed else []
    return printable("\n\n".join(blocks))


def card_html(title: tuple[str, str], about: str, sections: Sections) -> str:
    """Return a card as HTML, see :func:`card_text`; all text is escaped.

    Example:
        >>> card_html(("Demo", "demo"), "a < b", [])
        '<h3>Demo <code>demo</code></h3><p>a &lt; b</p>'
    """
    name, code, text = (escape(printable(word)) for word in (*title, about))
    blocks = [f"<h3>{name} <code>{code}</code></h3><p>{text}</p>"]
    for heading, lines in sections:
        if isinstance(lines, PlainText) and lines:
            blocks.append(f"<b>{escape(heading)}</b>{lines._repr_html_()}")
        elif lines:
            items = "".join(f"<li>{escape(printable(line))}</li>" for line in lines)
            blocks.append(f"<b>{escape(heading)}</b><ul>{items}</ul>")
    return "".join(blocks)


def part_line(part: Part) -> str:
    """Return a line on a part: rows, upstream's name, and why it is by name only."""
    rows = "rows unknown" if part.rows is None else f"{part.rows:,} rows"
    claimed = "" if part.exact or part.rows is None else " (claimed)"
    renamed = f", upstream calls it {part.upstream!r}" if part.upstream else ""
    hidden = f"; by name only: {part.by_name_only}" if part.by_name_only else ""
    return f"{part.name}: {rows}{claimed}{renamed}{hidden}"


def license_lines(claims: tuple[Claim, ...], terms: Terms) -> list[str]:
    """Return lines on what the terms permit, and on each claim."""
    lines = [permitted(terms)]
    if conflicting(claims):
        lines.append("the claims contradict each other; the strictest credible one rules:")
    for names in dict.fromkeys(claim.subsets for claim in claims if claim.subsets):
        own = strictest(claims_on(claims, names))
        if own != terms:
            lines.append(f"subsets {', '.join(names)}: {permitted(own)}")
    return [*lines, *map(claim_line, claims)]


def claim_line(claim: Claim) -> str:
    """Return a line on a licence claim: the licence, what it is about, and where it was read."""
    scope = f" [{claim.scope}]" if claim.scope else ""
    doubt = "" if claim.credible else " (not credible)"
    note = f"; {claim.note}" if claim.note else ""
    return f"{claim.license or 'no grant'}{scope}: {claim.evidence}{doubt}{note}"


def permitted(terms: Terms) -> str:
    """Return a line on what terms permit."""
    return (
        f"commercial use: {terms.commercial} · redistribution: {terms.redistribute} · "
        f"changed copies: {terms.derive} · training: {terms.train} · share-alike: {'yes' if terms.share_alike else 'no'}"
    )


def parent_line(parent: Parent) -> str:
    """Return a line on a parent: what was done, and what proves it."""
    proof = f", proved by {parent.key}" if parent.key else ", not provable row by row"
    return f"{parent.name}: {parent.how}{proof}"


def choice_line(choice: Choice) -> str:
    """Return a line on a choice: its values, and what they mean."""
    return f"{choice.name}= {' | '.join(choice.values)}: {choice.doc}"


def view_lines(layouts: Iterable[Layout]) -> list[str]:
    """Return a line on each view that one of the layouts offers."""
    views = {name: view for layout in layouts for name, view in layout.views.items()}
    return [f"view={name!r}: {view.doc}" for name, view in views.items()]


def distribution_lines(layouts: Iterable[Layout]) -> list[str]:
    """Return a line on each other distribution that a ``path=`` is read as."""
    also = dict.fromkeys(
        (each.distribution, each.files) for layout in layouts for each in layout.also
    )
    return [f"{distribution} ({files})" for distribution, files in also]


def where_lines(name: str, at: Place, elsewhere: Mapping[Hub, str]) -> list[str]:
    """Return lines on where the data is.

    Args:
        name: Name of the source.
        at: Its own place.
        elsewhere: The other repositories, with the subsets that are read there.
    """
    if isinstance(at, NoData):
        see = [f"see {at.see}"] if at.see else []
        return [f"nothing to load ({at.access}): {at.reason}", *see]
    if isinstance(at, Hub):
        others = [f"{subsets}: {_repository(hub)}" for hub, subsets in elsewhere.items()]
        return [_repository(at), *others]
    return [line for line in how_to_get(name, at, elsewhere).splitlines() if line]


def _repository(at: Hub) -> str:
    pin = f"revision {at.revision}" if not at.floating else "floating: no revision is pinned"
    return f"hub {at.repo} ({at.access}), {pin}"


def how_to_get(name: str, at: Place, elsewhere: Mapping[Hub, str]) -> str:
    """Return the steps to the data of a source, and of subsets that are elsewhere.

    Args:
        name: Name of the source.
        at: Its own place.
        elsewhere: The other repositories, with the subsets that are read there.
    """
    load = f'mk.load("{name}"'
    others = [f"{subsets}: from {hub.url}; {_asks(hub)}" for hub, subsets in elsewhere.items()]
    if isinstance(at, NoData):
        lines, others = _nothing(at, load), []
    elif isinstance(at, Manual):
        lines = _steps(at, load)
    elif isinstance(at, LocalFiles):
        lines = [f"{load}) reads {at.path}."]
    elif at.gated:
        lines = [
            f"1. Accept the terms at https://huggingface.co/datasets/{at.repo}",
            "2. Log in once with `hf auth login`, or pass token=",
            f"3. {load})",
        ]
    else:
        lines = [f"{load}) downloads it from {at.url}; nothing to accept, no token needed."]
    return "\n".join([*lines, *others])


def _nothing(at: NoData, load: str) -> list[str]:
    lines = [f"There is nothing to load: {at.reason}.", *([f"See {at.see}"] if at.see else [])]
    if at.by_hand:
        lines += ["To see what the files hold:", *_steps(at.by_hand, load)]
    return lines


def _asks(at: Hub) -> str:
    """Return what a repository asks of those who download it."""
    if at.gated:
        return "accept its terms there, then log in with `hf auth login` or pass token="
    return "nothing to accept, no token needed"


def _steps(at: Manual, load: str) -> list[str]:
    steps = [f"{i}. {step}" for i, step in enumerate(at.steps, 1)]
    steps.append(f"{len(steps) + 1}. {load}, path=...), where path is {at.expect}")
    return [*steps, *([f"Terms: {at.terms}"] if at.terms else []),
            *([f"Begin at {at.url}"] if at.url else [])]  # fmt: skip
