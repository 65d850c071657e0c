"""Every kind of record that fits a recipe, as formats of one build: each file is what its trainer reads."""

from __future__ import annotations

from pathlib import Path

import datasets
import pytest

import medqa_kit as mk
from every_record import SOURCES, EveryRecord, in_every_record
from results import json_rows, parquet_rows

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=SOURCES)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> EveryRecord:
    return in_every_record(request.param, tmp_path_factory.mktemp("every"))


def test_the_lines_fit_the_schema_and_the_rules_of_their_kind(built: EveryRecord) -> None:
    for name in built.names:
        lines = json_rows(built.out, "train", built.folder(name))
        assert lines, name
        report = mk.check_records(lines, record=name)
        assert report.by("code") == {}, (name, report)


def test_each_is_loaded_by_its_name(built: EveryRecord, tmp_path: Path) -> None:
    assert not set(mk.verify(built.out).by("code")) - {"unchecked"}
    for name in built.names:
        folder = built.folder(name)
        data = datasets.load_dataset(str(built.out), folder, split="train", cache_dir=str(tmp_path))
        assert data.to_list() == parquet_rows(built.out, "train", folder).to_pylist()


@pytest.mark.trainer
def test_trl_takes_the_records_that_are_named_after_it(built: EveryRecord, tmp_path: Path) -> None:
    from trl.data_utils import is_conversational, maybe_extract_prompt

    for name in (name for name in built.names if name.startswith("trl/")):
        data = datasets.load_dataset(
            str(built.out), built.folder(name), split="train", cache_dir=str(tmp_path)
        )
        row = data.remove_columns(["id", "source", "family"])[0]
        text = "standard" in name or name == "trl/language-modeling"
        assert is_conversational(row) == (not text), name
        if "chosen" in row:
            assert maybe_extract_prompt(row)["prompt"], name
