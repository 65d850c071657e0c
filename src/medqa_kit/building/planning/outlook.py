"""The words and tables of a plan: each number with its unit and how certain it is."""

from __future__ import annotations

from typing import Literal, TypeAlias

import pyarrow as pa

Basis: TypeAlias = Literal["exact", "so far", "claim", "at most", "guess", "unknown"]
"""How sure a number is.

* ``exact``: counted in the rows that a build would read.
* ``so far``: counted in rows, and rows that are not on this machine may add to it.
* ``claim``: what the catalogue, or upstream, says of raw rows.
* ``at most``: such a claim, before conditions that only rows can tell are applied.
* ``guess``: from the mean length of rows, or from invented sample rows and such a claim.
* ``unknown``: nothing is known.
"""

SOURCES = pa.schema({
    "source": pa.string(), "parts": pa.int64(), "state": pa.string(), "read": pa.int64(), "train": pa.int64(),
    "validation": pa.int64(), "basis": pa.string(), "chars": pa.int64(), "tokens": pa.int64(),
    "length_basis": pa.string(), "license": pa.string(),
})  # fmt: skip
"""A source of the recipe, by what it is called there: where its rows are, how many are read and kept before
the mix, how long their records are together, and the licence."""

STAGES = pa.schema({
    "source": pa.string(), "stage": pa.string(), "reason": pa.string(), "rows": pa.int64(), "basis": pa.string(),
})  # fmt: skip
"""Rows that a stage leaves out, by reason."""

MIX = pa.schema({
    "source": pa.string(), "available": pa.int64(), "taken": pa.int64(), "share": pa.float64(), "seen": pa.float64(),
    "rows": pa.int64(), "tokens": pa.int64(), "bound_by": pa.string(), "basis": pa.string(),
})  # fmt: skip
"""A source in the mix, all epochs together: what there is and what is taken in the unit of the mix, its share, how
often a row is seen on the average, rows and tokens that makes, and which cap or floor binds."""

CONDITIONS = pa.schema({
    "source": pa.string(), "condition": pa.string(), "use": pa.string(), "answer": pa.string(),
    "accepted": pa.bool_(), "evidence": pa.string(), "words": pa.string(),
})  # fmt: skip
"""What keeps the use of a source from a plain yes: the condition by the name that ``accept`` takes."""

HOLDOUTS = pa.schema({
    "holdout": pa.string(), "state": pa.string(), "items": pa.int64(), "rows": pa.int64(), "basis": pa.string(),
})  # fmt: skip
"""A holdout that the recipe applies: whether its items are on this machine, how many there are, and how many rows
that are here hold one."""

PROBLEMS = pa.schema({
    "kind": pa.string(), "source": pa.string(), "problem": pa.string(), "remedy": pa.string(),
})  # fmt: skip
"""What keeps the recipe from being built: ``kind`` is ``schema``, ``licence``, ``source``, ``holdout``,
``tokenizer``, ``lock``, ``rows``, ``gate``, ``mix`` or ``generate``."""

COSTS = pa.schema({
    "what": pa.string(), "amount": pa.int64(), "unit": pa.string(), "basis": pa.string(), "how": pa.string(),
})  # fmt: skip
"""What a build takes: rows to write, bytes to fetch and to write, seconds; and what a model is asked."""
