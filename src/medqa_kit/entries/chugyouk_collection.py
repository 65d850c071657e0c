"""The medical members of the ChuGyouk collection that are text and whose columns are known.

A raw row of ``HealthSearchQA-ko``, invented::

    {"question": "What helps when my ears feel blocked?",
     "question_ko": "귀가 먹먹하면 어떻게 하나요?", "answer_ko": "하품을 해 보세요."}

A raw row of ``KorMedConceptsQA``, invented::

    {"question": "감기의 부호는?", "option1": "J00", "option2": "K35", "option3": "I10",
     "option4": "E11", "answer_id": "A"}
"""

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Protection, Source
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import QA

PLAIN = ("instruction", "input", "output")
CONCEPTS = (
    "kcd8_easy",
    "kcd8_medium",
    "kcd8_hard",
    "kcd8_merged",
    "atc_easy",
    "atc_medium",
    "atc_hard",
)
REPEATS = "holds what the easy, medium and hard subsets hold"
EXAM = "may hold test items of MedQA (USMLE), translated"


def _layout(
    repo: str, columns: tuple[str, ...], normalize: Columns, files: str = "**train*.*"
) -> Layout:
    """Only the columns are known: file names and formats are taken as they come."""
    return Layout(
        at=Hub(f"ChuGyouk/{repo}"),
        files=files,
        raw=pa.schema(dict.fromkeys(columns, pa.string())),
        schema=QA,
        normalize=normalize,
        extra="ignore",
        repeats=True,
    )


def _pairs(repo: str, question: str, answer: str) -> Layout:
    return _layout(
        repo,
        (question, answer),
        Columns(take={"question": question}, maybe={"answer": answer}, content=(question, answer)),
    )


INSTRUCTED = Columns(
    take={"question": "instruction"},
    maybe={"context": "input", "answer": "output"},
    content=PLAIN,
)
LETTERS = ("A_ko", "B_ko", "C_ko", "D_ko")
MEDQA = Columns(
    take={"question": "question_ko"},
    options=LETTERS,
    letter="answer_idx",
    content=("question_ko", *LETTERS),
    family=("chugyouk_medqa", ("question_ko",)),
)
SEARCHED = Columns(
    take={"question": "question_ko"},
    maybe={"answer": "answer_ko"},
    content=("question_ko", "answer_ko"),
    family=("healthsearchqa", ("question",)),
)
CHOICES = tuple(f"option{number}" for number in range(1, 5))
BENCHMARK = Columns(
    take={"question": "question"},
    options=CHOICES,
    letter="answer_id",
    content=("question", *CHOICES),
    family=("kormedconceptsqa", ("question", *CHOICES)),
)
MEMBERS = {
    "AI_healthcare_QA": _pairs("AI_healthcare_QA", "question", "answer"),
    "Asan-AMC-Healthinfo": _layout("Asan-AMC-Healthinfo", PLAIN, INSTRUCTED),
    "GenMedGPT-5k-ko": _pairs("GenMedGPT-5k-ko", "input", "output"),
    "HealthSearchQA-ko": _layout(
        "HealthSearchQA-ko", ("question", "question_ko", "answer_ko"), SEARCHED
    ),
    "KoMedInstruct-52k": _layout("KoMedInstruct-52k", PLAIN, INSTRUCTED),
    "MedQA-Evol-Korean": _pairs("MedQA-Evol-Korean", "input", "output"),
}
ROWS = {"GenMedGPT-5k-ko": 5451}


def _parts() -> tuple[Part, ...]:
    medqa = _layout("MedQA", ("question_ko", *LETTERS, "answer_idx"), MEDQA)
    return (
        *(Part(name, "train", ROWS.get(name), layout=layout) for name, layout in MEMBERS.items()),
        *(
            Part(f"KorMedConceptsQA-{config}", "test", named_by="subset", evaluation=True,
                 layout=_layout("KorMedConceptsQA", ("question", *CHOICES, "answer_id"), BENCHMARK,
                                f"**{config}**test*.*"),
                 by_name_only=REPEATS if config.endswith("merged") else "")
            for config in CONCEPTS
        ),
        Part("MedQA", "train", layout=medqa, by_name_only=EXAM, named_by="subset"),
    )  # fmt: skip


SOURCE = Source(
    name="chugyouk_collection",
    title="Korean medical collection of ChuGyouk",
    about="Korean medical questions and instructions of several sets, most of them translations.",
    language=("ko",),
    layout=MEMBERS["AI_healthcare_QA"],
    parts=_parts(),
    version=2,
    holdouts=(
        Protection(
            "kormedconceptsqa-test",
            split="test",
            reason="KorMedConceptsQA is a benchmark with a test split alone; nothing of it is for "
            "training",
        ),
    ),
    license=(Claim(None, "member by member on the hub pages of ChuGyouk: not known"),),
    citation="""@misc{chugyouk2024korean,
  title        = {Korean medical datasets},
  author       = {Gyouk Chu},
  year         = {2024},
  howpublished = {https://huggingface.co/ChuGyouk}
}""",
    derived_from=(
        Parent("medqa_usmle", "translated (MedQA)"),
        Parent("genmedgpt_5k", "translated (GenMedGPT-5k-ko)", catalogued=False),
        Parent(
            "healthsearchqa",
            "translated, answered by a model",
            key="English question, kept beside the Korean one",
            catalogued=False,
        ),
        Parent(
            "medconceptsqa",
            "translated and made anew for Korean codes (KorMedConceptsQA)",
            catalogued=False,
        ),
    ),
    quirks=(
        "Each member has columns of its own; further columns are ignored. File names and formats "
        "are not known: what has 'train' in its name is read, and else the error lists the files.",
        "MedQA has 22.9k rows, about twice the 11,451 of the 4-option set: test items of USMLE may "
        "be inside, so it is read by name only. Nothing proves which row is which English item.",
        "KorMedConceptsQA is a benchmark of four options and has a test split alone: it is never "
        "training data, and the holdout kormedconceptsqa-test keeps it out. Its merged subset is read "
        "by name only. The parent, ofir408/MedConceptsQA, has a dev split for prompts and a test split.",
        "HealthSearchQA-ko has the English question beside the Korean one: rows of one English question "
        "are one `family`, and keep=['question'] carries it along.",
        "Not here: ChainofDiagnosis-Ko (gated, columns unknown), MedExpQA-Kor, PubMedQA-test-Ko, "
        "medical_questions_pairs_ko, and PubMedVision-EnKo (pictures). "
        "medical_reasoning_kormedmcqa and medical_o1_reasoning_ko are sources of their own.",
        "Two addresses of the collection circulate; which is right is not known.",
    ),
)
