"""The raw rows of the embedded samples, part by part."""

from __future__ import annotations

from functools import cache

import pyarrow as pa

import medqa_kit as mk
from medqa_kit.loading.plan import Plan
from medqa_kit.loading.planner import part_plans
from medqa_kit.loading.readers.read_files import read_files
from medqa_kit.loading.request import LoadRequest

NAMES = [source.name for source in mk.sources()]
LOADABLE = [source.name for source in mk.sources() if source.parts]


@cache
def raw_parts(name: str) -> list[tuple[Plan, pa.Table]]:
    """Each part of the embedded sample: its plan, and its raw rows that normalise."""
    source = mk.source(name)
    parts = []
    for plan in part_plans(source, source.parts, LoadRequest(origin="sample")):
        batches = read_files(plan.supply.download(), plan.layout, source=name, part=plan.part.name)
        raw = pa.concat_tables([batch.table for batch in batches])
        parts.append((plan, _sound(plan, raw)))
    return parts


def _sound(plan: Plan, raw: pa.Table) -> pa.Table:
    """The rows that are as declared: some samples hold bad rows on purpose."""
    while True:
        try:
            plan.kernel(raw)
        except mk.errors.RowError as error:
            good = [i for i in range(raw.num_rows) if i not in set(error.rows)]
            raw = raw.take(pa.array(good, pa.int64()))
        else:
            return raw
