r"""Open Korean Instructions: four collections in one grammar of turns.

A raw row, invented; a turn begins where a line begins with its marker::

    {"source": "koalpaca-v1.0", "text": "<usr> 수도를 쓰시오.\n<sys> 가나국\n<bot> 다라시"}
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import pyarrow as pa

from medqa_kit.catalog import Choice, Claim, Hub, Layout, Parent, Part, Reading, Source
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.hashing import content_key, family_key
from medqa_kit.entries._shared.model_written import written_by_a_model
from medqa_kit.errors import ValueTypeError
from medqa_kit.schemas import DIALOGUE

MARKER = re.compile(r"^<(usr|bot)>(?: |$)|^<(sys)> ?", re.MULTILINE)
ROLES = {"usr": "user", "bot": "assistant", "sys": "system"}


class Turn(NamedTuple):
    """One turn; the names are those of a message."""

    role: str
    content: str


@dataclass(frozen=True)
class Normalize:
    """Parse the turns of each text.

    Attributes:
        passage: Where a passage that stands before all turns goes: in front of the first turn of
            the user ("context"), or into a turn of its own ("system").
    """

    passage: Literal["context", "system"] = "context"

    def __call__(self, raw: pa.Table) -> pa.Table:
        """Normalise one batch."""
        # Loops over rows: a grammar over free text is beyond Arrow's regular expressions.
        parsed = [list(turns(text)) for text in raw["text"].to_pylist()]
        if bad := [row for row, talk in enumerate(parsed) if not talk]:
            raise ValueTypeError("the text does not begin with a turn", rows=bad, column="text",
                                 expected="<usr>, <bot> or <sys> where the first line begins",
                                 hint='on_bad="drop" sets such rows aside')  # fmt: skip
        talks = [[turn._asdict() for turn in joined(talk, self.passage)] for talk in parsed]
        return pa.table(
            {
                "id": content_key(raw["text"]),
                "family": _families(raw["source"], parsed),
                "messages": pa.array(talks, DIALOGUE.field("messages").type),
            }
        )


def turns(text: str | None) -> Iterator[Turn]:
    """Split a text at the markers that begin a line; markers inside a line are text.

    Nothing comes out when anything but blanks stands before the first marker.
    """
    marks = list(MARKER.finditer(text or ""))
    if not text or not marks or text[: marks[0].start()].strip():
        return
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    for mark, end in zip(marks, ends, strict=True):
        between = text[mark.end() : end]
        yield Turn(ROLES[mark[1] or mark[2]], between if end == len(text) else between[:-1])


def joined(talk: list[Turn], passage: str) -> Iterator[Turn]:
    """Put what follows <sys> where it belongs: to the turn of the user it is the input of."""
    waiting, begun = "", False
    for at, turn in enumerate(talk):
        following = talk[at + 1] if at + 1 < len(talk) else Turn("", "")
        if turn.role == "system" and not begun:
            if passage == "system" or following.role != "user":
                yield turn
            else:
                waiting = turn.content + "\n"
        elif turn.role == "user" and following.role == "system":
            yield Turn("user", f"{waiting}{turn.content}\n{following.content}")
            waiting = ""
        elif turn.role != "system" or talk[at - 1].role != "user":
            yield Turn(turn.role, waiting + turn.content)
            waiting = ""
        begun = begun or turn.role != "system"


def _families(source: pa.ChunkedArray, parsed: list[list[Turn]]) -> pa.Array:
    """Name the families of KoAlpaca rows as the source koalpaca does."""
    asked = pa.array([_content(talk, 0, "user") for talk in parsed], pa.string())
    given = pa.array([_content(talk, 1, "system") for talk in parsed], pa.string())
    with_input = pc.equal(source, "koalpaca-v1.0")
    family = pc.if_else(with_input, family_key("koalpaca", asked, given),
                        family_key("koalpaca", asked))  # fmt: skip
    ours = pc.starts_with(source, "koalpaca-")
    return pc.if_else(pc.fill_null(ours, False), family, pa.scalar(None, pa.string()))


def _content(talk: list[Turn], at: int, role: str) -> str | None:
    return talk[at].content if len(talk) > at and talk[at].role == role else None


def _choose(layout: Layout, value: str) -> Layout:
    return replace(layout, normalize=Normalize("system" if value == "system" else "context"))


SOURCE = Source(
    name="open_korean_instructions",
    title="Open Korean Instructions",
    about="Dialogues of KoAlpaca, ShareGPT (translated), OIG (translated) and conversations made "
    "from KorQuAD.",
    language=("ko",),
    layout=Layout(
        at=Hub("heegyu/open-korean-instructions"),
        files="{subset}.json",
        raw=pa.schema({"source": pa.string(), "text": pa.string()}),
        schema=DIALOGUE,
        normalize=Normalize(),
        read=Reading(format="jsonl"),
        repeats=True,
    ),
    parts=(
        Part("koalpaca", "train", 70775, exact=False, proof={"source": "^koalpaca"}),
        Part("sharegpt_deepl_ko", "train", proof={"source": "^sharegpt"}),
        Part("OIG-smallchip2-ko", "train", proof={"source": "^OIG"}),
        Part("korquad-chat", "train", proof={"source": "^korquad"}),
    ),
    license=(
        Claim(
            "MIT",
            "hub tag of heegyu/open-korean-instructions",
            credible=False,
            note="over parts that others licensed",
        ),
        Claim("CC-BY-NC-4.0", "KoAlpaca v1.0 hub card and v1.1 data licence file"),
        written_by_a_model("ShareGPT: replies of OpenAI models"),
    ),
    citation="""@misc{openkoreaninstructions2023,
  title        = {Open Korean Instructions},
  author       = {Heegyu Kim},
  year         = {2023},
  howpublished = {https://github.com/HeegyuKim/open-korean-instructions}
}""",
    derived_from=(
        Parent("koalpaca", "copied into the grammar", key="instruction and input"),
        Parent("sharegpt", "translated with DeepL", catalogued=False),
        Parent("oig_smallchip2", "translated", catalogued=False),
        Parent("korquad", "conversations about its passages", catalogued=False),
    ),
    choices=(
        Choice(
            "variant",
            ("context", "system"),
            "where a passage before all turns goes: in front "
            "of the user's first turn, or into a system turn of its own",
            _choose,
        ),
    ),
    quirks=(
        "There are no columns instruction and output: turns are parsed from `text`.",
        "Turns begin at line starts only; markers inside a line are text, as the conversion of "
        "korquad-chat replaced letters everywhere. There <|user|> and <|bot|> stand for the two "
        "persons.",
        "<sys> after a turn of the user is that turn's input and is appended to it after a line "
        "break; before all turns it is the passage talked about, see the choice variant.",
        "A conversation may begin with the assistant; it is kept, and its first role says so.",
        "All KoAlpaca rows are copies of the source koalpaca, in equal families.",
        "About 375,000 rows: 70,775 of KoAlpaca, some 210,000 of OIG, 84,000 of ShareGPT and "
        "9,600 of KorQuAD. The list ko-nlp/Open-korean-corpora is another thing.",
    ),
)
