"""Holdouts: items never to train on, as fingerprints without text."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from medqa_kit.catalog import holdout
from medqa_kit.core.holders import Rows, batches
from medqa_kit.decontamination.fingerprints import FINGERPRINTS, ITEMS, fingerprints
from medqa_kit.decontamination.index import Index, build_index
from medqa_kit.decontamination.named import loaded_rows, warn_of_missing, warn_of_rest
from medqa_kit.errors import EmptyDataError, FormatError, LockError, SchemaError
from medqa_kit.matching.letter_table import letter_table
from medqa_kit.matching.row_texts import text_column
from medqa_kit.matching.shingles import SHINGLES
from medqa_kit.matching.terms import TERMS

if TYPE_CHECKING:
    from collections.abc import Sequence

_ABOUT = b"medqa_kit.holdout"


def made_by() -> str:
    """Return the definitions that fingerprints depend on: two files compare only if it is equal.

    Example:
        >>> made_by()
        'fingerprints-2/shingles-1/terms-1/letters-3/unicode-14.0.0'
    """
    return "/".join([FINGERPRINTS, SHINGLES, TERMS, letter_table().version])


@dataclass(frozen=True)
class Purpose:
    """Why some items are held out.

    Attributes:
        name: Name of the holdout they came from.
        reason: Why they must not be trained on, in a sentence.
        protects: Scores that training on them would spoil, such as harness task ids.
    """

    name: str
    reason: str
    protects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Places:
    """Where to find items by equal values.

    Attributes:
        keys: Distinct exact keys.
        key_items: Positions of the items of each key.
        families: Distinct families.
        family_items: Positions of the items of each family.
        answered: Whether any key is that of a stem with its answer.
    """

    keys: pa.Array
    key_items: pa.ListArray
    families: pa.Array
    family_items: pa.ListArray
    answered: bool


@dataclass(frozen=True, eq=False)
class Holdout:
    """A set of items never to train on.

    Make one with :meth:`named`, :meth:`from_rows` or :meth:`load`; join two with ``|``. It holds
    fingerprints only: hashes of short runs of letters, ids and families. That is enough to find
    copies and not meant to be read, but it is no encryption: who has an item can tell that it
    is in here.

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

    @classmethod
    def from_rows(
        cls,
        rows: Rows,
        *,
        reason: str,
        protects: Iterable[str] = (),
        name: str = "rows",
    ) -> Holdout:
        """Hold out the items of a table or dataset.

        Args:
            rows: Rows of any of the seven schemas, as :func:`medqa_kit.load` gives them.
            reason: Why they must not be trained on, in a sentence.
            protects: Scores that training on them would spoil.
            name: A name for reports.

        Raises:
            EmptyDataError: There are no rows.
            SchemaError: The rows have no ``id``, or no text.
        """
        return cls._from_batches(batches(rows), Purpose(name, reason, tuple(protects)))

    @classmethod
    def _from_batches(cls, parts: Iterable[pa.RecordBatch], why: Purpose) -> Holdout:
        items = fingerprints(map(_with_id, parts), holdout=why.name)
        if not len(items):
            raise EmptyDataError(
                "a holdout of no items protects nothing",
                hint="check the filter that chose the rows",
            )
        return cls(items, (why,))

    @classmethod
    def named(
        cls,
        name: str,
        *,
        origin: Literal["hub", "path", "sample"] = "hub",
        path: str | os.PathLike[str] | None = None,
        paths: Mapping[str, str | os.PathLike[str]] | None = None,
        rows: Rows | None = None,
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
            revision: As in :func:`medqa_kit.load`.
            cache_dir: As in :func:`medqa_kit.load`.
            token: As in :func:`medqa_kit.load`.

        Raises:
            ArgumentError: The name is not text.
            UnknownSourceError: There is no holdout of that name; the hint names the nearest ones.
            MedQAError: What loading raises.

        Warns:
            HoldoutWarning: The holdout leaves in what its name may seem to cover.
        """
        held = holdout(name)
        warn_of_rest(held)
        if rows is None:
            at = path if path is not None else (paths or {}).get(held.source)
            rows = loaded_rows(held, origin=origin if at is None else "path", path=at,
                               revision=revision, cache_dir=cache_dir, token=token)  # fmt: skip
        else:
            warn_of_missing(held, rows)
        return cls.from_rows(rows, name=name, reason=held.reason, protects=held.protects)

    @classmethod
    def load(cls, path: str | Path) -> Holdout:
        """Read fingerprints that :meth:`save` wrote.

        Raises:
            FormatError: The file is not one.
            LockError: The fingerprints were taken by another version of the normaliser, so that they
                would miss copies.
        """
        file = Path(path)
        try:
            items = pq.read_table(file)
            about = json.loads((items.schema.metadata or {})[_ABOUT])
        except (KeyError, ValueError, pa.ArrowInvalid) as error:
            raise FormatError(
                "not a file of fingerprints",
                file=file.name,
                found=str(error),
                hint="Holdout.save(path) writes such files",
            ) from error
        if about["made_by"] != made_by():
            raise LockError(
                "the fingerprints were taken by another definition of the same text",
                file=file.name, expected=made_by(), found=about["made_by"],
                hint="take them again with Holdout.named(...) or Holdout.from_rows(...), or use "
                "the medqa_kit version that wrote the file",
            )  # fmt: skip
        why = tuple(Purpose(p["name"], p["reason"], tuple(p["protects"]))
                    for p in about["protections"])  # fmt: skip
        return cls(items.replace_schema_metadata(None).cast(ITEMS), why)

    def save(self, path: str | Path) -> None:
        """Write the fingerprints, and nothing else, to one Parquet file.

        The file holds no text. It appears under its name only when it is complete.
        """
        about = {"made_by": made_by(), "protections": [vars(p) for p in self.purposes]}
        metadata = {_ABOUT: json.dumps(about, ensure_ascii=False).encode()}
        target = Path(path)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        os.close(handle)
        try:
            pq.write_table(
                self.items.replace_schema_metadata(metadata),
                temporary,
                compression="zstd",
                use_dictionary=["holdout", "source", "split"],
            )
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

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
        """Give the holdout without some items; the others are judged as before.

        Args:
            ids: Ids of items.

        Raises:
            SchemaError: An id is not among the items.
        """
        gone = pa.array(sorted(set(ids)), pa.string())
        unknown = gone.filter(
            pc.invert(pc.is_in(gone, value_set=self.items["id"].combine_chunks()))
        )
        if len(unknown):
            raise SchemaError(
                "these ids are not held out",
                column="id",
                found=", ".join(unknown.to_pylist()[:3]),
                hint="see holdout.ids",
            )
        kept = pc.invert(pc.is_in(self.items["id"], value_set=gone))
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
        told = evidence.telling.any(axis=1) | evidence.small
        listed: list[str] = self.items["id"].filter(pa.array(~told)).unique().to_pylist()
        return listed

    def __len__(self) -> int:
        """Count the items: ids, each once."""
        return len(self.ids)

    def __repr__(self) -> str:
        names = " | ".join(p.name for p in self.purposes)
        return f"<Holdout {names}: {len(self):,} item{'' if len(self) == 1 else 's'}>"

    @cached_property
    def index(self) -> Index:
        """The index of the items, built at first use."""
        return build_index(self.items)

    @cached_property
    def places(self) -> Places:
        """Items by equal values, built at first use."""
        letters = pc.add(self.items["stem_letters"], self.items["options_letters"])
        # An item without any letter is equal to every empty row, which says nothing.
        key = pc.if_else(pc.greater(letters, 0), self.items["key"], None)
        keys, key_items = _grouped(key)
        families, family_items = _grouped(self.items["family"])
        answered = bool(pc.any(self.items["answered"]).as_py())
        return Places(keys, key_items, families, family_items, answered)

    def __getstate__(self) -> Mapping[str, Any]:
        # Workers build the index themselves: it is larger than the fingerprints.
        return {"items": self.items, "purposes": self.purposes}


def _with_id(batch: pa.RecordBatch) -> pa.RecordBatch:
    if "id" not in batch.schema.names:
        raise SchemaError(
            "rows to hold out need an id",
            expected="a column 'id'",
            found=", ".join(batch.schema.names),
            hint="pass rows as mk.load gives them, or add an id to yours",
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


def _identities(items: pa.Table) -> list[tuple[Any, ...]]:
    """Give what makes fingerprints equal: id, key, and how they are weighed."""
    columns = ("id", "key", "stem_weights", "options_weights")
    parts = [items[name].to_pylist() for name in columns[:2]]
    for name in columns[2:]:
        parts.append([bytes(v.as_py()) for v in items[name]])
    return list(zip(*parts, strict=True))


def _grouped(column: pa.ChunkedArray) -> tuple[pa.Array, pa.ListArray]:
    """Give the distinct values of a column, nulls aside, and the positions of each."""
    values = column.combine_chunks()
    rows = np.flatnonzero(values.is_valid().to_numpy(zero_copy_only=False))
    coded = values.drop_null().dictionary_encode()
    codes: npt.NDArray[np.int32] = coded.indices.to_numpy()
    order = np.argsort(codes, kind="stable")
    ends = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(coded.dictionary)))])
    return coded.dictionary, pa.ListArray.from_arrays(
        pa.array(ends, pa.int32()), pa.array(rows[order])
    )
