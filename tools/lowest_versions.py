"""Print the lowest version that is declared of each dependency, as constraints for pip.

``python tools/lowest_versions.py test > lowest.txt`` takes the extras along that are named.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def lowest(extras: list[str]) -> list[str]:
    """Return ``name==version`` of each dependency with a lower bound, those of extras of ours among them."""
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    wanted = [*project["dependencies"]]
    named = [*extras]
    for extra in named:  # grows while it is gone through
        for requirement in project["optional-dependencies"][extra]:
            own = re.fullmatch(r"medqa_kit\[(.*)\]", requirement)
            named += own[1].split(",") if own else []
            wanted += [] if own else [requirement]
    bounds = [re.match(r"([\w.-]+)(?:\[[\w,]+\])?\s*[>=]=\s*([\w.]+)", one) for one in wanted]
    return sorted({f"{bound[1]}=={bound[2]}" for bound in bounds if bound})


if __name__ == "__main__":
    sys.stdout.write("\n".join(lowest(sys.argv[1:])) + "\n")
