"""II-Medical-Reasoning: turns verbatim, think blocks on request, repeats over two files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.entries.ii_medical_reasoning import RAW, as_question
from medqa_kit.loading.planner import SAMPLES

NAME = "ii_medical_reasoning"
REPO = "Intelligent-Internet/II-Medical-Reasoning-SFT"


def sample(**options: Any) -> Any:
    return mk.load(NAME, split="train", origin="sample", **options)


def turns(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"content": content, "role": role} for role, content in pairs]


def split(output: str) -> dict[str, Any]:
    messages = turns(("user", "Why?"), ("assistant", output))
    (row,) = as_question(pa.Table.from_pylist([{"messages": messages}], schema=RAW)).to_pylist()
    return row


def test_turns_are_verbatim_with_the_role_first(hub) -> None:
    theirs = [row for file in sorted((SAMPLES / NAME / "data").iterdir())
              for row in pq.read_table(file).to_pylist()]  # fmt: skip
    assert list(theirs[0]["messages"][0]) == ["content", "role"]
    for row, raw in zip(sample(), theirs, strict=True):
        assert [list(turn) for turn in row["messages"]] == [["role", "content"]] * 2
        assert row["messages"] == raw["messages"]
    assert sample()[0]["messages"][1]["content"].startswith("<think>\nSailors")


def test_the_qa_view_takes_the_block_out(hub) -> None:
    row = sample(view="qa")[0]
    assert row["question"] == "Which vitamin prevents scurvy?"
    assert row["rationale"] == "Sailors ate lemons.\n\nLemons hold vitamin C."
    assert row["answer"] == "**Vitamin C**.\n"
    assert sample(view="qa")["id"][:] == sample()["id"][:]


@pytest.mark.parametrize(
    ("output", "rationale", "answer"),
    [
        ("<think>a</think>b", "a", "b"),
        (" <think>\n\na b\nc\n</think>\n\nd\n", "a b\nc", "d\n"),
        ("<think>\n\n</think>\n\nb", None, "b"),
        ("<think>a</think>", "a", None),
        ("<think>a</think>b</think>c", "a", "b</think>c"),
        ("no block", None, "no block"),
        ("<think>cut off", None, "<think>cut off"),
        ("a</think>b", None, "a</think>b"),
        ("so <think>a</think>b", None, "so <think>a</think>b"),
    ],
)
def test_what_counts_as_a_block(output: str, rationale: str | None, answer: str | None) -> None:
    row = split(output)
    assert (row["rationale"], row["answer"]) == (rationale, answer)


@pytest.mark.parametrize(
    "messages",
    [
        turns(("user", "a")),
        turns(("assistant", "a"), ("user", "b")),
        turns(("system", "s"), ("user", "a"), ("assistant", "b")),
        turns(("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d")),
    ],
)
def test_longer_dialogues_load_but_are_no_single_question(
    hub, tmp_path: Path, messages: list[dict[str, str]]
) -> None:
    (tmp_path / "data").mkdir()
    rows = [{"messages": turns(("user", "a"), ("assistant", "b"))}, {"messages": messages}]
    table = pa.Table.from_pylist(rows, schema=RAW)
    pq.write_table(table, tmp_path / "data" / "train-00000-of-00001.parquet")
    data = mk.load(NAME, split="train", path=tmp_path)
    assert [turn["role"] for turn in data[1]["messages"]] == [m["role"] for m in messages]
    with pytest.raises(mk.errors.RowError, match="more than one question") as error:
        mk.load(NAME, split="train", path=tmp_path, view="qa")
    assert error.value.row == 1


@pytest.mark.parametrize("role", ["human", "", None])
def test_an_unknown_role_is_an_error(hub, tmp_path: Path, role: str | None) -> None:
    messages = [{"content": "a", "role": "user"}, {"content": "b", "role": role}]
    (tmp_path / "data").mkdir()
    table = pa.Table.from_pylist([{"messages": messages}], schema=RAW)
    pq.write_table(table, tmp_path / "data" / "train-00000-of-00001.parquet")
    with pytest.raises(mk.errors.ValueTypeError, match="role"):
        mk.load(NAME, split="train", path=tmp_path)


def test_copies_across_files_are_told_apart_and_traces_are_not_copies(hub) -> None:
    ids = sample()["id"][:]
    assert ids[7] == f"{ids[0]}~2"
    assert "~" not in ids[8]


def test_roles_are_part_of_the_key(hub, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    rows = [{"messages": turns((role, "a"))} for role in ("user", "assistant")]
    rows += [{"messages": turns(("user", "a"), ("user", "b"))}]
    table = pa.Table.from_pylist(rows, schema=RAW)
    pq.write_table(table, tmp_path / "data" / "train-00000-of-00001.parquet")
    ids = mk.load(NAME, split="train", path=tmp_path)["id"][:]
    assert len(set(ids)) == 3
    assert "~" not in "".join(ids), "none is a copy"


def test_question_and_problem_are_alternatives_one_can_keep(hub) -> None:
    rows = sample(keep=["model", "question", "problem"])
    assert {(row["question"] is None) != (row["problem"] is None) for row in rows} == {True}
    assert rows[0]["model"] == "demo-r1"


def test_it_floats_and_no_family_is_claimed(hub) -> None:
    hub.repo(REPO).commit("a" * 40, SAMPLES / NAME)
    with pytest.warns(mk.errors.FloatingRevisionWarning, match="a" * 40):
        data = mk.load(NAME, split="train", streaming=True)
    assert {row["family"] for row in data} == {None}


def test_no_licence_was_found_and_the_count_is_upstreams() -> None:
    source = mk.source(NAME)
    assert source.terms.commercial == source.terms.redistribute == "unknown"
    assert source.rows == 2_197_741


def test_recipes_hold_out_the_exams_it_holds_problems_of() -> None:
    assert mk.source(NAME).protected_by == (
        "medqa-usmle-test", "medmcqa-validation", "medmcqa-test", "pubmedqa-labeled",
    )  # fmt: skip


@pytest.mark.parametrize("compilation", ["medical_training_dataset", "medrescue"])
def test_a_compilation_that_lists_it_does_not_hold_it(compilation: str) -> None:
    assert NAME not in {parent.name for parent in mk.source(compilation).derived_from}


def test_the_raw_turns_have_the_content_first(hub) -> None:
    turn = sample(view="raw")[0]["messages"][0]
    assert list(turn) == ["content", "role"]


def test_the_qa_view_asks_with_the_users_turn(hub) -> None:
    asked = [row["messages"][0]["content"] for row in sample()]
    assert sample(view="qa")["question"][:] == asked


@pytest.mark.parametrize("absent", ["question", "problem"])
@pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")
def test_a_copy_without_one_of_the_alternatives_is_read(tmp_path: Path, absent: str) -> None:
    row = {"model": "demo", "question": "Why?", "problem": "Why?", "messages": turns(("user", "Why?"), ("assistant", "So."))}  # fmt: skip
    row.pop(absent)
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "train.parquet")
    (read,) = mk.load(NAME, split="train", path=tmp_path / "train.parquet")
    assert read["messages"] == [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]  # fmt: skip
