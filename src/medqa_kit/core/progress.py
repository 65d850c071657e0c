"""Progress bars for work of more than two seconds: the verb, the number of rows and the time left.

Bars show on a terminal and in a notebook only. ``datasets.disable_progress_bars()``, or
its environment variable, turns them off together with those of ``datasets``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

_VARIABLE = "HF_DATASETS_DISABLE_PROGRESS_BARS"
SECONDS = 2.0
"""How long work runs before its bar appears."""


class _Rows(Protocol):
    @property
    def num_rows(self) -> int: ...


_ValueT = TypeVar("_ValueT")
_BatchT = TypeVar("_BatchT", bound=_Rows)


def watched(
    batches: Iterable[_BatchT], *, verb: str, total: int | None = None
) -> Iterator[_BatchT]:
    """Pass batches on, and show how many rows have passed.

    Args:
        batches: Tables or record batches.
        verb: The verb that the bar shows.
        total: How many rows there are, if known.

    Example:
        >>> import pyarrow as pa
        >>> [batch.num_rows for batch in watched([pa.table({"n": [1, 2]})], verb="count", total=2)]
        [2]
    """
    with progress_bar(verb, total=total) as advance:
        for batch in batches:
            yield batch
            advance(batch.num_rows)


def watched_each(
    values: Iterable[_ValueT], *, verb: str, unit: str = "sources", total: int | None = None
) -> Iterator[_ValueT]:
    """Pass values on one by one, and show how many have passed.

    Args:
        values: Any values, such as sources.
        verb: The verb that the bar shows.
        unit: The noun for one value, for the bar.
        total: How many values there are, if known.

    Example:
        >>> list(watched_each(["klue", "kbmc"], verb="drift", total=2))
        ['klue', 'kbmc']
    """
    with progress_bar(verb, total=total, unit=unit) as advance:
        for value in values:
            yield value
            advance(1)


@contextmanager
def progress_bar(
    name: str, *, total: int | None = None, quiet: bool = False, unit: str = "rows"
) -> Iterator[Callable[[int], object]]:
    """Show a progress bar: rows, rows per second, and the time left if the number of rows is known.

    Args:
        name: The verb that the bar shows.
        total: How many rows there are, if known.
        quiet: Whether to show nothing.
        unit: The noun for what is counted.

    Yields:
        A function to call with the number of rows that were just done.

    Example:
        >>> with progress_bar("count", total=2) as advance:
        ...     _ = advance(2)
    """
    if quiet or _is_off() or not _is_seen():
        yield lambda rows: None
        return
    from tqdm.auto import tqdm

    # `disable=False`, since the output of a notebook is no terminal.
    with tqdm(total=total, desc=name, unit=f" {unit}", unit_scale=True, delay=SECONDS, disable=False,
              leave=False) as bar:  # fmt: skip
        yield bar.update


@contextmanager
def without_bars() -> Iterator[None]:
    """Show no bars in the block, neither of ``datasets`` nor of this library.

    Where the environment variable of ``datasets`` says whether there are bars, it has the last word.

    Example:
        >>> with without_bars():
        ...     _is_off()
        True
    """
    import datasets

    if _VARIABLE in os.environ or datasets.utils.are_progress_bars_disabled():
        yield
        return
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        datasets.enable_progress_bars()


def _is_seen() -> bool:
    """Check whether the output is a terminal or a notebook, where a person may see it."""
    return sys.stderr.isatty() or "ipykernel" in sys.modules


def _is_off() -> bool:
    if (datasets := sys.modules.get("datasets")) is not None:
        return bool(datasets.utils.are_progress_bars_disabled())
    return os.environ.get(_VARIABLE, "").upper() in (
        "1",
        "ON",
        "YES",
        "TRUE",
    )
