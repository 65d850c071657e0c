"""Find out why a build never read a row: from its id, the manifest of the result and the catalogue."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.finished.row_places import ROW_MARK, FinishedResult
from medqa_kit.catalog.registry import names, source
from medqa_kit.core.arguments import did_you_mean
from medqa_kit.core.text.near_words import plain_word, suggestion
from medqa_kit.errors import shorten

NeverRead: TypeAlias = Literal[
    "unknown_source", "source_not_listed", "part_not_listed", "outside_slice", "no_such_row"
]
"""Why a row was never read.

* ``unknown_source``: neither the recipe nor the catalogue has the source its id names.
* ``source_not_listed``: the source is in the catalogue, and not in the recipe.
* ``part_not_listed``: no part that was read has the row; the recipe does not take the others.
* ``outside_slice``: the recipe takes a slice of the source, and rows outside it are only counted.
* ``no_such_row``: all parts with such ids were read, and none has this one.
"""

SAMPLE = "sample:"
_MOST_NEAR = 500


@dataclass(frozen=True)
class Absence:
    """Why a row was never read.

    Attributes:
        code: See :data:`NeverRead`.
        detail: A sentence.
        hint: What may have been meant; may be empty.
    """

    code: NeverRead
    detail: str
    hint: str = ""


def absence(id: str, result: FinishedResult) -> Absence:
    """Say why a row that is neither in a result nor listed as dropped was never read.

    Args:
        id: Its id.
        result: The result.
    """
    entries = result.manifest["sources"]
    label = id.removeprefix(SAMPLE).partition("/")[0]
    own = [each for each in entries if each["name"] == label]
    if not own:
        cause = _without_source(label, entries)
    else:
        cause = _of_source(id, own, result.manifest["recipe"]["sources"])
    spelled = _spelled(id, result)
    if spelled[:1] == [row := re.sub(ROW_MARK, "", id)] and row != id:
        return Absence(
            "no_such_row",
            f"{row} is in the result, and no copy of it has this id",
            suggestion([row]),
        )
    if not spelled and cause.code == "no_such_row":
        return Absence(cause.code, cause.detail, did_you_mean(id, _near(id, result)))
    return Absence(cause.code, cause.detail, suggestion(spelled[:1]) or cause.hint)


def _without_source(label: str, entries: Sequence[Mapping[str, Any]]) -> Absence:
    listed = dict.fromkeys(each["name"] for each in entries)
    said = f"its sources are {', '.join(listed)}"
    if alias := next((each["name"] for each in entries if each.get("as") == label), None):
        return Absence("unknown_source", f"ids begin with the name of a source, and {label} is what the recipe "
                       f"calls {alias}", suggestion([f"{alias}/…"]))  # fmt: skip
    if label in names():
        return Absence("source_not_listed", f"the recipe does not read {label}; {said}")
    return Absence("unknown_source", f"{shorten([label])} is no source of the recipe or the catalogue; {said}",
                   did_you_mean(label, [*listed, *names()]))  # fmt: skip


def _of_source(
    id: str, entries: Sequence[Mapping[str, Any]], ingredients: Sequence[Mapping[str, Any]]
) -> Absence:
    name = entries[0]["name"]
    read = list(dict.fromkeys(part for each in entries for part in each["parts"]))
    there = _parts_of(id, name, read, own=bool(entries[0].get("own")))
    unread = [part for part in there if part not in read]
    aside = sum(sum(each["set_aside"].values()) for each in entries)
    notes = f"; {aside:,} of its raw rows never became rows, see the folder aside" if aside else ""
    outside = sum(p.get("outside_slice", 0) for each in entries for p in each["parts"].values())
    if not there:
        return Absence("no_such_row", f"no part of {name} has ids that begin so; read were {', '.join(read)}{notes}")  # fmt: skip
    if unread:
        says = "; ".join(
            dict.fromkeys(
                _takes(ingredient) for ingredient in ingredients if ingredient["name"] == name
            )
        )
        return Absence("part_not_listed", f"no part that was read has it; not read: {', '.join(unread)}; "
                       f"the recipe takes {says}{notes}")  # fmt: skip
    if outside:
        pieces = [
            str(ingredient["slice"])
            for ingredient in ingredients
            if ingredient["name"] == name and ingredient.get("slice")
        ]
        return Absence("outside_slice", f"{outside:,} rows of {name} are outside the slice {', '.join(pieces)} and "
                       f"are not listed: this is one of them, or there is no such row{notes}")  # fmt: skip
    if entries[0].get("own") and not any(
        ingredient.get("key") for ingredient in ingredients if ingredient["name"] == name
    ):
        notes += "; its ids end with a hash of the row, since the recipe names no column with the key of ids"
    return Absence("no_such_row", f"{', '.join(there)} of {name} was read to the end, and no row has this id{notes}")  # fmt: skip


def _parts_of(id: str, name: str, read: list[str], *, own: bool) -> list[str]:
    """Return the parts whose ids begin as this one does, of those with the longest beginning."""
    if own or name not in names():
        return read
    known = source(name)
    begins = {part.name: known.id_beginning(part) for part in known.parts}
    fits = {part: begin for part, begin in begins.items() if id.removeprefix(SAMPLE).startswith(begin)}  # fmt: skip
    longest = max(map(len, fits.values()), default=0)
    return [part for part, begin in fits.items() if len(begin) == longest]


def _takes(ingredient: Mapping[str, Any]) -> str:
    subset = f"subset {ingredient['subset']}, " if ingredient.get("subset") else ""
    return f"{subset}split {', '.join(ingredient['split'])}"


def _spelled(id: str, result: FinishedResult) -> list[str]:
    """Return the ids of the result that differ in what does not count: case, blanks, hyphens, ``sample:``, a copy's mark.

    Behind them, those that end so, and begin with the name of a source or of a part.
    """
    folded = re.sub(ROW_MARK, "", plain_word(id).removeprefix(SAMPLE))
    label, _, rest = folded.partition("/")
    named = [plain_word(each["name"]) for each in result.manifest["sources"] if plain_word(each.get("as") or "") == label]  # fmt: skip
    words = [plain_word(id).removeprefix(SAMPLE), folded, *(f"{name}/{rest}" for name in named)]
    alike = pa.array(words)
    matches: list[str] = []
    ended: list[str] = []
    for ids in _all_ids(result):
        ids = _ending_in(ids, {*" _-", *(word[-1:] for word in words)})
        plain = pc.replace_substring_regex(pc.utf8_lower(ids), f"^{SAMPLE}|[ _-]", "")
        matches += ids.filter(pc.is_in(plain, value_set=alike)).to_pylist()  # none, or few
        if not ended:
            ended = ids.filter(pc.ends_with(plain, f"/{folded}")).slice(0, _MOST_NEAR).to_pylist()
    return list(dict.fromkeys([*matches, *ended]))


def _ending_in(ids: pa.ChunkedArray, letters: Collection[str]) -> pa.ChunkedArray:
    """Keep ids by their last letter, whatever its case: all others are looked at no further."""
    lower = pc.utf8_lower(ids)
    ends = [pc.ends_with(lower, letter) for letter in sorted(letters)]
    return ids.filter(reduce(pc.or_, ends))


def _near(id: str, result: FinishedResult) -> list[str]:
    """Return ids of the result that are like one: with the same key, or half of it."""
    begin, _, key = id.rpartition("/")
    half = f"{begin}/{key[: max(len(key) // 2, 1)]}"
    matches: list[str] = []
    for ids in _all_ids(result):
        like = pc.or_(pc.ends_with(ids, f"/{key}"), pc.starts_with(ids, half))
        places = np.flatnonzero(like.to_numpy())[: _MOST_NEAR - len(matches)]
        matches += ids.take(pa.array(places)).to_pylist()
    return matches


def _all_ids(result: FinishedResult) -> Iterable[pa.ChunkedArray]:
    rows = result.formats[0]
    for split in rows.splits:
        for _, table in result.columns(rows, split, ["id"]):
            yield result.plain_ids(rows, table["id"].cast(pa.string()))
    for table in result.dropped():
        yield table["id"]
