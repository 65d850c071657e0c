"""The description in the vocabulary of Croissant: it closes, it validates, and its records can be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from results import parquet_rows

RECIPE = {"name": "exam", "source": [{"name": "kormedmcqa"}, {"name": "khmer_medical_qa"}],
          "split": {"validation": 0.3}}  # fmt: skip


@pytest.fixture
def out(hub, tmp_path: Path) -> Path:
    recipe = RECIPE | {"format": {"record": "alpaca"}, "about": 'An "exam" \u202e <b>'}
    return mk.build(recipe, out=tmp_path / "out", origin="sample").path


def described(out: Path) -> dict[str, Any]:
    return json.loads((out / "croissant.json").read_text("utf-8"))


@pytest.mark.slow
def test_every_reference_leads_somewhere(out: Path) -> None:
    description = described(out)
    files = {each["@id"]: each for each in description["distribution"]}
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    for name, facts in files.items():
        if facts["@type"] == "cr:FileObject":
            assert facts["sha256"] == manifest["files"][name]["sha256"]
        else:
            assert list(out.glob(facts["includes"]))
    sets = {each["@id"]: each for each in description["recordSet"]}
    assert set(sets) == {"sources", "alpaca/train", "alpaca/validation"}
    fields = {field["@id"] for each in sets.values() for field in each["field"]}
    for each in sets.values():
        assert each["key"]["@id"] in fields
        for field in each["field"]:
            assert "source" not in field or field["source"]["fileSet"]["@id"] in files
            assert "references" not in field or field["references"]["field"]["@id"] in fields
    named = {row["sources/name"]: row for row in sets["sources"]["data"]}
    assert {*parquet_rows(out, "train")["source"].to_pylist()} <= set(named)
    key = next(f for f in sets["alpaca/train"]["field"] if f["name"] == "id")
    assert len(key["prov:wasDerivedFrom"]) == 2


@pytest.mark.croissant
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_mlcroissant_validates_it_and_reads_the_rows(out: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    dataset = mlcroissant.Dataset(str(out / "croissant.json"))
    assert not dataset.metadata.issues.errors
    rows = list(dataset.records("alpaca/train"))
    table = parquet_rows(out, "train")
    for name in ("id", "source", "instruction", "output"):
        read = [row[f"alpaca/train/{name}"].decode() for row in rows]
        assert sorted(read) == sorted(table[name].to_pylist())
    revisions = {row["sources/name"]: row["sources/revision"] for row in dataset.records("sources")}
    assert all(revisions.values())
    assert "prov" in json.dumps(dataset.metadata.to_json())
