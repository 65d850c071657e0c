"""KoMeP: pairs of a better and a worse answer to Korean medical questions.

A raw row, invented, under the names this library expects::

    {"prompt": "감기에 항생제가 필요한가요?", "chosen": "대부분 바이러스라 필요하지 않습니다.",
     "rejected": "네, 언제나 필요합니다."}
"""

import pyarrow as pa

from medqa_kit.catalog import Claim, Layout, Manual, Parent, Part, Source
from medqa_kit.entries._shared.model_written import written_by_a_model
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import PREFERENCE

NAMES = ("prompt", "chosen", "rejected")

SOURCE = Source(
    name="komep",
    title="KoMeP: Korean Medical Preference dataset",
    about="Pairs of answers by five models to Korean medical questions, the preferred one chosen "
    "by a factuality score.",
    language=("ko",),
    layout=Layout(
        at=Manual(
            steps=(
                "Read the paper, https://doi.org/10.4258/hir.2025.31.2.166 (PMC12086433). It calls "
                "the data public; no repository or hub id was found.",
                "Ask the authors (Department of Linguistics, Seoul National University; the address "
                "of the corresponding author is on the paper's first page) for the pairs and for "
                "their licence.",
                "Look at the column names. Where they are not prompt, chosen and rejected, pass "
                'columns={"prompt": "…", "chosen": "…", "rejected": "…"} with theirs.',
            ),
            expect="the one file with the pairs: Parquet, JSON Lines, JSON, CSV or TSV",
            url="https://doi.org/10.4258/hir.2025.31.2.166",
        ),
        files="komep.*",
        raw=pa.schema(dict.fromkeys(NAMES, pa.string())),
        schema=PREFERENCE,
        normalize=Columns(
            take={name: name for name in NAMES}, content=NAMES, family=("komep", ("prompt",))
        ),
        extra="ignore",
        repeats=True,
    ),
    parts=(Part(None, "train", 5551, exact=False),),
    license=(
        Claim(None, "paper and its data statement: calls the data public, names no licence"),
        written_by_a_model("paper: both answers of a pair are those of five models"),
    ),
    citation="""@article{seo2025komep,
  title   = {Advancing Korean Medical Large Language Models: Automated Pipeline for Korean Medical
             Preference Dataset Construction},
  author  = {Jean Seo and Sumin Park and Sungjoo Byun and Jinwook Choi and Jinho Choi and
             Hyopil Shin},
  journal = {Healthcare Informatics Research},
  volume  = {31},
  number  = {2},
  pages   = {166--174},
  year    = {2025},
  doi     = {10.4258/hir.2025.31.2.166}
}""",
    derived_from=(
        Parent("dahl_questions", "8,573 model-written questions over PMC papers, translated, "
               "answered by five models and paired by the DAHL score"),
    ),
    quirks=(
        "Neither the place nor the column names are published as far as known: pass path=, and "
        "columns= where the names differ. Nothing is guessed; columns beyond the three are passed "
        "over.",
        "5,551 pairs by the paper. The questions are model-written ones over research papers, not "
        "items of a licensing exam as a guide has it.",
        "Pairs whose two answers are the same are refused, or set aside with on_bad='drop'.",
        "Pairs of one prompt share a family.",
    ),
)  # fmt: skip
