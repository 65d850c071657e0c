"""AI-Hub 71762: questions of lay people and answers of professionals, with no link between them.

A raw row, invented, is one file ``1.질문/…/HC-Q-*.json``; answers are files ``2.답변/…/HC-A-*.json``::

    {"fileName": "HC-Q-0000007", "disease_category": "소화기질환",
     "disease_name": {"kor": "위염", "eng": "Gastritis"}, "intention": "원인",
     "question": "위염은 왜 생기나요?", ...}
    {"fileName": "HC-A-0000003", "disease_category": "소화기질환",
     "disease_name": {"kor": "위염", "eng": "Gastritis"}, "intention": "원인",
     "answer": {"intro": "위염은 위 점막의 염증이다.", "body": "…", "conclusion": "…"}, ...}

They share only a *cell*: the folders of disease and intention, with many files of both kinds.
"""

from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa

from medqa_kit.catalog import Cells, Choice, Layout, Part, Reading, Source
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import (
    blank_to_null,
    join,
    join_given,
    list_lengths,
    present,
    whole,
)
from medqa_kit.core.arrow.hashing import family_key
from medqa_kit.entries._shared.aihub import by_hand, cited, terms_of
from medqa_kit.errors import RowError
from medqa_kit.normalizing import RAW_ROW
from medqa_kit.schemas import QA, TEXT

MOST_PAIRS = 100_000
"""Pairs one cell may give when each question meets each answer; a cell is held in memory."""

_SECTIONS = ("intro", "body", "conclusion")
_CELL = {
    "fileName": pa.string(),
    "disease_category": pa.string(),
    "disease_name": pa.struct({"kor": pa.string(), "eng": pa.string()}),
    "intention": pa.string(),
}
QUESTION = pa.schema({**_CELL, "question": pa.string()})
ANSWER = pa.schema({**_CELL, "answer": pa.struct(dict.fromkeys(_SECTIONS, pa.string()))})
PAIRED = pa.schema(
    {
        "cell": pa.string(),
        "questions": pa.list_(pa.struct(list(QUESTION))),
        "answers": pa.list_(pa.struct(list(ANSWER))),
    }
)

TITLE = "AI-Hub: Health Care Questions and Answers (초거대AI 사전학습용 헬스케어 질의응답 데이터)"


def questions(raw: pa.Table) -> pa.Table:
    """Return questions without answers: upstream links none."""
    return pa.table({"id": raw["fileName"], "question": raw["question"], "tags": _tags(raw)})


def answers(raw: pa.Table) -> pa.Table:
    """Return answers as texts under the name of the disease."""
    return pa.table({"id": raw["fileName"], "title": _disease(raw), "text": _said(raw["answer"])})


def pairs(raw: pa.Table, *, pairing: str) -> pa.Table:
    """Put answers of a cell to its questions: each to each, or the n-th to the n-th."""
    _of_one_disease(raw)
    asked_in, given_in = list_lengths(raw["questions"]), list_lengths(raw["answers"])
    if pairing == "cross":
        _not_too_many(asked_in * given_in)
    asked, given = _flat(raw["questions"]), _flat(raw["answers"])
    cell, rank = _owners(asked_in)
    counts = np.maximum(given_in[cell], 1) if pairing == "cross" else np.ones_like(cell)
    row, meeting = _owners(counts)
    nth = meeting if pairing == "cross" else rank[row]
    answered = nth < given_in[cell[row]]
    begins = np.cumsum(given_in) - given_in
    at = np.where(answered, begins[cell[row]] + nth, 0)
    asked, given = asked.take(pa.array(row)), given.take(pa.array(at, mask=~answered))
    cells = pa.array(cell[row], pa.int64())
    columns = {
        "id": join_given(asked["fileName"], given["fileName"], by="+"),
        "question": asked["question"],
        "answer": _said(given["answer"]),
        "tags": _tags(asked, pa.array(np.where(answered, f"pairing:{pairing}", "unpaired"))),
        RAW_ROW: cells,
    }
    if pairing == "cross":  # rows of a cell share questions and answers: no split may part them
        columns["family"] = family_key("aihub_healthcare_qa", raw["cell"]).take(cells)
    return pa.table(columns)


def unpaired(raw: pa.Table, *, pairing: str) -> dict[str, np.ndarray]:
    """Count the answers that no question gets."""
    asked, given = list_lengths(raw["questions"]), list_lengths(raw["answers"])
    taken = np.where(asked > 0, given, 0) if pairing == "cross" else np.minimum(asked, given)
    return {"answer_without_question": given - taken}


def _owners(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each of ``counts.sum()`` items, the position of its owner, and its own there."""
    owner = np.repeat(np.arange(len(counts)), counts)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)


def _flat(lists: pa.ChunkedArray) -> pa.Table:
    return pa.Table.from_struct_array(whole(lists).flatten())


def _said(answer: pa.ChunkedArray) -> pa.ChunkedArray:
    """Join the sections that are there with line breaks."""
    sections = (pc.struct_field(whole(answer), name) for name in _SECTIONS)
    return join_given(*map(blank_to_null, sections), by="\n")


def _disease(raw: pa.Table) -> pa.Array:
    return pc.struct_field(whole(raw["disease_name"]), "kor")


def _tags(raw: pa.Table, *more: pa.Array) -> pa.Array:
    named = {
        "category": raw["disease_category"],
        "disease": _disease(raw),
        "intention": raw["intention"],
    }
    return present(
        *(pc.binary_join_element_wise(key, blank_to_null(value), ":")
          for key, value in named.items()),
        *more,
    )  # fmt: skip


def _of_one_disease(raw: pa.Table) -> None:
    """Refuse cells whose files disagree on disease or intention: folders alone prove no pair."""
    lists = [raw[name] for name in ("questions", "answers")]
    flat = [_flat(column) for column in lists]
    names = pa.concat_arrays(
        [
            whole(join(_disease(files), pc.replace_substring(files["intention"], "/", "")))
            for files in flat
        ]
    )
    cells = np.concatenate([_owners(list_lengths(column))[0] for column in lists])
    codes = np.asarray(names.dictionary_encode().indices)
    seen = np.unique(np.stack([cells, codes], axis=1), axis=0)
    cell, kinds = np.unique(seen[:, 0], return_counts=True)
    if bad := cell[kinds > 1].tolist():
        raise RowError("the files of a folder are of several diseases or intentions", rows=bad,
                       column="cell", expected="one disease and one intention a folder",
                       found=", ".join(map(repr, raw["cell"].take(pa.array(bad[:3])).to_pylist())),
                       hint='on_bad="drop" sets such cells aside')  # fmt: skip


def _not_too_many(counts: np.ndarray) -> None:
    if bad := np.flatnonzero(counts > MOST_PAIRS).tolist():
        raise RowError("a cell has too many questions and answers to pair each with each",
                       rows=bad, column="cell", expected=f"at most {MOST_PAIRS:,} pairs a cell",
                       found=f"{counts[bad[0]]:,} pairs",
                       hint='choices={"pairing": "one_to_one"} has no such limit; on_bad="drop" sets '
                       "such cells aside")  # fmt: skip


LABELS = "**/{upstream}/02.라벨링데이터**/"
READING = Reading(format="json-tree", flat={"answer": "body"})
LAYOUT = Layout(
    at=by_hand(
        71762,
        expect="the folder '1.데이터' or one above it, with Training and Validation in it, "
        "02.라벨링데이터 in each, and 1.질문 and 2.답변 below that, as folders or in zips",
    ),
    files=LABELS + "1.질문/**/*.json",
    read=READING,
    raw=QUESTION,
    schema=QA,
    normalize=questions,
    extra="ignore",
)
ANSWERS = replace(
    LAYOUT, files=LABELS + "2.답변/**/*.json", raw=ANSWER, schema=TEXT, normalize=answers
)


def _choose(layout: Layout, pairing: str) -> Layout:
    if pairing == "none" or layout.schema is TEXT:  # answers alone are not paired with anything
        return layout
    lists = {"questions": "**/1.질문/**", "answers": "**/2.답변/**"}
    return replace(
        layout,
        files=LABELS + "[12].[질답][문변]/**/*.json",
        read=replace(READING, cells=Cells(depth=2, key="cell", lists=lists)),
        raw=PAIRED,
        normalize=partial(pairs, pairing=pairing),
        left_out=partial(unpaired, pairing=pairing),
    )


SPLITS = {"train": "Training", "validation": "Validation"}

SOURCE = Source(
    name="aihub_healthcare_qa",
    title=TITLE,
    about="Questions of lay people about diseases and answers of professionals, which upstream does "
    "not link; pairing them is a choice.",
    language=("ko",),
    layout=LAYOUT,
    parts=(
        *(Part("questions", split, upstream=name) for split, name in SPLITS.items()),
        *(Part("answers", split, upstream=name, layout=ANSWERS, named_by="subset",
               by_name_only="answers alone, as texts") for split, name in SPLITS.items()),
    ),
    choices=(
        Choice("pairing", ("none", "cross", "one_to_one"),
               "What answers a question: nothing (upstream links none), each answer of its cell in "
               "turn, or the answer of the same place in the order of file names. A cell is a "
               "disease and an intention; which of its answers a question gets is arbitrary: paired "
               "by cell, not by author.", _choose),
    ),
    license=terms_of(71762),
    citation=cited(71762, title=TITLE),
    quirks=(
        "No question is linked to an answer: only disease and intention match, many to many. By "
        "default questions have no answer, and subset='answers' gives the answers as texts.",
        "pairing='one_to_one' puts the n-th answer of a cell to its n-th question, in the order of "
        "file names. Questions beyond the last answer stay, without one and with the tag 'unpaired'; "
        "answers beyond the last question are in subset='answers' only; a warning, and the manifest of "
        "a build, count them as answer_without_question.",
        f"pairing='cross' puts each answer of a cell to each of its questions. A cell of more than "
        f"{MOST_PAIRS:,} pairs is an error, or set aside whole with on_bad='drop': up to 13,673 "
        "questions are in one cell. All rows of a cell are one family then, since they share texts. "
        "Answers of a cell without questions are counted in the same way.",
        "Pairs carry the tag 'pairing:cross' or 'pairing:one_to_one': paired by cell, not by author. "
        "They are the same every time, and arbitrary.",
        "Cells are told by the folders of disease and intention, since a value of `intention` may "
        "hold a '/' that its folder lacks; files of a folder that disagree on disease or intention "
        "are an error. With a pairing, what is set aside for a bad row is its whole cell.",
        "An answer is {intro, body, conclusion}, joined by line breaks without the blank ones; in "
        "flattened exports it is a text, which is read as its body.",
        "Tags are category:…, disease:… and intention:…, in upstream's words; intentions beyond "
        "diet/lifestyle, cause and diagnosis are not documented, so any is taken.",
        "The key is fileName. Files may begin with a byte order mark. participantsInfo, entities, "
        "department and num_of_words are passed over: their types are not documented. 01.원천데이터 "
        "is not read.",
        "Hundreds of thousands of files, by one report; the number of rows is not known.",
    ),
)  # fmt: skip
