"""KoBEST: five Korean tasks of language understanding, each with its own columns.

A raw row of ``copa``, invented::

    {"premise": "비가 왔다.", "question": "결과", "alternative_1": "땅이 말랐다.",
     "alternative_2": "땅이 젖었다.", "label": 1}
"""

from functools import partial

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Kernel, Layout, Part, Protection, Source
from medqa_kit.normalizing import Columns
from medqa_kit.normalizing.labels import class_names
from medqa_kit.schemas import LABELED, QA

TRUTH, MOOD = ("False", "True"), ("negative", "positive")
ROWS = {"boolq": (3665, 700, 1404), "copa": (3076, 500, 1000), "hellaswag": (2029, 500, 500),
        "sentineg": (3649, 400, 397), "wic": (3318, 610, 1260)}  # fmt: skip
ALTERNATIVES = ("alternative_1", "alternative_2")
ENDINGS = tuple(f"ending_{number}" for number in range(1, 5))


def named_classes(raw: pa.Table, *, columns: Columns, names: tuple[str, ...]) -> pa.Table:
    """Take the texts as declared, and name the class of each row."""
    return columns(raw).append_column("label", class_names(raw["label"], names, column="label"))


def _layout(columns: tuple[str, ...], schema: pa.Schema, normalize: Kernel) -> Layout:
    return Layout(
        at=Hub("skt/kobest_v1", revision="a5ea15e3ac77ed694b79f6204eb31889a2ba989f"),
        files="{subset}/{upstream}.jsonl",
        raw=pa.schema([(name, pa.string()) for name in columns] + [("label", pa.int64())]),
        schema=schema,
        normalize=normalize,
        repeats=True,
    )


def _classes(names: tuple[str, ...], *texts: str) -> Kernel:
    """Return the normalizer of a text, or of the last two as a pair, whose class is one of some."""
    take = dict(zip(("text", "text_pair"), texts[-2:], strict=False))
    return partial(named_classes, columns=Columns(take=take, content=texts), names=names)


LAYOUTS = {
    "boolq": _layout(("paragraph", "question"), LABELED, _classes(TRUTH, "paragraph", "question")),
    "copa": _layout(("premise", "question", *ALTERNATIVES), QA, Columns(
        take={"question": "question", "context": "premise"}, options=ALTERNATIVES, index="label",
        content=("premise", "question", *ALTERNATIVES))),
    "hellaswag": _layout(("context", *ENDINGS), QA, Columns(
        take={"question": "context"}, options=ENDINGS, index="label",
        content=("context", *ENDINGS))),
    "sentineg": _layout(("sentence",), LABELED, _classes(MOOD, "sentence")),
    "wic": _layout(("word", "context_1", "context_2"), LABELED,
                   _classes(TRUTH, "word", "context_1", "context_2")),
}  # fmt: skip
BEFORE = "the sentences of the test before they were negated"


def _parts() -> tuple[Part, ...]:
    splits = ("train", "validation", "test")
    official = (
        Part(subset, split, rows, layout=LAYOUTS[subset], exact=False, evaluation=split == "test")
        for subset, counts in ROWS.items()
        for split, rows in zip(splits, counts, strict=True)
    )
    before = Part("sentineg", "test_originated", 397, exact=False, by_name_only=BEFORE, layout=LAYOUTS["sentineg"],
                  evaluation=True)  # fmt: skip
    return (*official, before)


SOURCE = Source(
    name="kobest",
    title="KoBEST: Korean Balanced Evaluation of Significant Tasks",
    about="Five Korean tasks written by linguists: yes or no from a passage, cause and effect, what "
    "follows, mood under negation, and a word in two sentences.",
    language=("ko",),
    layout=LAYOUTS["boolq"],
    parts=_parts(),
    holdouts=tuple(
        Protection(f"kobest-{subset}-test", subset=subset, split="test", items=test,
                   reason="the official test split of the task", protects=(f"lm_eval/kobest_{subset}",))
        for subset, (_, _, test) in ROWS.items()
    ),
    license=(Claim("CC-BY-SA-4.0", "front matter of the card of skt/kobest_v1"),),
    citation="""@misc{kim2022kobest,
  title         = {KOBEST: Korean Balanced Evaluation of Significant Tasks},
  author        = {Dohyeong Kim and Myeongjun Jang and Deuk Sin Kwon and Eric Davis},
  year          = {2022},
  eprint        = {2204.04541},
  archivePrefix = {arXiv}
}""",
    quirks=(
        "Each subset has its own columns: name one. None is medical; they tell how well a model knows "
        "Korean.",
        "Labels are numbers at the hub. boolq and wic become 'False' and 'True', sentineg 'negative' and "
        "'positive', as upstream's loader named them.",
        "copa asks for the cause (원인) or the effect (결과) of its premise: that one word is the "
        "`question`, the premise the `context`. Harnesses make a sentence of them.",
        "hellaswag has a beginning as its `question` and four endings; answers count from 0.",
        "wic marks its word in both sentences by square brackets; keep=['word'] carries it along.",
        "split='test_originated' of sentineg, by name only, holds the sentences that the test's were made "
        "of by negation; upstream says they come from its training data.",
        "No row has a key upstream; theirs is a hash of what it says.",
        "The card's counts of copa, hellaswag and wic are those of other splits or tasks; the ones here "
        "are second-hand, too.",
        "The TSV files on GitHub (SKT-LSL/KoBEST_datarepo) have other column names and other labels.",
    ),
)  # fmt: skip
