"""Personal data in invented notes: found, masked, and nothing else taken for it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import datasets
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import medqa_kit as mk
from exam_text import LANGUAGES, items
from medqa_kit.errors import ArgumentError, FormattingError, RowError
from medqa_kit.quality.personal.kinds import PERSONAL_KINDS
from mutations import NOTES, PERSONAL_MAKERS, resident_number

KEY = "a key for the tests"


@pytest.mark.parametrize("kind", PERSONAL_KINDS)
def test_each_kind_is_found_in_notes(kind: str) -> None:
    draw = random.Random(kind)
    texts = [
        draw.choice(NOTES).format(maker(draw)) for _ in range(60) for maker in PERSONAL_MAKERS[kind]
    ]
    _, report = mk.FindPersonalData().run(pa.table({"text": texts}))
    hit = {line["row"] for line in report.findings.to_pylist() if line["code"] == kind}
    missed = [text for row, text in enumerate(texts) if row not in hit]
    assert len(missed) <= 0.01 * len(texts), missed[:5]


_CLEAN = [
    "고혈압 환자에게 아스피린 100 mg을 투여하였다.", "주치의 선생님께 보고하였다.", "고객님의 안전을 위해", "이용자님께 알립니다",
    "Na 138, K 4.2, Cl 101, BUN 12", "WBC 12,300/µL, Hb 10.2 g/dL, PLT 250,000", "2024-11-28 10:30 내원", "ICD-10 코드 J45.909",
    "RR 20, HR 96, BP 120/80, BT 36.5", "1번부터 5번까지 순서대로 읽으시오", "혈압 1시간마다 측정, 4시간마다 보고", "119에 신고한다",
    "PMID 12345678", "doi:10.1000/182", "The Apgar score was 8 and 9.", "Down syndrome and Graves disease", "https://example.org/a?id=20240101",
    "5-10-15 mg titration", "비율은 1:10,000이었다", "20231105 시행한 검사", "제3상 임상시험 NCT01234567", "ISBN 978-3-16-148410-0",
    "정신과 환자, 강직성 환자, 신부전 환자", "수술동 3층", "출생 후 3일", "선생님은 설명하였다", "하나님", "환자분은 안정적이다",
]  # fmt: skip


def test_notes_without_any_raise_no_alarm() -> None:
    exam = [
        text
        for language in LANGUAGES
        for item in items(language, 150, seed=3)
        for text in (item.stem, *item.options)
    ]
    _, report = mk.FindPersonalData().run(pa.table({"text": _CLEAN + exam}))
    wrong = [(line["code"], (_CLEAN + exam)[line["row"]]) for line in report.findings.to_pylist()]
    assert [alarm for alarm in wrong if alarm[1] in _CLEAN] == []
    assert len(wrong) <= 0.001 * len(exam), wrong[:5]


def test_a_resident_number_is_told_by_its_date_whatever_its_check_digit() -> None:
    draw = random.Random(1)
    rows = pa.table({"text": [
        resident_number(draw, recent=True, checked=True, foreign=False), resident_number(draw, recent=True, checked=False, foreign=False),
        "881301-1234567", "880230-1234567", "880102-1234567",
    ]})  # fmt: skip
    _, report = mk.FindPersonalData(kinds=("resident_number",)).run(rows)
    lines = [(line["row"], line["certainty"]) for line in report.findings.to_pylist()]
    assert lines == [(0, "sure"), (1, "likely"), (4, "likely")]


def test_pseudonyms_are_stable_and_hang_on_the_key() -> None:
    rows = pa.table(
        {"text": ["전화 010-2222-3333", "01022223333", "010 2222 3333", "010-2222-4444"]}
    )
    masked, report = mk.MaskPersonalData(key=KEY).run(rows)
    names = [text.rpartition("[")[2] for text in masked["text"].to_pylist()]
    assert names[0] == names[1] == names[2] != names[3]
    assert report.by("code") == {"phone": 4}
    other = mk.MaskPersonalData(key="another key of the tests")(rows)
    assert not set(other["text"].to_pylist()) & set(masked["text"].to_pylist())
    assert mk.MaskPersonalData(key=KEY)(masked).equals(masked), "masking twice changes nothing more"
    assert KEY not in repr(mk.MaskPersonalData(key=KEY))


_NESTED = pa.table({
    "id": ["010-1234-5678", "b"], "question": ["전화 010-1234-5678", None],
    "options": [["a@example.com", "체온"], None],
    "messages": [[{"role": "user", "content": "카드 없음"}, {"role": "assistant", "content": "MRN 1234567"}], []],
})  # fmt: skip


@pytest.mark.parametrize("wrap", [lambda t: t, datasets.Dataset, lambda t: datasets.Dataset(t).select([1, 0]),
                                  lambda t: datasets.Dataset(t).to_iterable_dataset(), lambda t: pa.concat_tables([t.slice(0, 1), t.slice(1)])])  # fmt: skip
def test_texts_lists_and_messages_are_masked_in_every_container(
    wrap: Callable[[pa.Table], object],
) -> None:
    masked, report = mk.MaskPersonalData(key=KEY).run(wrap(_NESTED))
    rows = {
        row["id"]: row for row in (masked.to_pylist() if isinstance(masked, pa.Table) else masked)
    }
    first = rows["010-1234-5678"]
    assert first["question"].startswith("전화 [phone ")
    assert first["options"][0].startswith("[email ")
    assert first["options"][1] == "체온"
    assert first["messages"][1]["content"].startswith("MRN [hospital_number ")
    assert rows["b"]["question"] is None
    assert rows["b"]["options"] is None
    assert report.by("code") == {"phone": 1, "email": 1, "hospital_number": 1}


def test_rows_can_be_dropped_or_refused_and_the_data_is_never_quoted() -> None:
    kept, report = mk.FindPersonalData(on_bad="drop").run(_NESTED)
    assert kept["id"].to_pylist() == ["b"]
    assert "010-1234-5678" not in str(report.findings.drop_columns("id").to_pylist())
    with pytest.raises(RowError) as caught:
        mk.FindPersonalData(on_bad="raise")(_NESTED.drop_columns("id"))
    assert "5678" not in str(caught.value)


def test_a_recognizer_is_asked_for_what_rules_do_not_see() -> None:
    def recognizer(texts: list[str]) -> list[list[tuple[int, int, str]]]:
        return [
            [(text.index("영희"), text.index("영희") + 2, "person")] if "영희" in text else []
            for text in texts
        ]

    rows = pa.table({"text": ["어제 영희가 왔다", "010-1234-5678"]})
    _, report = mk.FindPersonalData(recognizer=recognizer).run(rows)
    assert report.by("code") == {"person": 1, "phone": 1}
    for wrong in (
        lambda texts: [],
        lambda texts: [[(0, 999, "x")]] * len(texts),
        lambda texts: [[1]] * len(texts),
    ):
        with pytest.raises(FormattingError, match="does not return spans"):
            mk.FindPersonalData(recognizer=wrong)(rows)


# Each is found where it stands alone; put side by side they touch, and some become parts of others.
_PIECES = [
    "010-1234-5678", "880102-1234567", "a@b.kr", "환자명: 김민준", "4111 1111 1111 1111", "Dr. Ada Harlow",
]  # fmt: skip
_MARKS = st.text(alphabet="0123456789- +()@.가김님씨aA\n", max_size=6)


@pytest.mark.parametrize("piece", _PIECES)
def test_each_piece_is_found_where_it_stands_alone(piece: str) -> None:
    _, report = mk.FindPersonalData().run(pa.table({"text": [piece]}))
    assert report.by("code").keys()


@given(st.lists(st.lists(st.sampled_from(_PIECES) | _MARKS, max_size=6).map("".join), max_size=4))
@example(["".join(_PIECES), " ".join(_PIECES)])
def test_spans_lie_in_their_texts_and_apart(texts: list[str]) -> None:
    _, report = mk.FindPersonalData().run(pa.table({"text": pa.array(texts, pa.string())}))
    ends: dict[int, int] = {}
    for line in report.findings.to_pylist():
        assert ends.get(line["row"], 0) <= line["start"] < line["end"] <= len(texts[line["row"]])
        ends[line["row"]] = line["end"]


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "1-",
        "010-",
        "a@",
        "a.",
        "@a.",
        "김",
        "서울시 ",
        "가시",
        "Mr. A ",
        "1 Aa ",
        "+1 ",
        "(0",
        "이름:",
    ],
)
def test_long_texts_take_linear_time(unit: str) -> None:
    text = unit * (40_000 // len(unit))
    start = time.process_time()
    mk.FindPersonalData().run(pa.table({"text": [text]}))
    assert time.process_time() - start < 2


def test_wrong_arguments_are_refused() -> None:
    for wrong in (
        {"kinds": ("phones",)},
        {"columns": "text"},
        {"on_bad": "mask"},
        {"recognizer": 3},
    ):
        with pytest.raises(ArgumentError):
            mk.FindPersonalData(**wrong)
    with pytest.raises(ArgumentError, match="too short"):
        mk.MaskPersonalData(key="short")
    with pytest.raises(FormattingError, match="texts"):
        mk.FindPersonalData(columns=("texts",))(_NESTED)


@pytest.mark.parametrize("kind", [
    pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string()),
    pa.list_(pa.string()), pa.list_(pa.string_view()), pa.large_list(pa.large_string()),
    pa.list_view(pa.string()), pa.large_list_view(pa.large_string()),
], ids=str)  # fmt: skip
def test_numbers_are_masked_however_arrow_keeps_the_texts(kind: pa.DataType) -> None:
    texts: list[object] = ["call 010-1234-5678", None, "nobody"]
    if kind.num_fields:
        texts = [None if text is None else ["see", text] for text in texts]
    values = pa.array(texts) if pa.types.is_dictionary(kind) else pa.array(texts, kind)
    table = pa.table({"id": ["a", "b", "c"], "note": values.cast(kind)})
    assert mk.FindPersonalData().run(table)[1].by("code") == {"phone": 1}
    masked, report = mk.MaskPersonalData(key=KEY).run(table)
    masked.validate(full=True)
    assert masked.schema == table.schema
    assert report.by("code") == {"phone": 1}
    assert "5678" not in str(masked.to_pylist())
    assert masked["note"].to_pylist()[1:] == texts[1:]


def test_a_list_of_no_columns_is_refused() -> None:
    rows = pa.table({"text": ["연락처 010-1234-5678"]})
    for kernel in (
        mk.FindPersonalData(columns=()),
        mk.MaskPersonalData(key="k" * 16, columns=()),
        mk.FixText(columns=()),
    ):
        with pytest.raises(ArgumentError, match="no column"):
            kernel.run(rows)
    with pytest.raises(ArgumentError, match="no column"):
        mk.validate(rows, columns=[])
