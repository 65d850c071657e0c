"""AI-Hub 566: medical speech with transcripts. Its JSON keys are not known: nothing is loaded."""

from medqa_kit.catalog import NoData, Source
from medqa_kit.entries._shared.aihub import by_hand, cited, terms_of

TITLE = "AI-Hub: Speech of the Medical Field (의료 분야 음성)"

SOURCE = Source(
    name="aihub_medical_speech",
    title=TITLE,
    about="Recordings of medical speech with transcripts.",
    language=("ko",),
    layout=NoData(
        "the keys of its JSON files are not documented, and rows are not made by guessing which "
        "key is the transcript",
        see="what mk.load(..., path=...) reports: the structure of the files without their values. Pass "
        "it on to the maintainers, and the set can be read. aihub_telemedicine_speech is the "
        "speech set whose transcripts can be read",
        by_hand=by_hand(566, expect="the folder as delivered, Training and Validation, zips packed "
                        "or not; recordings are not needed", secure=True),
    ),
    license=terms_of(566),
    citation=cited(566, title=TITLE),
    quirks=(
        "A guide calls it patient-doctor dialogue that may be used commercially; approval, "
        "nationality and the secure area go unmentioned there, and the dialogues are unverified.",
    ),
)  # fmt: skip
