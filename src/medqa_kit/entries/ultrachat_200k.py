"""UltraChat 200k: filtered dialogues between a model and itself, in English.

A raw row, invented::

    {"prompt": "How do bees make honey?", "prompt_id": "0f3c...", "messages": [
        {"content": "How do bees make honey?", "role": "user"},
        {"content": "They gather nectar and dry it.", "role": "assistant"}]}
"""

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Source
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.arrow.hashing import family_key
from medqa_kit.core.arrow.messages import dialogues
from medqa_kit.entries._shared.model_written import written_by_a_model
from medqa_kit.schemas import DIALOGUE


def normalize(raw: pa.Table) -> pa.Table:
    """Put the role before the content; rows of one prompt are one family."""
    turns = whole(raw["messages"])
    role, content = (pc.struct_field(turns.flatten(), name) for name in ("role", "content"))
    return pa.table(
        {
            "id": raw["prompt_id"],
            "family": family_key("ultrachat", raw["prompt_id"]),
            "messages": dialogues(turns, role, content),
        }
    )


SOURCE = Source(
    name="ultrachat_200k",
    title="UltraChat 200k",
    about="English dialogues of ChatGPT with itself, filtered for the training of Zephyr.",
    language=("en",),
    layout=Layout(
        at=Hub("HuggingFaceH4/ultrachat_200k"),
        files="data/{upstream}-*.parquet",
        raw=pa.schema(
            {
                "prompt": pa.string(),
                "prompt_id": pa.string(),
                "messages": pa.list_(pa.struct({"content": pa.string(), "role": pa.string()})),
            }
        ),
        schema=DIALOGUE,
        normalize=normalize,
    ),
    parts=(
        Part(None, "train", 207865, upstream="train_sft"),
        Part(
            None,
            "test",
            23110,
            upstream="test_sft",
            by_name_only="held out upstream",
            evaluation=True,
        ),
        Part(None, "train_gen", 256032, by_name_only="prompts of train again", exact=False),
        Part(
            None,
            "test_gen",
            28304,
            by_name_only="prompts of test again",
            exact=False,
            evaluation=True,
        ),
    ),
    license=(
        Claim("MIT", "hub tag of HuggingFaceH4/ultrachat_200k"),
        written_by_a_model("its papers: both sides of the dialogues are ChatGPT's"),
    ),
    citation="""@misc{ding2023enhancing,
  title         = {Enhancing Chat Language Models by Scaling High-quality Instructional
                   Conversations},
  author        = {Ning Ding and Yulin Chen and Bokai Xu and Yujia Qin and others},
  year          = {2023},
  eprint        = {2305.14233},
  archivePrefix = {arXiv}
}
@misc{tunstall2023zephyr,
  title         = {Zephyr: Direct Distillation of LM Alignment},
  author        = {Lewis Tunstall and Edward Beeching and Nathan Lambert and others},
  year          = {2023},
  eprint        = {2310.16944},
  archivePrefix = {arXiv}
}""",
    derived_from=(Parent("ultrachat", "filtered", catalogued=False),),
    quirks=(
        "Upstream has no split called train: here train is its train_sft and test its test_sft. "
        "Only train is loaded unless another split is named.",
        "The gen splits repeat prompts of the sft splits: split by `family`, which is the prompt.",
        "It is English, although lists of Korean data name it; the circulating count of 515,311 "
        "adds all four splits.",
    ),
)
