r"""NamuWiki: articles of a Korean wiki, markup included, in parts.

A raw row, invented::

    {"namespace": 0, "title": "가나병", "text": "== 개요 ==\n'''가나병'''은 지어낸 병이다.",
     "contributors": ["user_a", "192.0.2.1"], "id": "12-0"}
"""

from dataclasses import replace

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Source
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.hashing import family_key
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import TEXT


def chunks(raw: pa.Table) -> pa.Table:
    """Parts of one article, the same number before the hyphen of their ids, are one family."""
    article = pc.replace_substring_regex(raw["id"], pattern="-[^-]*$", replacement="")
    return pa.table({"id": raw["id"], "family": family_key("namuwiki_article", article),
                     "title": raw["title"], "text": raw["text"]})  # fmt: skip


WITHOUT = ("contributors",)  # persons and their addresses: copies may leave them out

CHUNKS = Layout(
    at=Hub("wisenut-nlp-team/namu"),
    files="data/{upstream}-*.parquet",
    raw=pa.schema(
        {
            "namespace": pa.int64(),
            "title": pa.string(),
            "text": pa.string(),
            "contributors": pa.list_(pa.string()),
            "id": pa.string(),
        }
    ),
    schema=TEXT,
    normalize=chunks,
    optional=WITHOUT,
)
ARTICLES = Layout(
    at=Hub("heegyu/namuwiki"),
    files="*.parquet",
    raw=pa.schema(dict.fromkeys(("title", "text", "contributors", "namespace"), pa.string())),
    schema=TEXT,
    normalize=Columns(
        take={"title": "title", "text": "text"},
        content=("title", "namespace"),
        family=("namuwiki", ("title", "namespace")),
    ),
    optional=WITHOUT,
    repeats=True,
)
EXTRACTED = replace(
    ARTICLES, at=Hub("heegyu/namuwiki-extracted"), optional=("contributors", "namespace")
)

SOURCE = Source(
    name="namuwiki",
    title="NamuWiki",
    about="Articles of the Korean wiki NamuWiki, from its dump of 1 March 2021, with markup.",
    language=("ko",),
    layout=CHUNKS,
    parts=(
        Part("namu", "train"),
        Part(
            "heegyu",
            "train",
            867024,
            layout=ARTICLES,
            named_by="subset",
            by_name_only="the same dump, whole articles",
        ),
        Part(
            "heegyu-extracted",
            "train",
            571308,
            exact=False,
            layout=EXTRACTED,
            named_by="subset",
            by_name_only="the same dump, markup removed",
        ),
    ),
    license=(
        Claim("CC-BY-NC-SA-2.0", "cards of heegyu/namuwiki and heegyu/namuwiki-extracted"),
        Claim("CC-BY-NC-SA-2.0-KR", "terms of namu.wiki itself"),
        Claim(
            "CC-BY-4.0",
            "hub tag of wisenut-nlp-team/namu",
            credible=False,
            note="nobody but the authors can drop the conditions",
        ),
    ),
    citation="""@misc{namuwiki2021,
  title  = {NamuWiki, dump of 1 March 2021},
  author = {{NamuWiki contributors}},
  year   = {2021},
  url    = {https://namu.wiki}
}""",
    derived_from=(Parent("namuwiki_dump_20210301", "cut into parts", catalogued=False),),
    quirks=(
        "Rows of namu are parts of articles, some 6.2 million of about 867,000 articles; `family` "
        "is the article. A count of '6.2M articles' in circulation means parts.",
        "The repository carries a loading script, for which datasets refuses it; here its 18 "
        "Parquet files are read.",
        "`contributors` holds user names and IP addresses: it is in view='raw' only.",
        "Text has its markup; medqa_kit.quality.namuwiki.StripNamuMarkup takes it off.",
        "heegyu-extracted was exchanged once: its card says 571,308 rows, the viewer 565k.",
    ),
)
