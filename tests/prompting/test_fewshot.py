"""Few-shot examples: never the row itself, its family or what is held out; the same everywhere."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import datasets
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from laws import examples
from medqa_kit.errors import ArgumentError, FormattingError, NullValueError, RowError
from medqa_kit.evaluation.formats import harness
from medqa_kit.evaluation.shot_draws import shot_indices
from medqa_kit.prompting.fewshot import few_shot
from medqa_kit.prompting.prompts import prompt
from medqa_kit.schemas import QA, conform


def rows(ids: list[str], families: list[str | None] | None = None) -> pa.Table:
    count = len(ids)
    table = pa.table({
        "id": pa.array(ids, pa.string()),
        "source": pa.array(["demo"] * count, pa.string()),
        "split": pa.array(["train"] * count, pa.string()),
        "family": pa.array(families or [None] * count, pa.string()),
        "question": pa.array([f"question {i}" for i in ids], pa.string()),
        "options": pa.array([[f"{o} of {i}" for o in "abcde"] for i in ids], pa.list_(pa.string())),
        "answer_index": pa.array(range(count), pa.int32()).cast(pa.int32()),
    })  # fmt: skip
    index = pa.array([i % 5 for i in range(count)], pa.int32())
    return conform(table.set_column(6, "answer_index", index), QA)


POOL = rows([f"p/{i}" for i in range(12)], [f"f{i // 2}" for i in range(12)])


def shown(table: pa.Table) -> list[list[str]]:
    return [[shot["id"] for shot in row] for row in table["shots"].to_pylist()]


def test_fixed_shots_are_the_first_ones_allowed() -> None:
    questions = rows(["x", "p/0", "y"], [None, "f0", "f1"])
    assert shown(few_shot(POOL, k=3)(questions)) == [
        ["p/0", "p/1", "p/2"],
        ["p/2", "p/3", "p/4"],
        ["p/0", "p/1", "p/4"],
    ]


def test_shots_carry_no_provenance_and_the_rows_stay() -> None:
    questions = rows(["x"])
    shown_rows = few_shot(POOL, k=1)(questions)
    assert shown_rows.drop_columns("shots").equals(questions)
    assert set(shown_rows["shots"].to_pylist()[0][0]) == {
        "id", "question", "context", "options", "answer_index", "answer", "rationale",
    }  # fmt: skip


@pytest.mark.parametrize("mode", ["fixed", "per-row"])
@pytest.mark.parametrize("size", [12, 400])
def test_nobody_sees_himself_his_family_or_what_is_held_out(mode: Any, size: int) -> None:
    ids, families = [f"p/{i}" for i in range(size)], [f"f{i // 3}" for i in range(size)]
    pool = rows(ids, families)
    names = {"p/5", "f2"}
    examples = few_shot(pool, k=4, mode=mode, held_out=names)(pool)
    family = dict(zip(ids, families, strict=True))
    for row, shots in zip(pool.to_pylist(), shown(examples), strict=True):
        assert len(set(shots)) == 4
        assert row["id"] not in shots
        assert row["family"] not in {family[s] for s in shots}
        assert not {*shots, *(family[s] for s in shots)} & names


def test_per_row_shots_differ_from_row_to_row_and_by_seed() -> None:
    questions = rows([f"x/{i}" for i in range(300)])
    pool = rows([f"p/{i}" for i in range(200)])
    shots = shown(few_shot(pool, k=3, mode="per-row")(questions))
    used = [shot for row in shots for shot in row]
    assert len({tuple(row) for row in shots}) > 290
    assert len(set(used)) > 190
    assert max(used.count(shot) for shot in set(used)) < 20
    assert shown(few_shot(pool, k=3, mode="per-row", seed=1)(questions)) != shots


def test_a_family_that_fills_the_pool_is_passed_over() -> None:
    """The narrow look finds nothing: the wide one must."""
    families = ["same"] * 995 + ["a", "b", "c", "d", "e"]
    pool = rows([f"p/{i}" for i in range(1000)], [*families])
    questions = rows(["x"], ["same"])
    for mode in ("fixed", "per-row"):
        shots = shown(few_shot(pool, k=5, mode=mode)(questions))[0]  # type: ignore[arg-type]
        assert sorted(shots) == [f"p/{i}" for i in range(995, 1000)]


def test_the_same_shots_on_every_machine() -> None:
    """A golden value: a changed hash would change published prompts."""
    questions = rows(["kormedmcqa/doctor/2020-1-1", "kormedmcqa/doctor/2020-1-2"])
    assert shown(few_shot(POOL, k=3, mode="per-row")(questions)) == GOLDEN_SHOTS


GOLDEN_SHOTS = [["p/3", "p/0", "p/8"], ["p/7", "p/2", "p/8"]]


def test_pools_that_are_too_small() -> None:
    with pytest.raises(FormattingError, match="1, 2 held out"):
        few_shot(POOL.slice(0, 3), k=2, held_out=["f0"])
    with pytest.raises(RowError, match="too few examples for the row") as caught:
        few_shot(POOL.slice(0, 2), k=2)(rows(["x", "p/0"]))
    assert caught.value.rows == [1]
    with pytest.raises(FormattingError, match="needs a column"):
        few_shot(pa.table({"question": ["q"]}), k=1)
    with pytest.raises(NullValueError, match="without an id"):
        few_shot(POOL, k=1, mode="per-row")(pa.table({"id": pa.nulls(1, pa.string())}))


def test_prompts_write_the_shots_first() -> None:
    asked = few_shot(POOL, k=2)(rows(["x"]))
    row = prompt(language="en", variant=1)(asked).to_pylist()[0]
    block = "Question: question {0}\nOptions:\nA. a of {0}\nB. b of {0}\nC. c of {0}\nD. d of {0}\nE. e of {0}\nAnswer:"
    assert row["prompt"] == "\n\n".join([
        "Read the question and choose the one best answer.",
        block.format("p/0") + " A",
        block.format("p/1") + " B",
        block.format("x"),
    ])  # fmt: skip


def test_harness_prompts_take_shots_from_the_column_or_for_all() -> None:
    questions = rows(["x", "y"])
    name = "lm_eval/kormedmcqa@3.0"
    per_row = harness(name)(few_shot(POOL, k=2)(questions))
    for_all = harness(name, shots=POOL.slice(0, 2))(questions)
    assert per_row.equals(for_all)
    with pytest.raises(FormattingError, match="given twice"):
        harness(name, shots=POOL.slice(0, 2))(few_shot(POOL, k=2)(questions))


def test_a_shot_without_an_answer_is_refused() -> None:
    pool = POOL.set_column(POOL.schema.get_field_index("answer_index"), "answer_index",
                           pa.nulls(12, pa.int32()))  # fmt: skip
    with pytest.raises(NullValueError, match="a shot has no answer"):
        prompt(language="ko")(few_shot(pool, k=1)(rows(["x"])))


@settings(max_examples=examples(40), deadline=None)
@given(
    ids=st.lists(st.sampled_from([f"p/{i}" for i in range(14)]), max_size=8, unique=True),
    mode=st.sampled_from(["fixed", "per-row"]),
    cut=st.integers(0, 8),
)
def test_batches_change_nothing(ids: list[str], mode: Any, cut: int) -> None:
    questions = rows(ids, [f"f{int(i[2:]) // 2}" for i in ids])
    kernel = pickle.loads(pickle.dumps(few_shot(POOL, k=3, mode=mode)))
    whole = kernel(questions)
    parts = pa.concat_tables([kernel(questions.slice(0, cut)), kernel(questions.slice(cut))])
    assert parts.equals(whole)
    assert kernel(questions.slice(0, 0)).schema == whole.schema


@settings(max_examples=examples(60), deadline=None)
@given(
    pool=st.lists(st.integers(0, 40), min_size=4, max_size=30, unique=True),
    gone=st.integers(0, 40),
    k=st.integers(1, 3),
)
def test_an_example_that_goes_changes_the_rows_alone_that_show_it(
    pool: list[int], gone: int, k: int
) -> None:
    """And so does one that comes, read the other way round; the order of the pool does not count."""
    questions = rows([f"x/{i}" for i in range(25)])
    before = shown(few_shot(rows([f"p/{i}" for i in pool]), k=k, mode="per-row")(questions))
    left = [f"p/{i}" for i in sorted(pool) if i != gone]
    after = shown(few_shot(rows(left), k=k, mode="per-row")(questions))
    for old, new in zip(before, after, strict=True):
        if f"p/{gone}" not in old:
            assert new == old


def test_an_example_that_rows_may_not_see_changes_nothing() -> None:
    questions = rows([f"x/{i}" for i in range(200)], ["mine"] * 200)
    families = ["mine" if i % 3 else "theirs" for i in range(90)]
    names = [f"p/{i}" for i in range(90)]
    allowed = [name for name, family in zip(names, families, strict=True) if family == "theirs"]
    with_others = few_shot(rows(names, [*families]), k=4, mode="per-row")
    alone = few_shot(rows(allowed), k=4, mode="per-row")
    assert shown(with_others(questions)) == shown(alone(questions))


def test_it_runs_in_a_dataset_with_a_pool_from_a_dataset() -> None:
    questions = datasets.Dataset(rows(["x", "y"]))
    kernel = few_shot(datasets.Dataset(POOL), k=2, mode="per-row")
    shots = mk.apply(questions, kernel, prompt(language="ko"))
    assert shots.to_list() == prompt(language="ko")(kernel(rows(["x", "y"]))).to_pylist()


def test_drawing_as_harnesses_do_says_what_it_needs() -> None:
    assert shot_indices("lm_eval/first_n", pool=7, k=2, documents=2) == [[0, 1], [0, 1]]
    assert shot_indices("helm", pool=["a", "a", "b"], k=3)[0][1] == 2
    with pytest.raises(ArgumentError, match="at most 2"):
        shot_indices("lm_eval", pool=2, k=3)
    with pytest.raises(ArgumentError, match="draws by class"):
        shot_indices("lighteval", pool=9, k=3)


# -- the same question under another id --------------------------------------------------------------

LONG = "A woman of 54 has had chest pain for two hours. What is the first test?"
EXAM = conform(pa.table({
    "id": ["x/1", "x/2"], "source": ["exam"] * 2, "split": ["test"] * 2,
    "question": [LONG, "Which is right?"], "options": [["ECG", "EEG"], ["a", "b"]],
    "answer_index": pa.array([0, 1], pa.int32()),
}), QA)  # fmt: skip
COPIES = conform(pa.table({
    "id": [f"p/{i}" for i in range(6)], "source": ["pool"] * 6, "split": ["train"] * 6,
    "question": [f"  {LONG.upper()} ", "which is RIGHT", "Which is right?", "Which dose?", LONG, "Why?"],
    "options": [["MRI"], ["B. b", "A. a"], ["c", "d"], ["1", "2"], None, None],
    "answer_index": pa.array([0, 0, 1, 1, None, None], pa.int32()),
    "answer": [None, None, None, None, "ECG", "So."],
}), QA)  # fmt: skip


@pytest.mark.parametrize("mode", ["fixed", "per-row"])
def test_a_copy_of_the_question_is_passed_over(mode: Any) -> None:
    first, second = shown(few_shot(COPIES, k=2, mode=mode)(EXAM))
    every = shown(few_shot(COPIES, k=4, mode=mode)(EXAM.slice(0, 1)))[0]
    assert sorted(every) == ["p/1", "p/2", "p/3", "p/5"]
    assert set(first) < set(every)
    assert "p/1" not in second
    with pytest.raises(RowError, match="its question") as caught:
        few_shot(COPIES, k=5)(EXAM)
    assert caught.value.rows == [
        0,
        1,
    ]  # the second lacks one, since the pool holds the first question twice


def test_a_brief_question_is_known_by_its_case() -> None:
    """A copy may tell the case in its question; another case may be asked the same."""
    case, other = (
        "열이 나고 기침을 하는 환자가 사흘 전부터 숨이 차다고 한다.",
        "배가 아프고 설사를 하는 환자가 어제부터 토한다고 한다.",
    )
    asked = pa.Table.from_pylist(
        [{"id": "e/1", "question": "진단은?", "context": case, "answer": "폐렴"}]
    )
    pool = pa.Table.from_pylist([
        {"id": "p/1", "question": f"{case}\n진단은?", "context": None, "answer": "폐렴"},
        {"id": "p/2", "question": "진단은?", "context": other, "answer": "장염"},
    ])  # fmt: skip
    assert shown(few_shot(pool, k=1)(asked)) == [["p/2"]]


def test_rows_that_are_held_out_are_known_by_their_text() -> None:
    questions = rows(["x"])
    for exam in (EXAM, datasets.Dataset(EXAM), EXAM.to_pylist()):
        assert shown(few_shot(COPIES, k=3, held_out=exam)(questions)) == [["p/2", "p/3", "p/5"]]
    with pytest.raises(FormattingError, match="3, 3 held out"):
        few_shot(COPIES, k=4, held_out=EXAM)
    known = EXAM.select(["id", "question", "options"]).to_pylist()
    stranger = [row | {"id": "p/5", "question": "?"} for row in known[:1]]
    assert "p/5" not in shown(few_shot(COPIES, k=4, held_out=stranger)(questions))[0]


@pytest.mark.parametrize("mode", ["fixed", "per-row"])
def test_no_example_is_shown_twice(mode: Any) -> None:
    asked = rows([f"x/{i}" for i in range(20)])
    copies = COPIES.take(
        pa.array([0, 4, 4, 1, 2, 3, 5, 5])
    )  # one question of three copies, one id of two
    for shots in shown(few_shot(copies, k=5, mode=mode)(asked)):
        assert len(set(shots) - {"p/0", "p/4"}) == 4
    with pytest.raises(RowError, match="too few"):
        few_shot(copies, k=6, mode=mode)(asked)


def test_dialogues_are_known_by_what_is_asked_first() -> None:
    turns = [{"role": "system", "content": "s"}, {"role": "user", "content": LONG},
             {"role": "assistant", "content": "ECG"}]  # fmt: skip
    other = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]
    pool = pa.table({"id": ["p/1", "p/2"], "messages": [turns, other]})
    dialogue = pa.table({"id": ["x"], "messages": [[*turns[1:], *other]]})
    assert shown(few_shot(pool, k=1)(dialogue)) == [["p/2"]]


def test_any_holder_is_a_pool_and_wrong_arguments_are_refused() -> None:
    questions, expected = rows(["x"]), shown(few_shot(POOL, k=2)(rows(["x"])))
    stream = datasets.Dataset(POOL).to_iterable_dataset()
    shuffled = datasets.Dataset(POOL).select(range(11, -1, -1)).select(range(11, -1, -1))
    for pool in (stream, shuffled, POOL.to_pylist(), POOL.to_pandas()):
        assert shown(few_shot(pool, k=2)(questions)) == expected
    with pytest.raises(ArgumentError, match="did you mean 'per-row'"):
        few_shot(POOL, k=1, mode="per_row")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="held_out= takes a list"):
        few_shot(POOL, k=1, held_out="p/1")
    with pytest.raises(ArgumentError, match="nothing that the library reads"):
        few_shot("pool.jsonl", k=1)
    with pytest.raises(FormattingError, match="0, 0 held out"):
        few_shot(POOL.slice(0, 0), k=1)


@pytest.mark.parametrize("hold", [
    list, set, lambda names: pa.array(names), lambda names: pa.chunked_array([names]),
    lambda names: datasets.Dataset.from_dict({"id": names})["id"],
])  # fmt: skip
def test_ids_may_stand_in_anything(hold: Callable[[list[str]], Any]) -> None:
    pool = mk.load("kormedmcqa", subset="doctor", split="train", origin="sample")
    shown = mk.few_shot(pool, k=1, held_out=hold(pool["id"][:2]))(pool.data.table)
    assert {shot["id"] for row in shown["shots"].to_pylist() for shot in row} <= set(pool["id"][2:])


def test_a_holdout_is_no_rows_and_the_error_says_what_to_do() -> None:
    holdout = mk.Holdout.from_rows(
        [{"id": "e/1", "question": "Which artery is blocked in this patient?"}],
        reason="a test",
        name="own",
    )
    for wrong in (holdout, 5, [1, 2]):
        with pytest.raises(
            ArgumentError, match="held_out= takes ids and families, or rows"
        ) as caught:
            few_shot(POOL, k=1, held_out=wrong)
        assert caught.value.argument == "held_out"
        assert "mk.exclude(pool, holdout)" in str(caught.value)
    pool, _ = mk.exclude(POOL, holdout)
    assert len(few_shot(pool, k=1)(POOL)) == len(POOL)


@pytest.mark.parametrize(
    "listed",
    ["\nA. {}\nB. {}", " 1) {} 2) {}", "\n① {} ② {}", "\n(가) {}\n(나) {}", "\nក. {}\nខ. {}"],
)
def test_options_within_a_question_make_no_other_of_it(listed: str) -> None:
    """A pool of open questions that list their options, and an exam with a column of them."""
    stem = "제왕절개로 분만한 지 6시간 된 산모가 기침할 때 절개 부위가 아프다고 한다. 우선적인 간호중재는?"
    exam = [{"id": "x", "question": stem, "options": ["지지한다", "눕힌다"], "answer": "지지한다"}]
    pool = [{"id": "p/0", "question": stem + listed.format("지지한다", "눕힌다"), "options": None, "answer": "지지한다"},
            {"id": "p/1", "question": "다른 것은?", "options": None, "answer": "이것"}]  # fmt: skip
    [row] = mk.apply(exam, mk.few_shot(pool, k=1))
    assert [shot["id"] for shot in row["shots"]] == ["p/1"]


@pytest.mark.parametrize("mode", ["fixed", "per-row"])
@pytest.mark.parametrize("lead", ["12. ", "[2023 기출] ", "문제 7) ", "Q3: ", "질문: ", "សំណួរ៖ "])
def test_a_number_before_a_question_makes_no_other_of_it(lead: str, mode: Any) -> None:
    stem = "제왕절개로 분만한 지 6시간 된 산모가 기침할 때 절개 부위가 아프다며 심호흡을 하지 않으려 한다. 우선적인 간호중재는?"
    questions = [
        {"id": "x", "question": stem, "options": ["지지한다", "눕힌다"], "answer_index": 0}
    ]
    pool = [
        questions[0] | {"id": "p/0", "question": lead + stem},
        questions[0] | {"id": "p/1", "question": "다른 것은?"},
    ]
    [row] = mk.apply(questions, mk.few_shot(pool, k=1, mode=mode))
    assert [shot["id"] for shot in row["shots"]] == ["p/1"]


def test_a_number_that_belongs_to_the_question_stays() -> None:
    stems = ["1.5 mg of the drug was given to the infant by mistake: what follows?", "5 mg of the drug was given to the infant by mistake: what follows?"]  # fmt: skip
    pool = [{"id": "p/0", "question": stems[1], "options": ["a", "b"], "answer_index": 0}]
    [row] = mk.apply([pool[0] | {"id": "x", "question": stems[0]}], mk.few_shot(pool, k=1))
    assert [shot["id"] for shot in row["shots"]] == ["p/0"]


CASE, ASKED = (
    "58세 남자가 30분 전부터 시작된 흉통으로 응급실에 왔다.",
    "심전도에서 ST분절이 상승하였다. 진단은?",
)


@pytest.mark.parametrize(
    "copy",
    [{"question": f"{CASE} {ASKED} (2점)"}, {"question": f"{CASE} {ASKED} [2021년 기출]"}, {"question": f"{CASE} {ASKED} (3 points)"},
     {"context": CASE, "question": ASKED}, {"context": f"{CASE}\n", "question": f"12. {ASKED}"}],
)  # fmt: skip
def test_remarks_behind_a_question_and_a_case_of_its_own_hide_nothing(copy: dict[str, str]) -> None:
    fields = {"context": None, "options": ["가", "나"], "answer": "가"}
    pool = [
        {"id": "p/1", **fields, **copy},
        {"id": "p/2", **fields, "question": "전혀 다른 것을 묻는다."},
    ]
    rows = [{"id": "x/1", **fields, "question": f"{CASE} {ASKED}"}]
    assert [
        shot["id"]
        for shot in mk.few_shot(pool, k=1)(pa.Table.from_pylist(rows))["shots"][0].as_py()
    ] == ["p/2"]
    with pytest.raises(FormattingError, match="too few examples"):
        mk.few_shot(pool, k=2, held_out=rows)


def test_questions_on_one_case_are_no_copies() -> None:
    fields = {"context": CASE, "options": None, "answer": "가"}
    pool = [
        {"id": f"p/{n}", **fields, "question": question}
        for n, question in enumerate(["진단은?", "치료는?", "예후는?"])
    ]
    rows = [{"id": "x/1", **fields, "question": "합병증은?"}]
    assert len(mk.few_shot(pool, k=3)(pa.Table.from_pylist(rows))["shots"][0]) == 3
