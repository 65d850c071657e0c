"""KoMeP: no place and no names are known, so a path and names are asked for."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk

PAIR = {"prompt": "왜요?", "chosen": "그래서요.", "rejected": "몰라요."}
NAMES = {"prompt": "question", "chosen": "better", "rejected": "worse"}


def write(folder: Path, ending: str, rows: list[dict[str, Any]]) -> Path:
    file = folder / f"pairs.{ending}"
    match ending:
        case "parquet":
            pq.write_table(pa.Table.from_pylist(rows), file)
        case "jsonl":
            file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        case "json":
            file.write_text(json.dumps(rows), "utf-8")
        case "csv":
            with file.open("w", newline="", encoding="utf-8") as out:
                writer = csv.DictWriter(out, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
    return file


def test_without_a_path_it_says_how_to_get_it(hub) -> None:
    with pytest.raises(mk.errors.ManualDownloadError) as error:
        mk.load("komep")
    steps = mk.source("komep").how_to_get()
    assert steps in str(error.value).replace("Hint: ", "")
    for word in ("10.4258/hir.2025.31.2.166", "PMC12086433", "author", "columns=", "path="):
        assert word in steps


@pytest.mark.parametrize("ending", ["parquet", "jsonl", "json", "csv"])
def test_one_file_of_any_format(hub, tmp_path: Path, ending: str) -> None:
    data = mk.load("komep", split="train", path=write(tmp_path, ending, [PAIR]))
    assert {name: data[0][name] for name in PAIR} == PAIR


@pytest.mark.parametrize("ending", ["parquet", "jsonl", "csv"])
def test_other_names_are_given_and_never_guessed(hub, tmp_path: Path, ending: str) -> None:
    theirs = {NAMES[name]: text for name, text in PAIR.items()} | {"model": "m"}
    file = write(tmp_path, ending, [theirs])
    with pytest.raises(mk.errors.SchemaMovedError, match="prompt") as error:
        mk.load("komep", split="train", path=file)
    assert "question" in error.value.found
    data = mk.load("komep", split="train", path=file, columns=NAMES)
    assert {name: data[0][name] for name in PAIR} == PAIR


def test_two_equal_answers_are_no_preference(hub, tmp_path: Path) -> None:
    file = write(tmp_path, "jsonl", [PAIR, PAIR | {"rejected": PAIR["chosen"]}])
    with pytest.raises(mk.errors.RowError, match="the same") as error:
        mk.load("komep", split="train", path=file)
    assert error.value.row == 1
    with pytest.warns(mk.errors.DroppedRowsWarning, match="1 of 2"):
        assert len(mk.load("komep", split="train", path=file, on_bad="drop")) == 1


def test_pairs_of_one_prompt_are_one_family_and_copies_have_their_own_ids(hub) -> None:
    rows = [
        row for row in mk.load("komep", split="train", origin="sample") if "체온" in row["prompt"]
    ]
    assert len({row["family"] for row in rows}) == 1
    assert rows[0]["family"].startswith("komep:")
    assert len({row["id"] for row in rows}) == len(rows) == 3
    assert rows[2]["id"] == f"{rows[1]['id']}~2"


def test_each_of_the_three_texts_makes_another_pair(hub, tmp_path: Path) -> None:
    pairs = [PAIR, *(PAIR | {name: "다른 글."} for name in PAIR)]
    data = mk.load("komep", split="train", path=write(tmp_path, "jsonl", pairs))
    assert len({row_id.partition("~")[0] for row_id in data["id"]}) == 4


def test_no_licence_grants_nothing() -> None:
    source = mk.source("komep")
    assert not source.terms.allows("research")
    assert "komep" not in [s.name for s in mk.sources(use="research")]
    assert source.access == "manual"


def test_it_descends_from_the_dahl_questions_and_its_count_is_the_papers() -> None:
    source = mk.source("komep")
    assert [parent.name for parent in source.derived_from if parent.catalogued] == [
        "dahl_questions"
    ]
    assert "train: 5,551 rows (claimed)" in source.show()
    assert "licensing exam" in source.show(), "what a guide says, and is not so"
    authors = " ".join(source.citation.partition("author  = {")[2].partition("}")[0].split())
    assert [name.split()[-1] for name in authors.split(" and ")] == [
        "Seo", "Park", "Byun", "Choi", "Choi", "Shin",
    ]  # fmt: skip


def test_names_that_are_given_count_also_where_ours_is_there_too(hub, tmp_path: Path) -> None:
    template = PAIR | {"prompt": "### 질문", "question": PAIR["prompt"]}
    file = write(tmp_path, "jsonl", [template])
    data = mk.load("komep", split="train", path=file, columns={"prompt": "question"})
    assert data[0]["prompt"] == PAIR["prompt"]
    swapped = mk.load(
        "komep", split="train", path=file, columns={"chosen": "rejected", "rejected": "chosen"}
    )
    assert swapped[0]["chosen"] == PAIR["rejected"]
    with pytest.raises(mk.errors.SchemaMovedError, match="prompt"):
        mk.load("komep", split="train", path=file, columns={"prompt": "no such column"})
