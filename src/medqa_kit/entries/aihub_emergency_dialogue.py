"""AI-Hub 71433: dialogues of emergency rooms. Its JSON keys are not known, so nothing is loaded."""

from medqa_kit.catalog import NoData, Source
from medqa_kit.entries._shared.aihub import by_hand, cited, terms_of

TITLE = "AI-Hub: Clinical Dialogues of Emergency Rooms (응급실 임상 대화)"

SOURCE = Source(
    name="aihub_emergency_dialogue",
    title=TITLE,
    about="Conversations of an emergency room, staged as triage, first examination, tests, and "
    "results or discharge.",
    language=("ko",),
    layout=NoData(
        "the keys of its JSON files are not documented, and rows are not made by guessing which "
        "key is a turn and who speaks it",
        see="what mk.load(..., path=...) reports: the structure of the files without their values. Pass "
        "it on to the maintainers, and the set can be read",
        by_hand=by_hand(71433, expect="the folder as delivered, Training and Validation, zips packed "
                        "or not", secure=True),
    ),
    license=terms_of(71433),
    citation=cited(71433, title=TITLE),
    quirks=(
        "Staged in four steps: triage, first examination, tests, results or discharge.",
        "A guide calls it patient-doctor dialogue that may be used commercially; approval, "
        "nationality and the secure area go unmentioned there, and the dialogues are unverified.",
    ),
)  # fmt: skip
