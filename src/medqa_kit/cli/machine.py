"""Commands that fetch data to this machine, and list what is on it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

import medqa_kit as mk
from medqa_kit.cli.commands import FAILED, FINE, FOUND, Command, Printout
from medqa_kit.cli.words import (
    FILE,
    FOLDER,
    RECIPE,
    SOURCE,
    add_cache,
    add_findings,
    add_origin,
    add_settings,
    add_sources,
    add_token,
    completes,
    reported,
    settings_of,
)
from medqa_kit.core.tables import counted


def _status(chosen: Namespace) -> Printout:
    return Printout(mk.status(cache_dir=chosen.cache_dir))


def _fetch_words(parser: ArgumentParser) -> None:
    add_sources(parser)
    completes(parser.add_argument("--folder", help="where to put the files; without it they stay in the cache"),
              FOLDER)  # fmt: skip
    completes(parser.add_argument("--lockfile", metavar="FILE", help="medqa.lock in the folder, or here, unless named"),
              FILE)  # fmt: skip
    add_cache(parser)
    add_token(parser)


def _fetch(chosen: Namespace) -> Printout:
    content = mk.fetch(chosen.names, chosen.folder, lockfile=chosen.lockfile,
                       cache_dir=chosen.cache_dir, token=chosen.token)  # fmt: skip
    lines = []
    for name in chosen.names:
        parts = content["sources"][name]["parts"].values()
        files, rows = sum(len(part["files"]) for part in parts), sum(part["rows"] for part in parts)
        lines.append(f"{name}: {counted(files, 'file')}, {counted(rows, 'row')}")
    return Printout(content, text="\n".join(lines))


def _lock_words(parser: ArgumentParser) -> None:
    add_sources(parser, nargs="*", about="sources of the catalogue")
    completes(
        parser.add_argument("--recipe", help="a recipe instead: a TOML file, or the name of one"),
        RECIPE,
    )
    parser.add_argument("--upgrade", action="append", default=[], metavar="NAME",
                        help="what the recipe calls a source to record anew; may be repeated")  # fmt: skip
    add_settings(parser)
    completes(
        parser.add_argument(
            "--file", help="medqa.lock, or the one that the recipe names, unless named"
        ),
        FILE,
    )
    add_origin(parser)
    add_cache(parser)
    add_token(parser)


def _told_to_lock(chosen: Namespace) -> str:
    named = [
        *chosen.names,
        *(["--recipe"] if chosen.recipe else []),
        *(["--upgrade"] if chosen.upgrade else []),
    ]
    return " ".join(named) or "neither"


def _lock(chosen: Namespace) -> Printout:
    if bool(chosen.names) == bool(chosen.recipe) or (chosen.upgrade and not chosen.recipe):
        raise mk.errors.ArgumentError(
            "lock takes names of sources, or --recipe and what to --upgrade of it", argument="names",
            expected="one of both", found=_told_to_lock(chosen),
            hint="medqa-kit lock --recipe korean_sft --file korean_sft.lock",
        )  # fmt: skip
    if chosen.recipe:
        content = mk.lock_recipe(
            chosen.recipe, chosen.file, upgrade=chosen.upgrade, settings=settings_of(chosen),
            origin=chosen.origin, cache_dir=chosen.cache_dir, token=chosen.token,
        )  # fmt: skip
    else:
        content = mk.lock(chosen.names, chosen.file or "medqa.lock", origin=chosen.origin,
                          cache_dir=chosen.cache_dir, token=chosen.token)  # fmt: skip
    lines = []
    for name in chosen.names or content["sources"]:
        parts = content["sources"][name]["parts"]
        lines.append(
            f"{name}: {counted(len(parts), 'part')}, {counted(sum(part['rows'] for part in parts.values()), 'row')}"
        )
    return Printout(content, text="\n".join(lines))


def _drift_words(parser: ArgumentParser) -> None:
    completes(parser.add_argument("lock", nargs="?", metavar="LOCK",
                                  help="a lockfile; the pins of the catalogue by default"), FILE)  # fmt: skip
    completes(
        parser.add_argument("--names", nargs="+", metavar="NAME", help="these sources only"), SOURCE
    )
    parser.add_argument(
        "--head", action="store_true", help="compare files and cards, without loading rows"
    )
    parser.add_argument("--revision", default="main", help="what to compare with; main by default")
    add_cache(parser)
    add_token(parser)
    add_findings(parser)


def _drift(chosen: Namespace) -> Printout:
    report = mk.drift(
        chosen.lock, names=chosen.names, revision=chosen.revision, rows=not chosen.head,
        cache_dir=chosen.cache_dir, token=chosen.token,
    )  # fmt: skip
    codes = report.by("code")
    code = FAILED if "unreachable" in codes else FOUND if codes else FINE
    return reported(report, chosen, code=code)


def _no_words(parser: ArgumentParser) -> None:
    """Take no words of its own."""


def _warm(_: Namespace) -> Printout:
    seconds = mk.warm()
    return Printout(
        {"seconds": seconds}, text=f"compiled kernels are in the cache ({seconds:.1f} s)"
    )


MACHINE_COMMANDS = (
    Command("status", "List which sources are on this machine.", add_cache, _status, "medqa-kit status"),
    Command("fetch", "Download sources into the cache, or into a folder to carry away, and record them in a lockfile.",
            _fetch_words, _fetch, "medqa-kit fetch kormedmcqa --folder carried"),
    Command("lock", "Record in a lockfile the present state of sources, or of all that a recipe reads.", _lock_words, _lock,
            "medqa-kit lock kbmc --origin sample --file medqa.lock"),
    Command("drift", "Compare pinned data with the data upstream now.", _drift_words, _drift,
            "medqa-kit drift --names who_bec_pdf --head --json",
            {FOUND: "something moved", FAILED: "a source cannot be reached"}),
    Command("warm", "Compile kernels ahead that are otherwise compiled at the first call.", _no_words, _warm,
            "medqa-kit warm"),
)  # fmt: skip
