"""What became of a row in a build: kept, dropped or never read, told by the folder of the result alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.cli import main
from results import file_bytes, listed_rows, parquet_rows

RECIPE = {
    "name": "demo",
    "source": [
        {"name": "kormedmcqa", "subset": "doctor", "years": [2013, 2014]},
        {"name": "medical_o1_verifiable"},
        {"name": "kormedlawqa", "slice": [0.0, 0.5]},
        {"name": "komep", "view": "chosen"},
    ],
    "accept": ["komep"],
    "dedupe": {},
    "split": {"validation": 0.3},
    "format": [
        {"as": "chat", "record": "trl/messages", "write": ["parquet", "jsonl", "jsonl.zst"], "shard": 1000},
        {"as": "plain", "record": "trl/prompt-completion"},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("why")
    return mk.build(RECIPE, out=folder / "made", origin="sample", cache_dir=folder / "cache").path


@pytest.mark.slow
def test_every_kept_row_is_found_where_it_stands(out: Path) -> None:
    ids = [
        row["id"]
        for split in ("train", "validation")
        for row in parquet_rows(out, split).to_pylist()
    ]
    assert len(ids) > 10
    fates = mk.why(out, ids)
    for name, fate in zip(ids, fates, strict=True):
        assert (fate.id, fate.status) == (name, "kept")
        assert [place.format for place in fate.places] == ["chat"] * 3 + ["plain"] * 2
        for place in fate.places:
            assert place.split == place.file.split("/")[1]
            if place.file.endswith(".parquet"):
                assert pq.read_table(out / place.file)["id"][place.row].as_py() == name
            elif place.file.endswith(".jsonl") and place.format == "chat":
                line = json.loads((out / place.file).read_text("utf-8").split("\n")[place.row])
                twin = next(place for place in fate.places if place.file.endswith("parquet"))
                row = pq.read_table(out / twin.file).slice(twin.row, 1).to_pylist()[0]
                assert [m["content"] for m in line["messages"]] == [
                    m["content"] for m in row["messages"]
                ]


@pytest.mark.slow
def test_lines_are_counted_through_shards(out: Path) -> None:
    shards = sorted((out / "chat_jsonl" / "train").iterdir())
    ids = parquet_rows(out, "train")["id"].to_pylist()
    files = {p.file for fate in mk.why(out, ids) for p in fate.places if "chat_jsonl/" in p.file}
    assert files == {f"chat_jsonl/train/{file.name}" for file in shards}


@pytest.mark.slow
def test_every_dropped_row_says_stage_reason_and_match(out: Path) -> None:
    rows = listed_rows(out)
    assert {row["reason"] for row in rows} >= {"other_year", "copy_exact", "held_out_answer"}
    stages = {
        "other_year": "years", "copy_exact": "dedupe", "held_out_answer": "holdout",
        "held_out_near": "holdout", "held_out_family": "holdout", "held_out_exact": "holdout",
        "no_answer": "answer",
    }  # fmt: skip
    for row, fate in zip(rows, mk.why(out, [row["id"] for row in rows]), strict=True):
        assert fate.status == "dropped"
        assert (fate.reason, fate.detail, fate.match, fate.source) == (
            row["reason"], row["detail"], row["match"], row["source"])  # fmt: skip
        assert fate.stage == stages[row["reason"]]
        copy = row["reason"].startswith("copy")
        assert (fate.instead is not None) == copy
        if copy:
            assert fate.instead.id == row["match"]
            assert fate.instead.status == "kept"
            assert fate.instead.places


@pytest.mark.parametrize(("wanted", "code", "says"), [
    ("sample:kormedmcqa/doctor/2022-1-7", "part_not_listed", "not read: doctor/validation, doctor/test"),
    ("sample:kormedmcqa/nurse/2022-1-7", "part_not_listed", "subset doctor"),
    ("kormedmcqa/doctor/2013-1-1", "part_not_listed", "the recipe takes subset doctor, split train"),
    ("sample:kbmc/1", "source_not_listed", "the recipe does not read kbmc"),
    ("sample:kormedlawqa/0000", "outside_slice", "outside the slice [0.0, 0.5]"),
    ("sample:kormedmcqa/surgeon/1", "no_such_row", "no part of kormedmcqa has ids that begin so"),
    ("sample:medical_o1_verifiable/0", "no_such_row", "was read to the end"),
    ("sample:medical_o1_verifyable/0", "unknown_source", "did you mean 'medical_o1_verifiable'?"),
    ("", None, ""), (" \n", None, ""), ("\ud800", None, ""), (3, None, ""), (None, None, ""),
    ("\x1b[31mred", "unknown_source", "\\x1b[31mred"), ("../../etc/passwd", "unknown_source", "'..'"),
    ("/", "unknown_source", "''"), ("sample:", "unknown_source", "''"), ("x" * 100_000, "unknown_source", "…"),
])  # fmt: skip
def test_a_row_that_was_never_read_says_why(out: Path, wanted, code: str | None, says: str) -> None:
    if code is None:
        with pytest.raises(mk.errors.ArgumentError, match="id of a row"):
            mk.why(out, [wanted])
        return
    fate = mk.why(out, wanted)
    assert (fate.status, fate.reason, fate.places) == ("never_read", code, ())
    assert says in str(fate)
    assert all(letter.isprintable() or letter == "\n" for letter in str(fate))


def test_a_slip_in_an_id_leads_to_the_row(out: Path) -> None:
    kept = parquet_rows(out, "train")["id"].to_pylist()
    law = next(name for name in kept if "kormedlawqa" in name)
    for slip in (law.removeprefix("sample:"), law.upper(), law.replace("_", " ") + " "):
        assert mk.why(out, slip).hint == f"did you mean {law!r}?"
    gone = next(row["id"] for row in listed_rows(out) if row["reason"] == "other_year")
    assert mk.why(out, gone.replace("doctor", "docter")).hint == f"did you mean {gone!r}?"
    answer = next(name for name in kept if "verifiable" in name)
    assert mk.why(out, answer[:-1] + "g").hint == f"did you mean {answer!r}?"


def test_halves_and_further_copies_are_of_their_row(tmp_path: Path) -> None:
    recipe = {"name": "kto", "source": [{"name": "komep", "repeat": 2.0}], "accept": ["komep"],
              "mix": {"by": "rows"}, "format": {"record": "trl/kto"}, "split": {"validation": 0}}  # fmt: skip
    result = mk.build(recipe, out=tmp_path / "made", origin="sample", cache_dir=tmp_path / "cache")
    name = parquet_rows(result.path, "train")["id"][0].as_py().partition("#")[0]
    fate = mk.why(result.path, name)
    assert [place.id for place in fate.places if place.file.endswith("parquet")] == [
        f"{name}#chosen", f"{name}#rejected", f"{name}#2#chosen", f"{name}#2#rejected"
    ]  # fmt: skip
    assert f"as {name}#2#chosen" in str(fate)
    assert mk.why(result.path, f"{name}#2#rejected").status == "kept"
    assert mk.why(result.path, f"{name}#3").status == "never_read"


def test_retracted_rows_say_so(out: Path, tmp_path: Path) -> None:
    shutil.copytree(out, tmp_path / "made")
    name = parquet_rows(out, "train")["id"][0].as_py()
    mk.retract(tmp_path / "made", items=[name])
    fate = mk.why(tmp_path / "made", name)
    assert (fate.stage, fate.reason) == ("retract", "retracted")


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-7])


def _longer(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\n")


def _flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-20] ^= 0xFF
    file.write_bytes(bytes(data))


@pytest.mark.parametrize("spoil", [Path.unlink, _cut, _longer, _flip, lambda f: f.write_bytes(b"")])
@pytest.mark.parametrize(
    "name", ["chat/train", "chat_jsonl_zst/validation", "dropped", "manifest.json"]
)
def test_a_damaged_result_says_nothing_of_rows(
    out: Path, tmp_path: Path, name: str, spoil: Callable[[Path], object]
) -> None:
    folder = tmp_path / "made"
    shutil.copytree(out, folder)
    file = folder / name
    spoil(file if file.is_file() else min(file.iterdir()))
    if (spoil, name) == (_longer, "manifest.json"):
        pytest.skip("a line more after JSON says nothing else")
    wanted = [parquet_rows(out, "validation")["id"][0].as_py(), "sample:medical_o1_verifiable/0"]
    with pytest.raises((mk.errors.FormatError, mk.errors.WrongFilesError)):
        mk.why(folder, wanted)


def test_a_manifest_that_was_bent_is_refused(out: Path, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    shutil.copytree(out, folder)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for key in ("sources", "formats", "recipe", "files", "totals"):
        bent = {name: value for name, value in manifest.items() if name not in (key, "digest")}
        for content in (bent, bent | {key: 3}, bent | {key: []}, bent | {key: {"a": None}}):
            (folder / "manifest.json").write_text(json.dumps(content), "utf-8")
            with pytest.raises(mk.errors.FormatError):
                mk.why(folder, "sample:kormedmcqa/doctor/1")
    (folder / "manifest.json").write_text(json.dumps(manifest | {"name": "other"}), "utf-8")
    with pytest.raises(mk.errors.FormatError, match="edited"):
        mk.why(folder, "sample:kormedmcqa/doctor/1")
    with pytest.raises(mk.errors.WrongFilesError):
        mk.why(tmp_path, "sample:kormedmcqa/doctor/1")


def test_a_row_stands_for_its_id(out: Path) -> None:
    row = parquet_rows(out, "train").slice(0, 1).to_pylist()[0]
    assert mk.why(out, row) == mk.why(out, row["id"])
    assert mk.why(out, [row, row["id"]]) == [mk.why(out, row)] * 2
    with pytest.raises(mk.errors.ArgumentError):
        mk.why(out, {"text": "no id"})


def test_it_asks_nobody_and_changes_nothing(hub, out: Path) -> None:
    before = file_bytes(out)
    mk.why(out, ["sample:kormedmcqa/doctor/2013-1-35", "kbmc/3", "nothing"])
    assert hub.requests == []
    assert file_bytes(out) == before


def test_the_command(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = parquet_rows(out, "train")["id"][0].as_py()
    assert main(["why", str(out), name]) == 0
    assert "chat/train/part-00000" in capsys.readouterr().out
    gone = next(row for row in listed_rows(out) if row["reason"] == "copy_exact")
    assert main(["why", str(out), gone["id"], "--json"]) == 1
    output = json.loads(capsys.readouterr().out)
    assert (output["status"], output["match"], output["instead"]["status"]) == (
        "dropped",
        gone["match"],
        "kept",
    )
    assert main(["why", str(out / "nowhere"), name]) == 2


@pytest.mark.slow
def test_preferences_of_questions_are_known_by_the_ids_of_these(tmp_path: Path) -> None:
    recipe = {"name": "demo", "source": [{"name": "kormedmcqa", "view": "preference", "max_rows": 4}],
              "split": {"validation": 0}, "format": {"record": "trl/preference"}}  # fmt: skip
    result = mk.build(recipe, out=tmp_path / "made", origin="sample")
    listed = parquet_rows(result.path, "train")["id"].to_pylist()
    rows = mk.load("kormedmcqa", split="train", origin="sample")["id"][:]
    assert len(listed) == 4
    assert set(listed) < set(rows)
    fates = mk.why(result.path, rows)
    assert {fate.status for fate in fates} == {"kept", "dropped"}
    assert sorted(fate.id for fate in fates if fate.status == "kept") == sorted(listed)
    mk.retract(result.path, items=listed[:1])
    assert mk.why(result.path, listed[0]).stage == "retract"


@pytest.mark.slow
def test_a_copy_that_a_mix_did_not_take_leads_to_its_row(tmp_path: Path) -> None:
    recipe = {"name": "demo", "split": {"validation": 0}, "mix": {"size": 5}, "format": {"record": "trl/messages"},
              "source": [{"name": "kbmc"}]}  # fmt: skip
    result = mk.build(recipe, out=tmp_path / "made", origin="sample")
    ids = mk.load("kbmc", split="train", origin="sample")["id"][:]
    kept = parquet_rows(result.path, "train")["id"].to_pylist()
    for name in (kept[0], next(name for name in ids if name not in kept)):
        fate = mk.why(result.path, f"{name}#2")
        assert (fate.status, fate.reason) == ("never_read", "no_such_row")
        assert repr(name) in fate.hint


@pytest.mark.parametrize(("key", "says"), [({}, "its ids end with a hash of the row"), ({"key": "number"}, "and no row has this id\n")])  # fmt: skip
def test_ids_of_rows_of_ones_own_are_explained(tmp_path: Path, key: dict, says: str) -> None:
    rows = [
        {"number": f"n{n}", "question": f"What is {n}?", "answer": "A number."} for n in range(4)
    ]
    (tmp_path / "own.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    own = {"as": "own", "read": str(tmp_path / "own.jsonl"), "schema": "qa", "license": "CC0-1.0", "language": "en", **key}  # fmt: skip
    recipe = {"name": "own", "source": [own], "split": {"validation": 0}, "format": {"record": "trl/messages"}}  # fmt: skip
    result = mk.build(recipe, out=tmp_path / "made", cache_dir=tmp_path / "cache")
    assert says in f"{mk.why(result.path, 'own/seven')}\n"
    assert mk.why(result.path, "own/n3").status == ("kept" if key else "never_read")
