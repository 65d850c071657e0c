"""The stages of a build in a log file, and the room it asks for before it writes."""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

import medqa_kit as mk
from many_rows import many_rows, many_rows_recipe
from medqa_kit.errors import ArgumentError, StorageError
from results import file_bytes

RECIPE = {"name": "small", "source": [{"name": "kormedmcqa", "subset": "doctor"}]}


@pytest.mark.slow
def test_each_stage_has_a_line_in_the_log_and_none_of_it_is_in_the_result(
    hub, tmp_path: Path, capsys
) -> None:
    log = tmp_path / "stages.log"
    told = mk.build(RECIPE, out=tmp_path / "told", origin="sample", log=log, quiet=True)
    assert capsys.readouterr().err == ""
    lines = [line.split(" ", 1)[1] for line in log.read_text("utf-8").splitlines()]
    stages = [line.partition(":")[0] for line in lines]
    assert stages == ["make holdouts", "read", "hold out", "look at conditions", "split",
                      "write", "look for faults", "finish"]  # fmt: skip
    assert lines[2].startswith("hold out: 4 rows in ")
    assert [each["stage"] for each in told.stages] == stages
    assert told.stages[2]["rows"] == 4
    assert json.loads(told.to_json())["stages"] == [*told.stages]
    assert all(each["seconds"] >= 0 for each in told.stages)
    untold = mk.build(RECIPE, out=tmp_path / "untold", origin="sample")
    assert file_bytes(told.path) == file_bytes(untold.path)
    mk.build(RECIPE, out=tmp_path / "told", origin="sample", log=log)
    assert len(log.read_text("utf-8").splitlines()) == 2 * len(lines)


@pytest.mark.slow
def test_what_is_measured_has_its_rows_and_rate_in_the_log(hub, tmp_path: Path) -> None:
    recipe = RECIPE | {"mix": {"by": "chars"}, "split": {"validation": 0}}
    mk.build(recipe, out=tmp_path / "out", origin="sample", log=tmp_path / "stages.log", quiet=True)
    (line,) = [line for line in (tmp_path / "stages.log").read_text("utf-8").splitlines() if " measure: " in line]  # fmt: skip
    assert re.search(
        r" measure: \d rows in [\d.]+ s, [\d,]+ rows/s; [\d.]+ s of CPU(; [\d,]+ MB of its own)?(; with mapped files [\d,]+ MB at most so far)?$",
        line,
    )


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the system does not list running processes")
def test_each_stage_says_what_its_processes_worked(hub, tmp_path: Path) -> None:
    recipe = many_rows_recipe(many_rows(tmp_path / "own.jsonl", 6_000))
    begin = time.process_time()
    told = mk.build(recipe, out=tmp_path / "out", origin="sample", processes=2, quiet=True)
    own = time.process_time() - begin
    assert all(each["cpu_seconds"] >= 0 for each in told.stages)
    assert sum(each["cpu_seconds"] for each in told.stages) > own + 0.1, "its workers count"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the system does not say it")
def test_each_stage_says_how_much_memory_the_process_has_had(hub, tmp_path: Path) -> None:
    mk.build(RECIPE, out=tmp_path / "out", origin="sample", log=tmp_path / "stages.log", quiet=True)
    lines = (tmp_path / "stages.log").read_text("utf-8").splitlines()
    numbers = [
        re.search(r"; ([\d,]+) MB of its own; with mapped files ([\d,]+) MB at most so far$", line)
        for line in lines
    ]
    own, peaks = (
        [int(number[at].replace(",", "")) for number in numbers if number] for at in (1, 2)
    )
    assert len(peaks) == 8
    assert all(30 < now <= most for now, most in zip(own, peaks, strict=True))
    assert peaks == sorted(peaks)
    assert 50 < peaks[0] < 100_000


def test_quiet_is_a_truth_value(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="quiet"):
        mk.build(RECIPE, out=tmp_path / "out", origin="sample", quiet="yes")  # type: ignore[arg-type]


@pytest.mark.slow
def test_room_is_asked_for_before_rows_are_written(hub, tmp_path: Path, monkeypatch) -> None:
    recipe = many_rows_recipe(many_rows(tmp_path / "own.jsonl", 6_000))
    folder = tmp_path / "results"
    folder.mkdir()
    real = shutil.disk_usage
    monkeypatch.setattr(
        "shutil.disk_usage",
        lambda place: SimpleNamespace(free=2 << 20) if Path(place) == folder else real(place),
    )
    with pytest.raises(StorageError, match="no room for the result") as caught:
        mk.build(recipe, out=folder / "out", origin="sample")
    assert caught.value.found == "2,097,152 bytes"
    assert list(folder.iterdir()) == []
