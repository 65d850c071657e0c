from __future__ import annotations

import pyarrow as pa
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from formatting_rows import CHOICE, ENGLISH, OPEN, qa, qa_tables
from laws import examples
from medqa_kit.errors import ArgumentError, FormattingError
from medqa_kit.prompting.prompts import prompt
from medqa_kit.tokens.budget import Policy, fit
from medqa_kit.tokens.counts import token_counts
from medqa_kit.training.records import record
from row_kinds import KINDS, rows_in

KERNEL = record("trl/prompt-completion", on_bad="keep")
LONG = "អ្នកជំងឺ ក្អក " * 40


def length(table: pa.Table) -> list[int]:
    rows = token_counts(counter=len)(KERNEL(table))
    prompt, reply = rows["prompt_tokens"].to_pylist(), rows["completion_tokens"].to_pylist()
    return [a + b for a, b in zip(prompt, reply, strict=True)]


def test_rows_that_are_too_long_are_dropped_and_told() -> None:
    table = qa(CHOICE, OPEN | {"context": LONG}, ENGLISH)
    kept, report = fit(table, max_tokens=200, counter=len, record=KERNEL)
    assert kept["id"].to_pylist() == ["demo/0", "demo/2"]
    assert kept.schema == table.schema
    (finding,) = report.findings.to_pylist()
    assert (finding["row"], finding["id"], finding["code"]) == (1, "demo/1", "dropped")
    assert finding["tokens"] == length(table)[1]
    assert (report.rows, report.dropped, report.by("code")) == (3, 1, {"dropped": 1})


def test_the_report_has_the_quantiles_of_all_rows() -> None:
    texts = pa.table({"text": ["x" * n for n in range(1, 101)]})
    report = fit(texts, max_tokens=90, counter=len)[1]
    assert [report.counts[f"together_{key}"] for key in ("p50", "p95", "max")] == [50, 95, 100]
    assert str(report).startswith("fit: 100 rows, 90 kept, 10 dropped")
    assert fit(texts.slice(0, 0), max_tokens=1, counter=len)[1].counts["prompt_max"] == 0


def test_raise_names_the_rows_and_quotes_none_of_them() -> None:
    table = qa(CHOICE, OPEN | {"context": LONG})
    with pytest.raises(FormattingError) as caught:
        fit(table, max_tokens=200, counter=len, policy="raise", record=KERNEL)
    assert "'demo/1'" in str(caught.value)
    assert "over length" in str(caught.value)
    assert "trim_context" in str(caught.value)
    assert "ជំងឺ" not in str(caught.value)
    assert fit(table, max_tokens=10_000, counter=len, policy="raise", record=KERNEL)[0] == table


@pytest.mark.parametrize(
    ("policy", "column", "row"),
    [("trim_context", "context", OPEN), ("trim_reasoning", "rationale", CHOICE)],
)
def test_trimming_takes_the_end_of_one_column_and_nothing_else(
    policy: Policy, column: str, row: dict[str, object]
) -> None:
    table = qa(ENGLISH, row | {column: LONG}, CHOICE)
    kept, report = fit(table, max_tokens=200, counter=len, policy=policy, record=KERNEL)
    assert report.ids("trimmed") == ["demo/1"]
    assert report.dropped == 0
    before, after = table.to_pylist(), kept.to_pylist()
    for old, new in zip(before, after, strict=True):
        assert {k: v for k, v in old.items() if k != column} == {
            k: v for k, v in new.items() if k != column
        }
    assert before[0] == after[0]
    cut = after[1][column]
    assert LONG.startswith(cut)
    clusters = regex.findall(r"\X", LONG)
    assert cut == "".join(clusters[: len(regex.findall(r"\X", cut))]), "a syllable was cut in two"
    one_more = "".join(clusters[: len(regex.findall(r"\X", cut)) + 1])
    assert length(kept)[1] <= 200 < length(qa(row | {column: one_more}))[0], "not the longest"


def dialogue(name: str, *contents: str) -> dict[str, object]:
    roles = ("user", "assistant")
    return {"id": name, "messages": [{"role": roles[at % 2], "content": content} for at, content in enumerate(contents)]}  # fmt: skip


def test_dialogues_lose_their_last_exchanges_and_end_with_a_reply() -> None:
    table = pa.Table.from_pylist([
        dialogue("short", "a" * 10, "b" * 10),
        dialogue("long", *(letter * 30 for letter in "abcdef")),
        dialogue("one", "a" * 100, "b" * 100),
        {"id": "system", "messages": [{"role": "system", "content": "s" * 10},
                                      *dialogue("", *(letter * 30 for letter in "abcd"))["messages"]]},  # type: ignore[misc]
    ])  # fmt: skip
    kept, report = fit(table, max_tokens=130, counter=len, policy="trim_context", record=record("trl/prompt-completion"))  # fmt: skip
    assert report.ids("dropped") == ["one"]
    assert report.ids("trimmed") == ["long", "system"]
    said = {
        row["id"]: [message["content"][0] for message in row["messages"]]
        for row in kept.to_pylist()
    }
    assert said == {"short": ["a", "b"], "long": [*"abcd"], "system": [*"sab"]}
    assert kept.schema == table.schema
    assert kept["messages"][0] == table["messages"][0]


def test_texts_lose_their_end() -> None:
    table = pa.table({"id": ["a", "b"], "text": ["ក្រុម" * 50, "short"]})
    kept, report = fit(
        table, max_tokens=52, counter=len, policy="trim_context", record=record("text")
    )
    assert report.ids("trimmed") == ["a"]
    clusters = regex.findall(r"\X", kept["text"][0].as_py())
    assert "".join(clusters) == ("ក្រុម" * 50)[: len("".join(clusters))]
    assert 52 - len("ក្រុម") < len(kept["text"][0].as_py()) <= 52
    assert kept["text"][1].as_py() == "short"


def test_a_text_that_is_labelled_or_translated_is_not_trimmed() -> None:
    table = pa.table({"id": ["a"], "text": ["word " * 50], "label": ["x"]})
    asked = prompt(language="en")
    with pytest.raises(FormattingError, match="nothing to trim"):
        fit(table, max_tokens=20, counter=len, policy="trim_context",
            record=lambda rows: record("trl/prompt-completion")(asked(rows)))  # fmt: skip


def test_what_no_trimming_helps_is_dropped() -> None:
    table = qa(OPEN | {"question": LONG})
    kept, report = fit(table, max_tokens=100, counter=len, policy="trim_context", record=KERNEL)
    assert kept.num_rows == 0
    assert report.ids("dropped") == ["demo/0"]


def test_nothing_to_trim_is_an_error_and_not_a_drop() -> None:
    records = KERNEL(qa(CHOICE))
    with pytest.raises(FormattingError, match="nothing to trim"):
        fit(records, max_tokens=1, counter=len, policy="trim_reasoning")
    pair = pa.table({"id": ["x"], "prompt": ["Q"], "chosen": ["A"], "rejected": ["B"]})
    with pytest.raises(FormattingError, match="one record a row"):
        fit(pair, max_tokens=1, counter=len, record=record("trl/kto"))


def test_templates_count() -> None:
    table = KERNEL(qa(CHOICE))
    bare = fit(table, max_tokens=10_000, counter=len)[1].counts["together_max"]
    marked = fit(table, max_tokens=10_000, counter=len, template="qwen3")[1]
    assert marked.counts["together_max"] > bare + 40


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_rows_is_fitted_alike(kind: str) -> None:
    table = qa(*[CHOICE, OPEN | {"context": LONG}, ENGLISH] * 4)
    wanted, report = fit(table, max_tokens=90, counter=len, record=KERNEL)
    data = KINDS[kind](table)
    kept, same = fit(data, max_tokens=90, counter=len, record=KERNEL)
    assert type(kept) is type(data)
    assert [row["id"] for row in rows_in(kept)] == wanted["id"].to_pylist()
    assert same.findings.equals(report.findings)
    assert same.counts == report.counts
    assert 0 < wanted.num_rows < 12


class Counting:
    """Counts characters, and how often it is asked for each text."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, text: str) -> int:
        self.asked.append(text)
        return len(text)


@pytest.mark.parametrize("kind", ["table", "dataset", "shuffled", "stream", "pandas", "dicts"])
def test_each_text_is_counted_once(kind: str) -> None:
    rows = pa.table({"id": [f"d/{n}" for n in range(9_000)],
                     "prompt": [f"question {n} " + "x" * (n % 50) for n in range(9_000)],
                     "completion": [f" answer {n}" for n in range(9_000)]})  # fmt: skip
    counter = Counting()
    kept, report = fit(KINDS[kind](rows), max_tokens=60, counter=counter)
    left = rows_in(kept)
    assert len(left) == report.kept < report.rows == 9_000
    assert max(len(row["prompt"] + row["completion"]) for row in left) <= 60
    assert report.counts["together_max"] > 60
    assert len(counter.asked) == len(set(counter.asked)) == 18_000


def test_records_without_a_reply_are_counted_once() -> None:
    counter = Counting()
    fit(pa.table({"prompt": [f"q{n}" for n in range(100)]}), max_tokens=60, counter=counter)
    assert len(counter.asked) == 100


def test_a_stream_whose_ids_repeat_is_fitted_by_its_texts() -> None:
    rows = pa.table({"id": ["a", "a", "b"], "text": ["x" * 9, "x" * 99, "x"]})
    kept, report = fit(KINDS["stream"](rows), max_tokens=50, counter=len)
    assert [len(row["text"]) for row in rows_in(kept)] == [9, 1]
    assert (report.rows, report.kept, report.counts["together_max"]) == (3, 2, 99)


def test_what_is_no_kernel_or_holds_no_rows_is_refused() -> None:
    with pytest.raises(ArgumentError, match="record= takes a kernel"):
        fit(qa(CHOICE), max_tokens=9, counter=len, record="alpaca")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="these rows are in nothing that the library reads"):
        fit(3, max_tokens=9, counter=len)


@pytest.mark.parametrize("policy", ["trim_context", "trim_reasoning"])
def test_string_views_are_trimmed_and_stay_views(policy: Policy) -> None:
    table = qa(OPEN | {"context": LONG}, CHOICE | {"rationale": LONG})
    views = pa.table({field.name: table[field.name].cast(pa.string_view()) if field.type == pa.string()
                      else table[field.name] for field in table.schema})  # fmt: skip
    kept, _ = fit(table, max_tokens=200, counter=len, policy=policy, record=KERNEL)
    assert kept.num_rows
    same, _ = fit(views, max_tokens=200, counter=len, policy=policy, record=KERNEL)
    assert same.schema == views.schema
    assert same.to_pylist() == kept.to_pylist()


@settings(max_examples=examples(40))
@given(qa_tables, st.integers(10, 120), st.sampled_from(["drop", "trim_context", "trim_reasoning"]))
def test_what_is_kept_fits_and_counts_add_up(table: pa.Table, most: int, policy: Policy) -> None:
    kept, report = fit(table, max_tokens=most, counter=len, policy=policy, record=KERNEL)
    assert all(n <= most for n in length(kept))
    assert kept.num_rows + report.dropped == table.num_rows
    assert report.findings.num_rows == sum(n > most for n in length(table))
    for column in ("id", "question", "options", "answer"):
        gone = set(report.ids("dropped")) if report.dropped else set()
        rows = [r[column] for r in table.to_pylist() if r["id"] not in gone]
        assert kept[column].to_pylist() == rows


@pytest.mark.parametrize("name", ["completion", "chosen"])
def test_a_reply_that_is_null_counts_as_none(name: str) -> None:
    table = pa.table({"id": ["a", "b"], "prompt": ["Q" * 9, "Q"], name: pa.array([None, " A"])})
    kept, report = fit(table, max_tokens=5, counter=len)
    assert kept["id"].to_pylist() == ["b"]
    assert report.counts["completion_p50"] == 0
    assert report.counts["together_max"] == 9
