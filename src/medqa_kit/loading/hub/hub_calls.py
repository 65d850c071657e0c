"""Calls of the hub, and what goes wrong with them: one class of error a cause, each with a next step.

``huggingface_hub`` and the network raise some thirty kinds of exceptions, often one inside another.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from medqa_kit.catalog.places import is_commit
from medqa_kit.errors import (
    GatedError,
    HubError,
    MissingError,
    OfflineError,
    RateLimitedError,
    ServerError,
)

_T = TypeVar("_T")

TRIES, FIRST_PAUSE, PATIENCE = 3, 2.0, 20.0
"""How often a call is tried when the hub is busy; the first pause in seconds, doubled each time; and
after how many seconds no further try is made. ``huggingface_hub`` itself retries some calls for 23
seconds, or for as long as the hub's ``Retry-After`` says, and others not at all."""


@dataclass(frozen=True)
class HubRequest:
    """What was request of the hub, for error messages.

    Attributes:
        source: Name of the source.
        repo: ``owner/name``.
        revision: Commit, branch or tag; ``None`` is the main branch.
        file: Path in the repository.
    """

    source: str
    repo: str
    revision: str | None
    file: str | None = None

    @property
    def at(self) -> str:
        """Repository and revision, in short."""
        revision = self.revision or "main"
        return f"{self.repo} at {revision[:7] if is_commit(revision) else revision}"

    @property
    def page(self) -> str:
        """Page of the repository."""
        return f"https://huggingface.co/datasets/{self.repo}"


def is_offline() -> bool:
    """Check whether ``HF_HUB_OFFLINE`` or ``HF_DATASETS_OFFLINE`` says not to ask the hub."""
    from datasets import config
    from huggingface_hub import constants

    return bool(constants.HF_HUB_OFFLINE or config.HF_HUB_OFFLINE)


def call_hub(call: Callable[[], _T], *, request: HubRequest, from_cache: bool = False) -> _T:
    """Call the hub, again after a pause when it is busy, and translate what goes wrong.

    Args:
        call: What to do.
        request: What is asked, for errors.
        from_cache: Whether the call looks into the cache alone when offline; other calls are
            refused then.

    Raises:
        HubError: One of its kinds, naming source, repository and revision.
    """
    if is_offline() and not from_cache:
        raise _offline(request, "HF_HUB_OFFLINE or HF_DATASETS_OFFLINE is set").at(
            source=request.source, file=request.file
        )
    began, pause = time.monotonic(), FIRST_PAUSE
    for tries_left in reversed(range(TRIES)):
        try:
            with typed_hub_errors(request):
                return call()
        except (RateLimitedError, ServerError):
            if not tries_left or time.monotonic() - began > PATIENCE:
                raise
        time.sleep(pause)
        pause *= 2
    raise AssertionError("unreachable: the last try returns or raises")


@contextmanager
def typed_hub_errors(request: HubRequest) -> Iterator[None]:
    """Turn what ``huggingface_hub`` and the network raise into our errors."""
    try:
        yield
    except HubError:
        raise
    except Exception as error:
        ours = _ours(error, request)
        if ours is None:
            raise
        raise ours.at(source=request.source, file=request.file) from error


def _ours(error: Exception, request: HubRequest) -> HubError | None:
    from huggingface_hub.errors import LocalEntryNotFoundError

    for cause in _chain(error):
        if (found := _known(cause, request)) is not None:
            return found
    if is_offline():
        return _offline(request, "HF_HUB_OFFLINE or HF_DATASETS_OFFLINE is set")
    first = (str(error).splitlines() or [type(error).__name__])[0]
    if isinstance(error, (ConnectionError, LocalEntryNotFoundError)):
        return _offline(request, first)
    if isinstance(error, FileNotFoundError):  # all that HfFileSystem tells
        return _no_file(request, first)
    if isinstance(error, OSError) and "onsisten" in first:  # "Consistency check failed": short file
        return ServerError(f"the transfer from {request.at} broke off", found=first)
    return None


def _known(cause: BaseException, request: HubRequest) -> HubError | None:
    from huggingface_hub import errors as hf

    # The one it speaks through: which package that is differs between its versions.
    from huggingface_hub.utils import httpx  # type: ignore[attr-defined]

    match cause:
        case hf.OfflineModeIsEnabled():
            return _offline(request, "offline mode is on (HF_HUB_OFFLINE)")
        case hf.GatedRepoError():
            return GatedError(
                f"{request.repo} is gated", expected="accepted terms and a token",
                found=_status(cause),
                hint=f"accept the terms at {request.page}, then `hf auth login` or token=; or pass "
                "path= with files you have",
            )  # fmt: skip
        case hf.DisabledRepoError():
            return MissingError(f"{request.repo} was disabled by the hub", found=_status(cause),
                                hint=f"see {request.page}; path= reads files you have")  # fmt: skip
        case hf.RevisionNotFoundError():
            return MissingError(f"{request.repo} has no revision {request.revision!r}",
                                found=_status(cause),
                                hint=f"look at {request.page}/commits; no other revision is taken "
                                "in its place")  # fmt: skip
        case hf.RepositoryNotFoundError():
            return MissingError(f"there is no repository {request.repo}, or it is private",
                                found=_status(cause), hint="check repo=; a private one needs token=; "
                                "path= reads files you have")  # fmt: skip
        case hf.LocalEntryNotFoundError():
            return None  # its cause says more
        case hf.EntryNotFoundError():
            return _no_file(request, _status(cause))
        case hf.HfHubHTTPError():
            return _by_status(cause, request)
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.ProxyError():
            return _offline(request, str(cause) or type(cause).__name__)
        case httpx.RequestError():
            return ServerError(f"the connection to {request.at} broke", found=repr(cause))
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__


def _status(error: BaseException) -> str:
    response = getattr(error, "response", None)
    return f"HTTP {response.status_code}" if response is not None else type(error).__name__


def _by_status(error: BaseException, request: HubRequest) -> HubError:
    status = getattr(getattr(error, "response", None), "status_code", 0)
    found = f"HTTP {status}"
    if status == 429:
        return RateLimitedError(
            f"the hub limits how often {request.at} may be request", found=found
        )
    if status in (401, 403):
        return GatedError(f"the hub refuses access to {request.at}", found=found,
                          hint="log in with `hf auth login` or pass token=")  # fmt: skip
    if status == 404:
        return MissingError(
            f"{request.at} is not there", found=found, hint="check repo= and revision="
        )
    return ServerError(f"the hub could not answer for {request.at}", found=found)


def _no_file(request: HubRequest, found: str) -> MissingError:
    return MissingError(f"{request.repo} has no file {request.file!r} at this revision", found=found,
                        hint=f"look at {request.page}/tree/{request.revision or 'main'}")  # fmt: skip


def _offline(request: HubRequest, found: str) -> OfflineError:
    return OfflineError(
        f"{request.at} cannot be reached, and it is not in the cache", found=found,
        hint="connect once to fill the cache, or pass path= with a copy; a cached other revision "
        "is never used instead",
    )  # fmt: skip
