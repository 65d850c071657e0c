"""What a first call in a fresh process costs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from measuring import Bar, Cost, fresh, least, ratio

_EXCLUDE = """
import pyarrow as pa, medqa_kit as mk
from time import perf_counter, process_time
begun = process_time(), perf_counter()
exam = pa.table({"id": ["e/1"], "question": ["Which vitamin prevents scurvy?"]})
mk.exclude(exam, mk.Holdout.from_rows(exam, reason="the exam"))
print(process_time() - begun[0], perf_counter() - begun[1])
"""
_TOOL = "import sys; from medqa_kit.cli import main; sys.argv = ['medqa-kit', {}]; main()"
_FIRST_ROW = "import medqa_kit as mk; mk.load('kormedmcqa', subset='doctor', split='test', origin='sample')[0]"


def bars(rows: int, folder: Path) -> Iterator[Bar]:
    """Compare with ``import datasets``."""
    ways = {
        "import medqa_kit": ("import medqa_kit", 0.2),
        "mk.sources()": ("import medqa_kit as mk; mk.sources()", 0.3),
        "medqa-kit sources": (_TOOL.format("'sources'"), 0.3),
        "medqa-kit show": (_TOOL.format("'show', 'kormedmcqa'"), 0.3),
        "medqa-kit --help": (
            _TOOL.replace("main()", "\ntry: main()\nexcept SystemExit: pass").format("'--help'"),
            0.3,
        ),
        "first row of a sample": (_FIRST_ROW, 1.1),
    }
    nothing, theirs, *ours = least(
        fresh(""), fresh("import datasets"), *(fresh(code) for code, _ in ways.values()), times=5
    )
    fresh(_EXCLUDE)()  # fills the cache of compiled kernels
    for (name, (_, aim)), cost in zip(ways.items(), ours, strict=True):
        less = [
            type(c[0])(c[0].cpu - nothing[0].cpu, c[0].wall - nothing[0].wall)
            for c in (cost, theirs)
        ]
        yield ratio(f"{name} against import datasets", *less, aim=aim, sense="at most")
    seconds = [[float(figure) for figure in fresh(_EXCLUDE)().split()] for _ in range(3)]
    cost = Cost(*map(min, zip(*seconds, strict=True)))
    yield Bar("first exclude of a process", cost.wall, 1.0, "at most", "s", cost)
