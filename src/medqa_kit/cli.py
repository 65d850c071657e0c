"""The command line: a thin face on the public names."""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Callable, Sequence
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any, get_args

import medqa_kit as mk

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Words after the program's name; ``None`` takes the real ones.

    Returns:
        0; 1 when ``check`` finds a leak; 2 when something goes wrong, wrong words among it; 130
        when interrupted.
    """
    parser = _parser()
    chosen = parser.parse_args(arguments)
    warnings.showwarning = _warn  # type: ignore[assignment]  # ours takes them all alike
    try:
        return int(chosen.run(chosen))
    except mk.MedQAError as error:
        print(f"medqa-kit: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader of our output, such as head, has seen enough
        sys.stderr.close()
        return 0
    except OSError as error:
        print(f"medqa-kit: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("medqa-kit: stopped; nothing half-written is left", file=sys.stderr)
        return 130


def _warn(message: Warning | str, *_: Any) -> None:
    print(f"Note: {message}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="medqa-kit",
        description="Typed, traced, licensed and leak-free medical QA data.",
    )
    parser.add_argument("--version", action="version", version=f"medqa-kit {mk.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (
        _sources,
        _show,
        _status,
        _head,
        _fetch,
        _lock,
        _build,
        _verify,
        _retract,
        _check,
        _validate,
        _license,
        _holdouts,
        _warm_up,
    ):
        add(commands)
    return parser


def _command(commands: Any, name: str, run: Command, about: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about)
    parser.set_defaults(run=run)
    return parser


def _sources(commands: Any) -> None:
    parser = _command(commands, "sources", _run_sources, "List the catalogue.")
    parser.add_argument("--language", help="BCP 47 tag, such as ko")
    parser.add_argument("--schema", choices=list(mk.schemas.SCHEMAS))
    parser.add_argument("--access", choices=get_args(mk.catalog.Access))
    parser.add_argument(
        "--use", choices=get_args(mk.catalog.Use), help="only sources whose licence grants it"
    )


def _run_sources(chosen: argparse.Namespace) -> int:
    print(
        mk.sources(
            language=chosen.language, schema=chosen.schema, access=chosen.access, use=chosen.use
        )
    )
    return 0


def _show(commands: Any) -> None:
    parser = _command(commands, "show", _run_show, "Show the card of one source.")
    parser.add_argument("name")


def _run_show(chosen: argparse.Namespace) -> int:
    print(mk.source(chosen.name).show())
    return 0


def _status(commands: Any) -> None:
    _command(commands, "status", _run_status, "Say what of the catalogue is on this machine.")


def _run_status(_: argparse.Namespace) -> int:
    print(mk.status())
    return 0


def _head(commands: Any) -> None:
    parser = _command(
        commands, "head", _run_head, "Print the first rows of a source as JSON Lines."
    )
    parser.add_argument("name")
    parser.add_argument("--subset")
    parser.add_argument("--split")
    parser.add_argument("--rows", type=int, default=3)
    parser.add_argument("--view", default="normalized")
    _add_origin(parser)


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


def _fetch(commands: Any) -> None:
    parser = _command(
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


def _lock(commands: Any) -> None:
    parser = _command(commands, "lock", _run_lock, "Record what sources are now in a lockfile.")
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


def _build(commands: Any) -> None:
    parser = _command(commands, "build", _run_build, "Build a training set from a recipe.")
    parser.add_argument("recipe", help="a TOML file, see examples/recipes")
    parser.add_argument("--out", required=True, help="folder to write")
    parser.add_argument("--origin", choices=["hub", "sample"], default="hub")
    parser.add_argument(
        "--replace-edited", action="store_true",
        help="replace an earlier result although its files were changed",
    )  # fmt: skip


def _run_build(chosen: argparse.Namespace) -> int:
    print(mk.build(chosen.recipe, out=chosen.out, origin=chosen.origin,
                   replace_edited=chosen.replace_edited))  # fmt: skip
    return 0


def _verify(commands: Any) -> None:
    parser = _command(
        commands, "verify", _run_verify,
        "Check what was built: files, numbers, licences and holdouts, without a network; exits with 1 "
        "when something is wrong, with 2 when it cannot tell.",
    )  # fmt: skip
    parser.add_argument("out", help="the folder that was built")
    parser.add_argument("--against", action="append", default=[], metavar="FILE",
                        help="a file of fingerprints to search for as well; may be repeated")  # fmt: skip
    parser.add_argument("--report", type=_table_file,
                        help="write every finding to this .jsonl, .csv or .parquet file")  # fmt: skip


def _run_verify(chosen: argparse.Namespace) -> int:
    report = mk.verify(chosen.out, holdouts=[mk.Holdout.load(name) for name in chosen.against])
    print(report)
    if chosen.report:
        print(f"Every finding is listed in {report.save(chosen.report)}")
    unchecked = report.by("code").get("unchecked", 0)
    return 1 if len(report.findings) > unchecked else 2 if unchecked else 0


def _retract(commands: Any) -> None:
    parser = _command(commands, "retract", _run_retract,
                      "Take rows out of what was built, with their relatives.")  # fmt: skip
    parser.add_argument("out", help="the folder that was built")
    parser.add_argument("--items", nargs="+", default=[], metavar="ID", help="ids of rows")
    parser.add_argument("--against", metavar="FILE", help="fingerprints of items to take out")
    parser.add_argument("--source", help="a source of which all rows go")


def _run_retract(chosen: argparse.Namespace) -> int:
    held = mk.Holdout.load(chosen.against) if chosen.against else None
    print(*mk.retract(chosen.out, items=chosen.items, holdout=held, source=chosen.source), sep="\n")
    return 0


def _check(commands: Any) -> None:
    parser = _command(
        commands, "check", _run_check,
        "Look for held-out items in a training file; exits with 1 when there are any, with 2 when "
        "it cannot tell.",
    )  # fmt: skip
    parser.add_argument("data", help="a .jsonl, .parquet or .csv file, in any layout with text")
    parser.add_argument("--against", action="append", required=True, metavar="HOLDOUT",
                        help="name of a holdout, or a file of fingerprints; may be repeated")  # fmt: skip
    parser.add_argument(
        "--report",
        type=_table_file,
        help="write every match, with both scores, to this .jsonl, .csv or .parquet file",
    )
    parser.add_argument("--partial", action="store_true",
                        help="take a holdout of files that lack some of its rows")  # fmt: skip
    _add_origin(parser)


def _run_check(chosen: argparse.Namespace) -> int:
    rows = mk.training_rows(chosen.data)
    report = mk.search(rows, reduce(or_, [_held(name, chosen) for name in chosen.against]))
    print(report)
    if chosen.report:
        print(f"Every match is listed in {report.save(chosen.report)}")
    elif len(report.findings):
        print("--report FILE lists every match")
    return 1 if report.dropped else 0


def _validate(commands: Any) -> None:
    parser = _command(
        commands, "validate", _run_validate,
        "Look for what spoils a training file; exits with 1 when there are errors.",
    )  # fmt: skip
    parser.add_argument("data", help="a .jsonl, .parquet or .csv file, in any layout with text")
    parser.add_argument("--checks", nargs="+", metavar="CODE", help="only these; all by default")
    parser.add_argument("--report", type=_table_file, help="write every finding to this file")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def _run_validate(chosen: argparse.Namespace) -> int:
    report = mk.validate(mk.training_rows(chosen.data), checks=chosen.checks)
    print(report.to_json() if chosen.json else report)
    if chosen.report:
        print(f"Every finding is listed in {report.save(chosen.report)}", file=sys.stderr)
    return 1 if report.counts["errors"] else 0


def _license(commands: Any) -> None:
    parser = _command(
        commands, "license", _run_license,
        "Say what sources permit together; with --use, exits with 1 unless that is a plain yes.",
    )  # fmt: skip
    parser.add_argument("names", nargs="+", metavar="NAME")
    parser.add_argument("--use", choices=get_args(mk.catalog.Use))
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")


def _run_license(chosen: argparse.Namespace) -> int:
    verdict = mk.license(chosen.names)
    print(verdict.to_json() if chosen.json else verdict)
    return 0 if chosen.use is None or verdict.uses[chosen.use] == "yes" else 1


def _table_file(name: str) -> str:
    """Check the ending before any work is done."""
    if Path(name).suffix not in (".csv", ".jsonl", ".parquet"):
        raise argparse.ArgumentTypeError(f"{name!r} ends in none of .csv, .jsonl, .parquet")
    return name


def _held(name: str, chosen: argparse.Namespace) -> mk.Holdout:
    if Path(name).is_file():
        return mk.Holdout.load(name)
    return mk.Holdout.named(name, origin=chosen.origin, path=chosen.path, partial=chosen.partial)


def _holdouts(commands: Any) -> None:
    _command(commands, "holdouts", _run_holdouts, "List the named holdouts and what they protect.")


def _run_holdouts(_: argparse.Namespace) -> int:
    listed = mk.holdouts()
    print(listed)
    for holdout in listed:
        if holdout.leaves_in:
            print(f"note: {holdout.name}: {holdout.leaves_in}")
    return 0


def _warm_up(commands: Any) -> None:
    _command(
        commands, "warm", _run_warm, "Compile ahead what is otherwise compiled at the first call."
    )


def _run_warm(_: argparse.Namespace) -> int:
    print(f"compiled kernels are in the cache ({mk.warm():.1f} s)")
    return 0


def _add_origin(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--origin", choices=["hub", "sample"], default="hub",
                        help="sample: invented rows embedded in the package")  # fmt: skip
    parser.add_argument("--path", help="a local folder, archive or file")
