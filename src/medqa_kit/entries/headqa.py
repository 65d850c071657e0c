"""HEAD-QA: exams for specialists of the Spanish health system, in English and in Spanish.

A raw row, invented::

    {"name": "Cuaderno_2013_1_B", "year": "2013", "category": "biology", "qid": 7,
     "qtext": "Which vitamin prevents scurvy?", "ra": 2,
     "answers": [{"aid": 1, "atext": "Vitamin A"}, {"aid": 2, "atext": "Vitamin C"}]}
"""

from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Protection, Source
from medqa_kit.core.answer_number import AnswerNumber
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import join_key, pick, positions, present, whole
from medqa_kit.core.arrow.hashing import family_key
from medqa_kit.core.arrow.ragged import flat, relist
from medqa_kit.normalizing.labels import not_an_option
from medqa_kit.schemas import QA

ROWS = {"train": 2657, "validation": 1366, "test": 2742}
YEARS = {"train": ("2013", "2014"), "validation": ("2015",), "test": ("2016", "2017")}


def normalize(raw: pa.Table, *, language: str) -> pa.Table:
    """Take the texts of the answers as options, and find the right one by its number.

    Raises:
        AnswerError: No answer of the row has the number of the right one.
    """
    answers = whole(raw["answers"])
    numbers, texts = (pc.struct_field(answers.flatten(), name) for name in ("aid", "atext"))
    options = relist(answers, texts)
    index = place_of(relist(answers, numbers), whole(raw["ra"]))
    if bad := positions(pc.is_null(index)):
        raise not_an_option(raw["ra"], bad, column="ra", expected="the `aid` of one of the answers")
    key = join_key(raw["name"], raw["qid"])
    return pa.table(
        {
            "id": key,
            "family": family_key("headqa", key),
            "language": pa.repeat(language, raw.num_rows),
            "question": raw["qtext"],
            "options": options,
            "answer_index": index,
            "answer": pick(options, index),
            "year": raw["year"].cast(pa.int32()),
            "tags": present(raw["category"]),
        }
    )


def place_of(lists: pa.ListArray, wanted: pa.Array) -> pa.Array:
    """Return where in each list of numbers the wanted one stands first; null where it does not.

    Example:
        >>> place_of(pa.array([[1, 2], [2, 1], [1]]), pa.array([2, 2, 3])).to_pylist()
        [1, 0, None]
    """
    parts = flat(lists)
    same = np.asarray(
        pc.fill_null(pc.equal(parts.values, wanted.take(pa.array(parts.parents))), False)
    )
    rows, first = np.unique(parts.parents[same], return_index=True)
    places = np.zeros(len(lists), np.int32)
    places[rows] = parts.places[same][first]
    return pa.array(places, mask=~np.isin(np.arange(len(lists)), rows))


ENGLISH = Layout(
    at=Hub("EleutherAI/headqa", revision="20ef24f4eca7f1b3dc169a9cdd87c672b5526ee8"),
    files="{subset}/{split}.parquet",
    raw=pa.schema(
        {
            **dict.fromkeys(("name", "year", "category"), pa.string()),
            "qid": pa.int64(),
            "qtext": pa.string(),
            "ra": pa.int64(),
            "answers": pa.list_(pa.struct([("aid", pa.int64()), ("atext", pa.string())])),
        }
    ),
    schema=QA,
    normalize=partial(normalize, language="en"),
    gold=AnswerNumber(column="ra", first=1, options="answers"),
    extra="ignore",
    repeats=True,
)
SPANISH = replace(ENGLISH, normalize=partial(normalize, language="es"))
ORIGINAL = "the same questions in Spanish, from which the English ones were translated"


def _parts() -> tuple[Part, ...]:
    return tuple(
        part
        for split, rows in ROWS.items()
        for part in (
            Part("en", split, rows, exact=False, evaluation=split == "test", proof={"year": YEARS[split]}),
            Part("es", split, rows, by_name_only=ORIGINAL, named_by="subset", layout=SPANISH, exact=False,
                 evaluation=split == "test", proof={"year": YEARS[split]}),
        )
    )  # fmt: skip


SOURCE = Source(
    name="headqa",
    title="HEAD-QA",
    about="Questions of exams for specialists of the Spanish health system, in six fields: translated "
    "into English, and by name in Spanish.",
    language=("en", "es"),
    layout=ENGLISH,
    parts=_parts(),
    holdouts=(
        Protection("headqa-en-test", subset="en", split="test", items=2742,
                   reason="the official test split, exams of 2016 and 2017",
                   protects=("lm_eval/headqa_en", "lighteval/headqa:en")),
        Protection("headqa-es-test", subset="es", split="test", items=2742, default=False,
                   reason="the official test split in Spanish", protects=("lm_eval/headqa_es",)),
    ),
    license=(
        Claim("MIT", "LICENSE of github aghie/head-qa, and the card of head_qa"),
        Claim(None, "EleutherAI/headqa: the tag says 'other'",
              note="exams of the Spanish ministry of health, published for reuse"),
    ),
    citation="""@inproceedings{vilares2019headqa,
  title     = {{HEAD}-{QA}: A Healthcare Dataset for Complex Reasoning},
  author    = {David Vilares and Carlos G{\\'o}mez-Rodr{\\'i}guez},
  booktitle = {Proceedings of the 57th Annual Meeting of the Association for Computational
               Linguistics},
  pages     = {960--966},
  year      = {2019}
}""",
    derived_from=(Parent("spanish_specialist_exams", "exams of 2013 to 2017; the English was "
                         "translated by machine", catalogued=False),),
    quirks=(
        "`ra` is the number (`aid`) of the right answer, counted from 1; it is looked up among the answers "
        "of the row, not taken for a position.",
        "Four answers in recent exams, five in older ones.",
        "The English was translated by machine from the Spanish: subset='es', by name only. Copies of one "
        "question share their family.",
        "Splits are by year: train 2013 and 2014, validation 2015, test 2016 and 2017. `year` is the "
        "exam's; the field (biology, nursing, medicine, chemistry, psychology, pharmacology) is in `tags`.",
        "Some questions speak of a picture that is not part of a row; a column `image` of other copies is "
        "passed over.",
        "Other copies are laid out otherwise: openlifescienceai/headqa nests question and options in "
        "`data`, the authors' JSON nests exams. They are not read as this source.",
        "Counts were read on the pages of copies, not counted; harnesses show no options but score the "
        "texts.",
    ),
)  # fmt: skip
