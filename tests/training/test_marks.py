"""Marks are found by a pass over bytes and a closer look at few texts: as by a look at every text."""

from __future__ import annotations

import re

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from medqa_kit.training import marks

_PIECES = (
    "<", "</", "[", "[/", "|", "]", ">", "|>", "s", "SPECIAL_1", "bos", "BOS", "BOS_TOKEN>", "M", "E", "EOS_TOKEN>", "MASK_TOKEN>", "gMASK", "INST", "INST]",
    "think>", "reasoning>", "tool_call>", "seed:a>", "unused1>", "start_of_turn>", "minimax:a>", "extra_id_0>", "turn|>", "user|]",
    "｜", "P", "x", "_", " ", "0.05", "가", "é",
)  # fmt: skip
_TEXTS = st.lists(st.none() | st.lists(st.sampled_from(_PIECES), max_size=6).map("".join), max_size=8)  # fmt: skip


@given(_TEXTS)
def test_no_mark_is_overlooked(texts: list[str | None]) -> None:
    column, control = pa.array(texts, pa.string()), re.compile(marks._CONTROL)
    for look, pattern in (
        (marks.control_tokens, control),
        (marks.think_tags, re.compile("</?(?:think|reasoning)>")),
    ):
        marked_rows = {row for _, rows in look(column) for row in rows.tolist()}
        assert marked_rows == {
            row for row, text in enumerate(texts) if text and pattern.search(text)
        }


def test_each_kind_of_mark_is_found_at_the_very_end_of_a_column() -> None:
    kinds = ("<|im_end|>", "<s>", "</s>", "<｜User｜>", "<turn|>", "<SPECIAL_9>", "[BOS]", "[|user|]",
             "[/INST]", "</tool_call>", "<pad>", "<eos>", "<unk>", "<sop>", "<eop>", "<end_of_turn>",
             "<seed:think>", "<image_soft_token>", "<image>", "<video>", "<audio>", "[gMASK]", "[sMASK]", "<reserved_106>", "<extra_id_1>", "<minimax:tool_call>", "</minimax:tool_call>", "<<SYS>>", "<</SYS>>",
             "<BOS_TOKEN>", "<EOS_TOKEN>", "<EOP_TOKEN>", "<MASK_TOKEN>")  # fmt: skip
    for kind in kinds:
        assert [
            rows.tolist() for _, rows in marks.control_tokens(pa.array(["p < 0.05", kind]))
        ] == [[1]]
