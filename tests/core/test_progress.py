"""Progress: batches pass through unchanged, and no bar appears where nobody looks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pytest

import medqa_kit as mk
from hub import Hub
from medqa_kit.core import progress

BATCHES = [pa.table({"n": [1, 2]}), pa.table({"n": [3]})]


def test_batches_pass_through(capfd: pytest.CaptureFixture[str]) -> None:
    assert list(progress.watched(BATCHES, verb="exclude", total=3)) == BATCHES
    assert capfd.readouterr() == ("", "")


def test_a_bar_names_the_verb_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "_is_off", lambda: False)
    monkeypatch.setattr(progress, "SECONDS", 0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    list(progress.watched(BATCHES, verb="exclude", total=3))
    assert "exclude" in capfd.readouterr().err


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who looks, and bars that do not wait."""
    monkeypatch.setattr(progress, "_is_off", lambda: False)
    monkeypatch.setattr(progress, "_is_seen", lambda: True)
    monkeypatch.setattr(progress, "SECONDS", 0)


ROWS = pa.table({"id": ["a", "b"], "question": ["Which is warm?", "Which is cold?"], "language": ["en", "en"],
                 "prompt": ["Why?", "How?"], "completion": [" So.", " Thus."], "target": ["A", "B"]})  # fmt: skip
HELD = mk.Holdout.from_rows(pa.table({"id": ["e"], "question": ["괴혈병?"]}), reason="x")
VERBS: dict[str, Callable[[pa.Table], Any]] = {
    "exclude": lambda rows: mk.exclude(rows, HELD),
    "search": lambda rows: mk.search(rows, HELD),
    "check": lambda rows: mk.check(rows, HELD),
    "overlap": lambda rows: mk.overlap(rows, rows),
    "dedupe": mk.dedupe,
    "split": lambda rows: mk.split(rows, {"a": 0.5, "b": 0.5}, seed=0),
    "validate": mk.validate,
    "script_report": mk.script_report,
    "lint_targets": lambda rows: mk.lint_targets(rows.append_column("answer_index", [[0, 1]]), rule="lm_eval/kormedmcqa@3.0"),
    "lint": lambda rows: mk.lint(rows.select(["id", "prompt", "completion"])),
    "fit": lambda rows: mk.fit(rows.select(["id", "prompt", "completion"]), max_tokens=50, counter=len),
    "apply": lambda rows: mk.apply(rows, mk.FixText()),
    "score": lambda rows: mk.score(["A", "B"], rows.append_column("options", [[["x", "y"]] * 2]).append_column("answer_index", [[0, 1]])),
    "drift": lambda _: mk.drift(names=["who_bec_pdf"]),
    "leak_map": lambda _: mk.leak_map(["kbmc"], holdouts=["kormedmcqa-official-test"], origin="sample"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")
@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_shows_its_name_and_how_far_it_is(
    verb: str, terminal: None, hub: Hub, capfd: pytest.CaptureFixture[str]
) -> None:
    VERBS[verb](ROWS)
    shown = capfd.readouterr().err
    assert re.search(rf"\b{verb}: +\d+%", shown), shown


def test_a_stream_shows_what_was_read(terminal: None, capfd: pytest.CaptureFixture[str]) -> None:
    stream = datasets.Dataset(ROWS).to_iterable_dataset()
    mk.validate(stream)
    assert "validate: 0.00 rows" in capfd.readouterr().err


def test_an_audit_shows_what_was_read(terminal: None, capfd: pytest.CaptureFixture[str]) -> None:
    mk.audit(ROWS, claims=[mk.CardClaim(measure="rows", claimed=2)])
    assert "audit train: 0.00 rows" in capfd.readouterr().err


def test_what_nobody_sees_costs_no_bar(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "_is_off", lambda: False)
    monkeypatch.setattr(progress, "SECONDS", 0)
    mk.validate(ROWS)
    assert capfd.readouterr().err == ""


def test_samples_show_no_bars_and_files_of_ones_own_do(tmp_path: Path) -> None:
    code = """if True:
        import sys, medqa_kit as mk
        mk.load("kbmc", split="train", origin="sample", cache_dir=sys.argv[1])
        assert mk.plan({"name": "demo", "source": [{"name": "kbmc"}]}, origin="sample").sources["read"][0].as_py()
        print("|", file=sys.stderr)
        mk.read([{"text": "Cool a burn."}], schema="text", cache_dir=sys.argv[1])
    """
    environment = {name: value for name, value in os.environ.items() if name != "HF_DATASETS_DISABLE_PROGRESS_BARS"}  # fmt: skip
    run = subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(tmp_path)], env=environment,
                         capture_output=True, text=True, check=True)  # fmt: skip
    samples, _, own = run.stderr.partition("|")
    assert samples == ""
    assert "Generating train split" in own
