"""``mix``: rows of several sets in stated shares, chosen and ordered by a hash of their ids."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import number, one_of, whole_number
from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.arrow.hashing import hashes, key_order, scattered
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.core.arrow.text_columns import characters
from medqa_kit.core.holders import Opened, RowsT, batches, is_stream, opened, splits_of
from medqa_kit.core.report import Report
from medqa_kit.errors import ArgumentError, SchemaError, shorten
from medqa_kit.splitting.mixes.mixed_streams import mixed_stream
from medqa_kit.splitting.mixes.named_sets import checked_weights, common_schema, rows_across

MixedBy = Literal["rows", "chars", "tokens"]
"""What shares are of: rows, characters of their texts, or ``prompt_tokens`` and ``completion_tokens``,
the columns that :func:`medqa_kit.tokens.counts.token_counts` adds."""
Until = Literal["first", "last"]
"""Where a mix without a total ends: when the first set is used up, or when the last one is, the others
being repeated."""

_COUNTED = "token_counts(counter=...) of medqa_kit.tokens.counts makes a kernel that counts them"
_TOKENS = ("prompt_tokens", "completion_tokens")
_COLUMNS: dict[MixedBy, tuple[str, ...]] = {"rows": ("id",), "tokens": ("id", *_TOKENS)}


def mix(
    sets: Mapping[str, RowsT],
    *,
    weights: Mapping[str, float] | None = None,
    total: int | None = None,
    until: Until = "first",
    by: MixedBy = "rows",
    max_repeat: float = 1.0,
    temperature: float = 1.0,
    seed: int,
) -> tuple[RowsT, Report]:
    """Mix sets of rows in stated shares.

    Which rows are taken and where they come is a hash of the seed, the name of the set and the
    row's id. So the same call gives the same rows in the same order, and a row more or less changes
    no choice but those the shares force. A row is repeated only after all rows of its set were
    taken as often.

    Args:
        sets: The sets by name: tables, data sets, streams, data frames or lists of dicts, all of one
            kind and with the same columns. Each row has an ``id``. Streams are read once for their ids, and
            give the same rows as tables would: those of each set in its order, evenly spread.
        weights: The share of each set, in any unit: ``{"exam": 3, "dialogue": 1}``. By default the
            sizes of the sets, so that all rows are taken once.
        total: How much the mix holds, in the unit of ``by``. By default as much as there is, see
            ``until``.
        until: Where a mix without a total ends, see :data:`Until`.
        by: What shares and total are of, see :data:`MixedBy`.
        max_repeat: How often a row may be taken at most; 1.5 takes half of the rows twice.
        temperature: Above 1, small sets get more: weights are raised to ``1 / temperature``.
        seed: Another one gives another choice and order.

    Returns:
        The mix, in the same kind of container, with a column ``source`` that holds the set's name where
        rows have none; and the report, whose ``counts`` hold, for each set, the rows taken
        (``exam rows``), the share by ``by`` in percent (``exam share``) and the most often a row was
        taken (``exam repeats``).

    Raises:
        ArgumentError: The sets are of different kinds, a weight names none of them, or the
            shares cannot be met: the message says what can.
        SchemaError: The sets have different columns, or rows have no id.

    Example:
        >>> exam = pa.table({"id": [f"e/{n}" for n in range(30)]})
        >>> talk = pa.table({"id": [f"t/{n}" for n in range(5)]})
        >>> rows, report = mix({"exam": exam, "talk": talk}, weights={"exam": 3, "talk": 1}, seed=0)
        >>> rows.num_rows, report.counts["exam rows"], report.counts["talk share"]
        (20, 15, 25.0)
    """
    seed = whole_number("seed", seed)
    opened_sets = _checked(sets, until, by)
    if weights is not None:
        weights = checked_weights(sets, weights, least=0)
    max_repeat = number("max_repeat", max_repeat, least=0, hint="1 takes no row twice")
    temperature = number("temperature", temperature, least=0.01)
    if total is not None:
        total = whole_number("total", total, least=1)
    parts = [_Part.of(name, source.rows, by) for name, source in opened_sets.items()]
    shares = _shares(parts, weights, temperature)
    amounts = _amounts(parts, shares, total, until, max_repeat)
    chosen = [part.chosen(amount, seed) for part, amount in zip(parts, amounts, strict=True)]
    if not any(len(at) for _, at in chosen):
        least = min(int(part.sizes.min()) for part in parts if part.size)
        raise ArgumentError("no row fits into the mix", argument="until" if total is None else "total",
                            expected=f"room for a row: {least:,} {by} at the least",
                            found=f"{sum(amounts):,.0f} {by} at these weights",
                            hint="a larger total, or other weights")  # fmt: skip
    first = next(iter(opened_sets.values()))
    report = _report(parts, [at for _, at in chosen])
    rows_of = {name: source.rows for name, source in opened_sets.items()}
    if is_stream(first.rows):
        schema = common_schema(rows_of)
        return first.back(mixed_stream(rows_of, [at for _, at in chosen], schema)), report
    begins = np.cumsum([0, *(len(part.sizes) for part in parts)])
    places = np.concatenate([at + begin for (_, at), begin in zip(chosen, begins, strict=False)])
    places = places[key_order(np.concatenate([keys for keys, _ in chosen]))]
    return first.back(rows_across(rows_of, places)), report


@dataclass(frozen=True)
class _Part:
    """A set: hashes of its ids, and how large each row is."""

    name: str
    ids: npt.NDArray[np.uint64]
    sizes: Ints

    @classmethod
    def of(cls, name: str, rows: Any, by: MixedBy) -> _Part:
        ids, sizes = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
        for batch in batches(rows, columns=_COLUMNS.get(by)):
            table = pa.Table.from_batches([batch])
            if "id" not in table.column_names or table["id"].null_count:
                raise SchemaError("rows of a mix need an id each", source=name, column="id",
                                  expected="a name of its own for each row", found="none, or null",
                                  hint="mk.load gives ids; mk.read(..., key=...) makes them")  # fmt: skip
            ids.append(hashes(whole(table["id"]).cast(pa.string())))
            sizes.append(_sizes(table, by, name))
        return cls(name, np.concatenate(ids), np.concatenate(sizes))

    @property
    def size(self) -> int:
        """How much the set holds."""
        return int(self.sizes.sum())

    def chosen(self, amount: float, seed: int) -> tuple[npt.NDArray[np.uint64], Ints]:
        """Return keys to order by, and places of rows, that make up an amount: each row as often as others, or once more."""
        salt = np.uint64(zlib.crc32(self.name.encode()) + (seed << 32 & 0xFFFFFFFF00000000))
        keys = scattered(self.ids ^ scattered(np.array([salt]))[0])
        if not self.size:
            return keys[:0], np.zeros(0, np.int64)
        times, rest = divmod(amount, self.size)
        order = key_order(keys) if rest > 0 else np.zeros(0, np.int64)
        fits = np.flatnonzero(self.sizes[order] <= rest + 0.5)[:1]
        order = order[fits[0] :] if len(fits) else order[:0]  # from the first that fits
        more = order[: int(np.searchsorted(self.sizes[order].cumsum(), rest + 0.5, side="right"))]
        rounds = [np.arange(len(keys))] * int(times) + [more]
        return (
            np.concatenate(
                [scattered(keys[at] + np.uint64(turn)) for turn, at in enumerate(rounds)]
            ),
            np.concatenate(rounds),
        )


def _sizes(table: pa.Table, by: MixedBy, name: str) -> Ints:
    if by == "rows":
        return np.ones(table.num_rows, np.int64)
    if by == "tokens":
        sizes = np.zeros(table.num_rows, np.int64)
        absent = [column for column in _TOKENS if column not in table.column_names]
        if absent:
            raise SchemaError("the tokens of the rows are not counted", source=name, column=absent[0],
                              expected=" and ".join(_TOKENS), found=", ".join(table.column_names), hint=_COUNTED)  # fmt: skip
        for column in _TOKENS:
            try:
                counts = pc.fill_null(whole(table[column]).cast(pa.int64()), 0)
            except pa.ArrowException as error:
                raise SchemaError("tokens are counted in whole numbers", source=name, column=column, expected="int32",
                                  found=str(error), hint=_COUNTED) from error  # fmt: skip
            if least := min(pc.min(counts).as_py() or 0, 0):
                raise SchemaError("a row has less than no tokens", source=name, column=column, expected="0 at the least",
                                  found=f"{least:,}", hint=_COUNTED)  # fmt: skip
            sizes += counts.to_numpy()
        return sizes
    return characters(table)


def tempered(sizes: npt.NDArray[np.float64], temperature: float) -> npt.NDArray[np.float64]:
    """Raise sizes to the power of 1 / ``temperature``; only how they stand to each other counts.

    Example:
        >>> tempered(np.array([9.0, 0.0, 1.0]), 2).tolist(), tempered(np.array([3e3, 9.0]), 0.01).round(9).tolist()
        ([3.0, 0.0, 1.0], [1.0, 0.0])
    """
    with np.errstate(over="ignore"):
        raised = np.where(sizes > 0, np.maximum(sizes, 1e-300) ** (1 / temperature), 0.0)
        if np.isfinite(raised.sum()):
            return np.asarray(raised, np.float64)
    return tempered(sizes / sizes.max(), temperature)  # no power of these is too large


def _shares(
    parts: list[_Part], weights: Mapping[str, float] | None, temperature: float
) -> npt.NDArray[np.float64]:
    raw = np.array([part.size if weights is None else weights[part.name] for part in parts], float)
    raised = tempered(raw, temperature)
    if not raised.sum():
        raise ArgumentError("there is nothing to mix", argument="sets", expected="a set with rows",
                            found="empty sets, or weights of 0", hint="check the filters before")  # fmt: skip
    return np.asarray(raised / raised.sum(), np.float64)


def _amounts(
    parts: list[_Part],
    shares: npt.NDArray[np.float64],
    total: int | None,
    until: Until,
    most: float,
) -> list[float]:
    """Return how much of each set is taken."""
    sizes = np.array([part.size for part in parts], float)
    used = shares > 0
    if (sizes[used] == 0).any():
        empty = [
            part.name for part, share in zip(parts, shares, strict=True) if share and not part.size
        ]
        raise ArgumentError("a set with a weight has no rows", argument="sets", found=shorten(empty),
                            expected="rows in each", hint="leave it out, or give it the weight 0")  # fmt: skip
    once = sizes[used] / shares[used]
    whole_mix = (
        float(total)
        if total is not None
        else float(once.min() * min(most, 1.0) if until == "first" else once.max())
    )
    wanted = shares * whole_mix
    over = used & (wanted > sizes * most * (1 + 1e-9))
    if over.any():
        part = parts[int(np.argmax(over))]
        feasible = int(np.floor((once * most).min()))
        raise ArgumentError(
            f"the set {part.name!r} is too small for its share", argument="total" if total else "until",
            expected=f"at most {most:g} times each row: a total of {feasible:,} at these weights",
            found=f"{wanted[over][0]:,.0f} wanted, {part.size:,} there",
            hint=f"total={feasible}, a smaller weight, or max_repeat={np.ceil((wanted[used] / sizes[used]).max() * 10) / 10:g}",
        )  # fmt: skip
    return [float(amount) for amount in np.rint(wanted)]


def _report(parts: list[_Part], places: list[Ints]) -> Report:
    amounts = [int(part.sizes[at].sum()) for part, at in zip(parts, places, strict=True)]
    counts: dict[str, int | float] = {}
    for part, at, amount in zip(parts, places, amounts, strict=True):
        counts[f"{part.name} rows"] = len(at)
        counts[f"{part.name} share"] = round(100 * amount / max(sum(amounts), 1), 2)
        counts[f"{part.name} repeats"] = int(np.bincount(at).max()) if len(at) else 0
    kept = sum(_taken(part, at) for part, at in zip(parts, places, strict=True))
    return Report("mix", rows=sum(len(part.sizes) for part in parts), kept=kept, counts=counts,
                  notes=list(_notes(parts, places)))  # fmt: skip


def _taken(part: _Part, at: Ints) -> int:
    """Count the rows of a set that are taken at least once."""
    marks = np.zeros(len(part.sizes), bool)
    marks[at] = True
    return int(marks.sum())


def _notes(parts: list[_Part], places: list[Ints]) -> Iterator[str]:
    for part, at in zip(parts, places, strict=True):
        unused = len(part.sizes) - _taken(part, at)
        if unused:
            yield f"{unused:,} of {len(part.sizes):,} rows of {part.name} are not in the mix"


def _checked(sets: Any, until: Any, by: Any) -> dict[str, Opened[Any]]:
    """Check what is asked for, and open the sets: once, since a reader gives its rows but once."""
    if not isinstance(sets, Mapping) or not sets or splits_of(sets) is None:
        raise ArgumentError("sets= takes sets by name", argument="sets", expected="a dict of sets",
                            found=type(sets).__name__, hint='mk.mix({"exam": exam, "talk": talk}, seed=0)')  # fmt: skip
    one_of("until", until, get_args(Until))
    one_of("by", by, get_args(MixedBy))
    opened_sets = {name: opened(each) for name, each in sets.items()}
    rows = [each.rows for each in opened_sets.values()]
    if any(splits_of(each) is not None for each in rows):
        raise ArgumentError("a dict of splits cannot be mixed in stated shares", argument="sets",
                            expected="tables, data sets or streams", found=shorten([type(each).__name__ for each in rows]),
                            hint="name one split")  # fmt: skip
    if len({(isinstance(each, pa.Table), is_stream(each)) for each in rows}) > 1:
        raise ArgumentError("the sets are of different kinds", argument="sets", expected="all tables, all data sets or all streams",
                            found=shorten([type(each).__name__ for each in rows]), hint="convert some of them")  # fmt: skip
    return opened_sets
