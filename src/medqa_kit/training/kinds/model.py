"""What a kind of training record is: a frozen value, one for each name in ``records()``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

from medqa_kit.training.conversations import Exchange, Kind
from medqa_kit.training.reasoning import Style

Needs = Literal["reply", "prompt", "preference", "unpaired", "text"]
Settings = Mapping[str, Any]
Columns = dict[str, pa.Array]

REQUIRED: Any = ...  # the default of a setting that has none

_REPLY: tuple[Kind, ...] = ("qa", "target", "completion", "messages")
ACCEPTS: Mapping[Needs, tuple[Kind, ...]] = {
    "reply": _REPLY,
    "prompt": (*_REPLY, "prompt", "preference", "unpaired"),
    "preference": ("preference",),
    "unpaired": ("preference", "unpaired"),
    "text": (*_REPLY, "text"),
}


@dataclass(frozen=True)
class RecordKind:
    """How one trainer wants its rows.

    Args:
        name: ``trainer/form``.
        about: One line: who reads it and what it loses.
        needs: What a table must hold, see :data:`ACCEPTS`.
        build: Makes the columns from an exchange and the table it was read from.
        schema: JSON Schema of one row as written, nulls left out.
        canonical: Turns one written row back into TRL's column names, for checking.
        reasoning: Default style.
        holds: What fits: a whole ``conversation``, a conversation with ``one reply`` at its end, or
            a ``single`` question with one reply.
        tools: Turns of tools can be told from others.
        apart: The trainer reads ``reasoning_content``; otherwise the style ``field`` is refused.
        cut: Prompt and reply are strings that are put together, though not by these names.
        identified: An ``id`` column beside the trainer's own does no harm.
        settings: Names of further settings with their defaults.
        stanza: Makes the text that tells the trainer how to read a file, from the name of the
            data set and the file.
        loss: What the loss is computed on.
    """

    name: str
    about: str
    needs: Needs
    build: Callable[[Exchange, pa.Table, Settings], Columns]
    schema: Mapping[str, Any]
    canonical: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    reasoning: Style = "none"
    holds: Literal["conversation", "one reply", "single"] = "conversation"
    tools: bool = True
    apart: bool = False
    cut: bool = False
    identified: bool = True
    settings: Settings = field(default_factory=dict)
    stanza: Callable[[str, str], str] | None = None
    loss: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns the trainer reads."""
        return tuple(name for name in self.schema["properties"] if name != "id")
