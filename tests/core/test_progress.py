"""Progress: batches pass through unchanged, and no bar appears where nobody looks."""

from __future__ import annotations

import pyarrow as pa
import pytest

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
