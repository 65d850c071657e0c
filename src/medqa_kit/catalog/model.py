"""A catalogued source: frozen data and one pure function.

A :class:`Source` says where the rows are, how upstream lays them out, what its licence claims
are worth, and how a raw row becomes a normalised one. It never reads anything itself: loading
does, with what stands here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from medqa_kit.catalog.cards import (
    Sections,
    card_html,
    card_text,
    choice_line,
    distribution_lines,
    how_to_get,
    license_lines,
    parent_line,
    part_line,
    view_lines,
    where_lines,
)
from medqa_kit.catalog.errata import Erratum
from medqa_kit.catalog.layouts import Choice, Layout
from medqa_kit.catalog.licenses import Claim, Terms, claims_on, strictest
from medqa_kit.catalog.parts import Parent, Part
from medqa_kit.catalog.places import Access, Hub, NoData, Place
from medqa_kit.catalog.protections import Protection, checked_protections, protection_line
from medqa_kit.catalog.source_facts import refuse_wrong_facts
from medqa_kit.core.arguments import did_you_mean, instance, several, whole_number
from medqa_kit.core.showing.shown import PlainText
from medqa_kit.errors import InvalidSourceError, SchemaError, UnknownPartError, shorten
from medqa_kit.schemas import schema_name


@dataclass(frozen=True, kw_only=True)
class Source:
    """One catalogued dataset.

    Attributes:
        name: ``lower_snake``, as upstream spells it; also the name of its file in ``entries/``.
        title: Upstream's title.
        about: One or two sentences: what a row is, and where it comes from.
        language: BCP 47 tags of the main text, most frequent first.
        layout: How the parts lie and are normalised, or why there is nothing to load.
        parts: All (subset, split) pairs, in the order they are concatenated.
        license: What is claimed about the licence, each with evidence. Where claims contradict
            each other the strictest credible one rules.
        citation: BibTeX.
        derived_from: Parents, nearest first.
        holdouts: Rows of it that are a benchmark, each set under a name. Recipes apply those with
            ``default=True`` unless told otherwise.
        origin_text: Raw columns that hold the text a row was made from where the row does not, such
            as the English of a translation. Builds search them for held-out items, too.
        quirks: What a user should know; shown on the source's page.
        errata: Items that are known to be bad; see ``errata=`` of :func:`medqa_kit.load`.
        warning: Shown at every load, such as "outdated or unsafe advice"; empty for most.
        choices: Choices beyond subset, split and view.
        version: Raised whenever normalised rows change; part of every cache key.
        inherited: Default holdouts of the sources it descends from. The catalogue fills this in:
            leave it out.

    Raises:
        ArgumentError: A field has a value of another type.
        InvalidSourceError: Fields contradict each other, or one has no value that it may have.

    Example:
        >>> from dataclasses import replace
        >>> from medqa_kit.catalog import source
        >>> klue = source("klue")
        >>> klue.language, klue.layout.at.repo, len(klue.parts)
        (('ko',), 'klue/klue', 16)
        >>> mine = replace(klue, name="klue_of_ours", holdouts=(), derived_from=())
        >>> mine.name
        'klue_of_ours'
    """

    name: str
    title: str
    about: str
    language: tuple[str, ...]
    layout: Layout | NoData
    license: tuple[Claim, ...]
    citation: str
    parts: tuple[Part, ...] = ()
    derived_from: tuple[Parent, ...] = ()
    holdouts: tuple[Protection, ...] = ()
    origin_text: tuple[str, ...] = ()
    quirks: tuple[str, ...] = ()
    errata: tuple[Erratum, ...] = ()
    warning: str = ""
    choices: tuple[Choice, ...] = ()
    version: int = 1
    inherited: tuple[Protection, ...] = ()

    def __post_init__(self) -> None:
        refuse_wrong_facts(self.name, title=self.title, language=self.language,
                           license=self.license, citation=self.citation)  # fmt: skip
        object.__setattr__(self, "version", whole_number("version", self.version, least=1))
        for part in several("parts", self.parts):
            instance(
                "parts", part, Part, expected="a tuple of Part", hint='Part("doctor", "test", 435)'
            )
        names = [part.name for part in self.parts]
        if len(set(names)) != len(names):
            raise InvalidSourceError(
                "a part is declared twice",
                source=self.name,
                found=", ".join(names),
                hint="remove one of the two",
            )
        if isinstance(self.layout, Layout) != bool(self.parts):
            raise InvalidSourceError(
                "a layout and parts go together",
                source=self.name,
                hint="declare both, or NoData(reason) and no parts",
            )
        try:
            _ = self.schemas
        except SchemaError as error:
            raise InvalidSourceError(
                "a layout gives rows of none of the seven schemas", source=self.name,
                expected=error.expected, found=error.found,
                hint="let schema= be one of mk.schemas.SCHEMAS",
            ) from error  # fmt: skip
        if unknown := [
            name for c in self.license for name in c.subsets if name not in self.subsets
        ]:
            raise InvalidSourceError(
                "a licence claim is about subsets that are not declared",
                source=self.name,
                expected=", ".join(self.subsets),
                found=", ".join(unknown),
                hint="subsets= of a Claim takes names of subsets; applies_to= takes words",
            )
        holdouts = checked_protections(self.holdouts, source=self.name, parts=self.parts)
        object.__setattr__(self, "holdouts", holdouts)  # frozen for all others

    def __repr__(self) -> str:
        return f"<Source {self.name}: {self.title}>"

    def _repr_html_(self) -> str:
        return card_html((self.title, self.name), self.about, self.sections)

    @property
    def at(self) -> Place:
        """Where the data is; for sources with several places, the main one."""
        return self.layout.at if isinstance(self.layout, Layout) else self.layout

    @property
    def access(self) -> Access:
        """How one gets at the rows, see :data:`medqa_kit.catalog.places.Access`."""
        return self.at.access

    @property
    def schema(self) -> pa.Schema | None:
        """The normalised schema of the main layout, ``None`` when there is nothing to load."""
        return self.layout.schema if isinstance(self.layout, Layout) else None

    @property
    def schemas(self) -> tuple[str, ...]:
        """Names of the schemas of all parts, without repeats."""
        names = (schema_name(self.layout_of(part).schema) for part in self.parts)
        return tuple(dict.fromkeys(names))

    @property
    def subsets(self) -> tuple[str, ...]:
        """Names of the subsets in order; empty where there is only one, without a name."""
        return tuple(dict.fromkeys(p.subset for p in self.parts if p.subset is not None))

    @property
    def splits(self) -> tuple[str, ...]:
        """Names of the splits in order, those by name only included."""
        return tuple(dict.fromkeys(part.split for part in self.parts))

    def splits_of(self, subset: str | None) -> tuple[str, ...]:
        """Names of the splits of one subset, in order."""
        return tuple(part.split for part in self.parts if part.subset == subset)

    @property
    def views(self) -> tuple[str, ...]:
        """Names of the views any part offers beside ``normalized`` and ``raw``."""
        return tuple(dict.fromkeys(v for part in self.parts for v in self.layout_of(part).views))

    @property
    def rows(self) -> int | None:
        """Raw rows of all parts that are not by name only; ``None`` when one is unknown."""
        counts = [part.rows for part in self.parts if not part.by_name_only]
        return None if not counts or None in counts else sum(c for c in counts if c is not None)

    @property
    def floating(self) -> bool:
        """Whether some part has no pinned revision."""
        return any(self.layout_of(part).at.floating for part in self.parts)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The licence claims on the parts that are not by name only."""
        return self.claims_on([part for part in self.parts if not part.by_name_only] or self.parts)

    @property
    def terms(self) -> Terms:
        """What the strictest credible claim on the parts that are not by name only permits."""
        return strictest(self.claims)

    def claims_on(self, parts: Iterable[Part]) -> tuple[Claim, ...]:
        """Return the licence claims on some parts: those on all of the source, and on these.

        Example:
            >>> from medqa_kit.catalog import source
            >>> kmmlu = source("kmmlu_medical")
            >>> strictest(kmmlu.claims_on(kmmlu.select("pro"))).commercial, kmmlu.terms.commercial
            ('no', 'yes')
        """
        return claims_on(self.license, {part.subset for part in parts})

    @property
    def protected_by(self) -> tuple[str, ...]:
        """Names of the holdouts that recipes with this source apply unless told otherwise.

        These are its own and, where the source comes from the catalogue, those of all sources it
        descends from; see :func:`medqa_kit.catalog.protecting`.
        """
        return tuple(each.name for each in (*self.holdouts, *self.inherited) if each.default)

    @property
    def elsewhere(self) -> dict[Hub, str]:
        """Repositories beside the source's own place, with the subsets that are read there."""
        subsets: dict[Hub, list[str]] = {}
        for part in self.parts:
            at = self.layout_of(part).at
            if isinstance(at, Hub) and at != self.at:
                subsets.setdefault(at, []).append(part.subset or part.split)
        return {at: ", ".join(dict.fromkeys(names)) for at, names in subsets.items()}

    @property
    def sections(self) -> Sections:
        """The card's content as (heading, lines); a heading without lines is not shown."""
        protected_by = [f"holdout {name}, in recipes by default" for name in self.protected_by]
        return [
            ("Warning", [self.warning] if self.warning else []),
            ("Where", where_lines(self.name, self.at, self.elsewhere)),
            ("Also read from path=", distribution_lines(map(self.layout_of, self.parts))),
            ("Parts", [part_line(part) for part in self.parts]),
            ("License", license_lines(self.license, self.terms)),
            ("Descends from", [parent_line(parent) for parent in self.derived_from]),
            ("Protected by", protected_by),
            ("Holdouts", [protection_line(each) for each in self.holdouts]),
            ("Choices", [choice_line(choice) for choice in self.choices]),
            ("Views", view_lines(self.layout_of(part) for part in self.parts)),
            ("Know", list(self.quirks)),
            ("Known errors", [f"{e.id}: {e.kind}; {e.evidence}" for e in self.errata]),
            ("Cite", PlainText(self.citation.strip())),
        ]

    def layout_of(self, part: Part) -> Layout:
        """Return the layout of a part: its own, or the source's."""
        layout = part.layout or self.layout
        if isinstance(layout, NoData):
            raise InvalidSourceError("there is nothing to load", source=self.name, part=part.name)
        return layout

    def id_beginning(self, part: Part, layout: Layout | None = None) -> str:
        """Return what the ids of the rows of a part begin with; parts may share it.

        Args:
            part: One of the parts.
            layout: Instead of the part's own, such as one with another view.

        Example:
            >>> from medqa_kit.catalog import source
            >>> kormedmcqa = source("kormedmcqa")
            >>> kormedmcqa.id_beginning(kormedmcqa.select("doctor", "test")[0])
            'kormedmcqa/doctor/'
        """
        where = [self.name, part.subset]
        repeats = (layout or self.layout_of(part)).repeats
        if part.by_name_only or (repeats and len(self.splits_of(part.subset)) > 1):
            where.append(part.split)  # a hash of the row may occur in several splits
        return "".join(f"{name}/" for name in where if name)

    def select(self, subset: str | None = None, split: str | None = None) -> tuple[Part, ...]:
        """Return the parts of a subset and a split.

        Args:
            subset: A subset, or ``None`` for all that are not by name only.
            split: A split, or ``None`` for all that are not by name only.

        Returns:
            At least one part, in the order of :attr:`parts`.

        Raises:
            ArgumentError: A name is not text.
            UnknownPartError: There is no such subset, no such split, or not this pair.
        """
        for argument, name in (("subset", subset), ("split", split)):
            instance(argument, name, (str, type(None)), expected="a name or None",
                     hint=f"{argument}=None takes all that are not by name only")  # fmt: skip
        if subset is not None and subset not in self.subsets:
            raise UnknownPartError(
                f"there is no subset {shorten([subset])}",
                source=self.name,
                expected=", ".join(self.subsets) or "none (the source has no subsets)",
                hint=did_you_mean(subset, self.subsets) or "leave subset= out for all of them",
            )
        if split is not None and split not in self.splits:
            raise UnknownPartError(
                f"there is no split {shorten([split])}",
                source=self.name,
                expected=", ".join(self.splits),
                hint=self._split_hint(split),
            )
        selected = tuple(part for part in self.parts if part.is_meant(subset, split))
        if not selected:
            raise UnknownPartError(
                f"subset {shorten([subset])} has no split {shorten([split])}",
                source=self.name,
                expected=", ".join(part.name for part in self.parts),
                hint="choose one of the pairs above",
            )
        return selected

    def _split_hint(self, split: str) -> str:
        renamed = {part.upstream: part.split for part in self.parts if part.upstream}
        if split in renamed:
            return f"upstream's {split!r} is called {renamed[split]!r} here"
        name, bracket, _ = split.partition("[")
        if bracket and name in self.splits:  # as datasets slices them
            return f"split={name!r} takes it whole: choose rows of it with .select(), or with slice= in a recipe"
        return (
            did_you_mean(split, self.splits)
            or f"mk.load takes all by split=None, as one table by split='all'; a recipe lists them: split = {[*self.splits]}"
        )

    def how_to_get(self) -> str:
        """Return the steps to the data, with the terms and what to pass as ``path=``."""
        return how_to_get(self.name, self.at, self.elsewhere)

    def show(self) -> str:
        """Return the card as text: what it is, parts, licence claims, lineage, quirks."""
        return card_text((self.title, self.name), self.about, self.sections)
