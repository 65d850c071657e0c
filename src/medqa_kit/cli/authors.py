"""Commands for authors of sources."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import Any

import medqa_kit as mk
from medqa_kit.cli.commands import Command, Printout
from medqa_kit.cli.words import FILE, FOLDER, completes


def _new_source_words(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="name of the source, such as ward_notes")
    completes(parser.add_argument("--rows", required=True, metavar="FILE", help="a .jsonl, .json, .csv, .tsv or "
                                  ".parquet file; its first rows become the sample"), FILE)  # fmt: skip
    parser.add_argument(
        "--language", required=True, metavar="TAG", help="BCP 47 tag of the rows, such as ko"
    )
    parser.add_argument(
        "--schema", default="qa", choices=list(mk.schemas.SCHEMAS), help="qa by default"
    )
    parser.add_argument("--question", metavar="COLUMN", help="the column of the question")
    parser.add_argument(
        "--options",
        nargs="+",
        metavar="COLUMN",
        help="the columns of the options, or the one with all",
    )
    parser.add_argument(
        "--answer",
        metavar="COLUMN",
        help="the column that names the right option, or holds the answer",
    )
    parser.add_argument("--base", choices=["0", "1", "letter", "text"],
                        help="how the column names the option; proved from the rows by default")  # fmt: skip
    parser.add_argument("--key", metavar="COLUMN", help="the column of ids; hashes by default")
    parser.add_argument(
        "--family", metavar="COLUMN", help="the column that names what rows belong together"
    )
    parser.add_argument("--column", action="append", default=[], type=_pair, metavar="NAME=COLUMN",
                        help="any column of the schema, and that of the rows; may be repeated")  # fmt: skip
    parser.add_argument("--split", default="train", help="train by default")
    parser.add_argument(
        "--license", metavar="SPDX", help="licence of the rows; nothing is granted by default"
    )
    parser.add_argument(
        "--repo", metavar="OWNER/NAME", help="where the hub has the file; path= takes it by default"
    )
    parser.add_argument("--revision", metavar="COMMIT", help="its commit, 40 hexadecimal digits")
    completes(parser.add_argument("--folder", help="where to write; NAME by default"), FOLDER)


def _new_source(chosen: Namespace) -> Printout:
    options = chosen.options[0] if chosen.options and len(chosen.options) == 1 else chosen.options
    bases: dict[str | None, Any] = {"0": 0, "1": 1}  # the others are as they are written
    return Printout(mk.new_source(
        chosen.name, chosen.rows, language=chosen.language, schema=chosen.schema,
        columns=dict(chosen.column) or None, question=chosen.question, options=options, answer=chosen.answer,
        base=bases.get(chosen.base, chosen.base), key=chosen.key, family=chosen.family, split=chosen.split, license=chosen.license,
        repo=chosen.repo, revision=chosen.revision, folder=chosen.folder,
    ))  # fmt: skip


def _pair(text: str) -> tuple[str, str]:
    name, equals, column = text.partition("=")
    if not equals:
        raise ArgumentTypeError(f"{text!r} is not NAME=COLUMN")
    return name, column


AUTHOR_COMMANDS = (
    Command("new-source", "Write a package with a source of your rows: sample, golden rows, test and page.",
            _new_source_words, _new_source, "medqa-kit new-source ward_notes --rows rows.jsonl --language ko"),
)  # fmt: skip
