"""The code of the documents that stands without prompts runs as it is written, on samples instead of the hub."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.building import evaluation_tasks
from scripts import ROOT

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def plain_blocks(page: Path) -> list[str]:
    return [block for block in BLOCK.findall(page.read_text("utf-8")) if ">>>" not in block]


PAGES = {
    page.name: plain_blocks(page) for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
}
PAGES = {
    name: blocks for name, blocks in PAGES.items() if blocks and name != "engines.md"
}  # wants clusters


def result(request: str) -> str:
    choice = {"finish_reason": "stop", "message": {"content": "B"}}
    body = {"status_code": 200, "body": {"choices": [choice]}}
    return json.dumps({"custom_id": request, "error": None, "response": body})


def around() -> dict[str, Any]:
    """What the pages speak of without making it."""
    test = mk.load("kormedmcqa", subset="doctor", split="test")
    train = mk.load("kormedmcqa", subset="doctor", split="train")
    pairs = pa.table({"id": ["a"], "prompt": ["Q"], "chosen": ["yes"], "rejected": ["no"]})
    return {
        "mk": mk, "Path": Path, "test": test, "data": train, "tokenizer": len, "pool": mk.load("kormedmcqa", split="train"), "rows": test,
        "exam_ids": test["id"], "examples": [], "row": test[0], "reply": "정답은 A입니다.", "pairs": pairs,
        "replies": pa.table({"id": ["a"], "completion": ["정답은 A입니다."]}),
    }  # fmt: skip


# Each block of the page on recipes builds a set.
@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.slow if n == "recipes.md" else ()) for n in PAGES],
)
def test_the_code_of_a_page_runs(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(mk, "load", functools.partial(mk.load, origin="sample"))
    monkeypatch.setattr(evaluation_tasks, "load", functools.partial(mk.load, origin="sample"))
    monkeypatch.setattr(mk.Holdout, "named", functools.partial(mk.Holdout.named, origin="sample"))
    names = around()
    for number, block in enumerate(PAGES[name]):
        if "parse_batch" in block:
            (tmp_path / "output.jsonl").write_text(
                "\n".join(map(result, names["test"]["id"])), "utf-8"
            )
        exec(compile(block, f"{name}, block {number}", "exec"), names)


@pytest.mark.engines
@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore::Warning")
def test_the_code_of_the_page_on_engines_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray, sql = pytest.importorskip("ray"), pytest.importorskip("pyspark.sql")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(mk.Holdout, "named", functools.partial(mk.Holdout.named, origin="sample"))
    rows = mk.load("kormedmcqa", split="train", origin="sample").data.table
    (tmp_path / "training").mkdir()
    pq.write_table(pa.table(rows), tmp_path / "training" / "part-0.parquet")
    # A Java machine that other tests have started stays in the folder of then.
    blocks = [
        re.sub(r'"((?:training|records|records-of-ray)/)"', f'"{tmp_path}/\\1"', block)
        for block in plain_blocks(ROOT / "docs" / "engines.md")
    ]
    assert len(blocks) == 2
    try:
        for block in blocks:
            names: dict[str, Any] = {}
            exec(compile(block, "engines.md", "exec"), names)
            assert names["report"].dropped == 2
    finally:  # other tests start engines of their own
        ray.shutdown()
        sql.SparkSession.builder.getOrCreate().stop()
    sizes = {sum(pq.read_table(file).num_rows for file in (tmp_path / folder).glob("*.parquet"))
             for folder in ("records", "records-of-ray")}  # fmt: skip
    assert len(sizes) == 1
    assert 0 < sizes.pop() <= len(rows) - 2


@pytest.mark.engines
@pytest.mark.timeout(900)
def test_the_notebook_on_engines_gives_what_it_shows(tmp_path: Path) -> None:
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    for name in ("ray", "pyspark"):
        pytest.importorskip(name)
    notebook = nbformat.read(ROOT / "docs" / "tutorials" / "ray_and_spark.ipynb", as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = [[output["data"]["text/plain"] for output in cell.outputs] for cell in cells]
    nbclient.NotebookClient(
        notebook, timeout=600, resources={"metadata": {"path": tmp_path}}
    ).execute()
    again = [[output["data"]["text/plain"] for output in cell.outputs if output.output_type == "execute_result"]
             for cell in cells]  # fmt: skip
    assert again == shown
    assert sum(map(len, shown)) == 3
