"""Reading answers out of replies: nine harness rules, and ours."""

from __future__ import annotations

import json
import pickle
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import datasets
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from laws import examples
from medqa_kit.errors import ArgumentError, FormattingError
from medqa_kit.evaluation.extract import Extraction, extract, extract_answers
from medqa_kit.evaluation.formats import FORMATS, harness
from medqa_kit.evaluation.target_lint import lint_targets
from medqa_kit.prompting.languages import LANGUAGES
from medqa_kit.prompting.options import MARKERS, Markers
from medqa_kit.prompting.prompts import prompt

HERE = Path(__file__).parents[1]
GOLDEN = json.loads((HERE / "golden/extractor_golden.json").read_text("utf-8"))
TABLE = json.loads((HERE / "golden/completions.json").read_text("utf-8"))
KORMED = "lm_eval/kormedmcqa@3.0"

RULES = {
    ("lm-evaluation-harness 0.4.13", "kormedmcqa@3.0"): KORMED,
    ("lm-evaluation-harness 0.4.13", "kmmlu_direct@2.0"): "lm_eval/kmmlu_direct@2.0",
    ("lm-evaluation-harness 0.4.13", "kmmlu_cot_hard@2.0"): "lm_eval/kmmlu_cot_hard_health@2.0",
    ("inspect_ai 0.3.285", "multiple_choice, 5 options"): "inspect_evals/medqa@2-A",
    ("NeMo-Skills 7965f9c2", "kormedmcqa"): "nemo_skills/kormedmcqa@7965f9c2",
    ("HRET cbc399b", "kmmlu string_match"): "hret/kmmlu@cbc399b",
    ("HRET cbc399b", "kormedmcqa string_match"): "hret/kormedmcqa@cbc399b",
    (
        "crfm-helm 0.5.16",
        "multiple_choice_joint, 4 options (before the max_tokens cut)",
    ): "helm/med_qa@0.5.16",
    ("lighteval 0.13.0", "exact_match (em)"): "lighteval/med_qa@0",
}


@pytest.mark.parametrize(
    "case", GOLDEN, ids=lambda c: f"{c['harness'][:5]}-{c['task'][:12]}-{c['output'][:12]!a}"
)
def test_a_harness_rule_reads_what_the_harness_reads(case: dict[str, Any]) -> None:
    rule = RULES[case["harness"], case["task"]]
    options = [f"보기 {letter}" for letter in "가나다라마"]
    read = extract(case["output"], rule=rule, options=options[: FORMATS[rule].options or 5])
    if "after_stop" in case:
        assert FORMATS[rule].cut(case["output"]) == case["after_stop"]
    if isinstance(case["result"], bool):  # the golden gold is B, or 보기 나
        assert (read.index == 1) == case["result"]
        assert (read.reason == "harness") == (read.index is not None)
        return
    assert read.value == case["result"]
    letters = "ABCDE"
    assert read.index == (letters.index(read.value) if read.value in [*letters] else None)


def test_all_golden_replies_are_there() -> None:
    assert len(GOLDEN) == 477
    assert {(c["harness"], c["task"]) for c in GOLDEN} == set(RULES)


@pytest.mark.parametrize(
    "case", TABLE["replies"], ids=lambda c: f"{c['language']}-{c['reply'][:20]!a}"
)
def test_a_hand_made_reply(case: dict[str, Any]) -> None:
    options = TABLE["options"][case["language"]]
    read = extract(case["reply"], options=options)
    assert (read.index, read.reason) == (_place(case["robust"]), case["why"])
    assert extract(case["reply"], options=5, rule=KORMED).index == _place(case["kormedmcqa"])
    if read.span is not None:
        start, end = read.span
        assert 0 <= start < end <= len(case["reply"])
        assert case["reply"][start:end] == read.value


def _place(letter: str | None) -> int | None:
    return None if letter is None else "ABCDE".index(letter)


def test_the_table_is_large_enough() -> None:
    languages = [case["language"] for case in TABLE["replies"]]
    assert len(languages) >= 120
    assert min(languages.count(code) for code in ("ko", "km", "en")) >= 40


# -- the law: what is rendered is read ------------------------------------------------------------


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("markers", sorted(MARKERS))
@pytest.mark.parametrize("style", ["choice", "choice-rationale", "choice-reasoning"])
@pytest.mark.parametrize("known", [True, False])
def test_our_own_targets_are_read_as_gold(
    language: Any, markers: Any, style: Any, known: bool
) -> None:
    options = TABLE["options"][language]
    rows = pa.table({
        "id": [f"r/{i}" for i in range(5)],
        "question": ["?"] * 5,
        "context": pa.nulls(5, pa.string()),
        "options": [options] * 5,
        "answer_index": list(range(5)),
        "answer": options,
        "rationale": ["A 75-year-old; 2 mg; B12. ខ្ពស់ 검사 결과가 그렇다"] * 5,
    })  # fmt: skip
    targets = prompt(language=language, style=style, markers=markers)(rows)["target"].to_pylist()
    for index, target in enumerate(targets):
        texts = options if known else 5
        assert extract(target, options=texts, markers=markers).index == index, target


@settings(max_examples=examples(60), deadline=None)
@given(
    options=st.lists(st.text(st.characters(categories=["Lu", "Ll", "Lo"]), min_size=3, max_size=8),
                     min_size=2, max_size=5, unique_by=str.lower),
    data=st.data(),
)  # fmt: skip
def test_markers_and_texts_are_read_for_any_options(
    options: list[str], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(options) - 1))
    letter = "ABCDE"[index]
    for reply in (f"정답: {letter}. {options[index]}", f"The answer is {letter}.", f"({letter})"):
        assert extract(reply, options=options).index == index


# -- details ---------------------------------------------------------------------------------------


def test_the_span_is_where_the_marker_stands() -> None:
    read = extract("ANSWER: maybe… 정답은 ②번입니다.", options=5)
    assert read == Extraction(1, "statement", (19, 20), "②")


def test_decomposed_hangul_is_read_without_a_place() -> None:
    import unicodedata

    read = extract(unicodedata.normalize("NFD", "정답은 B번입니다"))
    assert (read.index, read.span) == (1, None)


def test_jamo_and_own_markers_are_read_when_named() -> None:
    assert extract("정답: ㄴ").index is None
    assert extract("정답: ㄴ", markers="ㄱ").index == 1
    own = Markers(("가", "나", "다"), line="{marker}) {option}")
    assert extract("정답은 나", options=3, markers=own).index == 1


def test_a_number_that_is_another_options_text_is_a_conflict() -> None:
    assert extract("정답: 2", options=["0", "1", "2", "3"]).reason == "conflict"
    assert extract("정답: 2", options=["1", "2", "3", "4"]).index == 1


def test_equal_options_are_not_told_apart() -> None:
    assert extract("정답: 같은 것", options=["같은 것", "다른 것", "같은 것"]).reason == "several"
    assert extract("정답: C. 같은 것", options=["같은 것", "다른 것", "같은 것"]).index == 2


def test_the_longer_option_wins_over_the_one_inside_it() -> None:
    options = ["폐렴", "세균성 폐렴", "천식"]
    assert extract("세균성 폐렴을 의심합니다.", options=options).index == 1
    assert extract("폐렴을 의심합니다.", options=options).index == 0


@pytest.mark.parametrize(
    "reply",
    ["가" * 2_000_000, "정답 " * 500_000, "A " * 1_000_000, "(" * 2_000_000, "정답: A" + " " * 2_000_000,
     "B. " * 600_000, "위염 " * 500_000, "\u0130" * 500_000, "<think>" * 300_000, "answer is is " * 150_000,
     "정답: " + "\u200b" * 2_000_000 + "B"],
    ids=lambda reply: ascii(reply[:8]),
)  # fmt: skip
@pytest.mark.slow
def test_two_megabytes_take_no_time_that_grows_by_the_square(reply: str) -> None:
    began = time.process_time()  # of this process, however busy the machine is
    extract(reply, options=["위염", "심근경색"])
    assert time.process_time() - began < 30


@settings(max_examples=examples(150), deadline=None)
@given(reply=st.text(max_size=60), rule=st.sampled_from(["robust", *FORMATS]))
def test_no_reply_raises(reply: str, rule: str) -> None:
    read = extract(reply, rule=rule, options=["가", "나다", "x y", "Z"])
    assert read.index in (None, 0, 1, 2, 3)
    assert pickle.loads(pickle.dumps(read)) == read


def test_unknown_rules_and_missing_options_are_named() -> None:
    with pytest.raises(ArgumentError, match=r"did you mean 'lm_eval/kormedmcqa@3\.0'"):
        extract("B", rule="lm_eval/kormedmcqa")
    for options in (None, 5):
        with pytest.raises(ArgumentError, match="scores the options' texts"):
            extract("B", rule="hret/kormedmcqa@cbc399b", options=options)
    for wrong in (0, 100, [], "ABC"):
        with pytest.raises(ArgumentError, match="options="):
            extract("B", options=wrong)
    with pytest.raises(ArgumentError, match="markers="):
        extract("B", markers="B")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="completion="):
        extract(None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reply", "rule", "letter"),
    [
        ("ANSWER: c", "inspect_evals/medqa@2-A", "C"),
        ("ANSWER: c", "nemo_skills/kormedmcqa@7965f9c2", "C"),
        ("정답: e", "nemo_skills/kormedmcqa@7965f9c2", "E"),
        ("ANSWER: E\nANSWER: ** B **", "inspect_evals/medqa@2-A", "B"),
        ("ANSWER: $ D $.", "inspect_evals/medqa@2-A", "D"),
        ("ANSWER: (B).", "inspect_evals/medqa@2-A", "B"),
        ("ANSWER: (B) is right", "inspect_evals/medqa@2-A", None),
        ("ANSWER: A,", "inspect_evals/medqa@2-A", "A"),
        ("ANSWER: A, C", "inspect_evals/medqa@2-A", None),
        ("ANSWER: F", "inspect_evals/medqa@2-A", None),
        ("**ANSWER: B**", "inspect_evals/medqa@2-A", "B"),
    ],
)
def test_case_and_wrappers_as_the_harness_has_them(
    reply: str, rule: str, letter: str | None
) -> None:
    assert extract(reply, rule=rule, options=5).value == letter


@pytest.mark.harness
@pytest.mark.filterwarnings("ignore")
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    pieces=st.lists(
        st.sampled_from(["ANSWER: ", "\nANSWER:", "answer : ", "A", "b", "AB", "E", "1", " ", "\n", "\r\n", ",",
                         ".", ":", "(B)", "(c)", "**", "$", "**D**", "$ a $", "is", "é", "정답"]),
        min_size=1, max_size=9,
    ),
    count=st.integers(2, 5),
)  # fmt: skip
def test_the_real_inspect_ai_reads_the_same(pieces: list[str], count: int) -> None:
    theirs = pytest.importorskip("inspect_ai.solver._multiple_choice")
    reply = "".join(pieces)
    state = SimpleNamespace(output=SimpleNamespace(completion=reply), choices=[None] * count)
    read = theirs.parse_answers(state, multiple_correct=False)
    assert extract(reply, rule="inspect_evals/medqa@2-A", options=count).value == next(
        iter(read), None
    )


# -- lint ------------------------------------------------------------------------------------------


def rows(targets: list[str | None], index: int = 1) -> pa.Table:
    return pa.table({
        "id": [f"r/{i}" for i in range(len(targets))],
        "target": pa.array(targets, pa.string()),
        "answer_index": [index] * len(targets),
        "options": [["위염", "심근경색", "고혈압", "폐결핵", "편두통"]] * len(targets),
    })  # fmt: skip


def test_lint_names_what_would_be_misread() -> None:
    data = rows(["B", "정답: B", "B번입니다", "A가 아니다. 정답: B", "비타민 C. 정답: B", None])
    report = lint_targets(data, rule=KORMED)
    assert (report.rows, report.kept) == (6, 6)
    assert report.counts == {"targets read": 5, "without target or answer": 1}
    assert report.findings.to_pylist() == [
        {"row": row, "id": f"r/{row}", "code": code, "detail": detail, "expected": 1, "read": read}
        for row, code, detail, read in [
            (2, "unread", "B번입니다", None),
            (3, "cut", "A가 아니다. 정답: B", None),
            (4, "cut", "비타민 C. 정답: B", 2),
        ]
    ]
    assert report.by("code") == {"cut": 2, "unread": 1}
    assert KORMED in str(report)


def test_lint_reads_messages_and_datasets() -> None:
    table = rows(["B"]).drop_columns("target")
    turns = [[{"role": "user", "content": "?"}, {"role": "assistant", "content": "ANSWER: B"}]]
    table = table.append_column("messages", pa.array(turns))
    report = lint_targets(
        datasets.Dataset(table), rule="inspect_evals/medqa@2-A", column="messages"
    )
    assert (len(report.findings), report.counts["targets read"]) == (0, 1)


def test_lint_by_text_lets_equal_options_count() -> None:
    data = pa.table({"id": ["1"], "target": ["정답: 같다"], "answer_index": [2],
                     "options": [["같다", "다르다", "같다", "x", "y"]]})  # fmt: skip
    assert not len(lint_targets(data, rule="hret/kormedmcqa@cbc399b").findings)


def test_lint_finds_options_that_can_never_be_answered() -> None:
    data = pa.table({"id": ["1"], "target": ["정답: 두\n줄"], "answer_index": [0],
                     "options": [["두\n줄", "b", "c", "d", "e"]]})  # fmt: skip
    assert lint_targets(data, rule="hret/kormedmcqa@cbc399b").by("code") == {"unread": 1}


@pytest.mark.slow
def test_lint_counts_rows_through_all_batches_and_holders() -> None:
    data = rows(["B"] * 4097 + ["B번입니다", "B"])
    dataset = datasets.Dataset(data)
    splits = datasets.DatasetDict(
        {"a": dataset.select(range(4090)), "b": dataset.select(range(4090, 4099))}
    )
    for holder in (data, dataset, dataset.to_iterable_dataset(), splits, data.to_pylist()):
        report = lint_targets(holder, rule=KORMED)
        assert (report.rows, report.findings["row"].to_pylist()) == (4099, [4097])
    empty = lint_targets(data.slice(0, 0), rule=KORMED)
    assert (empty.rows, len(empty.findings)) == (0, 0)


def test_a_table_of_replies_is_read_like_each_reply() -> None:
    replies = ["정답은 ②번입니다.", None, "폐렴입니다", "모르겠습니다", "B"]
    table = pa.table({"id": list("abcde"), "completion": replies, "answer_index": [1, 0, 0, 0, 1],
                      "options": [["결핵", "폐렴"]] * 5})  # fmt: skip
    kernel = pickle.loads(pickle.dumps(extract_answers(keep=["answer_index"])))
    answers = kernel(table)
    assert answers.schema.names == ["id", "index", "reason", "answer_index"]
    named = table.append_column("family", pa.array(["f"] * 5)).append_column(
        "n", pa.array(range(5))
    )
    assert kernel(named).column_names == ["id", "family", "index", "reason", "answer_index"]
    bare = extract_answers(identity=False, keep=["n"])(named)
    assert bare.column_names == ["index", "reason", "n"]
    read = [None if r is None else extract(r, options=["결핵", "폐렴"]) for r in replies]
    assert answers["index"].to_pylist() == [r and r.index for r in read] == [1, None, 1, None, 1]
    assert answers["reason"].to_pylist() == [r and r.reason for r in read]
    assert kernel(table.slice(0, 0)).schema == answers.schema
    assert answers.equals(pa.concat_tables([kernel(table.slice(0, 2)), kernel(table.slice(2))]))

    theirs = extract_answers(rule=KORMED)(table)
    assert theirs["reason"].to_pylist()[4] == "harness"
    with pytest.raises(FormattingError, match="column 'reply'"):
        extract_answers(column="reply")(table)
    with pytest.raises(ArgumentError, match="rule="):
        extract_answers(rule="lm_eval/none")


def test_lint_needs_the_answers() -> None:
    with pytest.raises(FormattingError, match="column 'answer_index'"):
        lint_targets(rows(["B"]).drop_columns("answer_index"), rule=KORMED)
    with pytest.raises(ArgumentError, match="nothing that the library reads"):
        lint_targets("targets.jsonl", rule=KORMED)
    with pytest.raises(FormattingError, match="column 'options'"):
        lint_targets(rows(["B"]).drop_columns("options"), rule="hret/kormedmcqa@cbc399b")


@pytest.mark.parametrize("name", [n for n, f in FORMATS.items() if not f.words])
def test_trained_targets_pass_the_lint(name: str) -> None:
    count = FORMATS[name].options or 5
    options = ["위염", "심근경색", "고혈압", "폐결핵", "편두통"][:count]
    data = pa.table({"id": [str(i) for i in range(count)], "question": ["?"] * count,
                     "options": [options] * count, "answer_index": list(range(count))})  # fmt: skip
    prompts = harness(name, target="trained", keep=("answer_index", "options"))(data)
    assert not len(lint_targets(prompts, rule=name).findings)
