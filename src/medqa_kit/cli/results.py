"""Commands that build training sets, and change or check them."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

import medqa_kit as mk
from medqa_kit.cli.commands import FAILED, FINE, FOUND, GATE_CLOSED, Command, Printout
from medqa_kit.cli.words import (
    FILE,
    FOLDER,
    RECIPE,
    SOURCE,
    add_cache,
    add_findings,
    add_num_proc,
    add_origin,
    add_settings,
    add_token,
    code_of,
    completes,
    reported,
    settings_of,
)
from medqa_kit.core.atomic import write_text


def _recipes_words(parser: ArgumentParser) -> None:
    completes(parser.add_argument("--copy", metavar="NAME", help="copy one, with those it extends, to change it"),
              RECIPE)  # fmt: skip
    completes(
        parser.add_argument("--to", metavar="FOLDER", help="where to copy it; here by default"),
        FOLDER,
    )


def _recipes(chosen: Namespace) -> Printout:
    if not chosen.copy:
        if chosen.to is not None:
            raise mk.errors.ArgumentError("--to says where a copy goes, and nothing is copied", expected="--copy NAME",
                                          found=f"--to {chosen.to}", hint="medqa-kit recipes lists the names")  # fmt: skip
        return Printout(mk.shipped_recipes())
    copies = list(map(str, mk.copy_recipe(chosen.copy, chosen.to or ".")))
    return Printout({"copies": copies}, text="\n".join(copies))


def _plan_words(parser: ArgumentParser) -> None:
    _add_recipe(parser)
    add_origin(parser)
    _add_lock(parser)
    add_settings(parser)
    completes(parser.add_argument("--html", metavar="FILE", help="write the plan as a page"), FILE)
    add_cache(parser)


def _plan(chosen: Namespace) -> Printout:
    outlook = mk.plan(chosen.recipe, origin=chosen.origin, cache_dir=chosen.cache_dir,
                      settings=settings_of(chosen), lock=chosen.lock, frozen=chosen.frozen)  # fmt: skip
    if chosen.html:
        write_text(chosen.html, outlook.to_html())
    notes = [f"Written to {chosen.html}"] if chosen.html else []
    return Printout(outlook, code_of(outlook.problems.num_rows), notes=notes)


def _build_words(parser: ArgumentParser) -> None:
    _add_recipe(parser)
    completes(
        parser.add_argument("--out", required=True, metavar="FOLDER", help="folder to write"),
        FOLDER,
    )
    add_origin(parser)
    _add_lock(parser)
    add_settings(parser)
    completes(parser.add_argument("--without-ids", metavar="FILE", help="ids of rows to leave out with their relatives, "
                                  "one a line"), FILE)  # fmt: skip
    _add_writing(parser)
    parser.add_argument("--engine", choices=["local", "ray", "spark"], default="local",
                        help="workers that search and write rows; local by default")  # fmt: skip
    add_num_proc(parser)
    add_cache(parser)
    add_token(parser)


def _build(chosen: Namespace) -> Printout:
    return Printout(mk.build(
        chosen.recipe, out=chosen.out, origin=chosen.origin, cache_dir=chosen.cache_dir,
        num_proc=chosen.num_proc, token=chosen.token, replace_edited=chosen.replace_edited,
        lock=chosen.lock, frozen=chosen.frozen, settings=settings_of(chosen), processes=chosen.processes,
        engine=chosen.engine, log=chosen.log, quiet=chosen.quiet,
        junit=chosen.junit, without_ids=chosen.without_ids or (),
    ))  # fmt: skip


def _remix_words(parser: ArgumentParser) -> None:
    _add_out(parser)
    _add_recipe(parser)
    completes(parser.add_argument("--to", metavar="FOLDER", help="folder to write; by default the result is replaced"),
              FOLDER)  # fmt: skip
    add_settings(parser)
    _add_writing(parser)
    add_cache(parser)


def _remix(chosen: Namespace) -> Printout:
    return Printout(mk.remix(
        chosen.out, chosen.recipe, to=chosen.to, settings=settings_of(chosen), cache_dir=chosen.cache_dir,
        processes=chosen.processes, replace_edited=chosen.replace_edited, junit=chosen.junit, log=chosen.log,
        quiet=chosen.quiet,
    ))  # fmt: skip


def _verify_words(parser: ArgumentParser) -> None:
    _add_out(parser)
    completes(parser.add_argument("--against", action="append", default=[], metavar="FILE",
                                  help="a file of fingerprints to search for as well; may be repeated"),
              FILE)  # fmt: skip
    add_cache(parser)
    add_findings(parser)


def _verify(chosen: Namespace) -> Printout:
    report = mk.verify(chosen.out, holdouts=[mk.Holdout.load(name) for name in chosen.against],
                       cache_dir=chosen.cache_dir)  # fmt: skip
    unchecked = report.by("code").get("unchecked", 0)
    code = FOUND if len(report.findings) > unchecked else FAILED if unchecked else FINE
    return reported(report, chosen, code=code)


def _retract_words(parser: ArgumentParser) -> None:
    _add_out(parser)
    named = parser.add_mutually_exclusive_group()
    named.add_argument("--items", nargs="+", default=[], metavar="ID", help="ids of rows")
    completes(named.add_argument("--without-ids", metavar="FILE", help="ids of rows: text with one per line, or a table "
                                  "with a column id"), FILE)  # fmt: skip
    completes(
        parser.add_argument("--against", metavar="FILE", help="fingerprints of items to take out"),
        FILE,
    )
    completes(
        parser.add_argument(
            "--source", metavar="NAME", help="a source: all its rows are taken out"
        ),
        SOURCE,
    )


def _retract(chosen: Namespace) -> Printout:
    holdout = mk.Holdout.load(chosen.against) if chosen.against else None
    named = chosen.without_ids or chosen.items
    build, report = mk.retract(chosen.out, items=named, holdout=holdout, source=chosen.source)
    both = {"build": json.loads(build.to_json()), "report": json.loads(report.to_json())}
    return Printout(both, text=f"{build}\n{report}")


def _why_words(parser: ArgumentParser) -> None:
    _add_out(parser)
    parser.add_argument("id", metavar="ID", help="the id of a row of any source")


def _why(chosen: Namespace) -> Printout:
    fate = mk.why(chosen.out, chosen.id)
    return Printout(fate, FINE if fate.status == "kept" else FOUND)


def _diff_words(parser: ArgumentParser) -> None:
    for name, about in (("before", "the folder of one build"), ("after", "the folder of another")):
        completes(parser.add_argument(name, metavar=name.upper(), help=about), FOLDER)
    add_findings(parser)


def _diff(chosen: Namespace) -> Printout:
    difference = mk.diff(chosen.before, chosen.after)
    return reported(difference, chosen, code=code_of(len(difference.report.findings)))


def _add_recipe(parser: ArgumentParser) -> None:
    completes(parser.add_argument("recipe", metavar="RECIPE",
                                  help="a TOML file, or a name that medqa-kit recipes lists"), RECIPE)  # fmt: skip


def _add_lock(parser: ArgumentParser) -> None:
    completes(parser.add_argument("--lock", metavar="FILE", help="a lockfile that sources are held to; a build records "
                                  "in it what it does not know"), FILE)  # fmt: skip
    parser.add_argument("--frozen", action="store_true",
                        help="the lockfile must have all facts, and no network is used")  # fmt: skip


def _add_writing(parser: ArgumentParser) -> None:
    """Add the words about how a result is written."""
    parser.add_argument("--junit", metavar="FILE",
                        help="write what was measured at the recipe's gates as JUnit XML; a closed gate exits with 4")  # fmt: skip
    parser.add_argument(
        "--replace-edited", action="store_true",
        help="replace an earlier result even if its files were changed, or if rows that were taken out of it come back",
    )  # fmt: skip
    parser.add_argument("--log", metavar="FILE", help="add a line for each stage to a file")
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    parser.add_argument("--processes", type=int, default=1, metavar="N",
                        help="how many processes write rows; 1 by default")  # fmt: skip


def _add_out(parser: ArgumentParser) -> None:
    completes(
        parser.add_argument("out", metavar="FOLDER", help="the folder that was built"), FOLDER
    )


RESULT_COMMANDS = (
    Command("recipes", "List the recipes that come with the package.", _recipes_words, _recipes,
            "medqa-kit recipes --copy korean_sft --to recipes"),
    Command("plan", "Describe what a build would do, before anything is fetched: the mix, rows by stage, licences, leaks, "
            "room and time.", _plan_words, _plan, "medqa-kit plan korean_exam_sft --origin sample",
            {FOUND: "it cannot be built, for the problems that are listed"}),
    Command("build", "Build a training set from a recipe.", _build_words, _build,
            "medqa-kit build korean_exam_sft --origin sample --out build/korean_exam_sft",
            {GATE_CLOSED: "the result is not what the gates of the recipe allow"}),
    Command("remix", "Make a result again with a changed recipe, without reading its sources.", _remix_words, _remix,
            "medqa-kit remix build/korean_exam_sft korean_exam_sft --set split.validation=0.2",
            {GATE_CLOSED: "the result is not what the gates of the recipe allow"}),
    Command("verify", "Check a result: files, numbers, licences and holdouts, without a network.",
            _verify_words, _verify, "medqa-kit verify build/korean_exam_sft",
            {FOUND: "something is wrong", FAILED: "it cannot tell"}),
    Command("retract", "Take rows out of a result, with their relatives.", _retract_words, _retract,
            "medqa-kit retract build/korean_exam_sft --source kormedlawqa"),
    Command("why", "Show what happened to a row in a build: kept, dropped or never read, and why, without a network.",
            _why_words, _why, "medqa-kit why build/korean_exam_sft sample:kormedmcqa/doctor/2012-1-1",
            {FOUND: "the row was not kept"}),
    Command("diff", "Compare two builds: rows that were added, removed, moved or changed, and why, without a network.",
            _diff_words, _diff, "medqa-kit diff build/korean_exam_sft build/korean_exam_sft",
            {FOUND: "rows differ"}),
)  # fmt: skip
