"""The kind of the texts of a column: options, speech of a person, or prose."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import is_text, list_lengths, truths, whole
from medqa_kit.core.arrow.ragged import Ints, Mask, flat


def is_lists(table: pa.Table, name: str) -> bool:
    """Check whether a table has a column of lists by that name."""
    return name in table.column_names and isinstance(
        table.schema.field(name).type, (pa.ListType, pa.LargeListType)
    )


def holds_texts(table: pa.Table, name: str) -> bool:
    """Check whether a table has a column of lists of texts by that name."""
    return is_lists(table, name) and is_text(table.schema.field(name).type.value_type)


def is_talk(table: pa.Table, name: str) -> bool:
    """Check whether a table has a column of lists of messages by that name."""
    return is_lists(table, name) and pa.types.is_struct(table.schema.field(name).type.value_type)


def chosen_texts(table: pa.Table, name: str, texts: int) -> Mask:
    """Mark which texts of a column are options: a choice is no sentence, and may be an abbreviation or "none"."""
    if name == "answer" and holds_texts(table, "options"):
        return list_lengths(table["options"]) > 0
    return np.full(texts, name == "options")


def assistants_texts(table: pa.Table, name: str, places: Ints) -> Mask:
    """Mark which texts of messages the assistant says."""
    roles = pc.struct_field(flat(whole(table[name])).values, "role")
    return truths(pc.equal(roles.take(pa.array(places)), "assistant"))
