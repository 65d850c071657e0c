"""What holds rows: what reports on rows takes tables and datasets, and says so of the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import datasets
import pytest

from formatting_rows import CHOICE, ENGLISH, qa
from medqa_kit.errors import FormattingError
from medqa_kit.evaluation.target_lint import lint_targets
from medqa_kit.tokens.budget import fit
from medqa_kit.training.records import record

ROWS = qa(CHOICE, ENGLISH)
RECORD = record("trl/messages")
REPORTING: dict[str, Callable[[Any], tuple[Any, Any]]] = {
    "fit": lambda data: fit(data, max_tokens=9_999, counter=len, record=RECORD),
}
WALKING: dict[str, Callable[[Any], Any]] = {
    "lint_targets": lambda data: (
        lint_targets(data, rule="lm_eval/kormedmcqa@3.0", column="answer").rows
    ),
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


@pytest.mark.parametrize("name", WALKING)
def test_what_only_counts_takes_streams_too(name: str) -> None:
    data = datasets.Dataset(ROWS)
    found = [WALKING[name](one) for one in (ROWS, data, data.to_iterable_dataset())]
    assert found[0] == found[1] == found[2]
    with pytest.raises(FormattingError, match="split by split"):
        WALKING[name](datasets.DatasetDict({"train": data}))
