"""``audit``: compare the claims of cards with the data."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.auditing.card_reading import card_claims
from medqa_kit.auditing.claims import CardClaim, catalogued_claims, read_claims, shipped_claims
from medqa_kit.auditing.measuring import Measured, Seen, gauge_of
from medqa_kit.auditing.verdicts import (
    ClaimCheck,
    ClaimVerdict,
    checked,
    checked_citation,
    checked_license,
)
from medqa_kit.catalog.model import Source
from medqa_kit.catalog.registry import names, source
from medqa_kit.core.arguments import did_you_mean, file_path, instance, several
from medqa_kit.core.arrow.columns import is_text
from medqa_kit.core.holders import batches
from medqa_kit.core.progress import watched
from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.core.tables import counted
from medqa_kit.decontamination.training_files import training_rows
from medqa_kit.errors import ArgumentError, RowCountWarning, WrongFilesError
from medqa_kit.loading.part_loading import PartLoader, load_parts
from medqa_kit.loading.request import LoadRequest, Origin

_HEADER = ("by", "claim", "claimed", "measured", "difference", "verdict", "note")
_ENDINGS = (".parquet", ".jsonl", ".json", ".csv", ".tsv")
_SPLITS = {
    "train": "train",
    "test": "test",
    "validation": "validation",
    "valid": "validation",
    "dev": "validation",
}
_MOST_VALUES = 100  # of a column whose values a card may list


@dataclass(frozen=True, repr=False)
class Audit(Shown):
    """Claims with their measures. It prints as a table.

    Attributes:
        about: Name of the data.
        checks: One check per claim.

    Example:
        >>> rows = [{"summary": "Short."}, {"summary": None}]
        >>> claim = CardClaim(measure="filled_share", claimed=1.0, columns=("summary",))
        >>> print(audit(rows, claims=[claim]))
        audit of rows: 1 claim, 1 differs
        by    claim                    claimed   measured  difference  verdict  note
        ────  ───────────────────────  ────────  ────────  ──────────  ───────  ───────────────────
        card  filled_share of summary  100.000%  50.000%   -50.000%    differs  1 of 2 rows lack it
    """

    about: str
    checks: tuple[ClaimCheck, ...]

    def by_verdict(self) -> dict[ClaimVerdict, int]:
        """Count the claims by verdict."""
        verdicts: tuple[ClaimVerdict, ...] = get_args(ClaimVerdict)
        counts = {name: sum(check.verdict == name for check in self.checks) for name in verdicts}
        return {name: count for name, count in counts.items() if count}

    def to_json(self) -> str:
        """Return it as JSON.

        Example:
            >>> json.loads(Audit("rows", ()).to_json())
            {'about': 'rows', 'verdicts': {}, 'checks': []}
        """
        content = {
            "about": self.about,
            "verdicts": self.by_verdict(),
            "checks": [c.to_dict() for c in self.checks],
        }
        return json.dumps(content, ensure_ascii=False)

    def to_html(self) -> str:
        """Return it as a page of HTML without anything from elsewhere."""
        title = escape(self._headline)
        return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><body>{self._repr_html_()}</body></html>\n'

    def _blocks(self) -> Iterator[Block]:
        yield self._headline
        yield [_HEADER, *(check.cells() for check in self.checks)]

    @property
    def _headline(self) -> str:
        counts = "".join(f", {count} {verdict}" for verdict, count in self.by_verdict().items())
        return f"audit of {self.about}: {counted(len(self.checks), 'claim')}{counts}"


class AuditedPart(NamedTuple):
    """Raw rows of one part.

    Attributes:
        subset: Name of the subset, if it has one.
        split: Name of the split.
        copies: Whether its rows repeat those of other parts.
        tables: Reads them.
    """

    subset: str | None
    split: str
    copies: bool
    tables: Callable[[], Iterator[pa.Table]]


def audit(
    data: Any,
    *,
    claims: Sequence[CardClaim] | str | os.PathLike[str] | None = None,
    card: str | os.PathLike[str] | None = None,
    origin: Origin = "hub",
    path: str | os.PathLike[str] | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
) -> Audit:
    """Compare the claims of a card and of the catalogue with the data.

    Args:
        data: The name of a catalogued source, of which all parts are read as they are; a folder with data
            files and a ``README.md``; or rows, in anything :func:`medqa_kit.apply` takes.
        claims: Claims, or a TOML file of them. By default those the seed cards and the catalogue make of a
            source, and what the card of a folder says.
        card: A card to read claims from, beside the others.
        origin: Where to read a source, as in :func:`medqa_kit.load`.
        path: Local files of a source, as in :func:`medqa_kit.load`.
        cache_dir: Root of the ``datasets`` cache.

    Returns:
        Each claim with the figure measured, the difference and a verdict.

    Raises:
        ArgumentError: There is nothing to hold the data against, or it is nothing that holds rows.
        WrongFilesError: The folder has no data files, or there is no such card.
        MedQAError: What reading raises.

    Example:
        >>> report = audit("kormedmcqa", origin="sample")
        >>> [(check.claim.claimed, check.verdict) for check in report.checks if check.claim.measure == "license"]
        [('MIT', 'differs')]
    """
    if isinstance(data, Source) or (isinstance(data, str) and data in names()):
        data_set = data if isinstance(data, Source) else source(data)
        request = LoadRequest(
            origin=origin, path=None if path is None else file_path("path", path), view="raw"
        )
        parts = list(_parts_of_source(data_set, request, PartLoader(cache_dir=cache_dir)))
        about, own = data_set.name, (*shipped_claims(data_set.name), *catalogued_claims(data_set))
        lineage: list[str | Source] = [data_set]
    elif isinstance(data, (str, os.PathLike)):
        folder = file_path("data", data)
        parts, about, own, lineage = _parts_of_folder(folder), folder.name, (), []
        card = card or (folder / "README.md" if (folder / "README.md").is_file() else None)
    else:
        parts, about, own, lineage = (
            [AuditedPart(None, "train", False, lambda: _tables(data))],
            "rows",
            (),
            [],
        )
    if claims is not None:
        own = (
            read_claims(claims)
            if isinstance(claims, (str, os.PathLike))
            else several("claims", claims)
        )
        for claim in own:
            instance(
                "claims",
                claim,
                CardClaim,
                expected="a list of CardClaim",
                hint='CardClaim(measure="rows", claimed=435)',
            )
    if card is not None:
        own = (*own, *_read_card(file_path("card", card), parts))
    if not own:
        raise ArgumentError("there is nothing to hold the data against", argument="claims",
                            expected="claims, a card or a catalogued source", found=about,
                            hint="pass claims=[CardClaim(...)] or card='README.md'")  # fmt: skip
    return Audit(about, tuple(_checks(own, parts, lineage)))


def _checks(
    claims: Sequence[CardClaim], parts: Sequence[AuditedPart], lineage: list[Any]
) -> Iterator[ClaimCheck]:
    """Measure all claims in one pass over the parts."""
    seen = [Seen(claim, gauge_of(claim)) for claim in claims]
    copies, sources = 0, set[str]()
    for part in parts:
        for table in watched(part.tables(), verb=f"audit {part.split}"):
            copies += table.num_rows * part.copies
            for each in seen:
                named = {"subset": part.subset, "split": part.split}
                about = {
                    name
                    for name in ("subset", "split")
                    if each.claim.where.get(name) == named[name]
                }
                if not part.copies or about:
                    each.add(table, subset=part.subset, split=part.split)
            if (
                not lineage
                and "source" in table.column_names
                and is_text(table.schema.field("source").type)
            ):
                sources.update(pc.unique(table["source"]).drop_null().to_pylist())
    known: list[Any] = lineage or sorted(sources & {*names()})
    for each in seen:
        match each.claim.measure:
            case "license":
                yield checked_license(each.claim, known)
            case "citation":
                yield checked_citation(each.claim)
            case "sum":
                yield checked(each.claim, Measured(sum(each.claim.terms)))
            case _:
                yield checked(each.claim, each.measured(), copies=copies)


def _parts_of_source(
    data_set: Source, request: LoadRequest, loader: PartLoader
) -> Iterator[AuditedPart]:
    """Load the parts of a source, those by name only as far as they are there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RowCountWarning)  # the audit tells it
        for loaded in load_parts(data_set, request, loader):
            part = loaded.plan.part
            yield AuditedPart(part.subset, part.split, False, _reader(loaded.data))
        for part in data_set.parts:
            if not part.by_name_only:
                continue
            try:
                hidden = load_parts(data_set, request, loader, subset=part.subset, split=part.split)
            except WrongFilesError:  # nobody has to have the copies
                continue
            for loaded in hidden:
                if loaded.plan.part == part:
                    yield AuditedPart(part.subset, part.split, True, _reader(loaded.data))


def _reader(data: Any) -> Callable[[], Iterator[pa.Table]]:
    names = [name for name in data.column_names if name != "id"]  # ours, which no card speaks of
    return lambda: _tables(data.select_columns(names))


def _tables(rows: Any) -> Iterator[pa.Table]:
    for batch in batches(rows):
        yield pa.Table.from_batches([batch])


def _parts_of_folder(folder: Path) -> list[AuditedPart]:
    """Take each data file of a folder as a part, its split and subset told by names."""
    files = [folder] if folder.is_file() else sorted(p for p in folder.rglob("*") if p.is_file())
    files = [
        f for f in files if f.suffix in _ENDINGS and not f.name.startswith((".", "dataset_info"))
    ]
    if not files:
        raise WrongFilesError("there are no data files", file=str(folder), expected=", ".join(_ENDINGS),
                              hint=did_you_mean(str(folder), names()) or "name a source of the catalogue, or a folder with data")  # fmt: skip
    parts = []
    for file in files:
        inner = file.relative_to(folder).parts[:-1] if file != folder else ()
        words = [word for word in (*inner, file.stem) if word != "data"]
        split = next((known for word in reversed(words) for start, known in _SPLITS.items() if word.startswith(start)), "train")  # fmt: skip
        subset = next((word for word in inner if word not in {"data", *_SPLITS}), None)
        parts.append(AuditedPart(subset, split, False, lambda file=file: _file_tables(file)))  # type: ignore[misc]
    return parts


def _file_tables(file: Path) -> Iterator[pa.Table]:
    yield from _tables(training_rows(file, as_is=True))


def _read_card(card: Path, parts: Sequence[AuditedPart]) -> list[CardClaim]:
    """Read the claims of a card, knowing the columns of the data and the values of ``source``."""
    if not card.is_file():
        raise WrongFilesError(
            "there is no such card", file=str(card), expected="a README.md", hint="check the path"
        )
    columns: dict[str, None] = {}
    values: dict[str, set[str]] = {"source": set()}
    for part in parts:
        for table in part.tables():
            columns.update((field.name, None) for field in table.schema if is_text(field.type))
            if "source" in table.column_names and is_text(table.schema.field("source").type):
                values["source"].update(
                    pc.unique(table["source"]).drop_null().to_pylist()[:_MOST_VALUES]
                )
    return card_claims(card, columns=[name for name in columns if name != "source"], values=values)
