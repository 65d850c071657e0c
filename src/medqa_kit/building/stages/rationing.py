"""Take a share of the families, or a number of rows: always the same ones, independent of other rows."""

from __future__ import annotations

import re

import datasets
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.stages.fates import fate_table
from medqa_kit.core.arrow.hashing import bucket
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.core.selection import choose


def in_slice(
    data: datasets.Dataset, ends: tuple[float, float], *, seed: int, own: str | None = None
) -> datasets.Dataset:
    """Return the rows whose family is in a piece of the stable order of families.

    Args:
        data: Rows with ``id`` and ``family``; a row without a family stands alone.
        ends: From where to where, as shares.
        seed: Of the order.
        own: What the recipe calls rows of its own. Their ids begin with it, and the order must not depend
            on it: another source of the recipe takes the rest of the same file under another name.
    """
    named = data.with_format("arrow").select_columns(["id", "family"])[:]
    names = pc.coalesce(named["family"], named["id"])
    if own is not None:
        names = pc.replace_substring_regex(names, f"^{re.escape(own)}/", "")
    order = drawn(names, stage="slice", seed=seed)
    return choose(data, (order >= ends[0]) & (order < ends[1]))


def above_limit(ids: pa.ChunkedArray, kept: Ints, most: int, *, seed: int) -> pa.Table:
    """Find the rows above a number: those that hash highest, so that one row less lets one in.

    Args:
        ids: ``string[n]`` of all rows.
        kept: Places of the rows that are still there.
        most: How many may stay.
        seed: Of the order.

    Returns:
        A table with the schema :data:`~medqa_kit.building.stages.fates.FATES`.

    Example:
        >>> ids = pa.chunked_array([["a", "b", "c"]])
        >>> len(above_limit(ids, np.array([0, 2]), 1, seed=0))
        1
    """
    order = drawn(ids.take(pa.array(kept)), stage="max_rows", seed=seed)
    over = np.sort(kept[np.argsort(order, kind="stable")[most:]])
    return fate_table(over, "above_max_rows", f"more than {most:,} rows")


def drawn(names: pa.ChunkedArray, *, stage: str, seed: int) -> npt.NDArray[np.float64]:
    """Draw a number from 0 to 1 for each name, by seed, stage and name alone."""
    return np.asarray(bucket(names, salt=f"{stage}/{seed}").to_numpy(), np.float64)
