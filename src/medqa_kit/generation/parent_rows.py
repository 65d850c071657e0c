"""The rows that a model is asked about, checked before anything is asked."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from medqa_kit.core.arrow.columns import is_text, refuse_namesakes
from medqa_kit.core.holders import batches, opened
from medqa_kit.errors import ArgumentError, FormattingError
from medqa_kit.generation.requests import Generation


def parent_rows(rows: Any, task: Generation) -> pa.Table:
    """Return rows as one table, if a task can ask about them.

    Args:
        rows: In anything :func:`medqa_kit.apply` takes.
        task: What is to be asked for.

    Raises:
        ArgumentError: There are no rows.
        FormattingError: A column the task needs is not there or holds no text, or an id is null or none.
        SchemaError: Two columns have one name.

    Example:
        >>> task = Generation(task="paraphrase", model="m")
        >>> parent_rows([{"id": "a", "question": "Why?"}], task).num_rows
        1
    """
    parts = list(batches(opened(rows, verb="Ledger.start()").rows))
    if not parts:
        raise ArgumentError("there are no rows to ask about", argument="rows", expected="a row at least",
                            found="none", hint="look at what was left out before")  # fmt: skip
    parents = pa.Table.from_batches(parts)
    refuse_namesakes(parents.schema)
    task.requests(parents.slice(0, 0))  # refuses rows without the columns of the task
    kind = parents.schema.field("id").type
    if not is_text(kind):
        raise FormattingError("ids are no texts", column="id", expected="a text for each row",
                              found=str(kind), hint="cast the column to string")  # fmt: skip
    if parents["id"].null_count:
        raise FormattingError("an id is null", column="id", expected="a name for each row",
                              found=f"{parents['id'].null_count} nulls", hint="replies are joined by it")  # fmt: skip
    return parents
