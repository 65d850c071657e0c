"""Find out what a file is, when it is not what it should be."""

from __future__ import annotations

import codecs
import re

from medqa_kit.errors import EncodingError, FormatError

HEAD = 512
"""Bytes that :func:`refuse_impostor` wants to see."""

_CANDIDATES = ("utf-8", "gb18030", "cp949", "utf-16")
_WESTERN = "cp1252"
_HIGH = re.compile(rb"[\x80-\xff]")
_ALONE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")
_MOSTLY = 0.8  # those of East Asia and of UTF-8 stand two and three together
_FEWEST_LETTERS = 8  # beyond ASCII, which by chance are UTF-8 once in a million files
_FIRST = 16  # bytes that show UTF-16 without a mark: JSON and headers begin in ASCII
_HTML = re.compile(rb"\s*<(!doctype\s+html|html|head)\b", re.IGNORECASE)
_POINTER = b"version https://git-lfs.github.com/spec/"
_UNPACK = "unpack it once and pass what is in it"
_SAVE = "save a copy of the data as CSV, JSON Lines or Parquet"
_KINDS = (
    (b"PAR1", "a Parquet file", "give its name the ending .parquet"),
    (b"PK\x03\x04", "a zip archive or an Excel workbook",
     "unpack it and pass the folder; the name of a workbook ends in .xlsx"),
    (b"ARROW1", "an Arrow file", "write it as Parquet: pyarrow.parquet.write_table(...)"),
    (b"\xff\xff\xff\xff", "an Arrow stream", "write it as Parquet: pyarrow.parquet.write_table(...)"),
    (b"\x1f\x8b", "packed twice", _UNPACK), (b"\x28\xb5\x2f\xfd", "packed twice", _UNPACK),
    (b"BZh", "packed twice", _UNPACK), (b"\xfd7zXZ\0", "packed twice", _UNPACK),
    (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it and pass the folder"),
    (b"Rar!\x1a", "a RAR archive", "unpack it and pass the folder"),
    (b"\xd0\xcf\x11\xe0", "an old Office file", _SAVE), (b"%PDF-", "a PDF file", _SAVE),
    (b"SQLite format 3\0", "a SQLite database", _SAVE), (b"\x80\x04\x95", "a pickle", _SAVE),
    (b"\x80\x05\x95", "a pickle", _SAVE),
)  # fmt: skip
"""First bytes of what is no text, once it is unpacked, and what to do with it."""
_TAR, _TAR_AT = b"ustar", 257
_KEY = r'"(?:[^"\\]|\\.)*"'
_FRAMES = {
    "split": re.compile(r'\s*\{\s*"columns"\s*:\s*\['),
    "table": re.compile(r'\s*\{\s*"schema"\s*:\s*\{\s*"fields"\s*:'),
    "columns": re.compile(rf'\s*\{{\s*{_KEY}\s*:\s*\{{\s*"\d+"\s*:'),
    "index": re.compile(r'\s*\{\s*"\d+"\s*:\s*\{'),
}
"""How a data frame begins that ``DataFrame.to_json`` wrote as one object, by ``orient``."""
_FRAME = "json.loads(Path(path).read_text('utf-8'))"
ROWS_OF_FRAME = {
    "split": f"[dict(zip(frame['columns'], row)) for frame in [{_FRAME}] for row in frame['data']]",
    "table": f"[{{k: row[k] for k in row if k not in frame['schema'].get('primaryKey', ())}} "
    f"for frame in [{_FRAME}] for row in frame['data']]",
    "columns": f"[dict(zip(frame, row)) for frame in [{_FRAME}] for row in zip(*map(dict.values, frame.values()))]",
    "index": f"list({_FRAME}.values())",
}
"""How its rows are taken as they stand: ``pandas.read_json`` makes dates of texts, ``to_json`` rounds numbers."""


def frame_hint(text: str) -> str:
    """Say how to write a copy, a row an object, of a frame that ``DataFrame.to_json`` wrote otherwise.

    Args:
        text: How the file begins.

    Returns:
        A hint; empty where the text begins as none of these.

    Example:
        >>> frame_hint('{"0":{"question":"Why?"}}').partition("json.dumps")[2], frame_hint('{"question":"Why?"}')
        ("(list(json.loads(Path(path).read_text('utf-8')).values())), 'utf-8')", '')
    """
    rows = next(
        (ROWS_OF_FRAME[orient] for orient, begins in _FRAMES.items() if begins.match(text)), ""
    )
    return (
        f"pass a copy as path=: Path(copy).write_text(json.dumps({rows}), 'utf-8')" if rows else ""
    )


def other_shape_hint(record: bytes) -> str:
    """Say how to pass a file none of whose lines is an object; empty where nothing is known.

    Args:
        record: One of its lines.

    Example:
        >>> other_shape_hint(b"question,answer"), other_shape_hint(b"{'question': 'Why?'}"), other_shape_hint(b"{")
        ('if it is a table, give its name the ending .csv or .tsv', 'write the objects with json.dumps, one a line', 'write each object on a line of its own, or all as one list')
    """
    text = record.strip()
    if not text.startswith((b"{", b"[")):
        return "if it is a table, give its name the ending .csv or .tsv"
    if re.match(rb"\{\s*'", text):
        return "write the objects with json.dumps, one a line"
    if text.count(b"{") > text.count(b"}"):
        return "write each object on a line of its own, or all as one list"
    return ""


def refuse_impostor(head: bytes) -> None:
    """Raise when the first bytes of a file are those of a page or of a pointer to the data.

    Raises:
        FormatError: It is a Git LFS pointer, or HTML.
    """
    if head.startswith(_POINTER):
        raise FormatError(
            "this is a Git LFS pointer, not the file it points to",
            found=head[:60].decode(errors="replace"),
            hint="run `git lfs pull` in that folder, or download the file itself",
        )
    if _HTML.match(head):
        raise FormatError(
            "this is a web page, not data",
            found="HTML",
            hint="an error or sign-in page was saved; download the file again",
        )


def advice(head: bytes) -> str:
    """Say what to do with a file that is not of the format of its name, by its first bytes.

    Example:
        >>> advice(b'{"question": 1}'), advice(b"%PDF-1.7")[:26]
        ('it is text: give its name the ending of what it is, such as .jsonl or .csv', 'save a copy of the data as')
    """
    hints = [hint for mark, _, hint in _KINDS if head.startswith(mark)]
    text = "it is text: give its name the ending of what it is, such as .jsonl or .csv"
    return next(iter(hints), text if shows_text(head) else "fetch it again")


def refuse_other_kind(head: bytes) -> None:
    """Raise when the first bytes of what should be text are those of another kind of file.

    Raises:
        FormatError: It is Parquet, an archive, packed twice, or the like.
    """
    kinds = [(kind, hint) for mark, kind, hint in _KINDS if head.startswith(mark)]
    if head[_TAR_AT:].startswith(_TAR):
        kinds.append(("a tar archive", "unpack it and pass the folder"))
    for kind, hint in kinds:
        raise FormatError(f"this is {kind}, not text", expected="text", found=f"bytes {head[:8].hex(' ')}",
                          hint=hint)  # fmt: skip


def shows_text(head: bytes) -> bool:
    """Check whether the first bytes of a file are those of a text: no control characters but blanks."""
    return bool(head.strip()) and not re.search(rb"[\x00-\x08\x0e-\x1f]", head)


def wrong_encoding(
    error: UnicodeDecodeError, *, declared: str, where: str, throughout: bool = False
) -> EncodingError:
    """Say where text stops being text in the declared encoding, and what it may be instead.

    Args:
        error: What the decoder raised; its ``object`` is the sample looked at.
        declared: The declared encoding.
        where: Byte and line.
        throughout: Whether the text is in another encoding from its beginning, and not damaged at a place.
    """
    sample, at, known = bytes(error.object), error.start, codecs.lookup(declared).name
    likely = [name for name in _CANDIDATES if name != known and _fits(sample, name)]
    if throughout and known != _WESTERN and _is_western(sample):
        likely.insert(0, _WESTERN)
    return EncodingError(
        f"this is not {declared} at {where}", expected=f"text in {declared}",
        found=f"bytes {sample[at : at + 8].hex(' ')}",
        hint="pass " + " or ".join(f"encoding={name!r}" for name in likely)
             + f", whichever text makes sense; or read a copy saved as {declared.upper()}; "
             "a source of your own can set Reading(encoding=...)" if likely else
             "the file is damaged, or not text; fetch it again")  # fmt: skip


def _is_western(sample: bytes) -> bool:
    """Check whether text may be that of Windows in Western Europe: letters such as é, alone among those of English."""
    if not shows_text(sample) or not _fits(sample, _WESTERN):
        return False
    high, alone = (len(sign.findall(sample)) for sign in (_HIGH, _ALONE))
    return alone >= _MOSTLY * high


def refuse_wide_text(sample: bytes) -> None:
    """Raise when text declared as UTF-8 is UTF-16 or UTF-32, which small files show by few bad bytes only.

    Raises:
        EncodingError: It begins with the mark of one of them, or every other byte of it is NUL.
    """
    wide = sample.startswith(
        (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
    )  # one begins as that of UTF-16
    marked = wide or sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    # NUL throughout is no text: a file that was never written to its end.
    empty = [not sample[side:_FIRST:2].strip(b"\0") for side in (0, 1)]
    if not marked and (len(sample) < 2 or empty[0] == empty[1]):
        return
    encoding = "utf-32" if wide else "utf-16"
    if not marked:  # the codec without an order takes the machine's
        wide = len(sample) >= _FIRST and not any(sample[1:_FIRST:4] + sample[2:_FIRST:4])
        encoding = f"utf-{32 if wide else 16}-{'be' if empty[0] else 'le'}"
    raise EncodingError(
        f"this is not utf-8 but {encoding}", expected="text in utf-8",
        found=f"bytes {sample[:8].hex(' ')}",
        hint=f"pass encoding='{encoding}', or read a copy saved as UTF-8")  # fmt: skip


def refuse_utf8(sample: bytes, encoding: str) -> None:
    """Raise when text declared in an encoding of a region is UTF-8, whose bytes may be some text in that, too.

    Raises:
        EncodingError: It begins with the mark of UTF-8, or enough of it is UTF-8 for that to be no chance.
    """
    if codecs.lookup(encoding).name.startswith("utf"):
        return
    marked = sample.startswith(codecs.BOM_UTF8)
    if not marked and (sample.isascii() or not _fits(sample, "utf-8")):
        return
    letters = [letter for letter in sample.decode(errors="ignore") if not letter.isascii()]
    if not marked and len(letters) < _FEWEST_LETTERS:
        return
    raise EncodingError(
        f"this is not {encoding} but utf-8", expected=f"text in {encoding}",
        found="the mark of UTF-8 at its beginning" if marked else f"UTF-8 throughout, such as {''.join(letters[:20])}",
        hint="pass encoding='utf-8'; a source of your own can set Reading(encoding=...)",
    )  # fmt: skip


def _fits(sample: bytes, encoding: str) -> bool:
    if encoding == "utf-16" and not sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False  # without its mark nearly every sequence of bytes is UTF-16
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample)  # may end within a character
    except UnicodeDecodeError:
        return False
    return True
