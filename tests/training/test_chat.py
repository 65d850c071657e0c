from __future__ import annotations

import pickle
from dataclasses import replace

import datasets
import pyarrow as pa
import pytest
from hypothesis import given

from formatting_rows import CHOICE, ENGLISH, HARD_TEXTS, OPEN, qa, qa_tables
from medqa_kit.core.arrow.slices import slices
from medqa_kit.errors import ArgumentError, FormattingError
from medqa_kit.prompting.languages import KOREAN
from medqa_kit.training.records import record

RECORD = record("trl/prompt-completion", reasoning="none")


def said(table: pa.Table, **arguments: object) -> list[list[tuple[str, str | None]]]:
    chosen = {"reasoning": "none"} | arguments
    records = record("trl/messages", on_bad="keep", **chosen)(table)  # type: ignore[arg-type]
    return [[(m["role"], m["content"]) for m in row] for row in records["messages"].to_pylist()]


def test_choice_names_letter_and_text_behind_the_cue_of_the_rows_language() -> None:
    assert said(qa(CHOICE, OPEN, ENGLISH)) == [
        [
            ("user", "65세 남성의 흉통에 가장 먼저 할 검사는?\nA. 심전도\nB. 뇌파\nC. 근전도"),
            ("assistant", "정답: A. 심전도"),
        ],
        [("user", "សត្វមូស\n\nតើគ្រុនចាញ់ឆ្លងតាមអ្វី?"), ("assistant", "តាមមូសដែកគោល")],
        [
            ("user", "Which vitamin prevents scurvy?\nA. A\nB. B12\nC. C\nD. D"),
            ("assistant", "Answer: C. C"),
        ],
    ]


def test_words_come_from_the_packs_and_from_a_pack_of_ones_own() -> None:
    mine = replace(KOREAN, answer="답=", rationale="왜=")
    assert said(qa(CHOICE), language=mine, reasoning="after")[0][1][1] == (
        "답=A. 심전도\n\n왜=흉통에서는 심전도가 먼저다."
    )
    with pytest.raises(ArgumentError, match="language= takes"):
        said(qa(CHOICE), language="xx")


def test_system_reasoning_and_language_can_be_chosen() -> None:
    row = said(qa(CHOICE), language="en", system="SYS", reasoning="after")[0]
    assert row[0] == ("system", "SYS")
    assert row[2][1] == "Answer: A. 심전도\n\nExplanation: 흉통에서는 심전도가 먼저다."
    assert said(qa(CHOICE), language=None)[0][1] == ("assistant", "A. 심전도")


def test_prompt_and_completion_are_the_messages_cut_in_two() -> None:
    table = qa(CHOICE, OPEN)
    halved = record("trl/prompt-completion", system="SYS")(table)
    records = record("trl/messages", system="SYS")(table)
    for row in (a | b for a, b in zip(records.to_pylist(), halved.to_pylist(), strict=True)):
        whole = [{k: v for k, v in m.items() if v is not None} for m in row["messages"]]
        halves = [
            {k: v for k, v in m.items() if v is not None}
            for m in [*row["prompt"], *row["completion"]]
        ]
        assert whole == halves
    assert halved["completion"].to_pylist()[0][0]["reasoning_content"] == CHOICE["rationale"]


def test_a_missing_text_gives_a_null_content_and_no_other_text() -> None:
    table = qa(
        {"question": "Q", "options": ["a", "b"]},  # the answer is withheld
        {"question": "Q", "options": ["a", "b"], "answer_index": None, "answer": "a"},
        {"question": "Q"},
    )
    assert [row[1] for row in said(table)] == [("assistant", None)] * 3


def test_26_options_have_letters_and_27_are_refused() -> None:
    options = [f"o{i}" for i in range(27)]
    fine = qa({"question": "Q", "options": options[:26], "answer_index": 25, "answer": "o25"})
    assert said(fine)[0][1] == ("assistant", "정답: Z. o25")
    with pytest.raises(FormattingError, match="more than 26 options") as caught:
        said(qa(CHOICE, {"question": "Q", "options": options, "answer_index": 0}))
    assert "demo/1" in str(caught.value)
    assert "Hint:" in str(caught.value)


@pytest.mark.parametrize("index", [-1, 3])
def test_an_answer_outside_the_options_is_refused(index: int) -> None:
    with pytest.raises(FormattingError, match="outside the options"):
        said(qa(CHOICE | {"answer_index": index}))


def test_two_megabytes_of_text_stay_whole() -> None:
    long = "가나다 " * 300_000
    table = qa(CHOICE | {"question": long}, ENGLISH)
    assert said(table)[0][0][1] == long + "\nA. 심전도\nB. 뇌파\nC. 근전도"


def test_pieces_hold_every_row_once_and_stay_small() -> None:
    table = pa.table({"n": range(200_000)})
    pieces = [piece for _, piece in slices(table)]
    assert pa.concat_tables(pieces).equals(table)
    assert max(piece.num_rows for piece in pieces) <= 16_384


def unless_blank(text: str | None) -> str:
    """A text, or nothing where it is blank: such contexts and rationales are left out."""
    return text if text and text.strip() else ""


@given(qa_tables)
def test_no_text_of_the_data_changes(table: pa.Table) -> None:
    for row, turns in zip(table.to_pylist(), said(table, reasoning="after"), strict=True):
        asked, replied = turns[0][1], turns[1][1]
        assert asked is not None
        assert replied is not None
        assert row["question"] in asked
        assert unless_blank(row["context"]) in asked
        for option in row["options"] or []:
            assert f"\n{'ABCDEF'[row['options'].index(option)]}. {option}" in asked
        assert row["answer"] in replied
        assert unless_blank(row["rationale"]) in replied


@given(qa_tables, qa_tables)
@pytest.mark.slow
def test_batches_do_not_matter(first: pa.Table, second: pa.Table) -> None:
    kernel = pickle.loads(
        pickle.dumps(record("trl/messages", system="S", reasoning="think", on_bad="keep"))
    )
    whole = kernel(pa.concat_tables([first, second]))
    assert whole.equals(pa.concat_tables([kernel(first), kernel(second)]))
    assert whole.schema == kernel(first.slice(0, 0)).schema


def test_it_runs_in_datasets_map() -> None:
    data = datasets.Dataset(qa(CHOICE, OPEN, ENGLISH)).with_format("arrow")
    rows = data.map(RECORD, batched=True, batch_size=2, remove_columns=data.column_names)
    assert rows.with_format(None)[2]["completion"] == [
        {"role": "assistant", "content": "Answer: C. C"}
    ]


@pytest.mark.parametrize("text", HARD_TEXTS)
def test_hard_texts_come_out_as_they_went_in(text: str) -> None:
    assert said(qa({"question": text, "answer": text}))[0] == [("user", text), ("assistant", text)]


def test_a_language_is_its_tag_and_not_its_first_letters() -> None:
    rows = [CHOICE | {"language": tag} for tag in ("ko-KR", "kok", "km", "fr", None)]
    assert [row[1][1] for row in said(qa(*rows))] == [
        "정답: A. 심전도", "A. 심전도", "ចម្លើយ: A. 심전도", "A. 심전도", "A. 심전도"
    ]  # fmt: skip
