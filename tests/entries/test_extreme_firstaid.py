"""Extreme first aid: the rows of one origin, filtered from the compilation's file."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest

import medqa_kit as mk
from medqa_kit.loading.part_loading import PartLoader, load_parts
from medqa_kit.loading.planner import SAMPLES
from medqa_kit.loading.request import LoadRequest

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")
ORIGIN = "extreme_firstaid_qa_dataset"


@pytest.fixture
def rows() -> list[dict[str, str]]:
    file = SAMPLES / "extreme_firstaid" / "medical_training_dataset.json"
    return json.loads(file.read_text("utf-8"))


def test_all_rows_of_the_origin_and_no_other(hub, rows) -> None:
    data = mk.load("extreme_firstaid", split="train", origin="sample")
    wanted = [row for row in rows if row["source"] == ORIGIN]
    assert len(wanted) < len(rows), "the sample holds other origins too"
    assert data["question"][:] == [row["input"] for row in wanted]
    assert data["context"][:] == [row["context"] for row in wanted]
    assert data["answer"][:] == [row["output"] for row in wanted]
    assert {tag for tags in data["tags"] for tag in tags} == {f"source:{ORIGIN}"}


def test_every_row_has_its_chunks(hub) -> None:
    for row in mk.load("extreme_firstaid", split="train", origin="sample"):
        assert len(row["context"].split("\n")) == 5


def test_the_raw_view_and_kept_columns_are_of_the_same_rows(hub, rows) -> None:
    data = mk.load("extreme_firstaid", split="train", origin="sample", keep=["input", "source"])
    raw = mk.load("extreme_firstaid", split="train", origin="sample", view="raw")
    assert raw["id"][:] == data["id"][:]
    assert raw["input"][:] == data["input"][:] == data["question"][:]
    assert set(raw["source"]) == set(data["raw_source"]) == {ORIGIN}


def test_a_copy_is_told_apart(hub) -> None:
    ids = mk.load("extreme_firstaid", split="train", origin="sample")["id"][:]
    assert [i for i in ids if "~" in i] == [f"{ids[2]}~2"]


def test_rows_are_those_of_the_compilation(hub) -> None:
    at = {"split": "train", "path": SAMPLES / "extreme_firstaid"}
    alone = {row["id"].rpartition("/")[2]: row for row in mk.load("extreme_firstaid", **at)}
    all_of_them = mk.load("medical_training_dataset", **at)
    same = {row["id"].rpartition("/")[2]: row for row in all_of_them}
    for key, row in alone.items():
        names = ("question", "context", "answer", "family", "tags")
        assert {name: row[name] for name in names} == {name: same[key][name] for name in names}


def test_a_bad_row_is_named_by_its_place_in_the_file(hub, rows, tmp_path: Path) -> None:
    rows[4]["input"] = " "
    assert rows[4]["source"] == ORIGIN
    (tmp_path / "medical_training_dataset.json").write_text(json.dumps(rows), encoding="utf-8")
    with pytest.raises(mk.errors.NullValueError) as error:
        mk.load("extreme_firstaid", split="train", path=tmp_path)
    assert error.value.row == 4


def test_a_file_without_such_rows_is_an_error(hub, tmp_path: Path, rows) -> None:
    others = [row for row in rows if row["source"] != ORIGIN]
    (tmp_path / "medical_training_dataset.json").write_text(json.dumps(others), encoding="utf-8")
    with pytest.raises(mk.errors.EmptyDataError, match=f"{len(others)} rows read"):
        mk.load("extreme_firstaid", split="train", path=tmp_path)


def test_it_is_read_from_the_compilations_place(hub) -> None:
    hub.repo("ericrisco/medical-training-dataset").commit("e" * 40, SAMPLES / "extreme_firstaid")
    with pytest.warns(mk.errors.FloatingRevisionWarning):
        assert mk.load("extreme_firstaid", split="train").num_rows == 13


def test_it_is_not_for_commerce() -> None:
    terms = mk.source("extreme_firstaid").terms
    assert (terms.commercial, terms.share_alike) == ("no", True)
    assert {c.license for c in mk.source("extreme_firstaid").license} == {
        "CC-BY-NC-SA-3.0-IGO", "Gemma-terms"
    }  # fmt: skip


def test_every_load_warns(hub) -> None:
    with pytest.warns(mk.errors.SafetyWarning, match="without a trace of review"):
        mk.load("extreme_firstaid", split="train", origin="sample")


def test_it_descends_from_the_books_it_quotes() -> None:
    parents = {parent.name for parent in mk.source("extreme_firstaid").derived_from}
    assert parents == {"who_bec_pdf", "ifrc_pdf"}


def test_what_the_scripts_made_is_not_cut_at_a_length(hub, rows, tmp_path: Path) -> None:
    rows[1]["context"] = "\n".join("x" * 512 for _ in range(5))
    (tmp_path / "medical_training_dataset.json").write_text(json.dumps(rows), encoding="utf-8")
    data = mk.load("extreme_firstaid", split="train", path=tmp_path)
    assert len(data["context"][0]) == 5 * 512 + 4


def test_a_row_without_chunks_is_kept_without_context(hub, rows, tmp_path: Path) -> None:
    # Upstream's own sample row has none, although the scripts always write some.
    rows[1]["context"] = ""
    (tmp_path / "medical_training_dataset.json").write_text(json.dumps(rows), encoding="utf-8")
    data = mk.load("extreme_firstaid", split="train", path=tmp_path)
    assert data["context"][0] is None
    assert data.num_rows == sum(row["source"] == ORIGIN for row in rows)


def test_it_is_part_of_the_compilations_count() -> None:
    source = mk.source("extreme_firstaid")
    assert source.rows == 1_641
    assert mk.source("medical_training_dataset").rows - source.rows == 82_684
    assert "82,684" in source.show()


@pytest.mark.parametrize("tag", ["Extreme_FirstAid_QA_dataset", "extreme_firstaid", "", None])
def test_rows_whose_tag_is_spelled_otherwise_do_not_vanish(
    hub, rows, tmp_path: Path, tag: str | None
) -> None:
    own = [row for row in rows if row["source"] == ORIGIN]
    for row in own[1:]:
        row["source"] = tag
    (tmp_path / "medical_training_dataset.json").write_text(json.dumps(rows), encoding="utf-8")
    with pytest.raises(mk.errors.LabelError, match=rf"{len(own) - 2} more rows") as caught:
        mk.load("extreme_firstaid", split="train", path=tmp_path)
    assert ORIGIN in caught.value.expected
    source = mk.source("extreme_firstaid")
    request = LoadRequest(origin="path", path=tmp_path, on_bad="drop")
    (part,) = load_parts(source, request, PartLoader(), split="train")
    assert part.data.num_rows == 1
    assert part.report.aside == {"unknown_label": len(own) - 1}
    assert part.report.passed_over == {"row_of_another_source": len(rows) - len(own)}


def test_rows_of_other_origins_are_counted(hub, rows, tmp_path: Path) -> None:
    others = sum(row["source"] != ORIGIN for row in rows)
    recipe = {"name": "aid", "source": [{"name": "extreme_firstaid"}]}
    result = mk.build(recipe, out=tmp_path / "made", origin="sample")
    (account,) = result.manifest["sources"]
    assert account["parts"]["train"]["passed_over"] == {"row_of_another_source": others}
    assert account["read"] == len(rows) - others


def test_rows_of_other_origins_do_not_belong_to_the_rows_that_were_counted(
    hub, rows, tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    own = next(row for row in rows if row["source"] == ORIGIN)
    counted = [own | {"input": f"Case {n}: {own['input']}"} for n in range(1641)]
    others = [row for row in rows if row["source"] != ORIGIN]
    file = tmp_path / "medical_training_dataset.json"
    file.write_text(json.dumps([*others, *counted]), encoding="utf-8")
    warnings.simplefilter("always")
    assert mk.load("extreme_firstaid", split="train", path=tmp_path).num_rows == 1641
    assert not [warning for warning in recwarn if warning.category is mk.errors.RowCountWarning]
    file.write_text(json.dumps([*others, *counted[:100]]), encoding="utf-8")
    sentence = (
        f"{len(others) + 100} rows read, {len(others)} row_of_another_source, 1641 were counted"
    )
    with pytest.warns(mk.errors.RowCountWarning, match=sentence):
        mk.load("extreme_firstaid", split="train", path=tmp_path)
