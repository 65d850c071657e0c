r"""Wikipedia medical terms: whole English articles on medical subjects.

A raw row, invented::

    {"page_title": "Scraped knee",
     "page_text": "A scraped knee is a common minor injury.\n\nTreatment\nIt is cleaned ..."}
"""

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Source
from medqa_kit.normalizing import Columns
from medqa_kit.schemas import TEXT

SOURCE = Source(
    name="wiki_medical_terms",
    title="Wikipedia medical terms",
    about="Articles of the English Wikipedia on medical terms, as plain text.",
    language=("en",),
    layout=Layout(
        at=Hub("gamino/wiki_medical_terms", revision="7eb458284a4cf38dd8baf9f2697b46682b9e168b"),
        files="**/*.parquet",
        raw=pa.schema({"page_title": pa.string(), "page_text": pa.string()}),
        extra="ignore",  # an index column may be there
        schema=TEXT,
        normalize=Columns(
            take={"text": "page_text"},
            maybe={"title": "page_title"},
            key=("page_title",),
            family=("wiki_medical_terms", ("page_text",)),
        ),
        repeats=True,  # nobody promises that titles are unique
    ),
    parts=(Part(None, "train", 6861),),
    license=(
        Claim(
            "CC-BY-SA-3.0",
            "the text is that of the English Wikipedia, under its terms",
            note="name the articles and share alike; edits since June 2023 are under version 4.0",
        ),
        Claim(
            "GPL-3.0",
            "tag of the upstream card, over text of others",
            credible=False,
        ),
    ),
    citation="""@misc{wiki_medical_terms,
  title  = {Wikipedia medical terms},
  author = {gamino},
  year   = {2026},
  url    = {https://huggingface.co/datasets/gamino/wiki_medical_terms},
  note   = {upstream states no year; this is the year of the catalogue entry}
}""",
    derived_from=(
        Parent("english_wikipedia", "articles picked, markup removed", catalogued=False),
    ),
    quirks=(
        "Articles are whole, about 8.9 thousand characters on average, with their line breaks and "
        "headings; no definitions, whatever other cards say.",
        "An index column in the file, if any, is left out.",
        "The title is the key. Should one come twice, the later article's id ends in ~2.",
        "medical_training_dataset quotes whole articles as context of generated questions; `family` "
        "is of the article's text, and equal there.",
        "Copies circulate under other column names (medical_term, wiki_description): "
        "columns={'page_title': 'medical_term', 'page_text': 'wiki_description'} reads them.",
    ),
)
