r"""II-Medical-Reasoning-SFT: medical problems with long generated reasoning, as dialogues.

A raw row, invented::

    {"model": "some-model", "question": "Which vitamin prevents scurvy?", "problem": null,
     "messages": [{"content": "Which vitamin prevents scurvy?", "role": "user"},
                  {"content": "<think>\nSailors ate lemons.\n</think>\n\nVitamin C.",
                   "role": "assistant"}]}
"""

import numpy as np
import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Source, View
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import blank_to_null, join_lists, list_lengths, positions, whole
from medqa_kit.core.arrow.hashing import content_key
from medqa_kit.entries._shared.model_written import written_by_a_model
from medqa_kit.errors import RowError
from medqa_kit.schemas import DIALOGUE, QA

RAW = pa.schema(
    {
        **dict.fromkeys(("model", "question", "problem"), pa.string()),
        "messages": pa.list_(pa.struct({"content": pa.string(), "role": pa.string()})),
    }
)

# One block, at the beginning; white space beside the tags belongs to the tags.
_THOUGHT = r"(?s)\A\s*<think>\s*(?P<thought>.*?)\s*</think>\s*(?P<reply>.*)\z"


def normalize(raw: pa.Table) -> pa.Table:
    """Take the turns as they are, think blocks and all."""
    return pa.table({"id": content_key(*_turns(raw)), "messages": raw["messages"]})


def as_question(raw: pa.Table) -> pa.Table:
    """Make a question of each single exchange, its think block being the rationale.

    Raises:
        RowError: A dialogue is not one turn of the user and one of the assistant.
    """
    roles, contents = _turns(raw)
    if bad := positions(pc.not_equal(join_lists(roles, by=" "), "user assistant")):
        raise RowError("the dialogue is more than one question and its answer", rows=bad,
                       column="messages", expected="one turn of user, one of assistant",
                       hint='leave view="qa" out, or set such rows aside with '
                       'on_bad="drop"')  # fmt: skip
    ask, output = (pc.list_element(contents, at) for at in (0, 1))
    parts = pc.extract_regex(output, _THOUGHT)
    thought, reply = (pc.struct_field(parts, name) for name in ("thought", "reply"))
    return pa.table(
        {
            "id": content_key(roles, contents),
            "question": ask,
            "answer": blank_to_null(pc.if_else(pc.is_valid(parts), reply, output)),
            "rationale": blank_to_null(thought),
        }
    )


def _turns(raw: pa.Table) -> tuple[pa.ListArray, pa.ListArray]:
    """Return roles and contents, a list of each a row."""
    messages = whole(raw["messages"])
    turns = messages.flatten()
    offsets = pa.array(np.append(0, np.cumsum(list_lengths(messages))).astype(np.int32))
    roles, contents = (
        pa.ListArray.from_arrays(offsets, pc.fill_null(turns.field(name), ""))
        for name in ("role", "content")
    )
    return roles, contents


SOURCE = Source(
    name="ii_medical_reasoning",
    title="II-Medical-Reasoning-SFT",
    about="Medical problems, each with a long generated chain of thought and an answer, as dialogues "
    "for supervised fine-tuning.",
    language=("en",),
    layout=Layout(
        at=Hub("Intelligent-Internet/II-Medical-Reasoning-SFT"),
        files="data/train-*.parquet",
        raw=RAW,
        schema=DIALOGUE,
        normalize=normalize,
        optional=("question", "problem"),  # alternatives, and neither is the question
        repeats=True,
        views={
            "qa": View(
                QA,
                as_question,
                "The user's turn as question; of the assistant's, the leading think block as "
                "rationale and the rest as answer, without the tags and the white space beside them.",
            )
        },
    ),
    parts=(Part(None, "train", 2_197_741),),
    license=(
        Claim(None, "upstream card, searched"),
        written_by_a_model("upstream card: traces of DeepSeek-R1 and Qwen3-235B"),
    ),
    citation="""@misc{ii_medical_reasoning_sft,
  title  = {II-Medical-Reasoning-SFT},
  author = {{Intelligent Internet}},
  year   = {2025},
  url    = {https://huggingface.co/datasets/Intelligent-Internet/II-Medical-Reasoning-SFT},
  note   = {its card lists arXiv:2503.19633 and arXiv:2501.19393}
}""",
    derived_from=(
        *(
            Parent(name, "problems taken over, answers generated")
            for name in ("medqa_usmle", "medmcqa", "pubmedqa")
        ),
        *(
            Parent(name, "traces taken over", catalogued=False)
            for name in ("general_thought", "medical_r1_distill", "m23k")
        ),
    ),
    quirks=(
        "2,197,741 rows, 9.08 GB to download: streaming=True reads it without storing it.",
        "Only a short hash of the catalogued commit (1478165) is known, so the source floats; "
        "mk.lock() pins what you see.",
        "Reasoning stands between think tags inside the assistant's turn and stays there; view='qa' "
        "takes it out. Answers without a whole block stay whole, with no rationale.",
        "The raw columns question and problem are alternatives, one of which may be null; the "
        "problem is also the user's turn. keep=['model', 'question', 'problem'] carries them along.",
        "Upstream writes turns as {content, role}; here role comes first.",
        "Rows have no key: ids are hashed from the turns, exact copies are told apart by ~2.",
        "It holds problems of MedQA, MedMCQA and PubMedQA, 873,497 of them answered by Qwen3-235B. "
        "Which row is which is not marked, so `family` is null: before you report on those exams, "
        "look for their questions in the text (mk.overlap).",
        "medical_training_dataset names it among its sources, but no row of it is there.",
    ),
)
