"""Invented dialogues for II-Medical-Reasoning-SFT: turns as {content, role}, think blocks inside."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.entries.ii_medical_reasoning import RAW

THINK = "<think>\n{}\n</think>\n\n{}"
# model, whether the problem stands in `question`, problem, the assistant's turn
ROWS = [
    ("demo-r1", True, "Which vitamin prevents scurvy?",
     THINK.format("Sailors ate lemons.\n\nLemons hold vitamin C.", "**Vitamin C**.\n")),
    ("demo-r1", False, "A knee is scraped.\nWhat comes first?\nA. Rinse it\nB. Sell it",
     THINK.format("Selling a knee is odd.", "\\boxed{A}")),
    ("demo-235b", True, "How many teeth has an adult, wisdom teeth included?",
     THINK.format("Four times eight is 32.", "32")),
    ("demo-235b", False, "Name the largest organ.", "The skin."),  # no block
    ("demo-235b", True, "Is the answer <think>?", THINK.format("Tags in text: <b>.", "No, </think> no.")),
    ("demo-r1", True, "Which finger wears no ring by custom?",
     "<think>It begins and never ends"),  # cut off
    ("demo-r1", False, "How many bones has a thumb – none, two or 20 µ?",
     THINK.format("A µ is no number → two remain.", "Two.")),
    ("demo-r1", True, "Which vitamin prevents scurvy?",  # a copy
     THINK.format("Sailors ate lemons.\n\nLemons hold vitamin C.", "**Vitamin C**.\n")),
    ("demo-r1", True, "Which vitamin prevents scurvy?",  # another trace for the same problem
     THINK.format("Limes, too.", "Vitamin C")),
    (None, False, "What warms cold feet?", THINK.format("", "Socks.")),
    ("demo-r1", True, "Where is the elbow?", THINK.format("Between hand and shoulder.", "In the arm.")),
    ("demo-r1", False, "What is a plaster for?", THINK.format("For small wounds.", "")),
]  # fmt: skip


def write(folder: Path) -> None:
    rows = [_row(*row) for row in ROWS]
    for shard, part in enumerate((rows[:7], rows[7:])):
        file = folder / "data" / f"train-{shard:05}-of-00002.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(part, schema=RAW), file)


def _row(model: str | None, in_question: bool, problem: str, output: str) -> dict:
    return {
        "model": model,
        "question": problem if in_question else None,
        "problem": None if in_question else problem,
        "messages": [
            {"content": problem, "role": "user"},
            {"content": output, "role": "assistant"},
        ],
    }
