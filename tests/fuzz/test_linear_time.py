"""No text of two megabytes, whatever it repeats, takes a pattern more than two seconds."""

from __future__ import annotations

import random
import re
import time
from typing import Any

import pyarrow as pa
import pytest

import medqa_kit as mk
from fuzz.patterns import patterns, pumps

pytestmark = pytest.mark.slow

SIZE, MOST = 10_000, 0.1  # seconds: linear ones take a few thousandths, others seconds
# Rooms whose patterns look for what they want anywhere in a text of the data.
SCANNING = (
    "matching",
    "quality",
    "prompting",
    "normalizing.numbered_options",
    "tokens",
    "validation",
)
# Asked of one place of a text, behind a mark that was found, or of the whole of a short text.
ASKED_ONCE = {
    "medqa_kit.quality.reasoning._BARE_CHANNEL", "medqa_kit.quality.reasoning._HEADING",
    "medqa_kit.quality.numbers.figures._DECIMAL_COMMA",
    "medqa_kit.quality.personal.addresses._ROAD_ADDRESS",  # of stretches near roads
    "medqa_kit.matching.letters._TAG_OR_COMMENT",  # of what stands before the end of a comment
}  # fmt: skip
TRIED = {
    name: pattern
    for name, pattern in patterns().items()
    if name.split(".", 1)[1].startswith(SCANNING) and name not in ASKED_ONCE
}


def taken(pattern: re.Pattern[Any], text: Any) -> float:
    began = time.process_time()
    for _ in pattern.finditer(text):
        pass
    return time.process_time() - began


def test_patterns_are_found() -> None:
    assert len(TRIED) > 20
    assert patterns().keys() >= ASKED_ONCE


@pytest.mark.parametrize("name", TRIED)
def test_a_pattern_takes_linear_time(name: str) -> None:
    pattern = TRIED[name]
    for pump in pumps(pattern):
        run = (pump * (SIZE // len(pump) + 1))[:SIZE]
        if taken(pattern, run) > MOST:  # once may be chance
            assert min(taken(pattern, run) for _ in range(3)) < MOST, f"{pump!r} over and over"


def test_a_slow_pattern_is_seen() -> None:
    slow = re.compile(r"<!--.*?-->", re.DOTALL)
    runs = [(pump * (SIZE // len(pump) + 1))[:SIZE] for pump in pumps(slow)]
    assert max(taken(slow, run) for run in runs) > 5 * max(
        taken(re.compile("<!--"), run) for run in runs
    )


@pytest.mark.parametrize("pump", ["<!--", "<", "<a ", "&#", "\\", "%25", "구", " ", "\n", "가로1 "])
def test_a_page_of_two_megabytes_is_checked_in_little_time(pump: str) -> None:
    page = (pump * (2_000_000 // len(pump) + 1))[:2_000_000]
    exam = mk.Holdout.from_rows([{"id": "e/1", "question": "무엇이 맞는가?"}], reason="a test")
    mk.check(pa.table({"id": ["warm"], "text": ["warm"]}), exam)
    began = time.process_time()
    mk.check(pa.table({"id": ["a"], "text": [page]}), exam, threads=1)
    assert time.process_time() - began < 2


READING = {name: pattern for name, pattern in patterns().items() if ".evaluation." in name}
REPLY_PUMPS = sorted({pump for pattern in READING.values() for pump in pumps(pattern)})
WORST_REPLIES = [
    "\n<",
    "[\n",
    "정답은 A ",
    "ចម្លើយ ក ",
    "A\n",
    "\nJ",
    "a;",
    "Answer: B. ",
    "A or B, ",
]


@pytest.mark.slow
@pytest.mark.parametrize(
    "rule", ["robust", "lm_eval/kmmlu_cot_hard_health@2.0", "lm_eval/kormedmcqa@3.0"]
)
def test_a_long_reply_is_read_in_little_time(rule: str) -> None:
    """The worst repetitions that were ever found, and 6 of those that are made of the patterns, others for each rule."""
    for pump in [*WORST_REPLIES, *random.Random(rule).sample(REPLY_PUMPS, 6)]:
        reply = (pump * (2_000_000 // len(pump) + 1))[:2_000_000]
        began = time.process_time()
        mk.extract(reply, options=5, rule=rule)
        assert time.process_time() - began < 12, f"{pump!r} over and over"
