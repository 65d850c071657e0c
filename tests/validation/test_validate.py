"""What is wrong with a training set is found, and what is right is left alone."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import datasets
import pandas
import polars
import pyarrow as pa
import pytest

import medqa_kit as mk
from medqa_kit.errors import ArgumentError, FormattingError, MedQAError
from medqa_kit.validation.row_checks import ROW_CHECKS
from medqa_kit.validation.text_checks import TEXT_CHECKS
from medqa_kit.validation.validating import CHECKS
from mutations import ROW_MUTATIONS, clean_rows, qa_table


@pytest.mark.parametrize("code", ROW_MUTATIONS)
def test_a_fault_is_found_in_nearly_every_row_that_has_it(code: str) -> None:
    clean = clean_rows(30)
    for mutate in ROW_MUTATIONS[code]:
        report = mk.validate(qa_table([mutate(row) for row in clean]), checks=[code])
        assert len(set(report.findings["row"].to_pylist())) >= 0.99 * len(clean), report.by("code")


@pytest.mark.slow
def test_rows_without_faults_raise_few_alarms() -> None:
    report = mk.validate(qa_table(clean_rows(900)))
    serious = {line["row"] for line in report.findings.to_pylist() if line["severity"] != "note"}
    assert len(serious) <= 9, report.by("code")
    assert report.kept == 900


def test_every_code_is_one_of_a_table() -> None:
    assert set(TEXT_CHECKS) | set(ROW_CHECKS) <= set(CHECKS)
    assert not set(TEXT_CHECKS) & set(ROW_CHECKS)


_ROWS = pa.table(
    {
        "id": ["a", "b", "a"],
        "question": ["왜?", "N/A", "why?"],
        "answer": ["그래서", "답", "As an AI, no"],
    }
)
_WRAPS = [lambda t: t, datasets.Dataset, lambda t: datasets.Dataset(t).select([0, 1, 2]).shuffle(seed=0),
          lambda t: datasets.Dataset(t).to_iterable_dataset(), lambda t: t.to_pandas(), lambda t: t.to_pylist(),
          lambda t: pa.concat_tables([t.slice(0, 1), t.slice(1)])]  # fmt: skip


@pytest.mark.parametrize("wrap", _WRAPS)
def test_every_container_has_the_same_findings(wrap: Callable[[pa.Table], object]) -> None:
    report = mk.validate(wrap(_ROWS))
    assert report.rows == report.kept == 3
    assert sorted(report.findings["code"].to_pylist()) == ["duplicate_id", "placeholder", "refusal"]
    assert report.counts["errors"] == 2
    assert report.counts["warnings"] == 1


def test_messages_are_checked_and_only_the_assistant_can_refuse() -> None:
    talk = [
        {"role": "user", "content": "As an AI, what are you?"},
        {"role": "assistant", "content": "I'm sorry, but I can't say."},
    ]
    rows = pa.table(
        {
            "id": ["a", "b"],
            "messages": [talk, [talk[0], {"role": "assistant", "content": "A model."}]],
        }
    )
    findings = mk.validate(rows).findings.select(["id", "code", "column"]).to_pylist()
    assert findings == [{"id": "a", "code": "refusal", "column": "messages"}]


def test_tags_of_tokens_are_checked() -> None:
    rows = pa.table(
        {
            "id": ["a", "b", "c"],
            "tokens": [["기침", "열"]] * 3,
            "tags": [["B-DS", "I-DS"], ["O", "I-DS"], ["O", "O"]],
        }
    )
    assert mk.validate(rows).findings.select(["id", "code"]).to_pylist() == [
        {"id": "b", "code": "bio_orphan"}
    ]
    assert mk.validate(rows.set_column(2, "tags", pa.array([["O"]] * 3))).by("code") == {
        "tags_and_tokens": 3
    }


def test_lengths_and_places_of_answers_are_counted_over_all_batches() -> None:
    counts = mk.validate(
        qa_table([{**row, "rationale": "가" * 1600} for row in clean_rows(300)]),
        checks=["text_blank"],
    ).counts
    assert counts["texts_over_1500"] == 300
    assert counts["characters_max"] == 1600
    assert sum(counts[f"answer_{place}"] for place in range(5)) == 300


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(ArgumentError, match="mojibake"):
        mk.validate(_ROWS, checks=["mojibak"])
    with pytest.raises(ArgumentError):
        mk.validate(3)
    with pytest.raises(FormattingError, match="questions"):
        mk.validate(_ROWS, columns=["questions"])


def test_each_check_tells_what_it_looked_at_and_what_failed() -> None:
    rows = [{"id": "a", "question": "N/A", "answer": None}, {"id": "b", "question": "TODO", "answer": "N/A"},
            {"id": "c", "question": "왜?", "answer": "그래서"}, {"id": "d", "question": None, "answer": None}]  # fmt: skip
    tables = [pa.Table.from_pylist(rows), datasets.Dataset.from_list(rows).to_iterable_dataset()]
    for table in tables:
        checks = {line["code"]: line for line in mk.validate(table).checks.to_pylist()}
        assert checks["placeholder"] == {
            "code": "placeholder", "severity": "error", "tested": 3, "failed": 2, "examples": ["a", "b"],
            "meaning": TEXT_CHECKS["placeholder"].meaning,
        }  # fmt: skip
        assert (checks["refusal"]["tested"], checks["refusal"]["failed"]) == (2, 0)
        assert (checks["null_key"]["tested"], checks["null_key"]["failed"]) == (4, 2)
        assert checks["duplicate_id"]["tested"] == 4
        assert "duplicate_option" not in checks  # there are no options
        assert not {line["code"] for line in checks.values()} - {*CHECKS}


@pytest.mark.parametrize("kind", [pa.list_, pa.large_list])
def test_lists_of_every_kind_are_checked(kind: Callable[..., pa.DataType]) -> None:
    words = kind(pa.large_string() if kind is pa.large_list else pa.string())
    rows = pa.table({
        "question": ["왜?", "언제?"], "answer": ["가", "가"], "answer_index": [0, 0],
        "options": pa.array([["가", "가"], ["가", "위의 모두"]], words),
        "tokens": pa.array([["열", "기침"], ["열"]], words), "tags": pa.array([["O", "I-DS"], ["O", "O"]], words),
    })  # fmt: skip
    codes = mk.validate(rows).by("code")
    for code in (
        "duplicate_option",
        "duplicate_gold",
        "anchor_option",
        "bio_orphan",
        "tags_and_tokens",
    ):
        assert codes[code] == 1


def test_languages_are_told_by_their_first_part() -> None:
    rows = pa.table(
        {"question": ["Why does it hurt?"] * 4, "language": ["km-KH", "ko_KR", "KO", "en"]}
    )
    assert mk.validate(rows, checks=["wrong_script"]).findings["row"].to_pylist() == [0, 1, 2]


def test_a_row_in_another_of_the_three_languages_is_told() -> None:
    texts = ["물을 충분히 드십시오.", "សូមសម្រាកឱ្យបានគ្រប់គ្រាន់។", "Drink enough water."]
    rows = [
        {"answer": text, "context": text, "language": language}
        for language in ("ko", "km", "en")
        for text in texts
    ]
    findings = mk.validate(rows, checks=["wrong_script"]).findings.to_pylist()
    assert [f["row"] for f in findings if f["column"] == "answer"] == [1, 2, 3, 5, 6, 7]
    # A question in English may be about a text that is not.
    assert [f["row"] for f in findings if f["column"] == "context"] == [1, 2, 3, 5]


def test_an_answer_that_was_chosen_is_no_sentence() -> None:
    """Rows of the schema of questions have options, which are null where answers are open."""
    answers = [
        "INR",
        "The INR is used, because the",
        "None",
        "INR",
        "The INR is used, because the",
        "None",
    ]
    options = [[answer, "혈당"] for answer in answers[:3]] + [None, None, []]
    rows = pa.table({"question": ["와파린의 효과를 감시하는 지표는?"] * 6, "options": pa.array(options, pa.list_(pa.string())),
                     "answer": answers, "language": ["ko"] * 6})  # fmt: skip
    checks = ["wrong_script", "truncated", "placeholder"]
    findings = mk.validate(rows, checks=checks).findings
    assert set(zip(findings["row"].to_pylist(), findings["code"].to_pylist(), strict=True)) == {
        (4, "wrong_script"), (4, "truncated"), (5, "placeholder"),
    }  # fmt: skip


def test_names_and_figures_are_of_no_language() -> None:
    contexts = [
        "MCV 112 fL, Hb 9.1 g/dL",
        "Methotrexate",
        "CT angiography",
        "Which drug is first-line?",
        "患者应该立即就医",
        "WHO",
    ]
    rows = pa.table({"context": contexts, "language": ["ko"] * 6})
    assert mk.validate(rows, checks=["wrong_script"]).findings["row"].to_pylist() == [3, 4]


def test_tags_labels_and_addresses_of_pages_are_no_texts() -> None:
    rows = pa.table(
        {"text": ["왜?"], "tags": [["N/A"]], "label": ["TODO"], "url": ["-"], "domain": ["N/A"]}
    )
    assert mk.validate(rows).by("code") == {}
    assert mk.validate(rows, columns=["label"]).by("code") == {"placeholder": 1}
    assert [name for name in mk.script_report(rows).counts if "." in name] == ["text.hangul"]


def test_nothing_may_be_an_answer_and_is_no_placeholder_among_options() -> None:
    rows = pa.table({"question": ["없음", "무엇을 먹일까?"], "options": [["None", "없음"], ["N/A", "해당 없음"]],
                     "answer": ["없음", "해당 없음"], "answer_index": [1, 1]})  # fmt: skip
    findings = (
        mk.validate(rows, checks=["placeholder"]).findings.select(["row", "column"]).to_pylist()
    )
    assert findings == [{"row": 0, "column": "question"}, {"row": 1, "column": "options"}]


def test_preferences_that_are_no_records_yet_need_no_separator() -> None:
    rows = pa.table({"prompt": ["왜?"], "chosen": ["그래서."], "rejected": ["몰라."]})
    assert {*mk.validate(rows).by("code")} == {"completion_no_sep"}
    typed = rows.append_column("subset", pa.array([""])).append_column("language", pa.array(["ko"]))
    assert mk.validate(typed).by("code") == {}


_CHOICES = [
    {
        "question": "무엇을 먹일까?",
        "options": ["물", "물"],
        "answer": "물",
        "text": "N/A",
        "id": None,
    }
] * 2
_HELD: list[Callable[[pa.Table], object]] = [
    lambda t: t, lambda t: t.to_pandas(), polars.from_arrow, lambda t: t.to_pylist(), datasets.Dataset,
    lambda t: t.set_column(3, "text", t["text"].dictionary_encode()),
    lambda t: t.set_column(1, "options", t["options"].cast(pa.list_(pa.string(), 2))),
    lambda t: t.set_column(0, "question", t["question"].cast(pa.string_view())),
]  # fmt: skip


@pytest.mark.parametrize("hold", _HELD)
def test_types_of_data_frames_are_no_faults_and_a_key_may_be_missing(
    hold: Callable[[pa.Table], object],
) -> None:
    rows = hold(pa.Table.from_pylist(_CHOICES))
    assert mk.validate(rows).by("code") == {"duplicate_option": 2, "placeholder": 2}


@pytest.mark.parametrize("rows", [
    [{"question": "왜?", "options": {"A": "가"}, "answer": "A"}],
    pa.table({"question": ["왜?"], "options": [[{"text": "가"}]], "answer": ["가"]}),
    pa.table({"question": ["왜?"], "options": ['["가"]'], "answer": ["가"], "answer_index": ["A"]}),
    pa.table({"question": [["왜", "언제"]], "answer": ["가"], "language": ["ko"]}),
    pa.table({"tokens": [["열"], None], "tags": [[0], [1]]}),
])  # fmt: skip
def test_columns_of_other_shapes_are_passed_over(rows: object) -> None:
    assert mk.validate(rows).by("code") == {}


@pytest.mark.parametrize("rows", [
    pandas.DataFrame({"text": ["a", 3]}), [{"text": "a\ud800"}], [{"text": "a"}, {"text": 3}],
    pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"]),
])  # fmt: skip
def test_rows_that_cannot_be_read_are_refused_with_an_error_of_the_library(rows: object) -> None:
    for look in (mk.validate, mk.script_report):
        with pytest.raises(MedQAError, match="text"):
            look(rows)


@pytest.mark.parametrize("text", [
    "Do not tilt the head back in a nosebleed.", "Lean forward in a nosebleed and pinch the nose.", "Never put butter on a burn.",
    "Butter on burns is a myth: do not apply butter to a burn.", "Cool the burn with water.", "Don't induce vomiting.", "Tilt the head back to open the airway.",
    "코피가 나면 고개를 앞으로 숙인다.", "코피가 나도 고개를 뒤로 젖히지 않는다.", "화상에 된장을 바르면 안 된다.", "뱀에 물린 부위를 입으로 빨지 말고 고정한다.",
    "구토를 유발하지 않는다.", "경련 중에는 입에 숟가락 등 물건을 넣지 마세요.", "동상 부위를 문지르지 말아야 한다.", "동상은 미지근한 물에 녹인다.",
    "구토와 설사가 있다.", "កុំធ្វើឱ្យអ្នកជំងឺក្អួត។",
])  # fmt: skip
def test_a_warning_of_old_advice_is_none(text: str) -> None:
    rows = pa.table({"question": ["무엇을 할까?"], "answer": [text]})
    assert mk.validate(rows, checks=["superseded"]).by("code") == {}


def test_exam_years_of_before_the_guidelines_of_today_are_told() -> None:
    rows = [{"id": "a", "question": "?", "year": 2012}, {"id": "b", "question": "?", "year": 2023},
            {"id": "c", "question": "?", "year": None}]  # fmt: skip
    report = mk.validate(rows, checks=["old_exam"])
    assert report.findings.select(["id", "severity", "column"]).to_pylist() == [
        {"id": "a", "severity": "note", "column": "year"}
    ]
    assert report.checks.select(["tested", "failed"]).to_pylist() == [{"tested": 2, "failed": 1}]


@pytest.mark.parametrize(
    ("options", "same"),
    [
        (["5 mg", "5mg", "10 mg"], True),
        (["혈압", unicodedata.normalize("NFD", "혈압")], True),
        (["１정", "1정"], True),
        (["간염", "간염\u200b"], True),
        (["Hepatitis  B", "hepatitis\u00a0B."], True),
        (["\u179f\u17d2\u178f\u17d2\u179a\u17b8", "\u179f\u17d2\u179a\u17d2\u178f\u17b8"], True),
        (["Na+", "Na-"], False),
        (["10²", "102"], False),
        (["K", "k"], False),
        (["1 2", "12"], False),
        (["0.5 mg", "0,5 mg"], False),
    ],
)
def test_options_are_the_same_if_they_look_the_same(options: list[str], same: bool) -> None:
    row = {"id": "a", "question": "Which?", "options": options, "answer_index": 0}
    report = mk.validate([row], checks=["duplicate_option", "duplicate_gold"])
    assert report.by("code") == ({"duplicate_gold": 1, "duplicate_option": 1} if same else {})


def test_tags_of_another_form_and_nulls_among_them_are_told() -> None:
    tags = [
        ["B-D", "O"],
        ["b-d", "B-D"],
        ["B-D", None],
        ["B-D", "0"],
        ["D", "D"],
        ["B-D", "E-D"],
        ["O", "O"],
        ["B-D", "O"],
    ]
    rows = pa.table({"tokens": [["열", "이"]] * 7 + [["열", None]], "tags": tags})
    assert mk.validate(rows, checks=["odd_tag"]).findings["row"].to_pylist() == [1, 2, 3, 7]


def test_a_row_of_labels_has_a_label_or_a_score() -> None:
    rows = pa.table(
        {
            "text": ["가"] * 5,
            "label": ["예", None, " ", None, "-"],
            "score": [None, None, None, 0.5, None],
        }
    )
    assert mk.validate(rows, checks=["label_missing"]).findings["row"].to_pylist() == [1, 2]
    assert mk.validate(rows.drop_columns("score"), checks=["label_missing"]).findings[
        "row"
    ].to_pylist() == [1, 2, 3]


def test_an_answer_that_points_into_no_options_is_told() -> None:
    rows = pa.table({"question": ["왜?"] * 4, "options": pa.array([[], None, None, ["가", "나"]], pa.list_(pa.string())),
                     "answer_index": [1, 0, None, 1], "answer": ["가"] * 3 + ["나"]})  # fmt: skip
    assert mk.validate(rows, checks=["answer_outside_options"]).findings["row"].to_pylist() == [
        0,
        1,
    ]


@pytest.mark.parametrize(("question", "leaks"), [
    ("진단은? 정답: 폐렴", True), ("진단은?\n정답은 2번", True), ("Which one?\nAnswer: B", True), ("Correct answer is: (B).", True),
    ("រោគវិនិច្ឆ័យ? ចម្លើយ៖ 폐렴", True), ("정답: 2", True), ("Answer: A", False), ("Answer: 폐렴 or 천식", False),
    ("예: 정답: 폐렴\n\n진단은?\n정답:", False), ("폐렴의 정답을 고르시오", False), ("Answer the question: 폐렴", False), ("What is the answer?", False),
])  # fmt: skip
def test_a_question_that_says_its_answer_is_told(question: str, leaks: bool) -> None:
    rows = [
        {"question": question, "options": ["천식", "폐렴"], "answer_index": 1, "answer": "폐렴"}
    ]
    assert mk.validate(rows, checks=["answer_in_question"]).by("code") == (
        {"answer_in_question": 1} if leaks else {}
    )


@pytest.mark.parametrize(("question", "lists"), [
    ("진단은? ① 폐렴 ② 천식 ③ 빈혈", True), ("진단은?\n1) 폐렴\n2) 천식", True), ("Which? (A) 폐렴 (B) 천식", True), ("진단은?\n1.폐렴\n2.천식", True),
    ("진단은? ① 천식 ② 폐렴", False), ("1. 폐렴이 있는 환자, 2. 열", False), ("폐렴과 천식 가운데 진단은?", False), ("ㄱ. 폐렴 ㄴ. 천식", False),
])  # fmt: skip
def test_a_question_that_lists_its_options_is_told(question: str, lists: bool) -> None:
    rows = [
        {"question": question, "options": ["폐렴", "천식", "빈혈"], "answer_index": 0},
        {"question": "?", "options": None, "answer_index": None},
    ]
    assert mk.validate(rows, checks=["options_in_question"]).by("code") == (
        {"options_in_question": 1} if lists else {}
    )
