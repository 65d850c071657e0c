"""OSCAR: gated, compressed JSON Lines, two places of the headers."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.entries.oscar_ko import JUDGED
from medqa_kit.loading.planner import SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")


def from_line(folder: Path, page: dict[str, Any]) -> dict[str, Any]:
    file = folder / "one.jsonl"
    file.write_text(json.dumps(page, ensure_ascii=False), encoding="utf-8")
    return mk.load("oscar_ko", split="train", path=file)[0]


def test_gated_until_the_terms_are_accepted(hub) -> None:
    commit = "1" * 40
    repo = hub.repo("oscar-corpus/OSCAR-2301").commit(commit, SAMPLES / "oscar_ko")
    repo.gated = "manual"
    assert mk.source("oscar_ko").access == "gated"
    with pytest.raises(mk.errors.GatedError, match="OSCAR-2301"):
        mk.load("oscar_ko", split="train")
    assert (
        mk.load(
            "oscar_ko", split="train", token=hub.token(reads=["oscar-corpus/OSCAR-2301"])
        ).num_rows
        == 14
    )


def test_compressed_shards_are_read_and_a_page_crawled_twice_stays(hub) -> None:
    rows = mk.load("oscar_ko", split="train", origin="sample")
    assert rows.num_rows == 14
    assert rows[13]["id"] == rows[0]["id"] + "~2"
    assert rows[0]["url"] == "https://a.example/1"


def test_quality_warnings_can_be_carried_along(hub) -> None:
    rows = mk.load("oscar_ko", split="train", origin="sample", keep=["metadata"])
    assert [row["metadata"]["quality_warnings"] for row in rows][:3] == [
        ["short_sentences"], ["tiny", "noisy"], None,
    ]  # fmt: skip


META = {
    "warc_headers": {"warc-record-id": "<urn:uuid:1>", "warc-target-uri": "https://b.example"},
    "identification": {"label": "ko", "prob": 0.9},
    "harmful_pp": None,
    "tlsh": "tlsh:T1",
    "quality_warnings": ["tiny"],
    "categories": ["blog"],
    "sentence_identifications": [{"label": "ko", "prob": 0.9}, None],
}


def test_headers_inside_meta_and_text_for_content(hub, tmp_path: Path) -> None:
    row = from_line(tmp_path, {"id": 0, "text": "글", "meta": META})
    assert (row["text"], row["url"]) == ("글", "https://b.example")
    data = mk.load("oscar_ko", split="train", path=tmp_path / "one.jsonl", keep=["meta"])
    assert data[0]["meta"]["quality_warnings"] == ["tiny"]
    assert set(data[0]["meta"]) == {"warc_headers", *JUDGED}


def test_a_page_is_its_address_and_its_text_whatever_its_running_number(
    hub, tmp_path: Path
) -> None:
    there = {**META, "warc_headers": {"warc-target-uri": "https://c.example"}}
    pages = [{"id": 0, "text": "글", "meta": META}, {"id": 7, "text": "글", "meta": META},
             {"id": 8, "text": "글", "meta": there}, {"id": 9, "text": "다른 글", "meta": META}]  # fmt: skip
    file = tmp_path / "pages.jsonl"
    file.write_text("\n".join(json.dumps(page) for page in pages), encoding="utf-8")
    ids = mk.load("oscar_ko", split="train", path=file)["id"][:]
    assert ids[1] == ids[0] + "~2"
    assert len({i.partition("~")[0] for i in ids}) == 3


def test_headers_may_be_absent(hub, tmp_path: Path) -> None:
    row = from_line(tmp_path, {"content": "글"})
    assert (row["text"], row["url"]) == ("글", None)


def test_the_script_is_not_run_and_an_open_copy_is_another_layout(hub, tmp_path: Path) -> None:
    folder = tmp_path / "upstream"
    copytree(SAMPLES / "oscar_ko", folder)
    (folder / "OSCAR-2301.py").write_text("raise SystemExit('run')\n")
    hub.repo("oscar-corpus/OSCAR-2301").commit("1" * 40, folder)
    assert mk.load("oscar_ko", split="train").num_rows == 14
    (tmp_path / "copy" / "data").mkdir(parents=True)
    pq.write_table(pa.table({"text": ["글"]}), tmp_path / "copy" / "data" / "train-0.parquet")
    hub.repo("lcw99/oscar-ko-only").commit("2" * 40, tmp_path / "copy")
    with pytest.raises(mk.errors.WrongFilesError) as caught:
        mk.load("oscar_ko", split="train", repo="lcw99/oscar-ko-only")
    assert caught.value.expected == "ko_meta/*.jsonl.zst"


def test_pages_have_the_terms_of_the_crawl_whatever_the_packaging_says() -> None:
    source = mk.source("oscar_ko")
    assert source.terms.commercial == "conditional"
    assert {claim.license for claim in source.license} == {"CC0-1.0", "crawl-terms"}
    assert source.rows is None, "nobody has counted them"
    assert source.floating
