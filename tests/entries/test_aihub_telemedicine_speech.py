"""AI-Hub 208: transcripts of single utterances, one file a recording."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES

NAME = "aihub_telemedicine_speech"


def load(**options: Any) -> list[dict[str, Any]]:
    where = {} if "path" in options else {"origin": "sample"}
    return list(mk.load(NAME, **{"split": "train", **where, **options}))


def put(
    folder: Path, name: str, text: str | None, *, labels: str = "[T]라벨링데이터", **more: Any
) -> None:
    file = folder / labels / f"medsub/{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    record = {"전사정보": {"LabelText": text}, "파일정보": {"FileName": f"{file.stem}.wav"}, **more}
    file.write_text(json.dumps(record, ensure_ascii=False), "utf-8-sig")


def test_the_role_is_the_subset(hub) -> None:
    counts = {role: len(load(subset=role)) for role in mk.source(NAME).subsets}
    assert counts == {"patient": 4, "nurse": 3, "doctor": 2}
    assert {row["text"] for row in load(subset="doctor")} == {
        "언제부터 아프셨어요?", "따뜻한 물을 자주 드세요.",
    }  # fmt: skip
    assert len(load()) == 9, "all roles in one table"


def test_there_are_no_dialogues(hub) -> None:
    source = mk.source(NAME)
    assert source.schemas == ("text",)
    assert not source.views
    assert set(load()[0]) == set(mk.schemas.TEXT.names)
    (said,) = [quirk for quirk in source.quirks if "guide" in quirk]
    assert said.startswith("Single utterances: the order of turns cannot be rebuilt")


def test_the_transcript_stands_as_it_is_under_the_name_of_the_recording(hub) -> None:
    rows = {row["id"].rpartition("/")[2]: row for row in load(subset="patient")}
    assert rows["P001_0002.wav"]["text"] == "약은 (세)/(3) 번 먹었어요."
    assert load(split="validation", subset="patient")[1]["text"] == " 잘 들려요. "
    assert {row["title"] for row in rows.values()} == {None}


def test_equal_words_of_two_people_are_two_rows_and_no_family(hub) -> None:
    rows = [row for row in load() if row["text"] == "네."]
    assert len({row["id"] for row in rows}) == 2
    assert {row["family"] for row in rows} == {None}


def test_the_speaker_is_not_read_whatever_its_keys(hub, tmp_path: Path) -> None:
    put(tmp_path, "환자/P1/a", "하나", 화자정보={"Age": "30"}, 음성정보={"Bits": "16"})
    put(tmp_path, "환자/P1/b", "둘", 화자정보={"나이": 30}, 음성정보=None)
    assert [row["text"] for row in load(path=tmp_path, subset="patient")] == ["하나", "둘"]


@pytest.mark.parametrize("number", ["16000", 16000])
def test_numbers_that_upstream_writes_as_text_are_no_matter(hub, tmp_path: Path, number) -> None:
    put(tmp_path, "환자/P1/a", "하나", 음성정보={"SamplingRate": "16000", "Seconds": "2.5"})
    put(tmp_path, "환자/P1/b", "둘", 음성정보={"SamplingRate": number, "Seconds": 2.5})
    assert len(load(path=tmp_path, subset="patient")) == 2


def test_training_and_validation_are_told_by_the_letter(hub, tmp_path: Path) -> None:
    put(tmp_path, "의사/D1/a", "하나")
    put(tmp_path, "의사/D1/b", "둘", labels="[V]라벨링데이터")
    for split, text in (("train", "하나"), ("validation", "둘")):
        assert [row["text"] for row in load(path=tmp_path, subset="doctor", split=split)] == [text]


def test_recordings_are_not_needed_and_not_read(hub, tmp_path: Path) -> None:
    put(tmp_path, "의사/D1/a", "하나")
    (tmp_path / "[T]라벨링데이터/medsub/의사/D1/a.wav").write_bytes(b"RIFF")
    (tmp_path / "[T]원천데이터/medsub/의사/D1").mkdir(parents=True)
    (tmp_path / "[T]원천데이터/medsub/의사/D1/a.json").write_text("{}")
    assert len(load(path=tmp_path, subset="doctor")) == 1


def test_a_recording_without_words_is_set_aside(hub, tmp_path: Path) -> None:
    put(tmp_path, "간호사/N1/a", " ")
    put(tmp_path, "간호사/N1/b", "네.")
    with pytest.raises(mk.errors.NullValueError):
        load(path=tmp_path, subset="nurse")
    with pytest.warns(mk.errors.DroppedRowsWarning, match="1 of 2 rows"):
        assert len(load(path=tmp_path, subset="nurse", on_bad="drop")) == 1


def test_the_zip_gives_the_same_rows_as_its_folder(hub, tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    shutil.copytree(SAMPLES / NAME, folder)
    (archive,) = folder.rglob("*.zip")
    with zipfile.ZipFile(archive) as members:
        for info in members.infolist():
            assert not info.flag_bits & 0x800, "the sample packs names in CP949"
            file = archive.with_suffix("") / info.filename.encode("cp437").decode("cp949")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(members.read(info))
    archive.unlink()
    for subset in mk.source(NAME).subsets:
        unpacked = load(path=folder, subset=subset)
        assert unpacked == load(path=SAMPLES / NAME, subset=subset)


def test_counts_are_upstreams_claim(hub) -> None:
    source = mk.source(NAME)
    assert [(p.rows, p.exact) for p in source.parts if p.split == "train"] == [
        (471_000, False), (329_000, False), (330_000, False),
    ]  # fmt: skip
    assert "1,130,811" in " ".join(source.quirks)


def test_it_says_how_to_get_it(hub) -> None:
    with pytest.raises(mk.errors.ManualDownloadError) as error:
        mk.load(NAME, subset="patient", split="train")
    steps = mk.source(NAME).how_to_get()
    assert steps in str(error.value).replace("Hint: ", "")
    for word in (
        "208",
        "Korean nationals",
        "no redistribution",
        "[T]라벨링데이터",
        "recordings are not",
    ):
        assert word in steps
    assert "secure area" not in steps
