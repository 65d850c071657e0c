"""Faults of recipes and places, at the public surface: each is told as what it is, where it is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import datasets
import pytest

import medqa_kit as mk
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.recipes.settings import parsed_setting
from medqa_kit.cli import main
from results import file_bytes, parquet_rows

RecipeError = mk.errors.RecipeError
EXAM = {"name": "kormedmcqa", "subset": "doctor"}


def recipe(**more: Any) -> dict[str, Any]:
    return {"name": "demo", "source": [dict(EXAM)], **more}


def refusal(data: Any) -> str:
    with pytest.raises(RecipeError) as caught:
        mk.Recipe.of(data) if isinstance(data, dict) else mk.Recipe.read(data)
    return str(caught.value)


@pytest.mark.parametrize("key", ["years", "where"])
@pytest.mark.parametrize("years", [
    [5e9], [5e30], [-1], [2021.5], ["2021"], [True], [], {}, 2021, "2021", {"from": 5e30}, {"to": -1}, [10**400],
    {"from": 2025, "to": 2020}, [float("nan")],
])  # fmt: skip
def test_years_that_no_row_can_have_are_refused(key: str, years: Any) -> None:
    said = {"where": {"year": years}} if key == "where" else {"years": years}
    text = refusal({"name": "demo", "source": [{**EXAM, **said}]})
    assert "source 'kormedmcqa', " in text
    assert "year" in text


@pytest.mark.parametrize(
    "years", [[0], [2_000_000_000], {"from": 0, "to": 2_000_000_000}, range(2012, 2023), (2021,)]
)
def test_years_up_to_two_thousand_million_are_harmless(years: Any) -> None:
    recipe = mk.Recipe.of(
        {"name": "demo", "source": [{**EXAM, "years": years, "where": {"year": years}}]}
    )
    assert recipe.sources[0].years == recipe.sources[0].where.year


def test_years_of_a_python_value_are_checked_as_well() -> None:
    for years in ((5_000_000_000,), range(0, 10**12), (), range(0), ("2021",)):
        with pytest.raises(mk.errors.ArgumentError):
            Ingredient(name="kormedmcqa", years=years)


def test_how_often_a_row_is_seen_is_bounded_in_the_declaration() -> None:
    schema = json.loads(
        Path(mk.__file__)
        .with_name("building")
        .joinpath("recipes/recipe.schema.json")
        .read_text("utf-8")
    )
    properties = schema["properties"]["source"]["items"]["properties"]
    assert (
        properties["repeat"]["maximum"]
        == schema["properties"]["mix"]["properties"]["epochs"]["maximum"]
        == 1000
    )
    text = refusal({"name": "demo", "source": [{**EXAM, "repeat": 1e9}], "mix": {}})
    assert "repeat: takes a number, at least 0, at most 1,000, found 1000000000.0" in text
    with pytest.raises(mk.errors.ArgumentError, match="repeat="):
        Ingredient(name="kormedmcqa", repeat=1001)


@pytest.mark.parametrize(("said", "place"), [
    ({"dedupe": {"prefer": ["kormedmcq"]}}, "dedupe.prefer"), ({"dedupe": {"protect": ["kormedmcq"]}}, "dedupe.protect"),
    ({"mix": {"floor": {"source": {"kormedmcq": 0.5}}}}, "mix.floor.source.kormedmcq"), ({"mix": {"stop": "kormedmcq"}}, "mix.stop"),
    ({"reference": {"rows": 5, "sources": {"kormedmcq": 1}}}, "reference.sources.kormedmcq"),
    ({"split": {"validation": {"source": "kormedmcq"}}}, "split.validation.source"),
    ({"holdout": {"items": ["kormedmcqa-oficial-test"]}}, "holdout.items"),
    ({"holdout": {"because": {"kormedmcqa-oficial-test": "x"}}}, "holdout.because"),
    ({"use": "comercial"}, "use"), ({"format": {"record": "trl/mesages"}}, "format.record"), ({"format": {"write": ["parqet"]}}, "format.write.0"),
    ({"format": {"reasoning": "thinks"}}, "format.reasoning"), ({"gate": {"findings": {"eror": 0}}}, "gate.findings.eror"),
    ({"gate": {"personal_data": {"emial": 0}}}, "gate.personal_data.emial"), ({"gate": {"script": {"hangl": {"min": 0.5}}}}, "gate.script.hangl"),
    ({"source": [{**EXAM, "fix": "nfd"}]}, "source 'kormedmcqa', fix"), ({"source": [{**EXAM, "view": "instructions"}]}, "source 'kormedmcqa', view"),
    ({"source": [{"name": "kormedmcq"}]}, "source 'kormedmcq', name"), ({"source": [{**EXAM, "where": {"has": "rational"}}]}, "source 'kormedmcqa', where.has"),
    ({"source": [{**EXAM, "few_shot": {"k": 1, "from": "kormedmcq"}}]}, "source 'kormedmcqa', few_shot.from"),
    ({"source": [{**EXAM, "where": {"script": {"hangl": {"min": 0.5}}}}]}, "source 'kormedmcqa', where.script.hangl"),
])  # fmt: skip
def test_the_nearest_known_word_is_named_wherever_a_word_may_stand(said: dict, place: str) -> None:
    text = refusal(recipe(**said))
    assert f"{place}: " in text
    assert "did you mean" in text


@pytest.mark.parametrize(("said", "place"), [
    ({"source": [{**EXAM, "where": {"tokens": {"max": 9}}}], "mix": {"tokenizer": "o200k_base", "infeasibel": "scale"}}, "mix.infeasibel"),
    ({"source": [{**EXAM, "weight": 1}], "mix": {"siez": 5}}, "mix.siez"),
    ({"source": [{**EXAM, "weight": 1}], "mix": {"size": 0}}, "mix.size"),
    ({"source": [EXAM, {"naem": "kbmc"}], "dedupe": {"prefer": ["kbmc"]}}, "naem"),
    ({"source": [EXAM, {"naem": "kbmc"}, {"naem": "klue"}], "mix": {"stop": "klue"}}, "naem"),
    ({"split": {"validation": {"source": 5}}}, "split.validation.source"),
    ({"split": {"validation": {"source": [5]}}}, "split.validation.source"),
])  # fmt: skip
def test_a_slip_brings_no_other_problem_with_it(said: dict, place: str) -> None:
    """What a table would say that is wrong, or which name a source would have, is not known."""
    text = refusal(recipe(**said))
    assert place in text
    for other in ("needs a tokenizer", "there is no mix", "have one name", "prefer", "stop"):
        assert other not in text


OWN = {"as": "own", "read": "own.jsonl", "schema": "text", "license": "CC0-1.0"}


@pytest.mark.parametrize(("said", "place", "without"), [
    ({"source": [{**EXAM, "repeat": 3, "max_repeat": 2}], "mix": {}}, "source 'kormedmcqa', max_repeat", {"source": [{**EXAM, "repeat": 3, "max_repeat": 3}], "mix": {}}),
    ({"source": [{**EXAM, "repeat": 2}, {"name": "kbmc", "max_repeat": 0.5}], "mix": {}}, "source 'kbmc', max_repeat", {"source": [{**EXAM, "repeat": 2}, {"name": "kbmc", "repeat": 0.5, "max_repeat": 0.5}], "mix": {}}),
    ({"source": [{**EXAM, "repeat": 3}], "mix": {"stop": "kormedmcqa"}}, "mix.stop", {"source": [{**EXAM, "weight": 3}], "mix": {"stop": "kormedmcqa"}}),
    ({"source": [{**EXAM, "repeat": 3}], "mix": {"temperature": 2}}, "mix.temperature", {"source": [{**EXAM, "repeat": 3}], "mix": {"temperature": 1}}),
    ({"source": [{**EXAM, "repeat": 3}], "mix": {"size": 5}}, "mix.size", {"source": [{**EXAM, "weight": 3}], "mix": {"size": 5}}),
    ({"mix": {"size": 5, "stop": "all_exhausted"}}, "mix.stop", {"mix": {"stop": "all_exhausted"}}),
    ({"source": [{**EXAM, "weight": 3}], "mix": {"temperature": 2}}, "mix.temperature", {"mix": {"temperature": 2}}),
    ({"seed": 1, "split": {"seed": 2}}, "split.seed", {"seed": 2, "split": {"seed": 2}}),
    ({"source": [{**OWN, "path": "copy"}]}, "source 'own', path", {"source": [OWN]}),
    ({"source": [{**OWN, "repo": "a/b"}]}, "source 'own', repo", {"source": [OWN]}),
    ({"source": [{**OWN, "revision": "main"}]}, "source 'own', revision", {"source": [OWN]}),
], ids=range(11))  # fmt: skip
def test_no_word_is_passed_over_since_another_one_leaves_it_nothing_to_say(
    said: dict, place: str, without: dict
) -> None:
    text = refusal(recipe(**said))
    assert "1 problem." in text
    assert f"{place}: " in text
    mk.Recipe.of(recipe(**without))


def test_a_text_that_no_file_takes_is_a_fault_of_the_recipe() -> None:
    for text in ("half \ud800", "bell \a", "nul \0"):
        assert "about: takes text" in refusal(recipe(about=text))
        with pytest.raises(mk.errors.ArgumentError, match="about"):
            mk.Recipe(name="demo", sources=(Ingredient(name="kbmc"),), about=text)
    assert "takes keys that are text" in refusal(recipe(mix={1: 2}))
    assert "takes what TOML holds" in refusal(recipe(seed=object()))
    around: dict[str, Any] = {}
    around["around"] = around
    assert "tables in each other" in refusal(recipe(mix=around))


def test_defaults_are_told_where_they_stand_and_once(tmp_path: Path) -> None:
    file = tmp_path / "r.toml"
    file.write_text(
        'name = "demo"\n[[source]]\nname = "kbmc"\n[[source]]\nname = "klue"\n[defaults]\nmax_rows = 0\nerata = "drop"\n',
        "utf-8",
    )
    text = refusal(file)
    assert "2 problems" in text
    assert "line 7, defaults.max_rows: " in text
    assert "line 8, defaults.erata: there is no such key; did you mean 'errata'?" in text


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "base.toml").write_text(
        'name = "base"\n[[source]]\nread = "rows.jsonl"\nas = "own"\nschema = "text"\nlicense = "MIT"\n[[source]]\nname = "kbmc"\n'
        '[mix]\ntokenizer = "tok.json"\n[holdout]\nitems = ["file:x.holdout"]\n', "utf-8",
    )  # fmt: skip
    return tmp_path


def test_a_recipe_that_is_named_from_elsewhere_extends_one_beside_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "all" / "own").mkdir(parents=True)
    (tmp_path / "all" / "rows.jsonl").write_text('{"id": "a", "text": "Why?"}\n', "utf-8")
    (tmp_path / "all" / "base.toml").write_text(
        '[[source]]\nas = "ward"\nread = "rows.jsonl"\nschema = "text"\nlicense = "CC0-1.0"\n',
        "utf-8",
    )
    file = tmp_path / "all" / "own" / "own.toml"
    file.write_text('name = "own"\nextends = "../base.toml"\n[format]\nrecord = "text"\n', "utf-8")
    monkeypatch.chdir(tmp_path)
    for named in (file.relative_to(tmp_path), file):
        outlook = mk.plan(named)
        assert not outlook.problems.num_rows, outlook
        assert outlook.sources["read"].to_pylist() == [1]
    assert mk.Recipe.read(file.relative_to(tmp_path)).digest == mk.Recipe.read(file).digest


def test_a_recipe_as_a_value_extends_a_file_or_a_shipped_one(folder: Path) -> None:
    recipe = mk.Recipe.of(
        {"extends": "base/base.toml", "name": "mine", "source": [{"name": "kbmc", "max_rows": 5}]}
    )
    assert (recipe.name, [source.label for source in recipe.sources]) == ("mine", ["own", "kbmc"])
    assert recipe.sources[1].max_rows == 5
    shipped = mk.Recipe.of({"extends": "korean_exam_sft", "name": "mine"})
    assert [source.name for source in shipped.sources] == ["kormedmcqa", "kormedlawqa"]


def test_every_path_of_an_extended_recipe_is_seen_from_it(folder: Path) -> None:
    (folder / "own.toml").write_text('extends = "base/base.toml"\n', "utf-8")
    for recipe in (
        mk.Recipe.read(folder / "own.toml"),
        mk.Recipe.of({"extends": "base/base.toml"}),
    ):
        assert (folder / recipe.sources[0].read).resolve() == folder / "base" / "rows.jsonl"
        assert (folder / recipe.tokenizer_file).resolve() == folder / "base" / "tok.json"
        assert (
            folder / recipe.holdouts[0].removeprefix("file:")
        ).resolve() == folder / "base" / "x.holdout"


def test_problems_of_an_extended_recipe_have_its_lines(folder: Path) -> None:
    base = folder / "base" / "base.toml"
    base.write_text(base.read_text("utf-8").replace('as = "own"', 'yeers = 3\nas = "own"'), "utf-8")
    (folder / "own.toml").write_text(
        'extends = "base/base.toml"\n[[source]]\nname = "klue"\nmax_rows = 0\n[[source]]\nas = "own"\nweight = -1\n',
        "utf-8",
    )
    text = refusal(folder / "own.toml")
    assert "line 4, source 'klue', max_rows: " in text
    assert "line 7, source 'own', weight: " in text
    assert (
        "line 4 of 'base.toml', source 'own', yeers: there is no such key; did you mean 'years'?"
        in text
    )


@pytest.mark.parametrize(("named", "words"), [
    ("korean_exam_stf", "did you mean 'korean_exam_sft'"), ("base", "is a folder"), (5, "takes the path of a recipe"), ("", "takes the path"),
    ("base/bad.toml", "this is not TOML"), ("base/ring.toml", "extends itself, found ring.toml → ring.toml"), ("a\0b", "takes"),
])  # fmt: skip
def test_what_cannot_be_extended_is_told_with_all_else(
    folder: Path, named: object, words: str
) -> None:
    (folder / "base" / "bad.toml").write_text("no [toml", "utf-8")
    (folder / "base" / "ring.toml").write_text('extends = "ring.toml"\n', "utf-8")
    text = refusal({"extends": named, "name": "mine", "zzz": 1})
    assert "extends: " in text
    assert words in text
    assert "zzz: there is no such key" in text


def test_a_set_of_which_no_row_is_left_is_refused_and_the_plan_says_so(tmp_path: Path) -> None:
    data = recipe(mix={"by": "rows"})
    data["source"][0]["where"] = {"chars": {"min": 10**6}}
    with pytest.raises(RecipeError, match="no row is left") as caught:
        mk.build(data, out=tmp_path / "out", origin="sample", quiet=True)
    assert caught.value.found == "4 rows read: 4 where_chars"
    assert not (tmp_path / "out").exists()
    problems = mk.plan(data, origin="sample").problems.to_pylist()
    assert any(
        problem["kind"] == "rows" and "4 where_chars" in problem["problem"] for problem in problems
    )


@pytest.mark.parametrize("source", [{"slice": [0, 1e-9]}, {"repeat": 0}, {"repeat": 0.01}])
def test_a_set_of_which_nothing_is_taken_is_refused_and_the_plan_says_so(
    source: dict[str, Any], tmp_path: Path
) -> None:
    data = recipe(split={"validation": 0}, mix={})
    data["source"] = [{"name": "kormedmcqa", "subset": "doctor", **source}]
    with pytest.raises(RecipeError, match="no row is left"):
        mk.build(data, out=tmp_path / "out", origin="sample", quiet=True)
    problems = mk.plan(data, origin="sample").problems["problem"].to_pylist()
    assert any("no row is left to write" in problem for problem in problems)


def test_a_recipe_that_is_not_utf_8_says_so(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text('name = "a"', "utf-16")
    with pytest.raises(RecipeError, match="this is not UTF-8") as caught:
        mk.Recipe.read(file)
    assert caught.value.hint == "save it as UTF-8"


def test_a_recipe_in_json_is_led_to_where_it_is_taken(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text(json.dumps(recipe()), "utf-8")
    assert "mk.build(json.load(file)" in refusal(tmp_path / "demo.json")


def test_how_answers_count_is_of_questions_alone() -> None:
    notes = {"as": "notes", "read": "notes.jsonl", "schema": "text", "license": "CC0-1.0", "base": 0}  # fmt: skip
    assert "base= is for questions" in refusal({"name": "demo", "source": [notes]})


def test_a_single_table_or_text_is_told_how_a_list_of_them_is_written() -> None:
    assert "write [[source]]" in refusal({"name": "a", "source": {"name": "kbmc"}})
    assert 'write ["medqa-usmle-test"]' in refusal(recipe(holdout={"items": "medqa-usmle-test"}))
    assert "write" not in refusal(recipe(holdout={"items": "[medqa-usmle-test"}))
    with pytest.raises(mk.errors.ArgumentError) as caught:
        mk.Recipe.of(recipe(), settings={"source.max_rows": 5})
    assert caught.value.hint == "source.kormedmcqa.max_rows"


@pytest.mark.slow
def test_a_source_of_which_no_row_is_left_is_told(tmp_path: Path) -> None:
    data = recipe(format={"record": "trl/messages"})
    data["source"].append({"name": "kbmc", "where": {"chars": {"min": 10**6}}})
    result = mk.build(data, out=tmp_path / "out", origin="sample", quiet=True, log=tmp_path / "log")
    (note,) = [
        note
        for note in result.manifest["notes"]
        if note.startswith("kbmc: none of its rows is left")
    ]
    assert "where_chars" in note
    assert note in (tmp_path / "log").read_text("utf-8")
    assert "kbmc: none of its rows is left" in (result.path / "report.html").read_text("utf-8")
    assert any(
        note.startswith("kbmc: none of its rows") for note in mk.plan(data, origin="sample").notes
    )


@pytest.mark.slow
def test_names_of_results_are_typed_or_harmless(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for out in ("file", "file/below", "loop", "x" * 300, "\udce9"):
        with pytest.raises(mk.MedQAError) as caught:
            mk.build(recipe(), out=tmp_path / out, origin="sample", quiet=True)
        assert isinstance(
            caught.value, RecipeError | mk.errors.StorageError | mk.errors.ArgumentError
        ), out
    for out in ("link", "a\nb <b> \u202e"):
        result = mk.build(recipe(), out=tmp_path / out, origin="sample", quiet=True)
        assert not mk.verify(result.path).findings.num_rows
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "manifest.json").is_file()


def test_a_log_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(mk.errors.StorageError, match="log="):
        mk.build(recipe(), out=tmp_path / "out", origin="sample", quiet=True, log=tmp_path)


_POWERLESS = """
import os, sys, warnings
import medqa_kit as mk
warnings.simplefilter("ignore")
closed, free = sys.argv[1:]
data = {"name": "demo", "source": [{"name": "kormedmcqa", "subset": "doctor"}], "gate": {"dropped": 1}}
mk.build(data, out=f"{free}/first", origin="sample", quiet=True)  # imports all there is
for above, _, names in os.walk(free):
    for name in ["", *names]:
        os.chmod(os.path.join(above, name), 0o777)
os.setgroups([]); os.setegid(65534); os.seteuid(65534)
for out, more in ((f"{closed}/new", {}), (f"{closed}/inner/x", {}), (f"{closed}/shut/x", {}), (f"{free}/a", {"log": f"{closed}/log"}),
                  (f"{free}/b", {"junit": f"{closed}/junit"}), (f"{free}/c", {"lock": f"{closed}/lock"})):
    try:
        mk.build(data, out=out, origin="sample", quiet=True, **more)
    except mk.errors.StorageError as error:
        print(error.file, "|", error.found, "|", error.hint)
try:
    mk.plan(f"{closed}/shut/r.toml")
except mk.errors.RecipeError as error:
    print(error.file, "|", error.found, "|", error.hint)
"""


@pytest.mark.slow
@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another user"
)
def test_who_has_no_rights_is_told_where() -> None:
    with tempfile.TemporaryDirectory() as closed, tempfile.TemporaryDirectory() as free:
        Path(closed).chmod(0o755)
        (Path(closed) / "inner").mkdir()
        (Path(closed) / "shut").mkdir(mode=0o700)
        Path(free).chmod(0o777)
        done = subprocess.run([sys.executable, "-c", _POWERLESS, closed, free], capture_output=True, text=True, timeout=240,
                              env={**os.environ, "HF_HOME": f"{free}/hf"}, check=False)  # fmt: skip
    lines = done.stdout.splitlines()
    assert [line.split(" | ")[0] for line in lines] == [
        f"{closed}/new", f"{closed}/inner/x", f"{closed}/shut/x", f"{closed}/log", f"{closed}/junit", f"{closed}/lock", f"{closed}/shut/r.toml",
    ], done.stderr  # fmt: skip
    assert all("Permission denied" in line for line in lines)
    assert not any("HF_HOME" in line for line in lines)


def test_the_command_line_tells_the_same_on_one_screen(folder: Path, capsys) -> None:
    (folder / "r.toml").write_text(
        'name = "x"\nuse = "comercial"\n[[source]]\nname = "klu"\nfix = ["nfd"]\nyears = []\n',
        "utf-8",
    )
    for words, code_words in (
        (["build", "r.toml", "--out", "o"], ["line 2, use: ", "line 4, source 'klu', name: ", "line 5, ", "line 6, "]),
        (["plan", "korean_exam_stf"], ["did you mean 'korean_exam_sft'?"]),
        (["build", "korean_exam_stf.toml", "--out", "o"], ["did you mean 'korean_exam_sft'?"]),
        (["build", "nosuch", "--out", "o"], ["there is no recipe 'nosuch'", "medqa-kit recipes lists them"]),
        (["build", "korean_exam_sft", "--out", "o", "--set", "mix.siez=3"], ["set mix.siez: there is no such key; did you mean 'size'?"]),
        (["build", "korean_exam_sft", "--out", "o", "--set", "extends=x"], ["in its file alone"]),
    ):  # fmt: skip
        assert main(words) == 2
        message = capsys.readouterr().err
        assert not [word for word in code_words if word not in message], message
        assert "Traceback" not in message
        assert message.count("\n") < 25


def test_what_is_set_is_one_value() -> None:
    assert parsed_setting("seed=1\nuse='commercial'") == ("seed", "1\nuse='commercial'")
    assert parsed_setting("seed=1 # one") == ("seed", 1)


def wards(folder: Path, name: str, years: Sequence[int | None]) -> dict[str, Any]:
    file = folder / f"{name}.jsonl"
    rows = [{"물음": f"{name} {at}: what is given?", "답": f"{at} mg", "해": year} for at, year in enumerate(years)]  # fmt: skip
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return {"read": str(file), "as": name, "schema": "qa", "license": "MIT", "language": "ko",
            "columns": {"question": "물음", "year": "해"}, "answer": "답"}  # fmt: skip


@pytest.mark.parametrize(("years", "expected", "hint"), [
    ([2010, 2012, 2011, 2019, None], "2010 to 2012, 2019", "name some of these"),
    ([None, None], "rows with a year", "columns = { year"),
], ids=["other years", "no year"])  # fmt: skip
def test_years_of_own_rows_that_leave_none_say_which_there_are(
    years: list[int | None], expected: str, hint: str, tmp_path: Path
) -> None:
    recipe = {"name": "wards", "source": [wards(tmp_path, "north", [2010]), wards(tmp_path, "south", years) | {"years": {"from": 2021, "to": 2022}}]}  # fmt: skip
    with pytest.raises(RecipeError, match="no row is of these years") as error:
        mk.build(recipe, out=tmp_path / "out")
    assert expected in error.value.expected
    assert error.value.found == "2021 to 2022"
    assert hint in error.value.hint
    [problem] = mk.plan(recipe).problems.to_pylist()
    assert problem["source"] == "south"
    assert expected in problem["problem"]


def test_validation_of_a_source_that_has_no_row_left_says_so(tmp_path: Path) -> None:
    talk = tmp_path / "talk.jsonl"
    turns = [{"role": "user", "content": "Hello?"}, {"role": "assistant", "content": "Hello."}]
    talk.write_text(json.dumps({"messages": turns}) + "\n", "utf-8")
    own = {"read": str(talk), "as": "talk", "schema": "dialogue", "license": "MIT"}
    recipe = {"name": "wards", "split": {"validation": {"source": "north", "year": 2010}}, "format": {"record": "trl/messages"},
             "source": [wards(tmp_path, "north", [2010]) | {"where": {"chars": {"min": 500}}}, own]}  # fmt: skip
    with pytest.raises(RecipeError, match="no row is left") as error:
        mk.build(recipe, out=tmp_path / "out")
    assert error.value.found == "north"
    assert "no row is left" in mk.plan(recipe).problems["problem"][0].as_py()


@pytest.mark.parametrize("read", [
    "notes", "notes/**/*.jsonl", "notes/**", "notes/*/*/*/*.jsonl", "notes/*/**/*.jsonl", "notes/o*/*.json",
    "n*/out/dropped/*", "notes/out/text_jsonl/train/*.jsonl",
])  # fmt: skip
def test_a_result_is_not_written_where_the_next_build_reads_it(tmp_path: Path, read: str) -> None:
    for name in ("notes/a.jsonl", "notes/out2/x/y/a.jsonl", "notes/of/a.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(json.dumps({"text": f"{name}: cool a burn."}) + "\n", "utf-8")
    own = {"as": "own", "read": str(tmp_path / read), "schema": "text", "license": "CC0-1.0"}
    recipe = {"name": "own", "source": [own], "split": {"validation": 0}, "format": {"record": "text"}}  # fmt: skip
    with pytest.raises(RecipeError, match="among the rows that own is read from"):
        mk.build(recipe, out=tmp_path / "notes/out")
    # No file of a result fits these.
    for pattern in ("notes/*.jsonl", "notes/**/a.jsonl", "n*/*/x/*/*.jsonl"):
        beside = {**own, "read": str(tmp_path / pattern)}
        for _ in range(2):
            result = mk.build({**recipe, "source": [beside]}, out=tmp_path / "notes/out")
            assert result.manifest["totals"]["read"] == 1 + ("**" in pattern)
    with pytest.raises(
        mk.errors.WrongFilesError, match="several formats"
    ):  # and not as saved_to_disk
        mk.read(result.path, schema="text")


def test_rows_that_save_to_disk_wrote_are_read_as_they_are_now(hub: Any, tmp_path: Path) -> None:
    place = tmp_path / "saved"
    own = {"as": "own", "read": str(place), "schema": "text", "license": "CC0-1.0"}
    recipe = {"name": "own", "source": [own], "split": {"validation": 0}, "format": {"record": "text"}}  # fmt: skip
    notes = [{"text": f"Cool burn {at} under water."} for at in range(3)]
    for number in (2, 3):
        shutil.rmtree(place, ignore_errors=True)
        datasets.Dataset.from_list(notes[:number]).save_to_disk(str(place))
        assert mk.plan(recipe).sources["read"].to_pylist() == [number]
        result = mk.build(recipe, out=tmp_path / "out")
        assert sorted(parquet_rows(result.path, "train")["text"].to_pylist()) == [note["text"] for note in notes[:number]]  # fmt: skip
        assert not mk.verify(result.path).findings.num_rows
    shutil.rmtree(place)
    several = datasets.DatasetDict({name: datasets.Dataset.from_list(notes) for name in ("train", "test")})  # fmt: skip
    several.save_to_disk(str(place))
    with pytest.raises(RecipeError, match="those of 2 splits") as caught:
        mk.build(recipe, out=tmp_path / "out")
    own["read"] = caught.value.hint.removeprefix("read each by itself, such as ").rstrip(".")
    assert mk.build(recipe, out=tmp_path / "out").manifest["totals"]["read"] == 3
    (place / "train/state.json").write_text("{", "utf-8")
    with pytest.raises(mk.MedQAError) as broken:
        mk.build(recipe, out=tmp_path / "out")
    assert str(place / "train") in str(broken.value)


def test_a_system_text_that_stands_in_no_row_is_refused_or_told() -> None:
    form = {"record": "text", "system": "You are a nurse."}
    plain, tagged = {"name": "korean_wikipedia"}, {"name": "kbmc", "view": "text"}
    alone = {"name": "demo", "source": [plain, tagged], "format": form}
    for outlook in (mk.plan(alone, origin="sample"), mk.plan(alone | {"format": [form, {"record": "text", "as": "other"}]}, origin="sample")):  # fmt: skip
        [problem] = outlook.problems.to_pylist()
        assert problem["kind"] == "schema"
        assert "no row has one" in problem["problem"]
        assert problem["remedy"] == "leave system out of text"
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.raises(RecipeError, match="no row has one"),
    ):
        mk.build(alone, out=f"{folder}/out", origin="sample")


def test_a_system_text_that_some_rows_lack_is_told(tmp_path: Path) -> None:
    form = {"record": "text", "system": "You are a nurse."}
    mixed = recipe(format=form)
    mixed["source"] += [{"name": "korean_wikipedia"}, {"name": "kbmc"}]
    told = "korean_wikipedia: system= stands in no row, for they are text without a prompt"
    notes = [note for note in mk.plan(mixed, origin="sample").notes if "system=" in note]
    result = mk.build(mixed, out=tmp_path / "out", origin="sample")
    assert notes == [note for note in result.manifest["notes"] if "system=" in note] == [told]
    with_it = {row["source"] for row in parquet_rows(result.path, "train").to_pylist() if "nurse" in row["text"]}  # fmt: skip
    assert with_it == {"kormedmcqa", "kbmc"}


def test_a_result_says_nothing_of_the_folder_in_which_its_recipe_stands(
    hub: Any, tmp_path: Path
) -> None:
    results = []
    for home in (tmp_path / "one", tmp_path / "two/deep"):
        (home / "data").mkdir(parents=True)
        (home / "data/notes.jsonl").write_text('{"text": "Cool a burn under water."}\n', "utf-8")
        datasets.Dataset.from_list([{"text": "Call for help."}]).save_to_disk(
            str(home / "data/saved")
        )
        lines = [
            f'[[source]]\nas = "{at}"\nread = "data/{at}"\nschema = "text"\nlicense = "MIT"\n'
            for at in ("notes.jsonl", "saved")
        ]
        (home / "own.toml").write_text(
            'name = "own"\nsplit.validation = 0\nformat.record = "text"\n' + "".join(lines), "utf-8"
        )
        results.append(
            mk.build(home / "own.toml", out=home / "out", cache_dir=tmp_path / home.name).path
        )
    assert file_bytes(results[0]) == file_bytes(results[1])
    told = [
        source["published"]
        for source in mk.build(tmp_path / "one/own.toml", out=results[0]).manifest["sources"]
    ]
    assert told == ["data/notes.jsonl", "data/saved"]
    remixed = mk.remix(
        results[0], tmp_path / "one/own.toml", settings={"format.write": ["parquet"]}
    )
    assert [source["published"] for source in remixed.manifest["sources"]] == told


@pytest.mark.parametrize(("line", "remedy"), [
    ('about = “demo”', "straight quotes"), ("about = demo", "a text in quotes"), ("on_bad = True", "small letters"), ("lock = None", "leave out a key"),
    ('lock = "C:\\data\\new.lock"', "stands in single quotes"), ('lock = "C:\\Users\\me"', "stands in single quotes"), ("mix = { size = 5, }", "none at its end"),
    ("about: text", "KEY = VALUE"), ('about = "text', "close the quotes"), ('name = "again"', "written once"), ("seed = 5%", "a number as 1000"), ("seed = 007", "a number as 1000"), ("// a remark", "behind #"), ("이름 = 5", "Latin letters"), ("seed ＝ 5", "a plain ="),
])  # fmt: skip
def test_a_line_that_is_no_toml_is_quoted_with_what_to_write_instead(
    line: str, remedy: str, tmp_path: Path
) -> None:
    file = tmp_path / "r.toml"
    file.write_text(f'name = "demo"\n{line}\n[[source]]\nname = "kbmc"\n', "utf-8")
    with pytest.raises(RecipeError, match="this is not TOML") as caught:
        mk.Recipe.read(file)
    assert line in str(caught.value.found)
    assert "line 2, " in str(caught.value.found)
    assert remedy in str(caught.value.hint)


@pytest.mark.parametrize(("line", "home"), [
    ("seed = 5", "the recipe itself"), ("mix.size = 5", "the recipe itself"), ("holdout.items = []", "the recipe itself"), ("about = 'x'", "the recipe itself"), ("record = 'text'", "[format]"), ("max_tokens = 9", "budget in [mix]"), ("shard = '1MB'", "[format]"),
])  # fmt: skip
def test_a_key_of_the_recipe_below_a_source_is_led_home(
    line: str, home: str, tmp_path: Path
) -> None:
    file = tmp_path / "r.toml"
    file.write_text(f'name = "demo"\n[[source]]\nname = "kbmc"\n{line}\n', "utf-8")
    text = refusal(file)
    assert "line 4, source 'kbmc', " in text
    assert f"it is a key of {home}" in text


@pytest.mark.parametrize(("said", "place"), [
    ({"license": "CC-BY-4"}, "license"), ({"license": "free"}, "license"), ({"language": "korean"}, "language"), ({"language": "KO "}, "language"),
    ({"name": "kormedmcqa", "subset": "docter"}, "subset"), ({"name": "kormedmcqa", "split": "all"}, "split"),
    ({"name": "kormedmcqa", "split": ["train", "dev"]}, "split"), ({"name": "mmlu_medical", "split": "trian"}, "split"),
])  # fmt: skip
def test_what_no_source_can_have_is_told_by_the_recipe_with_all_else(
    said: dict[str, str], place: str
) -> None:
    source = said if "name" in said else {**OWN, **said}
    text = refusal({"name": "demo", "zzz": 1, "source": [source]})
    assert "2 problems" in text
    assert f"source {source.get('as', source.get('name'))!r}, {place}: " in text
    if "name" not in said:
        with pytest.raises(mk.errors.ArgumentError) as caught:
            Ingredient(alias="own", read="own.jsonl", schema="text", **{"license": "MIT", **said})
        assert caught.value.argument == place


@pytest.mark.parametrize(("read", "remedy"), [
    ("https://example.org/ward.jsonl", "download the file"), ("hf://datasets/a/b.jsonl", "download the file"), ("$WARD/notes.jsonl", "write the path out"),
    ("none/ward.jsonl", "check the path"),
])  # fmt: skip
def test_the_plan_names_the_place_of_absent_rows(read: str, remedy: str, tmp_path: Path) -> None:
    problems = mk.plan({"name": "demo", "source": [{**OWN, "read": str(read)}]}).problems.to_pylist()  # fmt: skip
    (problem,) = [problem for problem in problems if problem["source"] == "own"]
    assert f"; in {Path(read)}" in problem["problem"]
    assert remedy in problem["remedy"]
