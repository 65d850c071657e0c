"""The page on training records names everything there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from medqa_kit.tokens.chat_templates import chat_templates
from medqa_kit.training.kinds.index import find_kind, record_kinds
from medqa_kit.training.reasoning import ReasoningStyle
from medqa_kit.training.violations import CODES

PAGE = (Path(__file__).parents[2] / "docs" / "training_records.md").read_text("utf-8")


def cells(heading: str) -> dict[str, list[str]]:
    """The rows of the table under a heading, by each `name` of their first cell."""
    section = PAGE.split(heading, 1)[1].split("\n## ", 1)[0]
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in section.splitlines()
        if line.startswith("| `")
    ]
    return {name: row[1:] for row in rows for name in re.findall(r"`([^`]+)`", row[0])}


def test_every_record_is_listed_with_its_columns_and_style() -> None:
    listed = cells("# Training records")
    assert set(listed) == {kind.name for kind in record_kinds()}
    for name, (columns, _, style) in listed.items():
        if "the same" not in columns and "with" not in columns:
            assert tuple(columns.split(", ")) == find_kind(name).columns
        assert style.strip("`") in (find_kind(name).reasoning, "")


def test_every_code_style_and_template_is_explained() -> None:
    assert {code: meaning for code, (meaning,) in cells("## What is refused").items()} == CODES
    assert set(cells("## Reasoning")) == set(get_args(ReasoningStyle))
    assert all(f"`{template.name}`" in PAGE for template in chat_templates())
