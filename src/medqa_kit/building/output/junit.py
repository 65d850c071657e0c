"""JUnit XML of the gates of a build, which continuous integration shows as tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from medqa_kit.building.stages.gates import GateResult
from medqa_kit.core.atomic import saved_whole


def write_junit(file: Path, results: Sequence[GateResult], *, recipe: str) -> None:
    """Write what was measured at the gates, one test case each; a closed gate is a failure.

    Args:
        file: The file; one that stands there is replaced.
        results: Of the gates.
        recipe: Name of the recipe.

    Raises:
        StorageError: The file cannot be written.
    """
    closed = sum(not result.passed for result in results)
    suite = ElementTree.Element("testsuite", name=recipe, tests=str(len(results)), failures=str(closed),
                                errors="0", skipped="0", time="0")  # fmt: skip
    for result in results:
        case = ElementTree.SubElement(
            suite, "testcase", classname=f"{recipe}.gate", name=result.name, time="0"
        )
        if result.passed:
            ElementTree.SubElement(case, "system-out").text = str(result)
        else:
            ElementTree.SubElement(case, "failure", message=str(result), type="GateError")
    root = ElementTree.Element(
        "testsuites", name="medqa-kit", tests=str(len(results)), failures=str(closed)
    )
    root.append(suite)
    ElementTree.indent(root)
    content = f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, "unicode")}\n'
    with saved_whole(file, argument="junit") as unfinished:
        unfinished.write_bytes(content.encode())
