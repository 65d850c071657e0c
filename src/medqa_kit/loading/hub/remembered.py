"""Remembering what the hub said, for when it cannot be asked: listings, and where branches stood."""

from __future__ import annotations

import json
import os
from pathlib import Path
from threading import get_ident
from typing import Any

from medqa_kit.loading.hub.digest import Digest


def note_commit(repo: str, commit: str) -> None:
    """Note the commit a floating repository had when its rows were put into the cache."""
    _write(_file(repo), {"repo": repo, "commit": commit})


def commit(repo: str) -> str | None:
    """Give the commit noted last, if any."""
    return (_read(_file(repo)) or {}).get("commit")


def note_listing(repo: str, commit: str, listing: dict[str, Digest]) -> None:
    """Note the files of a commit, which never change."""
    files = [[name, d.size, d.kind, d.hex] for name, d in listing.items()]
    _write(_file(f"{repo}@{commit}"), {"repo": repo, "commit": commit, "files": files})


def listing(repo: str, commit: str) -> dict[str, Digest] | None:
    """Give the files of a commit, if they are known."""
    known = _read(_file(f"{repo}@{commit}"))
    return known and {name: Digest(size, hex_, kind) for name, size, kind, hex_ in known["files"]}


def _file(name: str) -> Path:
    from datasets import config

    return Path(config.HF_DATASETS_CACHE, "medqa_kit_seen", f"{name.replace('/', '+')}.json")


def _read(file: Path) -> dict[str, Any] | None:
    return json.loads(file.read_text("utf-8")) if file.exists() else None


def _write(file: Path, content: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    replace(file, json.dumps(content))


def replace(file: Path, text: str) -> None:
    """Write a file whole or not at all, however many processes and threads do."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.{get_ident()}")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(file)
