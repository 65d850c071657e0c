"""A hub that does not answer, answers too slowly, or asks to wait for a day: an error, in time."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from pathlib import Path

import pytest
from filelock import FileLock

import medqa_kit as mk
from demo import PIN, REPO, Read, both_ways, demo, jsonl, parquet, pinned, reading, records, serve
from hub import Hub
from medqa_kit.errors import ArgumentError, HubError, RateLimitedError, ServerError
from medqa_kit.loading.hub import hub_calls

SECONDS = 0.8
MOST = 40.0  # seconds a reading may take in all on a busy machine; what does not answer is silent for 60
LOAD, STREAM = reading(False), reading(True)
# What is asked, and who asks it: the branch that is resolved, the files, the bytes.
CALLS: dict[str, tuple[str, Read]] = {
    "info": ("/api/datasets/demo/exam", LOAD),
    "info of a stream": ("/api/datasets/demo/exam/revision/*", STREAM),
    "listing": ("/api/datasets/demo/exam/tree/*", LOAD),
    "head": ("/datasets/demo/exam/resolve/*", LOAD),
    "resolve of a stream": ("/datasets/demo/exam/resolve/*", STREAM),
    "file": ("/cdn/*", LOAD),
    "stream": ("/cdn/*", STREAM),
}
HARM: dict[str, Callable[[Hub, str], object]] = {
    "silence": lambda hub, pattern: hub.silence(pattern),
    "trickled body": lambda hub, pattern: hub.trickle(pattern, every=0.1),
    "trickled headers": lambda hub, pattern: hub.trickle(pattern, every=0.1, headers=True),
}
CASES = [
    (call, how) for call in CALLS for how in HARM
    if how != "trickled body" or call not in ("head", "resolve of a stream")  # they have none
]  # fmt: skip
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.FloatingRevisionWarning"),
]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_calls, "FIRST_PAUSE", 0.001)


def allow(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setenv("MEDQA_KIT_HUB_DEADLINE", str(seconds))


def refused(read: Callable[[], object]) -> HubError:
    """The error a reading ends with, in time."""
    began = time.monotonic()
    with pytest.raises(HubError) as caught:
        read()
    assert time.monotonic() - began < MOST
    assert caught.value.source == "demo_exam"
    return caught.value


@pytest.mark.parametrize(("call", "how"), CASES)
@pytest.mark.slow
def test_a_hub_that_does_not_answer_is_not_waited_for(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, call: str, how: str
) -> None:
    hub.repo(REPO).commit("5" * 40, {"train.parquet": parquet(records(3000))})  # behind /cdn/
    pattern, read = CALLS[call]
    source = pinned(demo("train.parquet"), None if call == "info" else "5" * 40)
    HARM[how](hub, pattern)
    allow(monkeypatch, SECONDS)
    error = refused(lambda: read(source))
    assert isinstance(error, ServerError)
    assert "MEDQA_KIT_HUB_DEADLINE" in error.hint
    assert f"within {SECONDS:g} seconds" in error.expected
    hub.mend()
    allow(monkeypatch, 60)
    assert len(read(source)) == 3000


def test_what_comes_slowly_but_steadily_is_waited_for(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"train-{n}.jsonl": jsonl(records(2, 10 * n)) for n in range(12)}
    source = serve(hub, files)
    hub.stall("*/resolve/*", seconds=0.3, after=20)  # each file is in time, all together are not
    allow(monkeypatch, 3)
    began = time.monotonic()
    assert len(LOAD(source)) == 24
    assert time.monotonic() - began > 3


@pytest.mark.parametrize("grows", [True, False])
def test_a_download_of_another_process_is_waited_for_while_it_grows(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, grows: bool
) -> None:
    from huggingface_hub import constants

    source, data = serve(hub), jsonl(records(6))
    cache, name = Path(constants.HF_HUB_CACHE), "datasets--demo--exam"
    etag = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
    lock, unfinished = cache / ".locks" / name / f"{etag}.lock", cache / name / "blobs"
    lock.parent.mkdir(parents=True)
    unfinished.mkdir(parents=True)
    over = threading.Event()

    def other() -> None:
        with FileLock(lock):
            gate.set()
            # What grows ends by itself; what does not is held until the reading gave up, however late it began.
            for _ in range(50 if grows else 10 * int(MOST)):
                if over.wait(0.1):
                    return
                with (unfinished / "other.incomplete").open("ab") as file:
                    file.write(b"x" * grows)

    allow(monkeypatch, 3 if grows else SECONDS)
    with ThreadPoolExecutor(1) as pool:
        gate = threading.Event()
        done = pool.submit(other)
        try:
            assert gate.wait(MOST)
            if grows:
                assert len(LOAD(source)) == 6
            else:
                assert "does not answer" in str(refused(lambda: LOAD(source)))
        finally:
            over.set()
        done.result(MOST)


@both_ways
@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("where", ["/api/*", "*/resolve/*"])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_day_is_not_waited_for(hub: Hub, read: Read, status: int, where: str, form: str) -> None:
    source = serve(hub)
    if where != "/api/*":
        mk.load(source, split="test")  # the listing is known now
    asked = "86400" if form == "seconds" else formatdate(time.time() + 86400, usegmt=True)
    fault = hub.fail(where, status=status, headers={"Retry-After": asked})
    error = refused(lambda: read(source))
    assert type(error) is (RateLimitedError if status == 429 else ServerError)
    assert "Retry-After: 86" in error.found
    assert f"HTTP {status}" in error.found
    assert "24.0 hours" in error.hint
    assert fault.met == 1, "nothing is asked again"


def test_a_limit_told_in_another_header_is_heard(hub: Hub) -> None:
    source = serve(hub)
    hub.fail("*", status=429, headers={"ratelimit": '"api";r=0;t=600'})
    error = refused(lambda: LOAD(source))
    assert "600 seconds" in error.found
    assert "10 minutes" in error.hint


@both_ways
def test_a_wait_within_the_deadline_is_waited(
    hub: Hub, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, 30)
    source = serve(hub)
    hub.fail("*", status=429, retry_after=1, times=1)
    began = time.monotonic()
    assert len(read(source)) == 6
    assert time.monotonic() - began + sum(hub.waits) > 1


@pytest.mark.parametrize("text", ["soon", "0", "-1", "nan", "inf"])
def test_a_deadline_that_is_none_is_refused(
    hub: Hub, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDQA_KIT_HUB_DEADLINE", text)
    source = serve(hub)
    with pytest.raises(ArgumentError, match="MEDQA_KIT_HUB_DEADLINE is no number of seconds"):
        LOAD(source)


def test_other_users_of_the_client_are_left_alone(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import HfApi

    LOAD(serve(hub))
    allow(monkeypatch, 0.2)
    hub.stall("/api/*", seconds=0.5, times=1)
    assert HfApi().dataset_info(REPO, revision=PIN).sha == PIN
