"""Commands that check files of training data."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from functools import reduce
from operator import or_
from pathlib import Path

import medqa_kit as mk
from medqa_kit.cli.annotations import github_lines, with_lines
from medqa_kit.cli.commands import FAILED, FINE, FOUND, Command, Printout
from medqa_kit.cli.words import (
    CHECK,
    FILE,
    HOLDOUT,
    SOURCE,
    add_cache,
    add_origin,
    add_path,
    add_rows,
    add_sources,
    add_token,
    code_of,
    completes,
    names_file,
    reported,
    training_table,
)
from medqa_kit.core.arguments import number
from medqa_kit.core.atomic import write_text


def _check_words(parser: ArgumentParser) -> None:
    add_rows(parser)
    completes(parser.add_argument("--against", action="append", required=True, metavar="HOLDOUT",
                                  help="name of a holdout, or a file of fingerprints; may be repeated"),
              HOLDOUT)  # fmt: skip
    parser.add_argument("--partial", action="store_true",
                        help="take a holdout of files that lack some of its rows")  # fmt: skip
    _add_github(parser)
    add_origin(parser)
    add_path(parser)
    parser.add_argument("--revision", help="of the holdouts' sources, the pinned one by default")
    add_cache(parser)
    add_token(parser)


def _check(chosen: Namespace) -> Printout:
    rows = training_table(chosen.data)
    report = mk.search(rows, reduce(or_, [_holdout_of(name, chosen) for name in chosen.against]))
    report = with_lines(report, chosen.data)
    notes = (
        ["--report FILE lists every match"] if len(report.findings) and not chosen.report else []
    )
    text = github_lines(report, chosen.data, title="held-out item") if chosen.github else None
    return reported(report, chosen, code=code_of(report.dropped), text=text, notes=notes)


def _fingerprint_words(parser: ArgumentParser) -> None:
    completes(parser.add_argument("exam", metavar="EXAM", help="a file of items in any layout with text (as check reads "
                                  "it), or a source"), SOURCE)  # fmt: skip
    completes(parser.add_argument("--to", required=True, metavar="FILE", help="where the fingerprints go, such as "
                                  "exam.holdout; they hold no text"), FILE)  # fmt: skip
    parser.add_argument("--reason", required=True, help="why the items must not be trained on")
    parser.add_argument("--name", help="a name for reports; that of the file or source by default")
    parser.add_argument("--protects", action="append", default=[], metavar="SCORE",
                        help="a score that training on them would spoil; may be repeated")  # fmt: skip
    parser.add_argument("--subset", help="of the source; all by default")
    parser.add_argument("--split", default="test", help="of the source; test by default")
    parser.add_argument(
        "--replace", action="store_true", help="replace a file of fingerprints that is there"
    )
    add_origin(parser)
    add_path(parser)
    add_cache(parser)
    add_token(parser)


def _fingerprint(chosen: Namespace) -> Printout:
    to = Path(chosen.to)
    if to.exists():
        if not chosen.replace:
            raise mk.errors.ArgumentError("something of this name is there", argument="--to", expected="a new name",
                                          found=str(to), hint="--replace writes the fingerprints anew")  # fmt: skip
        mk.Holdout.load(to)  # nothing else is replaced
    is_file = names_file(chosen.exam)
    exam = mk.training_rows(chosen.exam) if is_file else mk.load(
        chosen.exam, subset=chosen.subset, split=chosen.split, origin=chosen.origin, path=chosen.path,
        cache_dir=chosen.cache_dir, token=chosen.token)  # fmt: skip
    name = chosen.name or (Path(chosen.exam).name.partition(".")[0] if is_file else chosen.exam)
    holdout = mk.Holdout.from_rows(exam, reason=chosen.reason, protects=chosen.protects, name=name)
    holdout.save(to)
    return Printout(
        {"file": str(to), "name": name, "items": len(holdout)}, text=f"{holdout}\nWritten to {to}"
    )


def _validate_words(parser: ArgumentParser) -> None:
    add_rows(parser)
    completes(parser.add_argument("--checks", nargs="+", metavar="CODE", help="only these; all by default"),
              CHECK)  # fmt: skip
    _add_github(parser)


def _validate(chosen: Namespace) -> Printout:
    report = mk.validate(training_table(chosen.data), checks=chosen.checks)
    report = with_lines(report, chosen.data)
    text = github_lines(report, chosen.data, title="training row") if chosen.github else None
    return reported(report, chosen, code=code_of(report.counts["errors"]), text=text)


def _scripts_words(parser: ArgumentParser) -> None:
    add_rows(parser)
    parser.add_argument(
        "--script", default="khmer", help="khmer, hangul, latin, han, ...; khmer by default"
    )
    parser.add_argument(
        "--columns", nargs="+", metavar="NAME", help="all that hold texts by default"
    )
    parser.add_argument("--definition", choices=["relaxed", "strict", "pure"], default="strict",
                        help="what --least is of; strict by default")  # fmt: skip
    parser.add_argument(
        "--least",
        type=float,
        metavar="SHARE",
        help="exit with 1 if fewer rows are in the script, from 0 to 1",
    )


def _scripts(chosen: Namespace) -> Printout:
    if chosen.least is not None:
        number("least", chosen.least, least=0, most=1, hint="a share, such as 0.3")
    rows = training_table(chosen.data)
    report = mk.script_report(rows, script=chosen.script, columns=chosen.columns)
    short = chosen.least is not None and report.counts[chosen.definition] < chosen.least
    return reported(with_lines(report, chosen.data), chosen, code=code_of(short))


def _score_words(parser: ArgumentParser) -> None:
    completes(parser.add_argument("replies", metavar="REPLIES", help="JSON Lines with id and completion, samples "
                                  "of lm-eval, or an inspect_ai log as JSON"), FILE)  # fmt: skip
    completes(parser.add_argument("--exam", required=True, metavar="NAME",
                                  help="a source, or a file of rows with id, question, options, answer_index"),
              SOURCE)  # fmt: skip
    parser.add_argument("--subset", help="of the source; all by default")
    parser.add_argument("--split", default="test", help="of the source; test by default")
    parser.add_argument(
        "--rule", action="append", help="how answers are read; may be repeated to compare"
    )
    parser.add_argument(
        "--by", nargs="+", default=[], metavar="COLUMN", help="columns of the exam to group by"
    )
    completes(parser.add_argument("--training", metavar="FILE", help="a training file: items found in it are "
                                  "scored apart"), FILE)  # fmt: skip
    add_origin(parser)
    add_path(parser)
    add_cache(parser)
    add_token(parser)


def _score(chosen: Namespace) -> Printout:
    if names_file(chosen.exam):
        exam = mk.training_rows(chosen.exam)
    else:
        exam = mk.load(chosen.exam, subset=chosen.subset, split=chosen.split, origin=chosen.origin,
                       path=chosen.path, cache_dir=chosen.cache_dir, token=chosen.token)  # fmt: skip
    touched = None
    if chosen.training:
        exam_items = mk.Holdout.from_rows(exam, reason="the exam that is scored")
        touched = mk.search(mk.training_rows(chosen.training), exam_items)
    return Printout(mk.score(chosen.replies, exam, rule=chosen.rule or "robust", by=chosen.by,
                            contamination=touched))  # fmt: skip


def _audit_words(parser: ArgumentParser) -> None:
    completes(parser.add_argument("data", metavar="DATA", help="a source of the catalogue, or a folder with data "
                                  "and README.md"), SOURCE)  # fmt: skip
    for option, about in (("--claims", "a TOML file of claims, instead of those known"),
                          ("--card", "a card to read claims from as well"),
                          ("--html", "write the result as a page")):  # fmt: skip
        completes(parser.add_argument(option, metavar="FILE", help=about), FILE)
    add_origin(parser)
    add_path(parser)
    add_cache(parser)


def _audit(chosen: Namespace) -> Printout:
    audit = mk.audit(chosen.data, claims=chosen.claims, card=chosen.card, origin=chosen.origin,
                     path=chosen.path, cache_dir=chosen.cache_dir)  # fmt: skip
    notes = []
    if chosen.html:
        write_text(chosen.html, audit.to_html())
        notes = [f"Written to {chosen.html}"]
    verdicts = audit.by_verdict()
    code = FOUND if "differs" in verdicts else FAILED if "unclear" in verdicts else FINE
    return Printout(audit, code, notes=notes)


def _leak_map_words(parser: ArgumentParser) -> None:
    add_sources(parser, nargs="*", about="training sources; all by default")
    completes(parser.add_argument("--holdouts", nargs="+", metavar="NAME", help="those of recipes by default"),
              HOLDOUT)  # fmt: skip
    add_origin(parser)
    parser.add_argument("--path", action="append", default=[], metavar="NAME=PATH", type=_named_path,
                        help="local files of a source; may be repeated")  # fmt: skip
    parser.add_argument("--markdown", action="store_true", help="print the matrix as Markdown")
    add_cache(parser)


def _leak_map(chosen: Namespace) -> Printout:
    leak_map = mk.leak_map(chosen.names or None, holdouts=chosen.holdouts, origin=chosen.origin,
                        paths=dict(chosen.path), cache_dir=chosen.cache_dir)  # fmt: skip
    code = code_of(any(each.found for each in leak_map.cells))
    text = leak_map.to_markdown() if chosen.markdown else None
    return Printout(leak_map, code or (FAILED if leak_map.notes else FINE), text)


def _add_github(parser: ArgumentParser) -> None:
    parser.add_argument("--github", action="store_true",
                        help="print annotations of GitHub Actions, which stand beside the lines of the file")  # fmt: skip


def _named_path(text: str) -> tuple[str, str]:
    name, sign, path = text.partition("=")
    if not sign:
        raise ArgumentTypeError(f"{text!r} is not NAME=PATH")
    return name, path


def _holdout_of(name: str, chosen: Namespace) -> mk.Holdout:
    if names_file(name, known=[each.name for each in mk.holdouts()]):
        return mk.Holdout.load(name)
    return mk.Holdout.named(name, origin=chosen.origin, path=chosen.path, partial=chosen.partial,
                            revision=chosen.revision, cache_dir=chosen.cache_dir, token=chosen.token)  # fmt: skip


CHECK_COMMANDS = (
    Command("check", "Search a training file for held-out items.", _check_words, _check,
            "medqa-kit check rows.jsonl --against kormedmcqa-official-test --origin sample",
            {FOUND: "there are held-out items", FAILED: "it cannot tell"}),
    Command("fingerprint", "Write fingerprints of an exam, which check, verify and recipes hold out; they hold no text.",
            _fingerprint_words, _fingerprint,
            'medqa-kit fingerprint kormedmcqa --origin sample --to exam.holdout --reason "we report it"'),
    Command("validate", "Find the faults of a training file.", _validate_words, _validate,
            "medqa-kit validate rows.jsonl --checks placeholder refusal", {FOUND: "there are errors"}),
    Command("scripts", "Measure how much of a file is written in a script.", _scripts_words, _scripts,
            "medqa-kit scripts rows.jsonl --script hangul --least 0.3",
            {FOUND: "less than the share of --least is, under --definition"}),
    Command("score", "Score a model's replies on an exam.", _score_words, _score,
            "medqa-kit score replies.jsonl --exam kormedmcqa --subset doctor --origin sample"),
    Command("audit", "Compare the claims of a card and of the catalogue with the data.", _audit_words, _audit,
            "medqa-kit audit rows.jsonl --claims claims.toml --json",
            {FOUND: "something differs", FAILED: "something cannot be told"}),
    Command("leak-map", "Show which training sources hold items of which benchmarks.", _leak_map_words, _leak_map,
            "medqa-kit leak-map kbmc --holdouts kormedmcqa-official-test --origin sample --json",
            {FOUND: "rows are found", FAILED: "something cannot be read"}),
)  # fmt: skip
