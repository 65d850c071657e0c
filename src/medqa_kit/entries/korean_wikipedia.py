r"""Korean Wikipedia: articles as plain text.

A raw row, invented::

    {"id": "5", "url": "https://ko.wikipedia.org/wiki/%EA%B0%80", "title": "가나병",
     "text": "가나병은 지어낸 병이다.\n\n== 증상 ==\n없다."}
"""

from dataclasses import replace

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Source
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import TEXT

COLUMNS = Columns(
    take={"title": "title", "text": "text", "url": "url"},
    key=("id",),
    family=("korean_wikipedia", ("title",)),
)
WIKIMEDIA = Layout(
    at=Hub("wikimedia/wikipedia"),
    files="{subset}/{upstream}-*.parquet",
    raw=pa.schema(dict.fromkeys(("id", "url", "title", "text"), pa.string())),
    schema=TEXT,
    normalize=COLUMNS,
)
LCW99 = replace(
    WIKIMEDIA,
    at=Hub("lcw99/wikipedia-korean-20240501"),
    files="data/{upstream}-*.parquet",
    normalize=replace(COLUMNS, key=(), content=("title", "text")),
    optional=("id", "url", "title"),
    repeats=True,
)

SOURCE = Source(
    name="korean_wikipedia",
    title="Korean Wikipedia",
    about="Articles of the Korean Wikipedia as plain text, from the dump of 1 November 2023.",
    language=("ko",),
    layout=WIKIMEDIA,
    parts=(
        Part("20231101.ko", "train", 647897),
        Part(
            "lcw99-20240501",
            "train",
            515000,
            exact=False,
            layout=LCW99,
            named_by="subset",
            by_name_only="the same articles, from the dump of 1 May 2024",
        ),
    ),
    license=(
        Claim("CC-BY-SA-3.0", "hub tags of wikimedia/wikipedia"),
        Claim("GFDL-1.3", "hub tags of wikimedia/wikipedia"),
        Claim(
            "Apache-2.0",
            "hub tag of lcw99/wikipedia-korean-20240501",
            credible=False,
            note="nobody can relicense the articles",
        ),
    ),
    citation="""@misc{wikidump,
  title  = {Wikimedia Downloads},
  author = {{Wikimedia Foundation}},
  year   = {2023},
  url    = {https://dumps.wikimedia.org}
}""",
    derived_from=(Parent("wikipedia", "markup removed", key="article title", catalogued=False),),
    quirks=(
        "20231101.ko is the name of a configuration, not of a revision. Older names are dead: "
        "wikipedia 20220301.ko, psyche/kowiki and heegyu/kowikitext need loading scripts; "
        "lcw99/wikipedia-korean-20221001 is an older set of 607k rows.",
        "Line breaks part paragraphs: do not collapse them.",
        "The two subsets hold mostly the same articles; equal titles are one family.",
        "'500K articles' in circulation means one of these editions: 515k or 647,897.",
    ),
)
