"""Warnings about one part: rows set aside or left out, or another number of rows than in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from medqa_kit.errors import (
    AnswerWarning,
    DroppedRowsWarning,
    EmptyDataError,
    LeftOutWarning,
    RowCountWarning,
)
from medqa_kit.errors.warning_classes import warn_at_caller
from medqa_kit.loading.plan import Plan
from medqa_kit.loading.preparing.part_folder import PartCounts
from medqa_kit.loading.readers.read_task import Rejected


def warn_of_counts(plan: Plan, counts: PartCounts) -> None:
    """Say what a person should know of the rows: none, another number, some set aside."""
    name, part = plan.source.name, plan.part
    if counts.made == 0:
        raise EmptyDataError(
            "no row is left", source=name, part=part.name,
            found=f"{counts.read} rows read, {sum(counts.aside.values())} set aside"
            + (f", {_counted(counts.left_out)} left out" if counts.left_out else "")
            + (f", {_counted(counts.passed_over)}" if counts.passed_over else ""),
            hint=f"see {', '.join(counts.files)}" if counts.files else "look at the files",
        )  # fmt: skip
    if counts.aside:
        warn_at_caller(
            f"{name}, part {part.name}: {sum(counts.aside.values())} of {counts.read} rows are set "
            f"aside ({_counted(counts.aside)}), see {', '.join(counts.files)}",
            DroppedRowsWarning,
        )
    warn_of_left_out(plan, counts.left_out)
    warn_of_doubts(plan, counts.doubts)
    _warn_of_number(plan, counts)


def _warn_of_number(plan: Plan, counts: PartCounts) -> None:
    part, counted = plan.part, plan.pinned or plan.origin == "path"
    # Rows of other sources in the same file were not counted, those that a choice leaves out were.
    passed = counts.passed_over
    fitting = (None, counts.read, counts.read - sum(passed.values()))
    if counted and part.exact and part.rows not in fitting:
        warn_at_caller(
            f"{plan.source.name}, part {part.name}: {counts.read} rows read{f', {_counted(passed)}' if passed else ''}, "
            f"{part.rows} were counted when it was "
            f"catalogued{' at this revision' if plan.pinned else ''}",
            RowCountWarning,
        )


def warn_of_stream(plan: Plan, counts: PartCounts, first: Rejected | None, *, whole: bool) -> None:
    """Say at the end of a stream how many rows it went past, and which was the first; and whether rows are missing.

    Args:
        plan: Of the part.
        counts: Of the rows.
        first: The first row that was set aside, if any.
        whole: Whether the stream is that of all files, and not of those of one of several readers.

    Raises:
        AccountError: Raw rows are missing.
        EmptyDataError: No row came through.
    """
    name, part = plan.source.name, plan.part.name
    counts.refuse_open(counts.made, source=name, part=part)
    if first is not None:
        said = (
            f"{sum(counts.aside.values())} of {counts.read} rows are set aside "
            f"({_counted(counts.aside)}); the first is row {first.row + 1} of file {first.file!r}: "
            f"{first.message.splitlines()[0]}"
        )
        if counts.made == 0:
            raise EmptyDataError("no row is left", source=name, part=part, found=said,
                                 hint="look at the files")  # fmt: skip
        warn_at_caller(f"{name}, part {part}: {said}", DroppedRowsWarning)
    warn_of_left_out(plan, counts.left_out)
    warn_of_doubts(plan, counts.doubts)
    if whole:
        _warn_of_number(plan, counts)


def warn_of_left_out(plan: Plan, left_out: Mapping[str, int]) -> None:
    """Say how much of what upstream has is in no row of a part, and why."""
    if sum(left_out.values()):
        name = plan.source.name
        warn_at_caller(
            f"{name}, part {plan.part.name}: in no row are {_counted(left_out)}, see "
            f"mk.source({name!r}).show()",
            LeftOutWarning,
        )


def warn_of_doubts(plan: Plan, doubts: Sequence[str]) -> None:
    """Say where answers stand so oddly that their numbers may count from elsewhere."""
    for doubt in doubts:
        warn_at_caller(
            f"{plan.source.name}, part {plan.part.name}, file {doubt}: compare some answers with their "
            "questions, the numbers may count from elsewhere",
            AnswerWarning,
        )


def _counted(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
