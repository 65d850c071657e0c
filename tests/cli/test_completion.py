"""Completion in real shells: commands, options, and the names of the catalogue."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import medqa_kit as mk
from medqa_kit.cli.completion import completion_script
from medqa_kit.cli.program import program_parser

CASES = [
    ("head kormedm", {"kormedmcqa"}),
    ("license kbmc klu", {"klue"}),
    ("build korean_exam_", {"korean_exam_2024", "korean_exam_sft"}),
    ("validate rows.jsonl --checks place", {"placeholder"}),
    ("check rows.jsonl --against kormedmcqa-off", {"kormedmcqa-official-test"}),
    ("lock kbmc --origin sam", {"sample"}),
    ("che", {"check"}),
    ("check ro", {"rows.jsonl"}),
]


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the script of each shell, and a file to complete."""
    folder = tmp_path_factory.mktemp("completion")
    for shell in ("bash", "zsh", "fish"):
        (folder / f"script.{shell}").write_text(completion_script(program_parser(), shell), "utf-8")
    (folder / "rows.jsonl").touch()
    return folder


def _run(shell: str, code: str, folder: Path) -> list[str]:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    done = subprocess.run(
        [shell, "-c", code], capture_output=True, text=True, cwd=folder, timeout=60
    )
    assert not done.stderr, done.stderr
    return done.stdout.split("\n")


@pytest.mark.parametrize(("line", "words"), CASES)
def test_bash(line: str, words: set[str], scripts: Path) -> None:
    typed = f"medqa-kit {line}".split()
    code = f"""
        . ./script.bash
        COMP_WORDS=({" ".join(typed)}); COMP_CWORD={len(typed) - 1}
        COMP_LINE="{" ".join(typed)}"; COMP_POINT=${{#COMP_LINE}}
        $(complete -p medqa-kit | sed 's/.*-F \\([^ ]*\\).*/\\1/') medqa-kit "{typed[-1]}" "{typed[-2]}"
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    assert {word.strip() for word in _run("bash", code, scripts) if word} == words


@pytest.mark.parametrize(("line", "words"), CASES)
def test_fish(line: str, words: set[str], scripts: Path) -> None:
    code = f"function medqa-kit; end; source script.fish; complete -C 'medqa-kit {line}'"
    shown = {word.partition("\t")[0] for word in _run("fish", code, scripts) if word}
    assert words <= shown
    assert len(shown) <= len(words) + 2


ZSH = """
zmodload zsh/zpty
zpty -b z zsh -f -i
zpty -w z 'PS1=; autoload -Uz compinit; compinit -u -d {dump}; setopt noautomenu; unsetopt beep; source script.zsh; compdef _shtab_medqa_kit medqa-kit; zstyle ":completion:*" list-prompt ""'
sleep {seconds}
zpty -n -w z $'medqa-kit {line}\\t'
sleep {seconds}
zpty -n -w z $'\\C-u'
zpty -w z exit
while zpty -r z piece; do print -r -- "$piece"; done
"""


@pytest.mark.slow  # waits for what the shell draws
@pytest.mark.parametrize(("line", "words"), [case for case in CASES if len(case[1]) == 1])
def test_zsh(line: str, words: set[str], scripts: Path, tmp_path: Path) -> None:
    (whole,) = words
    drawn = ""
    for seconds in (1, 4, 16):  # it says nothing when it is ready, and a busy machine takes longer
        code = ZSH.format(line=line, dump=tmp_path / "dump", seconds=seconds)
        drawn = "\n".join(_run("zsh", code, scripts))
        if f"{line.rpartition(' ')[0]} {whole}".strip() in drawn:
            return
    raise AssertionError(drawn)


def test_the_names_are_those_of_the_library(scripts: Path) -> None:
    for shell in ("bash", "zsh", "fish"):
        text = (scripts / f"script.{shell}").read_text("utf-8")
        for names in (mk.sources(), mk.holdouts(), mk.shipped_recipes(), mk.checks()):
            assert all(each.name in text for each in names)


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "shtab", None)
    with pytest.raises(mk.errors.MissingExtraError, match=r"medqa_kit\[completion\]"):
        completion_script(program_parser(), "bash")
