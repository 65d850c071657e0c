"""Training records and token counts against the plain ways to make them; ratios in one run.

    python benchmarks/records.py [rows]

Each way makes the same Arrow table (checked), from a Dataset in memory or from the bare table.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import tiny_vocabulary
from medqa_kit.prompting.languages import LANGUAGES
from medqa_kit.schemas import QA
from medqa_kit.tokens.counts import count_tokens
from medqa_kit.tokens.packing import pack
from medqa_kit.tokens.rank_files import encoding
from medqa_kit.training.lint import lint
from medqa_kit.training.records import record

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
LETTERS = "ABCDE"
FIELDS = ("id", "question", "context", "options", "answer_index", "language")


def rows(count: int) -> pa.Table:
    """Invented five-option questions of about 300 characters, all different."""
    texts = {
        "ko": "{} 번째 환자는 발열과 기침으로 내원하였다. 활력징후는 안정적이며 흉부 청진에서 수포음이 들린다. 가장 먼저 할 검사는?",
        "km": "អ្នកជំងឺទី {} មានគ្រុន និងក្អក ។ សញ្ញាជីវិតមានស្ថេរភាព ។ តើត្រូវធ្វើតេស្តអ្វីមុនគេ?",
        "en": "Patient {} presents with fever and cough. Vital signs are stable and crackles are heard on "
        "auscultation of the chest. Which test should be performed first?",
    }
    names = list(texts)
    made = []
    for i in range(count):
        language = names[i % 3]
        options = [
            f"{word} {i % 97}"
            for word in ("흉부 촬영", "혈액 배양", "심전도", "ការថតសួត", "sputum culture")
        ]
        made.append({
            "id": f"demo/{i}", "source": "demo", "split": "train", "language": language,
            "question": texts[language].format(i), "options": options, "answer_index": i % 5,
            "answer": options[i % 5],
        })  # fmt: skip
    return pa.Table.from_pylist(made, schema=QA)


def dicts(batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Make prompt and completion of a batch as people do: f-strings and dicts."""
    prompts, completions = [], []
    for question, options, at, language in zip(
        batch["question"], batch["options"], batch["answer_index"], batch["language"], strict=True
    ):
        lines = "\n".join(
            f"{letter}. {text}" for letter, text in zip(LETTERS, options, strict=True)
        )
        prompts.append([{"role": "user", "content": f"{question}\n{lines}"}])
        said = f"{LANGUAGES[language].answer}{LETTERS[at]}. {options[at]}"
        completions.append([{"role": "assistant", "content": said}])
    return {"prompt": prompts, "completion": completions}


def by_dicts(table: pa.Table) -> pa.Table:
    """Build Python dicts from the columns, and Arrow from the dicts."""
    columns = {name: table[name].to_pylist() for name in FIELDS}
    return pa.table({"id": table["id"], **dicts(columns)})


def best(work: Callable[[], Any], times: int) -> tuple[float, Any]:
    took, result = float("inf"), None
    for _ in range(times):
        result = None
        gc.collect()
        start = time.perf_counter()
        result = work()
        took = min(took, time.perf_counter() - start)
    return took, result


def mapped(data: datasets.Dataset, function: Any, **rest: Any) -> Callable[[], Any]:
    return lambda: data.map(
        function, batched=True, remove_columns=data.column_names, load_from_cache_file=False, **rest
    )


def show(name: str, seconds: float, against: float | None = None, *, count: int = ROWS) -> None:
    ratio = f"{against / seconds:8.1f} x" if against else ""
    print(f"  {name:58} {seconds:8.3f} s {count / seconds / 1e3:9.0f} k rows/s {ratio}")


def chat_records(table: pa.Table) -> None:
    print(f"\nchat records, {ROWS:,} five-option rows, prompt + completion")
    unlinted = record("trl/prompt-completion", reasoning="none", on_bad="keep")
    linted = record("trl/prompt-completion", reasoning="none")
    slow, expected = best(lambda: by_dicts(table), 2)
    show("Python dicts, then Arrow", slow)
    fast, made = best(lambda: unlinted(table), 5)
    assert made.combine_chunks().equals(expected.combine_chunks().cast(made.schema))
    show("record(...), on the table", fast, slow)
    show("record(...) with every rule checked", best(lambda: linted(table), 5)[0], slow)
    show("lint(rows) alone", best(lambda: lint(table), 3)[0])

    data = datasets.Dataset(table)
    slow = best(mapped(data, lambda batch: {"id": batch["id"], **dicts(batch)}), 1)[0]
    show("Dataset.map, batched Python", slow)
    arrow = data.with_format("arrow")
    show("Dataset.map, record(...)", best(mapped(arrow, unlinted, batch_size=10_000), 3)[0], slow)


def other_records(table: pa.Table) -> None:
    print("\nother kinds, on the table, every rule checked")
    for name in ("trl/messages", "trl/language-modeling", "openai/chat", "sharegpt",
                 "llama-factory/alpaca", "compilation"):  # fmt: skip
        show(name, best(lambda name=name: record(name)(table), 3)[0])


def token_counts(table: pa.Table) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tiny = tiny_vocabulary.write(Path(folder))
        vocabulary = encoding(tiny)
    texts = table["question"]
    listed = texts.to_pylist()
    size = sum(len(text.encode()) for text in listed) / 1e6
    print(
        f"\ntoken counting, {len(listed):,} questions, {size:.0f} MB, a vocabulary of {vocabulary.n_vocab}"
    )
    encode = vocabulary.encode
    # In turns, since other work on the machine slows either by more than they differ.
    bare = ours = float("inf")
    for _ in range(7):
        took, expected = best(
            lambda: [len(encode(t, disallowed_special=())) for t in texts.to_pylist()], 1
        )
        bare = min(bare, took)
        took, counts = best(lambda: count_tokens(texts, counter=vocabulary), 1)
        ours = min(ours, took)
    show("bare tiktoken loop", bare, count=len(listed))
    show("count_tokens", ours, count=len(listed))
    assert counts.to_pylist() == expected
    print(f"  count_tokens takes {ours / bare:.3f} of the bare loop's time")
    took, plan = best(lambda: pack(counts, max_tokens=4096), 1)
    show(f"pack: {plan}", took, count=len(listed))


if __name__ == "__main__":
    datasets.disable_progress_bars()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    table = rows(ROWS)
    chat_records(table)
    other_records(table)
    token_counts(table.slice(0, min(ROWS, 50_000)))
