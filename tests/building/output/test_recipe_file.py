"""The recipe beside a result says what was built, and builds it again; text stays text."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import medqa_kit as mk
from medqa_kit.building.output.papers.escaping import fenced, markdown_text, toml_text
from results import file_bytes

pytestmark = pytest.mark.slow

RECIPES: list[dict[str, Any]] = [
    {"source": [{"name": "kormedmcqa"}], "about": 'say "x"\n\t\\ 각막'},
    {"source": [{"name": "kormedmcqa", "subset": "doctor", "years": {"from": 2012, "to": 2021},
                 "where": {"chars": {"max": 4000}}, "fix": ["nfc"], "weight": 3.0},
                {"name": "kbmc", "as": "tags", "weight": 1.0, "max_rows": 5}],
     "dedupe": {"near": 0.8, "prefer": ["kormedmcqa"]}, "mix": {"by": "rows"}, "seed": 7,
     "reference": {"rows": 50, "sources": {"tags": 7}},
     "split": {"validation": {"source": "kormedmcqa", "share": 0.5}},
     "format": [{"as": "chat", "record": "trl/messages", "write": ["parquet"], "shard": "10MB"},
                {"as": "plain", "record": "text", "system": "시스템"}]},
    {"source": [{"name": "medicationqa"}], "accept": ["medicationqa"], "on_bad": "drop", "errata": "flag",
     "gate": {"dropped": 1.0}, "dedupe": {}},
    {"source": [{"name": "kormedmcqa"}], "holdout": {"without": ["kormedmcqa-official-test"]}},
    {"source": [{"name": "kormedmcqa", "few_shot": {"k": 1, "from": "law", "mode": "per-row", "most": 9}},
                {"name": "kormedlawqa", "as": "law"}]},
]  # fmt: skip


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_file_has_the_digest_of_the_recipe_and_builds_the_same(
    hub, tmp_path: Path, recipe: dict[str, Any]
) -> None:
    built = mk.build({"name": "mine", **recipe}, out=tmp_path / "out", origin="sample")
    read = mk.Recipe.read(built.path / "recipe.toml")
    assert read.digest == built.manifest["recipe_digest"]
    again = mk.build(read, out=tmp_path / "again", origin="sample")
    assert file_bytes(again.path) == file_bytes(built.path)


def test_the_file_builds_the_same_where_the_recipe_stood(hub, tmp_path: Path) -> None:
    notes = tmp_path / "home/data/notes.jsonl"
    notes.parent.mkdir(parents=True)
    notes.write_text('{"text": "Cool a burn under water."}\n', "utf-8")
    file = tmp_path / "home/own.toml"
    file.write_text('name = "own"\nformat.record = "text"\nsplit.validation = 0\n[[source]]\nas = "notes"\n'
                    'read = "data/notes.jsonl"\nschema = "text"\nlicense = "MIT"\n', "utf-8")  # fmt: skip
    built = mk.build(file, out=tmp_path / "out")
    text = (built.path / "recipe.toml").read_text("utf-8")
    assert "paths are relative to the folder in which it stood" in text.splitlines()[1]
    file.with_name("copy.toml").write_text(text, "utf-8")
    again = mk.build(file.with_name("copy.toml"), out=tmp_path / "again")
    assert file_bytes(again.path) == file_bytes(built.path)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.one_of(TEXTS, st.integers(-(2**60), 2**60), st.booleans(), st.lists(TEXTS),
                   st.floats(allow_nan=False, allow_infinity=False), st.dictionaries(TEXTS, TEXTS))  # fmt: skip


@given(
    st.dictionaries(TEXTS, st.one_of(VALUES, st.lists(st.dictionaries(TEXTS, VALUES), min_size=1)))
)
def test_any_table_comes_back_from_toml(table: dict[str, Any]) -> None:
    assert tomllib.loads(toml_text(table)) == table


@given(TEXTS)
def test_text_is_no_markup(text: str) -> None:
    shown = markdown_text(text)
    assert "\n" not in shown
    assert "<" not in shown.replace("\\<", "")
    fence, *lines, last = fenced(text).split("\n")
    assert fence == last
    assert not any(line.strip() == fence for line in lines)
