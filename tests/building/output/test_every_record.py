"""Every kind of record that fits a recipe, as formats of one build: each file is what its trainer reads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import datasets
import pytest

import medqa_kit as mk
from medqa_kit.schemas import PREFERENCE, QA
from medqa_kit.training.kinds.model import REQUIRED
from results import json_rows, parquet_rows

pytestmark = pytest.mark.slow

SOURCES = {
    "qa": ({"name": "kormedmcqa"}, QA),
    "preference": ({"name": "ko_ultrafeedback"}, PREFERENCE),
}


def kinds(schema: Any) -> list[str]:
    """Names of the kinds that rows of a schema become without a further setting."""
    return [kind.name for kind in mk.record_kinds(schema)
            if all(setting.default is not REQUIRED for setting in kind.settings.values())]  # fmt: skip


@pytest.fixture(scope="module", params=SOURCES)
def built(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[str]]:
    source, schema = SOURCES[request.param]
    names = kinds(schema)
    recipe = {"name": "every", "source": [source], "on_bad": "drop", "split": {"validation": 0.3},
              "format": [{"record": name} for name in names],
              "accept": [source["name"]] if source["name"] == "ko_ultrafeedback" else []}  # fmt: skip
    folder = tmp_path_factory.mktemp("every")
    return mk.build(
        recipe, out=folder / "out", origin="sample", cache_dir=folder / "cache"
    ).path, names


def test_the_lines_fit_the_schema_and_the_rules_of_their_kind(
    built: tuple[Path, list[str]],
) -> None:
    out, names = built
    for name in names:
        lines = json_rows(out, "train", re.sub(r"\W", "_", name))
        assert lines, name
        report = mk.check_records(lines, record=name)
        assert report.by("code") == {}, (name, report)


def test_each_is_loaded_by_its_name(built: tuple[Path, list[str]], tmp_path: Path) -> None:
    out, names = built
    assert not set(mk.verify(out).by("code")) - {"unchecked"}
    for name in names:
        folder = re.sub(r"\W", "_", name)
        data = datasets.load_dataset(str(out), folder, split="train", cache_dir=str(tmp_path))
        assert data.to_list() == parquet_rows(out, "train", folder).to_pylist()


@pytest.mark.trainer
def test_trl_takes_the_records_that_are_named_after_it(
    built: tuple[Path, list[str]], tmp_path: Path
) -> None:
    from trl.data_utils import is_conversational, maybe_extract_prompt

    out, names = built
    for name in (name for name in names if name.startswith("trl/")):
        data = datasets.load_dataset(
            str(out), re.sub(r"\W", "_", name), split="train", cache_dir=str(tmp_path)
        )
        row = data.remove_columns(["id", "source", "family"])[0]
        text = "standard" in name or name == "trl/language-modeling"
        assert is_conversational(row) == (not text), name
        if "chosen" in row:
            assert maybe_extract_prompt(row)["prompt"], name
