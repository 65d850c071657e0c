"""What the two versions of the English compilation share: columns, rules per origin, licences.

Each row names the file it was compiled from in ``source``; what its text holds depends on that.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Reading, View
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import (
    blank_to_null,
    list_lengths,
    positions,
    to_lists,
    truths,
    whole,
)
from medqa_kit.core.arrow.hashing import content_key, family_key
from medqa_kit.errors import RowError
from medqa_kit.normalizing import RAW_ROW
from medqa_kit.normalizing.labels import check_labels
from medqa_kit.schemas import QA

REASONING, EXAM, WIKI = "medical_o1_reasoning_sft", "medqa", "wiki_medical_terms"
EXTREME = "extreme_firstaid_qa_dataset"

SPACES = {
    REASONING: "o1",
    "medical_o1_verifiable_problem": "o1",
    EXAM: "medqa",
    WIKI: "wiki_medical_terms",
    "symptom_to_diagnosis": "symptom_to_diagnosis",
    "medicationqa": "medicationqa",
    "diseases_symptoms": "diseases_symptoms",
    "first_aid_dataset": "first_aid",
    "synthetic_disaster_reports": "disaster_reports",
    EXTREME: "extreme_firstaid",
}
"""Root of the family by ``source``: that of the source a row was compiled from."""

WARNING = (
    "mixes sources under different terms and, among the first-aid rows, outdated or unsafe advice; "
    "look at the tags and the licence claims before you train on it"
)
"""What every load of the compilation says."""

RAW = pa.schema(dict.fromkeys(("input", "context", "output", "source"), pa.string()))

_REASONED = r"(?s)\A<reasoning>\n(?P<thought>.*?)\n</reasoning>\n(?P<reply>.*)\z"
_LETTERED = r"\n[A-E]\) "
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def verbatim(raw: pa.Table) -> pa.Table:
    """Pair input and output as the file does, whatever they hold."""
    origin = pa.array(SPACES)
    root = pa.array(SPACES.values()).take(pc.index_in(whole(raw["source"]), value_set=origin))
    page = pc.equal(raw["source"], WIKI)  # its questions are generated; the page is what is shared
    tag = pc.binary_join_element_wise("source", blank_to_null(raw["source"]), ":")
    return pa.table(
        {
            "id": content_key(*(raw[name] for name in RAW.names)),
            "family": family_key(root, whole(pc.if_else(page, raw["context"], raw["input"]))),
            "question": raw["input"],
            "context": blank_to_null(raw["context"]),
            "answer": blank_to_null(raw["output"], markers=("n/a",)),
            "tags": pc.if_else(pc.is_valid(tag), to_lists([tag]), None),
        }
    )


def normalize(raw: pa.Table) -> pa.Table:
    """Recover what compiling put together: reasoning from answers, options from context.

    Both are taken apart only where putting them together again gives upstream's text.

    Raises:
        RowError: The text of a row is not what its origin's rows are made of.
    """
    rows = verbatim(raw)
    reasoned, exam = (
        pc.fill_null(pc.equal(raw["source"], name), False) for name in (REASONING, EXAM)
    )
    thought, reply = _reasoning(_only(reasoned, rows["answer"]))
    options = _options(exam, raw["context"])
    return pa.table(
        {
            **{name: rows[name] for name in ("id", "family", "question", "tags")},
            "context": _only(pc.invert(exam), rows["context"]),
            "options": options,
            # The output of an exam row explains the right option without naming it.
            "answer": pc.if_else(reasoned, reply, _only(pc.invert(exam), rows["answer"])),
            "rationale": pc.if_else(reasoned, thought, _only(exam, rows["answer"])),
        }
    )


def of_source(raw: pa.Table, *, name: str) -> pa.Table:
    """Normalise the rows compiled from one file, and leave those of the others to their sources.

    Raises:
        LabelError: A row names a file nobody knows: it may be of this one, spelled otherwise.
    """
    check_labels(pc.fill_null(raw["source"], ""), [*SPACES], column="source")
    rows = pa.array(positions(pc.equal(raw["source"], name)), pa.int64())
    return normalize(raw.take(rows)).append_column(RAW_ROW, rows)


def of_others(raw: pa.Table, *, name: str) -> dict[str, np.ndarray]:
    """Find the rows compiled from other files."""
    return {"row_of_another_source": truths(pc.not_equal(raw["source"], name))}


def _only(mask: pa.ChunkedArray, column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(mask, column, pa.scalar(None, column.type))


def _reasoning(output: pa.ChunkedArray) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Take outputs apart into reasoning and reply; null stays null."""
    parts = pc.extract_regex(output, _REASONED)
    if bad := positions(pc.and_(pc.is_valid(output), pc.is_null(parts))):
        raise _unlike(bad, "output", "<reasoning>, the reasoning, </reasoning>, the reply, on lines "
                      "of their own")  # fmt: skip
    thought, reply = (pc.struct_field(parts, name) for name in ("thought", "reply"))
    return blank_to_null(thought), blank_to_null(reply)


def _options(exam: pa.ChunkedArray, context: pa.ChunkedArray) -> pa.ListArray:
    """Take the options out of contexts that list them, one ``A) …`` a line; null elsewhere."""
    text = whole(_only(exam, context))
    pieces = pc.split_pattern_regex(pc.binary_join_element_wise("", text, "\n"), _LETTERED)
    options = whole(pc.list_slice(pieces, 1))
    same = pc.equal(_lettered(options), text)
    several = pa.array(list_lengths(options) > 1)
    if bad := positions(pc.and_(exam, pc.invert(pc.and_(pc.fill_null(same, False), several)))):
        raise _unlike(bad, "context", "the options, one a line: A) …, B) …")
    return options


def _lettered(options: pa.ListArray) -> pa.Array:
    """Write options as the compilation does; undoes taking them apart."""
    lengths = list_lengths(options)
    ends = np.cumsum(lengths)
    number = np.arange(lengths.sum()) - np.repeat(ends - lengths, lengths)
    letters = pa.array(list(_LETTERS)).take(pa.array(np.minimum(number, len(_LETTERS) - 1)))
    lines = pc.binary_join_element_wise(letters, options.flatten(), ") ")
    offsets = pa.array(np.append(0, ends).astype(np.int32))
    return pc.binary_join(pa.ListArray.from_arrays(offsets, lines), "\n")


def _unlike(rows: list[int], column: str, expected: str) -> RowError:
    return RowError("the text is not what rows of this origin are made of", rows=rows,
                    column=column, expected=expected, found=f"{len(rows)} other texts",
                    hint='view="verbatim" takes no text apart')  # fmt: skip


def compilation_layout(repo: str, files: str) -> Layout:
    """Lay out a version of the compilation: one pretty-printed JSON array."""
    return Layout(
        at=Hub(repo),
        files=files,
        read=Reading(format="json"),
        raw=RAW,
        schema=QA,
        normalize=normalize,
        repeats=True,
        views={
            "verbatim": View(
                QA,
                verbatim,
                "Input, context and output as the file has them: options stay lines of the context, "
                "reasoning stays in the answer.",
            )
        },
    )


def only(whole: Layout, name: str) -> Layout:
    """Narrow a layout down to the rows compiled from one file."""
    whole = replace(whole, passed_over=partial(of_others, name=name))
    return replace(whole, normalize=partial(of_source, name=name), views={})


def claims(card: str) -> tuple[Claim, ...]:
    """What is claimed about the licence, for the whole and by the tag of a row.

    Args:
        card: Whose card labels the whole.
    """
    return (
        Claim(
            "CC-BY-4.0",
            f"front matter of the card of {card}",
            credible=False,
            note="a label over others' texts, some under stricter terms, some without any grant",
        ),
        Claim(
            "CC-BY-NC-SA-3.0-IGO",
            "the book quoted in rows of extreme_firstaid_qa_dataset binds the file as a whole",
            note="leave those rows out and the terms of the other origins remain",
        ),
        *_of_origins(),
    )


def _of_origins() -> tuple[Claim, ...]:
    tag = "source:{}".format
    o1 = "tag of the card of FreedomIntelligence/medical-o1-{} at the pinned revision"
    return (
        Claim("Apache-2.0", o1.format("reasoning-SFT"), applies_to=tag(REASONING)),
        Claim("model-output-terms", "written by GPT-4o, says its paper", applies_to=tag(REASONING)),
        Claim(
            "Apache-2.0",
            o1.format("verifiable-problem"),
            applies_to=tag("medical_o1_verifiable_problem"),
        ),
        Claim(
            "model-output-terms",
            "questions rewritten by GPT-4o, says its paper",
            applies_to=tag("medical_o1_verifiable_problem"),
        ),
        Claim(
            None,
            "truehealth/medqa, searched",
            applies_to=tag(EXAM),
            note="crawled exam items; MIT in jind11/MedQA, cc-by-4.0 and cc-by-sa-4.0 on copies",
        ),
        Claim(
            "CC-BY-SA-3.0",
            "its text is that of English Wikipedia; pages are quoted whole",
            applies_to=tag(WIKI),
        ),
        Claim("GPL-3.0", "tag of gamino/wiki_medical_terms", credible=False, applies_to=tag(WIKI)),
        Claim(
            "Apache-2.0",
            "tag of the card of gretelai/symptom_to_diagnosis at the pinned revision",
            applies_to=tag("symptom_to_diagnosis"),
        ),
        Claim(
            None,
            "truehealth/medicationqa and the authors' repository, searched",
            applies_to=tag("medicationqa"),
        ),
        Claim(None, "QuyenAnhDE/Diseases_Symptoms, searched", applies_to=tag("diseases_symptoms")),
        Claim(
            None,
            "badri55/First_aid__dataset: none was found there",
            applies_to=tag("first_aid_dataset"),
        ),
        Claim(
            None,
            "paulelliotco/synthetic-disaster-reports: none was found there",
            applies_to=tag("synthetic_disaster_reports"),
        ),
        *(Claim("Gemma-terms", GENERATED, applies_to=tag(name)) for name in _PARTLY_GENERATED),
        *EXTREME_CLAIMS,
    )


_PARTLY_GENERATED = (EXAM, WIKI, "symptom_to_diagnosis")

GENERATED = "the compiling scripts let Gemma 3n write these rows, or a part of each"

EXTREME_CLAIMS = (
    Claim(
        "CC-BY-NC-SA-3.0-IGO",
        "imprint of WHO and ICRC, Basic Emergency Care (2018), quoted word for word",
        applies_to=f"source:{EXTREME}",
    ),
    Claim("Gemma-terms", GENERATED, applies_to=f"source:{EXTREME}"),
)
