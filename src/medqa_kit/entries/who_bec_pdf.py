"""Basic Emergency Care, a book of WHO and ICRC. It is a PDF: there are no rows to load."""

from medqa_kit.catalog import Claim, NoData, Source

SOURCE = Source(
    name="who_bec_pdf",
    title="Basic Emergency Care (WHO and ICRC)",
    about="A handbook on the approach to the acutely ill and injured, published as a PDF.",
    language=("en",),
    layout=NoData(
        "it is a book in PDF form, without questions or rows",
        see="https://iris.who.int/handle/10665/275635 for the book; extreme_firstaid has questions "
        "generated from it, with the quoted passages",
        access="no-rows",
    ),
    license=(
        Claim(
            "CC-BY-NC-SA-3.0-IGO",
            "imprint of the book, ISBN 9789241513081, © WHO and ICRC 2018",
            note="no logos; translations carry a disclaimer",
        ),
    ),
    citation="""@book{who2018bec,
  title     = {Basic Emergency Care: Approach to the Acutely Ill and Injured},
  author    = {{World Health Organization} and {International Committee of the Red Cross}},
  year      = {2018},
  isbn      = {9789241513081}
}""",
    quirks=(
        "Chunks of its text stand word for word in extreme_firstaid and in the rows of "
        "medical_training_dataset tagged source:extreme_firstaid_qa_dataset; its terms go with them.",
    ),
)
