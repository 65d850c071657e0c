"""Korean medical disputes: counselling and appraisal cases of the public data portal.

No set of this name was found. Two files of data.go.kr come near; their exact column names are not
known to us, so one says which column is which. A raw row, invented, under our names::

    {"question": "수술 뒤 설명이 없었습니다.", "answer": "설명 의무를 살펴야 합니다.", "title": "설명",
     "department": "외과"}
"""

from dataclasses import replace

import pyarrow as pa

from medqa_kit.catalog import Claim, Layout, Manual, Part, Reading, Source
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import QA, TEXT

PLACE = Manual(
    steps=(
        "Open the counselling file (dataset 3049717) or the appraisal file (15025792) on data.go.kr",
        "Download it as CSV",
        "See which of its columns is which, and say so: columns={'question': '<their name>', ...}",
    ),
    expect="one downloaded CSV file",
    url="https://www.data.go.kr/data/3049717/fileData.do",
)
COUNSELLING = Layout(
    at=PLACE,
    files="counselling/**.csv",
    raw=pa.schema(dict.fromkeys(("question", "answer", "title", "department"), pa.string())),
    schema=QA,
    normalize=Columns(
        take={"question": "question"},
        maybe={"answer": "answer", "context": "title"},
        content=("title", "question", "answer"),
    ),
    read=Reading(format="csv", encoding="cp949"),
    optional=("title", "department"),
    extra="ignore",
    repeats=True,
)
APPRAISALS = replace(
    COUNSELLING,
    files="appraisals/**.csv",
    raw=pa.schema(dict.fromkeys(("text", "title", "department"), pa.string())),
    schema=TEXT,
    normalize=Columns(take={"text": "text", "title": "title"}, content=("title", "text")),
)


def _utf8(layout: Layout) -> Layout:
    files = layout.files.replace("/", "-utf-8/", 1)
    return replace(layout, files=files, read=replace(layout.read, encoding="utf-8"))


SOURCE = Source(
    name="korean_medical_disputes",
    title="Korean medical dispute cases",
    about="Counselling and appraisal cases of medical disputes, from CSV files one fetches.",
    language=("ko",),
    layout=COUNSELLING,
    parts=(
        Part("counselling", "train"),
        Part(
            "counselling-utf-8",
            "train",
            layout=_utf8(COUNSELLING),
            named_by="subset",
            by_name_only="the same file, saved as UTF-8",
        ),
        Part(
            "appraisals",
            "train",
            layout=APPRAISALS,
            named_by="subset",
            by_name_only="another file, with texts instead of questions",
        ),
        Part(
            "appraisals-utf-8",
            "train",
            layout=_utf8(APPRAISALS),
            named_by="subset",
            by_name_only="the same file, saved as UTF-8",
        ),
    ),
    license=(
        Claim(
            None,
            "catalogue page 3049717 of data.go.kr: says 'unrestricted', names no "
            "licence; page 15025792 was searched too",
        ),
    ),
    citation="""@misc{kmedi2020disputes,
  title  = {Medical dispute counselling and appraisal cases},
  author = {{Korea Medical Dispute Mediation and Arbitration Agency}},
  year   = {2020},
  url    = {https://www.data.go.kr}
}""",
    quirks=(
        "A set of this name with 5 downloaded rows circulates; it could not be identified. What is "
        "read here is a CSV file you fetch, with columns= saying which is which.",
        "Unknown columns are an error that lists what the file has; nothing is guessed.",
        "The portal mostly has CP949, which is read; for a file in UTF-8 add '-utf-8' to the subset.",
        "subset='appraisals' reads one text column, such as the outline of the case.",
    ),
)
