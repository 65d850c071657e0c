"""MedicationQA: consumers' questions about drugs, answered from trusted web pages.

A raw row, invented::

    {"Question": "can i take vitamin c with breakfast", "Focus (Drug)": "vitamin c",
     "Question Type": "Usage/time", "Answer": "Vitamin C may be taken with or without food.",
     "Section Title": "n/a", "URL": "https://example.org/vitamin-c"}
"""

from dataclasses import replace
from functools import partial

import pyarrow as pa

from medqa_kit.catalog import Choice, Claim, Hub, Layout, Parent, Part, Reading, Source
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import Column, blank_to_null, join_given
from medqa_kit.core.arrow.hashing import content_key, family_key
from medqa_kit.schemas import QA

MISSING = ("n/a", "NA")

RAW = pa.schema(
    dict.fromkeys(
        ("Question", "Focus (Drug)", "Question Type", "Answer", "Section Title", "URL"),
        pa.string(),
    )
)


def normalize(raw: pa.Table, *, variant: str = "as_written") -> pa.Table:
    """Name the columns; what is missing is null, whether upstream wrote null or a word for it.

    The key is hashed after that, so both forms of the file give the same ids.
    """
    types = blank_to_null(raw["Question Type"], markers=MISSING)  # first: n/a has a slash, too
    if variant == "types_split":
        types = pc.replace_substring_regex(types, r"\s*/\s*", "\x1fquestion_type:")
    answer = blank_to_null(raw["Answer"], markers=MISSING)
    return pa.table(
        {
            "id": content_key(raw["Question"], answer),
            "family": family_key("medicationqa", raw["Question"]),
            "question": raw["Question"],
            "answer": answer,
            "tags": _tags(question_type=types, focus=raw["Focus (Drug)"]),
        }
    )


def _tags(**columns: Column) -> Column:
    """List ``name:value`` of each column that has a value; null where none has."""
    named = [
        pc.binary_join_element_wise(name, blank_to_null(column, markers=MISSING), ":")
        for name, column in columns.items()
    ]
    return pc.split_pattern(join_given(*named, by="\x1f"), "\x1f")


def _choose(layout: Layout, variant: str) -> Layout:
    return replace(layout, normalize=partial(normalize, variant=variant))


SOURCE = Source(
    name="medicationqa",
    title="MedicationQA",
    about="Questions consumers asked about drugs, with answers taken from medical web pages.",
    language=("en",),
    layout=Layout(
        at=Hub("truehealth/medicationqa", revision="f8ae96155ac234a54aaf2b70ca4e02d22cfe31af"),
        files="**/*.parquet",
        read=Reading(sheet="DrugQA"),
        raw=RAW,
        schema=QA,
        normalize=normalize,
        repeats=True,
    ),
    parts=(Part(None, "train", 690),),
    choices=(
        Choice(
            "variant",
            ("as_written", "types_split"),
            "Whether question types that upstream joins by '/' are one tag, or a tag each.",
            _choose,
        ),
    ),
    license=(
        Claim(
            None,
            "truehealth/medicationqa and abachaa/Medication_QA_MedInfo2019, both searched",
            note="answers quote DailyMed, MedlinePlus, NCBI, CDC, Mayo Clinic, Wikipedia and others",
        ),
    ),
    citation="""@inproceedings{BenAbacha:MEDINFO19,
  title     = {Bridging the Gap Between Consumers' Medication Questions and Trusted Answers},
  author    = {Asma {Ben Abacha} and Yassine Mrabet and Mark Sharp and Travis R. Goodwin and
               Sonya E. Shooshan and Dina Demner-Fushman},
  booktitle = {MEDINFO 2019},
  year      = {2019}
}""",
    derived_from=(
        Parent("nlm_consumer_questions", "answered with text of web pages", catalogued=False),
    ),
    quirks=(
        "Missing values are the words n/a and NA in the original workbook; whether the hub's file "
        "has them or nulls is not known. Both are null here, with the same ids.",
        "One row has no answer: load keeps it with a null answer, recipes drop it and say so.",
        "651 questions are distinct. 29 of them come again, in 39 more rows, with other and "
        "legitimate answers; one row is a full copy, and its id ends in ~2. `family` is the "
        "question's.",
        "`tags` holds question_type:… and focus:… (the drug) as upstream writes them: 37 types, some "
        "joined by '/', and not_drug_question (5), unanswerable (1), other_drug_question (1). "
        "variant='types_split' makes a tag of each of the joined types.",
        "8 answers have blanks at their ends and stay so. Answers have 4 to 4,322 characters, "
        "questions 10 to 119.",
        "A section title is missing in 73 rows and a url in 13; one url cell holds several. "
        "keep=['Section Title', 'URL'] carries them along as upstream writes them, n/a included.",
        "The paper speaks of 674 pairs; which 16 of the 690 are not among them is unknown.",
        "The authors' workbook can be read too: path= its .xlsx file, of which the sheet DrugQA is "
        "taken.",
    ),
)
