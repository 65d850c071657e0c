"""A loader of one source: :func:`medqa_kit.load` with the source's own words as arguments."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from inspect import Parameter, Signature, signature
from typing import Any, Literal

from medqa_kit.catalog.model import Source
from medqa_kit.core.arguments import did_you_mean
from medqa_kit.errors import ArgumentError
from medqa_kit.loading.load import Loaded, load

_SHARED = {
    name: argument
    for name, argument in signature(load).parameters.items()
    if name not in ("name", "choices")
}


@dataclass(frozen=True)
class Loader:
    """Loads one source; called with the arguments of :func:`medqa_kit.load`.

    Each choice of the source is an argument of its own, in place of ``choices=``.

    Attributes:
        source: The source.

    Example:
        >>> from medqa_kit.catalog import source
        >>> loader = Loader(source("khmer_medical_qa"))
        >>> loader(split="train", variant="both", origin="sample").num_rows
        18
    """

    source: Source

    def __call__(self, **arguments: Any) -> Loaded:
        """Load the source.

        Raises:
            ArgumentError: An argument is called something else.
            MedQAError: What :func:`medqa_kit.load` raises.
        """
        own = [choice.name for choice in self.source.choices]
        known = (*own, *_SHARED)
        for name in arguments:
            if name not in known:
                raise ArgumentError(
                    f"there is no argument {name!r}", argument=name, source=self.source.name,
                    expected=", ".join(known), hint=did_you_mean(name, known) or "leave it out",
                )  # fmt: skip
        choices = {name: arguments.pop(name) for name in own if name in arguments}
        # The names are checked above: these are arguments of load, each under its own name.
        return load(self.source, choices=choices, **arguments)

    def __repr__(self) -> str:
        return f"<Loader of {self.source.name}: {self.source.title}>"

    @cached_property
    def __doc__(self) -> str:  # type: ignore[override]
        """What a notebook shows: what the source is, what may be passed, an example."""
        source = self.source
        part = next((part for part in source.parts if not part.by_name_only), None)
        lines = [source.title, "", source.about, "", "Args:"]
        lines += [
            f"    {name}: {', '.join(words)}"
            for name, words in _words(source).items()
            if words
        ]  # fmt: skip
        lines += ["", "The other arguments are those of mk.load."]
        if part is not None:
            subset = f'subset="{part.subset}", ' if part.subset else ""
            call = f'mk.loaders.{source.name}({subset}split="{part.split}", origin="sample")'
            lines += ["", "Example:", f"    >>> {call}"]
        return "\n".join(lines)

    @property
    def __signature__(self) -> Signature:
        """What completion in a notebook goes by."""
        words = _words(self.source)
        parameters = {
            name: argument.replace(annotation=_literal(words[name]) if name in words else argument.annotation)
            for name, argument in _SHARED.items()
        }  # fmt: skip
        own = [
            Parameter(choice.name, Parameter.KEYWORD_ONLY, default=choice.values[0],
                      annotation=_literal(choice.values))
            for choice in self.source.choices
        ]  # fmt: skip
        return Signature([*parameters.values(), *own], return_annotation=Loaded)


def _words(source: Source) -> dict[str, tuple[str, ...]]:
    """Return what each argument of the source's own may be."""
    return {
        "subset": source.subsets,
        "split": (*source.splits, "all") if source.splits else (),
        "view": ("normalized", "raw", *source.views),
        **{choice.name: choice.values for choice in source.choices},
    }


def _literal(words: Collection[str]) -> Any:
    return Literal[tuple(words)] | None if words else None
