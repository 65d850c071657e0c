"""What a plan says of a lockfile is what the build raises, and neither writes nor fetches anything."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from demo import LATER, PIN, REPO, demo, jsonl, pinned, records
from hub import Hub
from medqa_kit.catalog import registry
from medqa_kit.cli import main
from medqa_kit.core.stored import stamped
from medqa_kit.errors import ArgumentError, LockError

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning"),
]

TOKENIZER = (
    '{"version": "1.0", "model": {"type": "WordLevel", "vocab": {"[U]": 0}, "unk_token": "[U]"}}'
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "two words.lock"


def written(folder: Path, rows: int) -> None:
    """Write a file of one's own with so many rows."""
    notes = [
        json.dumps({"question": f"What is note {n}?", "answer": "Of the ward."}) + "\n"
        for n in range(rows)
    ]
    (folder / "own.jsonl").write_text("".join(notes), "utf-8")


def recipe(folder: Path, **more: Any) -> dict[str, Any]:
    """A recipe with an exam that is held out, rows of one's own, and a tokenizer."""
    if not (folder / "own.jsonl").exists():
        written(folder, 4)
        (folder / "tokenizer.json").write_text(TOKENIZER, "utf-8")
    own = {
        "as": "ward",
        "read": str(folder / "own.jsonl"),
        "schema": "qa",
        "license": "CC0-1.0",
        "language": "en",
    }
    exam = {"name": "kormedmcqa", "subset": "doctor"}
    return {"name": "two", "source": [exam, own], "mix": {"tokenizer": str(folder / "tokenizer.json")},
            "format": {"record": "trl/messages"}, **more}  # fmt: skip


def rewritten(file: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change what a lockfile records, as another version of the library or another recipe would."""
    content = json.loads(file.read_text("utf-8"))
    change(content)
    file.write_text(json.dumps(stamped(content)), "utf-8")


def told(outlook: mk.building.BuildPlan) -> list[dict[str, Any]]:
    return [row for row in outlook.problems.to_pylist() if row["kind"] == "lock"]


def says_what_the_build_raises(said: Mapping[str, Any], folder: Path, **lock: Any) -> LockError:
    """Hold a plan against the build of the same words, and see that the lockfile stays as it was."""
    file = Path(lock["lock"])
    before = file.read_bytes() if file.is_file() else None
    words = {"origin": "sample", "cache_dir": folder / "cache", **lock}
    (problem,) = told(mk.plan(said, **words))
    assert (file.read_bytes() if file.is_file() else None) == before
    with pytest.raises(LockError) as caught:
        mk.build(said, out=folder / "never", **words)
    error = caught.value
    assert problem["problem"].startswith(error.what)
    assert error.found in problem["problem"]
    assert str(file) in problem["problem"]
    assert problem["remedy"] == error.hint
    return error


def test_what_fits_and_what_is_to_be_recorded_is_no_problem(tmp_path: Path, file: Path) -> None:
    data = recipe(tmp_path)
    words = {"origin": "sample", "cache_dir": tmp_path / "cache", "lock": file}
    assert mk.plan(data, **words).problems.num_rows == 0
    assert not file.exists()
    mk.build(data, out=tmp_path / "out", **words)
    for frozen in (False, True):
        outlook = mk.plan(data, **words, frozen=frozen)
        assert outlook.problems.num_rows == 0
        assert outlook.sources["basis"].to_pylist() == ["exact", "exact"]
    more = recipe(tmp_path)
    more["source"].append({"name": "kormedmcqa", "subset": "nurse", "as": "nurses"})
    before = file.read_bytes()
    assert mk.plan(more, **words).problems.num_rows == 0
    assert file.read_bytes() == before
    error = says_what_the_build_raises(more, tmp_path, lock=file, frozen=True)
    assert "nurses: not recorded" in error.found


def test_a_frozen_plan_has_a_lockfile(tmp_path: Path, file: Path) -> None:
    with pytest.raises(ArgumentError, match="a frozen build has a lockfile"):
        mk.plan(recipe(tmp_path), frozen=True)
    error = says_what_the_build_raises(recipe(tmp_path), tmp_path, lock=file, frozen=True)
    assert error.what == "there is no such lockfile"
    assert error.hint.endswith(f"medqa-kit lock --recipe RECIPE --file '{file}' --origin sample")
    nowhere = says_what_the_build_raises(
        recipe(tmp_path), tmp_path, lock=tmp_path / "no" / "a.lock"
    )
    assert "no folder for the lockfile" in nowhere.what


@pytest.mark.parametrize("frozen", [False, True])
def test_a_broken_lockfile_is_told(tmp_path: Path, file: Path, frozen: bool) -> None:
    data = recipe(tmp_path)
    mk.lock_recipe(data, file, origin="sample", cache_dir=tmp_path / "cache")
    whole = file.read_text("utf-8")
    for text in ("", "[]", whole[:90], whole.replace('"rows": 4', '"rows": 5'), whole.replace('"version": 1', '"version": 9', 1)):  # fmt: skip
        assert text != whole
        file.write_text(text, "utf-8")
        error = says_what_the_build_raises(data, tmp_path, lock=file, frozen=frozen)
        assert "delete it and record what the recipe reads: medqa-kit lock --recipe" in error.hint
    file.unlink()
    mk.lock_recipe(data, file, origin="sample", cache_dir=tmp_path / "cache")
    assert not told(mk.plan(data, lock=file, frozen=frozen, origin="sample", cache_dir=tmp_path / "cache"))  # fmt: skip


@pytest.mark.parametrize("frozen", [False, True])
def test_what_does_not_fit_is_told_together_with_what_records_it(
    tmp_path: Path, file: Path, frozen: bool
) -> None:
    data, cache = recipe(tmp_path), tmp_path / "cache"
    mk.lock_recipe(data, file, origin="sample", cache_dir=cache)
    written(tmp_path, 7)
    (tmp_path / "tokenizer.json").write_text(TOKENIZER.replace("[U]", "[V]"), "utf-8")

    def older(content: dict[str, Any]) -> None:
        content["sources"]["kormedmcqa"]["version"] += 1
        content["digests"]["holdout:kormedmcqa-official-test"] = "sha256:00"

    rewritten(file, older)
    error = says_what_the_build_raises(data, tmp_path, lock=file, frozen=frozen)
    assert error.what.startswith("4 of what the recipe reads")
    for name in ("kormedmcqa: part doctor/train", "ward: part", "holdout:kormedmcqa-official-test: recorded", "file:tokenizer.json"):  # fmt: skip
        assert name in error.found
    ward = mk.plan(data, lock=file, frozen=frozen, origin="sample", cache_dir=cache)
    assert dict(zip(*(ward.sources[name].to_pylist() for name in ("source", "read")), strict=True))["ward"] == 7  # fmt: skip
    words = error.hint.partition("medqa-kit ")[2].replace("RECIPE", str(tmp_path / "two.json"))
    assert "--upgrade holdout:kormedmcqa-official-test" in words
    upgrade = [word for word in words.split() if ":" in word or word in {"kormedmcqa", "ward"}]
    mk.lock_recipe(data, file, upgrade=upgrade, origin="sample", cache_dir=cache)
    outlook = mk.plan(data, lock=file, frozen=True, origin="sample", cache_dir=cache)
    assert not outlook.problems.num_rows
    mk.build(data, out=tmp_path / "out", lock=file, frozen=True, origin="sample", cache_dir=cache)


def test_rows_that_are_not_those_that_are_recorded_are_told(tmp_path: Path, file: Path) -> None:
    data, cache = recipe(tmp_path), tmp_path / "cache"
    mk.lock_recipe(data, file, origin="sample", cache_dir=cache)
    rewritten(file, lambda content: content["sources"]["ward"]["parts"]["train"].update(rows=9))
    error = says_what_the_build_raises(data, tmp_path, lock=file)
    assert (error.what, error.found) == ("what moved since the lockfile was written: rows", "rows: 4")  # fmt: skip


def test_the_lockfile_that_a_recipe_names_is_looked_at(tmp_path: Path, capsys: Any) -> None:
    written(tmp_path, 3)
    named = tmp_path / "two.toml"
    named.write_text('lock = "two.lock"\nname = "two"\n[[source]]\nas = "ward"\nread = "own.jsonl"\nschema = "qa"\nlicense = "CC0-1.0"\n[format]\nrecord = "trl/messages"\n', "utf-8")  # fmt: skip
    mk.lock_recipe(named)
    assert main(["plan", str(named), "--frozen"]) == 0
    written(tmp_path, 4)
    capsys.readouterr()
    assert main(["plan", str(named), "--frozen"]) == 1
    shown = capsys.readouterr().out
    assert "medqa-kit lock --recipe RECIPE --upgrade ward" in shown
    assert main(["plan", str(named), "--lock", str(tmp_path / "other.lock")]) == 0
    assert not (tmp_path / "other.lock").exists()


def test_of_the_hub_it_says_what_is_known_without_it(
    hub: Hub, tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_REGISTERED", {})
    mk.register(pinned(demo(), None))
    files = {"train.jsonl": jsonl(records(6)), "test.jsonl": jsonl(records(3, 50))}
    hub.repo(REPO).commit(PIN, files)
    recipe = {"name": "demo", "source": [{"name": "demo_exam", "revision": "main"}]}
    cache, other = tmp_path / "cache", tmp_path / "other"
    mk.lock_recipe(recipe, file, cache_dir=cache)
    moved = {**files, "train.jsonl": jsonl(records(9))}
    hub.repo(REPO).commit(LATER, moved)
    requests = len(hub.requests)
    for frozen in (False, True):
        outlook = mk.plan(recipe, lock=file, frozen=frozen, cache_dir=cache)
        assert not told(outlook)
    assert outlook.sources["read"].to_pylist() == [6]
    assert told(mk.plan({**recipe, "source": [{"name": "demo_exam", "revision": "v2"}]}, lock=file, cache_dir=cache))  # fmt: skip
    rewritten(file, lambda content: content["sources"]["demo_exam"].update(version=5))
    for place in (cache, other):  # where nothing was fetched, the version is known all the same
        (problem,) = told(mk.plan(recipe, lock=file, frozen=True, cache_dir=place))
        assert "version: 5" in problem["problem"]
    assert len(hub.requests) == requests


def test_what_a_frozen_build_would_have_to_fetch_is_a_problem(
    hub: Hub, tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_REGISTERED", {})
    mk.register(demo())
    hub.repo(REPO).commit(PIN, {"train.jsonl": jsonl(records(6)), "test.jsonl": jsonl(records(3, 50))})  # fmt: skip
    recipe = {"name": "demo", "source": [{"name": "demo_exam"}]}
    mk.lock_recipe(recipe, file, cache_dir=tmp_path / "cache")
    requests = len(hub.requests)
    import huggingface_hub.constants as places

    monkeypatch.setattr(places, "HF_HUB_CACHE", str(tmp_path / "empty"))
    assert not told(mk.plan(recipe, lock=file, cache_dir=tmp_path / "other"))
    (problem,) = told(mk.plan(recipe, lock=file, frozen=True, cache_dir=tmp_path / "other"))
    assert problem["source"] == "demo_exam"
    assert "a frozen build has no network" in problem["problem"]
    assert len(hub.requests) == requests
    with pytest.raises(mk.errors.OfflineError):
        mk.build(recipe, out=tmp_path / "out", lock=file, frozen=True, cache_dir=tmp_path / "other")
