"""Limits on data that is read at once, so that no broken or hostile file uses all memory or time, and on kept data.

Each can be set by an environment variable of its name, for files that are meant to be so large.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from medqa_kit.errors import ArgumentError, FormatError


@dataclass(frozen=True)
class Limit:
    """The most of something.

    Attributes:
        variable: The environment variable that sets it.
        default: What holds while it is not set.
        unit: Of what.
    """

    variable: str
    default: int
    unit: str

    @property
    def most(self) -> int:
        """The number that holds now.

        Raises:
            ArgumentError: The environment variable holds no whole number above zero.
        """
        text = os.environ.get(self.variable, str(self.default))
        if not text.isdecimal() or not int(text):
            raise ArgumentError(
                f"the environment variable {self.variable} is no limit", argument=self.variable,
                expected="a whole number above zero", found=repr(text), hint="set another, or none",
            )  # fmt: skip
        return int(text)

    def check(self, size: int, what: str, *, file: str | None = None) -> None:
        """Refuse what is more.

        Args:
            size: How much there is.
            what: Of what, for the message: "the member unpacks to too much".
            file: For the message.

        Raises:
            FormatError: It is more.

        Example:
            >>> RECORD_BYTES.check(10, "the line is too long")
        """
        if size > self.most:
            raise FormatError(
                what, file=file, expected=f"{self.most:,} {self.unit} at most",
                found=f"{size:,} {self.unit} or more",
                hint=f"the file may be broken; if it is meant to be so, set the environment variable "
                f"{self.variable} to a higher number",
            )  # fmt: skip


MEMBER_BYTES = Limit("MEDQA_KIT_MOST_MEMBER_BYTES", 1 << 31, "bytes")
"""Of a file that is read whole: a small JSON file, a workbook, a Parquet file in an archive."""

RECORD_BYTES = Limit("MEDQA_KIT_MOST_RECORD_BYTES", 1 << 28, "bytes")
"""Of a line, or an element of a list, of JSON."""

MEMBERS = Limit("MEDQA_KIT_MOST_MEMBERS", 2_000_000, "files")
"""Files in one archive."""

LINKED_FOLDERS = Limit("MEDQA_KIT_MOST_LINKED_FOLDERS", 1_000, "links to folders")
"""Links that are followed below one path: links to folders of links double with each floor."""

SHEET_ROWS = Limit("MEDQA_KIT_MOST_SHEET_ROWS", 1 << 20, "rows")
"""Rows of a sheet, empty ones too; Excel knows no more."""

KEPT_BYTES = Limit("MEDQA_KIT_MOST_KEPT_BYTES", 4_000_000_000, "bytes")
"""What builds keep for the next build, in each of their two folders; ten million rows take a tenth of it."""
