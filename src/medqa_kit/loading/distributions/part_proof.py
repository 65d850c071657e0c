"""Check that raw rows belong to the part they are read as, by what the catalogue declares of each part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.catalog.model import Source
from medqa_kit.catalog.parts import Part
from medqa_kit.errors import WrongFilesError, shorten
from medqa_kit.loading.files.file import File
from medqa_kit.loading.files.part_names import last_name, words_of_part

_MOST_NAMED = 12  # parts in a message
_OF_SUBSET = 2  # of a name that speaks of a subset


def refuse_other_part(source: Source, part: Part, raw: pa.Table, *, file: str) -> None:
    """Refuse raw rows that say they are of another part than the one that is read.

    Args:
        source: The source.
        part: The part that is read.
        raw: Some of its raw rows.
        file: The file they stand in.

    Raises:
        WrongFilesError: With the part they are of, where one fits.
    """
    wrong = part.contradicting(raw)
    if not pc.any(wrong).as_py():
        return
    strange = raw.filter(wrong)
    fitting = [
        other for other in ordinary(source.parts)
        if other.proof and not pc.any(other.contradicting(strange)).as_py()
    ]  # fmt: skip
    fitting.sort(key=lambda other: other.split != part.split)
    raise WrongFilesError(
        "these rows are of another part", source=source.name, part=part.name, file=file,
        expected="; ".join(f"{name} {_values(values)}" for name, values in part.proof.items()),
        found="; ".join(f"{name} {shorten(sorted(pc.unique(strange[name]).to_pylist(), key=str))}"
                        for name in part.proof if name in raw.column_names),
        hint=naming(fitting) if fitting else "pass the files of one part alone as path=",
    )  # fmt: skip


def _values(values: Iterable[object] | str) -> str:
    if isinstance(values, str):
        return f"like {values!r}"
    if isinstance(values, range):
        return f"{values[0]} to {values[-1]}"
    return shorten(list(values))


def ordinary(parts: Sequence[Part]) -> list[Part]:
    """Return the parts that are not by name only, or all where there is no other."""
    return [part for part in parts if not part.by_name_only] or list(parts)


def other_parts(
    parts: Sequence[Part], others: Sequence[Part], patterns: Mapping[str, Sequence[str]], path: Path, *,
    fitting: Sequence[Part] | None,
) -> list[Part]:  # fmt: skip
    """Return the parts that a file may be of as well, where nobody named a subset.

    A lone ``train.parquet`` may be of either language where upstream has one in each folder; ``es_train.jsonl``
    speaks of another subset; and a name that tells nothing may stand for any part by name only.

    Args:
        parts: Those that are likely.
        others: Those that may be meant as well.
        patterns: Of the files of each, in all its layouts, by its name.
        path: The file.
        fitting: Those whose files may be called so; ``None`` where the name tells nothing.
    """
    own = {pattern for part in parts for pattern in patterns[part.name]}
    splits = {part.split for part in parts}
    names = {last_name(pattern, stem=True) for pattern in own}
    alike = others if fitting is None else [
        part for part in fitting
        if not names.isdisjoint(last_name(pattern, stem=True) for pattern in patterns[part.name])
    ]  # fmt: skip
    spoken = is_spoken_of(parts, path)
    return [
        part for part in others
        if part not in parts and part.split in splits and own.isdisjoint(patterns[part.name])
        and ((part.by_name_only and part in alike) or (is_spoken_of([part], path) and not spoken))
    ]  # fmt: skip


def is_spoken_of(parts: Sequence[Part], path: Path, *, beside: Sequence[Part] = ()) -> bool:
    """Check whether the name of a file, with that of its folder, speaks of the subset of one of some parts.

    Args:
        parts: The parts.
        path: The file.
        beside: Parts that its name fits: their subsets do not count, since it is of another split of these.
    """
    fitted = {part.subset for part in beside}
    left = [part for part in parts if part.subset not in fitted]
    return any(words_of_part(path, part.subset, part.split) >= _OF_SUBSET for part in left)


def refuse_same_name(
    file: File, others: Sequence[File], source: Source, part: Part, *, stems: bool
) -> None:
    """Refuse files of one name, or one but for its ending, in folders that are none of upstream's.

    Args:
        file: A file of the part.
        others: Those that were found before.
        source: For error messages, like ``part``.
        part: See ``source``.
        stems: Whether endings do not count.

    Raises:
        WrongFilesError: It names both.
    """
    for other in others:
        if last_name(other.name, stem=stems) == last_name(file.name, stem=stems):
            raise WrongFilesError(
                "files of one name lie side by side or in several folders, and nothing tells which is meant",
                source=source.name, part=part.name, expected="each file once",
                found=f"{other.spoken} and {file.spoken}",
                hint="pass one of them as path=, or the folder or archive that holds one alone",
            )  # fmt: skip


def naming(parts: Sequence[Part]) -> str:
    """Say how the first of some parts is asked for."""
    subset = f"subset={parts[0].subset!r}, " if parts[0].subset else ""
    return f"pass {subset}split={parts[0].split!r}"


def to_name(parts: Sequence[Part], path: Path) -> str:
    """Say which words a file lacks, with those of the part that its name speaks of most."""
    likely = max(parts, key=lambda part: words_of_part(path, part.subset, part.split))
    return f"name subset= and split=, such as {naming([likely]).removeprefix('pass ')}"


def part_names(parts: Sequence[Part]) -> str:
    """Name some parts in a message, the first dozen of many."""
    more = f", … ({len(parts)} in all)" if len(parts) > _MOST_NAMED else ""
    return ", ".join(part.name for part in parts[:_MOST_NAMED]) + more


def in_one_file(parts: Sequence[Part]) -> bool:
    """Check whether each of some parts passes over the rows that a file has of the others."""
    layouts = [part.layout for part in parts]
    return all(layout is not None and layout.passed_over is not None for layout in layouts)
