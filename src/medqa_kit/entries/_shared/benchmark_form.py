"""The common benchmark form: one JSON object a line, its options under letters.

Copies of MedQA, MedMCQA, MMLU, MedExQA, MedXpertQA, MedBullets and AfriMed-QA circulate in it, and so
may rows of one's own::

    {"question": "Which vitamin prevents scurvy?", "options": {"A": "A", "B": "B1", "C": "C"},
     "answer_idx": "C", "answer": "C", "realidx": 7}
"""

from dataclasses import replace
from functools import partial

import pyarrow as pa

from medqa_kit.catalog import Layout, Reading
from medqa_kit.catalog.places import Place
from medqa_kit.core.arrow import compute as pc
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import QA

RAW = pa.schema(
    {
        "question": pa.string(),
        "options": pa.struct([(letter, pa.string()) for letter in "ABCDEFGHIJ"]),
        **dict.fromkeys(("answer_idx", "answer", "realidx", "reason"), pa.string()),
    }
)
COPIES_IN_THE_FORM = "copies in the common benchmark form (options by letter, answer_idx, realidx)"
"""What a source calls such copies of its files."""

COLUMNS = Columns(
    take={"question": "question"},
    maybe={"rationale": "reason"},
    options="options",
    letter="answer_idx",
    content=("question", "options"),
)


def benchmark_layout(
    at: Place, files: str, *, family: tuple[str, tuple[str, ...]] | None = None, keyed: bool = False
) -> Layout:
    """Return the layout of rows in the common benchmark form.

    A row has ``question``, ``options`` (up to ten, by letter), ``answer_idx`` (a letter), and may have
    ``answer`` (the text of that option, which is checked), ``realidx`` (a number or a name) and
    ``reason`` (an explanation). Other columns are passed over. A ``path=`` may lead to a CSV or Parquet
    file, too, in which the options are an object or a dictionary written as text.

    Args:
        at: Where the files are.
        files: Their pattern, as in :class:`medqa_kit.catalog.Layout`.
        family: Name of the lineage root, and the columns that all copies of an item share.
        keyed: Whether ``realidx`` is upstream's key; otherwise ids are hashes of question and options.

    Returns:
        A layout for :class:`medqa_kit.catalog.Source`, whose rows have the schema ``QA``.

    Example:
        >>> from medqa_kit.catalog import LocalFiles
        >>> layout = benchmark_layout(LocalFiles("ward"), "{split}.jsonl")
        >>> raw = pa.table({"question": ["1 + 1?"], "options": [{"A": "1", "B": "2"}], "answer_idx": ["B"],
        ...                 "answer": ["2"], "realidx": ["7"], "reason": ["because"]})
        >>> layout.normalize(raw).select(["options", "answer_index", "answer"]).to_pylist()
        [{'options': ['1', '2'], 'answer_index': 1, 'answer': '2'}]
    """
    key = ("realidx",) if keyed else ()
    columns = replace(COLUMNS, family=family, key=key)
    return Layout(
        at=at, files=files, raw=RAW, schema=QA, normalize=partial(normalize, columns=columns),
        read=Reading(number_as_text=("realidx",)), optional=("answer", "realidx", "reason"),
        extra="ignore", repeats=not keyed,
    )  # fmt: skip


def normalize(raw: pa.Table, *, columns: Columns) -> pa.Table:
    """Take the columns as declared; upstream's own text of the right option is the answer."""
    rows = columns(raw)
    # The check of every row compares the answer with the option that its letter names.
    answer = pc.coalesce(raw["answer"], rows["answer"])
    return rows.set_column(rows.column_names.index("answer"), "answer", answer)
