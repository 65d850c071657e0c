"""What the hub answered, kept for when it cannot be asked: listings, and where branches stood."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from medqa_kit.core.atomic import write_text
from medqa_kit.loading.hub.digest import Digest


def remember_commit(repo: str, commit: str) -> None:
    """Write down the commit a floating repository had when its rows were put into the cache."""
    _write(_file(repo), {"repo": repo, "commit": commit})


def remembered_commit(repo: str) -> str | None:
    """Return the commit written down last, if any."""
    return (_read(_file(repo)) or {}).get("commit")


def remember_listing(repo: str, commit: str, listing: dict[str, Digest]) -> None:
    """Write down the files of a commit, which never change."""
    files = [[name, d.size, d.kind, d.hex] for name, d in listing.items()]
    _write(_file(f"{repo}@{commit}"), {"repo": repo, "commit": commit, "files": files})


def remembered_listing(repo: str, commit: str) -> dict[str, Digest] | None:
    """Return the files of a commit, if they are known."""
    known = _read(_file(f"{repo}@{commit}"))
    return known and {name: Digest(size, hex_, kind) for name, size, kind, hex_ in known["files"]}


def _file(name: str) -> Path:
    from datasets import config

    return Path(config.HF_DATASETS_CACHE, "medqa_kit_seen", f"{name.replace('/', '+')}.json")


def _read(file: Path) -> dict[str, Any] | None:
    return json.loads(file.read_text("utf-8")) if file.exists() else None


def _write(file: Path, content: dict[str, Any]) -> None:
    write_text(file, json.dumps(content))
