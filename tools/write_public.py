"""Write the block of ``src/medqa_kit/__init__.py`` that tells type checkers of the public names.

``python tools/write_public.py`` after changing ``_HOMES``; a test fails when the two differ.
"""

import re
from pathlib import Path

FILE = Path(__file__).parents[1] / "src" / "medqa_kit" / "__init__.py"


def text() -> str:
    source = FILE.read_text("utf-8")
    homes: dict[str, tuple[str, ...]] = {}
    block = re.search(r"^_HOMES = (\{.*?^\})", source, re.DOTALL | re.MULTILINE)
    assert block
    exec(f"homes.update({block[1]})", {"homes": homes})
    modules = re.findall(r"\w+", re.search(r"^_MODULES = \((.*)\)", source, re.MULTILINE)[1])
    lines = [f"    from medqa_kit import {name} as {name}" for name in sorted(modules)]
    lines += sorted(
        (
            f"    from {home} import {name} as {name}"
            for home, names in homes.items()
            for name in names
        ),
        key=order,
    )
    begin, end = source.index("if TYPE_CHECKING:\n"), source.index("\n_HOMES = ")
    return f"{source[:begin]}if TYPE_CHECKING:\n" + "\n".join(lines) + "\n" + source[end:]


def order(line: str) -> tuple[str, int, str]:
    """Sort as ruff's isort does: by module, then constants, classes, functions."""
    _, home, _, name, *_ = line.split()
    return home, 0 if name.isupper() else 1 if name[0].isupper() else 2, name


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
