"""One JSON array a file, bare or under a key of an object; read in pieces, never as a whole.

A scan over the bytes with NumPy finds where the elements end: commas outside of strings and
brackets. The elements then are records like those of JSON Lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from medqa_kit.errors import FormatError, shorten
from medqa_kit.loading.files.file import File
from medqa_kit.loading.files.limits import RECORD_BYTES
from medqa_kit.loading.readers.diagnose import frame_hint, other_shape_hint
from medqa_kit.loading.readers.json_objects import Chunk

_QUOTE, _BACKSLASH, _COMMA = b'"\\,'
_STEP = np.zeros(256, np.int8)
_STEP[list(b"[{")], _STEP[list(b"]}")] = 1, -1
_IS_MARK = _STEP != 0
_IS_MARK[_COMMA] = True

_LONGEST_OPENING = 1 << 26  # of what stands before the list
_BLANK = re.compile(r"[ \t\r\n]*")
_CUT = "the file is damaged or cut off; fetch it again"


def list_chunks(file: File, blocks: Iterator[bytes], records: str | None) -> Iterator[Chunk]:
    """Cut the list of a file into its elements.

    Args:
        file: The file.
        blocks: Its text.
        records: The key that holds the list, where the file may be an object.

    Raises:
        FormatError: It holds no list, or one that does not end.
    """
    opening, rest = _opening(blocks, records)
    start, line = 0, opening.count(b"\n") + 1
    if not opening:
        return
    for texts in list_elements(chain([rest], blocks), opening):
        yield Chunk(texts, file, start, partial(_line, texts, line))
        start += len(texts)
        line += sum(text.count(b"\n") for text in texts)


def _line(texts: Sequence[bytes], first: int, index: int) -> int:
    """Count the line on which an element begins, given that of the first one."""
    text = texts[index]
    blank = text[: len(text) - len(text.lstrip())]
    return first + sum(t.count(b"\n") for t in texts[:index]) + blank.count(b"\n")


def list_elements(blocks: Iterator[bytes], opening: bytes = b"[") -> Iterator[list[bytes]]:
    """Split the inside of a JSON list, or of an object, into its elements, a block at a time.

    Args:
        blocks: What follows ``opening``.
        opening: The file up to and including the bracket.

    Yields:
        Lists of elements as they stand, white space and all. Whether each is valid JSON is not
        looked at; what follows the list is.

    Raises:
        FormatError: The list does not close, or something is amiss behind it.
    """
    scan, waiting, empty = _Scan(), [b""], True
    rest = _whole_escapes(blocks)
    for block in rest:
        commas, end = scan(block)
        cuts = commas if end is None else [*commas, end]
        begins = [0, *(cut + 1 for cut in cuts)]
        texts = [block[begin:cut] for begin, cut in zip(begins, cuts, strict=False)]
        if texts:
            texts[0] = b"".join([*waiting, texts[0]])
            waiting = []
        waiting.append(block[begins[-1] :])
        if texts and not (empty and end is not None and len(texts) == 1 and not texts[0].strip()):
            yield texts
            empty = False
        if end is not None:
            _check_ending(opening, b"".join([*waiting, *rest]))
            return
        # No record is as long: somewhere a quotation mark does not close.
        RECORD_BYTES.check(sum(map(len, waiting)), "an element of the list is too long")
    raise FormatError(
        "the list does not end",
        expected="a closing ] and nothing after it",
        found=shorten([b"".join(waiting)[-40:].decode(errors="replace")]),
        hint=_CUT,
    )


def _check_ending(opening: bytes, rest: bytes) -> None:
    """Look at what follows the list: with an empty list in its place the file must be JSON."""
    try:
        json.loads(opening + (b"}" if opening.endswith(b"{") else b"]") + rest)
    except (ValueError, RecursionError) as error:
        raise FormatError("what follows the list is not JSON", expected="the end of the file",
                          found=f"{shorten([rest[:40].decode(errors='replace')])} ({error})",
                          hint=_CUT) from None  # fmt: skip


def _whole_escapes(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Move backslashes at the end of a block into the next, where what they escape stands."""
    kept = b""
    for block in blocks:
        whole = kept + block
        solid = whole.rstrip(b"\\")
        kept = whole[len(solid) :]
        yield solid
    yield kept


class _Scan:
    """Finds commas between elements, and the end of the list, in block after block."""

    def __init__(self) -> None:
        self._depth, self._within_string = 0, False

    def __call__(self, block: bytes) -> tuple[list[int], int | None]:
        data = np.frombuffer(block, np.uint8)
        quotes = _quotes(data)
        marks = np.flatnonzero(_IS_MARK[data])
        outside = (np.searchsorted(quotes, marks) + self._within_string) % 2 == 0
        marks = marks[outside]
        steps = _STEP[data[marks]]
        depths = self._depth + np.cumsum(steps, dtype=np.int64)
        self._within_string ^= len(quotes) % 2 == 1
        self._depth = int(depths[-1]) if depths.size else self._depth
        closing = marks[depths < 0]
        end = int(closing[0]) if closing.size else None
        commas = marks[(steps == 0) & (depths == 0)]
        return commas[: None if end is None else np.searchsorted(commas, end)].tolist(), end


def _quotes(data: np.ndarray[Any, np.dtype[np.uint8]]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Find the quotation marks that no backslash escapes: those after an even run of them."""
    quotes = np.flatnonzero(data == _QUOTE)
    slashes = np.flatnonzero(data == _BACKSLASH)
    if not slashes.size:
        return quotes
    breaks = np.flatnonzero(np.diff(slashes) != 1)
    first, last = slashes[np.append(0, breaks + 1)], slashes[np.append(breaks, -1)]
    escaped = last[(last - first) % 2 == 0] + 1
    return np.setdiff1d(quotes, escaped, assume_unique=True)


def _opening(blocks: Iterator[bytes], records: str | None) -> tuple[bytes, bytes]:
    """Read up to the list; give what came before, its bracket included, and what was read after.

    A file without any text gives ``(b"", b"")``.
    """
    head = b""
    for block in blocks:
        head += block
        text = head.decode(errors="surrogateescape")  # the block may end within a character
        at = _list_start(text, records)
        if at is not None:
            size = len(text[:at].encode(errors="surrogateescape"))
            return head[:size], head[size:]
        if len(head) > _LONGEST_OPENING:
            break
    if not head.strip():
        return b"", b""
    raise FormatError(
        "the file holds no list of records",
        found=shorten([head[:40].decode(errors="replace")]),
        expected=_expected(records),
        hint=_CUT,
    )


def _list_start(text: str, records: str | None) -> int | None:
    """Find the place after the list's bracket; ``None`` if more text is needed to tell."""
    at = _solid(text, 0)
    if text[at : at + 1] in ("[", ""):
        return at + 1 if at < len(text) else None
    if text[at] != "{" or records is None:
        raise FormatError("the file does not begin with a list", expected=_expected(records),
                          found=shorten([text[at : at + 40]]),
                          hint=frame_hint(text[at:]) or (text[at] != "{" and other_shape_hint(text[at : at + 40].encode(errors="replace"))) or
                               "pass a copy as path= that is one list; a source of your own can declare "
                               "Reading(format='jsonl') or, for a list under a key, records=...")  # fmt: skip
    decode, keys = json.JSONDecoder().raw_decode, []
    try:
        while text[at := _solid(text, at + 1)] != "}":
            key, at = decode(text, at)
            keys.append(key)
            colon = _solid(text, at)
            at = _solid(text, colon + 1)
            if key == records and text[colon] == ":" and text[at] == "[":
                return at + 1
            _, at = decode(text, at)
            at = _solid(text, at)
            if text[at] == "}":
                break
    except (IndexError, json.JSONDecodeError, RecursionError):
        return None
    raise FormatError(
        f"the object holds no list under {records!r}",
        expected=_expected(records),
        found="the keys " + shorten(keys),
        hint=frame_hint(text)
        or "pass a copy as path= with the list under that key; a source of your own can set "
        "Reading(records=...)",
    )


def _solid(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return at if blank is None else blank.end()


def _expected(records: str | None) -> str:
    return "a list" if records is None else f"a list, or an object with one under {records!r}"
