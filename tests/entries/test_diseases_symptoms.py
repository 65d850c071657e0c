"""Diseases and symptoms: the CSV's encoding and line ends, the joined answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.LicenseWarning")
SAMPLE = SAMPLES / "diseases_symptoms" / "Diseases_Symptoms.csv"
HEADER = "Code,Name,Symptoms,Treatments"


def from_text(folder: Path, text: str, *, encoding: str = "utf-8") -> Any:
    (folder / SAMPLE.name).write_bytes(text.encode(encoding))
    return mk.load("diseases_symptoms", split="train", path=folder)


def test_the_sample_has_a_byte_order_mark_and_windows_line_ends(hub) -> None:
    content = SAMPLE.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n")
    data = mk.load("diseases_symptoms", split="train", origin="sample")
    assert data[0] == {
        "id": "sample:diseases_symptoms/1", "source": "diseases_symptoms", "subset": None,
        "split": "train", "language": "en", "family": data[0]["family"],
        "question": "Runny nose, sneezing, sore throat", "context": None, "options": None,
        "answer_index": None, "answer": "Common Cold\nRest, fluids, throat lozenges",
        "rationale": None, "year": None, "tags": None,
    }  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_mark_and_line_ends_make_no_difference(
    hub, tmp_path: Path, encoding: str, end: str
) -> None:
    lines = [HEADER, '1,Blister,"Fluid, rubbing",Plaster', "2,Cramp,Tight calf,Massage", ""]
    data = from_text(tmp_path, end.join(lines), encoding=encoding)
    assert data["id"][:] == ["diseases_symptoms/1", "diseases_symptoms/2"]
    assert data["answer"][:] == ["Blister\nPlaster", "Cramp\nMassage"]


def test_without_treatments_the_name_alone_answers(hub) -> None:
    row = mk.load("diseases_symptoms", split="train", origin="sample")[5]
    assert row["answer"] == "Nail Biting"


def test_cells_stay_as_they_are(hub) -> None:
    rows = mk.load("diseases_symptoms", split="train", origin="sample")
    assert rows[4]["question"] == " Pain at the outside of the elbow, weak grip"
    assert rows[4]["answer"] == 'Tennis Elbow\nRest, stretching, "elbow brace" '
    assert rows[12]["answer"] == 'Cradle Cap\nNone, or "NA" in most cases'


def test_repeated_symptoms_are_one_family_and_repeated_names_are_not(hub) -> None:
    rows = mk.load("diseases_symptoms", split="train", origin="sample")
    assert rows[0]["family"] == rows[8]["family"]
    assert rows[1]["family"] != rows[7]["family"]


def test_words_that_look_missing_are_text(hub, tmp_path: Path) -> None:
    with pytest.warns(mk.errors.MissingValueWarning, match="'null' stands in 1"):
        data = from_text(tmp_path, f"{HEADER}\n1,NA,None,null\n")
    assert (data[0]["question"], data[0]["answer"]) == ("None", "NA\nnull")


def test_a_code_that_comes_twice_is_an_error(hub, tmp_path: Path) -> None:
    with pytest.raises(mk.errors.DuplicateIdError):
        from_text(tmp_path, f"{HEADER}\n1,A,a,x\n1,B,b,y\n")


def test_a_row_without_symptoms_is_no_question(hub, tmp_path: Path) -> None:
    with pytest.raises(mk.errors.NullValueError, match="question"):
        from_text(tmp_path, f"{HEADER}\n1,A,a,x\n2,B,,y\n")


def test_it_is_read_at_the_pinned_revision(hub) -> None:
    repo = hub.repo("QuyenAnhDE/Diseases_Symptoms")
    repo.commit("d06f2b069db182e43b55f1ca454589f66530eb26", SAMPLES / "diseases_symptoms")
    repo.commit("d" * 40, {"README.md": b"moved"})  # what main holds now
    with pytest.warns(mk.errors.RowCountWarning, match="13 rows read, 400 were counted"):
        assert mk.load("diseases_symptoms", split="train").num_rows == 13


def test_a_row_with_neither_name_nor_treatments_has_no_answer(hub, tmp_path: Path) -> None:
    data = from_text(tmp_path, f"{HEADER}\n1,,a, \n2,B,b,\n3,,c,z\n")
    assert data["answer"][:] == [None, "B", "z"]


def test_a_proposal_nobody_merged_grants_nothing() -> None:
    source = mk.source("diseases_symptoms")
    assert [claim.license for claim in source.license if claim.credible] == [None]
    assert source.terms.commercial == source.terms.redistribute == "unknown"


def test_the_sentence_of_the_compilation_needs_name_and_treatments(hub, tmp_path: Path) -> None:
    text = f"{HEADER}\n1, Blister ,Fluid,Plaster \n2,Cramp,Tight calf,\n"
    (tmp_path / SAMPLE.name).write_text(text, "utf-8")
    data = mk.load(
        "diseases_symptoms", split="train", path=tmp_path, choices={"answer": "sentence"}
    )
    assert data["answer"][:] == [
        "It seems you may have Blister. The usual treatment is Plaster.",
        None,
    ]
