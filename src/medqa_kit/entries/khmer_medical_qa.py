"""Khmer medical QA: English reasoning questions, translated to Khmer and in part paraphrased.

A raw row, invented::

    {"index": 7, "question_en": "Which vitamin prevents scurvy?", "response_en": "Vitamin C does.",
     "question_km": "តើវីតាមីនអ្វីការពារជំងឺលលាដ៍ធ្មេញ?", "response_km": "វីតាមីន C។",
     "question_km_para": null, "response_km_para": null,
     "reasoning_summary_km": "វីតាមីន C ជួយបង្កើតកូឡាជែន។", "tags": ["reasoning_type:diagnosis"]}
"""

from dataclasses import replace
from functools import partial, reduce

import numpy as np
import pyarrow as pa

from medqa_kit.catalog import Choice, Claim, Hub, Layout, Parent, Part, RowCounts, Source, View
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import Column, blank, blank_to_null, positions, truths
from medqa_kit.core.arrow.hashing import family_key
from medqa_kit.entries._shared.model_written import written_by_a_model
from medqa_kit.normalizing import RAW_ROW
from medqa_kit.schemas import PARALLEL, QA

TEXTS = ("question_en", "response_en", "question_km", "response_km", "question_km_para",
         "response_km_para", "reasoning_summary_km")  # fmt: skip
FORMS = {
    "original": ("original",),
    "paraphrase": ("paraphrase",),
    "both": ("original", "paraphrase"),
}
SUFFIX = {"original": "", "paraphrase": "_para"}


def normalize(raw: pa.Table, *, variant: str = "original") -> pa.Table:
    """Make a question of each original, of each paraphrase, or of both in turn."""
    return _in_turn([_questions(raw, form) for form in FORMS[variant]])


def translation_pairs(raw: pa.Table, *, variant: str = "original") -> pa.Table:
    """Make translation pairs: of each row's question and of its response."""
    forms, sides = FORMS[variant], ("question", "response")
    return _in_turn([_pairs(raw, form, side) for form in forms for side in sides])


def _in_turn(pieces: list[pa.Table]) -> pa.Table:
    """Put what was made of one raw row side by side, in the order of the raw rows."""
    table = pa.concat_tables(pieces)
    return table.take(pa.array(np.argsort(table[RAW_ROW].to_numpy(), kind="stable")))


def _questions(raw: pa.Table, form: str) -> pa.Table:
    taken, traced = _having(raw, "question", form)
    return pa.table(
        traced
        | {
            "language": pa.repeat("km", taken.num_rows),
            "question": taken[f"question_km{SUFFIX[form]}"],
            "answer": blank_to_null(taken[f"response_km{SUFFIX[form]}"]),
            "rationale": blank_to_null(taken["reasoning_summary_km"]),
            "tags": taken["tags"],
        }
    )


def _pairs(raw: pa.Table, form: str, side: str) -> pa.Table:
    taken, traced = _having(raw, side, form)
    return pa.table(
        traced
        | {
            "id": pc.binary_join_element_wise(traced["id"], side, "-"),
            "language": pa.repeat("en", taken.num_rows),
            "text": taken[f"{side}_en"],
            "text_language": pa.repeat("en", taken.num_rows),
            "translation": taken[f"{side}_km{SUFFIX[form]}"],
            "translation_language": pa.repeat("km", taken.num_rows),
        }
    )


def _having(raw: pa.Table, side: str, form: str) -> tuple[pa.Table, dict[str, Column]]:
    """Return the raw rows that have a form (originals: all), and their positions."""
    at, key = pa.array(range(raw.num_rows), pa.int64()), raw["index"].cast(pa.string())
    if form == "paraphrase":  # null or "", as upstream happens to write a missing one
        given = pc.invert(blank(raw[f"{side}_km_para"]))
        at = pa.array(positions(given), pa.int64())
        key = pc.binary_join_element_wise(key, "para", "-")
    taken = raw.take(at)
    family = family_key("o1", taken["question_en"])
    return taken, {"id": key.take(at), RAW_ROW: at, "family": family}


def _missing(raw: pa.Table, *, sides: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Find the raw rows that have a paraphrase on none of some sides."""
    absent = [blank(raw[f"{side}_km_para"]) for side in sides]
    return {"row_without_paraphrase": truths(reduce(pc.and_, absent))}


def _passed_over(variant: str, *sides: str) -> RowCounts | None:
    return partial(_missing, sides=sides) if variant == "paraphrase" else None


def _choose(layout: Layout, variant: str) -> Layout:
    layout = replace(layout, passed_over=_passed_over(variant, "question"))
    return replace(layout, normalize=partial(normalize, variant=variant), views=_views(variant))


def _views(variant: str) -> dict[str, View]:
    doc = "A text in English and in Khmer: two rows an item, its question and its response."
    passed_over = _passed_over(variant, "question", "response")
    return {
        "parallel": View(PARALLEL, partial(translation_pairs, variant=variant), doc, passed_over)
    }


LAYOUT = Layout(
    at=Hub("khopilot/khmer-medical-qa"),
    files="data/{split}-*.parquet",
    raw=pa.schema(
        {"index": pa.int64()} | dict.fromkeys(TEXTS, pa.string()) | {"tags": pa.list_(pa.string())}
    ),
    schema=QA,
    normalize=normalize,
    views=_views("original"),
)
AUGMENTED = replace(LAYOUT, files="complete_augmented/complete_augmented-*.parquet")

SOURCE = Source(
    name="khmer_medical_qa",
    title="Khmer medical QA",
    about="Medical questions and answers in Khmer with their English originals, a short summary of "
    "the reasoning, and paraphrases of half of them.",
    language=("km", "en"),
    layout=LAYOUT,
    parts=(
        Part("default", "train", 18756),
        Part("complete_augmented", "train", 9312, exact=False, layout=AUGMENTED, named_by="subset",
             by_name_only="copies of the rows that have both a paraphrase and a summary"),
    ),
    choices=(
        Choice("variant", tuple(FORMS), "Which wording becomes a row: the translation, its "
               "paraphrase where there is one (9,314 of 18,756), or both in turn.", _choose),
    ),
    license=(
        Claim("Apache-2.0", "card of the repository, consistent with the English parent"),
        written_by_a_model("questions by GPT-4o, translation by GPT-4o-mini, as the card says",
                           note="name the source and that it was translated"),
    ),
    citation="""@misc{khopilot2025khmermedicalqa,
  title        = {Khmer Medical QA},
  author       = {{khopilot}},
  year         = {2025},
  howpublished = {\\url{https://huggingface.co/datasets/khopilot/khmer-medical-qa}},
  note         = {Machine translation of medical-o1-reasoning-SFT}
}""",
    derived_from=(
        Parent("medical_o1_reasoning_sft", "translated by GPT-4o-mini; 948 of 19,704 rows are missing",
               key="English question, kept beside the Khmer one"),
    ),
    origin_text=("question_en",),
    quirks=(
        "The English question is not among a row's columns. Builds search it for held-out items; for "
        "mk.exclude load with keep=['question_en'].",
        "An item's original, its paraphrase and its English parent share one `family`: split by it. "
        "Upstream expanded first (28,070 rows) and split afterwards, which leaks.",
        "variant='paraphrase' gives the 9,314 rows whose paraphrased question is there; a missing "
        "one is null or empty. Ids of paraphrases end in '-para'.",
        "The default rows lie under data/ as train-*, 94,796,672 bytes, with the columns in the card's "
        "order.",
        "The subset complete_augmented lies in a folder of its own, not under data/ as the card "
        "has it, and repeats rows of the default one: it is loaded by name only.",
        "Tags are 'key:value', such as 'reasoning_type:diagnosis', and are kept as they are.",
        "69 questions and 51 responses hold no Khmer letter at all, and upstream's strict report "
        "flags 2,809 questions, 2,474 responses and 5,642 summaries. Nothing is filtered here; "
        "mk.apply(data, mk.InScript()) keeps the rows that are in Khmer.",
        "The English chain of thought was not translated: `rationale` is a short summary, missing "
        "in 3 rows.",
        "The card's repository id and author are placeholders, its 94.6 per cent is one number for "
        "two metrics. No revision is pinned, and whether the repository is public was not seen.",
        "Upstream's plain-text exports lose row borders; write one JSON object a line instead.",
    ),
)  # fmt: skip
