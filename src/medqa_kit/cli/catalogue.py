"""Commands that speak of the catalogue."""

from __future__ import annotations

import argparse
import json
from typing import get_args

import medqa_kit as mk
from medqa_kit.cli.words import Commands, add_json, add_origin, command, show


def add_catalogue(commands: Commands) -> None:
    """Add what speaks of the catalogue."""
    _sources(commands)
    _show(commands)
    _head(commands)
    _license(commands)
    _cite(commands)
    _trace(commands)
    _holdouts(commands)


def _sources(commands: Commands) -> None:
    parser = command(
        commands,
        "sources",
        _run_sources,
        "List the catalogue.",
        example="medqa-kit sources --language km",
    )
    parser.add_argument("--language", help="BCP 47 tag, such as ko")
    parser.add_argument("--schema", choices=list(mk.schemas.SCHEMAS))
    parser.add_argument("--access", choices=get_args(mk.catalog.Access))
    parser.add_argument(
        "--use", choices=get_args(mk.catalog.Use), help="only sources whose licence grants it"
    )
    add_json(parser)


def _run_sources(chosen: argparse.Namespace) -> int:
    listed = mk.sources(
        language=chosen.language, schema=chosen.schema, access=chosen.access, use=chosen.use
    )
    show(listed, chosen)
    return 0


def _show(commands: Commands) -> None:
    parser = command(
        commands,
        "show",
        _run_show,
        "Show the card of one source.",
        example="medqa-kit show kormedmcqa",
    )
    parser.add_argument("name")


def _run_show(chosen: argparse.Namespace) -> int:
    print(mk.source(chosen.name).show())
    return 0


def _head(commands: Commands) -> None:
    parser = command(commands, "head", _run_head, "Print the first rows of a source as JSON Lines.")
    parser.add_argument("name")
    parser.add_argument("--subset")
    parser.add_argument("--split")
    parser.add_argument("--rows", type=int, default=3)
    parser.add_argument("--view", default="normalized")
    add_origin(parser)


def _run_head(chosen: argparse.Namespace) -> int:
    source = mk.source(chosen.name)
    split = chosen.split or (source.splits[0] if source.splits else None)
    data = mk.load(
        source, subset=chosen.subset, split=split, view=chosen.view, origin=chosen.origin,
        path=chosen.path, streaming=True,
    )  # fmt: skip
    for row in data.take(chosen.rows):
        print(json.dumps(row, ensure_ascii=False))
    return 0


def _license(commands: Commands) -> None:
    parser = command(
        commands, "license", _run_license,
        "Say what sources permit together; with --use, exits with 1 unless that is a plain yes.",
        example="medqa-kit license kormedmcqa klue --use research",
    )  # fmt: skip
    parser.add_argument("names", nargs="+", metavar="NAME")
    parser.add_argument("--use", choices=get_args(mk.catalog.Use))
    add_json(parser)


def _run_license(chosen: argparse.Namespace) -> int:
    verdict = mk.license(chosen.names)
    show(verdict, chosen)
    return 0 if chosen.use is None or verdict.uses[chosen.use] == "yes" else 1


def _cite(commands: Commands) -> None:
    parser = command(
        commands, "cite", _run_cite,
        "Print the BibTeX of sources; with --rows, a NOTICE for the sources of a file's rows.",
        example="medqa-kit cite kormedmcqa klue",
    )  # fmt: skip
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--rows", metavar="FILE", help="a file whose rows have a column source")
    add_json(parser)


def _run_cite(chosen: argparse.Namespace) -> int:
    if chosen.rows is not None:
        found = mk.attribution(mk.training_rows(chosen.rows))
        print(found.to_json() if chosen.json else f"{found.notice}\n{found.bibtex}")
    else:
        text = mk.cite(chosen.names)
        print(json.dumps({"bibtex": text}, ensure_ascii=False) if chosen.json else text)
    return 0


def _trace(commands: Commands) -> None:
    parser = command(
        commands, "trace", _run_trace, "Print the raw row that a row was made of, and its way.",
        example="medqa-kit trace sample:kormedmcqa/doctor/2022-1-7 --json",
    )  # fmt: skip
    parser.add_argument("id", help="the id of a row")
    parser.add_argument("--path", help="local files of its source")
    parser.add_argument("--lock", metavar="FILE", help="a lockfile that the source is held to")
    add_json(parser)


def _run_trace(chosen: argparse.Namespace) -> int:
    show(mk.trace(chosen.id, path=chosen.path, lock=chosen.lock), chosen)
    return 0


def _holdouts(commands: Commands) -> None:
    parser = command(
        commands,
        "holdouts",
        _run_holdouts,
        "List the named holdouts and what they protect.",
        example="medqa-kit holdouts",
    )
    add_json(parser)


def _run_holdouts(chosen: argparse.Namespace) -> int:
    listed = mk.holdouts()
    show(listed, chosen)
    for holdout in listed:
        if holdout.leaves_in and not chosen.json:
            print(f"note: {holdout.name}: {holdout.leaves_in}")
    return 0
