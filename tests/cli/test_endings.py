"""How commands end: the codes that are documented, errors as JSON, and words that are near."""

from __future__ import annotations

import io
import json
import re
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.cli import main
from medqa_kit.cli.commands import EXIT_CODES
from medqa_kit.cli.program import COMMANDS

PAGE = Path(__file__).parents[2] / "docs" / "command_line.md"
STEM = "Which vitamin prevents scurvy in sailors who eat no fresh fruit for months?"
EXAM = pa.table({"id": ["e/1"], "question": [STEM], "options": [["Retinol", "Ascorbic acid"]]})


@pytest.fixture
def leaky(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with fingerprints of an exam, and rows of which the third holds it."""
    monkeypatch.chdir(tmp_path)
    mk.Holdout.from_rows(EXAM, reason="x", name="exam").save("exam.parquet")
    rows = [{"text": "Why?"}, {"text": "How?"}, {"text": f"{STEM} Retinol, Ascorbic acid"}]
    lines = [json.dumps(row) for row in rows]
    Path("rows.jsonl").write_text("\n".join([lines[0], "", lines[1], "", lines[2], ""]), "utf-8")
    return tmp_path


def test_the_page_lists_the_codes_and_the_commands() -> None:
    text = PAGE.read_text("utf-8")
    listed = dict(re.findall(r"(?m)^\| (\d+) \| (.+) \|$", text))
    assert {int(code): why for code, why in listed.items()} == EXIT_CODES
    assert set(re.findall(r"(?m)^\| `([\w-]+)` \|", text)) == set(COMMANDS)


@pytest.mark.parametrize("words", [["check", "a.jsonl"], ["recipez"], ["show", "kbmc", "--rowz"]])
def test_wrong_words_are_told_as_json_too(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--json"])
    assert ended.value.code == 2
    out, errors = capsys.readouterr()
    error = json.loads(out)["error"]
    assert (error["type"], error["what"] in errors) == ("ArgumentError", True)


def test_words_that_a_command_does_not_take_are_told_with_those_it_takes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for words in (["retract", "out", "ward/7"], ["retract", "out", "--ids", "ward/7"]):
        with pytest.raises(SystemExit):
            main(words)
        told = capsys.readouterr().err
        assert "medqa-kit retract: error: unknown words: " in told
        assert "--items ID" in told


def test_codes_that_commands_name_are_documented() -> None:
    assert {code for each in COMMANDS.values() for code in each.codes} <= EXIT_CODES.keys()


@pytest.mark.parametrize("words", [
    ["show", "kormedmqca"], ["validate", "absent.jsonl"], ["head", "kbmc", "--subset", "x", "--origin", "sample"],
    ["build", "korean_exam_stf", "--out", "out"], ["recipes", "--copy", "korean_stf"],
    ["head", "kbmc", "--rows", "-1"], ["scripts", "absent.csv", "--least", "5"],
])  # fmt: skip
def test_an_error_is_told_as_json_too(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*words, "--json"]) == 2
    out, errors = capsys.readouterr()
    error = json.loads(out)["error"]
    assert issubclass(getattr(mk.errors, error["type"]), mk.MedQAError)
    assert error["what"]
    assert error["hint"]
    assert errors.startswith("medqa-kit: ")


@pytest.mark.parametrize("words", [
    ["ask", "asked", "absent.jsonl", "--task", "paraphrase", "--model", "m"], ["score", "rows.jsonl", "--exam", "in/absent.csv"],
    ["check", "rows.jsonl", "--against", "absent.holdout"],
])  # fmt: skip
def test_a_file_that_is_absent_is_not_looked_for_in_the_catalogue(leaky: Path, words: list[str], capsys) -> None:  # fmt: skip
    assert main(words) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_a_mistake_of_the_program_is_not_taken_for_a_finding(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(mk, "status", lambda **_: 1 / 0)
    assert main(["status", "--json"]) == 2
    out, errors = capsys.readouterr()
    assert json.loads(out) == {"error": {"type": "ZeroDivisionError", "what": "division by zero"}}
    assert "Traceback" in errors


@pytest.mark.parametrize(("words", "hint"), [
    (["bild"], "did you mean 'build'?"),
    (["lock", "kbmc", "--orgin", "sample"], "did you mean '--origin'?"),
    (["lock", "kbmc", "--origin", "smaple"], "did you mean 'sample'?"),
    (["sources", "--schema", "dialog"], "did you mean 'dialogue'?"),
    (["completion", "bsh"], "did you mean 'bash'?"),
])  # fmt: skip
def test_wrong_words_end_with_two_and_name_the_nearest(words, hint: str, capsys) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(words)
    out, errors = capsys.readouterr()
    assert not out
    assert hint in errors


def _stdin(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
@pytest.mark.slow
def test_rows_come_on_standard_input(
    leaky: Path, kind: str, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    pq.write_table(mk.training_rows("rows.jsonl"), "rows.parquet")
    _stdin(monkeypatch, Path(f"rows.{kind}").read_bytes())
    assert main(["check", "-", "--against", "exam.parquet", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert [finding["row"] for finding in report["findings"]] == [2]
    _stdin(monkeypatch, b'{"text": "Why?"}\n')
    assert main(["check", "-", "--against", "exam.parquet"]) == 0


@pytest.mark.parametrize("content", [b"", b"prompt,completion\nWhy?,So.\n"])
def test_what_is_no_row_on_standard_input_is_told(
    content: bytes, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    _stdin(monkeypatch, content)
    assert main(["validate", "-"]) == 2
    message = capsys.readouterr().err
    assert "file 'standard input'" in message
    assert "Hint: pipe JSON Lines or Parquet" in message


def test_findings_name_the_line_of_the_file(leaky: Path, capsys) -> None:
    assert main(["check", "rows.jsonl", "--against", "exam.parquet", "--json"]) == 1
    assert [(f["row"], f["line"]) for f in json.loads(capsys.readouterr().out)["findings"]] == [
        (2, 5)
    ]
    Path("rows.csv").write_text(
        f'id,text\na,"two\nlines"\n\nb,{STEM} Retinol. Ascorbic acid\n', "utf-8"
    )
    assert main(["check", "rows.csv", "--against", "exam.parquet", "--json"]) == 1
    assert [(f["row"], f["line"]) for f in json.loads(capsys.readouterr().out)["findings"]] == [
        (1, 5)
    ]
    Path("list.json").write_text(
        json.dumps([{"text": "Why?"}, {"text": f"{STEM} Retinol, Ascorbic acid"}], indent=1),
        "utf-8",
    )
    assert main(["check", "list.json", "--against", "exam.parquet", "--json"]) == 1
    assert "line" not in json.loads(capsys.readouterr().out)["findings"][0]


def test_annotations_stand_beside_the_lines_of_the_file(leaky: Path, capsys) -> None:
    assert main(["check", "rows.jsonl", "--against", "exam.parquet", "--github"]) == 1
    first, *rest = capsys.readouterr().out.splitlines()
    assert first.startswith("::error file=rows.jsonl,line=5,title=held-out item::#2: ")
    assert "exam: e/1" in first
    assert rest == ["search: 3 rows, 2 to keep, 1 to drop"]


def test_of_many_findings_ten_are_annotated_and_all_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a,b.jsonl").write_text('{"id": "100%\\n", "text": "N/A"}\n' * 12, "utf-8")
    assert main(["validate", "a,b.jsonl", "--checks", "placeholder", "--github"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("::error file=a%2Cb.jsonl,line=") for line in lines) == 10
    assert "::100%25%0A: placeholder: " in lines[0]
    assert lines[10].startswith("::notice file=a%2Cb.jsonl,title=training row::12 findings in all")


@pytest.mark.parametrize(("name", "content", "line"), [
    ("a.jsonl", '{"text": "a"}\n\n{broken\n', 3), ("a.csv", 'q,a\n"two\nlines",y\n\nz,w,v\n', 5),
])  # fmt: skip
def test_an_error_names_the_line_that_an_editor_shows(
    name: str, content: str, line: int, tmp_path: Path, capsys
) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    assert main(["validate", str(tmp_path / name)]) == 2
    assert f"line {line}: " in capsys.readouterr().err


@pytest.mark.parametrize("words", [["recipes", "--copy", "korean_sft", "--to"], ["ask"]])
def test_the_hint_of_a_place_that_cannot_be_written_names_what_the_command_takes(
    words: list[str], leaky: Path, capsys
) -> None:
    row = json.dumps({"id": "a", "question": "Why?", "answer": "So."})
    (leaky / "qa.jsonl").write_text(row, "utf-8")
    rest = ["qa.jsonl", "--task", "paraphrase", "--model", "m"] if words == ["ask"] else []
    assert main([*words, str(leaky / "rows.jsonl" / "below"), *rest]) == 2
    message = capsys.readouterr().err
    assert "another folder" in message
    assert "cache_dir" not in message


def test_a_warning_that_is_an_error_is_told_as_one(leaky: Path, capsys) -> None:
    """``python -W error -m medqa_kit``: what our own warning says needs no way through the code."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert main(["head", "kormedmcqa", "--split", "all", "--origin", "sample"]) == 2
    message = capsys.readouterr().err
    assert "Traceback" not in message
    assert message.startswith("medqa-kit: kormedmcqa: ")
