"""MedBullets: USMLE Step 2 and 3 style cases with five options and a long explanation.

A raw row, invented::

    {"link": "https://example.org/1", "question": "A sailor's gums bleed. What is lacking?",
     "opa": "Vitamin A", "opb": "Vitamin B1", "opc": "Vitamin C", "opd": "Vitamin D",
     "ope": "Vitamin K", "answer_idx": "C", "answer": "Vitamin C", "explanation": "Scurvy."}
"""

from dataclasses import replace
from functools import partial

import pyarrow as pa

from medqa_kit.catalog import Claim, Layout, Manual, Parent, Part, Protection, Source
from medqa_kit.entries._shared.benchmark_form import COPIES_IN_THE_FORM, benchmark_layout
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import QA

COMMIT = "ef3c9da03fc17f46fbd95ce860e0a55c51ed3606"
AT = Manual(
    steps=(
        "git clone https://github.com/HanjieChen/ChallengeClinicalQA",
        f"git -C ChallengeClinicalQA checkout {COMMIT}",
    ),
    expect="the folder ChallengeClinicalQA, or medbullets/medbullets_op5.csv in it",
    url="https://github.com/HanjieChen/ChallengeClinicalQA",
)
FAMILY = ("medbullets", ("question",))
FOUR_OPTIONS = "the same stems with four options and other letters"


def normalize(raw: pa.Table, *, options: tuple[str, ...]) -> pa.Table:
    """Take the columns as declared; upstream's own text of the right option is the answer."""
    rows = Columns(
        take={"question": "question"},
        maybe={"rationale": "explanation"},
        options=options,
        letter="answer_idx",
        content=("question", *options),
        family=FAMILY,
    )(raw)
    # The check of every row compares the answer with the option that its letter names.
    return rows.set_column(rows.column_names.index("answer"), "answer", raw["answer"])


def _layout(letters: str, files: str) -> Layout:
    options = tuple(f"op{letter}" for letter in letters)
    names = ("link", "question", *options, "answer_idx", "answer", "explanation")
    return Layout(at=AT, files=files, raw=pa.schema([(name, pa.string()) for name in names]), schema=QA,
                  normalize=partial(normalize, options=options), repeats=True)  # fmt: skip


COPY = benchmark_layout(AT, "**{upstream}.jsonl", family=FAMILY)
COPIES = (
    replace(COPY, also=(), distribution=COPIES_IN_THE_FORM),
    *COPY.also,
)

SOURCE = Source(
    name="medbullets",
    title="MedBullets",
    about="English cases in the style of USMLE Step 2 and 3, with five options and an explanation; by "
    "name with four options.",
    language=("en",),
    layout=replace(_layout("abcde", "**/medbullets_op5.csv"), also=COPIES),
    parts=(
        Part("5_options", "test", 308, evaluation=True),
        Part("4_options", "test", 308, by_name_only=FOUR_OPTIONS, named_by="subset",
             layout=_layout("abcd", "**/medbullets_op4.csv"), evaluation=True),
    ),
    holdouts=(
        Protection("medbullets-test", subset="5_options", split="test", items=308,
                   reason="the whole set, a benchmark without a train split; the layout with four options "
                   "has the same stems"),
    ),
    license=(
        Claim(None, "github HanjieChen/ChallengeClinicalQA at the commit of the steps: no licence "
              "file", note="cases of a commercial question bank, posted one by one"),
        Claim(None, "LangAGI-Lab/medbullets_op5, a copy on the hub: no tag"),
    ),
    citation="""@article{chen2024benchmarking,
  title   = {Benchmarking Large Language Models on Answering and Explaining Challenging Medical
             Questions},
  author  = {Hanjie Chen and Zhouxiang Fang and Yash Singla and Mark Dredze},
  journal = {arXiv preprint arXiv:2402.18060},
  year    = {2024}
}""",
    derived_from=(Parent("medbullets_question_bank", "cases that the bank posted in public",
                         catalogued=False),),
    quirks=(
        "The files are on GitHub: 308 rows with five options and the same 308 with four, counted. The "
        "right text agrees in all, the right letter in 80: never carry letters over.",
        "Ten cases stand in the file twice, whole: their ids end in ~2.",
        "116 questions speak of a figure that is not part of the row.",
        "`answer` is upstream's own text, and is checked to be the option its letter points to.",
        "A copy on the hub, LangAGI-Lab/medbullets, mixes both layouts and splits them at random into "
        "train and test: it is no train split.",
        "Copies in the common benchmark form (test.jsonl of MedAgentsBench) have the five options; a "
        "path= to one gives the same rows with the same ids.",
        "The files medbullets_op4.json and medbullets_op5.json hold the table column by column and are not "
        "read; take the CSV.",
    ),
)  # fmt: skip
