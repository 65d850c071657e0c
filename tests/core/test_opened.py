"""What holds rows: what reports on rows takes tables and datasets, and says so of the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import datasets
import pytest

from formatting_rows import CHOICE, ENGLISH, qa
from medqa_kit.core.apply import apply
from medqa_kit.errors import FormattingError
from medqa_kit.tokens.budget import fit
from medqa_kit.training.convert import to_dialogue, to_open, to_preference
from medqa_kit.training.lint import lint
from medqa_kit.training.records import record

ROWS = qa(CHOICE, ENGLISH)
RECORD = record("trl/messages")
REPORTING: dict[str, Callable[[Any], tuple[Any, Any]]] = {
    "lint": lint,
    "fit": lambda data: fit(data, max_tokens=9_999, counter=len, record=RECORD),
    "Record.run": lambda data: RECORD.run(data),
    "to_open().run": lambda data: to_open().run(data),
    "to_preference().run": lambda data: to_preference().run(data),
    "to_dialogue().run": lambda data: to_dialogue().run(data),
}


@pytest.mark.parametrize("name", REPORTING)
def test_a_dataset_gives_a_dataset_with_the_rows_of_the_table(name: str) -> None:
    made, report = REPORTING[name](datasets.Dataset(ROWS))
    expected, told = REPORTING[name](ROWS)
    assert isinstance(made, datasets.Dataset)
    assert made.with_format("arrow")[:].to_pylist() == expected.to_pylist()
    assert report.rows == told.rows == 2


@pytest.mark.parametrize("name", REPORTING)
def test_splits_and_streams_are_refused_with_the_way_to_go(name: str) -> None:
    splits = datasets.DatasetDict({"train": datasets.Dataset(ROWS)})
    with pytest.raises(FormattingError, match="DatasetDict") as caught:
        REPORTING[name](splits)
    assert f"for name, rows in data.items(): {name}(rows, ...)" in str(caught.value)
    with pytest.raises(FormattingError, match=r"mk\.apply\(stream"):
        REPORTING[name](datasets.Dataset(ROWS).to_iterable_dataset())
    with pytest.raises(FormattingError, match=r"does not know builtins\.list"):
        REPORTING[name](ROWS.to_pylist())


def test_what_the_hints_say_works() -> None:
    splits = datasets.DatasetDict({"train": datasets.Dataset(ROWS)})
    kept = {name: lint(rows, on_violation="skip")[0] for name, rows in splits.items()}
    assert kept["train"].num_rows == 2
    stream = apply(datasets.Dataset(ROWS).to_iterable_dataset(), RECORD)
    assert list(stream) == RECORD(ROWS).to_pylist()
    bad = datasets.Dataset(qa(CHOICE, CHOICE | {"question": " "})).to_iterable_dataset()
    with pytest.raises(FormattingError, match="content_empty"):
        list(apply(bad, RECORD))
