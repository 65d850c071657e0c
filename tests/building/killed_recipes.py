"""Kill builds of shipped recipes and look at what comes of the next: ``python killed_recipes.py FOLDER KILLS SEED``.

Reads the name of a recipe from each line of standard input. A process that has everything imported counts the calls within the package that a build makes, from its first
source to its last paper, and forks a child for each kill: it kills itself at one of them, chosen at random in
each of KILLS equal stretches. About every second child writes over an earlier result. After each kill the name must
stand for what stood there before, or for the new result, whole; the next build must give equal bytes and clear
everything away.

What is loaded is kept in a cache of its own for each kill, so that loading is killed as well. Prints for each recipe
a line with a JSON object: the folder of a ``whole`` result, whose build was not killed, and what came of the ``kills``.
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
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from tqdm import tqdm

import medqa_kit as mk
from results import file_bytes

PACKAGE = str(Path(mk.__file__).parent)
EARLIER = {"name": "earlier", "source": [{"name": "kormedmcqa", "subset": "doctor"}]}


class Calls:
    """Counts the calls within the package, and kills the process at one of them."""

    def __init__(self, fatal: int | None) -> None:
        self.seen = 0
        self._fatal = fatal

    def __call__(self, frame: FrameType, _: str, __: object) -> None:
        if frame.f_code.co_filename.startswith(PACKAGE):
            self.seen += 1
            if self.seen == self._fatal:
                os.kill(os.getpid(), signal.SIGKILL)


def counted(name: str, folder: Path, fatal: int | None = None) -> int:
    """Build, and return how many calls that took."""
    calls = Calls(fatal)
    sys.settrace(calls)
    try:
        build(name, folder)
    finally:
        sys.settrace(None)
    return calls.seen


def build(recipe: Any, folder: Path) -> None:
    mk.build(recipe, out=folder / "results" / "out", origin="sample", cache_dir=folder / "cache")


def standing(folder: Path) -> dict[str, bytes] | None:
    out = folder / "results" / "out"
    return file_bytes(out) if out.exists() else None


def kills(folder: Path, name: str, number: int, seed: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(f"{seed} {name}")
    first = chance.randrange(2)
    earlier = standing(folder.parent / "earlier")
    steps = counted(name, folder / "whole")
    whole = standing(folder / "whole")
    gc.collect()
    gc.freeze()  # a fork looks through nothing that it shares
    for at in range(number):
        over = (at + first) % 2
        tried, fatal = (
            folder / "tried",
            chance.randrange(at * steps // number, (at + 1) * steps // number) + 1,
        )
        shutil.rmtree(tried, ignore_errors=True)
        tried.mkdir()
        if over:
            shutil.copytree(folder.parent / "earlier" / "results", tried / "results")
        if (child := os.fork()) == 0:
            counted(name, tried, fatal)
            os._exit(0)
        killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        there = standing(tried)
        before = earlier if over else None
        stands = "before" if there == before else "new" if there == whole else "half"
        build(name, tried)
        yield {"step": fatal, "of": steps, "killed": killed, "stands": stands,
               "equal": standing(tried) == whole,
               "left": sorted(path.name for path in (tried / "results").iterdir())}  # fmt: skip


def serve(folder: Path, number: int, seed: int) -> None:
    # Its own lock is shared by forked processes, and a killed one would keep it.
    tqdm.set_lock(threading.RLock())
    build(EARLIER, folder / "earlier")
    for line in sys.stdin:
        name = line.strip()
        outcomes = list(kills(folder / name, name, number, seed))
        whole = folder / name / "whole" / "results" / "out"
        sys.stdout.write(json.dumps({"whole": str(whole), "kills": outcomes}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    where, *numbers = sys.argv[1:]
    serve(Path(where), *map(int, numbers))
