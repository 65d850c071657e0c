"""What scripts around these data sets get wrong without a word: each mistake, and that it cannot happen."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pytest

import medqa_kit as mk
from demo import COLUMNS, Read, both_ways, demo, folder, jsonl, records
from medqa_kit.loading.planner import SAMPLES

pytestmark = [
    pytest.mark.usefixtures("hub"),
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning"),
]


def sample(name: str, **options: Any) -> Any:
    return mk.load(name, **{"split": "train", "origin": "sample", **options})


def written(folder: Path, name: str) -> list[dict[str, Any]]:
    """The rows of a split of a result, or those that were dropped."""
    config = "dropped" if name == "dropped" else None
    return list(datasets.load_dataset(str(folder), config, split=name))


# -- 1. Guessing what columns are called, and giving an empty set when the guess is wrong


@both_ways
@pytest.mark.parametrize("key", ["질문", "input", "prompt", "thinking"])
def test_columns_of_other_names_are_an_error_that_lists_both(
    tmp_path: Path, read: Read, key: str
) -> None:
    rows = [{key if name == "question" else name: row[name] for name in row} for row in records()]
    where = folder(tmp_path, {"train.jsonl": jsonl(rows)})
    with pytest.raises(mk.errors.SchemaMovedError, match="'question'") as caught:
        read(demo(), path=where)
    assert caught.value.expected.startswith("number, year, question")
    assert key in caught.value.found
    assert f'columns={{"question": "{key}"}}' in caught.value.hint
    assert len(read(demo(), path=where, columns={"question": key})) == 6


@both_ways
def test_no_row_at_all_is_an_error(tmp_path: Path, read: Read) -> None:
    where = folder(tmp_path, {"train.jsonl": b"\n\n"})
    with pytest.raises(mk.errors.EmptyDataError):
        read(demo(), path=where)


def test_a_spelling_that_differs_in_case_is_the_same_column() -> None:
    for name in ("medical_o1_reasoning_ko", "medical_o1_reasoning_sft"):  # Complex_Cot, Complex_CoT
        assert all(sample(name)["rationale"][:3]), name


# -- 2. Dropping the input of an instruction that has both

KINDS = [kind.name for kind in mk.record_kinds(mk.schemas.QA)]
SETTINGS: dict[str, dict[str, Any]] = {
    "openai/batch": {"model": "m"}, "axolotl/segments": {"eos": "<end>"}
}  # fmt: skip


@pytest.mark.parametrize("name", ["koalpaca", "kullm_v2"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.slow
def test_an_input_is_part_of_what_is_asked(name: str, kind: str) -> None:
    questions = pa.Table.from_pylist(
        [row for row in sample(name) if row["context"] and row["answer"]], mk.schemas.QA
    )
    assert len(questions)
    records = mk.json_lines(mk.record(kind, settings=SETTINGS.get(kind))(questions))
    for row, line in zip(questions.to_pylist(), records, strict=True):
        for column in ("question", "context"):
            assert json.dumps(row[column], ensure_ascii=False)[1:-1] in line, column


# -- 3. Collapsing white space, line breaks included

SPACED = "  한 문단.\n\n\t둘째  문단\u3000끝 \r\n"


@both_ways
@pytest.mark.parametrize(
    "normalize", [mk.normalizing.Columns(take={"text": "question"}, key=("number",)), None]
)
def test_white_space_stays(
    tmp_path: Path, read: Read, normalize: mk.normalizing.Columns | None
) -> None:
    where = folder(
        tmp_path, {"train.jsonl": jsonl([{**records(1)[0], "question": SPACED, "b": SPACED}])}
    )
    (row,) = read(
        demo(**({"normalize": normalize, "schema": mk.schemas.TEXT} if normalize else {})),
        path=where,
    )
    assert row["text" if normalize else "question"] == SPACED
    assert normalize or row["options"][1] == SPACED


@pytest.mark.parametrize(
    "name", ["korean_wikipedia", "namuwiki", "wiki_medical_terms", "korean_textbooks"]
)
def test_articles_keep_their_paragraphs(name: str) -> None:
    texts = [row["text"] for row in sample(name)]
    raw = [
        value
        for row in sample(name, view="raw")
        for value in row.values()
        if isinstance(value, str)
    ]
    assert any("\n" in text for text in texts)
    assert set(texts) <= set(raw), "not as upstream has it"


@pytest.mark.parametrize("kind", KINDS)
def test_white_space_stays_in_records(kind: str) -> None:
    inner = SPACED.strip()
    row = {
        "id": "d/1",
        "source": "d",
        "split": "train",
        "question": inner,
        "context": inner,
        "answer": inner,
    }
    table = pa.Table.from_pylist([row], mk.schemas.QA)
    (line,) = mk.json_lines(mk.record(kind, settings=SETTINGS.get(kind))(table))
    wanted = 2 if kind == "openai/batch" or "prompt-only" in kind else 3
    assert line.count(json.dumps(inner, ensure_ascii=False)[1:-1]) >= wanted


# -- 4. Shuffling without a seed, then cutting by position: copies land on both sides


def test_copies_stay_together_wherever_they_stand() -> None:
    rows = [
        {**row, "id": f"{row['id']}#{n}", "family": None}
        for row in sample("khmer_medical_qa")
        for n in range(3)
    ]
    sides: list[dict[str, str]] = []
    for seed in range(3):
        random.Random(seed).shuffle(rows)
        parts = mk.split(
            pa.Table.from_pylist(rows, mk.schemas.QA), {"train": 0.6, "validation": 0.4}, seed=1
        )
        sides.append({i: part for part, rows in parts.items() for i in rows["id"].to_pylist()})
        texts = [set(rows["question"].to_pylist()) for rows in parts.values()]
        assert all(texts)
        assert not texts[0] & texts[1]
    assert sides[0] == sides[1] == sides[2], "another order, another split"


# -- 5. Holding out by year, while a source made of the exam carries its items without one


@pytest.mark.slow
def test_items_without_a_year_are_held_out_too(tmp_path: Path) -> None:
    exam = mk.load("kormedmcqa", split="test", origin="sample")
    derived = sample("medical_reasoning_kormedmcqa")
    leaked = [row["id"] for row in derived if row["family"] in set(exam["family"])]
    assert leaked
    assert all(row["year"] is None for row in derived), "no year tells them"
    recipe = {"name": "traces", "source": [{"name": "medical_reasoning_kormedmcqa"}]}
    result = mk.build(recipe, out=tmp_path / "made", origin="sample")
    dropped = {row["id"]: row["reason"] for row in written(result.path, "dropped")}
    assert all(dropped[row].startswith("held_out") for row in leaked)
    kept = written(result.path, "train")
    assert kept
    assert not {row["id"] for row in kept} & {*leaked, *dropped}


# -- 6. Expanding paraphrases before splitting


@pytest.mark.parametrize("seed", range(10))
def test_an_item_and_its_paraphrase_are_on_one_side(seed: int) -> None:
    both = sample("khmer_medical_qa", choices={"variant": "both"})
    assert len(set(both["family"])) < len(both), "the sample has paraphrases"
    parts = mk.split(both, {"train": 0.5, "validation": 0.5}, seed=seed, near=None)
    train, validation = (set(part["family"]) for part in parts.values())
    assert not train & validation


# -- 7. Catching every exception: a source that fails goes missing from the mix


@pytest.mark.slow
@pytest.mark.parametrize(
    "second", [{"name": "koalpaca", "path": "nowhere"}, {"name": "koalpaca", "path": "empty"}]
)
def test_a_source_that_fails_fails_the_mix(tmp_path: Path, second: dict[str, str]) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "recipe.toml").write_text(
        'name = "mix"\naccept = ["koalpaca"]\n[[source]]\nname = "kormedmcqa"\npath = "exam"\n'
        f'[[source]]\nname = "{second["name"]}"\npath = "{second["path"]}"\n', "utf-8"
    )  # fmt: skip
    (tmp_path / "exam").symlink_to(SAMPLES / "kormedmcqa")
    with pytest.raises(mk.errors.WrongFilesError) as caught:
        mk.build(tmp_path / "recipe.toml", out=tmp_path / "made", origin="sample")
    assert caught.value.source == second["name"]
    assert not (tmp_path / "made").exists()


def test_a_hub_that_fails_fails_the_load(hub) -> None:
    with pytest.raises(mk.errors.HubError) as caught:
        mk.load("kormedmcqa", split="train")
    assert caught.value.source == "kormedmcqa"


def test_one_part_that_fails_fails_all_parts(tmp_path: Path) -> None:
    folder(tmp_path, {"train.jsonl": jsonl(records()), "test.jsonl": b"{broken"})
    for split in (None, "all"):
        with pytest.raises(mk.errors.FormatError) as caught:
            mk.load(demo(), split=split, path=tmp_path)
        assert caught.value.part == "test"


# -- 8. Turning a missing answer into the first option

UNANSWERED = {
    "id": "d/1",
    "source": "d",
    "split": "train",
    "question": "Which?",
    "options": ["a", "b"],
}


@both_ways
def test_a_missing_key_is_an_error_or_withheld_by_declaration(tmp_path: Path, read: Read) -> None:
    rows = [{**row, "key": -1 if row["number"] == 2 else row["key"]} for row in records()]
    where = folder(tmp_path, {"train.jsonl": jsonl(rows)})
    with pytest.raises(mk.errors.AnswerError):
        read(demo(), path=where)
    columns = mk.normalizing.Columns(take={"question": "question"}, options=("a", "b"), index="key", first=1,
                         key=("number",), withheld=("-1",))  # fmt: skip
    row = read(demo(normalize=columns), path=where)[2]
    assert (row["answer_index"], row["answer"]) == (None, None)


def test_withheld_answers_of_an_exam_stay_null() -> None:
    rows = mk.load("medmcqa", split="test", origin="sample")
    assert set(rows["answer_index"]) == set(rows["answer"]) == {None}


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"openai/batch"}))
def test_no_record_answers_for_a_row_without_an_answer(kind: str) -> None:
    table = pa.Table.from_pylist([UNANSWERED], mk.schemas.QA)
    kernel = mk.record(kind, settings=SETTINGS.get(kind))
    if "prompt-only" in kind:  # there the answer is not part of the record
        assert kernel(table).num_rows == 1
        return
    with pytest.raises(mk.errors.FormattingError, match="null_key"):
        kernel(table)
    rows, report = mk.record(kind, settings=SETTINGS.get(kind), on_bad="drop").run(table)
    assert (rows.num_rows, report.by("code")) == (0, {"null_key": 1})


@pytest.mark.parametrize("reply", ["모르겠습니다.", "", "It depends.", "A 또는 B"])
def test_a_reply_without_an_answer_is_none(reply: str) -> None:
    assert mk.extract(reply, options=["a long one", "another"]).index is None


# -- 9. Writing one model's chat markup for another

MARKUP = {"gemma2": "<start_of_turn>", "gemma3": "<start_of_turn>", "medgemma": "<start_of_turn>",
          "llama3": "<|start_header_id|>", "llama3.1": "<|start_header_id|>",
          "llama3.2": "<|start_header_id|>", "qwen2.5": "<|im_start|>", "qwen3": "<|im_start|>",
          "smollm2": "<|im_start|>"}  # fmt: skip


@pytest.mark.parametrize("template", [template.name for template in mk.chat_templates()])
def test_each_model_gets_its_own_markup(template: str) -> None:
    said = mk.render([{"role": "user", "content": "Q"}], template=template,
                     variables={"date_string": "1 Jan 2030"})  # fmt: skip
    assert {mark for mark in MARKUP.values() if mark in said} == {MARKUP[template]}


@pytest.mark.parametrize("kind", KINDS)
def test_records_hold_no_markup_unless_told(kind: str) -> None:
    table = pa.Table.from_pylist([UNANSWERED | {"answer_index": 1, "answer": "b"}], mk.schemas.QA)
    (line,) = mk.json_lines(mk.record(kind, settings=SETTINGS.get(kind))(table))
    assert not [mark for mark in (*MARKUP.values(), "[INST]", "<bos>", "<s>") if mark in line]


@pytest.mark.parametrize(
    "mark", [*sorted(set(MARKUP.values())), "<|im_end|>", "<end_of_turn>", "[INST]", "</s>"]
)
@pytest.mark.parametrize("column", ["question", "context", "answer"])
def test_markup_inside_the_data_is_refused(mark: str, column: str) -> None:
    row = {"id": "d/1", "source": "d", "split": "train", "question": "Q", "answer": "A"}
    table = pa.Table.from_pylist([row | {column: f"before {mark} after"}], mk.schemas.QA)
    with pytest.raises(mk.errors.FormattingError, match="special_literal"):
        mk.record("trl/prompt-completion")(table)


# -- 10. Writing down schemas nobody has seen (further: test_sources.py)


def test_a_subject_that_does_not_exist_is_no_empty_set() -> None:
    with pytest.raises(mk.errors.UnknownPartError, match="no subset 'Anatomy'") as caught:
        mk.load("kmmlu_medical", subset="Anatomy", split="test")
    assert "Health" in caught.value.expected


@both_ways
def test_letters_where_numbers_are_declared_are_read_as_their_options(
    tmp_path: Path, read: Read
) -> None:
    letters = [{**row, "key": "AB"[row["key"] - 1]} for row in records()]
    ways = [read(demo(), path=folder(tmp_path / name, {"train.jsonl": jsonl(rows)}))
            for name, rows in (("numbers", records()), ("letters", letters))]  # fmt: skip
    assert list(ways[0]) == list(ways[1])


@pytest.mark.parametrize("source", mk.sources(), ids=lambda source: source.name)
def test_numbers_and_licences_are_marked_by_how_they_are_known(source: mk.Source) -> None:
    for part in source.parts:
        claimed = part.rows is not None and not part.exact
        line = f"{part.name}: " + ("rows unknown" if part.rows is None else f"{part.rows:,} rows")
        assert line + " (claimed)" * claimed in source.show()
    for claim in source.license:
        assert f"{claim.evidence}{'' if claim.credible else ' (not credible)'}" in source.show()


# -- 11. Lists of millions of rows, in which what the first row lacks is lost


@both_ways
def test_a_key_the_first_row_lacks_is_not_lost(tmp_path: Path, read: Read) -> None:
    rows = records(2000)
    for row in rows[:1500]:
        del row["year"]
    where = folder(tmp_path, {"train.jsonl": jsonl(rows)})
    data = read(demo(), path=where)
    assert [row["year"] for row in data] == [row.get("year") for row in rows]


SIZES: list[int] = []


def _noting(raw: pa.Table) -> pa.Table:
    SIZES.append(raw.num_rows)
    return COLUMNS(raw)


def test_no_batch_is_a_whole_large_file(tmp_path: Path) -> None:
    where = folder(tmp_path, {"train.jsonl": jsonl(records(25_000))})
    SIZES.clear()
    assert len(mk.load(demo(normalize=_noting), split="train", path=where)) == 25_000
    assert sum(SIZES) >= 25_000
    assert max(SIZES) <= 10_000


@pytest.mark.parametrize("kind", ["trl/messages", "trl/prompt-completion", "axolotl/chat"])
def test_what_only_later_rows_have_is_written(kind: str) -> None:
    row = {"id": "d/1", "source": "d", "split": "train", "question": "Q", "answer": "A"}
    rows = [row, row | {"id": "d/2", "rationale": "because"}]
    lines = list(mk.json_lines(mk.record(kind)(pa.Table.from_pylist(rows, mk.schemas.QA))))
    assert "because" not in lines[0]
    assert "because" in lines[1]


def test_rows_are_mapped_not_listed() -> None:
    data = sample("kormedmcqa")
    assert isinstance(data, datasets.Dataset)
    assert data.cache_files, "rows are read from disk"


# -- 12. Publishing one licence for a mixture


@pytest.mark.slow
def test_each_source_of_a_mixture_keeps_its_claims(tmp_path: Path) -> None:
    names = ["koalpaca", "khmer_medical_qa", "kormedmcqa"]
    result = mk.build({"name": "mix", "source": [{"name": name} for name in names], "accept": ["koalpaca"]},
                    out=tmp_path / "made", origin="sample")  # fmt: skip
    assert "license" not in result.manifest
    text = (result.path / "ATTRIBUTION.md").read_text("utf-8")
    for source, name in zip(result.manifest["sources"], names, strict=True):
        claims = [claim.license for claim in mk.source(name).license]
        assert [claim["license"] for claim in source["license_claims"]] == claims
        assert source["terms"]["commercial"] == mk.source(name).terms.commercial
        section = text.partition(f"## {mk.source(name).title}\n")[2].partition("\n## ")[0]
        assert all((claim or "no grant") in section for claim in claims)
        assert mk.source(name).citation in section
    rows = written(result.path, "train")
    assert {row["source"] for row in rows} == set(names), "each row says whose it is"


def test_rows_of_a_compilation_are_told_apart_by_their_licence() -> None:
    source = mk.source("medical_training_dataset")
    scopes = {claim.applies_to for claim in source.license}
    for row in sample(source.name):
        assert row["tags"] == ["source:some_new_source"] or set(row["tags"]) <= scopes
