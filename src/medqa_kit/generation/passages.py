"""Passages of your own document: stretches of text with their page, place and digest."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from medqa_kit.core.arguments import file_path, nonempty_text, whole_number
from medqa_kit.errors import (
    EmptyDataError,
    EncodingError,
    FormatError,
    LeftOutWarning,
    MissingExtraError,
    WrongFilesError,
    shorten,
)
from medqa_kit.errors.warning_classes import warn_at_caller
from medqa_kit.schemas import TEXT

PASSAGES: pa.Schema = pa.schema([
    *TEXT.remove_metadata(), ("page", pa.int32()), ("start", pa.int64()), ("end", pa.int64()),
    ("document", pa.string()),
])  # fmt: skip
"""Passages: the TEXT schema, the page from 1 (null for text without form feeds), the characters
[start, end) within the page, and the SHA-256 of the document."""

_PDF_HEAD = 1024  # bytes; some programs write a mark or blank lines before what begins a PDF
# Khmer and Chinese need no blank behind a full stop; "។ល។" says "and so on".
_BREAK = re.compile(r"\n\s*\n|(?<=[.!?])\s+|(?<=[។៕。])(?!\s*ល។)\s*|\n")
_WORD = re.compile(r"[^\W\d_]")
_BLANKS = (" ", "\u200b")  # the second one parts Khmer words
_JOINERS = ("\u17d2", "\u200c", "\u200d")


class _Page(NamedTuple):
    """A page; ``is_lost`` where it has a picture, or what nobody can read, and no word beside its number."""

    number: int | None
    text: str
    is_lost: bool = False


def passages(
    document: str | os.PathLike[str], *, source: str, language: str | None = None,
    characters: int = 1200, overlap: int = 0,
) -> pa.Table:  # fmt: skip
    r"""Cut a document into passages, at paragraphs or sentences, never across pages.

    Args:
        document: Path of a PDF file, or of a text in UTF-8, of which form feeds part the pages.
        source: Name for the rows, as of a source.
        language: BCP 47 tag of the text.
        characters: The longest a passage may be. A sentence that is longer is cut.
        overlap: How many characters at the most a passage repeats of the one before, in whole
            sentences.

    Returns:
        A table with the schema :data:`PASSAGES`, in reading order. ``family`` is equal for all
        passages of a document, so that a split keeps them together; ``id`` holds the document's digest,
        so that it is stable as long as the document is.

    Raises:
        ArgumentError: An argument is out of range.
        WrongFilesError: There is no such file.
        FormatError: The PDF cannot be read, wants a password, or is none.
        EncodingError: The text is not UTF-8.
        EmptyDataError: It holds no text, as scanned pages do. Where only some pages hold pictures and no
            text, or are damaged, a :class:`~medqa_kit.errors.LeftOutWarning` names them.
        MissingExtraError: A PDF, and ``pypdf`` is not installed.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "burns.txt"
        >>> _ = file.write_text("Cool the burn. Use running water.\n\nCover it loosely.", "utf-8")
        >>> passages(file, source="first_aid_notes", language="en", characters=40)["text"].to_pylist()
        ['Cool the burn. Use running water.', 'Cover it loosely.']
    """
    place = file_path("document", document)
    nonempty_text("source", source)
    if language is not None:
        nonempty_text("language", language, hint='as in language="ko"')
    characters = whole_number("characters", characters, least=20)
    overlap = whole_number("overlap", overlap, least=0, most=characters // 2)
    try:
        content = place.read_bytes()
    except OSError as error:
        raise WrongFilesError("the document cannot be read", file=str(place), expected="a PDF or text file",
                              found=str(error), hint="check the path") from error  # fmt: skip
    pages = _pdf_pages(place) if b"%PDF-" in content[:_PDF_HEAD] else _text_pages(content, place)
    digest = hashlib.sha256(content).hexdigest()
    title = place.stem.encode("utf-8", "replace").decode()  # names on a disk need not be text
    rows = []
    for page in pages:
        where = "" if page.number is None else f"p{page.number}-"
        for number, (start, end) in enumerate(_stretches(page.text, characters, overlap), 1):
            rows.append({
                "id": f"{source}/{digest[:12]}/{where}{number}", "source": source, "split": "train",
                "language": language, "family": f"{source}/{digest[:12]}", "title": title,
                "text": page.text[start:end], "page": page.number, "start": start, "end": end,
                "document": digest,
            })  # fmt: skip
    lost = [page.number for page in pages if page.is_lost]
    if not rows:
        hint = "scanned pages hold pictures: read them with a program for that first"
        raise EmptyDataError("the document holds no text", file=str(place), expected="text",
                             found=f"{len(pages)} pages without any",
                             hint=hint if lost else "write text into it, or leave it out")  # fmt: skip
    if lost:
        warn_at_caller(
            f"{place.name}: {len(lost)} of {len(pages)} pages are in no passage, since they hold a picture or are "
            f"damaged, and have no text: {shorten(lost)}. Read them with a program for scanned pages first.",
            LeftOutWarning,
        )
    return pa.Table.from_pylist(rows, schema=PASSAGES)


def _text_pages(content: bytes, place: Path) -> list[_Page]:
    if place.suffix.lower() == ".pdf" and content.strip():
        page = content.lstrip()[:15].lower().startswith((b"<!doctype", b"<html"))
        raise FormatError("the file is no PDF", file=str(place), expected="a PDF",
                          found="a web page" if page else f"{len(content):,} other bytes",
                          hint="download the file anew, or name a text *.txt")  # fmt: skip
    parts = _decoded(content, place).split("\f")
    if len(parts) == 1:
        return [_Page(None, parts[0])]
    return [_Page(number, text) for number, text in enumerate(parts, 1)]


def _decoded(content: bytes, place: Path) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise EncodingError("the document is not UTF-8", file=str(place), expected="text in UTF-8, or a PDF",
                            found=f"byte {error.start}", hint="save it as UTF-8") from error  # fmt: skip


def _pdf_pages(place: Path) -> list[_Page]:
    try:
        import pypdf
    except ImportError:
        raise MissingExtraError("pypdf", "pdf", need=f"reading {place.name}") from None
    try:
        reader = pypdf.PdfReader(place)
        pages = [(page.extract_text(), page) for page in reader.pages]
        lost = [_WORD.search(text) is None and _holds_more(page) for text, page in pages]
    except Exception as error:  # whatever a damaged file makes the reader raise
        encrypted = isinstance(error, pypdf.errors.DependencyError)
        raise FormatError("the PDF cannot be read", file=str(place), expected="a PDF without password",
                          found=f"{type(error).__name__}: {error}"[:200],
                          hint=("pip install cryptography, or " if encrypted else "") + "open it and print it into a new PDF") from error  # fmt: skip
    clean = (text.encode("utf-8", "replace").decode() for text, _ in pages)
    return [
        _Page(number, "" if is_lost else text, is_lost)
        for number, (text, is_lost) in enumerate(zip(clean, lost, strict=True), 1)
    ]


def _holds_more(page: Any) -> bool:
    """Check whether a page without text draws a picture, or what it draws cannot be unpacked."""
    if page.get("/Resources", {}).get("/XObject"):
        return True
    content = page.get("/Contents")
    stored = None if content is None else content.get_object()
    parts = [] if stored is None else stored if isinstance(stored, list) else [stored]
    packed = any(
        part.get_object()._data for part in parts
    )  # the reader says nothing of it in public
    return packed and not page.get_contents().get_data().strip()


def _stretches(text: str, characters: int, overlap: int) -> Iterator[tuple[int, int]]:
    """Return [start, end) of passages: as many whole sentences as fit."""
    sentences = list(_sentences(text, characters))
    first = 0
    while first < len(sentences):
        last = first
        while (
            last + 1 < len(sentences) and sentences[last + 1][1] - sentences[first][0] <= characters
        ):
            last += 1
        yield sentences[first][0], sentences[last][1]
        if last + 1 == len(sentences):
            return
        first = _again(sentences, first, last, overlap)


def _again(sentences: Sequence[tuple[int, int]], first: int, last: int, overlap: int) -> int:
    """Return where the next passage begins: so far back that it repeats no more than ``overlap``."""
    begin = last + 1
    while begin - 1 > first and sentences[last][1] - sentences[begin - 1][0] <= overlap:
        begin -= 1
    return begin


def _sentences(text: str, characters: int) -> Iterator[tuple[int, int]]:
    """Return [start, end) of sentences without the white space around them; long ones in pieces."""
    start = 0
    for end, next_start in [
        *((gap.start(), gap.end()) for gap in _BREAK.finditer(text)),
        (len(text), len(text)),
    ]:
        stretch = text[start:end]
        begin = start + len(stretch) - len(stretch.lstrip())
        stop = begin + len(stretch.strip())
        while begin < stop:
            end = stop if stop - begin <= characters else _cut(text, begin, begin + characters)
            yield begin, end
            begin = end
        start = next_start


def _cut(text: str, begin: int, limit: int) -> int:
    """Return where to cut a long sentence before a limit: behind a blank, else between letters with their marks."""
    blank = max(text.rfind(sign, (begin + limit) // 2, limit) for sign in _BLANKS)
    if blank >= 0:
        return blank + 1
    ends = (end for end in range(limit, begin, -1) if not _belongs(text[end], text[end - 1]))
    return next(ends, limit)


def _belongs(letter: str, before: str) -> bool:
    """Check whether a sign belongs to the one before: a mark, what is joined, a part of a syllable or an emoji."""
    return (
        unicodedata.category(letter).startswith("M") or letter in _JOINERS or before in _JOINERS
        or "\u1160" <= letter <= "\u11ff" or "\U0001f3fb" <= letter <= "\U0001f3ff"
    )  # fmt: skip
