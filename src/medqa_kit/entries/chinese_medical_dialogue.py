"""Chinese medical dialogue: a patient's question and a doctor's reply, by department.

A raw row, invented, of a CSV file in GB18030::

    department,title,ask,answer
    心血管科,血压一百三算高吗？,早上量的一百三,"不算高。
    请休息后再量。"
"""

from dataclasses import replace

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Manual, Part, Reading, Source
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import blank_to_null, join_given, to_lists
from medqa_kit.core.arrow.hashing import content_key, family_key
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import QA

COMMIT = "26724a4357fcd142f0cab81188cacf1a2dd8a827"
NONE = ("无",)
ROWS = {
    "男科": ("Andriatria_男科", 94596),
    "内科": ("IM_内科", 220606),
    "妇产科": ("OAGD_妇产科", 183751),
    "肿瘤科": ("Oncology_肿瘤科", 75553),
    "儿科": ("Pediatric_儿科", 101602),
    "外科": ("Surgical_外科", 115991),
}


def normalize(raw: pa.Table) -> pa.Table:
    """Join title and question with a full-width comma; a question that says "none" is none."""
    title, ask = (blank_to_null(raw[name], markers=NONE) for name in ("title", "ask"))
    both = join_given(title, ask, by="，")
    return pa.table(
        {
            "id": content_key(raw["title"], raw["ask"], raw["answer"]),
            "family": family_key("chinese_medical_dialogue", both),
            "question": both,
            "answer": blank_to_null(raw["answer"], markers=NONE),
            "tags": to_lists([pc.fill_null(raw["department"], "")]),
        }
    )


TABLES = Layout(
    at=Manual(
        steps=(
            "git clone https://github.com/Toyhom/Chinese-medical-dialogue-data",
            f"git -C Chinese-medical-dialogue-data checkout {COMMIT}",
        ),
        expect="the folder Chinese-medical-dialogue-data",
        url="https://github.com/Toyhom/Chinese-medical-dialogue-data",
    ),
    files="**/{upstream}/*.csv",
    raw=pa.schema(dict.fromkeys(("department", "title", "ask", "answer"), pa.string())),
    schema=QA,
    normalize=normalize,
    read=Reading(format="csv", encoding="gb18030"),
    aliases={"ask": ("question",)},
    repeats=True,
)
COPY = Layout(
    at=Hub("ticoAg/Chinese-medical-dialogue"),
    files="data/train_0001_of_0001.json",
    raw=pa.schema(dict.fromkeys(("instruction", "input", "output"), pa.string())),
    schema=QA,
    normalize=Columns(
        take={"question": "input"},
        maybe={"answer": "output", "context": "instruction"},
        missing=NONE,
        content=("instruction", "input", "output"),
        family=("chinese_medical_dialogue", ("input",)),
    ),
    extra="ignore",
    repeats=True,
)

SOURCE = Source(
    name="chinese_medical_dialogue",
    title="Chinese medical dialogue",
    about="Questions of patients and replies of doctors, scraped from consultation sites, by "
    "department.",
    language=("zh",),
    layout=TABLES,
    parts=(
        *(Part(name, "train", rows, upstream=folder) for name, (folder, rows) in ROWS.items()),
        Part(
            "sample",
            "train",
            7644,
            layout=replace(TABLES, files="**/样例*.csv"),
            by_name_only="copies of rows of 内科",
            named_by="subset",
        ),
        Part(
            "hub",
            "train",
            layout=COPY,
            by_name_only="a copy of all departments in one file",
            named_by="subset",
        ),
    ),
    license=(
        Claim(
            "MIT",
            "LICENSE of github Toyhom/Chinese-medical-dialogue-data",
            credible=False,
            note="over consultations scraped from others",
        ),
        Claim(
            "Apache-2.0",
            "hub tag of ticoAg/Chinese-medical-dialogue",
            credible=False,
            note="a re-upload",
        ),
        Claim(None, "the consultation sites themselves: no grant known, and privacy is open"),
    ),
    citation=f"""@misc{{toyhom2019chinese,
  title        = {{Chinese medical dialogue data}},
  author       = {{Toyhom}},
  year         = {{2019}},
  howpublished = {{https://github.com/Toyhom/Chinese-medical-dialogue-data}},
  note         = {{commit {COMMIT}}}
}}""",
    quirks=(
        "The CSV files are GB18030, not UTF-8; a file saved as UTF-8 raises an error that says so.",
        "Quoted answers span lines: readers that split at line ends lose rows.",
        "`question` is title and question joined by a full-width comma; a question that only says "
        "无 (none) is left out of it, and an answer that does is null.",
        "The sample file holds 7,644 rows, 7,266 of them distinct, that stand in 内科 too; it is "
        "read by name only (subset='sample'). The circulating count of 799,743 adds it to "
        "792,099. Copies share id (but for ~2) and family, so removing duplicates finds them.",
        "subset='hub' is the JSON copy on the hub, with instruction, input and output; "
        "view='raw' has them.",
        "It is Chinese, although a count of 886K 'Korean medical' rows includes it.",
        "12 answers of the sample have white space at their ends; it stays.",
    ),
)
