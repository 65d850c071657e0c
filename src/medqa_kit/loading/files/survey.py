"""Describe the files below a path for sources whose layout is not documented: structure, no values."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from medqa_kit.core.json_text import json_value
from medqa_kit.errors import FileError
from medqa_kit.loading.files.file import File, contents
from medqa_kit.loading.files.local_files import local_files

_MOST_FILES, _MOST_BYTES = 200, 1 << 24
_MOST_KEYS, _MOST_KINDS, _MOST_CHARACTERS, _DEEPEST = 40, 3, 80, 8


def survey(path: Path, *, source: str) -> str:
    """Report the files below a path and how the JSON among them is built.

    Args:
        path: A folder, an archive or one file.
        source: For error messages.

    Returns:
        Lines: files by ending; keys of the first 200 JSON files, with how many have each; and the
        structure of the first of them, with types in place of values.

    Raises:
        WrongFilesError: There is no such path, or nothing in it.
        FormatError: An archive is broken.
    """
    files = local_files(path, "**", source=source, part="any")
    endings = Counter(Path(file.name).suffix.lower() or "without ending" for file in files)
    counted = ", ".join(f"{count:,} {ending}" for ending, count in endings.most_common())
    return "\n".join([f"{len(files):,} files: {counted}", *_of_json(files)])


def structure(value: Any, *, depth: int = 0) -> str:
    """Describe a JSON value without what it says.

    Example:
        >>> structure({"id": 7, "turns": [{"who": "A"}, {"who": "B"}], "note": None})
        '{"id": number, "turns": [2 × {"who": text}], "note": null}'
    """
    match value:
        case dict():
            inside = (f"{_name(key)}: {structure(v, depth=depth + 1)}" for key, v in value.items())
            return "{" + ("…" if depth >= _DEEPEST else _first_few(inside, _MOST_KEYS, ", ")) + "}"
        case list():
            kinds = Counter(structure(v, depth=depth + 1) for v in value[:_MOST_FILES])
            inside = (kind for kind, _ in kinds.most_common())
            return f"[{len(value)} × {_first_few(inside, _MOST_KINDS, ' or ')}]" if value else "[]"
        case bool():
            return "true or false"
        case int() | float():
            return "number"
        case str():
            return "text"
    return "null"


def _of_json(files: list[File]) -> Iterable[str]:
    small_files = [
        f for f in files if f.name.lower().endswith(".json") and (f.size or 0) <= _MOST_BYTES
    ]
    keys: Counter[str] = Counter()
    read, first = 0, ""
    for file, data in contents(small_files[:_MOST_FILES]):
        try:
            value = json_value(data)
        except FileError:
            continue
        read += 1
        first = first or f"structure of {file.name!r}: {structure(value)}"
        records = value if isinstance(value, list) else [value]
        of_file = [key for record in records if isinstance(record, dict) for key in record]
        keys.update(list(dict.fromkeys(of_file)))  # each key once a file, in the order they are met
    looked = min(len(small_files), _MOST_FILES)
    if not read:
        return [f"no JSON could be read ({looked} files looked at)"]
    named = (f"{_name(key)} ({count})" for key, count in keys.most_common())
    return [
        f"keys in {read} of {looked} JSON files looked at: {_first_few(named, _MOST_KEYS, ', ')}",
        first,
    ]


def _name(key: str) -> str:
    return json.dumps(key[:_MOST_CHARACTERS], ensure_ascii=False)


def _first_few(texts: Iterable[str], most: int, by: str) -> str:
    listed = list(texts)
    return by.join([*listed[:most], *(["…"] if len(listed) > most else [])])
