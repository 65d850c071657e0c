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

from medqa_kit.catalog import Claim, Hub, Layout, Manual, Parent, Part, Protection, Reading, Source
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import blank_to_null, join_lists, to_lists, whole
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

TEXTS = ("YEAR", "reasoning_required_pred", "reasoning_free_pred", "final_decision", "LONG_ANSWER")


def original(raw: pa.Table) -> pa.Table:
    """Read the authors' file: the columns of the hub's copy under other names."""
    lists = {"contexts": raw["CONTEXTS"], "labels": raw["LABELS"], "meshes": raw["MESHES"]}
    context = pa.StructArray.from_arrays([whole(each) for each in lists.values()], list(lists))
    return normalize(
        pa.table(
            {
                "pubid": raw["pubid"],
                "question": raw["QUESTION"],
                "context": context,
                "long_answer": raw["LONG_ANSWER"],
                "final_decision": raw["final_decision"],
            }
        )
    )


AUTHORS = replace(
    LAYOUT,
    distribution="the authors' ori_pqal.json, one object by PMID",
    files="**/ori_pqal.json",
    read=Reading(format="json-object", key="pubid", number_as_text=("YEAR",)),
    raw=pa.schema(
        {
            "pubid": pa.string(),
            "QUESTION": pa.string(),
            **dict.fromkeys(("CONTEXTS", "LABELS", "MESHES"), pa.list_(pa.string())),
            **dict.fromkeys(TEXTS, pa.string()),
        }
    ),
    normalize=original,
)
OFFICIAL_TEST = replace(
    AUTHORS,
    at=Manual(
        steps=("git clone https://github.com/pubmedqa/pubmedqa",),
        expect="its folder data, or any that holds ori_pqal.json and test_ground_truth.json",
        url="https://github.com/pubmedqa/pubmedqa",
    ),
    distribution="",
    files="**/[ot][re][is][_t]*[lh].json",  # ori_pqal.json and test_ground_truth.json
    read=replace(AUTHORS.read, among="test_ground_truth.json"),
)

SOURCE = Source(
    name="pubmedqa",
    title="PubMedQA",
    about="Research questions that an abstract without its conclusion answers with yes, no or "
    "maybe.",
    language=("en",),
    layout=LAYOUT,
    parts=(
        Part("pqa_labeled", "train", 1000, evaluation=True,
             layout=replace(LAYOUT, also=(AUTHORS,))),
        Part("pqa_labeled", "test", 500, evaluation=True, layout=OFFICIAL_TEST,
             by_name_only="the official test, 500 of the 1,000 rows of pqa_labeled, once more"),
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
        Protection(
            "pubmedqa-official-test", subset="pqa_labeled", split="test", items=500,
            reason="the official test split, which is read from the authors' files",
            protects=("inspect_evals/pubmedqa", "helm/pubmed_qa"), default=False,
            leaves_in="the other 500 expert-labelled questions, which some harnesses score as well",
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
        "All of the hub's copy is called 'train', the benchmark too: the 500 official test rows are among "
        "the 1,000 of pqa_labeled (552 yes, 338 no, 110 maybe). The authors' test_ground_truth.json says "
        "which, and this repository does not carry it: split='test' reads a path= to a folder that holds "
        "it beside ori_pqal.json. Some harnesses report all 1,000. Do not train on pqa_labeled and report "
        "it.",
        "ori_pqal.json, the authors' own file, is one object by PMID with QUESTION, CONTEXTS, LONG_ANSWER "
        "and others; YEAR is null in 58 rows. A path= to it gives the ids and families of the hub's copy.",
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
