"""Words that several commands take."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Run = Callable[[argparse.Namespace], int]


def command(commands: Commands, name: str, run: Run, about: str) -> argparse.ArgumentParser:
    """Return the parser of a new command."""
    parser = commands.add_parser(name, help=about, description=about)
    parser.set_defaults(run=run)
    return parser


def add_origin(parser: argparse.ArgumentParser) -> None:
    """Let a command read samples or files of its caller."""
    parser.add_argument("--origin", choices=["hub", "sample"], default="hub",
                        help="sample: invented rows embedded in the package")  # fmt: skip
    parser.add_argument("--path", help="a local folder, archive or file")


def findings_file(name: str) -> str:
    """Check the ending before any work is done."""
    if Path(name).suffix not in (".csv", ".jsonl", ".parquet"):
        raise argparse.ArgumentTypeError(f"{name!r} ends in none of .csv, .jsonl, .parquet")
    return name
