"""Files of one's own: those of a folder or a pattern, and rows in memory as a file."""

from __future__ import annotations

import glob
import hashlib
import os
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from medqa_kit.core.arguments import file_path
from medqa_kit.core.arrow.data_frames import without_nan
from medqa_kit.core.holders import batches, opened, splits_of
from medqa_kit.core.text.near_words import near_path
from medqa_kit.errors import (
    ArgumentError,
    EmptyDataError,
    PartsWarning,
    WrongFilesError,
    shorten,
)
from medqa_kit.errors.warning_classes import warn_at_caller
from medqa_kit.loading.files.file import File
from medqa_kit.loading.files.local_files import FileListing, is_skipped, where_else
from medqa_kit.loading.files.name_patterns import PACKED, READABLE, readable, unpacked
from medqa_kit.loading.files.part_names import split_word

_SPLITS = "dataset_dict.json"


def files_of_rows(rows: Any, folder: Path) -> tuple[Path, str, File]:
    """Return where files of rows are, their pattern, and the first of them; rows in memory become a file first.

    Args:
        rows: As in :func:`medqa_kit.read`.
        folder: Where rows in memory are written.

    Raises:
        ArgumentError: The rows are those of several splits.
        WrongFilesError: There is no such file, or they are of several formats.
        EmptyDataError: There are no rows.

    Warns:
        PartsWarning: Files are called by several splits.
    """
    if not isinstance(rows, (str, os.PathLike)):
        _refuse_splits(list(splits_of(rows) or ()), "rows[{!r}]")
        return folder, "*.parquet", _as_file(rows, folder)
    path = file_path("rows", rows)
    if saved_to_disk(path):
        import datasets

        saved = datasets.load_from_disk(str(path))
        _refuse_splits(list(splits_of(saved) or ()), str(path / "{}"))
        return folder, "*.parquet", _as_file(saved, folder)
    files = _files(path)
    if len(files) == 1 and path.is_file():
        return path, path.name, File(path.name, str(path))
    root = Path(os.path.commonpath([file.parent for file in files]))
    _warn_of_splits([file.relative_to(root) for file in files])
    if path.is_dir():
        _refuse_archives(path, files)
        deep = any(file.parent != root for file in files)
        pattern = f"{'**' if deep else '*'}{_in_any_case(files)}"
    else:
        root, pattern = _exact_pattern(path, root, files)
    return root, pattern, File(files[0].relative_to(root).as_posix(), str(files[0]))


def _exact_pattern(path: Path, root: Path, files: Sequence[Path]) -> tuple[Path, str]:
    """Return a folder, and a pattern within it that the files of a glob pattern fit and no others.

    Raises:
        WrongFilesError: Others fit as well: copies that are packed, and members of archives.
    """
    deep = path.parts.index("**") if "**" in path.parts else len(path.parts)
    root = Path(*root.parts[:deep])
    parts = path.parts[len(root.parts) :]
    pattern = "/".join(part if part == "**" else re.sub(r"\*+", "*", part) for part in parts)
    names = {unicodedata.normalize("NFC", file.relative_to(root).as_posix()) for file in files}
    listing = FileListing.of(root, source="own")
    # Where the pattern says no ending, files that are not read may fit it.
    patterns = [
        pattern,
        *(pattern + ending for ending in sorted({_ending(file) for file in files})),
    ]
    fitting = [{file.name for file in listing.fitting(each)} for each in patterns]
    if names not in fitting:
        raise WrongFilesError(
            "the pattern means other files, too", file=str(path), expected=shorten(sorted(names)),
            found=shorten(sorted(fitting[0] - names)), hint="move these away, or name what is to be read more narrowly",
        )  # fmt: skip
    exact = patterns[fitting.index(names)]
    return root, exact.replace("{", "{{").replace("}", "}}")


def saved_to_disk(path: Path) -> bool:
    """Check whether ``save_to_disk`` wrote a folder."""
    return any(
        (path / name).is_file() for name in ("state.json", _SPLITS)
    )  # results have a dataset_info.json, too


def _refuse_splits(splits: Sequence[str], pattern: str) -> None:
    """Refuse rows of several splits, which would become one."""
    if len(splits) > 1:
        raise ArgumentError(
            f"the rows are those of {len(splits)} splits", argument="rows", expected="the rows of one",
            found=", ".join(splits), hint=f"read each by itself, such as {pattern.format(splits[0])}",
        )  # fmt: skip


def _warn_of_splits(files: Sequence[Path]) -> None:
    """Say that files are called by several splits, which become one."""
    words = {
        word: file.as_posix()
        for file in files
        if (word := split_word(file.stem) or split_word(" ".join(file.parent.parts)))
    }
    if len(words) > 1:
        warn_at_caller(
            f"files of several splits are read as one: {shorten(list(words.values()))}; read each by itself, "
            "with split=, to keep them apart",
            PartsWarning,
        )


def _files(path: Path) -> list[Path]:
    """List the files of a path: itself, those of a folder, or those that a glob pattern names."""
    if path.is_file():
        return [path]
    names = (
        path.rglob("*")
        if path.is_dir()
        else map(Path, sorted(glob.glob(str(path), recursive=True)))  # noqa: PTH207
    )
    own = slice(len(path.parts) if path.is_dir() else -1, None)  # what is above a path is no matter
    there = sorted(p for p in names if p.is_file() and not any(map(is_skipped, p.parts[own])))
    files = [p for p in there if readable(p.name)]
    endings = {_ending(p).lower() for p in files}
    if not files or len(endings) > 1:
        others = [File(p.name, str(p)) for p in there]
        raise WrongFilesError(
            "these are files of several formats" if files else "there is no such file",
            file=str(path), expected=", ".join((*READABLE, *PACKED)),
            found=", ".join(sorted(endings)) or shorten([p.name for p in there]) or "nothing",
            hint="name the files of one format by a pattern, such as data/*.jsonl" if files
            else where_else(others) if others else near_path(path) or "check the path",
        )  # fmt: skip
    return files


def _refuse_archives(folder: Path, files: Sequence[Path]) -> None:
    """Refuse archives beside the files of a folder that hold more of the same format.

    Raises:
        WrongFilesError: There are such archives.
    """
    endings = {_ending(file).lower() for file in files}
    members = [file for file in FileListing.of(folder, source="own").files
               if file.member is not None and _ending(Path(file.name)).lower() in endings]  # fmt: skip
    if members:
        raise WrongFilesError(
            "archives beside the files hold more of the same format", file=str(folder), expected="files alone",
            found=shorten([file.name for file in members]),
            hint="unpack the archives and move them away, or name the files by a pattern, such as data/*.jsonl",
        )  # fmt: skip


def _ending(file: Path) -> str:
    """Return the ending that tells the format of a file, with that of a packed one behind it."""
    return "".join(file.suffixes[-2:]) if unpacked(file.name) != file.name else file.suffix


def _in_any_case(files: Sequence[Path]) -> str:
    """Return the ending of files as a pattern; where they spell it in several ways, one that fits all."""
    endings = {_ending(file) for file in files}
    first = min(endings)
    if len(endings) == 1:
        return first
    return "".join(f"[{c.lower()}{c.upper()}]" if c.isalpha() else c for c in first)


def _as_file(rows: Any, folder: Path) -> File:
    """Write rows that are in memory to a file named by their content, to be read like any other."""
    writer, digest, path = None, hashlib.sha256(), folder / "rows.parquet"
    for batch in batches(opened(rows).rows):
        if isinstance(rows, list):  # of dicts: ``DataFrame.to_dict`` has NaN for missing values
            batch = without_nan(batch)
        if writer is None:
            writer = pq.ParquetWriter(path, batch.schema)
        writer.write_batch(batch)
        for column in batch.columns:
            for buffer in column.buffers():
                digest.update(b"" if buffer is None else buffer)
    if writer is None:
        raise EmptyDataError("there are no rows", expected="rows", found="none",
                             hint="check the filter that chose them")  # fmt: skip
    writer.close()
    named = folder / f"{digest.hexdigest()[:16]}.parquet"
    path.rename(named)
    os.utime(named, (0, 0))
    return File(named.name, str(named))
