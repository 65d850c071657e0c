"""PubMedQA: research questions on abstracts, answered yes, no or maybe.

A raw row, invented::

    {"pubid": 1, "question": "Does regular tooth brushing reduce caries in children?",
     "context": {"contexts": ["Caries is common.", "We followed 200 children."],
                 "labels": ["BACKGROUND", "METHODS"], "meshes": ["Child", "Dental Caries"],
                 "reasoning_required_pred": ["yes"], "reasoning_free_pred": ["yes"]},
     "long_answer": "Regular brushing went with less caries.", "final_decision": "yes"}
"""

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.catalog import Claim, Hub, Layout, Parent, Part, Protection, Source
from medqa_kit.core.arrow.columns import blank_to_null, join_lists, to_lists
from medqa_kit.normalizing import Columns
from medqa_kit.normalizing.labels import check_labels
from medqa_kit.schemas import QA

DECISIONS = ("yes", "no", "maybe")
PARTS_OF_CONTEXT = (
    "contexts",
    "labels",
    "meshes",
    "reasoning_required_pred",
    "reasoning_free_pred",
)

COLUMNS = Columns(
    take={"question": "question", "answer": "final_decision"},
    maybe={"rationale": "long_answer"},
    key=("pubid",),
    family=("pubmedqa", ("question",)),
)


def normalize(raw: pa.Table) -> pa.Table:
    """Offer the three decisions as options, and the sections of the abstract as context."""
    check_labels(raw["final_decision"], DECISIONS, column="final_decision")
    options = to_lists([pa.repeat(decision, raw.num_rows) for decision in DECISIONS])
    sections = join_lists(pc.struct_field(raw["context"], "contexts"), by="\n")
    index = pc.index_in(raw["final_decision"], value_set=pa.array(DECISIONS))
    return (
        COLUMNS(raw)
        .append_column("context", blank_to_null(sections))
        .append_column("options", options)
        .append_column("answer_index", index)
        .append_column("tags", pc.struct_field(raw["context"], "meshes"))
    )


LAYOUT = Layout(
    at=Hub("qiaojin/PubMedQA", revision="9001f2853fb87cab8d220904e0de81ac6973b318"),
    files="{subset}/{split}-*.parquet",
    raw=pa.schema(
        {
            "pubid": pa.int32(),
            "question": pa.string(),
            "context": pa.struct([(name, pa.list_(pa.string())) for name in PARTS_OF_CONTEXT]),
            "long_answer": pa.string(),
            "final_decision": pa.string(),
        }
    ),
    schema=QA,
    normalize=normalize,
)

SOURCE = Source(
    name="pubmedqa",
    title="PubMedQA",
    about="Research questions that an abstract without its conclusion answers with yes, no or "
    "maybe.",
    language=("en",),
    layout=LAYOUT,
    parts=(
        Part("pqa_labeled", "train", 1000, evaluation=True),
        Part("pqa_artificial", "train", 211269, named_by="subset",
             by_name_only="questions and answers made by a rule, not by people"),
        Part("pqa_unlabeled", "train", 61249, named_by="subset", by_name_only="no answers",
             layout=replace(LAYOUT, optional=("final_decision",))),
    ),
    holdouts=(
        Protection(
            "pubmedqa-labeled", subset="pqa_labeled", split="train", items=1000,
            reason="all expert-labelled questions: two harnesses score the 1,000, two the 500 of the "
            "official test",
            protects=("lm_eval/pubmedqa", "lighteval/pubmedqa", "inspect_evals/pubmedqa",
                      "helm/pubmed_qa"),
        ),
    ),
    license=(
        Claim("MIT", "tag of the hub repository and LICENSE of github pubmedqa/pubmedqa",
              note="the abstracts remain their publishers'"),
    ),
    citation="""@inproceedings{jin2019pubmedqa,
  title     = {PubMedQA: A Dataset for Biomedical Research Question Answering},
  author    = {Qiao Jin and Bhuwan Dhingra and Zhengping Liu and William Cohen and Xinghua Lu},
  booktitle = {Proceedings of EMNLP-IJCNLP},
  pages     = {2567--2577},
  year      = {2019}
}""",
    derived_from=(Parent("pubmed_abstracts", "questions from titles, answers by experts",
                         key="pubid", catalogued=False),),
    quirks=(
        "All of upstream is called 'train', the benchmark too: the 500 official test rows are among "
        "the 1,000 of pqa_labeled, told apart by a list of ids this repository does not carry. "
        "Some harnesses report all 1,000. Do not train on pqa_labeled and report it.",
        "pqa_artificial (211,269 rows, answers by a rule, never 'maybe') and pqa_unlabeled (61,249, "
        "no answers) are loaded by name only.",
        "Sections of the abstract are joined by line breaks in `context`; harnesses join them by "
        "line breaks or blanks, with labels or without. keep=['context'] carries the parts along.",
        "`rationale` is the abstract's conclusion, which tells the answer: never show it in a "
        "prompt.",
        "Options are the three decisions in the paper's order, for upstream has no letters. `tags` "
        "are the MeSH terms.",
        "The predictions of the annotation (reasoning_required_pred, reasoning_free_pred) are in "
        "pqa_labeled only.",
        "Columns, counts and the revision were read in the hub's card and in code that uses them; "
        "the rows themselves were not counted for this catalogue.",
    ),
)  # fmt: skip
