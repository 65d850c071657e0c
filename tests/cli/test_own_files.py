"""Commands about files of one's own: rows to cite, exams to hold out, ledgers to go on with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import medqa_kit as mk
from medqa_kit.cli import main

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")


@pytest.fixture
def ward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three questions, in a folder to work in."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "ward.jsonl"
    rows = [{"id": f"q{n}", "question": f"Which vitamin prevents scurvy on deck {n}?", "options": ["A", f"C{n}"],
             "answer_index": 1, "answer": f"C{n}"} for n in range(3)]  # fmt: skip
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return file


def test_own_rows_of_a_result_are_cited_with_the_licence_their_recipe_states(
    ward: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = {"as": "ward", "read": str(ward), "schema": "qa", "license": "CC-BY-4.0"}
    recipe = {
        "name": "both",
        "source": [own, {"name": "kbmc"}],
        "format": {"record": "trl/messages"},
    }
    mk.build(recipe, out="out", origin="sample", quiet=True)
    for kind in ("trl_messages/train/part-00000-of-00001.parquet", "trl_messages_jsonl/train/part-00000-of-00001.jsonl"):  # fmt: skip
        assert main(["cite", "--rows", f"out/{kind}"]) == 0
        text = capsys.readouterr().out
        assert "ward (ward), 3 rows\n" in text
        assert "Claimed: CC-BY-4.0: stated by whose rows they are" in text
        assert "(kbmc)" in text
    Path("elsewhere.jsonl").write_text('{"source": "ward", "question": "Why?"}\n', "utf-8")
    assert main(["cite", "--rows", "elsewhere.jsonl"]) == 2
    assert "there is no source 'ward'" in capsys.readouterr().err


def test_credits_of_own_sources_are_taken_as_they_are_given(ward: Path) -> None:
    source = mk.own_source(ward, name="ward", license="CC0-1.0")
    credits = mk.attribution([{"source": "ward"}, {"source": "kbmc"}], own=[source]).credits
    assert [(each.source, each.rows) for each in credits] == [("kbmc", 1), ("ward", 1)]
    assert [claim.license for claim in credits[1].claims] == ["CC0-1.0"]
    with pytest.raises(mk.errors.ArgumentError, match="own="):
        mk.attribution([{"source": "ward"}], own=["ward"])  # type: ignore[list-item]


def test_an_exam_becomes_fingerprints_that_check_takes(
    ward: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["fingerprint", str(ward), "--to", "ward.holdout", "--reason", "we report it", "--protects", "ward/score"]  # fmt: skip
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "file": "ward.holdout",
        "name": "ward",
        "items": 3,
    }
    assert b"scurvy" not in Path("ward.holdout").read_bytes()
    assert mk.Holdout.load("ward.holdout").purposes[0].protects == ("ward/score",)
    assert main(["check", str(ward), "--against", "ward.holdout"]) == 1
    capsys.readouterr()
    assert main(words) == 2
    assert "--replace writes the fingerprints anew" in capsys.readouterr().err
    assert main([*words, "--replace", "--name", "deck"]) == 0
    assert mk.Holdout.load("ward.holdout").purposes[0].name == "deck"
    words[3] = str(ward)
    assert main([*words, "--replace"]) == 2, "nothing but fingerprints is replaced"
    assert "scurvy" in ward.read_text("utf-8")


def test_a_ledger_alone_writes_its_open_requests_again(
    ward: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", "asked"]) == 2
    assert "a ledger that is begun needs DATA, --task, --model as well" in capsys.readouterr().err
    assert (
        main(["ask", "asked", str(ward), "--task", "paraphrase", "--model", "m", "--to", "one"])
        == 0
    )
    assert main(["ask", "asked", "--to", "two", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["counts"]["open"] == 3
    (first,), (second,) = Path("one").iterdir(), Path("two").iterdir()
    assert first.read_bytes() == second.read_bytes()
    assert main(["ask", "asked", "--language", "ko"]) == 2
    assert "--language" in capsys.readouterr().err


def test_the_one_format_of_a_recipe_is_set_by_its_name(ward: Path) -> None:
    recipe = {"name": "one", "source": [{"name": "kbmc"}], "format": {"record": "trl/messages"}}
    for key in ("format.shard", "format.trl/messages.shard"):
        assert mk.Recipe.of(recipe, settings={key: "20KB"}).formats[0].shard == mk.Recipe.of(
            {**recipe, "format": {"record": "trl/messages", "shard": "20KB"}}
        ).formats[0].shard  # fmt: skip
    with pytest.raises(mk.errors.MedQAError, match="known are record, write, shard"):
        mk.Recipe.of(recipe, settings={"format.messages.shard": "20KB"})


def test_all_own_sources_that_cannot_be_read_are_told_at_once(tmp_path: Path) -> None:
    files = {"broken": '{"id": 1', "wrong": '{"id": "a", "question": "Why?", "options": ["x", "y"], "answer_index": 9}\n',
             "unkeyed": '{"id": "a", "question": null}\n'}  # fmt: skip
    for name, text in files.items():
        (tmp_path / f"{name}.jsonl").write_text(text, "utf-8")
    own = [{"as": name, "read": str(tmp_path / f"{name}.jsonl"), "schema": "qa", "license": "CC0-1.0"} for name in (*files, "absent")]  # fmt: skip
    for listed in (own, own[1:3]):
        with pytest.raises(mk.errors.RecipeError, match="sources cannot be read") as caught:
            mk.build(
                {"name": "own", "source": [*listed, {"name": "kbmc"}]},
                out=tmp_path / "out",
                origin="sample",
            )
        named = [each["as"] for each in listed if f"{each['as']}: " in str(caught.value)]
        assert len(named) >= 2, str(caught.value)
    with pytest.raises(mk.errors.MedQAError) as alone:
        mk.build({"name": "own", "source": own[:1]}, out=tmp_path / "out")
    assert "sources cannot be read" not in str(alone.value), "one is told as it is"
    assert not (tmp_path / "out").exists()
