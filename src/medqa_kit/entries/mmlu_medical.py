"""MMLU, the six medical subjects: four-option questions of practice exams.

A raw row, invented::

    {"question": "Which vitamin prevents scurvy?", "subject": "anatomy",
     "choices": ["Vitamin A", "Vitamin B1", "Vitamin C", "Vitamin D"], "answer": 2}
"""

from dataclasses import replace

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Protection, Reading, Source
from medqa_kit.core.arrow import compute as pc
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import QA

TESTS = {"anatomy": 135, "clinical_knowledge": 265, "college_biology": 144,
         "college_medicine": 173, "medical_genetics": 100, "professional_medicine": 272}  # fmt: skip
VALIDATION = {"anatomy": 14, "clinical_knowledge": 29, "college_biology": 16,
              "college_medicine": 22, "medical_genetics": 11, "professional_medicine": 31}  # fmt: skip
SHOTS = "five examples for prompts, not for training"

COLUMNS = Columns(
    take={"question": "question"},
    options="choices",
    index="answer",
    content=("question", "choices"),
    family=("mmlu", ("question", "choices")),
)
HUB = Layout(
    at=Hub("cais/mmlu", revision="c30699e8356da336a370243923dbaf21066bb9fe"),
    files="{subset}/{upstream}-*.parquet",
    raw=pa.schema(
        {
            "question": pa.string(),
            "subject": pa.string(),
            "choices": pa.list_(pa.string()),
            "answer": pa.int64(),
        }
    ),
    schema=QA,
    normalize=COLUMNS,
    repeats=True,
)


def ends_in_letters(raw: pa.Table) -> bool:
    """Check whether all last columns hold a letter, as a header would not."""
    return bool(pc.all(pc.is_in(raw["answer"], value_set=pa.array(list("ABCD")))).as_py())


AUTHORS = replace(
    HUB,
    distribution="the CSV files of the authors' archive, without a header, answers as letters",
    files="**{subset}_{upstream}.csv",
    split_names={"validation": "val"},
    read=Reading(header=False),
    gold=None,
    raw=pa.schema([(name, pa.string()) for name in ("question", *"ABCD", "answer")]),
    normalize=replace(
        COLUMNS, options=tuple("ABCD"), index=None, letter="answer", content=("question", *"ABCD"),
        family=("mmlu", ("question", *"ABCD")),
    ),
    tells=ends_in_letters,
)  # fmt: skip


def _subject(subset: str) -> tuple[Part, ...]:
    said = {"subject": (subset,)}
    return (
        Part(subset, "test", TESTS[subset], evaluation=True, proof=said),
        Part(subset, "validation", VALIDATION[subset], exact=False, proof=said),
        Part(subset, "fewshot", 5, upstream="dev", by_name_only=SHOTS, exact=False, proof=said),
    )


SOURCE = Source(
    name="mmlu_medical",
    title="MMLU, medical subjects",
    about="Four-option questions of English practice exams: the six medical subjects of Measuring "
    "Massive Multitask Language Understanding.",
    language=("en",),
    layout=replace(HUB, also=(AUTHORS,)),
    parts=tuple(part for subset in TESTS for part in _subject(subset)),
    holdouts=(
        Protection(
            "mmlu-medical-test", split="test", items=1089,
            reason="the official test split of the six medical subjects",
            protects=tuple(f"lm_eval/mmlu_{subset}" for subset in TESTS),
        ),
    ),
    license=(Claim("MIT", "front matter of the card of cais/mmlu and LICENSE of github "
                   "hendrycks/test", note="over items collected from freely available practice "
                   "exams"),),
    citation="""@inproceedings{hendrycks2021measuring,
  title     = {Measuring Massive Multitask Language Understanding},
  author    = {Dan Hendrycks and Collin Burns and Steven Basart and Andy Zou and Mantas Mazeika and
               Dawn Song and Jacob Steinhardt},
  booktitle = {Proceedings of the International Conference on Learning Representations},
  year      = {2021}
}""",
    derived_from=(Parent("us_practice_exams", "collected by students from the web and books",
                         catalogued=False),),
    quirks=(
        "Six of 57 subjects, 1,089 test rows in all; every subject is a subset of its own.",
        "Answers are numbers from 0 at the hub and letters in the authors' archive, whose CSV files have "
        "no header: a path= to either gives the same rows with the same ids.",
        "Five rows a subject (upstream's dev) are for prompts, not for training: split='fewshot' gives "
        "them. There is no train split.",
        "Translations (MMMLU), selections (MMLU-Redux, MMLU-Pro) and copies in the common benchmark "
        "form are sets of their own; their stems are found by this one's holdout.",
        "Text books for models were written from the names of these subjects (korean_textbooks): search "
        "them for the test before training.",
        "Test counts are those of the harnesses; the validation counts are second-hand.",
    ),
)  # fmt: skip
