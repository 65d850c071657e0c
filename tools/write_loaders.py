"""Write ``src/medqa_kit/loaders.pyi``: a typed loader for every catalogued source.

``python tools/write_loaders.py`` after adding a source; a test fails when the file has drifted.

A source has one overload a kind of container and view, and two that only wrong calls come to. A
checker lists all overloads when none fits, which nobody reads, unless it sees one that is near:
mypy takes the first of the two for near and says what the argument may be; pyright goes by the
last, whose constrained type variables make its message three lines. The first of the two is also
for ``streaming`` that is known at run time alone.
"""

from collections.abc import Iterable
from pathlib import Path

import medqa_kit as mk
from medqa_kit.catalog import Source
from medqa_kit.schemas import schema_name

FILE = Path(__file__).parents[1] / "src" / "medqa_kit" / "loaders.pyi"

HEAD = '''"""Typed loaders. Written by tools/write_loaders.py."""
# mypy: disable-error-code="overload-cannot-match"

from typing import Any, Literal, Never, TypeAlias, TypeVar, Unpack, overload

from medqa_kit.catalog.errata import OnErrata
from medqa_kit.core.judging import RaiseOrDrop
from medqa_kit.loading.load import Loaded
from medqa_kit.loading.request import LoadOptions, OpenOptions, Origin
from medqa_kit.loading.row_datasets import NothingElse
from medqa_kit.loading.row_datasets import RowDataset as RowDataset
from medqa_kit.loading.row_datasets import RowDatasetDict as RowDatasetDict
from medqa_kit.loading.row_datasets import RowIterableDataset as RowIterableDataset
from medqa_kit.loading.row_datasets import RowIterableDatasetDict as RowIterableDatasetDict
from medqa_kit.schemas import DialogueRow, LabeledRow, ParallelRow, PreferenceRow, QARow, TextRow, TokensRow

_RawRow: TypeAlias = dict[str, Any]
_No: TypeAlias = Literal[False]
_Yes: TypeAlias = Literal[True]
'''
NEAR = "NothingElse[Never]"
ROWS = {
    "qa": "QARow", "preference": "PreferenceRow", "dialogue": "DialogueRow", "tokens": "TokensRow",
    "parallel": "ParallelRow", "text": "TextRow", "labeled": "LabeledRow",
}  # fmt: skip
KINDS = (
    ("{split}", "_No = ...", "RowDataset"),
    ("None = ...", "_No = ...", "RowDatasetDict"),
    ("{split}", "_Yes", "RowIterableDataset"),
    ("None = ...", "_Yes", "RowIterableDatasetDict"),
)


def text() -> str:
    return HEAD + "".join(map(typed_loader, own_sources()))


def own_sources() -> list[Source]:
    folder = FILE.parent / "entries"
    return [s for s in mk.sources() if s.parts and (folder / f"{s.name}.py").exists()]


def typed_loader(source: Source) -> str:
    prefix = "_" + source.name
    words = {"split": (*source.splits, "all"), "view": ("normalized", "raw", *source.views)}
    if source.subsets:
        words = {"subset": source.subsets, **words}
    choices = {choice.name: choice.values for choice in source.choices}
    words |= choices
    lines = ["", f"# {source.title}"]
    for name, values in words.items():
        lines += [
            f"{prefix}_{name}: TypeAlias = {literal(values)}",
            f'{a_word(source, name)} = TypeVar("{a_word(source, name)}", {alternatives(values)})',
        ]
    own = "".join(f", {name}: {prefix}_{name} = ..." for name in choices)
    for view, subsets, row in forms(source):
        subset = literal(subsets) if subsets else f"{prefix}_subset | None = ..."
        if not source.subsets:
            subset = "None = ..."
        lines += [
            overload(source, f"subset: {subset}, split: {split.format(split=f'{prefix}_split')}, "
                     f"view: {view}{own}, streaming: {streaming}", f"{kind}[{row}]")
            for split, streaming, kind in KINDS
        ]  # fmt: skip
    return "\n".join([*lines, *unmatched(source, words)]) + "\n"


def forms(source: Source) -> Iterable[tuple[str, tuple[str, ...], str]]:
    """View, subsets (none where any will do) and row type of each form the rows come in."""
    for view in ("normalized", *source.views):
        subsets: dict[str, dict[str, None]] = {}
        for part in source.parts:
            layout = source.layout_of(part)
            if view == "normalized" or view in layout.views:
                row = ROWS[schema_name(layout.viewed(view).schema)]
                subsets.setdefault(row, {})[part.subset or ""] = None
        for row, names in subsets.items():
            whole = not source.subsets or len(names) == len(source.subsets)
            default = " = ..." if view == "normalized" else ""
            yield literal([view]) + default, () if whole else tuple(names), row
    yield literal(["raw"]), (), "_RawRow"


def unmatched(source: Source, words: dict[str, tuple[str, ...]]) -> list[str]:
    """The two overloads that only wrong calls come to."""

    def arguments(kinds: dict[str, str]) -> str:
        optional = {"subset", "split"}
        return ", ".join(
            f"{name}: {kind}{' | None' if name in optional and kind != 'None' else ''} = ..."
            for name, kind in kinds.items()
        )

    near = {name: f"_{source.name}_{name} | {NEAR}" for name in words}
    near = {"subset": NEAR, **near, "streaming": "bool", "origin": f"Origin | {NEAR}"}
    near["on_bad"] = f"RaiseOrDrop | {NEAR}"
    near["errata"] = f"OnErrata | {NEAR}"
    short = {name: a_word(source, name) for name in words} | {"streaming": "bool"}
    if not source.subsets:
        short["subset"] = "None"
    return [
        overload(source, arguments(near), "Loaded", options="OpenOptions"),
        overload(source, arguments(short), "Loaded"),
    ]


def overload(source: Source, arguments: str, result: str, options: str = "LoadOptions") -> str:
    return (
        "@overload\n"
        f"def {source.name}(*, {arguments}, **options: Unpack[{options}]) -> {result}: ..."
    )


def a_word(source: Source, name: str) -> str:
    """Name of the type variable that stands for one word of a closed set."""
    return f"_{name}_of_{source.name}"


def alternatives(values: Iterable[str]) -> str:
    return ", ".join(literal([value]) for value in values)


def literal(values: Iterable[str]) -> str:
    return f"Literal[{', '.join(repr(value) for value in values)}]".replace("'", '"')


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
    print(f"{FILE.name}: {text().count('@overload')} overloads, {text().count(chr(10))} lines")
