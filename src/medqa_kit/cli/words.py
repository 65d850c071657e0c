"""Arguments that several commands take."""

from __future__ import annotations

import os
import sys
import tempfile
from argparse import Action, ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Protocol

import medqa_kit as mk
from medqa_kit.building.recipes.settings import parsed_setting
from medqa_kit.cli.commands import FINE, FOUND, Printout

STDIN = "-"
SOURCE, HOLDOUT, RECIPE, CHECK = "source", "holdout", "recipe", "check"
FILE, FOLDER = "file", "directory"
"""What a shell completes at a word: names of the library, files, folders."""

_PARQUET = b"PAR1"


def completes(action: Action, kind: str) -> None:
    """Say what a shell completes at a word.

    Args:
        action: What ``add_argument`` returned.
        kind: ``SOURCE``, ``HOLDOUT``, ``RECIPE``, ``CHECK``, ``FILE`` or ``FOLDER``.
    """
    action.completes = kind  # type: ignore[attr-defined]  # for completion.py


def add_rows(parser: ArgumentParser) -> None:
    """Let a command read a file of rows, or rows from standard input, and list what it finds."""
    completes(parser.add_argument(
        "data", metavar="FILE", help="a .jsonl, .parquet, .csv or .tsv file, in any layout with text; "
        "- reads JSON Lines or Parquet from standard input"), FILE)  # fmt: skip
    add_findings(parser)


def add_findings(parser: ArgumentParser) -> None:
    """Let a command write every finding to a file."""
    completes(parser.add_argument(
        "--report", type=_findings_file, metavar="FILE",
        help="write every finding to this .jsonl, .csv or .parquet file"), FILE)  # fmt: skip


def add_origin(parser: ArgumentParser) -> None:
    """Let a command read samples."""
    parser.add_argument("--origin", choices=["hub", "sample"], default="hub",
                        help="sample: invented rows embedded in the package")  # fmt: skip


def add_path(parser: ArgumentParser) -> None:
    """Let a command read local files of a source."""
    completes(parser.add_argument("--path", help="a local folder, archive or file"), FILE)


def add_cache(parser: ArgumentParser) -> None:
    """Let a command take the root of the cache."""
    completes(parser.add_argument("--cache-dir", metavar="FOLDER",
                                  help="root of the cache, that of datasets by default"), FOLDER)  # fmt: skip


def add_token(parser: ArgumentParser) -> None:
    """Let a command pass a token to the hub."""
    parser.add_argument("--token", help="hub token; HF_TOKEN in the environment is better, since others "
                        "on this machine can read the words of a command")  # fmt: skip


def add_settings(parser: ArgumentParser) -> None:
    """Let a command set keys of a recipe beside its file; :func:`settings_of` returns them."""
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE",
                        help="set a key of the recipe, such as mix.size=1e6 or source.klue.max_rows=50; may be "
                        "repeated")  # fmt: skip


def settings_of(chosen: Namespace) -> dict[str, Any]:
    """Return the keys of a recipe that are set, with their values."""
    return dict(map(parsed_setting, chosen.set))


def add_num_proc(parser: ArgumentParser) -> None:
    """Let a command load with several processes."""
    parser.add_argument("--num-proc", type=int, metavar="N", help="processes for loading")


def add_sources(parser: ArgumentParser, *, nargs: str = "+", about: str = "a source") -> None:
    """Let a command take names of sources."""
    completes(parser.add_argument("names", nargs=nargs, metavar="NAME", help=about), SOURCE)


def names_file(word: str, *, known: Collection[str] = ()) -> bool:
    """Check whether a word that may name a source, or a holdout, names a file: there is one, or it is written as one is.

    Args:
        word: The word.
        known: Names that are none of files however they are written.

    Example:
        >>> names_file("kormedmcqa"), names_file("absent.jsonl")
        (False, True)
    """
    return Path(word).is_file() or (word not in known and not {".", "/", "\\"}.isdisjoint(word))


def training_table(name: str) -> Any:
    """Read a file of rows, or what comes on standard input.

    Args:
        name: A path, or ``-``.
    """
    if name != STDIN:
        return mk.training_rows(name)
    content = sys.stdin.buffer.read()
    ending = ".parquet" if content.startswith(_PARQUET) else ".jsonl"
    handle, path = tempfile.mkstemp(suffix=ending)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        return mk.training_rows(path)
    except mk.errors.FileError as error:
        error.file = "standard input"
        error.hint = "pipe JSON Lines or Parquet; a CSV file is read by its name"
        raise
    finally:
        Path(path).unlink(missing_ok=True)


class Savable(Protocol):
    """A result whose findings can be written to a file."""

    def save(self, path: str) -> Path:
        """Write every finding."""


def reported(
    report: Savable, chosen: Namespace, *, code: int, text: str | None = None, notes: Sequence[str] = ()
) -> Printout:  # fmt: skip
    """Return a report to print, its findings written where that is asked for."""
    if chosen.report:
        notes = [*notes, f"Every finding is listed in {report.save(chosen.report)}"]
    return Printout(report, code, text, notes)


def code_of(condition: object) -> int:
    """Return the exit code of a command that found what it looks for, or did not."""
    return FOUND if condition else FINE


def _findings_file(name: str) -> str:
    """Check the ending before any work is done."""
    if Path(name).suffix not in (".csv", ".jsonl", ".parquet"):
        raise ArgumentTypeError(f"{name!r} ends in none of .csv, .jsonl, .parquet")
    return name
