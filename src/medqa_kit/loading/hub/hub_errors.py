"""Errors of calls of the hub: one class per cause, each with a next step.

``huggingface_hub`` and the network raise some thirty kinds of exceptions, often one inside another.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from medqa_kit.errors import (
    GatedError,
    HubError,
    MissingError,
    NoHubError,
    OfflineError,
    RateLimitedError,
    ServerError,
    StorageError,
)
from medqa_kit.loading.hub.deadline import Deadline
from medqa_kit.loading.hub.hub_request import HubRequest, is_offline

SWITCHED_OFF = "HF_HUB_OFFLINE or HF_DATASETS_OFFLINE is set"
_MOST_WORDS = 300  # characters of what the hub says
_SIGN_IN = 511  # a network wants a person to sign in first
_OF_PATHS = (errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.EACCES)
_BUSY = (408, 429)  # statuses below 500 that are worth another try


@contextmanager
def typed_hub_errors(deadline: Deadline) -> Iterator[None]:
    """Turn what ``huggingface_hub`` and the network raise into our errors."""
    request = deadline.request
    try:
        yield
    except HubError:
        raise
    except Exception as error:
        ours = _of_disk(error) or _ours(error, deadline)
        if ours is None:
            raise
        ours.at(source=request.source, file=request.file)
        ours.found = request.without_secrets(ours.found)
        said = any(str(link) != request.without_secrets(str(link)) for link in _chain(error))
        raise ours from None if said else error


def offline_error(request: HubRequest, found: str, *, before: str = "") -> OfflineError:
    """Return what to raise where the hub cannot be asked and the cache does not hold the answer.

    Args:
        request: What was asked.
        found: What the network said.
        before: What else may be the matter; the hint begins with it.
    """
    error = OfflineError(
        f"{request.at} cannot be reached, and it is not in the cache", found=found,
        hint=f"{before}connect once to fill the cache, or pass path= with a copy; a cached other revision "
        "is never used instead",
    )  # fmt: skip
    error.at(source=request.source, file=request.file)
    return error


def _of_way() -> str:
    """Say that another place than the hub was asked, and that a proxy stood before it, if so; addresses may hold a password."""
    from huggingface_hub import constants

    at = urlsplit(constants.ENDPOINT)
    kinds = [kind for kind in (at.scheme, "all") if kind in getproxies_environment()]
    ways = []
    if kinds and not proxy_bypass(at.hostname or ""):
        ways.append(f"the proxy that {kinds[0].upper()}_PROXY names, and NO_PROXY")
    if os.environ.get("HF_ENDPOINT"):
        ways.append("HF_ENDPOINT, which names the place that is asked")
    return f"check {'; and '.join(ways)}; else " if ways else ""


def _of_disk(error: Exception) -> StorageError | None:
    """Return the error where a download cannot be written: the client raises what the system says."""
    from huggingface_hub import constants

    if not isinstance(error, OSError) or error.errno is None:
        return None
    if isinstance(error, (ConnectionError, TimeoutError, socket.gaierror, ssl.SSLError)):
        return None
    if error.filename is None and error.errno in _OF_PATHS:  # no path of ours: that of certificates
        return None
    return StorageError.of(error, error.filename or constants.HF_HUB_CACHE)


def _ours(error: Exception, deadline: Deadline) -> HubError | None:
    from huggingface_hub.errors import LocalEntryNotFoundError

    request = deadline.request
    for cause in _chain(error):
        if (ours := _known(cause, deadline)) is not None:
            return ours
    if is_offline():
        return offline_error(request, SWITCHED_OFF)
    first = (str(error).splitlines() or [type(error).__name__])[0]
    match error:
        case ConnectionError() | LocalEntryNotFoundError():
            return offline_error(request, first)
        case FileNotFoundError() if error.errno is None:  # all that HfFileSystem tells
            return _no_file(request, first)
        case ImportError():  # the package for the kind of proxy that is named
            return HubError(f"the question for {request.at} cannot be sent", found=first,
                            expected="a proxy that the installed packages can speak to",
                            hint="`pip install socksio`, or unset HTTPS_PROXY, HTTP_PROXY and ALL_PROXY")  # fmt: skip
        case OSError() if "onsisten" in first:  # "Consistency check failed": short file
            return ServerError(f"the transfer from {request.at} broke off", found=first)
        case ValueError() | LookupError() | TypeError() | AttributeError() | RecursionError():
            return deadline.no_hub(f"{type(error).__name__}: {first}"[:_MOST_WORDS])
        case OSError() if isinstance(error, ssl.SSLError) or error.errno in _OF_PATHS:
            return HubError(f"the question for {request.at} cannot be sent", found=first,
                            expected="certificates that can be read",
                            hint="check SSL_CERT_FILE and SSL_CERT_DIR, or unset them")  # fmt: skip
    return None


def _not_sent(request: HubRequest, cause: BaseException) -> HubError:
    return HubError(f"the question for {request.at} cannot be sent", found=str(cause),
                    expected="a token of letters and digits, headers on one line",
                    hint="check HF_TOKEN and the token that `hf auth login` stored")  # fmt: skip


def _known(cause: BaseException, deadline: Deadline) -> HubError | None:
    from huggingface_hub import errors as hf

    # The one it speaks through: which package that is differs between its versions.
    from huggingface_hub.utils import httpx  # type: ignore[attr-defined]

    request = deadline.request
    match cause:
        case HubError():
            return cause
        case hf.OfflineModeIsEnabled():
            return offline_error(request, "offline mode is on (HF_HUB_OFFLINE)")
        case hf.FileMetadataError():
            return deadline.no_hub(str(cause)[:_MOST_WORDS])
        case hf.GatedRepoError():
            return GatedError(f"{request.repo} is gated", expected="accepted terms and a token",
                              found=_words(cause), hint=_way_in(_words(cause), request))  # fmt: skip
        case hf.DisabledRepoError():
            return MissingError(f"{request.repo} was disabled by the hub", found=_words(cause),
                                hint=f"see {request.page}; path= reads files you have")  # fmt: skip
        case hf.RevisionNotFoundError():
            return MissingError(f"{request.repo} has no revision {request.revision!r}",
                                found=_words(cause),
                                hint=f"look at {request.page}/commits; a commit is named by all of its 40 digits, and "
                                "no other revision is taken in its place")  # fmt: skip
        case hf.RepositoryNotFoundError():
            return MissingError(f"there is no repository {request.repo}, or it is private",
                                found=_words(cause), hint="check repo=; a private one needs token=; "
                                "path= reads files you have")  # fmt: skip
        case hf.LocalEntryNotFoundError():
            return None  # its cause says more
        case hf.EntryNotFoundError():
            return _no_file(request, _words(cause))
        case hf.HfHubHTTPError():
            return _of_page(cause, deadline) or _by_status(cause, request)
        case httpx.UnsupportedProtocol() | httpx.InvalidURL() | httpx.TooManyRedirects():
            return deadline.no_hub(str(cause)[:_MOST_WORDS])
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.ProxyError():
            return offline_error(request, str(cause) or type(cause).__name__, before=_of_way())
        case httpx.TimeoutException():
            return deadline.error()
        case httpx.LocalProtocolError() | UnicodeEncodeError():
            return _not_sent(request, cause)
        case UnicodeDecodeError() if not deadline.answer:  # the stored token
            return _not_sent(request, cause)
        case httpx.RequestError():
            return ServerError(f"the connection to {request.at} broke", found=repr(cause))
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__


def _words(error: BaseException) -> str:
    """Return the status of an answer, and what the hub says in it."""
    response = getattr(error, "response", None)
    if response is None:
        return type(error).__name__
    said = getattr(error, "server_message", None) or response.headers.get("X-Error-Message") or ""
    said = " ".join(str(said).split())
    said = said if len(said) <= _MOST_WORDS else said[:_MOST_WORDS] + "…"
    return f"HTTP {response.status_code}: {said}" if said else f"HTTP {response.status_code}"


def _of_page(error: BaseException, deadline: Deadline) -> NoHubError | None:
    """Return the error where a refusal is a web page of something in between, such as a proxy: the hub has words."""
    response = getattr(error, "response", None)
    if response is None or "html" not in response.headers.get("Content-Type", ""):
        return None
    own = any(name.startswith("x-error") for name in map(str.lower, response.headers))
    if own or (response.status_code >= 500 and response.status_code != _SIGN_IN):
        return None
    return deadline.no_hub(f"HTTP {response.status_code}: a web page")


def _by_status(error: BaseException, request: HubRequest) -> HubError:
    status, found = getattr(getattr(error, "response", None), "status_code", 0), _words(error)
    match status:
        case 429:
            return RateLimitedError(
                f"the hub limits how often {request.at} may be asked for", found=found
            )
        case 401 | 403:
            return GatedError(f"the hub refuses access to {request.at}", found=found,
                              hint=_way_in(found, request))  # fmt: skip
        case 404:
            return MissingError(f"{request.at} is not there", found=found,
                                hint="check repo=, revision= and HF_ENDPOINT")  # fmt: skip
        case 410 | 451:
            return MissingError(f"the hub no longer gives out {request.at}", found=found,
                                hint=f"see {request.page}; path= reads files you have")  # fmt: skip
    if 400 <= status < 500 and status not in _BUSY:
        return HubError(f"the hub refuses what is asked of {request.at}", found=found,
                        hint="check repo=, revision= and HF_ENDPOINT; asking again changes "
                        "nothing")  # fmt: skip
    return ServerError(f"the hub could not answer for {request.at}", found=found)


def _way_in(said: str, request: HubRequest) -> str:
    """Return what opens a closed repository, by what the hub says of it."""
    said = said.casefold()
    if "await" in said or "pending" in said or "review" in said:
        return f"the authors have not decided yet: wait for their answer at {request.page}; or pass " \
               "path= with files you have"  # fmt: skip
    if "fine-grained" in said or "permission" in said or "scope" in said:
        return "let the token read gated repositories (Settings, Access Tokens), or make one that " \
               "may, and pass it as token="  # fmt: skip
    if "gated" in said or "restricted" in said or "terms" in said or "authorized list" in said:
        return f"accept the terms at {request.page}, then `hf auth login` or token=; or pass path= " \
               "with files you have"  # fmt: skip
    return "log in with `hf auth login` or pass token="


def _no_file(request: HubRequest, found: str) -> MissingError:
    return MissingError(f"{request.repo} has no file {request.file!r} at this revision", found=found,
                        hint=f"look at {request.page}/tree/{request.revision or 'main'}")  # fmt: skip
