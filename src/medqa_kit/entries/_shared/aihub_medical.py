"""AI-Hub 71874 and 71875: two deliveries of one layout, questions and the texts they rest on."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from medqa_kit.catalog import Layout, Part, Reading
from medqa_kit.entries._shared.aihub import by_hand
from medqa_kit.entries._shared.medical_knowledge import RECORD, TEXTS, normalize, texts
from medqa_kit.schemas import QA, TEXT

SPLITS = {"train": ("Training", "T"), "validation": ("Validation", "V")}

QUIRKS = (
    "Options stand inside `question` upstream, each as 'n) …' on a line of its own; they are parted "
    "at line starts only, never at a number and a parenthesis inside a stem. `question` is the stem; options keep the "
    "blanks at their ends.",
    "A choice question (q_type 1) whose options cannot be parted, or whose answer is none of them "
    "or gives the number of one option with the words of another, "
    "is an error, or set aside with on_bad='drop'; it never becomes an open question.",
    "What an answer says beyond the option it names is `rationale`.",
    "`tags` hold the department's name and the type: choice, short or long. A department beyond 1 "
    "to 17 and a type beyond 1 to 3 are errors.",
    "The texts the questions rest on are the subset 'texts', by name only: mk.load(…, "
    'subset="texts"). Their `title` is the column source_spec; keep=["domain", "source", '
    '"creation_year"] carries the rest along. They are Korean or English, which is not told, so '
    "they have no language.",
    "Files are UTF-8 with a byte order mark, one object each. A number in c_id, source or "
    "creation_year is taken as its digits, since their types are not documented.",
    "Training is told from validation by the beginning of the folder or zip: TL_ and VL_ for "
    "questions, TS_ and VS_ for texts.",
    "qa_id codes the house that wrote the item, by its first digit as it seems: 1 보라매, 2 삼성서울, "
    "3 서울대, 4 서울성모, 5 세브란스, 6 크라우드웍스. The id begins with it.",
    "komedqa is the open twin with the same columns; equal questions there and here are one family.",
)


def knowledge_questions(raw: pa.Table) -> pa.Table:
    """Read the questions, all of which are Korean."""
    table = normalize(raw)
    return table.append_column("language", pa.repeat(pa.scalar("ko"), raw.num_rows))


def layout(number: int, *, folder: str) -> Layout:
    """Return the layout of the training questions of one set.

    Args:
        number: AI-Hub's number of the set.
        folder: Name of the folder it is delivered in.
    """
    expect = (
        f"the folder {folder!r}, with Training and Validation in it and TL_…, VL_…, TS_… and VS_… "
        "below them as folders or zips"
    )
    return Layout(
        at=by_hand(number, expect=expect, secure=True),
        files="**/TL_*/**/*.json",
        read=Reading(format="json-tree"),
        raw=pa.schema(RECORD),
        schema=QA,
        normalize=knowledge_questions,
        extra="ignore",
        repeats=True,
    )


def parts(questions: Layout) -> tuple[Part, ...]:
    """Return the parts: questions and texts of training and validation."""
    articles = replace(
        questions,
        raw=pa.schema(TEXTS),
        schema=TEXT,
        normalize=texts,
        read=Reading(format="json-tree", number_as_text=("c_id", "source", "creation_year")),
        repeats=False,
    )
    asked = [
        Part("questions", split, upstream=name, layout=replace(questions, files=_files(f"{mark}L")))
        for split, (name, mark) in SPLITS.items()
    ]
    read = [
        Part("texts", split, upstream=name, layout=replace(articles, files=_files(f"{mark}S")),
             by_name_only="texts, not questions", named_by="subset")
        for split, (name, mark) in SPLITS.items()
    ]  # fmt: skip
    return (*asked, *read)


def _files(mark: str) -> str:
    return f"**/{mark}_*/**/*.json"
