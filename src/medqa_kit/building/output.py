"""Writing the result: all files into an unfinished folder, renamed when everything is there."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.errors import RecipeError
from medqa_kit.training.record_files import json_lines

MANIFEST = "manifest.json"
_PREFIX, _STAGES = ".", ("unfinished", "earlier")


def writable(out: str | os.PathLike[str]) -> Path:
    """Return the folder to write, refused before any work is done if it cannot be.

    Raises:
        RecipeError: It is a file, a folder with something else than an earlier result, the folder
            we are in, or its parent cannot be written.
    """
    folder = Path(out).expanduser().resolve()
    if folder == Path.cwd():
        raise RecipeError("the output folder is the current one", file=str(out),
                          hint="name a folder in it")  # fmt: skip
    if folder.exists() and not (folder.is_dir() and _replaceable(folder)):
        raise RecipeError("the output folder holds something else than an earlier result",
                          file=str(out), hint="choose another --out, or empty it yourself")  # fmt: skip
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecipeError("the output folder cannot be made", file=str(out), found=str(error),
                          hint="choose another --out") from error  # fmt: skip
    return folder


@contextmanager
def finished_together(out: Path) -> Iterator[Path]:
    """Return a folder to write into; it becomes ``out`` when the block ends without an error.

    An earlier result is put aside first and removed last, so that one of the two always stands.
    """
    unfinished, earlier = (out.with_name(f"{_PREFIX}{out.name}.{w}-{os.getpid()}") for w in _STAGES)
    _forget_killed(out)
    unfinished.mkdir()
    try:
        yield unfinished
        if out.exists():
            out.rename(earlier)
        unfinished.rename(out)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(earlier, ignore_errors=True)


def _replaceable(out: Path) -> bool:
    """Check whether a folder is empty, or holds an earlier result and nothing else."""
    there = {path.name for path in out.iterdir()}
    if not there:
        return True
    try:
        manifest = json.loads((out / MANIFEST).read_text("utf-8"))
        ours = {"medqa_kit", "recipe_digest", "files"} <= set(manifest)
        return ours and there <= {MANIFEST, *manifest["files"]}
    except (OSError, ValueError, TypeError):
        return False


def _forget_killed(out: Path) -> None:
    """Remove what builds left that were killed; those still running have a live process id."""
    for left in out.parent.glob(f"{_PREFIX}{out.name}.{_STAGES[0]}-*"):
        pid = left.name.rpartition("-")[2]
        if not (pid.isdigit() and Path(f"/proc/{pid}").exists()) or pid == str(os.getpid()):
            shutil.rmtree(left, ignore_errors=True)


class Writer:
    """Writes one split as JSON Lines and Parquet side by side, batch by batch.

    Args:
        folder: Where to.
        name: Name of the split.
        schema: Of all tables to come.
        hidden: Columns that only the Parquet file gets.
    """

    def __init__(
        self, folder: Path, name: str, schema: pa.Schema, *, hidden: tuple[str, ...] = ()
    ) -> None:
        self._shown = [column for column in schema.names if column not in hidden]
        self._stack = ExitStack()
        self._lines: IO[str] = self._stack.enter_context(
            (folder / f"{name}.jsonl").open("w", encoding="utf-8", newline="\n")
        )
        self._parquet = self._stack.enter_context(
            pq.ParquetWriter(folder / f"{name}.parquet", schema, compression="zstd")
        )

    def write(self, table: pa.Table) -> None:
        """Append rows."""
        if not table.num_rows:
            return
        self._parquet.write_table(table)
        lines(self._lines, table.select(self._shown))

    def close(self) -> None:
        """Finish both files."""
        self._stack.close()


def lines(file: IO[str], table: pa.Table) -> None:
    """Append rows as JSON Lines."""
    for line in json_lines(table):
        file.write(line + "\n")


def listed(folder: Path) -> dict[str, dict[str, Any]]:
    """Return size and SHA-256 of each file of a folder."""
    return {
        file.name: {"bytes": file.stat().st_size, "sha256": _sha256(file)}
        for file in sorted(folder.iterdir())
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
