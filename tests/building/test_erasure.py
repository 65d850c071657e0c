"""A build without named rows: they go first, with their relatives, and the manifest says so."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.cli import main
from medqa_kit.errors import RecipeError
from results import file_bytes, listed_rows, parquet_rows

pytestmark = pytest.mark.slow

AID: dict[str, Any] = {
    "name": "aid",
    "source": [{"name": "first_aid"}, {"name": "kormedmcqa"}],
    "accept": ["first_aid"],
    "dedupe": {},
    "format": {"record": "trl/messages"},
}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("erasure")


@pytest.fixture(scope="module")
def plain(cache: Path) -> Path:
    return mk.build(AID, out=cache / "plain", origin="sample", cache_dir=cache).path


def kept(folder: Path) -> list[dict[str, Any]]:
    return [
        row for split in ("train", "validation") for row in parquet_rows(folder, split).to_pylist()
    ]


def relatives(folder: Path) -> list[str]:
    """Ids of the rows of a family of several."""
    rows = kept(folder)
    family = next(
        name
        for name, number in Counter(row["family"] for row in rows).items()
        if name and number > 1
    )
    return [row["id"] for row in rows if row["family"] == family]


def test_it_leaves_what_retract_leaves(plain: Path, cache: Path, tmp_path: Path) -> None:
    kin = relatives(plain)
    file = tmp_path / "ids.txt"
    file.write_text(f"\ufeff{kin[0]}\n\n  \n", "utf-8")
    result = mk.build(
        AID, out=tmp_path / "made", origin="sample", cache_dir=cache, without_ids=file
    )
    assert [row["id"] for row in kept(result.path)] == [
        r["id"] for r in kept(plain) if r["id"] not in kin
    ]
    gone = {
        row["id"]: row["reason"]
        for row in listed_rows(result.path)
        if row["reason"].startswith("retracted")
    }
    assert gone == {kin[0]: "retracted", **dict.fromkeys(kin[1:], "retracted_relative")}
    (entry,) = result.manifest["retracted"]
    assert entry == {"items": [kin[0]], "holdout": None, "source": None, "rows": 1, "relatives": len(kin) - 1,
                     "absent": [], "before": None}  # fmt: skip
    assert not {*mk.verify(result.path, cache_dir=cache).by("code")} - {"unchecked"}
    assert mk.why(result.path, kin[1]).stage == "retract"


def test_the_digests_before_and_after_stand_and_a_second_build_is_equal(plain: Path, cache: Path, tmp_path: Path) -> None:  # fmt: skip
    out, ids = tmp_path / "made", [kept(plain)[0]["id"]]
    before = mk.build(AID, out=out, origin="sample", cache_dir=cache).manifest["data_digest"]
    result = mk.build(AID, out=out, origin="sample", cache_dir=cache, without_ids=ids)
    assert result.manifest["retracted"][0]["before"] == before != result.manifest["data_digest"]
    first = file_bytes(out)
    mk.build(AID, out=out, origin="sample", cache_dir=cache, without_ids=ids)
    assert file_bytes(out) == first
    difference = mk.diff(plain, out)
    assert set(difference.rows("went")["id"].to_pylist()) >= set(ids)
    assert {row["cause"] for row in difference.rows("went").to_pylist()} == {"input: retracted 1"}


def test_rows_that_were_taken_out_do_not_come_back_without_a_word(plain: Path, cache: Path, tmp_path: Path) -> None:  # fmt: skip
    out, kin = tmp_path / "made", relatives(plain)
    result = mk.build(AID, out=out, origin="sample", cache_dir=cache)
    mk.retract(out, items=kin[:1])
    before = file_bytes(out)
    with pytest.raises(RecipeError, match="taken out of the earlier result") as error:
        mk.build(AID, out=out, origin="sample", cache_dir=cache)
    assert all(name in str(error.value) for name in kin[:3])
    assert file_bytes(out) == before
    mk.build(AID, out=out, origin="sample", cache_dir=cache, without_ids=kin[:1])
    with pytest.raises(RecipeError, match="taken out of the earlier result"):  # of a build likewise
        mk.build(AID, out=out, origin="sample", cache_dir=cache)
    with pytest.raises(RecipeError, match="taken out of the earlier result"):
        mk.remix(plain, AID, to=out, cache_dir=cache)
    again = mk.build(AID, out=out, origin="sample", cache_dir=cache, replace_edited=True)
    assert again.manifest["data_digest"] == result.manifest["data_digest"]


def test_no_other_choice_changes(plain: Path, cache: Path, tmp_path: Path) -> None:
    name = next(
        row["id"] for row in kept(plain) if not row["family"] or row["id"] not in relatives(plain)
    )
    result = mk.build(
        AID, out=tmp_path / "made", origin="sample", cache_dir=cache, without_ids=[name]
    )
    difference = mk.diff(plain, result.path)
    assert len(difference.rows("moved")) == len(difference.rows("changed")) == 0
    assert {row["reason"] for row in difference.rows("came").to_pylist()} <= {"copy_exact"}


def test_the_copy_of_a_row_that_goes_may_stay(plain: Path, cache: Path, tmp_path: Path) -> None:
    pair = {**AID, "source": [{"name": "medical_o1_verifiable"}], "accept": []}
    first = mk.build(pair, out=tmp_path / "first", origin="sample", cache_dir=cache).path
    copy = next(row for row in listed_rows(first) if row["reason"] == "copy_exact")
    result = mk.build(
        pair, out=tmp_path / "made", origin="sample", cache_dir=cache, without_ids=[copy["match"]]
    )
    fate = mk.why(result.path, copy["id"])
    assert (fate.status, fate.reason) in {("kept", None), ("dropped", "retracted_relative")}


def test_copies_of_a_mix_go_with_their_row(cache: Path, tmp_path: Path) -> None:
    mixed = {
        **AID,
        "source": [{"name": "kormedmcqa", "repeat": 3.0}],
        "accept": [],
        "mix": {},
        "dedupe": {},
    }
    first = mk.build(mixed, out=tmp_path / "first", origin="sample", cache_dir=cache).path
    again = next(row["id"] for row in kept(first) if row["id"].endswith("#3"))
    result = mk.build(
        mixed, out=tmp_path / "made", origin="sample", cache_dir=cache, without_ids=[again]
    )
    plain = again.removesuffix("#3")
    assert not [row for row in kept(result.path) if row["id"].partition("#")[0] == plain]
    assert result.manifest["retracted"][0]["rows"] == 1
    assert not {*mk.verify(result.path, cache_dir=cache).by("code")} - {"unchecked"}


def test_ids_of_no_row_are_told(cache: Path, tmp_path: Path) -> None:
    result = mk.build(AID, out=tmp_path / "made", origin="sample", cache_dir=cache,
                    without_ids=["kbmc/1", "<script>", "kbmc/1"])  # fmt: skip
    (entry,) = result.manifest["retracted"]
    assert (entry["rows"], entry["absent"]) == (0, ["kbmc/1", "<script>"])
    assert any(
        "2 ids to leave out are of no row that was read" in note
        for note in result.manifest["notes"]
    )
    assert b"<script" not in (result.path / "report.html").read_bytes()


@pytest.mark.parametrize("wrong", [[3], [None], [""], b"x", 3])
def test_what_is_no_id_is_refused_before_anything_is_read(wrong: Any, tmp_path: Path) -> None:
    with pytest.raises(mk.errors.ArgumentError):
        mk.build(AID, out=tmp_path / "made", origin="sample", without_ids=wrong)
    assert not (tmp_path / "made").exists()


def test_files_of_ids(
    plain: Path, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = kept(plain)[0]["id"]
    table = tmp_path / "ids.jsonl"
    table.write_text(json.dumps({"id": name, "question": "Why?"}), "utf-8")
    words = ["build", "korean_exam_sft", "--origin", "sample", "--out", str(tmp_path / "made")]
    assert main([*words, "--without-ids", str(table)]) == 0
    assert "no row that was read" in capsys.readouterr().out
    assert main([*words, "--without-ids", str(tmp_path / "nowhere.txt")]) == 2
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    for file in ("nowhere.txt", "latin.txt"):
        with pytest.raises(mk.errors.FileError):
            mk.build(
                AID,
                out=tmp_path / "other",
                origin="sample",
                cache_dir=cache,
                without_ids=tmp_path / file,
            )
    empty = tmp_path / "empty.txt"
    empty.write_text("\n", "utf-8")
    result = mk.build(
        AID, out=tmp_path / "other", origin="sample", cache_dir=cache, without_ids=empty
    )
    assert result.manifest["retracted"][0]["rows"] == 0
