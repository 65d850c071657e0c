"""A request to the hub, as error messages name it, and whether requests are allowed at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from medqa_kit.catalog.places import is_commit

_ASKING_NOBODY: ContextVar[bool] = ContextVar("asking_nobody", default=False)


@dataclass(frozen=True)
class HubRequest:
    """What is asked of the hub, for error messages.

    Attributes:
        source: Name of the source.
        repo: ``owner/name``.
        revision: Commit, branch or tag; ``None`` is the main branch.
        file: Path in the repository.
        token: What no message may quote.
    """

    source: str
    repo: str
    revision: str | None
    file: str | None = None
    token: str | bool | None = field(default=None, repr=False, compare=False)

    @property
    def at(self) -> str:
        """Repository and revision, in short."""
        revision = self.revision or "main"
        return f"{self.repo} at {revision[:7] if is_commit(revision) else revision}"

    @property
    def page(self) -> str:
        """Page of the repository."""
        return f"https://huggingface.co/datasets/{self.repo}"

    def without_token(self, text: str) -> str:
        """Return a text in which neither the token nor the stored one can be read.

        Example:
            >>> HubRequest("demo", "demo/exam", None, token="hf_x").without_token("Bearer hf_x")
            'Bearer (a token)'
        """
        from huggingface_hub import get_token

        for token in (self.token, get_token()):
            if isinstance(token, str) and token:
                for written in (token, repr(token)[1:-1], str(token.encode())[2:-1]):
                    text = text.replace(written, "(a token)")
        return text


@contextmanager
def asking_nobody() -> Iterator[None]:
    """Work as without a network within the block.

    Example:
        >>> with asking_nobody():
        ...     is_offline()
        True
    """
    before = _ASKING_NOBODY.set(True)
    try:
        yield
    finally:
        _ASKING_NOBODY.reset(before)


def is_offline() -> bool:
    """Check whether ``HF_HUB_OFFLINE`` or ``HF_DATASETS_OFFLINE`` says not to ask the hub.

    It is so as well within :func:`asking_nobody`.
    """
    if _ASKING_NOBODY.get():
        return True
    from datasets import config
    from huggingface_hub import constants

    return bool(constants.HF_HUB_OFFLINE or config.HF_HUB_OFFLINE)
