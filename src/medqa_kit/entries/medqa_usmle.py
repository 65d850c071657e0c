"""MedQA (USMLE): exam questions with five options, and the four-option copies by name.

A raw row, invented::

    {"question": "A sailor has bleeding gums. Which vitamin is lacking?", "answer": "Vitamin C",
     "options": {"A": "Vitamin A", "B": "Vitamin B1", "C": "Vitamin C", "D": "Vitamin D",
                 "E": "Vitamin K"}, "meta_info": "step1", "answer_idx": "C"}
"""

from dataclasses import replace
from functools import partial

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Manual, Parent, Part, Protection, Reading, Source
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import present
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import QA


def normalize(raw: pa.Table, *, letters: str) -> pa.Table:
    """Take the options out of their struct, in the order of the letters."""
    options = {letter: pc.struct_field(raw["options"], letter) for letter in letters}
    table = Columns(
        take={"question": "question"},
        options=tuple(letters),
        letter="answer_idx",
        content=("question", *letters),
        family=("medqa", ("question",)),
    )(pa.table({name: raw[name] for name in raw.column_names} | options))
    # Upstream's own text takes the place of options[answer_index]: the check compares the two.
    table = table.set_column(table.column_names.index("answer"), "answer", raw["answer"])
    return table.append_column("tags", present(raw["meta_info"]))


def _layout(at: Hub, files: str, letters: str, **more: pa.DataType) -> Layout:
    fields = {
        "question": pa.string(),
        "answer": pa.string(),
        "options": pa.struct([(letter, pa.string()) for letter in letters]),
        "meta_info": pa.string(),
        "answer_idx": pa.string(),
    }
    return Layout(at=at, files=files, raw=pa.schema(fields | more), schema=QA, repeats=True,
                  normalize=partial(normalize, letters=letters))  # fmt: skip


FIVE = _layout(
    Hub("truehealth/medqa", revision="e8fc5634288cca740bdd1c8c973f3f41b0171085"),
    "{upstream}.jsonl",
    "ABCDE",
)
FOUR = _layout(
    Hub("GBaker/MedQA-USMLE-4-options", revision="0fb93dd23a7339b6dcd27e241cb9b5eca62d4d18"),
    "phrases_no_exclude_{upstream}.jsonl",
    "ABCD",
    metamap_phrases=pa.list_(pa.string()),
)
PHRASES = pa.field("metamap_phrases", pa.list_(pa.string()))
AUTHORS = replace(
    FIVE,
    distribution="the authors' files with five options, with metamap_phrases or without",
    files="**/US/{upstream}.jsonl",
    raw=FIVE.raw.append(PHRASES),
    optional=(PHRASES.name,),
)
AUTHORS_FOUR = replace(
    FOUR,
    distribution="the authors' files with four options",
    files="**/4_options/phrases_no_exclude_{upstream}.jsonl",
    optional=(PHRASES.name,),
)
ONLY_AUTHORS = replace(
    AUTHORS_FOUR,
    at=Manual(
        steps=("download the data that the README of https://github.com/jind11/MedQA links",),
        expect="its folder questions/US, or phrases_no_exclude_dev.jsonl in 4_options there",
        url="https://github.com/jind11/MedQA",
    ),
    distribution="",
)
ENDINGS = tuple(f"ending{i}" for i in range(4))
FOUR_HF = Layout(
    at=Hub("GBaker/MedQA-USMLE-4-options-hf", revision="17af9355ef89fba60de966eabaeba797c695f86e"),
    files="{upstream}.json",
    read=Reading(format="jsonl"),  # as the script that made it writes; the ending says otherwise
    raw=pa.schema(
        dict.fromkeys(("id", "sent1", "sent2", *ENDINGS), pa.string()) | {"label": pa.int64()}
    ),
    schema=QA,
    normalize=Columns(
        take={"question": "sent1"},
        maybe={"context": "sent2"},
        options=ENDINGS,
        index="label",
        key=("id",),
        family=("medqa", ("sent1",)),
    ),
)
SAME = "the same stems with four options and other letters"


def _copy(subset: str, split: str, rows: int, layout: Layout, upstream: str = "") -> Part:
    return Part(subset, split, rows, upstream, SAME, "subset", layout, exact=False,
                evaluation=split == "test")  # fmt: skip


SOURCE = Source(
    name="medqa_usmle",
    title="MedQA (USMLE)",
    about="English exam questions in the style of the US medical licensing examination, with five "
    "options; four-option copies by name.",
    language=("en",),
    layout=replace(FIVE, also=(AUTHORS,)),
    parts=(
        Part("5_options", "train", 10178, exact=False),
        Part("5_options", "validation", 1272, upstream="dev"),
        Part("5_options", "test", 1273, evaluation=True),
        _copy("4_options", "train", 10178, replace(FOUR, also=(AUTHORS_FOUR,))),
        _copy("4_options", "test", 1273, replace(FOUR, also=(AUTHORS_FOUR,))),
        Part("4_options", "validation", 1272, "dev", f"{SAME}; in the authors' files alone", "both",
             ONLY_AUTHORS),
        _copy("4_options_hf", "train", 10178, FOUR_HF),
        _copy("4_options_hf", "validation", 1272, FOUR_HF, upstream="dev"),
        _copy("4_options_hf", "test", 1273, FOUR_HF),
    ),
    holdouts=(
        Protection(
            "medqa-usmle-test", subset="5_options", split="test", items=1273,
            reason="the official test split; the layout with four options has the same stems",
            protects=("lm_eval/medqa_4options", "lighteval/med_qa", "inspect_evals/medqa",
                      "helm/med_qa", "helm/medhelm_med_qa"),
        ),
        Protection(
            "medqa-usmle-validation", subset="5_options", split="validation", items=1272,
            reason="the official validation split, which two harnesses score as well",
            protects=("lighteval/med_qa", "helm/med_qa"), default=False,
        ),
    ),
    license=(
        Claim(None, "truehealth/medqa at the pinned revision: no card, no tag"),
        Claim("MIT", "LICENSE of github jind11/MedQA", note="over items collected from preparation "
              "sites; whether the authors could grant it is open"),
        Claim("CC-BY-4.0", "tag of GBaker/MedQA-USMLE-4-options", credible=False,
              subsets=("4_options",)),
        Claim("CC-BY-SA-4.0", "tag of GBaker/MedQA-USMLE-4-options-hf", credible=False,
              subsets=("4_options_hf",)),
        Claim(None, "bigbio/med_qa: UNKNOWN"),
    ),
    citation="""@article{jin2021disease,
  title   = {What Disease does this Patient Have? A Large-scale Open Domain Question Answering
             Dataset from Medical Exams},
  author  = {Di Jin and Eileen Pan and Nassim Oufattole and Wei-Hung Weng and Hanyi Fang and
             Peter Szolovits},
  journal = {Applied Sciences},
  volume  = {11},
  number  = {14},
  pages   = {6421},
  year    = {2021}
}""",
    derived_from=(Parent("usmle_preparation_items", "collected from the web", catalogued=False),),
    quirks=(
        "The five- and four-option tests hold the same 1,273 stems and right texts, yet the right "
        "letter agrees in only 673: never carry letters from one layout to the other. `family` is "
        "the stem, the same in all layouts.",
        "The four-option copies (subset='4_options', with train and test only, and "
        "subset='4_options_hf', with labels counted from 0) are loaded by name only. Harnesses "
        "differ in which one they report.",
        "The authors' own files are read with path=, as what they are and with the same ids: five options "
        "(US/train.jsonl, dev.jsonl, test.jsonl) and four (US/4_options/phrases_no_exclude_….jsonl, which "
        "carry metamap_phrases). Their dev of 1,272 rows with four options is in no hub copy: "
        "subset='4_options', split='validation' wants their path=.",
        "`answer` is upstream's own text, and is checked to be the option its letter points to.",
        "The test split is the benchmark; hold out by stem, since option sets differ by layout.",
        "`meta_info` (step1, step2&3) is free text, kept in `tags`; a misspelt value circulates.",
        "Five stems have blanks at their ends; they stay. One training stem comes twice.",
        "The option letters are declared: read with inferred types, rows with other letters would "
        "turn the options into an untyped column.",
    ),
)  # fmt: skip
