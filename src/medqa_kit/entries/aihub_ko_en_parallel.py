"""AI-Hub 111: Korean sentences of special fields and their English translation.

A raw row, invented; each file is a list of such::

    {"sid": 7, "분야": "의료/보건", "한국어": "체온을 재세요.", "영어": "Take your temperature.",
     "한국어_어절수": 2, "영어_단어수": 3, "길이_분류": 1, "난이도": "하", "수행기관": "어느 곳"}
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from medqa_kit.catalog import Layout, Part, Reading, Source
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import blank, positions, truths
from medqa_kit.entries._shared.aihub import by_hand, cited, terms_of
from medqa_kit.errors import NullValueError
from medqa_kit.normalizing import RAW_ROW, Columns
from medqa_kit.schemas import PARALLEL

MEDICAL = "의료|의학|보건"
TITLE = "AI-Hub: Korean-English Parallel Corpus of Special Fields (전문분야 한영 말뭉치)"

MEASURES = ("한국어_어절수", "영어_단어수", "길이_분류", "난이도", "수행기관")

COLUMNS = Columns(
    take={"text": "한국어", "translation": "영어"},
    maybe={"domain": "분야"},
    constant={"language": "ko", "text_language": "ko", "translation_language": "en"},
    key=("sid",),
    family=("aihub_ko_en_parallel", ("sid",)),  # one for a row of 'all' and its copy in 'medical'
)


def medical(raw: pa.Table) -> pa.Table:
    """Keep the rows whose field is a medical one; a row that names none cannot be told."""
    if bad := positions(blank(raw["분야"])):
        raise NullValueError("the row names no field, so whether it is medical cannot be told",
                             rows=bad, column="분야", expected="a field in every row",
                             hint='columns={"분야": "…"} names the column if it is called otherwise; '
                             "the subset 'all' needs none")  # fmt: skip
    at = pa.array(positions(pc.match_substring_regex(raw["분야"], MEDICAL)), pa.int64())
    return COLUMNS(raw.take(at)).append_column(RAW_ROW, at)


def others(raw: pa.Table) -> dict[str, np.ndarray]:
    """Count the rows of other fields."""
    other = truths(pc.invert(pc.match_substring_regex(raw["분야"], MEDICAL)))
    return {"row_of_another_field": other}


LAYOUT = Layout(
    at=by_hand(
        111,
        expect="the folder that holds ko2en_training_json.zip and ko2en_validation_json.zip (in "
        "라벨링데이터), or these unpacked into folders of the same names",
    ),
    files="**/ko2en_{upstream}**.json",
    read=Reading(format="json", number_as_text=("sid", *MEASURES)),
    raw=pa.schema(dict.fromkeys(("sid", "분야", "한국어", "영어", *MEASURES), pa.string())),
    schema=PARALLEL,
    normalize=COLUMNS,
    optional=("분야", *MEASURES),
    extra="ignore",
)

SPLITS = {"train": ("training", 1_195_228), "validation": ("validation", 149_403)}


SOURCE = Source(
    name="aihub_ko_en_parallel",
    title=TITLE,
    about="Korean sentences of several special fields, medicine among them, with their English "
    "translation.",
    language=("ko", "en"),
    layout=LAYOUT,
    parts=(
        *(Part("all", split, rows, upstream=upstream, exact=False)
          for split, (upstream, rows) in SPLITS.items()),
        *(Part("medical", split, upstream=upstream, named_by="subset",
               by_name_only="the medical rows of 'all', once more",
               layout=replace(LAYOUT, normalize=medical, left_out=others))
          for split, (upstream, _) in SPLITS.items()),
    ),
    license=terms_of(111),
    citation=cited(111, title=TITLE),
    quirks=(
        "About 1.5 million pairs by upstream's claim, 1,195,228 of training and 149,403 of validation by "
        "another count; how many of them are medical is not known.",
        "All fields by default, with upstream's own word for the field as `domain`. subset='medical' "
        f"keeps the rows whose field holds one of {MEDICAL.replace('|', ', ')}: a word test, since the "
        "list of fields is not documented. Those of other fields are counted and told; which fields "
        "there are: collections.Counter(data['domain']).",
        "A row that names no field is an error under subset='medical', never silently left out; "
        "under 'all' its `domain` is null.",
        "A record has nine keys: sid, 분야, 한국어, 영어, 한국어_어절수, 영어_단어수, 길이_분류, 난이도 and "
        "수행기관. The last five (lengths, difficulty, who made it) are not in the rows; keep= carries them "
        "along, numbers as their digits. Further keys are passed over.",
        "Each file is one list of records, with or without a byte order mark; a number in sid is "
        "taken as its digits.",
    ),
)  # fmt: skip
