"""Commands that write requests to a model and take its replies, through files of a Batch service."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import get_args, get_type_hints

import medqa_kit as mk
from medqa_kit.building.recipes.settings import parsed_setting
from medqa_kit.cli.commands import FOUND, Command, Printout
from medqa_kit.cli.words import (
    FILE,
    FOLDER,
    SOURCE,
    add_cache,
    add_findings,
    add_origin,
    add_path,
    add_token,
    code_of,
    completes,
    names_file,
    reported,
)


def _ask_words(parser: ArgumentParser) -> None:
    _add_ledger(parser)
    completes(parser.add_argument("data", nargs="?", metavar="DATA", help="a source of the catalogue, or a file of rows with id "
                                  "and texts of the task: .jsonl, .parquet or .csv"), SOURCE)  # fmt: skip
    parser.add_argument(
        "--task",
        choices=get_args(get_type_hints(mk.Generation)["task"]),
        help="what the model is asked to make of each row",
    )
    parser.add_argument("--model", metavar="NAME", help="who is asked; it stands in the rows")
    parser.add_argument("--language", metavar="TAG",
                        help="of the replies: ko, km or en, that of each row by default; a translation needs one")  # fmt: skip
    parser.add_argument(
        "--per-row", type=int, default=1, metavar="N", help="replies for each row, 1 by default"
    )
    parser.add_argument(
        "--columns", nargs="+", metavar="NAME", help="texts to send; those of the task by default"
    )
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE",
                        help="a field of each request, such as temperature=0.8; may be repeated")  # fmt: skip
    completes(parser.add_argument("--to", metavar="FOLDER", help="where the files of requests go; requests in the "
                                  "ledger by default"), FOLDER)  # fmt: skip
    parser.add_argument("--subset", help="of the source; all by default")
    parser.add_argument("--split", default="train", help="of the source; train by default")
    add_origin(parser)
    add_path(parser)
    add_cache(parser)
    add_token(parser)


def _ask(chosen: Namespace) -> Printout:
    if _asked_again(chosen):
        return _open_requests(mk.Ledger.open(chosen.ledger), chosen)
    columns = None if chosen.columns is None else tuple(chosen.columns)
    task = mk.Generation(task=chosen.task, model=chosen.model, language=chosen.language, per_row=chosen.per_row,
                         columns=columns, settings=dict(map(parsed_setting, chosen.set)))  # fmt: skip
    if names_file(chosen.data):
        rows = mk.training_rows(chosen.data, as_is=True)
    else:
        rows = mk.load(chosen.data, subset=chosen.subset, split=chosen.split, origin=chosen.origin,
                       path=chosen.path, cache_dir=chosen.cache_dir, token=chosen.token)  # fmt: skip
    return _open_requests(mk.Ledger.start(chosen.ledger, rows, task), chosen)


def _asked_again(chosen: Namespace) -> bool:
    """Check whether a ledger alone is named, whose open requests are written again.

    Raises:
        ArgumentError: What a new ledger needs is named in part.
    """
    named = {"DATA": chosen.data, "--task": chosen.task, "--model": chosen.model}
    lacking = [word for word, value in named.items() if value is None]
    others = {"--language": chosen.language, "--columns": chosen.columns, "--set": chosen.set or None,
              "--subset": chosen.subset, "--path": chosen.path}  # fmt: skip
    said = [word for word, value in {**named, **others}.items() if value is not None]
    if lacking and (said or not Path(chosen.ledger, "ledger.json").is_file()):
        raise mk.errors.ArgumentError(
            f"a ledger that is begun needs {', '.join(lacking)} as well", expected="DATA, --task and --model",
            found=" ".join(said) or f"no ledger in {chosen.ledger}", hint="with FOLDER alone, the open requests of a ledger are written again",
        )  # fmt: skip
    return bool(lacking)


def _open_requests(ledger: mk.Ledger, chosen: Namespace) -> Printout:
    files = [str(file) for file in ledger.write_requests(chosen.to)]
    listed = "\n".join(files) or "No request is open."
    return Printout({"ledger": str(ledger.folder), "counts": ledger.counts(), "files": files},
                    text=f"{ledger}\n\n{listed}")  # fmt: skip


def _take_words(parser: ArgumentParser) -> None:
    _add_ledger(parser)
    completes(parser.add_argument("results", metavar="FILE", help="what the service gave back: output or errors, which "
                                  "may be packed"), FILE)  # fmt: skip
    add_findings(parser)


def _take(chosen: Namespace) -> Printout:
    report = mk.Ledger.open(chosen.ledger).take(chosen.results)
    return reported(report, chosen, code=code_of(len(report.findings)))


def _ledger_words(parser: ArgumentParser) -> None:
    _add_ledger(parser)
    completes(parser.add_argument("--rows", type=_rows_file, metavar="FILE", help="write the rows of accepted replies "
                                  "to this .jsonl or .parquet file"), FILE)  # fmt: skip
    add_findings(parser)


def _ledger(chosen: Namespace) -> Printout:
    ledger = mk.Ledger.open(chosen.ledger)
    _, report = ledger.rows()
    notes = [f"The rows are in {ledger.write_rows(chosen.rows)}"] if chosen.rows else []
    code = code_of(len(report.findings))
    return reported(report, chosen, code=code, text=str(ledger), notes=notes)


def _add_ledger(parser: ArgumentParser) -> None:
    completes(
        parser.add_argument("ledger", metavar="FOLDER", help="the folder of the ledger"), FOLDER
    )


def _rows_file(name: str) -> str:
    """Check the ending before any work is done."""
    if Path(name).suffix not in (".jsonl", ".parquet"):
        raise ArgumentTypeError(f"{name!r} ends in none of .jsonl, .parquet")
    return name


REPLY_COMMANDS = (
    Command("ask", "Write requests to a model about rows, for a Batch service, and begin a ledger of its replies; "
            "asked again, or with the folder alone, those that are open.", _ask_words, _ask,
            "medqa-kit ask asked kormedmcqa --task paraphrase --model my-model --subset doctor --split test --origin sample"),
    Command("take", "Take replies of a model into a ledger: each is checked against its row, and bad ones are set aside.",
            _take_words, _take, "medqa-kit take asked results.jsonl",
            {FOUND: "a reply is set aside, or answers no open request"}),
    Command("ledger", "Count the answered, set aside and open requests of a ledger, and write the rows of its replies.",
            _ledger_words, _ledger, "medqa-kit ledger asked --rows paraphrases.jsonl",
            {FOUND: "a request has no accepted reply"}),
)  # fmt: skip
