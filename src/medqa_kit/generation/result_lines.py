"""The lines of a file of results, and further replies to the same request in it."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import file_path, instance
from medqa_kit.core.text.near_words import near_path
from medqa_kit.errors import EncodingError, FormatError, StorageError, WrongFilesError
from medqa_kit.loading.files.file import File
from medqa_kit.loading.readers.text import open_text
from medqa_kit.training.openai_batch import RESULTS, parse_batch


def result_lines(results: Any) -> Iterator[str | bytes]:
    """Return the lines of results.

    Args:
        results: Path of a file, which may be packed by gzip, zstd, bzip2 or xz, or lines.

    Raises:
        ArgumentError: It is neither.
        EncodingError: The file is in UTF-16.
        FormatError: The file is a web page, a Git LFS pointer or one list, or is packed and damaged.
        StorageError: The file cannot be read.
        WrongFilesError: There is no such file.

    Example:
        >>> list(result_lines(["{}"]))
        ['{}']
    """
    if isinstance(results, (str, os.PathLike)):
        path = file_path("results", results)
        try:
            with open_text(File(path.name, str(path))) as file:
                content = file.read()
        except FileNotFoundError:
            raise WrongFilesError("there is no such file of results", file=str(path),
                                  hint=near_path(path) or "check the path; lines of results may be a list, too") from None  # fmt: skip
        except IsADirectoryError:
            raise WrongFilesError("the results are a folder", file=str(path), expected="a file of results",
                                  found="a folder", hint="take its files one by one") from None  # fmt: skip
        except (OSError, pa.ArrowException) as error:
            if isinstance(error, OSError) and error.errno is not None:  # of the disk
                raise StorageError.of(error, path, elsewhere="or name another file") from error
            raise FormatError("the file cannot be unpacked", file=str(path), expected="a whole file", found=str(error),
                              hint="download it again, or unpack it: what can be read is taken") from error  # fmt: skip
        return iter(_lines(content, path))
    instance("results", results, Iterable, expected="a path or lines", hint="open(path, 'rb')")
    return iter(results)


def _lines(content: bytes, path: Path) -> list[bytes]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise EncodingError("the results are not UTF-8", file=str(path), expected="text in UTF-8",
                            found="utf-16, as some shells write what a program prints", hint="save a copy as UTF-8")  # fmt: skip
    lines, whole = content.splitlines(), content.strip(codecs.BOM_UTF8 + b" \t\r\n")
    # Beside lines that begin an object, brackets are damage.
    if whole[:1] + whole[-1:] == b"[]" and not any(line.startswith(b"{") for line in lines):
        raise FormatError("the results are one JSON list", file=str(path), expected="a JSON object on each line",
                          found="[", hint="write each object of the list on a line of its own, as services do")  # fmt: skip
    return lines


class FurtherReplies(NamedTuple):
    """The next reply to each request whose last one was set aside.

    Attributes:
        replies: As :func:`~medqa_kit.training.openai_batch.parse_batch` reads them.
        findings: About the lines, without those that these replies are on.
    """

    replies: pa.Table
    findings: pa.Table


def further_replies(
    lines: Sequence[str | bytes], judged: pa.Table, findings: pa.Table
) -> FurtherReplies:
    """Read the next reply to each request whose last reply was set aside, where the lines hold one.

    Args:
        lines: All lines.
        judged: What came of the last replies: ``request`` and ``code``, null where it was accepted.
        findings: About the lines, such as ``duplicate_id`` for a further reply.
    """
    aside = judged["request"].filter(pc.is_valid(judged["code"]))
    repeated = pc.equal(findings["code"], "duplicate_id")
    waiting = findings.filter(pc.and_(repeated, pc.is_in(findings["id"], value_set=aside)))
    names = waiting["id"].combine_chunks()
    rows = waiting["row"].take(pc.index_in(names.unique(), value_set=names)).combine_chunks()
    replies, _ = parse_batch([lines[row] for row in rows.to_pylist()])
    read = pc.and_(repeated, pc.is_in(findings["row"], value_set=rows))
    return FurtherReplies(replies, findings.filter(pc.invert(read)))


def repeated_replies(lines: Sequence[str | bytes], findings: pa.Table) -> tuple[pa.Array, pa.Table]:
    """Read the further replies that lines hold to requests which they answer before.

    Args:
        lines: All lines.
        findings: About the lines; ``duplicate_id`` is such a reply.

    Returns:
        ``int64[n]``: the places of the lines; and the replies, as
        :func:`~medqa_kit.training.openai_batch.parse_batch` reads them, in the same order.
    """
    waiting = findings.filter(pc.equal(findings["code"], "duplicate_id"))
    places, tables = [], [RESULTS.empty_table()]
    while waiting.num_rows:  # as often as a request is answered at the most
        names = waiting["id"].combine_chunks()
        rows = waiting["row"].take(pc.index_in(names.unique(), value_set=names)).combine_chunks()
        tables.append(parse_batch([lines[row] for row in rows.to_pylist()])[0])
        places += rows.to_pylist()
        waiting = waiting.filter(pc.invert(pc.is_in(waiting["row"], value_set=rows)))
    return pa.array(places, pa.int64()), pa.concat_tables(tables)
