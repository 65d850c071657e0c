"""Divide rows of a source among the entries of a recipe that read it: each row goes to one entry."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash

from medqa_kit.building.account import Account
from medqa_kit.building.engines.workers import HERE, Workers
from medqa_kit.building.kept.decided_tables import NOTHING_KEPT, DecidedTables
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.stages.conditions_met import conditions_unmet, of_other_years
from medqa_kit.building.stages.lengths import counter_name, counter_of
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.building.work.listed_pieces import listed_pieces
from medqa_kit.building.work.set_reading import TakenPart
from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.selection import choose

Taken: TypeAlias = list[list[TakenPart]]
"""Of each entry of a recipe, the rows that are taken of its parts."""


def entries_apart(
    recipe: Recipe,
    accounts: Sequence[Account],
    taken: Taken,
    workers: Workers = HERE,
    *,
    decided: DecidedTables = NOTHING_KEPT,
) -> Taken:
    """Leave each row that several entries of one source read to the entry that takes it.

    A recipe may list a source several times, with other years or conditions each time. A row is then read by
    several entries: those whose years or conditions it does not meet pass it over and count it, where another
    entry takes it; if none does, the first entry lists it as left out. A row that several entries take stays in
    all of them, and the build refuses it.

    Args:
        recipe: The recipe.
        accounts: Of its entries; what an entry passes over is noted there.
        taken: Of each entry, the rows that are taken of its parts.
        workers: What works on single rows.
        decided: What earlier builds decided.

    Returns:
        As ``taken``, without what is passed over.

    Raises:
        RecipeError: A condition looks at what the rows do not have, or no row is of the years asked for.
    """
    _count_aside_once(accounts, taken)
    narrowing = any(
        ingredient.years is not None or ingredient.where is not None
        for ingredient in recipe.sources
    )
    places = [(at, part.prepared.note.name) for at, parts in enumerate(taken) for part in parts]
    keys = [(accounts[at].source.name, part) for at, part in places]
    shared = np.flatnonzero([Counter(keys)[key] > 1 for key in keys])
    if not narrowing or not len(shared):
        return taken
    pieces = listed_pieces(recipe, accounts, taken, workers, decided=decided)
    stays = _stays(recipe, pieces, shared, [keys[at] for at in shared])
    flat = [part for parts in taken for part in parts]
    for at, marks in zip(shared.tolist(), stays, strict=True):
        if not marks.all():
            entry, part = places[at]
            accounts[entry].parts[part] |= {
                "rows": int(marks.sum()),
                "of_other_entries": int((~marks).sum()),
            }
            flat[at] = _narrowed(flat[at], marks)
    rest = iter(flat)
    return [[next(rest) for _ in parts] for parts in taken]


def _count_aside_once(accounts: Sequence[Account], taken: Taken) -> None:
    """Leave what never became rows to the first entry that read it."""
    known: set[tuple[str, str]] = set()
    for account, parts in zip(accounts, taken, strict=True):
        for note in (part.prepared.note for part in parts):
            read = account.source.name, repr(note)
            if read in known and (note.aside or note.left_out):
                account.forget_aside(note)
            known.add(read)


def _stays(
    recipe: Recipe, pieces: SetPieces, shared: Ints, keys: Sequence[tuple[str, str]]
) -> list[Mask]:
    """Mark for each of the shared pieces the rows that are not another entry's."""
    listed = [pieces.listed[at] for at in shared]
    begins, taken = pieces.begins, np.ones(pieces.num_rows, bool)
    taken[of_other_years(pieces)["row"].to_numpy()] = False
    several = SetPieces(tuple(listed), pieces.workers, pieces.decided)
    taken = np.concatenate([taken[begins[at] : begins[at + 1]] for at in shared])
    counter = counter_of(recipe)
    unmet = conditions_unmet(
        several, counter, counted_by=counter_name(recipe, counter), advance=lambda _: None
    )
    taken[unmet["row"].to_numpy()] = False
    spans = list(zip(keys, several.begins.tolist(), several.begins.tolist()[1:], strict=False))
    stays = np.ones(several.num_rows, bool)
    for key in dict.fromkeys(keys):  # parts: few
        own = [(begin, end) for name, begin, end in spans if name == key]
        at = np.concatenate([np.arange(begin, end) for begin, end in own])
        entry = np.repeat(np.arange(len(own)), [end - begin for begin, end in own])
        stays[at] = _of_entry(_codes(several, own), entry, taken[at])
    return [stays[begin:end] for _, begin, end in spans]


def _codes(pieces: SetPieces, spans: Sequence[tuple[int, int]]) -> npt.NDArray[np.int32]:
    """Number the ids of some rows, equal ids alike."""
    ids = pieces.column("id")
    chunks = [chunk for begin, end in spans for chunk in ids.slice(begin, end - begin).chunks]
    codes: npt.NDArray[np.int32] = (
        whole(pa.chunked_array(chunks, ids.type)).dictionary_encode().indices.to_numpy()
    )
    return codes


def _of_entry(codes: npt.NDArray[np.int32], entry: Ints, taken: Mask) -> Mask:
    """Mark the rows that stay with their entry: those it takes, and those of the first one where none does."""
    size = int(codes.max(initial=-1)) + 1
    wanted = np.bincount(codes[taken], minlength=size) > 0
    first = np.full(size, len(entry), np.int64)
    np.minimum.at(first, codes, entry)
    marks: Mask = taken | (~wanted[codes] & (first[codes] == entry))
    return marks


def _narrowed(part: TakenPart, marks: Mask) -> TakenPart:
    """Return the rows of a part that are marked."""
    content = part.content
    if content is not None:
        digest = xxhash.xxh3_128_hexdigest(np.packbits(marks).data)
        content = json.dumps([content, "of other entries", digest])
    return replace(part, data=choose(part.data, marks), content=content)
