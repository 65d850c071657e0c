from __future__ import annotations

import pickle
from collections import Counter
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings

import medqa_kit as mk
from formatting_rows import CHOICE, ENGLISH, OPEN, qa, qa_tables
from laws import examples
from medqa_kit.errors import ArgumentError, DroppedRowsWarning, FormattingError
from medqa_kit.schemas import DIALOGUE, PREFERENCE, QA
from medqa_kit.training.dialogues import to_dialogue
from medqa_kit.training.open_questions import to_open
from medqa_kit.training.preferences import to_preference
from medqa_kit.training.records import record

pytestmark = pytest.mark.slow

WITHHELD = {"question": "Q", "options": ["a", "b"]}


def test_open_questions_have_the_option_as_answer_and_one_family_with_their_origin() -> None:
    rows = to_open()(qa(CHOICE, OPEN, ENGLISH | {"family": "f/1"})).to_pylist()
    assert [(r["id"], r["family"], r["answer"]) for r in rows] == [
        ("demo/0#open", "demo/0", "심전도"),
        ("demo/1", None, OPEN["answer"]),
        ("demo/2#open", "f/1", "C"),
    ]
    assert all(r["options"] is None and r["answer_index"] is None for r in rows)
    assert rows[0]["rationale"] == CHOICE["rationale"]


@pytest.mark.parametrize(
    "question",
    ["다음 중 옳은 것은?", "해당하지 않는 것은?", "Which of the following is true?",
     "All are causes EXCEPT:", "ខាងក្រោមនេះមួយណាត្រូវ?"],
)  # fmt: skip
def test_questions_that_need_their_options_are_tagged_or_dropped(question: str) -> None:
    table = qa(
        CHOICE, CHOICE | {"question": question, "tags": ["x"]}, OPEN | {"question": question}
    )
    tags = to_open()(table)["tags"].to_pylist()
    assert tags == [None, ["x", "asked_among_options"], None]
    with pytest.warns(DroppedRowsWarning, match="asked_among_options 1"):
        assert to_open(on_bad="drop")(table)["id"].to_pylist() == ["demo/0#open", "demo/2"]
    with pytest.raises(FormattingError, match="asked_among_options"):
        to_open(on_bad="raise")(table)


@pytest.mark.parametrize(
    "answer", ["위의 모두", "All of the above", "Both A and B", "①과 ②", "ទាំងអស់ខាងលើ"]
)
def test_answers_that_refer_to_other_options_are_tagged(answer: str) -> None:
    row = CHOICE | {"options": ["심전도", "뇌파", answer], "answer_index": 2, "answer": answer}
    wrong = CHOICE | {"options": ["심전도", "뇌파", answer]}
    tags = to_open()(qa(row, wrong))["tags"].to_pylist()
    assert tags == [["asked_among_options"], None]


def test_answers_that_carry_the_label_of_their_option_are_tagged() -> None:
    labeled = ["① 심전도", "② 뇌파", "③ 근전도"]
    row = CHOICE | {"options": labeled, "answer_index": 0, "answer": labeled[0]}
    amounts = CHOICE | {"options": ["1.5 mg", "2.5 mg"], "answer_index": 0, "answer": "1.5 mg"}
    assert to_open()(qa(row, amounts))["tags"].to_pylist() == [["asked_among_options"], None]


def test_a_withheld_answer_stays_withheld() -> None:
    assert to_open()(qa(WITHHELD))["answer"].to_pylist() == [None]


def test_preferences_reject_a_wrong_option() -> None:
    rows = to_preference(rejected="all")(qa(CHOICE)).to_pylist()
    assert [(r["id"], r["family"], r["chosen"], r["rejected"]) for r in rows] == [
        ("demo/0#b", "demo/0", "정답: A. 심전도", "정답: B. 뇌파"),
        ("demo/0#c", "demo/0", "정답: A. 심전도", "정답: C. 근전도"),
    ]
    assert rows[0]["prompt"].endswith("\nA. 심전도\nB. 뇌파\nC. 근전도")


def test_one_wrong_option_is_drawn_by_id_evenly() -> None:
    table = qa(*(ENGLISH for _ in range(600)))
    rows = to_preference()(table)
    drawn = Counter(row.rsplit("#")[1] for row in rows["id"].to_pylist())
    assert set(drawn) == {"a", "b", "d"}
    assert min(drawn.values()) > 150
    slice_rejected = to_preference()(table.slice(100, 50))["rejected"].to_pylist()
    assert slice_rejected == rows["rejected"].to_pylist()[100:150]


def test_an_option_that_repeats_the_answer_is_not_rejected() -> None:
    row = CHOICE | {"options": ["심전도", "심전도", "뇌파"]}
    assert to_preference(rejected="all")(qa(row))["rejected"].to_pylist() == ["정답: C. 뇌파"]


@pytest.mark.parametrize("row", [OPEN, WITHHELD, CHOICE | {"options": ["심전도"]}])
def test_rows_without_a_wrong_option_are_told_or_dropped_as_asked(row: dict[str, object]) -> None:
    with pytest.raises(FormattingError, match="'demo/1'"):
        to_preference()(qa(CHOICE, row))
    with pytest.warns(DroppedRowsWarning, match="'demo/1'"):
        assert to_preference(on_bad="drop")(qa(CHOICE, row)).num_rows == 1


def test_what_is_left_out_is_counted_with_its_reason() -> None:
    rows = [CHOICE, OPEN, WITHHELD, CHOICE | {"answer_index": 7}, CHOICE | {"options": ["심전도"]}]
    kernel = to_preference(on_bad="drop")
    records, report = kernel.run(qa(*rows))
    with pytest.warns(DroppedRowsWarning, match="drops 4 of 5 rows"):
        assert records.equals(kernel(qa(*rows)))
    assert (report.rows, report.dropped, records.num_rows) == (5, 4, 1)
    assert report.findings.select(["row", "id", "code"]).to_pylist() == [
        {"row": 1, "id": "demo/1", "code": "no_wrong_option"},
        {"row": 2, "id": "demo/2", "code": "null_key"},
        {"row": 3, "id": "demo/3", "code": "answer_outside_options"},
        {"row": 4, "id": "demo/4", "code": "no_wrong_option"},
    ]
    with pytest.raises(FormattingError, match="on_bad='drop'"):
        to_preference().run(qa(*rows))

    records, report = to_dialogue(on_bad="drop").run(qa(CHOICE, WITHHELD, {"answer": "x"}))
    assert records["id"].to_pylist() == ["demo/0"]
    assert report.by("code") == {"content_null": 1, "null_key": 1}

    among = CHOICE | {"question": "다음 중 옳은 것은?"}
    records, report = to_open(on_bad="drop").run(qa(CHOICE, among))
    assert (records["id"].to_pylist(), report.dropped) == (["demo/0#open"], 1)
    records, report = to_open().run(qa(CHOICE, among))
    assert (records.num_rows, report.dropped) == (2, 0)
    assert report.ids("asked_among_options") == ["demo/1"]


@pytest.mark.parametrize(
    ("row", "code"),
    [(CHOICE | {"options": ["심전도", None, "근전도"]}, "option_blank"),
     (CHOICE | {"options": [None, "뇌파", "근전도"]}, "option_blank"),
     (CHOICE | {"options": ["심전도", " "]}, "option_blank"),
     (CHOICE | {"question": None}, "content_null")],
)  # fmt: skip
def test_rows_with_a_hole_give_no_preference(row: dict[str, object], code: str) -> None:
    table = qa(CHOICE, CHOICE)
    holed = {
        name: [None if name == "id" else table[name][0].as_py()] for name in table.column_names
    }
    holed |= {name: [value] for name, value in row.items()} | {"id": ["demo/x"]}
    table = pa.concat_tables([table, pa.table(holed, schema=table.schema)])
    rows, report = to_preference(on_bad="drop").run(table)
    assert (rows.num_rows, report.by("code"), report.ids(code)) == (2, {code: 1}, ["demo/x"])
    with pytest.raises(FormattingError, match="'demo/x'"):
        to_preference()(table)


def test_positions_are_those_of_the_whole_data() -> None:
    table = pa.concat_tables([qa(*[CHOICE] * 20_000), qa(OPEN), qa(CHOICE)])
    rows, report = to_preference(on_bad="drop").run(table)
    assert report.findings["row"].to_pylist() == [20_000]
    assert rows.num_rows + report.dropped == table.num_rows


@given(qa_tables)
def test_counts_add_up(table: pa.Table) -> None:
    for kernel in (
        to_preference(on_bad="drop"),
        to_dialogue(on_bad="drop"),
        to_open(on_bad="drop"),
    ):
        rows, report = kernel.run(table)
        assert rows.equals(kernel.judge(table).rows)
        assert rows.num_rows + report.dropped == report.rows == table.num_rows


def test_more_options_than_letters_are_told() -> None:
    row = {"question": "Q", "options": [f"o{i}" for i in range(27)], "answer_index": 0}
    with pytest.raises(FormattingError, match="too_many_options"):
        to_preference()(qa(row))


def test_dialogues_hold_question_and_answer() -> None:
    rows = to_dialogue(system="S", reasoning="after")(qa(CHOICE, OPEN)).to_pylist()
    assert [m["role"] for m in rows[0]["messages"]] == ["system", "user", "assistant"]
    assert rows[0]["messages"][2]["content"].endswith("\n\n해설: " + CHOICE["rationale"])
    with pytest.raises(FormattingError, match="'demo/0'"):
        to_dialogue()(qa(WITHHELD))
    with pytest.warns(DroppedRowsWarning, match="null_key 1"):
        assert to_dialogue(on_bad="drop")(qa(WITHHELD, OPEN))["id"].to_pylist() == ["demo/1"]
    with pytest.raises(ArgumentError, match="nothing reads `reasoning_content`"):
        to_dialogue(reasoning="field")


def test_what_is_converted_can_be_trained_on() -> None:
    table = qa(CHOICE, ENGLISH)
    assert record("trl/preference")(to_preference()(table)).num_rows == 2
    assert record("trl/kto")(to_preference()(table)).num_rows == 4
    assert record("trl/messages")(to_dialogue()(table)).num_rows == 2
    assert record("trl/messages")(to_open()(table)).num_rows == 2


KERNELS = [
    (to_open(), QA), (to_open(on_bad="drop"), QA), (to_preference(on_bad="drop"), PREFERENCE),
    (to_preference(rejected="all", on_bad="drop", language=None), PREFERENCE),
    (to_dialogue(reasoning="think"), DIALOGUE),
]  # fmt: skip


@pytest.mark.parametrize(("kernel", "schema"), KERNELS)
@settings(max_examples=examples(25))
@given(first=qa_tables, second=qa_tables)
def test_kernels_conform_and_are_row_local(
    kernel: object, schema: pa.Schema, first: pa.Table, second: pa.Table
) -> None:
    judging = pickle.loads(pickle.dumps(kernel))

    def run(table: pa.Table) -> pa.Table:
        rows: pa.Table = judging.judge(table).rows
        return rows

    before = first.to_pylist()
    output = run(pa.concat_tables([first, second]))
    assert output.schema.equals(schema, check_metadata=True)
    assert output.equals(pa.concat_tables([run(first), run(second)]))
    assert first.to_pylist() == before
    assert run(first.slice(0, 0)).schema == schema


@given(qa_tables)
def test_no_text_changes(table: pa.Table) -> None:
    for old, new in zip(table.to_pylist(), to_open()(table).to_pylist(), strict=True):
        for column in ("question", "context", "answer", "rationale", "language"):
            assert new[column] == old[column]
    originals = {row["id"]: row for row in table.to_pylist()}
    pairs, _ = to_preference(rejected="all", on_bad="drop").run(table)
    for row in pairs.to_pylist():
        old = originals[row["id"].rsplit("#")[0]]
        place = "abcdef".index(row["id"].rsplit("#")[1])
        assert row["chosen"].endswith(f". {old['answer']}")
        assert row["rejected"].endswith(f". {old['options'][place]}")
        assert old["options"][place] != old["answer"]


@pytest.mark.parametrize(("stem", "among"), [
    ("맞는 것을 모두 고르시오.", True), ("<보기>의 검사 가운데 먼저 할 것은?", True), ("Which of these comes first?", True), ("Choose the best option.", True), ("Select one.", True), ("Which one is NOT a cause?", True), ("Select patients improve. Why?", False),
    ("Which statement holds?", True), ("តើចម្លើយណាត្រឹមត្រូវ?", True),
    ("이 환자의 진단은?", False), ("Which artery is blocked?", False), ("តើគាត់ឈឺអ្វី?", False),
])  # fmt: skip
def test_questions_that_ask_among_their_options_are_tagged(stem: str, among: bool) -> None:
    rows = to_open()(qa(CHOICE | {"question": stem}))
    assert rows["tags"].to_pylist() == [["asked_among_options"] if among else None]


@pytest.mark.parametrize("kernel", [mk.to_open(), mk.to_preference(), mk.to_dialogue()])
def test_rows_that_lack_columns_are_told_by_the_name_of_the_function(kernel: Any) -> None:
    rows = [{"id": "a", "question": "Which?", "options": ["x", "y"], "answer_index": 0}]
    for run in (kernel.run, lambda them: mk.apply(them, kernel)):
        with pytest.raises(mk.errors.SchemaError, match=f"as {kernel.verb} needs them"):
            run(rows)


def test_columns_that_hold_nothing_or_are_not_there_open_alike() -> None:
    row = {"id": "a", "source": "d", "split": "train", "question": "Which?", "options": ["x", "위의 모두"],
           "answer_index": 1, "answer": "위의 모두"}  # fmt: skip
    nothing = {"family": None, "tags": None, "rationale": None, "year": None}
    for rows in ([row], [row | nothing]):
        opened, report = to_open().run(rows)
        assert [(row["id"], row["family"], row["tags"]) for row in opened] == [
            ("a#open", "a", ["asked_among_options"])
        ]
        assert report.by("code") == {"asked_among_options": 1}
