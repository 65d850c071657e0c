"""The kinds of record by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import pyarrow as pa

from medqa_kit.errors import FormattingError
from medqa_kit.training.conversations import kind_of
from medqa_kit.training.kinds import axolotl, llama_factory, openai, others, trl
from medqa_kit.training.kinds.model import ACCEPTS, RecordKind

_KINDS: Mapping[str, RecordKind] = {
    kind.name: kind
    for kind in (
        *trl.KINDS, *openai.KINDS, *llama_factory.KINDS, *axolotl.KINDS, *others.KINDS,
    )
}  # fmt: skip


def records(schema: pa.Schema | None = None) -> dict[str, str]:
    """List the kinds of training record: name and one line about each.

    Args:
        schema: Only those that can be made from a table of this schema.

    Example:
        >>> records()["trl/prompt-completion"]
        'TRL SFT; the loss stays off the prompt without marks or flags'
        >>> from medqa_kit.schemas import PREFERENCE
        >>> [name for name in records(PREFERENCE) if name.startswith("openai")]
        ['openai/batch', 'openai/dpo']
    """
    fits = None if schema is None else kind_of(schema)
    return {
        name: kind.about
        for name, kind in sorted(_KINDS.items())
        if fits is None or fits in ACCEPTS[kind.needs]
    }


def record_schema(name: str) -> dict[str, Any]:
    """Give the JSON Schema, draft 2020-12, of one written row.

    Example:
        >>> sorted(record_schema("sharegpt")["properties"])
        ['conversations', 'id']
    """
    return dict(find_kind(name).schema)


def find_kind(name: str) -> RecordKind:
    """Give a kind of record by name, or an error that names the nearest."""
    if name not in _KINDS:
        raise FormattingError(
            f"no kind of training record is called {name!r}",
            expected=f"one of the {len(_KINDS)} names of mk.records()",
            hint=near(name, _KINDS),
        )
    return _KINDS[name]


def near(name: str, known: Iterable[str]) -> str:
    """Write the hint that names what was probably meant."""
    names = list(known)
    near = get_close_matches(name, names, n=1, cutoff=0.5)
    return (
        f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}" if names else ""
    )
