"""What a file is, when it is not what it should be."""

from __future__ import annotations

import codecs
import re

from medqa_kit.errors import EncodingError, FormatError

HEAD = 512
"""Bytes that :func:`refuse_impostor` wants to see."""

_CANDIDATES = ("utf-8", "gb18030", "cp949", "utf-16")
_FIRST = 16  # bytes that show UTF-16 without a mark: JSON and headers begin in ASCII
_HTML = re.compile(rb"\s*<(!doctype\s+html|html|head)\b", re.IGNORECASE)
_POINTER = b"version https://git-lfs.github.com/spec/"


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


def wrong_encoding(error: UnicodeDecodeError, *, declared: str, where: str) -> EncodingError:
    """Say where text stops being text in the declared encoding, and what it may be instead.

    Args:
        error: What the decoder raised; its ``object`` is the sample looked at.
        declared: The declared encoding.
        where: Byte and line.
    """
    sample, at, known = bytes(error.object), error.start, codecs.lookup(declared).name
    likely = [name for name in _CANDIDATES if name != known and _fits(sample, name)]
    return EncodingError(
        f"this is not {declared} at {where}", expected=f"text in {declared}",
        found=f"bytes {sample[at : at + 8].hex(' ')}",
        hint="pass " + " or ".join(f"encoding={name!r}" for name in likely)
             + f", whichever text makes sense; or read a copy saved as {declared.upper()}; "
             "a source of your own can set Reading(encoding=...)" if likely else
             "the file is damaged, or not text; fetch it again")  # fmt: skip


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
    raise EncodingError(
        f"this is not utf-8 but {encoding}", expected="text in utf-8",
        found=f"bytes {sample[:8].hex(' ')}",
        hint=f"pass encoding='{encoding}', or read a copy saved as UTF-8")  # fmt: skip


def _fits(sample: bytes, encoding: str) -> bool:
    if encoding == "utf-16" and not sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False  # without its mark nearly every sequence of bytes is UTF-16
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample)  # may end within a character
    except UnicodeDecodeError:
        return False
    return True
