"""Several entries of one source: each row goes to the one that takes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import medqa_kit as mk

EXAM: dict[str, Any] = {"name": "kormedmcqa", "subset": "doctor"}


def recipe(*sources: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "demo", "source": list(sources), "split": {"validation": 0},
            "format": {"record": "trl/messages"}, **more}  # fmt: skip


def built(tmp_path: Path, *sources: dict[str, Any], **more: Any) -> mk.building.Build:
    result = mk.build(recipe(*sources, **more), out=tmp_path / "out", origin="sample")
    assert set(mk.verify(result.path).by("code")) <= {"unchecked"}
    return result


def listed(result: mk.building.Build, folder: str) -> list[dict[str, Any]]:
    files = sorted((result.path / folder).glob("*.parquet"))
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def by_id(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: row["id"])


def passed_over(entry: dict[str, Any]) -> int:
    return sum(facts["of_other_entries"] for facts in entry["parts"].values())


NARROWED = [
    ({"years": [2012]}, {"years": {"from": 2013}}),
    ({"where": {"year": [2012, 2019]}}, {"years": [2013, 2020]}),
    (
        {"where": {"column_chars": {"question": {"max": 30}}}},
        {"where": {"column_chars": {"question": {"min": 31}}}},
    ),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> mk.building.Build:
    """All rows, from one entry."""
    return mk.build(recipe(EXAM), out=tmp_path_factory.mktemp("whole") / "out", origin="sample")


@pytest.mark.parametrize(("first", "other"), NARROWED)
def test_entries_that_do_not_overlap_take_each_row_once(
    hub, tmp_path: Path, whole: mk.building.Build, first: dict, other: dict
) -> None:
    entries = ({**EXAM, **first, "as": "early"}, {**EXAM, **other, "as": "late"})
    result = built(tmp_path, *entries)
    for folder in ("trl_messages/train", "dropped"):
        assert by_id(listed(result, folder)) == by_id(listed(whole, folder))
    totals, early, late = result.manifest["totals"], *result.manifest["sources"]
    assert totals == whole.manifest["totals"]
    assert min(early["read"], late["read"]) > 0
    assert [passed_over(early), passed_over(late)] == [late["read"], early["read"]]
    plan = mk.plan(recipe(*entries), origin="sample")
    assert plan.problems.num_rows == 0
    assert plan.sources["train"].to_pylist() == [early["train"], late["train"]]


def test_what_no_entry_takes_is_listed_once(hub, tmp_path: Path, whole: mk.building.Build) -> None:
    result = built(tmp_path, {**EXAM, "years": [2012], "as": "one"}, {**EXAM, "years": [2020, 2013], "as": "two"})  # fmt: skip
    gone = [row["id"] for row in listed(result, "dropped") if row["reason"] == "other_year"]
    assert gone == ["sample:kormedmcqa/doctor/2019-1-57"]
    fates = mk.why(result.path, [*gone, "sample:kormedmcqa/doctor/2012-1-1"])
    assert [fate.status for fate in fates] == ["dropped", "kept"]
    assert result.manifest["totals"]["read"] == whole.manifest["totals"]["read"]


def test_a_row_that_two_entries_take_is_refused_by_its_id(hub, tmp_path: Path) -> None:
    twice = recipe({**EXAM, "years": [2012]}, {**EXAM, "as": "all"})
    with pytest.raises(mk.errors.RecipeError, match="rows come twice") as caught:
        mk.build(twice, out=tmp_path / "out", origin="sample")
    assert "1 repeated ids, such as 'sample:kormedmcqa/doctor/2012-1-1'" in str(caught.value)
    assert "rows come twice" in mk.plan(twice, origin="sample").problems["problem"][0].as_py()


def test_a_year_that_no_row_is_of_is_told_as_ever(hub, tmp_path: Path) -> None:
    never = recipe(
        {**EXAM, "years": [1900], "as": "a"}, {**EXAM, "years": {"from": 2000}, "as": "b"}
    )
    with pytest.raises(mk.errors.RecipeError, match="no row is of these years"):
        mk.build(never, out=tmp_path / "out", origin="sample")
    assert "no row is of these years" in mk.plan(never, origin="sample").problems["problem"][0].as_py()  # fmt: skip


@pytest.mark.slow
def test_other_years_are_a_remix_and_workers_change_nothing(hub, tmp_path: Path) -> None:
    entries = [{**EXAM, "years": [2012], "as": "early"}, {**EXAM, "years": {"from": 2013}, "as": "late"}]  # fmt: skip
    other = [{**EXAM, "years": {"to": 2013}, "as": "early"}, {**EXAM, "years": {"from": 2014}, "as": "late"}]  # fmt: skip
    first = built(tmp_path, *entries)
    again = mk.build(recipe(*entries), out=tmp_path / "again", origin="sample", processes=2)
    assert again.manifest == first.manifest
    remixed = mk.remix(first.path, recipe(*other), to=tmp_path / "remixed")
    anew = mk.build(recipe(*other), out=tmp_path / "anew", origin="sample")
    assert remixed.manifest["data_digest"] == anew.manifest["data_digest"]
    assert remixed.manifest["sources"] == anew.manifest["sources"]


def test_limits_and_years_are_of_each_entry_though_two_have_one_name(hub, tmp_path: Path) -> None:
    result = built(tmp_path, {**EXAM, "years": [2012], "max_rows": 1}, {**EXAM, "years": {"from": 2019}, "max_rows": 2})  # fmt: skip
    assert [each["train"] for each in result.manifest["sources"]] == [1, 2]
    never = recipe({**EXAM, "years": [1900]}, {**EXAM, "years": {"from": 2012}})
    assert "no row is of these years" in mk.plan(never, origin="sample").problems["problem"][0].as_py()  # fmt: skip


def test_a_setting_of_one_of_two_sources_of_one_name_is_refused() -> None:
    with pytest.raises(mk.errors.ArgumentError, match="several sources are called 'kormedmcqa'"):
        mk.Recipe.of(recipe({**EXAM, "years": [2012]}, {**EXAM, "years": [2013]}), settings={"source.kormedmcqa.max_rows": 1})  # fmt: skip
    named = mk.Recipe.of(recipe({**EXAM, "as": "a"}, EXAM), settings={"source.a.max_rows": 1})
    assert [source.max_rows for source in named.sources] == [1, None]


@pytest.mark.parametrize("mix", [{}, {"mix": {"stop": "all_exhausted", "epochs": 2}}])
def test_a_kept_row_says_of_which_entry_it_is(hub, tmp_path: Path, mix: dict[str, Any]) -> None:
    entries = [{**EXAM, "years": {"from": 2013}, "as": "late"}, {"name": "kbmc"}, {**EXAM, "years": [2012], "as": "early"}]  # fmt: skip
    result = built(tmp_path, *entries, **mix)

    def entries_of(ids: list[str]) -> list[set[str | None]]:
        return [{place.entry for place in fate.places} for fate in mk.why(result.path, ids)]

    ids = [row["id"] for row in listed(result, "trl_messages/train")]
    kbmc = next(name for name in ids if "kbmc" in name and "#" not in name)
    exam = "sample:kormedmcqa/doctor/"
    wanted = [f"{exam}2012-1-1", f"{exam}2019-1-57", kbmc]
    assert entries_of(wanted) == [{"early"}, {"late"}, {None}]
    assert str(mk.why(result.path, wanted[0])).startswith(f"{wanted[0]}: kept, of early\n")
    mk.retract(result.path, items=[kbmc])
    assert entries_of(wanted) == [{"early"}, {"late"}, set()]
    assert mk.why(result.path, f"{exam}2012-1-1#9").detail == f"{exam}2012-1-1 is in the result, and no copy of it has this id"  # fmt: skip
    for slip in ("early/doctor/2012-1-1", "2012-1-1", "doctor/2012-1-1"):
        assert mk.why(result.path, slip).hint == f"did you mean '{exam}2012-1-1'?"


def test_the_entries_of_a_source_are_printed_by_their_names(hub, tmp_path: Path) -> None:
    early, late = {**EXAM, "as": "early", "years": [2012]}, {**EXAM, "as": "late", "years": [2019]}
    shown = str(built(tmp_path, early, late))
    assert "early (kormedmcqa) " in shown
    assert "late (kormedmcqa) " in shown
