"""A training loop that stops anywhere and goes on: every row once, in the same order."""

from __future__ import annotations

import functools
import itertools
import json
import operator
import pickle
import random
from collections.abc import Callable
from typing import Any

import datasets
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from laws import examples
from medqa_kit.errors import ArgumentError


def table(name: str, rows: int) -> pa.Table:
    return pa.table({"id": [f"{name}/{n}" for n in range(rows)], "n": range(rows)})


def stream(name: str, rows: int, shards: int = 3) -> datasets.IterableDataset:
    return datasets.Dataset(table(name, rows)).to_iterable_dataset(num_shards=shards)


def ids(rows: Any) -> list[str]:
    return [row["id"] for row in rows]


def resumed(new_feed: Callable[[], mk.Feed], stop: int) -> list[str]:
    """Read some rows, save the state as JSON, and go on in a feed made anew."""
    first = new_feed()
    loop = iter(first)
    begun = [next(loop)["id"] for _ in range(stop)]
    again = new_feed()
    again.load_state_dict(json.loads(json.dumps(first.state_dict())))
    return begun + ids(again)


@settings(max_examples=examples(60), deadline=None)
@given(
    sizes=st.lists(st.integers(0, 40), min_size=1, max_size=3), shards=st.integers(1, 4),
    block=st.integers(1, 20), spread=st.integers(1, 4), seed=st.integers(0, 99), stop=st.floats(0, 1),
    kind=st.sampled_from(["table", "stream", "both"]),
)  # fmt: skip
def test_every_row_once_wherever_it_stops(
    sizes: list[int], shards: int, block: int, spread: int, seed: int, stop: float, kind: str
) -> None:
    def new_feed() -> mk.Feed:
        sets: dict[str, Any] = {}
        for place, size in enumerate(sizes):
            as_stream = size >= shards and (kind == "stream" or (kind == "both" and place % 2))
            name = f"s{place}"
            sets[name] = stream(name, size, shards) if as_stream else table(name, size)
        return mk.Feed(sets, seed=seed, block=block, spread=spread)

    whole = ids(new_feed())
    assert sorted(whole) == sorted(
        f"s{place}/{n}" for place, size in enumerate(sizes) for n in range(size)
    )
    assert resumed(new_feed, int(stop * len(whole))) == whole


@pytest.mark.slow
def test_loops_stopped_many_times_in_three_catalogued_streams() -> None:
    names = ["kormedmcqa", "medqa_usmle", "medmcqa"]

    def new_feed() -> mk.Feed:
        sets = {
            name: mk.load(name, split="train", origin="sample", streaming=True) for name in names
        }
        return mk.Feed(sets, seed=5, block=4, spread=2)

    whole = ids(new_feed())
    expected = [
        row["id"] for name in names for row in mk.load(name, split="train", origin="sample")
    ]
    assert sorted(whole) == sorted(expected)
    rng = random.Random(1)
    seen: list[str] = []
    state = None
    while len(seen) < len(whole):
        feed = new_feed()
        if state is not None:
            feed.load_state_dict(state)
        loop = iter(feed)
        seen += [next(loop)["id"] for _ in range(min(rng.randint(1, 4), len(whole) - len(seen)))]
        state = feed.state_dict()
    assert seen == whole


def test_rows_are_shuffled_and_mixed() -> None:
    feed = mk.Feed({"a": table("a", 1000), "b": table("b", 500)}, seed=0)
    rows = list(feed)
    first = rows[:300]
    assert 160 < sum(row["source"] == "a" for row in first) < 240
    numbers = [row["n"] for row in rows if row["source"] == "a"]
    ascents = sum(first < other for first, other in itertools.pairwise(numbers))
    assert 440 < ascents < 560
    assert ids(feed) == ids(rows)  # another pass, the same order
    feed.set_epoch(1)
    assert ids(feed) != ids(rows)
    assert ids(mk.Feed({"a": table("a", 1000), "b": table("b", 500)}, seed=1)) != ids(rows)


def test_weights_say_how_likely_a_set_is() -> None:
    sets = {"a": table("a", 2000), "b": table("b", 2000)}
    rows = list(mk.Feed(sets, seed=0, weights={"a": 9, "b": 1}))[:1000]
    assert 860 < sum(row["source"] == "a" for row in rows) < 940


@pytest.mark.parametrize("ranks", [2, 3, 7])
def test_processes_share_the_rows(ranks: int) -> None:
    sets = {"table": table("t", 50), "stream": stream("s", 40, 3)}
    parts = [ids(mk.Feed(sets, seed=3, rank=rank, ranks=ranks)) for rank in range(ranks)]
    assert sorted(functools.reduce(operator.iadd, parts, [])) == sorted(
        ids(sets["stream"]) + sets["table"]["id"].to_pylist()
    )
    assert all(parts)


@pytest.mark.parametrize("hold", [
    lambda t: t, datasets.Dataset, lambda t: datasets.Dataset(t).shuffle(seed=1),
    lambda t: datasets.Dataset(t).filter(lambda row: row["n"] % 2 == 0), lambda t: t.slice(7, 30),
    lambda t: pa.concat_tables([t.slice(0, 9), t.slice(9)]), lambda t: t.to_pandas(), pl.from_arrow, lambda t: t.to_pylist(),
    lambda t: datasets.Dataset(t).to_iterable_dataset(num_shards=4).filter(lambda row: row["n"] % 3 > 0),
])  # fmt: skip
def test_any_kind_of_set(hold: Callable[[pa.Table], Any]) -> None:
    rows = hold(table("a", 60))
    if isinstance(rows, pd.DataFrame):
        expected = rows["id"].tolist()
    else:
        expected = rows["id"].to_pylist() if isinstance(rows, pa.Table) else (
            rows["id"].to_list() if isinstance(rows, pl.DataFrame) else ids(rows))  # fmt: skip
    new_feed = lambda: mk.Feed({"x": rows}, seed=2, block=11)  # noqa: E731
    assert sorted(resumed(new_feed, 17)) == sorted(expected)


def test_a_state_is_of_its_feed() -> None:
    feed = mk.Feed({"a": table("a", 30)}, seed=0)
    loop = iter(feed)
    next(loop)
    state = feed.state_dict()
    for changed, word in [
        (mk.Feed({"a": table("a", 30)}, seed=1), "seed"),
        (mk.Feed({"b": table("a", 30)}, seed=0), "sets"),
        (mk.Feed({"a": table("a", 30)}, seed=0, block=5), "block"),
        (mk.Feed({"a": table("a", 30)}, seed=0, ranks=2), "workers"),
    ]:
        with pytest.raises(ArgumentError, match=word):
            changed.load_state_dict(state)
    copy = pickle.loads(pickle.dumps(feed))  # carries its place along
    assert ids(copy) == ids(loop)


@pytest.mark.parametrize(("arguments", "name"), [
    ({"sets": {}}, "sets"), ({"sets": [1]}, "sets"), ({"sets": {"a": 5}}, "rows"), ({"weights": {"b": 1}}, "weights"),
    ({"weights": {"a": 0}}, "weights"), ({"block": 0}, "block"), ({"spread": 0}, "spread"), ({"rank": 1}, "rank"),
    ({"ranks": 0}, "ranks"), ({"seed": "0"}, "seed"),
    ({"sets": {"a": datasets.DatasetDict(train=datasets.Dataset(table("a", 2)))}}, "split"),
])  # fmt: skip
def test_wrong_arguments_are_told(arguments: dict[str, Any], name: str) -> None:
    with pytest.raises(ArgumentError, match=name):
        mk.Feed(**{"sets": {"a": table("a", 3)}, "seed": 0, **arguments})
    with pytest.raises(ArgumentError):
        mk.Feed({"a": table("a", 3)}, seed=0).set_epoch(-1)


@pytest.mark.trainer
@pytest.mark.filterwarnings(
    "ignore:.*deprecated:UserWarning"
)  # torchdata calls what torch leaves behind
@pytest.mark.parametrize("workers", [0, 2])
def test_a_torch_loop_with_workers_goes_on_at_twenty_places(workers: int) -> None:
    from torchdata.stateful_dataloader import StatefulDataLoader

    def loader() -> Any:
        sets = {"a": stream("a", 60, 4), "b": stream("b", 45, 1), "c": table("c", 50)}
        feed = mk.Feed(sets, seed=4, block=16, spread=2)
        return StatefulDataLoader(
            feed.for_torch(), batch_size=4, num_workers=workers, collate_fn=ids
        )

    whole = [name for batch in loader() for name in batch]
    assert len(set(whole)) == len(whole) == 155
    rng = random.Random(0)
    for _ in range(20):
        first = loader()
        stop = rng.randint(1, 38)
        seen = []
        for number, batch in enumerate(first, 1):
            seen += batch
            if number == stop:
                state = first.state_dict()
                break
        again = loader()
        again.load_state_dict(state)
        assert seen + [name for batch in again for name in batch] == whole
