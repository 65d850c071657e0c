"""First aid intents: what people ask in an emergency, several wordings to one advice.

A raw row, invented::

    {"tag": "Splinter", "patterns": ["How do I get a splinter out?", "Splinter in my finger"],
     "responses": ["Wash the skin, then pull the splinter out with clean tweezers ..."],
     "context_set": ""}
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa

from medqa_kit.catalog import Choice, Claim, Hub, Layout, Parent, Part, Reading, Source
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import blank_to_null, join, list_lengths, pick, to_lists, whole
from medqa_kit.core.arrow.hashing import family_key
from medqa_kit.errors import RowError
from medqa_kit.normalizing import RAW_ROW
from medqa_kit.schemas import QA

RAW = pa.schema(
    {
        "tag": pa.string(),
        "patterns": pa.list_(pa.string()),
        "responses": pa.list_(pa.string()),
        "context_set": pa.string(),
    }
)


def normalize(raw: pa.Table, *, wordings: str = "all", responses: str = "one") -> pa.Table:
    """Make one question of each pattern, or of the first; the intent's response answers them all.

    An intent without patterns becomes one row without a question, which the checks refuse: so it
    is reported, or counted among the rows set aside, and does not vanish.
    """
    if responses == "one":
        _one_response(raw)
    patterns = whole(raw["patterns"])
    counts = np.maximum(list_lengths(patterns), 1)
    if wordings == "first":
        counts = np.minimum(counts, 1)
    intent = np.repeat(np.arange(raw.num_rows), counts)
    number = np.arange(len(intent)) - np.repeat(np.cumsum(counts) - counts, counts)
    rows = pa.array(intent, pa.int64())
    family = family_key("first_aid", _first(patterns))
    return pa.table(
        {
            "id": join(raw["tag"].take(rows), pa.array(number, pa.int64()), by="#"),
            "family": family.take(rows),
            "question": pick(patterns.take(rows), pa.array(number, pa.int64())),
            "answer": blank_to_null(_first(raw["responses"])).take(rows),
            "tags": to_lists([raw["tag"].take(rows)]),
            RAW_ROW: rows,
        }
    )


def _first(lists: pa.ChunkedArray | pa.Array) -> pa.Array:
    return pick(lists, pa.array(np.zeros(len(lists), np.int64)))


def _one_response(raw: pa.Table) -> None:
    """Refuse intents with a choice of responses: which of them answers is not ours to guess."""
    bad = np.flatnonzero(list_lengths(raw["responses"]) > 1).tolist()
    if bad:
        lengths = pc.list_value_length(raw["responses"]).take(pa.array(bad[:3])).to_pylist()
        raise RowError("an intent has several responses", rows=bad, column="responses",
                       expected="one response, blank where upstream has none", found=repr(lengths),
                       hint='on_bad="drop" sets such intents aside')  # fmt: skip


def _choose(layout: Layout, wordings: str) -> Layout:
    function: Callable[..., pa.Table] = layout.normalize  # with the other choice, or as it is
    return replace(layout, normalize=partial(function, wordings=wordings))


def _choose_response(layout: Layout, responses: str) -> Layout:
    function: Callable[..., pa.Table] = layout.normalize
    return replace(layout, normalize=partial(function, responses=responses))


SOURCE = Source(
    name="first_aid",
    title="First aid intents",
    about="Wordings of first-aid questions, grouped by intent; a row is one wording with the advice "
    "of its intent.",
    language=("en",),
    layout=Layout(
        at=Hub("badri55/First_aid__dataset", revision="2e6b21cec15c74df188a04a2a347bbe9fb25fb3e"),
        files="first_aid1.json",
        read=Reading(format="json", records="intents"),
        raw=RAW,
        optional=("context_set",),
        schema=QA,
        normalize=normalize,
    ),
    parts=(Part(None, "train", 44),),
    choices=(
        Choice(
            "patterns",
            ("all", "first"),
            "Whether each pattern of an intent becomes a row, or the first alone, as in "
            "medical_training_dataset.",
            _choose,
        ),
        Choice(
            "responses",
            ("one", "first"),
            "Whether an intent has one response, and is refused with several, or its first one answers, as in "
            "medical_training_dataset.",
            _choose_response,
        ),
    ),
    license=(Claim(None, "repository on the hub: no licence was found there"),),
    citation="""@misc{first_aid_dataset,
  title  = {First aid dataset},
  author = {badri55},
  year   = {2026},
  url    = {https://huggingface.co/datasets/badri55/First_aid__dataset},
  note   = {upstream states no year; this is the year of the catalogue entry}
}""",
    derived_from=(Parent("kaggle_first_aid_intents", "copied, as it seems", catalogued=False),),
    quirks=(
        "One raw row is an intent: 44 intents have 188 patterns in all, and each pattern becomes a "
        "row. `family` is the same for all rows of an intent, so splits keep them together.",
        "18 of the 44 intents have a single blank for a response: their rows have no answer. The "
        "other 26 intents give 116 rows, all distinct, with answers of 175 to 766 characters.",
        "An intent without patterns is an error, or set aside with on_bad='drop'; so is one "
        "with several responses, unless the first is asked for. None is known.",
        "Tags are in mixed case and partly misspelt; they stay as they are, in `tags` and `id`.",
        "The counts were made on the original intents; both forms of first_aid1.json are met, a bare list "
        "and an object with the key 'intents', with or without `context_set`.",
        "The family is hashed from an intent's first pattern, because that is all a compilation of "
        "these rows (medical_training_dataset) kept.",
    ),
    warning="some of this advice is outdated or unsafe (first aid has moved on since); never show it "
    "to people who need help, and review it before training on it",
)
