"""KorMedLawQA: multiple-choice questions on Korean medical law, with the article they rest on.

A raw row, invented::

    {"question": "For how long must an outpatient chart be kept under the article?",
     "options": ["A. Two years", "B. Five years", "C. Ten years", "D. One year", "E. Forever"],
     "answer": "C", "reasoning": "The article names ten years.",
     "article": "Article 15 (Keeping of Records)", "law_title": "Act on Invented Records"}
"""

import numpy as np
import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Protection, Source
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import Column, blank_to_null, join_given, list_lengths, whole
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import QA

LETTERS = "ABCDEFGHIJ"
PREFIX = r"^\s*\(?(?P<letter>[A-J])[.):]\s*"

COLUMNS = Columns(
    take={"question": "question"},
    maybe={"rationale": "reasoning"},
    options="options",
    letter="answer",
    content=("question", "options"),
)


def normalize(raw: pa.Table) -> pa.Table:
    """Unify options with and without letters, join law and article, add the language."""
    at = raw.column_names.index("options")
    table = COLUMNS(raw.set_column(at, "options", unlettered(raw["options"])))
    law = [blank_to_null(raw[name]) for name in ("law_title", "article")]
    table = table.append_column("context", join_given(*law, by="\n"))
    return table.append_column("language", by_script(raw["question"]))


def unlettered(options: Column) -> pa.Array:
    """Take the letters off lists whose every option begins with its own, in order.

    Example:
        >>> unlettered(pa.array([["A. x", "B) y"], ["A. x", "y"]])).to_pylist()
        [['x', 'y'], ['A. x', 'y']]
    """
    lists = whole(options)
    values, lengths = lists.flatten(), list_lengths(lists)
    ends = np.cumsum(lengths)
    owner = np.repeat(np.arange(len(lists)), lengths)
    place = np.arange(len(values)) - np.repeat(ends - lengths, lengths)
    own = pa.array(list(LETTERS)).take(pa.array(np.minimum(place, len(LETTERS) - 1)))
    letter = pc.struct_field(pc.extract_regex(values, PREFIX), "letter")
    strays = ~pc.fill_null(pc.equal(letter, own), False).to_numpy(zero_copy_only=False)
    lettered = np.bincount(owner, weights=strays, minlength=len(lists)) == 0
    bare = pc.replace_substring_regex(values, PREFIX, "")
    texts = pc.if_else(pa.array(lettered[owner]), bare, values)
    offsets = pa.array(np.append(0, ends).astype(np.int32))
    return pa.ListArray.from_arrays(offsets, texts, mask=lists.is_null())


def by_script(texts: Column) -> Column:
    """Return ``ko`` or ``en``, by which letters a text has more of; null without letters.

    Example:
        >>> by_script(pa.array(["의료법 제15조는?", "What does 의료법 say?", "15?"])).to_pylist()
        ['ko', 'en', None]
    """
    hangul = pc.count_substring_regex(texts, r"\p{Hangul}")
    latin = pc.count_substring_regex(texts, "[A-Za-z]")
    language = pc.if_else(pc.greater(hangul, latin), "ko", "en")
    letters = pc.greater(pc.add(hangul, latin), 0)
    return pc.if_else(letters, language, pa.scalar(None, pa.string()))


SOURCE = Source(
    name="kormedlawqa",
    title="KorMedLawQA",
    about="Model-written multiple-choice questions on Korean medical law, with reasoning and the "
    "article each rests on.",
    language=("en", "ko"),
    layout=Layout(
        at=Hub("snuh/KorMedLawQA"),
        files="medical_law_qa_dataset.jsonl",
        raw=pa.schema(
            {
                "question": pa.string(),
                "options": pa.list_(pa.string()),
                "answer": pa.string(),
                **dict.fromkeys(("reasoning", "article", "law_title"), pa.string()),
            }
        ),
        schema=QA,
        normalize=normalize,
        optional=("reasoning", "article", "law_title"),
        extra="ignore",
        repeats=True,
    ),
    parts=(Part(None, "train", 13388, exact=False),),
    holdouts=(
        Protection("kormedlawqa-all", split="train", default=False,
                   reason="the whole source, because upstream publishes no test split; for a test "
                   "split of your own, use mk.split and Holdout.from_rows"),
    ),
    license=(
        Claim("academic-only", "Open-korean-corpora list: academic, redistribution allowed"),
        Claim("Apache-2.0", "lablup/llm-benchmark-inventory; the hub's own tag was not seen",
              credible=False),
        Claim("Apache-2.0", "a Korean training guide", credible=False),
    ),
    citation="""@misc{snuh2025kormedlawqa,
  title        = {KorMedLawQA},
  author       = {{Seoul National University Hospital}},
  year         = {2025},
  howpublished = {\\url{https://huggingface.co/datasets/snuh/KorMedLawQA}}
}""",
    derived_from=(
        Parent("korean_statutes", "questions written by a model from articles of medical law, "
               "GPT-4o-mini by all accounts", catalogued=False),
    ),
    quirks=(
        "Most questions are in English although they are about Korean law. `language` is told row "
        "by row, by which letters the question has more of.",
        "Options may carry letters ('A. …'). Where every option of a row carries its own, the "
        "letters are taken off, so that both styles are one item with one id.",
        "There is only a train split; a 'test subset' that guides speak of was not found.",
        "`reasoning`, `article` and `law_title` may be absent; other columns are not known of and "
        "are passed over. No revision is pinned, and the count of 13,388 is second-hand.",
        "The file is read directly, line by line: a generic loader was reported to crash on it.",
        "Not to be confused with junyeong-nero/KorMedLaw, another set of 1,290 rows.",
    ),
)  # fmt: skip
