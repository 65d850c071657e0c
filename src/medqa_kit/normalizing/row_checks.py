"""Checks that every normalised batch must pass, whatever its source.

Each check looks at whole columns and raises one :class:`~medqa_kit.errors.RowError` that lists
the positions of all offending rows.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import blank, list_lengths, pick, positions, whole
from medqa_kit.core.arrow.messages import ROLES
from medqa_kit.core.arrow.ragged import rows_of
from medqa_kit.errors import AlignmentError, AnswerError, NullValueError, RowError, ValueTypeError
from medqa_kit.schemas import required, schema_name


def check_rows(table: pa.Table) -> None:
    """Check a batch that has the columns and types of one of the seven schemas.

    Raises:
        NullValueError: A required column is null or blank, or a value within a list is null.
        AnswerError: The answer index is outside the options, or the answer is another text.
        AlignmentError: Tokens and tags differ in number.
        ValueTypeError: A role is not system, user, assistant or tool.
        RowError: Chosen and rejected reply are the same.
    """
    for name in required(table.schema):
        _present(table, name)
    match schema_name(table.schema):
        case "qa":
            _answers(table)
        case "tokens":
            _aligned(table)
        case "preference":
            _different(table)
        case "dialogue":
            _roles(table)
    for field in table.schema:
        if pa.types.is_list(field.type):
            _no_gaps(table, field.name)


def _present(table: pa.Table, name: str) -> None:
    column = table[name]
    missing = blank(column) if pa.types.is_string(column.type) else pc.is_null(column)
    if pa.types.is_list(column.type):
        missing = pc.or_(missing, pc.fill_null(pc.equal(pc.list_value_length(column), 0), True))
    if bad := positions(missing):
        raise NullValueError("the value is missing", rows=bad, column=name,
                             expected="a value in every row", found="null or blank",
                             hint='on_bad="drop" sets such rows aside')  # fmt: skip


def _no_gaps(table: pa.Table, name: str) -> None:
    """Refuse null inside a list: no typed row and no JSON Schema of ours has a place for it."""
    lists = whole(table[name])
    values = lists.flatten()
    if not values.null_count and not pa.types.is_struct(values.type):
        return
    missing = pc.is_null(values)
    if pa.types.is_struct(values.type):
        for part in values.flatten():
            missing = pc.or_(missing, pc.is_null(part))
    if bad := positions(missing):
        raise NullValueError("a value in the list is missing", rows=rows_of(lists, bad), column=name,
                             expected="no null inside the list", found="null",
                             hint='on_bad="drop" sets such rows aside')  # fmt: skip


def _answers(table: pa.Table) -> None:
    index, options, answer = (table[n] for n in ("answer_index", "options", "answer"))
    given = pc.is_valid(index)
    chosen = pick(options, index)
    if bad := positions(pc.and_(given, pc.is_null(chosen))):
        raise AnswerError("the answer is not one of the options", rows=bad, column="answer_index",
                          expected="0 up to the number of options, less one",
                          hint="the source's label base may be declared wrongly")  # fmt: skip
    differs = pc.and_(given, pc.fill_null(pc.not_equal(chosen, whole(answer)), True))
    if bad := positions(differs):
        raise AnswerError("the answer's text is not the option it points to", rows=bad,
                          column="answer", expected="options[answer_index]",
                          hint="a shift by one in the label base looks like this")  # fmt: skip


def _aligned(table: pa.Table) -> None:
    tagged = np.asarray(whole(pc.is_valid(table["tags"])).to_numpy(zero_copy_only=False))
    unequal = tagged & (list_lengths(table["tokens"]) != list_lengths(table["tags"]))
    if unequal.any():
        raise AlignmentError("tokens and tags differ in number", rows=np.flatnonzero(unequal).tolist(),
                             column="tags", expected="one tag a token",
                             hint='on_bad="drop" sets such rows aside')  # fmt: skip


def _different(table: pa.Table) -> None:
    if bad := positions(pc.equal(table["chosen"], table["rejected"])):
        raise RowError("chosen and rejected are the same", rows=bad, column="rejected",
                       expected="two different replies",
                       hint='on_bad="drop" sets such rows aside')  # fmt: skip


def _roles(table: pa.Table) -> None:
    messages = whole(table["messages"])
    roles = messages.flatten().field("role")
    unknown = positions(pc.invert(pc.is_in(roles, value_set=pa.array(ROLES))))
    if unknown:
        raise ValueTypeError("a turn has a role nobody knows",
                             rows=rows_of(messages, unknown), column="messages",
                             expected=", ".join(ROLES),
                             hint="the source must map upstream's roles")  # fmt: skip
