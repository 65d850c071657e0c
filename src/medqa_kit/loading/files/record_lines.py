"""Number the lines of text files as a person counts them."""

from __future__ import annotations

import csv
import gzip
from contextlib import suppress
from pathlib import Path
from typing import IO


def record_lines(path: Path) -> list[int] | None:
    r"""Return the line, counted from 1, at which each record of a text file begins.

    Args:
        path: A file of JSON Lines, CSV or TSV, which may be packed as ``.gz``. Blank lines hold no record, and
            neither does the first line of CSV and TSV.

    Returns:
        One number a record; ``None`` where the file has no lines that one could name.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "a.csv"
        >>> _ = file.write_text('q,a\n"two\nlines",x\n\nwhy?,y\n', "utf-8")
        >>> record_lines(file)
        [2, 5]
    """
    ending = (path.with_suffix("") if path.suffix == ".gz" else path).suffix.lower()
    if ending not in (".jsonl", ".ndjson", ".json", ".csv", ".tsv"):
        return None
    with suppress(OSError, EOFError, csv.Error), _opened(path) as file:
        if ending in (".csv", ".tsv"):
            return _delimited(file, "\t" if ending == ".tsv" else ",")
        return [number for number, line in enumerate(file, 1) if line.strip()]
    return None


def _delimited(file: IO[str], delimiter: str) -> list[int]:
    reader, begins, before = csv.reader(file, delimiter=delimiter), list[int](), 0
    for record in reader:  # in a loop, since a quoted field may span lines
        if record:
            begins.append(before + 1)
        before = reader.line_num
    return begins[1:]


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", errors="replace", newline="")
    return path.open(encoding="utf-8-sig", errors="replace", newline="")
