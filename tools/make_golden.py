"""Write the golden files of sources: ``python tools/make_golden.py [NAME…]``.

A golden file shows, for each row of a source's embedded sample, the raw row and what it becomes.
Read the diff before you commit it. When raw rows stayed as they were and normalised rows changed,
the source's ``version`` must have been raised, or the file is not written.
"""

import hashlib
import json
import sys
from functools import cache
from pathlib import Path

import medqa_kit as mk
from medqa_kit.loading.planner import part_plans
from medqa_kit.loading.readers.read_files import read_files
from medqa_kit.loading.request import LoadRequest

GOLDEN = Path(__file__).parents[1] / "tests" / "golden" / "entries"
LEDGER = GOLDEN / "versions.json"


def golden(source: mk.Source) -> list[dict]:
    """Give, part by part, each raw row of the sample and the rows made of it."""
    return _golden(source.name)


@cache
def _golden(name: str) -> list[dict]:
    source = mk.source(name)
    return [
        {"part": one.part.name, "raw": raw.to_pylist()[0], "rows": _made(one, raw)}
        for one in part_plans(source, source.parts, LoadRequest(origin="sample"))
        for batch in read_files(
            one.supply.download(), one.layout, source=source.name, part=one.part.name
        )
        for raw in (batch.table.slice(i, 1) for i in range(batch.table.num_rows))
    ]


def _made(one, raw) -> list[dict]:
    try:
        return [
            {key: value for key, value in row.items() if value is not None}
            for row in one.kernel(raw).to_pylist()
        ]
    except mk.errors.RowError as error:
        return [{"set aside": error.reason}]


def text(source: mk.Source) -> str:
    """Give the golden file of a source: JSON, one line a raw row, one a normalised row."""
    return "".join(
        f"{json.dumps(one, ensure_ascii=False, indent=1, default=str)}\n" for one in golden(source)
    )


def digests(source: mk.Source) -> dict[str, str]:
    """Hash raw and normalised rows, for the ledger."""
    found = golden(source)
    return {key: _sha([one[key] for one in found]) for key in ("raw", "rows")}


def _sha(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, default=str).encode()).hexdigest()[
        :16
    ]


def ledger() -> dict[str, dict[str, dict[str, str]]]:
    return json.loads(LEDGER.read_text("utf-8")) if LEDGER.exists() else {}


def main(names: list[str]) -> None:
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for source in map(mk.source, names) if names else mk.sources():
        if not source.parts:
            continue
        known, found, version = ledger(), digests(source), str(source.version)
        before = known.get(source.name, {}).get(version)
        if before and before["raw"] == found["raw"] and before["rows"] != found["rows"]:
            sys.exit(f"{source.name}: rows changed, so raise its version and write a line under Data "
                     "in CHANGELOG.md")  # fmt: skip
        known.setdefault(source.name, {})[version] = found
        (GOLDEN / f"{source.name}.json").write_text(text(source), encoding="utf-8")
        LEDGER.write_text(
            json.dumps(dict(sorted(known.items())), indent=1) + "\n", encoding="utf-8"
        )
        print(f"{source.name}: version {version}")


if __name__ == "__main__":
    main(sys.argv[1:])
