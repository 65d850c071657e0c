"""A load that is killed, and loads at the same time: never half a thing under its final name."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import medqa_kit as mk
from demo import COLUMNS, demo, folder, jsonl, records, serve
from hub import Hub

pytestmark = pytest.mark.slow

HEAD = f"""
import os, sys, time, warnings
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
warnings.simplefilter("ignore")
import medqa_kit as mk
from demo import COLUMNS, demo

def slow(raw):
    # One write a line: batches are normalised in threads, and print writes its line end apart.
    os.write(1, f"normalising {{raw.num_rows}}\\n".encode())
    time.sleep(float(os.environ["DELAY"]) if raw.num_rows else 0)
    return COLUMNS(raw)
"""


def start(hub: Hub, tmp_path: Path, code: str, *, delay: float = 0) -> subprocess.Popen[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "HUGGINGFACE_"))}
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env={**kept, **hub.environment(tmp_path / "home"), "DELAY": str(delay)},
        stdout=subprocess.PIPE,
        text=True,
    )


def kill(process: subprocess.Popen[str]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def said(process: subprocess.Popen[str]) -> list[str]:
    """What a process printed, after it has ended well."""
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return out.splitlines()


def files(where: Path, suffix: str = "") -> list[str]:
    return sorted(p.name for p in where.rglob("*") if p.is_file() and p.name.endswith(suffix))


def test_a_killed_load_leaves_nothing_and_the_next_is_right(hub: Hub, tmp_path: Path) -> None:
    where = folder(tmp_path / "data", {"train.jsonl": jsonl(records(30_000))})
    cache = tmp_path / "cache"
    load = f"mk.load(demo(normalize=slow), split='train', path={str(where)!r}, cache_dir={str(cache)!r})"
    process = start(hub, tmp_path, HEAD + load, delay=60)
    assert process.stdout
    while "normalising 10000" not in process.stdout.readline():
        assert process.poll() is None
    deadline = time.monotonic() + 20
    while not files(cache, ".arrow") and time.monotonic() < deadline:
        time.sleep(0.01)
    kill(process)
    unfinished = list(cache.rglob("*.incomplete"))
    assert unfinished, "it was killed too late to tell"
    assert not files(cache, "dataset_info.json")
    done = start(hub, tmp_path, f"{HEAD}data = {load}\nprint(len(data), data[29_999]['id'])")
    assert said(done)[-1] == "30000 demo_exam/29999"
    assert not list(cache.rglob("*.incomplete"))


def test_leftovers_of_a_killed_run_are_not_counted(hub: Hub, tmp_path: Path) -> None:
    rows = [*records(5), {**records(1)[0], "number": 9, "key": 9}]
    where = folder(tmp_path / "data", {"train.jsonl": jsonl(rows)})

    def load() -> object:
        with pytest.warns(mk.errors.DroppedRowsWarning, match="1 of 6 rows are set aside"):
            return mk.load(demo(), split="train", path=where, on_bad="drop")

    final = Path(load().cache_files[0]["filename"]).parent  # type: ignore[attr-defined]
    left = final.with_name(f"{final.name}.incomplete")
    final.rename(left)  # as if it had been killed before the last step
    (left / "dataset_info.json").unlink()
    (left / "medqa_kit___demo_exam-train-00000-00007-of-NNNNN.arrow").write_bytes(b"half")
    (left / "medqa_report-00004.json").write_text('{"read": 99, "made": 99, "aside": {"x": 99}}')
    (left / "medqa_quarantine-00004.jsonl").write_text("{}\n")
    (left / "folder").mkdir()
    data = load()
    assert len(data) == 5  # type: ignore[arg-type]
    assert not left.exists()
    assert len(files(final, ".jsonl")) == len(files(final, ".arrow")) == 1


def test_a_killed_download_is_taken_up_again(hub: Hub, tmp_path: Path) -> None:
    serve(hub, {"train.jsonl": jsonl(records(50_000))})
    stall = hub.stall("*/train.jsonl", seconds=60, after=100_000)
    code = HEAD + "mk.load(demo(), split='train')"
    process = start(hub, tmp_path, code)
    while not stall.met:
        time.sleep(0.01)
        assert process.poll() is None
    kill(process)
    hub.mend()
    again = start(hub, tmp_path, f"{HEAD}\nprint(len(mk.load(demo(), split='train')))")
    assert said(again)[-1] == "50000"


def test_two_loads_at_the_same_time(hub: Hub, tmp_path: Path) -> None:
    serve(hub, {"train.jsonl": jsonl(records(20_000))})
    code = HEAD + (
        "data = mk.load(demo(normalize=slow), split='train')\n"
        "print(len(data), len(set(data['id'])), mk.rows(data).__next__()['id'])"
    )
    both = [start(hub, tmp_path, code, delay=0.2) for _ in range(2)]
    outs = [said(process) for process in both]
    assert {out[-1] for out in outs} == {"20000 20000 demo_exam/0"}
    batches = sum(out.count("normalising 10000") for out in outs)
    assert batches == 2, "the second waits for the first and uses its rows"


# -- a stale cache

PLUGIN = """
import pyarrow as pa
import pyarrow.compute as pc
from plugin_helpers import ending, MARK
from demo import COLUMNS

def normalize(raw):
    made = COLUMNS(raw)
    asked = pc.binary_join_element_wise(made["question"], ending(), "BODY" + MARK)
    return made.set_column(made.column_names.index("question"), "question", asked)
"""
HELPERS = """
MARK = "CONSTANT"
def ending():
    return "INNER"
"""


def test_a_changed_normalizer_never_meets_old_rows(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = folder(tmp_path / "data", {"train.jsonl": jsonl(records())})
    package = folder(tmp_path / "site" / "plugin_exam", {"__init__.py": b""})
    monkeypatch.syspath_prepend(package.parent)

    def use(body: str = "!", inner: str = "?", constant: str = "") -> tuple[str, str]:
        source = PLUGIN.replace("BODY", body).replace("plugin_helpers", "plugin_exam.helpers")
        (package / "source.py").write_text(source, encoding="utf-8")
        helpers = HELPERS.replace("INNER", inner).replace("CONSTANT", constant)
        (package / "helpers.py").write_text(helpers, encoding="utf-8")
        for name in [name for name in sys.modules if name.startswith("plugin_exam")]:
            del sys.modules[name]
        importlib.invalidate_caches()
        normalize = importlib.import_module("plugin_exam.source").normalize
        data = mk.load(demo(normalize=normalize), split="train", path=where)
        return data[0]["question"].removeprefix("0은 짝수인가?"), data.cache_files[0]["filename"]

    outputs = [use(), use(), use(body="_body_"), use(inner="_inner_"), use(constant="_constant_")]
    assert [rows for rows, _ in outputs] == ["!?", "!?", "_body_?", "!_inner_", "!_constant_?"]
    places = [place for _, place in outputs]
    assert places[0] == places[1], "nothing changed, and yet it was made anew"
    assert len(set(places)) == 4


def test_a_function_defined_anew_in_a_notebook_is_another(hub: Hub, tmp_path: Path) -> None:
    where = folder(tmp_path / "data", {"train.jsonl": jsonl(records())})
    cell = """
import pyarrow.compute as pc
def normalize(raw):
    made = COLUMNS(raw)
    asked = pc.binary_join_element_wise(made["question"], TAIL, "")
    return made.set_column(made.column_names.index("question"), "question", asked)
"""
    notebook = {"__name__": "__main__", "COLUMNS": COLUMNS, "TAIL": "v0"}
    outputs = []
    for change in (cell, cell.replace("TAIL", "'v1'"), cell, "TAIL = 'v2'"):
        exec(change, notebook)
        source = demo(normalize=notebook["normalize"])
        outputs.append(mk.load(source, split="train", path=where)[0]["question"][-2:])
    assert outputs == ["v0", "v1", "v0", "v2"]
