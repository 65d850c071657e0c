"""A kind of training record as a frozen value, one for each name in ``record_kinds()``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

import pyarrow as pa

from medqa_kit.core.arguments import nonempty_text, number, whole_number
from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.training.conversations import Exchange, Kind
from medqa_kit.training.reasoning import ReasoningStyle

Needs: TypeAlias = Literal["reply", "prompt", "preference", "unpaired", "text"]
Settings: TypeAlias = Mapping[str, Any]
RecordColumns: TypeAlias = dict[str, pa.Array]

REQUIRED: Any = ...  # the default of a setting that has none


class Setting(NamedTuple):
    """A setting of one kind of record.

    Attributes:
        default: Its value by default; ``None`` leaves it out.
        type: Of its values.
    """

    default: Any
    type: pa.DataType = pa.string()

    def checked(self, name: str, value: Any) -> Any:
        """Return a value if it is of the type.

        Raises:
            ArgumentError: It is not.
        """
        argument = f"settings.{name}"
        if value is None and self.default is None:
            return None
        if pa.types.is_string(self.type):
            return nonempty_text(argument, value)
        if pa.types.is_integer(self.type):
            return whole_number(argument, value)
        return number(argument, value)


_REPLY: tuple[Kind, ...] = ("qa", "target", "completion", "messages")
ACCEPTS: Mapping[Needs, tuple[Kind, ...]] = {
    "reply": _REPLY,
    "prompt": (*_REPLY, "prompt", "preference", "unpaired"),
    "preference": ("preference",),
    "unpaired": ("preference", "unpaired"),
    "text": (*_REPLY, "text"),
}


@dataclass(frozen=True, repr=False)
class RecordKind(Shown):
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
        strict: The reader refuses keys it does not know, so only its own are written to JSON Lines.
        carried: Further fields of messages that the reader knows; what has others is refused.
        alternates: Turns of users and tools must alternate with those of the assistant.
        settings: Further settings by name.
        stanza: Makes the text that tells the trainer how to read a file, from the name of the
            data set and the file.
        loss: What the loss is computed on.

    Example:
        >>> from medqa_kit.training.kinds.index import record_kinds
        >>> kind = next(kind for kind in record_kinds() if kind.name == "alpaca")
        >>> kind.columns, kind.loss
        (('instruction', 'input', 'output'), 'the output')
    """

    name: str
    about: str
    needs: Needs
    build: Callable[[Exchange, pa.Table, Settings], RecordColumns] = field(repr=False)
    schema: Mapping[str, Any] = field(repr=False)
    canonical: Callable[[Mapping[str, Any]], Mapping[str, Any]] = field(repr=False)
    reasoning: ReasoningStyle = "none"
    holds: Literal["conversation", "one reply", "single"] = "conversation"
    tools: bool = True
    apart: bool = False
    cut: bool = False
    strict: bool = False
    carried: tuple[str, ...] = ()
    alternates: bool = False
    settings: Mapping[str, Setting] = field(default_factory=dict)
    stanza: Callable[[str, str], str] | None = field(default=None, repr=False)
    loss: str = ""

    def _blocks(self) -> Iterator[Block]:
        settings = (f"{name}={'…' if each.default is REQUIRED else each.default}"
                    for name, each in self.settings.items())  # fmt: skip
        yield f"{self.name}: {self.about}"
        yield [
            ("what", "value"), ("columns", ", ".join(self.columns)), ("needs", self.needs), ("holds", self.holds),
            ("loss on", self.loss), ("reasoning", self.reasoning), ("settings", ", ".join(settings) or "none"),
        ]  # fmt: skip

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns the trainer reads."""
        return tuple(name for name in self.schema["properties"] if name != "id")
