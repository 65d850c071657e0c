"""Text files as blocks of UTF-8: unpacked, recoded, without a byte order mark."""

from __future__ import annotations

import codecs
import io
import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import BinaryIO, cast

import pyarrow as pa

from medqa_kit.errors import EncodingError
from medqa_kit.loading.files.file import File
from medqa_kit.loading.files.limits import RECORD_BYTES
from medqa_kit.loading.readers.diagnose import (
    HEAD,
    refuse_impostor,
    refuse_other_kind,
    refuse_utf8,
    refuse_wide_text,
    wrong_encoding,
)

BLOCK = 1 << 22
"""Bytes read at a time."""

_PACKINGS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bz2"}
_XZ = b"\xfd7zXZ\0"
_SKIPPED = b"\x2a\x4d\x18"
"""Behind a byte from 0x50 to 0x5f: a frame of zstd to pass over, as packers that work in parts write first."""
_SAMPLE, _FEW = 1 << 16, 10
_UTF8 = ("utf-8", "utf-8-sig")


@contextmanager
def open_text(file: File) -> Iterator[BinaryIO]:
    """Open a text file, unpacked if its first bytes are those of gzip, zstd, bzip2 or xz.

    What the name says does not count: copies are packed and unpacked without another ending.
    """
    with file.open() as handle:
        head = handle.read(HEAD)
        refuse_impostor(head)
        handle.seek(0)
        packing = _packing(head)
        if packing == "xz":
            with _xz_errors():
                yield cast(BinaryIO, Stream(_xz_blocks(handle)))
        elif packing is None:
            yield handle
        else:
            # Arrow tells when a file is cut off, where Python's readers may end without a word.
            with pa.CompressedInputStream(pa.PythonFile(handle, "r"), packing) as plain:
                yield plain


def _packing(head: bytes) -> str | None:
    if head.startswith(_XZ):
        return "xz"
    if head[1:4] == _SKIPPED and 0x50 <= head[0] <= 0x5F:
        return "zstd"
    return next((kind for mark, kind in _PACKINGS.items() if head.startswith(mark)), None)


@contextmanager
def _xz_errors() -> Iterator[None]:
    """Say of damaged bytes what Arrow says of those of the other packings."""
    try:
        yield
    except (lzma.LZMAError, EOFError) as error:
        raise OSError(str(error)) from error


def _xz_blocks(handle: BinaryIO) -> Iterator[bytes]:
    """Unpack all streams of a file: Python's own reader ends without a word where a later one is damaged."""
    unpacker, rest = None, b""
    while data := rest or handle.read(BLOCK):
        rest = b""
        if unpacker is None:
            if not (data := data.lstrip(b"\0")):  # padding behind a stream
                continue
            unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ)
        while block := unpacker.decompress(data, BLOCK):
            yield block
            data = b""
            if unpacker.eof or unpacker.needs_input:
                break
        if unpacker.eof:
            rest, unpacker = unpacker.unused_data, None
    if unpacker is not None:
        raise EOFError("the last stream has no end")


def utf8_blocks(file: File, encoding: str) -> Iterator[bytes]:
    """Read a text file in blocks of about :data:`BLOCK` bytes, recoded to UTF-8.

    A block may end anywhere, within a character too. Of text declared as UTF-8 only the beginning
    is checked: the formats check the rest faster, or record by record.

    Raises:
        EncodingError: The file is not in the declared encoding.
        FormatError: It is a web page or a Git LFS pointer.
    """
    with open_text(file) as handle:
        raw = chain([_head(handle) + handle.read(BLOCK)], iter(lambda: handle.read(BLOCK), b""))
        yield from _unmarked(raw) if is_utf8(encoding) else _recoded(raw, encoding)


def _head(handle: BinaryIO) -> bytes:
    """Read enough to recognise a file by; a stream may give less than it is asked for."""
    head = b""
    while len(head) < _SAMPLE and (more := handle.read(_SAMPLE - len(head))):
        head += more
    return head


def recoded(data: bytes, encoding: str) -> bytes:
    """Recode a small text as a whole; otherwise like :func:`utf8_blocks`."""
    return b"".join(_recoded(iter([data]), encoding))


def is_utf8(encoding: str) -> bool:
    """Check whether an encoding is UTF-8, with or without a byte order mark."""
    return codecs.lookup(encoding).name in _UTF8


def _unmarked(raw: Iterator[bytes]) -> Iterator[bytes]:
    head = next(raw).removeprefix(codecs.BOM_UTF8)
    refuse_impostor(head)
    refuse_other_kind(head[:HEAD])
    refuse_wide_text(head[:_SAMPLE])
    _refuse_foreign(head[:_SAMPLE])
    yield from chain([head], raw)


def _refuse_foreign(sample: bytes) -> None:
    """Raise if the text is in another encoding throughout; a bad byte here and there may pass."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError as error:
        text = sample.decode(errors="replace")
        bad, foreign = text.count("\ufffd"), sum(not char.isascii() for char in text)
        if bad > _FEW and bad * _FEW > foreign:
            line = 1 + sample.count(b"\n", 0, error.start)
            raise wrong_encoding(
                error, declared="utf-8", where=f"byte {error.start}, line {line}", throughout=True
            ) from None


def _recoded(raw: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder, offset, line = codecs.getincrementaldecoder(encoding)(), 0, 1
    for block in chain(raw, [b""]):  # the empty one asks for what a cut character left behind
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            begin = offset + len(block) - len(error.object)  # bytes were kept from before
            lines = error.object.count(b"\n", 0, error.start)
            where = f"byte {begin + error.start}, line {line + lines}"
            raise wrong_encoding(error, declared=encoding, where=where) from None
        except UnicodeError as error:
            raise EncodingError(
                f"this is not {encoding}",
                expected=f"text in {encoding}",
                found=str(error),
                hint="declare the encoding it has",
            ) from None
        if offset == 0 and block:
            text = text.removeprefix("\ufeff")
            refuse_impostor(block)
            refuse_other_kind(block[:HEAD])
            refuse_utf8(block[:_SAMPLE], encoding)
        offset, line = offset + len(block), line + text.count("\n")
        yield text.encode()


def line_blocks(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Regroup blocks so that each ends with a line.

    Lines end with a line feed; a carriage return before it stays.

    Raises:
        FormatError: A line is longer than :data:`medqa_kit.loading.files.limits.RECORD_BYTES`.
    """
    whole, waiting, size = b"", [b""], 0
    for block in blocks:
        cut = block.rfind(b"\n") + 1
        size += block.find(b"\n") if cut else len(block)  # of the line that goes on
        RECORD_BYTES.check(size, "a line is too long")
        if cut == 0:
            waiting.append(block)
            continue
        if whole:
            yield whole
        whole, waiting, size = b"".join([*waiting, block[:cut]]), [block[cut:]], len(block) - cut
    if rest := b"".join([whole, *waiting]):  # the last line may lack its end
        yield rest


class Stream(io.RawIOBase):
    """Blocks as a file object, for readers that want one.

    Args:
        blocks: Any blocks of bytes.
    """

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks, self._rest = blocks, memoryview(b"")

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill as much of the buffer as one block gives."""
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = memoryview(block)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
