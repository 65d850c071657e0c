"""medical-o1-reasoning-SFT: medical questions with a chain of thought and a final answer.

A raw row, invented::

    {"Question": "A diver has ear pain after a quick descent. What is the likely cause?",
     "Complex_CoT": "Pressure rises with depth, so ...",
     "Response": "Middle ear barotrauma is likely."}
"""

from dataclasses import replace

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Source
from medqa_kit.entries._shared.model_written import written_by_a_model
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import QA


def _layout(file: str, language: str) -> Layout:
    return Layout(
        at=Hub(
            "FreedomIntelligence/medical-o1-reasoning-SFT",
            revision="fc2c9e8a37b38f38da6d449564a8c350b244aef4",
        ),
        files=file,
        raw=pa.schema(dict.fromkeys(("Question", "Complex_CoT", "Response"), pa.string())),
        schema=QA,
        normalize=replace(COLUMNS, constant={"language": language}),
        repeats=True,
    )


COLUMNS = Columns(
    take={"question": "Question"},
    maybe={"rationale": "Complex_CoT", "answer": "Response"},
    content=("Question", "Complex_CoT", "Response"),
    family=("o1", ("Question",)),
)
AGAIN = "a mix that holds the medical rows again, and general instructions"

SOURCE = Source(
    name="medical_o1_reasoning_sft",
    title="medical-o1-reasoning-SFT",
    about="Open medical questions, each with a chain of thought and an answer written by GPT-4o.",
    language=("en", "zh"),
    layout=_layout("medical_o1_sft.json", "en"),
    parts=(
        Part("en", "train", 19704),
        Part("zh", "train", 20171, by_name_only="the Chinese edition", named_by="subset",
             layout=_layout("medical_o1_sft_Chinese.json", "zh")),
        Part("en_mix", "train", 24900, by_name_only=AGAIN, named_by="subset", exact=False,
             layout=_layout("medical_o1_sft_mix.json", "en")),
        Part("zh_mix", "train", 25400, by_name_only=AGAIN, named_by="subset", exact=False,
             layout=_layout("medical_o1_sft_mix_Chinese.json", "zh")),
    ),
    license=(
        Claim("Apache-2.0", "tag of the hub repository"),
        written_by_a_model("the paper: the text was written by GPT-4o"),
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
        Parent("medical_o1_verifiable", "explained by GPT-4o", key="question, verbatim"),
    ),
    quirks=(
        "Without subset= only 'en' is loaded. 'zh' and the mixes en_mix and zh_mix want their name: "
        "the mixes hold the medical rows again, with general-domain instructions added (about "
        "24,900 and 25,400 rows).",
        "Until April 2025 the repository held about 25,000 mixed rows under 'en' and 'zh', and "
        "before that under 'default': the count of 19,704 is true of the pinned revision.",
        "Questions are those of medical_o1_verifiable, word for word: `family` is the same there.",
        "Some chains of thought have blanks at their ends (4 of 198 seen); they stay. They are long: "
        "1,389 to 3,601 characters where measured.",
        "The questions descend from MedQA and MedMCQA training items, rewritten; no mapping back is "
        "published.",
    ),
)  # fmt: skip
