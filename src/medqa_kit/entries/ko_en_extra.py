"""'Additional' English-Korean medical pairs, named without a source. There is nothing to load."""

from medqa_kit.catalog import Claim, NoData, Source

SOURCE = Source(
    name="ko_en_extra",
    title="Additional English-Korean medical pairs (not identified)",
    about="Parallel medical text in English and Korean that a Korean training guide counts without "
    "saying what it is.",
    language=("en", "ko"),
    layout=NoData(
        "it is mentioned in a guide without name, author or link, and no set could be identified",
        see="aihub_ko_en_parallel for an English-Korean corpus with a medical part",
    ),
    license=(Claim(None, "no set is identified that could carry a licence"),),
    citation="""@misc{ko_en_extra,
  title = {Additional English-Korean medical pairs (not identified)},
  year  = {2026},
  note  = {year of the catalogue entry; mentioned in a Korean training guide}
}""",
)
