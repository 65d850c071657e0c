"""The manifest and the report say what checks found in the rows that were kept."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk

_STEMS = (
    "괴혈병을 예방하는 비타민은 무엇인가?", "골절 부위를 고정할 때 쓰는 것은?", "저혈당일 때 먼저 먹일 것은?", "화상을 식히는 물의 온도는?",
    "쓰러진 사람에게 먼저 확인할 것은?", "벌에 쏘였을 때 바를 것은?", "코피가 날 때 숙이는 방향은?", "탈수를 알아보는 징후는?",
)  # fmt: skip


def _row(number: int) -> dict[str, Any]:
    return {"id": f"ward/{number}", "question": _STEMS[number], "options": [f"{number}가", f"{number}나", f"{number}다"],
            "answer_index": number % 3, "rationale": f"{number}나가 옳다."}  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> mk.building.Build:
    folder = tmp_path_factory.mktemp("ward")
    rows = [_row(number) for number in range(len(_STEMS))]
    rows[1]["rationale"] = "N/A"
    rows[2]["question"] += " cafÃ©"
    rows[3]["options"][1] = rows[3]["options"][2]
    rows[5]["rationale"] += " 보호자 연락처 010-2345-6789"
    rows[4] |= {"rationale": "As an AI language model, I cannot say.", "answer_index": None}
    file = folder / "ward.jsonl"
    file.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), "utf-8")
    source = {
        "as": "ward",
        "read": str(file),
        "schema": "qa",
        "language": "ko",
        "license": "CC0-1.0",
    }
    recipe = {"name": "ward", "source": [source],
              "split": {"validation": 0}}  # fmt: skip
    return mk.build(recipe, out=folder / "out", origin="sample")


def _failed(built: mk.building.Build) -> dict[str, int]:
    checks = built.manifest["quality"]["checks"]
    return {code: check["failed"] for code, check in checks.items() if check["failed"]}


def test_the_manifest_holds_each_check_with_what_it_tested_and_found(built) -> None:
    quality = json.loads((built.path / "manifest.json").read_text("utf-8"))["quality"]
    assert quality == built.manifest["quality"]
    assert (quality["rows"], quality["of"]) == (7, 7)  # the row without an answer is left out
    assert _failed(built) == {"placeholder": 1, "mojibake": 1, "duplicate_option": 1}
    check = quality["checks"]["mojibake"]
    assert (check["severity"], check["tested"], check["sources"]) == ("error", 7, {"ward": 1})
    assert len(check["examples"]) == 1
    assert quality["checks"]["refusal"] | {"meaning": ""} == {
        "severity": "warning", "meaning": "", "tested": 7, "failed": 0, "sources": {}, "examples": []
    }  # fmt: skip
    assert "bio_orphan" not in quality["checks"]  # no row has tags


def test_personal_data_and_scripts_are_told_of_rows_that_are_read(built) -> None:
    quality = built.manifest["quality"]
    assert quality["read"] == 7
    assert quality["personal"] == {"phone": {"rows": 1, "sources": {"ward": 1}}}
    assert quality["numbers"] == {}  # no row is a pair
    assert quality["scripts"]["ward"]["hangul"] > 0.9
    assert "010-2345" not in json.dumps(built.manifest)


@pytest.mark.slow
def test_figures_of_pairs_are_held_against_each_other(tmp_path: Path) -> None:
    pairs = [{"id": "p/0", "text": "Give 0.5 mg.", "translation": "5 mg을 준다."},
             {"id": "p/1", "text": "Wait 3 days.", "translation": "사흘 기다린다."}]  # fmt: skip
    file = tmp_path / "pairs.jsonl"
    languages = {"text_language": "en", "translation_language": "ko"}
    file.write_text("".join(json.dumps(pair | languages) + "\n" for pair in pairs), "utf-8")
    source = {
        "as": "pairs",
        "read": str(file),
        "schema": "parallel",
        "language": "ko",
        "license": "CC0-1.0",
    }
    result = mk.build({"name": "pairs", "source": [source], "split": {"validation": 0}}, out=tmp_path / "out", origin="sample")  # fmt: skip
    assert result.manifest["quality"]["numbers"] == {
        "tenfold": {"rows": 1, "sources": {"pairs": 1}}
    }
    assert "figures of a translation: tenfold" in (result.path / "report.html").read_text("utf-8")


def test_the_report_says_the_same(built) -> None:
    page = (built.path / "report.html").read_text("utf-8")
    assert "personal data: phone" in page
    assert "7 of 7 kept rows" in page
    for code, check in built.manifest["quality"]["checks"].items():
        assert (f"<td>{code}</td>" in page) is bool(check["failed"])
        assert all(name in page for name in check["examples"])


@pytest.mark.parametrize(("limit", "most"), [("CHECKED_ROWS", 3), ("CHECKED_BYTES", 260)])
def test_of_many_or_long_rows_every_second_or_third_is_looked_at(
    tmp_path: Path, built, monkeypatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(f"medqa_kit.building.stages.quality.{limit}", most)
    again = mk.build(built.path / "recipe.toml", out=tmp_path / "again", origin="sample")
    quality = again.manifest["quality"]
    assert (quality["rows"], quality["of"]) == (3, 7)  # the first, the fourth and the last
    assert {check["tested"] for check in quality["checks"].values()} == {3}
    assert _failed(again) == {"duplicate_option": 1}


def test_a_result_from_which_rows_were_taken_keeps_what_was_found(built, tmp_path: Path) -> None:
    before = built.manifest["quality"]
    left, _ = mk.retract(
        shutil.copytree(built.path, tmp_path / "left"),
        items=before["checks"]["mojibake"]["examples"],
    )
    assert left.manifest["quality"] == before
    assert "before rows were taken out" in (left.path / "report.html").read_text("utf-8")
    assert not len(mk.verify(left.path).findings)
