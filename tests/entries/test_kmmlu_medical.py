"""KMMLU: which subjects, columns by name, labels from 1, copies in the hard selection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.catalog.licenses import strictest
from medqa_kit.loading.planner import SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")


def sample(**options: Any) -> Any:
    return mk.load("kmmlu_medical", origin="sample", **options)


HEADER = "question,answer,A,B,C,D,Category,Human Accuracy\n"


def from_text(folder: Path, text: str, name: str = "Health-test.csv", **options: Any) -> Any:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    where = {"subset": "Health", "split": "test", "path": file}
    return mk.load("kmmlu_medical", **(where | options))


def test_health_is_the_default_and_neighbours_are_by_name(hub) -> None:
    data = sample()
    assert set(data) == {"train", "test"}, "validation rows are shots, by name only"
    assert {row["subset"] for rows in data.values() for row in rows} == {"Health"}
    assert set(sample(split="validation")["subset"]) == {"Health"}
    assert set(sample(subset="Chemistry")["train"]["subset"]) == {"Chemistry"}
    assert sample(subset="Chemistry", split="validation").num_rows == 1
    shown = mk.source("kmmlu_medical").show()
    assert "Health/validation: 5 rows (claimed)" in shown
    for subject in ("Health", "Biology", "Psychology", "Social-Welfare", "Public-Safety",
                    "Food-Processing", "Agricultural-Sciences", "Ecology", "Chemistry"):  # fmt: skip
        assert f"{subject}/train" in shown, "the list of subjects is told"
    counts = {(p.split, p.rows) for p in mk.source("kmmlu_medical").parts if p.layout is None}
    assert counts == {("train", None), ("validation", 5), ("test", None)}, (
        "31,469 is nobody's count"
    )


def test_what_upstream_does_later_is_not_read(hub) -> None:
    at = mk.source("kmmlu_medical").at
    pin = "134de68c7c5d22e21de93216405ad0d5069eb2bc"
    repo = hub.repo(at.repo).commit(
        pin, SAMPLES / "kmmlu_medical" / "HAERAE-HUB+KMMLU", branch=None
    )
    repo.commit("f" * 40, {"data/Health-test.csv": b"later"})
    assert mk.load("kmmlu_medical", split="test").num_rows == 3


def test_human_accuracy_may_be_missing(hub, tmp_path: Path) -> None:
    data = from_text(tmp_path, HEADER + "q,1,a,b,c,d,Health,\nr,1,a,b,c,d,Health,0.5\n",
                     keep=["Human Accuracy"])  # fmt: skip
    assert data["Human Accuracy"][:] == [None, 0.5]


def test_the_hard_selection_may_lack_columns_and_have_others(hub, tmp_path: Path) -> None:
    data = from_text(tmp_path, "question,answer,A,B,C,D,source\nq,4,a,b,c,d,x\n",
                     "health-test.csv", subset="hard")  # fmt: skip
    assert data[0]["answer"] == "d"


def test_prompt_words_inside_questions_stay(hub) -> None:
    assert "심폐소생술의 순서로 옳은 것은? 정답:" in sample(split="test")["question"]


def test_the_harness_prompt_ends_with_a_full_width_colon(hub) -> None:
    rows = mk.apply(sample(split="test"), mk.harness("lm_eval/kmmlu@2.0"))
    assert rows["prompt"][0] == (
        "성인의 안정 시 정상 맥박수(회/분)는?\nA. 30~50\nB. 60~100\nC. 110~130\nD. 140~160\n정답\uff1a"
    )


def test_answers_count_from_one_and_columns_go_by_name(hub, tmp_path: Path) -> None:
    file = tmp_path / "Health-test.csv"
    file.write_text("question,answer,A,B,C,D,Human Accuracy,Category\nq,4,a,b,c,None,0.5,Health\n")
    data = mk.load("kmmlu_medical", subset="Health", split="test", path=file,
                   keep=["Human Accuracy", "Category"])  # fmt: skip
    row = data[0]
    assert (row["answer_index"], row["answer"]) == (3, "None"), "an option may say None"
    assert (row["Human Accuracy"], row["Category"]) == (0.5, "Health")


def test_an_early_revision_is_refused_with_its_columns(hub, tmp_path: Path) -> None:
    file = tmp_path / "all.csv"
    file.write_text(
        "question,option#1,option#2,option#3,option#4,answer_rate,link\n1,2,3,4,5,6,7\n"
    )
    with pytest.raises(mk.errors.SchemaMovedError, match="option#1"):
        mk.load("kmmlu_medical", subset="Health", split="test", path=file)


def test_answer_outside_the_options_is_an_error(hub, tmp_path: Path) -> None:
    file = tmp_path / "Health-test.csv"
    file.write_text("question,answer,A,B,C,D,Category,Human Accuracy\nq,0,a,b,c,d,Health,\n")
    with pytest.raises(mk.errors.AnswerError):
        mk.load("kmmlu_medical", subset="Health", split="test", path=file)


def test_hard_and_redux_copies_share_the_family_of_the_test_row(hub) -> None:
    test = sample(subset="Health", split="test")
    families = dict(zip(test["family"], test["question"], strict=True))
    for subset in ("hard", "redux"):
        row = sample(subset=subset, split="test")[0]
        assert families[row["family"]] == row["question"]


def test_what_is_in_other_repositories_is_told_with_what_it_takes() -> None:
    source = mk.source("kmmlu_medical")
    first, *others = source.how_to_get().splitlines()
    assert first.endswith("nothing to accept, no token needed.")
    assert [line.partition(":")[0] for line in others] == ["hard", "pro, pro_medical", "redux"]
    assert ["accept its terms" in line for line in others] == [False, True, True]
    for repo in ("HAERAE-HUB/KMMLU-HARD", "LGAI-EXAONE/KMMLU-Pro", "LGAI-EXAONE/KMMLU-Redux"):
        assert repo in source.how_to_get()
        assert f"hub {repo} (" in source.show()


def test_pro_and_redux_are_gated_and_have_four_or_five_options(hub) -> None:
    parts = {p.subset: p for p in mk.source("kmmlu_medical").parts}
    for subset in ("pro", "redux"):
        assert mk.source("kmmlu_medical").layout_of(parts[subset]).at.access == "gated"
    assert {p.subset: p.rows for p in parts.values() if p.rows and not p.upstream} == {
        "pro": 2822, "redux": 2587,
    }  # fmt: skip
    assert sample(subset="redux", split="test")["answer"][:] == ["60~100"]
    rows = sample(subset="pro", split="test", keep=["license_name"])
    assert [r["answer"] for r in rows] == ["싱겁게 먹기", "물권이다"], "counted from 1"
    assert [(len(r["options"]), r["license_name"]) for r in rows] == [(5, "의사"), (4, "법무사")]


def test_the_five_medical_licences_of_pro_are_a_subset(hub, tmp_path: Path) -> None:
    licences = ("의사", "치과의사", "한의사", "약사", "한약사", "변호사", "세무사")
    rows = [
        {"question": f"{name}?", "options": ["a", "b"], "solution": "2", "license_name": name,
         "subject": "s"} for name in licences
    ]  # fmt: skip
    file = tmp_path / "test-00000-of-00001.parquet"
    pq.write_table(pa.Table.from_pylist(rows), file)
    where = {"split": "test", "path": file}
    with pytest.warns(mk.errors.LeftOutWarning, match="2 row_of_another_licence"):
        medical = mk.load("kmmlu_medical", subset="pro_medical", **where)
    assert medical["question"][:] == [f"{name}?" for name in licences[:5]]
    everything = mk.load("kmmlu_medical", subset="pro", **where)
    assert set(medical["family"]) < set(everything["family"])
    holdout = mk.catalog.holdout("kmmlu-pro-medical-test")
    assert (holdout.rows, holdout.default) == ("pro_medical/test", False)


@pytest.mark.parametrize("kind", [pa.string(), pa.int64(), pa.int8()])
def test_a_solution_is_text_or_a_number(hub, tmp_path: Path, kind: pa.DataType) -> None:
    table = pa.table({
        "question": ["q"], "options": [["a", "b", "c"]], "license_name": ["의사"], "subject": ["s"],
        "solution": pa.array(["3"]).cast(kind),
    })  # fmt: skip
    for subset in ("pro", "redux"):
        file = tmp_path / f"{subset}-test-00000-of-00001.parquet"
        pq.write_table(table, file)
        (row,) = mk.load("kmmlu_medical", subset=subset, split="test", path=file)
        assert (row["answer_index"], row["answer"]) == (2, "c")


def test_exact_copies_stay_and_can_be_told_apart(hub) -> None:
    ids = [i for i in sample(subset="Health", split="train")["id"] if "~" in i]
    assert len(ids) == 1
    assert ids[0].endswith("~2")


def test_the_strictest_claim_forbids_passing_on_changed_copies() -> None:
    source = mk.source("kmmlu_medical")
    assert source.terms.derive == "no"
    assert {c.license for c in source.license if not c.subsets} == {"CC-BY-ND-4.0"}
    (siblings,) = (c for c in source.license if c.subsets)
    assert siblings.license == "CC-BY-NC-ND-4.0"
    assert "against training" in siblings.note
    assert source.terms.commercial == "yes"
    assert strictest(source.claims_on(source.select("pro"))).commercial == "no"
    assert all(p.evaluation for p in mk.source("kmmlu_medical").parts if p.split == "test")
