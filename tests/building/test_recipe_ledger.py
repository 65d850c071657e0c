"""A recipe takes the rows of a ledger: of accepted replies, in the families of their parents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from exam_text import items
from medqa_kit.errors import EmptyDataError, RecipeError
from results import parquet_rows

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")


def parents(number: int) -> list[dict[str, Any]]:
    return [
        {"id": f"exam/{n}", "question": item.stem, "options": [*item.options], "answer": item.answer,
         "answer_index": item.options.index(item.answer), "language": "en", "family": f"f{n}" if n % 2 else None}
        for n, item in enumerate(items("en", number, seed=9))
    ]  # fmt: skip


def ledger_of(
    folder: Path, rows: list[dict[str, Any]], *, take: bool = True, sources: str | None = None
) -> mk.Ledger:
    task = mk.Generation(task="paraphrase", model="m")
    schema = pa.schema({**{name: pa.string() for name in ("id", "question", "answer", "language", "family")},
                        "options": pa.list_(pa.string()), "answer_index": pa.int32()})  # fmt: skip
    table = pa.Table.from_pylist(rows, schema=schema)
    if sources is not None:
        table = table.set_column(0, "id", pa.array([f"r/{n}" for n in range(len(rows))]))
        table = table.append_column("source", pa.array([sources] * len(rows)))
    ledger = mk.Ledger.start(folder, table, task)
    if take:
        (file,) = ledger.write_requests()
        lines = []
        for line in file.read_text("utf-8").splitlines():
            request = json.loads(line)
            stem = json.loads(request["body"]["messages"][1]["content"])["question"]
            choice = {"finish_reason": "stop", "message": {"content": json.dumps({"question": f"Think of this. {stem}"})}}  # fmt: skip
            lines.append(json.dumps({"custom_id": request["custom_id"], "error": None,
                                     "response": {"status_code": 200, "body": {"choices": [choice]}}}))  # fmt: skip
        assert ledger.take(lines).kept == len(rows)
    return ledger


def recipe_of(folder: Path, **more: Any) -> dict[str, Any]:
    source = {"as": "again", "read": str(folder), "schema": "qa", "license": "CC0-1.0"}
    return {"name": "again", "source": [source], "split": {"validation": 0.3}, **more}


@pytest.mark.slow
def test_rows_of_replies_are_of_the_families_of_their_parents(tmp_path: Path) -> None:
    rows = parents(12)
    ledger_of(tmp_path / "ledger", rows)
    result = mk.build(recipe_of(tmp_path / "ledger"), out=tmp_path / "out")
    written = [
        row
        for part in ("train", "validation")
        for row in parquet_rows(result.path, part).to_pylist()
    ]
    assert {row["family"] for row in written} == {row["family"] or row["id"] for row in rows}
    assert {row["id"].partition("/")[0] for row in written} == {"again"}
    assert all("Think of this." in str(row["prompt"]) for row in written)
    again = mk.build(recipe_of(tmp_path / "ledger"), out=tmp_path / "again")
    assert result.manifest["data_digest"] == again.manifest["data_digest"]
    assert not len(mk.verify(result.path).findings)


@pytest.mark.slow
def test_a_holdout_that_takes_a_parent_takes_its_rows_along(tmp_path: Path) -> None:
    rows = parents(6)
    ledger_of(tmp_path / "ledger", rows)
    holdout = mk.Holdout.from_rows([{**rows[1], "question": "Something else entirely, about nothing?"}], reason="a test", name="own")  # fmt: skip
    holdout.save(tmp_path / "own.holdout")
    items_of = {"items": [f"file:{tmp_path / 'own.holdout'}"]}
    result = mk.build(recipe_of(tmp_path / "ledger", holdout=items_of), out=tmp_path / "out")
    dropped = pq.read_table(result.path / "dropped").to_pylist()
    assert any(row["reason"].startswith("held_out") for row in dropped)
    kept = {
        row["family"]
        for part in ("train", "validation")
        for row in parquet_rows(result.path, part).to_pylist()
    }
    assert "f1" not in kept


@pytest.mark.slow
@pytest.mark.parametrize("said", ["source", "id", "id of a reply"])
def test_what_protects_the_source_of_the_parents_protects_their_replies(
    tmp_path: Path, said: str
) -> None:
    exam = mk.load("kormedmcqa", origin="sample", subset="doctor", split="test").to_list()
    rows: list[dict[str, Any]] = [
        {name: row[name] for name in ("id", "question", "answer", "language", "family", "options", "answer_index")}
        for row in exam
    ]  # fmt: skip
    if said == "id of a reply":
        rows = [{**row, "id": f"earlier/{row['id']}#paraphrase-1"} for row in rows]
    ledger_of(tmp_path / "ledger", rows, sources="kormedmcqa" if said == "source" else None)
    recipe = recipe_of(tmp_path / "ledger", split={"validation": 0}, use="commercial")
    outlook = mk.plan(recipe, origin="sample")
    assert outlook.holdouts["holdout"].to_pylist() == ["kormedmcqa-official-test"]
    with pytest.raises(RecipeError, match="no row is left to write"):
        mk.build(recipe, out=tmp_path / "out", origin="sample")
    left_out = {"items": [], "without": ["kormedmcqa-official-test"]}
    result = mk.build({**recipe, "holdout": left_out}, out=tmp_path / "out", origin="sample")
    assert result.manifest["totals"]["train"] == len(rows)
    sentence = "kormedmcqa: paraphrase by m, proved by what the rows say of where they are from"
    assert result.manifest["sources"][0]["lineage"] == [sentence]
    (licence,) = [
        note for note in result.manifest["notes"] if "rows say that they are from" in note
    ]
    assert "from kormedmcqa, whose licence is CC-BY-NC-2.0" in licence
    assert licence in outlook.notes
    again = mk.remix(result.path, {**recipe, "holdout": left_out, "format": {"record": "text"}})
    assert licence in again.manifest["notes"]
    assert again.manifest["sources"] == result.manifest["sources"]


@pytest.mark.parametrize("ending", ["parquet", "jsonl", "csv"])
def test_what_protects_the_source_that_rows_name_protects_these(
    tmp_path: Path, ending: str
) -> None:
    exam = mk.load("kormedmcqa", origin="sample", subset="doctor", split="test")
    ledger = ledger_of(tmp_path / "ledger", exam.to_list(), sources="kormedmcqa")
    file = ledger.write_rows(tmp_path / f"again.{ending}")
    own = {
        "as": "again",
        "read": str(file),
        "schema": "qa",
        "license": "CC0-1.0",
        "family": "family",
    }
    outlook = mk.plan({"name": "again", "source": [own]}, origin="sample")
    assert outlook.holdouts["holdout"].to_pylist() == ["kormedmcqa-official-test"]
    assert outlook.holdouts["rows"].to_pylist() == [exam.num_rows]


def test_rows_that_are_called_by_the_name_of_a_source_are_taken_for_its_rows(
    tmp_path: Path,
) -> None:
    exam = mk.load("kormedmcqa", origin="sample", subset="doctor", split="test")
    exam.select_columns(["question", "options", "answer_index"]).to_parquet(
        tmp_path / "exam.parquet"
    )
    own = {
        "as": "kormedmcqa",
        "read": str(tmp_path / "exam.parquet"),
        "schema": "qa",
        "license": "CC0-1.0",
        "language": "ko",
    }
    outlook = mk.plan({"name": "again", "source": [own]}, origin="sample")
    assert outlook.holdouts["rows"].to_pylist() == [exam.num_rows]


@pytest.mark.slow
def test_what_was_made_of_a_row_goes_with_it_where_the_row_itself_is_not(tmp_path: Path) -> None:
    ledger_of(tmp_path / "ledger", [{**row, "family": None} for row in parents(6)])
    recipe = recipe_of(tmp_path / "ledger", split={"validation": 0})
    outcome = mk.build(recipe, out=tmp_path / "out")
    without = mk.build(recipe, out=tmp_path / "without", without_ids=["exam/2", "exam/77"])
    erased = without.manifest["retracted"][0]
    assert (erased["rows"], erased["relatives"], erased["absent"]) == (0, 1, ["exam/77"])
    left, report = mk.retract(outcome.path, items=["exam/2"])
    assert report.findings["code"].to_pylist() == ["retracted_relative"]
    for result in (without, left):
        assert {*parquet_rows(result.path, "train")["family"].to_pylist()} == {
            f"exam/{n}" for n in (0, 1, 3, 4, 5)
        }
        assert not mk.verify(result.path).findings.num_rows
    with pytest.raises(EmptyDataError, match="not in the result"):
        mk.retract(left.path, items=["exam/2"])


def test_a_ledger_without_replies_is_told(tmp_path: Path) -> None:
    ledger_of(tmp_path / "ledger", parents(3), take=False)
    with pytest.raises(EmptyDataError, match="no reply of the ledger was accepted"):
        mk.build(recipe_of(tmp_path / "ledger"), out=tmp_path / "out")


def test_questions_about_passages_keep_their_answers(tmp_path: Path) -> None:
    (notes := tmp_path / "notes.txt").write_text(
        "Cool a burn.\n\nPress on a wound that bleeds.", "utf-8"
    )
    passages = mk.passages(notes, source="notes", language="en", characters=30)
    task = mk.Generation(task="grounded_questions", model="m")
    ledger = mk.Ledger.start(tmp_path / "ledger", passages, task)
    pairs = json.dumps(
        {"pairs": [{"question": "What is done to a burn?", "answer": "It is cooled."}]}
    )
    ledger.take(json.dumps({
        "custom_id": name, "error": None, "response": {"status_code": 200, "body": {
            "choices": [{"finish_reason": "stop", "message": {"content": pairs}}]}},
    }) for name in ledger.open_requests()["request"].to_pylist())  # fmt: skip
    result = mk.build(recipe_of(tmp_path / "ledger", split={"validation": 0}), out=tmp_path / "out")
    assert result.manifest["totals"]["train"] == ledger.counts()["accepted"] == passages.num_rows
    assert all(
        "It is cooled." in str(row) for row in parquet_rows(result.path, "train").to_pylist()
    )


def test_a_ledger_says_itself_what_its_columns_are(tmp_path: Path) -> None:
    ledger_of(tmp_path / "ledger", parents(2))
    recipe = recipe_of(tmp_path / "ledger")
    recipe["source"][0]["family"] = "parent"
    with pytest.raises(RecipeError, match="of a ledger say themselves") as caught:
        mk.build(recipe, out=tmp_path / "out")
    assert "found:    family" in str(caught.value)
