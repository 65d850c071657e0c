"""Trees of small files as AI-Hub delivers them: a part of the tree alone, and copies of its folders and archives."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.errors import WrongFilesError
from medqa_kit.loading.planner import SAMPLES

pytestmark = [
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.PartsWarning"),
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.LeftOutWarning"),
]

TREE = SAMPLES / "aihub_essential_medical"
LABELS = next(TREE.rglob("02.라벨링데이터"))
TRAIN = LABELS / "TL_산부인과"
VALIDATION = next(TREE.rglob("VL_응급의학과"))
TEXTS = next(TREE.rglob("VS_응급의학과"))


def _zipped(folder: Path, to: Path) -> Path:
    to.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(to, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    return to


def _ids(loaded: Any) -> dict[str, list[str]]:
    return {split: list(rows["id"]) for split, rows in loaded.items()}


def _questions(path: Path, **named: str) -> Any:
    return mk.load("aihub_essential_medical", path=path, subset="questions", **named)


@pytest.fixture
def expected() -> dict[str, list[str]]:
    whole = _ids(mk.load("aihub_essential_medical", path=TREE, subset="questions"))
    return {
        "validation": [
            row_id for row_id in whole["validation"] if "/301-" in row_id or "/302-" in row_id
        ]
    }


@pytest.mark.parametrize("name", ["VL_응급의학과.zip", "VL_응급의학과 (1).zip"])
def test_an_archive_alone_is_told_by_its_own_name(
    tmp_path: Path, expected: dict[str, list[str]], name: str
) -> None:
    archive = _zipped(VALIDATION, tmp_path / name)
    assert _ids(_questions(archive)) == expected
    with pytest.raises(WrongFilesError, match="none of the part's files") as caught:
        _questions(archive, split="train")
    assert "split='validation'" in caught.value.hint


@pytest.mark.parametrize("higher", [0, 1])
def test_a_folder_deep_in_the_tree_is_told_by_the_folders_above(
    expected: dict[str, list[str]], higher: int
) -> None:
    folder = [VALIDATION, *VALIDATION.parents][higher]
    assert set(expected["validation"]) <= set(_ids(_questions(folder))["validation"])


def test_an_archive_of_other_parts_says_which(tmp_path: Path) -> None:
    archive = _zipped(TEXTS, tmp_path / "VS_응급의학과.zip")
    with pytest.raises(WrongFilesError) as caught:
        mk.load("aihub_essential_medical", path=archive)
    assert "subset='texts', split='validation'" in caught.value.hint
    texts = mk.load("aihub_essential_medical", path=archive, subset="texts", split="validation")
    assert texts.num_rows == len(list(TEXTS.iterdir()))


@pytest.mark.parametrize("name", ["TL_산부인과 (1)", "TL_산부인과 - 복사본", "Copy of TL_산부인과"])
@pytest.mark.parametrize("packed", [True, False])
def test_a_copy_of_an_archive_or_a_folder_is_no_second_one(
    tmp_path: Path, name: str, packed: bool
) -> None:
    labels = tmp_path / "Training" / "02.라벨링데이터"
    for each in (TRAIN.name, name):
        if packed:
            _zipped(TRAIN, labels / f"{each}.zip")
        else:
            shutil.copytree(TRAIN, labels / each)
    with pytest.raises(WrongFilesError, match=r"come twice|beside a copy") as caught:
        _questions(tmp_path)
    assert f"{TRAIN.name}/" in caught.value.found
    assert f"{name}/" in caught.value.found


def test_a_folder_whose_name_ends_in_a_number_is_no_copy_without_an_original(
    tmp_path: Path,
) -> None:
    shutil.copytree(TRAIN, tmp_path / "Training" / "02.라벨링데이터" / "TL_산부인과 (1)")
    assert len(_ids(_questions(tmp_path))["train"]) == len(list(TRAIN.iterdir()))


def test_an_archive_beside_its_folder_is_named(tmp_path: Path) -> None:
    labels = tmp_path / "Training" / "02.라벨링데이터"
    shutil.copytree(TRAIN, labels / TRAIN.name)
    _zipped(TRAIN, labels / f"{TRAIN.name}.zip")
    with pytest.raises(WrongFilesError, match="there twice") as caught:
        _questions(tmp_path)
    assert f"{TRAIN.name}.zip" in caught.value.found


def test_a_part_by_name_only_is_found_beside_the_one_with_the_same_files(tmp_path: Path) -> None:
    folder = next((SAMPLES / "aihub_ko_en_parallel").rglob("ko2en_validation_json"))
    archive = _zipped(folder, tmp_path / "ko2en_validation_json.zip")
    loaded = mk.load("aihub_ko_en_parallel", path=archive, subset="medical")
    assert {split: rows.num_rows > 0 for split, rows in loaded.items()} == {"validation": True}


def test_rows_that_say_their_collection_are_refused_as_others(tmp_path: Path) -> None:
    file = shutil.copy(
        SAMPLES / "open_korean_instructions" / "korquad-chat.json", tmp_path / "koalpaca.json"
    )
    with pytest.raises(WrongFilesError, match="another part") as caught:
        mk.load("open_korean_instructions", path=file, subset="koalpaca")
    assert "subset='korquad-chat'" in caught.value.hint


def test_columns_of_a_part_by_name_only_are_told(tmp_path: Path) -> None:
    clone = tmp_path / "MedQA" / "data"
    shutil.copytree(SAMPLES / "chugyouk_collection" / "ChuGyouk+MedQA" / "data", clone)
    with pytest.raises(WrongFilesError) as caught:
        mk.load("chugyouk_collection", path=tmp_path)
    assert "subset='MedQA', split='train'" in caught.value.hint
    assert mk.load("chugyouk_collection", path=tmp_path, subset="MedQA", split="train").num_rows
