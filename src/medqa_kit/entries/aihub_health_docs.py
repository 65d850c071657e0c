"""AI-Hub 'health knowledge from documents', named once, without a number. Nothing to load."""

from medqa_kit.catalog import Claim, NoData, Source

SOURCE = Source(
    name="aihub_health_docs",
    title="AI-Hub: health knowledge from documents (문서 기반 건강상식)",
    about="A set of AI-Hub that a Korean training guide names once, as health knowledge based on "
    "documents.",
    language=("ko",),
    layout=NoData(
        "it is named in a guide without a number, and which set of AI-Hub is meant is not known",
        see="aihub_healthcare_qa (71762) for AI-Hub's questions and answers on health",
    ),
    license=(
        Claim(
            None,
            "no set is identified whose page could be read",
            note="sets of AI-Hub come under its terms: approval, Korean nationals only, no "
            "redistribution",
        ),
    ),
    citation="""@misc{aihub_health_docs,
  title = {문서 기반 건강상식 (not identified)},
  year  = {2026},
  note  = {year of the catalogue entry; named in a Korean training guide as a set of AI-Hub}
}""",
)
