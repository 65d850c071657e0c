"""Commands about the catalogue."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import get_args

import medqa_kit as mk
from medqa_kit.cli.commands import FINE, FOUND, Command, Printout
from medqa_kit.cli.words import (
    FILE,
    SOURCE,
    add_cache,
    add_origin,
    add_path,
    add_sources,
    add_token,
    completes,
)
from medqa_kit.core.arguments import whole_number


def _sources_words(parser: ArgumentParser) -> None:
    parser.add_argument("--language", help="BCP 47 tag, such as ko")
    parser.add_argument(
        "--schema", choices=list(mk.schemas.SCHEMAS), help="only sources with rows of it"
    )
    parser.add_argument(
        "--access", choices=get_args(mk.catalog.Access), help="only sources that are got so"
    )
    parser.add_argument(
        "--use", choices=get_args(mk.catalog.Use), help="only sources whose licence grants it"
    )


def _sources(chosen: Namespace) -> Printout:
    return Printout(mk.sources(language=chosen.language, schema=chosen.schema, access=chosen.access,
                              use=chosen.use))  # fmt: skip


def _show_words(parser: ArgumentParser) -> None:
    completes(parser.add_argument("name", metavar="NAME", help="a source"), SOURCE)


def _show(chosen: Namespace) -> Printout:
    source = mk.source(chosen.name)
    card = {
        "name": source.name, "title": source.title, "about": source.about,
        "language": list(source.language), "schemas": list(source.schemas), "access": source.access,
        "rows": source.rows, "sections": {heading: list(lines) for heading, lines in source.sections if lines},
    }  # fmt: skip
    return Printout(card, text=source.show())


def _head_words(parser: ArgumentParser) -> None:
    completes(parser.add_argument("name", metavar="NAME", help="a source"), SOURCE)
    parser.add_argument("--subset", help="one of those that show lists")
    parser.add_argument(
        "--split", help="the first one by default; of a path, the first that it holds"
    )
    parser.add_argument("--rows", type=int, default=3, metavar="N", help="how many; 3 by default")
    parser.add_argument("--view", default="normalized", help="raw for upstream's own columns")
    add_origin(parser)
    add_path(parser)
    parser.add_argument("--revision", help="a commit or branch, the pinned one by default")
    add_cache(parser)
    add_token(parser)


def _head(chosen: Namespace) -> Printout:
    whole_number("rows", chosen.rows, least=1)
    source = mk.source(chosen.name)
    split = chosen.split
    if split is None and chosen.path is None and source.splits:
        split = source.splits[0]  # what a path holds, its files tell
    data = mk.load(
        source, subset=chosen.subset, split=split, view=chosen.view, origin=chosen.origin,
        path=chosen.path, revision=chosen.revision, cache_dir=chosen.cache_dir, token=chosen.token,
        streaming=True,
    )  # fmt: skip
    first = next(iter(data.values())) if isinstance(data, Mapping) else data
    rows = list(first.take(chosen.rows))
    lines = (json.dumps(row, ensure_ascii=False, default=str) for row in rows)
    return Printout(rows, text="\n".join(lines))


def _license_words(parser: ArgumentParser) -> None:
    add_sources(parser)
    parser.add_argument(
        "--use",
        choices=get_args(mk.catalog.Use),
        help="exit with 1 unless all of them plainly grant it",
    )


def _license(chosen: Namespace) -> Printout:
    verdict = mk.license(chosen.names)
    granted = chosen.use is None or verdict.uses[chosen.use] == "yes"
    return Printout(verdict, FINE if granted else FOUND)


def _cite_words(parser: ArgumentParser) -> None:
    add_sources(parser, nargs="*")
    completes(parser.add_argument("--rows", metavar="FILE", help="a file whose rows have a column source"),
              FILE)  # fmt: skip


def _cite(chosen: Namespace) -> Printout:
    if chosen.rows is not None:
        from medqa_kit.building.finished.own_rows_sources import own_rows_sources

        credits = mk.attribution(mk.training_rows(chosen.rows), own=own_rows_sources(chosen.rows))
        return Printout(credits, text=f"{credits.notice}\n{credits.bibtex}")
    text = mk.cite(chosen.names)
    return Printout({"bibtex": text}, text=text)


def _trace_words(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="the id of a row")
    add_path(parser)
    completes(parser.add_argument("--lock", metavar="FILE", help="a lockfile with the revision and files to read"),
              FILE)  # fmt: skip
    add_cache(parser)


def _trace(chosen: Namespace) -> Printout:
    return Printout(
        mk.trace(chosen.id, path=chosen.path, lock=chosen.lock, cache_dir=chosen.cache_dir)
    )


def _no_words(parser: ArgumentParser) -> None:
    """Take no words of its own."""


def _holdouts(_: Namespace) -> Printout:
    listed = mk.holdouts()
    remarks = [f"note: {each.name}: {each.leaves_in}" for each in listed if each.leaves_in]
    return Printout(listed, text="\n".join([str(listed), *remarks]))


def _versions(_: Namespace) -> Printout:
    text = mk.show_versions()
    return Printout(dict(line.split(maxsplit=1) for line in text.splitlines()), text=text)


CATALOGUE_COMMANDS = (
    Command("sources", "List the catalogue.", _sources_words, _sources,
            "medqa-kit sources --language km"),
    Command("show", "Show the card of one source.", _show_words, _show, "medqa-kit show kormedmcqa"),
    Command("head", "Print the first rows of a source, one JSON object a line.", _head_words, _head,
            "medqa-kit head kormedmcqa --split test --rows 1 --origin sample"),
    Command("license", "Show which uses sources permit together.", _license_words, _license,
            "medqa-kit license kormedmcqa klue --use research",
            {FOUND: "the use of --use is no plain yes"}),
    Command("cite", "Print the BibTeX of sources; with --rows, a NOTICE for the sources of a file's rows.",
            _cite_words, _cite, "medqa-kit cite kormedmcqa klue"),
    Command("trace", "Print the raw row behind a row, and the steps between the two.", _trace_words, _trace,
            "medqa-kit trace sample:kormedmcqa/doctor/2022-1-7 --json"),
    Command("holdouts", "List the named holdouts and what they protect.", _no_words, _holdouts,
            "medqa-kit holdouts"),
    Command("versions", "Print the versions that a bug report should name.", _no_words, _versions,
            "medqa-kit versions"),
)  # fmt: skip
