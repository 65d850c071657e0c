"""KoAlpaca v1.0 and v1.1a: Korean instructions with replies.

A raw row of v1.0, invented::

    {"instruction": "다음 낱말의 반대말을 쓰시오.", "input": "높다", "output": "낮다"}
"""

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Source
from medqa_kit.entries._shared.model_written import written_by_a_model
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import QA

V10 = Layout(
    at=Hub("Bingsu/ko_alpaca_data"),
    files="data/{upstream}-*.parquet",
    raw=pa.schema(dict.fromkeys(("instruction", "input", "output"), pa.string())),
    schema=QA,
    normalize=Columns(
        take={"question": "instruction"},
        maybe={"context": "input", "answer": "output"},
        content=("instruction", "input", "output"),
        family=("koalpaca", ("instruction", "input")),
    ),
    repeats=True,
)
V11A = Layout(
    at=Hub("beomi/KoAlpaca-v1.1a"),
    files="data/{upstream}-*.parquet",
    raw=pa.schema(dict.fromkeys(("instruction", "output", "url"), pa.string())),
    schema=QA,
    normalize=Columns(
        take={"question": "instruction"},
        maybe={"answer": "output"},
        content=("instruction", "output"),
        family=("koalpaca", ("instruction",)),
    ),
    repeats=True,
)

SOURCE = Source(
    name="koalpaca",
    title="KoAlpaca v1.0 and v1.1a",
    about="Instructions with replies: v1.0 is Stanford Alpaca in Korean, v1.1a are questions of a "
    "Korean answer site with model-written replies.",
    language=("ko",),
    layout=V10,
    parts=(
        Part("v1.0", "train", 49620),
        Part("v1.1a", "train", 21155, layout=V11A),
    ),
    license=(
        Claim("CC-BY-NC-4.0", "hub card of Bingsu/ko_alpaca_data", subsets=("v1.0",)),
        Claim("CC-BY-NC-4.0", "data licence file in github Beomi/KoAlpaca"),
        written_by_a_model(
            "Stanford Alpaca for v1.0, README of KoAlpaca for v1.1a: replies of OpenAI models"
        ),
        Claim(
            None,
            "hub page of beomi/KoAlpaca-v1.1a, searched",
            subsets=("v1.1a",),
            note="questions were crawled from Naver 지식iN",
        ),
    ),
    citation="""@misc{koalpaca2023,
  title        = {KoAlpaca: Korean Alpaca Model based on Stanford Alpaca},
  author       = {Junbum Lee},
  year         = {2023},
  howpublished = {https://github.com/Beomi/KoAlpaca}
}""",
    derived_from=(
        Parent("stanford_alpaca", "translated (v1.0)", catalogued=False),
        Parent(
            "naver_kin", "questions crawled, replies written by a model (v1.1a)", catalogued=False
        ),
    ),
    quirks=(
        "`input` is `context` here and must not be dropped: about 45 % of a sample of 1,040 rows "
        "of v1.0 have one; an empty one is null.",
        "The two versions have different columns: v1.1a has no input, and a url (keep=['url'] "
        "with subset='v1.1a').",
        "open_korean_instructions holds formatted copies of all rows, in equal families.",
        "Other translations of Alpaca circulate, alone and inside other sets; nothing proves row by "
        "row which are the same.",
        "Variants by others circulate, some under friendlier licences (royboy0416/ko-alpaca, "
        "CC-BY-4.0; KoAlpaca-RealQA): they are not read here, and change nothing for these rows.",
    ),
)
