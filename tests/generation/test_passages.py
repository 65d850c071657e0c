"""Passages of one's own documents, and the search for the one a question is about."""

from __future__ import annotations

import io
import os
import pickle
import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject

import medqa_kit as mk
from laws import examples
from medqa_kit.errors import (
    ArgumentError,
    EmptyDataError,
    EncodingError,
    FormatError,
    FormattingError,
    LeftOutWarning,
    WrongFilesError,
)


def pdf(*pages: str) -> bytes:
    """Return a PDF with a line of Latin text on each page."""
    writer = PdfWriter()
    font = writer._add_object(DictionaryObject({
        NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
        NameObject("/BaseFont"): NameObject("/Helvetica"),
    }))  # fmt: skip
    for text in pages:
        page = writer.add_blank_page(width=600, height=800)
        stream = StreamObject()
        stream.set_data(f"BT /F1 12 Tf 40 700 Td ({text}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def write(folder: Path, content: bytes, name: str = "notes.txt") -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def test_passages_of_a_pdf_name_their_page(tmp_path: Path) -> None:
    file = write(tmp_path, pdf("Cool the burn. Cover it.", "", "Press on the wound."), "aid.pdf")
    rows = mk.passages(file, source="aid", language="en")
    assert rows.select(["text", "page", "title"]).to_pylist() == [
        {"text": "Cool the burn. Cover it.", "page": 1, "title": "aid"},
        {"text": "Press on the wound.", "page": 3, "title": "aid"},
    ]
    assert len(set(rows["id"].to_pylist())) == 2
    assert len(set(rows["family"].to_pylist())) == 1
    mk.conform(rows.select(mk.schemas.TEXT.names), mk.schemas.TEXT)


SENTENCES = st.lists(st.text(st.sampled_from("ab 가나។.!?\n"), max_size=60), max_size=8)


@settings(deadline=None, max_examples=examples(60))
@given(parts=SENTENCES, characters=st.integers(20, 80), overlap=st.integers(0, 10))
def test_passages_hold_the_whole_text_once(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str], characters: int, overlap: int
) -> None:
    text = "x" + " ".join(parts)
    file = write(tmp_path_factory.mktemp("t"), text.encode())
    rows = mk.passages(file, source="s", characters=characters, overlap=overlap).to_pylist()
    covered = np.zeros(len(text), int)
    for row in rows:
        assert row["text"] == text[row["start"] : row["end"]]
        assert 0 < len(row["text"]) <= characters
        covered[row["start"] : row["end"]] += 1
    left_out = {letter for letter, times in zip(text, covered, strict=True) if not times}
    assert left_out <= {" ", "\n"}
    if not overlap:
        assert covered.max() == 1


@pytest.mark.parametrize(
    "sentence",
    [
        "អ្នកជំងឺដែលមានស្ថានភាពធ្ងន់ធ្ងរត្រូវបញ្ជូនទៅមន្ទីរពេទ្យ" * 9,
        unicodedata.normalize("NFD", "환자는병원에서치료를받았다" * 9),
        "👨‍👩‍👧‍👦" * 40,
        "cafe\u0301" * 40,
        "अस्पताल" * 40,
    ],
)
def test_a_long_sentence_is_cut_between_letters_with_their_marks(
    tmp_path: Path, sentence: str
) -> None:
    file = write(tmp_path, sentence.encode())
    for characters in range(20, 60):
        texts = mk.passages(file, source="s", characters=characters)["text"].to_pylist()
        assert "".join(texts) == sentence
        assert max(map(len, texts)) <= characters
        for before, text in pairwise(texts):
            assert not unicodedata.category(text[0]).startswith("M")
            assert not "\u1160" <= text[0] <= "\u11ff"
            assert before[-1] not in "\u17d2\u200d"


def test_khmer_sentences_need_no_blank_between_them(tmp_path: Path) -> None:
    file = write(tmp_path, "លាងដៃឱ្យស្អាត។គ្របរបួស។ទៅជួបពេទ្យ ដើម្បីពិនិត្យ".encode())
    texts = mk.passages(file, source="s", characters=26)["text"].to_pylist()
    assert texts == ["លាងដៃឱ្យស្អាត។គ្របរបួស។", "ទៅជួបពេទ្យ ដើម្បីពិនិត្យ"]


def test_overlap_repeats_whole_sentences(tmp_path: Path) -> None:
    file = write(tmp_path, b"One one one. Two two. Three three. Four.")
    texts = mk.passages(file, source="s", characters=24, overlap=12)["text"].to_pylist()
    assert texts == ["One one one. Two two.", "Two two. Three three.", "Three three. Four."]


def test_what_is_no_document_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongFilesError):
        mk.passages(tmp_path / "absent.txt", source="s")
    with pytest.raises(WrongFilesError):
        mk.passages(tmp_path, source="s")
    with pytest.raises(EncodingError, match="byte 1"):
        mk.passages(write(tmp_path, b"a\xff"), source="s")
    with pytest.raises(EmptyDataError):
        mk.passages(write(tmp_path, b" \n\n"), source="s")
    with pytest.raises(EmptyDataError, match="1 pages"):
        mk.passages(write(tmp_path, pdf("")), source="s")
    whole = pdf("A text that is there.")
    for cut in (6, len(whole) // 2):
        with pytest.raises((FormatError, EmptyDataError)):
            mk.passages(write(tmp_path, whole[:cut]), source="s")
    with pytest.raises(ArgumentError, match="overlap"):
        mk.passages(write(tmp_path, b"a"), source="s", characters=20, overlap=11)


@pytest.mark.parametrize("language", [7, b"ko", "", ["ko"], "\ud800"])
def test_a_language_is_text(tmp_path: Path, language: str) -> None:
    with pytest.raises(ArgumentError, match="language"):
        mk.passages(write(tmp_path, b"Cool the burn."), source="s", language=language)


@pytest.mark.parametrize("content", [b"<!DOCTYPE html><p>404</p>", b"Not found"])
def test_a_web_page_that_was_saved_as_a_pdf_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FormatError, match="no PDF"):
        mk.passages(write(tmp_path, content, "aid.pdf"), source="s")
    assert len(mk.passages(write(tmp_path, content, "aid.txt"), source="s")) == 1


def scanned(*texts: str, damage: bool = False) -> bytes:
    """Return a PDF in which pages without a word hold a picture, or a stream that cannot be unpacked."""
    writer = PdfWriter(clone_from=io.BytesIO(pdf(*texts)))
    for text, page in zip(texts, writer.pages, strict=True):
        if any(map(str.isalpha, text)):
            continue
        stream = StreamObject()
        stream.set_data(b"q Q")
        if damage:
            stream[NameObject("/Filter")] = NameObject("/FlateDecode")
        else:
            page["/Resources"][NameObject("/XObject")] = DictionaryObject(
                {NameObject("/I"): writer._add_object(stream)}
            )  # type: ignore[index]
        if not text:
            page[NameObject("/Contents")] = writer._add_object(stream)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


@pytest.mark.parametrize("damage", [False, True])
def test_pages_of_which_nothing_can_be_read_are_named(tmp_path: Path, damage: bool) -> None:
    file = write(tmp_path, scanned("Cool the burn.", "", "Press.", "", damage=damage), "aid.pdf")
    with pytest.warns(LeftOutWarning, match="2 of 4 pages .* text: 2, 4"):
        rows = mk.passages(file, source="s")
    assert rows["page"].to_pylist() == [1, 3]


def test_a_scanned_page_is_not_its_number(tmp_path: Path) -> None:
    file = write(tmp_path, scanned("Cool the burn.", "- 2 -", damage=False), "aid.pdf")
    with pytest.warns(LeftOutWarning, match="1 of 2 pages .* text: 2"):
        assert mk.passages(file, source="s")["page"].to_pylist() == [1]


def test_form_feeds_part_the_pages_of_a_text(tmp_path: Path) -> None:
    rows = mk.passages(write(tmp_path, b"Cool the burn.\fPress on it.\f"), source="s")
    assert rows.select(["text", "page", "start"]).to_pylist() == [
        {"text": "Cool the burn.", "page": 1, "start": 0},
        {"text": "Press on it.", "page": 2, "start": 0},
    ]


def test_a_blank_text_is_not_called_scanned(tmp_path: Path) -> None:
    with pytest.raises(EmptyDataError) as error:
        mk.passages(write(tmp_path, b" "), source="s")
    assert "scanned" not in str(error.value)


NOTES = pa.table({
    "id": ["n/1", "n/2", "n/3"],
    "text": ["Cool a burn with running water.", "화상은 흐르는 물로 식힌다.", "ត្រជាក់រលាកដោយទឹក"],
})  # fmt: skip


@pytest.mark.parametrize(("question", "ids"), [
    ("What helps a burn?", ["n/1"]), ("화상을 입으면 어떻게 하는가?", ["n/2"]), ("តើរលាកត្រូវធ្វើអ្វី?", ["n/3"]),
    (unicodedata.normalize("NFD", "화상을 입으면?"), ["n/2"]), ("ＢＵＲＮ", ["n/1"]), ("តើ\u200bរ\u200bលាក\u200b?", ["n/3"]),
    ("xyzzy", None), ("", None),
])  # fmt: skip
def test_words_lead_to_the_passage(question: str, ids: list[str] | None) -> None:
    rows = pa.table({"id": ["q"], "question": [question]})
    for kernel in (mk.AddContext(NOTES), pickle.loads(pickle.dumps(mk.AddContext(NOTES)))):
        [row] = mk.apply(rows, kernel).to_pylist()
        assert row["context_ids"] == ids
        assert (row["context"] is None) == (ids is None)


def test_a_context_of_its_own_stays() -> None:
    rows = pa.table({"id": ["a", "b"], "question": ["burn", "burn"], "context": ["mine", None]})
    added = mk.AddContext(NOTES)(rows)
    assert added["context"].to_pylist() == ["mine", NOTES["text"][0].as_py()]
    assert added["context_ids"].to_pylist() == [None, ["n/1"]]
    assert mk.AddContext(NOTES)(rows.slice(0, 0)).num_rows == 0


def test_vectors_lead_to_the_passage() -> None:
    def embed(texts: list[str]) -> np.ndarray:
        return np.array([[("burn" in text) + 0.1, "화상" in text] for text in texts], float)

    rows = pa.table({"id": ["a", "b"], "question": ["a burn", "화상"]})
    added = mk.AddContext(NOTES, by=embed, most=2)(rows)
    assert [ids[0] for ids in added["context_ids"].to_pylist()] == ["n/1", "n/2"]
    with pytest.raises(FormattingError, match="vectors"):
        mk.AddContext(NOTES, by=lambda texts: np.zeros(3))(rows)


@pytest.mark.parametrize("arguments", [
    {"passages": [1]}, {"passages": pa.table({"id": ["a"]})}, {"passages": NOTES.slice(0, 0)},
    {"passages": NOTES, "most": 0}, {"passages": NOTES, "by": "words"}, {"passages": NOTES, "most": int},
    {"passages": NOTES, "most": np.array([1, 2])},
])  # fmt: skip
def test_wrong_arguments_are_told(arguments: dict[str, object]) -> None:
    with pytest.raises(ArgumentError):
        mk.AddContext(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("head", [b"\r\n\n", b"\xef\xbb\xbf", b"saved by a mailer\n"])
def test_what_stands_before_a_pdf_makes_it_no_text(tmp_path: Path, head: bytes) -> None:
    file = write(tmp_path, head + pdf("Cool the burn."), "aid.pdf")
    assert mk.passages(file, source="aid")["text"].to_pylist() == ["Cool the burn."]


def test_a_name_that_is_no_text_does_no_harm(tmp_path: Path) -> None:
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xff.txt"))
    file.write_bytes(b"Cool the burn.")
    assert mk.passages(file, source="aid")["title"].to_pylist() == ["a?"]


ASKED = pa.table({"id": ["q", "r"], "question": ["What helps against a burn?", None]})
BURN = {"id": ["n/1", "n/2"], "text": ["Cool a burn with water.", "Press on a wound."]}


def test_looking_again_keeps_what_was_found() -> None:
    kernel = mk.AddContext(pa.table(BURN))
    once = kernel(ASKED)
    twice = kernel(once)
    assert once["context_ids"].to_pylist() == [["n/1"], None]
    assert twice.equals(once)


@pytest.mark.parametrize("texts", [["...", "–"], [None, None], ["", " "]])
def test_passages_without_words_lead_nowhere(texts: list[str | None]) -> None:
    notes = pa.table({"id": ["n/1", "n/2"], "text": pa.array(texts, pa.string())})
    assert mk.AddContext(notes)(ASKED)["context"].to_pylist() == [None, None]


def test_neither_a_null_passage_nor_a_null_question_is_near_to_anything() -> None:
    notes = pa.table({"id": ["n/1", "n/2"], "text": [None, "Cool a burn with water."]})
    kernel = mk.AddContext(notes, by=lambda texts: np.ones((len(texts), 2)), most=2)
    assert kernel(ASKED)["context_ids"].to_pylist() == [["n/2"], None]


@pytest.mark.parametrize("embed", [
    lambda texts: [[1.0] * (place + 1) for place in range(len(texts))],
    lambda texts: ["x"] * len(texts),
    lambda texts: np.ones((len(texts), 3 if texts[0].startswith("Cool") else 4)),
])  # fmt: skip
def test_vectors_of_odd_shapes_are_told(embed: Any) -> None:
    with pytest.raises(FormattingError, match="embeds"):
        mk.AddContext(pa.table(BURN), by=embed)(ASKED)


def test_columns_that_hold_no_text_are_told() -> None:
    with pytest.raises(ArgumentError, match="'id' of the passages"):
        mk.AddContext(pa.table({"id": [1], "text": ["Cool a burn."]}))
    with pytest.raises(FormattingError, match="question"):
        mk.AddContext(pa.table(BURN))(pa.table({"id": ["q"], "question": [["Why?"]]}))


def test_what_else_a_locked_pdf_needs_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pypdf

    def locked(*_: Any) -> Any:
        raise pypdf.errors.DependencyError("cryptography>=3.1 is required for AES algorithm")

    monkeypatch.setattr(pypdf, "PdfReader", locked)
    with pytest.raises(FormatError, match="pip install cryptography"):
        mk.passages(write(tmp_path, pdf("Cool it."), "aid.pdf"), source="s")
