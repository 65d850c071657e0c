"""Two builds compared: which rows came, went, moved or changed, and which line is behind it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.cli import main
from medqa_kit.core.stored import sha256_of, stamped
from results import file_bytes, listed_rows, parquet_rows

pytestmark = pytest.mark.slow

BASE: Mapping[str, Any] = {
    "name": "demo",
    "source": [{"name": "kormedmcqa"}, {"name": "medical_o1_verifiable"}, {"name": "kormedlawqa"}],
    "dedupe": {},
    "split": {"validation": 0.3},
    "format": [
        {"as": "chat", "record": "trl/messages"},
        {"as": "pairs", "record": "trl/prompt-completion"},
    ],
}
LAW = BASE["source"][2]
Build = Callable[..., Path]


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    folder, known = tmp_path_factory.mktemp("diff"), dict[str, Path]()

    def folder_of(**changes: Any) -> Path:
        key = json.dumps(changes, sort_keys=True)
        if key not in known:
            known[key] = mk.build({**BASE, **changes}, out=folder / f"made{len(known)}", origin="sample",
                                  cache_dir=folder / "cache").path  # fmt: skip
        return known[key]

    return folder_of


def ids(folder: Path) -> dict[str, str]:
    return {row: split for split in ("train", "validation")
            for row in parquet_rows(folder, split)["id"].to_pylist()}  # fmt: skip


def causes(difference: Any, code: str) -> set[tuple[str, str, str | None, str]]:
    rows = difference.rows(code).to_pylist()
    return {(row["source"], row["stage"], row["reason"], row["cause"]) for row in rows}


def test_equal_builds_do_not_differ(build: Build, tmp_path: Path) -> None:
    shutil.copytree(build(), tmp_path / "copy")
    difference = mk.diff(build(), tmp_path / "copy")
    assert difference.report.rows == difference.report.kept == len(ids(build()))
    assert (
        len(difference.report.findings)
        == difference.recipe.num_rows
        == difference.inputs.num_rows
        == 0
    )


def test_rows_add_up_both_ways(build: Build) -> None:
    left, other = (
        build(),
        build(source=[{"name": "kormedmcqa", "years": [2013, 2014]}, LAW], seed=4),
    )
    forth, back = mk.diff(left, other), mk.diff(other, left)
    first, second = ids(left), ids(other)
    assert set(forth.rows("went")["id"].to_pylist()) == first.keys() - second.keys()
    assert set(back.rows("came")["id"].to_pylist()) == first.keys() - second.keys()
    moved = {row for row in first.keys() & second.keys() if first[row] != second[row]}
    assert moved
    assert set(forth.rows("moved")["id"].to_pylist()) == moved
    for difference in (forth, back):
        assert difference.report.rows == len(first.keys() | second.keys())
        assert difference.report.kept == len(first.keys() & second.keys()) - len(moved)
    row = forth.rows("moved").to_pylist()[0]
    assert (row["before"], row["after"]) == (first[row["id"]], second[row["id"]])


@pytest.mark.parametrize(("changes", "code", "stage", "reason", "cause"), [
    ({"source": [{"name": "kormedmcqa", "years": [2013]}, *BASE["source"][1:]]}, "went", "years", "other_year",
     "recipe: sources[kormedmcqa].years"),
    ({"source": [{"name": "kormedmcqa", "subset": "nurse"}, *BASE["source"][1:]]}, "went", "read", None,
     "recipe: sources[kormedmcqa].subset"),
    ({"source": BASE["source"][1:]}, "went", "read", None, "recipe: sources[kormedmcqa]"),
    ({"source": [*BASE["source"], {"name": "kbmc"}]}, "came", "read", None, "recipe: sources[kbmc]"),
    ({"source": [*BASE["source"][:2], {**LAW, "slice": [0.0, 0.5]}]}, "went", "read", None,
     "recipe: sources[kormedlawqa].slice"),
    ({"source": [*BASE["source"][:2], {**LAW, "max_rows": 4}]}, "went", "max_rows", "above_max_rows",
     "recipe: sources[kormedlawqa].max_rows"),
    ({"source": [*BASE["source"][:2], {**LAW, "where": {"language": ["ko"]}}]}, "went", "where", "where_language",
     "recipe: sources[kormedlawqa].where.language"),
    ({"holdout": {"items": ["kmmlu-health-test"]}}, None, "", None, ""),
    ({"mix": {"by": "rows", "size": 10}}, "went", "mix", "not_in_mix", "recipe: mix, mix.size"),
    ({"split": {"validation": 0.0}}, "moved", "moved", None, "recipe: validation"),
    ({"format": [{**BASE["format"][0], "system": "Answer."}, BASE["format"][1]]}, "changed", "changed", None,
     "recipe: formats[chat].system"),
    ({"format": [BASE["format"][0], {**BASE["format"][1], "language": "en"}]}, "changed", "changed", None,
     "recipe: formats[pairs].language"),
])  # fmt: skip
def test_each_stage_names_its_line(build: Build, changes, code, stage, reason, cause) -> None:
    if code is None:  # a holdout more that takes nothing
        difference = mk.diff(build(), build(**changes))
        assert difference.report.dropped == 0
        assert difference.recipe["name"].to_pylist() == ["holdouts"]
        assert "holdout kmmlu-health-test" in difference.inputs["name"].to_pylist()
        return
    difference = mk.diff(build(), build(**changes))
    assert any(row[1:] == (stage, reason, cause) for row in causes(difference, code)), str(
        difference
    )
    assert cause in str(difference)
    back = mk.diff(build(**changes), build())
    opposite = {"went": "came", "came": "went"}.get(code, code)
    assert {row[1:] for row in causes(back, opposite)} >= {(stage, reason, cause)}


def test_copies_of_a_mix_and_the_rows_they_displace(build: Build) -> None:
    mixed = {"mix": {"by": "rows"}, "source": [{"name": "kormedlawqa", "repeat": 3.0}]}
    less = {"mix": {"by": "rows"}, "source": [{"name": "kormedlawqa", "repeat": 2.0}]}
    difference = mk.diff(build(**mixed), build(**less))
    gone = difference.rows("went")
    assert gone["id"].to_pylist()
    assert all(name.endswith("#3") for name in gone["id"].to_pylist())
    assert causes(difference, "went") == {
        ("kormedlawqa", "mix", "taken_less_often", "recipe: sources[kormedlawqa].repeat")
    }


def test_a_copy_that_a_new_source_displaces_says_so(build: Build) -> None:
    pair = {"source": [{"name": "medical_o1_reasoning_sft"}, {"name": "medical_o1_verifiable"}],
            "dedupe": {"on": "item"}}  # fmt: skip
    difference = mk.diff(build(**{**pair, "source": pair["source"][1:]}), build(**pair))
    gone = [row for row in difference.rows("went").to_pylist() if row["reason"] == "copy_exact"]
    assert gone
    assert {row["cause"] for row in gone} == {"other rows"}
    assert all(row["match"].startswith("sample:medical_o1_reasoning_sft") for row in gone)


def test_a_field_that_is_null_in_all_rows_is_no_change(build: Build, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    shutil.copytree(build(), folder)
    for file in sorted((folder / "pairs").rglob("*.parquet")):
        table = pq.read_table(file)
        turns = table["prompt"].combine_chunks()
        fields = [*turns.values.type, pa.field("tool", pa.string())]
        columns = [*turns.values.flatten(), pa.nulls(len(turns.values), pa.string())]
        wider = pa.ListArray.from_arrays(
            turns.offsets, pa.StructArray.from_arrays(columns, fields=fields)
        )
        pq.write_table(table.set_column(table.column_names.index("prompt"), "prompt", wider), file)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    listed = {
        name: {**facts, "bytes": (folder / name).stat().st_size, "sha256": sha256_of(folder / name)}
        for name, facts in manifest["files"].items()
    }
    (folder / "manifest.json").write_text(
        json.dumps(stamped({**manifest, "files": listed})), "utf-8"
    )
    assert mk.diff(build(), folder).report.dropped == 0


def test_revisions_versions_and_retractions_are_causes(build: Build, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    shutil.copytree(build(), folder)
    name = next(iter(ids(folder)))
    mk.retract(folder, items=[name])
    difference = mk.diff(build(), folder)
    assert {row[1:3] for row in causes(difference, "went")} == {("retract", "retracted")}
    assert {row[3] for row in causes(difference, "went")} == {"input: retracted 1"}
    raw = tmp_path / "law.jsonl"
    rows = [{"messages": [{"role": "user", "content": f"number {n}"}, {"role": "assistant", "content": "yes"}]} for n in range(5)]  # fmt: skip
    own = {"source": [{"read": str(raw), "as": "ward", "schema": "dialogue", "license": "CC0-1.0", "language": "en"}],
           "format": [BASE["format"][0]]}  # fmt: skip
    folders = []
    for at, kept in enumerate((rows, rows[1:])):
        raw.write_text("\n".join(map(json.dumps, kept)), "utf-8")
        folders.append(
            mk.build({**BASE, **own}, out=tmp_path / f"own{at}", cache_dir=tmp_path / "cache").path
        )
    difference = mk.diff(*folders)
    assert causes(difference, "went") == {("ward", "read", None, "input: ward/train")}


def test_a_saved_holdout_of_as_many_other_items_is_a_cause(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "question": "Which bone of the forearm lies beside the thumb in the anatomical position?", "answer": "Radius"},
        {"id": "b", "question": "How long should somebody wash both hands before sterile gloves are put on?", "answer": "A minute"},
        {"id": "c", "question": "What colour does litmus paper take in lemon juice from the kitchen?", "answer": "Red"},
    ]  # fmt: skip
    (tmp_path / "ward.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    own = {"as": "ward", "read": str(tmp_path / "ward.jsonl"), "schema": "qa", "license": "CC0-1.0", "key": "id",
           "language": "en"}  # fmt: skip
    file = tmp_path / "exam.holdout"
    recipe = {
        "name": "demo",
        "split": {"validation": 0},
        "source": [own],
        "holdout": {"items": [f"file:{file}"]},
    }

    def folder_of(row: int) -> Path:
        mk.Holdout.from_rows([rows[row]], name="exam", reason="we report it").save(file)
        return mk.build(recipe, out=tmp_path / f"out{row}", cache_dir=tmp_path / "cache").path

    difference = mk.diff(folder_of(0), folder_of(1))
    assert difference.inputs["name"].to_pylist() == ["holdout exam"]
    for code in ("came", "went"):
        assert difference.rows(code)["cause"].to_pylist() == ["input: holdout exam"]


def test_builds_without_a_common_format_compare_ids(build: Build) -> None:
    difference = mk.diff(build(), build(format=[{"as": "other", "record": "trl/messages"}]))
    assert difference.report.dropped == 0
    assert "no format in common" in str(difference)


def test_text_page_json_and_file_agree(build: Build, tmp_path: Path, capsys) -> None:
    other = build(source=BASE["source"][1:])
    difference = mk.diff(build(), other)
    table = tmp_path / "rows.parquet"
    assert main(["diff", str(build()), str(other), "--json", "--report", str(table)]) == 1
    output = json.loads(capsys.readouterr().out)
    assert output == json.loads(difference.to_json())
    assert (
        pq.read_table(table).num_rows
        == len(output["rows"]["findings"])
        == difference.report.dropped
    )
    assert sum(row["rows"] for row in output["summary"]) == len(output["rows"]["findings"])
    assert "<td" in difference._repr_html_()
    assert main(["diff", str(build()), str(build())]) == 0
    assert main(["diff", str(build()), str(tmp_path)]) == 2


def test_damaged_results_are_refused_and_whole_ones_stay_as_they_are(hub, build: Build, tmp_path: Path) -> None:  # fmt: skip
    before = file_bytes(build())
    mk.diff(build(), build(source=BASE["source"][1:]))
    assert file_bytes(build()) == before
    assert hub.requests == []
    for name in ("chat/train", "pairs/validation", "dropped", "manifest.json"):
        folder = tmp_path / name.replace("/", "_")
        shutil.copytree(build(), folder)
        file = folder / name
        file = file if file.is_file() else min(file.iterdir())
        file.write_bytes(file.read_bytes()[:-9])
        other = build(source=[*BASE["source"], {"name": "kbmc"}])
        for pair in ((folder, other), (other, folder)):
            if name == "dropped" and pair[0] is other:
                assert listed_rows(build())
            with pytest.raises(mk.errors.FormatError):
                mk.diff(*pair)


def test_rows_that_change_lead_to_the_line_that_changes_them(build: Build) -> None:
    mixed = {"mix": {"by": "rows"}, "source": [{"name": "kormedlawqa"}], "split": {"validation": 0}}
    passes = build(**{**mixed, "mix": {"by": "rows", "epochs": 2}})
    assert {row[3] for row in causes(mk.diff(build(**mixed), passes), "changed")} == {
        "recipe: mix.epochs"
    }
    shown = [build(**{**mixed, "source": [{"name": "kbmc", "few_shot": {"k": k}}]}) for k in (1, 2)]
    assert {row[3] for row in causes(mk.diff(*shown), "changed")} == {
        "recipe: sources[kbmc].few_shot.k"
    }


def test_a_file_that_was_edited_is_no_change_of_the_build(build: Build, tmp_path: Path) -> None:
    folder = tmp_path / "edited"
    shutil.copytree(build(), folder)
    file = min((folder / "chat" / "train").glob("*.parquet"))
    table = pq.read_table(file)
    pq.write_table(table.take(list(range(table.num_rows))[::-1]), file)
    size = min((build() / "chat" / "train").glob("*.parquet")).stat().st_size
    content = file.read_bytes()[:size]
    file.write_bytes(content + b"\0" * (size - len(content)))  # as many bytes as were built
    with pytest.raises(mk.errors.FormatError, match="not as it was built") as caught:
        mk.diff(folder, build())
    assert caught.value.found == "other bytes, as many as were built"
