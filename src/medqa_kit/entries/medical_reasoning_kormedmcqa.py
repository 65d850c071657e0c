"""Model-written reasoning on KorMedMCQA items, several traces an item.

A raw row, invented::

    {"question": "괴혈병을 예방하는 비타민은?", "A": "비타민 A", "B": "비타민 B1", "C": "비타민 C",
     "D": "비타민 D", "E": "비타민 K", "answer": 3,
     "thinking": "괴혈병은 콜라겐 합성 장애이고 ...", "response": "정답은 C입니다."}
"""

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Source
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import QA

SOURCE = Source(
    name="medical_reasoning_kormedmcqa",
    title="medical-reasoning-train-kormedmcqa",
    about="Chains of thought and replies written by a model for items of KorMedMCQA.",
    language=("ko",),
    layout=Layout(
        at=Hub("ChuGyouk/medical-reasoning-train-kormedmcqa"),
        files="data/{split}-*.parquet",
        raw=pa.schema(
            {
                "subject": pa.string(),
                "year": pa.int64(),
                "period": pa.int64(),
                "q_number": pa.int64(),
                "question": pa.string(),
                **dict.fromkeys("ABCDE", pa.string()),
                "answer": pa.int64(),
                "thinking": pa.string(),
                "response": pa.string(),
            }
        ),
        schema=QA,
        normalize=Columns(
            take={"question": "question", "year": "year"},
            maybe={"rationale": "thinking"},
            options=tuple("ABCDE"),
            index="answer",
            first=1,
            content=("question", *"ABCDE", "thinking", "response"),
            family=("kormedmcqa", ("question", *"ABCDE")),
        ),
        optional=("subject", "year", "period", "q_number"),
        extra="ignore",
        repeats=True,
    ),
    parts=(Part(None, "train", 8751, exact=False),),
    license=(
        Claim(None, "upstream card: its licence was not seen", credible=False),
        Claim("CC-BY-NC-2.0", "inherited: the items are those of KorMedMCQA"),
        Claim("CC-BY-NC-4.0", "a third-party list says CC-BY-NC, without a version", credible=False),
    ),
    citation="""@article{kweon2024kormedmcqa,
  title   = {KorMedMCQA: Multi-Choice Question Answering Benchmark for Korean Healthcare
             Professional Licensing Examinations},
  author  = {Sunjun Kweon and Jiyoun Choi and Gyouk Chu and Junyeong Song and Daeun Hyeon and
             Sujin Gan and Jueon Kim and Minkyu Kim and Rae Woong Park and Edward Choi},
  journal = {arXiv preprint arXiv:2403.01469},
  year    = {2024}
}""",
    derived_from=(
        Parent("kormedmcqa", "explained by a model, probably Gemini",
               key="question and the five options, verbatim"),
    ),
    quirks=(
        "8,751 traces are more than the 7,469 items there are: items repeat with other traces. They "
        "share `family`, which equals that of the item in kormedmcqa; split by it.",
        "Whether items of the official test (2022 to 2024) are inside is not known. Hold out by "
        "`family` or by text against kormedmcqa, never by year: rows may have none.",
        "The reasoning is `thinking`; the model's reply is `response`, which keep=['response'] "
        "carries along. The answer is the exam's, not the model's.",
        "subject, year, period and q_number may be absent; other columns are not known of and are "
        "passed over. No revision is pinned.",
        "Some documents name a repository that does not exist on the author's page.",
    ),
)  # fmt: skip
