"""Credits of rows: BibTeX, and the text of a NOTICE."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from medqa_kit.catalog.cards import claim_line, parent_line, permitted
from medqa_kit.catalog.licenses import Claim, Terms, claims_on, strictest, summary
from medqa_kit.catalog.model import Source
from medqa_kit.catalog.verdicts import names_sources, rows_by_source, used_sources
from medqa_kit.core.arguments import instance, several
from medqa_kit.core.showing.shown import Block, PlainText, Shown
from medqa_kit.core.tables import cell, counted

_ENTRY = re.compile(r"(?m)^@(?=\w+\s*[{(])")
_KEY = re.compile(r"@\w+\s*[{(]\s*([^,\s]+)")
_HEADER = ("source", "subsets", "rows", "licence", "cite")


@dataclass(frozen=True, repr=False)
class Credit(Shown):
    """What is due to the authors of one source.

    Attributes:
        source: Name of the source.
        title: Its title.
        rows: How many rows of it there are, ``None`` where only its name is known.
        subsets: The subsets they are of; empty where the source has none.
        published: Where it is published; empty where that is nowhere public.
        claims: The licence claims on these subsets.
        terms: What the strictest credible one of them permits.
        lineage: What it descends from, a line a parent.
        keys: Keys of its entries in the BibTeX.
    """

    source: str
    title: str
    rows: int | None
    subsets: tuple[str, ...]
    published: str
    claims: tuple[Claim, ...]
    terms: Terms
    lineage: tuple[str, ...]
    keys: tuple[str, ...]

    def _blocks(self) -> Iterator[Block]:
        count = "" if self.rows is None else f", {counted(self.rows, 'row')}"
        yield f"{self.title} ({self.source}){count}"
        yield from (f"  {line}" for line in self.lines())

    def lines(self) -> list[str]:
        """Return what has to be said, one statement a line.

        Example:
            >>> attribution([{"source": "kbmc"}]).credits[0].lines()[0].partition("/tree")[0]
            'Published at https://huggingface.co/datasets/SungJoo/KBMC'
        """
        return [
            *([f"Published at {self.published}"] if self.published else []),
            f"Permitted by the strictest credible claim: {permitted(self.terms)}",
            *(f"Claimed: {claim_line(claim)}" for claim in self.claims),
            *(f"Descends from {line}" for line in self.lineage),
            f"Cite: {', '.join(self.keys)}",
        ]


@dataclass(frozen=True, repr=False)
class Attribution(Shown):
    """Whom rows come from, source by source. It prints as a table.

    Attributes:
        credits: What is due to whom, sorted by name of the source.
        bibtex: The entries to cite.

    Example:
        >>> credited = attribution([{"source": "kbmc"}, {"source": "kbmc"}])
        >>> credited.credits[0].rows, credited.bibtex.partition("{")[0]
        (2, '@article')
    """

    credits: tuple[Credit, ...]
    bibtex: str

    @property
    def notice(self) -> str:
        """The text of a NOTICE file: each source with its rows, licence claims and lineage."""
        blocks = ["NOTICE\n\nThis work holds rows of the data sets below. What is said of licences was read in "
                  "cards and is not legal advice."]  # fmt: skip
        return "\n\n".join([*blocks, *map(str, self.credits)]) + "\n"

    def to_json(self) -> str:
        """Return it as JSON.

        Example:
            >>> json.loads(attribution([{"source": "kbmc"}]).to_json())["credits"][0]["keys"]
            ['byun2024kbmc']
        """
        return json.dumps(asdict(self), ensure_ascii=False)

    def _blocks(self) -> Iterator[Block]:
        yield [_HEADER, *((c.source, ", ".join(c.subsets), cell(c.rows), summary(c.claims), ", ".join(c.keys))
                           for c in self.credits)]  # fmt: skip
        yield ".notice and .bibtex are texts to pass on"


def attribution(
    sources: Iterable[str | Source | tuple[str, str | None]] | Any, *, own: Sequence[Source] = ()
) -> Attribution:
    """Return the credits of rows: their sources, licences and references, to pass on with the rows.

    Args:
        sources: As in :func:`license`: names, sources, or rows with a column ``source``, which are counted.
        own: Sources of rows of one's own, as :func:`medqa_kit.own_source` makes them, which these names may mean.

    Returns:
        A credit for each source, ``notice`` and ``bibtex``; it prints as a table.

    Raises:
        ArgumentError: It is none of these.
        UnknownSourceError: A source is not in the catalogue, and not among ``own``.

    Example:
        >>> print(attribution([{"source": "kormedmcqa", "subset": "doctor"}] * 3))
        source      subsets  rows  licence                                   cite
        ──────────  ───────  ────  ────────────────────────────────────────  ───────────────────
        kormedmcqa  doctor   3     CC-BY-NC-2.0 + academic-only (contested)  kweon2024kormedmcqa
        .notice and .bibtex are texts to pass on
        >>> attribution(["kbmc"]).credits[0].rows is None
        True
    """
    counts = {} if names_sources(sources) else rows_by_source(sources)
    of_name = {instance("own", each, Source, expected="a Source", hint="mk.own_source(path, …) makes one").name: each
               for each in several("own", own)}  # fmt: skip
    used = used_sources(list(counts) or sources, own=of_name)
    totals: Counter[str] = Counter()
    for (name, _), rows in counts.items():
        totals[name] += rows
    credits = tuple(
        _credit(data_set, subsets, totals.get(data_set.name)) for data_set, subsets in used
    )
    return Attribution(credits, joined_bibtex(data_set.citation for data_set, _ in used))


def cite(sources: Iterable[str | Source | tuple[str, str | None]] | Any) -> PlainText:
    """Return the BibTeX entries of some sources, each entry once, sorted by key.

    Args:
        sources: As in :func:`license`: names, sources, or rows with a column ``source``.

    Returns:
        The entries as text, which a prompt and a notebook show line by line.

    Raises:
        ArgumentError: It is none of these.
        UnknownSourceError: There is no such source.

    Example:
        >>> print(cite(["kbmc", "korean_wikipedia", "kbmc"]).count("@"))
        2
    """
    return PlainText(joined_bibtex(data_set.citation for data_set, _ in used_sources(sources)))


def _credit(data_set: Source, subsets: set[str | None], rows: int | None) -> Credit:
    claims = claims_on(data_set.license, subsets)
    named = tuple(sorted(subset for subset in subsets if subset is not None))
    return Credit(
        data_set.name, data_set.title, rows, named, getattr(data_set.at, "url", ""), claims, strictest(claims),
        tuple(parent_line(parent) for parent in data_set.derived_from), tuple(_entries(data_set.citation)),
    )  # fmt: skip


def _entries(citation: str) -> dict[str, str]:
    """Return BibTeX entries by key."""
    texts = [f"@{text.strip()}" for text in _ENTRY.split(citation)[1:]]
    return {match[1]: text for text in texts if (match := _KEY.match(text))}


def joined_bibtex(citations: Iterable[str]) -> str:
    """Return all entries, sorted by key; of two under one key the longer, which says more, stays.

    Example:
        >>> print(joined_bibtex(["@misc{b, title={B}}", "@misc{a, title={A}}"]).split("{")[1])
        a, title=
    """
    entries: dict[str, str] = {}
    for citation in citations:
        for key, text in _entries(citation).items():
            entries[key] = max(entries.get(key, ""), text, key=len)
    return "\n\n".join(entries[key] for key in sorted(entries)) + "\n"
