"""Commands that bring data to this machine, and say what is on it."""

from __future__ import annotations

import argparse

import medqa_kit as mk
from medqa_kit.cli.words import Commands, command


def add_machine(commands: Commands) -> None:
    """Add what brings data to this machine."""
    _status(commands)
    _fetch(commands)
    _lock(commands)
    _warm_up(commands)


def _status(commands: Commands) -> None:
    command(commands, "status", _run_status, "Say what of the catalogue is on this machine.")


def _run_status(_: argparse.Namespace) -> int:
    print(mk.status())
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


def _run_fetch(chosen: argparse.Namespace) -> int:
    content = mk.fetch(chosen.names, chosen.folder, lockfile=chosen.lockfile)
    for name in chosen.names:
        parts = content["sources"][name]["parts"].values()
        files = sum(len(part["files"]) for part in parts)
        print(f"{name}: {files:,} files, {sum(part['rows'] for part in parts):,} rows")
    return 0


def _lock(commands: Commands) -> None:
    parser = command(commands, "lock", _run_lock, "Record what sources are now in a lockfile.")
    parser.add_argument("names", nargs="+", metavar="NAME")
    parser.add_argument("--file", default="medqa.lock")
    parser.add_argument("--origin", choices=["hub", "sample"], default="hub")


def _run_lock(chosen: argparse.Namespace) -> int:
    content = mk.lock(chosen.names, chosen.file, origin=chosen.origin)
    for name in chosen.names:
        parts = content["sources"][name]["parts"]
        rows = sum(part["rows"] for part in parts.values())
        print(f"{name}: {len(parts)} parts, {rows:,} rows")
    print(f"Written to {chosen.file}")
    return 0


def _warm_up(commands: Commands) -> None:
    command(
        commands, "warm", _run_warm, "Compile ahead what is otherwise compiled at the first call."
    )


def _run_warm(_: argparse.Namespace) -> int:
    print(f"compiled kernels are in the cache ({mk.warm():.1f} s)")
    return 0
