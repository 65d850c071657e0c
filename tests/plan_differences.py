"""Says where a build did something else than its plan said, number by number."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import medqa_kit as mk


def plan_differences(outlook: mk.building.BuildPlan, manifest: Mapping[str, Any]) -> list[str]:
    """Compare a plan of rows that are all here with the manifest of the build."""
    listed = [
        *outlook.problems["problem"].to_pylist(), *_of_sources(outlook, manifest), *_of_mix(outlook, manifest),
        *_of_holdouts(outlook, manifest), *_of_conditions(outlook, manifest), *_of_costs(outlook, manifest),
    ]  # fmt: skip
    return list(map(str, listed))


def _differ(what: str, told: Any, made: Any) -> Iterator[str]:
    if told != made:
        yield f"{what}: plan {told}, build {made}"


def _of_sources(outlook: mk.building.BuildPlan, manifest: Mapping[str, Any]) -> Iterator[str]:
    made: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for source in manifest["sources"]:
        made[source.get("as") or source["name"]].append(source)
    yield from _differ("sources", outlook.sources["source"].to_pylist(), list(made))
    for told in outlook.sources.to_pylist():
        name, same = told["source"], made[told["source"]]
        yield from _differ(f"{name}: basis", told["basis"], "exact")
        yield from _differ(f"{name}: parts", told["parts"], sum(len(one["parts"]) for one in same))
        yield from _differ(
            f"{name}: licence",
            told["license"],
            "; ".join(dict.fromkeys(one["license"] for one in same)),
        )
        for key in ("read", "validation", *(() if "mix" in manifest else ("train",))):
            yield from _differ(f"{name}: {key}", told[key], sum(one[key] for one in same))
        stages = [row for row in outlook.stages.to_pylist() if row["source"] == name]
        dropped = sum((Counter(one["dropped"]) for one in same), Counter[str]())
        yield from _differ(
            f"{name}: dropped", {row["reason"]: row["rows"] for row in stages}, dict(dropped)
        )
        yield from _differ(f"{name}: sure", {row["basis"] for row in stages} - {"exact"}, set())  # fmt: skip


def _of_mix(outlook: mk.building.BuildPlan, manifest: Mapping[str, Any]) -> Iterator[str]:
    made = manifest["mix"]["sources"] if "mix" in manifest else {}
    yield from _differ("mix", outlook.mix["source"].to_pylist(), list(made))
    for told in outlook.mix.to_pylist():
        one = made[told["source"]]
        for key, also in (("available",) * 2, ("taken",) * 2, ("share",) * 2, ("seen",) * 2, ("rows", "taken_rows"),
                          ("bound_by",) * 2):  # fmt: skip
            yield from _differ(f"{told['source']}: {key} of the mix", told[key], one.get(also))


def _of_holdouts(outlook: mk.building.BuildPlan, manifest: Mapping[str, Any]) -> Iterator[str]:
    told = {row["holdout"]: row["items"] for row in outlook.holdouts.to_pylist()}
    made = {one["name"]: one["items"] for one in manifest["holdouts"] if one["applied"]}
    yield from _differ("holdouts", told, made)
    held = sum(n for why, n in manifest["totals"]["dropped"].items() if why.startswith("held_out"))
    yield from _differ("held out", sum(outlook.holdouts["rows"].to_pylist()), held)


def _of_conditions(outlook: mk.building.BuildPlan, manifest: Mapping[str, Any]) -> Iterator[str]:
    told = {row["source"] for row in outlook.conditions.to_pylist() if row["accepted"]}
    made = {one["name"] for one in manifest["sources"] if one.get("accepted")}
    yield from _differ("accepted", told, made)


def _of_costs(outlook: mk.building.BuildPlan, manifest: Mapping[str, Any]) -> Iterator[str]:
    told = {row["what"]: row for row in outlook.costs.to_pylist()}
    made = manifest["totals"]["train"] + manifest["totals"]["validation"]
    yield from _differ("rows to write", told["rows to write"]["amount"], made)
    yield from _differ("rows to write, basis", told["rows to write"]["basis"], "exact")
