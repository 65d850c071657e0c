"""The program itself: its words, its errors and how it ends."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
import traceback
import warnings
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any, NoReturn

import medqa_kit as mk
from medqa_kit.cli.authors import AUTHOR_COMMANDS
from medqa_kit.cli.catalogue import CATALOGUE_COMMANDS
from medqa_kit.cli.checks import CHECK_COMMANDS
from medqa_kit.cli.commands import EXIT_CODES, FAILED, GATE_CLOSED, STOPPED, Command, Printout
from medqa_kit.cli.completion import SHELLS, completion_script
from medqa_kit.cli.machine import MACHINE_COMMANDS
from medqa_kit.cli.replies import REPLY_COMMANDS
from medqa_kit.cli.results import RESULT_COMMANDS
from medqa_kit.cli.terminals import encodable, open_streams, put_out, say
from medqa_kit.core.arguments import did_you_mean
from medqa_kit.core.tables import fitted_tables


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Words after the program's name; ``None`` takes the real ones.

    Returns:
        One of :data:`medqa_kit.cli.commands.EXIT_CODES`.
    """
    open_streams()
    words = list(sys.argv[1:] if arguments is None else arguments)
    if arguments is None:
        # No command multiplies matrices; NumPy's threads for that wait awake, for 60 ms of processor time.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        if not sys.stderr.isatty():  # bars fill logs line by line
            for name in ("HF_DATASETS_DISABLE_PROGRESS_BARS", "HF_HUB_DISABLE_PROGRESS_BARS"):
                os.environ.setdefault(name, "1")
    try:
        chosen = _chosen(words)
    except _WrongWords as wrong:
        if "--json" in words:
            _put_out_error({"type": "ArgumentError", "what": wrong.what})
        raise
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    with warnings.catch_warnings(), fitted_tables(columns):
        warnings.showwarning = _warn  # type: ignore[assignment]  # ours takes them all alike
        try:
            return _printed(chosen.run(chosen), as_json=chosen.json)
        except KeyboardInterrupt:
            say("medqa-kit: stopped; nothing half-written is left")
            return STOPPED
        except Exception as error:
            return _failed(error, as_json=chosen.json)


def _chosen(words: list[str]) -> argparse.Namespace:
    """Return what the words say; wrong ones end the program."""
    parser = program_parser(words)
    if not words:
        say(parser.format_help())
        raise SystemExit(FAILED)
    chosen, rest = parser.parse_known_args(words)
    if rest:
        near = did_you_mean(rest[0], chosen.known_words) if rest[0].startswith("-") else ""
        takes = f"medqa-kit {chosen.command} --help shows the words there are"
        chosen.own_parser.error(f"unknown words: {' '.join(rest)}; {near or takes}")
    return chosen


def _printed(printout: Printout, *, as_json: bool) -> int:
    text = printout.as_json() if as_json else printout.as_text()
    put_out(encodable(text, sys.stdout.encoding, as_json=as_json))
    for note in printout.notes:
        say(note)
    return printout.code


def _failed(error: Exception, *, as_json: bool) -> int:
    if not isinstance(
        error, (mk.MedQAError, mk.errors.MedQAWarning, OSError)
    ):  # no mistake of the user
        say("".join(traceback.format_exception(error)))
    say(f"medqa-kit: {error}")
    if as_json:
        _put_out_error(_told(error))
    return GATE_CLOSED if isinstance(error, mk.errors.GateError) else FAILED


def _put_out_error(told: dict[str, Any]) -> None:
    with suppress(OSError):  # the code says that it failed
        put_out(json.dumps({"error": told}))


def _told(error: Exception) -> dict[str, Any]:
    """Return an error as plain values."""
    kind = {"type": type(error).__name__}
    if not isinstance(error, mk.MedQAError):
        return {**kind, "what": str(error)}
    names = (
        "what",
        "expected",
        "found",
        "hint",
        "source",
        "part",
        "file",
        "row",
        "spot",
        "row_id",
        "column",
    )
    return kind | {
        name: getattr(error, name) for name in names if getattr(error, name) not in (None, "")
    }


def _warn(message: Warning | str, *_: Any) -> None:
    say(f"Note: {message}")


class _WrongWords(SystemExit):
    """The end of a program whose words are wrong; what is wrong is said on standard error."""

    def __init__(self, what: str) -> None:
        super().__init__(FAILED)
        self.what = what


class _Parser(argparse.ArgumentParser):
    """A parser that names the nearest to a wrong word."""

    def error(self, message: str) -> NoReturn:
        """End the program with a message."""
        wrong = re.search(r"invalid choice: '(.*)' \(choose from (.*)\)", message)
        near = did_you_mean(wrong[1], re.findall(r"[\w.-]+", wrong[2])) if wrong else ""
        text = message + f"; {near}" * bool(near)
        say(f"{self.format_usage()}{self.prog}: error: {text}")
        raise _WrongWords(text)


def program_parser(words: Collection[str] | None = None) -> argparse.ArgumentParser:
    """Return the parser of the program.

    Args:
        words: Commands that are not among these are known by name only; ``None`` knows all wholly.
    """
    codes = "".join(f"\n  {code:<3}  {why.replace('`', '')}" for code, why in EXIT_CODES.items())
    parser = _Parser(
        prog="medqa-kit", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Typed, traced, licensed and leak-free medical QA data.",
        epilog=f"exit codes:{codes}\n\nmedqa-kit COMMAND --help shows the words of a command, and an example",
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"medqa-kit {mk.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        own = commands.add_parser(
            name, help=command.about, description=command.about, epilog=command.epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        if words is None or name in words:
            command.words(own)
            own.add_argument("--json", action="store_true", help="print one JSON document")
            options = [option for action in own._actions for option in action.option_strings]
            own.set_defaults(run=command.run, command=name, known_words=options, own_parser=own)
    return parser


def _completion_words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help="the shell that reads the script")


def _completion(chosen: argparse.Namespace) -> Printout:
    script = completion_script(program_parser(), chosen.shell)
    return Printout({"shell": chosen.shell, "script": script}, text=script)


_COMPLETION = Command(
    "completion", 'Print the completion of these words for a shell; eval "$(medqa-kit completion bash)" turns it on.', _completion_words, _completion,
    "medqa-kit completion bash",
)  # fmt: skip
COMMANDS = {
    each.name: each
    for each in (
        *CATALOGUE_COMMANDS,
        *MACHINE_COMMANDS,
        *RESULT_COMMANDS,
        *REPLY_COMMANDS,
        *CHECK_COMMANDS,
        *AUTHOR_COMMANDS,
        _COMPLETION,
    )
}
"""The commands by name, in the order of the help."""
