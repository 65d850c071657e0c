"""Rows are taken out of a finished result with their relatives, and the numbers add up again."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.building.output.file_digests import CHECKSUMS, checksums
from medqa_kit.cli import main
from medqa_kit.core.stored import stamped
from medqa_kit.errors import FormatError
from results import file_bytes, json_rows, json_text, listed_rows, parquet_rows

pytestmark = pytest.mark.slow

TRAIN = "trl_prompt_completion_jsonl/train/part-00000-of-00001.jsonl"


@pytest.fixture
def result(hub, tmp_path: Path) -> mk.building.Build:
    return mk.build(
        {"name": "exam", "source": [{"name": "kormedmcqa"}]}, out=tmp_path / "made", origin="sample"
    )


def lines(folder: Path, split: str) -> list[bytes]:
    return json_text(folder, split).split(b"\n")[:-1]


def ids(folder: Path) -> list[str]:
    return [
        id_
        for name in ("train", "validation")
        for id_ in parquet_rows(folder, name)["id"].to_pylist()
    ]


def test_named_rows_go_and_the_others_keep_their_bytes(result: mk.building.Build) -> None:
    before = {name: lines(result.path, name) for name in ("train", "validation")}
    wanted = ids(result.path)[1]
    left, report = mk.retract(result.path, items=[wanted])
    gone = set(report.findings["id"].to_pylist())
    assert wanted in gone
    assert report.ids("retracted") == [wanted]
    assert set(ids(result.path)).isdisjoint(gone)
    for name, old in before.items():
        assert lines(result.path, name) == [
            line for line in old if json.loads(line).get("id") not in gone
        ]
    assert left.manifest["retracted"] == [{"items": [wanted], "holdout": None, "source": None, "rows": 1,
                                           "relatives": len(gone) - 1, "before": result.manifest["data_digest"]}]  # fmt: skip
    listed = listed_rows(result.path)
    assert {row["id"] for row in listed if row["reason"].startswith("retracted")} == gone
    codes = mk.verify(result.path).by("code")
    assert not {*codes} - {"unchecked"}
    again, _ = mk.retract(result.path, items=[ids(result.path)[0]])
    assert len(again.manifest["retracted"]) == 2


def test_a_list_of_ids_may_grow_and_a_slip_in_it_is_led_to_the_id(
    result: mk.building.Build,
) -> None:
    first, second = ids(result.path)[:2]
    mk.retract(result.path, items=[first])
    with pytest.raises(mk.errors.EmptyDataError, match="these are not in the result"):
        mk.retract(result.path, items=[first])  # nothing more goes
    with pytest.raises(mk.errors.EmptyDataError, match="'zzz'") as caught:
        mk.retract(result.path, items=[first, second, "zzz"])
    assert first not in caught.value.found
    with pytest.raises(mk.errors.EmptyDataError) as caught:
        mk.retract(result.path, items=[second.removeprefix("sample:kormedmcqa/")])
    assert caught.value.hint == f"did you mean {second!r}?"
    left, report = mk.retract(result.path, items=[first, second])
    assert report.ids("retracted") == [second]
    assert report.notes == [f"1 of the ids were taken out before: {first!r}"]
    assert left.manifest["retracted"][1]["rows"] == 1
    assert not {*mk.verify(result.path).by("code")} - {"unchecked"}


def test_a_file_in_the_place_of_an_id_is_led_to_where_files_are_taken(
    result: mk.building.Build, tmp_path: Path
) -> None:
    file = tmp_path / "ids.txt"
    file.write_text(ids(result.path)[0], "utf-8")
    with pytest.raises(mk.errors.EmptyDataError, match="these are not in the result") as caught:
        mk.retract(result.path, items=[str(file)])
    assert f"--without-ids {file}" in str(caught.value.hint)
    assert mk.retract(result.path, items=str(file))[1].dropped


def test_ids_of_a_file_are_taken_out_like_those_of_a_list(
    result: mk.building.Build, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(result.path, tmp_path / "other")
    wanted = ids(result.path)[:2]
    file = tmp_path / "asked.txt"
    file.write_text("\n".join(wanted), "utf-8")
    left, report = mk.retract(result.path, items=file)
    assert {*report.findings["id"].to_pylist()} >= {*wanted}
    assert main(["retract", str(tmp_path / "other"), "--without-ids", str(file)]) == 0
    assert file_bytes(tmp_path / "other") == file_bytes(left.path)
    assert main(["retract", str(tmp_path / "other"), "--without-ids", "none.txt"]) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_a_row_takes_its_family_along(hub, tmp_path: Path) -> None:
    recipe = {"name": "aid", "source": [{"name": "first_aid"}], "accept": ["first_aid"]}
    result = mk.build(recipe, out=tmp_path / "aid", origin="sample")
    rows = [
        row
        for name in ("train", "validation")
        for row in parquet_rows(result.path, name).to_pylist()
    ]
    family = next(f for f, n in Counter(row["family"] for row in rows).items() if f and n > 1)
    kin = [row["id"] for row in rows if row["family"] == family]
    left, report = mk.retract(result.path, items=kin[:1])
    assert report.ids("retracted_relative") == kin[1:]
    assert left.manifest["retracted"][0]["relatives"] == len(kin) - 1
    assert ids(result.path) == [row["id"] for row in rows if row["family"] != family]
    assert not {*mk.verify(result.path).by("code")} - {"unchecked"}


def test_a_source_that_a_recipe_lists_twice_loses_each_row_once(hub, tmp_path: Path) -> None:
    parts = [{"name": "kormedmcqa", "subset": "doctor"}, {"name": "kormedmcqa", "subset": "nurse"}]
    result = mk.build({"name": "two", "source": parts}, out=tmp_path / "two", origin="sample")
    doctor, nurse = (
        each["read"] - sum(each["dropped"].values()) for each in result.manifest["sources"]
    )
    wanted = next(name for name in ids(result.path) if "/nurse/" in name)
    left, report = mk.retract(result.path, items=[wanted])
    gone = report.rows - report.kept
    assert [each["train"] + each["validation"] for each in left.manifest["sources"]] == [doctor, nurse - gone]  # fmt: skip
    assert mk.verify(result.path).kept == report.kept
    assert not {*mk.verify(result.path).by("code")} - {"unchecked"}


@pytest.mark.parametrize("more", [
    {"split": {"validation": 0.3}}, {"split": {"validation": 0.3}, "mix": {"size": 7}},
    {"split": {"validation": 0}, "mix": {"epochs": 2}},
])  # fmt: skip
def test_rows_go_from_the_slice_they_are_of(hub, tmp_path: Path, more: dict[str, Any]) -> None:
    halves = [{"name": "kormedmcqa", "as": word, "slice": ends} for word, ends in (("low", [0, 0.5]), ("high", [0.5, 1]))]  # fmt: skip
    result = mk.build(
        {"name": "two", "source": halves} | more, out=tmp_path / "two", origin="sample"
    )
    low = mk.build({"name": "low", "source": halves[:1], "split": {"validation": 0}}, out=tmp_path / "low", origin="sample")  # fmt: skip
    own = set(ids(low.path))
    each = [source["train"] + source["validation"] for source in result.manifest["sources"]]
    for name in ids(result.path)[::2]:
        other = tmp_path / "other"
        shutil.copytree(result.path, other)
        left, report = mk.retract(other, items=[name])
        at = 0 if name.partition("#")[0] in own else 1
        rows = [source["train"] + source["validation"] for source in left.manifest["sources"]]
        assert rows[at] == each[at] - report.dropped, name
        assert rows[1 - at] == each[1 - at], name
        assert [source["languages"] for source in left.manifest["sources"]] == [
            {"ko": n} for n in rows
        ]
        if "epochs" in left.manifest.get("mix", {}):
            counted = Counter(parquet_rows(other, "train")["epoch"].to_pylist())
            assert left.manifest["mix"]["epochs"] == [counted[1], counted[2]]
        shutil.rmtree(other)


TWO_SPLITS = [{"name": "kormedmcqa", "subset": "doctor", "split": split, "as": split, "repeat": 2}
              for split in ("train", "validation")]  # fmt: skip
TWO_YEARS = [{"name": "kormedmcqa", "subset": "doctor", "as": word, "years": years}
             for word, years in (("late", {"from": 2013}), ("early", {"to": 2012}))]  # fmt: skip


@pytest.mark.parametrize("listed", [TWO_SPLITS, TWO_YEARS], ids=["splits", "years"])
def test_rows_of_a_mix_go_from_the_entry_they_are_of(
    hub, tmp_path: Path, listed: list[dict[str, Any]]
) -> None:
    recipe = {"name": "two", "source": listed, "mix": {}, "split": {"validation": 0}}
    result = mk.build(recipe, out=tmp_path / "two", origin="sample")
    rows = parquet_rows(result.path, "train").to_pylist()
    owners = Counter(row["entry"] for row in rows)
    assert owners == {source["as"]: source["train"] for source in result.manifest["sources"]}
    assert len(owners) == 2
    assert "entry" not in json_rows(result.path, "train")[0]
    for entry in owners:
        row = next(row for row in reversed(rows) if row["entry"] == entry)
        other = tmp_path / "other"
        shutil.copytree(result.path, other)
        left, report = mk.retract(other, items=[row["id"]])
        numbers = {source["as"]: source["train"] for source in left.manifest["sources"]}
        assert +Counter(numbers) == owners - Counter({entry: report.dropped})
        assert not {*mk.verify(other).by("code")} - {"unchecked"}
        anew = mk.build(recipe, out=tmp_path / f"without_{entry}", origin="sample", without_ids=[row["id"]])  # fmt: skip
        assert row["id"] not in parquet_rows(anew.path, "train")["id"].to_pylist()
        (gone,) = (
            source for source in anew.manifest["sources"] if source["dropped"].get("retracted")
        )
        assert gone["as"] == entry
        shutil.rmtree(other)


def test_a_half_of_a_preference_names_its_row(hub, tmp_path: Path) -> None:
    recipe = {"name": "kto", "source": [{"name": "ko_ultrafeedback"}], "accept": ["ko_ultrafeedback"],
              "split": {"validation": 0}, "format": {"record": "trl/kto"}}  # fmt: skip
    result = mk.build(recipe, out=tmp_path / "kto", origin="sample")
    half = next(name for name in ids(result.path) if name.endswith("#rejected"))
    row = half.removesuffix("#rejected")
    left, report = mk.retract(result.path, items=[half])
    assert report.ids("retracted") == [row]
    assert not [name for name in ids(result.path) if name.startswith(f"{row}#")]
    assert left.manifest["retracted"][0]["items"] == [half]
    with pytest.raises(mk.errors.EmptyDataError, match="these are not in the result"):
        mk.retract(result.path, items=[half])


def test_items_of_a_holdout_and_a_source_go(hub, result: mk.building.Build, tmp_path: Path) -> None:
    rows = mk.load("kormedmcqa", split="train", origin="sample")
    first = ids(result.path)[0]
    picked = [row for row in rows if row["id"] == first]
    holdout = mk.Holdout.from_rows(picked, reason="withdrawn", name="withdrawn")
    holdout.save(tmp_path / "withdrawn.parquet")
    assert (
        main(["retract", str(result.path), "--against", str(tmp_path / "withdrawn.parquet")]) == 0
    )
    assert first not in ids(result.path)
    assert (
        json.loads((result.path / "manifest.json").read_text("utf-8"))["retracted"][0]["holdout"]
        == "withdrawn"
    )
    with pytest.raises(mk.errors.EmptyDataError, match="no row would be left"):
        mk.retract(result.path, source="kormedmcqa")


@pytest.mark.parametrize(("arguments", "error"), [
    ({}, mk.errors.ArgumentError),
    ({"items": "kormedmcqa/1"}, mk.errors.WrongFilesError),
    ({"items": [1]}, mk.errors.ArgumentError),
    ({"items": None}, mk.errors.ArgumentError),
    ({"source": 3}, mk.errors.ArgumentError),
    ({"holdout": "kormedmcqa-official-test"}, mk.errors.ArgumentError),
    ({"items": ["absent"]}, mk.errors.EmptyDataError),
    ({"source": "absent"}, mk.errors.EmptyDataError),
])  # fmt: skip
def test_what_cannot_be_done_is_said_and_changes_nothing(
    result: mk.building.Build, arguments: dict, error: type
) -> None:
    before = file_bytes(result.path)
    with pytest.raises(error):
        mk.retract(result.path, **arguments)
    assert before == file_bytes(result.path)


def test_no_result_and_an_edited_one_are_refused(result: mk.building.Build, tmp_path: Path) -> None:
    with pytest.raises(mk.errors.WrongFilesError):
        mk.retract(tmp_path / "absent", source="kormedmcqa")
    (result.path / TRAIN).write_bytes(b"{}\n")
    with pytest.raises(mk.errors.RecipeError, match="changed") as caught:
        mk.retract(result.path, items=ids(result.path)[:1])
    assert caught.value.hint == "build the result anew"


def test_a_strange_file_in_the_result_is_named(result: mk.building.Build) -> None:
    (result.path / "notes.txt").write_text("mine")
    with pytest.raises(mk.errors.RecipeError, match="holds something else") as caught:
        mk.retract(result.path, items=ids(result.path)[:1])
    assert (caught.value.found, caught.value.hint) == (
        "'notes.txt'",
        "put what is no part of it elsewhere",
    )


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "no use": lambda told: told.pop("use"),
    "no languages": lambda told: told["sources"][0].pop("languages"),
    "no holdouts of the recipe": lambda told: told["recipe"].pop("holdouts"),
    "no rows for validation": lambda told: told["totals"].pop("validation"),
    "a check without numbers": lambda told: told["quality"]["checks"].update(stale={"rows": 1}),
    "a content that is no digest": lambda told: next(iter(told["sources"][0]["parts"].values())).update(content=1.5),
    "a citation that is no text": lambda told: told["sources"][0].update(citation=-1),
    "a claim that is no object": lambda told: told["sources"][0].update(license_claims=["MIT"]),
    "a source of the recipe that is a name": lambda told: told["recipe"].update(sources=["kormedmcqa"]),
    "notes that are none": lambda told: told.update(notes=True),
    "files without bytes": lambda told: [facts.update(bytes=[None]) for facts in told["files"].values()],
}  # fmt: skip


def test_a_manifest_of_another_version_is_told_and_nothing_changes(
    hub, result: mk.building.Build, tmp_path: Path
) -> None:
    """Its digest fits: it is what another version, or another tool, wrote."""
    first = ids(result.path)[:1]
    for name, change in CHANGES.items():
        other = tmp_path / "other"
        shutil.copytree(result.path, other)
        manifest = json.loads((other / "manifest.json").read_text("utf-8"))
        change(manifest)
        (other / "manifest.json").write_text(json.dumps(stamped(manifest)), "utf-8")
        (other / CHECKSUMS).write_bytes(checksums(other, manifest["files"]))
        before = file_bytes(other)
        with pytest.raises(FormatError, match="the manifest is not that of a build") as caught:
            mk.retract(other, items=first)
        assert "Hint: build the result anew" in str(caught.value), name
        assert file_bytes(other) == before, name
        assert not [path for path in tmp_path.iterdir() if "unfinished" in path.name], name
        shutil.rmtree(other)


def test_a_source_that_is_not_there_leads_to_the_one_that_is_meant(hub, tmp_path: Path) -> None:
    exam = {"name": "kormedmcqa", "subset": "doctor"}
    recipe = {"name": "two", "source": [{**exam, "years": [2012], "as": "early"}, {**exam, "years": {"from": 2013}}, {"name": "kbmc"}],
              "format": {"record": "trl/messages"}}  # fmt: skip
    result = mk.build(recipe, out=tmp_path / "two", origin="sample")
    for name, hint in (("early", "it is what the recipe calls kormedmcqa"), ("kormedmcq", "did you mean 'kormedmcqa'?"),
                       ("zzz", "its sources are kormedmcqa, kbmc")):  # fmt: skip
        with pytest.raises(mk.errors.EmptyDataError, match="these are not in the result") as caught:
            mk.retract(result.path, source=name)
        assert hint in caught.value.hint
    mk.retract(result.path, source="kormedmcqa")
    with pytest.raises(mk.errors.EmptyDataError, match="none of its rows is left"):
        mk.retract(result.path, source="kormedmcqa")
