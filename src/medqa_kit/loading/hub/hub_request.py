"""A request to the hub, as error messages name it, and whether requests are allowed at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field

from medqa_kit.catalog.places import is_commit

_PASSWORD = re.compile(r"(?<=//)[^/@\s]+@")  # and who it is of, in an address
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
        size: Bytes of the file, as listed.
    """

    source: str
    repo: str
    revision: str | None
    file: str | None = None
    token: str | bool | None = field(default=None, repr=False, compare=False)
    size: int | None = None

    @property
    def at(self) -> str:
        """Repository and revision, in short."""
        revision = self.revision or "main"
        return f"{self.repo} at {revision[:7] if is_commit(revision) else revision}"

    @property
    def page(self) -> str:
        """Page of the repository."""
        return f"https://huggingface.co/datasets/{self.repo}"

    def without_secrets(self, text: str) -> str:
        """Return a text in which no token, passed or stored, and no password of an address can be read.

        Example:
            >>> HubRequest("demo", "demo/exam", None, token="hf_x").without_secrets("Bearer hf_x")
            'Bearer (a token)'
        """
        for token in (self.token, _stored_token()):
            if isinstance(token, str) and token:
                for written in (token, repr(token)[1:-1], str(token.encode())[2:-1]):
                    text = text.replace(written, "(a token)")
        return without_passwords(text)


def without_passwords(text: str) -> str:
    """Return a text in which no address says who asks, and with which password.

    Example:
        >>> without_passwords("GET https://ward:1234@mirror.example/api")
        'GET https://(a password)@mirror.example/api'
    """
    return _PASSWORD.sub("(a password)@", text)


def _stored_token() -> str | None:
    from huggingface_hub import get_token

    with suppress(OSError, ValueError):  # a file that cannot be read, or is no text
        return get_token()
    return None


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
