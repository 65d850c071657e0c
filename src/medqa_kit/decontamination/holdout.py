"""Holdouts: items never to train on, as fingerprints without text."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.catalog import holdout
from medqa_kit.core.arguments import boolean, instance, several, several_texts
from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.holders import batches, opened
from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.core.tables import counted
from medqa_kit.decontamination.equal_values import Places, places_of
from medqa_kit.decontamination.fingerprint_files import (
    Purpose,
    read_fingerprints,
    write_fingerprints,
)
from medqa_kit.decontamination.fingerprints import fingerprints
from medqa_kit.decontamination.index import Index, build_index
from medqa_kit.decontamination.named import (
    loaded_rows,
    reason_of,
    refuse_partial,
    warn_of_missing,
    warn_of_rest,
)
from medqa_kit.errors import EmptyDataError, SchemaError
from medqa_kit.matching.row_texts import text_column

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, eq=False)
class Holdout(Shown):
    """A set of items never to train on.

    Make one with :meth:`named`, :meth:`from_rows` or :meth:`load`; join two with ``|``. It holds
    fingerprints only: hashes of short runs of letters, ids and families. They are enough to find
    copies, and do not show the text; but they are no encryption: a person who has an item can check whether
    it is in the holdout.

    Attributes:
        items: One row per item, with the schema :data:`~medqa_kit.decontamination.fingerprints.ITEMS`.
        purposes: Why, for each holdout that was joined into this one.

    Example:
        >>> rows = pa.table({"id": ["x/1"], "question": ["Which vitamin prevents scurvy?"],
        ...                  "options": [["A", "B1", "C", "D"]]})
        >>> Holdout.from_rows(rows, reason="we report it", name="demo")
        <Holdout demo: 1 item>
    """

    items: pa.Table = field(repr=False)
    purposes: tuple[Purpose, ...]

    def __post_init__(self) -> None:
        if not len(self.items):
            raise EmptyDataError(
                "a holdout of no items protects nothing",
                expected="at least one item",
                found="no rows",
                hint="check the filter that chose the rows",
            )

    @classmethod
    def from_rows(
        cls,
        rows: Any,
        *,
        reason: str,
        protects: Iterable[str] = (),
        name: str = "rows",
    ) -> Holdout:
        """Hold out the items of a table or dataset.

        Args:
            rows: Rows of any of the seven schemas, in any container of rows: a table, a dataset, a dict of
                datasets, a stream, a data frame or a list of dicts.
            reason: Why they must not be trained on, in a sentence.
            protects: Scores that training on them would spoil.
            name: A name for reports.

        Raises:
            ArgumentError: The reason or a name is not text.
            EmptyDataError: There are no rows.
            SchemaError: The rows have no ``id``, or no text.
        """
        purpose = Purpose(name, reason, several("protects", protects))
        return cls._from_batches(batches(rows), purpose)

    @classmethod
    def _from_batches(cls, parts: Iterable[pa.RecordBatch], why: Purpose) -> Holdout:
        return cls(fingerprints(map(_with_id, parts), holdout=why.name), (why,))

    @classmethod
    def named(
        cls,
        name: str,
        *,
        origin: Literal["hub", "path", "sample"] = "hub",
        path: str | os.PathLike[str] | None = None,
        paths: Mapping[str, str | os.PathLike[str]] | None = None,
        rows: Any = None,
        partial: bool = False,
        revision: str | None = None,
        cache_dir: str | os.PathLike[str] | None = None,
        token: str | None = None,
    ) -> Holdout:
        """Hold out the rows of a catalogued holdout; :func:`medqa_kit.holdouts` lists them.

        Args:
            name: Its name, such as ``"kormedmcqa-official-test"``.
            origin: As in :func:`medqa_kit.load`.
            path: As in :func:`medqa_kit.load`.
            paths: Paths by source name, for a caller that does not know the holdout's source.
            rows: The benchmark's rows, if you have them already; nothing is loaded then.
            partial: Whether to accept files with fewer rows than upstream has. The reason of the holdout says so, and
                a warning.
            revision: As in :func:`medqa_kit.load`.
            cache_dir: As in :func:`medqa_kit.load`.
            token: As in :func:`medqa_kit.load`.

        Raises:
            ArgumentError: The name is not text.
            UnknownSourceError: There is no holdout of that name; the hint names the nearest ones.
            EmptyDataError: The files hold fewer rows than upstream, and ``partial`` is not set.
            MedQAError: What loading raises.

        Warns:
            HoldoutWarning: The holdout does not cover rows that its name may suggest, or rows are
                missing.
        """
        protection = holdout(name)
        boolean("partial", partial)
        if paths is not None:
            instance(
                "paths", paths, Mapping, expected="a dict", hint='write paths={"klue": "files"}'
            )
        warn_of_rest(protection)
        if rows is None:
            at = path if path is not None else (paths or {}).get(protection.source)
            origin = origin if at is None else "path"
            rows = loaded_rows(protection, origin=origin, path=at, revision=revision,
                               cache_dir=cache_dir, token=token)  # fmt: skip
            if not partial:
                refuse_partial(protection, opened(rows).rows, origin=origin)
        else:
            origin = "path"
        rows = opened(rows).rows
        if origin != "sample":
            warn_of_missing(protection, rows)
        return cls.from_rows(rows, name=name, reason=reason_of(protection, rows, origin=origin),
                             protects=protection.protects)  # fmt: skip

    @classmethod
    def load(cls, path: str | Path) -> Holdout:
        """Read fingerprints that :meth:`save` wrote, under this or another Python.

        Raises:
            WrongFilesError: There is no such file.
            FormatError: It is no such file, or it was cut or changed since it was written.
            EmptyDataError: It holds no items.
            LockError: The fingerprints were taken by another definition of the same text, so that
                they would miss copies.
            StorageError: The file cannot be read.
        """
        return cls(*read_fingerprints(path))

    def save(self, path: str | Path) -> None:
        """Write the fingerprints, and nothing else, to one Parquet file.

        The file holds no text. It appears under its name only when it is complete, with the rights
        that new files have here. It states the number of its items and its SHA-256, which
        :meth:`load` checks.

        Raises:
            ArgumentError: It is no path.
            StorageError: The file cannot be written.
        """
        write_fingerprints(path, self.items, self.purposes)

    def __or__(self, other: Holdout) -> Holdout:
        """Hold out the items of both; equal fingerprints are kept once."""
        if not isinstance(other, Holdout):
            return NotImplemented
        mine = set(_identities(self.items))
        new = [i for i, identity in enumerate(_identities(other.items)) if identity not in mine]
        items = pa.concat_tables([self.items, other.items.take(pa.array(new, pa.int64()))])
        known = set(self.purposes)
        return Holdout(items, self.purposes + tuple(p for p in other.purposes if p not in known))

    def without(self, ids: Iterable[str]) -> Holdout:
        """Return the holdout without some items; the others are judged as before.

        Args:
            ids: Ids of items.

        Raises:
            ArgumentError: They are no list of texts.
            SchemaError: An id is not among the items.
            EmptyDataError: No item is left.
        """
        removed = pa.array(sorted(set(several_texts("ids", ids))), pa.string())
        unknown = removed.filter(pc.invert(pc.is_in(removed, value_set=whole(self.items["id"]))))
        if len(unknown):
            raise SchemaError(
                "these ids are not held out",
                column="id",
                found=", ".join(unknown.to_pylist()[:3]),
                hint="see holdout.ids",
            )
        kept = pc.invert(pc.is_in(self.items["id"], value_set=removed))
        return Holdout(self.items.filter(kept), self.purposes)

    @property
    def reason(self) -> str:
        """Why, in one line for all holdouts joined here."""
        return "; ".join(dict.fromkeys(p.reason for p in self.purposes))

    @property
    def protects(self) -> tuple[str, ...]:
        """All scores protected, each once."""
        return tuple(dict.fromkeys(name for p in self.purposes for name in p.protects))

    @property
    def ids(self) -> Sequence[str]:
        """Ids of the items, each once, in order."""
        listed: list[str] = self.items["id"].unique().to_pylist()
        return listed

    @property
    def only_exact(self) -> Sequence[str]:
        """Ids of items too short to be found by anything but equal letters.

        Neither field has enough rare shingles, and the stem next to none: such an item is found where a row's
        stem and options are its own, and not where it stands within other text.
        """
        evidence = self.index.evidence
        telling = evidence.telling.any(axis=1) | evidence.small
        listed: list[str] = self.items["id"].filter(pa.array(~telling)).unique().to_pylist()
        return listed

    def __len__(self) -> int:
        """Count the items: ids, each once."""
        return len(self.ids)

    @property
    def name(self) -> str:
        """The names of all holdouts joined here."""
        return " | ".join(purpose.name for purpose in self.purposes)

    def __repr__(self) -> str:
        return f"<Holdout {self.name}: {self._counted}>"

    @property
    def _counted(self) -> str:
        return counted(len(self), "item")

    def _blocks(self) -> Iterator[Block]:
        yield f"holdout of {self._counted}"
        yield [("name", "why", "protects"),
               *((each.name, each.reason, ", ".join(each.protects)) for each in self.purposes)]  # fmt: skip

    @cached_property
    def index(self) -> Index:
        """The index of the items, built at first use."""
        return build_index(self.items)

    @cached_property
    def places(self) -> Places:
        """Items by equal values, built at first use."""
        return places_of(self.items)

    def __getstate__(self) -> Mapping[str, Any]:
        # Workers build the index themselves: it is larger than the fingerprints.
        return {"items": self.items, "purposes": self.purposes}


def _with_id(batch: pa.RecordBatch) -> pa.RecordBatch:
    if "id" not in batch.schema.names:
        raise SchemaError(
            "rows to hold out need an id",
            expected="a column 'id'",
            found=", ".join(batch.schema.names),
            hint="pass rows as mk.load returns them, or add an id to yours",
        )
    ids = text_column(batch, "id")
    if ids.null_count:
        rows = np.flatnonzero(ids.is_null().to_numpy(zero_copy_only=False)).tolist()
        raise SchemaError(
            "rows to hold out need an id",
            column="id",
            expected="a number or text in every row",
            found=f"{len(rows):,} rows without one among {len(ids):,}",
            hint="give the rows an id, which names an item in reports",
        )
    return batch


def a_holdout(argument: str, value: Any) -> Holdout:
    """Return a value if it is a holdout, and not the name of one: making it may load data.

    Raises:
        ArgumentError: It is none.
    """
    named = f"mk.Holdout.named({value!r})" if isinstance(value, str) else "mk.Holdout.named(name)"
    holdout: Holdout = instance(argument, value, Holdout, expected="a Holdout",
                                hint=f"write {named}, or Holdout.from_rows(rows, reason=...)")  # fmt: skip
    return holdout


def _identities(items: pa.Table) -> list[tuple[Any, ...]]:
    """Return what makes fingerprints equal: id, key, and how they are weighed."""
    columns = ("id", "key", "stem_weights", "options_weights")
    parts = [items[name].to_pylist() for name in columns[:2]]
    for name in columns[2:]:
        parts.append([bytes(v.as_py()) for v in items[name]])
    return list(zip(*parts, strict=True))
