"""AI-Hub 71762: nothing links a question to an answer, so pairing is a choice, and says so."""

from __future__ import annotations

import json
import pickle
import shutil
import zipfile
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from laws import examples
from medqa_kit.entries import aihub_healthcare_qa as module
from medqa_kit.loading.planner import SAMPLES

# The sample has answers without a question; tests of how that is told say so themselves.
pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.LeftOutWarning")

NAME = "aihub_healthcare_qa"
SAMPLE = SAMPLES / NAME


def load(**options: Any) -> list[dict[str, Any]]:
    where = {} if "path" in options else {"origin": "sample"}
    return list(mk.load(NAME, **{"split": "train", **where, **options}))


def key(row: dict[str, Any]) -> str:
    return row["id"].rpartition("/")[2]


def numbers(row: dict[str, Any]) -> tuple[int, ...]:
    """The question's number, and the answer's if it has one."""
    return tuple(int(name.rpartition("-")[2]) for name in key(row).split("+"))


def put(root: Path, kind: str, name: str, *, disease: str = "감기", intention: str = "원인",
        folder: str = "", split: str = "Training", labels: str = "02.라벨링데이터",
        bom: bool = False, **content: Any) -> Path:  # fmt: skip
    file = root / "1.데이터" / split / labels / kind / "호흡기" / disease
    file = file / (folder or intention.replace("/", "")) / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    head = {"fileName": name, "disease_category": "호흡기", "intention": intention,
            "disease_name": {"kor": disease, "eng": "Cold"}}  # fmt: skip
    text = json.dumps(head | content, ensure_ascii=False)
    file.write_text(text, encoding="utf-8-sig" if bom else "utf-8")
    return file


def ask(root: Path, number: int, **options: Any) -> Path:
    return put(root, "1.질문", f"HC-Q-{number}", **{"question": f"질문 {number}?"} | options)


def reply(root: Path, number: int, **options: Any) -> Path:
    return put(root, "2.답변", f"HC-A-{number}", **{"answer": {"intro": f"답 {number}"}} | options)


# No pairing.


def test_by_default_questions_have_no_answer(hub) -> None:
    rows = load()
    assert len(rows) == 7
    assert rows == load(choices={"pairing": "none"})
    assert {row["answer"] for row in rows} == {None}
    assert {row["family"] for row in rows} == {None}
    assert not any("pair" in tag for row in rows for tag in row["tags"])


def test_answers_alone_are_texts_by_name(hub) -> None:
    assert mk.load(NAME, origin="sample")["train"].column_names == mk.schemas.QA.names
    rows = load(subset="answers")
    assert len(rows) == 6
    assert rows[0]["title"] == "근시"
    assert load(subset="answers", choices={"pairing": "cross"}) == rows, (
        "they are not paired with anything"
    )


def test_tags_are_upstreams_words(hub) -> None:
    assert load()[0]["tags"] == ["category:소화기질환", "disease:위염", "intention:식이/생활"]


def test_any_intention_is_taken(hub, tmp_path: Path) -> None:
    ask(tmp_path, 1, intention="처음 보는 의도")
    assert load(path=tmp_path)[0]["tags"][-1] == "intention:처음 보는 의도"


# Pairing.


def test_one_to_one_goes_by_the_order_of_file_names(hub) -> None:
    rows = load(choices={"pairing": "one_to_one"})
    assert sorted(map(numbers, rows)) == [(1, 1), (2, 2), (3,), (4, 3), (5, 5), (6,), (7,)]
    tags = {numbers(row)[0]: row["tags"][-1] for row in rows}
    assert Counter(tags.values()) == {"pairing:one_to_one": 4, "unpaired": 3}
    assert {row["answer"] is None for row in rows if row["tags"][-1] == "unpaired"} == {True}
    assert {row["family"] for row in rows} == {None}


def test_cross_puts_each_answer_to_each_question_of_the_cell(hub) -> None:
    rows = load(choices={"pairing": "cross"})
    assert sorted(map(numbers, rows)) == [
        (1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2), (4, 3), (4, 4), (5, 5), (6, 5), (7,),
    ]  # fmt: skip
    assert {row["tags"][-1] for row in rows if row["answer"]} == {"pairing:cross"}


def test_rows_of_a_cell_that_share_texts_are_one_family(hub) -> None:
    families = {numbers(row)[0]: row["family"] for row in load(choices={"pairing": "cross"})}
    assert families[1] == families[2] == families[3]
    assert families[5] == families[6]
    assert len(set(families.values())) == 4


def test_answers_are_those_of_the_answers_subset(hub) -> None:
    said = {key(row): row["text"] for row in load(subset="answers")}
    asked = {key(row): row["question"] for row in load()}
    for pairing in ("cross", "one_to_one"):
        for row in load(choices={"pairing": pairing}):
            question, _, answer = key(row).partition("+")
            assert row["question"] == asked[question]
            assert row["answer"] == said.get(answer)


def test_no_question_is_lost_whatever_the_pairing(hub) -> None:
    for split, count in (("train", 7), ("validation", 2)):
        for pairing in ("none", "cross", "one_to_one"):
            rows = load(split=split, choices={"pairing": pairing})
            assert len({numbers(row)[0] for row in rows}) == count


def test_answers_without_a_question_make_no_pair(hub, tmp_path: Path) -> None:
    ask(tmp_path, 1)
    reply(tmp_path, 1)
    reply(tmp_path, 2)
    reply(tmp_path, 3, intention="예방")
    assert [numbers(row) for row in load(path=tmp_path, choices={"pairing": "one_to_one"})] == [
        (1, 1)
    ]
    assert [numbers(row) for row in load(path=tmp_path, choices={"pairing": "cross"})] == [
        (1, 1),
        (1, 2),
    ]
    assert len(load(path=tmp_path, subset="answers")) == 3, "here they are"


def few_questions(root: Path) -> Path:
    """One question and four answers, two of them in its cell."""
    ask(root, 1)
    for number, intention in enumerate(("원인", "원인", "예방", "예방"), 1):
        reply(root, number, intention=intention)
    return root


COUNTED = pytest.mark.parametrize(("pairing", "count"), [("one_to_one", 3), ("cross", 2)])
TOLD = "part questions/train: in no row are {} answer_without_question"


@COUNTED
@pytest.mark.parametrize("streaming", [False, True])
def test_answers_without_a_question_are_counted(
    hub, tmp_path: Path, pairing: str, count: int, streaming: bool
) -> None:
    few_questions(tmp_path)
    for _ in range(2):  # from the cache as well
        with pytest.warns(mk.errors.LeftOutWarning, match=TOLD.format(count)):
            load(path=tmp_path, choices={"pairing": pairing}, streaming=streaming)


@COUNTED
def test_counts_of_all_batches_are_added_up(
    hub, tmp_path: Path, monkeypatch, pairing: str, count: int
) -> None:
    monkeypatch.setattr("medqa_kit.loading.readers.cells._MOST_OBJECTS", 1)
    with pytest.warns(mk.errors.LeftOutWarning, match=TOLD.format(count)):
        load(path=few_questions(tmp_path), choices={"pairing": pairing})


@pytest.mark.filterwarnings("error::medqa_kit.errors.LeftOutWarning")
def test_nothing_is_told_where_nothing_is_left_out(hub, tmp_path: Path) -> None:
    few_questions(tmp_path)
    assert len(load(path=tmp_path)) == 1, "no pairing was asked for"
    assert len(load(path=tmp_path, subset="answers", choices={"pairing": "cross"})) == 4
    for number in (2, 3):
        ask(tmp_path, number, intention="예방" if number == 3 else "원인")
    assert len(load(path=tmp_path, choices={"pairing": "cross"})) == 6, "each answer has a question"


def test_cells_set_aside_are_not_counted_twice(hub, tmp_path: Path) -> None:
    few_questions(tmp_path)
    ask(tmp_path, 2, question=" ", intention="예방")
    with (
        pytest.warns(mk.errors.DroppedRowsWarning, match="1 of 2 rows"),
        pytest.warns(mk.errors.LeftOutWarning, match=TOLD.format(1)),
    ):
        load(path=tmp_path, choices={"pairing": "one_to_one"}, on_bad="drop")


def test_the_raw_view_leaves_out_only_cells_without_a_question(hub, tmp_path: Path) -> None:
    few_questions(tmp_path)
    with pytest.warns(mk.errors.LeftOutWarning, match=TOLD.format(2)):
        (cell,) = load(path=tmp_path, choices={"pairing": "one_to_one"}, view="raw")
    assert [answer["fileName"] for answer in cell["answers"]] == ["HC-A-1", "HC-A-2"]


def test_without_any_question_the_error_counts_the_answers(hub, tmp_path: Path) -> None:
    reply(tmp_path, 1)
    with pytest.raises(mk.errors.EmptyDataError, match="1 answer_without_question"):
        load(path=tmp_path, choices={"pairing": "cross"})


@pytest.mark.slow
def test_a_build_counts_them_in_its_manifest(hub, tmp_path: Path) -> None:
    recipe = {"name": "pairs", "accept": [NAME], "source": [
        {"name": NAME, "choices": {"pairing": "one_to_one"}, "path": str(few_questions(tmp_path / "data"))}
    ]}  # fmt: skip
    manifest = mk.build(recipe, out=tmp_path / "made").manifest
    counted = {"answer_without_question": 3}
    assert manifest["sources"][0]["left_out"] == manifest["totals"]["left_out"] == counted
    assert any(NAME in note and "3 of what upstream has" in note for note in manifest["notes"])


def test_nothing_is_unaccounted_for(hub) -> None:
    given = {key(row) for row in load(subset="answers")}
    for pairing in ("cross", "one_to_one"):
        with pytest.warns(mk.errors.LeftOutWarning) as warnings:
            rows = load(choices={"pairing": pairing})
        used = {key(row).partition("+")[2] for row in rows} - {""}
        (message,) = [str(warning.message) for warning in warnings]
        assert f"are {len(given - used)} answer_without_question" in message


def test_pairs_do_not_depend_on_how_the_files_are_packed(hub, tmp_path: Path) -> None:
    unpacked = tmp_path / "tree"
    shutil.copytree(SAMPLE, unpacked)
    for archive in unpacked.rglob("*.zip"):
        _unpack(archive)
    assert not list(unpacked.rglob("*.zip"))
    for pairing in ("none", "cross", "one_to_one"):
        for split in ("train", "validation"):
            from_zips = load(path=SAMPLE, choices={"pairing": pairing}, split=split)
            assert load(path=unpacked, choices={"pairing": pairing}, split=split) == from_zips


def _unpack(archive: Path) -> None:
    with zipfile.ZipFile(archive) as members:
        for info in members.infolist():
            said_utf8 = info.flag_bits & 0x800
            name = info.filename if said_utf8 else info.filename.encode("cp437").decode("cp949")
            assert archive.stem != "TL" or not said_utf8, "the sample packs names in CP949"
            file = archive.with_suffix("") / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(members.read(info))
    archive.unlink()


def test_the_order_of_file_names_holds_across_archives(hub, tmp_path: Path) -> None:
    for number in (1, 2):
        ask(tmp_path, number)
    labels = tmp_path / "1.데이터/Training/02.라벨링데이터"
    for archive, number in (("TL_1", 2), ("TL_2", 1)):
        reply(tmp_path, number)
        shutil.make_archive(str(labels / archive), "zip", labels, "2.답변")
        shutil.rmtree(labels / "2.답변")
    assert list(map(numbers, load(path=tmp_path, choices={"pairing": "one_to_one"}))) == [
        (1, 1),
        (2, 2),
    ]


def test_a_cell_too_large_to_cross_is_an_error_or_set_aside(
    hub, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(module, "MOST_PAIRS", 3)
    for number in range(4):
        ask(tmp_path, number)
        ask(tmp_path, 10 + number, intention="예방")
    reply(tmp_path, 0)
    reply(tmp_path, 9, intention="예방/관리", folder="예방")
    ask(tmp_path, 20, intention="치료")
    for file in tmp_path.rglob("HC-Q-1?.json"):
        file.write_text(file.read_text("utf-8").replace("예방", "예방/관리"), "utf-8")
    with pytest.raises(mk.errors.RowError, match="too many") as error:
        load(path=tmp_path, choices={"pairing": "cross"})
    assert "3 pairs" in error.value.expected
    assert error.value.found == "4 pairs"
    assert 'choices={"pairing": "one_to_one"}' in error.value.hint
    with pytest.warns(mk.errors.DroppedRowsWarning, match="2 of 3 rows"):
        rows = load(path=tmp_path, choices={"pairing": "cross"}, on_bad="drop")
    assert list(map(numbers, rows)) == [(20,)]
    assert len(load(path=tmp_path, choices={"pairing": "one_to_one"})) == 9, "without such a limit"


def test_the_limit_keeps_the_largest_cell_out_of_memory() -> None:
    questions = [
        {"fileName": f"HC-Q-{i}", "question": "?", "intention": "원인"} for i in range(13673)
    ]
    answers = [{"fileName": f"HC-A-{i}", "intention": "원인"} for i in range(8)]
    raw = pa.Table.from_pylist(
        [{"cell": "c", "questions": questions, "answers": answers}], schema=module.PAIRED
    )
    with pytest.raises(mk.errors.RowError, match="too many") as error:
        module.pairs(raw, pairing="cross")
    assert error.value.found == "109,384 pairs"
    assert module.pairs(raw, pairing="one_to_one").num_rows == 13673


@pytest.mark.parametrize("what", [{"disease": "독감"}, {"intention": "진단"}])
def test_files_of_a_folder_that_disagree_are_no_cell(
    hub, tmp_path: Path, what: dict[str, str]
) -> None:
    ask(tmp_path, 1)
    elsewhere = reply(tmp_path / "other", 1, **what)
    shutil.copy(elsewhere, reply(tmp_path, 1))
    ask(tmp_path, 2, intention="예방")
    shutil.rmtree(tmp_path / "other")
    with pytest.raises(mk.errors.RowError, match="several diseases or intentions") as error:
        load(path=tmp_path, choices={"pairing": "one_to_one"})
    assert error.value.file == "감기/원인"
    with pytest.warns(mk.errors.DroppedRowsWarning, match="1 of 2 rows"):
        rows = load(path=tmp_path, choices={"pairing": "one_to_one"}, on_bad="drop")
    assert list(map(numbers, rows)) == [(2,)]
    assert len(load(path=tmp_path)) == 2, "without a pairing it does not matter"


def test_what_is_set_aside_with_a_pairing_is_the_cell(hub, tmp_path: Path) -> None:
    ask(tmp_path, 1, question=" ")
    ask(tmp_path, 2)
    for number, intention in ((3, "예방"), (4, "예방"), (5, "치료")):
        ask(tmp_path, number, intention=intention)
    with pytest.raises(mk.errors.NullValueError):
        load(path=tmp_path, choices={"pairing": "cross"})
    with pytest.warns(mk.errors.DroppedRowsWarning, match="1 of 3 rows"):
        rows = load(path=tmp_path, choices={"pairing": "cross"}, on_bad="drop")
    assert list(map(numbers, rows)) == [(3,), (4,), (5,)]
    with pytest.warns(mk.errors.DroppedRowsWarning, match="1 of 5 rows"):
        assert len(load(path=tmp_path, on_bad="drop")) == 4


# Files.


def test_an_intention_may_hold_a_slash_its_folder_lacks(hub, tmp_path: Path) -> None:
    assert (
        "intention:식이/생활" in load(choices={"pairing": "cross"})[0]["tags"] + load()[0]["tags"]
    )
    ask(tmp_path, 1, intention="식이/생활")
    reply(tmp_path, 1, intention="식이생활", folder="식이생활")
    assert [numbers(row) for row in load(path=tmp_path, choices={"pairing": "one_to_one"})] == [
        (1, 1)
    ]


def test_sections_are_joined_and_blank_ones_left_out(hub, tmp_path: Path) -> None:
    texts = {key(row): row["text"] for row in load(subset="answers")}
    assert (
        texts["HC-A-0000001"]
        == "위염에는 부드러운 음식이 좋다.\n조금씩 자주 먹는다.\n심하면 진료를 받는다."
    )
    assert texts["HC-A-0000002"] == "자극적인 음식을 줄인다."
    assert texts["HC-A-0000004"] == "원인은 여럿이다.\n의사와 상의한다."
    reply(tmp_path, 1, answer={"intro": " 앞", "body": "", "conclusion": "뒤\n"})
    assert load(path=tmp_path, subset="answers")[0]["text"] == " 앞\n뒤\n", "no text is edited"


def test_an_answer_may_be_flattened_to_a_text(hub, tmp_path: Path) -> None:
    texts = {key(row): row["text"] for row in load(subset="answers")}
    assert texts["HC-A-0000003"] == "여러 원인이 있다."
    ask(tmp_path, 1)
    reply(tmp_path, 1, answer="한 줄")
    assert load(path=tmp_path, choices={"pairing": "cross"})[0]["answer"] == "한 줄"
    assert load(path=tmp_path, subset="answers", view="raw")[0]["answer"]["body"] == "한 줄"


@pytest.mark.parametrize("answer", [{"intro": " ", "body": None}, "", None])
def test_a_blank_answer_is_none(hub, tmp_path: Path, answer: Any) -> None:
    ask(tmp_path, 1)
    reply(tmp_path, 1, answer=answer)
    assert load(path=tmp_path, choices={"pairing": "one_to_one"})[0]["answer"] is None
    with pytest.raises(mk.errors.NullValueError, match="missing"):
        load(path=tmp_path, subset="answers")


@pytest.mark.parametrize("marked", [(True, False), (False, True), (True, True)])
@pytest.mark.parametrize("pairing", ["none", "one_to_one"])
def test_a_byte_order_mark_may_begin_a_file(
    hub, tmp_path: Path, pairing: str, marked: tuple[bool, bool]
) -> None:
    for number, bom in enumerate(marked):
        ask(tmp_path, number, bom=bom)
    assert len(load(path=tmp_path, choices={"pairing": pairing})) == 2


def test_what_is_not_documented_is_passed_over(hub, tmp_path: Path) -> None:
    ask(tmp_path, 1, participantsInfo={"age": 30}, entities=[{"x": [1]}], num_of_words="세")
    ask(tmp_path, 2, participantsInfo={"age": "30대"}, entities=[], num_of_words=3)
    assert len(load(path=tmp_path)) == 2


@pytest.mark.parametrize("packed", [False, True])
def test_source_data_is_not_read(hub, tmp_path: Path, packed: bool) -> None:
    ask(tmp_path, 1)
    ask(tmp_path, 2, labels="01.원천데이터")
    for folder in (tmp_path / "1.데이터/Training").iterdir() if packed else ():
        shutil.make_archive(str(folder / "T"), "zip", folder, "1.질문")
        shutil.rmtree(folder / "1.질문")
    assert [key(row) for row in load(path=tmp_path)] == ["HC-Q-1"]
    assert [key(row) for row in load(path=tmp_path, choices={"pairing": "cross"})] == ["HC-Q-1"]


def test_training_and_validation_are_told_by_folder(hub, tmp_path: Path) -> None:
    ask(tmp_path, 1)
    ask(tmp_path, 2, split="Validation")
    for split, number in (("train", 1), ("validation", 2)):
        assert [numbers(row) for row in load(path=tmp_path, split=split)] == [(number,)]
    alone = tmp_path / "1.데이터" / "Training"
    assert [numbers(row) for row in load(path=alone, split="train")] == [(1,)]
    with pytest.raises(mk.errors.WrongFilesError, match="none of the part's files"):
        load(path=alone, split="validation")


def test_the_key_is_the_file_name_and_unique(hub, tmp_path: Path) -> None:
    ask(tmp_path, 1)
    shutil.copy(ask(tmp_path, 1, intention="예방"), tmp_path.joinpath("copy.json"))
    with pytest.raises(mk.errors.DuplicateIdError):
        load(path=tmp_path)


# The kernel.


SIZES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=6)


@settings(deadline=None, max_examples=examples(60))
@given(sizes=SIZES, cuts=st.lists(st.integers(0, 6), max_size=3), pairing=st.sampled_from(
    ["cross", "one_to_one"]))  # fmt: skip
def test_pairs_of_a_cell_do_not_depend_on_other_cells(
    sizes: list[tuple[int, int]], cuts: list[int], pairing: str
) -> None:
    raw = cells(sizes)
    whole = module.pairs(raw, pairing=pairing)
    bounds = sorted({0, len(sizes), *(cut for cut in cuts if cut < len(sizes))})
    pieces = [module.pairs(raw.slice(a, b - a), pairing=pairing).drop_columns("raw_row")
              for a, b in pairwise(bounds)]  # fmt: skip
    joined = [row for piece in pieces for row in piece.to_pylist()]
    assert joined == whole.drop_columns("raw_row").to_pylist()
    expected = [asked * max(given_, 1) if pairing == "cross" else asked for asked, given_ in sizes]
    counts = Counter(whole["raw_row"].to_pylist())
    assert [counts[cell] for cell in range(len(sizes))] == expected
    assert len(set(whole["id"].to_pylist())) == whole.num_rows


def cells(sizes: list[tuple[int, int]]) -> pa.Table:
    def entries(cell: int, kind: str, count: int, **content: Any) -> list[dict[str, Any]]:
        return [{"fileName": f"{kind}{cell}-{i}", "disease_category": "c", "intention": "i",
                 "disease_name": {"kor": f"d{cell}", "eng": None}, **content}
                for i in range(count)]  # fmt: skip

    return pa.Table.from_pylist(
        [{"cell": f"d{cell}/i", "questions": entries(cell, "Q", asked, question="?"),
          "answers": entries(cell, "A", given_, answer={"intro": "a", "body": None, "conclusion": "c"})}
         for cell, (asked, given_) in enumerate(sizes)],
        schema=module.PAIRED,
    )  # fmt: skip


@pytest.mark.parametrize("pairing", ["cross", "one_to_one"])
def test_the_paired_kernel_is_pure_and_pickles(pairing: str) -> None:
    source = mk.source(NAME)
    kernel = source.choices[0].apply(source.layout, pairing).normalize
    raw = cells([(2, 3), (1, 0), (0, 2)])
    before = raw.to_pylist()
    rows = kernel(raw)
    assert raw.to_pylist() == before
    assert pickle.loads(pickle.dumps(kernel))(raw).equals(rows)
    empty = kernel(raw.slice(0, 0))
    assert empty.schema.equals(rows.schema)


def test_streamed_pairs_are_the_same(hub) -> None:
    for pairing in ("cross", "one_to_one"):
        assert load(choices={"pairing": pairing}, streaming=True) == load(
            choices={"pairing": pairing}
        )


# The catalogue.


def test_it_says_how_to_get_it_and_what_is_arbitrary(hub) -> None:
    with pytest.raises(mk.errors.ManualDownloadError) as error:
        mk.load(NAME, split="train")
    steps = mk.source(NAME).how_to_get()
    assert steps in str(error.value).replace("Hint: ", "")
    for word in ("71762", "Korean nationals", "approval", "no redistribution", "1.데이터", "02.라벨링데이터",
                 "path="):  # fmt: skip
        assert word in steps
    choice = mk.source(NAME).choices[0]
    assert choice.values[0] == "none"
    assert "paired by cell, not by author" in choice.doc
    assert "which of its answers a question gets is arbitrary" in choice.doc
    assert "the same every time, and arbitrary" in " ".join(mk.source(NAME).quirks)
    assert mk.source(NAME).terms.redistribute == "no"
    with pytest.raises(mk.errors.UnknownPartError, match="best"):
        load(choices={"pairing": "best"})
