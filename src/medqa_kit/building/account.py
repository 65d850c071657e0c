"""The account of one source in a build: the numbers of rows by which a manifest adds up."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from medqa_kit.catalog import Claim, Source
from medqa_kit.catalog.verdicts import Clause
from medqa_kit.loading.part_loading import LoadedPart
from medqa_kit.loading.plan import Plan


@dataclass(frozen=True)
class PartNote:
    """The facts of one part in the account of its source.

    Attributes:
        name: Name of the part.
        facts: Its place, its revision or the digest of its content, and its number of rows.
        aside: Numbers of raw rows set aside, by reason.
        aside_files: The files that list them.
        left_out: Numbers of raw values that are in no row, by reason.
    """

    name: str
    facts: Mapping[str, Any]
    aside: Mapping[str, int] = field(default_factory=dict)
    aside_files: tuple[str, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, part: LoadedPart) -> PartNote:
        """Return the facts of a part that was loaded.

        Raises:
            AccountError: The counts of the part do not close.
        """
        plan, report = part.plan, part.report
        facts = {"origin": plan.origin, "rows": part.data.num_rows} | _revision(plan)
        if not report:
            return cls(plan.part.name, facts)
        if report.passed_over:
            facts["passed_over"] = report.passed_over
        report.refuse_open(part.data.num_rows, source=plan.source.name, part=plan.part.name)
        return cls(plan.part.name, facts, report.aside, report.files, report.left_out)


class MendedText(NamedTuple):
    """A text that was mended, around the place where it first differs.

    Attributes:
        id: Id of its row.
        column: Its column.
        before: The text of upstream.
        after: The text in the result.
    """

    id: str
    column: str
    before: str
    after: str


@dataclass
class Account:
    """The numbers of rows of one source.

    Attributes:
        source: The source.
        parts: Origin and number of the rows of each part.
        aside: Raw rows set aside while loading, by reason; they did not become rows.
        aside_files: The files that list them.
        left_out: Raw values that are in no row, by reason.
        errata: Rows known to be bad, by kind, if the recipe asks for this number.
        read: Rows loaded.
        dropped: Rows left out, by reason.
        copies: Rows left out as copies, by the label of the source whose copy stays; counted if the recipe
            compares its numbers with a reference.
        written: Rows written, by split.
        languages: Rows written, by their column ``language``; ``und`` where it is null.
        repeated: How many of these are further copies of a row, which a mix asks for.
        fixed: Texts that were mended, by fix.
        mended: Examples of mended texts, by fix: of all rows until it is known which are kept.
        trimmed: Rows shortened to fit the budget.
        accepted: Clauses that limit the use and that the recipe accepts.
        alias: Label of the source in the recipe, where it is not its name.
        read_from: For the user's own rows, their place in the words of the recipe, equal on every machine.
    """

    source: Source
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    aside: Counter[str] = field(default_factory=Counter)
    aside_files: tuple[str, ...] = ()
    left_out: Counter[str] = field(default_factory=Counter)
    errata: Counter[str] = field(default_factory=Counter)
    read: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    copies: Counter[str] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    fixed: Counter[str] = field(default_factory=Counter)
    mended: dict[str, list[MendedText]] = field(default_factory=dict)
    trimmed: int = 0
    accepted: tuple[Clause, ...] = ()
    alias: str | None = None
    read_from: str | None = None

    @property
    def own(self) -> bool:
        """Whether the rows are of one's own, and no source of the catalogue."""
        return self.read_from is not None

    @property
    def label(self) -> str:
        """What the recipe calls the source."""
        return self.alias or self.source.name

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The licence claims on the parts that were read."""
        return self.source.claims_on(p for p in self.source.parts if p.name in self.parts)

    def note(self, part: PartNote) -> None:
        """Add the facts of a part: its origin, and the counts of its loading."""
        self.parts[part.name] = dict(part.facts)
        self.aside.update(part.aside)
        self.aside_files += part.aside_files
        self.left_out.update(part.left_out)

    def forget_aside(self, part: PartNote) -> None:
        """Remove the raw values of a part that are in no row, since another entry of the recipe counts them."""
        self.aside = self.aside - Counter(part.aside)
        self.left_out = self.left_out - Counter(part.left_out)
        files = list(self.aside_files)
        for file in part.aside_files:
            files.remove(file)
        self.aside_files = tuple(files)


def _revision(plan: Plan) -> dict[str, Any]:
    """Return a text that identifies the bytes that were read, equal on every machine."""
    if plan.origin == "hub":
        return {"revision": plan.revision}
    digest = hashlib.sha256()
    for file in plan.supply.download():
        with file.open() as handle:
            content = hashlib.sha256()
            while chunk := handle.read(1 << 20):
                content.update(chunk)
        digest.update(f"{file.name}\0{content.hexdigest()}\n".encode())
    return {"content": f"sha256:{digest.hexdigest()}"}
