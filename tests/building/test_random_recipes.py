"""Laws of builds, tried on random recipes over rows of every schema."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from laws import examples
from medqa_kit.building.built import Build
from medqa_kit.building.planning.build_plan import BuildPlan
from plan_differences import plan_differences
from random_recipes import recipes, steady_recipes, write_rows
from results import file_bytes, listed_rows

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")]
_MARKS = re.compile(r"(#chosen|#rejected|#\d+)+$")
_ROWS = (".parquet", ".jsonl", ".zst")
_TRIED = settings(max_examples=examples(20), deadline=None, suppress_health_check=[*HealthCheck])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("random")
    (place / "rows").mkdir()
    return place


def build(recipe: dict[str, Any], out: Path, **how: Any) -> Build | str:
    """Build, or return what the recipe is refused with."""
    try:
        return mk.build(
            recipe, out=out, cache_dir=out.parent / how.pop("cache", "cache"), quiet=True, **how
        )
    except mk.MedQAError as error:
        return str(error)


def plan(recipe: dict[str, Any], folder: Path) -> BuildPlan | str:
    """Plan a build, or return what the recipe is refused with."""
    try:
        return mk.plan(recipe, cache_dir=folder / "cache")
    except mk.MedQAError as error:
        return str(error)


def remix(result: Build, recipe: dict[str, Any], to: Path) -> Build | str:
    """Remix a result, or return what the recipe is refused with."""
    try:
        return mk.remix(result.path, recipe, to=to, cache_dir=to.parent / "cache", quiet=True)
    except mk.MedQAError as error:
        return str(error)


def written(result: Build) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each split in the first format, under the ids they were read with."""
    form = next(iter(result.manifest["formats"]))
    rows = {split: [row for file in sorted((result.path / form / split).glob("*.parquet"))
                    for row in pq.read_table(file).to_pylist()] for split in ("train", "validation")}  # fmt: skip
    return {
        split: [{**row, "id": _MARKS.sub("", row["id"])} for row in own]
        for split, own in rows.items()
    }


def ids(rows: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
    """Return the split of each row."""
    return {row["id"]: split for split, own in rows.items() for row in own}


def row_bytes(result: Build) -> dict[str, bytes]:
    return {
        name: content for name, content in file_bytes(result.path).items() if name.endswith(_ROWS)
    }


def row_ids(recipe: dict[str, Any]) -> set[str]:
    return {f"{source['as']}/{json.loads(line)['id']}" for source in recipe["source"]
            for line in Path(source["read"]).read_text("utf-8").splitlines()}  # fmt: skip


@_TRIED
@given(data=st.data())
def test_a_build_keeps_its_laws(folder: Path, data: st.DataObject) -> None:
    recipe = data.draw(recipes(folder / "rows"))
    outlook = plan(recipe, folder)
    result = build(recipe, folder / "out")
    if isinstance(outlook, str):
        assert outlook == result
        return
    if isinstance(result, str):
        assert outlook.problems.num_rows, result
        return
    assert plan_differences(outlook, result.manifest) == []
    assert not mk.verify(result.path).findings.num_rows
    rows, dropped = written(result), {row["id"]: row for row in listed_rows(result.path)}
    split = ids(rows)
    assert not {row["id"] for row in rows["train"]} & {row["id"] for row in rows["validation"]}
    assert not {row["family"] for row in rows["train"]} & {
        row["family"] for row in rows["validation"]
    } - {None}
    assert len(listed_rows(result.path)) == len(dropped), "each is dropped for one reason"
    assert not split.keys() & dropped.keys()
    assert len(split) + len(dropped) == result.manifest["totals"]["read"]
    for fate in mk.why(result.path, sorted(row_ids(recipe))):
        if fate.id in dropped:
            told = dropped[fate.id]
            assert (fate.status, fate.reason, fate.match) == (
                "dropped",
                told["reason"],
                told["match"],
            )
        elif fate.status == "never_read":
            assert fate.reason == "outside_slice"
            assert fate.id not in split
        else:
            assert fate.status == "kept"
            assert {place.split for place in fate.places} == {split[fate.id]}
    alike = mk.diff(result.path, result.path).report
    assert not alike.findings.num_rows
    again = build(recipe, folder / "again", cache="other")
    assert not isinstance(again, str)
    assert file_bytes(result.path) == file_bytes(again.path)


@_TRIED
@given(data=st.data())
def test_a_remix_is_a_build_and_a_retraction_leaves_the_rest(
    folder: Path, data: st.DataObject
) -> None:
    recipe = data.draw(recipes(folder / "rows"))
    changed, other = (
        json.loads(json.dumps(recipe)),
        data.draw(recipes(folder / "rows", mixed=False)),
    )
    changed |= {
        "seed": other["seed"],
        "split": {"validation": data.draw(st.sampled_from([0, 0.3]))},
    }
    if data.draw(st.booleans()):
        changed.pop("dedupe", None)
    for source in changed["source"]:
        source |= data.draw(
            st.sampled_from([{}, {"max_rows": 4}, {"where": {"chars": {"max": 120}}}])
        )
    result = build(recipe, folder / "out")
    if isinstance(result, str):
        return
    fresh = build(changed, folder / "fresh")
    mixed = remix(result, changed, folder / "mixed")
    if isinstance(mixed, str):
        assert fresh == mixed
    else:
        assert not isinstance(fresh, str)
        assert row_bytes(mixed) == row_bytes(fresh)
        before, after, changes = ids(written(result)), ids(written(fresh)), defaultdict(set)
        for row in mk.diff(result.path, fresh.path).report.findings.to_pylist():
            changes[row["code"]].add(_MARKS.sub("", row["id"]))
        assert before.keys() - after.keys() <= changes["went"]
        assert after.keys() - before.keys() <= changes["came"]
        assert {id for id in before.keys() & after.keys() if before[id] != after[id]} <= changes[
            "moved"
        ]
    rows = [row for own in written(result).values() for row in own]
    gone = data.draw(st.sampled_from(sorted({row["id"] for row in rows})))
    kin = {row["family"] for row in rows if row["id"] == gone} - {None}
    family = {row["id"] for row in rows if row["id"] == gone or row["family"] in kin}
    without = build(recipe, folder / "without", without_ids=[gone])
    if not isinstance(without, str):
        assert not ids(written(without)).keys() & family
        assert not mk.verify(without.path).findings.num_rows
    if family == {row["id"] for row in rows}:
        return
    left, _ = mk.retract(result.path, items=[gone])
    assert not mk.verify(left.path).findings.num_rows
    assert ids(written(left)).keys() == {row["id"] for row in rows} - family
    assert {fate.status for fate in mk.why(left.path, sorted(family))} == {"dropped"}


def fates(result: Build) -> dict[str, list[str]]:
    """Return of each row the splits it stands in, as often as it does, or why it was left out."""
    known: dict[str, list[str]] = defaultdict(list)
    for split, own in written(result).items():
        for row in own:
            known[row["id"]].append(split)
    for row in listed_rows(result.path):
        known[row["id"]].append(row["reason"])
    return dict(known)


@_TRIED
@given(data=st.data())
def test_a_source_more_or_a_row_less_changes_no_other_choice(
    folder: Path, data: st.DataObject
) -> None:
    recipe = data.draw(steady_recipes(folder / "rows"))
    result = build(recipe, folder / "out")
    if isinstance(result, str):
        return
    before, first = fates(result), recipe["source"][0]
    file = write_rows(folder / "rows", "extra", Path(first["read"]).name.split("-")[1], 9, 77)
    extra = {key: first[key] for key in ("schema", "license", "key", "options", "answer", "base", "view") if key in first}  # fmt: skip
    sources = [*recipe["source"]]
    sources.insert(
        data.draw(st.integers(0, len(sources))), {**extra, "as": "extra", "read": str(file)}
    )
    more = build({**recipe, "source": sources}, folder / "more")
    if not isinstance(more, str):
        after = fates(more)
        assert {id: after[id] for id in before} == before
    entry = data.draw(st.sampled_from(recipe["source"]))
    lines = Path(entry["read"]).read_text("utf-8").splitlines()
    gone = data.draw(st.sampled_from(lines))
    shorter = folder / "rows" / f"less-{Path(entry['read']).name}"
    shorter.write_text("".join(f"{line}\n" for line in lines if line != gone), "utf-8")
    less = build({**recipe, "source": [{**source, "read": str(shorter)} if source["read"] == entry["read"] else source
                                       for source in recipe["source"]]}, folder / "less")  # fmt: skip
    if not isinstance(less, str):
        after = fates(less)
        changed = {id for id in before | after if before.get(id) != after.get(id)}
        own = [source for source in recipe["source"] if source["read"] == entry["read"]]
        counted = sum("max_rows" in source or source.get("repeat", 1) % 1 > 0 for source in own)
        akin = row_ids_like(recipe, json.loads(gone))
        assert len(changed - akin) <= 2 * counted, (
            "at most one goes and one comes where so many are taken"
        )


def row_ids_like(recipe: dict[str, Any], gone: dict[str, Any]) -> set[str]:
    """Return the ids of rows that say the same as one, or are of its family."""
    said = {key: value for key, value in gone.items() if key not in ("id", "kin")}
    like = set()
    for source in recipe["source"]:
        for row in map(json.loads, Path(source["read"]).read_text("utf-8").splitlines()):
            kin = row["kin"] is not None and row["kin"] == gone["kin"]
            if (
                kin
                or {key: value for key, value in row.items() if key not in ("id", "kin")} == said
            ):
                like.add(f"{source['as']}/{row['id']}")
    return like
