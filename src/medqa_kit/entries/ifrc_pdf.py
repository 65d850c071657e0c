"""'IFRC first aid guidelines', as a compilation calls an ICRC e-book. There are no rows to load."""

from medqa_kit.catalog import Claim, NoData, Parent, Source

SOURCE = Source(
    name="ifrc_pdf",
    title="'IFRC first aid guidelines' (an ICRC e-book)",
    about="A PDF listed under a name that is not its own: the link leads to an e-book of the ICRC.",
    language=("en",),
    layout=NoData(
        "it is a book in PDF form, without questions or rows; the link behind the name is an item of "
        "the ICRC shop, BEC/002, most likely the ICRC edition of who_bec_pdf",
        see="who_bec_pdf for that book; extreme_firstaid has questions generated from it",
        access="no-rows",
    ),
    license=(
        Claim(
            None,
            "the e-book's own terms were not found",
            note="likely those of who_bec_pdf, CC BY-NC-SA 3.0 IGO",
        ),
    ),
    citation="""@book{icrc_bec002,
  title     = {Basic Emergency Care},
  author    = {{International Committee of the Red Cross}},
  year      = {2018},
  note      = {e-book BEC/002; title and year as of the WHO edition, most likely the same book}
}""",
    derived_from=(Parent("who_bec_pdf", "most likely the same book, in another edition"),),
    quirks=(
        "The guideline the name speaks of (IFRC, International first aid, resuscitation and "
        "education guidelines, 2020) may be copied for non-commercial use with acknowledgement; only "
        "medrescue draws on it.",
    ),
)
