"""KMMLU, medical and adjacent subjects: four-option questions of Korean public exams.

A raw row, invented::

    question,answer,A,B,C,D,Category,Human Accuracy
    성인의 안정 시 정상 맥박수(회/분)는?,2,30~50,60~100,110~130,140~160,Health,0.71
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Protection, Reading, Source
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import positions, truths
from medqa_kit.normalizing import RAW_ROW, Columns
from medqa_kit.schemas import QA

ADJACENT = ("Biology", "Psychology", "Social-Welfare", "Public-Safety", "Food-Processing",
            "Agricultural-Sciences", "Ecology", "Chemistry")  # fmt: skip

RAW = pa.schema(
    {
        "question": pa.string(),
        "answer": pa.int64(),
        **dict.fromkeys("ABCD", pa.string()),
        "Category": pa.string(),
        "Human Accuracy": pa.float64(),
    }
)
LISTED = pa.schema(
    {
        "question": pa.string(),
        "options": pa.list_(pa.string()),
        "solution": pa.string(),  # "1" to "5"; where it is a number, its digits are taken
        "license_name": pa.string(),
        "subject": pa.string(),
    }
)
MEDICAL = ("의사", "치과의사", "한의사", "약사", "한약사")
"""The medical ones of the fourteen licences in KMMLU-Pro."""
SIBLINGS = "another benchmark; load it by name"

KMMLU = Layout(
    at=Hub("HAERAE-HUB/KMMLU", revision="134de68c7c5d22e21de93216405ad0d5069eb2bc"),
    files="data/{subset}-{upstream}.csv",
    raw=RAW,
    schema=QA,
    normalize=Columns(
        take={"question": "question"},
        options=tuple("ABCD"),
        index="answer",
        first=1,
        content=("question", *"ABCD"),
        family=("kmmlu", ("question", *"ABCD")),
    ),
    repeats=True,
)
# Neither the revision nor the exact file names are known: any CSV of health (in lower case)
# and the split is meant.
HARD = replace(
    KMMLU,
    at=Hub("HAERAE-HUB/KMMLU-HARD"),
    files="**health**{upstream}*.csv",
    optional=("Category", "Human Accuracy"),
    extra="ignore",
)
LISTS = Columns(
    take={"question": "question"},
    options="options",
    index="solution",
    first=1,
    content=("question", "options"),
)
PRO_ITEMS = replace(LISTS, family=("kmmlu_pro", ("question", "options")))


def medical_licences(raw: pa.Table) -> pa.Table:
    """Keep the items of the five medical licences."""
    at = pa.array(positions(_medical(raw)), pa.int64())
    return PRO_ITEMS(raw.take(at)).append_column(RAW_ROW, at)


def other_licences(raw: pa.Table) -> dict[str, np.ndarray]:
    """Count the items of other licences."""
    return {"row_of_another_licence": ~truths(_medical(raw))}


def _medical(raw: pa.Table) -> pa.ChunkedArray:
    return pc.is_in(raw["license_name"], value_set=pa.array(MEDICAL))


PRO = Layout(
    at=Hub("LGAI-EXAONE/KMMLU-Pro", gated=True),
    files="**{upstream}*",
    raw=LISTED,
    read=Reading(number_as_text=("solution",)),
    schema=QA,
    normalize=PRO_ITEMS,
    extra="ignore",
    repeats=True,
)
PRO_MEDICAL = replace(PRO, normalize=medical_licences, left_out=other_licences)
REDUX = replace(
    PRO,
    at=Hub("LGAI-EXAONE/KMMLU-Redux", gated=True),
    normalize=replace(LISTS, family=("kmmlu", ("question", "options"))),
)


def _subject(subset: str, why: str = "") -> tuple[Part, ...]:
    shots = "five examples for prompts, not for training"
    return (
        Part(subset, "train", by_name_only=why, named_by="subset"),
        Part(subset, "validation", 5, upstream="dev", by_name_only=shots, exact=False,
             named_by="both" if why else "split"),
        Part(subset, "test", evaluation=True, by_name_only=why, named_by="subset"),
    )  # fmt: skip


def _sibling(subset: str, layout: Layout, rows: int | None = None, why: str = SIBLINGS) -> Part:
    return Part(subset, "test", rows, layout=layout, by_name_only=why, named_by="subset",
                evaluation=True)  # fmt: skip


SOURCE = Source(
    name="kmmlu_medical",
    title="KMMLU, medical subjects",
    about="Four-option questions of Korean public exams: Health, and by name the subjects next to "
    "it, the hard selection, and the gated successors Pro and Redux.",
    language=("ko",),
    layout=KMMLU,
    version=2,
    parts=(
        *_subject("Health"),
        *(part for s in ADJACENT for part in _subject(s, "not a medical subject")),
        _sibling("hard", HARD),
        _sibling("pro", PRO, 2822),
        _sibling("pro_medical", PRO_MEDICAL, why="the medical rows of 'pro', once more"),
        _sibling("redux", REDUX, 2587),
    ),
    holdouts=(
        Protection(
            "kmmlu-health-test",
            subset="Health",
            split="test",
            reason="the official test split of the one medical subject; KMMLU-HARD is a part of it",
            protects=(
                "lm_eval/kmmlu",
                "lm_eval/kmmlu_direct",
                "lm_eval/kmmlu_hard",
                "lm_eval/kmmlu_direct_hard",
                "lm_eval/kmmlu_cot_hard_health",
                "hret/kmmlu",
                "nemo_skills/kmmlu",
            ),
        ),
        Protection(
            "kmmlu-pro-medical-test",
            subset="pro_medical",
            split="test",
            default=False,
            reason="the items of five medical licences in a gated benchmark whose terms forbid "
            "training on it",
        ),
    ),
    license=(
        Claim(
            "CC-BY-ND-4.0",
            "hub page of HAERAE-HUB/KMMLU",
            note="a reformatted copy is a derivative: do not pass one on",
        ),
        Claim("CC-BY-ND-4.0", "dataset list of the HAERAE evaluation toolkit"),
        Claim(
            "CC-BY-NC-ND-4.0",
            "hub pages of LGAI-EXAONE/KMMLU-Pro and KMMLU-Redux",
            note="with a clause against training on them",
            subsets=("pro", "pro_medical", "redux"),
        ),
    ),
    citation="""@inproceedings{son2024kmmlu,
  title     = {KMMLU: Measuring Massive Multitask Language Understanding in Korean},
  author    = {Guijin Son and others},
  booktitle = {NAACL},
  year      = {2025},
  note      = {arXiv:2402.11548, 2024}
}
@article{kmmlu2025redux,
  title   = {KMMLU-Redux and KMMLU-Pro},
  author  = {{LG AI Research}},
  journal = {arXiv preprint arXiv:2507.08924},
  year    = {2025}
}""",
    derived_from=(Parent("korean_public_exams", "published items, crawled", catalogued=False),),
    quirks=(
        "Only Health is a medical subject. Biology, Psychology, Social-Welfare, Public-Safety, "
        "Food-Processing, Agricultural-Sciences, Ecology and Chemistry are read by name. A "
        "circulating count of 31,469 medical rows fits no known choice of subjects.",
        "Columns are read by name, since some files order them differently (math-test.csv).",
        "Answers count from 1 upstream; some other benchmarks count from 0.",
        "Five validation rows a subject (upstream's dev) are for prompts, not for training: "
        "split='validation' gives them.",
        "An early revision held one table with option#1 to option#4; it is refused.",
        "Some questions are two items glued together, or hold words of a prompt.",
        "hard is a selection from the test split: copies share their family.",
        "pro and redux are gated and hold all professions: keep=['license_name'] carries the exam "
        "along. Of the fourteen licences of pro five are medical (의사, 치과의사, 한의사, 약사, 한약사): "
        "subset='pro_medical' keeps these, and counts the rows of the others. Options are 4 or 5.",
        "`solution` is text, '1' to '5', in pro and most likely in redux; a number is read as well.",
        "The pinned revision is that of the counts; in September 2026 the head of HAERAE-HUB/KMMLU was "
        "d61b3f19e552c576bf5960dd24289763edc36a88.",
    ),
)
