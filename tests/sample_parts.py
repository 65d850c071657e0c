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
    found = []
    for one in part_plans(source, source.parts, LoadRequest(origin="sample")):
        batches = read_files(one.supply.download(), one.layout, source=name, part=one.part.name)
        raw = pa.concat_tables([batch.table for batch in batches])
        found.append((one, _sound(one, raw)))
    return found


def _sound(one: Plan, raw: pa.Table) -> pa.Table:
    """The rows that are as declared: some samples hold bad rows on purpose."""
    while True:
        try:
            one.kernel(raw)
        except mk.errors.RowError as error:
            good = [i for i in range(raw.num_rows) if i not in set(error.rows)]
            raw = raw.take(pa.array(good, pa.int64()))
        else:
            return raw
