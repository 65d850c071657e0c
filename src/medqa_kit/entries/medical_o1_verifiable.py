"""medical-o1-verifiable-problem: exam items rewritten into open questions with a short truth.

A raw row, invented::

    {"Open-ended Verifiable Question": "Which vitamin deficiency causes bleeding gums?",
     "Ground-True Answer": "Vitamin C"}
"""

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Source
from medqa_kit.entries._shared.model_written import written_by_a_model
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import QA

QUESTION, ANSWER = "Open-ended Verifiable Question", "Ground-True Answer"

SOURCE = Source(
    name="medical_o1_verifiable",
    title="medical-o1-verifiable-problem",
    about="Items of MedQA and MedMCQA rewritten by GPT-4o into open questions with a short, "
    "checkable answer.",
    language=("en",),
    layout=Layout(
        at=Hub(
            "FreedomIntelligence/medical-o1-verifiable-problem",
            revision="46d5175eb74fdef3516d51d52e8c40db04bbdf35",
        ),
        files="medical_o1_verifiable_problem.json",
        raw=pa.schema({QUESTION: pa.string(), ANSWER: pa.string()}),
        schema=QA,
        normalize=Columns(
            take={"question": QUESTION},
            maybe={"answer": ANSWER},
            content=(QUESTION, ANSWER),
            family=("o1", (QUESTION,)),
        ),
        repeats=True,
    ),
    parts=(Part(None, "train", 40644, exact=False),),
    license=(
        Claim("Apache-2.0", "tag of the hub repository"),
        written_by_a_model("the paper: the questions were rewritten by GPT-4o"),
    ),
    citation="""@misc{chen2024huatuogpto1,
  title         = {HuatuoGPT-o1, Towards Medical Complex Reasoning with LLMs},
  author        = {Junying Chen and Zhenyang Cai and Ke Ji and Xidong Wang and Wanlong Liu and
                   Rongsheng Wang and Jianye Hou and Benyou Wang},
  year          = {2024},
  eprint        = {2412.18925},
  archivePrefix = {arXiv}
}""",
    derived_from=(
        Parent("medqa_usmle", "training items rewritten into open questions"),
        Parent("medmcqa", "training items rewritten into open questions"),
    ),
    quirks=(
        "Column names are spelled as upstream does, blanks and hyphens included: "
        f"'{QUESTION}' and '{ANSWER}'.",
        "40,644 rows by arithmetic, 40,316 distinct questions: about 328 repeat. Exact copies stay "
        "and get ids that end in ~2.",
        "The truth equals the text of the original option in only 161 of 198 rows seen: it cannot "
        "be matched back by string, and no mapping to the exam item is published.",
        "Answers are short (32 of 198 under 10 characters): a length filter would drop valid rows.",
        "Questions that were used for medical_o1_reasoning_sft are there word for word; `family` "
        "is the same.",
    ),
)
