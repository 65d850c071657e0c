"""Kill builds and look at what stands: ``python killed_builds.py FOLDER EVERY MOMENTS SEED``.

A process that has everything imported builds once, and forks a child for each kill. Children kill
themselves at a step of the finish, or are killed at a random moment. After each kill the name must
stand for the earlier result or the new one, whole, and the next build must give equal bytes and clear
everything away. Steps are the lines that a finish runs through, as Python's tracing tells them. Where
two names cannot be exchanged in one step, the earlier result may stand aside until the next build:
that is tried as well, by taking the system's call away.

Kills at each EVERY-th step and at those between two renames, and at MOMENTS random moments. Prints one
JSON object a kill.
"""

from __future__ import annotations

import gc
import json
import os
import random
import shutil
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from tqdm import tqdm

import medqa_kit as mk
from medqa_kit.building import folder_lock, result_folder
from medqa_kit.core import atomic
from results import file_bytes

FILES = {module.__file__ for module in (folder_lock, result_folder, atomic)}
NEW = {"name": "new", "source": [{"name": "kormedmcqa", "subset": "doctor"}]}
EARLIER = NEW | {"name": "earlier", "about": "This one stood there before."}
VARIANTS = ("exchange", "two renames", "nothing earlier")


def build(recipe: dict[str, Any], out: Path) -> None:
    mk.build(recipe, out=out, origin="sample", cache_dir=out.parents[1] / "cache")


def content(folder: Path) -> dict[str, bytes] | None:
    if not folder.exists():
        return None
    return file_bytes(folder)


class Steps:
    """Counts the lines of a finish, and kills the process at one of them."""

    def __init__(self, fatal: int | None) -> None:
        self.seen: list[tuple[str, int]] = []
        self._fatal = fatal
        self._finishing = False

    def __call__(self, frame: FrameType, event: str, _: object) -> Steps | None:
        if frame.f_code.co_filename not in FILES:
            return None
        if frame.f_code.co_name == "_put_in_place":
            self._finishing = True
        step = (frame.f_code.co_name, frame.f_lineno)
        if self._finishing and event == "line" and step not in self.seen:
            if len(self.seen) == self._fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            self.seen.append(step)
        return self


def traced(out: Path, fatal: int | None) -> list[tuple[str, int]]:
    """Build while every line of the finish is watched, those of contexts entered before as well."""
    steps = Steps(fatal)
    sys.settrace(steps)
    try:
        build(NEW, out)
    finally:
        sys.settrace(None)
    return steps.seen


def prepared(folder: Path, variant: str, earlier: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    if variant != "nothing earlier":
        shutil.copytree(earlier, folder / "out")
    atomic._exchange.cache_clear()
    if variant == "two renames":
        atomic.ctypes.CDLL = no_library
    return folder / "out"


def no_library(*_: object, **__: object) -> None:
    raise OSError("no library")


def killed_at_step(out: Path, step: int) -> bool:
    if (child := os.fork()) == 0:
        traced(out, step)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def killed_at_moment(out: Path, seconds: float) -> bool:
    if (child := os.fork()) == 0:
        build(NEW, out)
        os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def outcome(out: Path, variant: str, results: dict[str, dict[str, bytes] | None]) -> dict[str, Any]:
    standing = content(out)
    aside = [content(path) for path in out.parent.glob(".out.earlier-*")]
    if standing is None and aside == [results["earlier"]]:
        stands = "aside"
    else:
        stands = next((name for name, content in results.items() if content == standing), "half")
    build(NEW, out)
    left = sorted(path.name for path in out.parent.iterdir())
    return {"variant": variant, "stands": stands, "equal": content(out) == results["new"],
            "left": left}  # fmt: skip


def kills(folder: Path, every: int, moments: int, seed: int) -> Iterator[dict[str, Any]]:
    # Its own lock is shared by forked processes, and a killed one would keep it.
    tqdm.set_lock(threading.RLock())
    chance = random.Random(seed)
    build(EARLIER, folder / "results" / "earlier")
    build(NEW, folder / "results" / "new")
    begin = time.monotonic()
    build(NEW, folder / "results" / "again")
    took = time.monotonic() - begin
    results = {name: content(folder / "results" / name) for name in ("earlier", "new")}
    results["nothing"] = None
    gc.collect()
    gc.freeze()  # a fork looks through nothing that it shares
    library = atomic.ctypes.CDLL
    for variant in VARIANTS:
        steps = traced(prepared(folder / "tried", variant, folder / "results" / "earlier"), None)
        chosen = [number for number, (function, _) in enumerate(steps)
                  if number % every == 0 or function == "_replace_in_two_steps"]  # fmt: skip
        for number in chosen:
            out = prepared(folder / "tried", variant, folder / "results" / "earlier")
            assert killed_at_step(out, number)
            yield outcome(out, variant, results) | {"step": steps[number]}
        atomic.ctypes.CDLL = library
    for number in range(moments):
        variant = VARIANTS[number % len(VARIANTS)]
        out = prepared(folder / "tried", variant, folder / "results" / "earlier")
        moment = chance.uniform(0, took * 1.2)
        if killed_at_moment(out, moment):
            yield outcome(out, variant, results) | {"moment": moment}
        atomic.ctypes.CDLL = library


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    where, *numbers = sys.argv[1:]
    for killed in kills(Path(where), *map(int, numbers)):
        sys.stdout.write(json.dumps(killed) + "\n")
        sys.stdout.flush()
