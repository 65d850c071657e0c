"""The rules of training records: problems of rows before and after they become an exchange."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pyarrow as pa

from medqa_kit.training import lint_rules as rules
from medqa_kit.training.conversations import Exchange, kind_of, message_columns_of
from medqa_kit.training.kinds import message_columns as columns
from medqa_kit.training.kinds.model import RecordKind
from medqa_kit.training.kinds.schema_parts import SOME_TEXT
from medqa_kit.training.question_rules import question_problems
from medqa_kit.training.reasoning import ReasoningStyle
from medqa_kit.training.violations import Violations


def source_problems(
    table: pa.Table, kind: RecordKind, keep: Collection[str], reasoning: ReasoningStyle | None
) -> Violations:
    """Find the problems of rows that are known before anything is rendered.

    Args:
        table: The rows, in the usual types.
        kind: The kind of record.
        keep: Further columns that are kept.
        reasoning: What becomes of the reasoning of messages.
    """
    if kind_of(table.schema) == "qa":
        yield from question_problems(table, reply=kind.needs != "prompt")
    kept = kind.apart and reasoning == "field"
    for name, lists in message_columns_of(table).items():
        yield from rules.lost_fields(lists, kind.carried)
        if reasoning != "none":
            yield from rules.lost_reasoning(lists, name, kept=kept)
    yield from rules.lost_tools(table, () if kind.strict else keep)


def exchange_problems(x: Exchange, kind: RecordKind, eos: str | None) -> Violations:
    """Find the problems of an exchange that was read from messages or texts.

    Args:
        x: The exchange.
        kind: The kind of record.
        eos: End mark that the record writes behind the reply, if any.
    """
    if x.text is not None:
        yield from rules.plain_texts(x.text)
        return
    yield from rules.conversation(x.prompt, part="prompt")
    replies = [reply for reply in (x.completion, x.rejected) if reply is not None]
    for reply in replies:
        yield from rules.conversation(reply, part="reply")
    if x.rejected is not None:
        yield from rules.equal_replies(x.completion, x.rejected)
    if x.label is not None:
        yield "label_null", np.flatnonzero(np.asarray(x.label.is_null()))
    if not kind.tools:
        yield "role_unknown", columns.with_role(x.prompt, "tool")
    if kind.alternates:
        for lists in (x.prompt, *replies):
            yield from rules.tool_runs(lists)
    if kind.holds == "single":
        yield "multi_turn", np.flatnonzero(columns.longer_than_one_exchange(x.prompt, *replies))
    elif kind.holds == "one reply":
        yield "multi_turn", np.flatnonzero(columns.with_several_messages(*replies))
    yield from cut_problems(x, kind, eos)


def cut_problems(x: Exchange, kind: RecordKind, eos: str | None) -> Violations:
    """Find prompts that end in white space where prompt and reply are strings, and texts with an end mark.

    Args:
        x: The exchange.
        kind: The kind of record.
        eos: End mark that the record writes behind the reply, if any.
    """
    strings = kind.cut or kind.schema["properties"].get("prompt") == SOME_TEXT
    if x.prompt is not None and strings:
        yield from rules.boundary(columns.prompt_text(x))
    if eos:
        yield from rules.end_marks(eos, columns.prompt_text(x), columns.last_text(x.completion))
