"""Record what every embedded sample becomes: ``python tools/record_bytes.py [NAME…]``.

``tests/golden/sample_bytes.json`` holds two records of each source. ``lock`` gives, for each part,
the rows and the hash of what they say. ``build`` gives, for each split that has questions and
answers, sixteen hex digits of each file of a result: of JSON Lines their bytes, of
Parquet its rows (the bytes depend on the version of pyarrow), and of the manifest what does not
follow from the other files. Read the diff before you commit it.
"""

import hashlib
import json
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import medqa_kit as mk

RECORD = Path(__file__).parents[1] / "tests" / "golden" / "sample_bytes.json"
ON_BAD = "drop"  # some samples hold bad rows on purpose
# The version and the recipe stand in the manifest as they were given, the digests of files are here, and what
# checks find changes with the checks.
NOT_RECORDED = ("digest", "data_digest", "files", "medqa_kit", "quality", "recipe", "recipe_digest")


def recipe(source: mk.Source, split: str) -> dict[str, Any] | None:
    """Return the recipe of one split of a source; ``None`` if no part has questions and answers."""
    parts = [part for part in source.parts if part.split == split]
    asking = [part for part in parts if source.layout_of(part).schema.equals(mk.schemas.QA)]
    if not asking:
        return None
    subsets = [part.subset for part in asking] if len(asking) < len(parts) else [None]
    return {
        "name": source.name,
        "source": [
            {"name": source.name, "split": [split], **({"subset": subset} if subset else {})}
            for subset in subsets
        ],
        "accept": [] if source.terms.research == "yes" else [source.name],
        # Official tests are built, too, so what protects them is left out.
        "holdout": {"without": list(source.protected_by)},
        "split": {"validation": 0.2, "seed": 0},
        "on_bad": ON_BAD,
    }


def recorded(source: mk.Source, folder: Path) -> dict[str, Any]:
    """Return the record of one source.

    Args:
        source: A source with an embedded sample.
        folder: An empty folder for locks, results and caches.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mk.errors.MedQAWarning)
        return {"lock": _lock(source, folder), "build": dict(_builds(source, folder))}


def _lock(source: mk.Source, folder: Path) -> dict[str, str]:
    file = folder / "lock.json"
    mk.lock([source.name], file, origin="sample", on_bad=ON_BAD, cache_dir=folder / "cache")
    parts = json.loads(file.read_text("utf-8"))["sources"][source.name]["parts"]
    return {name: f"{part['rows']} rows, {part['content']}" for name, part in parts.items()}


def _builds(source: mk.Source, folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    for split in source.splits:
        data = recipe(source, split)
        if data is not None:
            out = folder / split
            try:
                mk.build(data, out=out, origin="sample", cache_dir=folder / "cache")
            except mk.errors.RecipeError as error:  # no row of it has an answer
                yield split, {"refused": f"{error.what}: {error.found}"}
                continue
            # Papers are written from the manifest; what they say is tested elsewhere.
            rows = sorted(path for path in out.glob("*/*/*") if path.is_file())
            files = [out / "manifest.json", *sorted(out.glob("*/part-*")), *rows]
            yield split, {file.relative_to(out).as_posix(): _digest(file) for file in files}


def _digest(file: Path) -> str:
    match file.suffix:
        case ".parquet":
            content = _text(_rows(pq.read_table(file)))
        case ".json":
            manifest = json.loads(file.read_text("utf-8"))
            content = _text({key: manifest[key] for key in manifest.keys() - {*NOT_RECORDED}})
        case _:
            content = file.read_bytes()
    return hashlib.sha256(content).hexdigest()[:16]


def _rows(table: pa.Table) -> list[Any]:
    return [[field.name, str(field.type)] for field in table.schema] + table.to_pylist()


def _text(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()


def text(records: dict[str, Any]) -> str:
    """Return the file: a line a part, and a line a file of a result."""
    return json.dumps(records, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main(names: list[str]) -> None:
    records = json.loads(RECORD.read_text("utf-8")) if names else {}
    for source in map(mk.source, names) if names else mk.sources():
        if source.parts:
            with tempfile.TemporaryDirectory() as folder:
                records[source.name] = recorded(source, Path(folder))
    RECORD.write_text(text(records), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
