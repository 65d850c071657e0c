"""Every source with a place on the hub loads from there, whole, in upstream's own layout."""

from __future__ import annotations

from pathlib import Path

import pytest

import medqa_kit as mk
from hub import Hub
from medqa_kit.loading.planner import SAMPLES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning"),
]
MADE_UP = "c" * 40  # where no revision is pinned
NAMES = [
    source.name
    for source in mk.sources()
    if any(isinstance(source.layout_of(part).at, mk.catalog.Hub) for part in source.parts)
]


def serve(hub: Hub, source: mk.Source) -> str:
    """Serve the sample of each of a source's repositories at its revision; gives a token."""
    places = dict.fromkeys(source.layout_of(part).at for part in source.parts)
    hubs = [at for at in places if isinstance(at, mk.catalog.Hub)]
    for at in hubs:
        nested = SAMPLES / source.name / at.repo.replace("/", "+")
        folder: Path = nested if nested.is_dir() else SAMPLES / source.name
        repo = hub.repo(at.repo).commit(at.revision or MADE_UP, folder)
        if at.gated:
            repo.gate()
    return hub.token(reads=[at.repo for at in hubs])


@pytest.mark.parametrize("name", NAMES)
def test_all_parts_load_from_the_hub(name: str, hub: Hub) -> None:
    source = mk.source(name)
    token, ids = serve(hub, source), []
    for part in source.parts:
        if not isinstance(source.layout_of(part).at, mk.catalog.Hub):
            continue
        where = {"subset": part.subset, "split": part.split, "on_bad": "drop"}
        data = mk.load(name, **where, token=token)
        sample = mk.load(name, **where, origin="sample")
        schema = source.layout_of(part).schema
        assert data.column_names == schema.names
        assert data.features.arrow_schema.types == schema.types
        assert [f"sample:{row_id}" for row_id in data["id"]] == list(sample["id"])
        for column in set(schema.names) - {"id"}:
            assert data[column][:] == sample[column][:], column
        ids += data["id"]
    assert len(set(ids)) == len(ids), "ids repeat"
