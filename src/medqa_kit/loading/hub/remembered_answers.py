"""Answers of the hub, stored for times when it cannot be reached: lists of files, and commits of branches."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from medqa_kit.core.stored import read_stored, write_stored
from medqa_kit.loading.hub.digest import Digest


def remember_commit(repo: str, commit: str) -> None:
    """Write down the commit a floating repository had when its rows were put into the cache."""
    _remember(repo, {"repo": repo, "commit": commit})


def remembered_commit(repo: str) -> str | None:
    """Return the commit written down last, if any."""
    return (read_stored(_file(repo)) or {}).get("commit")


def remember_listing(repo: str, commit: str, listing: dict[str, Digest]) -> None:
    """Write down the files of a commit, which never change."""
    files = [[name, d.size, d.kind, d.hex] for name, d in listing.items()]
    _remember(f"{repo}@{commit}", {"repo": repo, "commit": commit, "files": files})


def remembered_listing(repo: str, commit: str) -> dict[str, Digest] | None:
    """Return the files of a commit, if they are known."""
    known = read_stored(_file(f"{repo}@{commit}"))
    return known and {name: Digest(size, hex_, kind) for name, size, kind, hex_ in known["files"]}


def _remember(name: str, content: dict[str, Any]) -> None:
    with suppress(OSError):  # where nothing can be written, it is asked again next time
        write_stored(_file(name), content)


def _file(name: str) -> Path:
    from datasets import config

    return Path(config.HF_DATASETS_CACHE, "medqa_kit_answers", f"{name.replace('/', '+')}.json")
