"""Sets mixed in stated shares: exact, stable, and the same in every container."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import medqa_kit as mk
from medqa_kit.core.holders import batches
from medqa_kit.errors import ArgumentError, SchemaError


def _set(prefix: str, count: int) -> pa.Table:
    return pa.table(
        {
            "id": [f"{prefix}/{n}" for n in range(count)],
            "text": ["가" * (n % 7 + 1) for n in range(count)],
        }
    )


def _ids(rows: Any) -> list[str]:
    return [row["id"] for row in (rows.to_pylist() if isinstance(rows, pa.Table) else rows)]


@given(st.lists(st.integers(1, 60), min_size=1, max_size=4), st.data())
def test_shares_are_as_asked_and_no_row_is_taken_twice(
    sizes: list[int], data: st.DataObject
) -> None:
    sets = {f"s{n}": _set(f"s{n}", size) for n, size in enumerate(sizes)}
    weights = {name: data.draw(st.integers(1, 9)) for name in sets}
    rows, report = mk.mix(sets, weights=weights, seed=data.draw(st.integers(0, 99)))
    ids = _ids(rows)
    assert len(set(ids)) == len(ids)
    total = min(
        sets[name].num_rows * sum(weights.values()) / weight for name, weight in weights.items()
    )
    taken = Counter(name.split("/")[0] for name in ids)
    for name, weight in weights.items():
        assert abs(taken[name] - total * weight / sum(weights.values())) <= 1
        assert report.counts[f"{name} rows"] == taken[name]


@given(st.integers(2, 40), st.integers(0, 9))
def test_a_row_less_changes_no_other_choice(count: int, seed: int) -> None:
    big, small = _set("b", 60), _set("s", count)
    gone = small.slice(1)
    before = _ids(
        mk.mix({"b": big, "s": small}, weights={"b": 1, "s": 1}, total=2 * (count - 1), seed=seed)[
            0
        ]
    )
    after = _ids(
        mk.mix({"b": big, "s": gone}, weights={"b": 1, "s": 1}, total=2 * (count - 1), seed=seed)[0]
    )
    kept = [name for name in before if name in set(after)]
    assert kept == [name for name in after if name in set(before)], (
        "the order of what stays is the same"
    )
    assert len(set(before) ^ set(after)) <= 2, "one comes for the one that went"


def test_another_seed_takes_and_orders_otherwise_and_the_same_seed_does_not() -> None:
    sets = {"a": _set("a", 50), "b": _set("b", 50)}
    first, again, other = (_ids(mk.mix(sets, total=40, seed=seed)[0]) for seed in (1, 1, 2))
    assert first == again
    assert set(first) != set(other)
    assert first != sorted(first)


def test_small_sets_are_repeated_evenly_up_to_the_limit() -> None:
    sets = {"big": _set("big", 90), "small": _set("small", 20)}
    rows, report = mk.mix(sets, weights={"big": 2, "small": 1}, until="last", max_repeat=3, seed=0)
    times = Counter(_ids(rows))
    assert Counter(times[f"small/{n}"] for n in range(20)) == {2: 15, 3: 5}
    assert all(times[f"big/{n}"] == 1 for n in range(90))
    assert report.counts["small repeats"] == 3
    with pytest.raises(ArgumentError, match="too small for its share") as caught:
        mk.mix(sets, weights={"big": 2, "small": 1}, until="last", seed=0)
    assert "max_repeat=2.3" in str(caught.value)
    assert (
        mk.mix(sets, weights={"big": 2, "small": 1}, until="last", max_repeat=2.3, seed=0)[
            0
        ].num_rows
        == 135
    )


def test_shares_by_characters_and_tokens_are_of_what_is_read() -> None:
    short = pa.table({"id": [f"s{n}" for n in range(400)], "text": ["가"] * 400})
    long = pa.table({"id": [f"l{n}" for n in range(40)], "text": ["나" * 100] * 40})
    rows, report = mk.mix(
        {"short": short, "long": long}, weights={"short": 1, "long": 1}, by="chars", seed=0
    )
    assert report.counts["short share"] == report.counts["long share"] == 50
    assert Counter(len(row["text"]) for row in rows.to_pylist()) == {1: 400, 100: 4}
    with pytest.raises(SchemaError, match="token_counts"):
        mk.mix({"short": short, "long": long}, by="tokens", seed=0)
    counted = [t.append_column("prompt_tokens", pa.array([0] * len(t))).append_column("completion_tokens", pa.array([n] * len(t)))
               for t, n in ((short, 1), (long, 10))]  # fmt: skip
    rows, _ = mk.mix(
        dict(zip("ab", counted, strict=True)),
        weights={"a": 1, "b": 3},
        total=400,
        by="tokens",
        seed=0,
    )
    assert Counter(row["completion_tokens"] for row in rows.to_pylist()) == {1: 100, 10: 30}


@pytest.mark.parametrize("place", range(6))
def test_a_row_longer_than_the_part_of_its_set_is_passed_over(place: int) -> None:
    """Whichever comes first by its hash: a set with a row that fits has a row in the mix."""
    texts = ["much longer " * 9] * 6
    texts[place] = "short"
    rows = pa.table({"id": [f"e/{n}" for n in range(6)], "text": texts})
    records, _ = mk.mix({"exam": rows}, total=20, by="chars", seed=0)
    assert records["id"].to_pylist() == [f"e/{place}"]


def test_temperature_lifts_small_sets() -> None:
    sets = {"big": _set("big", 900), "small": _set("small", 100)}
    plain = mk.mix(sets, total=100, seed=0)[1].counts["small rows"]
    lifted = mk.mix(sets, total=100, temperature=2, seed=0)[1].counts["small rows"]
    assert (plain, lifted) == (10, 25)


@pytest.mark.parametrize("wrap", [datasets.Dataset, lambda t: datasets.Dataset(t).shuffle(seed=5), lambda t: t.to_pandas(),
                                  lambda t: t.to_pylist(), lambda t: t.to_reader(7), lambda t: pa.concat_tables([t.slice(0, 3), t.slice(3)])])  # fmt: skip
def test_every_container_is_mixed_alike_and_says_where_rows_are_from(
    wrap: Callable[[pa.Table], Any],
) -> None:
    sets = {"a": _set("a", 30), "b": _set("b", 30)}
    expected, _ = mk.mix(sets, weights={"a": 2, "b": 1}, seed=3)
    mixed, _ = mk.mix(
        {name: wrap(rows) for name, rows in sets.items()}, weights={"a": 2, "b": 1}, seed=3
    )
    listed = [row for batch in batches(mixed) for row in batch.to_pylist()]
    assert listed == expected.to_pylist()
    assert all(row["source"] == row["id"][0] for row in listed)


def test_what_cannot_be_mixed_is_refused() -> None:
    a, b = _set("a", 3), _set("b", 3)
    wrong: list[dict[str, Any]] = [
        {"sets": [a]}, {"sets": {}}, {"sets": {"a": a, "b": datasets.Dataset(b)}}, {"sets": {"a": a, "b": datasets.Dataset(b).to_iterable_dataset()}},
        {"sets": {"a": a, "b": b}, "weights": {"a": 1}}, {"sets": {"a": a, "b": b}, "weights": {"a": 1, "b": -1}},
        {"sets": {"a": a}, "by": "words"}, {"sets": {"a": a}, "until": "end"}, {"sets": {"a": a}, "total": 99},
        {"sets": {"a": a, "b": b.slice(0, 0)}, "weights": {"a": 1, "b": 1}},
        {"sets": {"a": _set("a", 7).slice(3)}, "total": 1, "by": "chars"},
    ]  # fmt: skip
    for given_arguments in wrong:
        with pytest.raises(ArgumentError):
            mk.mix(seed=0, **given_arguments)
    with pytest.raises(SchemaError, match="different columns"):
        mk.mix({"a": a, "b": b.drop_columns("text")}, seed=0)
    with pytest.raises(SchemaError, match="id"):
        mk.mix({"a": a.drop_columns("id")}, seed=0)
    rows, report = mk.mix({"a": a, "b": b}, weights={"a": 1, "b": 0}, seed=0)
    assert (rows.num_rows, report.counts["b rows"]) == (3, 0)
    assert np.isfinite(report.counts["a share"])


def test_no_weight_or_temperature_is_too_much() -> None:
    sets = {"big": _set("b", 3000), "small": _set("s", 3)}
    assert mk.mix(sets, temperature=0.01, seed=0)[1].counts["big rows"] == 3000
    huge = mk.mix(sets, weights={"big": 1e308, "small": 1e308}, seed=0)[1]
    assert (huge.counts["big rows"], huge.counts["small rows"]) == (3, 3)


def test_a_set_without_rows_may_have_no_columns() -> None:
    rows, report = mk.mix({"all": [{"id": "a", "text": "b"}], "none": []}, seed=0)
    assert rows == [{"id": "a", "text": "b", "source": "all"}]
    assert report.counts["none rows"] == 0


def test_columns_may_come_in_another_order() -> None:
    turned = _set("b", 5).select(["text", "id"])
    rows, _ = mk.mix({"a": _set("a", 5), "b": turned}, seed=0)
    assert rows.column_names == ["id", "text", "source"]
    assert sorted(_ids(rows)) == sorted([*_ids(_set("a", 5)), *_ids(turned)])
    streams = {name: datasets.Dataset(table).to_iterable_dataset() for name, table in (("a", _set("a", 5)), ("b", turned))}  # fmt: skip
    assert sorted(_ids(mk.mix(streams, seed=0)[0])) == sorted(_ids(rows))


def test_columns_of_other_types_are_named_with_them() -> None:
    other = _set("b", 5).cast(pa.schema([("id", pa.string()), ("text", pa.large_string())]))
    with pytest.raises(SchemaError) as caught:
        mk.mix({"a": _set("a", 5), "b": other}, seed=0)
    assert caught.value.found == "a: id, text (string); b: id, text (large_string)"


@pytest.mark.parametrize(("counts", "message"), [
    (["many"] * 5, "tokens are counted in whole numbers"), ([0.5] * 5, "tokens are counted in whole numbers"),
    ([3, 2, -1, 5, 4], "a row has less than no tokens"),
])  # fmt: skip
def test_what_is_no_number_of_tokens_is_told(counts: list[Any], message: str) -> None:
    rows = _set("a", 5).append_column("prompt_tokens", pa.array(counts))
    rows = rows.append_column("completion_tokens", pa.array([1] * 5))
    with pytest.raises(SchemaError, match=message):
        mk.mix({"a": rows}, by="tokens", seed=0)
