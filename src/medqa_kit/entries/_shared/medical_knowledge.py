"""What AI-Hub 71874, AI-Hub 71875 and their open twin KoMedQA share: one record layout."""

from __future__ import annotations

import pyarrow as pa

from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import join_given, whole
from medqa_kit.core.arrow.hashing import content_key, family_key
from medqa_kit.errors import AnswerError
from medqa_kit.normalizing.labels import class_names
from medqa_kit.normalizing.numbered_options import (
    NumberedAnswer,
    numbered_answer,
    numbered_question,
)
from medqa_kit.schemas import QA

DOMAINS = ("외과", "예방의학", "정신건강의학과", "신경과/신경외과", "피부과", "안과", "이비인후과",
           "비뇨의학과", "방사선종양학과", "병리과", "마취통증의학과", "의료법규", "기타", "산부인과",
           "소아청소년과", "응급의학과", "내과")  # fmt: skip
"""Names of the domains 1 to 17; 71875 holds 14 to 17."""
TYPES = ("choice", "short", "long")
"""Names of the question types 1 to 3."""

RECORD = {
    "qa_id": pa.int64(),
    "domain": pa.int64(),
    "q_type": pa.int64(),
    "question": pa.string(),
    "answer": pa.string(),
}
TEXTS = {
    "c_id": pa.string(),
    "domain": pa.int64(),
    "source": pa.string(),
    "source_spec": pa.string(),
    "creation_year": pa.string(),
    "content": pa.string(),
}


def normalize(raw: pa.Table, *, question: str = "question", answer: str = "answer") -> pa.Table:
    """Part choice questions into stem and options; others stay as they are.

    Args:
        raw: Columns of :data:`RECORD`.
        question: The column to read the question from, such as a translation.
        answer: Likewise for the answer.
    """
    tags = [_named(raw, "domain", DOMAINS), _named(raw, "q_type", TYPES)]
    # Loops over rows: lines of free text are beyond Arrow's regular expressions.
    rows = [_row(*row) for row in zip(*(raw[n].to_pylist() for n in ("q_type", question, answer)),
                                      strict=True)]  # fmt: skip
    if bad := [at for at, row in enumerate(rows) if row is None]:
        raise AnswerError("a choice question without numbered options, or an answer that is none "
                          "of them", rows=bad, column=answer,
                          expected="options 'n) …' at line starts, and an answer 'n) …'",
                          hint='on_bad="drop" sets such rows aside')  # fmt: skip
    names = ("question", "options", "answer_index", "answer", "rationale")
    records = [dict(zip(names, row, strict=True)) for row in rows if row]
    schema = pa.schema([QA.field(name) for name in names])
    table = pa.Table.from_pylist(records, schema=schema)
    provenance = {
        "id": item_key(raw),
        "family": family_key("medical_knowledge", raw["question"]),
        "tags": tagged(*tags),
    }
    return pa.table(provenance | {name: table[name] for name in names})


def item_key(raw: pa.Table) -> pa.Array:
    """Return the number of each row with a hash of what it says; the hash alone where a row has no number."""
    number = whole(raw["qa_id"].cast(pa.string()))
    return join_given(number, whole(content_key(raw["question"], raw["answer"])), by="-")


def tagged(*columns: pa.ChunkedArray) -> pa.Array:
    """Return the values of each row as a list, without the nulls."""
    return pc.split_pattern(join_given(*columns, by="\x1f"), "\x1f")


def _named(raw: pa.Table, column: str, names: tuple[str, ...]) -> pa.Array:
    """Name a number counted from 1; none at all is an error as any other unknown number."""
    return class_names(pc.fill_null(raw[column], 0), names, column=column, first=1)


def _row(kind: int | None, question: str | None, answer: str | None) -> tuple[object, ...] | None:
    """Return question, options, index, answer, rationale; ``None`` if they do not fit together."""
    if kind != 1 or question is None:
        return question, None, None, answer if (answer or "").strip() else None, None
    stem, options = numbered_question(question)
    picked = numbered_answer(answer, options) if answer else NumberedAnswer(None, None)
    if not options or (answer and (picked.option is None or picked.option >= len(options))):
        return None
    if _names_another(answer or "", picked.option, options):
        return None
    chosen = None if picked.option is None else options[picked.option]
    return stem, options, picked.option, chosen, picked.rest


def _names_another(answer: str, option: int | None, options: list[str]) -> bool:
    """Check whether the number is that of one option and the words are another's."""
    if option is None:
        return False
    said, texts = answer.partition(")")[2].strip(), [text.strip() for text in options]
    begun = [text for at, text in enumerate(texts) if said.startswith(text)
             and (at == option or (text and not said[len(text) :][:1].isalnum()))]  # fmt: skip
    return max(begun, key=len, default=texts[option]) != texts[option]


def texts(raw: pa.Table) -> pa.Table:
    """Return the source texts as they are."""
    return pa.table({"id": raw["c_id"], "title": raw["source_spec"], "text": raw["content"]})
