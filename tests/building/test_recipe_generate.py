"""A recipe has a model asked about the rows of its result: requests out, and none twice."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from exam_text import items
from medqa_kit.building.folder_lock import locked_folder
from medqa_kit.errors import ArgumentError, GateError, RecipeError
from results import parquet_rows

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")

PARAPHRASE = {"task": "paraphrase", "model": "m", "out": "asked"}


def write_exam(file: Path, numbers: range, **columns: Any) -> None:
    rows = [
        {"id": f"exam/{n}", "question": item.stem, "options": [*item.options], "answer": item.answer,
         "answer_index": item.options.index(item.answer), **columns}
        for n, item in enumerate(items("en", numbers.stop, seed=9)) if n in numbers
    ]  # fmt: skip
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def exam(**more: Any) -> dict[str, Any]:
    return {
        "as": "exam",
        "read": "exam.jsonl",
        "schema": "qa",
        "license": "CC0-1.0",
        "key": "id",
        "language": "en",
        **more,
    }


def recipe_of(*sources: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "demo", "source": [*sources] or [exam()], "split": {"validation": 0.25},
            "generate": {"paraphrases": PARAPHRASE}, **more}  # fmt: skip


def reply(request: dict[str, Any], **fields: Any) -> str:
    choice = {"finish_reason": "stop", "message": {"content": json.dumps(fields)}}
    response = {"status_code": 200, "body": {"choices": [choice]}}
    return json.dumps({"custom_id": request["custom_id"], "error": None, "response": response})


def sent(ledger: str) -> dict[str, dict[str, Any]]:
    """Return the requests in the files of a ledger by name."""
    lines = [line for file in sorted(Path(ledger, "requests").glob("*.jsonl"))
             for line in file.read_text("utf-8").splitlines()]  # fmt: skip
    requests = {request["custom_id"]: request for request in map(json.loads, lines)}
    assert len(requests) == len(lines)
    return requests


def answered(ledger: str, number: int) -> mk.Ledger:
    """Take good replies to some of the requests of a ledger."""
    opened, lines = mk.Ledger.open(ledger), []
    for request in [*sent(ledger).values()][:number]:
        stem = json.loads(request["body"]["messages"][-1]["content"])["question"]
        lines.append(reply(request, question=f"Think of this. {stem}"))
    assert opened.take(lines).kept == number
    return opened


def contents(folder: str) -> dict[str, str]:
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(Path(folder).rglob("*")) if file.is_file()}  # fmt: skip


@pytest.fixture(autouse=True)
def _exam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_exam(Path("exam.jsonl"), range(12))


@pytest.mark.slow
def test_a_build_asks_about_the_rows_that_train_and_the_plan_says_how_many() -> None:
    recipe = recipe_of(generate={"paraphrases": {**PARAPHRASE, "per_row": 2}})
    planned = {
        row["unit"]: row
        for row in mk.plan(recipe).costs.to_pylist()
        if "paraphrases" in row["what"]
    }
    assert not Path("asked").exists()  # a plan writes nothing
    result = mk.build(recipe, out="out")
    rows = {row["id"] for row in parquet_rows(result.path, "train").to_pylist()}
    requests, ledger = sent("asked"), mk.Ledger.open("asked")
    assert 0 < len(rows) < 12
    assert len(requests) == 2 * len(rows) == planned["requests"]["amount"]
    assert planned["requests"]["basis"] == planned["bytes"]["basis"] == "exact"
    [file] = Path("asked/requests").iterdir()
    assert file.stat().st_size == planned["bytes"]["amount"]
    assert set(ledger.open_requests()["request"].to_pylist()) == set(requests)
    told = result.manifest["generate"]["paraphrases"]
    assert (told["rows"], told["requests"], told["out"]) == (len(rows), 2 * len(rows), "asked")
    assert any(f"{2 * len(rows)} requests" in note for note in result.manifest["notes"])
    assert not mk.verify(result.path).findings.num_rows
    before = contents("asked") | contents("out")
    mk.build(recipe, out="out", processes=2)
    assert contents("asked") | contents("out") == before


@pytest.mark.slow
def test_a_set_that_is_built_anew_does_not_ask_again_for_what_is_answered() -> None:
    recipe = recipe_of(split={"validation": 0})
    first = mk.build(recipe, out="out")
    asked = sent("asked")
    taken = set(asked) - set(answered("asked", 5).open_requests()["request"].to_pylist())
    assert (len(asked), len(taken)) == (12, 5)
    same = mk.build(recipe, out="out")  # what came back changes no byte of the result
    assert same.manifest["digest"] == first.manifest["digest"]
    assert set(sent("asked")) == set(asked) - taken
    write_exam(Path("exam.jsonl"), range(1, 15))  # one row goes, three come
    planned = mk.plan(recipe).costs.to_pylist()
    mk.build(recipe, out="out")
    again = sent("asked")
    assert not set(again) & taken
    assert len(set(again) - set(asked)) == 3
    ledger = mk.Ledger.open("asked")
    assert len(ledger.rows()[0]) + len(again) == 14
    assert [row["amount"] for row in planned if row["what"] == "to ask for paraphrases"] == [
        14,
        sum(file.stat().st_size for file in Path("asked/requests").iterdir()),
    ]
    again_as_source = {"as": "again", "read": "asked", "schema": "qa", "license": "CC0-1.0"}
    both = {"name": "both", "source": [exam(), again_as_source], "split": {"validation": 0.3}}
    result = mk.build(both, out="both")
    sides = {part: {row["family"] or row["id"] for row in parquet_rows(result.path, part).to_pylist()}
             for part in ("train", "validation")}  # fmt: skip
    assert result.manifest["sources"][1]["read"] == len(ledger.rows()[0])
    assert not sides["train"] & sides["validation"]


@pytest.mark.slow
def test_replies_are_not_asked_about_unless_they_are_named() -> None:
    mk.build(recipe_of(split={"validation": 0}), out="out")
    answered("asked", 12)
    again = {"as": "again", "read": "asked", "schema": "qa", "license": "CC0-1.0", "language": "en"}
    korean = {"task": "translation", "language": "ko", "model": "m", "out": "korean"}
    recipe = recipe_of(exam(), again, split={"validation": 0}, generate={"korean": korean})
    mk.build(recipe, out="both")
    assert len(sent("korean")) == 12
    named = {**korean, "source": ["again"], "out": "korean_of_replies"}
    result = mk.build({**recipe, "generate": {"korean": named}}, out="both")
    assert result.manifest["generate"]["korean"]["sources"] == ["again"]
    assert all("Think of this" in str(request) for request in sent("korean_of_replies").values())


def test_replies_are_not_read_by_the_recipe_that_asks_for_them() -> None:
    mk.build(recipe_of(split={"validation": 0}), out="out")
    answered("asked", 12)
    again = {"as": "again", "read": "asked", "schema": "qa", "license": "CC0-1.0", "language": "en"}
    before = contents("asked")
    for words in ({}, {"source": ["again"]}, {"out": "./asked"}):
        own = recipe_of(exam(), again, generate={"again": {**PARAPHRASE, **words}})
        with pytest.raises(RecipeError, match="each build would change what the next one reads"):
            mk.build(own, out="both")
        assert "another ledger than that of again" in mk.plan(own).problems["problem"][0].as_py()
    assert contents("asked") == before


@pytest.mark.slow
def test_a_remix_asks_about_other_rows() -> None:
    result = mk.build(recipe_of(), out="out")
    asked, kept = set(sent("asked")), result.manifest["totals"]["validation"]
    both = {**PARAPHRASE, "split": ["train", "validation"]}
    recipe = recipe_of(exam(repeat=2), generate={"paraphrases": both}, mix={"by": "rows"})
    remixed = mk.remix("out", recipe, to="mixed")
    assert remixed.manifest["totals"]["train"] == 2 * result.manifest["totals"]["train"]
    assert set(sent("asked")) > asked  # a row that is seen twice is asked about once
    assert len(sent("asked")) == len(asked) + kept == 12


@pytest.mark.slow
def test_the_most_rows_are_always_the_same_ones() -> None:
    few = recipe_of(split={"validation": 0}, generate={"few": {**PARAPHRASE, "max_rows": 5}})
    mk.build(few, out="out")
    first = set(sent("asked"))
    write_exam(Path("exam.jsonl"), range(11))
    mk.build(few, out="out")
    assert len(first) == len(sent("asked")) == 5
    assert len(first - set(sent("asked"))) <= 1


@pytest.mark.slow
def test_rows_without_the_text_that_a_task_goes_by_are_not_asked_about() -> None:
    write_exam(Path("long.jsonl"), range(12, 15), rationale="First this, and then that follows.")
    sources = [exam(), exam(**{"as": "long", "read": "long.jsonl"})]
    summary = {"task": "reasoning_summary", "model": "m", "out": "asked", "max_rows": 2}
    recipe = recipe_of(*sources, split={"validation": 0}, generate={"short": summary})
    result = mk.build(recipe, out="out")
    assert result.manifest["generate"]["short"]["sources"] == ["long"]
    assert len(sent("asked")) == 2
    nothing = recipe_of(exam(), generate={"short": {**summary, "out": "nothing"}})
    result = mk.build(nothing, out="nowhere")
    assert any("no row is left to ask" in note for note in result.manifest["notes"])
    assert not Path("nothing").exists()


@pytest.mark.slow
def test_rows_in_the_language_of_a_translation_are_not_asked_about() -> None:
    write_exam(Path("korean.jsonl"), range(12, 16))
    sources = [exam(), exam(**{"as": "korean", "read": "korean.jsonl", "language": "ko-KR"})]
    korean = {"task": "translation", "language": "ko", "model": "m", "out": "asked"}
    recipe = recipe_of(*sources, split={"validation": 0}, generate={"ko": korean})
    result = mk.build(recipe, out="out")
    assert result.manifest["totals"]["train"] == 16
    assert result.manifest["generate"]["ko"]["sources"] == ["exam"]
    assert len(sent("asked")) == 12


def test_behind_a_closed_gate_nobody_is_asked() -> None:
    recipe = recipe_of(gate={"script": {"khmer": {"min": 0.9}}})
    with pytest.raises(GateError):
        mk.build(recipe, out="out")
    assert not Path("asked").exists()


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"task": "grounded_questions"}, "no source has rows that fit the task grounded_questions"),
    ({"source": ["spans"]}, "rows of spans do not fit the task paraphrase"),
]


@pytest.mark.parametrize(("change", "words"), WRONG)
def test_rows_that_do_not_fit_are_told_by_the_plan_and_refused(
    change: dict[str, Any], words: str
) -> None:
    spans = {"name": "kbmc", "as": "spans"}
    task = {**PARAPHRASE, **change}
    recipe = recipe_of(exam(), spans, generate={"wrong": task}, format={"record": "trl/messages"})
    [problem] = mk.plan(recipe, origin="sample").problems.to_pylist()
    assert problem["kind"] == "generate"
    assert words in problem["problem"]
    with pytest.raises(RecipeError, match=words):
        mk.build(recipe, out="out", origin="sample")


def test_rows_of_several_schemas_are_not_asked_about_together() -> None:
    passages = {"name": "korean_wikipedia", "as": "wiki"}
    task = {"task": "translation", "model": "m", "language": "km", "out": "asked"}
    recipe = recipe_of(exam(), passages, generate={"khmer": task}, format={"record": "text"})
    [problem] = mk.plan(recipe, origin="sample").problems.to_pylist()
    assert problem["problem"].startswith("a model is asked about rows of several schemas")
    assert problem["remedy"] == 'source = ["exam"]'
    with pytest.raises(RecipeError, match="of several schemas"):
        mk.build(recipe, out="out", origin="sample")
    alone = {**recipe, "generate": {"khmer": {**task, "source": ["wiki"]}}}
    assert not mk.plan(alone, origin="sample").problems.num_rows


def test_a_ledger_of_another_task_or_in_the_result_is_refused_before_anything_is_read() -> None:
    task = mk.Generation(task="paraphrase", model="m", settings={"temperature": 0.5})
    mk.Ledger.start("asked", [{"id": "a", "question": "Why?"}], task)
    [problem] = mk.plan(recipe_of()).problems.to_pylist()
    assert (problem["kind"], "settings" in problem["problem"]) == ("generate", True)
    with pytest.raises(RecipeError, match="another task stands there"):
        mk.build(recipe_of(), out="out")
    Path("notes").mkdir()
    Path("notes/mine.txt").write_text("mine", "utf-8")
    for out, words in (("notes", "holds other files"), ("exam.jsonl", "is a file")):
        elsewhere = recipe_of(generate={"p": {**PARAPHRASE, "out": out}})
        [problem] = mk.plan(elsewhere).problems.to_pylist()
        assert words in problem["problem"]
        with pytest.raises(ArgumentError, match=words):
            mk.build(elsewhere, out="out")
    inside = recipe_of(generate={"p": {**PARAPHRASE, "out": "out/asked"}})
    with pytest.raises(ArgumentError, match="in the folder of the result"):
        mk.build(inside, out="out")
    assert not Path("out").exists()


def test_what_is_asked_for_is_declared_once_with_all_its_problems() -> None:
    wrong = {
        "bare": {"task": "paraphras", "model": "m", "out": "a", "per_rows": 2},
        "khmer": {"task": "translation", "model": "m", "out": "b"},
        "twice": PARAPHRASE,
        "again": {**PARAPHRASE, "source": ["exm"]},
        "Bad name": {**PARAPHRASE, "out": "c", "settings": {"temprature": 1}},
    }
    lines = []
    for name, task in wrong.items():
        with pytest.raises(RecipeError) as caught:
            mk.Recipe.of(recipe_of(generate={"twice": PARAPHRASE, name: task, "x": {**PARAPHRASE, "out": "x", "per_row": 0}}))  # fmt: skip
        lines.append(str(caught.value))
    assert "generate.bare.per_rows: there is no such key; did you mean 'per_row'?" in lines[0]
    assert "did you mean 'paraphrase'?" in lines[0]
    assert "generate.x.per_row: takes a whole number, at least 1" in lines[0]
    assert all("generate.x.per_row" in text for text in lines)  # with all others
    for data, words in (
        ({"khmer": wrong["khmer"]}, "generate.khmer.language: language= takes one of 3 values"),
        ({"twice": PARAPHRASE, "again": wrong["again"]}, "did you mean 'exam'?"),
        (
            {"twice": PARAPHRASE, "again": {**PARAPHRASE, "out": "./x/../asked"}},
            "twice and again have one ledger",
        ),
        ({"Bad name": {**PARAPHRASE}}, "this cannot name what a model is asked for"),
        ({"s": wrong["Bad name"]}, "did you mean 'temperature'?"),
        (PARAPHRASE, "generate.task: takes a table [generate.NAME]"),
    ):
        with pytest.raises(RecipeError) as caught:
            mk.Recipe.of(recipe_of(generate=data))
        assert words in str(caught.value), str(caught.value)


def test_a_recipe_that_is_extended_keeps_its_ledger_and_a_setting_changes_it() -> None:
    Path("base").mkdir()
    Path("base/base.toml").write_text(
        'name = "base"\n[[source]]\nname = "kormedmcqa"\n[generate.p]\ntask = "paraphrase"\nmodel = "m"\nout = "asked"\n',
        "utf-8",
    )
    Path("own.toml").write_text('name = "own"\nextends = "base/base.toml"\n[generate.p]\nper_row = 3\n', "utf-8")  # fmt: skip
    read = mk.Recipe.read("own.toml", settings={"generate.p.model": "other"})
    task = read.generate["p"]
    assert read.ledger_of(task).resolve() == Path("base/asked").resolve()
    assert (task.per_row, task.model, task.task) == (3, "other", "paraphrase")
    assert mk.Recipe.of({**recipe_of(), "generate": {"p": PARAPHRASE}}).digest != mk.Recipe.of(recipe_of()).digest  # fmt: skip


@pytest.mark.slow
def test_a_frozen_build_asks_and_its_own_recipe_file_asks_again() -> None:
    mk.lock_recipe(recipe_of(), "demo.lock")
    result = mk.build(recipe_of(), out="out", lock="demo.lock", frozen=True)
    Path("out/recipe.toml").replace("again.toml")
    again = mk.Recipe.read("again.toml")
    assert again.digest == result.manifest["recipe_digest"]
    assert again.generate["paraphrases"].generation == mk.Generation(task="paraphrase", model="m")


@pytest.mark.slow
def test_rows_that_are_taken_out_are_not_asked_about_by_the_next_build() -> None:
    result = mk.build(recipe_of(split={"validation": 0}), out="out")
    gone = parquet_rows(result.path, "train")["id"][0].as_py()
    asked = sent("asked")
    _, report = mk.retract("out", items=[gone])
    assert any("the ledger asked still asks" in note for note in report.notes)
    mk.build(recipe_of(split={"validation": 0}), out="out", without_ids=[gone])
    assert len(set(asked) - set(sent("asked"))) == 1
    assert not set(sent("asked")) - set(asked)


@pytest.mark.slow
def test_what_is_asked_changes_no_row() -> None:
    before = mk.build(recipe_of(generate={}), out="before")
    after = mk.build(recipe_of(), out="after")
    assert before.manifest["data_digest"] == after.manifest["data_digest"]
    compared = mk.diff("before", "after")
    assert compared.report.rows == compared.report.kept > 0
    assert {name.partition(".")[0] for name in compared.recipe["name"].to_pylist()} == {"generate"}


def test_one_build_at_a_time_asks_through_a_ledger(tmp_path: Path) -> None:
    write_exam(tmp_path / "exam.jsonl", range(8))
    recipe = recipe_of(generate={"paraphrases": {**PARAPHRASE, "out": "asked/exam"}})
    (tmp_path / "asked").mkdir()
    with locked_folder(tmp_path / "asked" / "exam"):
        with pytest.raises(RecipeError, match="another build is writing this folder") as caught:
            mk.build(recipe, out="one")
        assert "choose another generate.paraphrases.out" in str(caught.value)
        assert not Path("one").exists()
    assert mk.build(recipe, out="one").manifest["generate"]["paraphrases"]["rows"]
    assert [path.name for path in (tmp_path / "asked").iterdir()] == ["exam"], "the lock is gone"
    with (
        locked_folder(tmp_path / "asked" / "exam"),
        pytest.raises(RecipeError, match="another build"),
    ):
        mk.remix("one", recipe, to="two")
