"""Splits: stable, whole families on one side, fractions as asked; manifests."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exam_text import items
from gauntlet import EDITED, held_table, planted
from laws import examples
from medqa_kit.core.arrow.hashing import bucket
from medqa_kit.errors import (
    ArgumentError,
    FamilyWarning,
    FormatError,
    NullValueError,
    SchemaError,
    SplitWarning,
)
from medqa_kit.schemas import QA
from medqa_kit.splitting.deduplication import dedupe
from medqa_kit.splitting.manifests import apply_manifest
from medqa_kit.splitting.splits import kfold, row_parts, split, split_by_year
from no_numba import without_numba
from row_kinds import KINDS, rows_in

pytestmark = [
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.FamilyWarning"),
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.SplitWarning"),
]

PARTS = {"train": 0.8, "validation": 0.2}


def rows(count: int, *, families: int | None = None, prefix: str = "q") -> pa.Table:
    """Give questions too short to be near copies of each other."""
    return pa.Table.from_pylist([
        {"id": f"{prefix}/{i}", "source": f"s{i % 3}", "split": "train", "question": f"{prefix}{i * 7919:x}",
         "family": None if families is None else f"f{i % families}", "year": 2015 + i % 10}
        for i in range(count)], QA)  # fmt: skip


def sides(parts: object) -> dict[str, str]:
    return dict(zip(*(parts.manifest[c].to_pylist() for c in ("id", "part")), strict=True))  # type: ignore[attr-defined]


@pytest.mark.slow
def test_fractions_and_sides_hold_over_hundreds_of_seeds() -> None:
    """Each seed divides once as the rows are, and once in another order with rows added."""
    table, order = rows(400), np.random.default_rng(0)
    more = pa.concat_tables([table, rows(100, prefix="new")])
    shares = []
    for seed in range(300):
        first = split(table, PARTS, seed=seed, near=None)
        shares.append(first.achieved["train"])
        mixed = more.take(pa.array(order.permutation(len(more))))
        later = sides(split(mixed, PARTS, seed=seed, near=None))
        assert later.items() >= sides(first).items()
    # A share of 400 independent rows has a standard deviation of .02.
    assert abs(np.mean(shares) - 0.8) < 0.003
    assert 0.015 < np.std(shares) < 0.025
    assert max(abs(np.array(shares) - 0.8)) < 0.1
    assert len(set(shares)) > 20


@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 10**9), shuffle=st.integers(0, 10**6), added=st.integers(0, 50))
def test_a_row_keeps_its_side(seed: int, shuffle: int, added: int) -> None:
    first = sides(split(rows(200, families=150), PARTS, seed=seed, near=None))
    more = pa.concat_tables([rows(200, families=150), rows(added, prefix="new")])
    order = np.random.default_rng(shuffle).permutation(len(more))
    later = sides(split(more.take(pa.array(order)), PARTS, seed=seed, near=None))
    assert {name: later[name] for name in first} == first


@settings(max_examples=examples(20), deadline=None)
@given(seed=st.integers(0, 10**9), families=st.integers(2, 60))
def test_a_family_never_straddles(seed: int, families: int) -> None:
    table = rows(240, families=families)
    parts = split(table, {"a": 0.5, "b": 0.3, "c": 0.2}, seed=seed)
    sets = [set(part["family"].to_pylist()) for part in parts.values()]
    assert sum(map(len, sets)) == len(set.union(*sets))
    assert sum(len(part) for part in parts.values()) == len(table)


@given(
    families=st.lists(st.none() | st.integers(0, 9), min_size=1, max_size=60),
    texts=st.integers(1, 40), seed=st.integers(0, 10**9),
)  # fmt: skip
def test_parts_alone_are_those_of_a_split(
    families: list[int | None], texts: int, seed: int
) -> None:
    """Of rows with relatives and copies, of which few names are read again."""
    table = pa.table({
        "id": [f"q/{i}" for i in range(len(families))],
        "family": pa.array([None if name is None else f"f{name}" for name in families], pa.string()),
        "question": [f"question {i % texts * 7919:x}" for i in range(len(families))],
    })  # fmt: skip
    parts = row_parts(table, PARTS, seed=seed).to_pylist()
    assert parts == split(table, PARTS, seed=seed).manifest["part"].to_pylist()


def test_near_copies_never_straddle() -> None:
    exam = [item for item in items("en", 120, seed=3) if len(item.stem) > 150]
    copies, _ = planted(exam, EDITED["one option less"], seed=1)
    table = pa.concat_tables([held_table(exam), copies])
    for seed in range(20):
        side = sides(split(table, {"a": 0.5, "b": 0.5}, seed=seed))
        assert [side[item.id] for item in exam] == [side[f"row/{i}"] for i in range(len(exam))]


def test_numba_and_numpy_agree() -> None:
    table = held_table(items("ko", 150, seed=3))
    first = split(table, PARTS, seed=4, near=0.5)
    with without_numba():
        two = split(table, PARTS, seed=4, near=0.5)
    assert first.manifest.equals(two.manifest)


def test_fractions_are_reported_by_stratum() -> None:
    parts = split(rows(900), PARTS, seed=1, near=None, stratify=("source", "subset"))
    assert parts.achieved == {k: len(v) / 900 for k, v in parts.items()}
    assert sum(parts.strata["s1", None].values()) == 300
    assert "train       s1/-" in str(parts)
    assert "80.0%" in str(parts)
    for counted in parts.strata.values():
        assert abs(counted["train"] / 300 - 0.8) < 0.1


def test_folds_share_nothing() -> None:
    folds = kfold(rows(1000, families=700), 5, seed=2, near=None)
    assert list(folds) == [f"fold-{i}" for i in range(5)]
    assert all(150 < len(fold) < 250 for fold in folds.values())
    families = [set(fold["family"].to_pylist()) for fold in folds.values()]
    assert sum(map(len, families)) == len(set.union(*families)) == 700


def test_years_divide_and_reuse_goes_to_the_later_side() -> None:
    table = rows(100)
    family = pa.array(["reused" if i in (0, 9) else None for i in range(100)])  # of 2015 and 2024
    table = table.set_column(table.schema.get_field_index("family"), QA.field("family"), family)
    parts = split_by_year(table, {"train": range(2015, 2022), "test": [2023, 2024]}, near=None)
    assert {k: len(v) for k, v in parts.items()} == {"train": 69, "test": 21, "unassigned": 10}
    assert "q/0" in parts["test"]["id"].to_pylist()
    assert set(parts["unassigned"]["year"].to_pylist()) == {2022}


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_manifest_is_applied_again(tmp_path: Path, ending: str) -> None:
    parts = split(rows(300), PARTS, seed=3, near=None)
    parts.save(tmp_path / f"split.{ending}")
    again = apply_manifest(rows(300), tmp_path / f"split.{ending}")
    assert {k: v["id"].to_pylist() for k, v in again.items()} == {
        k: v["id"].to_pylist() for k, v in parts.items()}  # fmt: skip
    more = apply_manifest(pa.concat_tables([rows(300), rows(5, prefix="new")]), parts.manifest)
    assert len(more["unassigned"]) == 5
    assert [p.name for p in tmp_path.iterdir()] == [f"split.{ending}"]


def test_a_manifest_with_unassigned_rows_loses_none() -> None:
    """Rows it knows as unassigned and rows it does not know are both of that part."""
    parts = split_by_year(rows(20), {"a": [2015]}, near=None)
    assert len(parts["unassigned"]) == 18
    more = pa.concat_tables([rows(20), rows(3, prefix="new")])
    again = apply_manifest(more, parts.manifest)
    assert {name: len(part) for name, part in again.items()} == {"a": 2, "unassigned": 21}


def test_a_manifest_that_says_two_things_is_refused() -> None:
    for parts, sentence in (
        (["a", "b"], "1 ids in two parts, such as 'q/0'"),
        (["a", None], "1 ids in none"),
    ):
        with pytest.raises(FormatError, match=sentence):
            apply_manifest(rows(2), pa.table({"id": ["q/0", "q/0"], "part": parts}))


def test_a_division_that_no_manifest_can_tell_is_not_saved(tmp_path: Path) -> None:
    """Two sources number their rows alike, and the families part them."""
    rows = pa.table(
        {
            "id": ["1", "1"] * 9,
            "family": [f"f{i}" for i in range(18)],
            "text": [f"{i} texts" for i in range(18)],
        }
    )
    parts = split(rows, {"train": 0.5, "test": 0.5}, seed=1, near=None)
    with pytest.raises(FormatError, match="one part for each id"):
        parts.save(tmp_path / "m.csv")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("values", [[["a"]] * 2, [{"b": 1}] * 2, [b"\xff"] * 2])
@pytest.mark.parametrize("force", [False, True])
def test_columns_of_nested_values_are_no_strata(values: list[Any], force: bool) -> None:
    rows = pa.table(
        {"id": ["a", "b"], "family": ["a", "b"], "text": ["One.", "Two."], "x": pa.array(values)}
    )
    with pytest.raises(ArgumentError, match="cannot be told apart by the column 'x'"):
        split(rows, {"train": 0.5, "test": 0.5}, seed=1, stratify=["x"], force=force)
    parts = split(rows, {"train": 0.5, "test": 0.5}, seed=1, stratify=["text", "text"])
    assert set(parts.strata) == {("One.",), ("Two.",)}


def test_validation_is_taken_by_yes_or_no() -> None:
    rows = pa.table({"id": list("abcd"), "family": list("abcd"), "text": ["One.", "Two.", "Three.", "Four."],
                     "checked": [True, False, None, True]})  # fmt: skip
    parts = split(rows, {"train": 1.0}, seed=1, validation={"checked": True}, near=None)
    assert parts["validation"]["id"].to_pylist() == ["a", "d"]


def test_other_files_are_no_manifest(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    with pytest.raises(FormatError, match="not a split manifest"):
        apply_manifest(rows(3), tmp_path / "x.csv")


def test_datasets_are_divided() -> None:
    data = datasets.Dataset(rows(100).replace_schema_metadata(None))
    parts = split(data, PARTS, seed=1)
    assert all(isinstance(part, datasets.Dataset) for part in parts.values())
    assert sides(parts) == sides(split(rows(100), PARTS, seed=1))


def test_what_cannot_be_divided_is_refused() -> None:
    for fractions in ({"train": 0.9}, {"a": 0.9, "b": 0.2}, {"a": 1.0, "b": 0.0}):
        with pytest.raises(ArgumentError, match=r"add up to 1|above 0, at most 1"):
            split(rows(3), fractions, seed=1)
    with pytest.raises(ArgumentError, match="no column 'where'"):
        split(rows(3), PARTS, seed=1, stratify=["where"])
    with pytest.raises(ArgumentError, match=r"by= takes one of(.|\n)*family, id"):
        split(rows(3), PARTS, seed=1, by="families")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="near= takes a number"):
        split(rows(3), PARTS, seed=1, near=0)
    for divide in (lambda table: split(table, PARTS, seed=1), lambda table: kfold(table, 2, seed=1),
                   lambda table: apply_manifest(table, pa.table({"id": ["a"], "part": ["b"]}))):  # fmt: skip
        with pytest.raises(SchemaError, match="needs an id"):
            divide(rows(3).drop_columns("id"))
    with pytest.raises(SchemaError, match="needs a year"):
        split_by_year(rows(3).drop_columns("year"), {"a": [2015]})
    for reserved in (lambda: split(rows(3), {"train": 0.5, "unassigned": 0.5}, seed=1),
                     lambda: split_by_year(rows(3), {"unassigned": [2015]})):  # fmt: skip
        with pytest.raises(ArgumentError, match="no part can be called 'unassigned'"):
            reserved()
    with pytest.raises(ArgumentError, match="two parts"):
        split_by_year(rows(3), {"a": [2015], "b": [2015]})
    with pytest.raises(ArgumentError, match="folds"):
        kfold(rows(3), 1, seed=1)
    with pytest.raises(NullValueError):
        bucket(pa.array(["a", None]), salt="x")


def test_nothing_divides_into_nothing() -> None:
    parts = split(rows(0), PARTS, seed=1)
    assert [len(part) for part in parts.values()] == [0, 0]
    assert pc.count(parts.manifest["id"]).as_py() == 0


def test_a_part_that_gets_nothing_or_far_too_much_is_named() -> None:
    one_family = rows(400, families=1)
    with pytest.warns(SplitWarning, match=r"gets 100\.0% of 400 rows(.|\n)*'f0', has 400 rows"):
        parts = split(one_family, PARTS, seed=1, near=None)
    assert len(parts.notes) == 2
    assert "note: part" in str(parts)
    assert "<p>part" in parts._repr_html_()


@pytest.mark.parametrize("force", [True, False])
def test_a_family_larger_than_any_part_is_named(force: bool) -> None:
    rows = [{"id": f"r/{i}", "family": "giant" if i < 36 else f"f{i}", "text": f"{i:x}" * 9} for i in range(40)]  # fmt: skip
    with pytest.warns(SplitWarning, match="the largest, 'giant', has 36 rows"):
        parts = split(pa.Table.from_pylist(rows), {"train": 0.8, "test": 0.2}, seed=1, force=force, near=None)  # fmt: skip
    assert len(parts.notes) == 2


def test_blank_families_are_none_and_lists_are_refused() -> None:
    """Files of CSV have an empty text where there is no family."""
    table = pa.table({"id": list("abcd"), "family": ["", " ", None, "f"], "text": ["One.", "Two.", "Three.", "Four."]})  # fmt: skip
    assert split(table, {"train": 0.5, "test": 0.5}, seed=1, near=None).groups == 4
    nested = table.set_column(1, "family", pa.array([["f"]] * 4))
    for divide in (
        lambda: split(nested, {"train": 0.5, "test": 0.5}, seed=1),
        lambda: kfold(nested, 2, seed=1),
    ):
        with pytest.raises(SchemaError, match="names no families"):
            divide()


@settings(max_examples=examples(50), deadline=None)
@given(st.lists(st.integers(1, 12), min_size=1, max_size=30), st.integers(2, 6), st.integers(0, 99))
def test_folds_are_filled_by_size(sizes: list[int], folds: int, seed: int) -> None:
    families = [f"f{i}" for i, size in enumerate(sizes) for _ in range(size)]
    table = rows(len(families)).set_column(
        QA.get_field_index("family"), QA.field("family"), pa.array(families)
    )
    parts = kfold(table, folds, seed=seed, near=None)
    filled = [part.num_rows for part in parts.values()]
    assert sum(filled) == len(families)
    assert max(filled) - min(filled) <= max(sizes)
    if len(sizes) >= folds:
        assert min(filled) > 0
    for part in parts.values():
        others = [other for other in parts.values() if other is not part]
        assert not set(part["family"].to_pylist()) & {
            f for other in others for f in other["family"].to_pylist()
        }


def test_a_string_to_stratify_by_is_no_list_of_letters() -> None:
    with pytest.raises(ArgumentError, match="columns come as a list"):
        split(rows(10), PARTS, seed=1, stratify="subset")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.slow
def test_every_kind_of_rows_is_divided_alike(kind: str) -> None:
    table = rows(60, families=40)
    wanted = sides(split(table, PARTS, seed=3, near=None, stratify=["source"]))
    data = KINDS[kind](table)
    parts = split(data, PARTS, seed=3, near=None, stratify=["source"])
    assert sides(parts) == wanted
    assert str(parts) == str(split(table, PARTS, seed=3, near=None, stratify=["source"]))
    assert sum(len(rows_in(part)) for part in parts.values()) == 60
    again = apply_manifest(KINDS[kind](table), parts.manifest)
    for name, part in again.items():
        assert type(part) is type(data)
        assert {wanted[row["id"]] for row in rows_in(part)} == {name}
    years = {"train": range(2015, 2022), "test": [2022, 2023, 2024]}
    by_year = split_by_year(KINDS[kind](table), years, near=None)
    assert sides(by_year) == sides(split_by_year(table, years, near=None))
    folds = kfold(KINDS[kind](table), 3, seed=1)
    assert sides(folds) == sides(kfold(table, 3, seed=1))


@pytest.mark.parametrize("divide", [
    lambda table: split(table, PARTS, seed=1), lambda table: kfold(table, 2, seed=1),
    lambda table: split_by_year(table, {"a": [2015]}), dedupe,
])  # fmt: skip
@pytest.mark.filterwarnings("default::medqa_kit.errors.FamilyWarning")
def test_rows_without_families_are_warned_of(divide: Callable[[pa.Table], object]) -> None:
    with pytest.warns(FamilyWarning, match="the rows have no column 'family'") as caught:
        divide(rows(20).drop_columns("family"))
    assert [warning.filename for warning in caught if warning.category is FamilyWarning] == [
        __file__
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error", FamilyWarning)
        divide(rows(20))
        split(rows(20).drop_columns("family"), PARTS, seed=1, by="id")


@pytest.mark.parametrize("wrong", [[0.5, 0.5], {"a": "x", "b": 0.5}, {"": 0.5, "b": 0.5}, {1: 0.5, "b": 0.5}])  # fmt: skip
def test_parts_that_are_no_fractions_are_refused(wrong: Any) -> None:
    with pytest.raises(ArgumentError, match="parts= takes"):
        split(rows(3), wrong, seed=1)
    for years in ({"a": 2015}, {"a": ["2015"]}, {}):
        with pytest.raises(ArgumentError, match=r"parts(.|\n)*range|parts= takes a list"):
            split_by_year(rows(3), years)  # type: ignore[arg-type]


@settings(max_examples=examples(20), deadline=None)
@given(seed=st.integers(0, 10**6), families=st.integers(20, 600))
def test_forced_strata_get_their_fractions(seed: int, families: int) -> None:
    table = rows(600, families=families)
    free = split(table, PARTS, seed=seed, near=None, stratify=["source"])
    parts = split(table, PARTS, seed=seed, near=None, stratify=["source"], force=True)
    owner = dict(zip(table["id"].to_pylist(), table["family"].to_pylist(), strict=True))
    placed = {(owner[row], part) for row, part in sides(parts).items()}
    assert len(placed) == families  # whole families
    largest = -(-600 // families)
    # A family whose rows have several sources moves in several strata at once.
    most = largest if families % 3 == 0 else 2 * largest
    for stratum, counts in parts.strata.items():
        off = abs(counts.get("train", 0) - 0.8 * 200)
        assert off <= most
        assert off <= max(abs(free.strata[stratum].get("train", 0) - 0.8 * 200), most)
    assert abs(parts.achieved["train"] - 0.8) * 600 <= 2 * largest


def test_forcing_moves_few_rows_and_is_the_same_in_any_order() -> None:
    table = rows(1000)
    free = sides(split(table, PARTS, seed=3, near=None))
    parts = split(table, PARTS, seed=3, near=None, stratify="force")
    order = np.random.default_rng(1).permutation(1000)
    mixed = split(table.take(pa.array(order)), PARTS, seed=3, near=None, stratify="force")
    assert sides(parts) == sides(mixed)
    assert parts.achieved == {"train": 0.8, "validation": 0.2}
    assert sum(free[row] != part for row, part in sides(parts).items()) < 60
    assert list(parts.strata) == [("s0", None), ("s1", None), ("s2", None)]


def test_validation_is_a_share_of_a_year() -> None:
    table = rows(4000, families=3900)
    exam = {"source": "s1", "year": 2019, "share": 0.1}
    meant = pc.and_(pc.equal(table["source"], "s1"), pc.equal(table["year"], 2019))
    parts = split(
        table, {"train": 0.9, "test": 0.1}, seed=2, near=None, validation=exam, force=True
    )
    assert list(parts) == ["train", "test", "validation"]
    chosen = set(parts["validation"]["id"].to_pylist())
    among = set(table.filter(meant)["id"].to_pylist())
    assert abs(len(chosen & among) - len(among) / 10) <= 1
    assert len(chosen - among) <= 20  # members of their families only
    assert not parts.notes
    whole = split(table, {"train": 1.0}, seed=2, near=None, validation={"year": [2019, 2020]})
    assert set(whole["validation"]["year"].to_pylist()) >= {2019, 2020}
    assert not {2019, 2020} & set(whole["train"]["year"].to_pylist())


@pytest.mark.parametrize(
    "wrong", [{"year": 1999}, {"share": 0.1}, {"yaer": 2019}, {"year": 2019, "share": 0}, "2019"]
)
def test_a_validation_part_that_cannot_be_taken_is_refused(wrong: Any) -> None:
    with pytest.raises(ArgumentError, match="validation"):
        split(rows(50), {"train": 1.0}, seed=1, near=None, validation=wrong)
    with pytest.raises(ArgumentError, match="validation"):
        split(rows(50), PARTS, seed=1, near=None, validation={"year": 2019})


def of_two_kinds(*, first: str) -> datasets.DatasetDict:
    """Return a dict of which one split has no column ``year``."""
    exam = datasets.Dataset.from_dict(
        {
            "id": ["e/1", "e/2"],
            "family": ["f1", "f2"],
            "question": ["Why fever?", "Why cough?"],
            "year": [2020, 2021],
        }
    )
    talk = datasets.Dataset.from_dict(
        {"id": ["t/1", "t/2"], "family": ["f3", "f4"], "question": ["How are you?", "And now?"]}
    )
    parts = {"exam": exam, "talk": talk}
    return datasets.DatasetDict(
        {name: parts[name] for name in sorted(parts, key=lambda name: name != first)}
    )


@pytest.mark.parametrize("first", ["exam", "talk"])
def test_the_order_of_the_splits_of_a_dict_decides_nothing(first: str) -> None:
    rows = of_two_kinds(first=first)
    parts = split(rows, {"train": 1.0}, seed=0, validation={"year": 2020})
    assert {row["id"] for split in parts["validation"].values() for row in split} == {"e/1"}
    with pytest.raises(ArgumentError, match="there is no column 'year'"):
        split(rows, {"a": 0.5, "b": 0.5}, seed=0, stratify=["year"])
    with pytest.raises(SchemaError, match="every row needs a year"):
        split_by_year(rows, {"train": [2020], "test": [2021]})
    with pytest.raises(ArgumentError, match="there is no column 'yaer'"):
        split(rows, {"train": 1.0}, seed=0, validation={"yaer": 2020})
