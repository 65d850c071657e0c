"""Files that the library writes for itself: with size and digest, which are checked when a file is read.

A damaged file is renamed, so that a person can look at it, and the caller makes it again. Digests are XXH3 of
128 bits: they find damage by disks and killed processes, as fast as a file can be read.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import xxhash

from medqa_kit.core.atomic import write_text
from medqa_kit.errors import CacheWarning, StorageError
from medqa_kit.errors.warning_classes import warn_at_caller

SEAL = "medqa_seal.json"
"""File in a sealed folder that lists the size and digest of each other file."""

DAMAGED = ".damaged"
"""Ending of the names of damaged files and folders."""

_STAMP = "digest"
# Files whose digest this process has checked: path, size, times, inode, and the digest.
_CHECKED: set[tuple[str, int, int, int, int, str]] = set()


def sha256_of(path: str | os.PathLike[str]) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "a.txt"
        >>> write_text(file, "abc")
        >>> sha256_of(file)[:8]
        'ba7816bf'
    """
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_checked(path: Path, digest: str, check: Callable[[Path], bool]) -> bool:
    """Check a file once per process, and again only where its size, times or inode have changed.

    Args:
        path: The file.
        digest: The digest that it should have.
        check: Function that reads the file and checks it.

    Returns:
        Whether the file passes.
    """
    facts = path.stat()
    key = (str(path), facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino, digest)
    if key not in _CHECKED:
        if not check(path):
            return False
        _CHECKED.add(key)
    return True


def write_stored(path: Path, content: Any) -> None:
    """Write a JSON value with its size and digest, whole or not at all.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "a.json"
        >>> write_stored(file, {"rows": 3})
        >>> read_stored(file)
        {'rows': 3}
    """
    # As JSON is read: keys that are numbers become texts, which sort in another order from ten on.
    content = json.loads(json.dumps(content))
    text = _canonical(content)
    facts = {"bytes": len(text.encode()), "xxh3": xxhash.xxh3_128_hexdigest(text.encode())}
    write_text(path, _canonical({**facts, "content": content}))


def read_stored(path: Path) -> Any | None:
    """Read a value that :func:`write_stored` wrote; ``None`` where there is none.

    A damaged file counts as absent: it is renamed, with one warning, and the caller makes it again.

    Raises:
        StorageError: The file cannot be read or renamed.
    """
    content, damage = _content(path)
    if damage:
        put_aside(path, damage)
    return content


def _content(path: Path) -> tuple[Any | None, str]:
    """Return what a file holds, or ``None`` and what is wrong with it; nothing where there is none."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe or a device could be read without end
            return None, "no file stands there"
        stored = json.loads(path.read_text("utf-8"))
        inner = _canonical(stored["content"]).encode()
        fits = stored["bytes"] == len(inner) and stored["xxh3"] == xxhash.xxh3_128_hexdigest(inner)
    except FileNotFoundError:
        return None, ""
    except OSError as error:
        if error.errno == errno.ELOOP:
            return None, "a link leads to itself"
        raise StorageError.of(error, path) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return None, f"not as it was written: {type(error).__name__}"
    return (stored["content"], "") if fits else (None, "its digest is another")


def stamped(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a JSON object with its own SHA-256 as ``digest``, for files that people read and keep.

    The digest depends on the values only, so line ends, blanks and the order of keys may change.

    Example:
        >>> stamped({"rows": 3})["digest"][:15]
        'sha256:32a46161'
    """
    return {**content, _STAMP: _stamp(content)}


def has_own_digest(content: Mapping[str, Any]) -> bool:
    """Check whether a JSON object is as :func:`stamped` returned it.

    Example:
        >>> has_own_digest(stamped({"rows": 3})), has_own_digest({**stamped({"rows": 3}), "rows": 4})
        (True, False)
    """
    return content.get(_STAMP) == _stamp(content)


def _stamp(content: Mapping[str, Any]) -> str:
    values = {name: value for name, value in content.items() if name != _STAMP}
    return f"sha256:{hashlib.sha256(_canonical(values).encode()).hexdigest()}"


def seal(folder: Path, *, known: Mapping[tuple[int, int], str] | None = None) -> None:
    """List all files of a folder with size and digest, in a file beside them.

    Args:
        folder: The folder.
        known: Digests of files that need not be read again, by device and inode.
    """
    listed = {}
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name != SEAL:
            facts = path.stat()
            digest = (known or {}).get((facts.st_dev, facts.st_ino)) or xxh3_of(path)
            listed[path.name] = [facts.st_size, digest]
    write_stored(folder / SEAL, listed)


def broken_seal(folder: Path, *, again: bool = False) -> str:
    """Check the files of a sealed folder: sizes always, digests once a process.

    Args:
        folder: The folder.
        again: Whether to check digests even if this process has checked them before.

    Returns:
        A sentence about the damage; an empty text if there is none.

    Raises:
        StorageError: A file cannot be read.
    """
    try:
        listed, damage = _content(folder / SEAL)
        if listed is None:
            return f"{SEAL}: {damage or 'absent'}"
        for name, (size, digest) in listed.items():
            file = folder / name
            if not file.is_file():
                return f"{name} is absent"
            if file.stat().st_size != size:
                return f"{name} has {file.stat().st_size} bytes of {size}"
            check = partial(_has_xxh3, digest)
            fits = check(file) if again else is_checked(file, digest, check)
            if not fits:
                return f"the bytes of {name} are others"
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        raise StorageError.of(error, folder) from error
    return ""


def put_aside(path: Path, why: str) -> None:
    """Rename a damaged file or folder that the library wrote, and warn once.

    Raises:
        StorageError: It cannot be renamed.
    """
    aside = path.with_name(path.name + DAMAGED)
    try:
        if aside.is_dir() and not aside.is_symlink():
            shutil.rmtree(aside)
        elif path.is_dir():
            aside.unlink(missing_ok=True)
        path.replace(aside)
    except FileNotFoundError:  # another process was quicker
        return
    except OSError as error:
        raise StorageError.of(error, path) from error
    warn_at_caller(
        f"{path} is damaged ({why}); it is put aside as {aside.name} and made anew", CacheWarning
    )


def _canonical(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True)


def _has_xxh3(digest: str, path: Path) -> bool:
    return xxh3_of(path) == digest


def xxh3_of(path: Path) -> str:
    """Return the XXH3 of a file, 32 hexadecimal digits.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "a.txt"
        >>> write_text(file, "abc")
        >>> xxh3_of(file)[:8]
        '06b05ab6'
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, xxhash.xxh3_128).hexdigest()
