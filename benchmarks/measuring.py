"""What work costs: processor time beside time by the clock, and bars that say what it may cost."""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeVar

_T = TypeVar("_T")


class Cost(NamedTuple):
    """Seconds of processor time of all threads and of child processes, and seconds by the clock."""

    cpu: float
    wall: float


@dataclass(frozen=True)
class Bar:
    """One measured figure and what it should be.

    Attributes:
        name: What is compared with what.
        value: The figure; a ratio unless ``unit`` says otherwise.
        aim: What it should reach or stay below.
        sense: Whether it should be ``"at least"`` or ``"at most"`` the aim.
        unit: Such as ``"rows/s"``; ``"×"`` for ratios.
        ours: What ours cost.
        theirs: What the other way cost, if there is one.
    """

    name: str
    value: float
    aim: float
    sense: Literal["at least", "at most"]
    unit: str = "×"
    ours: Cost | None = None
    theirs: Cost | None = None

    @property
    def met(self) -> bool:
        """Whether the figure reaches its aim."""
        return self.value >= self.aim if self.sense == "at least" else self.value <= self.aim


def least(*ways: Callable[[], Any], times: int = 3) -> list[tuple[Cost, Any]]:
    """Run ways to do the same in turns; return the least cost of each and what it last made.

    In turns, since other work on a machine slows either by more than they may differ.
    """
    costs: list[list[Cost]] = [[] for _ in ways]
    results: list[Any] = [None] * len(ways)
    for _ in range(times):
        for place, way in enumerate(ways):
            results[place] = None
            gc.collect()
            cost, results[place] = once(way)
            costs[place].append(cost)
    return [
        (Cost(min(c.cpu for c in costs[i]), min(c.wall for c in costs[i])), results[i])
        for i in range(len(ways))
    ]


def once(way: Callable[[], _T]) -> tuple[Cost, _T]:
    """Run something and return its cost and what it made."""
    cpu, wall = _cpu(), time.perf_counter()
    result = way()
    return Cost(_cpu() - cpu, time.perf_counter() - wall), result


def fresh(code: str, *, env: Mapping[str, str] | None = None) -> Callable[[], str]:
    """Return a way to run code in a process of its own."""
    return command([sys.executable, "-c", code], env=env)


def command(words: Sequence[str], *, env: Mapping[str, str] | None = None) -> Callable[[], str]:
    """Return a way to run a command."""
    return lambda: (
        subprocess.run(
            words,
            check=True,
            capture_output=True,
            text=True,
            env=None if env is None else dict(env),
        ).stdout
    )


def ratio(name: str, ours: Cost, theirs: Cost, *, aim: float, sense: Literal["at least", "at most"],
          clock: Literal["cpu", "wall"] = "cpu") -> Bar:  # fmt: skip
    """Compare two costs: how many times as fast ours is, or how many times as long it may take."""
    mine, other = getattr(ours, clock), getattr(theirs, clock)
    value = other / mine if sense == "at least" else mine / other
    return Bar(name if clock == "cpu" else f"{name}, by the clock", value, aim, sense, ours=ours,
               theirs=theirs)  # fmt: skip


def rate(name: str, rows: int, cost: Cost, *, aim: float, unit: str = "rows/s",
         clock: Literal["cpu", "wall"] = "cpu") -> Bar:  # fmt: skip
    """Return how much is done in a second."""
    return Bar(name, rows / getattr(cost, clock), aim, "at least", unit, ours=cost)


def table(bars: Iterator[Bar]) -> list[Bar]:
    """Print each bar when it is there, as a row of a Markdown table; return them all."""
    print("| what | value | aim | met | ours: processor, clock | theirs: processor, clock |")
    print("| --- | ---: | ---: | --- | ---: | ---: |")
    shown = []
    for bar in bars:
        shown.append(bar)
        print(row(bar), flush=True)
    return shown


def row(bar: Bar) -> str:
    """Return a bar as a row of a table."""
    sign = "≥" if bar.sense == "at least" else "≤"
    costs = (f"{c.cpu:.2f} s, {c.wall:.2f} s" if c else "" for c in (bar.ours, bar.theirs))
    cells = (bar.name, f"{_figure(bar.value)} {bar.unit}", f"{sign} {_figure(bar.aim)}",
             "yes" if bar.met else "**no**", *costs)  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _cpu() -> float:
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
