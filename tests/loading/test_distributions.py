"""Official distributions beside the hub's copies: chosen by the file, with equal ids and families."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk


def as_parquet(file: Path, rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), file)
    return file


def as_lines(file: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return file


def loaded(name: str, path: Path, split: str, subset: str | None = None) -> list[dict[str, Any]]:
    return [dict(row) for row in mk.load(name, subset=subset, split=split, path=path)]


def exam(number: int, right: int, **changes: Any) -> dict[str, Any]:
    """Return a row of MedMCQA in the order of the authors' keys."""
    return {
        "question": f"Which vitamin is number {number}?", "exp": None, "cop": right,
        "opa": "A", "opb": "B", "opc": "C", "opd": "D", "subject_name": "Biochemistry",
        "topic_name": "Vitamins", "id": f"id-{number}", "choice_type": "single", **changes,
    }  # fmt: skip


def test_the_authors_medmcqa_gives_the_rows_of_the_hubs_copy(hub, tmp_path: Path) -> None:
    schema = mk.source("medmcqa").layout.raw
    hub_file = as_parquet(
        tmp_path / "hub/data/validation-00000-of-00001.parquet",
        [exam(i, i % 4) for i in range(8)], schema,
    )  # fmt: skip
    authors = as_lines(tmp_path / "authors/dev.json", [exam(i, 1 + i % 4) for i in range(8)])
    wanted = loaded("medmcqa", hub_file.parents[1], "validation")
    assert [row["answer"] for row in wanted] == list("ABCDABCD")
    assert loaded("medmcqa", authors, "validation") == wanted
    assert loaded("medmcqa", authors.parent, "validation") == wanted
    raw = mk.load("medmcqa", split="validation", path=authors, view="raw")
    assert raw["cop"][:] == [1, 2, 3, 4] * 2, "upstream's own numbers"


def test_a_copy_in_json_lines_that_counts_from_zero_is_not_the_authors(hub, tmp_path: Path) -> None:
    """What ``Dataset.to_json`` makes of the hub's rows has their keys and another base."""
    copied = as_lines(tmp_path / "validation.jsonl", [exam(i, i % 4) for i in range(8)])
    assert [row["answer"] for row in loaded("medmcqa", copied, "validation")] == list("ABCDABCD")


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_a_number_with_a_counter_is_the_option_it_counts(hub, tmp_path: Path, ending: str) -> None:
    """``1번`` is the first option where upstream numbers count from 0, too."""
    rows = [exam(i, 0) | {"cop": f"{1 + i % 3}번"} for i in range(6)]
    file = tmp_path / f"validation.{ending}"
    frame = pandas.DataFrame(rows)
    if ending == "jsonl":
        as_lines(file, rows)
    else:
        frame.to_csv(file, index=False) if ending == "csv" else frame.to_parquet(file)
    assert [row["answer"] for row in loaded("medmcqa", file, "validation")] == list("ABCABC")


def test_a_file_of_no_layout_is_told_of_with_the_catalogued_columns(hub, tmp_path: Path) -> None:
    file = as_lines(tmp_path / "dev.jsonl", [{"q": "Which?", "a": 1}])
    with pytest.raises(mk.errors.SchemaMovedError, match="columns are missing") as error:
        mk.load("medmcqa", split="validation", path=file)
    assert "cop" in str(error.value.expected)


def test_a_card_says_which_other_files_are_read() -> None:
    card = mk.source("medmcqa").show()
    assert "train.json and dev.json" in card.partition("Also read from path=")[2]


def pairs(folder: Path, subset: str, hub_rows: list[Any]) -> list[dict[str, Any]]:
    """Return what the hub's copy of some KLUE rows gives."""
    source = mk.source("klue")
    raw = source.layout_of(source.select(subset, "validation")[0]).raw
    file = as_parquet(folder / f"{subset}/validation-00000-of-00001.parquet", hub_rows, raw)
    return loaded("klue", file, "validation", subset)


def test_klue_as_json_gives_the_rows_of_the_hubs_copy(hub, tmp_path: Path) -> None:
    nli = [{"guid": f"klue-nli-v1_dev_{n}", "source": "demo", "premise": "비가 온다.",
            "hypothesis": f"날씨 {n}"} for n in range(3)]  # fmt: skip
    names = ("entailment", "neutral", "contradiction")
    wanted = pairs(tmp_path, "nli", [row | {"label": n} for n, row in enumerate(nli)])
    official = [
        {"guid": row["guid"], "genre": "demo", "premise": row["premise"],
         "hypothesis": row["hypothesis"], "gold_label": name, "author": name,
         **{f"label{i}": name for i in range(2, 6)}}
        for row, name in zip(nli, names, strict=True)
    ]  # fmt: skip
    folder = tmp_path / "klue_benchmark/klue-nli-v1.1"
    folder.mkdir(parents=True)
    (folder / "klue-nli-v1.1_dev.json").write_text(json.dumps(official, indent=2), "utf-8")
    assert loaded("klue", folder / "klue-nli-v1.1_dev.json", "validation", "nli") == wanted
    assert loaded("klue", folder.parent, "validation", "nli") == wanted

    labels = {"label": 3.7, "real-label": 3.714285714285714, "binary-label": 1}
    sts = [{"guid": "klue-sts-v1_dev_0", "source": "demo", "sentence1": "가", "sentence2": "나",
            "labels": labels}]  # fmt: skip
    wanted = pairs(tmp_path, "sts", sts)
    more = {"annotations": {"agreement": "0:0:0:2:5:0", "annotators": ["1"], "annotations": [4]}}
    file = folder / "klue-sts-v1.1_dev.json"
    file.write_text(json.dumps([sts[0] | more]), "utf-8")
    assert loaded("klue", file, "validation", "sts") == wanted


COMMENTS = (
    "## 토큰, 레이블 구분자 : \\t\n## 토큰 구분자 : \\n\n## 문장 구분자 : \\n\\n\n## 주석 : ##\n"
)


def test_klue_as_blocks_of_tokens_gives_the_rows_of_the_hubs_copy(hub, tmp_path: Path) -> None:
    from medqa_kit.entries.klue import ENTITIES

    sentences = [
        ("<서울:LC> 앞", "서울 앞", ["B-LC", "I-LC", "O", "O"]),
        ('"가#', '"가#', ["O"] * 3),
    ]
    wanted = pairs(tmp_path, "ner", [
        {"sentence": marked, "tokens": list(text), "ner_tags": [ENTITIES.index(t) for t in tags]}
        for marked, text, tags in sentences
    ])  # fmt: skip
    blocks = "\n".join(
        f"## klue-ner-v1_dev_{n}-demo\t{marked}\n"
        + "".join(f"{c}\t{tag}\n" for c, tag in zip(text, tags, strict=True))
        for n, (marked, text, tags) in enumerate(sentences)
    )
    file = tmp_path / "klue-ner-v1.1_dev.tsv"
    for end in ("\n", "\r\n"):
        text = f"{COMMENTS}## 컬럼명 : CHAR\tNE_TAG\n{blocks}".replace("\n", end)
        file.write_text(text, "utf-8", newline="")
        rows = loaded("klue", file, "validation", "ner")
        assert rows == wanted
    assert [row["text"] for row in rows] == ["서울 앞", '"가#'], (
        "a blank and a quotation are tokens"
    )

    words = [
        ["1", "비가", "비 가", "NNG+JKS", "2", "NP_SBJ"],
        ["2", "온다.", "오 ㄴ다 .", "VV+EF", "0", "VP"],
    ]
    index, form, lemma, pos, head, deprel = (list(column) for column in zip(*words, strict=True))
    wanted = pairs(tmp_path, "dp", [{
        "sentence": "비가 온다.", "index": list(map(int, index)), "word_form": form, "lemma": lemma,
        "pos": pos, "head": list(map(int, head)), "deprel": deprel,
    }])  # fmt: skip
    file = tmp_path / "klue-dp-v1.1_dev.tsv"
    lines = "".join("\t".join(word) + "\n" for word in words)
    columns = "INDEX\tWORD_FORM\tLEMMA\tPOS\tHEAD\tDEPREL"
    file.write_text(
        f"{COMMENTS}## 칼럼명 : {columns}\n## klue-dp-v1_dev_0\t비가 온다.\n{lines}", "utf-8"
    )
    assert loaded("klue", file, "validation", "dp") == wanted


@pytest.mark.parametrize(("block", "expected"), [
    ("## x\t가\n가\tO\tO\n", "then 2 fields a token"),
    ("## x\n가\tO\n", "a key and a sentence"),
])  # fmt: skip
def test_a_malformed_sentence_is_told_or_set_aside(
    hub, tmp_path: Path, block: str, expected: str
) -> None:
    file = tmp_path / "klue-ner-v1.1_dev.tsv"
    good = "## y\t나\n나\tO\n"
    file.write_text(f"{COMMENTS}## 컬럼명 : CHAR\tNE_TAG\n{block}\n{good}", "utf-8")
    where = {"subset": "ner", "split": "validation", "path": file}
    with pytest.raises(mk.errors.FormatError, match="other fields than declared") as error:
        mk.load("klue", **where)
    assert error.value.row == 0
    assert expected in str(error.value)
    with pytest.warns(mk.errors.DroppedRowsWarning):
        assert mk.load("klue", on_bad="drop", **where)["text"][:] == ["나"]


def abstract(number: int, decision: str) -> dict[str, Any]:
    """Return a member of the authors' PubMedQA file."""
    return {
        "QUESTION": f"Does number {number} help?", "CONTEXTS": ["Caries is common.", "We looked."],
        "LABELS": ["BACKGROUND", "METHODS"], "MESHES": ["Child"],
        "YEAR": None if number else "2011", "reasoning_required_pred": "yes",
        "reasoning_free_pred": "yes", "final_decision": decision, "LONG_ANSWER": "It does.",
    }  # fmt: skip


def as_object(file: Path, members: Mapping[str, Any]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(members, indent=4), "utf-8")
    return file


DECISIONS = {"11": "yes", "12": "no", "13": "maybe", "14": "yes"}


def test_the_authors_pubmedqa_gives_the_rows_of_the_hubs_copy(hub, tmp_path: Path) -> None:
    members = {key: abstract(n, d) for n, (key, d) in enumerate(DECISIONS.items())}
    source = mk.source("pubmedqa")
    rows = [
        {"pubid": int(key), "question": m["QUESTION"], "long_answer": m["LONG_ANSWER"],
         "final_decision": m["final_decision"],
         "context": {"contexts": m["CONTEXTS"], "labels": m["LABELS"], "meshes": m["MESHES"],
                     "reasoning_required_pred": ["y"], "reasoning_free_pred": ["y"]}}
        for key, m in members.items()
    ]  # fmt: skip
    hub_file = tmp_path / "hub/pqa_labeled/train-00000-of-00001.parquet"
    wanted = loaded(
        "pubmedqa", as_parquet(hub_file, rows, source.layout.raw), "train", "pqa_labeled"
    )
    file = as_object(tmp_path / "data/ori_pqal.json", members)
    assert loaded("pubmedqa", file, "train", "pqa_labeled") == wanted
    assert [row["id"] for row in wanted] == [f"pubmedqa/pqa_labeled/{key}" for key in DECISIONS]


def test_the_official_test_of_pubmedqa_is_what_its_list_names(hub, tmp_path: Path) -> None:
    members = {key: abstract(n, d) for n, (key, d) in enumerate(DECISIONS.items())}
    folder = as_object(tmp_path / "data/ori_pqal.json", members).parent
    asked = {"subset": "pqa_labeled", "split": "test"}
    with pytest.raises(mk.errors.WrongFilesError, match=r"test_ground_truth\.json"):
        mk.load("pubmedqa", path=folder, **asked)
    as_object(folder / "test_ground_truth.json", {"12": "no", "14": "yes"})
    rows = mk.load("pubmedqa", path=folder, **asked)
    assert rows["answer"][:] == ["no", "yes"]
    train = mk.load("pubmedqa", path=folder, subset="pqa_labeled", split="train")
    assert set(rows["family"]) < set(train["family"]), "the same items once more"
    as_object(folder / "test_ground_truth.json", {"12": "no", "99": "yes"})
    with pytest.raises(mk.errors.FormatError, match="listed are not there") as error:
        mk.load("pubmedqa", path=folder, **asked)
    assert "'99'" in str(error.value)
    assert "split" in mk.source("pubmedqa").show()


def test_the_official_test_of_pubmedqa_says_where_its_files_are(hub) -> None:
    with pytest.raises(mk.errors.ManualDownloadError, match="fetched by hand") as error:
        mk.load("pubmedqa", subset="pqa_labeled", split="test")
    assert "test_ground_truth.json" in str(error.value)


def exam_item(letters: str, **more: Any) -> dict[str, Any]:
    options = {letter: f"option {letter}" for letter in letters}
    return {"question": "Which?", "answer": "option C", "options": options, "meta_info": "step1",
            "answer_idx": "C", **more}  # fmt: skip


def test_the_authors_medqa_gives_the_rows_of_the_hubs_copy(hub, tmp_path: Path) -> None:
    phrases = {"metamap_phrases": ["which"]}
    wanted = loaded(
        "medqa_usmle", as_lines(tmp_path / "hub/test.jsonl", [exam_item("ABCDE")]), "test", "5_options"
    )  # fmt: skip
    plain = as_lines(tmp_path / "US/test.jsonl", [exam_item("ABCDE")])
    assert loaded("medqa_usmle", plain, "test", "5_options") == wanted
    marked = as_lines(tmp_path / "more/US/test.jsonl", [exam_item("ABCDE", **phrases)])
    assert loaded("medqa_usmle", marked, "test", "5_options") == wanted
    assert loaded("medqa_usmle", marked.parents[1], "test", "5_options") == wanted

    name = "phrases_no_exclude_{}.jsonl"
    four = exam_item("ABCD", **phrases)
    wanted = loaded(
        "medqa_usmle", as_lines(tmp_path / "copy" / name.format("test"), [four]), "test", "4_options"
    )  # fmt: skip
    folder = tmp_path / "data/US/4_options"
    for split in ("test", "dev"):
        as_lines(folder / name.format(split), [four])
    assert loaded("medqa_usmle", folder.parent, "test", "4_options") == wanted
    (dev,) = loaded("medqa_usmle", folder.parent, "validation", "4_options")
    assert dev["family"] == wanted[0]["family"]
    with pytest.raises(mk.errors.ManualDownloadError):
        mk.load("medqa_usmle", subset="4_options", split="validation")


def test_the_korean_side_of_komedqa_alone_gives_the_same_rows(hub, tmp_path: Path) -> None:
    item = {"qa_id": 7, "domain": 17, "q_type": 1, "question": "정상 체온은?\n1) 36.5도 \n2) 40도",
            "answer": "1) 36.5도"}  # fmt: skip
    table = tmp_path / "data/medqa_kr_en_full.csv"
    table.parent.mkdir()
    row = item | {"question_translated": "Q", "answer_translated": "A"}
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)
    wanted = loaded("komedqa", table, "train")
    named = item | {"domain_name": "내과", "q_type_name": "choice"}
    lines = as_lines(tmp_path / "korean/medqa_kr.jsonl", [named])
    assert loaded("komedqa", lines, "train") == wanted
    assert loaded("komedqa", lines.parent, "train") == wanted
    with pytest.raises(mk.errors.UnknownPartError, match="no view 'parallel'"):
        mk.load("komedqa", split="train", path=lines, view="parallel")
