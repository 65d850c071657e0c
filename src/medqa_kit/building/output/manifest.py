"""``manifest.json``: the sources of a result, its rows, and the rows that were left out, with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from medqa_kit._version import __version__
from medqa_kit.building.output.reference_difference import difference
from medqa_kit.building.recipes.permission import parent_notes
from medqa_kit.catalog.cards import parent_line
from medqa_kit.catalog.licenses import Claim, conflicting, strictest, summary
from medqa_kit.errors import AccountError

if TYPE_CHECKING:
    from medqa_kit.building.account import Account
    from medqa_kit.building.guard import Guard
    from medqa_kit.building.recipes.recipe import Recipe
    from medqa_kit.building.recipes.whole_set import Reference


@dataclass(frozen=True)
class WrittenSet:
    """What the manifest says of all rows together.

    Attributes:
        formats: The files of each format.
        quality: What checks say of the rows.
        mixture: The mix, where the recipe asks for one.
        gates: What was measured at the gates.
        compared: What rules of shared words find, where the recipe asks for it.
        erased: What was taken out by id, where that was asked for.
        tasks: What a model is asked about the rows, by the recipe's name for it.
    """

    formats: Mapping[str, Any]
    quality: Mapping[str, Any]
    mixture: Mapping[str, Any] | None = None
    gates: tuple[Mapping[str, Any], ...] = ()
    compared: Mapping[str, Any] | None = None
    erased: Mapping[str, Any] | None = None
    tasks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def manifest(
    recipe: Recipe, accounts: list[Account], protection: Guard, rows: WrittenSet, *, origin: str
) -> dict[str, Any]:
    """Make the manifest, but for the digests of files; it holds no clock and no path, so equal builds have equal manifests.

    Raises:
        AccountError: The accounts do not add up, which would be a defect of ours.
    """
    sources = [_source(account) for account in accounts]
    totals = {key: sum(entry[key] for entry in sources) for key in ("read", "train", "validation")}
    dropped: Counter[str] = Counter()
    for account in accounts:
        dropped.update(account.dropped)
    aside: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    for account in accounts:
        aside.update(account.aside)
        left_out.update(account.left_out)
    return {
        "name": recipe.name,
        "about": recipe.about,
        "medqa_kit": __version__,
        "origin": origin,
        "invented": {*_invented(accounts).values()} == {True},
        "use": recipe.use,
        "recipe": recipe.as_data(),
        "recipe_digest": recipe.digest,
        **({"set": dict(recipe.settings)} if recipe.settings else {}),
        "sources": sources,
        "totals": {
            **totals,
            "dropped": dict(sorted(dropped.items())),
            "set_aside": dict(sorted(aside.items())),
            "left_out": dict(sorted(left_out.items())),
        },
        "holdouts": protection.described(),
        **({"compared": dict(rows.compared)} if rows.compared is not None else {}),
        **({"mix": dict(rows.mixture)} if rows.mixture is not None else {}),
        **(
            {"difference": _difference(recipe.reference, accounts, sources)}
            if recipe.reference
            else {}
        ),
        "quality": dict(rows.quality),
        **({"gates": [dict(entry) for entry in rows.gates]} if rows.gates else {}),
        "formats": dict(rows.formats),
        **(
            {"generate": {name: dict(facts) for name, facts in rows.tasks.items()}}
            if rows.tasks
            else {}
        ),
        "notes": _notes(recipe, accounts, protection),
    }


def _invented(accounts: list[Account]) -> dict[str, bool]:
    """Say of each source whether its rows are samples: files of one's own are read whatever the origin."""
    return {account.label: all(part["origin"] == "sample" for part in account.parts.values())
            for account in accounts}  # fmt: skip


def _source(account: Account) -> dict[str, Any]:
    written, dropped = sum(account.written.values()), sum(account.dropped.values())
    if account.read + account.repeated != written + dropped:
        raise AccountError("the accounts do not add up", source=account.source.name,
                         expected=f"{account.read} rows read",
                         found=f"{written} written, {account.repeated} of them copies, and {dropped} dropped",
                         hint="this is a defect of medqa_kit, please report it")  # fmt: skip
    source = account.source
    parents = [asdict(parent) for parent in source.derived_from if account.own]
    return {
        "name": source.name,
        "title": source.title,
        "published": account.read_from or getattr(source.at, "url", ""),
        **({"as": account.alias} if account.alias else {}),
        **({"own": True} if account.own else {}),
        "version": source.version,
        "languages": dict(sorted(account.languages.items())),
        "parts": account.parts,
        "lineage": [parent_line(parent) for parent in source.derived_from],
        **({"parents": parents} if parents else {}),
        "citation": source.citation,
        "license": summary(account.claims),
        "license_claims": [_claim(claim) for claim in account.claims],
        "terms": asdict(strictest(account.claims)),
        **({"errata": dict(sorted(account.errata.items()))} if account.errata else {}),
        **(
            {"accepted": [asdict(clause) for clause in account.accepted]}
            if account.accepted
            else {}
        ),
        **(
            {"fixed": dict(sorted(account.fixed.items())), "mended": _mended(account)}
            if account.fixed
            else {}
        ),
        **({"trimmed": account.trimmed} if account.trimmed else {}),
        **({"repeated": account.repeated} if account.repeated else {}),
        "read": account.read,
        "set_aside": dict(sorted(account.aside.items())),
        "left_out": dict(sorted(account.left_out.items())),
        "dropped": dict(sorted(account.dropped.items())),
        "train": account.written["train"],
        "validation": account.written["validation"],
    }


def _mended(account: Account) -> dict[str, list[dict[str, str]]]:
    """Return examples of what was mended, by fix."""
    return {
        fix: [text._asdict() for text in texts] for fix, texts in sorted(account.mended.items())
    }


def _claim(claim: Claim) -> dict[str, Any]:
    """Return a claim as data; the subsets it is about where it is not about all."""
    return {name: value for name, value in asdict(claim).items() if name != "subsets" or value}


def _notes(recipe: Recipe, accounts: list[Account], protection: Guard) -> list[str]:
    notes, invented = [], _invented(accounts)
    if samples := [name for name in invented if invented[name]]:
        whose = "" if len(samples) == len(invented) else f" of {', '.join(samples)}"
        notes.append(f"all rows{whose} are invented samples embedded in medqa_kit, not real data")
    for account in accounts:
        source = account.source
        if conflicting(account.claims):
            notes.append(
                f"{source.name}: licence claims contradict each other; what holds is "
                f"{summary(account.claims)}, commercial use: {strictest(account.claims).commercial}"
            )
        if source.warning:
            notes.append(f"{source.name}: {source.warning}")
        if account.own:
            notes += parent_notes(source, recipe.use)
        if account.accepted:
            notes.append(_accepted(account, recipe))
        if strictest(account.claims).commercial not in ("yes", "conditional"):
            notes.append(f"{source.name}: commercial use is not granted")
        if source.floating and recipe.use:
            notes.append(f"{source.name}: no revision is pinned, see its parts for what was read")
        if account.aside:
            notes.append(
                f"{source.name}: {sum(account.aside.values())} rows set aside while loading"
            )
        if account.left_out:
            notes.append(
                f"{source.name}: {sum(account.left_out.values())} of what upstream has is in no row, "
                "see `left_out` and the source's quirks"
            )
    # Entries of one source say the same of it.
    return list(dict.fromkeys(notes + protection.notes()))


def _accepted(account: Account, recipe: Recipe) -> str:
    """Say which clauses a recipe accepts, in their words."""
    clauses = "; ".join(
        f"{clause.license or 'no grant found'} ({clause.evidence}"
        f"{f': {clause.condition}' if clause.condition else ''})"
        for clause in account.accepted
    )
    plain = all(clause.answer == "conditional" for clause in account.accepted)
    return (f"{account.source.name}: no licence known to us grants {recipe.use} use"
            f"{' without conditions' if plain else ''}; the recipe accepts that: {clauses}")  # fmt: skip


def _difference(
    reference: Reference, accounts: list[Account], sources: list[dict[str, Any]]
) -> dict[str, Any]:
    copies = {account.label: account.copies for account in accounts}
    return difference(reference.rows, reference.sources, sources, copies, reference.notes)
