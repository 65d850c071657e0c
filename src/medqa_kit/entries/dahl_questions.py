"""DAHL: questions a model wrote about biomedical papers, without answers.

A raw row, invented::

    question,category
    "Which cells carry oxygen in blood, and how?",Cells
"""

import pyarrow as pa

from medqa_kit.catalog import Claim, Layout, Manual, Parent, Part, Source
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import to_lists
from medqa_kit.core.arrow.hashing import content_key, family_key
from medqa_kit.schemas import QA

COMMIT = "4647475b6841b60aa8efd2ddce74a5ed36dc873b"


def normalize(raw: pa.Table) -> pa.Table:
    """Keep the category as the only tag."""
    return pa.table(
        {
            "id": content_key(raw["question"], raw["category"]),
            "family": family_key("dahl", raw["question"]),
            "question": raw["question"],
            "tags": to_lists([pc.fill_null(raw["category"], "")]),
        }
    )


SOURCE = Source(
    name="dahl_questions",
    title="DAHL questions",
    about="English questions about biomedical papers of PMC, written by a model to measure "
    "hallucination; there are no answers.",
    language=("en",),
    layout=Layout(
        at=Manual(
            steps=("git clone https://github.com/seemdog/DAHL", f"git -C DAHL checkout {COMMIT}"),
            expect="the folder DAHL, or questions.csv in it",
            url="https://github.com/seemdog/DAHL",
        ),
        files="**/questions.csv",
        raw=pa.schema({"question": pa.string(), "category": pa.string()}),
        schema=QA,
        normalize=normalize,
        repeats=True,
    ),
    parts=(Part(None, "train", 8573),),
    license=(Claim(None, f"github seemdog/DAHL at {COMMIT[:7]}: no licence file"),),
    citation="""@article{seo2024dahl,
  title   = {DAHL: Domain-specific Automated Hallucination Evaluation of Long-Form Text through a
             Benchmark Dataset in Biomedicine},
  author  = {Jean Seo and Jongwon Lim and Dongjun Jang and Hyopil Shin},
  journal = {arXiv preprint arXiv:2411.09255},
  year    = {2024}
}""",
    derived_from=(Parent("pmc_papers", "questions written by a model", catalogued=False),),
    quirks=(
        "8,573 rows, 8,505 of them distinct: 68 exact repeats stay, with ids that end in ~2.",
        "Questions only: `answer` is null. The category, one of 29, is the only tag.",
        "Lines end with CR LF upstream.",
        "KoMeP's preference pairs are answers to these questions, translated; they are no exam "
        "questions.",
    ),
)
