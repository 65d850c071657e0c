"""MedExQA: questions of five specialities that other sets pass over, each with two explanations.

A line of a file without a header, invented, its fields set apart by tabs::

    Which vitamin prevents scurvy?  Vitamin A  Vitamin B1  Vitamin C  Vitamin D
    Collagen needs vitamin C.  Scurvy is a lack of vitamin C.  C
"""

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Protection, Reading, Source
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import QA

ROWS = {"biomedical_engineer": (4, 144), "clinical_laboratory_scientist": (9, 368),
        "clinical_psychologist": (3, 108), "occupational_therapist": (5, 189),
        "speech_pathologist": (4, 131)}  # fmt: skip
FIELDS = ("question", *"ABCD", "exp0", "exp1", "answer")
SHOTS = "a few examples for prompts, not for training"


def _speciality(subset: str) -> tuple[Part, ...]:
    shots, test = ROWS[subset]
    return (
        Part(subset, "test", test, evaluation=True),
        Part(subset, "fewshot", shots, upstream="dev", by_name_only=SHOTS),
    )


SOURCE = Source(
    name="medexqa",
    title="MedExQA",
    about="Four-option questions of five specialities, from biomedical engineering to speech "
    "pathology, each with two explanations.",
    language=("en",),
    layout=Layout(
        at=Hub("bluesky333/MedExQA", revision="3a9f80d6de2c354956d7e86d323214b92d547d6e"),
        files="{upstream}/{subset}_{upstream}.tsv",
        read=Reading(header=False),
        raw=pa.schema([(field, pa.string()) for field in FIELDS]),
        schema=QA,
        normalize=Columns(
            take={"question": "question"},
            maybe={"rationale": "exp0"},
            options=tuple("ABCD"),
            letter="answer",
            content=("question", *"ABCD"),
            family=("medexqa", ("question", *"ABCD")),
        ),
        repeats=True,
    ),
    parts=tuple(part for subset in ROWS for part in _speciality(subset)),
    holdouts=(
        Protection("medexqa-test", split="test", items=940,
                   reason="the official test split of the five specialities"),
    ),
    license=(
        Claim("CC-BY-NC-SA-4.0", "tag of the card of bluesky333/MedExQA at the pinned revision"),
    ),
    citation="""@inproceedings{kim2024medexqa,
  title     = {MedExQA: Medical Question Answering Benchmark with Multiple Explanations},
  author    = {Yunsoo Kim and Jinge Wu and Yusuf Abdulle and Honghan Wu},
  booktitle = {Proceedings of the 23rd Workshop on Biomedical Natural Language Processing},
  year      = {2024},
  note      = {arXiv:2406.06331}
}""",
    derived_from=(Parent("online_mock_tests", "collected from the web, explanations added",
                         catalogued=False),),
    quirks=(
        "The files have no header: their eight columns are the question, four options, two explanations "
        "and the letter. A reader that takes the first row for one loses a question of every file, as "
        "the copy in the common benchmark form did: 935 of 940 test rows.",
        "The first explanation is the `rationale`; keep=['exp1'] carries the second along.",
        "Five specialities, each a subset of its own; the benchmark's score is their macro average.",
        "A few rows a speciality (upstream's dev, 25 in all) are for prompts: split='fewshot' gives "
        "them. There is no train split.",
        "Not to be confused with MedExpQA (HiTZ), another set in four languages.",
    ),
)  # fmt: skip
