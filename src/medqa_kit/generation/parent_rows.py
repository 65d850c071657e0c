"""The rows about which requests are written: checked first, and stored in a file of the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa

from medqa_kit.core.arrow.columns import is_text, refuse_namesakes
from medqa_kit.core.atomic import written_whole
from medqa_kit.core.holders import batches, opened
from medqa_kit.core.stored import write_stored
from medqa_kit.errors import ArgumentError, FormattingError, shorten
from medqa_kit.generation.outcomes import REPLIES
from medqa_kit.generation.requests import Generation

LEDGER_HEAD = "ledger.json"
"""The file of a ledger that says which rows and which task it is of."""


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
    parts = list(batches(opened(rows).rows))
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


def rows_file(folder: Path, head: Mapping[str, Any]) -> Path:
    """Return the file of the rows of a ledger, which is named by what it holds.

    Args:
        folder: Of the ledger.
        head: What its :data:`LEDGER_HEAD` says.
    """
    return folder / f"parents-{head['parents'][:16]}.parquet"


def refuse_other_files(folder: Path) -> None:
    """Refuse a folder to begin a ledger in that holds something else; what a killed start left is nothing else.

    Raises:
        ArgumentError: It does, or it is a file.
        OSError: It cannot be read.
    """
    if folder.exists() and not folder.is_dir():
        raise ArgumentError("the folder of the ledger is a file", argument="folder", expected="a folder, or nothing",
                            found=str(folder), hint="choose another folder")  # fmt: skip
    there = [path.name for path in folder.iterdir()] if folder.exists() else []
    if strange := sorted(
        name for name in there if name != REPLIES and not name.startswith((".", "parents-"))
    ):
        raise ArgumentError("the folder of the ledger holds other files", argument="folder", expected="an empty folder, or none",
                            found=f"{shorten(strange)} in {folder}", hint="choose another folder")  # fmt: skip


def write_rows_of(folder: Path, head: Mapping[str, Any], content: bytes) -> None:
    """Let a ledger be one of these rows, from one moment to the next.

    Args:
        folder: Of the ledger.
        head: What its :data:`LEDGER_HEAD` is to say.
        content: The rows as Parquet.

    Raises:
        ArgumentError: A ledger would begin where something else stands.
        OSError: The folder cannot be written.
    """
    if not (folder / LEDGER_HEAD).exists():
        refuse_other_files(folder)
    (folder / REPLIES).mkdir(parents=True, exist_ok=True)
    file = rows_file(folder, head)
    with written_whole(file) as unfinished:
        unfinished.write_bytes(content)
    write_stored(folder / LEDGER_HEAD, head)
    for other in folder.glob("parents-*.parquet"):
        if other != file:
            with suppress(OSError):
                other.unlink()
