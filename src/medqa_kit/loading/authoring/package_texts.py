"""The texts of a package that holds one source."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from medqa_kit._version import __version__
from medqa_kit.catalog import Hub, Layout, Reading, Source
from medqa_kit.loading.authoring.source_code import schema_code, value_code
from medqa_kit.schemas import schema_name

_PROJECT = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "0.1.0"
description = "A source for medqa_kit: {title}"
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["medqa_kit>={version}"]

[project.optional-dependencies]
test = ["pytest"]

[project.entry-points."medqa_kit.sources"]
{name} = "{name}:SOURCE"

[tool.hatch.build.targets.wheel]
packages = ["src/{name}"]

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["src"]
"""

_MODULE = '''"""{title}: say where the rows come from, show an invented raw row, and say what is odd about them."""

import pyarrow as pa

import medqa_kit as mk
from medqa_kit.catalog import {names}

SOURCE = mk.Source(
    name="{name}",
    title="{title}",
    about="{about}",
    language={language},
    layout=Layout(
        at={at},
        files={files!r},
        raw={raw},
        schema=mk.schemas.{schema},
        normalize=mk.{kernel},{read}
        extra="ignore",
        repeats={repeats},
    ),
    parts=({part},),  # rows: how many upstream has, once it is known
    license=({claim},),
    citation="""{citation}""",
)
'''

_TEST = '''"""The source keeps the contract of medqa_kit, and makes the rows that stand in golden.json.

After a change that is meant, ``python tests/test_{name}.py`` writes the golden rows anew: read the difference.
"""

import json
import tempfile
import warnings
from pathlib import Path

import medqa_kit as mk
from {name} import SOURCE

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "src" / "{name}" / "sample"
GOLDEN = HERE / "golden.json"


def rows(cache_dir):
    """The rows of the sample, by split."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mk.errors.MedQAWarning)
        loaded = mk.load(SOURCE, path=SAMPLE, cache_dir=cache_dir)
    return {{split: list(part) for split, part in loaded.items()}}


def test_the_source_keeps_the_contract(tmp_path):
    report = mk.check_source(SOURCE, path=SAMPLE, cache_dir=tmp_path)
    assert not len(report.findings), report


def test_the_rows_are_the_golden_ones(tmp_path):
    assert rows(tmp_path) == json.loads(GOLDEN.read_text("utf-8"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        GOLDEN.write_text(json.dumps(rows(folder), ensure_ascii=False, indent=1) + "\\n", "utf-8")
'''

_README = """# {title}

{about}

```python
import medqa_kit as mk

mk.load("{name}", split="{split}"{where})
```

| | |
|---|---|
| language | {languages} |
| schema | `{schema}` |
| licence | {license} |

## What is odd

Say here what upstream got wrong, and what the source does about it.
"""


def package_texts(source: Source, sample: str, golden: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Return the texts of the files of a package, by path.

    Args:
        source: With one part, and a kernel of :class:`~medqa_kit.normalizing.own_columns.OwnColumns`.
        sample: Name of the file of the sample.
        golden: What its rows become.
    """
    layout, (part,) = source.layout, source.parts
    assert isinstance(layout, Layout)
    (claim,) = source.license
    on_hub = isinstance(layout.at, Hub)
    read = "" if layout.read == Reading() else f"\n        read={value_code(layout.read)},"
    names = ["Claim", "Hub" if on_hub else "Manual", "Layout", "Part", *["Reading"] * bool(read)]
    facts = {
        "name": source.name, "title": source.title, "about": source.about, "version": __version__,
        "split": part.split, "languages": ", ".join(source.language),
        "schema": schema_name(layout.schema), "license": claim.license or "not stated",
        "where": "" if on_hub else f', path="{sample}"',
    }  # fmt: skip
    module = _MODULE.format(
        **facts | {"schema": schema_name(layout.schema).upper(), "language": source.language},
        names=", ".join(names), at=value_code(layout.at), files=layout.files,
        raw=schema_code(layout.raw, " " * 8), kernel=value_code(layout.normalize), read=read,
        repeats=layout.repeats, part=value_code(part), claim=value_code(claim), citation=source.citation,
    )  # fmt: skip
    return {
        "README.md": _README.format(**facts),
        "pyproject.toml": _PROJECT.format(**facts),
        f"src/{source.name}/__init__.py": module,
        f"tests/test_{source.name}.py": _TEST.format(**facts),
        "tests/golden.json": json.dumps({part.split: list(golden)}, ensure_ascii=False, indent=1) + "\n",
    }  # fmt: skip
