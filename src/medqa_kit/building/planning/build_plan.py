"""``plan``: describe what a build would do, before the first byte is fetched."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from html import escape
from typing import Any, get_args

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.output.format_files import TRAIN
from medqa_kit.building.planning.costs import costs
from medqa_kit.building.planning.expected import Expected, expected
from medqa_kit.building.planning.known_rows import RowsAtHand, part_of_recipe, rows_at_hand
from medqa_kit.building.planning.mix_outlook import (
    MixOutlook,
    cells_of,
    drawn_mix,
    mix_outlook,
)
from medqa_kit.building.planning.objections import (
    Objection,
    conditions,
    known_sources,
    objection,
    problem_table,
    recipe_objections,
)
from medqa_kit.building.planning.outlook import HOLDOUTS, MIX, SOURCES, STAGES
from medqa_kit.building.planning.plan_notes import plan_notes
from medqa_kit.building.planning.request_costs import request_costs
from medqa_kit.building.recipe_lock import recipe_lock
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.recipes.shipped_recipes import recipe_of
from medqa_kit.building.recipes.whole_set import Gated
from medqa_kit.building.stages.fates import nothing_left
from medqa_kit.building.stages.gates import gate_results
from medqa_kit.building.work.build_lock import RecipeLock
from medqa_kit.catalog import Source
from medqa_kit.core.arguments import one_of
from medqa_kit.core.arrow.columns import counted_values
from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.core.tables import cell, counted
from medqa_kit.errors import OfflineError, printable
from medqa_kit.loading.request import Origin, cache_root
from medqa_kit.splitting.portions import VALIDATION

_ORIGINS = ("hub", "sample")


@dataclass(frozen=True, eq=False, repr=False)
class BuildPlan(Shown):
    """What a build would do. It prints as tables.

    The columns of the tables are those of :mod:`medqa_kit.building.planning.outlook`; ``basis`` says how sure
    a number is.

    Attributes:
        name: Name of the recipe.
        use: What it is for.
        problems: What keeps it from being built, of all sources at once: schema, licence, holdouts, mix.
        sources: Source by source, what is read and kept, how long it is, and its licence.
        stages: Rows that each stage leaves out, by reason.
        mix: The solved mix, as a build draws it where all rows are here; the nearest one where the recipe's
            cannot be met. Without rows where the recipe has no mix.
        conditions: What keeps the use of a source from a plain yes, and whether the recipe accepts it.
        holdouts: Holdouts, and how many rows that are on this machine hold one of their items.
        costs: Rows and bytes to write, bytes to fetch, seconds.
        notes: Sentences a person should read.

    Example:
        >>> outlook = plan({"name": "demo", "source": [{"name": "kbmc"}]}, origin="sample")
        >>> outlook.name, len(outlook.problems), outlook.sources["source"].to_pylist()
        ('demo', 0, ['kbmc'])
    """

    name: str
    use: str
    problems: pa.Table
    sources: pa.Table
    stages: pa.Table
    mix: pa.Table
    conditions: pa.Table
    holdouts: pa.Table
    costs: pa.Table
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, the tables as lists of dicts."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value.to_pylist() if isinstance(value, pa.Table) else value for name, value in values.items()}  # fmt: skip

    def to_json(self) -> str:
        """Return it as JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def to_html(self) -> str:
        """Return it as a page of HTML without anything from elsewhere."""
        return (f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(self.name)}</title>'
                f"<body>{self._repr_html_()}</body></html>\n")  # fmt: skip

    def _blocks(self) -> Iterator[Block]:
        problems = self.problems.num_rows
        verdict = f"cannot be built, {counted(problems, 'problem')}" if problems else "can be built"
        yield f"{self.name}: {verdict}, for {self.use} use"
        yield from map(_whole_problem, self.problems.to_pylist())
        yield from (f"note: {note}" for note in self.notes)
        tables = [
            field.name for field in fields(self) if isinstance(getattr(self, field.name), pa.Table)
        ]
        for name in tables:
            table = getattr(self, name)
            # These are told whole: a remedy is to be copied.
            if table.num_rows and name != "problems":
                yield [_header(name, table), *(tuple(_cell(value) for value in row.values()) for row in table.to_pylist())]  # fmt: skip


def _whole_problem(row: Mapping[str, Any]) -> str:
    """Return a problem and its remedy, whole, on a line each."""
    of = f", {row['source']}" if row["source"] else ""
    said = [f"problem ({row['kind']}{of}): {row['problem']}", *[f"remedy: {row['remedy']}"] * bool(row["remedy"])]  # fmt: skip
    return "\n  ".join(printable(" ".join(line.split())) for line in said)


def _header(name: str, table: pa.Table) -> tuple[str, ...]:
    """Name a table in its first cell."""
    first, *rest = table.column_names
    return (f"{name}: {first}", *rest)


def _cell(value: object) -> str:
    return "yes" if value is True else "no" if value is False else cell(value)


def plan(
    recipe: Recipe | str | os.PathLike[str] | Mapping[str, Any],
    *,
    origin: Origin = "hub",
    cache_dir: str | os.PathLike[str] | None = None,
    settings: Mapping[str, Any] | None = None,
    lock: str | os.PathLike[str] | None = None,
    frozen: bool = False,
) -> BuildPlan:
    """Describe what :func:`medqa_kit.build` would do with a recipe, before anything is fetched and without a request to a hub.

    Rows on this machine, in the cache or in local files, pass through the stages; of other rows the catalogue
    gives the number. The time grows with the number of rows on this machine.

    Args:
        recipe: As in :func:`medqa_kit.build`.
        origin: Likewise.
        cache_dir: Root of the ``datasets`` cache.
        settings: As in :func:`medqa_kit.build`.
        lock: Likewise; it is compared with facts that are known without a network, and it is not changed.
        frozen: Likewise: a fact that is not in the lockfile, or a file that is not in the caches, is a problem.

    Returns:
        The plan. A recipe that cannot be built has ``problems``, all of them together.

    Raises:
        RecipeError: It is no recipe.
        ArgumentError: A frozen build has no lockfile.

    Example:
        >>> recipe = {"name": "demo", "source": [{"name": "kormedmcqa", "weight": 3}, {"name": "kbmc", "weight": 1}],
        ...           "mix": {"size": 8}, "format": {"record": "trl/messages"}}
        >>> outlook = plan(recipe, origin="sample")
        >>> outlook.mix.select(["source", "taken", "bound_by"]).to_pylist()
        [{'source': 'kormedmcqa', 'taken': 6, 'bound_by': None}, {'source': 'kbmc', 'taken': 2, 'bound_by': None}]
        >>> plan({**recipe, "mix": {"size": 4000}}, origin="sample").problems["kind"].to_pylist()
        ['mix']
    """
    one_of("origin", origin, _ORIGINS)
    cache_root(cache_dir)  # one that cannot be is told here, and not of each source
    wanted = recipe_of(recipe, settings)
    all_sources, problems = known_sources(wanted)
    wanted, sources = _with(wanted, all_sources)
    problems += recipe_objections(wanted, sources)
    readable, rest = _readable(wanted, sources, problems)
    hold = recipe_lock(readable, rest, lock, frozen=frozen, origin=origin, cache_dir=cache_dir, token=None)  # fmt: skip
    known = rows_at_hand(readable, rest, origin=origin, cache_dir=cache_dir, hold=hold)
    listed = expected(readable, rest, known, cache_dir)
    unmixed = readable.mix is None or known.stopped is not None
    mix = None if unmixed else _mix(readable, listed, known)
    problems += _found_in_rows(readable, known, mix)
    problems += _lock_objections(known, hold)
    return BuildPlan(
        wanted.name, wanted.use, problem_table(problems),
        pa.Table.from_pylist([each.row() for each in listed], SOURCES),
        pa.Table.from_pylist([row for each in listed for row in each.stages(known.whole)], STAGES),
        MIX.empty_table() if mix is None else mix.table, conditions(wanted, sources), _holdouts(known),
        pa.concat_tables([costs(readable, listed, mix, known), request_costs(readable, rest, listed, known)]),
        tuple(plan_notes(readable, rest, listed, known, mix)),
    )  # fmt: skip


def _with(recipe: Recipe, sources: Sequence[Source | None]) -> tuple[Recipe, list[Source]]:
    """Return a recipe with the sources that are known, and these."""
    pairs = [(ingredient, source) for ingredient, source in zip(recipe.sources, sources, strict=True) if source is not None]  # fmt: skip
    if len(pairs) < len(sources):
        recipe = part_of_recipe(recipe, [ingredient for ingredient, _ in pairs])
    return recipe, [source for _, source in pairs]


def _readable(
    recipe: Recipe, sources: Sequence[Source], problems: Sequence[Objection]
) -> tuple[Recipe, list[Source]]:
    """Return what of a recipe can be looked at in spite of its problems."""
    unfit = {row["source"] for row in problems if row["kind"] == "schema"}
    fit = [None if ingredient.label in unfit else source for ingredient, source in zip(recipe.sources, sources, strict=True)]  # fmt: skip
    part, rest = _with(recipe, fit)
    if any(row["kind"] == "tokenizer" for row in problems):
        uncounted = tuple(
            ingredient
            if ingredient.where is None
            else replace(ingredient, where=replace(ingredient.where, tokens=None))
            for ingredient in part.sources
        )
        part = part_of_recipe(part, uncounted)
        object.__setattr__(part, "mix", None)  # no row can be measured for it
    return part, rest


def _found_in_rows(
    recipe: Recipe, known: RowsAtHand, mix: MixOutlook | None
) -> Iterator[Objection]:
    for label, why in known.absent.items():
        if not isinstance(why, OfflineError):  # not absent only since the hub was not asked
            yield objection("source", why, label)
    yield from (objection("holdout", why, name) for name, why in known.unsaved.items())
    if known.whole and known.accounts and not known.fates.kept.any():
        left_out = counted_values(known.fates.left_out["reason"])
        yield objection("rows", nothing_left(recipe.name, known.pieces.num_rows, left_out))
    elif known.whole and known.accounts and known.undrawn is None and not _written(known):
        read, left_out = known.pieces.num_rows, counted_values(known.left_out["reason"])
        kind = "rows" if known.mixture is None else "mix"
        yield objection(kind, nothing_left(recipe.name, read, left_out))
    if known.stopped is not None:
        yield objection("rows", known.stopped, known.stopped.source)
    elif known.whole:
        fates = known.fates if known.outcome is None else known.outcome
        for gate in gate_results(recipe, known.accounts, fates, known.pieces):
            # A mix leaves out more rows, and it is its rows that the other gates look at.
            if not gate.passed and (
                mix is None or known.outcome is not None or gate.name in get_args(Gated)
            ):
                yield {"kind": "gate", "source": None, "problem": str(gate),
                       "remedy": gate.remedy}  # fmt: skip
    if mix is not None and mix.error is not None:
        yield objection("mix", mix.error)


def _lock_objections(known: RowsAtHand, hold: RecipeLock | None) -> Iterator[Objection]:
    """Say what does not fit the lockfile, and what a frozen build would have to fetch."""
    yield from (objection("lock", error) for error in known.unlocked)
    if hold is None or not hold.frozen or known.unlocked:
        return
    lacking: list[tuple[str, str | None]] = [
        (f"the items of {name}", None) for name, items in known.holdouts.items()
        if items is None and name not in known.unsaved
    ]  # fmt: skip
    lacking += [("its rows", label) for label, why in known.absent.items() if isinstance(why, OfflineError)]  # fmt: skip
    for lacking_rows, label in lacking:
        yield {"kind": "lock", "source": label, "problem": f"{lacking_rows} are not on this machine, and a frozen build has no network",
               "remedy": hold.fetching}  # fmt: skip


def _written(known: RowsAtHand) -> int:
    """Count the rows that are in ``train`` after the mix, or in ``validation``."""
    trained = sum(
        known.written(label) for label in {ingredient.label for ingredient in known.recipe.sources}
    )
    return trained + int(known.in_part(VALIDATION).sum())


def _mix(recipe: Recipe, listed: Sequence[Expected], known: RowsAtHand) -> MixOutlook:
    """Solve the mix of the sources whose sizes are known, unless it could be drawn."""
    if known.mixture is not None:
        lengths = {each.label: each.lengths for each in listed}
        return drawn_mix(known.mixture, lengths, {each.label: each.basis for each in listed})
    sized = [each for each in listed if each.sizes or each.kept[TRAIN] == 0]
    labels = [each.label for each in sized]
    part = part_of_recipe(
        recipe, [ingredient for ingredient in recipe.sources if ingredient.label in labels]
    )
    sizes = {
        (each.label, language): size for each in sized for language, size in each.sizes.items()
    }
    lengths = {each.label: each.lengths for each in sized}
    unit = recipe.mix.by if recipe.mix is not None else "rows"
    basis = {each.label: "guess" if unit != "rows" and each.lengths is not None and each.lengths.basis == "guess"
             else each.basis for each in sized}  # fmt: skip
    outlook = mix_outlook(part, cells_of(sizes, labels), lengths, basis)
    if outlook.error is None and known.undrawn is not None:  # by sizes it can be met, by rows not
        return MixOutlook(MIX.empty_table(), known.undrawn)
    return outlook


def _holdouts(known: RowsAtHand) -> pa.Table:
    left = known.fates.left_out
    held_out = left.filter(pc.starts_with(left["reason"], "held_out"))
    names = pc.replace_substring_regex(held_out["detail"], ": .*", "").to_pylist()
    rows = [
        {"holdout": name, "state": "not on this machine" if items is None else "here",
         "items": None if items is None else len(items), "rows": names.count(name),
         "basis": "unknown" if items is None else "exact" if not known.absent else "so far"}
        for name, items in known.holdouts.items()
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, HOLDOUTS)
