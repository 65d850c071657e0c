"""Text with delimiters, cut into records: by whole blocks where it is clean, else one by one.

A quoted field ends at its closing quotation mark, and behind that only a delimiter or the end of the
record may stand. Readers that are kinder than this give other text than was written, without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from medqa_kit.errors import FormatError, shorten

MOST_BYTES = 1 << 24
"""Bytes of a record at most."""

_LINE_ENDS = b"\r\n"


class TextRecord(NamedTuple):
    """One record.

    Attributes:
        text: As it stands, without the end of its line.
        fields: Its fields, unquoted; ``None`` where it cannot be split into fields.
        fault: What is wrong with it then.
        end: Where the next one begins.
    """

    text: bytes
    fields: list[bytes] | None
    fault: str
    end: int


@dataclass(frozen=True)
class Dialect:
    """How fields are parted and quoted.

    Attributes:
        delimiter: One byte.
        quote: One byte, ``None`` where a quotation mark is text like any other.
        escape: The byte that takes the meaning from the one behind it, if any.
    """

    delimiter: bytes = b","
    quote: bytes | None = b'"'
    escape: bytes | None = None

    @cached_property
    def quoted(self) -> re.Pattern[bytes]:
        """Matches a quoted field from its opening to its closing quotation mark."""
        mark, slash = re.escape(self.quote or b""), re.escape(self.escape or b"")
        inner, pair = b"[^%s%s]*" % (mark, slash), mark + mark
        if self.escape:
            pair = b"(?:%s|%s.)" % (pair, slash)
        return re.compile(
            b"%s%s(?:%s%s)*%s(?!%s)" % (mark, inner, pair, inner, mark, mark), re.DOTALL
        )

    @cached_property
    def plain(self) -> re.Pattern[bytes]:
        """Matches a field without quotation marks around it."""
        delimiter, slash = re.escape(self.delimiter), re.escape(self.escape or b"")
        if not self.escape:
            return re.compile(rb"[^%s\r\n]*" % delimiter)
        return re.compile(rb"(?:[^%s%s\r\n]|%s.)*" % (delimiter, slash, slash), re.DOTALL)

    def value(self, field: bytes) -> bytes:
        """Return what a field says, without quotation marks and escapes."""
        quote = self.quote
        if quote and field.startswith(quote):
            field = field[1:-1].replace(quote + quote, quote)
        if self.escape:
            field = re.sub(re.escape(self.escape) + b"(.)", rb"\1", field, flags=re.DOTALL)
        return field


_HALF_QUOTED = re.compile(rb'"(?<![^\t\r\n]")(?!(?>(?:[^"\t\r\n]|"")*)"(?:[\t\r\n]|\Z))')
"""Matches the beginning of a field with tabs around it that has no closing quotation mark at its end."""


def is_unquoted(text: bytes) -> bool:
    r"""Check whether quotation marks are text like any other in the first lines of a file with tabs.

    So it is where all lines have equally many fields, and a field in them begins with a quotation mark and
    does not end with its twin: who quotes fields closes them, and one that spans lines parts these
    unequally.

    Example:
        >>> is_unquoted(b'a\tb\n"c\td"\n'), is_unquoted(b'a\tb\n"c ""d"" e"\tf\n'), is_unquoted(b'a\tb\n"c\nd"\te\n')
        (True, False, False)
    """
    whole = text[: max(text.rfind(b"\n"), text.rfind(b"\r")) + 1]  # the last line may be cut
    if _HALF_QUOTED.search(whole) is None:
        return False
    tabs = {line.count(b"\t") for line in whole.splitlines() if line.strip()}
    return len(tabs) == 1 and tabs != {0}


class Piece(NamedTuple):
    """Some whole records.

    Attributes:
        text: As they stand.
        clean: Whether every quotation mark in them stands where it may.
    """

    text: bytes
    clean: bool


def pieces(blocks: Iterable[bytes], dialect: Dialect) -> Iterator[Piece]:
    r"""Regroup blocks so that each ends with a record.

    Raises:
        FormatError: A record is longer than :data:`MOST_BYTES`.

    Example:
        >>> list(pieces([b'a,"b\n', b'c"\nd,'], Dialect()))
        [Piece(text=b'a,"b\nc"\n', clean=True), Piece(text=b'd,', clean=True)]
    """
    waiting: list[bytes] = []
    size = 0
    for block in blocks:
        waiting.append(block)
        size += len(block)
        if b"\n" not in block and b"\r" not in block and size <= MOST_BYTES:
            continue  # no record ends here: not worth looking at all of it again
        text = b"".join(waiting)
        end, clean = _cut(text, dialect)
        if not clean:
            end = _last_end(text, dialect)
        if end:
            yield Piece(text[:end], clean)
        waiting, size = [text[end:]], len(text) - end
        if size > MOST_BYTES:
            raise FormatError(
                "the file cannot be split into records",
                expected=f"records of at most {MOST_BYTES >> 20} MiB, and quotation marks in pairs",
                found=f"one that begins with {shorten([waiting[0][:60].decode(errors='replace')])}",
                hint="look for a quotation mark without its twin",
            )
    if rest := b"".join(waiting):
        clean = _cut(rest + b"\n", dialect) == (len(rest) + 1, True)
        yield Piece(rest, clean)


def _cut(text: bytes, dialect: Dialect) -> tuple[int, bool]:
    """Find where the last record ends, and whether all quotation marks up to there are in place."""
    quote = dialect.quote
    if dialect.escape is None and (quote is None or quote not in text):
        return _last_line_end(text), True
    if quote is None or dialect.escape is not None:
        return 0, False
    data = np.frombuffer(text, np.uint8)
    quotes = np.flatnonzero(data == quote[0])
    end = _last_line_end(text)
    if end and np.searchsorted(quotes, end - 1) % 2:  # within quotation marks
        end = _last_outside(data, quotes)
    quotes = quotes[quotes < end]
    if len(quotes) % 2:
        return 0, False
    allowed = np.isin(np.arange(256), [quote[0], dialect.delimiter[0], *_LINE_ENDS])
    opening, closing = quotes[0::2], quotes[1::2]
    before = allowed[data[opening - 1]] | (opening == 0)
    # An opening mark right behind a mark is in place if that one closed: both are text then.
    return end, bool(before.all() and allowed[data[closing + 1]].all())


def _last_line_end(text: bytes) -> int:
    """Return the place behind the last line end; a line feed may follow a carriage return."""
    feed = text.rfind(b"\n")
    return max(feed, text.rfind(b"\r", feed + 1, -1)) + 1


def _last_outside(data: np.ndarray, quotes: np.ndarray) -> int:
    """Return the place behind the last line end that is not within quotation marks."""
    ends = np.flatnonzero((data == _LINE_ENDS[0]) | (data == _LINE_ENDS[1]))
    ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
    if ends.size and ends[-1] == len(data) - 1 and data[-1] == _LINE_ENDS[0]:
        ends = ends[:-1]  # a line feed may follow
    return int(ends[-1]) + 1 if ends.size else 0


def _last_end(text: bytes, dialect: Dialect) -> int:
    """Find where the last whole record ends, record by record."""
    end = 0
    for record in _records(text, dialect, final=False):
        end = record.end
    return end


def records(text: bytes, dialect: Dialect) -> Iterator[TextRecord]:
    r"""Split whole records into fields, blank lines left out.

    Loops over records, since each may be wrong in its own way. Behind a record whose quotation marks
    are amiss the next line begins a record.

    Example:
        >>> [record.fields or record.fault for record in records(b'a,"b,"c\n"d",f\n', Dialect())]
        ['there is text behind a closing quotation mark', [b'd', b'f']]
    """
    return (record for record in _records(text, dialect, final=True) if record.text)


def _records(text: bytes, dialect: Dialect, *, final: bool) -> Iterator[TextRecord]:
    """Return records; one that may go on behind ``text`` only if ``final``."""
    at = 0
    while at < len(text):
        fields, end, fault = _fields(text, at, dialect)
        if fault:
            end = _line_end(text, end)
        if end == len(text) and not final:
            return
        stop = end + (2 if text[end : end + 2] == b"\r\n" else 1)
        if stop >= len(text) and text[end : end + 1] == b"\r" and not final:
            return  # its line feed may follow
        yield TextRecord(text[at:end], None if fault else fields, fault, min(stop, len(text)))
        at = stop


def _fields(text: bytes, at: int, dialect: Dialect) -> tuple[list[bytes], int, str]:
    """Return the fields from a place on, where they end, and what is wrong with them."""
    fields: list[bytes] = []
    while True:
        if dialect.quote and text[at : at + 1] == dialect.quote:
            quoted = dialect.quoted.match(text, at)
            if quoted is None:
                return fields, len(text), _UNCLOSED
            end = quoted.end()
        else:
            plain = dialect.plain.match(text, at)
            end = at if plain is None else plain.end()
        fields.append(dialect.value(text[at:end]))
        behind = text[end : end + 1]
        if behind != dialect.delimiter:
            amiss = behind != b"" and behind not in _LINE_ENDS
            return fields, end, _BEHIND if amiss else ""
        at = end + 1


_UNCLOSED = "a quotation mark does not close, so the rest of the file is one field"
_BEHIND = "there is text behind a closing quotation mark"


def _line_end(text: bytes, at: int) -> int:
    ends = [place for mark in (b"\n", b"\r") if (place := text.find(mark, at)) >= 0]
    return min(ends, default=len(text))
