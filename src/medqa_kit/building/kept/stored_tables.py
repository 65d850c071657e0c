"""Tables that the library keeps for itself: written whole with a digest, which is checked when they are read."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import xxhash

from medqa_kit.core.atomic import written_whole
from medqa_kit.core.stored import put_aside
from medqa_kit.errors import StorageError

_DIGEST = 16  # bytes of it, before those of the table


def write_stored_table(path: Path, table: pa.Table) -> None:
    """Write a table, whole or not at all.

    Raises:
        OSError, StorageError: It cannot be written.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "ids.table"
        >>> write_stored_table(file, pa.table({"id": ["a"]}))
        >>> read_stored_table(file).to_pylist()
        [{'id': 'a'}]
    """
    content = _serialized(table)
    with written_whole(path) as unfinished, unfinished.open("wb") as file:
        file.write(xxhash.xxh3_128_digest(content))
        file.write(content)


def table_digest(table: pa.Table) -> str:
    """Return the XXH3 of a table, 32 hexadecimal digits; equal rows may have two where buffers differ.

    Example:
        >>> table_digest(pa.table({"n": [1]})) == table_digest(pa.table({"n": [2]}))
        False
    """
    return xxhash.xxh3_128_hexdigest(_serialized(table.combine_chunks()))


def _serialized(table: pa.Table) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def read_stored_table(path: Path) -> pa.Table | None:
    """Read a table that :func:`write_stored_table` wrote; ``None`` where there is none.

    A damaged file counts as none: it is put aside with one warning, and the caller makes it anew.

    Raises:
        StorageError: The file cannot be read, or not be put aside.
    """
    try:
        stored = pa.py_buffer(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError.of(error, path) from error
    if len(stored) <= _DIGEST:
        put_aside(path, f"it has {len(stored)} bytes")
        return None
    digest, content = stored.slice(0, _DIGEST).to_pybytes(), stored.slice(_DIGEST)
    if xxhash.xxh3_128_digest(content) != digest:
        put_aside(path, "its digest is another")
        return None
    return pa.ipc.open_stream(content).read_all()
