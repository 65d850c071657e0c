"""The sources of the catalogue that your own rows name as their origin."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.catalog import Parent
from medqa_kit.catalog.registry import names
from medqa_kit.core.arrow.columns import is_text


def named_parents(rows: pa.Table, how: str, *, called: str = "") -> tuple[Parent, ...]:
    """Return the sources of the catalogue that rows name: what protects these is to protect the rows, too.

    A row names one in ``source``, or in an id of the catalogue, which begins with it: its own, or that of the
    ``parent`` it was made of. The id of what was made of a row holds the id of that row.

    Args:
        rows: The rows, or the first of them.
        how: What was done to the rows of the parents.
        called: What the rows are called: by the name of a source, they are taken for its.

    Example:
        >>> mine = pa.table({"id": ["sample:kormedmcqa/doctor/2012-1-1#paraphrase-1", "klue"], "source": ["ours", "ours"]})
        >>> [parent.name for parent in named_parents(mine, "rewritten")]
        ['kormedmcqa']
    """
    parents = sorted({called, *_said(rows)} & {*names()})
    return tuple(Parent(name, how, "what the rows say of where they are from") for name in parents)


def _said(rows: pa.Table) -> Iterator[str]:
    """Return what may be names of sources: the words of ``source``, and those of ids but the last."""
    for name in ("source", "parent", "id"):
        if rows.column_names.count(name) != 1 or not is_text(rows.schema.field(name).type):
            continue
        words = pc.unique(rows[name].cast(pa.string()))
        if name != "source":
            begins = pc.replace_substring_regex(words, "/?[^/]*$", "")
            words = pc.unique(pc.list_flatten(pc.split_pattern(begins, "/")))
        yield from pc.replace_substring_regex(words, "^sample:", "").drop_null().to_pylist()
