r"""MedXpertQA: expert questions with ten options, and a part about pictures by name.

A raw row, invented; upstream repeats the options inside the question::

    {"id": "Text-7",
     "question": "Which vitamin prevents scurvy?\nAnswer Choices: (A) Vitamin A (B) Vitamin C",
     "options": {"A": "Vitamin A", "B": "Vitamin C"}, "label": "B", "medical_task": "Treatment",
     "body_system": "Digestive", "question_type": "Understanding"}
"""

from dataclasses import replace
from functools import partial

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Kernel, Layout, Parent, Part, Protection, Source
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import Column, present, whole
from medqa_kit.core.arrow.ragged import flat, relist
from medqa_kit.entries._shared.benchmark_form import COPIES_IN_THE_FORM, benchmark_layout
from medqa_kit.normalizing import Columns
from medqa_kit.normalizing.option_lists import ordered_options
from medqa_kit.schemas import QA

LETTERS = "ABCDEFGHIJ"
REPEATED = r"(?s)^(?P<stem>.*?)\s*Answer Choices:\s*(?P<choices>.*?)\s*$"
SUBJECT = ("medical_task", "body_system", "question_type")
AT = Hub("TsinghuaC3I/MedXpertQA", revision="7e7c465a68eb2b866926bfa59c8c9d17a8daba65")
COLUMNS = Columns(
    take={"question": "question"},
    options="options",
    letter="label",
    key=("id",),
    family=("medxpertqa", ("question", "options")),
)


def normalize(raw: pa.Table) -> pa.Table:
    """Take the options out of the question, and the subject as tags."""
    rows = COLUMNS(bare_questions(raw))
    return rows.append_column("tags", present(*(raw[name] for name in SUBJECT)))


def bare_questions(raw: pa.Table) -> pa.Table:
    """Return rows with bare questions and listed options."""
    options = ordered_options(raw["options"])
    raw = raw.set_column(raw.column_names.index("options"), "options", options)
    stem = without_options(raw["question"], options)
    return raw.set_column(raw.column_names.index("question"), "question", stem)


def without_options(questions: Column, options: pa.ListArray) -> Column:
    """Take the options off questions that end by repeating just these; others stay.

    Example:
        >>> asked = pa.array(["Which? Answer Choices: (A) x (B) y", "Which? Answer Choices: (A) z"])
        >>> without_options(asked, pa.array([["x", "y"]] * 2)).to_pylist()
        ['Which?', 'Which? Answer Choices: (A) z']
    """
    parts = flat(options)
    letters = pa.array(list(LETTERS)).take(pa.array(parts.places % len(LETTERS)))
    lettered = pc.binary_join_element_wise("(", letters, ") ", parts.values, "")
    choices = pc.binary_join(relist(options, lettered), " ")
    ends = pc.extract_regex(whole(questions), REPEATED)
    same = pc.equal(pc.struct_field(ends, "choices"), pc.utf8_trim_whitespace(choices))
    return pc.if_else(pc.fill_null(same, False), pc.struct_field(ends, "stem"), whole(questions))


def _layout(letters: str, **more: pa.DataType) -> Layout:
    fields = {
        "id": pa.string(),
        "question": pa.string(),
        "options": pa.struct([(letter, pa.string()) for letter in letters]),
        "label": pa.string(),
        **dict.fromkeys(SUBJECT, pa.string()),
    }
    return Layout(at=AT, files="{subset}/{upstream}.jsonl", raw=pa.schema(fields | more), schema=QA,
                  normalize=normalize)  # fmt: skip


def copied_questions(raw: pa.Table, *, columns: Kernel) -> pa.Table:
    """Normalise a copy in the common benchmark form, whose questions repeat the options as well."""
    return columns(bare_questions(raw))


def _copies() -> tuple[Layout, ...]:
    layout = benchmark_layout(AT, "**{upstream}.jsonl", family=COLUMNS.family, keyed=True)
    return tuple(
        replace(each, also=(), normalize=partial(copied_questions, columns=each.normalize),
                distribution=each.distribution or COPIES_IN_THE_FORM)
        for each in (layout, *layout.also)
    )  # fmt: skip


SHOTS = "five examples for prompts, not for training"
PICTURES = "questions about pictures, which are not part of a row"
TEXT = replace(_layout(LETTERS), also=_copies())
PICTURED = _layout("ABCDE", images=pa.list_(pa.string()))

SOURCE = Source(
    name="medxpertqa",
    title="MedXpertQA",
    about="Expert-level medical questions in English with ten options; by name those with five "
    "options that are about pictures.",
    language=("en",),
    layout=TEXT,
    parts=(
        Part("Text", "test", 2450, evaluation=True),
        Part("Text", "fewshot", 5, upstream="dev", by_name_only=SHOTS, exact=False),
        Part("MM", "test", 2000, by_name_only=PICTURES, named_by="subset", layout=PICTURED,
             evaluation=True),
        Part("MM", "fewshot", 5, upstream="dev", by_name_only=SHOTS, named_by="both", layout=PICTURED,
             exact=False),
    ),
    holdouts=(
        Protection("medxpertqa-text-test", subset="Text", split="test", items=2450,
                   reason="the official test split of the questions without pictures"),
        Protection("medxpertqa-mm-test", subset="MM", split="test", items=2000, default=False,
                   reason="the official test split of the questions about pictures"),
    ),
    license=(
        Claim("MIT", "front matter of the card of TsinghuaC3I/MedXpertQA",
              note="the authors ask not to show examples online, lest models learn them"),
    ),
    citation="""@inproceedings{zuo2025medxpertqa,
  title     = {MedXpertQA: Benchmarking Expert-Level Medical Reasoning and Understanding},
  author    = {Yuxin Zuo and Shang Qu and Yifei Li and Zhangren Chen and Xuekai Zhu and Ermo Hua and
               Kaiyan Zhang and Ning Ding and Bowen Zhou},
  booktitle = {Proceedings of the International Conference on Machine Learning},
  year      = {2025},
  note      = {arXiv:2501.18362}
}""",
    derived_from=(Parent("expert_exams", "collected, options added, reviewed by experts",
                         catalogued=False),),
    quirks=(
        "Upstream's questions end with 'Answer Choices: (A) … (J) …'. Where these are just the options of "
        "the row they are taken off, so that a prompt does not list them twice; view='raw' has the "
        "question as upstream's own evaluation sends it.",
        "Ten options in Text, five in MM. The pictures of MM are files beside the rows: keep=['images'] "
        "carries their names along, and nothing loads them.",
        "Task, body system and kind (Reasoning, 1,861 of Text; Understanding, 589) are in `tags`.",
        "Five rows a subset (upstream's dev) are for prompts: split='fewshot' gives them. There is no "
        "train split, and the authors mean the whole for evaluation only.",
        "Copies in the common benchmark form keep upstream's id in `realidx`: their rows have the same "
        "ids here.",
    ),
)  # fmt: skip
