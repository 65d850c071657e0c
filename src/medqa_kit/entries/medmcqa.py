"""MedMCQA: four-option questions of Indian medical entrance exams, with explanations.

A raw row, invented::

    {"id": "0b1c2d3e-0000-4000-8000-000000000001", "question": "Scurvy is due to lack of:",
     "opa": "Vitamin A", "opb": "Vitamin B1", "opc": "Vitamin C", "opd": "Vitamin D", "cop": 2,
     "choice_type": "single", "exp": "Ans. is 'c': collagen needs it.",
     "subject_name": "Biochemistry", "topic_name": "Vitamins"}
"""

from dataclasses import replace
from functools import partial

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Protection, Reading, Source
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import present
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import QA

OPTIONS = ("opa", "opb", "opc", "opd")

COLUMNS = Columns(
    take={"question": "question"},
    maybe={"rationale": "exp"},
    missing=("None",),
    options=OPTIONS,
    index="cop",
    first=0,
    withheld=("-1",),
    key=("id",),
    family=("medmcqa", ("question", *OPTIONS)),
)


def normalize(raw: pa.Table, *, columns: Columns = COLUMNS) -> pa.Table:
    """Take the columns as declared, and subject and topic as tags."""
    return columns(raw).append_column("tags", present(raw["subject_name"], raw["topic_name"]))


def counts_from_one(raw: pa.Table) -> bool:
    """Check whether no answer is the option 0, which a quarter are where answers count from 0."""
    return bool((pc.min(raw["cop"]).as_py() or 0) >= 1)


HUB = Layout(
    at=Hub("openlifescienceai/medmcqa", revision="91c6572c454088bf71b679ad90aa8dffcd0d5868"),
    files="data/{split}-*.parquet",
    raw=pa.schema(
        {
            "id": pa.string(),
            "question": pa.string(),
            **dict.fromkeys(OPTIONS, pa.string()),
            "cop": pa.int64(),
            **dict.fromkeys(("choice_type", "exp", "subject_name", "topic_name"), pa.string()),
        }
    ),
    schema=QA,
    normalize=normalize,
    gold=COLUMNS.gold,
    optional=("exp", "topic_name"),  # both null in many rows
)
ANSWERED = "^(?:[^-]|-[^1])"  # no -1
FROM_ONE = replace(COLUMNS, first=1)
AUTHORS = replace(
    HUB,
    distribution="the authors' own train.json and dev.json, JSON Lines that count `cop` from 1",
    files="**/{upstream}.json",
    split_names={"validation": "dev"},
    read=Reading(format="jsonl"),
    normalize=partial(normalize, columns=FROM_ONE),
    gold=FROM_ONE.gold,
    tells=counts_from_one,
)

SOURCE = Source(
    name="medmcqa",
    title="MedMCQA",
    about="Four-option questions of the Indian medical entrance exams AIIMS and NEET PG, most with "
    "an explanation.",
    language=("en",),
    layout=replace(HUB, also=(AUTHORS,)),
    parts=(
        Part(None, "train", 182822, proof={"cop": ANSWERED}),
        Part(None, "validation", 4183, evaluation=True, proof={"cop": ANSWERED}),
        Part(None, "test", 6150, evaluation=True, proof={"cop": (-1,)}),
    ),
    holdouts=(
        Protection(
            "medmcqa-validation", split="validation", items=4183,
            reason="the split that harnesses score, because the answers of the test split are "
            "withheld",
            protects=("lm_eval/medmcqa", "lighteval/med_mcqa", "helm/med_mcqa",
                      "helm/medhelm_med_mcqa"),
        ),
        Protection("medmcqa-test", split="test", items=6150,
                   reason="the official test split, answers withheld"),
    ),
    license=(
        Claim("Apache-2.0", "tag of the hub repository", note="the card's own section on licensing "
              "is not filled in; the items were collected from websites and books"),
        Claim("MIT", "LICENSE of github medmcqa/medmcqa", applies_to="the code", credible=False),
    ),
    citation="""@inproceedings{pal2022medmcqa,
  title     = {MedMCQA: A Large-scale Multi-Subject Multi-Choice Dataset for Medical domain
               Question Answering},
  author    = {Ankit Pal and Logesh Kumar Umapathi and Malaikannan Sankarasubbu},
  booktitle = {Proceedings of the Conference on Health, Inference, and Learning},
  series    = {Proceedings of Machine Learning Research},
  volume    = {174},
  pages     = {248--260},
  year      = {2022}
}""",
    derived_from=(Parent("indian_entrance_exams", "collected from the web and books",
                         catalogued=False),),
    quirks=(
        "`cop` counts from 0 at the hub and from 1 in the authors' own train.json and dev.json, which "
        "are JSON Lines; a path= to these is read as what it is, with the same ids and families. "
        "Other copies (lighteval) count from 1 as well.",
        "Labels of the test split are withheld (-1 upstream): `answer` and `answer_index` are null. "
        "What is reported is the validation split; keep it out of training.",
        "`choice_type` is 'single' or 'multi' (1,367 of the 4,183 validation rows), yet every row names one "
        "right option: keep=['choice_type'] shows it.",
        "An explanation that is empty or the word 'None' is null: 1,977 validation rows have none, and by "
        "a second-hand count a tenth of train. All 267 validation explanations that name a letter agree "
        "with counting from 1 in the authors' file, whose answers are 1,348/1,085/925/825 of 1 to 4.",
        "Subject and topic are in `tags`, the topic often being missing.",
        "Splits are by exam: train from mock tests, test from AIIMS, validation from NEET PG.",
        "The 4,183 validation rows were counted in the authors' file, all ids distinct; the other counts and "
        "the revision are those of the hub's listings.",
    ),
)  # fmt: skip
