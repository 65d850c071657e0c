"""KBMC, Korean Bio-Medical Corpus: sentences with diseases, body parts and treatments marked.

A raw row, invented, tab-separated::

    Sentence	Tags
    위염 은 위 의 염증 이다	Disease-B O Body-B O O O
"""

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Part, Source
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import positions, whole
from medqa_kit.core.arrow.hashing import content_key
from medqa_kit.core.arrow.ragged import rows_of
from medqa_kit.entries._shared.model_written import written_by_a_model
from medqa_kit.errors import LabelError
from medqa_kit.normalizing.bio import prefixed, spans
from medqa_kit.schemas import TOKENS

TAGS = ("O", *(f"{name}-{mark}" for name in ("Disease", "Body", "Treatment") for mark in "BI"))


def normalize(raw: pa.Table) -> pa.Table:
    """Split sentence and tags at blanks, turn suffix tags into prefix tags, read off the spans."""
    tokens, given = (
        pc.utf8_split_whitespace(pc.utf8_trim_whitespace(raw[name]))
        for name in ("Sentence", "Tags")
    )
    _declared(whole(given))
    tags = prefixed(given)
    return pa.table(
        {
            "id": content_key(raw["Sentence"]),
            "text": raw["Sentence"],
            "tokens": tokens,
            "tags": tags,
            "spans": spans(tokens, tags),
        }
    )


def _declared(tags: pa.Array) -> None:
    unknown = pc.invert(pc.is_in(tags.flatten(), value_set=pa.array(TAGS)))
    if bad := positions(unknown):
        rows = rows_of(tags, bad)
        names = ", ".join(pc.unique(tags.flatten().filter(unknown)).to_pylist()[:3])
        raise LabelError("the tag is not one the source declares", rows=rows, column="Tags",
                         expected=", ".join(TAGS), found=names,
                         hint='on_bad="drop" sets such rows aside')  # fmt: skip


SOURCE = Source(
    name="kbmc",
    title="Korean Bio-Medical Corpus (KBMC)",
    about="Sentences written by a model and checked by people, with entities of three kinds: "
    "diseases, body parts, treatments.",
    language=("ko",),
    layout=Layout(
        at=Hub("SungJoo/KBMC", revision="9cd99c088d3192577f9355b4832b96c3087996e8"),
        files="KBMC.tsv",
        raw=pa.schema({"Sentence": pa.string(), "Tags": pa.string()}),
        schema=TOKENS,
        normalize=normalize,
        repeats=True,
    ),
    parts=(Part(None, "train", 6150),),
    license=(
        Claim("Apache-2.0", "hub tag of SungJoo/KBMC"),
        Claim("Apache-2.0", "Open-korean-corpora list: free for all, may be redistributed"),
        written_by_a_model("the paper: the sentences were written by ChatGPT, then checked"),
    ),
    citation="""@article{byun2024kbmc,
  title   = {Korean Bio-Medical Corpus (KBMC) for Medical Named Entity Recognition},
  author  = {Sungjoo Byun and Jiseung Hong and Sumin Park and Dongjun Jang and Jean Seo and
             Minseok Kim and Chaeyoung Oh and Hyopil Shin},
  journal = {arXiv preprint arXiv:2403.16158},
  year    = {2024}
}""",
    quirks=(
        "Tags stand with the suffix first upstream (Disease-B); here the prefix is first "
        "(B-Disease). view='raw' has upstream's.",
        "Rows whose tokens and tags differ in number are errors, never cut to the shorter: "
        "on_bad='drop' sets them aside and counts them.",
        "An I tag without its B stays as it is and begins a span, as conlleval reads it; "
        "medqa_kit.normalizing.bio.orphans(data['tags']) finds these rows.",
        "Tokens are split off their particles: joining them by blanks does not give written text.",
        "There are no tags for personal data, so the set is of no use for de-identification. "
        "Circulating counts of 4,162 diseases, 841 body parts and 396 treatments are distinct "
        "terms, not mentions.",
    ),
)
