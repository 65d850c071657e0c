"""What a model made of a row is of its family, also where the row names none: its id names it then."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import medqa_kit as mk
from results import parquet_rows

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")

ILLNESSES = ("abscess", "bronchitis", "cataract", "diphtheria", "eczema", "fracture",
             "gout", "hernia", "influenza", "jaundice", "kyphosis", "leukaemia")  # fmt: skip
SIGNS = ("fever", "cough", "rash", "pain", "bleeding", "swelling",
         "nausea", "fatigue", "dizziness", "cramps", "tremor", "itching")  # fmt: skip


def ward_file(folder: Path) -> Path:
    file = folder / "ward.jsonl"
    rows = [{"number": f"{at}", "question": f"Which sign points to {illness} when a doctor sees the patient?",
             "answer": f"It is {sign}."} for at, (illness, sign) in enumerate(zip(ILLNESSES, SIGNS, strict=True))]  # fmt: skip
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


OWN = {"schema": "qa", "license": "MIT", "language": "en", "key": "number", "answer": "answer"}


def ward_rows(folder: Path) -> Any:
    return mk.load(mk.own_source(ward_file(folder), name="ward", **OWN), split="train")  # type: ignore[arg-type]


def paraphrased(folder: Path, rows: Any) -> mk.Ledger:
    """Ask about rows, and take a paraphrase of each that no comparison of texts finds."""
    ledger = mk.Ledger.start(folder / "asked", rows, mk.Generation(task="paraphrase", model="m"))
    lines = []
    for request in ledger.open_requests().to_pylist():
        illness = next(name for name in ILLNESSES if name in request["prompt"])
        said = json.dumps({"question": f"By what would you recognise {illness}?"})
        choice = {"finish_reason": "stop", "message": {"content": said}}
        lines.append(json.dumps({"custom_id": request["request"], "error": None,
                                 "response": {"status_code": 200, "body": {"choices": [choice]}}}))  # fmt: skip
    assert ledger.take(lines).kept == len(ILLNESSES)
    return ledger


def both(folder: Path) -> pa.Table:
    """Return rows without families, and what was made of them."""
    rows, names = ward_rows(folder), ["id", "family", "question", "answer", "year"]
    paraphrases, _ = paraphrased(folder, rows).rows()
    years = pa.array(range(2000, 2012), pa.int32())
    table = rows.with_format("arrow")[:].select(names).set_column(4, "year", years)
    paraphrases = paraphrases.select(names).set_column(
        4, "year", pa.nulls(len(paraphrases), pa.int32())
    )
    return pa.concat_tables([table, paraphrases.cast(table.schema)])


def origins(rows: pa.Table) -> set[str]:
    return {id.partition("#")[0] for id in rows["id"].to_pylist()}


@pytest.mark.parametrize("divide", [
    lambda rows: mk.kfold(rows, 3, seed=1),
    lambda rows: mk.split_by_year(rows, {"old": range(2000, 2006), "new": range(2006, 2012)}),
    lambda rows: mk.split(rows, {"train": 1.0}, seed=1, validation={"year": list(range(2000, 2006)), "share": 0.5}),
    lambda rows: mk.split(rows, {"train": 0.5, "test": 0.5}, seed=1, stratify="force"),
], ids=["kfold", "split_by_year", "validation", "forced"])  # fmt: skip
def test_no_division_parts_a_row_from_what_was_made_of_it(divide: Any, tmp_path: Path) -> None:
    parts = [origins(part) for part in divide(both(tmp_path)).values()]
    assert sum(map(len, parts)) == len(ILLNESSES)
    assert sum(bool(part) for part in parts) > 1


def test_an_exclusion_takes_what_was_made_of_a_row_and_what_it_was_made_of(tmp_path: Path) -> None:
    rows = both(tmp_path)
    for item in (3, len(ILLNESSES) + 3):  # of the row, and of the paraphrase
        holdout = mk.Holdout.from_rows(rows.slice(item, 1).drop_columns(["id", "family"]).append_column(
            "id", pa.array(["exam/1"])), reason="a test")  # fmt: skip
        kept, report = mk.exclude(rows, holdout)
        assert origins(rows) - origins(kept) == {"ward/3"}
        assert (report.dropped, report.counts["rows_family"]) == (2, 1)


def test_a_holdout_of_rows_without_families_finds_what_was_made_of_them(tmp_path: Path) -> None:
    rows = both(tmp_path)
    exam, paraphrases = rows.slice(0, len(ILLNESSES)), rows.slice(len(ILLNESSES))
    holdout = mk.Holdout.from_rows(exam.slice(5, 2), reason="a test")
    kept, report = mk.exclude(paraphrases, holdout)
    assert {*origins(paraphrases)} - origins(kept) == {"ward/5", "ward/6"}
    assert report.counts["rows_family"] == 2
    # An id that is another row's by chance says nothing.
    assert mk.exclude(paraphrases.set_column(1, "family", pa.nulls(len(paraphrases), pa.string())), holdout)[1].dropped == 0  # fmt: skip


def test_no_row_is_shown_what_was_made_of_it_as_an_example(tmp_path: Path) -> None:
    rows = both(tmp_path).filter(pa.array([at % 12 < 2 for at in range(24)]))
    shown = mk.apply(rows, mk.few_shot(rows, k=2, seed=1))
    for row in shown.to_pylist():
        own = row["id"].partition("#")[0]
        assert all(own not in shot["id"] for shot in row["shots"]), row["id"]


def recipe_of(folder: Path, **more: Any) -> dict[str, Any]:
    paraphrased(folder, ward_rows(folder))
    ward = {"read": str(folder / "ward.jsonl"), "as": "ward", **OWN}
    generated = {"read": str(folder / "asked"), "as": "made", "schema": "qa", "license": "MIT"}
    return {"name": "wards", "source": [ward, generated], "split": {"validation": 0}, **more}


def written(out: Path, split: str) -> set[str]:
    return {
        row["id"].removeprefix("made/").partition("#")[0]
        for row in parquet_rows(out, split).to_pylist()
    }


def test_validation_rows_take_their_paraphrases_with_them(tmp_path: Path) -> None:
    taken = {"validation": {"source": "ward", "share": 0.4}}
    result = mk.build(recipe_of(tmp_path, split=taken), out=tmp_path / "out")
    assert written(result.path, "validation").isdisjoint(written(result.path, "train"))
    assert (
        result.manifest["totals"]["validation"] == 2 * len(written(result.path, "validation")) > 0
    )


def test_a_holdout_of_a_row_leaves_its_paraphrases_out(tmp_path: Path) -> None:
    exam = ward_rows(tmp_path).select([4])
    mk.Holdout.from_rows(exam, reason="a test", name="exam").save(tmp_path / "exam.holdout")
    holdouts = {"items": [f"file:{tmp_path / 'exam.holdout'}"]}
    recipe = recipe_of(tmp_path, holdout=holdouts)
    result = mk.build(recipe, out=tmp_path / "out")
    assert result.manifest["totals"]["dropped"] == {"held_out_exact": 1, "held_out_family": 1}
    assert "ward/4" not in written(result.path, "train")
    assert not mk.verify(result.path).findings.num_rows
    alone = {**recipe, "source": recipe["source"][1:]}  # the row itself is not in the recipe
    assert mk.build(alone, out=tmp_path / "alone").manifest["totals"]["dropped"] == {"held_out_family": 1}  # fmt: skip


def test_a_row_that_is_taken_out_takes_its_paraphrases_along(tmp_path: Path) -> None:
    recipe = recipe_of(tmp_path)
    without = mk.build(recipe, out=tmp_path / "without", without_ids=["ward/7"])
    assert without.manifest["totals"]["dropped"] == {"retracted": 1, "retracted_relative": 1}
    mk.build(recipe, out=tmp_path / "out")
    left, report = mk.retract(tmp_path / "out", items=["ward/7"])
    assert report.dropped == 2
    assert written(left.path, "train") == written(without.path, "train") == {f"ward/{at}" for at in range(12)} - {"ward/7"}  # fmt: skip
    assert not mk.verify(left.path).findings.num_rows


def test_a_mix_that_names_each_row_its_own_family_is_clean_as_it_is_without(tmp_path: Path) -> None:
    other = pa.table(
        {"id": ["ward/3"], "question": ["Where does the aorta begin, and where does it end?"]}
    )
    holdout = mk.Holdout.from_rows(other, reason="numbers that two exams share", name="other")
    holdout.save(tmp_path / "other.holdout")
    recipe = recipe_of(tmp_path, holdout={"items": [f"file:{tmp_path / 'other.holdout'}"]})
    recipe["source"] = recipe["source"][:1]
    for mix in ({}, {"mix": {}, "source": [recipe["source"][0] | {"repeat": 2}]}):
        result = mk.build(recipe | mix, out=tmp_path / "out")
        assert result.manifest["totals"]["dropped"] == {}
        assert not mk.verify(result.path).findings.num_rows
        assert (
            mk.search(parquet_rows(result.path, "train"), holdout).counts.get("rows_family", 0) == 0
        )
