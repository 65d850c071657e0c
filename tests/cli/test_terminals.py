"""The program in terminals that are narrow, closed early, stopped, or cannot show every letter."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

import medqa_kit as mk
from medqa_kit.cli import main
from medqa_kit.cli.program import COMMANDS, program_parser
from medqa_kit.cli.terminals import encodable
from medqa_kit.core.tables import text_width

PROGRAM = [sys.executable, "-m", "medqa_kit"]


def _in_terminal(words: list[str], columns: int, **environment: str) -> str:
    """Run the program in a pseudo-terminal; return what it shows."""
    ours, theirs = pty.openpty()
    variables = {**os.environ, "COLUMNS": str(columns), **environment}
    done = subprocess.Popen(
        [*PROGRAM, *words], stdout=theirs, stderr=subprocess.DEVNULL, env=variables
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 1 << 16)
        except OSError:  # what Linux raises when the other side is closed
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert done.wait() == 0
    return shown.decode()


@pytest.mark.slow
@pytest.mark.parametrize("columns", [60, 100])
def test_tables_fit_a_terminal_and_keep_their_columns(columns: int) -> None:
    lines = _in_terminal(["sources", "--language", "km"], columns).splitlines()
    assert max(map(text_width, lines)) <= columns
    assert lines[0].split()[:2] == ["name", "schema"]
    assert lines[0].split()[-1].startswith("comm")
    assert "\x1b" not in "".join(lines)


def test_what_is_piped_is_not_cut(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources"]) == 0
    out = capsys.readouterr().out
    assert "…" not in out
    assert max(map(len, out.splitlines())) > 150


@pytest.mark.slow
def test_colours_are_never_written() -> None:
    shown = _in_terminal(["show", "kbmc"], 80, FORCE_COLOR="1")
    assert "\x1b" not in shown
    assert shown == _in_terminal(["show", "kbmc"], 80, NO_COLOR="1")


@pytest.mark.slow
@pytest.mark.parametrize("words", [["show", "kbmc"], ["show", "kbmc", "--json"], ["--help"]])
def test_a_terminal_that_lacks_letters_gets_them_written_out(words: list[str]) -> None:
    done = subprocess.run(
        [*PROGRAM, *words], capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"}, check=True
    )  # fmt: skip
    assert not done.stderr
    if "--json" in words:
        assert json.loads(done.stdout.decode("ascii"))["about"] == mk.source("kbmc").about


def test_letters_that_are_written_out_are_still_json() -> None:
    text = json.dumps({"a": "정답 😀 é ─"}, ensure_ascii=False)
    assert json.loads(encodable(text, "ascii", as_json=True)) == json.loads(text)
    assert json.loads(encodable(text, "ascii"))["a"] == "정답 😀 é -"
    assert encodable(text, "utf-8") == text
    assert encodable("é ─", "latin-1") == "é -"


@pytest.mark.slow
def test_a_reader_that_has_seen_enough_is_no_error_and_hides_no_leak(tmp_path: Path) -> None:
    exam = _exam()
    mk.Holdout.from_rows(exam, reason="x", name="exam").save(tmp_path / "exam.parquet")
    (tmp_path / "rows.jsonl").write_text(
        json.dumps({"text": " ".join([exam["question"][0].as_py(), *exam["options"][0].as_py()])}),
        "utf-8",
    )
    words = ["check", "rows.jsonl", "--against", "exam.parquet"]
    with subprocess.Popen(
        [*PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()  # as head does
        told = program.stderr.read().decode()
    assert program.returncode == 1, told
    assert "Traceback" not in told
    assert "Broken" not in told


@pytest.mark.parametrize(("words", "streams"), [
    ("validate absent.jsonl", "2>&-"), ("validate absent.jsonl --json", ">&-"), ("validate absent.jsonl", "2>/dev/full"),
    ("recipez --json", ">/dev/full"), ("recipez", "2>/dev/full"), ("validate -", "<&-"), ("recipes", ">/dev/full"),
])  # fmt: skip
def test_a_stream_that_is_closed_or_full_is_not_taken_for_a_finding(
    words: str, streams: str, tmp_path: Path
) -> None:
    program = f'exec "$0" -m medqa_kit {words} {streams}'
    done = subprocess.run(
        ["sh", "-c", program, sys.executable], cwd=tmp_path, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)


def _exam() -> pa.Table:
    return pa.table({"id": ["e/1"], "options": [["Retinol", "Thiamine", "Ascorbic acid"]],
                     "question": ["Which vitamin prevents scurvy in sailors who eat no fresh fruit?"]})  # fmt: skip


def test_stopping_it_says_so_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(mk, "status", stopped)
    assert main(["status", "--json"]) == 130
    assert capsys.readouterr() == ("", "medqa-kit: stopped; nothing half-written is left\n")


def test_without_words_it_shows_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([])
    message = capsys.readouterr().err
    assert all(name in message for name in COMMANDS)


def test_help_is_plain_ascii_and_names_every_word() -> None:
    parser = program_parser()
    texts = [parser.format_help()]
    for action in parser._actions:
        if isinstance(action.choices, dict):
            texts += [each.format_help() for each in action.choices.values()]
            unexplained = [
                (name, word.dest)
                for name, each in action.choices.items() for word in each._actions
                if not word.help
            ]  # fmt: skip
            assert not unexplained
    assert len(texts) == 1 + len(COMMANDS)
    assert all(text.isascii() for text in texts)


def test_it_starts_without_arrow_or_the_catalogue() -> None:
    code = (
        "import sys; from medqa_kit.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print({'numpy', 'pyarrow', 'datasets', 'medqa_kit.catalog'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
