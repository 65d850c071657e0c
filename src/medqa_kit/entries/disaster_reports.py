"""Synthetic disaster reports: what responders note, and the resources they ask for.

A raw row, invented; upstream has more columns, which nobody described::

    {"disaster_type": "Flood", "severity_level": "Low",
     "responder_notes": "Two cellars are under water, nobody is hurt",
     "resource_needs": ["pumps", "dry blankets"]}
"""

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Part, Source
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import Column, blank, blank_to_null, join_lists
from medqa_kit.core.arrow.hashing import content_key, family_key
from medqa_kit.schemas import QA

RAW = pa.schema(
    {
        **dict.fromkeys(("disaster_type", "severity_level", "responder_notes"), pa.string()),
        "resource_needs": pa.list_(pa.string()),
    }
)


def normalize(raw: pa.Table) -> pa.Table:
    """Word a report as a question, for it holds none.

    The sentences are those under which the reports circulate in medical_training_dataset, so that
    copies there can be found. A report without type, severity or notes has no question, which the
    checks refuse; one without needs has no answer.
    """
    question = _worded(*(raw[name] for name in RAW.names[:3]))
    needs = blank_to_null(join_lists(raw["resource_needs"], by=", "))
    return pa.table(
        {
            "id": content_key(*(raw[name] for name in RAW.names)),
            "family": family_key("disaster_reports", question),
            "question": question,
            "answer": pc.binary_join_element_wise(
                "The main resources needed are: ", needs, ".", ""
            ),
        }
    )


def _worded(kind: Column, severity: Column, notes: Column) -> Column:
    kind, severity = (pc.utf8_lower(pc.utf8_trim_whitespace(c)) for c in (kind, severity))
    notes = pc.utf8_trim_whitespace(notes)
    parts = ("There is a ", severity, " ", kind, ". Situation: ", notes)
    missing = pc.or_(pc.or_(blank(kind), blank(severity)), blank(notes))
    return pc.if_else(
        missing, pa.scalar(None, pa.string()), pc.binary_join_element_wise(*parts, "")
    )


SOURCE = Source(
    name="disaster_reports",
    title="Synthetic disaster reports",
    about="Invented reports of disasters, worded as questions; the answer lists the resources "
    "needed.",
    language=("en",),
    layout=Layout(
        at=Hub(
            "paulelliotco/synthetic-disaster-reports",
            revision="6b1c51f0d706ab286e2ea8831ae738b03f4eec24",
        ),
        files="**/*.[jp]*[lnt]",  # .jsonl, .json or .parquet: how it was uploaded is not known
        raw=RAW,
        extra="ignore",
        schema=QA,
        normalize=normalize,
        repeats=True,
    ),
    parts=(Part(None, "train", None),),
    license=(Claim(None, "repository on the hub: no licence was found there"),),
    citation="""@misc{synthetic_disaster_reports,
  title  = {Synthetic disaster reports},
  author = {paulelliotco},
  year   = {2026},
  url    = {https://huggingface.co/datasets/paulelliotco/synthetic-disaster-reports},
  note   = {upstream states no year; this is the year of the catalogue entry}
}""",
    quirks=(
        "Upstream has no questions: 'There is a {severity} {type}. Situation: {notes}' is ours, word "
        "for word that of medical_training_dataset, as is 'The main resources needed are: …'. "
        "view='raw' has the columns.",
        "Severity and type are set in lower case in the question; the raw columns keep theirs.",
        "There is one configuration, with a train split. Only four columns are known, from code that reads "
        "them; others are ignored. At least 1,000 "
        "rows are complete; how many there are is not known.",
        "Reports without type, severity or notes are errors, or set aside with "
        "on_bad='drop'; without needs the answer is null.",
    ),
)
