"""Diseases, symptoms, treatments: one table row a disease.

A raw row, invented::

    {"Code": 7, "Name": "Common Cold", "Symptoms": "Runny nose, sneezing, sore throat",
     "Treatments": "Rest, fluids"}
"""

from dataclasses import replace
from functools import partial

import pyarrow as pa

from medqa_kit.catalog import Choice, Claim, Hub, Layout, Part, Reading, Source
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import Column, blank_to_null, join_given
from medqa_kit.core.arrow.hashing import family_key
from medqa_kit.schemas import QA


def normalize(raw: pa.Table, *, answer: str = "cells") -> pa.Table:
    """Ask with the symptoms; answer with the name and, on the next line, the treatments.

    Nothing is worded: a sentence around the cells is a prompt's business, or a choice, for those who rebuild
    medical_training_dataset. The sentence needs both cells.
    """
    cells = [blank_to_null(raw[name]) for name in ("Name", "Treatments")]
    said = join_given(*cells, by="\n") if answer == "cells" else _sentence(*cells)
    return pa.table(
        {
            "id": raw["Code"].cast(pa.string()),
            "family": family_key("diseases_symptoms", raw["Symptoms"]),
            "question": raw["Symptoms"],
            "answer": said,
        }
    )


def _sentence(name: Column, treatments: Column) -> Column:
    name, treatments = (pc.utf8_trim_whitespace(cell) for cell in (name, treatments))
    parts = ("It seems you may have ", name, ". The usual treatment is ", treatments, ".")
    return pc.binary_join_element_wise(*parts, "")


def _choose(layout: Layout, answer: str) -> Layout:
    return replace(layout, normalize=partial(normalize, answer=answer))


SOURCE = Source(
    name="diseases_symptoms",
    title="Diseases, symptoms, treatments",
    about="A table of 400 diseases: the symptoms are the question, name and treatments the answer.",
    language=("en",),
    layout=Layout(
        at=Hub("QuyenAnhDE/Diseases_Symptoms", revision="d06f2b069db182e43b55f1ca454589f66530eb26"),
        files="Diseases_Symptoms.csv",
        read=Reading(format="csv", encoding="utf-8"),  # accepts a byte order mark
        raw=pa.schema(
            {"Code": pa.int64(), **dict.fromkeys(("Name", "Symptoms", "Treatments"), pa.string())}
        ),
        schema=QA,
        normalize=normalize,
    ),
    parts=(Part(None, "train", 400),),
    choices=(
        Choice(
            "answer",
            ("cells", "sentence"),
            "Whether name and treatments stand as they are, or in the sentence of medical_training_dataset, "
            "which needs both.",
            _choose,
        ),
    ),
    license=(
        Claim(None, "main branch of the repository on the hub, searched"),
        Claim("MIT", "a third party's proposal on the hub, never merged", credible=False),
    ),
    citation="""@misc{diseases_symptoms,
  title  = {Diseases and symptoms dataset},
  author = {QuyenAnhDE},
  year   = {2026},
  url    = {https://huggingface.co/datasets/QuyenAnhDE/Diseases_Symptoms},
  note   = {upstream states no year; this is the year of the catalogue entry}
}""",
    quirks=(
        "The question is the cell of symptoms as it stands, a list in one string; the answer is the "
        "name, a line break, and the cell of treatments. No word is added.",
        "The row with code 71 has no treatments: its answer is the name alone.",
        "5 cells of symptoms and 7 names come again in other rows; `family` is that of the symptoms.",
        "4 cells have blanks at their ends and keep them. Symptoms have 18 to 374 characters, "
        "treatments up to 709.",
        "The file may have a byte order mark and Windows line ends; both are read.",
        "medical_training_dataset holds 394 of the 400 rows, worded as sentences.",
    ),
)
