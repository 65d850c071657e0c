"""The uses that a mix of sources permits, the clauses that decide, and the duties that follow."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, get_args

import pyarrow as pa

from medqa_kit.catalog.licenses import Answer, Claim, Use, claims_on, strictest
from medqa_kit.catalog.model import Source
from medqa_kit.catalog.registry import source
from medqa_kit.core.arguments import one_of
from medqa_kit.core.holders import batches
from medqa_kit.core.showing.shown import Block, Shown, html_of
from medqa_kit.core.tables import counted, text_table
from medqa_kit.errors import ArgumentError, shorten

USES: tuple[Use, ...] = get_args(Use)
_HEADER = ("source", "use", "answer", "licence", "read in")
# Licences that ask for themselves on derivatives, and which of them can stand beside another.
_SHARE_ALIKE = ("CC-BY-NC-SA", "CC-BY-SA", "GPL", "GFDL")
_TOGETHER = ({"CC-BY-SA", "GPL"},)  # CC-BY-SA 4.0 may be taken into GPL 3.0

_CAVEAT = "Read from cards, not legal advice."


@dataclass(frozen=True, repr=False)
class Clause(Shown):
    """Why a use is less than granted.

    Attributes:
        source: Whose rows it is about.
        use: The use.
        answer: What the claim says of it.
        license: The licence claimed, ``None`` where no grant was found.
        evidence: Where that was read.
        condition: What the claim asks for, in a few words; empty if nothing is known.

    Example:
        >>> [clause.source for clause in license(["kbmc"]).conditions("commercial")]
        ['kbmc']
    """

    source: str
    use: Use
    answer: Answer
    license: str | None
    evidence: str
    condition: str

    def _blocks(self) -> Iterator[Block]:
        yield f"{self.source}, {self.use}: {self.answer}"
        asked = f"; {self.condition}" if self.condition else ""
        yield f"{self.license or 'no grant found'}{asked}"
        yield f"read in: {self.evidence}"


@dataclass(frozen=True, repr=False)
class LicenseVerdict:
    """What may be done with rows of some sources together. A reading aid, not legal advice.

    Attributes:
        sources: Their names.
        uses: For each use the least that any credible claim grants: ``yes``, ``conditional``,
            ``unknown`` or ``no``. Conditional is no yes: :attr:`clauses` quote the conditions.
        clauses: What keeps a use from yes.
        attribution: Sources whose authors must be named.
        share_alike: Sources whose licence derivatives must carry.
        conflicts: Demands that cannot be met together.

    Example:
        >>> verdict = license(["kormedmcqa", "medmcqa"])
        >>> verdict.uses["commercial"], verdict.without("commercial")
        ('no', ('kormedmcqa',))
    """

    sources: tuple[str, ...]
    uses: dict[Use, Answer]
    clauses: tuple[Clause, ...]
    attribution: tuple[str, ...]
    share_alike: tuple[str, ...]
    conflicts: tuple[str, ...]

    def without(self, use: Use) -> tuple[str, ...]:
        """Return the smallest set of sources to drop so that a use is a plain yes.

        Raises:
            ArgumentError: There is no such use.
        """
        one_of("use", use, USES)
        return tuple(dict.fromkeys(clause.source for clause in self.clauses if clause.use == use))

    def conditions(self, use: Use) -> tuple[Clause, ...]:
        """Return what must be accepted for a use: the conditional clauses.

        Raises:
            ArgumentError: There is no such use.
        """
        one_of("use", use, USES)
        return tuple(c for c in self.clauses if c.use == use and c.answer == "conditional")

    def to_json(self) -> str:
        """Return it as JSON, clauses as objects.

        Example:
            >>> json.loads(license(["kormedmcqa"]).to_json())["uses"]["commercial"]
            'no'
        """
        clauses = [asdict(clause) for clause in self.clauses]
        return json.dumps({**asdict(self), "clauses": clauses}, ensure_ascii=False)

    def __str__(self) -> str:
        answers = ", ".join(f"{use}: {answer}" for use, answer in self.uses.items())
        lines = [f"{counted(len(self.sources), 'source')}. {answers}", *self._duties()]
        if self.clauses:
            lines += ["", *text_table([_HEADER, *map(self._cells, self.clauses)])]
        return "\n".join([*lines, _CAVEAT])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        clauses = [_HEADER, *map(self._cells, self.clauses)]
        return html_of([
            counted(len(self.sources), "source"), [("use", "answer"), *self.uses.items()], *self._duties(), clauses, _CAVEAT,
        ])  # fmt: skip

    @staticmethod
    def _cells(clause: Clause) -> tuple[str, ...]:
        name = clause.license or "no grant found"
        said = f"{name}; {clause.condition}" if clause.condition else name
        return clause.source, clause.use, clause.answer, said, clause.evidence

    def _duties(self) -> Iterator[str]:
        if self.attribution:
            yield f"Name the authors of: {', '.join(self.attribution)}"
        if self.share_alike:
            yield f"Derivatives carry the licence of: {', '.join(self.share_alike)}"
        for conflict in self.conflicts:
            yield f"Conflict: {conflict}"


def license(sources: Iterable[str | Source | tuple[str, str | None]] | Any) -> LicenseVerdict:
    """Return the uses that sources permit together, with the clauses behind each answer.

    A mix permits a use only if all its sources do, and a source only if all its credible claims do. Order,
    grouping and repetition make no difference. A claim about some subsets counts only where these are used.

    Args:
        sources: Names of sources, sources themselves, pairs of a name and a subset; or rows with a
            column ``source``, and ``subset`` if they have one, in any container of rows.

    Returns:
        What is granted for each use, and the clauses that keep a use from "yes"; it prints as text.

    Raises:
        ArgumentError: It is none of these.
        UnknownSourceError: There is no such source.

    Example:
        >>> license(["kormedmcqa"]).clauses[0].license
        'CC-BY-NC-2.0'
        >>> license(["disaster_reports"]).uses["research"] == license(["disaster_reports"] * 2).uses["research"]
        True
    """
    claims = {
        given.name: claims_on(given.license, subsets) for given, subsets in used_sources(sources)
    }
    uses: dict[Use, Answer] = {
        use: _least([getattr(strictest(own), use) for own in claims.values()]) for use in USES
    }
    clauses = [
        clause
        for name, own in claims.items()
        for use in USES
        for clause in _clauses(name, own, use)
    ]
    terms = {name: strictest(own) for name, own in claims.items()}
    return LicenseVerdict(
        tuple(claims), uses, tuple(clauses),
        tuple(name for name, own in terms.items() if own.attribution),
        tuple(name for name, own in terms.items() if own.share_alike),
        tuple(_conflicts(claims)),
    )  # fmt: skip


def used_sources(
    sources: Any, *, own: Mapping[str, Source] | None = None
) -> list[tuple[Source, set[str | None]]]:
    """Return each source once, with the subsets used of it, sorted by name.

    Args:
        sources: As in :func:`license`.
        own: Sources by names that the catalogue need not have.

    Raises:
        ArgumentError: It is none of these.
        UnknownSourceError: There is no such source.

    Example:
        >>> [(source.name, subsets) for source, subsets in used_sources([("kormedmcqa", "doctor")])]
        [('kormedmcqa', {'doctor'})]
    """
    used: dict[str, tuple[Source, set[str | None]]] = {}
    for given, subset in _pairs(sources):
        data_set = given if isinstance(given, Source) else (own or {}).get(given) or source(given)
        subsets = used.setdefault(data_set.name, (data_set, set()))[1]
        subsets.update(
            {part.subset for part in data_set.parts} | {None} if subset is _ALL else {subset}
        )
    if not used:
        raise ArgumentError("no source is named", argument="sources", expected="at least one name",
                            found=shorten([sources]), hint="mk.license(['kormedmcqa'])")  # fmt: skip
    return sorted(used.values(), key=lambda pair: pair[0].name)


_ALL = object()


def names_sources(sources: Any) -> bool:
    """Check whether somebody named sources, rather than gave rows of them.

    Example:
        >>> names_sources("klue"), names_sources([("klue", "nli")]), names_sources([{"source": "klue"}])
        (True, True, False)
    """
    if isinstance(sources, (list, tuple, set, frozenset)):
        return not any(isinstance(entry, dict) for entry in sources)
    return isinstance(sources, (str, Source))


def _pairs(sources: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(sources, (str, Source)):
        yield sources, _ALL
    elif names_sources(sources):
        for entry in sources:
            if isinstance(entry, tuple) and len(entry) == 2:
                yield entry
            elif isinstance(entry, (str, Source)):
                yield entry, _ALL
            else:
                raise ArgumentError("this names no source", argument="sources", found=shorten([entry]),
                                    expected="a name, a Source or a pair (name, subset)",
                                    hint="mk.sources() lists the names")  # fmt: skip
    else:
        yield from rows_by_source(sources)


def rows_by_source(rows: Any) -> dict[tuple[str, Any], int]:
    """Count rows by what they say of where they are from: name of the source and subset.

    Args:
        rows: Rows with a column ``source``, and ``subset`` if they have one.

    Raises:
        ArgumentError: There is no column ``source``, or a row without a value in it.

    Example:
        >>> rows_by_source([{"source": "klue", "subset": "nli"}, {"source": "klue", "subset": "nli"}])
        {('klue', 'nli'): 2}
    """
    counts: Counter[tuple[str, Any]] = Counter()
    for batch in batches(rows, columns=["source", "subset"]):
        if "source" not in batch.schema.names:
            raise ArgumentError("the rows do not say where they are from", argument="sources",
                                expected="a column 'source'", found=", ".join(batch.schema.names) or "none",
                                hint="name the sources, or keep the columns that mk.load gives")  # fmt: skip
        names = [n for n in ("source", "subset") if n in batch.schema.names]
        table = (
            pa.Table.from_batches([batch])
            .select(names)
            .group_by(names)
            .aggregate([([], "count_all")])
        )
        for row in table.to_pylist():  # distinct sources: few
            if row["source"] is None:  # of these rows nothing is known, so no answer would be right
                raise ArgumentError("rows do not say where they are from", argument="sources",
                                    expected="a source in each row", found=f"{row['count_all']:,} rows of a batch without one",
                                    hint="leave these rows out, or name their source")  # fmt: skip
            counts[row["source"], row.get("subset", _ALL)] += row["count_all"]
    return dict(counts)


def _least(answers: Sequence[Answer]) -> Answer:
    return min(answers, key=("no", "unknown", "conditional", "yes").index)


def _clauses(name: str, claims: Sequence[Claim], use: Use) -> Iterator[Clause]:
    credible = [claim for claim in claims if claim.credible]
    if not credible:
        yield Clause(name, use, "unknown", None, "nothing credible was found", "")
    for claim in credible:
        answer: Answer = getattr(claim.terms, use)
        if answer != "yes":
            yield Clause(
                name, use, answer, claim.license, claim.evidence, claim.note or claim.scope
            )


def _conflicts(claims: dict[str, tuple[Claim, ...]]) -> Iterator[str]:
    families: dict[str, list[str]] = {}
    for name, own in claims.items():
        for claim in own:
            family = next((f for f in _SHARE_ALIKE if (claim.license or "").startswith(f)), None)
            if claim.credible and family and name not in families.setdefault(family, []):
                families[family].append(name)
    for place, first in enumerate(families):
        for second in list(families)[place + 1 :]:
            apart = set(families[first]) != set(families[second])
            if apart and {first, second} not in _TOGETHER:
                yield (f"{first} ({', '.join(families[first])}) and {second} "
                       f"({', '.join(families[second])}) each ask for themselves on the whole")  # fmt: skip
