"""Call the hub with a time limit, with retries when it is busy, and with errors that name the next step."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from medqa_kit.errors import RateLimitedError, ServerError
from medqa_kit.loading.hub.deadline import Deadline, in_time
from medqa_kit.loading.hub.hub_errors import SWITCHED_OFF, offline_error, typed_hub_errors
from medqa_kit.loading.hub.hub_request import HubRequest, is_offline

_T = TypeVar("_T")

TRIES, FIRST_PAUSE, PATIENCE = 3, 2.0, 20.0
"""How often a call is tried when the hub is busy; the first pause in seconds, doubled each time; and
after how many seconds no further try is made. ``huggingface_hub`` itself retries some calls for 23
seconds, or for as long as the hub's ``Retry-After`` says, and others not at all."""


def call_hub(
    call: Callable[[], _T],
    *,
    request: HubRequest,
    from_cache: bool = False,
    size: Callable[[], int] = lambda: 0,
) -> _T:
    """Call the hub, again after a pause when it is busy, and translate what goes wrong.

    Args:
        call: What to do.
        request: What is asked, for errors.
        from_cache: Whether the call looks into the cache alone when offline; other calls are
            refused then.
        size: As of :func:`medqa_kit.loading.hub.deadline.in_time`.

    Raises:
        HubError: One of its kinds, naming source, repository and revision.
    """
    if is_offline() and not from_cache:
        raise offline_error(request, SWITCHED_OFF)
    deadline, pause, began = Deadline(request), FIRST_PAUSE, time.monotonic()
    for tries_left in reversed(range(TRIES)):
        try:
            with typed_hub_errors(deadline):
                return in_time(call, deadline, size=size)
        except (RateLimitedError, ServerError):
            pause = max(pause, deadline.asked)
            if not tries_left or time.monotonic() - began > PATIENCE or pause > deadline.left:
                raise
        time.sleep(pause)
        pause *= 2
    raise AssertionError("unreachable: the last try returns or raises")
