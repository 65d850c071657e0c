"""Symptom to diagnosis: a patient's own words, labelled with one of 22 conditions.

A raw row, invented::

    {"output_text": "common cold",
     "input_text": "My nose has been running for two days and I sneeze all the time."}
"""

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Source, View
from medqa_kit.normalizing import Columns
from medqa_kit.normalizing.labels import check_labels
from medqa_kit.schemas import LABELED, QA

LABELS = (
    "allergy",
    "arthritis",
    "bronchial asthma",
    "cervical spondylosis",
    "chicken pox",
    "common cold",
    "dengue",
    "diabetes",
    "drug reaction",
    "fungal infection",
    "gastroesophageal reflux disease",
    "hypertension",
    "impetigo",
    "jaundice",
    "malaria",
    "migraine",
    "peptic ulcer disease",
    "pneumonia",
    "psoriasis",
    "typhoid",
    "urinary tract infection",
    "varicose veins",
)

FAMILY = ("symptom_to_diagnosis", ("input_text",))

QUESTION = Columns(
    take={"question": "input_text", "answer": "output_text"}, content=("input_text",), family=FAMILY
)


def open_question(raw: pa.Table) -> pa.Table:
    """Make an open question of each description; labels are held to the declared ones here too."""
    check_labels(raw["output_text"], LABELS, column="output_text")
    return QUESTION(raw)


SOURCE = Source(
    name="symptom_to_diagnosis",
    title="Symptom to diagnosis",
    about="Short descriptions of symptoms in a patient's words, each labelled with one of 22 "
    "conditions.",
    language=("en",),
    layout=Layout(
        at=Hub(
            "gretelai/symptom_to_diagnosis", revision="722cfb0e11f8ae37339c7f573b5e10429b94df49"
        ),
        files="{split}.jsonl",
        raw=pa.schema({"output_text": pa.string(), "input_text": pa.string()}),
        schema=LABELED,
        normalize=Columns(
            take={"text": "input_text", "label": "output_text"},
            labels=LABELS,
            content=("input_text",),
            family=FAMILY,
        ),
        repeats=True,
        views={
            "qa": View(
                QA, open_question, "The description as an open question, the label as its answer."
            ),
        },
    ),
    parts=(Part(None, "train", 853), Part(None, "test", 212, evaluation=True)),
    license=(Claim("Apache-2.0", "tag of the upstream card at the pinned revision"),),
    citation="""@misc{gretelai_symptom_to_diagnosis,
  title  = {Symptom to diagnosis dataset},
  author = {{Gretel.ai}},
  year   = {2026},
  url    = {https://huggingface.co/datasets/gretelai/symptom_to_diagnosis},
  note   = {upstream states no year; this is the year of the catalogue entry}
}""",
    derived_from=(
        Parent(
            "kaggle_symptom2disease",
            "filtered and rewritten by a model, as it seems",
            catalogued=False,
        ),
    ),
    quirks=(
        "22 labels in lower-case English, 32 to 40 rows each in train; the supposed original, "
        "Symptom2Disease on Kaggle, has 24 labels in 1,200 rows.",
        "Four descriptions come twice in train (853 rows, 849 distinct): ids of the later ones end "
        "in ~2, and `family` is the same.",
        "Rows of train and test may be rewritten from one original; nothing upstream can tell.",
        "The size tag of the upstream card is wrong.",
        "view='qa' gives the label as the answer; as prose it stands in medical_training_dataset, "
        "which used train only.",
    ),
)
