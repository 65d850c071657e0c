"""Leave out rows that must not be in a result, by their ids, with their relatives, before any other stage."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.output.written_rows import CHOSEN, REJECTED
from medqa_kit.building.stages.fates import FATES, fate_table
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.core.arguments import file_path, several
from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.tables import counted
from medqa_kit.decontamination.training_files import training_rows
from medqa_kit.errors import ArgumentError, FormatError, WrongFilesError, shorten

RETRACTED, RELATIVE = "retracted", "retracted_relative"
"""Why rows are listed in ``dropped``: they were named, or they are of the family of one that was."""

_MARKS = re.compile(rf"(#\d+)?({CHOSEN}|{REJECTED})?$")
_TABLES = (".jsonl", ".csv", ".parquet")
"""Endings of files that hold ids in a column; others hold one a line."""


def named_ids(
    ids: str | os.PathLike[str] | Iterable[str], *, argument: str = "without_ids"
) -> tuple[str, ...]:
    """Return ids that were passed, or those of a file, each once.

    Args:
        ids: The ids; or a file of them: text with one a line, or a table with a column ``id``.
        argument: What they were passed as.

    Raises:
        ArgumentError: They are no ids.
        MedQAError: What reading the file raises.

    Example:
        >>> named_ids(["kbmc/2", "kbmc/1", "kbmc/2"])
        ('kbmc/2', 'kbmc/1')
    """
    listed = _of_file(file_path(argument, ids)) if isinstance(ids, (str, os.PathLike)) else list(several(argument, ids))  # fmt: skip
    if not all(isinstance(name, str) and name for name in listed):
        raise ArgumentError("these are no ids", argument=argument, expected="ids of rows, which are texts",
                            found=shorten(listed), hint="a file with one id a line, or a list of ids")  # fmt: skip
    return tuple(dict.fromkeys(listed))


def named_earlier(manifest: Mapping[str, Any], dropped: Iterable[pa.Table]) -> frozenset[str]:
    """Return the ids that were taken out of a result before, with their families, and those that were asked for.

    Args:
        manifest: Of the result.
        dropped: Its list of rows that were left out.
    """
    entries = manifest.get("retracted", ())
    names = {item for entry in entries for item in entry["items"]}
    for table in dropped if entries else ():
        reasons = pa.array([RETRACTED, RELATIVE], table["reason"].type)
        names.update(table["id"].filter(pc.is_in(table["reason"], value_set=reasons)).to_pylist())
    return frozenset(names)


def _of_file(path: Path) -> list[str]:
    if path.suffix in _TABLES:
        rows = training_rows(path)
        if "id" not in rows.column_names:
            raise FormatError("the rows have no ids", file=str(path), expected="a column id",
                              found=", ".join(rows.column_names), hint="call the column id")  # fmt: skip
        return [str(value) for value in rows["id"] if value is not None]
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise WrongFilesError("there is no such file", file=str(path), expected="a file of ids",
                               found="none", hint="check the path; a single id goes into a list") from None  # fmt: skip
    except IsADirectoryError:
        raise WrongFilesError("the ids are no file", file=str(path), expected="a file of ids", found="a folder",
                              hint="name the file itself") from None  # fmt: skip
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError("the ids cannot be read", file=str(path), expected="UTF-8 text, one id a line",
                          found=str(error), hint="save it as plain text") from error  # fmt: skip
    return [line.strip() for line in text.split("\n") if line.strip()]


@dataclass(frozen=True)
class Erasure:
    """What is taken out of a build by id.

    Attributes:
        ids: As they were named: those of rows, of further copies (``#2``) or of halves of preferences.
    """

    ids: tuple[str, ...]

    def fates(self, pieces: SetPieces) -> pa.Table:
        """Find the rows, and those of their families, in all sources.

        A row without a family is that of what is made of it, so its id names these also where it is not there itself.

        Returns:
            A table with the schema :data:`~medqa_kit.building.stages.fates.FATES`.
        """
        ids = whole(pieces.column("id"))
        family = pc.coalesce(whole(pieces.column("family")), ids)
        named = _mask(pc.is_in(ids, value_set=pa.array(self._plain(ids), pa.string())))
        meant = pa.concat_arrays(
            [family.filter(pa.array(named)).cast(pa.string()), pa.array(self.ids, pa.string())]
        )
        kin = _mask(pc.is_in(family, value_set=meant)) & ~named
        return pa.concat_tables([
            FATES.empty_table(), fate_table(np.flatnonzero(named), RETRACTED, "named by its id"),
            fate_table(np.flatnonzero(kin), RELATIVE, "of the family of a row taken out"),
        ])  # fmt: skip

    def as_data(self, pieces: SetPieces, erased: pa.Table) -> dict[str, Any]:
        """Say for the manifest what was asked for and done.

        Args:
            pieces: All rows.
            erased: Those that went.
        """
        known = set(self._plain(whole(pieces.column("id"))))
        family = pieces.column("family")
        known |= set(
            pc.unique(
                family.filter(pc.is_in(family, value_set=pa.array(self.ids, pa.string())))
            ).to_pylist()
        )
        absent = [
            name for name in self.ids if name not in known and _MARKS.sub("", name) not in known
        ]
        reasons = erased["reason"].to_pylist()
        return {
            "items": list(self.ids), "holdout": None, "source": None, "rows": reasons.count(RETRACTED),
            "relatives": reasons.count(RELATIVE), "absent": absent,
        }  # fmt: skip

    def _plain(self, ids: pa.Array) -> list[str]:
        """Return the ids of rows that are there: an id that is none may be that of a copy."""
        names = dict.fromkeys([*self.ids, *(_MARKS.sub("", name) for name in self.ids)])
        named = pa.array(names, pa.string())
        there: list[str] = named.filter(pc.is_in(named, value_set=ids)).to_pylist()
        exact = set(self.ids) & set(there)
        # Of an id that is one of a row itself, what it would be a copy of is not meant.
        meant = {_MARKS.sub("", name) for name in self.ids if name not in exact}
        return [name for name in there if name in exact or name in meant]


def absent_note(entry: Mapping[str, Any]) -> list[str]:
    """Say of ids that are in no row that was read: a slip in one leaves its row where it is."""
    absent = entry["absent"]
    if not absent:
        return []
    return [
        f"{counted(len(absent), 'id')} to leave out are of no row that was read: {shorten(absent)}"
    ]


def _mask(column: pa.Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray(pc.fill_null(column, False))
