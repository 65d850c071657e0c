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


def _differ(what: str, planned: Any, built: Any) -> Iterator[str]:
    if planned != built:
        yield f"{what}: plan {planned}, build {built}"


def _of_sources(outlook: mk.building.BuildPlan, manifest: Mapping[str, Any]) -> Iterator[str]:
    built: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for source in manifest["sources"]:
        built[source.get("as") or source["name"]].append(source)
    yield from _differ("sources", outlook.sources["source"].to_pylist(), list(built))
    for line in outlook.sources.to_pylist():
        name, same = line["source"], built[line["source"]]
        yield from _differ(f"{name}: basis", line["basis"], "exact")
        yield from _differ(
            f"{name}: parts", line["parts"], sum(len(source["parts"]) for source in same)
        )
        yield from _differ(
            f"{name}: licence",
            line["license"],
            "; ".join(dict.fromkeys(source["license"] for source in same)),
        )
        for key in ("read", "validation", *(() if "mix" in manifest else ("train",))):
            yield from _differ(f"{name}: {key}", line[key], sum(source[key] for source in same))
        stages = [row for row in outlook.stages.to_pylist() if row["source"] == name]
        dropped = sum((Counter(source["dropped"]) for source in same), Counter[str]())
        yield from _differ(
            f"{name}: dropped", {row["reason"]: row["rows"] for row in stages}, dict(dropped)
        )
        yield from _differ(f"{name}: sure", {row["basis"] for row in stages} - {"exact"}, set())  # fmt: skip


def _of_mix(outlook: mk.building.BuildPlan, manifest: Mapping[str, Any]) -> Iterator[str]:
    built = manifest["mix"]["sources"] if "mix" in manifest else {}
    yield from _differ("mix", outlook.mix["source"].to_pylist(), list(built))
    for line in outlook.mix.to_pylist():
        share = built[line["source"]]
        for key, also in (("available",) * 2, ("taken",) * 2, ("share",) * 2, ("seen",) * 2, ("rows", "taken_rows"),
                          ("bound_by",) * 2):  # fmt: skip
            yield from _differ(f"{line['source']}: {key} of the mix", line[key], share.get(also))


def _of_holdouts(outlook: mk.building.BuildPlan, manifest: Mapping[str, Any]) -> Iterator[str]:
    planned = {row["holdout"]: row["items"] for row in outlook.holdouts.to_pylist()}
    built = {
        holdout["name"]: holdout["items"] for holdout in manifest["holdouts"] if holdout["applied"]
    }
    yield from _differ("holdouts", planned, built)
    dropped = sum(
        n for why, n in manifest["totals"]["dropped"].items() if why.startswith("held_out")
    )
    yield from _differ("held out", sum(outlook.holdouts["rows"].to_pylist()), dropped)


def _of_conditions(outlook: mk.building.BuildPlan, manifest: Mapping[str, Any]) -> Iterator[str]:
    planned = {row["source"] for row in outlook.conditions.to_pylist() if row["accepted"]}
    built = {source["name"] for source in manifest["sources"] if source.get("accepted")}
    yield from _differ("accepted", planned, built)


def _of_costs(outlook: mk.building.BuildPlan, manifest: Mapping[str, Any]) -> Iterator[str]:
    planned = {row["what"]: row for row in outlook.costs.to_pylist()}
    built = manifest["totals"]["train"] + manifest["totals"]["validation"]
    yield from _differ("rows to write", planned["rows to write"]["amount"], built)
    yield from _differ("rows to write, basis", planned["rows to write"]["basis"], "exact")
