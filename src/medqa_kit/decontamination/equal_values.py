"""Find items by equal values: exact keys and families."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import whole


@dataclass(frozen=True)
class Places:
    """Where to find items by equal values.

    Attributes:
        keys: Distinct exact keys.
        key_items: Positions of the items of each key.
        families: Distinct families; an item without one is named by its id.
        family_items: Positions of the items of each family.
        answered: Whether any key is that of a stem with its answer.
    """

    keys: pa.Array
    key_items: pa.ListArray
    families: pa.Array
    family_items: pa.ListArray
    answered: bool


def places_of(items: pa.Table) -> Places:
    """Return the places of items (:data:`~medqa_kit.decontamination.fingerprints.ITEMS`)."""
    letters = pc.add(items["stem_letters"], items["options_letters"])
    # An item without any letter is equal to every empty row, which says nothing.
    keys, key_items = _grouped(pc.if_else(pc.greater(letters, 0), items["key"], None))
    # An item that was made of nothing is a family of its own: what is made of it names it by its id.
    families, family_items = _grouped(pc.coalesce(items["family"], items["id"]))
    return Places(keys, key_items, families, family_items, bool(pc.any(items["answered"]).as_py()))


def _grouped(column: pa.ChunkedArray) -> tuple[pa.Array, pa.ListArray]:
    """Return the distinct values of a column, nulls aside, and the positions of each."""
    values = whole(column)
    rows = np.flatnonzero(values.is_valid().to_numpy(zero_copy_only=False))
    coded = values.drop_null().dictionary_encode()
    codes = coded.indices.to_numpy()
    order = np.argsort(codes, kind="stable")
    ends = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(coded.dictionary)))])
    return coded.dictionary, pa.ListArray.from_arrays(
        pa.array(ends, pa.int32()), pa.array(rows[order])
    )
