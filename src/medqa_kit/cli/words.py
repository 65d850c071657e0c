"""Words that several commands take."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from medqa_kit.building.recipes.settings import parsed_setting

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Run = Callable[[argparse.Namespace], int]


class Printable(Protocol):
    """A result that prints as text and as JSON."""

    def to_json(self) -> str:
        """Return it as JSON."""


def command(
    commands: Commands, name: str, run: Run, about: str, *, example: str = ""
) -> argparse.ArgumentParser:
    """Return the parser of a new command; an example stands at the end of its help."""
    epilog = f"example: {example}" if example else None
    parser = commands.add_parser(name, help=about, description=about, epilog=epilog)
    parser.set_defaults(run=run)
    return parser


def add_json(parser: argparse.ArgumentParser) -> None:
    """Let a command print its result as JSON."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def show(result: Printable, chosen: argparse.Namespace) -> None:
    """Print a result, as JSON where that is asked for."""
    print(result.to_json() if chosen.json else result)


def add_rows(parser: argparse.ArgumentParser) -> None:
    """Let a command read a file of rows, print what it finds as JSON, and write it to a file."""
    parser.add_argument("data", help="a .jsonl, .parquet or .csv file, in any layout with text")
    add_findings(parser)


def add_findings(parser: argparse.ArgumentParser) -> None:
    """Let a command print its report as JSON, and write every finding to a file."""
    parser.add_argument("--report", type=findings_file,
                        help="write every finding to this .jsonl, .csv or .parquet file")  # fmt: skip
    add_json(parser)


class Savable(Printable, Protocol):
    """A result whose findings can be written to a file."""

    def save(self, path: str) -> Path:
        """Write every finding."""


def tell(report: Savable, chosen: argparse.Namespace) -> None:
    """Print a report, and say where its findings are listed."""
    show(report, chosen)
    if chosen.report:
        print(f"Every finding is listed in {report.save(chosen.report)}", file=sys.stderr)


def add_origin(parser: argparse.ArgumentParser) -> None:
    """Let a command read samples or files of its caller."""
    parser.add_argument("--origin", choices=["hub", "sample"], default="hub",
                        help="sample: invented rows embedded in the package")  # fmt: skip
    parser.add_argument("--path", help="a local folder, archive or file")


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Let a command set keys of a recipe beside its file; :func:`settings_of` returns them."""
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE",
                        help="set a key of the recipe, such as mix.size=1e6 or source.klue.max_rows=50; may be "
                        "repeated")  # fmt: skip


def settings_of(chosen: argparse.Namespace) -> dict[str, Any]:
    """Return the keys of a recipe that are set, with their values."""
    return dict(map(parsed_setting, chosen.set))


def findings_file(name: str) -> str:
    """Check the ending before any work is done."""
    if Path(name).suffix not in (".csv", ".jsonl", ".parquet"):
        raise argparse.ArgumentTypeError(f"{name!r} ends in none of .csv, .jsonl, .parquet")
    return name
