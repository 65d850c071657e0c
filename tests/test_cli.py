"""The command line: what a person types and reads."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from hub import Hub
from medqa_kit.cli import main
from medqa_kit.cli.program import COMMANDS
from medqa_kit.loading.planner import SAMPLES

RECIPE = "korean_exam_sft"


@pytest.mark.slow
def test_build_prints_the_accounts(hub, tmp_path: Path, capsys) -> None:
    assert main(["build", str(RECIPE), "--origin", "sample", "--out", str(tmp_path / "made")]) == 0
    out = capsys.readouterr().out
    assert "kormedmcqa" in out
    assert "Note: kormedmcqa: commercial use is not granted" in out
    assert f"Written to {tmp_path / 'made'}" in out


def test_errors_are_text_and_exit_with_one(capsys) -> None:
    assert main(["show", "kormedmqca"]) == 2
    assert "Hint: did you mean 'kormedmcqa'?" in capsys.readouterr().err


def test_wrong_words_exit_with_two(capsys) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["bild"])
    assert caught.value.code == 2
    message = capsys.readouterr().err
    assert "invalid choice" in message
    assert "did you mean 'build'?" in message


def test_sources_lists_and_filters(capsys) -> None:
    assert main(["sources", "--language", "km"]) == 0
    out = capsys.readouterr().out
    assert "khmer_medical_qa" in out
    assert "kormedmcqa" not in out


def test_show_prints_the_card(capsys) -> None:
    assert main(["show", "kormedmcqa"]) == 0
    assert "contradict each other" in capsys.readouterr().out


def test_head_prints_rows(hub, capsys) -> None:
    assert main(["head", "kormedmcqa", "--split", "test", "--rows", "2", "--origin", "sample"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["split"] for row in rows] == ["test", "test"]


def test_head_of_a_file_shows_the_part_it_is_of_and_no_other(hub, tmp_path: Path, capsys) -> None:
    row = {"question": "Which bone is the longest?", "options": {c: f"bone {c}" for c in "ABCDE"},
           "answer": "bone B", "answer_idx": "B", "meta_info": "step1"}  # fmt: skip
    for name, split in (("test.jsonl", "test"), ("dev.jsonl", "validation")):
        (tmp_path / name).write_text(json.dumps(row) + "\n", "utf-8")
        assert main(["head", "medqa_usmle", "--path", str(tmp_path / name)]) == 0
        assert json.loads(capsys.readouterr().out)["split"] == split
    (tmp_path / "questions.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    assert main(["head", "medqa_usmle", "--path", str(tmp_path / "questions.jsonl")]) == 2
    assert "split=" in capsys.readouterr().err


@pytest.mark.slow
def test_lock_writes_a_lockfile(hub, tmp_path: Path, capsys) -> None:
    file = tmp_path / "medqa.lock"
    assert main(["lock", "kormedmcqa", "--file", str(file), "--origin", "sample"]) == 0
    assert "kormedmcqa: 16 parts" in capsys.readouterr().out
    mk.load("kormedmcqa", split="test", origin="sample", lock=file)


def test_check_finds_a_leak_and_exits_with_one(hub, tmp_path: Path, capsys) -> None:
    test = mk.load("kormedmcqa", subset="doctor", split="test", origin="sample")
    leak = {"messages": [{"role": "user", "content": f"다음에 답하세요: {test[0]['question']}\n"
                          + "\n".join(f"({i}) {text}" for i, text in enumerate(test[0]["options"], 1))},
                         {"role": "assistant", "content": "3번"}]}  # fmt: skip
    clean = {
        "messages": [
            {"role": "user", "content": "안녕하세요?"},
            {"role": "assistant", "content": "네."},
        ]
    }
    file, listed = tmp_path / "train.jsonl", tmp_path / "leaks.jsonl"
    file.write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in (clean, leak)), "utf-8"
    )
    words = ["check", str(file), "--against", "kormedmcqa-official-test", "--origin", "sample"]
    assert main([*words, "--report", str(listed)]) == 1
    out, notes = capsys.readouterr()
    assert "kormedmcqa-official-test" in out
    assert "search: 2 rows, 1 to keep, 1 to drop" in out
    assert "nothing was dropped" in out
    assert "#1  near" in out
    assert "licence" not in notes
    listed_rows = [json.loads(line) for line in listed.read_text("utf-8").splitlines()]
    assert [(row["id"], row["held_id"]) for row in listed_rows] == [("#1", test[0]["id"])]


def test_check_of_a_clean_file_exits_with_zero(hub, tmp_path: Path, capsys) -> None:
    file = tmp_path / "train.csv"
    file.write_text("prompt,completion\n안녕하세요?,네.\n", "utf-8")
    assert (
        main(["check", str(file), "--against", "kormedmcqa-official-test", "--origin", "sample"])
        == 0
    )
    assert "1 row" in capsys.readouterr().out


STEM = "Which vitamin prevents scurvy in sailors who eat no fresh fruit for months?"
OPTIONS = ["Retinol", "Thiamine", "Ascorbic acid", "Cholecalciferol"]
TEXT = " ".join([STEM, *OPTIONS])


@pytest.mark.parametrize("row", [
    {"source": TEXT, "target": "C"}, {"text": "Which?", "label": TEXT}, {"lang": "en", "tags": [STEM, *OPTIONS]},
    {"messages": [{"from": "human", "value": TEXT}]}, {"messages": TEXT}, {"text": TEXT, "source": {"a": 1}},
    {"lang": "en", "bytes": TEXT.encode()},
])  # fmt: skip
def test_check_searches_columns_of_any_name_and_type(tmp_path: Path, capsys, row) -> None:
    exam = pa.table({"id": ["e/1"], "question": [STEM], "options": [OPTIONS]})
    mk.Holdout.from_rows(exam, reason="x", name="exam").save(tmp_path / "exam.parquet")
    pq.write_table(pa.Table.from_pylist([{}, row], pa.Table.from_pylist([row]).schema),
                   tmp_path / "rows.parquet")  # fmt: skip
    words = ["check", str(tmp_path / "rows.parquet"), "--against", str(tmp_path / "exam.parquet")]
    assert main(words) == 1
    assert "exam: e/1; stem 1, options 1" in capsys.readouterr().out


def test_check_lists_a_few_rows_and_reports_every_match(tmp_path: Path, capsys) -> None:
    exam = pa.table({"id": ["e/1", "e/2"], "question": [STEM, STEM], "options": [OPTIONS, OPTIONS]})
    mk.Holdout.from_rows(exam, reason="x", name="exam").save(tmp_path / "exam.parquet")
    pq.write_table(pa.table({"text": [TEXT] * 12}), tmp_path / "rows.parquet")
    words = ["check", str(tmp_path / "rows.parquet"), "--against", str(tmp_path / "exam.parquet")]
    assert main([*words, "--report", str(tmp_path / "found.csv")]) == 1
    out = capsys.readouterr().out
    assert out.count("exam: e/") == 5
    assert len((tmp_path / "found.csv").read_text().splitlines()) == 1 + 2 * 12
    with pytest.raises(SystemExit, match="2"):
        main([*words, "--report", str(tmp_path / "found.xls")])
    assert not capsys.readouterr().out


def test_check_takes_a_file_of_fingerprints(hub, tmp_path: Path) -> None:
    fingerprints = tmp_path / "held.parquet"
    mk.Holdout.named("kormedmcqa-official-test", origin="sample").save(fingerprints)
    rows = tmp_path / "rows.parquet"
    mk.load("kormedmcqa", split="test", origin="sample").to_parquet(rows)
    assert main(["check", str(rows), "--against", str(fingerprints)]) == 1


@pytest.mark.parametrize(("name", "content", "message"), [
    ("a.txt", "text", "tells no format"),
    ("a.jsonl", "{broken", "this is not JSON"),
    ("a.csv", "prompt\n", "no rows"),
])  # fmt: skip
def test_check_of_a_bad_file_says_what_is_wrong(
    tmp_path: Path, capsys, name, content, message
) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    assert main(["check", str(tmp_path / name), "--against", "kormedmcqa-official-test"]) == 2
    assert message in capsys.readouterr().err


def test_holdouts_says_what_each_protects_and_leaves_in(capsys) -> None:
    assert main(["holdouts"]) == 0
    out = capsys.readouterr().out
    assert "kormedmcqa-official-test" in out
    assert "3,009" in out
    assert "hret/kormedmcqa" in out or "lm_eval/kormedmcqa" in out
    assert "2,045 rows" in out


def test_validate_exits_by_errors_and_prints_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "train.jsonl"
    file.write_text('{"id": "a", "text": "N/A"}\n{"id": "b", "text": "체온 36.5도"}\n', "utf-8")
    assert main(["validate", str(file), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["counts"]["errors"] == 1
    assert main(["validate", str(file), "--checks", "mojibake"]) == 0
    assert main(["validate", str(file), "--checks", "mojibak"]) == 2
    assert "mojibake" in capsys.readouterr().err


def test_license_exits_by_the_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["license", "kormedmcqa", "--use", "commercial", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["uses"]["commercial"] == "no"
    assert main(["license", "kormedmcqa"]) == 0
    assert "CC-BY-NC-2.0" in capsys.readouterr().out


def test_a_closed_gate_has_an_exit_code_of_its_own(hub, tmp_path: Path, capsys) -> None:
    recipe = tmp_path / "strict.toml"
    recipe.write_text(
        'name = "strict"\n[[source]]\nname = "kormedmcqa"\n[gate]\nheld_out = 0\n', "utf-8"
    )
    words = ["build", str(recipe), "--origin", "sample", "--out", str(tmp_path / "out")]
    assert main(words) == 4
    assert "held_out: 2 of 13 rows" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_recipes_of_the_package_are_listed(capsys) -> None:
    assert main(["recipes"]) == 0
    assert "medical_training" in capsys.readouterr().out


@cache
def _help(name: str) -> str:
    with pytest.raises(SystemExit) as caught, redirect_stdout(StringIO()) as text:
        main([name, "--help"])
    assert caught.value.code == 0
    return text.getvalue()


def _example(name: str) -> list[str]:
    """The words of the example at the end of the help of a command."""
    program, *words = shlex.split(_help(name).partition("example: ")[2])
    assert program == "medqa-kit"
    return words


def _reply(request: dict[str, str], question: str | None = None) -> str:
    """What a service gives back for a request: by default the question in a few more words."""
    if question is None:
        question = f"다음 물음에 답하시오. {json.loads(request['prompt'])['question']}"
    message = {"role": "assistant", "content": json.dumps({"question": question})}
    body = {"choices": [{"finish_reason": "stop", "message": message}]}
    result = {
        "custom_id": request["request"],
        "error": None,
        "response": {"status_code": 200, "body": body},
    }
    return json.dumps(result) + "\n"


@pytest.fixture
def desk(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the examples name, and a hub with the source they fetch."""
    monkeypatch.chdir(tmp_path)
    rows = [{"id": "a", "source": "kbmc", "question": "두통에 좋은 약은?", "answer": "진통제"}]
    Path("rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    Path("claims.toml").write_text('[[claim]]\nmeasure = "rows"\nclaimed = 1\n', "utf-8")
    exam = mk.load("kormedmcqa", subset="doctor", split="test", origin="sample")
    replies = [{"id": name, "completion": "정답은 A입니다."} for name in exam["id"]]
    Path("replies.jsonl").write_text(
        "".join(f"{json.dumps(reply)}\n" for reply in replies), "utf-8"
    )
    task = mk.Generation(task="paraphrase", model="my-model")
    requests = mk.Ledger.start("asked", exam, task).open_requests()
    Path("results.jsonl").write_text("".join(map(_reply, requests.to_pylist())), "utf-8")
    at = mk.source("kormedmcqa").at
    hub.repo(at.repo).commit(at.revision, SAMPLES / "kormedmcqa")
    return tmp_path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the example of build makes."""
    folder = tmp_path_factory.mktemp("built")
    mk.build(RECIPE, out=folder / RECIPE, origin="sample", cache_dir=folder / "cache")
    return folder / RECIPE


def _brought(built: Path, desk: Path) -> None:
    """Bring a result to a desk, with the cache it was built with."""
    shutil.copytree(built, desk / "build" / RECIPE)
    shutil.copytree(built.parent / "cache", desk / "hf" / "datasets", dirs_exist_ok=True)


def test_every_command_has_an_example_and_its_exit_codes() -> None:
    for name in COMMANDS:
        assert _example(name)[0] == name
        assert re.search(r"(?m)^exit codes:\n  0  done\n", _help(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_in_the_help_runs(name: str, desk: Path, built: Path, capsys) -> None:
    words = _example(name)
    if name != "build":
        _brought(built, desk)
    if name == "ledger":
        mk.Ledger.open("asked").take("results.jsonl")
    assert main(words) == 0, capsys.readouterr().err
    text = capsys.readouterr().out
    assert text.strip()
    if "--json" in words:
        json.loads(text)


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_prints_json(name: str, desk: Path, built: Path, capsys) -> None:
    words = _example(name)
    if name != "build":
        _brought(built, desk)
    if name == "ledger":
        mk.Ledger.open("asked").take("results.jsonl")
    assert main([*words, *["--json"] * ("--json" not in words)]) == 0, capsys.readouterr().err
    text = capsys.readouterr().out
    assert text.count("\n") == 1
    assert isinstance(json.loads(text), dict | list)


@pytest.mark.parametrize("words", [
    ["license", "kbmc"], ["cite", "kbmc"], ["cite", "--rows", "rows.jsonl"], ["validate", "rows.jsonl"],
    ["scripts", "rows.jsonl", "--script", "hangul"], ["sources"], ["holdouts"], ["status"], ["lock", "kbmc", "--origin", "sample"], ["check", "rows.jsonl", "--against", "kormedmcqa-official-test", "--origin", "sample"],
])  # fmt: skip
def test_results_are_printed_as_json(hub, words, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rows.jsonl").write_text('{"source": "kbmc", "question": "두통?"}\n', "utf-8")
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)


def test_scripts_exits_with_one_below_the_least_share(tmp_path: Path, capsys) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"question": "두통은 왜 생기나?"}\n{"question": "Why?"}\n', "utf-8")
    words = ["scripts", str(file), "--script", "hangul", "--least"]
    assert main([*words, "0.5"]) == 0
    assert main([*words, "0.6"]) == 1
    assert "no_letter" in capsys.readouterr().out


def test_a_ledger_is_asked_answered_and_read(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = ["ask", "new", "kormedmcqa", "--task", "paraphrase", "--model", "m", "--subset", "doctor",
           "--split", "test", "--origin", "sample", "--set", "temperature=0.8"]  # fmt: skip
    assert main([*ask, "--to", "requests", "--json"]) == 0
    output = json.loads(capsys.readouterr().out)
    lines = [
        json.loads(line)
        for file in output["files"]
        for line in Path(file).read_text("utf-8").splitlines()
    ]
    assert output["counts"]["open"] == len(lines) > 1
    assert {line["body"]["temperature"] for line in lines} == {0.8}
    first = {
        "request": lines[0]["custom_id"],
        "prompt": lines[0]["body"]["messages"][-1]["content"],
    }
    bad = _reply(first | {"request": lines[1]["custom_id"]}, question="N/A")
    Path("back.jsonl").write_text(_reply(first) + bad, "utf-8")
    assert main(["take", "new", "back.jsonl", "--report", "aside.jsonl"]) == 1
    assert len(Path("aside.jsonl").read_text("utf-8").splitlines()) == 1
    assert main(["ledger", "new", "--rows", "made.parquet"]) == 1
    assert "accepted" in capsys.readouterr().out
    assert pq.read_table("made.parquet")["model"].to_pylist() == ["m"]
    assert main(ask) == 0
    file = ["ask", "own", "rows.jsonl", "--task", "explanation", "--model", "m"]
    assert main(file) == 0
    assert mk.Ledger.open("own").counts()["open"] == 1
    [parents] = Path("own").glob("parents-*.parquet")
    assert pq.read_table(parents).column_names == [
        "id",
        "source",
        "question",
        "answer",
    ]
    assert main(["ledger", "nowhere"]) == 2
    assert "no ledger stands there" in capsys.readouterr().err
