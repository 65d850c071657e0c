"""AI-Hub 71874 and 71875: options inside questions, explanations behind answers, source texts."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES

ESSENTIAL, PROFESSIONAL = "aihub_essential_medical", "aihub_professional_medical"
BOTH = pytest.mark.parametrize("name", [ESSENTIAL, PROFESSIONAL])
ROW = {
    "qa_id": 1,
    "domain": 17,
    "q_type": 1,
    "question": "체온계는?\n1) 열\n2) 키",
    "answer": "1) 열",
}
TEXT = {"c_id": "C-1", "domain": 17, "source": "1", "source_spec": "책", "creation_year": "2020",
        "content": "글"}  # fmt: skip


def load(name: str = ESSENTIAL, **options: Any) -> list[dict[str, Any]]:
    where = {} if "path" in options else {"origin": "sample"}
    return list(mk.load(name, **{"split": "train", **where, **options}))


def by_number(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["id"].rpartition("/")[2].partition("-")[0]: row for row in rows}


def put(folder: Path, name: str, record: Any, *, bom: bool = True) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, ensure_ascii=False)
    file.write_text(text, encoding="utf-8-sig" if bom else "utf-8")
    return file


def only_row(folder: Path, **changes: Any) -> dict[str, Any]:
    put(folder, "02.라벨링데이터/TL_내과/1.json", ROW | changes)
    (row,) = load(path=folder)
    return row


# Questions.


def test_options_are_parted_at_line_starts_only(hub) -> None:
    row = by_number(load())["102"]
    assert (
        row["question"]
        == "55세 남자가 3) 개월 전부터 피로하다고 한다(검사: 1) 혈색소 14). 먼저 할 일은?"
    )
    assert len(row["options"]) == 5
    assert (row["answer_index"], row["answer"]) == (0, "자세히 묻는다")


@BOTH
def test_a_choice_question_has_stem_options_and_position(hub, tmp_path: Path, name: str) -> None:
    question = (
        "검사에서 2) 번을 잰다. 체온은? 다음 중 고르면?\n1) 열 \n2) 키  \n3) 힘(1) 손, 2) 발)"
    )
    put(tmp_path, "TL_과/1.json", ROW | {"question": question, "answer": "2) 키 \n잰다."})
    (row,) = load(name, path=tmp_path)
    assert row["question"] == "검사에서 2) 번을 잰다. 체온은? 다음 중 고르면?"
    assert row["options"] == ["열 ", "키  ", "힘(1) 손, 2) 발)"]
    assert (row["answer_index"], row["answer"], row["rationale"]) == (1, "키  ", "잰다.")


def test_a_numbered_list_in_the_stem_stays_there(hub) -> None:
    row = by_number(load())["201"]
    assert row["question"] == "다음 소견을 보인다.\n1) 키가 자란다\n2) 잘 논다\n옳은 것은?"
    assert row["options"] == ["건강하다 ", "아프다 "], "blanks at their ends stay"


def test_a_question_mark_inside_the_stem_ends_nothing(hub, tmp_path: Path) -> None:
    question = "아프다고? 그렇다면 할 일은?\n1) 묻는다\n2) 만다"
    row = only_row(tmp_path, question=question, answer="1) 묻는다")
    assert row["question"] == "아프다고? 그렇다면 할 일은?"


def test_what_the_answer_says_beyond_its_option_is_rationale(hub) -> None:
    rows = by_number(load())
    assert (rows["101"]["answer"], rows["101"]["rationale"]) == ("체온계 ", "열을 재는 도구이다.")
    assert rows["105"]["rationale"] == "(신선한 것)"
    assert rows["102"]["rationale"] is None


@pytest.mark.parametrize(
    ("answer", "rationale"),
    [
        ("1) 열.", "."),
        ("1) 열이다", "열이다"),
        ("1) 재는 도구이다.", "재는 도구이다."),
        ("1)", None),
    ],
)
def test_an_option_is_cut_off_at_its_end_only(
    hub, tmp_path: Path, answer: str, rationale: str | None
) -> None:
    row = only_row(tmp_path, answer=answer)
    assert (row["answer"], row["rationale"]) == ("열", rationale)


def test_short_and_long_questions_stay_whole(hub) -> None:
    rows = by_number(load())
    assert (rows["103"]["answer"], rows["103"]["tags"]) == ("혈압계", ["내과", "short"])
    long = rows["104"]
    assert long["question"] == "손을 씻는 순서를 쓰시오.\n1) 물\n2) 비누", (
        "a list is no option here"
    )
    assert (long["options"], long["answer_index"]) == (None, None)
    assert long["answer"] == "1) 물로 적신다.\n2) 비누로 문지른다."


@pytest.mark.parametrize(
    "changes",
    [
        {"question": "보기가 없는 질문은?"},
        {"question": "보기도 답도 없는 질문은?", "answer": ""},
        {"question": "질문은? 1) 열 2) 키"},
        {"question": "질문은?\n1) 열"},
        {"question": "질문은?\n1) 열\n3) 키"},
        {"question": "질문은?\n① 열\n② 키"},
        {"answer": "3) 무게"},
        {"answer": "열"},
        {"answer": "1) 키"},
        {"answer": "1) 키\n키를 잰다."},
        {"answer": "1) 키 잴 때 쓴다."},
        {"question": "병은?\n1) 위\n2) 위염", "answer": "1) 위염"},
        {"question": "병은?\n1) 위\n2) 위 염증", "answer": "1) 위 염증 때문이다."},
    ],
)
def test_a_choice_that_cannot_be_parted_never_becomes_an_open_question(
    hub, tmp_path: Path, changes: dict[str, str]
) -> None:
    put(tmp_path, "TL_내과/1.json", ROW | changes)
    put(tmp_path, "TL_내과/2.json", ROW | {"qa_id": 2})
    with pytest.raises(mk.errors.RowError) as error:
        load(path=tmp_path)
    assert error.value.file == "TL_내과/1.json"
    with pytest.warns(mk.errors.DroppedRowsWarning, match="1 of 2 rows"):
        (row,) = load(path=tmp_path, on_bad="drop")
    assert row["id"].rpartition("/")[2].startswith("2-")


def test_an_option_that_begins_like_another_is_itself(hub, tmp_path: Path) -> None:
    row = only_row(tmp_path, question="병은?\n1) 위 염증\n2) 위", answer="1) 위 염증은 흔하다.")
    assert (row["answer_index"], row["rationale"]) == (0, "위 염증은 흔하다.")


def test_the_department_has_its_name(hub) -> None:
    tags = {row["tags"][0] for name in (ESSENTIAL, PROFESSIONAL) for row in load(name)}
    assert tags == {"내과", "산부인과", "안과", "외과"}
    departments = {row["tags"][0] for row in load(PROFESSIONAL, split="validation")}
    assert departments == {"신경과/신경외과", "의료법규"}


@pytest.mark.parametrize("changes", [{"domain": 18}, {"domain": 0}, {"q_type": 4}, {"q_type": 0}])
def test_unknown_departments_and_types_are_errors(
    hub, tmp_path: Path, changes: dict[str, int]
) -> None:
    put(tmp_path, "TL_내과/1.json", ROW | changes)
    put(tmp_path, "TL_내과/2.json", ROW | {"qa_id": 2})
    with pytest.raises(mk.errors.RowError) as error:
        load(path=tmp_path)
    assert error.value.column == next(iter(changes))
    with pytest.warns(mk.errors.DroppedRowsWarning, match="1 of 2 rows"):
        assert len(load(path=tmp_path, on_bad="drop")) == 1


def test_questions_are_korean(hub) -> None:
    assert {row["language"] for row in load()} == {"ko"}


def test_equal_questions_of_the_open_twin_are_one_family(hub, tmp_path: Path) -> None:
    row = only_row(tmp_path)
    twin = tmp_path / "medqa_kr_en_full.csv"
    twin.write_text("qa_id,domain,q_type,question,answer,question_translated,answer_translated\n"
                    f'9,17,1,"{ROW["question"]}","{ROW["answer"]}",,\n', "utf-8")  # fmt: skip
    other = list(mk.load("komedqa", split="train", path=twin))
    assert row["family"] == other[0]["family"] is not None


# Texts.


@BOTH
def test_texts_are_by_name_only(hub, name: str) -> None:
    assert mk.load(name, origin="sample")["train"].column_names == mk.schemas.QA.names
    rows = load(name, subset="texts")
    assert len(rows) == 3
    assert list(rows[0]) == mk.schemas.TEXT.names
    assert {row["language"] for row in rows} == {None}, "Korean or English, which is not told"


def test_a_text_keeps_where_it_is_from(hub) -> None:
    keep = ("domain", "source", "creation_year")
    rows = {row["id"].rpartition("/")[2]: row for row in load(subset="texts", keep=keep)}
    row = rows["C-1"]
    assert row["text"] == "체온은 하루 중 조금씩 변한다.\n저녁에 더 높다."
    assert row["title"] == "지어낸 안내서 1권"
    assert (row["domain"], row["raw_source"], row["creation_year"]) == (17, "2", "2020")


def test_a_number_in_an_undocumented_column_is_its_digits(hub) -> None:
    rows = load(subset="texts", keep=("source", "creation_year"))
    row = next(row for row in rows if row["id"].endswith("/3"))
    assert (row["raw_source"], row["creation_year"]) == ("5", "2021")


def test_a_text_without_content_is_an_error(hub, tmp_path: Path) -> None:
    put(tmp_path, "TS_내과/1.json", TEXT | {"content": " "})
    with pytest.raises(mk.errors.NullValueError):
        load(subset="texts", path=tmp_path)


# Files.


def test_the_beginning_of_a_folder_or_zip_tells_what_it_holds(hub, tmp_path: Path) -> None:
    for number, (folder, record) in enumerate(
        [("TL_a", ROW), ("VL_a", ROW), ("TS_a", TEXT), ("VS_a", TEXT)]
    ):
        key = "c_id" if record is TEXT else "qa_id"
        value = str(number) if record is TEXT else number
        put(tmp_path, f"{folder}/x/{number}.json", record | {key: value})
    parts = [(subset, split, next(iter(by_number(load(path=tmp_path, subset=subset, split=split)))))
             for subset in ("questions", "texts") for split in ("train", "validation")]  # fmt: skip
    assert parts == [("questions", "train", "0"), ("questions", "validation", "1"),
                     ("texts", "train", "2"), ("texts", "validation", "3")]  # fmt: skip


@BOTH
def test_unpacked_zips_give_the_same_rows(hub, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "tree"
    shutil.copytree(SAMPLES / name, folder)
    archives = list(folder.rglob("*.zip"))
    assert archives
    for archive in archives:
        _unpack(archive)
    for part in mk.source(name).parts:
        where = {"subset": part.subset, "split": part.split}
        assert load(name, path=folder, **where) == load(name, path=SAMPLES / name, **where)


def _unpack(archive: Path) -> None:
    with zipfile.ZipFile(archive) as members:
        for info in members.infolist():
            assert not info.flag_bits & 0x800, "the sample packs names in CP949"
            name = info.filename.encode("cp437").decode("cp949")
            assert not name.isascii()
            (archive.with_suffix("") / name).parent.mkdir(parents=True, exist_ok=True)
            (archive.with_suffix("") / name).write_bytes(members.read(info))
    archive.unlink()


def test_a_zip_beside_its_unpacked_folder_is_refused(hub, tmp_path: Path) -> None:
    put(tmp_path, "TL_내과/1.json", ROW)
    shutil.make_archive(str(tmp_path / "TL_내과"), "zip", tmp_path / "TL_내과")
    with pytest.raises(mk.errors.WrongFilesError, match="there twice"):
        load(path=tmp_path)


@pytest.mark.parametrize("bom", [True, False])
def test_a_byte_order_mark_is_no_matter(hub, tmp_path: Path, bom: bool) -> None:
    put(tmp_path, "TL_내과/1.json", ROW, bom=bom)
    assert len(load(path=tmp_path)) == 1
    sample = SAMPLES / ESSENTIAL
    assert any(f.read_bytes().startswith(b"\xef\xbb\xbf") for f in sample.rglob("*.json"))


# The catalogue.


@BOTH
def test_it_says_how_to_get_it(hub, name: str) -> None:
    with pytest.raises(mk.errors.ManualDownloadError) as error:
        mk.load(name, split="train")
    source = mk.source(name)
    steps = source.how_to_get()
    assert steps in str(error.value).replace("Hint: ", "")
    number, folder = {ESSENTIAL: ("71875", "09.필수의료 의학지식 데이터"),
                      PROFESSIONAL: ("71874", "08.전문 의학지식 데이터")}[name]  # fmt: skip
    for word in (number, folder, "secure area", "Korean nationals", "no redistribution", "TL_"):
        assert word in steps
    assert (source.access, source.terms.redistribute, source.rows) == ("manual", "no", None)


def test_sizes_that_do_not_agree_are_told_and_none_is_declared() -> None:
    quirks = " ".join(mk.source(ESSENTIAL).quirks)
    for number in ("12,781", "10,299", "1,248", "14 to 17"):
        assert number in quirks
