"""Sizes and digests of the files of a result, for its manifest and its checksums."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from medqa_kit.core.stored import sha256_of
from medqa_kit.core.threads import in_order

MANIFEST = "manifest.json"
CHECKSUMS = "SHA256SUMS"
"""Lists the digests of all files but itself, as ``sha256sum --check`` reads it."""


def all_files(folder: Path) -> dict[str, Path]:
    """Return the files of a folder and of the folders in it, by their names within it, with ``/``.

    A link counts as a file, whatever it leads to.
    """
    return {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }


def listed_files(
    folder: Path, *, known: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
) -> dict[str, Mapping[str, Any]]:
    """Return size and SHA-256 of each file of a folder and those in it, as a manifest lists them.

    Args:
        folder: The folder.
        known: What is known of some of them, by name: these are not read again.
    """
    files = dict(sorted(all_files(folder).items()))
    unknown = [name for name in files if name not in known]
    read = in_order(_read, (files[name] for name in unknown), threads=None)
    listed = dict(known) | dict(zip(unknown, read, strict=True))
    return {name: listed[name] for name in files}


def _read(file: Path) -> Mapping[str, Any]:
    return {"bytes": file.stat().st_size, "sha256": sha256_of(file)}


def checksums(folder: Path, files: Mapping[str, Mapping[str, Any]]) -> bytes:
    """Return the content of ``SHA256SUMS``.

    Args:
        folder: Folder of the result, where its manifest stands.
        files: What the manifest lists.
    """
    digests = {name: facts["sha256"] for name, facts in files.items()}
    digests[MANIFEST] = sha256_of(folder / MANIFEST)
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items())).encode()


def data_digest(files: Mapping[str, Mapping[str, Any]]) -> str:
    """Return one digest of all files of rows: what caches of trainers go by.

    Args:
        files: Their sizes and digests by name.

    Example:
        >>> data_digest({"chat/train/part-00000-of-00001.parquet": {"sha256": "00"}})[:15]
        'sha256:be4cd550'
    """
    lines = "".join(f"{facts['sha256']}  {name}\n" for name, facts in sorted(files.items()))
    return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"
