"""The kinds of record by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from medqa_kit.core.arguments import instance, one_of
from medqa_kit.core.tables import Listing, cell
from medqa_kit.training.conversations import kind_of
from medqa_kit.training.kinds.axolotl import AXOLOTL_KINDS
from medqa_kit.training.kinds.llama_factory import LLAMA_FACTORY_KINDS
from medqa_kit.training.kinds.model import ACCEPTS, RecordKind
from medqa_kit.training.kinds.openai import OPENAI_KINDS
from medqa_kit.training.kinds.others import OTHER_KINDS
from medqa_kit.training.kinds.trl import TRL_KINDS

_KINDS: Mapping[str, RecordKind] = {
    kind.name: kind
    for kind in sorted(
        (*TRL_KINDS, *OPENAI_KINDS, *LLAMA_FACTORY_KINDS, *AXOLOTL_KINDS, *OTHER_KINDS),
        key=lambda kind: kind.name,
    )
}


def record_kinds(schema: pa.Schema | None = None) -> Listing[RecordKind]:
    """Return the kinds of training record, in the order of their names.

    Args:
        schema: Only those that can be made from a table of this schema.

    Returns:
        A sequence that prints as a table. Each kind has a ``name`` for :func:`medqa_kit.record`,
        ``columns``, ``reasoning`` and one line ``about`` it.

    Raises:
        ArgumentError: ``schema`` is not a schema.
        FormattingError: No record can be made from such a table.

    Example:
        >>> from medqa_kit.schemas import PREFERENCE
        >>> [kind.name for kind in record_kinds(PREFERENCE) if kind.name.startswith("openai")]
        ['openai/batch', 'openai/dpo']
        >>> print(record_kinds()[:2])
        name          columns                     reasoning  about
        ────────────  ──────────────────────────  ─────────  ────────────────────────────────────────────────────────────────────────────────
        alpaca        instruction, input, output  before     instruction, input, output; system text is put before the instruction, the rest…
        axolotl/chat  messages                    field      type chat_template; reasoning_content is read where the template knows it
        2 kinds; mk.record(name) makes records of one
    """
    kinds = list(_KINDS.values())
    if schema is not None:
        instance("schema", schema, pa.Schema, expected="an Arrow schema",
                 hint="table.schema, or one of mk.schemas")  # fmt: skip
        fitting = kind_of(schema)
        kinds = [kind for kind in kinds if fitting in ACCEPTS[kind.needs]]
    return Listing(
        kinds,
        header=("name", "columns", "reasoning", "about"),
        cells=lambda kind: (
            kind.name, ", ".join(kind.columns), kind.reasoning, cell(kind.about)
        ),
        foot=lambda listed: f"{len(listed)} kinds; mk.record(name) makes records of one",
    )  # fmt: skip


def record_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema, draft 2020-12, of one written row.

    Args:
        name: A kind of record, as :func:`record_kinds` lists it.

    Returns:
        The schema as plain data. Further columns with plain values are allowed, unless the reader refuses them.

    Raises:
        ArgumentError: No kind of record has this name.

    Example:
        >>> sorted(record_schema("sharegpt")["properties"])
        ['conversations', 'id']
    """
    return dict(find_kind(name).schema)


def find_kind(name: str) -> RecordKind:
    """Return a kind of record by name.

    Raises:
        ArgumentError: None has this name; the nearest is named.
    """
    return _KINDS[one_of("name", name, _KINDS, hint="mk.record_kinds() lists all")]
