"""KorMedMCQA: Korean licensing exams for doctors, nurses, pharmacists and dentists.

A raw row, invented::

    {"subject": "doctor", "year": 2022, "period": 1, "q_number": 7,
     "question": "괴혈병을 예방하는 비타민은?", "A": "비타민 A", "B": "비타민 B1", "C": "비타민 C",
     "D": "비타민 D", "E": "비타민 K", "answer": 3, "cot": ""}
"""

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Protection, Source
from medqa_kit.catalog.errata import listed_errata
from medqa_kit.catalog.parts import Proof
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.byte_scans import texts_with
from medqa_kit.core.arrow.columns import present, whole
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import QA

ROWS = {  # counted at the pinned revision: train, dev, test, fewshot
    "dentist": (297, 304, 811, 5),
    "doctor": (1890, 164, 435, 5),
    "nurse": (582, 291, 878, 5),
    "pharm": (632, 300, 885, 5),
}

RAW = pa.schema(
    {
        "subject": pa.string(),
        "year": pa.int64(),
        "period": pa.int64(),
        "q_number": pa.int64(),
        "question": pa.string(),
        **dict.fromkeys("ABCDE", pa.string()),
        "answer": pa.int64(),
        "cot": pa.string(),
    }
)

PICTURES = ("사진", "그림", "동영상", "녹음")

COLUMNS = Columns(
    take={"question": "question", "year": "year"},
    maybe={"rationale": "cot"},
    options=tuple("ABCDE"),
    index="answer",
    first=1,
    key=("year", "period", "q_number"),
    family=("kormedmcqa", ("question", *"ABCDE")),
)


def normalize(raw: pa.Table) -> pa.Table:
    """Take the columns as declared, and flag stems that name a picture or a recording."""
    named = pa.array(texts_with(whole(raw["question"]), PICTURES))
    flag = pc.if_else(named, "mentions_picture", pa.scalar(None, pa.string()))
    return COLUMNS(raw).append_column("tags", present(flag))


YEARS = {"train": range(2012, 2021), "dev": (2021,), "test": (2022, 2023, 2024)}


def _parts() -> tuple[Part, ...]:
    return tuple(
        part
        for subset, (train, dev, test, fewshot) in ROWS.items()
        for part in (
            Part(subset, "train", train, proof=_proof(subset, "train")),
            Part(subset, "validation", dev, upstream="dev", proof=_proof(subset, "dev")),
            Part(subset, "test", test, evaluation=True, proof=_proof(subset, "test")),
            Part(subset, "fewshot", fewshot, by_name_only="copies of validation rows",
                 proof=_proof(subset, "dev")),
        )
    )  # fmt: skip


def _proof(subset: str, upstream: str) -> Proof:
    names = ("pharm", "pharmacy") if subset == "pharm" else (subset,)
    return {"subject": names, "year": YEARS[upstream]}


SOURCE = Source(
    name="kormedmcqa",
    title="KorMedMCQA",
    about="Five-option questions of the Korean health professional licensing examinations, "
    "2012 to 2024.",
    language=("ko",),
    errata=listed_errata("kormedmcqa"),
    layout=Layout(
        at=Hub("sean0042/KorMedMCQA", revision="79efd6f91edfc8036330d7a4daa88b9f2deb9a82"),
        files="{subset}/{upstream}-*.parquet",
        raw=RAW,
        schema=QA,
        normalize=normalize,
        gold=COLUMNS.gold,
        optional=("cot",),  # null but for the few-shot rows
    ),
    parts=_parts(),
    holdouts=(
        Protection(
            "kormedmcqa-official-test",
            split="test",
            items=3009,
            reason="the official test split: the licensing exams of 2022 to 2024",
            protects=("lm_eval/kormedmcqa", "hret/kormedmcqa", "nemo_skills/kormedmcqa"),
        ),
        Protection(
            "kormedmcqa-2024",
            split="test",
            years=(2024,),
            items=964,
            reason="the licensing exams of 2024",
            default=False,
            leaves_in="2,045 rows of the official test split (2022 and 2023) stay in: no harness "
            "scores 2024 alone. Use kormedmcqa-official-test if you report KorMedMCQA",
        ),
        Protection(
            "kormedmcqa-validation",
            split="validation",
            items=1059,
            reason="the licensing exams of 2021, of which the few-shot examples are copies",
            default=False,
        ),
    ),
    license=(
        Claim("CC-BY-NC-2.0", "front matter of the upstream card at the pinned revision"),
        Claim("CC-BY-NC-2.0", "dataset list of the HAERAE evaluation toolkit"),
        Claim("academic-only", "Open-korean-corpora list"),
        Claim("MIT", "a Korean training guide; contradicted by the card", credible=False),
        Claim("MIT", "SokolAnn/BenchmarkCards; contradicted by the card", credible=False),
    ),
    citation="""@article{kweon2024kormedmcqa,
  title   = {KorMedMCQA: Multi-Choice Question Answering Benchmark for Korean Healthcare
             Professional Licensing Examinations},
  author  = {Sunjun Kweon and Jiyoun Choi and Gyouk Chu and Junyeong Song and Daeun Hyeon and
             Sujin Gan and Jueon Kim and Minkyu Kim and Rae Woong Park and Edward Choi},
  journal = {arXiv preprint arXiv:2403.01469},
  year    = {2024}
}""",
    derived_from=(Parent("korean_licensing_exams", "published items, typed in", catalogued=False),),
    quirks=(
        "Years: train up to 2020, validation 2021, test 2022 to 2024. Holding out 2024 alone (964 "
        "rows) leaves 2,045 official test rows in training; hold out the official test (3,009).",
        "The 20 few-shot rows are copies of validation rows: split='fewshot' gives them, nothing "
        "else contains them.",
        "The raw column `subject` says 'pharmacy' in the 271 pharm rows of 2024; `subset` is "
        "'pharm' in all.",
        "Only doctor reaches back to 2012: nurse and pharm begin in 2019, dentist in 2020.",
        "630 questions have blanks or line breaks at their ends and 529 have line breaks inside; "
        "both stay, since harness prompts depend on them.",
        "Three items have repeated options, one of them (pharm-2020-2-15) the right one: use "
        "`answer_index`, never the text.",
        "The stem of doctor-2019-1-57 is one character long, damaged upstream.",
        "Seven pharm rows hold CJK compatibility ideographs and change under NFC: compare after "
        "NFC, keep the original.",
        "Stems repeat with other options in 10 groups: remove duplicates by stem and options.",
        "About 160 stems (a second-hand count) rely on pictures or recordings that are not "
        "included. The tag 'mentions_picture' marks stems with one of the words "
        f"{', '.join(PICTURES)}: a word test, to filter by if you like.",
        "Options are text, also where they are digits (39 rows) or one character (64).",
        "Four rows have options with blanks at an end and one (dentist-2024-2-79) has a line break "
        "inside an option; both stay.",
    ),
)
