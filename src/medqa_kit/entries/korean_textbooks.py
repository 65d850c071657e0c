"""Korean textbooks: text written by a model, in many configurations.

A raw row, invented::

    {"text": "심장은 피를 온몸으로 보낸다. 이 장에서는 심장의 구조를 배운다."}
"""

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Part, Source
from medqa_kit.entries._shared.model_written import written_by_a_model
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import TEXT

ROWS = {
    "tiny-textbooks": 395985,
    "ko_wikidata": 127614,
    "normal_instructions": 240523,
    "claude_evol": 239102,
    "code-alpaca": 64112,
    "helpsteer": 25253,
}
MMLU = {  # upstream has more of these; the ones whose names were seen
    "mmlu_abstract_algebra": 88848,
    "mmlu_anatomy": None,
    "mmlu_clinical_knowledge": None,
    "mmlu_college_medicine": None,
}
RISK = "contamination risk: written from the subjects of the MMLU benchmark"

SOURCE = Source(
    name="korean_textbooks",
    title="Korean textbooks",
    about="Textbook-like passages and instructions in Korean, written by Gemini Pro.",
    language=("ko",),
    layout=Layout(
        at=Hub("maywell/korean_textbooks"),
        files="{subset}/{upstream}-*.parquet",
        raw=pa.schema({"text": pa.string()}),
        schema=TEXT,
        normalize=Columns(take={"text": "text"}, content=("text",)),
        aliases={"text": ("*",)},
        repeats=True,
    ),
    parts=(
        *(Part(subset, "train", rows) for subset, rows in ROWS.items()),
        *(
            Part(subset, "train", rows, by_name_only=RISK, named_by="subset")
            for subset, rows in MMLU.items()
        ),
    ),
    license=(
        Claim("Apache-2.0", "hub tag of maywell/korean_textbooks"),
        written_by_a_model("the card: text by Gemini Pro, whose terms apply"),
    ),
    citation="""@misc{maywell2024koreantextbooks,
  title        = {Korean Textbooks},
  author       = {maywell},
  year         = {2024},
  howpublished = {https://huggingface.co/datasets/maywell/korean\\_textbooks},
  note         = {method after arXiv:2306.11644}
}""",
    quirks=(
        "The mmlu_* subsets (anatomy, clinical knowledge, college medicine, ...) are written from "
        "the subjects of MMLU and are a contamination risk for MMLU and KMMLU scores: they are "
        "read by name only. Upstream has more of them than are listed here.",
        "Upstream has no default configuration; here all subsets without that risk are the default.",
        "Names of configurations do not describe their content, says the card.",
        "There is one column, called text; in files that call it otherwise it is taken as well, as "
        "long as it is the only one and holds strings.",
        "About 3.2 of the 4.42 million rows are in the mmlu_* subsets.",
        "No row says what it was written from: nothing proves which repeat an item of MMLU or KMMLU, "
        "or in ko_wikidata an article of korean_wikipedia, so `family` is null.",
    ),
)
