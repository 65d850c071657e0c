"""Gates: what the result of a recipe must be like, measured, told and written as JUnit XML."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import medqa_kit as mk
from medqa_kit.cli import main
from medqa_kit.errors import GateError, RecipeError
from results import file_bytes, parquet_rows

NOTES = [
    {"text": "환자는 열이 난다."},
    {"text": "연락처 010-1234-5678, 환자 880102-1234567"},
    {"text": "The patient has a fever and a cough."},
    {"text": "N/A"},
]


def noted(folder: Path, **gate: Any) -> dict[str, Any]:
    file = folder / "notes.jsonl"
    file.write_text("".join(json.dumps(note, ensure_ascii=False) + "\n" for note in NOTES), "utf-8")
    source = {
        "as": "notes",
        "read": str(file),
        "schema": "text",
        "license": "CC0-1.0",
        "language": "ko",
    }
    return {"name": "notes", "source": [source], "format": {"record": "text"}, "gate": gate}


@pytest.mark.parametrize(("gate", "closed"), [
    ({"personal_data": {"any": 0.0}}, "personal_data.any: 1 of 4 rows, 0 of them allowed; such as 'notes/"),
    ({"personal_data": {"phone": 0.2}}, "personal_data.phone: 1 of 4 rows, 0.2 of them allowed; such as 'notes/"),
    ({"findings": {"placeholder": 0.0}}, "findings.placeholder: 1 of 4 rows, 0 of them allowed; such as 'notes/"),
    ({"findings": {"error": 0.2}}, "findings.error: 1 of 4 rows, 0.2 of them allowed; such as 'notes/"),
    ({"findings": {"wrong_script": 0.1}}, "findings.wrong_script: 1 of "),
    ({"script": {"hangul": {"min": 0.6}}}, "script.hangul: 0.5 over 4 rows, at least 0.6 is allowed"),
    ({"script": {"hangul": {"max": 0.4}}}, "script.hangul: 0.5 over 4 rows, at most 0.4"),
])  # fmt: skip
def test_a_gate_is_closed_by_what_the_rows_hold(
    tmp_path: Path, gate: dict[str, Any], closed: str
) -> None:
    with pytest.raises(GateError) as caught:
        mk.build(noted(tmp_path, **gate), out=tmp_path / "out")
    assert closed in caught.value.found
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("most", [0.0, 0.7])
def test_a_gate_that_counts_rows_left_out_names_the_first_of_them(
    tmp_path: Path, most: float
) -> None:
    recipe = noted(tmp_path, dropped=most)
    recipe["source"][0] |= {"where": {"chars": {"max": 4}}, "key": "number"}
    lines = [json.dumps(note | {"number": f"n{n}"}) + "\n" for n, note in enumerate(NOTES)]
    (tmp_path / "notes.jsonl").write_text("".join(lines), "utf-8")
    too_long = [f"notes/n{n}" for n, note in enumerate(NOTES) if len(note["text"]) > 4]
    with pytest.raises(GateError) as caught:
        mk.build(recipe, out=tmp_path / "out", junit=tmp_path / "gates.xml")
    assert caught.value.found == (f"dropped: {len(too_long)} of {len(NOTES)} rows, {most:g} of them allowed; "
                                  f"such as {', '.join(map(repr, too_long[:3]))}")  # fmt: skip


def test_an_open_gate_stands_in_the_manifest(tmp_path: Path) -> None:
    gate = {"personal_data": {"any": 0.25}, "findings": {"placeholder": 0.25, "mojibake": 0.0}, "dropped": 0.0}  # fmt: skip
    result = mk.build(noted(tmp_path, **gate), out=tmp_path / "out", junit=tmp_path / "gates.xml")
    assert {gate["name"]: (gate["found"], gate["of"], gate["passed"]) for gate in result.manifest["gates"]} == {
        "dropped": (0, 4, True), "findings.placeholder": (1, 4, True), "findings.mojibake": (0, 4, True),
        "personal_data.any": (1, 4, True),
    }  # fmt: skip
    suite = ElementTree.parse(tmp_path / "gates.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("4", "0")
    assert not len(mk.verify(result.path).findings)


@pytest.mark.parametrize("rows", [7, 29, 57, 58])
def test_a_gate_is_open_at_its_very_limit(tmp_path: Path, rows: int) -> None:
    """0.29 * 100 is a little less than 29."""
    recipe = noted(tmp_path, dropped=rows / 100)
    notes = [{"text": "열이 난다." if n < rows else f"환자 {n}번은 기침을 하고 열이 난다."} for n in range(100)]  # fmt: skip
    lines = "".join(json.dumps(note) + "\n" for note in notes)
    (tmp_path / "notes.jsonl").write_text(lines, "utf-8")
    recipe["source"][0]["where"] = {"chars": {"min": 10}}
    result = mk.build(recipe, out=tmp_path / "out")
    assert [(gate["found"], gate["passed"]) for gate in result.manifest["gates"]] == [(rows, True)]
    recipe["gate"] = {"dropped": rows / 100 - 0.001}
    with pytest.raises(GateError, match=f"{rows} of 100 rows"):
        mk.build(recipe, out=tmp_path / "out")


def test_junit_tells_of_closed_gates_and_the_earlier_result_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "notes.toml"
    gate = "[gate]\npersonal_data = { any = 0, phone = 1 }\n[gate.findings]\nplaceholder = 0\n"
    noted(tmp_path)
    file.write_text('name = "notes"\n[[source]]\nas = "notes"\nread = "notes.jsonl"\nschema = "text"\n'
                    f'license = "CC0-1.0"\n[format]\nrecord = "text"\n{gate}', "utf-8")  # fmt: skip
    out = tmp_path / "out"
    words = ["build", str(file), "--out", str(out), "--junit", str(tmp_path / "gates.xml")]
    assert main([*words, "--set", "gate.findings.placeholder=1", "--set", "gate.personal_data.any=1"]) == 0  # fmt: skip
    before = file_bytes(out)
    assert main(words) == 4
    assert file_bytes(out) == before
    cases = ElementTree.parse(tmp_path / "gates.xml").getroot()[0]
    told = {case.get("name"): case.find("failure") for case in cases}
    assert set(told) == {"findings.placeholder", "personal_data.any", "personal_data.phone"}
    assert told["personal_data.phone"] is None
    said = told["personal_data.any"].get("message")
    assert said.startswith("personal_data.any: 1 of 4 rows, 0 of them allowed; such as ")
    [phoned] = [row["id"] for row in parquet_rows(out, "train").to_pylist() if "010" in row["text"]]
    assert phoned in said


@pytest.mark.parametrize(("gate", "message"), [
    ({"findings": {"placeholders": 0}}, "did you mean 'placeholder'"),
    ({"personal_data": {"telephone": 0}}, r"gate\.personal_data\.telephone: there is no such key"),
    ({"personal_data": {"any": 2}}, r"gate\.personal_data\.any: takes a number"),
    ({"script": {"hangul": {"min": 60}}}, "a share is between 0 and 1; expected 0 to 1, found { min = 60 }"),
])  # fmt: skip
def test_gates_that_cannot_be_are_refused(
    tmp_path: Path, gate: dict[str, Any], message: str
) -> None:
    with pytest.raises(RecipeError, match=message):
        mk.build(noted(tmp_path, **gate), out=tmp_path / "out")


def test_rows_of_which_no_record_can_be_made_count_at_a_gate(tmp_path: Path) -> None:
    talks = [{"id": f"t{n}", "messages": [{"role": role, "content": f"{role} says {n * 7919} and {turn}"}
              for turn in range(1 + n % 2) for role in ("user", "assistant")]} for n in range(20)]  # fmt: skip
    (tmp_path / "own.jsonl").write_text("".join(f"{json.dumps(talk)}\n" for talk in talks), "utf-8")
    own = {"as": "own", "read": str(tmp_path / "own.jsonl"), "schema": "dialogue", "license": "MIT"}
    recipe = {"name": "gated", "source": [own], "split": {"validation": 0.3}, "format": {"record": "text"}}  # fmt: skip
    for most, closed in ((0.4, True), (0.5, False)):
        gated = recipe | {"gate": {"dropped": most}}
        assert mk.plan(gated).problems["kind"].to_pylist() == ["gate"] * closed
        if closed:
            with pytest.raises(GateError, match="dropped: 10 of 20 rows"):
                mk.build(gated, out=tmp_path / "out")
        else:
            result = mk.build(gated, out=tmp_path / "out")
            assert result.manifest["totals"]["dropped"] == {"record_multi_turn": 10}
            assert result.manifest["gates"][0]["found"] == 10
