"""An English-Korean corpus of notes of four hospitals, known from a paper. Nothing to load."""

from medqa_kit.catalog import Claim, NoData, Source

SOURCE = Source(
    name="en_ko_hospital_corpus",
    title="English-Korean corpus of four hospitals",
    about="Hospital notes of four hospitals in English and Korean, as a paper of 2025 is said to "
    "describe them.",
    language=("en", "ko"),
    layout=NoData(
        "it is known from a paper only: no repository, identifier or download was found",
        see="aihub_ko_en_parallel for an English-Korean corpus with a medical part",
    ),
    license=(Claim(None, "nothing is published that could carry a licence"),),
    citation="""@misc{en_ko_hospital_corpus,
  title = {An English-Korean corpus of four hospitals (not published)},
  year  = {2025},
  note  = {named in a Korean training guide without author or identifier}
}""",
    quirks=("Said to be Markdown and JSON; size and terms are not known.",),
)
