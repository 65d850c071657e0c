"""KULLM v2: instructions of GPT4ALL, Dolly and Vicuna, machine-translated to Korean.

A raw row, invented::

    {"id": "alpaca_{idx}", "instruction": "낱말의 뜻을 쓰시오.", "input": "식후", "output": "밥을 먹은 뒤"}
"""

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Source
from medqa_kit.entries._shared.model_written import written_by_a_model
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import QA

SOURCE = Source(
    name="kullm_v2",
    title="KULLM v2",
    about="Instructions with replies of three English collections, translated with DeepL.",
    language=("ko",),
    layout=Layout(
        at=Hub("nlpai-lab/kullm-v2", revision="3485701c55c30d6e77ab9c167313dd8e364d3fc1"),
        files="kullm-v2.jsonl",
        raw=pa.schema(dict.fromkeys(("id", "instruction", "input", "output"), pa.string())),
        schema=QA,
        normalize=Columns(
            take={"question": "instruction"},
            maybe={"context": "input", "answer": "output"},
            content=("instruction", "input", "output"),
        ),
        repeats=True,
    ),
    parts=(Part(None, "train", 152630),),
    license=(
        Claim("Apache-2.0", "hub tag of nlpai-lab/kullm-v2"),
        written_by_a_model("the card: replies of OpenAI models, translated"),
    ),
    citation="""@misc{kullm2023,
  title        = {KULLM: Korea University Large Language Model Project},
  author       = {{NLP \\& AI Lab and Human-Inspired AI Research}},
  year         = {2023},
  howpublished = {https://github.com/nlpai-lab/kullm}
}""",
    derived_from=(
        Parent(
            "gpt4all_or_gpt4_llm",
            "translated; card and repository name it differently",
            catalogued=False,
        ),
        Parent("dolly", "translated", catalogued=False),
        Parent("sharegpt", "its Vicuna part, translated", catalogued=False),
    ),
    quirks=(
        "`id` is not unique, in places an unfilled pattern: keys here are hashes of the row. "
        "view='raw' calls it `upstream_id`.",
        "`input` is `context` here; an empty one is null.",
        "The card's size tag (10K to 100K) is wrong: 152,630 rows.",
        "Its Vicuna part overlaps the ShareGPT translations in open_korean_instructions; nothing "
        "proves it row by row.",
    ),
)
