"""What a recipe may say, and how it is told what it may not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import medqa_kit as mk
from medqa_kit.building.recipes.conditions import Bounds, Where
from medqa_kit.building.recipes.settings import parsed_setting
from medqa_kit.building.recipes.toml_lines import toml_lines
from medqa_kit.cli import main
from scripts import script

schema_tool = script("tools/write_recipe_schema.py")
ONE = {"name": "kormedmcqa"}


def recipe(**more: object) -> mk.Recipe:
    return mk.Recipe.of({"name": "demo", "source": [ONE], **more})


def refusal(data: dict) -> str:
    with pytest.raises(mk.errors.RecipeError) as caught:
        mk.Recipe.of(data)
    return str(caught.value)


def test_the_schema_is_that_of_the_declaration() -> None:
    assert schema_tool.FILE.read_text("utf-8") == schema_tool.written(), (
        "run tools/write_recipe_schema.py"
    )


def test_all_problems_are_told_with_line_source_and_nearest_word(tmp_path: Path) -> None:
    file = tmp_path / "r.toml"
    file.write_text(
        'name = "demo"\nuse = "comercial"\n\n[[source]]\nname = "kormedmcqa"\nyeers = [2021]\n'
        '\n[[source]]\nname = "kbmc"\nwhere = { chars = { max = "x" } }\n\n[mix]\nsiez = 3\n',
        "utf-8",
    )
    with pytest.raises(mk.errors.RecipeError) as caught:
        mk.Recipe.read(file)
    text = str(caught.value)
    assert "4 problems" in text
    assert "line 2, use: 'comercial'" in text
    assert "line 6, source 'kormedmcqa', yeers: there is no such key; did you mean 'years'?" in text
    assert "line 10, source 'kbmc', where.chars.max" in text
    assert "line 13, mix.siez: there is no such key; did you mean 'size'?" in text
    assert text.index("line 2") < text.index("line 6") < text.index("line 13")


def test_values_that_cannot_be_are_told_together() -> None:
    text = refusal({
        "name": "demo", "source": [{**ONE, "slice": [0.9, 0.1]}, {"name": "kbmx"}],
        "mix": {"by": "tokens"}, "gates": {},
    })  # fmt: skip
    assert "4 problems" in text
    assert "gates: there is no such key; did you mean 'gate'?" in text
    assert "source 'kormedmcqa', slice: slice= takes a piece" in text
    assert "there is no source 'kbmx'; did you mean 'kbmc'?" in text
    assert "mix.tokenizer: tokens are counted by a tokenizer" in text


def test_lines_are_those_of_keys_outside_long_strings() -> None:
    text = 'about = """\n[[source]]\nname = "no"\n"""\n[[source]]\nname = "a"\n[source.where]\nhas = ["x"]\n'
    lines = toml_lines(text)
    assert lines["source", 0].number == 5
    assert lines["source", 0, "name"].number == 6
    assert lines["source", 0, "where", "has"].number == 8


def test_defaults_stand_in_every_source_that_does_not_say_otherwise() -> None:
    recipe = mk.Recipe.of({
        "name": "demo",
        "defaults": {"where": {"chars": {"max": 8000}, "has": ["answer"]}, "errata": "drop"},
        "source": [ONE, {"name": "klue", "where": {"chars": {"max": 100}}}],
    })  # fmt: skip
    first, second = recipe.sources
    assert first.where == Where(chars=Bounds(max=8000), has=("answer",))
    assert second.where == Where(chars=Bounds(max=100), has=("answer",))
    assert first.errata == second.errata == "drop"


def test_a_recipe_extends_another(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "common.toml").write_text(
        'name = "common"\nuse = "research"\n[[source]]\nname = "kormedmcqa"\nyears = [2020]\n'
        '[[source]]\nname = "kbmc"\npath = "data"\n[mix]\nsize = 10\nby = "rows"\n', "utf-8",
    )  # fmt: skip
    file = tmp_path / "own.toml"
    file.write_text(
        'extends = "below/common.toml"\nname = "own"\n[[source]]\nname = "klue"\n'
        '[[source]]\nname = "kormedmcqa"\nsubset = "doctor"\n[mix]\nsize = 5\n', "utf-8",
    )  # fmt: skip
    recipe = mk.Recipe.read(file)
    assert recipe.name == "own"
    assert [source.name for source in recipe.sources] == ["kormedmcqa", "kbmc", "klue"]
    assert recipe.sources[0].subset == "doctor"
    assert recipe.sources[0].years == (2020,)
    assert recipe.path_of(recipe.sources[1]) == tmp_path / "below" / "data"
    assert (recipe.mix.size, recipe.mix.by) == (5, "rows")
    file.write_text('extends = "own.toml"\nname = "own"\n', "utf-8")
    with pytest.raises(mk.errors.RecipeError, match=r"extends itself, found own\.toml → own\.toml"):
        mk.Recipe.read(file)


def test_conditions_to_accept_are_added_to_sources_that_are_listed(tmp_path: Path) -> None:
    base = 'name = "base"\naccept = ["first_aid"]\n[[source]]\nname = "first_aid"\n'
    (tmp_path / "base.toml").write_text(base, "utf-8")
    file, own = tmp_path / "own.toml", 'extends = "base.toml"\nname = "own"\n'
    file.write_text(own + 'accept = { ward = "licenseref-ward" }\n', "utf-8")
    assert mk.Recipe.read(file).accept == {"first_aid": (), "ward": ("licenseref-ward",)}
    file.write_text(own + "accept = []\n", "utf-8")
    assert not mk.Recipe.read(file).accept  # a list says all that is accepted


def test_a_source_that_is_called_by_its_own_name_is_the_same(tmp_path: Path) -> None:
    plain = mk.Recipe.of({"name": "demo", "source": [{"name": "kormedmcqa"}]})
    called = mk.Recipe.of({"name": "demo", "source": [{"name": "kormedmcqa", "as": "kormedmcqa"}]})
    assert called.as_data() == plain.as_data()


@pytest.mark.parametrize(("years", "wanted"), [
    ({"to": 2013}, range(2014)), ({"from": 2020}, range(2020, 10_000)),
    ({"from": 0, "to": 2_000_000_000}, range(2_000_000_001)), ([2012], (2012,)),
    ({"from": 2012.0, "to": 2013.0}, range(2012, 2014)), ([2012.0], (2012,)),
])  # fmt: skip
def test_years_are_listed_or_have_ends(years: object, wanted: object) -> None:
    recipe = mk.Recipe.of({"name": "demo", "source": [{**ONE, "years": years}]})
    assert recipe.sources[0].years == wanted
    assert (
        recipe.digest == mk.Recipe.of({"name": "demo", "source": [{**ONE, "years": years}]}).digest
    )


def test_a_text_that_cannot_be_written_is_refused() -> None:
    recipe = {
        "name": "demo",
        "source": [ONE],
        "format": {"record": "trl/messages", "system": "half \ud800"},
    }
    with pytest.raises(
        mk.errors.RecipeError, match=r"format\.system: takes text that can be written"
    ):
        mk.Recipe.of(recipe)


def test_formats_are_one_or_several() -> None:
    single = recipe(format={"record": "trl/messages"})
    two = recipe(
        format=[{"as": "chat", "record": "trl/messages"}, {"record": "text", "write": "parquet"}]
    )
    assert [form.name for form in single.formats] == ["trl_messages"]
    assert [form.name for form in two.formats] == ["chat", "text"]
    assert "two formats would write one folder" in refusal(
        {"name": "demo", "source": [ONE], "format": [{"record": "text"}, {"record": "text"}]}
    )


@pytest.mark.parametrize(("sources", "mix", "message"), [
    ([{**ONE, "weight": 2}], None, "there is no mix"),
    ([{**ONE, "weight": 2}, {"name": "kbmc"}], {}, "either every source has a weight"),
    ([{**ONE, "weight": 2}, {"name": "kbmc", "repeat": 2}], {}, "either every source has a weight"),
    ([{**ONE, "repeat": 2}], {"size": 5}, "a size cannot be met"),
    ([ONE, {**ONE, "subset": "doctor"}], {}, "two sources of a mix have one name"),
    ([{**ONE, "as": "kbmc"}, {"name": "kbmc"}], {}, "two sources are called 'kbmc'"),
])  # fmt: skip
def test_weights_that_contradict_each_other_are_refused(sources, mix, message: str) -> None:
    data = {"name": "demo", "source": sources, **({} if mix is None else {"mix": mix})}
    assert message in refusal(data)


def test_what_a_recipe_says_is_data_that_makes_it_again() -> None:
    parsed_recipe = recipe(
        dedupe={"near": 0.8}, seed=7, split={"validation": 0.1}, mix={"by": "rows", "size": 9},
        accept={"kormedmcqa": "cc-by-nc-2.0"}, gate={"dropped": 0.5},
    )  # fmt: skip
    said = parsed_recipe.as_data()
    assert said["mix"] == {"size": 9}
    assert said["dedupe"] == {"near": 0.8}
    assert said["accept"] == {"kormedmcqa": ["cc-by-nc-2.0"]}
    assert parsed_recipe.digest != recipe().digest


def test_keys_are_set_beside_the_file_and_checked_like_it(tmp_path: Path) -> None:
    file = tmp_path / "r.toml"
    file.write_text(
        'name = "demo"\n[[source]]\nname = "kormedmcqa"\n[[source]]\nname = "kbmc"\nas = "names"\n'
        '[mix]\nby = "rows"\n[[format]]\nas = "chat"\nrecord = "trl/messages"\n', "utf-8",
    )  # fmt: skip
    settings = {"mix.size": 9, "source.names.where.chars.max": 80, "format.chat.system": "Be brief.", "defaults.errata": "drop"}  # fmt: skip
    recipe = mk.Recipe.read(file, settings=settings)
    assert recipe.mix.size == 9
    assert recipe.sources[1].where == Where(chars=Bounds(max=80))
    assert {source.errata for source in recipe.sources} == {"drop"}
    assert recipe.formats[0].system == "Be brief."
    assert recipe.settings == settings
    with pytest.raises(mk.errors.RecipeError) as caught:
        mk.Recipe.read(
            file, settings={"mixx.size": 9, "source.names.max_rows": -1, "gate.held_out": "x"}
        )
    assert "3 problems" in str(caught.value)
    assert "set mixx.size: there is no such key; did you mean 'mix'?" in str(caught.value)
    assert "set source.names.max_rows: " in str(caught.value) or "source 'names': max_rows=" in str(
        caught.value
    )
    with pytest.raises(mk.errors.ArgumentError, match=r"did you mean 'names'\?"):
        mk.Recipe.read(file, settings={"source.name.max_rows": 1})
    with pytest.raises(mk.errors.ArgumentError, match=r"'mix\.by' holds no keys"):
        mk.Recipe.read(file, settings={"mix.by.rows": 1})
    with pytest.raises(mk.errors.ArgumentError, match="holds no keys"):
        mk.Recipe.read(file, settings={"source.names.fix": ["nfc"], "source.names.fix.nfc": 1})
    with pytest.raises(mk.errors.ArgumentError, match="recipes as data"):
        mk.build(recipe, out=tmp_path / "out", settings={"seed": 1})


@pytest.mark.parametrize(("text", "value"), [
    ("mix.size=1_000", 1000), ("mix.size=2.5e3", 2500), ("use=research", "research"), ("a=[1, 2]", [1, 2]),
    ("a={ max = 3 }", {"max": 3}), ("a=x = y", "x = y"), ("a=", ""),
])  # fmt: skip
def test_values_are_read_as_in_toml(text: str, value: object) -> None:
    key, parsed_value = parsed_setting(text)
    assert (key, parsed_value) == (text.partition("=")[0], value)


def test_what_was_set_stands_in_the_manifest(tmp_path: Path, capsys) -> None:
    file = tmp_path / "small.toml"
    file.write_text(
        'name = "small"\n\n[[source]]\nname = "kormedmcqa"\nsubset = "doctor"\n', "utf-8"
    )
    words = ["build", str(file), "--origin", "sample", "--out", str(tmp_path / "made")]
    assert main([*words, "--set", "split.validation=0", "--set", "seed=9"]) == 0
    manifest = json.loads((tmp_path / "made" / "manifest.json").read_text("utf-8"))
    assert manifest["set"] == {"split.validation": 0, "seed": 9}
    assert (manifest["recipe"]["validation"], manifest["recipe"]["seed"]) == (0, 9)
    assert main([*words, "--set", "seed"]) == 2


def test_formats_have_the_settings_of_their_kind() -> None:
    parsed_recipe = recipe(
        format={"record": "openai/batch", "settings": {"model": "m", "temperature": 0.5}}
    )
    assert parsed_recipe.formats[0].as_data()["settings"] == {"model": "m", "temperature": 0.5}
    assert "settings" not in recipe(format={"record": "trl/messages"}).formats[0].as_data()
    text = refusal({"name": "demo", "source": [ONE], "format": {"record": "openai/batch"}})
    assert "'openai/batch' needs the setting 'model'" in text
    text = refusal({"name": "demo", "source": [ONE],
                    "format": {"record": "axolotl/segments", "settings": {"eoss": "</s>"}}})  # fmt: skip
    assert "did you mean 'eos'" in text


def test_names_with_dots_can_be_set() -> None:
    listed = [{"name": "kbmc", "as": "v1"}, {"name": "kbmc", "as": "v1.5"}, {"name": "klue"}]
    recipe = {"name": "demo", "source": listed}
    wanted = {"source.v1.5.max_rows": 5, "source.v1.5.where.chars.min": 2, "source.v1.max_rows": 1}
    parsed_recipe = mk.Recipe.of(recipe, settings=wanted)
    assert [source.max_rows for source in parsed_recipe.sources] == [1, 5, None]
    assert parsed_recipe.sources[1].where.chars.min == 2
    with pytest.raises(mk.errors.ArgumentError, match="there is no source 'v2'"):
        mk.Recipe.of(recipe, settings={"source.v2.5.max_rows": 5})


def test_a_record_without_its_trainer_is_told_of_each_trainer_that_has_one() -> None:
    recipe = {"name": "x", "source": [{"name": "kbmc"}], "format": [{"record": "kto"}]}
    with pytest.raises(
        mk.errors.RecipeError, match=r"did you mean 'llama-factory/kto' or 'trl/kto'\?"
    ):
        mk.plan(recipe, origin="sample")


def test_a_weight_takes_the_place_of_the_repeat_that_is_extended(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text('name = "base"\n[[source]]\nname = "kbmc"\nrepeat = 2.0\nmax_rows = 9\n[mix]\n', "utf-8")  # fmt: skip
    own = tmp_path / "own.toml"
    own.write_text('extends = "base.toml"\nname = "own"\n[[source]]\nname = "kbmc"\nweight = 1\n[mix]\nsize = 5\n', "utf-8")  # fmt: skip
    [source] = mk.Recipe.read(own).sources
    assert (source.weight, source.repeat, source.max_rows) == (1, None, 9)
    again = tmp_path / "again.toml"
    again.write_text('extends = "own.toml"\nname = "again"\n[[source]]\nname = "kbmc"\nrepeat = 3\n[mix]\n', "utf-8")  # fmt: skip
    with pytest.raises(
        mk.errors.RecipeError, match="a size cannot be met"
    ):  # what else is extended stays
        mk.Recipe.read(again)


@pytest.mark.parametrize(("key", "value", "home"), [
    ("validation", 0.1, "[split]"), ("epochs", 2, "[mix]"), ("years", [2012], "[[source]]"), ("rules", [8], "[holdout]"),
])  # fmt: skip
def test_a_key_that_stands_elsewhere_is_led_to_its_table(
    key: str, value: object, home: str
) -> None:
    text = refusal({"name": "demo", "source": [ONE], key: value})
    assert f"{key}: there is no such key; it is a key of {home}" in text
