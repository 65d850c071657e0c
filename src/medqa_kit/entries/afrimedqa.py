r"""AfriMed-QA: questions of clinicians and others in sixteen African countries, in three kinds.

A raw row, invented; the one file holds all kinds and both splits::

    {"sample_id": "0f0f0f", "question_type": "mcq", "prompt": "", "question": "Which is it? ",
     "question_clean": "Which is it?", "answer_options":
     "{\"option1\": \"Vitamin A\", \"option2\": \"Vitamin C\", \"option3\": \"N/A\"}",
     "correct_answer": "option2", "answer_rationale": "Collagen needs it.", "specialty": "Other",
     "tier": "expert", "country": "NG", "split": "train"}
"""

from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Protection, Source
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import (
    blank_to_null,
    letter_index,
    pick,
    positions,
    present,
    truths,
    whole,
)
from medqa_kit.core.arrow.ragged import flat, nested
from medqa_kit.entries._shared.benchmark_form import COPIES_IN_THE_FORM, benchmark_layout
from medqa_kit.normalizing import RAW_ROW
from medqa_kit.normalizing.labels import check_labels, not_an_option
from medqa_kit.normalizing.option_lists import spaced_options
from medqa_kit.schemas import QA

NAMES = ("sample_id", "question_type", "prompt", "question", "question_clean", "answer_options",
         "correct_answer", "answer_rationale", "specialty", "tier", "country", "split")  # fmt: skip
KINDS, SPLITS = ("mcq", "saq", "consumer_queries"), ("train", "test")
NOTHING = r"(?i)^\s*(n/?a|none|null)?\s*$"
NUMBER = r"^\s*option(?P<number>[1-9])\s*$"
SEVERAL = "several right options"


def of_kind(raw: pa.Table, *, kind: str, split: str) -> pa.Table:
    """Normalise the rows of one kind and split, and leave the others to their parts.

    Raises:
        LabelError: A row is of a kind or a split nobody knows, so that it would be in no part.
    """
    check_labels(pc.fill_null(_kind(raw), ""), KINDS, column="question_type")
    check_labels(pc.fill_null(raw["split"], ""), SPLITS, column="split")
    rows = pa.array(positions(_meant(raw, kind, split)), pa.int64())
    return answered(raw.take(rows), kind=kind).append_column(RAW_ROW, rows)


def answered(raw: pa.Table, *, kind: str) -> pa.Table:
    """Normalise rows of one kind: with options, with a short answer, or with a scenario and no answer."""
    question = pc.coalesce(blank_to_null(raw["question_clean"]), raw["question"])
    columns = {"id": raw["sample_id"], "question": question}
    rationale = blank_to_null(raw["answer_rationale"])
    tags = [raw["specialty"], raw["tier"], raw["country"]]
    if kind == "mcq":
        columns |= choice(raw) | {"rationale": rationale}
        several = pc.match_substring(pc.fill_null(raw["correct_answer"], ""), ",")
        tags.append(pc.if_else(several, SEVERAL, pa.scalar(None, pa.string())))
    elif kind == "saq":
        columns["answer"] = rationale
    else:
        columns["context"] = blank_to_null(raw["prompt"])
    return pa.table(columns | {"tags": present(*tags)})


def copied_choices(raw: pa.Table) -> pa.Table:
    """Normalise a copy in the common benchmark form, in which N/A is an option with a letter."""
    number = pc.add(letter_index(raw["answer_idx"]), pa.scalar(1, pa.int32())).cast(pa.string())
    told = {
        "sample_id": raw["realidx"],
        "question": raw["question"],
        "answer_options": raw["options"],
        "correct_answer": pc.binary_join_element_wise("option", number, ""),
        "answer_rationale": raw["reason"],
    }
    nothing = pa.nulls(raw.num_rows, pa.string())
    return answered(pa.table({name: told.get(name, nothing) for name in NAMES}), kind="mcq")


def of_other_parts(raw: pa.Table, *, kind: str, split: str) -> dict[str, np.ndarray]:
    """Find the rows of other kinds and splits."""
    return {"row_of_another_part": ~truths(_meant(raw, kind, split))}


def _kind(raw: pa.Table) -> pa.ChunkedArray:
    return pc.replace_substring(pc.utf8_lower(raw["question_type"]), " ", "_")


def _meant(raw: pa.Table, kind: str, split: str) -> pa.ChunkedArray:
    named = _kind(raw)
    return pc.and_(pc.equal(named, kind), pc.equal(raw["split"], split))


def choice(raw: pa.Table) -> dict[str, pa.Array]:
    """Leave out options that say N/A, and find the right one among the others.

    Raises:
        AnswerError: The answer names no option of its row.
    """
    options, places = without_nothing(spaced_options(raw["answer_options"]))
    said = whole(raw["correct_answer"])
    number = pc.struct_field(pc.extract_regex(said, NUMBER), "number").cast(pa.int64())
    index = pick(places, pc.subtract(number, 1))
    single = pc.and_(pc.is_valid(blank_to_null(said)), pc.invert(pc.match_substring(said, ",")))
    if bad := positions(pc.and_(single, pc.is_null(index))):
        raise not_an_option(said, bad, column="correct_answer",
                            expected="the key of one option that says something")  # fmt: skip
    return {
        "options": options,
        "answer_index": index.cast(pa.int32()),
        "answer": pick(options, index),
    }


def without_nothing(options: pa.ListArray) -> tuple[pa.ListArray, pa.ListArray]:
    """Return options without those that say N/A, and where each of all stands among the rest.

    Example:
        >>> rest, places = without_nothing(pa.array([["N/A", "x", "y"]]))
        >>> rest.to_pylist(), places.to_pylist()
        ([['x', 'y']], [[None, 0, 1]])
    """
    parts = flat(options)
    said = ~np.asarray(pc.fill_null(pc.match_substring_regex(parts.values, NOTHING), True), bool)
    counts = np.bincount(parts.parents[said], minlength=len(options))
    before = np.cumsum(said) - 1
    first = np.concatenate([[0], np.cumsum(counts)])[parts.parents]
    places = pa.array(before - first, mask=~said)
    null = np.asarray(options.is_null(), bool)
    rest = nested(parts.values.filter(pa.array(said)), counts, null=null)
    return rest, nested(places, parts.ends - parts.starts, null=null)


LAYOUT = Layout(
    at=Hub("afrimedqa/afrimedqa_v2", revision="3b4382fa0bb51bfc026f5813021ab0ec7be9de8f"),
    files="afri_med_qa_15k_*.csv",
    raw=pa.schema([(name, pa.string()) for name in NAMES]),
    schema=QA,
    normalize=partial(of_kind, kind="mcq", split="test"),
    extra="ignore",
)
COPY = replace(
    benchmark_layout(LAYOUT.at, "**{upstream}.jsonl", keyed=True),
    normalize=copied_choices,
    distribution=COPIES_IN_THE_FORM,
    also=(),
)


def _part(kind: str, split: str, rows: int | None = None) -> Part:
    normalize = partial(of_kind, kind=kind, split=split)
    others = partial(of_other_parts, kind=kind, split=split)
    layout = replace(
        LAYOUT, normalize=normalize, passed_over=others, also=(COPY,) if kind == "mcq" else ()
    )
    return Part(kind, split, rows, layout=layout, exact=False, evaluation=split == "test")


SOURCE = Source(
    name="afrimedqa",
    title="AfriMed-QA",
    about="English medical questions from sixteen African countries: with options, with a short "
    "answer, and of patients without one.",
    language=("en",),
    layout=LAYOUT,
    parts=(
        _part("mcq", "train"),
        _part("mcq", "test"),
        _part("saq", "train"),
        _part("saq", "test"),
        _part("consumer_queries", "train", 8366),
        _part("consumer_queries", "test", 1634),
    ),
    holdouts=(
        Protection("afrimedqa-mcq-test", subset="mcq", split="test",
                   reason="the questions with options that upstream and harnesses score",
                   protects=("lm_eval/afrimedqa", "lm_eval/afrimedqa_mcq")),
        Protection("afrimedqa-open-test", split="test", default=False,
                   reason="all kinds of the test split: people judge replies to the open ones"),
    ),
    license=(
        Claim("CC-BY-4.0", "front matter of the card of afrimedqa/afrimedqa_v2"),
        Claim("CC-BY-NC-SA-4.0", "README of github intron-innovation/AfriMed-QA, and the card of "
              "intronhealth/afrimedqa_v2, the same set behind terms to accept"),
    ),
    citation="""@inproceedings{olatunji2025afrimedqa,
  title     = {AfriMed-QA: A Pan-African, Multi-Specialty, Medical Question-Answering Benchmark
               Dataset},
  author    = {Tobi Olatunji and Charles Nimo and Abraham Owodunni and Tassallah Abdullahi and others},
  booktitle = {Proceedings of the 63rd Annual Meeting of the Association for Computational
               Linguistics},
  year      = {2025},
  note      = {arXiv:2411.15640}
}""",
    derived_from=(Parent("african_medical_schools", "written for the set by 621 people, some of "
                         "whom are clinicians", catalogued=False),),
    quirks=(
        "One CSV file holds all 15,275 rows. The kind (`question_type`) makes the subsets here, the "
        "column `split` the splits; the hub's own viewer calls all of it train.",
        "Options are an object option1 to option5 written as text, in which N/A means there is none, "
        "at any place: these are left out, and the right option is counted among the rest.",
        "Some questions have several right options: they have no `answer`, and the tag "
        "'several right options'; keep=['correct_answer'] shows them. Harnesses differ in whether they "
        "score them.",
        "The text is `question_clean` where there is one; upstream lost line breaks of some laboratory "
        "values, and put blanks in their place.",
        "consumer_queries are questions of patients without any answer, each under a scenario, which is "
        "in `context`. The answer of saq rows is the rationale of whoever wrote the question.",
        "Specialty, tier (expert or crowdsourced) and country are in `tags`; who wrote a question and "
        "how it was rated is in other columns, which are passed over.",
        "Copies in the common benchmark form keep upstream's id in `realidx`, and N/A as an option with a "
        "letter: a path= to one gives the rows as here.",
        "Two claims on the licence: the open copy says CC-BY, the authors' pages CC-BY-NC-SA.",
        "Counts are second-hand; those of questions with options and short answers are not known.",
    ),
)  # fmt: skip
