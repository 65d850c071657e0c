"""Commands that build training sets and look after them."""

from __future__ import annotations

import argparse
import sys

import medqa_kit as mk
from medqa_kit.building.recipes.shipped_recipes import copy_recipe, listed_recipes
from medqa_kit.cli.words import (
    Commands,
    add_findings,
    add_json,
    add_settings,
    command,
    settings_of,
    show,
    tell,
)

GATE_CLOSED = 4
"""What ``build`` exits with when more rows were left out than its recipe allows."""


def add_results(commands: Commands) -> None:
    """Add what builds training sets and looks after them."""
    _recipes(commands)
    _build(commands)
    _verify(commands)
    _retract(commands)
    _why(commands)
    _diff(commands)


def _recipes(commands: Commands) -> None:
    parser = command(commands, "recipes", _run_recipes, "List the recipes that come with the package.",
                     example="medqa-kit recipes --copy korean_sft --to recipes")  # fmt: skip
    parser.add_argument(
        "--copy", metavar="NAME", help="copy one, with those it extends, to change it"
    )
    parser.add_argument("--to", default=".", metavar="FOLDER", help="where to copy it")


def _run_recipes(chosen: argparse.Namespace) -> int:
    if chosen.copy:
        print(*copy_recipe(chosen.copy, chosen.to), sep="\n")
    else:
        print(listed_recipes())
    return 0


def _build(commands: Commands) -> None:
    parser = command(commands, "build", _run_build, "Build a training set from a recipe.")
    parser.add_argument("recipe", help="a TOML file, or a name that medqa-kit recipes lists")
    parser.add_argument("--out", required=True, help="folder to write")
    parser.add_argument("--origin", choices=["hub", "sample"], default="hub")
    parser.add_argument("--lock", metavar="FILE",
                        help="a lockfile that sources are held to; what it does not know is recorded")  # fmt: skip
    parser.add_argument("--frozen", action="store_true",
                        help="the lockfile must know everything, and no network is used")  # fmt: skip
    add_settings(parser)
    parser.add_argument(
        "--replace-edited", action="store_true",
        help="replace an earlier result although its files were changed",
    )  # fmt: skip
    parser.add_argument("--processes", type=int, default=1, metavar="N",
                        help="how many processes write rows (default 1)")  # fmt: skip


def _run_build(chosen: argparse.Namespace) -> int:
    try:
        print(mk.build(chosen.recipe, out=chosen.out, origin=chosen.origin, lock=chosen.lock,
                       frozen=chosen.frozen, settings=settings_of(chosen),
                       replace_edited=chosen.replace_edited, processes=chosen.processes))  # fmt: skip
    except mk.errors.GateError as error:
        print(f"medqa-kit: {error}", file=sys.stderr)
        return GATE_CLOSED
    return 0


def _verify(commands: Commands) -> None:
    parser = command(
        commands, "verify", _run_verify,
        "Check what was built: files, numbers, licences and holdouts, without a network; exits with 1 "
        "when something is wrong, with 2 when it cannot tell.",
    )  # fmt: skip
    parser.add_argument("out", help="the folder that was built")
    parser.add_argument("--against", action="append", default=[], metavar="FILE",
                        help="a file of fingerprints to search for as well; may be repeated")  # fmt: skip
    add_findings(parser)


def _run_verify(chosen: argparse.Namespace) -> int:
    report = mk.verify(chosen.out, holdouts=[mk.Holdout.load(name) for name in chosen.against])
    tell(report, chosen)
    unchecked = report.by("code").get("unchecked", 0)
    return 1 if len(report.findings) > unchecked else 2 if unchecked else 0


def _retract(commands: Commands) -> None:
    parser = command(commands, "retract", _run_retract,
                      "Take rows out of what was built, with their relatives.")  # fmt: skip
    parser.add_argument("out", help="the folder that was built")
    parser.add_argument("--items", nargs="+", default=[], metavar="ID", help="ids of rows")
    parser.add_argument("--against", metavar="FILE", help="fingerprints of items to take out")
    parser.add_argument("--source", help="a source of which all rows go")


def _run_retract(chosen: argparse.Namespace) -> int:
    held = mk.Holdout.load(chosen.against) if chosen.against else None
    print(*mk.retract(chosen.out, items=chosen.items, holdout=held, source=chosen.source), sep="\n")
    return 0


def _why(commands: Commands) -> None:
    parser = command(
        commands, "why", _run_why,
        "Say what became of a row in a build: kept, dropped or never read, and why, without a network; exits "
        "with 1 unless it was kept.",
    )  # fmt: skip
    parser.add_argument("out", help="the folder that was built")
    parser.add_argument("id", help="the id of a row of any source")
    add_json(parser)


def _run_why(chosen: argparse.Namespace) -> int:
    fate = mk.why(chosen.out, chosen.id)
    show(fate, chosen)
    return 0 if fate.status == "kept" else 1


def _diff(commands: Commands) -> None:
    parser = command(
        commands, "diff", _run_diff,
        "Compare two builds: which rows came, went, moved or changed, and why, without a network; exits with 1 "
        "when rows differ.",
    )  # fmt: skip
    parser.add_argument("before", help="the folder of one build")
    parser.add_argument("after", help="the folder of another")
    add_findings(parser)


def _run_diff(chosen: argparse.Namespace) -> int:
    found = mk.diff(chosen.before, chosen.after)
    tell(found, chosen)
    return 1 if len(found.report.findings) else 0
