"""Fixtures shared by all tests.

``huggingface_hub`` and ``datasets`` read their environment when they are imported, so the loopback
hub is started and named to them here, before any test module is.
"""

from __future__ import annotations

import atexit
import functools
import gc
import os
import sys
import tempfile
import threading
import zlib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import settings

from hub import Hub
from laws import FULL, MANY, MOST, SHARE, SHARED

RARE = {"trainer", "harness", "croissant", "engines", "quirks", "fuzz", "browser"}

# How long one example takes says how busy the machine is, not whether the law holds.
# The same examples on each run of a tree; ``--hypothesis-profile explore`` looks for other ones.
settings.register_profile("full", deadline=None, max_examples=FULL, derandomize=True)
settings.register_profile("most", deadline=None, max_examples=MOST, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=FULL)
settings.register_profile("medqa_kit", deadline=None, max_examples=SHARED, derandomize=True)
settings.load_profile("medqa_kit")

_HOME = tempfile.TemporaryDirectory(prefix="medqa_kit-tests-", ignore_cleanup_errors=True)
atexit.register(_HOME.cleanup)
if _ports := os.environ.get("MEDQA_KIT_TEST_HUB"):  # see mutants.py: the clients know of it already
    _HUB, _HOME.name = Hub(tuple(map(int, _ports.split()))), os.environ["HF_HOME"]
elif "huggingface_hub" in sys.modules:
    raise pytest.UsageError("huggingface_hub was imported before tests/conftest.py could set HF_*")
else:
    _HUB = Hub()
# Of the run: the first of its processes names it, and the others inherit the name.
_LOCKS = os.environ.setdefault("MEDQA_KIT_TEST_LOCKS", _HOME.name)
for _name in [name for name in os.environ if name.startswith(("HF_", "HUGGINGFACE_", "SSL_CERT_"))]:
    del os.environ[_name]  # a developer's token, cache or offline switch is none of the tests'
os.environ.update(_HUB.environment(_HOME.name))


def pytest_configure(config: pytest.Config) -> None:
    """Of several processes, have one compile a kernel and the others read it or compile another one."""
    if not hasattr(config, "workerinput") or find_spec("numba") is None:
        return
    from filelock import FileLock
    from numba.core.dispatcher import Dispatcher

    compiled, inside = Dispatcher.compile, threading.local()

    @functools.wraps(compiled)
    def in_turn(kernel: Any, signature: Any) -> Any:
        if getattr(inside, "kernel", False):  # one that a kernel calls
            return compiled(kernel, signature)
        inside.kernel = True
        try:  # one lock a module, so that those of others are compiled meanwhile
            with FileLock(Path(_LOCKS, f"{kernel.py_func.__module__}.lock")):
                return compiled(kernel, signature)  # looks into the cache first
        finally:
            inside.kernel = False

    Dispatcher.compile = in_turn


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Asked for rare marks alone, pass over files that speak of none: to import all takes as long as many tests."""
    marks = config.option.markexpr.split(" or ")
    if not RARE.issuperset(marks) or not collection_path.match("test_*.py"):
        return None
    text = collection_path.read_text("utf-8")
    return not any(mark.removesuffix("s") in text for mark in marks) or None


@pytest.hookimpl(tryfirst=True)  # before it is looked which marks are asked for
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave most cases of a test with many to the slow step: other ones of each test."""
    tests: dict[tuple[Path, str], list[pytest.Item]] = {}
    for item in items:
        if "[" in item.name:
            tests.setdefault((item.path, item.name.partition("[")[0]), []).append(item)
    for (_, name), cases in tests.items():
        if len(cases) >= MANY:
            first = zlib.crc32(name.encode()) % SHARE
            for place, case in enumerate(cases):
                if place % SHARE != first:
                    case.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Keep the tests themselves, which live as long as the process, from the garbage collector."""
    gc.freeze()


@pytest.hookimpl(optionalhook=True)  # without pytest-xdist nobody asks
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each process one stretch of the files: what the tests of a file share is made once."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.getoption("dist") == "load" else None


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """An empty hub, empty caches below ``tmp_path / "hf"``, and clients that do not sleep.

    The seconds they would have slept are in ``hub.waits``.
    """
    _HUB.reset()
    _fresh_caches(tmp_path / "hf", monkeypatch)
    _no_sleep(_HUB, monkeypatch)
    _forget_clients()
    yield _HUB
    _forget_clients()
    _HUB.reset()


@pytest.fixture
def offline(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if started with HF_HUB_OFFLINE=1. For what is read at import, use ``run_python``."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("datasets.config.HF_DATASETS_OFFLINE", True)


def _fresh_caches(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # All read these anew at each call; see test_hub_server.py::test_caches_do_not_leak.
    monkeypatch.setenv("HF_HOME", str(home))  # for processes the tests start
    for name, folder in (("HF_HUB_CACHE", "hub"), ("HF_ASSETS_CACHE", "assets")):
        monkeypatch.setattr(f"huggingface_hub.constants.{name}", str(home / folder))
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(home / "token"))
    for name, folder in (
        ("HF_DATASETS_CACHE", "datasets"),
        ("DOWNLOADED_DATASETS_PATH", "datasets/downloads"),
        ("EXTRACTED_DATASETS_PATH", "datasets/downloads/extracted"),
        ("HF_MODULES_CACHE", "modules"),
    ):
        monkeypatch.setattr(f"datasets.config.{name}", home / folder)
    # Would ask a host named after the endpoint that does not exist.
    monkeypatch.setattr("datasets.config.USE_PARQUET_EXPORT", False)


def _no_sleep(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    quiet = SimpleNamespace(**{**vars(time), "sleep": lambda s: server.waits.append(s)})
    for module in ("huggingface_hub.utils._http", "huggingface_hub.file_download",
                   "datasets.utils.file_utils"):  # fmt: skip
        monkeypatch.setattr(f"{module}.time", quiet)
    monkeypatch.setattr("datasets.config.SLEEP_TIME_ON_THREADS_SHUTDOWN", 0)


def _forget_clients() -> None:
    """Drop what the process remembers of the hub: open connections and directory listings."""
    from huggingface_hub import HfFileSystem, close_session, hffs

    hffs.invalidate_cache()
    HfFileSystem.clear_instance_cache()
    close_session()
