"""Korean UltraFeedback, binarized: two replies to a prompt, one preferred.

A raw row, invented::

    {"prompt": "물의 끓는점은?", "chosen": "1기압에서 섭씨 100도입니다.", "rejected": "뜨겁습니다."}
"""

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Source
from medqa_kit.entries._shared.model_written import written_by_a_model
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import PREFERENCE

NAMES = ("prompt", "chosen", "rejected")

SOURCE = Source(
    name="ko_ultrafeedback",
    title="Ko-UltraFeedback, binarized",
    about="Prompts with a preferred and another reply, machine-translated from UltraFeedback.",
    language=("ko",),
    layout=Layout(
        at=Hub(
            "maywell/ko_Ultrafeedback_binarized",
            revision="3efc698dc29338e27b6e1de02628c292ffa5c472",
        ),
        files="data/{upstream}-*.parquet",
        raw=pa.schema(dict.fromkeys(NAMES, pa.string())),
        schema=PREFERENCE,
        normalize=Columns(
            take={name: name for name in NAMES},
            content=NAMES,
            family=("ko_ultrafeedback", ("prompt",)),
        ),
        repeats=True,
    ),
    parts=(Part(None, "train", 61966),),
    license=(
        Claim(
            "data-not-for-commercial-use",
            "text of the card of maywell/ko_Ultrafeedback_binarized",
            note="models trained on it may be used commercially, says the card",
        ),
        Claim(None, "hub tag, searched"),
        written_by_a_model("the card: replies of UltraFeedback's models, translated by another"),
    ),
    citation="""@misc{maywell2024koultrafeedback,
  title        = {Ko-UltraFeedback, binarized},
  author       = {maywell},
  year         = {2024},
  howpublished = {https://huggingface.co/datasets/maywell/ko\\_Ultrafeedback\\_binarized}
}""",
    derived_from=(
        Parent("ultrafeedback_binarized", "translated by Synatra-7B-Translation", catalogued=False),
    ),
    quirks=(
        "The translation is by machine and not refined, says the card.",
        "Rows whose two replies are the same are errors; on_bad='drop' sets them aside.",
        "Replies are plain strings, not lists of messages.",
        "The sets called 10k and mini that circulate are subsets of this one.",
    ),
)
