"""Mixes at the limits of what may be asked, and rows whose ids read like those of further copies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import datasets
import pytest

import medqa_kit as mk
from medqa_kit.errors import RecipeError


def asked(folder: Path, ids: list[str], **more: Any) -> dict[str, Any]:
    rows = [{"id": name, "question": f"What of case {n * 7919} in year {n}?", "answer": f"It is {n * 77}.",
             "year": 2021 + n % 2} for n, name in enumerate(ids)]  # fmt: skip
    file = folder / f"{len(ids)}.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    own = {"as": f"of_{len(ids)}", "read": str(file), "schema": "qa", "license": "CC0-1.0", "key": "id"}  # fmt: skip
    return {"name": "demo", "source": [own], "split": {"validation": 0}, "format": {"record": "trl/messages"}} | more  # fmt: skip


def numbered(count: int) -> list[str]:
    return [f"r{n}" for n in range(count)]


def test_the_coldest_mix_takes_the_largest_source(tmp_path: Path) -> None:
    two = [*asked(tmp_path, numbered(2500))["source"], *asked(tmp_path, numbered(5))["source"]]
    recipe = asked(tmp_path, numbered(5), source=two, mix={"temperature": 0.01})
    result = mk.build(recipe, out=tmp_path / "out")
    taken = {
        name: shares["taken_rows"] for name, shares in result.manifest["mix"]["sources"].items()
    }
    assert taken == {"of_2500": 2500, "of_5": 0}


def test_a_floor_of_a_region_is_told_from_one_of_a_language(tmp_path: Path) -> None:
    recipe = asked(tmp_path, numbered(5), mix={"floor": {"language": {"ko-KR": 0.5}}})
    recipe["source"][0]["language"] = "ko-KR"
    with pytest.raises(RecipeError, match="a floor is of a whole language, such as ko,"):
        mk.build(recipe, out=tmp_path / "out")
    recipe["mix"] = {"floor": {"language": {"ko": 0.5}}}
    assert mk.build(recipe, out=tmp_path / "out").manifest["totals"]["train"] == 5


@pytest.mark.parametrize("content", ["", '{"version": 1}', "words"])
def test_a_file_that_is_no_tokenizer_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "tokenizer.json").write_text(content, "utf-8")
    recipe = asked(tmp_path, numbered(5), mix={"by": "tokens", "tokenizer": str(tmp_path / "tokenizer.json")})  # fmt: skip
    with pytest.raises(RecipeError, match="the tokenizer cannot be read"):
        mk.build(recipe, out=tmp_path / "out")
    assert mk.plan(recipe).problems["kind"].to_pylist() == ["tokenizer"]


@pytest.mark.slow
def test_no_row_is_called_as_a_further_copy_of_another_one(tmp_path: Path) -> None:
    twice = {"mix": {"epochs": 2}}
    recipe = asked(tmp_path, ["x", "x#2", "y", "y#3"], **twice)
    with pytest.raises(RecipeError, match="a row is called as a further copy of another one is") as caught:  # fmt: skip
        mk.build(recipe, out=tmp_path / "out")
    assert caught.value.found == "'of_4/x#2'"
    assert "further copy" in mk.plan(recipe).problems["problem"][0].as_py()
    for free in (asked(tmp_path, ["x", "x#2"]), asked(tmp_path, ["x", "x#3", "y#2"], **twice)):
        result = mk.build(free, out=tmp_path / "out")
        assert not mk.verify(result.path).findings.num_rows


def test_a_year_of_validation_may_be_written_with_a_point(tmp_path: Path) -> None:
    recipe = asked(tmp_path, numbered(10), split={"validation": {"year": 2022.0}})
    assert mk.build(recipe, out=tmp_path / "out").manifest["totals"]["validation"] == 5


def test_a_result_whose_rows_are_all_in_validation_is_loaded(tmp_path: Path) -> None:
    recipe = asked(tmp_path, numbered(10), split={"validation": {"year": [2021, 2022]}})
    with pytest.warns(mk.errors.SplitWarning, match="train has no row"):
        result = mk.build(recipe, out=tmp_path / "out")
    data = datasets.load_dataset(str(result.path), cache_dir=str(tmp_path / "cache"))
    assert {split: len(rows) for split, rows in data.items()} == {"validation": 10}


@pytest.mark.parametrize("word", ["junit", "log"])
def test_no_file_is_written_into_the_folder_that_is_replaced(tmp_path: Path, word: str) -> None:
    recipe, out = asked(tmp_path, numbered(5), gate={"dropped": 0}), tmp_path / "out"
    files: dict[str, Any] = {word: out / "told" / "file"}
    with pytest.raises(mk.errors.ArgumentError, match=f"{word}= is in the folder of the result"):
        mk.build(recipe, out=out, **files)
    assert not out.exists()
    mk.build(recipe, out=out)
    with pytest.raises(mk.errors.ArgumentError, match=f"{word}= is in the folder of the result"):
        mk.remix(out, recipe, **files)
    assert not mk.verify(out).findings.num_rows


@pytest.mark.parametrize("epochs", [1, 3])
def test_a_mix_that_is_smaller_than_any_row_is_told_by_plan_and_build(
    tmp_path: Path, epochs: int
) -> None:
    recipe = asked(tmp_path, numbered(5), mix={"by": "chars", "size": 10, "epochs": epochs})
    [problem] = mk.plan(recipe).problems.to_pylist()
    assert problem["kind"] == "mix"
    with pytest.raises(RecipeError, match="the mix cannot be met") as caught:
        mk.build(recipe, out=tmp_path / "out")
    assert (
        caught.value.found == "a mix of 10 chars, in which no part of a source has room for a row"
    )
    assert caught.value.found in problem["problem"]
    assert not (tmp_path / "out").exists()


def test_the_size_that_can_be_met_takes_the_place_of_a_stop_that_cannot(tmp_path: Path) -> None:
    two = [*asked(tmp_path, numbered(50))["source"], *asked(tmp_path, numbered(40))["source"]]
    recipe = asked(
        tmp_path, numbered(5), source=two, mix={"stop": "all_exhausted", "temperature": 9}
    )
    [problem] = mk.plan(recipe).problems.to_pylist()
    assert problem["remedy"].startswith("size = 81 in place of stop, ")
    recipe["mix"] = {"size": 81, "temperature": 9}
    assert not mk.plan(recipe).problems.num_rows
    recipe["mix"] = {"size": 300, "temperature": 9}
    [problem] = mk.plan(recipe).problems.to_pylist()
    assert "in place of" not in problem["remedy"]


def test_a_source_whose_part_is_smaller_than_its_rows_is_told(tmp_path: Path) -> None:
    two = [*asked(tmp_path, numbered(50))["source"], *asked(tmp_path, numbered(40))["source"]]
    for source, weight in zip(two, (99, 1), strict=True):
        source["weight"] = weight
    recipe = asked(tmp_path, numbered(5), source=two, mix={"by": "chars", "size": 1000})
    sentence = "of_40: the mix takes none of its 40 rows, since its part is less than a row"
    assert sentence in mk.plan(recipe).notes
    assert sentence in mk.build(recipe, out=tmp_path / "out").manifest["notes"]
    two[1]["weight"] = 0
    assert not any("takes none" in note for note in mk.plan(recipe).notes), (
        "it was left out on purpose"
    )


def said_rows(folder: Path, name: str, rows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Write rows of one's own, and return what a recipe says of them."""
    file = folder / f"{name}.jsonl"
    file.write_text(
        "".join(f"{json.dumps({'id': f'r{n}', **row})}\n" for n, row in enumerate(rows)), "utf-8"
    )
    return {
        "as": name,
        "read": str(file),
        "schema": "text",
        "license": "CC0-1.0",
        "key": "id",
        **more,
    }


def mixed(folder: Path, sources: list[dict[str, Any]], **mix: Any) -> dict[str, Any]:
    recipe = {
        "name": "demo",
        "source": sources,
        "split": {"validation": 0},
        "format": {"record": "text"},
        "mix": mix,
    }
    shares = mk.build(recipe, out=folder / "out", quiet=True).manifest["mix"]["sources"]
    assert mk.plan(recipe).mix["taken"].to_pylist() == [share["taken"] for share in shares.values()]
    return {name: share["taken_rows"] for name, share in shares.items()}


def test_the_languages_of_a_source_are_rounded_to_its_part(tmp_path: Path) -> None:
    tongues = [
        {"text": f"words of case {n * 7919}", "language": tag}
        for n, tag in enumerate(("de", "en", "fr", "it", "ko"))
    ]
    plain = [{"text": f"sentence {n * 104729}", "language": "en"} for n in range(5)]
    two = [
        said_rows(tmp_path, "tongues", tongues, weight=1),
        said_rows(tmp_path, "plain", plain, weight=1),
    ]
    assert mixed(tmp_path, two, size=6) == {"tongues": 3, "plain": 3}
    assert mixed(tmp_path, two, size=4) == {"tongues": 2, "plain": 2}
    for source, repeat in zip(two, (0.4, 1.6), strict=True):
        del source["weight"]
        source["repeat"] = repeat
    assert mixed(tmp_path, two) == {"tongues": 2, "plain": 8}


def test_floors_of_languages_hold_together(tmp_path: Path) -> None:
    """One language that is lifted takes from another one, which is then below its own floor."""
    tags = ["ko"] * 60 + ["km"] * 30 + ["en"] * 10
    rows = [{"text": f"words of case {n * 7919}", "language": tag} for n, tag in enumerate(tags)]
    recipe = {"name": "demo", "source": [said_rows(tmp_path, "own", rows)], "split": {"validation": 0},
              "format": {"record": "text"}, "mix": {"size": 20, "floor": {"language": {"en": 0.4, "ko": 0.55}}}}  # fmt: skip
    result = mk.build(recipe, out=tmp_path / "out", quiet=True)
    assert result.manifest["sources"][0]["languages"] == {"ko": 11, "en": 8, "km": 1}
    recipe["mix"]["floor"] = {"language": {"en": 0.4, "ko": 0.55, "fr": 0.05}}
    with pytest.raises(RecipeError, match="no row is in fr"):
        mk.build(recipe, out=tmp_path / "out", quiet=True)


def test_caps_and_floors_that_repeats_do_not_keep_are_refused(tmp_path: Path) -> None:
    two = [*asked(tmp_path, numbered(20))["source"], *asked(tmp_path, numbered(8))["source"]]
    two[0]["repeat"] = 3.0
    for cap, mix, told in ((0.1, {}, "of_8 would be 11.8% of the mix"),
                           (None, {"floor": {"source": {"of_8": 0.2}}}, "of_8 would be 11.8% of the mix"),
                           (None, {"floor": {"language": {"ko": 0.2}}}, "ko would be 0.0% of the mix")):  # fmt: skip
        source = [two[0], two[1] | ({"max_share": cap} if cap else {})]
        recipe = asked(tmp_path, numbered(5), source=source, mix=mix)
        [problem] = mk.plan(recipe).problems.to_pylist()
        with pytest.raises(RecipeError, match="the mix cannot be met") as caught:
            mk.build(recipe, out=tmp_path / "out")
        assert told in str(caught.value.found)
        assert told in problem["problem"]
    kept = [two[0], two[1] | {"max_share": 0.12}]
    recipe = asked(tmp_path, numbered(5), source=kept, mix={"floor": {"source": {"of_8": 0.11}}})
    sources = mk.build(recipe, out=tmp_path / "out").manifest["mix"]["sources"]
    assert [(source["taken_rows"], source.get("bound_by")) for source in sources.values()] == [
        (60, None),
        (8, None),
    ]


def test_shares_are_of_rows_that_can_be_written(tmp_path: Path) -> None:
    talks = [{"id": f"t{n}", "messages": [
        {"role": role, "content": f"{role} says {n * 7919} and {turn}"} for turn in range(1 + n % 4) for role in ("user", "assistant")
    ]} for n in range(80)]  # fmt: skip
    (tmp_path / "talks.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in talks), "utf-8")
    talk = {"as": "talk", "read": str(tmp_path / "talks.jsonl"), "schema": "dialogue", "license": "CC0-1.0",
            "key": "id", "weight": 1}  # fmt: skip
    exam = asked(tmp_path, numbered(60))["source"][0] | {"weight": 2}
    recipe = asked(tmp_path, numbered(5), source=[exam, talk], mix={"by": "rows"},
                   format=[{"as": "chat", "record": "trl/messages"}, {"as": "plain", "record": "text"}])  # fmt: skip
    outlook = mk.plan(recipe)
    result = mk.build(recipe, out=tmp_path / "out")
    assert {source["name"]: source["train"] for source in result.manifest["sources"]} == {
        "of_60": 40,
        "talk": 20,
    }
    assert result.manifest["sources"][1]["dropped"] == {"record_multi_turn": 60}
    mixed = result.manifest["mix"]["sources"]["talk"]
    assert (mixed["rows"], mixed["taken_rows"], mixed["share"]) == (20, 20, 0.333333)
    assert dict(zip(*(outlook.mix[name].to_pylist() for name in ("source", "rows")), strict=True)) == {
        "of_60": 40, "talk": 20}  # fmt: skip
    assert not mk.verify(result.path).findings.num_rows


def test_a_source_of_which_no_row_is_left_has_nothing_to_protect(tmp_path: Path) -> None:
    two = [*asked(tmp_path, numbered(5))["source"], *asked(tmp_path, numbered(6))["source"]]
    two[1]["where"] = {"chars": {"min": 10_000}}
    recipe = asked(tmp_path, numbered(5), source=two, dedupe={"protect": ["of_6"], "prefer": ["of_6"]})  # fmt: skip
    assert not mk.plan(recipe).problems.num_rows
    result = mk.build(recipe, out=tmp_path / "out")
    assert result.manifest["totals"]["train"] == 5
    assert any(
        note.startswith("of_6: none of its rows is left") for note in result.manifest["notes"]
    )
