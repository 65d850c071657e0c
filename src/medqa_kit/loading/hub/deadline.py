"""Time limits for calls of the hub: no call goes on without end, whatever the other side does.

Two things watch a call. Hooks in the client of ``huggingface_hub`` see each request and answer: they
bound how long the connection may be silent, count what arrives, and hear how long the hub asks to
wait. And the call runs in a thread of its own, so that what no hook sees (a name that is not
resolved, headers that come byte by byte, a lock that is not let go) is left behind too.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextvars import ContextVar, copy_context
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import TIMEOUT_MAX, Thread
from typing import Any, TypeVar

from medqa_kit.errors import ArgumentError, HubError, NoHubError, RateLimitedError, ServerError
from medqa_kit.loading.hub.hub_request import HubRequest

_T = TypeVar("_T")

VARIABLE = "MEDQA_KIT_HUB_DEADLINE"
_SECONDS = 120.0
_PROGRESS = 1 << 16  # bytes that count as progress
_TRIES = 4  # a single silence may last a quarter of it, so that other tries have their time
_MOST_ANSWER = 1 << 26  # bytes of an answer that is no file; a page of a listing has some 300 KB
_MOST_PACKED = 1 << 22  # the same, where it is packed
_MORE = 1 << 20  # bytes that may come beyond the listed size of a file
_MOST_ETAG = 200  # characters
_GRACE = 6.0  # seconds, at most; with it an error comes within the two minutes, all told

_RUNNING: ContextVar[Deadline | None] = ContextVar("_RUNNING", default=None)


class Deadline:
    """How long a call is still waited for, counted from its last progress.

    Progress is a good answer that came whole, or 64 KiB of one. The environment variable
    ``MEDQA_KIT_HUB_DEADLINE`` says how many seconds may go by without any; 120 by default.

    Args:
        request: What is asked, for errors.

    Attributes:
        asked: Seconds the hub asked to wait in its last answer.
        answer: Status and kind of its last answer, for errors.
        grace: Seconds at the end in which the call ends itself, before it is left behind.

    Raises:
        ArgumentError: The variable holds no number above 0.
    """

    def __init__(self, request: HubRequest) -> None:
        self.request, self.asked, self.answer = request, 0.0, ""
        self.seconds = _allowed()
        self.grace = min(_GRACE, self.seconds / 16)
        self.restart()

    def restart(self) -> None:
        """Count anew."""
        self._since, self._bytes = time.monotonic(), 0

    def end(self) -> None:
        """Let what still runs stop at its next step: nobody waits for it."""
        self.seconds = float("-inf")

    @property
    def left(self) -> float:
        """Seconds that are left to the call itself; negative when it is over."""
        return self._since + self.seconds - self.grace - time.monotonic()

    def received(self, size: int) -> None:
        """Count bytes of an answer.

        Raises:
            ServerError: They come too slowly.
        """
        self._bytes += size
        if self._bytes >= _PROGRESS:
            self.restart()
        elif self.left <= 0:
            raise self.error()

    def no_hub(self, found: str) -> NoHubError:
        """Return what to raise where the answer is none that a hub gives."""
        answer = f" ({self.answer})" if self.answer else ""
        error = NoHubError(
            f"what answers for {self.request.at} is no hub", expected="answers as the Hugging Face "
            "Hub gives them", found=f"{found}{answer}",
        )  # fmt: skip
        error.at(source=self.request.source, file=self.request.file)
        return error

    def error(self) -> ServerError:
        """Return what to raise when it is over."""
        error = ServerError(
            f"the hub does not answer for {self.request.at}",
            expected=f"an answer, or 64 KiB of one, within {self.seconds:g} seconds, and no silence "
            f"of {self.seconds / _TRIES:g}",
            found=self.answer or "nothing",
            hint=f"try again later, check HF_ENDPOINT and the proxy, or wait longer: {VARIABLE} is "
            "the number of seconds; path= reads files you have",
        )
        error.at(source=self.request.source, file=self.request.file)
        return error

    def too_long(self) -> HubError:
        """Return what to raise when the hub asks to wait longer than there is time."""
        kind = RateLimitedError if self.answer.startswith("HTTP 429") else ServerError
        error = kind(
            f"the hub asks to wait before {self.request.at} is asked for again",
            expected=f"no more than {self.seconds:g} seconds ({VARIABLE})",
            found=f"{self.answer}, Retry-After: {self.asked:g} seconds",
            hint=f"come back in {_span(self.asked)}, or pass token= for a higher limit",
        )
        error.at(source=self.request.source, file=self.request.file)
        return error


def in_time(
    call: Callable[[], _T], deadline: Deadline, *, size: Callable[[], int] = lambda: 0
) -> _T:
    """Call the hub, and wait for the result no longer than the deadline allows.

    Args:
        call: What to do.
        deadline: Counts from now.
        size: What grows while another process, or a client without hooks, does the work.

    Raises:
        ServerError: There was no progress in time.
    """
    outcome: Future[_T] = Future()

    def work() -> None:
        _RUNNING.set(deadline)
        try:
            _watch_client()
            outcome.set_result(call())
        except BaseException as error:
            outcome.set_exception(error)

    Thread(target=copy_context().run, args=(work,), name="medqa_kit-hub", daemon=True).start()
    before = size()
    try:
        while not wait([outcome], max(deadline.left, 0) + deadline.grace).done:
            if deadline.left > 0:
                continue
            if (now := size()) == before:
                raise deadline.error()
            before = now
            deadline.restart()
    except BaseException:
        deadline.end()
        raise
    return outcome.result()


def _allowed() -> float:
    text = os.environ.get(VARIABLE) or str(_SECONDS)
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < math.inf:
        raise ArgumentError(f"{VARIABLE} is no number of seconds", argument=VARIABLE,
                            expected="a number above 0", found=repr(text)[:80],
                            hint=f"set {VARIABLE}=300, or unset it")  # fmt: skip
    return min(seconds, TIMEOUT_MAX / 2)  # what no clock of the system counts to is for ever


def _span(seconds: float) -> str:
    return f"{seconds / 3600:.1f} hours" if seconds > 3600 else f"{seconds / 60:.0f} minutes"


def _watch_client() -> None:
    """Add our hooks to the client that all calls of this process share; elsewhere they do nothing."""
    from huggingface_hub import get_session

    hooks = get_session().event_hooks
    if _before not in hooks["request"]:
        hooks["request"].append(_before)
        hooks["response"].append(_after)


def _before(request: Any) -> None:
    """Bound how long the connection may be silent."""
    deadline = _RUNNING.get()
    if deadline is None:
        return
    if deadline.left <= 0:
        raise deadline.error()
    most = min(deadline.left, deadline.seconds / _TRIES)
    bounds = request.extensions.get("timeout") or {}
    request.extensions["timeout"] = {
        step: min(most, most if bounds.get(step) is None else bounds[step])
        for step in ("connect", "read", "write", "pool")
    }


def _after(response: Any) -> None:
    """Note what was answered, hear how long to wait, and count what is still to come."""
    deadline = _RUNNING.get()
    if deadline is None:
        return
    kind = response.headers.get("Content-Type", "no content type").partition(";")[0]
    deadline.answer = f"HTTP {response.status_code}, {kind}"
    deadline.asked = _asked(response.headers) if response.status_code >= 400 else 0.0
    if deadline.asked > deadline.left:
        raise deadline.too_long()
    if response.request.method == "HEAD" and not _is_plain(response.headers):
        raise deadline.no_hub("an ETag that names no file")
    response.stream = _counted(
        response.stream, deadline, good=200 <= response.status_code < 300,
        most=_most_bytes(deadline.request.size, packed="Content-Encoding" in response.headers),
    )  # fmt: skip


def _asked(headers: Any) -> float:
    """Return how many seconds an answer asks to wait."""
    from huggingface_hub.utils import parse_ratelimit_headers  # type: ignore[attr-defined]

    limit = parse_ratelimit_headers(headers)
    if limit is not None and not limit.remaining:
        return float(limit.reset_in_seconds)
    text = headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text)
    until = _time_of(text)
    if until is None:
        return 0.0
    # By the clock of whoever says so: that of this machine may be wrong.
    now = _time_of(headers.get("Date", "")) or datetime.now(UTC)
    return max((until - now).total_seconds(), 0.0)


def _time_of(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, OverflowError):  # the last day of the last year, elsewhere
        return None


def _is_plain(headers: Any) -> bool:
    """Check whether the client may call a file of its cache by an answer's ETag, which it does as it is."""
    names = [headers.get(name, "").removeprefix("W/") for name in ("X-Linked-Etag", "ETag")]
    return not any(len(name) > _MOST_ETAG or "/" in name or "\\" in name for name in names)


def _most_bytes(listed: int | None, *, packed: bool) -> int:
    """Return how many bytes an answer may have: what has no end fills the memory or the disk."""
    if listed is not None:
        return listed + _MORE
    return _MOST_PACKED if packed else _MOST_ANSWER


def _counted(stream: Any, deadline: Deadline, *, good: bool, most: int) -> Any:
    """Return the body of an answer, counted as it comes."""
    # The package it speaks through: which that is differs between its versions.
    from huggingface_hub.utils import httpx  # type: ignore[attr-defined]

    class Counted(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            total = 0
            for piece in stream:
                deadline.received(len(piece))
                total += len(piece)
                if total > most:
                    raise deadline.no_hub(f"an answer of more than {most:,} bytes")
                yield piece
            if good:
                deadline.restart()

        def close(self) -> None:
            stream.close()

    return Counted()
