"""Checks of rows, shares of scripts, and figures held against each other; on one core."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import regex
from exam_rows import exam_rows
from measuring import Bar, least, rate, ratio

import medqa_kit as mk
from medqa_kit.quality.script_counts import script_counts

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
from mutations import dosed_pairs

_HANGUL, _LATIN = regex.compile(r"\p{Hangul}"), regex.compile(r"\p{Latin}")


def bars(rows: int, folder: Path) -> Iterator[Bar]:
    """Measure processor time, so that a loaded machine says the same."""
    table = exam_rows(rows)
    mk.validate(table.slice(0, 1_000))
    ((cost, _),) = least(lambda: mk.validate(table), times=3)
    yield rate("validate, every check, one pass", rows, cost, aim=80_000)
    texts = table["question"]
    listed = texts.to_pylist()
    (ours, counted), (theirs, expected) = least(
        lambda: script_counts(texts),
        lambda: [(len(_HANGUL.findall(t)), len(_LATIN.findall(t))) for t in listed],
    )
    assert (
        list(zip(counted.of("hangul").tolist(), counted.of("latin").tolist(), strict=True))
        == expected
    )
    yield ratio(
        "letters of nine scripts against regex.findall for two",
        ours,
        theirs,
        aim=4,
        sense="at least",
    )
    pairs = dosed_pairs(rows)
    for sentences in (1, 3):
        whole = [pairs[at : at + sentences] for at in range(0, rows - sentences + 1, sentences)]
        held = pa.table({name: [" ".join(pair[place] for pair in some) for some in whole]
                         for place, name in enumerate(("text", "made"))})  # fmt: skip
        kernel = mk.SameNumbers("text", "made", on_bad="keep")
        ((cost, (_, report)),) = least(lambda: kernel.run(held), times=3)  # noqa: B023  # run at once
        assert not len(report.findings)
        yield rate(f"figures of pairs of {sentences} sentence{'s' * (sentences > 1)}", len(held), cost,
                   aim=30_000, unit="pairs/s")  # fmt: skip
