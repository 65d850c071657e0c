"""Korean hospital notes, which no one may hand out. There is nothing to load."""

from medqa_kit.catalog import Claim, NoData, Source

SOURCE = Source(
    name="korean_emr",
    title="Korean electronic medical records",
    about="Notes of Korean hospitals, such as the 38 million documents a university hospital speaks "
    "of, and the literature on de-identifying them.",
    language=("ko",),
    layout=NoData(
        "notes of hospitals are open only to projects an ethics board approved, under a data-use "
        "agreement; there is no public file",
        see="kormedmcqa for Korean clinical questions and kbmc for tagged Korean sentences; notes you "
        "may use yourself load as a source of your own with LocalFiles",
    ),
    license=(
        Claim(
            "ethics-board-and-data-use-agreement",
            "how the literature describes access to such records",
        ),
    ),
    citation="""@misc{korean_emr,
  title = {Korean electronic medical records (not published)},
  year  = {2026},
  note  = {year of the catalogue entry; there is no single publication}
}""",
    quirks=("38 million documents is a claim; nothing public allows to count them.",),
)
