"""Kill remixes and look at what stands: ``python killed_remixes.py FOLDER CALLS EVERY SEED``.

A process that has everything imported builds a result and makes it anew by a changed recipe. Then it forks a
child for each kill: CALLS of them kill themselves at a call within the package, each in one of as many equal
stretches, and others at each EVERY-th line of the finish and at those between two renames. Every second child
writes over the result, the others beside it. After each kill the name must stand for the earlier result or for
the new one, whole, and the next remix must make what one that was not killed makes and clear everything away.
Prints one JSON object a kill.
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
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from killed_builds import Steps
from killed_recipes import Calls
from tqdm import tqdm

import medqa_kit as mk
from medqa_kit.building.output.file_digests import CHECKSUMS, MANIFEST
from results import file_bytes

FIRST: dict[str, Any] = {
    "name": "mine", "source": [{"name": "kormedmcqa", "subset": "doctor"}, {"name": "ultrachat_200k"}],
}  # fmt: skip
CHANGED = FIRST | {
    "split": {"validation": 0.4}, "seed": 3, "mix": {"by": "chars"},
    "format": [{"as": "chat", "record": "trl/messages"}, {"as": "plain", "record": "text"}],
}  # fmt: skip
NAMES = ("out", "other")


def built(folder: Path) -> None:
    mk.build(
        FIRST,
        out=folder / "results" / "out",
        origin="sample",
        cache_dir=folder / "cache",
        quiet=True,
    )


def remixed(folder: Path, name: str) -> None:
    results = folder / "results"
    mk.remix(results / "out", CHANGED, to=results / name, cache_dir=folder / "cache", quiet=True)


def watched(folder: Path, name: str, watch: Any) -> Any:
    """Remix while a function is told of all that runs."""
    sys.settrace(watch)
    try:
        remixed(folder, name)
    finally:
        sys.settrace(None)
    return watch


def content(folder: Path, name: str) -> dict[str, bytes] | None:
    path = folder / "results" / name
    return file_bytes(path) if path.exists() else None


def rows_of(files: dict[str, bytes] | None) -> dict[str, bytes]:
    """Leave out what says which result was there before."""
    return {name: data for name, data in (files or {}).items() if name not in (MANIFEST, CHECKSUMS)}


def copy_of(first: Path, place: Path) -> Path:
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(first, place)
    return place


def one_kill(first: Path, place: Path, name: str, watch: Callable[[], Any],
             whole: dict[str, Any]) -> dict[str, Any]:  # fmt: skip
    tried = copy_of(first, place)
    if (child := os.fork()) == 0:
        watched(tried, name, watch())
        os._exit(0)
    killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    there, before = content(tried, name), content(first, name)
    stands = "before" if there == before else "new" if there == whole[name] else "half"
    remixed(tried, name)
    again = content(tried, name)
    equal = again == whole[name] if stands == "before" else rows_of(again) == rows_of(whole[name])
    return {"name": name, "killed": killed, "stands": stands, "equal": equal,
            "left": sorted(path.name for path in (tried / "results").iterdir())}  # fmt: skip


def kills(folder: Path, calls: int, every: int, seed: int) -> Iterator[dict[str, Any]]:
    # Its own lock is shared by forked processes, and a killed one would keep it.
    tqdm.set_lock(threading.RLock())
    chance = random.Random(seed)
    built(folder / "first")
    first, whole, total, lines = folder / "first", {}, {}, {}
    for name in NAMES:
        remixed(copy_of(first, folder / name), name)
        whole[name] = content(folder / name, name)
        total[name] = watched(copy_of(first, folder / name), name, Calls(None)).seen
        lines[name] = watched(copy_of(first, folder / name), name, Steps(None)).seen
        assert content(folder / name, name) == whole[name]
    gc.collect()
    gc.freeze()  # a fork looks through nothing that it shares
    for at in range(calls):
        name = NAMES[at % len(NAMES)]
        fatal = chance.randrange(at * total[name] // calls, (at + 1) * total[name] // calls) + 1
        yield one_kill(first, folder / "tried", name, lambda n=fatal: Calls(n), whole) | {
            "call": fatal
        }  # type: ignore[misc]
    for name in NAMES:
        for number, (function, line) in enumerate(lines[name]):
            if number % every == 0 or function == "_replace_in_two_steps":
                yield one_kill(first, folder / "tried", name, lambda n=number: Steps(n), whole) | {
                    "line": line
                }  # type: ignore[misc]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    where, *numbers = sys.argv[1:]
    for killed in kills(Path(where), *map(int, numbers)):
        sys.stdout.write(json.dumps(killed) + "\n")
        sys.stdout.flush()
