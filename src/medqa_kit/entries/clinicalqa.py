"""ClinicalQA: Korean clinical cases as exam questions with up to five options and an explanation.

A raw row, invented::

    {"question_id": 7, "chief_complaint": "잇몸 출혈", "purpose": "비타민 결핍을 감별한다.",
     "question": "석 달째 통조림만 먹은 선원의 잇몸에서 피가 난다. 가장 가능성이 높은 진단은?",
     "exam": "비타민 C: 낮음",
     "options": {"option_A": "괴혈병", "option_B": "각기병", "option_C": "구루병",
                 "option_D": "펠라그라", "option_E": null},
     "answer": "A", "explanation": "비타민 C가 모자라면 잇몸에서 피가 난다.",
     "source": "지어낸 교과서 1장", "category": "Internal Medicine"}
"""

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Protection, Source
from medqa_kit.core.arrow.columns import present
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import QA

TEXTS = ("chief_complaint", "purpose", "question", "exam")
COLUMNS = Columns(
    take={"question": "question"},
    maybe={"context": "exam", "rationale": "explanation"},
    options="options",
    letter="answer",
    key=("question_id",),
)


def normalize(raw: pa.Table) -> pa.Table:
    """Take the columns as declared, and the specialty and the complaint as tags."""
    return COLUMNS(raw).append_column("tags", present(raw["category"], raw["chief_complaint"]))


HUB = Layout(
    at=Hub("snuh/ClinicalQA", revision="29bdc9043f3e693b7671f868e2038ec7ac288acd"),
    files="data/{split}-*.parquet",
    raw=pa.schema(
        {
            "question_id": pa.int64(),
            **dict.fromkeys(TEXTS, pa.string()),
            "options": pa.struct([(f"option_{letter}", pa.string()) for letter in "ABCDE"]),
            **dict.fromkeys(("answer", "explanation", "source", "category"), pa.string()),
        }
    ),
    schema=QA,
    normalize=normalize,
)

SOURCE = Source(
    name="clinicalqa",
    title="ClinicalQA",
    about="Korean clinical cases as exam questions, each with findings, options and an explanation: "
    "drafted by a model and checked by three clinicians.",
    language=("ko",),
    layout=HUB,
    parts=(Part(None, "train", 1045, exact=False),),
    holdouts=(
        Protection("clinicalqa-all", split="train", default=False,
                   reason="the whole source, which a Korean leaderboard scores models on; upstream "
                   "publishes no test split"),
    ),
    license=(
        Claim("Apache-2.0", "front matter of the card of snuh/ClinicalQA"),
        Claim("model-output-terms", "the card: drafted with GPT-4o, checked by three clinicians"),
    ),
    citation="""@misc{snuh2025clinicalqa,
  title        = {ClinicalQA},
  author       = {{SNUH Healthcare AI Research Institute}},
  year         = {2025},
  howpublished = {\\url{https://huggingface.co/datasets/snuh/ClinicalQA}}
}""",
    derived_from=(
        Parent("medical_textbooks", "cases drafted by GPT-4o; `source` quotes what each rests on",
               catalogued=False),
    ),
    quirks=(
        "Only a train split is published, and it is used as a benchmark as well: hold it out by name "
        "(clinicalqa-all) before you report a score on it.",
        "The options are an object option_A to option_E, of which the last may be null. Copies that went "
        "through CSV have it as a dictionary written as text; a path= to one gives the same rows.",
        "Findings that belong to the case (`exam`) are in `context`: a prompt without them asks "
        "something else. Many rows have none.",
        "The specialty (in English) and the chief complaint (in Korean) are in `tags`; "
        "keep=['purpose'] carries the aim of the question along. What it rests on is in the raw "
        "column `source`: view='raw' shows it.",
        "The set grew from 923 over 1,015 to 1,045 rows; `question_id` is unique within one state. "
        "The count is of readers of the pinned state, the rows were not counted for this catalogue.",
        "A sister of KorMedLawQA, by the same institute.",
    ),
)  # fmt: skip
