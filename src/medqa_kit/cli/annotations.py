"""Lines of findings in a file, as a person counts, and annotations of them for GitHub Actions."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import medqa_kit as mk
from medqa_kit.loading.files.record_lines import record_lines

LINE = "line"
"""Column of findings: the line of the file, counted from 1, at which the row begins."""

_MOST = 10  # so many of a kind GitHub shows of one step


def with_lines(report: mk.Report, name: str) -> mk.Report:
    """Add to findings the line of the file at which their row begins, where the file has lines.

    Args:
        report: On the rows of the file.
        name: The file; ``-`` and Parquet have no lines.
    """
    if not len(report.findings):
        return report
    lines = record_lines(Path(name))
    if lines is None or len(lines) != report.rows:  # such as one list over many lines
        return report
    numbers = [None if row is None else lines[row] for row in report.findings["row"].to_pylist()]
    return replace(report, findings=report.findings.append_column(LINE, [numbers]))


def github_lines(report: mk.Report, name: str, *, title: str) -> str:
    """Return findings as annotations of GitHub Actions, and the head of the report.

    Args:
        report: On the rows of the file.
        name: The file, as it is called in the repository.
        title: What the annotations are about.
    """
    shown = list(islice(report.findings.to_pylist(), _MOST))
    lines = [_annotation(finding, name, title) for finding in shown]
    if len(report.findings) > len(shown):
        rest = f"{len(report.findings):,} findings in all; --report FILE lists them"
        lines.append(f"::notice file={_property(name)},title={_property(title)}::{_message(rest)}")
    return "\n".join([*lines, str(report).partition("\n")[0]])


def _annotation(finding: dict[str, Any], name: str, title: str) -> str:
    level = {"warning": "warning", "note": "notice"}.get(finding.get("severity", ""), "error")
    place = f"file={_property(name)}"
    if finding.get(LINE) is not None:
        place += f",line={finding[LINE]}"
    said = f"{finding['id']}: {finding['code']}: {finding['detail']}"
    return f"::{level} {place},title={_property(title)}::{_message(said)}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
