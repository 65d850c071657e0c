"""'Korean news', named without a source. There is nothing to load."""

from medqa_kit.catalog import Claim, NoData, Source

SOURCE = Source(
    name="ko_news",
    title="Korean news (not identified)",
    about="News text that a Korean training guide lists without naming a set.",
    language=("ko",),
    layout=NoData(
        "a guide lists it without naming a set; it points to open_korean_corpora, which is a list",
        see="korean_wikipedia for general Korean text that can be read",
    ),
    license=(Claim(None, "no set is identified that could carry a licence"),),
    citation="""@misc{ko_news,
  title = {Korean news (not identified)},
  year  = {2026},
  note  = {year of the catalogue entry; mentioned in a Korean training guide}
}""",
)
