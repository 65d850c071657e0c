"""AI-Hub 111: Korean-English pairs; two keys are certain, two are not, fields are a word test."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk

NAME = "aihub_ko_en_parallel"
PAIR = {"sid": 1, "분야": "의료", "한국어": "물", "영어": "water"}


def load(**options: Any) -> list[dict[str, Any]]:
    where = {} if "path" in options else {"origin": "sample"}
    return list(mk.load(NAME, **{"split": "train", **where, **options}))


def put(folder: Path, *records: dict[str, Any], name: str = "ko2en_training_json/a.json") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(list(records), ensure_ascii=False), "utf-8")
    return folder


def test_both_sides_and_their_languages(hub) -> None:
    row = load()[5]
    assert (row["text"], row["text_language"]) == ("심장은 피를 내보낸다. ", "ko")
    assert (row["translation"], row["translation_language"]) == ("The heart pumps blood.", "en")
    assert row["language"] == "ko"


def test_all_fields_by_default_in_upstreams_words(hub) -> None:
    domains = Counter(row["domain"] for row in load())
    assert domains["의료/보건"] == 3
    assert domains.keys() > {"금융/증시", "법률", "의학", "보건"}
    assert mk.load(NAME, origin="sample")["train"].num_rows == 9, "'medical' is not added to it"


def test_the_medical_subset_is_those_rows_once_more(hub) -> None:
    everything = {row["family"]: row for row in load()}
    with pytest.warns(mk.errors.LeftOutWarning, match="4 row_of_another_field"):
        rows = load(subset="medical")
    assert {row["domain"] for row in rows} == {"의료/보건", "의학", "보건"}
    assert len(rows) == 5
    assert all(everything[row["family"]]["text"] == row["text"] for row in rows)
    counted = Counter(row["domain"] for row in load())
    medical = ("의료", "의학", "보건")
    assert sum(n for d, n in counted.items() if any(word in d for word in medical)) == 5


def test_a_row_that_names_no_field_is_not_silently_left_out(hub, tmp_path: Path) -> None:
    other = PAIR | {"sid": 2, "분야": "법률"}
    put(tmp_path, PAIR, other, PAIR | {"sid": 3, "분야": None})
    with (
        pytest.warns(mk.errors.DroppedRowsWarning, match="1 of 3 rows"),
        pytest.warns(mk.errors.LeftOutWarning, match="1 row_of_another_field"),
    ):
        assert len(load(path=tmp_path, subset="medical", on_bad="drop")) == 1
    put(tmp_path, {k: v for k, v in PAIR.items() if k != "분야"})
    assert load(path=tmp_path)[0]["domain"] is None
    with pytest.raises(mk.errors.NullValueError, match="cannot be told"):
        load(path=tmp_path, subset="medical")


def test_no_medical_row_is_said_so(hub, tmp_path: Path) -> None:
    put(tmp_path, {**PAIR, "분야": "법률"})
    with pytest.raises(mk.errors.EmptyDataError, match="1 row_of_another_field"):
        load(path=tmp_path, subset="medical")


def test_other_names_are_given_and_never_guessed(hub, tmp_path: Path) -> None:
    theirs = {"sid": 1, "한국어": "물", "번역문": "water", "대분류": "의료", "길이": 1}
    put(tmp_path, theirs)
    with pytest.raises(mk.errors.SchemaMovedError, match="영어") as error:
        load(path=tmp_path)
    assert "번역문" in error.value.found
    (row,) = load(path=tmp_path, subset="medical", columns={"영어": "번역문", "분야": "대분류"})
    assert (row["translation"], row["domain"]) == ("water", "의료")


def test_a_file_is_a_list(hub, tmp_path: Path) -> None:
    put(tmp_path, PAIR)
    assert len(load(path=tmp_path)) == 1
    file = tmp_path / "ko2en_training_json/a.json"
    file.write_text(json.dumps({"data": [PAIR]}), "utf-8")
    with pytest.raises(mk.errors.FileError, match=r"found: .*data"):
        load(path=tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("sid", [7, "7"])
def test_marks_and_numbers_are_no_matter(hub, tmp_path: Path, encoding: str, sid: Any) -> None:
    put(tmp_path, PAIR)
    file = tmp_path / "ko2en_training_json/a.json"
    file.write_text(json.dumps([PAIR | {"sid": sid}]), encoding)
    assert load(path=tmp_path)[0]["id"] == f"{NAME}/all/7"


@pytest.mark.parametrize("packed", [True, False])
def test_zips_and_folders_of_both_splits(hub, tmp_path: Path, packed: bool) -> None:
    for split, sid in (("training", 1), ("validation", 2)):
        record = json.dumps([PAIR | {"sid": sid}])
        if packed:
            with zipfile.ZipFile(tmp_path / f"ko2en_{split}_json.zip", "w") as archive:
                archive.writestr(f"deep/ko2en_{split}.json", record)
        else:
            (tmp_path / f"ko2en_{split}_1.json").write_text(record)
    for split, sid in (("train", "1"), ("validation", "2")):
        assert [row["id"][-1] for row in load(path=tmp_path, split=split)] == [sid]


def test_source_data_beside_the_labels_is_not_read(hub, tmp_path: Path) -> None:
    put(tmp_path / "라벨링데이터", PAIR)
    (tmp_path / "원천데이터").mkdir()
    with zipfile.ZipFile(tmp_path / "원천데이터/ko2en_training_csv.zip", "w") as archive:
        archive.writestr("ko2en_training.csv", "sid,한국어\n1,물\n")
    assert len(load(path=tmp_path)) == 1


def test_the_size_is_a_claim_and_that_of_the_medical_part_unknown() -> None:
    source = mk.source(NAME)
    assert {part.name: part.rows for part in source.parts if part.rows} == {
        "all/train": 1_195_228, "all/validation": 149_403,
    }  # fmt: skip
    assert not any(part.exact for part in source.parts if part.rows)
    assert "About 1.5 million pairs by upstream's claim" in source.quirks[0]
    assert "how many of them are medical is not known" in source.quirks[0]


def test_the_nine_keys_of_a_record_can_be_kept(hub, tmp_path: Path) -> None:
    more = {
        "한국어_어절수": 2,
        "영어_단어수": "3",
        "길이_분류": 1,
        "난이도": "하",
        "수행기관": "곳",
    }
    put(tmp_path, PAIR | more, PAIR | {"sid": 2})
    rows = load(path=tmp_path, keep=list(more))
    assert rows[0].items() >= {name: str(value) for name, value in more.items()}.items()
    assert [rows[1][name] for name in more] == [None] * 5, "a copy may lack them"


def test_the_key_is_unique_by_upstreams_word(hub, tmp_path: Path) -> None:
    put(tmp_path, PAIR, PAIR | {"한국어": "불"})
    with pytest.raises(mk.errors.DuplicateIdError):
        load(path=tmp_path)


def test_it_says_how_to_get_it(hub) -> None:
    with pytest.raises(mk.errors.ManualDownloadError) as error:
        mk.load(NAME, subset="all", split="train")
    steps = mk.source(NAME).how_to_get()
    assert steps in str(error.value).replace("Hint: ", "")
    for word in ("111", "Korean nationals", "no redistribution", "ko2en_training_json.zip"):
        assert word in steps
