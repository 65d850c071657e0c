"""The program itself: its words, its errors and how it ends."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence
from typing import Any

import medqa_kit as mk
from medqa_kit.cli.catalogue import add_catalogue
from medqa_kit.cli.checks import add_checks
from medqa_kit.cli.machine import add_machine
from medqa_kit.cli.results import add_results


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Words after the program's name; ``None`` takes the real ones.

    Returns:
        0; 1 when ``check`` finds a leak; 2 when something goes wrong, wrong words among it; 130
        when interrupted.
    """
    parser = _parser()
    chosen = parser.parse_args(arguments)
    warnings.showwarning = _warn  # type: ignore[assignment]  # ours takes them all alike
    try:
        return int(chosen.run(chosen))
    except mk.MedQAError as error:
        print(f"medqa-kit: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader of our output, such as head, has seen enough
        sys.stderr.close()
        return 0
    except OSError as error:
        print(f"medqa-kit: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("medqa-kit: stopped; nothing half-written is left", file=sys.stderr)
        return 130


def _warn(message: Warning | str, *_: Any) -> None:
    print(f"Note: {message}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="medqa-kit",
        description="Typed, traced, licensed and leak-free medical QA data.",
    )
    parser.add_argument("--version", action="version", version=f"medqa-kit {mk.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (add_catalogue, add_machine, add_results, add_checks):
        add(commands)
    return parser
