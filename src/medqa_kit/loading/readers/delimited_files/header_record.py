"""The first record of a file with commas or tabs: the names of its columns, or something else."""

from __future__ import annotations

import re
from collections.abc import Sequence

from medqa_kit.catalog.layouts import Reading
from medqa_kit.errors import FormatError, SchemaMovedError, shorten
from medqa_kit.loading.readers.column_names import plain_name
from medqa_kit.loading.readers.delimited_files.delimited_text import TextRecord
from medqa_kit.loading.readers.diagnose import wrong_encoding

_DELIMITERS = (",", "\t", ";", "|")
_JSON = re.compile(rb'\s*(?:\{\s*"|\[\s*(?:\{|$))')
_SEVERAL = 2
MEND = "mend the file, or pass on_bad='drop' to set such records aside"
"""A hint for records that are broken."""
DIALECT = "; a source of your own can declare Reading(quote=..., escape=...)"
"""Goes on where the dialect may be another."""


def refuse_other_delimiter(names: Sequence[str], delimiter: str, declared: Sequence[str]) -> None:
    """Raise where the one name of a header is a header of fields that another sign parts.

    Args:
        names: As the header has them.
        delimiter: What parts fields.
        declared: Names of the columns that are to be there.

    Raises:
        SchemaMovedError: It says which sign parts them.
    """
    sign = max(_DELIMITERS, key=names[0].count)
    if len(names) > 1 or sign == delimiter or sign not in names[0] or len(declared) == 1:
        return
    ending = {
        ",": "give its name the ending .csv, or ",
        "\t": "give its name the ending .tsv, or ",
    }.get(sign, "")
    raise SchemaMovedError(
        f"the fields are parted by {sign!r}", expected=", ".join(declared), found=names[0],
        hint=f"{ending}save the file with commas as .csv, or with tabs as .tsv",
    )  # fmt: skip


def distinct_names(names: Sequence[str]) -> list[str]:
    """Call empty names behind the first what pandas calls them: Excel writes several, of empty columns.

    Args:
        names: As the header has them.

    Example:
        >>> distinct_names(["", "a", ""])
        ['Unnamed: 0', 'a', 'Unnamed: 2']
    """
    if list(names).count("") < _SEVERAL:
        return list(names)
    return [name or f"Unnamed: {place}" for place, name in enumerate(names)]


def header_fields(record: TextRecord, reading: Reading) -> list[str]:
    """Return the names that a header gives.

    Args:
        record: The first record.
        reading: How the file is decoded.

    Raises:
        FormatError: Its quotation marks are not in pairs, or it is a record of JSON.
        EncodingError: It is not UTF-8 once it is recoded.
    """
    if _JSON.match(record.text):
        raise FormatError(
            "this is JSON, not a table", expected="names of columns",
            found=shorten([record.text[:80].decode(errors="replace")]),
            hint="give its name the ending .json or .jsonl",
        )  # fmt: skip
    if record.fields is None:
        raise FormatError(
            f"the header cannot be read: {record.fault}", expected="names of columns, and quotation marks in pairs",
            found=shorten([record.text[:80].decode(errors="replace")]), hint=MEND + DIALECT,
        )  # fmt: skip
    try:
        return [field.decode() for field in record.fields]
    except UnicodeDecodeError as error:
        raise wrong_encoding(error, declared=reading.encoding, where="the header") from None


def is_header(record: TextRecord, names: Sequence[str]) -> bool:
    """Check whether the first record of a file that needs no header names all of its columns.

    Args:
        record: The first record.
        names: What the columns are called.
    """
    if record.fields is None or not all(names):
        return False
    there = {plain_name(field.decode(errors="replace")) for field in record.fields}
    return there.issuperset(map(plain_name, names))
