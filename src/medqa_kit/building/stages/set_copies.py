"""The copies among the rows of a build, within and across sources."""

from __future__ import annotations

import warnings
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.recipes.whole_set import Dedupe
from medqa_kit.building.stages.fates import FATES
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.errors import FamilyWarning
from medqa_kit.splitting.deduplication import dedupe


def copied(rows: Any, places: Ints, how: Dedupe) -> pa.Table:
    """Find the copies that go.

    Args:
        rows: The rows that are still there.
        places: Their places in the whole.
        how: Which copies, and which of them stays.

    Returns:
        A table with the schema :data:`~medqa_kit.building.stages.fates.FATES`; ``match`` is the id of the
        copy that stays.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FamilyWarning)
        _, report = dedupe(
            rows, near=how.near, prefer=how.prefer or "first", protect=how.protect, on=how.on
        )
    found = report.findings
    found = found.filter(pc.is_in(found["code"], value_set=pa.array(["exact", "near"])))
    return pa.table(
        [
            pa.array(places[found["row"].to_numpy()], pa.int64()),
            pc.binary_join_element_wise("copy", found["code"], "_"),
            found["detail"],
            found["kept_id"],
        ],
        schema=FATES,
    ).sort_by("row")
