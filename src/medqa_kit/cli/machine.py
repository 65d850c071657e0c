"""Commands that bring data to this machine, and say what is on it."""

from __future__ import annotations

import argparse
import json

import medqa_kit as mk
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


def add_machine(commands: Commands) -> None:
    """Add what brings data to this machine."""
    _status(commands)
    _fetch(commands)
    _lock(commands)
    _drift(commands)
    _warm_up(commands)


def _status(commands: Commands) -> None:
    parser = command(
        commands,
        "status",
        _run_status,
        "Say what of the catalogue is on this machine.",
        example="medqa-kit status",
    )
    add_json(parser)


def _run_status(chosen: argparse.Namespace) -> int:
    show(mk.status(), chosen)
    return 0


def _fetch(commands: Commands) -> None:
    parser = command(
        commands, "fetch", _run_fetch,
        "Bring sources into the cache, or a folder to carry away, and record them in a lockfile.",
    )  # fmt: skip
    parser.add_argument("names", nargs="+", metavar="NAME")
    parser.add_argument(
        "--folder", help="where to put the files; without it they stay in the cache"
    )
    parser.add_argument("--lockfile", help="medqa.lock in the folder, or here, unless named")
    add_json(parser)


def _run_fetch(chosen: argparse.Namespace) -> int:
    content = mk.fetch(chosen.names, chosen.folder, lockfile=chosen.lockfile)
    if chosen.json:
        print(json.dumps(content, ensure_ascii=False))
        return 0
    for name in chosen.names:
        parts = content["sources"][name]["parts"].values()
        files = sum(len(part["files"]) for part in parts)
        print(f"{name}: {files:,} files, {sum(part['rows'] for part in parts):,} rows")
    return 0


def _lock(commands: Commands) -> None:
    parser = command(
        commands,
        "lock",
        _run_lock,
        "Record in a lockfile what sources are now, or all that a recipe reads.",
        example="medqa-kit lock kbmc --origin sample --file medqa.lock",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="sources of the catalogue")
    parser.add_argument("--recipe", help="a recipe instead: a TOML file, or the name of one")
    parser.add_argument("--upgrade", action="append", default=[], metavar="NAME",
                        help="what the recipe calls a source to record anew; may be repeated")  # fmt: skip
    add_settings(parser)
    parser.add_argument("--file", help="medqa.lock, or the one that the recipe names, unless named")
    parser.add_argument("--origin", choices=["hub", "sample"], default="hub")
    add_json(parser)


def _run_lock(chosen: argparse.Namespace) -> int:
    if bool(chosen.names) == bool(chosen.recipe) or (chosen.upgrade and not chosen.recipe):
        raise mk.errors.ArgumentError(
            "lock takes names of sources, or --recipe and what to --upgrade of it", argument="names",
            expected="one of both", found=" ".join(chosen.names) or "neither",
            hint="medqa-kit lock --recipe korean_sft --file korean_sft.lock",
        )  # fmt: skip
    if chosen.recipe:
        content = mk.lock_recipe(
            chosen.recipe,
            chosen.file,
            upgrade=chosen.upgrade,
            settings=settings_of(chosen),
            origin=chosen.origin,
        )
    else:
        content = mk.lock(chosen.names, chosen.file or "medqa.lock", origin=chosen.origin)
    if chosen.json:
        print(json.dumps(content, ensure_ascii=False))
        return 0
    for name in chosen.names or content["sources"]:
        parts = content["sources"][name]["parts"]
        rows = sum(part["rows"] for part in parts.values())
        print(f"{name}: {len(parts)} parts, {rows:,} rows")
    return 0


def _drift(commands: Commands) -> None:
    parser = command(
        commands, "drift", _run_drift,
        "Compare pinned data with what stands upstream now; exits with 1 when something moved, with 2 when a "
        "source cannot be reached.",
        example="medqa-kit drift --names who_bec_pdf --head --json",
    )  # fmt: skip
    parser.add_argument("lock", nargs="?", help="a lockfile; the pins of the catalogue by default")
    parser.add_argument("--names", nargs="+", metavar="NAME", help="these sources only")
    parser.add_argument(
        "--head", action="store_true", help="compare files and cards, without loading rows"
    )
    parser.add_argument("--revision", default="main", help="what to compare with")
    add_findings(parser)


def _run_drift(chosen: argparse.Namespace) -> int:
    report = mk.drift(
        chosen.lock, names=chosen.names, revision=chosen.revision, rows=not chosen.head
    )
    tell(report, chosen)
    codes = report.by("code")
    return 2 if "unreachable" in codes else 1 if codes else 0


def _warm_up(commands: Commands) -> None:
    command(
        commands, "warm", _run_warm, "Compile ahead what is otherwise compiled at the first call."
    )


def _run_warm(_: argparse.Namespace) -> int:
    print(f"compiled kernels are in the cache ({mk.warm():.1f} s)")
    return 0
