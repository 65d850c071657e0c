"""From a raw batch to a normalised one: the source's function, then provenance, then checks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from medqa_kit.catalog.layouts import Layout, RowCounts
from medqa_kit.catalog.model import Source
from medqa_kit.catalog.parts import Part
from medqa_kit.core.arrow.columns import Column, uncastable, whole
from medqa_kit.errors import (
    AccountError,
    MedQAError,
    RowError,
    SchemaError,
    ValueTypeError,
    shorten,
)
from medqa_kit.normalizing.columns import RAW_ROW
from medqa_kit.normalizing.row_checks import check_rows
from medqa_kit.schemas import fitted


@dataclass(frozen=True)
class NormalizedBatch:
    """The normalised rows of a batch of raw rows, and the raw row of each.

    Attributes:
        table: The rows.
        origins: ``int64[table.num_rows]``: position of the raw row that each row is made of.
        absent: ``bool`` for each raw row: whether no row is made of it.
        left_out: For each reason, how much of each raw row is in no row.
        passed_over: For each reason, the absent raw rows of which no row is expected.
    """

    table: pa.Table
    origins: npt.NDArray[np.int64]
    absent: npt.NDArray[np.bool_]
    left_out: Mapping[str, npt.NDArray[np.int64]]
    passed_over: Mapping[str, npt.NDArray[np.int64]]


@dataclass(frozen=True, kw_only=True)
class Normalizer:
    """The kernel of one part: raw rows in, rows of one of the seven schemas out.

    Attributes:
        source: Name of the source.
        subset: Name of the subset, if any.
        split: Our name of the split.
        layout: Declares the raw schema and the source's own function.
        language: Filled in where the source's function gives no language.
        keep: Raw columns to keep.
        prefix: The beginning of ids: source, subset, and the split where keys repeat across splits.

    Example:
        >>> from medqa_kit.catalog import source
        >>> kormedmcqa = source("kormedmcqa")
        >>> kernel = Normalizer.of(kormedmcqa, kormedmcqa.select("doctor", "test")[0])
        >>> kernel(kernel.layout.raw.empty_table()).schema.names[:4]
        ['id', 'source', 'subset', 'split']
    """

    source: str
    subset: str | None
    split: str
    layout: Layout
    language: str | None = None
    keep: tuple[str, ...] = ()
    prefix: str

    @classmethod
    def of(
        cls,
        source: Source,
        part: Part,
        *,
        layout: Layout | None = None,
        keep: tuple[str, ...] = (),
        sample: bool = False,
    ) -> Normalizer:
        """Make the kernel of one part of a source.

        Args:
            source: The source.
            part: One of its parts.
            layout: Instead of the part's own, such as one with another view.
            keep: Raw columns to carry along.
            sample: Whether the rows are invented; ids then start with ``sample:``.
        """
        layout = layout or source.layout_of(part)
        return cls(
            source=source.name,
            subset=part.subset,
            split=part.split,
            layout=layout,
            language=source.language[0] if len(source.language) == 1 else None,
            keep=keep,
            prefix="sample:" * sample + source.id_beginning(part, layout),
        )

    def __call__(self, raw: pa.Table) -> pa.Table:
        """Normalise one batch.

        Args:
            raw: Columns and types of ``layout.raw``.

        Returns:
            Columns of ``layout.schema``, then those of ``keep``.

        Raises:
            RowError: Rows are not what the source declared; ``rows`` are positions in ``raw``.
            AccountError: Raw rows are in no row, and no reason is counted for that.
        """
        return self.batch(raw).table

    def batch(self, raw: pa.Table) -> NormalizedBatch:
        """Normalise one batch, and return the raw row of each row; see :meth:`__call__`."""
        origins = None
        try:
            normalized = self._normalized(raw)
            origins = self._origins(normalized, raw)
            table = self._fitted(self._traced(normalized))
            check_rows(table)
        except RowError as error:
            if origins is not None:
                error.rows = sorted({int(origins[row]) for row in error.rows})
            raise error.at(source=self.source, part=self.part) from error.__cause__
        except MedQAError as error:
            raise error.at(source=self.source, part=self.part) from error.__cause__
        absent = np.ones(raw.num_rows, dtype=bool)
        absent[origins] = False
        left_out = self._counted(self.layout.left_out, raw)
        passed_over = _only(absent, self._counted(self.layout.passed_over, raw))
        self._refuse_lost(absent, {**left_out, **passed_over})
        table = self._with_kept(table, raw, origins)
        return NormalizedBatch(table, origins, absent, left_out, passed_over)

    @property
    def part(self) -> str:
        """Name of the part."""
        return Part(self.subset, self.split).name

    def raw_batch(self, raw: pa.Table) -> NormalizedBatch:
        """Return upstream's own columns behind ``id``, that of the first row made of each raw row.

        Nothing of the rows is checked: this is the view for looking at bad ones. A raw row that
        the source cannot read has an id that says so. Raw rows of which the source makes none
        (those that a filter leaves to another source) are left out. A column upstream itself calls
        ``id`` is named ``upstream_id``.
        """
        normalized, good = self._readable(raw)
        rows_read = raw.take(pa.array(good))
        origins = good[self._origins(normalized, rows_read)]
        made_of, first = np.unique(origins, return_index=True)
        bad = np.setdiff1d(np.arange(raw.num_rows), good)
        shown = np.concatenate([made_of, bad])
        ids = pa.concat_arrays([whole(self._ids(normalized).take(pa.array(first))).cast(pa.string()),
                                self._unread_ids(raw.take(pa.array(bad)))])  # fmt: skip
        if ids.null_count:
            ids = pc.coalesce(ids, self._unread_ids(raw.take(pa.array(shown))))
        order = np.argsort(shown, kind="stable")
        rows = raw.take(pa.array(shown[order]))
        names = ["upstream_id" if name == "id" else name for name in raw.column_names]
        table = pa.table([ids.take(pa.array(order)), *rows.columns], names=["id", *names])
        absent = np.ones(raw.num_rows, dtype=bool)
        absent[shown] = False
        left_out, passed_over = (
            {
                reason: _spread(of, good, raw.num_rows)
                for reason, of in self._counted(counts, rows_read).items()
            }
            for counts in (self.layout.left_out, self.layout.passed_over)
        )
        self._refuse_lost(absent, {**left_out, **passed_over})
        return NormalizedBatch(table, shown[order], absent, _only(absent, left_out),
                               _only(absent, passed_over))  # fmt: skip

    def _readable(self, raw: pa.Table) -> tuple[pa.Table, npt.NDArray[np.int64]]:
        """Return the rows that the source makes of readable raw rows, and the positions of these raw rows."""
        good = np.arange(raw.num_rows)
        while True:
            try:
                return self._normalized(raw.take(pa.array(good))), good
            except RowError as error:
                if not error.rows:
                    raise
                good = np.delete(good, error.rows)

    def _ids(self, normalized: pa.Table) -> Column:
        keys = normalized["id"].cast(pa.string())
        empty = pc.equal(pc.binary_length(keys), 0)
        if not self.layout.repeats and pc.any(empty).as_py():  # the check of the rows says so
            keys = pc.if_else(empty, pa.scalar(None, pa.string()), keys)
        return pc.binary_join_element_wise(pa.scalar(self.prefix), keys, "")

    def _unread_ids(self, raw: pa.Table) -> pa.Array:
        """Make ids of raw rows as they stand; in a loop, for there are few."""
        lines = (json.dumps(row, ensure_ascii=False, default=str) for row in raw.to_pylist())
        return pa.array(
            [
                f"{self.prefix}unread-{xxhash.xxh3_64_hexdigest(line.encode('utf-8', 'surrogatepass'))}"
                for line in lines
            ],
            pa.string(),
        )

    def _origins(self, normalized: pa.Table, raw: pa.Table) -> npt.NDArray[np.int64]:
        if RAW_ROW in normalized.column_names:
            return np.asarray(normalized[RAW_ROW].to_numpy(), dtype=np.int64)
        if normalized.num_rows != raw.num_rows:
            raise AccountError(
                "the source's function does not say which raw row each row is made of",
                expected=f"{raw.num_rows:,} rows, one of each raw row, or a column {RAW_ROW!r}",
                found=f"{normalized.num_rows:,} rows",
                hint=f"let it return the position of the raw row as {RAW_ROW!r}",
            )
        return np.arange(raw.num_rows)

    def _counted(
        self, counts: RowCounts | None, raw: pa.Table
    ) -> Mapping[str, npt.NDArray[np.int64]]:
        if counts is None:
            return {}
        numbers = {reason: np.asarray(of).astype(np.int64) for reason, of in counts(raw).items()}
        if wrong := [reason for reason, of in numbers.items() if of.shape != (raw.num_rows,)]:
            raise AccountError(
                "what is left out is not counted for each raw row", source=self.source,
                part=self.part, expected=f"an array of {raw.num_rows:,} numbers a reason",
                found=f"another shape for {shorten(wrong)}",
                hint="see left_out and passed_over of mk.catalog.Layout",
            )  # fmt: skip
        return numbers

    def _refuse_lost(
        self, absent: npt.NDArray[np.bool_], counted: Mapping[str, npt.NDArray[np.int64]]
    ) -> None:
        """Refuse raw rows that are in no row without a reason: read = origins + left out."""
        lost = absent.copy()
        for amounts in counted.values():
            lost &= amounts <= 0
        if lost.any():
            raise AccountError(
                "raw rows are in no row, and no reason is counted for that", source=self.source,
                part=self.part, expected=f"a row of each of {len(lost):,} raw rows, or a reason",
                found=f"{lost.sum():,} without either, the first at {np.flatnonzero(lost)[0]:,} of "
                "the batch",
                hint="let left_out or passed_over of the layout count them",
            )  # fmt: skip

    def _normalized(self, raw: pa.Table) -> pa.Table:
        try:
            return self.layout.normalize(raw)
        except pa.ArrowInvalid as error:
            if not (bad := self._breaking(raw)):
                raise
            raise ValueTypeError(
                "the source's function cannot read the values of these rows", rows=bad,
                expected="values of the declared range", found=str(error),
                hint='on_bad="drop" sets such rows aside',
            ) from error  # fmt: skip

    def _breaking(self, raw: pa.Table) -> list[int]:
        """Find the rows for which the source's function fails, by halves; none if it fails without a bad row."""
        try:
            self.layout.normalize(raw)
        except pa.ArrowInvalid:
            half = raw.num_rows // 2
            if half == 0:
                return [0] * raw.num_rows
            after = self._breaking(raw.slice(half))
            return self._breaking(raw.slice(0, half)) + [half + row for row in after]
        except RowError:  # bad in a way that is told once the others are set aside
            return []
        return []

    def _fitted(self, traced: pa.Table) -> pa.Table:
        """Conform the table; a value that the type of its column cannot hold makes its row a bad one."""
        try:
            return fitted(traced, self.layout.schema)
        except SchemaError as error:
            if not isinstance(error.__cause__, pa.ArrowInvalid) or error.column is None:
                raise
            column = traced[error.column]
            bad = uncastable(column, self.layout.schema.field(error.column).type)
            if not bad:
                raise
            raise ValueTypeError(
                "values do not fit the column's type", rows=bad, column=error.column,
                expected=error.expected, found=shorten(column.take(pa.array(bad)).to_pylist()),
                hint='on_bad="drop" sets such rows aside',
            ) from error  # fmt: skip

    def _traced(self, normalized: pa.Table) -> pa.Table:
        ids = self._ids(normalized)
        constants = {"source": self.source, "subset": self.subset, "split": self.split}
        if "language" not in normalized.column_names:
            constants["language"] = self.language
        normalized = normalized.drop_columns(
            [n for n in (RAW_ROW,) if n in normalized.column_names]
        )
        normalized = normalized.set_column(normalized.column_names.index("id"), "id", ids)
        for name, value in constants.items():
            normalized = normalized.append_column(
                name, pa.repeat(pa.scalar(value, pa.string()), normalized.num_rows)
            )
        return normalized

    def _with_kept(
        self, table: pa.Table, raw: pa.Table, origins: npt.NDArray[np.int64]
    ) -> pa.Table:
        same = len(origins) == raw.num_rows and np.array_equal(origins, np.arange(raw.num_rows))
        for name in self.keep:
            column = raw[name] if same else raw[name].take(pa.array(origins))
            kept = f"raw_{name}" if name in self.layout.schema.names else name
            table = table.append_column(raw.schema.field(name).with_name(kept), column)
        return table


def _spread(
    amounts: npt.NDArray[np.int64], places: npt.NDArray[np.int64], size: int
) -> npt.NDArray[np.int64]:
    """Return amounts at their places among ``size``, 0 elsewhere."""
    whole_batch = np.zeros(size, dtype=np.int64)
    whole_batch[places] = amounts
    return whole_batch


def _only(
    absent: npt.NDArray[np.bool_], amounts: Mapping[str, npt.NDArray[np.int64]]
) -> Mapping[str, npt.NDArray[np.int64]]:
    return {reason: np.where(absent, of, 0) for reason, of in amounts.items()}
