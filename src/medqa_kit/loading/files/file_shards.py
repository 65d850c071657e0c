"""The files of a part in shards: one worker reads one shard at a time."""

from __future__ import annotations

from collections.abc import Sequence

from medqa_kit.catalog.layouts import Reading
from medqa_kit.loading.files.file import File

_MOST_FILES, _MOST_BYTES = 2_000, 32 << 20
_WORKERS = 16  # as many find something to do, if there are as many files


def file_shards(files: Sequence[File], reading: Reading) -> list[tuple[File, ...]]:
    """Group the small files of a tree; a file of many rows is a shard of its own.

    Args:
        files: In the order of their rows, which stays.
        reading: How they are read.

    Returns:
        Groups of neighbours of at most 2,000 files and 32 MiB, unless one file alone is larger; of
        few files, as many groups as workers may want.

    Example:
        >>> tree = [File(f"{i}.json", f"{i}.json", size=10) for i in range(50_000)]
        >>> sizes = [len(shard) for shard in file_shards(tree, Reading(format="json-tree"))]
        >>> len(sizes), sizes[0]
        (25, 2000)
        >>> len(file_shards(tree, Reading(format="jsonl")))
        50000
    """
    if reading.format != "json-tree":
        return [(file,) for file in files]
    most = min(_MOST_FILES, -(-len(files) // _WORKERS))
    shards: list[list[File]] = []
    size = 0
    for file in files:  # of names and sizes, not of rows
        own = file.size or 0
        if not shards or len(shards[-1]) == most or size + own > _MOST_BYTES:
            shards.append([])
            size = 0
        shards[-1].append(file)
        size += own
    return [tuple(shard) for shard in shards]
