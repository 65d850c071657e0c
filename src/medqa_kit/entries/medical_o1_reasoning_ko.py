"""medical-o1-reasoning-SFT-Ko: the reasoning set in Korean.

A raw row, invented::

    {"Question": "잠수 직후 귀가 아프다면 무엇을 의심해야 하나요?",
     "Complex_Cot": "깊이 내려가면 압력이 커진다 ...", "Response": "중이의 압력손상을 의심합니다."}
"""

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Source
from medqa_kit.entries._shared.model_written import written_by_a_model
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import QA

SOURCE = Source(
    name="medical_o1_reasoning_ko",
    title="medical-o1-reasoning-SFT-Ko",
    about="Korean translation of an early medical-o1-reasoning-SFT: question, chain of thought and "
    "answer.",
    language=("ko",),
    layout=Layout(
        at=Hub(
            "ChuGyouk/medical-o1-reasoning-SFT-Ko",
            revision="a929b9edf0176daf0a15e13a71503be417ba6cff",
        ),
        files="data/{split}-*.parquet",
        raw=pa.schema(dict.fromkeys(("Question", "Complex_Cot", "Response"), pa.string())),
        schema=QA,
        normalize=Columns(
            take={"question": "Question"},
            maybe={"rationale": "Complex_Cot", "answer": "Response"},
            content=("Question", "Complex_Cot", "Response"),
        ),
        repeats=True,
    ),
    parts=(Part(None, "train", 25682, exact=False),),
    license=(
        Claim("Apache-2.0", "tag of the hub repository"),
        written_by_a_model("the English parent was written by GPT-4o; the engine of the translation "
                           "is not named"),
    ),
    citation="""@misc{chen2024huatuogpto1,
  title         = {HuatuoGPT-o1, Towards Medical Complex Reasoning with LLMs},
  author        = {Junying Chen and Zhenyang Cai and Ke Ji and Xidong Wang and Wanlong Liu and
                   Rongsheng Wang and Jianye Hou and Benyou Wang},
  year          = {2024},
  eprint        = {2412.18925},
  archivePrefix = {arXiv}
}""",
    derived_from=(Parent("medical_o1_reasoning_sft", "translated, from the state before April 2025"),),
    quirks=(
        "The column is spelled `Complex_Cot` here and `Complex_CoT` in the English parent; case is "
        "ignored when columns are matched.",
        "Made in January 2025 from an English file of about 25,000 rows that mixed in general "
        "instructions: not every row is medical, and rows do not align with today's English file.",
        "No English text is carried along, so nothing proves which English row is behind a row: "
        "`family` is null.",
    ),
)  # fmt: skip
