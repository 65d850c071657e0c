"""Where the right answers stand, and which rows shuffling would leave pointing astray."""

from __future__ import annotations

import datasets
import pyarrow as pa
import pytest

from formatting_rows import qa
from medqa_kit.errors import ArgumentError, FormattingError
from medqa_kit.prompting.balance import option_balance

WHY = ["정답은 A다", "그래서 ②번", None, "B가 결핍된 경우", "1번", "the answer is B"]
OPTIONS = [
    list("ab"),
    list("ab"),
    list("ab"),
    ["x", "y", "위의 모두"],
    None,
    ["p", "All of the above"],
]
ROWS = qa(*(
    {"question": "q", "options": options, "answer_index": index, "rationale": why}
    for options, index, why in zip(OPTIONS, [0, 0, 1, 2, None, None], WHY, strict=True)
))  # fmt: skip


def test_places_are_counted_and_rows_listed() -> None:
    balance = option_balance(ROWS)
    assert balance.counts == {2: (2, 1), 3: (0, 0, 1)}
    assert (balance.unanswered, balance.open, balance.skew) == (1, 1, 2.0)
    assert balance.rows("option names others") == [3, 5]
    assert balance.rows("rationale names a marker") == [0, 1, 5]
    assert balance.findings["id"].to_pylist() == [f"demo/{i}" for i in (3, 5, 0, 1, 5)]


def test_it_prints_and_shows() -> None:
    balance = option_balance(ROWS)
    assert str(balance).splitlines() == [
        "options  answers  at 1   at 2   at 3",
        "───────  ───────  ─────  ─────  ──────",
        "2        3        66.7%  33.3%",
        "3        1        0.0%   0.0%   100.0%",
        "1 unanswered, 1 without options",
        "2 rows with an option that names others, 3 whose rationale names a marker",
    ]
    assert "<td" in balance._repr_html_()
    assert "66.7%" in balance._repr_html_()
    assert "0 unanswered" in str(option_balance(ROWS.slice(0, 0)))


def test_whatever_holds_the_rows_is_counted_alike() -> None:
    expected = option_balance(ROWS)
    dataset = datasets.Dataset(ROWS)
    large = ROWS.set_column(
        ROWS.schema.get_field_index("options"), "options",
        ROWS["options"].cast(pa.large_list(pa.large_string())),
    )  # fmt: skip
    chunked = pa.concat_tables([ROWS.slice(0, 2), ROWS.slice(2)])
    splits = datasets.DatasetDict({"a": dataset.select(range(2)), "b": dataset.select(range(2, 6))})
    for rows in (dataset, dataset.to_iterable_dataset(), large, chunked, splits, ROWS.to_pandas()):
        balance = option_balance(rows)
        assert (balance.counts, balance.unanswered) == (expected.counts, expected.unanswered)
        assert balance.rows("rationale names a marker") == [0, 1, 5]


def test_rationales_that_are_all_null_name_no_marker() -> None:
    rows = [{"id": "a", "options": ["x", "y"], "answer_index": 1, "rationale": None}]
    balance = option_balance(rows)
    assert (balance.counts, balance.rows("rationale names a marker")) == ({2: (0, 1)}, [])


def test_what_cannot_be_counted() -> None:
    with pytest.raises(FormattingError, match="column 'options'"):
        option_balance(pa.table({"id": ["1"]}))
    with pytest.raises(ArgumentError, match="nothing that the library reads"):
        option_balance("rows.jsonl")
