"""All speed promises in one run: what each costs, what it is compared with, whether it is met.

    python benchmarks/run.py                          # 100,000 rows, every bar
    python benchmarks/run.py --only records start     # some of them
    python benchmarks/run.py --json figures.json      # the figures, versions and machine as JSON

Ratios of one run, processor time beside the clock. Rows are as long as real exam rows and hold
markup; inputs are shuffled and filtered data sets, streams and archives beside fresh tables.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from measuring import Bar, least, table

SUITES = (
    "start",
    "records",
    "tokens",
    "containers",
    "exclusion",
    "copies",
    "reading",
    "quality",
    "building",
)
_PACKAGES = ("datasets", "pyarrow", "numpy", "numba", "polars", "orjson", "tiktoken",
             "datasketch", "rensa")  # fmt: skip


def machine() -> dict[str, object]:
    """Return what the figures depend on beside the code."""
    versions = {}
    for name in _PACKAGES:
        try:
            versions[name] = version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return {
        "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1),
        "ms for a million turns of a Python loop": round(1000 * least(_turns, times=5)[0][0].cpu),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}", **versions,
    }  # fmt: skip


def _turns() -> int:
    """Take a million turns of a plain loop, by which the seconds of two machines can be compared."""
    total = 0
    for turn in range(1_000_000):
        total += turn
    return total


def main() -> None:
    """Run the suites that are asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--only", nargs="+", choices=SUITES, default=SUITES)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="medqa_kit-bench-") as folder:
        os.environ.update(HF_HOME=f"{folder}/hf", HF_DATASETS_DISABLE_PROGRESS_BARS="1",
                          HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false",
                          # Packages that are installed have their bytecode; so has this one.
                          PYTHONDONTWRITEBYTECODE="", PYTHONPYCACHEPREFIX=f"{folder}/bytecode")  # fmt: skip
        about = machine()
        print(
            ", ".join(f"{key} {value}" for key, value in about.items()),
            f"rows {arguments.rows:,}",
            sep=", ",
        )
        bars = table(_bars(arguments.only, arguments.rows, Path(folder)))
    missed = [bar.name for bar in bars if not bar.met]
    print(
        f"\n{len(bars) - len(missed)} of {len(bars)} bars met",
        *(f"missed: {name}" for name in missed),
        sep="\n",
    )
    if arguments.json:
        figures = {
            "machine": about,
            "rows": arguments.rows,
            "bars": [{**asdict(b), "met": b.met} for b in bars],
        }
        arguments.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), "utf-8")


def _bars(suites: tuple[str, ...], rows: int, folder: Path) -> Iterator[Bar]:
    for name in suites:
        work = folder / name
        work.mkdir()
        yield from importlib.import_module(f"bars.{name}").bars(rows, work)


if __name__ == "__main__":
    main()
