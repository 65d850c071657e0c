"""The contexts of a question, written as a harness writes them: joined, labelled, or as a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import list_lengths, whole
from medqa_kit.core.arrow.ragged import nested
from medqa_kit.core.arrow.slices import as_text, fail
from medqa_kit.errors import NullValueError, RowError
from medqa_kit.evaluation.formats.format import ContextForm
from medqa_kit.prompting.template import concat

LIST_HINT = "mk.load(..., keep=['context']) carries upstream's lists along"


def spread(form: ContextForm | None, table: pa.Table) -> pa.Table:
    """Return a table with columns ``contexts`` and ``labels``, wherever its lists are.

    The lists may be such columns, or lie in ``raw_context``, as ``keep=["context"]`` loads them. For a
    harness that joins contexts by line breaks the normalised ``context`` is enough, which is joined in the
    same way.
    """
    names = table.column_names
    if form is None or "contexts" in names:
        return table
    if "raw_context" in names and pa.types.is_struct(table["raw_context"].type):
        for name in ("contexts", "labels"):
            if name not in names and table["raw_context"].type.get_field_index(name) >= 0:
                table = table.append_column(name, pc.struct_field(table["raw_context"], name))
        return table
    if form == "lines" and "context" in names:
        context = as_text(whole(table["context"]), "context")
        contexts = pa.ListArray.from_arrays(
            pa.array(range(len(context) + 1), pa.int32()), context, mask=context.is_null()
        )
        return table.append_column("contexts", contexts)
    return table


def written(form: ContextForm, batch: pa.RecordBatch) -> pa.Array:
    """Write the contexts of a batch as the harness does.

    Raises:
        NullValueError: A row has no list of contexts, or one of them is null.
        RowError: Contexts and headings differ in number.
    """
    contexts = _lists(batch, "contexts")
    return _labelled(batch, contexts) if form == "labelled" else _CONTEXTS[form](contexts)


def _lists(batch: pa.RecordBatch, name: str) -> pa.ListArray:
    lists = batch.column(name).cast(pa.list_(pa.string()))
    fail(batch, lists.is_null(), NullValueError, "the row has no list of contexts", column=name,
         expected="a list of texts", found="null", hint=LIST_HINT)  # fmt: skip
    nulls = lists.flatten().is_null()
    owners = pc.list_parent_indices(lists).filter(nulls).to_numpy(zero_copy_only=False)
    fail(batch, pa.array(np.isin(np.arange(len(lists)), owners)), NullValueError,
         "a context is null", column=name, expected="text", found="null",
         hint="leave the row out")  # fmt: skip
    return lists


def _labelled(batch: pa.RecordBatch, contexts: pa.ListArray) -> pa.Array:
    labels = _lists(batch, "labels")
    lengths = list_lengths(contexts)
    fail(batch, pa.array(lengths != list_lengths(labels)), RowError,
         "contexts and their headings differ in number", column="labels",
         expected="one heading a context", hint="leave the row out")  # fmt: skip
    headings = labels.flatten().dictionary_encode()
    titled = pa.array([t.title() for t in headings.dictionary.to_pylist()], pa.string())
    lines = concat([titled.take(headings.indices), ". ", contexts.flatten()],
                   rows=int(lengths.sum()))  # fmt: skip
    return pc.binary_join(nested(lines, lengths), "\n")


def _repr(lists: pa.ListArray) -> pa.Array:
    """Write each list as Python does, which is what this harness puts into the prompt.

    Texts in ASCII without quotes and backslashes, which are most, are quoted column-wise. ``repr`` writes the
    others one by one, since only Python chooses quotes and escapes as Python does.
    """
    texts = lists.flatten()
    plain = pc.match_substring_regex(texts, "^[ -&(-\\[\\]-~]*$")
    quoted = concat(["'", texts, "'"], rows=len(texts))
    odd = pc.invert(plain)
    if pc.any(odd).as_py():
        slow = [repr(text) for text in texts.filter(odd).to_pylist()]
        quoted = pc.replace_with_mask(quoted, odd, pa.array(slow, pa.string()))
    body = pc.binary_join(nested(quoted, list_lengths(lists)), ", ")
    return concat(["[", body, "]"], rows=len(lists))


_CONTEXTS: Mapping[ContextForm, Callable[[pa.ListArray], pa.Array]] = {
    "lines": lambda lists: pc.binary_join(lists, "\n"),
    "blanks": lambda lists: pc.binary_join(lists, " "),
    "repr": _repr,
}
