"""Check that all shards of a part are there and not empty, where their names give their number.

Exporters call the shards of a table ``train-00000-of-00003.parquet``, some with a hash behind it,
some with underscores, some counted from one. What is missing can be told from what is there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from medqa_kit.errors import WrongFilesError, shorten
from medqa_kit.loading.files.name_patterns import matches

_SHARD = re.compile(r"(?P<head>.*[-_])(?P<number>\d+)(?P<of>[-_]of[-_])(?P<count>\d+)(?P<tail>.*)")
_MOST = 100_000  # a larger number behind "of" counts no files


def refuse_missing(
    names: Sequence[str], pattern: str, *, source: str, part: str, place: str
) -> None:
    """Refuse a part of which shards are missing: its rows would be fewer, and nobody told.

    Args:
        names: The files of the part that are there.
        pattern: What the files of the part are called; a shard it leaves out is not missed.
        source: For the error message, like ``part`` and ``place``.
        part: See ``source``.
        place: Where the files are.

    Raises:
        WrongFilesError: It names the shards that are missing, or two that are of two exports.

    Example:
        >>> names = ["train-00000-of-00002.parquet"]
        >>> refuse_missing(names, "train-*.parquet", source="demo", part="train",
        ...                place="here")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        medqa_kit.errors.classes.WrongFilesError: ...shards are missing: 'train-00001-of-00002'...
    """
    shards = [match for name in names if (match := _SHARD.fullmatch(name))]
    sets: dict[tuple[str, str], list[re.Match[str]]] = defaultdict(list)
    for shard in shards:
        sets[shard["head"], shard["count"]].append(shard)
    _refuse_two_sets(shards, source, part, place)
    for (_, count), members in sets.items():
        if missing := list(_missing(members, pattern)):
            raise WrongFilesError(
                f"shards are missing: {shorten(missing)}",
                source=source,
                part=part,
                expected=f"{int(count)} shards, as their names say",
                found=f"{int(count) - len(missing)} of them, {place}",
                hint="fetch the missing files too, whole and under upstream's names",
            )


def refuse_empty(sizes: Mapping[str, int | None], *, source: str, part: str) -> None:
    """Refuse a file without a byte beside others that have some: an upload, a download or a copy of it failed.

    Args:
        sizes: Bytes of the files of the part, where they are known.
        source: For the error message, like ``part``.
        part: See ``source``.

    Raises:
        WrongFilesError: It names the empty files.

    Example:
        >>> refuse_empty({"a.json": 0, "b.json": 9}, source="demo", part="train")
        Traceback (most recent call last):
        medqa_kit.errors.classes.WrongFilesError: ...'a.json'...
    """
    empty = [name for name, size in sizes.items() if size == 0]
    if empty and len(sizes) > len(empty):
        raise WrongFilesError(
            "a file is empty, and its rows are missing", source=source, part=part, expected="bytes in each file",
            found=shorten(empty), hint="fetch the files anew and pass them as path=, without it if it is to be empty",
        )  # fmt: skip


def _refuse_two_sets(shards: Sequence[re.Match[str]], source: str, part: str, place: str) -> None:
    """Refuse shards of two exports of a table: one head has one count, and each number once."""
    counts: dict[str, re.Match[str]] = {}
    numbers: dict[tuple[str, int], re.Match[str]] = {}
    for shard in shards:
        head, number = shard["head"], int(shard["number"])
        of_head = counts.setdefault(head, shard)
        of_number = numbers.setdefault((head, number), shard)
        other = of_number if int(of_head["count"]) == int(shard["count"]) else of_head
        if other is not shard:
            raise WrongFilesError(
                "shards of two exports lie side by side: each row would come twice", source=source,
                part=part, expected="one set of shards", found=f"{other.string!r} and {shard.string!r}, {place}",
                hint="keep the set that is complete, and move the other away",
            )  # fmt: skip


def _missing(members: list[re.Match[str]], pattern: str) -> Iterator[str]:
    first_shard, count = members[0], int(members[0]["count"])
    there = {int(shard["number"]) for shard in members}
    first = 1 if count in there else 0
    if count > _MOST:
        return
    for number in sorted(set(range(first, first + count)) - there):
        name = f"{first_shard['head']}{number:0{len(first_shard['number'])}}{first_shard['of']}{first_shard['count']}"
        if matches(name + first_shard["tail"], pattern):
            yield name
