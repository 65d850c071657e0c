"""The account of a part closes: read = origins of rows + set aside + left out, or nothing is loaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import medqa_kit as mk
from demo import COLUMNS, demo, folder, jsonl, records
from hub import Hub
from medqa_kit.errors import AccountError, LeftOutWarning
from medqa_kit.loading.part_loading import PartLoader, load_parts
from medqa_kit.loading.preparing.part_folder import PartCounts
from medqa_kit.loading.request import LoadRequest
from medqa_kit.normalizing import RAW_ROW


def early(raw: pa.Table) -> pa.Table:
    return raw.filter(pc.less(raw["year"], 2022))


def late(raw: pa.Table) -> np.ndarray:
    return pc.greater_equal(raw["year"], 2022).to_numpy()


def silent(raw: pa.Table) -> pa.Table:
    """Keep some rows, say of which, and do not count the others."""
    at = pa.array(np.flatnonzero(~late(raw)))
    return COLUMNS(raw.take(at)).append_column(RAW_ROW, at)


def mute(raw: pa.Table) -> pa.Table:
    """Keep some rows, and do not say of which."""
    return COLUMNS(early(raw))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return folder(tmp_path / "files", {"train.jsonl": jsonl(records(8)), "test.jsonl": b""})


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"streaming": True}, {"on_bad": "drop"}, {"view": "raw"}])
def test_a_normalizer_that_loses_rows_in_silence_is_refused(
    hub: Hub, files: Path, options: dict
) -> None:
    with pytest.raises(AccountError) as caught:
        list(mk.load(demo(normalize=silent), split="train", path=files, **options))
    assert (caught.value.source, caught.value.part) == ("demo_exam", "train")
    assert "8 raw rows" in caught.value.expected
    assert "4 without either, the first at 2 of the batch" in caught.value.found


def test_a_normalizer_that_does_not_say_what_rows_are_made_of_is_refused(
    hub: Hub, files: Path
) -> None:
    with pytest.raises(AccountError, match=rf"8 rows(.|\n)*4 rows(.|\n)*{RAW_ROW}"):
        mk.load(demo(normalize=mute), split="train", path=files)


def test_rows_that_are_counted_may_be_absent(hub: Hub, files: Path) -> None:
    warned = demo(normalize=silent, left_out=lambda raw: {"too_late": late(raw)})
    with pytest.warns(LeftOutWarning, match="4 too_late"):
        data = mk.load(warned, split="train", path=files)
    quiet = demo(normalize=silent, passed_over=lambda raw: {"too_late": late(raw)})
    assert mk.load(quiet, split="train", path=files)["id"][:] == data["id"][:]
    request = LoadRequest(origin="path", path=files)
    (part,) = load_parts(quiet, request, PartLoader(), split="train")
    report = part.report
    assert (report.read, report.made, report.origins, report.absent) == (8, 4, 4, 4)
    assert (report.left_out, report.passed_over) == ({}, {"too_late": 4})


@pytest.mark.parametrize("count", [lambda _: {"late": 4}, lambda _: {"late": np.ones(3)}])
def test_a_count_that_is_not_one_of_each_row_is_refused(hub: Hub, files: Path, count) -> None:
    with pytest.raises(AccountError, match=r"not counted for each raw row(.|\n)*numbers a reason"):
        mk.load(demo(normalize=silent, passed_over=count), split="train", path=files)


def test_rows_counted_for_no_reason_of_theirs_are_refused(hub: Hub, files: Path) -> None:
    with pytest.raises(AccountError, match="4 without either"):
        mk.load(demo(normalize=silent, left_out=lambda raw: {"late": ~late(raw)}), split="train",
                path=files)  # fmt: skip


@pytest.mark.parametrize(
    "counts",
    [PartCounts(9, 8, 8, 0), PartCounts(8, 8, 7, 0, {"label": 2}), PartCounts(8, 9, 8, 0)],
)
def test_counts_that_do_not_close_are_refused_with_figures(counts: PartCounts) -> None:
    with pytest.raises(AccountError, match=f"{counts.read} raw rows read") as caught:
        counts.refuse_open(8, source="demo_exam", part="train")
    assert (caught.value.source, caught.value.part) == ("demo_exam", "train")
    PartCounts(9, 8, 7, 1, {"label": 1}).refuse_open(8, source="demo_exam", part="train")
