"""Checks of what rows are marked with: tags of their tokens, and labels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.byte_scans import pattern_mask
from medqa_kit.core.arrow.columns import blank, is_text, list_lengths, truths, whole
from medqa_kit.core.arrow.ragged import Ints, distinct, flat
from medqa_kit.normalizing.bio import orphans
from medqa_kit.validation.row_checks import RowFault


def tag_faults(table: pa.Table) -> Iterator[RowFault]:
    """Find rows whose tags do not fit their tokens, or go on an entity that did not begin.

    Args:
        table: Rows with the columns ``tokens`` and ``tags``, which are lists.

    Example:
        >>> rows = pa.table({"tokens": [["열", "기침"], ["열"]], "tags": [["O", "I-DS"], ["O", "O"]]})
        >>> [(fault.code, fault.rows.tolist()) for fault in tag_faults(rows)]
        [('tags_and_tokens', [1]), ('odd_tag', []), ('bio_orphan', [0])]
    """
    tokens, tags = whole(table["tokens"]), whole(table["tags"])
    looked = np.asarray(pc.and_(tokens.is_valid(), tags.is_valid()))
    differs = looked & (list_lengths(tokens) != list_lengths(tags))
    yield RowFault("tags_and_tokens", np.flatnonzero(differs), looked)
    if pa.types.is_string(tags.type.value_type) or pa.types.is_large_string(tags.type.value_type):
        yield RowFault("odd_tag", _odd_tags(tokens, tags), looked)
        fitting = np.flatnonzero(looked & ~differs)
        at = np.array(orphans(tags.take(pa.array(fitting))), np.int64)
        yield RowFault("bio_orphan", distinct(fitting[at]), looked & ~differs)


_TAG, _ENTITY = r"^(?:O|[BIESLUM]-.+)$", r"^[BI]-."


def _odd_tags(tokens: pa.Array, tags: pa.Array) -> Ints:
    """Return the rows with a null among tokens or tags, or with tags of entities and others beside."""
    named, words = flat(tags), flat(tokens)
    nulls = [lists.rows(np.flatnonzero(lists.values.is_null())) for lists in (named, words)]
    other = named.rows(np.flatnonzero(~pattern_mask(named.values, _TAG)))
    of_entities = named.rows(np.flatnonzero(pattern_mask(named.values, _ENTITY)))
    return distinct(np.concatenate([*nulls, np.intersect1d(other, of_entities)]))


def missing_labels(table: pa.Table) -> Iterator[RowFault]:
    """Find rows of a labelled set that have neither label nor score.

    Args:
        table: Rows with a column ``label``.

    Example:
        >>> rows = pa.table({"text": ["a", "b", "c"], "label": ["yes", None, " "]})
        >>> [fault.rows.tolist() for fault in missing_labels(rows)]
        [[1, 2]]
    """
    labels = whole(table["label"])
    missing = np.asarray(labels.is_null())
    if is_text(labels.type):
        missing |= truths(blank(labels.cast(pa.string())))
    if "score" in table.column_names:
        missing &= np.asarray(whole(table["score"]).is_null())
    yield RowFault("label_missing", np.flatnonzero(missing), np.ones(table.num_rows, bool))
