"""The spots of rows in files of any format, as a person counts: lines, and rows of sheets."""

from __future__ import annotations

from contextlib import suppress

from medqa_kit.catalog.layouts import FileFormat, Layout
from medqa_kit.errors import MedQAError
from medqa_kit.loading.files.file import File, open_random
from medqa_kit.loading.readers.delimited_files.delimited import line_of_row
from medqa_kit.loading.readers.jsonl import json_chunks
from medqa_kit.loading.readers.xlsx import sheet_rows


def spot_of_row(file: File, layout: Layout, kind: FileFormat, row: int) -> str | None:
    """Say where a row begins, as a person counts. The file is read again: an error is on its way.

    Args:
        file: The file.
        layout: What is declared about it.
        kind: Its format.
        row: Position of the row, from 0.

    Returns:
        Such as ``line 7`` or ``row 9 of sheet 'Exam'``; ``None`` for formats that have neither, and where
        the file cannot be read any more.
    """
    with suppress(MedQAError, OSError):
        match kind:
            case "csv" | "tsv":
                line = line_of_row(file, layout.read, "," if kind == "csv" else "\t", row)
                return None if line is None else f"line {line}"
            case "jsonl" | "json":
                for chunk in json_chunks(file, layout, lines=kind == "jsonl"):
                    if row < chunk.start + len(chunk.texts):
                        return chunk.spot(row - chunk.start)
            case "xlsx":
                with open_random(file) as handle:
                    header = next(sheet_rows(handle, file, layout.read.sheet))
                    return header.spot(row + 1)
    return None
