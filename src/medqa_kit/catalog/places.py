"""Where the data of a source is: on a hub, on your disk, behind a form, or nowhere public."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from medqa_kit.core.arguments import one_of

Access = Literal["hub", "gated", "local", "manual", "no-data", "model", "no-rows"]
"""How one gets the rows.

hub: public repository · gated: repository with terms to accept · local: a file you name ·
manual: fetched by hand, then ``path=`` · no-data: nothing public · model: weights, not rows ·
no-rows: public, and not rows either: a book, a list, recordings.
"""

_COMMIT = re.compile(r"[0-9a-f]{40}")


def is_commit(revision: str | None) -> bool:
    """Check whether a revision is a full commit hash, the only kind that cannot move.

    Example:
        >>> is_commit("main"), is_commit("79efd6f91edfc8036330d7a4daa88b9f2deb9a82")
        (False, True)
    """
    return revision is not None and _COMMIT.fullmatch(revision) is not None


def repository_folder(repo: str) -> str:
    """Return what a folder with files of a repository is called, which has no ``/`` in it.

    Example:
        >>> repository_folder("owner/name")
        'owner+name'
    """
    return repo.replace("/", "+")


@dataclass(frozen=True)
class Hub:
    """A dataset repository on the Hugging Face Hub.

    Attributes:
        repo: ``owner/name``.
        revision: Full commit hash. ``None`` where no full hash is known: the source is then
            *floating*: every load warns of it, and a lockfile pins what was read.
        gated: Whether terms must be accepted there before a token opens it.

    Example:
        >>> place = Hub("owner/name")
        >>> place.access, place.floating, place.url
        ('hub', True, 'https://huggingface.co/datasets/owner/name')
    """

    repo: str
    revision: str | None = None
    gated: bool = False

    @property
    def access(self) -> Access:
        """``gated`` or ``hub``."""
        return "gated" if self.gated else "hub"

    @property
    def floating(self) -> bool:
        """Whether the revision can move."""
        return not is_commit(self.revision)

    @property
    def folder(self) -> str:
        """What a folder with files of the repository is called: ``owner+name``."""
        return repository_folder(self.repo)

    @property
    def url(self) -> str:
        """Page of the repository, at the revision when one is known."""
        tail = f"/tree/{self.revision}" if self.revision else ""
        return f"https://huggingface.co/datasets/{self.repo}{tail}"


@dataclass(frozen=True)
class LocalFiles:
    """Files that are on this machine; for sources of your own.

    Attributes:
        path: A folder, an archive or one file.

    Example:
        >>> LocalFiles("data/ward").url
        'data/ward'
    """

    path: str

    access: Access = field(default="local", init=False)
    floating: bool = field(default=False, init=False)

    @property
    def url(self) -> str:
        """The path again."""
        return self.path


@dataclass(frozen=True)
class Manual:
    """Files that a person has to fetch: accounts, approvals, forms.

    Attributes:
        steps: What to do, in order.
        expect: What to pass as ``path=`` afterwards.
        url: Where to begin.
        terms: What one agrees to on the way.

    Example:
        >>> Manual(("ask for the files",), expect="the folder with them").access
        'manual'
    """

    steps: tuple[str, ...]
    expect: str
    url: str = ""
    terms: str = ""

    access: Access = field(default="manual", init=False)
    floating: bool = field(default=False, init=False)


@dataclass(frozen=True)
class NoData:
    """Nothing to load: the source is catalogued because people look for it.

    Attributes:
        reason: Why there is nothing: a model, a paper, speech, an ethics board.
        see: Where to read on, or what to use instead.
        access: ``"no-data"``; ``"model"`` for weights, ``"no-rows"`` for other public things.
        by_hand: How some people get files of an unknown layout: with ``path=``, loading reports
            the structure of what is there, and still loads nothing.

    Example:
        >>> NoData("it is a model", access="model").access
        'model'
    """

    reason: str
    see: str = ""
    access: Literal["no-data", "model", "no-rows"] = "no-data"
    by_hand: Manual | None = None

    floating: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        one_of("access", self.access, ("no-data", "model", "no-rows"))

    @property
    def url(self) -> str:
        """Where to read on."""
        return self.see


Place = Hub | LocalFiles | Manual | NoData
