"""OSCAR 23.01, Korean: web pages from Common Crawl; gated.

A raw row, invented::

    {"content": "오늘의 건강 상식입니다.", "warc_headers": {"warc-target-uri": "https://a.example/1"},
     "metadata": {"identification": {"label": "ko", "prob": 0.98}, "harmful_pp": 812.5,
                  "quality_warnings": ["short_sentences"], "categories": null}}
"""

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Source
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.arrow.hashing import content_key
from medqa_kit.schemas import TEXT

HEADERS = pa.struct({"warc-record-id": pa.string(), "warc-target-uri": pa.string()})
JUDGED = {
    "identification": pa.struct({"label": pa.string(), "prob": pa.float64()}),
    "harmful_pp": pa.float64(),
    "quality_warnings": pa.list_(pa.string()),
    "categories": pa.list_(pa.string()),
}


def normalize(raw: pa.Table) -> pa.Table:
    """Take the address from the headers, wherever this release keeps them."""
    beside, inside = whole(raw["warc_headers"]), pc.struct_field(whole(raw["meta"]), "warc_headers")
    urls = [pc.struct_field(headers, "warc-target-uri") for headers in (beside, inside)]
    url = pc.coalesce(*urls)
    return pa.table({"id": content_key(url, raw["content"]), "text": raw["content"], "url": url})


SOURCE = Source(
    name="oscar_ko",
    title="OSCAR 23.01, Korean",
    about="Korean web pages extracted from Common Crawl, with judgements of their quality.",
    language=("ko",),
    layout=Layout(
        at=Hub("oscar-corpus/OSCAR-2301", gated=True),
        files="ko_meta/*.jsonl.zst",
        raw=pa.schema(
            {
                "content": pa.string(),
                "warc_headers": HEADERS,
                "metadata": pa.struct(JUDGED),
                "meta": pa.struct({"warc_headers": HEADERS, **JUDGED}),
            }
        ),
        schema=TEXT,
        normalize=normalize,
        optional=("warc_headers", "metadata", "meta"),
        aliases={"content": ("text",)},
        extra="ignore",
        repeats=True,
    ),
    parts=(Part(None, "train"),),
    license=(
        Claim("CC0-1.0", "hub page of OSCAR-2301: the packaging"),
        Claim("crawl-terms", "terms of use of Common Crawl: the pages themselves"),
    ),
    citation="""@misc{abadji2022towards,
  title         = {Towards a Cleaner Document-Oriented Multilingual Crawled Corpus},
  author        = {Julien Abadji and Pedro Ortiz Suarez and Laurent Romary and Beno{\\^i}t Sagot},
  year          = {2022},
  eprint        = {2201.06642},
  archivePrefix = {arXiv}
}""",
    derived_from=(Parent("common_crawl", "extracted, language identified", catalogued=False),),
    quirks=(
        "Accept the terms on the hub page and pass a token. The repository carries a loading "
        "script, which nothing here runs: the compressed JSON Lines under ko_meta/ are read.",
        "Headers stand beside the metadata or inside `meta`; both are read. The text is called "
        "`content` or `text`.",
        "keep=['metadata'], or keep=['meta'] where the headers are inside it, carries upstream's "
        "quality warnings along to filter by.",
        "Running numbers that copies give as `id` are no key: it is made of address and text.",
        "An open copy without licence tag, lcw99/oscar-ko-only, is laid out in another way.",
        "Crawled pages repeat Wikipedia and other sources in part; nothing proves it row by row, so "
        "`family` is null.",
    ),
)
