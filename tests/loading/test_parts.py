"""A file is a part, not a wildcard: told by its name and its rows, or refused with what to pass."""

from __future__ import annotations

import gzip
import json
import shutil
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import pandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from demo import Read, both_ways, demo, folder, jsonl, parquet, records
from medqa_kit.errors import PartsWarning, RowCountWarning, SchemaMovedError, WrongFilesError
from medqa_kit.loading.planner import SAMPLES

MEDQA = SAMPLES / "medqa_usmle" / "truehealth+medqa"
KORMEDMCQA = SAMPLES / "kormedmcqa"


def doctor_test() -> Path:
    return next((KORMEDMCQA / "doctor").glob("test-*"))


def copied(file: Path, to: Path) -> Path:
    to.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(file, to))


def parts_of(loaded: Any) -> set[str]:
    """The (subset, split) pairs that rows say they are of."""
    rows = [row for split in loaded.values() for row in split]
    return {f"{row['subset']}/{row['split']}" for row in rows}


def test_a_file_is_the_part_that_its_name_fits() -> None:
    assert parts_of(mk.load("medqa_usmle", path=MEDQA / "test.jsonl")) == {"5_options/test"}
    ids = [row["id"] for row in mk.load("medqa_usmle", path=MEDQA / "test.jsonl", split="test")]
    assert ids == [
        row["id"] for row in mk.load("medqa_usmle", path=MEDQA, split="test", subset="5_options")
    ]


@pytest.mark.parametrize(
    "named",
    [{"split": "train"}, {"split": "validation"}, {"split": "train", "subset": "5_options"}],
)
def test_a_file_is_refused_as_a_part_its_name_does_not_fit(named: dict[str, str]) -> None:
    with pytest.raises(WrongFilesError, match="another part") as caught:
        mk.load("medqa_usmle", path=MEDQA / "test.jsonl", **named)
    assert caught.value.file == "test.jsonl"
    assert "subset='5_options', split='test'" in caught.value.hint


@pytest.mark.parametrize(
    "name",
    ["test (1).jsonl", "test - Copy.jsonl", "test copy.jsonl", "my-test-set.jsonl", "Test.csv"],
)
def test_a_renamed_copy_of_the_test_file_is_not_the_training_split(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(WrongFilesError, match="another part"):
        mk.load(
            "medqa_usmle",
            subset="5_options",
            split="train",
            path=copied(MEDQA / "test.jsonl", tmp_path / name),
        )


def test_a_file_whose_name_fits_no_part_needs_both_words(tmp_path: Path) -> None:
    where = copied(MEDQA / "test.jsonl", tmp_path / "questions.jsonl")
    with pytest.raises(WrongFilesError, match="fits no part") as caught:
        mk.load("medqa_usmle", path=where)
    assert "name subset= and split=" in caught.value.hint
    with pytest.raises(WrongFilesError, match="fits no part"):
        mk.load("medqa_usmle", path=where, split="all")
    assert len(mk.load("medqa_usmle", path=where, subset="5_options", split="test")) == 4


@pytest.mark.parametrize(("name", "file", "others"), [
    ("headqa", "es/train.parquet", "en/train, es/train"),
    ("pubmedqa", "pqa_artificial/train-00000-of-00001.parquet", "pqa_labeled/train, pqa_artificial/train"),
    ("korean_wikipedia", "lcw99+wikipedia-korean-20240501/data/train-00000-of-00001.parquet", "20231101.ko/train"),
])  # fmt: skip
@pytest.mark.parametrize("named", [{}, {"split": "train"}])
def test_a_name_that_upstream_gives_in_two_folders_is_no_answer(
    tmp_path: Path, name: str, file: str, others: str, named: dict[str, str]
) -> None:
    """Such as that of the Spanish rows, which are those of the English ones by their columns as well."""
    lone = copied(SAMPLES / name / file, tmp_path / "downloads" / Path(file).name)
    for path in (lone, lone.parent):
        with pytest.raises(WrongFilesError, match="nothing tells which part") as caught:
            mk.load(name, path=path, **named)
        assert others in caught.value.expected
        assert "name subset= and split=" in caught.value.hint
    subset = {"headqa": "es", "pubmedqa": "pqa_artificial", "korean_wikipedia": "lcw99-20240501"}[
        name
    ]
    assert {row["subset"] for row in mk.load(name, path=lone, subset=subset, split="train")} == {
        subset
    }


@pytest.mark.parametrize(("name", "file", "renamed", "split", "subset"), [
    ("headqa", "es/test.parquet", "download.parquet", "test", "es"),
    ("headqa", "es/test.parquet", "headqa_es_test.parquet", "test", "es"),
    ("kmmlu_medical", "HAERAE-HUB+KMMLU/data/Biology-train.csv", "Biology_train.csv", "train", "Biology"),
    ("kmmlu_medical", "HAERAE-HUB+KMMLU/data/Health-test.csv", "Health_test.csv", None, "Health"),
    ("khmer_medical_qa", "complete_augmented/complete_augmented-00000-of-00001.parquet", "complete_augmented/train.parquet", None, "complete_augmented"),
    ("pubmedqa", "pqa_artificial/train-00000-of-00001.parquet", "pqa_artificial.parquet", "train", "pqa_artificial"),
])  # fmt: skip
def test_a_split_alone_says_nothing_of_the_subset(
    tmp_path: Path, name: str, file: str, renamed: str, split: str | None, subset: str
) -> None:
    """A file that is called as nothing of upstream's, or as another subset, was read as the ordinary one."""
    lone = copied(SAMPLES / name / file, tmp_path / renamed)
    with pytest.raises(WrongFilesError, match="nothing tells which part") as caught:
        mk.load(name, path=lone, split=split)
    assert "name subset= and split=" in caught.value.hint
    rows = mk.load(name, path=lone, subset=subset, split=split or lone.stem.split("_")[-1])
    assert {row["subset"] for row in rows} == {subset}


def test_columns_of_a_part_by_name_only_tell_among_files_of_equal_names(tmp_path: Path) -> None:
    saved = tmp_path / "train.parquet"
    pandas.read_json(
        SAMPLES / "medqa_usmle" / "GBaker+MedQA-USMLE-4-options-hf" / "train.json", lines=True
    ).to_parquet(saved)
    assert parts_of(mk.load("medqa_usmle", path=saved)) == {"4_options_hf/train"}


def test_columns_tell_among_subsets_of_equal_names(tmp_path: Path) -> None:
    file = next((SAMPLES / "klue/nli").glob("validation-*"))
    loaded = mk.load("klue", path=copied(file, tmp_path / file.name))
    assert {row["subset"] for row in loaded["validation"]} == {"nli"}


def test_raw_columns_tell_the_exam(tmp_path: Path) -> None:
    where = copied(doctor_test(), tmp_path / doctor_test().name)
    assert parts_of(mk.load("kormedmcqa", path=where)) == {"doctor/test"}
    with pytest.raises(WrongFilesError, match="another part") as caught:
        mk.load("kormedmcqa", path=where, subset="nurse", split="train")
    assert "pass subset='doctor', split='test'" in caught.value.hint


@both_ways
@pytest.mark.parametrize("name", ["train-00000-of-00001.parquet", "questions.parquet"])
def test_rows_that_say_they_are_of_another_part_are_refused_under_any_name(
    tmp_path: Path, read: Read, name: str
) -> None:
    where = copied(doctor_test(), tmp_path / name)
    with pytest.raises(WrongFilesError, match="these rows are of another part") as caught:
        read("kormedmcqa", path=where, subset="nurse", split="train")
    assert "subject 'doctor'; year 2022, 2023, 2024" in str(caught.value)
    assert "pass subset='doctor', split='test'" in caught.value.hint


def test_rows_of_another_part_are_no_bad_rows(tmp_path: Path) -> None:
    where = copied(doctor_test(), tmp_path / "train-00000-of-00001.parquet")
    with pytest.raises(WrongFilesError, match="these rows are of another part"):
        mk.load("kormedmcqa", path=where, subset="doctor", split="train", on_bad="drop")


def test_a_name_and_rows_that_contradict_each_other_are_told(tmp_path: Path) -> None:
    where = copied(doctor_test(), tmp_path / "train-00000-of-00001.parquet")
    with pytest.raises(WrongFilesError, match="nothing tells") as caught:
        mk.load("kormedmcqa", path=where)
    assert "those of doctor/test" in str(caught.value)


def test_a_folder_gives_the_parts_it_holds_and_says_which_it_lacks(tmp_path: Path) -> None:
    copied(MEDQA / "train.jsonl", tmp_path / "train.jsonl")
    with pytest.warns(
        PartsWarning,
        match="holds 5_options/train, and no files of 5_options/validation, 5_options/test",
    ):
        loaded = mk.load("medqa_usmle", path=tmp_path)
    assert parts_of(loaded) == {"5_options/train"}
    with pytest.raises(WrongFilesError) as caught:
        mk.load("medqa_usmle", path=tmp_path, split="test")
    assert "files of 5_options/train" in str(caught.value)


def test_an_archive_gives_the_parts_it_holds(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        archive.write(MEDQA / "test.jsonl", "test.jsonl")
    with pytest.warns(PartsWarning, match="no files of 5_options/train"):
        assert parts_of(mk.load("medqa_usmle", path=tmp_path / "mine.zip")) == {"5_options/test"}


@pytest.mark.parametrize("below", ["", "downloads/KorMedMCQA"])
def test_files_of_a_download_are_told_one_by_one(tmp_path: Path, below: str) -> None:
    for subset, split in (("doctor", "test"), ("nurse", "train")):
        file = next((KORMEDMCQA / subset).glob(f"{split}-*"))
        copied(file, tmp_path / below / file.name)
    with pytest.warns(PartsWarning, match="holds doctor/test, nurse/train, and no files of"):
        loaded = mk.load("kormedmcqa", path=tmp_path)
    assert parts_of(loaded) == {"doctor/test", "nurse/train"}
    with pytest.raises(WrongFilesError, match=r"files of doctor/test, nurse/train"):
        mk.load("kormedmcqa", path=tmp_path, subset="pharm")


def test_one_table_needs_all_of_its_parts() -> None:
    with pytest.raises(WrongFilesError, match=r"files of doctor/test") as caught:
        mk.load("kormedmcqa", path=KORMEDMCQA / "doctor", split="test")
    assert caught.value.part == "dentist/test"
    assert "pass subset='doctor', split='test'" in caught.value.hint


def test_the_folder_of_a_subset_is_taken_for_what_it_is() -> None:
    with pytest.warns(PartsWarning):
        loaded = mk.load("kormedmcqa", path=KORMEDMCQA / "doctor")
    assert parts_of(loaded) == {"doctor/train", "doctor/validation", "doctor/test"}


def exams(tmp_path: Path, *names: str, rows: int = 6) -> Path:
    """Files of different rows, so that no two have equal content."""
    return folder(tmp_path, {n: parquet(records(rows, 100 * i)) for i, n in enumerate(names)})


@both_ways
@pytest.mark.parametrize(("first", "other"), [
    ("train.parquet", "train (1).parquet"),
    ("train.parquet", "train - Copy.parquet"),
    ("train.parquet", "train - 복사본.parquet"),
    ("train-00000-of-00001.parquet", "train-00000-of-00001 (1).parquet"),
    ("train-00000-of-00001.parquet", "train-00000-of-00001-0123456789abcdef.parquet"),
])  # fmt: skip
def test_a_second_download_is_no_second_shard(
    tmp_path: Path, read: Read, first: str, other: str
) -> None:
    with pytest.raises(WrongFilesError, match="each row would come twice") as caught:
        read(demo("{split}*.parquet"), path=exams(tmp_path, first, other))
    assert first in str(caught.value)
    assert other in str(caught.value)
    assert caught.value.part == "train"


@both_ways
@pytest.mark.parametrize("copy", [
    "train (1).jsonl", "train(2).jsonl", "train - Copy.jsonl", "train - 복사본 (2).jsonl", "train copy.jsonl",
    "train - Kopie.jsonl", "train 복사본 2.jsonl", "train (another copy).jsonl", "train (3rd copy).jsonl",
    "train의 사본.jsonl", "train - 副本.jsonl", "Copy of train.jsonl", "사본 - train.jsonl",
    "train - \u1107\u1169\u11a8\u1109\u1161\u1107\u1169\u11ab.jsonl",
])  # fmt: skip
def test_a_copy_that_fits_no_pattern_is_not_passed_over(
    tmp_path: Path, read: Read, copy: str
) -> None:
    where = folder(tmp_path, {"train.jsonl": jsonl(records(6)), copy: jsonl(records(6, 100))})
    with pytest.raises(WrongFilesError, match="nothing tells which is meant") as caught:
        read(demo("{split}.jsonl"), path=where)
    assert "'train.jsonl'" in str(caught.value)
    assert unicodedata.normalize("NFC", copy) in str(caught.value)
    assert (
        len(read(demo("{split}.jsonl"), path=where / "train.jsonl")) == 6
    )  # who names a file means that one


@both_ways
@pytest.mark.parametrize("pattern", ["{split}.jsonl", "{split}.jsonl.gz", "{split}.jsonl*"])
def test_a_file_beside_itself_packed_is_not_passed_over(
    tmp_path: Path, read: Read, pattern: str
) -> None:
    packed = gzip.compress(jsonl(records(6, 100)))
    where = folder(tmp_path, {"train.jsonl": jsonl(records(6)), "train.jsonl.gz": packed})
    with pytest.raises(WrongFilesError, match="nothing tells which is meant") as caught:
        read(demo(pattern), path=where)
    assert "'train.jsonl' and 'train.jsonl.gz'" in str(caught.value)


@pytest.mark.filterwarnings("ignore::medqa_kit.errors.PartsWarning")
def test_a_file_that_its_rows_tell_is_read_as_its_owner_says(tmp_path: Path) -> None:
    table = pq.read_table(doctor_test())
    more = table.append_column("level", pa.array(["hard"] * table.num_rows))
    pq.write_table(more, tmp_path / "test-00000-of-00001.parquet")
    for path in (tmp_path, tmp_path / "test-00000-of-00001.parquet"):
        assert parts_of(mk.load("kormedmcqa", path=path, extra="ignore")) == {"doctor/test"}
        with pytest.raises(SchemaMovedError, match="columns are not declared: 'level'") as caught:
            mk.load("kormedmcqa", path=path)
        assert "extra='ignore'" in caught.value.hint
        assert caught.value.part is None


def test_other_names_of_columns_are_told_where_no_part_has_them(tmp_path: Path) -> None:
    table = pq.read_table(doctor_test())
    names = ["문제" if name == "question" else name for name in table.column_names]
    file = tmp_path / "test-00000-of-00001.parquet"
    pq.write_table(table.rename_columns(names), file)
    with pytest.raises(SchemaMovedError, match="columns are missing") as caught:
        mk.load("kormedmcqa", path=file)
    assert caught.value.hint == 'pass columns={"question": "문제"} if these are they'
    told = mk.load("kormedmcqa", path=file, columns={"question": "문제"})
    assert parts_of(told) == {"doctor/test"}


def test_a_distribution_with_a_column_more_is_told_by_its_rows(tmp_path: Path) -> None:
    rows = [
        {"id": str(number), "question": f"Bone {number}?", **dict.fromkeys(("opa", "opb", "opc", "opd"), "x"),
         "cop": 1 + number % 4, "choice_type": "single", "subject_name": "Anatomy", "topic_name": None, "level": 1}
        for number in range(40)
    ]  # fmt: skip
    file = copied(MEDQA / "test.jsonl", tmp_path / "dev.json")
    file.write_bytes(jsonl(rows))
    loaded = mk.load("medmcqa", path=file, split="validation", extra="ignore")
    assert loaded["answer_index"][:4] == [0, 1, 2, 3]


@both_ways
def test_a_packed_file_in_a_folder_is_the_part_its_name_fits(tmp_path: Path, read: Read) -> None:
    where = folder(tmp_path, {"train.jsonl.gz": gzip.compress(jsonl(records(6)))})
    assert len(read(demo("{split}.jsonl"), path=where)) == 6


def test_files_of_one_name_in_several_folders_are_not_taken_together(tmp_path: Path) -> None:
    for number in (1, 2):
        to = copied(MEDQA / "test.jsonl", tmp_path / f"download {number}" / "test.jsonl")
        to.write_text(to.read_text("utf-8").replace("A 2", f"{number}A 2"), "utf-8")
    with pytest.raises(WrongFilesError, match="several folders") as caught:
        mk.load("medqa_usmle", path=tmp_path)
    assert "'download 1/test.jsonl' and 'download 2/test.jsonl'" in str(caught.value)


def test_what_lies_beside_and_is_no_copy_is_passed_over(tmp_path: Path) -> None:
    names = (
        "~$train.jsonl",
        "._train.jsonl",
        "train.jsonl.crdownload",
        "notes (1).txt",
        "old/train (1).jsonl",
    )
    where = folder(tmp_path, {"train.jsonl": jsonl(records(6)), **dict.fromkeys(names, b"?")})
    assert mk.load(demo(), split="train", path=where).num_rows == 6


@pytest.mark.parametrize("name", ["demo.tar.gz", "demo.7z", "demo.tgz", "demo.tbz2", "demo.txz"])
def test_an_archive_that_is_not_looked_into_is_to_be_unpacked(tmp_path: Path, name: str) -> None:
    folder(tmp_path, {name: b"?"})
    for words in ({}, {"split": "train"}):
        with pytest.raises(mk.MedQAError) as caught:
            mk.load("medqa_usmle", path=tmp_path / name, **words)
        assert caught.value.hint == f"unpack {name!r} and pass the folder as path="


def test_one_head_has_one_number_of_shards(tmp_path: Path) -> None:
    where = exams(tmp_path, "train-00000-of-00001-0123456789abcdef.parquet", "train-00000-of-00002.parquet",
                  "train-00001-of-00002.parquet")  # fmt: skip
    with pytest.raises(WrongFilesError, match="two exports") as caught:
        mk.load(demo("{split}*.parquet"), split="train", path=where)
    assert "train-00000-of-00001-0123456789abcdef.parquet" in str(caught.value)
    assert "of-00002" in str(caught.value)


def test_shards_of_different_heads_lie_side_by_side(tmp_path: Path) -> None:
    where = exams(tmp_path, "train-a-00000-of-00001.parquet", "train-b-00000-of-00002.parquet",
                  "train-b-00001-of-00002.parquet")  # fmt: skip
    assert len(mk.load(demo("{split}*.parquet"), split="train", path=where)) == 18


@both_ways
def test_two_files_of_equal_content_are_named(tmp_path: Path, read: Read) -> None:
    same = jsonl(records(6))
    where = folder(
        tmp_path,
        {"train-a.jsonl": same, "train-b.jsonl": same, "train-c.jsonl": jsonl(records(6, 6))},
    )
    with pytest.raises(WrongFilesError, match="same content") as caught:
        read(demo(repeats=True), path=where)
    assert "'train-a.jsonl' and 'train-b.jsonl'" in str(caught.value)


def test_files_of_equal_size_and_other_content_are_read(tmp_path: Path) -> None:
    where = folder(
        tmp_path, {"train-a.jsonl": jsonl(records(3, 10)), "train-b.jsonl": jsonl(records(3, 20))}
    )
    assert len({f.stat().st_size for f in where.iterdir()}) == 1
    assert len(mk.load(demo(), split="train", path=where)) == 6


def test_one_row_of_another_part_refuses_a_file(tmp_path: Path) -> None:
    table = pq.read_table(doctor_test())
    years = table["year"].to_pylist()
    mixed = table.set_column(1, "year", pa.array([2019, *years[1:]], pa.int64()))
    pq.write_table(mixed, tmp_path / "test-00000-of-00001.parquet")
    with pytest.raises(WrongFilesError, match="year 2019"):
        mk.load(
            "kormedmcqa",
            subset="doctor",
            split="test",
            path=tmp_path / "test-00000-of-00001.parquet",
        )


def test_a_part_that_lacks_rows_is_spoken_of(tmp_path: Path) -> None:
    with pytest.warns(
        RowCountWarning, match="3 rows read, 435 were counted when it was catalogued"
    ):
        mk.load("kormedmcqa", path=doctor_test())


@both_ways
def test_a_copy_that_was_saved_anew_is_no_second_file(tmp_path: Path, read: Read) -> None:
    files = {"train-a.jsonl": jsonl(records(6)), "train-b.jsonl": jsonl(records(4)[::-1])}
    with pytest.raises(WrongFilesError, match=r"all 4 rows of 'train-b\.jsonl'") as caught:
        read(demo(repeats=True), path=folder(tmp_path, files))
    assert "'train-a.jsonl'" in str(caught.value)


def test_files_that_share_some_rows_are_read(tmp_path: Path) -> None:
    files = {
        "train-a.jsonl": jsonl(records(6)),
        "train-b.jsonl": jsonl(records(6, 4)),
        "train-c.jsonl": jsonl(records(2)),
    }
    assert len(mk.load(demo(repeats=True), split="train", path=folder(tmp_path, files))) == 14


@pytest.mark.parametrize("ending", [".csv.gz", ".jsonl", ".csv"])
def test_a_name_in_full_says_more_than_one_of_its_words(tmp_path: Path, ending: str) -> None:
    table = pa.Table.from_pylist([
        {"question": f"{n}?", "answer": n, **dict.fromkeys("ABCD", "x"), "Category": "Health", "Human Accuracy": 0.5}
        for n in (1, 4)
    ])  # fmt: skip
    file = tmp_path / f"Health-test{ending}"
    if ending == ".jsonl":
        file.write_bytes(jsonl(table.to_pylist()))
    else:
        text = table.to_pandas().to_csv(index=False).encode()
        file.write_bytes(gzip.compress(text) if ending == ".csv.gz" else text)
    assert parts_of(mk.load("kmmlu_medical", path=file)) == {"Health/test"}
    assert len(mk.load("kmmlu_medical", path=file, subset="Health", split="test")) == 2


def test_a_file_of_the_authors_is_the_part_its_name_says(tmp_path: Path) -> None:
    file = tmp_path / "medical_genetics_test.csv"
    file.write_text("Which one?,a,b,c,d,B\nWhich two?,a,b,c,d,D\n", "utf-8")
    assert parts_of(mk.load("mmlu_medical", path=file)) == {"medical_genetics/test"}


@pytest.mark.parametrize(
    ("source", "of", "asked"),
    [("mmlu_medical", ("college_biology", "test"), ("anatomy", "test")),
     ("mmlu_medical", ("college_biology", "validation"), ("anatomy", "validation")),
     ("headqa", ("en", "train"), ("en", "test")),
     ("headqa", ("en", "test"), ("en", "validation"))],
)  # fmt: skip
def test_rows_that_say_their_subject_or_year_are_refused_as_others(
    tmp_path: Path, source: str, of: tuple[str, str], asked: tuple[str, str]
) -> None:
    file = copied(next((SAMPLES / source / of[0]).glob(f"{of[1]}*")), tmp_path / "mine.parquet")
    assert len(mk.load(source, subset=of[0], split=of[1], path=file)) > 0
    for streaming in (False, True):
        with pytest.raises(WrongFilesError, match="another part") as caught:
            list(mk.load(source, subset=asked[0], split=asked[1], path=file, streaming=streaming))
        assert f"subset={of[0]!r}, split={of[1]!r}" in caught.value.hint


def test_the_subject_tells_among_files_of_one_name(tmp_path: Path) -> None:
    file = copied(next((SAMPLES / "mmlu_medical" / "college_biology").glob("test*")), tmp_path / "test-0.parquet")  # fmt: skip
    assert parts_of(mk.load("mmlu_medical", path=file)) == {"college_biology/test"}


def test_a_stream_that_lacks_rows_says_so_at_its_end(tmp_path: Path) -> None:
    file = copied(doctor_test(), tmp_path / doctor_test().name)
    stream = mk.load("kormedmcqa", subset="doctor", split="test", path=file, streaming=True)
    with pytest.warns(RowCountWarning, match="435 were counted"):
        list(stream)


def test_an_optional_column_that_says_nothing_may_be_missing(tmp_path: Path) -> None:
    table = pq.read_table(next((SAMPLES / "medmcqa").rglob("validation*.parquet")))
    pq.write_table(table.drop_columns(["topic_name", "exp"]), tmp_path / "validation-0.parquet")
    rows = mk.load("medmcqa", split="validation", path=tmp_path / "validation-0.parquet")
    assert len(rows) == table.num_rows
    assert rows["rationale"][:] == [None] * table.num_rows


@pytest.mark.filterwarnings("ignore::medqa_kit.errors.PartsWarning")
@pytest.mark.parametrize("name", ["test.parquet", "test.jsonl", "test.jsonl.gz"])
def test_one_file_where_upstream_has_shards_is_the_part_of_its_name(
    tmp_path: Path, name: str
) -> None:
    table = pq.read_table(doctor_test())
    if name == "test.parquet":
        pq.write_table(table, tmp_path / name)
    else:
        text = jsonl(table.to_pylist())
        (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    for path in (tmp_path, tmp_path / name):
        assert parts_of(mk.load("kormedmcqa", path=path)) == {"doctor/test"}


def test_two_archives_of_one_file_are_named(tmp_path: Path) -> None:
    for name in ("ward.zip", "ward (1).zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.write(MEDQA / "test.jsonl", "test.jsonl")
    with pytest.raises(WrongFilesError, match="nothing tells which") as caught:
        mk.load("medqa_usmle", subset="5_options", split="test", path=tmp_path)
    assert "'test.jsonl' in 'ward (1).zip'" in caught.value.found
    assert len(mk.load("medqa_usmle", subset="5_options", split="test", path=tmp_path / "ward.zip"))


@pytest.mark.parametrize("named", [{}, {"subset": "saq"}, {"split": "test"}])
@pytest.mark.parametrize("alone", [True, False])
def test_parts_that_upstream_has_in_one_file_are_all_there(
    named: dict[str, str], *, alone: bool
) -> None:
    there = SAMPLES / "afrimedqa"
    path = next(there.glob("*.csv")) if alone else there
    loaded = mk.load("afrimedqa", path=path, **named)
    expected = mk.load("afrimedqa", origin="sample", **named)
    if "split" in named:
        loaded, expected = {"test": loaded}, {"test": expected}
    assert {split: rows.num_rows for split, rows in loaded.items()} == {
        split: rows.num_rows for split, rows in expected.items()
    }


@pytest.mark.parametrize("name", ["rows.feather", "rows.arrow", "rows.sqlite", "rows.ods"])
def test_a_table_in_a_format_that_is_not_read_is_to_be_saved_in_another(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(b"ARROW1")
    with pytest.raises(WrongFilesError) as caught:
        mk.load("wiki_medical_terms", path=tmp_path / name)
    assert caught.value.hint == f"save {name!r} as Parquet, JSON Lines or CSV, and pass that"


def test_a_column_to_keep_that_is_not_declared_is_had_as_the_hint_says(tmp_path: Path) -> None:
    rows = (SAMPLES / "disaster_reports" / "train.jsonl").read_text("utf-8")
    path = tmp_path / "train.jsonl"
    path.write_text(rows, "utf-8")
    with pytest.raises(mk.errors.UnknownPartError) as caught:
        mk.load("disaster_reports", split="train", path=path, keep=["report_id"])
    assert 'extra="ignore"' in caught.value.hint
    kept = mk.load("disaster_reports", split="train", path=path, keep=["report_id"], extra="ignore")
    assert kept["report_id"][0] == "r-01"


@pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")
def test_a_holdout_of_the_parts_that_are_there_is_made_as_the_hint_says(tmp_path: Path) -> None:
    easy = SAMPLES / "chugyouk_collection" / "ChuGyouk+KorMedConceptsQA" / "kcd8_easy"
    copied(next(easy.iterdir()), tmp_path / "kcd8_easy" / "test-00000-of-00001.parquet")
    with pytest.raises(WrongFilesError) as caught:
        mk.Holdout.named("kormedconceptsqa-test", path=tmp_path, partial=True)
    asked = caught.value.hint.partition("rows=")[2].replace("path=…", "path=tmp_path")
    there = eval(asked, {"mk": mk, "tmp_path": tmp_path})  # what a person pastes
    assert mk.Holdout.named("kormedconceptsqa-test", rows=there)


def own_medqa(file: Path) -> Path:
    rows = [
        {"question": f"Which remedy helps patient {n}?", "options": {c: f"remedy {n}{c}" for c in "ABCDE"},
         "answer": f"remedy {n}B", "answer_idx": "B", "meta_info": "step1"} for n in range(4)
    ]  # fmt: skip
    file.write_text(json.dumps(rows, indent=1), "utf-8")
    return file


@pytest.mark.parametrize("named", [{}, {"split": "test"}], ids=str)
def test_a_name_in_the_format_of_another_subset_is_told_by_its_columns(
    tmp_path: Path, named: dict[str, str]
) -> None:
    file = own_medqa(tmp_path / "test.json")  # so the four-option copy calls its file
    rows = mk.load("medqa_usmle", path=file, streaming=True, **named)
    rows = rows["test"] if isinstance(rows, dict) else rows
    assert {row["subset"] for row in rows} == {"5_options"}
    with pytest.raises(SchemaMovedError):
        mk.load("medqa_usmle", path=file, subset="4_options_hf", split="test")


@pytest.mark.parametrize(("name", "words"), [
    ("klue-re-v1.1_dev.json", "subset='re', split='validation'"),
    ("ynat-v1.1_train.json", "subset='ynat', split='train'"),
    ("mrc.json", "subset='mrc', split='train'"),
    ("exam.json", "subset='ynat', split='train'"),
])  # fmt: skip
def test_the_words_to_pass_are_those_that_the_name_speaks_of(
    tmp_path: Path, name: str, words: str
) -> None:
    (tmp_path / name).write_text('[{"a": 1}]', "utf-8")
    with pytest.raises(WrongFilesError) as error:
        mk.load("klue", path=tmp_path / name)
    assert error.value.hint == f"name subset= and split=, such as {words}"


@pytest.mark.parametrize("orient", ["index", "split"])
def test_rows_in_one_object_are_told(tmp_path: Path, orient: Any) -> None:
    frame = pandas.DataFrame({"output_text": ["allergy"] * 3, "input_text": ["I have a rash."] * 3})
    frame.to_json(tmp_path / "train.jsonl", orient=orient)
    with pytest.raises(SchemaMovedError, match="write_text") as caught:
        mk.load("symptom_to_diagnosis", split="train", path=tmp_path / "train.jsonl")
    assert caught.value.hint.startswith("pass a copy as path=: ")
