"""What a person is told while loading: warnings that point at the line of their own code."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping

from medqa_kit.errors import (
    DroppedRowsWarning,
    EmptyDataError,
    LeftOutWarning,
    MedQAWarning,
    RowCountWarning,
)
from medqa_kit.loading.part_report import Report
from medqa_kit.loading.plan import Plan


def warn(message: str, kind: type[MedQAWarning]) -> None:
    """Warn at the nearest line outside the library: Python then shows it once for that line."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("medqa_kit."):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, kind, stacklevel=level)


def tell(plan: Plan, report: Report) -> None:
    """Say what a person should know of the rows: none, another number, some set aside."""
    name, part = plan.source.name, plan.part
    if report.made == 0:
        raise EmptyDataError(
            "no row is left", source=name, part=part.name,
            found=f"{report.read} rows read, {sum(report.aside.values())} set aside"
            + (f", {_counted(report.left_out)} left out" if report.left_out else ""),
            hint=f"see {', '.join(report.files)}" if report.files else "look at the files",
        )  # fmt: skip
    if report.aside:
        warn(
            f"{name}, part {part.name}: {sum(report.aside.values())} of {report.read} rows are set "
            f"aside ({_counted(report.aside)}), see {', '.join(report.files)}",
            DroppedRowsWarning,
        )
    tell_left_out(plan, report.left_out)
    if plan.pinned and part.exact and part.rows not in (None, report.read):
        warn(
            f"{name}, part {part.name}: {report.read} rows read, {part.rows} were counted when it was "
            "catalogued at this revision",
            RowCountWarning,
        )


def tell_left_out(plan: Plan, left_out: Mapping[str, int]) -> None:
    """Say how much of what upstream has is in no row of a part, and why."""
    if sum(left_out.values()):
        name = plan.source.name
        warn(
            f"{name}, part {plan.part.name}: in no row are {_counted(left_out)}, see "
            f"mk.source({name!r}).show()",
            LeftOutWarning,
        )


def _counted(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
