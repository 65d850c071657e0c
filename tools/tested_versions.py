"""Write the versions that the tests were run with: ``python tools/tested_versions.py``, where they passed.

``constraints.txt`` has a line for each distribution that the package and its extras ask for:
``pip install -c constraints.txt '.[fast,xlsx]'`` installs what was tested.
"""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
FILE = ROOT / "constraints.txt"
NOT_FOR_USERS = ("dev", "docs", "test", "trainers")


def declared() -> dict[str, Requirement]:
    """Return what the package and the extras for users ask for, as ``pyproject.toml`` says it, by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = (
        needs
        for name, needs in project["optional-dependencies"].items()
        if name not in NOT_FOR_USERS
    )
    lines = [*project["dependencies"], *(line for needs in extras for line in needs)]
    requirements = [Requirement(line) for line in lines if not line.startswith("medqa_kit")]
    return {canonicalize_name(each.name): each for each in requirements}


def text() -> str:
    """Return the file for what is installed here; local parts of versions are left out."""
    lines = (f"{name}=={re.sub(r'[+].*', '', version(name))}" for name in sorted(declared()))
    head = (
        "# Versions that the tests were run with, by tools/tested_versions.py. For pip install -c."
    )
    return "\n".join([head, *lines]) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
