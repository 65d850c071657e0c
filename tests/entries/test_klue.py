"""KLUE: what each of the eight tasks becomes, and its traps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.entries import klue
from medqa_kit.schemas import schema_name


def sample(subset: str, split: str = "train", **options: Any) -> list[dict[str, Any]]:
    return list(mk.load("klue", subset=subset, split=split, origin="sample", **options))


def test_the_eight_tasks_have_their_schemas_and_counts() -> None:
    source = mk.source("klue")
    schemas = {p.subset: schema_name(source.layout_of(p).schema) for p in source.parts}
    assert schemas == {"ynat": "labeled", "sts": "labeled", "nli": "labeled", "ner": "tokens",
                       "re": "labeled", "dp": "tokens", "mrc": "qa", "wos": "dialogue"}  # fmt: skip
    assert source.rows == 205_608
    assert source.splits == ("train", "validation"), "there is no public test split"
    assert [p.evaluation for p in source.parts] == [False, True] * 8


def test_each_part_is_counted_and_the_commit_without_script_is_pinned() -> None:
    source = mk.source("klue")
    counts: dict[str | None, list[int | None]] = {}
    for part in source.parts:
        counts.setdefault(part.subset, []).append(part.rows)
    assert counts == {
        "ynat": [45_678, 9_107], "sts": [11_668, 519], "nli": [24_998, 3_000],
        "ner": [21_008, 5_000], "re": [32_470, 7_765], "dp": [10_000, 2_000],
        "mrc": [17_554, 5_841], "wos": [8_000, 1_000],
    }  # fmt: skip
    assert source.at == mk.catalog.Hub(
        "klue/klue", revision="349481ec73fff722f88e0453ca05c77a447d967c"
    )
    assert not source.floating


def test_share_alike_rules() -> None:
    terms = mk.source("klue").terms
    assert (terms.commercial, terms.share_alike) == ("yes", True)


def test_keys_are_guids_and_hashes_of_the_row_where_there_are_none(hub) -> None:
    raw = sample("nli", view="raw")
    assert [row["id"].rpartition("/")[2] for row in raw] == [row["guid"] for row in raw]
    ids = [sample(subset, split)[0]["id"] for subset in ("ner", "dp") for split in klue_splits()]
    assert [len(i.rpartition("/")[2]) for i in ids] == [16] * 4
    assert [i.split("/")[2] for i in ids] == klue_splits() * 2, "the split tells equal rows apart"


def klue_splits() -> list[str]:
    return list(mk.source("klue").splits)


def test_a_recipe_trains_on_the_train_split_alone() -> None:
    recipe = mk.Recipe.of({"name": "demo", "source": [{"name": "klue", "subset": "nli"}]})
    assert recipe.sources[0].split == ("train",)
    validation = {part.name for part in mk.source("klue").parts if part.evaluation}
    assert validation == {f"{subset}/validation" for subset in klue.ROWS}


def test_all_at_once_is_refused_and_says_which_there_are(hub) -> None:
    with pytest.raises(mk.errors.UnknownPartError, match="wos"):
        mk.load("klue", split="train", origin="sample")


def test_classes_are_named_in_upstreams_order(hub) -> None:
    assert [row["label"] for row in sample("nli")] == ["entailment", "neutral", "contradiction"]
    assert [row["label"] for row in sample("ynat")] == ["생활문화", "스포츠"]
    assert sample("re")[0]["label"] == "per:employee_of"
    assert len(klue.RELATIONS) == 30
    assert len(klue.ENTITIES) == 13


def test_pairs_are_of_two_texts(hub) -> None:
    pairs = [
        (sample(subset)[0]["text"], sample(subset)[0]["text_pair"]) for subset in ("nli", "sts")
    ]
    assert pairs == [("의사가 왔다.", "누군가 왔다."), ("방이 깨끗해요.", "방이 청결합니다.")]
    assert {row["text_pair"] for row in sample("ynat") + sample("re")} == {None}


def test_a_class_without_name_is_refused(hub, tmp_path: Path) -> None:
    row = {"guid": "g", "title": "t", "label": 7, "url": "", "date": ""}
    (tmp_path / "ynat").mkdir()
    raw = pa.Table.from_pylist([row], schema=pa.schema(klue.RAW["ynat"]))
    pq.write_table(raw, tmp_path / "ynat" / "train-0.parquet")
    with pytest.raises(mk.errors.LabelError, match="0 to 6"):
        mk.load("klue", subset="ynat", split="train", path=tmp_path)


def test_sts_reads_hyphenated_keys(hub) -> None:
    assert [(r["label"], r["score"]) for r in sample("sts")] == [("positive", 4.2)]
    raw = sample("sts", view="raw")[0]
    assert raw["labels"]["real-label"] == pytest.approx(4.1667, abs=1e-3)


def test_ner_text_comes_from_the_characters_not_from_the_markup(hub) -> None:
    first, copy = sample("ner")
    assert first["text"] == "김가나는 다라병원 원장"
    assert " " in first["tokens"], "tokens are characters, blanks included"
    assert [(s["label"], s["text"]) for s in first["spans"]] == [
        ("PS", "김가나"),
        ("OG", "다라병원"),
    ]
    assert copy["id"] == first["id"] + "~2"


def test_re_ends_are_inclusive_upstream_and_exclusive_here(hub) -> None:
    assert sample("re", view="raw")[0]["subject_entity"]["end_idx"] == 2, "of three characters"
    for split in ("train", "validation"):
        row = sample("re", split, view="entities")[0]
        assert row["tags"] is None
        for span in row["spans"]:
            assert "".join(row["tokens"][span["start"] : span["end"]]) == span["text"]


def test_plausible_answers_of_impossible_questions_are_never_gold(hub) -> None:
    answered, impossible = sample("mrc")
    assert answered["answer"] == "1987년"
    assert impossible["answer"] is None
    assert impossible["tags"] == ["question_type=3", "impossible"]
    assert sample("mrc", view="raw")[1]["answers"]["text"] == ["김가나"], (
        "raw shows the plausible one"
    )


def test_wos_turns_of_the_system_may_lack_a_state(hub) -> None:
    turns = sample("wos")[0]["messages"]
    assert [t["role"] for t in turns] == ["user", "assistant", "user", "assistant"]
    assert sample("wos", view="raw")[0]["dialogue"][1]["state"] is None


def test_dp_words_carry_their_dependency(hub) -> None:
    row = sample("dp")[0]
    assert (row["tokens"], row["tags"]) == (["의사가", "왔다."], ["NP_SBJ", "VP"])
    kept = sample("dp", keep=["head"])
    assert kept[0]["head"] == [2, 0]


def test_train_and_validation_in_one_table_warns(hub) -> None:
    with pytest.warns(mk.errors.HoldoutWarning):
        sample("nli", "all")


@pytest.mark.parametrize(("subset", "file", "text", "error", "message"), [
    ("mrc", "klue-mrc-v1.1_train.json",
     '{"version": "v1.1", "data": [{"title": "t", "paragraphs": []}]}',
     mk.errors.FileError, "found: .*version"),
    ("ner", "klue-ner-v1.1_train.tsv",
     "## a\n## b\n## c\n## d\n## e\n## klue-ner-v1_train_00000\t<김:PS>\n김\tB-PS\n\n",
     mk.errors.SchemaMovedError, "missing: 'sentence', 'tokens', 'ner_tags'"),
])  # fmt: skip
def test_other_files_of_version_1_1_are_refused_with_what_was_found(
    hub, tmp_path: Path, subset: str, file: str, text: str, error: type[Exception], message: str
) -> None:
    (tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises(error, match=message):
        mk.load("klue", subset=subset, split="train", path=tmp_path / file)


@pytest.mark.parametrize("ending", ["json", "parquet"])
def test_turns_of_the_system_may_lack_the_key_altogether(hub, tmp_path: Path, ending: str) -> None:
    turns = [{"role": "user", "text": "b"}, {"role": "sys", "text": "c"}]
    rows = [{"guid": "g", "domains": ["a"], "dialogue": turns}]
    file = tmp_path / f"wos.{ending}"
    if ending == "json":
        file.write_text(json.dumps(rows), encoding="utf-8")
    else:
        pq.write_table(pa.Table.from_pylist(rows), file)
    where = {"subset": "wos", "split": "train", "path": file}
    assert [t["content"] for t in mk.load("klue", **where)[0]["messages"]] == ["b", "c"]
    assert mk.load("klue", **where, view="raw")[0]["dialogue"][1]["state"] is None


def test_a_role_nobody_knows_is_refused(hub, tmp_path: Path) -> None:
    file = tmp_path / "wos.json"
    file.write_text(
        '[{"guid": "g", "domains": [], "dialogue": [{"role": "assistant", "text": "b"}]}]'
    )
    with pytest.raises(mk.errors.ValueTypeError, match="expected: user or sys"):
        mk.load("klue", subset="wos", split="train", path=file)


def test_labels_of_version_1_1_are_names(hub, tmp_path: Path) -> None:
    file = tmp_path / "klue-nli-v1.1_train.json"
    pair = {"guid": "g", "genre": "NSMC", "premise": "p", "hypothesis": "h"}
    file.write_text(json.dumps([pair | {"gold_label": "neutral"}]))
    (row,) = mk.load("klue", subset="nli", split="train", path=file)
    assert row["label"] == "neutral"
    file.write_text(json.dumps([pair | {"gold_label": "-"}]))
    with pytest.raises(mk.errors.LabelError, match="not one the source declares"):
        mk.load("klue", subset="nli", split="train", path=file)
