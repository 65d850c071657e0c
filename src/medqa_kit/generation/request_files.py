"""Requests as files for a Batch service."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import xxhash

from medqa_kit.core.atomic import write_text
from medqa_kit.errors import StorageError
from medqa_kit.generation.requests import Generation
from medqa_kit.training.openai_batch import batch_files


def write_request_files(
    folder: Path, requests: pa.Table, task: Generation, *, alone: bool
) -> list[Path]:
    """Write requests; equal ones give equal files under equal names.

    Args:
        folder: Where to; made if it is not there.
        requests: As :meth:`Generation.requests` returns them.
        task: What they ask for.
        alone: Whether request files of earlier times go from the folder, so that it holds these and no others.

    Returns:
        The files, each of at most 50,000 lines and 200 MB; none of no requests.

    Raises:
        StorageError: The folder cannot be written.
    """
    files: list[Path] = []
    name = xxhash.xxh3_64_hexdigest("".join(requests["request"].to_pylist()).encode())
    if requests.num_rows:
        for number, lines in enumerate(batch_files(task.records(requests))):
            files.append(folder / f"requests-{name}-{number:05}.jsonl")
            write_text(files[-1], "\n".join(lines) + "\n")
    if alone:
        try:
            for other in {*folder.glob("requests-*.jsonl")}.difference(files):
                other.unlink(missing_ok=True)
        except OSError as error:
            raise StorageError.of(error, folder, elsewhere="or name another folder") from error
    return files
