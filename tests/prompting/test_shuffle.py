"""Shuffled options: the answer follows its text, the order follows the id."""

from __future__ import annotations

import itertools
import pickle
from typing import Any

import datasets
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from laws import cases, examples
from medqa_kit.errors import AnswerError, ArgumentError, FormattingError, NullValueError, RowError
from medqa_kit.prompting.balance import option_balance
from medqa_kit.prompting.shuffle import shuffle_options
from medqa_kit.schemas import QA, conform


def qa(options: list[Any], index: list[int | None], ids: list[str] | None = None) -> pa.Table:
    count = len(options)
    return conform(pa.table({
        "id": pa.array(ids or [f"r/{i}" for i in range(count)], pa.string()),
        "source": pa.array(["demo"] * count, pa.string()),
        "split": pa.array(["train"] * count, pa.string()),
        "question": pa.array(["q"] * count, pa.string()),
        "options": pa.array(options, pa.list_(pa.string())),
        "answer_index": pa.array(index, pa.int32()),
    }), QA)  # fmt: skip


@st.composite
def questions(draw: st.DrawFn) -> pa.Table:
    options = draw(st.lists(st.none() | st.lists(st.text(max_size=4), max_size=5), max_size=6))
    index = [draw(st.none() | st.integers(0, len(o) - 1)) if o else None for o in options]
    return qa(options, index)


@settings(max_examples=examples(80), deadline=None)
@given(table=questions(), seed=st.integers(0, 3), cut=st.integers(0, 6), every=st.booleans())
@pytest.mark.slow
def test_the_laws(table: pa.Table, seed: int, cut: int, every: bool) -> None:
    before = table.to_pylist()
    kernel = pickle.loads(pickle.dumps(shuffle_options(seed=seed, all_permutations=every)))
    whole = kernel(table)
    assert whole.schema.equals(table.schema)
    assert pa.concat_tables([kernel(table.slice(0, cut)), kernel(table.slice(cut))]).equals(whole)
    assert table.to_pylist() == before
    source = {row["id"]: row for row in before}
    for row in whole.to_pylist():
        old = source[row["id"].split("#")[0]]
        if not old["options"]:
            assert row == old
            continue
        assert sorted(row["options"]) == sorted(old["options"])
        if old["answer_index"] is None:
            assert row["answer_index"] is None
        else:
            assert row["options"][row["answer_index"]] == old["options"][old["answer_index"]]


def test_every_place_is_as_likely() -> None:
    count = 6000
    table = qa([list("abcde")] * count, [0] * count)
    balance = option_balance(shuffle_options(seed=3)(table))
    assert balance.skew < 0.1
    orders = {tuple(o) for o in shuffle_options(seed=3)(table)["options"].to_pylist()}
    assert len(orders) == 120


def test_another_seed_another_order() -> None:
    table = qa([list("abcde")] * 50, [0] * 50)
    first, second = (shuffle_options(seed=s)(table)["options"].to_pylist() for s in (0, 1))
    assert first != second


def test_the_same_order_on_every_machine() -> None:
    """A golden value: a changed hash would change published prompts."""
    table = qa([list("abcde")] * 2, [0, 4], ids=["demo/1", "demo/2"])
    shuffled_rows = shuffle_options(seed=0)(table).select(["options", "answer_index"]).to_pylist()
    assert [
        ("".join(row["options"]), row["answer_index"]) for row in shuffled_rows
    ] == GOLDEN_ORDERS


GOLDEN_ORDERS = [("bdeca", 4), ("edbca", 0)]


def test_all_permutations() -> None:
    table = qa([["a", "b", "c"], None, ["x"]], [2, None, 0])
    shuffled_rows = shuffle_options(all_permutations=True)(table)
    assert shuffled_rows.num_rows == 6 + 1 + 1
    first = shuffled_rows.slice(0, 6).to_pylist()
    assert [tuple(r["options"]) for r in first] == list(itertools.permutations("abc"))
    assert [r["options"][r["answer_index"]] for r in first] == ["c"] * 6
    assert first[1]["id"] == "r/0#0-2-1"
    assert {r["family"] for r in first} == {"r/0"}
    assert len(set(shuffled_rows["id"].to_pylist())) == 8
    with pytest.raises(RowError, match="too many options"):
        shuffle_options(all_permutations=True)(qa([list("abcdefg")], [0]))


def test_families_that_are_all_null_become_those_of_the_copies() -> None:
    rows = [{"id": "a", "family": None, "options": ["x", "y"], "answer_index": 1}]
    shuffled_rows = shuffle_options(all_permutations=True).run(rows)[0]
    assert {row["family"] for row in shuffled_rows} == {"a"}
    assert len(shuffled_rows) == 2


def test_a_family_is_kept() -> None:
    table = qa([["a", "b"]], [0])
    at = table.schema.get_field_index("family")
    table = table.set_column(at, table.schema.field(at), pa.array(["f"]))
    shuffled_rows = shuffle_options(all_permutations=True)(table)
    assert shuffled_rows["family"].to_pylist() == ["f", "f"]


@pytest.mark.parametrize(
    ("options", "index", "error"),
    [(["a", None], 0, NullValueError), (["a"], 1, AnswerError), (["a"], -1, AnswerError)],
)
def test_bad_rows(options: list[Any], index: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        shuffle_options()(qa([options], [index]))


def test_missing_columns_and_ids() -> None:
    with pytest.raises(FormattingError, match="needs a column"):
        shuffle_options()(pa.table({"id": ["1"]}))
    table = pa.table({"id": pa.nulls(1, pa.string()), "options": [["a"]], "answer_index": [0]})
    with pytest.raises(NullValueError, match="without an id"):
        shuffle_options()(table)


def test_it_runs_in_a_dataset() -> None:
    table = qa([list("abcd")] * 5, [0, 1, 2, 3, None])
    dataset = datasets.Dataset(table)
    for every in (False, True):
        kernel = shuffle_options(all_permutations=every)
        assert mk.apply(dataset, kernel).to_list() == kernel(table).to_pylist()


def test_wrong_arguments() -> None:
    with pytest.raises(ArgumentError, match="seed="):
        shuffle_options(seed="7")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="all_permutations="):
        shuffle_options(all_permutations="yes")  # type: ignore[arg-type]


ANCHORED = ["위의 모두", "위 모두", "이상 모두", "모두 맞다", "All of these", "Any of the above", "None", "위 보기 모두 옳다", "모두 해당된다", "해당 사항 없음", "정답 없음", "All of the above",
            "None of the above", "none of these", "All are correct", "Neither of the above", "ទាំងអស់ខាងលើ",
            "ចម្លើយទាំងអស់ត្រឹមត្រូវ", "គ្មានចម្លើយត្រឹមត្រូវ"]  # fmt: skip
PLACED = ["Both A and B", "A and C only", "B, C", "①과 ②", "①, ③", "①번과 ②번", "1번과 2번", "Only A", "ក និង ខ",
          "(A) or (C)", "Neither A nor B", "A and B are correct", "Both (a) and (b)", "①②", "①~③", "①, ②, ③ 모두", "A와 C가 옳다",
          "All except A", "All of the above except B", "A를 제외한 모두", "លើកលែងតែ ក", "A, B, and C", "Options A and C", "ជម្រើស ក និង គ", "A와 B 둘 다"]  # fmt: skip
FREE = ["Vitamin A and D", "A형 간염", "IgA와 IgG", "A+ 혈액형", "All patients except children", "비타민 A와 D", "Hepatitis B", "위염", "위의 염증", "모세혈관", "1/2", "B", "AB", "전부하 감소", "5 + 3 mg",
        "Above the knee", "Nonsteroidal drugs", "អាស៊ីត"]  # fmt: skip


@pytest.mark.parametrize("anchor", ANCHORED)
@pytest.mark.parametrize("every", [False, True])
def test_an_option_on_all_others_stays_last(anchor: str, every: bool) -> None:
    table = qa([["x", "y", "z", anchor]] * 20, [0] * 20)
    shuffled_rows = shuffle_options(all_permutations=every)(table)
    rows = shuffled_rows.to_pylist()
    assert {row["options"][-1] for row in rows} == {anchor}
    assert len({tuple(row["options"]) for row in rows}) == (6 if every else 5)
    assert all(row["options"][row["answer_index"]] == "x" for row in rows)
    assert shuffled_rows.num_rows == (120 if every else 20)


@pytest.mark.parametrize("option", cases([*PLACED, *FREE]))
def test_rows_that_name_places_stay_or_go(option: str) -> None:
    table = qa([["x", option, "y", "z"]] * 20, [1] * 20)
    rows, report = shuffle_options().run(table)
    _, dropped = shuffle_options(placed="drop").run(table)
    if option in FREE:
        assert len({tuple(row) for row in rows["options"].to_pylist()}) > 10
        assert (report.kept, dropped.kept, len(report.findings)) == (20, 20, 0)
    else:
        assert rows.equals(table)
        assert report.by("code") == {"option_names_places": 20}
        assert dropped.kept == 0
        assert shuffle_options(all_permutations=True)(table).num_rows == 20
        shuffled = shuffle_options(placed="shuffle")(table)["options"].to_pylist()
        assert len({tuple(row) for row in shuffled}) > 10


def test_what_says_all_above_and_is_not_last_keeps_its_row_as_it_is() -> None:
    table = qa([["x", "위의 모두", "y", "z"]], [1])
    rows, report = shuffle_options(seed=5).run(table)
    assert rows.equals(table)
    assert report.by("code") == {"option_names_places": 1}


def rationale(table: pa.Table, text: str) -> pa.Table:
    at = table.schema.get_field_index("rationale")
    return table.set_column(at, table.schema.field(at), pa.array([text] * table.num_rows))


@pytest.mark.parametrize(("text", "marker"), [
    ("The correct answer is B.", "B"), ("정답은 ②이다. 열이 난다.", "②"), ("정답: 2번", "2"), ("ចម្លើយត្រឹមត្រូវគឺ ខ។", "ខ"),
    ("Option B is right, since vitamin D is low.", "B"), ("답은 (B)이다.", "B"), ("A 45-year-old man: answer B.", "B"),
])  # fmt: skip
@pytest.mark.parametrize("every", [False, True])
def test_markers_in_a_rationale_follow_their_options(text: str, marker: str, every: bool) -> None:
    alphabet = next(letters for letters in ("ABCD", "①②③④", "1234", "កខគឃ") if marker in letters)
    table = rationale(qa([["w", "x", "y", "z"]] * 12, [1] * 12), text)
    rows, report = shuffle_options(seed=2, all_permutations=every).run(table)
    assert report.by("code") == {"rationale_rewritten": 12}
    for row in rows.to_pylist():
        assert row["rationale"] == text.replace(marker, alphabet[row["answer_index"]])
    assert len(set(rows["answer_index"].to_pylist())) > 2


@pytest.mark.parametrize("text", ["B is right, A is wrong.", "A는 틀리고 B가 맞다.", "① 발열 ② 기침", "하루 3번 투여한다.",
                                  "(B) is the answer; (C) is not."])  # fmt: skip
def test_rows_whose_rationale_may_name_options_are_told(text: str) -> None:
    table = rationale(qa([["w", "x", "y", "z"]] * 3, [1] * 3), text)
    rows, report = shuffle_options(seed=2).run(table)
    assert rows.equals(table)
    assert report.by("code") == {"rationale_names_places": 3}


@pytest.mark.parametrize(
    "text",
    [
        "A 45-year-old man has vitamin B deficiency.",
        "간염 B 바이러스",
        "pH 7.3이면 산증이다.",
        "Hepatitis B.",
    ],
)
def test_letters_that_are_no_options_stop_nothing(text: str) -> None:
    table = rationale(qa([["w", "x", "y", "z"]] * 9, [1] * 9), text)
    rows, report = shuffle_options(seed=2).run(table)
    assert len(report.findings) == 0
    assert set(rows["rationale"].to_pylist()) == {text}
    assert len(set(rows["answer_index"].to_pylist())) > 1
