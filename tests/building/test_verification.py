"""Whether a result is still what was built, and may still be trained on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.building.output.file_digests import CHECKSUMS, checksums
from medqa_kit.building.verification import FAULTS
from medqa_kit.catalog import Claim, registry
from medqa_kit.cli import main
from medqa_kit.core.stored import stamped
from medqa_kit.errors import ArgumentError, FormatError, WrongFilesError
from medqa_kit.loading.planner import SAMPLES
from results import file_bytes, parquet_rows

pytestmark = pytest.mark.slow

ROWS = "trl_prompt_completion/train/part-00000-of-00001.parquet"
LINES = "trl_prompt_completion_jsonl/train/part-00000-of-00001.jsonl"
DROPPED = "dropped/part-00000-of-00001.parquet"

RECIPE = {"name": "small", "source": [{"name": "kormedmcqa"}]}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mk.build(RECIPE, out=tmp_path_factory.mktemp("built") / "out", origin="sample").path


@pytest.fixture
def result(hub, built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "out"))


def codes(result: Path, **options: Any) -> dict[str, int]:
    return mk.verify(result, **options).by("code")


def edit(result: Path, change: Callable[[dict], None]) -> None:
    """Change the manifest, and let its digest fit, as a build with a fault would."""
    file = result / "manifest.json"
    manifest = json.loads(file.read_text("utf-8"))
    change(manifest)
    file.write_text(json.dumps(stamped(manifest)), "utf-8")
    (result / CHECKSUMS).write_bytes(checksums(result, manifest["files"]))


def test_what_was_built_has_no_findings(result: Path) -> None:
    report = mk.verify(result)
    assert len(report.findings) == 0
    assert (
        report.rows
        == report.kept
        == len(parquet_rows(result, "train")) + len(parquet_rows(result, "validation"))
    )
    assert report.counts == {"files": len(file_bytes(result)) - 2, "holdouts": 1}


@pytest.mark.parametrize("record", ["openai/chat", "alpaca", "sharegpt"])
def test_other_records_pass(hub, tmp_path: Path, record: str) -> None:
    recipe = RECIPE | {"format": {"record": record, "language": "ko"}, "on_bad": "drop"}
    result = mk.build(recipe, out=tmp_path / "made", origin="sample")
    assert codes(result.path) == {}


@pytest.mark.parametrize("name", [LINES, ROWS, "ATTRIBUTION.md", DROPPED])
def test_a_bent_byte_is_found(result: Path, name: str) -> None:
    data = bytearray((result / name).read_bytes())
    data[len(data) // 2] ^= 1
    (result / name).write_bytes(data)
    report = mk.verify(result)
    assert report.by("code")["changed"] == 1
    assert any(detail.startswith(name) for detail in report.findings["detail"].to_pylist())


def test_files_that_went_and_came(result: Path) -> None:
    (result / ROWS).unlink()
    (result / "notes.txt").write_text("mine", "utf-8")
    (result / DROPPED).write_text("[1]\n", "utf-8")
    assert codes(result) == {"unreadable": 2, "absent": 1, "changed": 1, "unlisted": 1}


def test_an_edited_manifest(result: Path) -> None:
    file = result / "manifest.json"
    file.write_text(file.read_text("utf-8").replace('"about": ""', '"about": "mine"'), "utf-8")
    report = mk.verify(result)
    assert report.by("code") == {"manifest": 1}
    assert "were not looked at" in report.notes[0]
    holdout = mk.Holdout.named("kormedmcqa-official-test", origin="sample")
    assert mk.verify(result, holdouts=holdout).counts["holdouts"] == 1


@pytest.mark.parametrize(("word", "value"), [("record", "trl/message"), ("write", ["parquett"])])
def test_an_edited_manifest_of_formats_nobody_knows(result: Path, word: str, value: object) -> None:
    file = result / "manifest.json"
    manifest = json.loads(file.read_text("utf-8"))
    manifest["formats"]["trl_prompt_completion"][word] = value
    file.write_text(json.dumps(manifest), "utf-8")
    holdout = mk.Holdout.from_rows(
        [{"id": "h", "question": "Which of these?"}], reason="a test", name="own"
    )
    assert codes(result, holdouts=[holdout])["manifest"] == 1
    edit(result, lambda _: None)
    with pytest.raises(FormatError, match="the manifest is not that of a build"):
        mk.verify(result)


@pytest.mark.parametrize("key", ["use", "accept", "sources"])
def test_a_manifest_that_says_less_than_a_build(result: Path, key: str) -> None:
    edit(result, lambda m: m["recipe"].pop(key))
    edit(result, lambda m: m["sources"][0].pop("terms"))
    with pytest.raises(FormatError, match="not that of a build"):
        mk.verify(result)


@pytest.mark.parametrize("change", [
    lambda m: m["sources"][0].update(read=m["sources"][0]["read"] + 1),
    lambda m: m["sources"][0].update(train=m["sources"][0]["train"] - 1),
    lambda m: m["sources"][0]["dropped"].update(held_out_exact=9),
    lambda m: m["totals"].update(validation=99),
    lambda m: m["sources"][0].update(name="klue"),
])  # fmt: skip
def test_numbers_that_do_not_close(result: Path, change: Callable[[dict], None]) -> None:
    edit(result, change)
    assert codes(result)["count"] >= 1
    assert "manifest" not in codes(result), "the digest fits: the numbers alone tell"


def test_a_row_that_comes_twice(result: Path) -> None:
    train = pq.read_table(result / ROWS)
    pq.write_table(pa.concat_tables([train, train.slice(0, 1)]), result / ROWS)
    report = mk.verify(result)
    assert report.ids("repeated") == train["id"].to_pylist()[:1]
    assert report.by("code")["count"] >= 1


def test_rows_of_another_shape_are_found(result: Path) -> None:
    train = pq.read_table(result / ROWS)
    pq.write_table(train.rename_columns({"completion": "reply"}), result / ROWS)
    report = mk.verify(result)
    assert report.by("code") == {"changed": 1, "schema": 1}
    assert "id, source, family, prompt, reply" in "".join(report.findings["detail"].to_pylist())


def test_a_held_out_item_in_the_rows_is_found(hub, tmp_path: Path) -> None:
    recipe = RECIPE | {"holdout": {"without": ["kormedmcqa-official-test"]}}
    leaking = mk.build(recipe, out=tmp_path / "out", origin="sample").path
    assert codes(leaking) == {}, "left out by the recipe, as its manifest says"
    holdout = mk.Holdout.named("kormedmcqa-official-test", origin="sample")
    report = mk.verify(leaking, holdouts=holdout)
    assert "sample:kormedmcqa/dentist/2020-2-30" in report.ids("held_out")
    assert report.dropped == len(report.ids("held_out")) > 0
    edit(leaking, lambda m: m["holdouts"].append({"name": holdout.name, "applied": True}))
    assert codes(leaking) == report.by("code")


def test_a_holdout_that_is_not_here_is_unchecked_and_nobody_is_asked(hub, tmp_path: Path) -> None:
    source = mk.source("kormedmcqa")
    hub.repo(source.at.repo).commit(source.at.revision, SAMPLES / "kormedmcqa")
    with pytest.warns(mk.errors.RowCountWarning):
        result = mk.build(RECIPE, out=tmp_path / "out")
    hub.requests.clear()
    assert codes(result.path) == {}, "the items are in the cache"
    assert codes(result.path, cache_dir=tmp_path / "empty").get("unchecked", 0) == 0
    shutil.rmtree(tmp_path / "hf")
    report = mk.verify(result.path, cache_dir=tmp_path / "other")
    assert report.by("code") == {"unchecked": 1}
    holdout = mk.Holdout.named("kormedmcqa-official-test", origin="sample")
    assert codes(result.path, cache_dir=tmp_path / "other", holdouts=[holdout]) == {}
    assert main(["verify", str(result.path)]) == 2
    assert not hub.requests


def test_a_licence_that_the_catalogue_no_longer_believes(
    hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_REGISTERED", {})
    drugs = replace(mk.source("kormedlawqa"), name="drugs", derived_from=(), holdouts=(),
                    license=(Claim("MIT", "a card"),))  # fmt: skip
    mk.register(drugs)
    data = next((SAMPLES / "kormedlawqa").rglob("*.jsonl"))
    recipe = {"name": "x", "use": "commercial", "source": [{"name": "drugs", "path": str(data)}]}
    result = mk.build(recipe, out=tmp_path / "out")
    assert codes(result.path) == {}
    mk.register(replace(drugs, license=(Claim("CC-BY-NC-4.0", "the authors"),)))
    (findings,) = mk.verify(result.path).findings.to_pylist()
    assert (findings["code"], findings["row"]) == ("license", None)
    assert "commercial use is not granted by what is known today" in findings["detail"]
    registry._REGISTERED.clear()
    registry._complete.cache_clear()
    assert codes(result.path) == {"license": 1}


def test_what_is_no_result(hub, tmp_path: Path, result: Path) -> None:
    with pytest.raises(WrongFilesError, match="no result of a build"):
        mk.verify(tmp_path)
    for text in ("[]", '{"files": 3}', "{", '{"files": {"a": 1}}'):
        (result / "manifest.json").write_text(text, "utf-8")
        with pytest.raises(FormatError, match="not that of a build"):
            mk.verify(result)
    with pytest.raises(ArgumentError, match="holdouts"):
        mk.verify(result, holdouts=["kormedmcqa-official-test"])


def test_on_the_command_line(result: Path, tmp_path: Path) -> None:
    assert main(["verify", str(result)]) == 0
    (result / LINES).write_text("", "utf-8")
    listing = tmp_path / "found.jsonl"
    assert main(["verify", str(result), "--report", str(listing)]) == 1
    lines = listing.read_text("utf-8").splitlines()
    assert {json.loads(line)["code"] for line in lines} == {"changed", "count"} < {*FAULTS}
    assert main(["verify", str(tmp_path / "none")]) == 2


@pytest.mark.parametrize("where", ["beside the recipe", "where we are", "whole path"])
def test_a_saved_holdout_is_followed_where_the_recipe_said(
    hub, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "work"
    (place / "held").mkdir(parents=True)
    first = [mk.load("kormedmcqa", subset="nurse", split="train", origin="sample")[0]]
    mk.Holdout.from_rows(first, reason="we report it", name="ours").save(
        place / "held" / "ours.parquet"
    )
    said = str(place / "held" / "ours.parquet") if where == "whole path" else "held/ours.parquet"
    text = f'name = "demo"\nsource = [{{ name = "kormedmcqa" }}]\nholdout.items = ["file:{said}"]\n'
    (place / "demo.toml").write_text(text, "utf-8")
    out = (place if where == "beside the recipe" else tmp_path / "far" / "away") / "made"
    out.parent.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(place if where == "where we are" else tmp_path)
    result = mk.build(place / "demo.toml", out=out, origin="sample")
    (entry,) = [each for each in result.manifest["holdouts"] if each["name"] == "ours"]
    assert entry["file"] == said
    assert codes(out) == {}
    file = place / "held" / "ours.parquet"
    other = [mk.load("kormedmcqa", subset="nurse", split="train", origin="sample")[1]]
    file.unlink()
    mk.Holdout.from_rows(other, reason="we report it", name="ours").save(file)
    report = mk.verify(out)
    assert report.by("code") == {"unchecked": 1}, "another file of that name is not the one"
    assert "another one" in report.findings["detail"][0].as_py()
    file.unlink()
    assert "not here" in mk.verify(out).findings["detail"][0].as_py()
