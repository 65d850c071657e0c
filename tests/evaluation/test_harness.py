"""Harness prompts: equal to the last byte, in every way the kernel can be run."""

from __future__ import annotations

import json
import pickle
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from laws import examples
from medqa_kit.errors import AnswerError, ArgumentError, FormattingError, NullValueError, RowError
from medqa_kit.evaluation.extract import extract
from medqa_kit.evaluation.formats import FORMATS, harness, harnesses
from medqa_kit.evaluation.shot_draws import shot_indices

HERE = Path(__file__).parents[1]
CASES = json.loads((HERE / "golden/harness_golden.json").read_text("utf-8"))
SHOTS = json.loads((HERE / "golden/shot_selection_golden.json").read_text("utf-8"))
COMPLETIONS = json.loads((HERE / "golden/completions.json").read_text("utf-8"))
SEEN = {case["format_id"] for case in CASES}


def mode(case: Mapping[str, Any]) -> Any:
    return case["chat_mode"] if case["chat"] else None


def normal(name: str, row: Mapping[str, Any], id_: str) -> dict[str, Any]:
    """A raw row of the golden file as our own schema has it, written apart from the library."""
    index: int | None
    if "QUESTION" in row or "final_decision" in row:
        nested = row.get("context", {"contexts": row.get("CONTEXTS"), "labels": row.get("LABELS")})
        question = row["QUESTION"] if "QUESTION" in row else row["question"]
        return {"id": id_, "question": question, "answer": row["final_decision"],
                "contexts": nested["contexts"], "labels": nested["labels"]}  # fmt: skip
    if "opa" in row:
        options = [row["op" + letter] for letter in "abcd"]
        index = row["cop"] - (0 if name.startswith("lm_eval") else 1)
    elif "sent1" in row:
        options, index = [row[f"ending{i}"] for i in range(4)], row["label"]
    elif "qtext" in row:
        options, index = [a["atext"] for a in row["answers"]], row["ra"] - 1
    elif "choices" in row:
        options, index = row["choices"], row["choices"].index(row["answer"][0])
    elif "options" in row:
        listed = row["options"]
        options = (
            list(listed.values()) if isinstance(listed, dict) else [o["value"] for o in listed]
        )
        index = "ABCDE".index(row["answer_idx"])
    else:
        options = [row[letter] for letter in "ABCDE" if letter in row]
        index = row["answer"] - 1
    question = next(row[n] for n in ("question", "sent1", "qtext") if n in row)
    return {"id": id_, "question": question, "options": options, "answer_index": index,
            "answer": options[index]}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_raw_row_renders_byte_for_byte(case: dict[str, Any]) -> None:
    format_ = harness(case["format_id"])
    assert (
        format_.render_raw(case["row"], shots=case["shots"], chat=mode(case))
        == case["expected_prompt"]
    )
    assert format_.target_raw(case["row"], chat=mode(case)) == case["expected_target"]
    if "continuations" in case:
        assert format_.choices_raw(case["row"], chat=mode(case)) == case["continuations"]
    if "until" in case:
        assert list(format_.stop) == case["until"]
    if "max_tokens" in case:
        assert format_.format.max_tokens == case["max_tokens"]


@pytest.mark.parametrize(
    ("name", "chat"), sorted({(c["format_id"], mode(c)) for c in CASES}, key=repr)
)
def test_normalised_rows_render_the_same_in_one_batch(name: str, chat: Any) -> None:
    """All cases of a format at once: each row with shots of its own, from a column."""
    cases = [c for c in CASES if c["format_id"] == name and mode(c) == chat]
    rows = [normal(name, c["row"], f"row/{i}") for i, c in enumerate(cases)]
    for row, case in zip(rows, cases, strict=True):
        row["shots"] = [normal(name, s, f"shot/{j}") for j, s in enumerate(case["shots"])]
    shown = any(row["shots"] for row in rows)
    if not shown:
        for row in rows:
            del row["shots"]
    kernel = harness(name, chat=chat)
    result = kernel(pa.Table.from_pylist(rows))
    assert result["prompt"].to_pylist() == [c["expected_prompt"] for c in cases]
    assert result["target"].to_pylist() == [c["expected_target"] for c in cases]
    assert result["id"].to_pylist() == [row["id"] for row in rows]
    assert ("choices" in result.column_names) == (kernel.format.scored == "choices")
    if "continuations" in cases[0]:
        assert result["choices"].to_pylist() == [c["continuations"] for c in cases]


@pytest.mark.parametrize("case", [c for c in CASES if c["n_shots"]], ids=lambda c: c["id"])
def test_fixed_shots_render_the_same(case: dict[str, Any]) -> None:
    name = case["format_id"]
    shots = [normal(name, s, f"shot/{j}") for j, s in enumerate(case["shots"])]
    table = pa.Table.from_pylist([normal(name, case["row"], f"row/{i}") for i in range(3)])
    result = harness(name, shots=shots, chat=mode(case))(table)
    assert result["prompt"].to_pylist() == [case["expected_prompt"]] * 3


def test_every_format_has_golden_prompts() -> None:
    assert {format_.name for format_ in harnesses()} == SEEN
    assert len(CASES) == 365


@pytest.mark.parametrize("name", list(FORMATS))
def test_facts_of_a_format(name: str) -> None:
    format_ = harness(name)
    assert format_.name == name
    assert name.endswith("@" + format_.version)
    assert format_.label_base in (0, 1, "letter", "text", "word")
    assert format_.quirks
    assert all(format_.quirks)
    assert "：" in format_.format.query.text or "정답：" not in name


def _options(name: str) -> list[str]:
    count = FORMATS[name].options or 5
    return ["급성 위염", "심근경색", "고혈압", "폐결핵", "편두통"][:count]


@pytest.mark.parametrize("name", list(FORMATS))
@pytest.mark.parametrize("chat", [False, True])
def test_what_is_trained_is_read_as_gold(name: str, chat: bool) -> None:
    format_ = FORMATS[name]
    kernel = harness(name)
    options = list(format_.words) or _options(name)
    for index in range(len(options)):
        completion = kernel.completion(index, () if format_.words else options)
        if format_.gold != "option":  # the texts of the options matter to no other format
            assert kernel.completion(index) == completion
        said = completion if chat else kernel.joint + completion
        texts = options if format_.gold == "option" else len(options)
        assert extract(said, rule=name, options=texts).index == index, said


@pytest.mark.parametrize("name", list(FORMATS))
def test_trained_targets_come_from_the_kernel_too(name: str) -> None:
    format_ = FORMATS[name]
    options = list(format_.words) or _options(name)
    rows = pa.table({
        "id": [f"r/{i}" for i in range(len(options))],
        "question": ["?"] * len(options),
        "options": [options] * len(options),
        "answer_index": list(range(len(options))),
        "answer": options,
        "contexts": [["c"]] * len(options),
        "labels": [["L"]] * len(options),
    })  # fmt: skip
    kernel = harness(name, target="trained", keep=("answer_index",))
    expected = [kernel.completion(i, options) for i in range(len(options))]
    assert kernel(rows)["target"].to_pylist() == expected


@pytest.mark.parametrize("case", SHOTS, ids=lambda c: f"{c['harness']}-{c['n_shots']}")
def test_shots_are_drawn_as_upstream_draws_them(case: dict[str, Any]) -> None:
    if "pool_size" in case:
        drawn = shot_indices("lm_eval", pool=case["pool_size"], k=case["n_shots"], documents=3)
        assert drawn == [case[f"indices_doc{i}"] for i in range(3)]
        return
    pool = case.get("pool_gold") or case["pool_gold_text"]
    sampler = "lighteval" if case["harness"] == "lighteval" else "helm"
    drawn = shot_indices(sampler, pool=pool, k=case["n_shots"], documents=2)
    assert drawn == [case["indices_every_doc"]] * 2


# -- bad input -------------------------------------------------------------------------------------

KORMED = "lm_eval/kormedmcqa@3.0"
FIVE = ["a", "b", "c", "d", "e"]


def table(**columns: Any) -> pa.Table:
    rows = {"id": ["x/1"], "question": ["q"], "options": [FIVE], "answer_index": [0]} | columns
    return pa.table(rows)


@pytest.mark.parametrize(("sampler", "pool", "own"), [
    ("lm_eval", 9, 1234), ("lighteval", list("ABCABCABC"), 0), ("helm", list("ABCABCABC"), 0),
])  # fmt: skip
def test_another_seed_draws_other_shots_and_the_own_one_the_same(
    sampler: Any, pool: Any, own: int
) -> None:
    drawn = [shot_indices(sampler, pool=pool, k=4, seed=seed) for seed in (None, own, 7, 8)]
    assert drawn[0] == drawn[1]
    assert len({str(shots) for shots in drawn}) == 3


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(ArgumentError, match=r"did you mean 'lm_eval/kormedmcqa@3\.0'"):
        harness("lm_eval/kormedmcqa@2.0")


def test_missing_columns_are_named() -> None:
    with pytest.raises(FormattingError, match="column 'answer_index'"):
        harness(KORMED)(table().drop_columns("answer_index"))
    with pytest.raises(FormattingError, match="'contexts'"):
        harness("lighteval/pubmedqa@0")(
            pa.table({"id": ["1"], "question": ["q"], "answer": ["yes"]})
        )


@pytest.mark.parametrize("name", [name for name, form in FORMATS.items() if form.context])
def test_a_joined_context_is_enough_where_the_harness_joins_by_lines_alone(name: str) -> None:
    joined = pa.table({"id": ["1"], "question": ["q"], "answer": ["yes"], "context": ["one\ntwo"]})
    if FORMATS[name].context == "lines":
        assert "one\ntwo" in harness(name)(joined)["prompt"][0].as_py()
    else:  # no line tells where one context ends
        with pytest.raises(FormattingError, match="'contexts'"):
            harness(name)(joined)


@pytest.mark.parametrize(
    ("columns", "error", "words"),
    [
        ({"options": [FIVE[:4]]}, RowError, "another number of options"),
        ({"options": [[*FIVE, "f"]]}, RowError, "another number of options"),
        ({"options": [["a", None, "c", "d", "e"]]}, NullValueError, "an option is null"),
        ({"options": pa.array([None], pa.list_(pa.string()))}, NullValueError, "no options"),
        ({"question": pa.nulls(1, pa.string())}, NullValueError, "null cannot be put"),
        ({"answer_index": [5]}, AnswerError, "not one of the options"),
        ({"answer_index": [-1]}, AnswerError, "not one of the options"),
    ],
)
def test_bad_rows_raise_and_name_their_id(columns: Any, error: type[RowError], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        harness(KORMED)(table(**columns))
    assert caught.value.rows == [0]
    assert caught.value.row_id == "x/1"
    assert "Hint:" in str(caught.value)


def test_bad_rows_are_counted_over_slices() -> None:
    rows = 40_000
    index = [0] * rows
    index[5] = index[39_999] = 9
    data = pa.table({"id": [str(i) for i in range(rows)], "question": ["q"] * rows,
                     "options": [FIVE] * rows, "answer_index": index})  # fmt: skip
    with pytest.raises(AnswerError) as caught:
        harness(KORMED)(data)
    assert caught.value.rows == [5, 39_999]


def test_a_withheld_answer_gives_a_null_target() -> None:
    result = harness(KORMED)(table(answer_index=pa.nulls(1, pa.int32())))
    assert result["target"].to_pylist() == [None]
    assert result["prompt"].to_pylist() == ["q\nA. a\nB. b\nC. c\nD. d\nE. e\n정답："]


def test_a_row_among_its_own_shots_is_refused() -> None:
    with pytest.raises(RowError, match="among its own shots"):
        harness(KORMED, shots=table())(table())


def test_a_shot_without_an_answer_is_refused() -> None:
    with pytest.raises(NullValueError, match="a shot has no answer"):
        harness(KORMED, shots=table(id=["s"], answer_index=pa.nulls(1, pa.int32())))(table())


def test_shots_and_modes_a_harness_does_not_have_are_refused() -> None:
    with pytest.raises(ArgumentError, match="shows no examples"):
        harness("inspect_evals/medqa@2-A", shots=table())
    with pytest.raises(ArgumentError, match="no such chat mode"):
        harness("helm/med_qa@0.5.16", chat="multiturn")

    with pytest.raises(ArgumentError, match="did you mean 'multiturn'"):
        harness(KORMED, chat="multi-turn")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="did you mean 'trained'"):
        harness(KORMED, target="train")  # type: ignore[arg-type]


def test_the_formats_are_listed_as_a_table() -> None:
    listing = harnesses()
    assert {format_.name for format_ in listing} == set(FORMATS)
    assert str(listing).splitlines()[-1] == f"{len(FORMATS)} formats"
    assert "lm_eval/kmmlu@2.0" in str(listing[1:2])
    html = listing._repr_html_()
    assert html.count("<tr>") == len(FORMATS) + 1


def test_what_names_a_row_goes_along_unless_not_wanted() -> None:
    named = table(source=["exam"], family=["f"], language=["ko"], year=[2024])
    kernel = harness(KORMED, keep=("year", "source"))
    assert kernel(named).column_names == [
        "id", "source", "family", "language", "prompt", "target", "year",
    ]  # fmt: skip
    bare = harness(KORMED, identity=False, keep=("id",))(named)
    assert bare.column_names == ["prompt", "target", "id"]
    assert bare["prompt"].equals(kernel(named)["prompt"])


def test_shots_come_in_whatever_holds_rows() -> None:
    shot = table(id=["s"], question=["시험?"])
    expected = harness(KORMED, shots=shot)(table())
    for shots in (shot.to_pylist(), datasets.Dataset(shot), shot.to_batches()[0], shot.to_pandas()):
        assert harness(KORMED, shots=shots)(table()).equals(expected)
    assert harness(KORMED, shots=[])(table()).equals(harness(KORMED)(table()))


def test_a_word_the_format_does_not_know_is_refused() -> None:
    rows = pa.table({"id": ["1"], "question": ["q"], "answer": ["Yes"], "contexts": [["c"]]})
    with pytest.raises(AnswerError, match="not one of the words"):
        harness("lm_eval/pubmedqa@1.0")(rows)


RAW = {"question": "q", **dict.fromkeys("ABCDE", "o"), "answer": 1}


@pytest.mark.parametrize("answer", [0, 6, "3", None, True, 1.0])
def test_raw_labels_upstream_would_misread_are_refused(answer: Any) -> None:
    with pytest.raises(AnswerError, match="the label is not one"):
        harness(KORMED).target_raw(RAW | {"answer": answer})


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"question": None}, NullValueError, "null cannot be put"),
        ({"C": None}, NullValueError, "an option is null"),
        ({"C": 3}, FormattingError, "is not text"),
        ({"question": "half \ud800 of it"}, FormattingError, "lone surrogates"),
    ],
)
def test_raw_rows_that_cannot_be_rendered(change: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        harness(KORMED).render_raw(RAW | change)


HEADQA = {
    "qtext": "q?",
    "ra": 2,
    "answers": [{"aid": 1, "atext": "one"}, {"aid": 2, "atext": "\u3000two "}],
}
SHEET = {"QUESTION": "q?", "CONTEXTS": ["c"], "LABELS": ["AIM"], "final_decision": "yes"}


def test_shots_of_headqa_are_stripped_in_plain_text_and_keep_their_blank_in_chat() -> None:
    kernel = harness("lighteval/headqa:en@0")
    assert kernel.render_raw(HEADQA, shots=[HEADQA]) == (
        "Question: q?\nAnswer: two\n\nQuestion: q?\nAnswer:"
    )
    chat = kernel.render_raw(HEADQA, shots=[HEADQA], chat="multiturn")
    assert isinstance(chat, list)
    assert chat[1] == {"role": "assistant", "content": " \u3000two "}


def test_labels_are_read_as_upstream_converts_them() -> None:
    assert harness("lighteval/headqa:en@0").target_raw(HEADQA | {"ra": "2"}) == " \u3000two "
    row = {"question": "q?", "context": {"contexts": ["c"]}, "final_decision": "No"}
    assert harness("inspect_evals/pubmedqa@2-A").target_raw(row) == "B"
    with pytest.raises(AnswerError):
        harness("helm/pubmed_qa@0.5.16").target_raw(SHEET | {"final_decision": "No"})


def test_reasoning_tasks_of_kmmlu_have_chat_without_examples() -> None:
    kernel = harness("lm_eval/kmmlu_cot_hard_health@2.0")
    row = {"question": " q ", **dict.fromkeys("ABCD", "o"), "answer": 1}
    for chat in ("multiturn", "single_user_turn"):
        text = kernel.render_raw(row)
        assert kernel.render_raw(row, chat=chat) == [{"role": "user", "content": text}]


@pytest.mark.parametrize(
    ("name", "row", "column"),
    [
        *((name, SHEET | {"CONTEXTS": "text"}, "CONTEXTS") for name in FORMATS if "/pubmed" in name
          and not name.startswith("inspect")),
        ("lighteval/med_qa@0", {"question": "q", "options": None, "answer_idx": "A"}, "options"),
        ("lighteval/med_qa@0", {"question": "q", "options": [{"key": "A"}], "answer_idx": "A"}, "options"),
        ("inspect_evals/medqa@2-A", {"question": "q", "choices": "AB", "answer": ["A"]}, "choices"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused(name: str, row: dict[str, Any], column: str) -> None:
    with pytest.raises(FormattingError, match=f"column '{column}'"):
        harness(name).render_raw(row, chat="single_user_turn" if "inspect" in name else None)


def test_raw_rows_of_a_data_frame_hold_numbers_and_arrays_of_numpy() -> None:
    frame = pa.table({k: [v] for k, v in (RAW | {"answer": 4}).items()}).to_pandas()
    row = frame.assign(answer=frame["answer"].astype("int32")).iloc[0].to_dict()
    assert harness(KORMED).target_raw({**row, "answer": frame["answer"].to_numpy()[0]}) == "D"
    sheet = pa.table({k: [v] for k, v in SHEET.items()}).to_pandas().iloc[0].to_dict()
    kernel = harness("helm/pubmed_qa@0.5.16")
    assert kernel.render_raw(sheet) == kernel.render_raw(SHEET)


def test_a_raw_row_without_its_column_names_it() -> None:
    with pytest.raises(FormattingError, match="column 'E'"):
        harness(KORMED).render_raw({k: v for k, v in RAW.items() if k != "E"})


def test_equal_options_move_the_gold_of_inspect() -> None:
    rows = table(options=[["x", "y", "x"]], answer_index=[2])
    assert harness("inspect_evals/medqa@2-A")(rows)["target"].to_pylist() == ["A"]


def test_pubmedqa_as_loaded_has_its_lists() -> None:
    loaded = mk.load("pubmedqa", subset="pqa_labeled", split="train", origin="sample",
                     keep=["context"])  # fmt: skip
    raw = mk.load("pubmedqa", subset="pqa_labeled", split="train", origin="sample", view="raw")
    upstream = [
        {"QUESTION": r["question"], "CONTEXTS": r["context"]["contexts"],
         "LABELS": r["context"]["labels"], "final_decision": r["final_decision"]} for r in raw
    ]  # fmt: skip
    for name in ("lm_eval/pubmedqa@1.0", "lighteval/pubmedqa@0", "helm/pubmed_qa@0.5.16"):
        rows = mk.apply(loaded, harness(name))
        assert rows["prompt"][:] == [harness(name).render_raw(row) for row in upstream]
    rows = mk.apply(loaded, harness("inspect_evals/pubmedqa@2-A"))
    assert rows["prompt"][:] == [
        harness("inspect_evals/pubmedqa@2-A").render_raw(row) for row in raw
    ]
    shot = {"id": "s", **loaded.to_list()[0]} | {"id": "s"}
    few = mk.apply(loaded, harness("lighteval/pubmedqa@0", shots=[shot]))
    assert few["prompt"][0].startswith(upstream[0]["QUESTION"] + "\n[")
    plain = loaded.remove_columns("raw_context")
    rows = mk.apply(plain, harness("lm_eval/pubmedqa@1.0"))
    assert rows["prompt"][:] == [harness("lm_eval/pubmedqa@1.0").render_raw(r) for r in upstream]
    with pytest.raises(FormattingError, match="keep="):
        mk.apply(plain, harness("helm/pubmed_qa@0.5.16"))


@pytest.mark.parametrize(
    ("source", "subset", "name"),
    [
        ("kormedmcqa", "doctor", KORMED),
        ("kormedmcqa", "doctor", "nemo_skills/kormedmcqa@7965f9c2"),
        ("kmmlu_medical", None, "lm_eval/kmmlu@2.0"),
        ("medmcqa", None, "lm_eval/medmcqa@0.4.13"),
    ],
)
def test_loaded_rows_and_raw_rows_render_the_same(source: str, subset: Any, name: str) -> None:
    """Normalising keeps what the harness needs, to the byte."""
    how: Any = {"subset": subset, "split": "train", "origin": "sample"}
    loaded = mk.load(source, **how)
    raw = {row["id"]: row for row in mk.load(source, **how, view="raw")}
    rows = mk.apply(loaded, harness(name))
    assert len(rows)
    for row in rows:
        assert row["prompt"] == harness(name).render_raw(raw[row["id"]])


# -- laws ------------------------------------------------------------------------------------------

TEXTS = st.text(max_size=12) | st.sampled_from(
    [
        "{{ x }}",
        "{question}",
        "{% if %}",
        "%s {0}",
        "\u200f\u202eabc",
        "a\x00b",
        " \u3000x\n\n",
        "정답：",
    ]
)


@st.composite
def questions(draw: st.DrawFn) -> pa.Table:
    count = draw(st.integers(0, 6))
    return pa.table({
        "id": pa.array([f"r/{i}" for i in range(count)], pa.string()),
        "question": pa.array([draw(TEXTS) for _ in range(count)], pa.string()),
        "options": pa.array([[draw(TEXTS) for _ in range(4)] for _ in range(count)],
                            pa.list_(pa.string())),
        "answer_index": pa.array([draw(st.none() | st.integers(0, 3)) for _ in range(count)],
                                 pa.int32()),
    })  # fmt: skip


FOUR = [n for n in FORMATS if FORMATS[n].options in (4, None) and not FORMATS[n].words]


@settings(max_examples=examples(40), deadline=None)
@given(data=questions(), name=st.sampled_from(FOUR), cut=st.integers(0, 6))
def test_batches_change_nothing(data: pa.Table, name: str, cut: int) -> None:
    kernel = pickle.loads(pickle.dumps(harness(name)))
    whole = kernel(data)
    parts = pa.concat_tables([kernel(data.slice(0, cut)), kernel(data.slice(cut))])
    assert parts.equals(whole)
    assert kernel(data.slice(0, 0)).schema == whole.schema
    chunked = pa.concat_tables([data.slice(0, cut), data.slice(cut)])
    assert kernel(chunked).equals(whole)


@settings(max_examples=examples(40), deadline=None)
@given(data=questions())
def test_only_what_the_harness_strips_is_stripped(data: pa.Table) -> None:
    before = data.to_pylist()
    prompts = harness("lm_eval/kmmlu@2.0")(data)["prompt"].to_pylist()
    for row, prompt in zip(before, prompts, strict=True):
        a, b, c, d = row["options"]
        assert prompt == f"{row['question'].strip()}\nA. {a}\nB. {b}\nC. {c}\nD. {d}\n정답："
    assert data.to_pylist() == before


@settings(max_examples=examples(40), deadline=None)
@given(contexts=st.lists(TEXTS, max_size=4), heading=TEXTS)
def test_lists_are_written_as_python_writes_them(contexts: list[str], heading: str) -> None:
    row = {"QUESTION": "q", "CONTEXTS": contexts, "LABELS": [heading] * len(contexts),
           "final_decision": "yes"}  # fmt: skip
    assert harness("lighteval/pubmedqa@0").render_raw(row) == f"q\n{contexts}\nAnswer: "
    lines = "\n".join(f"{heading.title()}. {c}" for c in contexts)
    assert f"Question: Context: {lines}\n\nQuestion: q" in harness(
        "helm/pubmed_qa@0.5.16"
    ).render_raw(row)


def test_empty_tables_keep_their_schema() -> None:
    for name in FORMATS:
        words = bool(FORMATS[name].words)
        row = {"id": "i", "question": "q", "options": [] if words else _options(name),
               "answer_index": 0, "answer": "yes", "contexts": ["c"], "labels": ["L"]}  # fmt: skip
        filled = pa.Table.from_pylist([row])
        for chat in FORMATS[name].assembly.modes:
            kernel = harness(name, chat=chat)
            assert kernel(filled.slice(0, 0)).schema == kernel(filled).schema


def test_it_runs_in_a_dataset_and_in_an_iterable_one() -> None:
    data = table(id=["x/1"])
    kernel = harness(KORMED, chat="single_user_turn", shots=table(id=["s/1"], question=["shot"]))
    expected = kernel(data).to_pylist()
    dataset = datasets.Dataset(data)
    mapped = dataset.with_format("arrow").map(
        kernel, batched=True, remove_columns=dataset.column_names
    )
    assert mapped.with_format(None).to_list() == expected
    assert mk.apply(dataset, kernel).to_list() == expected
    assert list(mk.apply(dataset.to_iterable_dataset(), kernel)) == expected


# -- the real package ------------------------------------------------------------------------------

LM_EVAL = {
    "kormedmcqa_doctor": "lm_eval/kormedmcqa@3.0",
    "kmmlu_health": "lm_eval/kmmlu@2.0",
    "kmmlu_direct_health": "lm_eval/kmmlu_direct@2.0",
    "medqa_4options": "lm_eval/medqa_4options@0.4.13",
    "medmcqa": "lm_eval/medmcqa@0.4.13",
    "pubmedqa": "lm_eval/pubmedqa@1.0",
}


def _rows(name: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The invented rows of a format, and a pool of five to show."""
    cases = {c["case"]: c["row"] for c in CASES if c["format_id"] == name and c["case"] != "seed"}
    pool = next(c["shots"] for c in CASES if c["format_id"] == name and c["n_shots"] == 5)
    return list(cases.values()), pool


@pytest.fixture(scope="module")
def manager() -> Any:
    return pytest.importorskip("lm_eval.tasks").TaskManager()


def _task(manager: Any, name: str, rows: Any, pool: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The task as the package ships it, built with invented rows instead of the hub's."""
    splits = dict.fromkeys(("test", "validation"), rows) | dict.fromkeys(
        ("train", "dev", "fewshot"), pool
    )
    splits_of_task = datasets.DatasetDict(
        {s: datasets.Dataset.from_list(r) for s, r in splits.items()}
    )
    monkeypatch.setattr(datasets, "load_dataset", lambda *args, **settings: splits_of_task)
    task = manager.load(name)["tasks"][name]
    task.set_fewshot_seed(1234)
    return task


def _as_json(messages: Any, add_generation_prompt: bool = True) -> str:
    return json.dumps([{k: m[k] for k in ("role", "content")} for m in messages])


@pytest.mark.harness
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("task_name", "name"), LM_EVAL.items())
@pytest.mark.parametrize("k", [0, 2, 5])
def test_the_real_lm_eval_sends_the_same(
    task_name: str, name: str, k: int, manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, pool = _rows(name)
    task = _task(manager, task_name, rows, pool, monkeypatch)
    sampler = "lm_eval/first_n" if "kormed" in name else "lm_eval"
    drawn = shot_indices(sampler, pool=len(pool), k=k, documents=3 * len(rows))
    mine = harness(name)
    chats: list[Any] = [None, "multiturn", "single_user_turn"]
    for place, chat in enumerate(chats):
        for nth, row in enumerate(task.test_docs()):
            shots = [pool[i] for i in drawn[place * len(rows) + nth]]
            theirs = task.fewshot_context(
                row,
                num_fewshot=k,
                apply_chat_template=chat is not None,
                fewshot_as_multiturn=chat == "multiturn",
                chat_template=_as_json,
            )
            ours = mine.render_raw(row, shots=shots, chat=chat)
            assert (ours if chat is None else json.dumps(ours)) == theirs


@pytest.mark.harness
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("task_name", "name"), LM_EVAL.items())
def test_the_real_lm_eval_scores_against_the_same(
    task_name: str, name: str, manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, pool = _rows(name)
    task = _task(manager, task_name, rows, pool, monkeypatch)
    mine = harness(name)
    for row in task.test_docs():
        context = task.fewshot_context(row, num_fewshot=0)
        sent = task.construct_requests(row, context, metadata=(task_name, 0, 1))
        if mine.format.scored == "choices":
            assert [request.args[1] for request in sent] == mine.choices_raw(row)
            assert mine.target_raw(row) in [request.args[1] for request in sent]
            gold = task.doc_to_target(row)
            words = task.doc_to_choice(row)
            assert mine.target_raw(row) == " " + (words[gold] if isinstance(gold, int) else gold)
        else:
            assert list(mine.stop) == sent.args[1]["until"]
            assert mine.target_raw(row) == task.doc_to_target(row)


@pytest.mark.harness
@pytest.mark.filterwarnings("ignore")
def test_the_real_lm_eval_reads_the_same(manager: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, pool = _rows(KORMED)
    task = _task(manager, "kormedmcqa_doctor", rows, pool, monkeypatch)
    replies = [r["reply"] for r in COMPLETIONS["replies"]]
    steps = task._filters[0].filters
    cut = [FORMATS[KORMED].cut(reply) for reply in replies]
    theirs = [[reply] for reply in cut]
    for step in steps[:-1]:
        theirs = step().apply(theirs, [{}] * len(theirs))
    ours = [extract(reply, rule=KORMED).value for reply in replies]
    assert ours == [reading[0] for reading in theirs]


PIECES = ("정답", "정답은", "정답: ", "정답：", "정답은 ", " 입니다", "입니다.", "A", "b", "C.", "(D)", "E", "Ｂ", "②", "F", "AB", " ", "\n",
          "\n\n", ".", ":", "*", "Q:", "질문:", "따라서", "는", "번", "is", "é", "1", "</s>", "<|im_end|>", "\u200b", "ß")  # fmt: skip


@pytest.mark.harness
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("task_name", "name", "shape"),
    [("kormedmcqa_doctor", KORMED, KORMED),
     ("kmmlu_cot_hard_health", "lm_eval/kmmlu_cot_hard_health@2.0", "lm_eval/kmmlu@2.0")],
)  # fmt: skip
def test_the_real_lm_eval_reads_ten_thousand_replies_the_same(
    task_name: str, name: str, shape: str, manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lm_eval.models.utils import postprocess_generated_text

    rows, pool = _rows(shape)
    task = _task(manager, task_name, rows, pool, monkeypatch)
    draw = random.Random(20_261)
    replies = ["".join(draw.choices(PIECES, k=draw.randint(1, 9))) for _ in range(10_000)]
    stops = list(task.config.generation_kwargs["until"])
    theirs = [[postprocess_generated_text(reply, stops, None)] for reply in replies]
    assert [FORMATS[name].cut(reply) for reply in replies] == [reading[0] for reading in theirs]
    for step in task._filters[0].filters[:-1]:
        theirs = step().apply(theirs, [{}] * len(theirs))
    theirs = [reading if isinstance(reading, str) else reading[0] for reading in theirs]
    ours = [extract(reply, rule=name).value for reply in replies]
    assert [(r, o, t) for r, o, t in zip(replies, ours, theirs, strict=True) if o != t] == []
    assert len(set(ours)) >= 4
