"""Write ``src/medqa_kit/loading/typed.py``: overloads of ``load`` for every catalogued source.

``python tools/write_overloads.py`` after adding a source; a test fails when the file has drifted.
"""

from pathlib import Path

import medqa_kit as mk

FILE = Path(__file__).parents[1] / "src" / "medqa_kit" / "loading" / "typed.py"

HEAD = '''"""``load`` as editors and type checkers see it. Written by tools/write_overloads.py.

A wrong subset or split of a catalogued source is a type error, and editors complete the right
ones. For names that are only known at run time pass ``mk.source(name)``.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypedDict

if TYPE_CHECKING:
    from typing import Any, Unpack, overload

    from datasets import Dataset, DatasetDict, IterableDataset, IterableDatasetDict

    from medqa_kit.catalog.model import Source

    class Common(TypedDict, total=False):
        """Arguments all sources share."""

        years: Collection[int] | None
        origin: Literal["hub", "path", "sample"]
        path: str | os.PathLike[str] | None
        keep: Sequence[str]
        repo: str | None
        revision: str | None
        lock: str | os.PathLike[str] | None
        columns: Mapping[str, str] | None
        on_bad: Literal["raise", "drop"]
        num_proc: int | None
        cache_dir: str | os.PathLike[str] | None
        token: str | None

'''

TAIL = '''
    @overload
    def load(  # names known at run time: mk.load(mk.source(name), ...)
        name: Source,
        *,
        subset: str | None = None,
        split: str | None = None,
        view: str = "normalized",
        variant: str | None = None,
        pairing: str | None = None,
        streaming: bool = False,
        **common: Unpack[Common],
    ) -> Any: ...
    def load(name: Any, **arguments: Any) -> Any:
        """See :func:`medqa_kit.loading.load.load`."""

else:
    from medqa_kit.loading.load import load

__all__ = ["load"]
'''

RESULTS = (
    ("None = None", "Literal[False] = False", "DatasetDict"),
    ("{splits}", "Literal[False] = False", "Dataset"),
    ("None = None", "Literal[True]", "IterableDatasetDict"),
    ("{splits}", "Literal[True]", "IterableDataset"),
)


def text() -> str:
    loadable = [source for source in mk.sources() if source.parts and _ours(source)]
    overloads = "".join(overload(source) for source in loadable)
    return HEAD + overloads.rstrip("\n") + TAIL


def _ours(source: mk.Source) -> bool:
    return (Path(mk.__file__).parent / "entries" / f"{source.name}.py").exists()


def overload(source: mk.Source) -> str:
    splits = literal([*source.splits, "all"])
    subset = f"{literal(source.subsets)} | None" if source.subsets else "None"
    views = literal(["normalized", "raw", *source.views])
    choices = "".join(
        f"        {choice.name}: {literal(choice.values)} | None = None,\n"
        for choice in source.choices
    )
    return "".join(
        f"""    @overload
    def load(
        name: Literal["{source.name}"],
        *,
        subset: {subset} = None,
        split: {split.format(splits=splits)},
        view: {views} = "normalized",
{choices}        streaming: {streaming},
        **common: Unpack[Common],
    ) -> {result}: ...
"""
        for split, streaming, result in RESULTS
    )


def literal(values) -> str:
    return f"Literal[{', '.join(repr(value) for value in values)}]".replace("'", '"')


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
    print(f"{FILE.name}: {text().count('@overload')} overloads")
