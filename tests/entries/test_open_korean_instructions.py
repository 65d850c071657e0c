"""Open Korean Instructions: the grammar of turns, line starts, inputs, copies of KoAlpaca."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import medqa_kit as mk
from medqa_kit.entries.open_korean_instructions import joined, turns

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")


def talks(subset: str, **options: Any) -> list[list[tuple[str, str]]]:
    data = mk.load(
        "open_korean_instructions", subset=subset, split="train", origin="sample", **options
    )
    return [[(t["role"], t["content"]) for t in row["messages"]] for row in data]


def test_four_files_are_four_subsets_and_a_missing_one_is_an_error(hub, tmp_path: Path) -> None:
    assert mk.source("open_korean_instructions").subsets == (
        "koalpaca", "sharegpt_deepl_ko", "OIG-smallchip2-ko", "korquad-chat",
    )  # fmt: skip
    (tmp_path / "koalpaca.json").write_text('{"source": "koalpaca-v1.1", "text": "<usr> a"}')
    with pytest.raises(mk.errors.WrongFilesError, match=r"korquad-chat\.json|sharegpt_deepl_ko"):
        mk.load("open_korean_instructions", split="train", path=tmp_path)


def test_the_commit_that_is_known_in_full_lacks_a_file_and_is_not_pinned() -> None:
    source = mk.source("open_korean_instructions")
    assert source.floating
    assert source.at == mk.catalog.Hub("heegyu/open-korean-instructions")
    counts = {part.subset: (part.rows, part.exact) for part in source.parts}
    assert counts.pop("koalpaca") == (70_775, False), "as many as the source koalpaca has"
    assert set(counts.values()) == {(None, True)}


def test_the_parquet_edition_of_october_2023_is_another_layout(hub, tmp_path: Path) -> None:
    (tmp_path / "True").mkdir()
    table = pa.table({"source": ["koalpaca-v1.1"], "text": ["<usr> a\n<bot> b"]})
    pq.write_table(table, tmp_path / "True" / "train-00000-of-00001.parquet")
    with pytest.raises(mk.errors.WrongFilesError) as caught:
        mk.load("open_korean_instructions", split="train", path=tmp_path)
    assert caught.value.expected == "koalpaca.json"
    assert "True/train-00000-of-00001.parquet" in caught.value.found


def test_parts_keep_the_names_of_their_origin_and_keys_are_hashes_of_the_text(hub) -> None:
    where = {"split": "train", "origin": "sample", "keep": ["source"]}
    rows = mk.load("open_korean_instructions", **where, subset="koalpaca")
    assert list(dict.fromkeys(rows["raw_source"])) == ["koalpaca-v1.0", "koalpaca-v1.1"]
    assert len(set(rows["id"])) == len(rows)
    copies = mk.load("open_korean_instructions", **where, subset="OIG-smallchip2-ko")["id"]
    assert copies[1] == copies[0] + "~2"


def test_replies_of_models_and_non_commercial_parts_rule_over_the_tag() -> None:
    source = mk.source("open_korean_instructions")
    assert source.terms.commercial == "no"
    assert source.terms.redistribute == "conditional"
    assert {claim.license: claim.credible for claim in source.license} == {
        "MIT": False, "CC-BY-NC-4.0": True, "model-output-terms": True,
    }  # fmt: skip


def test_sys_after_the_user_is_the_input_of_that_turn(hub) -> None:
    dialogues = talks("koalpaca")
    assert dialogues[0] == [("user", "다음 낱말의 반대말을 쓰시오.\n높다"), ("assistant", "낮다")]
    assert dialogues[2][0] == ("user", "두 수를 더하시오.\n12\n30")
    assert dialogues[1][1] == ("assistant", "1. 골고루 먹기\n2. 걷기\n3. 푹 자기"), (
        "turns hold line breaks"
    )


def test_markers_count_at_line_starts_only(hub) -> None:
    answer = talks("sharegpt_deepl_ko")[2][1][1]
    assert answer == "예를 들면 <bot> 같은 표시나\n  <usr> 같은 표시가 있습니다.\n<br> 도 있습니다."
    assert "김<usr>였다." in talks("korquad-chat")[0][0][1]


def test_a_conversation_may_begin_with_the_assistant(hub) -> None:
    assert [role for role, _ in talks("sharegpt_deepl_ko")[1]] == ["assistant", "user", "assistant"]


def test_a_conversation_that_begins_with_the_assistant_is_flagged_before_it_trains(hub) -> None:
    data = mk.load("open_korean_instructions", subset="sharegpt_deepl_ko", split="train",
                   origin="sample")  # fmt: skip
    _, report = mk.lint(data, on_bad="keep")
    assert report.ids("role_order") == [data[1]["id"]]


def test_a_passage_without_blank_goes_to_the_first_turn_or_into_its_own(hub) -> None:
    first, second, _ = talks("korquad-chat")
    assert first[0][1].startswith("다라병원은")
    assert first[0][1].endswith("\n언제 열었나요?")
    assert second[0] == ("system", "가나산은 높다."), "no user turn follows to take it"
    own = talks("korquad-chat", choices={"variant": "system"})[0]
    assert own[0] == ("system", "다라병원은 1987년에 문을 열었다. 원장은 김<usr>였다.")
    assert own[1] == ("user", "언제 열었나요?")
    assert own[3] == ("user", "<|bot|>은 가 봤나요?"), "names of persons are text"


def test_text_before_the_first_marker_is_an_error(hub, tmp_path: Path) -> None:
    file = tmp_path / "korquad-chat.json"
    file.write_text(
        json.dumps({"source": "korquad-chat", "text": "가나강은 길다.\n<usr> 얼마나요?"})
    )
    with pytest.raises(mk.errors.ValueTypeError, match="does not begin with a turn"):
        mk.load("open_korean_instructions", subset="korquad-chat", split="train", path=file)


def test_instruction_and_output_columns_are_another_layout(hub, tmp_path: Path) -> None:
    file = tmp_path / "koalpaca.json"
    file.write_text('{"instruction": "a", "output": "b"}')
    with pytest.raises(mk.errors.SchemaMovedError) as caught:
        mk.load("open_korean_instructions", subset="koalpaca", split="train", path=file)
    assert (caught.value.expected, caught.value.found) == ("source, text", "instruction, output")


def test_koalpaca_rows_are_families_of_the_source_koalpaca(hub) -> None:
    here = mk.load("open_korean_instructions", subset="koalpaca", split="train", origin="sample")
    there = mk.load("koalpaca", split="train", origin="sample")
    assert set(here["family"]) < set(there["family"])
    others = mk.load("open_korean_instructions", subset="OIG-smallchip2-ko", split="train",
                     origin="sample")  # fmt: skip
    assert set(others["family"]) == {None}


LINE = st.text("가나 <>ab", max_size=8).filter(
    lambda t: not t.startswith(("<usr>", "<bot>", "<sys>"))
)


@given(st.lists(st.tuples(st.sampled_from(["usr", "bot", "sys"]), LINE), min_size=1, max_size=5))
def test_what_was_written_in_the_grammar_is_read_back(spoken: list[tuple[str, str]]) -> None:
    text = "\n".join(f"<{who}> {what}" for who, what in spoken)
    messages = list(turns(text))
    assert [turn.content for turn in messages] == [what for _, what in spoken]
    for passage in ("context", "system"):
        kept = "\n".join(turn.content for turn in joined(messages, passage))
        assert kept == "\n".join(what for _, what in spoken), "nothing is lost, nothing moves"
