"""Tasks for other harnesses: what is written, and that the real packages run it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.errors import ArgumentError, EmptyDataError, FormattingError
from medqa_kit.schemas import QA, conform


def questions(language: str = "ko", count: int = 6, prefix: str = "q") -> pa.Table:
    return conform(pa.Table.from_pylist([
        {"id": f"{prefix}/{i}", "source": "demo", "split": "test", "language": language,
         "question": f"{{{{ {prefix} }}}} 질환 {i}의 원인은?", "options": ["감염", "외상", "종양", f"약물 {i}"],
         "answer_index": i % 4, "answer": ["감염", "외상", "종양", f"약물 {i}"][i % 4]}
        for i in range(count)]), QA)  # fmt: skip


@pytest.mark.parametrize("scored", ["choices", "reply"])
def test_the_files_of_a_task(tmp_path: Path, scored: Any) -> None:
    written = mk.task("lm_eval", questions(), folder=tmp_path, name="demo", scored=scored)
    assert {file.name for file in tmp_path.iterdir()} == set(written.files)
    rows = pq.read_table(tmp_path / "demo.parquet").to_pylist()
    assert rows[1]["prompt"] == mk.prompt(language="ko")(questions())["prompt"][1].as_py()
    assert rows[1]["choices"] == ["A", "B", "C", "D"]
    assert [row["answer_index"] for row in rows] == [0, 1, 2, 3, 0, 1]
    assert "lm-eval" in written.command
    before = {name: (tmp_path / name).read_bytes() for name in written.files}
    mk.task("lm_eval", questions(), folder=tmp_path, name="demo", scored=scored)
    assert before == {name: (tmp_path / name).read_bytes() for name in written.files}


def test_shots_are_the_same_for_all_and_none_is_a_question_of_the_task(tmp_path: Path) -> None:
    pool = pa.concat_tables([questions(count=1), questions(count=3, prefix="p")])
    written = mk.task(
        "lm_eval", questions(), folder=tmp_path, name="demo", shots=2, shots_from=pool
    )
    prompts = pq.read_table(tmp_path / "demo.parquet")["prompt"].to_pylist()
    shown = {text.rsplit("질문:", 1)[0] for text in prompts}
    assert len(shown) == 1
    assert "{{ p }} 질환 0" in next(iter(shown))
    assert "{{ q }}" not in next(iter(shown))
    assert written.report.kept == 6
    with pytest.raises(FormattingError):
        mk.task("lm_eval", questions(), folder=tmp_path, name="demo", shots=9, shots_from=pool)


def test_rows_that_cannot_be_scored_are_listed(tmp_path: Path) -> None:
    rows = questions().to_pylist()
    rows[0]["options"] = None
    rows[0]["answer_index"] = None
    rows[2]["answer_index"] = None
    written = mk.task("inspect_ai", pa.Table.from_pylist(rows, QA), folder=tmp_path, name="demo")
    assert written.report.by("code") == {"no_options": 1, "no_answer": 1}
    assert (written.report.rows, written.report.kept) == (6, 4)
    assert pq.read_metadata(tmp_path / "demo.parquet").num_rows == 4
    with pytest.raises(ArgumentError, match="no row has options"):
        mk.task("lm_eval", pa.Table.from_pylist(rows[:1], QA), folder=tmp_path, name="demo")


def test_wrong_arguments(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="harness="):
        mk.task("helm", questions(), folder=tmp_path, name="demo")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="name"):
        mk.task("lm_eval", questions(), folder=tmp_path)
    with pytest.raises(ArgumentError, match="name"):
        mk.task("lm_eval", questions(), folder=tmp_path, name="../demo")
    mixed = pa.concat_tables([questions(), questions("en", prefix="e")])
    with pytest.raises(ArgumentError, match="language"):
        mk.task("lm_eval", mixed, folder=tmp_path, name="demo")
    with pytest.raises(FormattingError, match="options"):
        mk.task("lm_eval", questions().drop_columns("options"), folder=tmp_path, name="demo")


def test_no_rows_make_no_task(tmp_path: Path) -> None:
    with pytest.raises(EmptyDataError, match="no rows"):
        mk.task("lm_eval", [], folder=tmp_path / "made", name="nothing")


def test_rows_that_were_changed_afterwards_are_refused(tmp_path: Path) -> None:
    mk.task("lm_eval", questions(), folder=tmp_path, name="demo")
    spec = importlib.util.spec_from_file_location("demo_rows", tmp_path / "demo_rows.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.checked_file() == str(tmp_path / "demo.parquet")
    pq.write_table(questions(count=2), tmp_path / "demo.parquet")
    with pytest.raises(ValueError, match="not the file"):
        module.checked_file()


@pytest.mark.harness
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("scored", ["choices", "reply"])
@pytest.mark.parametrize("language", ["ko", "km", "en"])
def test_the_real_lm_eval_runs_the_task(tmp_path: Path, scored: Any, language: str) -> None:
    lm_eval = pytest.importorskip("lm_eval")
    from lm_eval.tasks import TaskManager

    name = f"demo_{scored}_{language}"
    table = questions(language, count=40)
    mk.task(
        "lm_eval",
        table,
        folder=tmp_path,
        name=name,
        scored=scored,
        shots=2,
        shots_from=questions(language, prefix="p"),
    )
    manager = TaskManager(include_path=str(tmp_path), include_defaults=False)
    result = lm_eval.simple_evaluate(
        model="dummy", tasks=[name], task_manager=manager, log_samples=True, bootstrap_iters=0
    )
    samples = result["samples"][name]
    sent = pq.read_table(tmp_path / f"{name}.parquet").to_pylist()
    assert [s["doc"]["id"] for s in samples] == [row["id"] for row in sent]
    assert [
        s["arguments"][0][0]
        if isinstance(s["arguments"], list)
        else s["arguments"]["gen_args_0"]["arg_0"]
        for s in samples
    ] == [row["prompt"] for row in sent]
    scores = result["results"][name]
    if scored == "choices":
        assert 0 <= scores["acc,none"] <= 1
        assert len(samples[0]["resps"]) == 4
    else:  # the dummy model says "lol"
        assert (scores["acc,none"], scores["unread,none"]) == (0, 1)


@pytest.mark.harness
@pytest.mark.filterwarnings("ignore")
def test_the_real_inspect_ai_runs_the_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inspect_ai = pytest.importorskip("inspect_ai")
    from inspect_ai.model import ModelOutput, get_model

    written = mk.task("inspect_ai", questions(count=8), folder=tmp_path, name="demo")
    # The mock model counts tokens by a vocabulary from the network.
    monkeypatch.setattr(
        "tiktoken.get_encoding", lambda _: SimpleNamespace(encode=lambda text, **_: list(text))
    )
    monkeypatch.chdir(tmp_path)  # as the command of the task does
    replies = [f"정답은 {'ABCD'[i % 4]}입니다." for i in range(6)] + ["모르겠습니다.", "정답: A"]
    model = get_model(
        "mockllm/model",
        custom_outputs=[ModelOutput.from_content("mockllm/model", r) for r in replies],
    )
    (log,) = inspect_ai.eval(
        "demo.py",
        model=model,
        log_dir=str(tmp_path / "logs"),
        display="none",
        max_connections=1,
    )
    assert log.status == "success", log.error
    assert log.results.scores[0].metrics["accuracy"].value == 6 / 8
    assert json.loads(json.dumps(written.files)) == ["demo.parquet", "demo.py"]
    assert [s.scores["read_marker"].value for s in log.samples].count("N") == 1
