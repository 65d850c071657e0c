"""What is on this machine, and what it takes to get the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

import medqa_kit as mk
from medqa_kit.cli import main

SAMPLES = Path(mk.__file__).parent / "samples"


def state(name: str):
    return next(status for status in mk.status() if status.name == name)


def test_nothing_is_cached_at_first(hub) -> None:
    assert len(mk.status()) == len(mk.sources())
    for status in mk.status():
        source = mk.source(status.name)
        assert status.state == {"hub": "on the hub", "gated": "needs a token", "manual": "needs path=",
                             "no-data": "not public", "model": "holds no rows",
                             "no-rows": "holds no rows"}[source.access]  # fmt: skip
        assert (status.rows, status.bytes) == (0, 0)


@pytest.mark.slow
def test_loading_shows(hub) -> None:
    source = mk.source("kormedmcqa")
    hub.repo(source.at.repo).commit(source.at.revision, SAMPLES / "kormedmcqa")
    with pytest.warns(mk.errors.RowCountWarning):
        rows = mk.load("kormedmcqa", split="test").num_rows
    assert state("kormedmcqa").state == "partly cached"
    assert state("kormedmcqa").rows == rows
    assert state("kormedmcqa").bytes > 0
    with pytest.warns(mk.errors.RowCountWarning):
        mk.load("kormedmcqa")
    assert state("kormedmcqa").state == "cached"


def test_samples_do_not_count(hub) -> None:
    mk.load("kormedmcqa", origin="sample")
    assert state("kormedmcqa").state == "on the hub"
    assert (state("kormedmcqa").rows, state("kormedmcqa").bytes) == (0, 0)


KINDS = {  # a source of each kind: what it takes, and whether a lockfile can record it now
    "kormedmcqa": ("on the hub", True),
    "medical_training_dataset": ("on the hub", True),  # floating: the commit seen is recorded
    "oscar_ko": ("needs a token", False),
    "komep": ("needs path=", False),
    "aihub_medical_speech": ("not public", False),
    "medgemma": ("holds no rows", False),
}


@pytest.mark.parametrize("name", KINDS)
def test_what_each_kind_of_source_takes(hub, name: str) -> None:
    assert (state(name).state, state(name).lockable) == KINDS[name]


def test_what_is_needed_is_what_loading_asks_for(hub, tmp_path: Path) -> None:
    for name, error in (
        ("komep", mk.errors.ManualDownloadError),
        ("medgemma", mk.errors.NoDataError),
    ):
        with pytest.raises(error):
            mk.load(name)
        with pytest.raises(error):
            mk.lock([name], tmp_path / "medqa.lock")


@pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")
def test_files_fetched_by_hand_are_cached_and_lockable(hub, tmp_path: Path) -> None:
    data = mk.load("komep", split="train", path=SAMPLES / "komep")
    status = state("komep")
    assert (status.state, status.lockable, status.rows) == ("cached", True, data.num_rows)
    locked = mk.lock(["komep"], tmp_path / "medqa.lock", paths={"komep": SAMPLES / "komep"})
    assert locked["sources"]["komep"]["parts"]["train"]["rows"] == data.num_rows


@pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")
def test_rows_and_bytes_are_those_on_disk(hub) -> None:
    before = state("extreme_firstaid")
    hub.repo("ericrisco/medical-training-dataset").commit("e" * 40, SAMPLES / "extreme_firstaid")
    data = mk.load("extreme_firstaid", split="train")
    status = state("extreme_firstaid")
    assert (before.rows, before.bytes) == (0, 0)
    assert status.rows == data.num_rows == 13
    on_disk = sum(Path(file["filename"]).stat().st_size for file in data.cache_files)
    assert 0.5 * on_disk <= status.bytes <= on_disk, "the file holds a schema and paddings too"
    mk.load("extreme_firstaid", split="train", view="raw")
    assert state("extreme_firstaid").rows == 2 * status.rows, "another view takes its own place"


def test_asking_makes_no_request(hub) -> None:
    mk.status()
    assert not hub.requests


def test_it_prints(hub, capsys) -> None:
    assert main(["status"]) == 0
    out = capsys.readouterr().out
    assert "kormedmcqa" in out
    head, _, *lines, last = out.splitlines()
    assert head.split("  ")[0] == "name"
    assert [h.strip() for h in head.split("  ") if h] == [
        "name", "state", "lockable", "rows on disk", "bytes on disk"
    ]  # fmt: skip
    assert [line.split()[0] for line in lines] == [source.name for source in mk.sources()]
    assert last == f"0 of {len(mk.sources())} cached"
    for words in ("on the hub", "needs a token", "needs path=", "not public"):
        assert words in out
    assert "<table>" in mk.status()._repr_html_()
