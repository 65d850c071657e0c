"""AI-Hub 208: what patients, nurses and doctors say in remote consultations, as transcripts.

A raw row, invented, is one file beside one recording; of it these two values are read::

    {"전사정보": {"LabelText": "어제부터 목이 따끔거려요."},
     "파일정보": {"DirectoryPath": "...", "FileName": "P001_0007.wav", "FileLength": "..."},
     "화자정보": {...}, "음성정보": {...},
     "환경정보": {"RecordingEnviron": "...", "RecordingDevice": "..."}}
"""

from dataclasses import replace

import pyarrow as pa

from medqa_kit.catalog import Layout, Part, Reading, Source
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import whole
from medqa_kit.entries._shared.aihub import by_hand, cited, terms_of
from medqa_kit.schemas import TEXT

ROLES = {"patient": ("환자", 471_000), "nurse": ("간호사", 329_000), "doctor": ("의사", 330_000)}
SPLITS = {"train": ("Training", "T"), "validation": ("Validation", "V")}

TITLE = "AI-Hub: Speech of Medical Staff and Patients in Remote Care (비대면 진료 의료진·환자 음성)"


def normalize(raw: pa.Table) -> pa.Table:
    """Take the transcript, under the name of its recording."""
    key = pc.struct_field(whole(raw["파일정보"]), "FileName")
    return pa.table({"id": key, "text": pc.struct_field(whole(raw["전사정보"]), "LabelText")})


def _files(mark: str, role: str) -> str:
    return f"**/[[]{mark}]라벨링데이터*/**/{role}/**/*.json"


LAYOUT = Layout(
    at=by_hand(
        208,
        expect="the folder that holds [T]라벨링데이터 and [V]라벨링데이터, each a folder or a zip, with "
        "medsub/환자, medsub/간호사 and medsub/의사 inside; recordings are not needed",
    ),
    files=_files("T", "환자"),
    read=Reading(format="json-tree"),
    raw=pa.schema(
        {
            "전사정보": pa.struct({"LabelText": pa.string()}),
            "파일정보": pa.struct({"FileName": pa.string()}),
        }
    ),
    schema=TEXT,
    normalize=normalize,
    extra="ignore",
)

SOURCE = Source(
    name="aihub_telemedicine_speech",
    title=TITLE,
    about="Transcripts of single utterances of patients, nurses and doctors in remote "
    "consultations; the recordings are not read.",
    language=("ko",),
    layout=LAYOUT,
    parts=tuple(
        Part(role, split, rows if split == "train" else None, upstream=name, exact=False,
             layout=replace(LAYOUT, files=_files(mark, korean)))
        for split, (name, mark) in SPLITS.items()
        for role, (korean, rows) in ROLES.items()
    ),
    license=terms_of(208),
    citation=cited(208, title=TITLE),
    quirks=(
        "Single utterances: the order of turns cannot be rebuilt, so there are no dialogues here, "
        "although a guide calls it patient-doctor dialogue.",
        "`text` is the transcript as it stands; `subset` is the speaker's role (patient, nurse, "
        "doctor), by the folder. `title` is null.",
        "1,130,811 training utterances: about 471,000 of patients, 329,000 of nurses and 330,000 of "
        "doctors. How many there are in validation is not known.",
        "The key is the name of the recording. Who speaks is told only by folder names and by "
        "화자정보, whose keys are not documented, so it is not read and rows have no family: one "
        "speaker's utterances may fall into several splits of your own.",
        "Of a file only 전사정보.LabelText and 파일정보.FileName are read, of its five blocks 전사정보, "
        "화자정보, 음성정보, 파일정보 (DirectoryPath, FileName, FileLength) and 환경정보 (RecordingEnviron, "
        "RecordingDevice); numbers are text upstream.",
        "Transcripts are no clean text: names are tags such as #@name#, numbers are pairs of how they are "
        "written and read, as in (3)/(세), fillers end in a slash (아/), and * marks unclear words (용어*). "
        "Nothing of it is taken off here.",
    ),
)  # fmt: skip
