r"""KoMedQA: Korean medical questions with an English translation, dedicated to the public domain.

A raw row, invented, of the CSV file::

    {"qa_id": 7, "domain": 17, "q_type": 1, "question": "정상 체온은?\n1) 36.5도 \n2) 40도",
     "answer": "1) 36.5도", "question_translated": "Normal body temperature?\n1) 36.5\n2) 40",
     "answer_translated": "1) 36.5"}
"""

from dataclasses import replace

import pyarrow as pa

from medqa_kit.catalog import Claim, Layout, Manual, Parent, Part, Source, View
from medqa_kit.entries._shared.medical_knowledge import RECORD, item_key, normalize
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import PARALLEL, QA

COMMIT = "2c8ea760971edc450bf53e25fc69384814944450"


def parallel(raw: pa.Table) -> pa.Table:
    """Pair the question with its translation."""
    table = Columns(
        take={"text": "question", "translation": "question_translated"},
        constant={"language": "ko", "text_language": "ko", "translation_language": "en"},
        content=("question", "answer"),
    )(raw)
    return table.set_column(table.column_names.index("id"), "id", item_key(raw))


def english(raw: pa.Table) -> pa.Table:
    """Read the translated question and answer."""
    table = normalize(raw, question="question_translated", answer="answer_translated")
    return table.append_column("language", pa.repeat(pa.scalar("en"), raw.num_rows))


LAYOUT = Layout(
    at=Manual(
        steps=(
            "git clone https://github.com/dianakim44/KoMedQA",
            f"git -C KoMedQA checkout {COMMIT}",
        ),
        expect="the folder KoMedQA, or data/medqa_kr_en_full.csv in it",
        url="https://github.com/dianakim44/KoMedQA",
    ),
    files="**/medqa_kr_en_full.csv",
    raw=pa.schema({**RECORD, "question_translated": pa.string(), "answer_translated": pa.string()}),
    schema=QA,
    normalize=normalize,
    repeats=True,
    views={
        "english": View(QA, english, "The translated question and answer."),
        "parallel": View(PARALLEL, parallel, "The question and its translation."),
    },
)
NAMES = ("domain_name", "q_type_name")
KOREAN = replace(
    LAYOUT,
    distribution="the Korean questions alone, JSON Lines with the names of department and type",
    files="**/medqa_kr.jsonl",
    raw=pa.schema({**RECORD, **dict.fromkeys(NAMES, pa.string())}),
    optional=NAMES,
    views={},
)

SOURCE = Source(
    name="komedqa",
    title="KoMedQA",
    about="Choice, short and long questions of Korean clinical medicine, with answers, in Korean "
    "and translated to English.",
    language=("ko",),
    layout=replace(LAYOUT, also=(KOREAN,)),
    parts=(Part(None, "train", 33379),),
    license=(
        Claim("CC0-1.0", "README and LICENSE of github dianakim44/KoMedQA"),
        Claim(
            "AI-Hub-terms",
            "AI-Hub 71874 and 71875, releases of the same project, forbid redistribution",
            credible=False,
            note="speaks of that release, not of this one",
        ),
    ),
    citation=f"""@misc{{komedqa2025,
  title        = {{KoMedQA}},
  author       = {{dianakim44}},
  year         = {{2025}},
  howpublished = {{https://github.com/dianakim44/KoMedQA}},
  note         = {{commit {COMMIT}; its own CITATION file still has placeholders}}
}}""",
    derived_from=(
        Parent(
            "physician_seeds",
            "3,380 written by physicians, 29,999 made from them by a model",
            catalogued=False,
        ),
    ),
    quirks=(
        "Options stand inside the question upstream, 'n) …' at line starts; only there they are "
        "parted. `question` is the stem, and what an answer says beyond its option is `rationale`.",
        "data/korean/medqa_kr.jsonl holds the Korean side alone, with domain_name and q_type_name beside "
        "the numbers: a path= to it gives the same rows, without the views of the translation.",
        "Domains: 12,493 of 내과, 3,659 of 외과, 3,018 of 소아청소년과, 2,438 of 산부인과, 30 of 의료법규; "
        "13, 기타, is 약리·병리·해부. Prose has options at line starts only, five of them.",
        "26,355 choice, 3,444 short and 3,580 long questions: see `tags`, which hold the "
        "department and the type.",
        "The open twin of aihub_essential_medical and aihub_professional_medical; how far they "
        "overlap is not known. Equal questions are one family.",
        "view='english' gives the translation as QA, view='parallel' the pair.",
    ),
)
