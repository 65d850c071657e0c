"""Commands that look into files of training data."""

from __future__ import annotations

import argparse
import sys
from functools import reduce
from operator import or_
from pathlib import Path

import medqa_kit as mk
from medqa_kit.cli.words import Commands, add_json, add_origin, add_rows, command, show, tell
from medqa_kit.core.atomic import write_text
from medqa_kit.quality.script_counts import SCRIPTS
from medqa_kit.quality.script_report import DEFINITIONS


def add_checks(commands: Commands) -> None:
    """Add what looks into files of training data."""
    _check(commands)
    _validate(commands)
    _scripts(commands)
    _audit(commands)
    _leak_map(commands)


def _check(commands: Commands) -> None:
    parser = command(
        commands, "check", _run_check,
        "Look for held-out items in a training file; exits with 1 when there are any, with 2 when "
        "it cannot tell.",
        example="medqa-kit check rows.jsonl --against kormedmcqa-official-test --origin sample",
    )  # fmt: skip
    add_rows(parser)
    parser.add_argument("--against", action="append", required=True, metavar="HOLDOUT",
                        help="name of a holdout, or a file of fingerprints; may be repeated")  # fmt: skip
    parser.add_argument("--partial", action="store_true",
                        help="take a holdout of files that lack some of its rows")  # fmt: skip
    add_origin(parser)


def _run_check(chosen: argparse.Namespace) -> int:
    rows = mk.training_rows(chosen.data)
    report = mk.search(rows, reduce(or_, [_held(name, chosen) for name in chosen.against]))
    tell(report, chosen)
    if len(report.findings) and not chosen.report:
        print("--report FILE lists every match", file=sys.stderr)
    return 1 if report.dropped else 0


def _validate(commands: Commands) -> None:
    parser = command(
        commands, "validate", _run_validate,
        "Look for what spoils a training file; exits with 1 when there are errors.",
        example="medqa-kit validate rows.jsonl --checks placeholder refusal",
    )  # fmt: skip
    add_rows(parser)
    parser.add_argument("--checks", nargs="+", metavar="CODE", help="only these; all by default")


def _run_validate(chosen: argparse.Namespace) -> int:
    report = mk.validate(mk.training_rows(chosen.data), checks=chosen.checks)
    tell(report, chosen)
    return 1 if report.counts["errors"] else 0


def _scripts(commands: Commands) -> None:
    parser = command(
        commands, "scripts", _run_scripts,
        "Measure how much of a file is written in a script; with --least, exits with 1 when less than that "
        "share of its texts is, under --definition.",
        example="medqa-kit scripts rows.jsonl --script hangul --least 0.3",
    )  # fmt: skip
    add_rows(parser)
    parser.add_argument("--script", choices=SCRIPTS, default="khmer")
    parser.add_argument(
        "--columns", nargs="+", metavar="NAME", help="all that hold texts by default"
    )
    parser.add_argument("--definition", choices=list(DEFINITIONS), default="strict")
    parser.add_argument("--least", type=float, help="a share, 0 to 1")


def _run_scripts(chosen: argparse.Namespace) -> int:
    rows = mk.training_rows(chosen.data)
    report = mk.script_report(rows, script=chosen.script, columns=chosen.columns)
    tell(report, chosen)
    return 1 if chosen.least is not None and report.counts[chosen.definition] < chosen.least else 0


def _audit(commands: Commands) -> None:
    parser = command(
        commands, "audit", _run_audit,
        "Hold what a card and the catalogue claim against the data; exits with 1 when something differs, with "
        "2 when something cannot be told.",
        example="medqa-kit audit rows.jsonl --claims claims.toml --json",
    )  # fmt: skip
    parser.add_argument(
        "data", help="a source of the catalogue, or a folder with data and README.md"
    )
    parser.add_argument(
        "--claims", metavar="FILE", help="a TOML file of claims, instead of those known"
    )
    parser.add_argument("--card", metavar="FILE", help="a card to read claims from as well")
    parser.add_argument("--html", metavar="FILE", help="write the result as a page")
    add_json(parser)
    add_origin(parser)


def _run_audit(chosen: argparse.Namespace) -> int:
    found = mk.audit(chosen.data, claims=chosen.claims, card=chosen.card, origin=chosen.origin,
                     path=chosen.path)  # fmt: skip
    show(found, chosen)
    if chosen.html:
        write_text(chosen.html, found.to_html())
        print(f"Written to {chosen.html}", file=sys.stderr)
    verdicts = found.by_verdict()
    return 1 if "differs" in verdicts else 2 if "unclear" in verdicts else 0


def _leak_map(commands: Commands) -> None:
    parser = command(
        commands, "leak-map", _run_leak_map,
        "Tell which training sources hold items of which benchmarks; exits with 1 when rows are found, with 2 "
        "when something cannot be read.",
        example="medqa-kit leak-map kbmc --holdouts kormedmcqa-official-test --origin sample --json",
    )  # fmt: skip
    parser.add_argument(
        "sources", nargs="*", metavar="NAME", help="training sources; all by default"
    )
    parser.add_argument("--holdouts", nargs="+", metavar="NAME", help="those of recipes by default")
    parser.add_argument("--origin", choices=["hub", "sample"], default="hub")
    parser.add_argument("--path", action="append", default=[], metavar="NAME=PATH", type=_named_path,
                        help="local files of a source; may be repeated")  # fmt: skip
    parser.add_argument("--markdown", action="store_true", help="print the matrix as Markdown")
    add_json(parser)


def _run_leak_map(chosen: argparse.Namespace) -> int:
    found = mk.leak_map(chosen.sources or None, holdouts=chosen.holdouts, origin=chosen.origin,
                        paths=dict(chosen.path))  # fmt: skip
    if chosen.markdown:
        print(found.to_markdown())
    else:
        show(found, chosen)
    leaks = any(each.found for each in found.cells)
    return 1 if leaks else 2 if found.notes else 0


def _named_path(text: str) -> tuple[str, str]:
    name, found, path = text.partition("=")
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=PATH")
    return name, path


def _held(name: str, chosen: argparse.Namespace) -> mk.Holdout:
    if Path(name).is_file():
        return mk.Holdout.load(name)
    return mk.Holdout.named(name, origin=chosen.origin, path=chosen.path, partial=chosen.partial)
