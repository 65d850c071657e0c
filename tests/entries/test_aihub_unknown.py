"""AI-Hub 71433 and 566: their keys are not known; what is there is reported, and nothing guessed."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.loading.files import survey as survey_module
from medqa_kit.loading.files.survey import structure, survey

NAMES = {"aihub_emergency_dialogue": "71433", "aihub_medical_speech": "566"}
BOTH = pytest.mark.parametrize("name", NAMES)
DIALOGUE = {
    "환자": {"나이": 50},
    "대화": [{"화자": "의사", "발화": "비밀 하나"}, {"화자": "환자", "발화": "비밀 둘"}],
}


def put(folder: Path, name: str, value: Any) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value, ensure_ascii=False), "utf-8-sig")


@BOTH
def test_without_a_path_it_says_how_to_get_the_files(hub, name: str) -> None:
    with pytest.raises(mk.errors.NoDataError, match="not documented") as error:
        mk.load(name)
    steps = mk.source(name).how_to_get()
    assert steps.partition("\n")[2] in str(error.value)
    for word in (NAMES[name], "secure area", "Korean nationals", "no redistribution", "path="):
        assert word in steps


@BOTH
def test_given_a_path_it_reports_what_it_met_and_loads_nothing(
    hub, tmp_path: Path, name: str
) -> None:
    files = tmp_path / "files"
    put(files, "Training/1.json", DIALOGUE)
    put(files, "Training/2.json", {"환자": None, "결과": "비밀 셋"})
    (files / "Training/1.wav").write_bytes(b"RIFF")
    with pytest.raises(mk.errors.NoDataError) as error:
        mk.load(name, path=files)
    text = " ".join(error.value.found.split())
    assert text == (
        "3 files: 2 .json, 1 .wav "
        'keys in 2 of 2 JSON files looked at: "환자" (2), "대화" (1), "결과" (1) '
        "structure of 'Training/1.json': "
        '{"환자": {"나이": number}, "대화": [2 × {"화자": text, "발화": text}]}'
    )
    assert "guessing" in str(error.value)
    assert "maintainers" in error.value.hint
    assert "비밀" not in str(error.value), "values are nobody's business"


@BOTH
def test_a_path_with_nothing_is_another_matter(hub, tmp_path: Path, name: str) -> None:
    with pytest.raises(mk.errors.WrongFilesError):
        mk.load(name, path=tmp_path / "nowhere")


@BOTH
@pytest.mark.parametrize("options", [{"origin": "sample"}, {"streaming": True}])
def test_no_other_way_loads_it(hub, name: str, options: dict[str, Any]) -> None:
    with pytest.raises(mk.errors.NoDataError):
        mk.load(name, **options)


@BOTH
def test_the_catalogue_says_so_before(name: str) -> None:
    source = mk.source(name)
    assert (source.access, source.parts, source.schema) == ("no-data", (), None)
    assert source.terms.redistribute == "no"
    assert "not documented" in source.show()
    assert any("guide calls it patient-doctor dialogue" in quirk for quirk in source.quirks)


def test_the_steps_of_the_emergency_room_are_told() -> None:
    source = mk.source("aihub_emergency_dialogue")
    for step in ("triage", "first examination", "tests", "discharge"):
        assert step in source.about
        assert step in source.quirks[0]


def test_members_of_zips_are_looked_into(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "TL.zip", "w") as archive:
        archive.writestr("a/1.json", json.dumps([{"키": 1}, {"다른 키": []}]))
        archive.writestr("a/broken.json", "{")
    lines = survey(tmp_path, source="s").splitlines()
    assert lines[0] == "2 files: 2 .json"
    assert lines[1] == 'keys in 1 of 2 JSON files looked at: "키" (1), "다른 키" (1)'
    assert lines[2] == 'structure of \'TL/a/1.json\': [2 × {"키": number} or {"다른 키": []}]'


def test_a_large_tree_is_looked_at_in_part_and_counted_whole(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(survey_module, "_MOST_FILES", 2)
    for number in range(5):
        put(tmp_path, f"{number}.json", {"a": number})
    assert survey(tmp_path, source="s").splitlines()[:2] == [
        "5 files: 5 .json", 'keys in 2 of 2 JSON files looked at: "a" (2)',
    ]  # fmt: skip


def test_files_that_are_no_json(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    (tmp_path / "b").write_bytes(b"")
    assert survey(tmp_path, source="s").splitlines() == [
        "2 files: 1 .wav, 1 without ending", "no JSON could be read (0 files looked at)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true or false"),
        (1.5, "number"),
        ("비밀", "text"),
        ([], "[]"),
        ({}, "{}"),
        ([1, "a", None, True], "[4 × number or text or null or …]"),
        ({"k" * 200: 1}, '{"' + "k" * 80 + '": number}'),
        ({str(n): 1 for n in range(41)}, "…}"),
    ],
)
def test_structure_shows_types_and_no_values(value: Any, text: str) -> None:
    assert structure(value).endswith(text)


def test_depth_is_bounded() -> None:
    value: Any = "비밀"
    for _ in range(50):
        value = {"a": value}
    assert structure(value).count("a") < 12
    assert "…" in structure(value)
